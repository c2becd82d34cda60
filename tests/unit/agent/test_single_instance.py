import threading

from crashdesk.agent.single_instance import acquire


def test_one_agent_serves_a_directory(tmp_path):
    with acquire(tmp_path):
        assert acquire(tmp_path, patience_seconds=0) is None
    with acquire(tmp_path, patience_seconds=0) as again:
        assert again is not None


def test_a_product_that_just_looks_does_not_keep_the_agent_out(tmp_path):
    looking = acquire(tmp_path)
    threading.Timer(0.1, looking.release).start()
    with acquire(tmp_path, patience_seconds=10) as lock:
        assert lock is not None
