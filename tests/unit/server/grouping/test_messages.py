import pytest

from crashdesk.server.grouping.messages import TEMPLATE_LIMIT, http_status, template


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("row 12 of 4,000", "row <number> of <number>"),
        ("cannot open 'a b.txt'", "cannot open <quoted>"),
        ("no file C:\\Users\\Anna\\x.txt here", "no file <path> here"),
        ("no file ~/books/x.txt", "no file <path>"),
        ("object at 0x7f00aa11", "object at <address>"),
        ("job 123e4567-e89b-12d3-a456-426614174000", "job <uuid>"),
        ("blob deadbeef12", "blob <hex>"),
        ("mail to anna@example.org failed", "mail to <email> failed"),
        ("GET https://example.org/a?b=1", "GET <url>"),
        ("peer 10.0.0.7:8300", "peer <ip>"),
        ("due 2026-01-02T10:11:12Z", "due <date>"),
        ("Zeile 7 fehlt in „Bücher“", "Zeile <number> fehlt in <quoted>"),
        ("can't multiply sequence by type 'float'", "can't multiply sequence by type <quoted>"),
        ("and/or", "and/or"),
        ("", ""),
    ],
)
def test_what_varies_is_replaced_by_its_kind(message, expected):
    assert template(message) == expected


def test_short_codes_behind_their_word_stay():
    assert template("HTTP 401") != template("HTTP 503")
    assert template("exit code 3") != template("exit code 4")


def test_what_follows_a_systems_error_code_is_in_the_machines_language_and_left_out():
    assert template("[Errno 2] No such file: 'a'") == template("[Errno 2] Datei nicht gefunden: 'b'") == "[errno 2]"


def test_an_http_status_is_found_in_any_language():
    assert http_status("der Server sagte: HTTP 401") == http_status("status code: 401") == "http 401"
    assert http_status("row 401 of http://x.example") == ""


def test_only_the_first_line_with_text_counts():
    assert template("\n\nfirst 1\nsecond") == "first <number>"


def test_the_template_is_short_and_quick_for_a_hostile_message():
    hostile = ("a" * 40 + "@" + "b." * 500 + "'" * 999 + "0" * 100_000) * 3
    assert len(template(hostile)) <= TEMPLATE_LIMIT
