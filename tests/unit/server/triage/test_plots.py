from crashdesk.server.triage.plots import bars


def test_the_highest_bar_fills_the_height_and_all_start_at_zero():
    assert bars([0, 2, 4], width=30, height=20) == "M10.0 20v-10.0h9.0v10.0zM20.0 20v-20.0h9.0v20.0z"


def test_one_event_among_thousands_is_still_seen():
    assert "v-1.5" in bars([1, 10_000])


def test_nothing_is_drawn_for_no_events():
    assert bars([0, 0]) == ""
    assert bars([]) == ""
