"""Table of the figures by which the server is judged beside its peer: what must hold and what is aimed for."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class Run:
    """What one run of one product showed; times in milliseconds, sizes in bytes."""

    accept_cpu: float = 0.0
    digest_cpu: float = 0.0
    events_per_second: float = 0.0
    accepted_per_second: float = 0.0
    accept_p50: float = 0.0
    accept_p99: float = 0.0
    visible_p50: float = 0.0
    visible_p95: float = 0.0
    disk_per_event: float = 0.0
    memory: float = 0.0
    repeat_cpu: float = 0.0
    stored_twice: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on our own figure, on its ratio to the peer's, or on both; none where it is None."""

    own: float | None = None
    ratio: float | None = None

    def holds(self, own: float, ratio: float | None, *, is_least: bool) -> bool:
        pairs = [(own, self.own), (ratio, self.ratio)]
        wanted = [(value, bound) for value, bound in pairs if value is not None and bound is not None]
        return all(value >= bound if is_least else value <= bound for value, bound in wanted)

    def told(self, unit: str, *, is_least: bool) -> str:
        sign = "≥" if is_least else "≤"
        own = "" if self.own is None else f"{sign} {self.own:g} {unit}".strip()
        ratio = "" if self.ratio is None else f"{sign} {self.ratio:g} times"
        return ", ".join(filter(None, (own, ratio))) or "-"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `of` reads it from a run, `is_least` says that more is better."""

    name: str
    unit: str
    of: Callable[[Run], float]
    must: Bound = Bound()
    aim: Bound = Bound()
    is_least: bool = False
    topology: str = "embedded"


FIGURES: tuple[Figure, ...] = (
    Figure("accept CPU per event", "ms", lambda run: run.accept_cpu, Bound(0.3, 1 / 20), Bound(0.15)),
    Figure("digest CPU per event", "ms", lambda run: run.digest_cpu, Bound(2.0, 1 / 8), Bound(1.8)),
    Figure(
        "end-to-end, 8 connections",
        "events/s",
        lambda run: run.events_per_second,
        Bound(ratio=8),
        Bound(ratio=12),
        is_least=True,
    ),
    Figure("accept latency p99", "ms", lambda run: run.accept_p99, Bound(ratio=0.25), Bound(ratio=0.1)),
    Figure("time to visible p95 at 5/s", "ms", lambda run: run.visible_p95, Bound(ratio=1), Bound(ratio=0.5)),
    Figure("disk per event", "B", lambda run: run.disk_per_event, Bound(8_000), Bound(4_000)),
    Figure("memory under load (PSS)", "MB", lambda run: run.memory / 1e6, Bound(ratio=0.75), Bound(ratio=0.5)),
    Figure("repeated event id, digest CPU", "ms", lambda run: run.repeat_cpu, Bound(0.3), Bound(0.1)),
    Figure("repeated event id, stored twice", "", lambda run: run.stored_twice, Bound(0), Bound(0)),
    Figure("accepted and not seen", "", lambda run: run.lost, Bound(0), Bound(0)),
    Figure(
        "end-to-end, PostgreSQL",
        "events/s",
        lambda run: run.events_per_second,
        Bound(ratio=6),
        Bound(ratio=10),
        is_least=True,
        topology="PostgreSQL",
    ),
    Figure("accepted", "events/s", lambda run: run.accepted_per_second, is_least=True),
    Figure("accept latency p50", "ms", lambda run: run.accept_p50),
    Figure("time to visible p50 at 5/s", "ms", lambda run: run.visible_p50),
    Figure("accept CPU, PostgreSQL", "ms", lambda run: run.accept_cpu, topology="PostgreSQL"),
    Figure("digest CPU with the database's, PostgreSQL", "ms", lambda run: run.digest_cpu, topology="PostgreSQL"),
    Figure("memory with the database's, PostgreSQL", "MB", lambda run: run.memory / 1e6, topology="PostgreSQL"),
)

HEAD = "| figure | must | aim | Crashdesk | Bugsink | ratio | |\n|---|---|---|---|---|---|---|"


def table(ours: dict[str, Sequence[Run]], peers: Sequence[Run]) -> str:
    """Return the table as Markdown; a figure without runs of its topology is left out."""
    return "\n".join(
        [HEAD, *(_line(figure, ours[figure.topology], peers) for figure in FIGURES if ours.get(figure.topology))]
    )


def _line(figure: Figure, ours: Sequence[Run], peers: Sequence[Run]) -> str:
    own, ratio = statistics.median(map(figure.of, ours)), _ratio(figure, ours, peers)
    peer = f"{statistics.median(map(figure.of, peers)):.4g}" if peers else "-"
    texts = [
        figure.must.told(figure.unit, is_least=figure.is_least),
        figure.aim.told(figure.unit, is_least=figure.is_least),
    ]
    told_ratio = "-" if ratio is None else f"{ratio:.3g}"
    cells = [figure.name, *texts, f"{own:.4g} {figure.unit}".strip(), peer, told_ratio, _verdict(figure, own, ratio)]
    return f"| {' | '.join(cells)} |"


def _ratio(figure: Figure, ours: Sequence[Run], peers: Sequence[Run]) -> float | None:
    """Return the median of the ratios of the pairs: both of a pair ran beside each other."""
    found = [figure.of(own) / figure.of(peer) for own, peer in zip(ours, peers, strict=False) if figure.of(peer)]
    return statistics.median(found) if found else None


def _verdict(figure: Figure, own: float, ratio: float | None) -> str:
    if figure.must == Bound() or (figure.must.own is None and ratio is None):
        return ""
    if not figure.must.holds(own, ratio, is_least=figure.is_least):
        return "MISS"
    return "aim" if figure.aim.holds(own, ratio, is_least=figure.is_least) else "pass"
