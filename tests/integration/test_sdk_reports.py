"""What stands in a report, what never does, and who may change or stop it, in real host processes."""

import re
from pathlib import Path

import pytest

from crashdesk.outbox.store import State
from support.hosts import Host

SECRETS = ("hunter2-planted", "sk-live-planted", "planted-session-cookie")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_the_products_facts_are_in_the_report(host: Host):
    host.run(
        """
        sdk.set_user({"id": "u1"})
        sdk.set_tag("channel", "beta")
        sdk.set_context("document", {"pages": 3})
        sdk.add_breadcrumb("Opened a document", category="files", data={"kind": "fbk"})
        sdk.add_attachment(b"a,b", "table.csv", "text/csv")
        1 / 0
        """,
        tags={"edition": "lab"},
    )
    event = host.only().event
    assert event["user"] == {"id": "u1"}
    assert event["tags"] == {"channel": "beta", "edition": "lab"}
    assert event["contexts"]["document"] == {"pages": 3}
    assert host.only().trail == ["Opened a document"]
    assert host.only().item("attachment").payload == b"a,b"


def test_the_snapshot_tells_machine_runtime_and_product(host: Host):
    host.run(
        """
        sdk.add_snapshot_provider("documents", "How many documents are open.", lambda: {"open": 4})
        1 / 0
        """
    )
    event = host.only().event
    assert {"os", "device", "runtime", "app", "culture", "process"} <= event["contexts"].keys()
    assert event["contexts"]["app"]["app_name"] == "Host"
    assert event["contexts"]["documents"] == {"open": 4}
    assert event["modules"]["sentry-sdk"]


def test_without_a_user_a_random_number_tells_the_installation(host: Host):
    for _ in range(2):
        host.run("1 / 0")
    first, second = (kept.event["user"]["id"] for kept in host.reports())
    assert re.fullmatch(r"installation-[0-9a-f]{32}", first)
    assert first == second


def test_the_version_stands_without_the_products_name(host: Host):
    host.run("1 / 0")
    assert host.only().event["contexts"]["app"]["app_version"] == "1.0"
    assert host.only().event["release"] == "host@1.0"


def test_a_snapshot_provider_that_fails_costs_only_its_section(host: Host):
    host.run(
        """
        sdk.add_snapshot_provider("documents", "How many documents are open.", lambda: 1 / 0)
        raise ValueError("the real one")
        """,
        env={"CRASHDESK_STRICT": "0"},
    )
    assert host.only().report.title == "ValueError: the real one"
    assert "documents" not in host.only().event["contexts"]


def test_log_records_are_in_the_trail(host: Host):
    host.run(
        """
        import logging
        logging.getLogger("product.files").warning("could not read %s", "a file")
        logging.getLogger("product").debug("not this")
        1 / 0
        """
    )
    crumb = host.only().event["breadcrumbs"]["values"][-1]
    assert crumb["message"] == "could not read a file"
    assert (crumb["category"], crumb["level"]) == ("log.product.files", "warning")


def test_basic_config_of_the_host_still_works(host: Host):
    ended = host.run(
        """
        import logging
        logging.basicConfig(level=logging.INFO, format="HOST %(message)s")
        logging.info("hello")
        """
    )
    assert ended.stderr == "HOST hello\n"


def test_planted_secrets_are_in_no_byte_on_the_disk(host: Host):
    host.run(
        """
        import logging, os
        password, key, cookie = os.environ["PLANTED"].split()
        sdk.set_user({"id": "1", "password": password})
        sdk.set_tag("auth_token", password)
        sdk.set_context("account", {"deep": [{"api_key": key}]})
        sdk.add_breadcrumb("login", data={"cookie": cookie})
        logging.getLogger("product").warning("password=%s", password)
        sdk.add_attachment(f"token: {key}".encode(), "app.log")
        sdk.add_snapshot_provider("account", "Who is logged in.", lambda: {"session_cookie": cookie})
        def inner(password):
            raise ValueError(f"Authorization: Bearer {key}.abcdefghijk")
        def outer():
            api_key = key
            inner(password)
        outer()
        """,
        env={"PLANTED": " ".join(SECRETS)},
    )
    assert len(host.reports()) == 1
    stored = host.bytes_on_disk()
    assert [secret for secret in SECRETS if secret.encode() in stored] == []


def test_home_host_name_and_arguments_are_not_in_the_report(host: Host, tmp_path: Path):
    host.run("1 / 0", env={"HOME": str(tmp_path)})
    kept = host.only()
    assert kept.exception["stacktrace"]["frames"][-1]["abs_path"] == "~/host_program.py"
    assert "server_name" not in kept.event
    assert "sys.argv" not in kept.event.get("extra", {})
    assert "vars" not in kept.exception["stacktrace"]["frames"][-1]


def test_own_frames_are_told_from_the_library(host: Host):
    host.run(
        """
        import json
        def load():
            json.loads("{")
        load()
        """
    )
    frames = host.only().exception["stacktrace"]["frames"]
    assert [frame["in_app"] for frame in frames if frame["function"] == "load"] == [True]
    assert [frame["in_app"] for frame in frames if frame["module"] == "json.decoder"] == [False, False]


def test_before_send_may_change_a_report(host: Host):
    host.run(
        """
        import crashdesk.sdk as sdk
        def before_send(event, hint):
            event["tags"] = {"seen": type(hint["exc_info"][1]).__name__}
            return event
        sdk.init("http://key@127.0.0.1:9/1", data_dir="data", agent="off", before_send=before_send)
        1 / 0
        """,
        begin="",
    )
    assert host.only().event["tags"] == {"seen": "ZeroDivisionError"}


@pytest.mark.parametrize(
    "call", ["1 / 0", "sdk.capture_message('x')", "import sentry_sdk; sentry_sdk.capture_message('x')"]
)
def test_before_send_may_stop_a_report(host: Host, call: str):
    host.run(
        f"""
        import crashdesk.sdk as sdk
        sdk.init("http://key@127.0.0.1:9/1", data_dir="data", agent="off", before_send=lambda event, hint: None)
        {call}
        """,
        begin="",
    )
    assert host.reports() == []
    assert host.drops() == {"before_send": 1}


@pytest.mark.parametrize("failing", ["1 / 0", "event.clear(); raise KeyError", "event['self'] = event; return event"])
def test_a_before_send_that_fails_costs_nothing(host: Host, failing: str):
    host.run(
        f"""
        import crashdesk.sdk as sdk
        def before_send(event, hint):
            {failing}
        sdk.init("http://key@127.0.0.1:9/1", data_dir="data", agent="off", before_send=before_send)
        raise ValueError("kept")
        """,
        begin="",
        env={"CRASHDESK_STRICT": "0"},
    )
    assert host.only().report.title == "ValueError: kept"
    assert host.only().about["before_send"] == "failed"


@pytest.mark.parametrize(
    ("consent", "person", "state"),
    [
        ("ask", None, State.WAITING),
        ("ask", "given", State.READY),
        ("given", None, State.READY),
        ("ask", "refused", None),
        ("given", "refused", None),
        ("refused", None, None),
        ("refused", "given", None),
    ],
)
def test_consent_decides_whether_and_how_a_report_is_kept(host: Host, consent: str, person: str | None, state: State):
    if person:
        host.set_fact("consent", person)
    host.run("sdk.capture_message('hello')\n1 / 0", consent=consent)
    assert [kept.report.state for kept in host.reports()] == ([state] * 2 if state else [])


def test_after_a_refusal_nothing_of_a_run_is_on_the_disk(host: Host):
    host.run("sdk.add_breadcrumb('planted-step')\nimport os; os._exit(1)", consent="refused")
    assert b"planted-step" not in host.bytes_on_disk()
    assert list((host.data / "runs").glob("*")) == []


def test_feedback_is_kept_with_its_words_and_files(host: Host):
    (host.directory / "shot.png").write_bytes(b"\x89PNG")
    ended = host.run(
        """
        print(sdk.send_feedback("The table is empty", kind="idea", contact_email="me@example.org",
                                severity="somewhat", attachments=["shot.png"]))
        """
    )
    kept = host.only()
    words = kept.item("feedback").json()["contexts"]["feedback"]
    assert ended.stdout.strip() == kept.report.event_id == kept.envelope.event_id
    assert (kept.report.category, kept.report.state) == ("feedback", State.READY)
    assert (words["message"], words["kind"], words["severity"]) == ("The table is empty", "idea", "somewhat")
    assert words["contact_email"] == "me@example.org"
    assert kept.report.title == "The table is empty"
    told = kept.item("feedback").json()
    assert told["release"] == "host@1.0"
    assert {"os", "app", "runtime"} <= told["contexts"].keys()
    assert "breadcrumbs" not in told
    assert kept.item("attachment").payload == b"\x89PNG"


def test_captures_by_hand_return_their_event_ids(host: Host):
    ended = host.run(
        """
        print(sdk.capture_message("hello", level="warning"))
        try:
            1 / 0
        except ZeroDivisionError:
            print(sdk.capture_exception())
        print(sdk.capture_exception())
        """
    )
    ids = ended.stdout.split()
    assert ids == [*(kept.report.event_id for kept in host.reports()), "None"]
    assert [kept.report.kind for kept in host.reports()] == ["message", "python"]


def test_without_init_and_without_a_dsn_every_call_does_nothing(host: Host):
    ended = host.run(
        """
        import sys
        import crashdesk.sdk as sdk
        sdk.init(None)
        print(sdk.capture_message("x"), sdk.send_feedback("x"), sdk.open_feedback(), sdk.flush(), sdk.last_event_id())
        sdk.set_user({}); sdk.set_tag("a", 1); sdk.set_context("b", {}); sdk.add_breadcrumb("c"); sdk.close()
        print(sys.excepthook is sys.__excepthook__)
        """,
        begin="",
    )
    assert ended.stdout == "None None False True None\nTrue\n", ended.stderr


def test_close_gives_every_hook_back(host: Host):
    ended = host.run(
        """
        import sys, threading, logging, asyncio, concurrent.futures as futures
        def state():
            return (sys.excepthook, threading.excepthook, sys.unraisablehook, logging.Logger.callHandlers,
                    asyncio.BaseEventLoop.call_exception_handler, futures.Future.set_exception, tuple(sys.meta_path))
        before = state()
        import crashdesk.sdk as sdk
        sdk.init("http://key@127.0.0.1:9/1", data_dir="data", agent="off")
        during = state()
        sdk.close()
        print(all(x is not y for x, y in zip(before, during)), state() == before)
        """,
        begin="",
    )
    assert ended.stdout == "True True\n", ended.stderr


def test_a_wrong_dsn_is_told_at_once(host: Host):
    ended = host.run("import crashdesk.sdk as sdk\nsdk.init('not a dsn')", begin="")
    assert "DsnError" in ended.stderr
    assert ended.status == 1


@pytest.mark.parametrize(
    ("options", "pictures"),
    [
        ({"screenshots": True}, 1),
        ({"screenshots": False}, 0),
        ({"screenshots": True, "consent": "given"}, 0),
    ],
)
def test_a_picture_of_the_window_comes_on_request_for_reports_that_wait(host: Host, options: dict, pictures: int):
    host.run(
        """
        from PySide6.QtCore import QTimer
        from PySide6.QtWidgets import QApplication, QMainWindow
        app = QApplication([])
        window = QMainWindow()
        window.show()
        def fail():
            raise ValueError("once and again")
        QTimer.singleShot(50, fail)
        QTimer.singleShot(60, lambda: (QTimer.singleShot(100, app.quit), fail()))
        app.exec()
        """,
        **options,
    )
    found = [item.headers["filename"] for kept in host.reports() for item in kept.envelope.items[1:]]
    assert found == ["screenshot.png"] * pictures
    assert len(host.reports()) == 2


def test_a_capture_inside_before_send_has_an_end(host: Host):
    ended = host.run(
        """
        import crashdesk.sdk as sdk
        def before_send(event, hint):
            print("asked", sdk.capture_message("inside"))
            return event
        sdk.init("http://key@127.0.0.1:9/1", data_dir="data", agent="off", before_send=before_send)
        1 / 0
        """,
        begin="",
    )
    assert ended.stdout == "asked None\n"
    assert len(host.reports()) == 1


def test_an_event_that_sentry_sdk_loses_is_described_by_hand(host: Host):
    host.run(
        """
        import sentry_sdk.client
        def fails(*args, **kwargs):
            raise RuntimeError("inside sentry-sdk")
        sentry_sdk.client.serialize = fails
        raise ValueError("kept all the same")
        """,
        env={"CRASHDESK_STRICT": "0"},
    )
    assert host.only().report.title == "ValueError: kept all the same"


def test_a_failure_in_a_finalizer_while_a_report_is_kept_is_kept_too(host: Host):
    host.run(
        """
        class Thing:
            def __del__(self):
                raise RuntimeError("in a finalizer")
        class Odd(ValueError):
            def __str__(self):
                Thing()
                return "odd text"
        raise Odd
        """
    )
    assert {"Odd: odd text", "RuntimeError: in a finalizer"} == {kept.report.title for kept in host.reports()}
