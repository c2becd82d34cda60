"""GET /metrics: the figures of this node in Prometheus' text form, from one table; closed to strangers.

Without the setting metrics_token only who asks from this very machine, and through no proxy, gets them.
"""

import hmac
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crashdesk.server.collector.answers import Answer

PATH = "/metrics"
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"via", b"x-real-ip")


@dataclass(frozen=True, slots=True)
class Metric:
    """One row of the table: `kind` is counter, gauge or histogram; `labels` tell its series apart."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()


METRICS: tuple[Metric, ...] = (
    Metric("crashdesk_reports_received", "counter", "Reports that were sent here: accepted and refused ones."),
    Metric("crashdesk_reports_accepted", "counter", "Reports that were stored before they were answered with 200."),
    Metric("crashdesk_reports_accepted_bytes", "counter", "Bytes of accepted reports as they came, compressed."),
    Metric(
        "crashdesk_reports_refused", "counter", "Reports that were refused, by the reason in the answer.", ("reason",)
    ),
    Metric("crashdesk_items_limited", "counter", "Items that an accepted report lost to a quota.", ("reason",)),
    Metric("crashdesk_reports_streamed", "counter", "Large reports that went to the disk while they came."),
    Metric("crashdesk_commit_seconds", "histogram", "Time of one commit of the intake, which many reports share."),
    Metric("crashdesk_commit_rows", "counter", "Rows that were committed to the intake."),
    Metric("crashdesk_commits_waiting", "gauge", "Reports that wait for their commit at this moment."),
    Metric("crashdesk_bodies_in_memory_bytes", "gauge", "Bytes of reports that are being received."),
    Metric("crashdesk_intake_waiting", "gauge", "Accepted reports that are not processed yet."),
    Metric("crashdesk_intake_oldest_seconds", "gauge", "Age of the oldest of them; 0 when none waits."),
    Metric("crashdesk_reports_processed", "counter", "Reports that this node's processor has taken forward."),
    Metric("crashdesk_reports_failed", "counter", "Reports that it could not process and kept as they came."),
    Metric("crashdesk_batch_seconds", "histogram", "Time in which it prepared and stored one batch."),
    Metric("crashdesk_issues", "gauge", "Issues in all projects."),
    Metric("crashdesk_disk_free_bytes", "gauge", "Room on the disk of the data directory."),
    Metric("crashdesk_database_up", "gauge", "1 when the main database answers, else 0."),
    Metric("crashdesk_part_up", "gauge", "1 for each part of the server that is ready on this node.", ("part",)),
    Metric("crashdesk_part_restarts", "counter", "How often a part was started again after it fell.", ("part",)),
)

# What a metric is now: a number, a number for each value of its label, or the buckets and the sum of a histogram.
Value = float | Mapping[str, float] | tuple[list[tuple[str, float]], float]


def may_read(peer: str, headers: Mapping[bytes, bytes], token: str | None) -> bool:
    """Whether who asks from `peer` may see the figures."""
    if token:
        kind, _, secret = headers.get(b"authorization", b"").partition(b" ")
        return kind.lower() == b"bearer" and hmac.compare_digest(secret.strip(), token.encode())
    is_direct = not any(name in headers for name in _FORWARDED) and _is_local(headers.get(b"host", b""))
    return is_direct and _is_loopback(peer)


def answer(values: Mapping[str, Value]) -> Answer:
    """Write the figures; a metric without a value is left out."""
    from prometheus_client import CollectorRegistry, generate_latest  # here: most collectors are never asked
    from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Table(values))
    body = generate_latest(registry)
    headers = [
        (b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"cache-control", b"no-store"),
    ]
    return Answer(200, headers, body)


class _Table:
    """The table as prometheus_client collects it."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        families = {"counter": CounterMetricFamily, "gauge": GaugeMetricFamily}
        for metric in METRICS:
            value = self._values.get(metric.name)
            if value is None:
                continue
            if isinstance(value, tuple):
                yield HistogramMetricFamily(metric.name, metric.help, buckets=value[0], sum_value=value[1])
                continue
            family = families[metric.kind](metric.name, metric.help, labels=metric.labels)
            for label, number in value.items() if isinstance(value, Mapping) else [("", value)]:
                family.add_metric([label] * len(metric.labels), number)
            yield family


def _is_local(host: bytes) -> bool:
    """Whether a request asks for this machine: another name came through a proxy, or from a page in a browser."""
    name = host.decode("latin-1").lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name in {"", "localhost"} or _is_loopback(name)


def _is_loopback(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
