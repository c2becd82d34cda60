"""Gather the sections of a snapshot: each in its own guard, all in one time budget, live ones anew at each report."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crashdesk import clock
from crashdesk.sdk import guard
from crashdesk.sdk.snapshot import runtime, system
from crashdesk.sdk.snapshot.product import Provide, Providers

BUDGET_SECONDS = 0.25
SECTION_SECONDS = 0.1
"""A section that takes longer than this is left out for the rest of the run: a crash is no time to wait."""

Section = dict[str, Any]

STATIC: tuple[tuple[str, Provide], ...] = (
    ("os", system.operating_system),
    ("device", system.device),
    ("culture", system.culture),
    ("runtime", runtime.runtime),
    ("display_session", system.display_session),
    ("environment_variables", system.environment_variables),
)
LIVE: tuple[tuple[str, Provide], ...] = (("process", runtime.process),)


@dataclass(slots=True)
class Gatherer:
    """Knows where each section comes from and remembers those that do not change."""

    providers: Providers
    app: Section
    qt: Callable[[], Mapping[str, Section]] = dict
    qt_static: Callable[[], Mapping[str, Section]] = dict
    _static: dict[str, Section] = field(default_factory=dict)
    _modules: dict[str, str] = field(default_factory=dict)
    _too_slow: set[str] = field(default_factory=set)

    def static(self) -> dict[str, Section]:
        """Sections that stay as they are for the whole run; Qt's as soon as they are known."""
        if not self._static:
            self._static = {"app": self.app, **self._gather(STATIC, clock.monotonic() + BUDGET_SECONDS)}
        return {**self._static, **self.qt_static()}

    def all(self) -> dict[str, Section]:
        """Every section, as of now."""
        until = clock.monotonic() + BUDGET_SECONDS
        sections = dict(self.static())
        with guard.inside("snapshot of Qt"):
            sections.update(self.qt())
        sections.update(self._gather(LIVE, until))
        declared = tuple((provider.name, provider.function) for provider in self.providers.all())
        sections.update(self._gather(declared, until))
        return sections

    def modules(self) -> dict[str, str]:
        """Installed distributions; looked up once."""
        if not self._modules:
            with guard.inside("snapshot of distributions"):
                self._modules = runtime.distributions()
        return self._modules

    def _gather(self, sources: tuple[tuple[str, Provide], ...], until: float) -> dict[str, Section]:
        found: dict[str, Section] = {}
        for name, provide in sources:
            began = clock.monotonic()
            if name in self._too_slow or began > until:
                continue
            with guard.inside(f"snapshot section {name}"):
                found[name] = dict(provide())
            if clock.monotonic() - began > SECTION_SECONDS:
                self._too_slow.add(name)
        return {name: section for name, section in found.items() if section}
