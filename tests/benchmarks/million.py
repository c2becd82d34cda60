"""What a million events do to the server: loaded through the real intake, with CPU, disk, memory and page times.

    python tests/benchmarks/million.py DIRECTORY [--postgres] [--events 1000000] [--save]

5,000 issues, 200 releases, 60 days. What has been done is noted in DIRECTORY, so that it may be stopped at any time and
goes on where it was; the same directory asked again after the end only tells the result. Run it under ``nice``.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import load
from benchmarks.corpus import Corpus, Mixture
from benchmarks.pages import page_times
from benchmarks.processes import cpu_seconds, load_average, pss_bytes
from benchmarks.products import Crashdesk, settle
from benchmarks.program import crashes

STEP = 10_000  # events that are sent, and whose cost is noted, together
SITES, RELEASES, CURRENT_RELEASES, DAYS = 5_000, 200, 10, 60
AT_AN_END = 5  # steps that count as beginning and as end
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(slots=True)
class Step:
    """What STEP events cost: CPU seconds by part, seconds, and what the server held after them."""

    events: int
    cpu: dict[str, float]
    seconds: float
    disk_bytes: int
    memory_bytes: int

    @property
    def all_cpu(self) -> float:
        return sum(self.cpu.values())


@dataclass(slots=True)
class State:
    """How far it has come; kept in a file after each step."""

    path: Path
    steps: list[Step] = field(default_factory=list)
    server: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "State":
        if not path.exists():
            return cls(path)
        kept = json.loads(path.read_text())
        return cls(path, [Step(**step) for step in kept["steps"]], kept["server"])

    def write(self) -> None:
        kept = {"steps": [asdict(step) for step in self.steps], "server": self.server}
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(kept))
        new.replace(self.path)

    @property
    def events(self) -> int:
        return self.steps[-1].events if self.steps else 0


def main() -> int:
    options = _options()
    options.directory.mkdir(parents=True, exist_ok=True)
    state = State.read(options.directory / "million.json")
    product = _product(options, state)
    try:
        product.resume(state.server)
        state.server = product.identity()
        state.write()
        for step in _steps(product, state, options.events):
            state.steps.append(step)
            state.write()
            print(f"{step.events}: {step.all_cpu:.1f} s CPU, {step.seconds:.0f} s", file=sys.stderr, flush=True)
        text = "\n".join(_told(product, state, "PostgreSQL" if options.postgres else "SQLite"))
    finally:
        product.stop()
    print(text)
    if options.save:
        with RESULTS.open("a") as file:
            file.write(text + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--postgres", action="store_true", help="keep the data in a PostgreSQL in the directory")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--save", action="store_true", help=f"add the result to {RESULTS.name}")
    return parser.parse_args()


def _product(options: argparse.Namespace, state: State) -> Crashdesk:
    if options.postgres:
        from benchmarks.on_postgres import CrashdeskOnPostgres

        return CrashdeskOnPostgres(options.directory / "run", state.server.get("port"), options.directory / "pg")
    return Crashdesk(options.directory / "run", state.server.get("port"))


def _steps(product: Crashdesk, state: State, wanted: int) -> Iterator[Step]:
    """Send what is missing; a step that was cut short is sent again, its events are known and stored once."""
    if state.events >= wanted:
        return
    captured = _captured(state.path.with_name("events.jsonl"))
    corpus = Corpus(captured, Mixture(attachment_share=0, session_share=0))
    for first in range(state.events, wanted, STEP):
        before, begun = _cpu(product), time.perf_counter()
        requests = (product.request(body) for body in _bodies(corpus, first, wanted))
        answered = load.closed_loop(product.port, requests)
        assert set(answered.statuses) == {200}, answered.statuses
        settle(product, first + STEP, tick=0.5)
        seconds = time.perf_counter() - begun
        cpu = {part: spent - before[part] for part, spent in _cpu(product).items()}
        yield Step(first + STEP, cpu, seconds, product.bytes(), pss_bytes(_processes(product)))


def _bodies(corpus: Corpus, first: int, wanted: int) -> Iterator[bytes]:
    """Yield the bodies of one step, the same at every time they are asked for."""
    corpus.begin(seed=first)
    released = CURRENT_RELEASES + (RELEASES - CURRENT_RELEASES) * first // wanted
    releases = [f"shop@1.{minor}.0" for minor in range(released - CURRENT_RELEASES, released)]
    moment = datetime.now(UTC) - timedelta(days=DAYS) * (1 - first / wanted)
    stretch = timedelta(days=DAYS) * STEP / wanted
    for number in range(STEP):
        yield corpus.event(moment + stretch * (number / STEP), releases).body


def _captured(kept: Path) -> list[bytes]:
    if not kept.exists():
        kept.write_bytes(b"\n".join(crashes(SITES)))
    return kept.read_bytes().splitlines()


def _cpu(product: Crashdesk) -> dict[str, float]:
    return {part: cpu_seconds(pids) for part, pids in product.parts().items()}


def _processes(product: Crashdesk) -> list[int]:
    return [pid for pids in product.parts().values() for pid in pids]


def _told(product: Crashdesk, state: State, database: str) -> Iterator[str]:
    """Yield the result as Markdown."""
    last = state.steps[-1]
    count = min(AT_AN_END, max(1, len(state.steps) // 2))
    ends = (state.steps[:count], state.steps[-count:])
    first_cpu, last_cpu = (statistics.median(step.all_cpu for step in steps) for steps in ends)
    yield f"\n## {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {last.events:,} events on {database}"
    yield f"\nCrashdesk {product.own_version()}; load average now {load_average()}.\n"
    yield "| figure | must | value |"
    yield "|---|---|---|"
    yield f"| CPU seconds per {STEP:,} events, first {count} steps | | {first_cpu:.2f} |"
    yield f"| CPU seconds per {STEP:,} events, last {count} steps | | {last_cpu:.2f} |"
    ratio = last_cpu / first_cpu
    yield f"| last to first | ≤ 1.2 | {ratio:.3f} {'pass' if ratio <= 1.2 else 'MISS'} |"
    yield f"| of it at the end: {', '.join(last.cpu)} | | {', '.join(f'{spent:.2f}' for spent in last.cpu.values())} |"
    yield f"| bytes on the disk per event | | {last.disk_bytes / last.events:.0f} |"
    yield f"| memory (PSS), largest | | {max(step.memory_bytes for step in state.steps) / 1e6:.0f} MB |"
    seconds = statistics.median(step.seconds for step in state.steps[-count:])
    yield f"| events per second, last {count} steps | | {STEP / seconds:.0f} |"
    yield f"| issues | | {product.issues():,} |\n"
    yield from page_times(product)


if __name__ == "__main__":
    raise SystemExit(main())
