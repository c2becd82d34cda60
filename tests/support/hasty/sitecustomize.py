"""Makes rare moments frequent in a server of the failure tests: packs fill soon, rows are forgotten at once, and so on.

Only the environment of such a server names this folder (``support.recorded``). Each module below is changed right
after it was loaded, by the numbers that stand in it; nothing else differs from the server that people run.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


def _numbers(**numbers: Any) -> Callable[[ModuleType], None]:
    return lambda module: vars(module).update(numbers)


def _sweep_at_once(module: ModuleType) -> None:
    module.CHORES = tuple(replace(chore, every_seconds=1) for chore in module.CHORES)  # type: ignore[attr-defined]


def _keep_few_bodies(module: ModuleType) -> None:
    module.DEFAULT = replace(module.DEFAULT, bodies_per_issue=2)  # type: ignore[attr-defined]


HASTE: dict[str, Callable[[ModuleType], None]] = {
    "crashdesk.server.collector.committer": _numbers(FORGET_EVERY_SECONDS=0.1),
    "crashdesk.server.intake.sqlite": _numbers(CHECKPOINT_PAGES=100),
    "crashdesk.server.intake.blobs.packs": _numbers(PACK_BYTES=60_000),
    "crashdesk.server.issues.compaction": _numbers(REST=timedelta(0), ROLLED_BYTES=1000, FREED_SHARE=0.001),
    "crashdesk.server.issues.retention": _numbers(_SETTLED=timedelta(0)),
    "crashdesk.server.issues.sweeping": _sweep_at_once,
    "crashdesk.server.events.policies": _keep_few_bodies,
}


class _Hasty(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in HASTE:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_change(module: ModuleType) -> None:
                load(module)
                HASTE[name](module)

            spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Hasty())
