"""Who may see and do what: every id of a page is looked up through the projects that this person may see."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from crashdesk.server.accounts import queries as accounts


@dataclass(frozen=True, slots=True)
class Project:
    """A project as pages show it; `prefix` begins the names of its issues."""

    id: int
    slug: str
    name: str

    @property
    def prefix(self) -> str:
        return self.slug.upper()


def projects(request: HttpRequest) -> Mapping[int, Project]:
    """Return the projects that the person behind `request` may see, by id; asked once a request."""
    known: dict[int, Project] | None = getattr(request, "_crashdesk_projects", None)
    if known is None:
        user = request.user
        visible = accounts.projects_visible_to(user) if user.is_authenticated else ()
        known = {row.id: Project(row.id, row.slug, row.name) for row in visible}
        request._crashdesk_projects = known  # type: ignore[attr-defined]  # noqa: SLF001 - kept for this request only
    return known


def project(request: HttpRequest, slug: str) -> Project:
    """Return the visible project `slug`; raise 404 for an unknown and for a foreign one alike."""
    for seen in projects(request).values():
        if seen.slug == slug.lower():
            return seen
    raise Http404


def may(request: HttpRequest, scope: str, project_id: int) -> bool:
    """Whether this person's role in the project gives `scope`."""
    user = request.user
    return bool(user.is_authenticated and accounts.may(user, scope, project_id))


def must(request: HttpRequest, scope: str, seen: Project) -> None:
    """Raise PermissionDenied unless this person's role in `seen` gives `scope`."""
    if not may(request, scope, seen.id):
        raise PermissionDenied(_("Your role in %(name)s lets you read, not change.") % {"name": seen.name})
