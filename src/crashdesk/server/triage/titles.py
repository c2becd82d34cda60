"""How an issue is called on pages: type and place first, the message after."""

from crashdesk.server.issues.queries import Issue


def title(issue: Issue) -> str:
    """Return ``TypeError in filter_rows``; the message itself where there is no type."""
    function = issue.culprit.rpartition(" in ")[2].rpartition(".")[2]
    if not issue.type:
        return issue.value.partition("\n")[0] or issue.culprit or "Event without words"
    return f"{issue.type} in {function}" if function else issue.type


def message(issue: Issue) -> str:
    """Return what stands after the title; nothing when the title says it already."""
    return issue.value if issue.type else issue.value.partition("\n")[2]
