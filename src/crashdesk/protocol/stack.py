"""Typed view of exceptions, threads and frames in an event; nothing in it raises on odd values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crashdesk.protocol import foreign


@dataclass(frozen=True, slots=True)
class FrameView:
    """One call on a stack."""

    payload: Mapping[str, Any]

    @property
    def filename(self) -> str:
        return foreign.text(self.payload.get("filename")) or ""

    @property
    def abs_path(self) -> str:
        return foreign.text(self.payload.get("abs_path")) or ""

    @property
    def module(self) -> str:
        return foreign.text(self.payload.get("module")) or ""

    @property
    def function(self) -> str:
        return foreign.text(self.payload.get("function")) or ""

    @property
    def lineno(self) -> int | None:
        return foreign.whole(self.payload.get("lineno"))

    @property
    def in_app(self) -> bool | None:
        """Whether the client takes the frame for the product's own; None when it does not say."""
        return foreign.truth(self.payload.get("in_app"))

    @property
    def context_line(self) -> str | None:
        return foreign.text(self.payload.get("context_line"))

    @property
    def pre_context(self) -> list[str]:
        return _lines(self.payload.get("pre_context"))

    @property
    def post_context(self) -> list[str]:
        return _lines(self.payload.get("post_context"))

    @property
    def vars(self) -> Mapping[str, Any]:
        return foreign.mapping(self.payload.get("vars"))

    def place(self) -> str:
        """Return where the call is, without its line: module, else file name, and function."""
        where = self.module or self.filename or self.abs_path
        return f"{where} in {self.function}" if where and self.function else where or self.function


@dataclass(frozen=True, slots=True)
class ExceptionView:
    """One exception of the chain, with the stack it came through."""

    payload: Mapping[str, Any]

    @property
    def type(self) -> str:
        return foreign.text(self.payload.get("type")) or ""

    @property
    def value(self) -> str:
        return foreign.text(self.payload.get("value")) or ""

    @property
    def module(self) -> str:
        return foreign.text(self.payload.get("module")) or ""

    @property
    def mechanism(self) -> Mapping[str, Any]:
        """How the client caught it: type, handled, and more."""
        return foreign.mapping(self.payload.get("mechanism"))

    @property
    def handled(self) -> bool | None:
        """Whether the product caught it itself; None when the client does not say."""
        return foreign.truth(self.mechanism.get("handled"))

    @property
    def frames(self) -> list[FrameView]:
        """The stack, outermost call first."""
        return frames_of(self.payload.get("stacktrace"))

    def title(self) -> str:
        """Return type and first line of the value; one of them where the other is missing."""
        line = first_line(self.value)
        return f"{self.type}: {line}" if self.type and line else self.type or line


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One thread at the moment of the event."""

    payload: Mapping[str, Any]

    @property
    def id(self) -> str:
        return foreign.text(self.payload.get("id")) or ""

    @property
    def name(self) -> str:
        return foreign.text(self.payload.get("name")) or ""

    @property
    def crashed(self) -> bool:
        return self.payload.get("crashed") is True

    @property
    def current(self) -> bool:
        return self.payload.get("current") is True

    @property
    def frames(self) -> list[FrameView]:
        """The stack, outermost call first."""
        return frames_of(self.payload.get("stacktrace"))


def frames_of(stacktrace: object) -> list[FrameView]:
    """Return the frames of a ``stacktrace`` value, outermost call first."""
    return [FrameView(frame) for frame in foreign.sequence(foreign.mapping(stacktrace).get("frames"))
            if isinstance(frame, Mapping)]  # fmt: skip


def own_frames(frames: list[FrameView]) -> list[FrameView]:
    """Return the product's own frames: those marked in-app, else those not marked foreign, else all."""
    marked = [frame for frame in frames if frame.in_app]
    return marked or [frame for frame in frames if frame.in_app is None] or frames


def first_line(value: str) -> str:
    """Return the first line that is not empty."""
    return value.strip().partition("\n")[0].strip()


def _lines(value: object) -> list[str]:
    return [foreign.text(line) or "" for line in foreign.sequence(value)]
