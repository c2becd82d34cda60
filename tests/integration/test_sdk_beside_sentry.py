"""Code written for sentry-sdk in the same process keeps working and lands in the same outbox."""

from pathlib import Path

import pytest

from support.hosts import DSN, Host

THEIR_DSN = "http://theirs@127.0.0.1:9/7"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def begin(host: Host) -> str:
    return f"sdk.init({DSN!r}, data_dir={str(host.data)!r}, agent='off', consent='given')"


def test_calls_after_ours_land_in_the_outbox(host: Host):
    host.run(
        """
        import sentry_sdk
        sentry_sdk.set_tag("by", "theirs")
        sentry_sdk.capture_message("by their call")
        """
    )
    assert host.only().event["message"] == "by their call"
    assert host.only().event["tags"]["by"] == "theirs"
    assert host.only().about["likeness"] == host.only().report.likeness


def test_a_call_of_a_submodule_first_works_too(host: Host):
    host.run("from sentry_sdk.api import capture_message\ncapture_message('x')")
    assert host.only().event["message"] == "x"


def test_their_init_after_ours_keeps_its_dsn_and_lands_in_the_outbox(host: Host):
    host.run(
        f"""
        import sentry_sdk
        sentry_sdk.init({THEIR_DSN!r}, default_integrations=False)
        sentry_sdk.capture_message("to their project")
        sdk.capture_message("to ours")
        """
    )
    assert {kept.report.title: kept.report.dsn for kept in host.reports()} == {
        "to their project": THEIR_DSN,
        "to ours": DSN,
    }


def test_their_init_before_ours_lands_in_the_outbox_from_then_on(host: Host):
    host.run(
        f"""
        import sentry_sdk
        sentry_sdk.init({THEIR_DSN!r}, default_integrations=False)
        import crashdesk.sdk as sdk
        {begin(host)}
        sentry_sdk.capture_message("hello")
        """,
        begin="",
    )
    assert host.only().report.dsn == THEIR_DSN


def test_their_init_without_a_dsn_uses_ours(host: Host):
    host.run("import sentry_sdk\nsentry_sdk.init(default_integrations=False)\nsentry_sdk.capture_message('x')")
    assert host.only().report.dsn == DSN


def test_a_transport_of_their_own_is_left_alone(host: Host):
    ended = host.run(
        f"""
        import sentry_sdk
        class Theirs(sentry_sdk.Transport):
            def capture_envelope(self, envelope):
                print("theirs")
        sentry_sdk.init({THEIR_DSN!r}, transport=Theirs, default_integrations=False)
        sentry_sdk.capture_message("x")
        """
    )
    assert ended.stdout == "theirs\n"
    assert host.reports() == []


@pytest.mark.parametrize("order", ["ours first", "theirs first"])
def test_a_crash_that_both_catch_is_one_report(host: Host, order: str):
    theirs = f"import sentry_sdk; sentry_sdk.init({DSN!r}, auto_enabling_integrations=False)"
    first, second = (begin(host), theirs) if order == "ours first" else (theirs, begin(host))
    host.run(f"import crashdesk.sdk as sdk\n{first}\n{second}\n1 / 0", begin="")
    assert host.only().report.title == "ZeroDivisionError: division by zero"


def test_their_attachments_come_along(host: Host):
    host.run(
        """
        import sentry_sdk
        sentry_sdk.get_current_scope().add_attachment(bytes=b"data", filename="theirs.bin")
        sentry_sdk.capture_message("x")
        """
    )
    assert host.only().item("attachment").payload == b"data"


def test_feedback_sent_as_an_event_becomes_feedback(host: Host):
    host.run(
        """
        import sentry_sdk
        sentry_sdk.capture_event({"type": "feedback", "contexts": {"feedback": {"message": "words"}}})
        """
    )
    assert host.only().report.category == "feedback"
    assert host.only().item("feedback").json()["contexts"]["feedback"]["message"] == "words"


def test_other_items_are_kept_only_with_consent(host: Host):
    program = """
        import sentry_sdk
        sentry_sdk.get_isolation_scope().start_session(session_mode="application")
        sentry_sdk.get_isolation_scope().end_session()
        sentry_sdk.flush()
        """
    host.run(program, consent="ask")
    assert host.reports() == []
    assert host.drops() == {"consent": 1}
    host.run(program, consent="given")
    assert host.only().report.kind == "session"


def test_init_returns_before_sentry_sdk_is_imported(host: Host):
    ended = host.run("import sys\nprint('sentry_sdk' in sys.modules)")
    assert ended.stdout == "False\n"


def test_eager_imports_it_at_once(host: Host):
    ended = host.run("import sys\nprint('sentry_sdk' in sys.modules)", eager=True)
    assert ended.stdout == "True\n"


def test_no_integration_of_theirs_is_enabled(host: Host):
    ended = host.run(
        """
        import sentry_sdk
        client = sentry_sdk.get_client()
        options = client.options
        print(sorted(client.integrations), options["include_local_variables"], repr(options["server_name"]))
        """
    )
    assert ended.stdout == "[] False ''\n"


def test_a_capture_brings_no_django_and_no_qt(host: Host):
    ended = host.run(
        """
        import sys
        try:
            1 / 0
        except ZeroDivisionError as error:
            sdk.capture_exception(error)
        print([name for name in ("django", "PySide6", "requests", "sqlite_utils") if name in sys.modules])
        import django
        print(django.VERSION[0])
        """
    )
    assert ended.stdout == "[]\n5\n", ended.stderr
