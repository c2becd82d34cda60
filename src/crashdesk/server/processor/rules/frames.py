"""Marks the product's own frames by the server's judgement, so that pages show what grouping looked at."""

from typing import Any

from crashdesk.protocol import foreign
from crashdesk.server.grouping.frames import Origin, origins
from crashdesk.server.grouping.reading import frames as read_frames
from crashdesk.server.processor.draft import Draft

NAME = "frames"


def apply(draft: Draft) -> None:
    """Set `in_app` of every frame of exceptions, threads and the event's own stack."""
    payload = draft.payload
    carriers = [payload, *foreign.mappings(payload.get("exception")), *foreign.mappings(payload.get("threads"))]
    for carrier in carriers:
        stacktrace = carrier.get("stacktrace")
        if isinstance(stacktrace, dict):
            _mark(stacktrace, payload)


def _mark(stacktrace: dict[str, Any], event: dict[str, Any]) -> None:
    """Replace the frames by marked ones; they are copied, as no rule changes what another may hold."""
    judged = origins(read_frames(stacktrace), event)
    frames = [frame for frame in stacktrace.get("frames", []) if isinstance(frame, dict)]
    stacktrace["frames"] = [
        {**frame, "in_app": origin is Origin.OWN} for frame, origin in zip(frames, judged, strict=True)
    ]
