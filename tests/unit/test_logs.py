"""Log records stay on one line and tell no secret."""

import json
import logging

from crashdesk import logs


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
