"""Log records stay on one line and tell no secret."""

import json
import logging

import pytest

from crashdesk import logs
from crashdesk.errors import CrashdeskError


def _record(message, **fields):
    record = logging.LogRecord("crashdesk.collector", logging.INFO, "", 0, message, (), None)
    record.fields = fields
    return record


def test_text_keeps_a_hostile_message_on_one_line():
    assert "\n" not in logs.TextFormatter().format(_record("first\nsecond \x1b[31m"))


def test_json_is_one_object_with_the_fields():
    entry = json.loads(logs.JsonFormatter().format(_record("accepted", project=3)))
    assert (entry["part"], entry["message"], entry["project"]) == ("collector", "accepted", 3)


def test_a_field_that_tells_of_a_secret_is_removed():
    assert "hunter2" not in logs.TextFormatter().format(_record("login", password="hunter2"))


def test_loggers_hang_below_one_root():
    assert logs.logger("agent").name == "crashdesk.agent"


def _failing(error: Exception):
    record = _record("page failed")
    with pytest.raises(type(error)) as caught:
        _fail(error)
    record.exc_info = (caught.type, caught.value, caught.tb)
    return record


def _fail(error: Exception):
    raise error


def test_a_request_is_named_in_every_record_about_it():
    with logs.of_request("00ff"):
        entry = json.loads(logs.JsonFormatter().format(_record("call", path="/api/0/")))
        assert logs.request_number() == "00ff"
    assert (entry["request"], entry["path"]) == ("00ff", "/api/0/")
    assert "request" not in json.loads(logs.JsonFormatter().format(_record("call")))


def test_a_traceback_keeps_the_place_and_leaves_out_what_a_report_may_hold():
    for formatter in (logs.TextFormatter(), logs.JsonFormatter()):
        text = formatter.format(_failing(ValueError("greta@example.org")))
        assert "greta" not in text
        assert "ValueError (its text is left out" in text
        assert "in _fail" in text


def test_a_traceback_tells_what_the_disk_said():
    assert "No space left" in logs.TextFormatter().format(_failing(OSError(28, "No space left on device")))


def test_a_traceback_holds_no_control_characters():
    text = logs.TextFormatter().format(_failing(OSError(5, "bad \x1b[31m\r\nname")))
    assert "\x1b" not in text
    assert "\r" not in text


def test_a_cause_stands_before_what_it_led_to():
    error = CrashdeskError("the second")
    error.__cause__ = OSError("the first")
    text = logs.TextFormatter().format(_failing(error))
    assert text.index("OSError: the first") < text.index("CrashdeskError: the second")


def test_json_stays_on_one_line_whatever_a_field_holds():
    line = logs.JsonFormatter().format(_record("a\nb", path="/x\n\x1b[31m\u2028"))
    assert line.isascii()
    assert line.isprintable()
