"""Every read of releases: the announced ones and those that events showed, joined by version over projects.

Whoever asks for a person passes the ids of the projects which that person may see; what lies outside is not found.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count

from crashdesk.server.events.models import SeenRelease
from crashdesk.server.releases.models import Deploy, Release, ReleaseCommit, ReleaseRef
from crashdesk.server.releases.versions import oldest_first

__all__ = ["Deploy", "ReleaseCommit", "ReleaseFacts", "ReleaseRef"]

ARCHIVED, OPEN = "archived", "open"
MOST_ORDERED = 10_000  # releases that are put into the order of their versions


@dataclass(slots=True)
class ReleaseFacts:
    """One release over the projects that were asked for."""

    version: str
    created_at: datetime
    started_at: datetime | None = None
    released_at: datetime | None = None
    first_event_at: datetime | None = None
    last_event_at: datetime | None = None
    url: str = ""
    ref: str = ""
    status: str = OPEN
    project_ids: set[int] = field(default_factory=set)
    commit_count: int = 0
    deploy_count: int = 0
    last_commit: ReleaseCommit | None = None
    last_deploy: Deploy | None = None


@dataclass(frozen=True, slots=True)
class ReleaseListRequest:
    """Which releases are asked for: whose version holds `text`, of one status or (empty) of any."""

    project_ids: Collection[int]
    text: str = ""
    status: str = ""
    is_by_version: bool = False
    offset: int = 0
    limit: int = 100


def releases(request: ReleaseListRequest) -> list[ReleaseFacts]:
    """Return releases, newest first: by when they were announced or first seen, or by version."""
    ordered = _by_version(request) if request.is_by_version else _by_time(request)
    facts = _facts(request.project_ids, ordered)
    return [facts[version] for version in ordered if version in facts]


def release(project_ids: Collection[int], version: str) -> ReleaseFacts | None:
    """Return one release, if one of the projects has it."""
    return _facts(project_ids, [version]).get(version)


def projects_of(project_ids: Collection[int], version: str) -> set[int]:
    """Return those of the projects that have this release."""
    found = release(project_ids, version)
    return found.project_ids if found else set()


def commits(project_ids: Collection[int], version: str) -> list[ReleaseCommit]:
    """Return the commits of a release, newest first, each once."""
    rows = ReleaseCommit.objects.filter(project_id__in=project_ids, version=version).order_by("position", "project_id")
    return list({(row.repository, row.commit_id): row for row in reversed(rows)}.values())[::-1]


def previous_with_commits(project_ids: Collection[int], version: str) -> ReleaseFacts | None:
    """Return the newest release before this one (before now, if it is not there yet) of which commits are known."""
    with_commits = set(
        ReleaseCommit.objects.filter(project_id__in=project_ids).values_list("version", flat=True).distinct()
    )
    facts = _facts(project_ids, with_commits | {version})
    this = facts.pop(version, None)
    earlier = [found for found in facts.values() if this is None or found.created_at < this.created_at]
    return max(earlier, key=lambda found: (found.created_at, found.version), default=None)


def deploys(project_ids: Collection[int], version: str) -> list[Deploy]:
    """Return where a release was deployed to, newest first, each once."""
    rows = Deploy.objects.filter(project_id__in=project_ids, version=version).order_by("-id", "project_id")
    return list({row.id: row for row in rows}.values())


def _by_time(request: ReleaseListRequest) -> list[str]:
    """Return a page of versions, newest first; joined in the database, since there may be very many."""
    ids = sorted(request.project_ids)
    if not ids:
        return []
    places = ", ".join(["%s"] * len(ids))
    statement = (
        "SELECT version FROM ("  # noqa: S608 - places for ids only
        " SELECT version, created_at AS at, status FROM releases_release"
        f" WHERE project_id IN ({places}) AND removed_at IS NULL"
        " UNION ALL"
        " SELECT s.version, s.first_seen_at, COALESCE(r.status, 'open') FROM events_seenrelease s"
        " LEFT JOIN releases_release r ON r.project_id = s.project_id AND r.version = s.version"
        f" WHERE s.project_id IN ({places}) AND (r.removed_at IS NULL OR s.last_seen_at > r.removed_at)"
        ") found WHERE LOWER(version) LIKE %s ESCAPE '!' AND (%s = '' OR status = %s)"
        " GROUP BY version ORDER BY MIN(at) DESC, version DESC LIMIT %s OFFSET %s"
    )
    text = "".join(f"!{letter}" if letter in "!%_" else letter for letter in request.text.lower())
    values: list[int | str] = [*ids, *ids, f"%{text}%", request.status, request.status, request.limit, request.offset]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [version for (version,) in cursor.fetchall()]


def _by_version(request: ReleaseListRequest) -> list[str]:
    everything = ReleaseListRequest(request.project_ids, request.text, request.status, limit=MOST_ORDERED)
    first_seen = {
        found.version: found.created_at for found in _facts(request.project_ids, _by_time(everything)).values()
    }
    return oldest_first(first_seen)[::-1][request.offset : request.offset + request.limit]


def _facts(project_ids: Collection[int], versions: Collection[str]) -> dict[str, ReleaseFacts]:
    """Return these releases by version; five queries, however many there are."""
    found: dict[str, ReleaseFacts] = {}
    removed = _add_announced(found, project_ids, versions)
    for seen in SeenRelease.objects.filter(project_id__in=project_ids, version__in=versions):
        removed_at = removed.get((seen.project_id, seen.version))
        if removed_at is None or (seen.last_seen_at or seen.first_seen_at) > removed_at:
            _add_seen(found, seen)
    _add_commits(found, project_ids)
    _add_deploys(found, project_ids)
    return found


def _add_announced(
    found: dict[str, ReleaseFacts], project_ids: Collection[int], versions: Collection[str]
) -> dict[tuple[int, str], datetime]:
    """Add what people said; return what they removed, and when."""
    removed: dict[tuple[int, str], datetime] = {}
    for row in Release.objects.filter(project_id__in=project_ids, version__in=versions).order_by("project_id"):
        if row.removed_at is not None:
            removed[row.project_id, row.version] = row.removed_at
            continue
        facts = found.setdefault(row.version, ReleaseFacts(row.version, row.created_at))
        facts.project_ids.add(row.project_id)
        facts.created_at = min(facts.created_at, row.created_at)
        facts.started_at = facts.started_at or row.started_at
        facts.released_at = facts.released_at or row.released_at
        facts.url, facts.ref = facts.url or row.url, facts.ref or row.ref
        facts.status = row.status if row.status != OPEN else facts.status
    return removed


def _add_seen(found: dict[str, ReleaseFacts], seen: SeenRelease) -> None:
    facts = found.setdefault(seen.version, ReleaseFacts(seen.version, seen.first_seen_at))
    last = seen.last_seen_at or seen.first_seen_at
    facts.project_ids.add(seen.project_id)
    facts.created_at = min(facts.created_at, seen.first_seen_at)
    facts.first_event_at = min(facts.first_event_at or seen.first_seen_at, seen.first_seen_at)
    facts.last_event_at = max(facts.last_event_at or last, last)


def _add_commits(found: dict[str, ReleaseFacts], project_ids: Collection[int]) -> None:
    """Count the commits, which are the same in each project of a release; load the newest of each."""
    rows = ReleaseCommit.objects.filter(project_id__in=project_ids, version__in=list(found))
    counted = rows.values_list("version", "project_id").annotate(quantity=Count("position"))
    for version, _, quantity in counted.order_by():
        found[version].commit_count = max(found[version].commit_count, quantity)
    for row in rows.filter(position=0):
        found[row.version].last_commit = row


def _add_deploys(found: dict[str, ReleaseFacts], project_ids: Collection[int]) -> None:
    rows = Deploy.objects.filter(project_id__in=project_ids, version__in=list(found)).order_by("id")
    newest: dict[tuple[str, int], Deploy] = {(row.version, row.id): row for row in rows}
    for version, quantity in Counter(version for version, _ in newest).items():
        found[version].deploy_count = quantity
    for (version, _), row in newest.items():
        found[version].last_deploy = row
