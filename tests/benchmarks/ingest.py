"""How fast the server takes, understands and shows reports, beside its peer on the same machine.

    python tests/benchmarks/ingest.py [--pairs 5] [--quick] [--save] [--alone] [--without-postgres]

Pairs are interleaved; each run has a fresh server, fresh ids and this one process as generator, on the same cores. What
is visible is asked of Crashdesk's REST API, and of Bugsink's database, which costs it less than its pages would.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import figures, load
from benchmarks.corpus import Corpus, Mixture, Report
from benchmarks.figures import Run
from benchmarks.processes import MemoryPeak, cpu_seconds, load_average
from benchmarks.products import BUGSINK, Bugsink, Crashdesk, Product, bugsink_environment, settle
from benchmarks.program import crashes

SITES = 200
RATE = 5
CACHE = Path.home() / ".cache" / "crashdesk-benchmarks"
RESULTS = Path(__file__).with_name("RESULTS.md")
LOOK_SECONDS = 0.004


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is sent: reports in a burst, plain events for the disk, repeated ones, and seconds at RATE."""

    warm: int
    burst: int
    disk: int
    repeats: int
    seconds: int


OURS, PEERS = Amounts(200, 6_000, 4_000, 1_000, 15), Amounts(50, 700, 300, 150, 15)
QUICK_OURS, QUICK_PEERS = Amounts(50, 1_500, 500, 300, 4), Amounts(20, 150, 50, 40, 4)
SMOKE = Amounts(5, 60, 20, 10, 1)
QUIET_SECONDS = 8.0  # longer than what a server does now and then


class Measurement:
    """One run of one product: started, measured phase by phase, ended."""

    def __init__(self, product: Product, events: Sequence[bytes], amounts: Amounts) -> None:
        self._product = product
        self._amounts = amounts
        self._mixed = Corpus(events, seed=time.time_ns())
        self._plain = Corpus(events, Mixture(attachment_share=0, session_share=0), seed=time.time_ns() + 1)
        self._stored = 0
        self.run = Run()

    def measure(self) -> Run:
        self._product.start()
        try:
            self._send(self._reports(self._mixed, self._amounts.warm))
            sent = self._burst()
            self._repeat(sent)
            self._at_a_rate()
            self._disk()
        finally:
            self._product.stop()
        return self.run

    def _burst(self) -> list[Report]:
        """Send as fast as reports are answered; measure until the last event can be seen."""
        reports = self._reports(self._mixed, self._amounts.burst)
        events = sum(bool(report.event_id) for report in reports)
        before = self._cpu()
        with MemoryPeak(self._processes) as peak:
            begun = time.perf_counter()
            answered, seen = self._send(reports)
        after = self._cpu()
        run = self.run
        spent = {part: (after[part] - before[part]) / events * 1e3 for part in after}
        run.accept_cpu, run.digest_cpu = spent["accept"], spent["digest"] + spent.get("database", 0)
        run.events_per_second, run.accepted_per_second = events / (seen - begun), events / answered.seconds
        run.accept_p50, run.accept_p99 = answered.percentile(0.5) * 1e3, answered.percentile(0.99) * 1e3
        run.memory = peak.bytes
        run.lost = self._stored - self._product.stored()
        return [report for report in reports if report.event_id]

    def _repeat(self, sent: Sequence[Report]) -> None:
        """Send events again that are stored already."""
        before, again = self._cpu(), [report for report in sent if not report.attachment_bytes][: self._amounts.repeats]
        load.closed_loop(self._product.port, [self._product.request(report.body) for report in again])
        settle(self._product, self._stored)
        self.run.repeat_cpu = (self._cpu()["digest"] - before["digest"]) / len(again) * 1e3
        self.run.stored_twice = self._product.stored() - self._stored

    def _at_a_rate(self) -> None:
        """Send events at a steady rate; measure from the planned moment until each can be seen."""
        reports = self._reports(self._plain, self._amounts.seconds * RATE)
        waiting = iter(reports)

        def send_and_see() -> float:
            report = next(waiting)
            load.closed_loop(self._product.port, [self._product.request(report.body)], 1)
            while not self._product.is_visible(report.event_id):
                time.sleep(LOOK_SECONDS)
            return time.perf_counter()

        taken = list(load.open_loop([number / RATE for number in range(len(reports))], send_and_see))
        self._stored += len(reports)
        self.run.visible_p50, self.run.visible_p95 = (load.percentile(taken, share) * 1e3 for share in (0.5, 0.95))

    def _disk(self) -> None:
        """Measure what plain events add to all files of the server, from one state of rest to another."""
        before = self._bytes_at_rest()
        self._send(self._reports(self._plain, self._amounts.disk))
        self.run.disk_per_event = (self._bytes_at_rest() - before) / self._amounts.disk

    def _bytes_at_rest(self) -> int:
        """Wait until the files have stopped changing for longer than what a server does now and then."""
        found, since = self._product.bytes(), time.perf_counter()
        while time.perf_counter() - since < (QUIET_SECONDS if self._amounts is not SMOKE else 0.5):
            time.sleep(0.1)
            now = self._product.bytes()
            if now != found:
                found, since = now, time.perf_counter()
        return found

    def _send(self, reports: Sequence[Report]) -> tuple[load.Load, float]:
        """Send reports and wait until all events among them can be seen; return the answers and that moment."""
        answered = load.closed_loop(self._product.port, [self._product.request(report.body) for report in reports])
        assert answered.accepted == len(reports), (self._product.name, answered.statuses)
        self._stored += sum(bool(report.event_id) for report in reports)
        return answered, settle(self._product, self._stored)

    def _reports(self, corpus: Corpus, number: int) -> list[Report]:
        return list(corpus.reports(number, datetime.now(UTC)))

    def _cpu(self) -> dict[str, float]:
        return {part: cpu_seconds(pids) for part, pids in self._product.parts().items()}

    def _processes(self) -> list[int]:
        return [pid for pids in self._product.parts().values() for pid in pids]


Make = Callable[[Path], Product]


def main() -> int:
    options = _options()
    events = crashes(SITES if not options.smoke else SITES // 20)
    makers = _makers(options)
    runs: dict[str, list[Run]] = {name: [] for name in makers}
    version, first_load = Crashdesk.own_version(), load_average()
    for pair in range(options.pairs):
        order = list(makers) if pair % 2 == 0 else list(makers)[::-1]
        for name in order:
            runs[name].append(_one(makers[name], events, _amounts(name, options)))
            print(f"pair {pair + 1}: {name}: {runs[name][-1]}", file=sys.stderr, flush=True)
    ours = {name: found for name, found in runs.items() if name != Bugsink.name}
    text = _told(figures.table(ours, runs.get(Bugsink.name, [])), options, version, first_load)
    print(text)
    if options.save:
        with RESULTS.open("a") as file:
            file.write(text + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small amounts: a look, no result")
    parser.add_argument("--smoke", action="store_true", help="smallest amounts: does it run?")
    parser.add_argument("--save", action="store_true", help=f"add the table to {RESULTS.name}")
    parser.add_argument("--alone", action="store_true", help="our server only, without its peer")
    parser.add_argument("--without-postgres", action="store_true", help="leave out the topology with PostgreSQL")
    return parser.parse_args()


def _makers(options: argparse.Namespace) -> dict[str, Make]:
    makers: dict[str, Make] = {"embedded": Crashdesk}
    if not options.alone:
        environment = bugsink_environment(CACHE)
        makers[Bugsink.name] = lambda directory: Bugsink(directory, environment)
    if not options.without_postgres:
        from benchmarks.on_postgres import CrashdeskOnPostgres

        makers["PostgreSQL"] = CrashdeskOnPostgres
    return makers


def _amounts(name: str, options: argparse.Namespace) -> Amounts:
    if options.smoke:
        return SMOKE
    if name == Bugsink.name:
        return QUICK_PEERS if options.quick else PEERS
    return QUICK_OURS if options.quick else OURS


def _one(make: Make, events: Sequence[bytes], amounts: Amounts) -> Run:
    with tempfile.TemporaryDirectory(prefix="crashdesk-ingest-") as directory:
        return Measurement(make(Path(directory) / "run"), events, amounts).measure()


def _told(table: str, options: argparse.Namespace, version: str, first_load: str) -> str:
    """Return the table with what one must know to judge it."""
    facts = [
        f"{options.pairs} interleaved pairs{', small amounts' if options.quick or options.smoke else ''}",
        f"load average {first_load} before, {load_average()} after",
        f"Crashdesk {version}, Bugsink {BUGSINK}, Python {platform.python_version()}",
    ]
    return f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n{'; '.join(facts)}.\n\n{table}\n"


if __name__ == "__main__":
    raise SystemExit(main())
