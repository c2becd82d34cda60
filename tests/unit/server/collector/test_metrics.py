"""Who may read the metrics, and how they are written."""

import pytest

from crashdesk.server.collector import metrics
from crashdesk.server.figures import BOUNDS, Durations


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.8.8.8"])
def test_this_machine_may_read_them(peer):
    assert metrics.may_read(peer, {}, None)


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "", "unix", "::ffff:192.0.2.7"])
def test_strangers_may_not(peer):
    assert not metrics.may_read(peer, {}, None)


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip"])
def test_who_comes_through_a_proxy_on_this_machine_is_a_stranger(header):
    assert not metrics.may_read("127.0.0.1", {header: b"192.0.2.7"}, None)


@pytest.mark.parametrize("host", [b"crashes.example.org", b"evil.example:80", b"192.0.2.7", b"[2001:db8::1]:80"])
def test_a_silent_proxy_or_a_page_in_a_browser_on_this_machine_is_a_stranger(host):
    assert not metrics.may_read("127.0.0.1", {b"host": host}, None)


@pytest.mark.parametrize("host", [b"localhost:8399", b"127.0.0.1:8399", b"[::1]:8399"])
def test_who_asks_this_machine_by_its_own_name_may_read_them(host):
    assert metrics.may_read("127.0.0.1", {b"host": host}, None)


def test_with_a_token_it_decides_alone():
    assert metrics.may_read("192.0.2.7", {b"authorization": b"Bearer s3cret"}, "s3cret")
    assert not metrics.may_read("192.0.2.7", {b"authorization": b"Bearer other"}, "s3cret")
    assert not metrics.may_read("127.0.0.1", {}, "s3cret")


def test_figures_are_written_as_prometheus_reads_them():
    durations = Durations()
    for seconds in (0.0007, 0.003, 20.0):
        durations.observe(seconds)
    text = metrics.answer(
        {
            "crashdesk_reports_accepted": 3.0,
            "crashdesk_reports_refused": {"key_unknown": 2.0},
            "crashdesk_commit_seconds": (durations.buckets(), durations.seconds),
            "crashdesk_database_up": 1.0,
        }
    ).body.decode()
    lines = text.splitlines()
    assert "crashdesk_reports_accepted_total 3.0" in lines
    assert 'crashdesk_reports_refused_total{reason="key_unknown"} 2.0' in lines
    assert 'crashdesk_commit_seconds_bucket{le="0.001"} 1.0' in lines
    assert 'crashdesk_commit_seconds_bucket{le="+Inf"} 3.0' in lines
    assert "crashdesk_commit_seconds_count 3.0" in lines
    assert "crashdesk_database_up 1.0" in lines
    assert "crashdesk_issues" not in text


def test_every_metric_of_the_table_can_be_written():
    durations = Durations()
    samples = {"counter": 1.0, "gauge": 1.0, "histogram": (durations.buckets(), 0.0)}
    values = {
        row.name: {f'a \\ " \n {row.labels[0]}': 1.0} if row.labels else samples[row.kind] for row in metrics.METRICS
    }
    text = metrics.answer(values).body.decode()
    assert all(f"# TYPE {row.name}" in text for row in metrics.METRICS)
    assert all(row.help.endswith(".") for row in metrics.METRICS)


def test_a_duration_at_a_bound_belongs_below_it():
    durations = Durations()
    durations.observe(BOUNDS[0])
    assert durations.buckets()[0] == (str(BOUNDS[0]), 1.0)
