from crashdesk.server.issues.names import parse_short_id, short_id


def test_a_short_id_is_read_back():
    assert short_id("field-book", 12) == "FIELD-BOOK-12"
    assert parse_short_id("FIELD-BOOK-12") == ("field-book", 12)
    assert parse_short_id("field-book-12") == ("field-book", 12)


def test_what_is_no_short_id_names_nothing():
    for text in ("", "FIELDBOOK", "FIELDBOOK-0", "-12", "FIELDBOOK-12x", "FIELDBOOK-9999999999"):
        assert parse_short_id(text) is None
