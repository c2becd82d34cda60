"""Table of item types: what each is, how large it may be, what it counts as, and whether we keep it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

MEGABYTE = 1_000_000

KEPT, NOT_KEPT = True, False
BY_PROJECT = True


@dataclass(frozen=True, slots=True)
class ItemType:
    """One kind of item; `category` is the word that rate limits and outcomes use for it.

    Whether an optional one is kept is for each project to say; `kept` holds until it does.
    """

    name: str
    category: str
    max_bytes: int
    kept: bool
    description: str
    is_optional: bool = False


ITEM_TYPES: tuple[ItemType, ...] = (
    ItemType("event", "error", 5 * MEGABYTE, KEPT, "An error, a crash or a message."),
    ItemType("feedback", "feedback", 5 * MEGABYTE, KEPT, "A user's own words, alone or tied to an event."),
    ItemType("user_report", "feedback", MEGABYTE, KEPT, "A user's words in the older form, tied to an event."),
    ItemType("attachment", "attachment", 100 * MEGABYTE, KEPT, "A file that belongs to the envelope's event."),
    ItemType("client_report", "internal", MEGABYTE, KEPT, "What a client dropped, with reason and number."),
    ItemType("session", "session", MEGABYTE, KEPT, "One run of the product: its start, state or end."),
    ItemType("sessions", "session", MEGABYTE, KEPT, "Many runs of a product, added up by the client."),
    ItemType("transaction", "transaction", 5 * MEGABYTE, NOT_KEPT, "How long a task of the product took.", BY_PROJECT),
    ItemType("span", "span", 10 * MEGABYTE, NOT_KEPT, "Parts of a task, in batches.", BY_PROJECT),
    ItemType("profile", "profile", 50 * MEGABYTE, NOT_KEPT, "Where a task spent its time.", BY_PROJECT),
    ItemType(
        "profile_chunk",
        "profile_chunk",
        50 * MEGABYTE,
        NOT_KEPT,
        "Where the product spent its time, in pieces.",
        BY_PROJECT,
    ),
    ItemType("replay_event", "replay", MEGABYTE, NOT_KEPT, "Facts about a recording of a web page.", BY_PROJECT),
    ItemType("replay_recording", "replay", 100 * MEGABYTE, NOT_KEPT, "A recording of a web page.", BY_PROJECT),
    ItemType("replay_video", "replay", 100 * MEGABYTE, NOT_KEPT, "A recording of a screen.", BY_PROJECT),
    ItemType("log", "log_item", MEGABYTE, NOT_KEPT, "Log records in batches.", BY_PROJECT),
    ItemType("trace_metric", "trace_metric", MEGABYTE, NOT_KEPT, "Measured values in batches.", BY_PROJECT),
    ItemType("statsd", "metric_bucket", MEGABYTE, NOT_KEPT, "Measured values in the older form.", BY_PROJECT),
    ItemType("metric_meta", "metric_bucket", MEGABYTE, NOT_KEPT, "Where measured values come from.", BY_PROJECT),
    ItemType("check_in", "monitor", 100_000, NOT_KEPT, "A sign of life of a scheduled job.", BY_PROJECT),
    ItemType("security", "security", MEGABYTE, KEPT, "A browser's report on a broken page policy.", BY_PROJECT),
    ItemType(
        "raw_security", "security", MEGABYTE, KEPT, "A browser's report on a broken page policy, as sent.", BY_PROJECT
    ),
    ItemType("form_data", "attachment", MEGABYTE, NOT_KEPT, "Fields of a form that came with a dump."),
    ItemType("nel", "error", MEGABYTE, NOT_KEPT, "A browser's report on a failed connection.", BY_PROJECT),
)

UNKNOWN = ItemType("unknown", "default", 100 * MEGABYTE, NOT_KEPT, "A kind of item that this version does not know.")

_BY_NAME = {row.name: row for row in ITEM_TYPES}

OPTIONAL = tuple(row.name for row in ITEM_TYPES if row.is_optional)
OPTIONAL_BY_DEFAULT = tuple(row.name for row in ITEM_TYPES if row.is_optional and row.kept)
CATEGORIES = tuple(sorted({row.category for row in (*ITEM_TYPES, UNKNOWN)}))
MOST_QUANTITY = 1_000_000  # a client may claim any number


def item_type(name: str) -> ItemType:
    """Return the row of `name`; the row UNKNOWN for a type that is not in the table."""
    return _BY_NAME.get(name, UNKNOWN)


def is_kept(name: str, chosen: Collection[str] = OPTIONAL_BY_DEFAULT) -> bool:
    """Whether items of this type are kept, in a project that has chosen these optional ones."""
    row = item_type(name)
    return name in chosen if row.is_optional else row.kept


def quantity(name: str, headers: Mapping[str, Any]) -> int:
    """Return as how many an item counts: one, or what the headers of a batch say that nobody keeps."""
    claimed = headers.get("item_count")
    if item_type(name).kept or not isinstance(claimed, int) or isinstance(claimed, bool):
        return 1
    return min(max(claimed, 1), MOST_QUANTITY)
