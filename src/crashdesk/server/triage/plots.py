"""Small plots as SVG path data, drawn on the server: zero-based bars that need no script and no style."""

from collections.abc import Sequence


def bars(counts: Sequence[int], width: float = 96.0, height: float = 20.0) -> str:
    """Return the path of one bar a count; the highest fills the height, and any count above zero is seen."""
    if not counts:
        return ""
    highest = max(*counts, 1)
    step = width / len(counts)
    thickness = max(step - 1, 1.0)
    parts = []
    for position, count in enumerate(counts):
        if count <= 0:
            continue
        tall = max(height * count / highest, 1.5)
        parts.append(f"M{position * step:.1f} {height:g}v-{tall:.1f}h{thickness:.1f}v{tall:.1f}z")
    return "".join(parts)
