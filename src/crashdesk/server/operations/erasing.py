"""Erasing what is known of a person, or a project: asked first, then done; who asked and how much went is noted."""

import getpass
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crashdesk.server.administration import start_on
from crashdesk.server.operations import projects


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be erased: a person everywhere or in one project, or a whole project."""

    person: str | None
    project_id: int | None
    question: str


def checked(data: Path, person: str | None, project: str | None) -> Order:
    """Return the order with the question that people are asked; raises UsageError for what does not exist."""
    start_on(data)
    project_id = projects.found(project).pk if project else None
    if person is None:
        question = f"The project {project} with all its events, files and words is erased for good."
    else:
        place = f"in {project}" if project else "in every project"
        question = f"All that is known of {person} {place} is erased for good."
    return Order(person, project_id, question)


def erase(order: Order, say: Callable[[str], None]) -> dict[str, int]:
    """Erase and return how much went. Django must be ready."""
    from crashdesk.server.issues.erasure import Person, erase_person, erase_project  # after Django's start

    by = f"{getpass.getuser()} on the command line"
    if order.person is not None:
        return erase_person(Person(order.person, order.project_id), by, say).counts
    if order.project_id is None:
        raise ValueError("an order without a person names a project")
    return erase_project(order.project_id, by, say).counts
