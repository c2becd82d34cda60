"""Fieldbook's six bugs in one table: how a person reaches each, and as what it arrives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """One fault: `steps` in the words of a user, then kind, exception type and innermost own function of the report."""

    name: str
    title: str
    steps: str
    kind: str
    exception_type: str
    function: str
    module: str


BUGS: tuple[Bug, ...] = (
    Bug(
        "filtered_row",
        "Removing an entry of a filtered table",
        "Open “Saltmarsh, spring count”, tab Entries, filter by “curlew”, select the first row, Remove.",
        "python",
        "IndexError",
        "remove_selected",
        "entries_page",
    ),
    Bug(
        "malformed_import",
        "Importing a list with a short line",
        "File > Import entries…, choose neighbours-list.csv: its fourth line ends after the species.",
        "python",
        "AttributeError",
        "entry_from_row",
        "importing",
    ),
    Bug(
        "miles_preference",
        "Distances in miles",
        "Edit > Preferences…, distances in miles, then select an entry whose distance nobody measured.",
        "python",
        "ValueError",
        "format_distance",
        "entry",
    ),
    Bug(
        "slow_search",
        "Searching everything for a phrase with a gap",
        "Edit > Find in all documents…, look for “ringed * warbler”: the window does not answer for seconds.",
        "hang",
        "Hang",
        "matching_lines",
        "searching",
    ),
    Bug(
        "outline_pointer",
        "Going up in the outline",
        "Select a subheading in the outline, then “Up one level”: a heading's number is taken for its address.",
        "native",
        "SIGSEGV",
        "heading",
        "outline",
    ),
    Bug(
        "lost_export",
        "Exporting a document without weather",
        "Open “Night at the quarry”, File > Export as web page: the page never appears.",
        "python",
        "KeyError",
        "render_page",
        "exporting",
    ),
)


def bug(name: str) -> Bug:
    """Return the row called `name`."""
    return next(row for row in BUGS if row.name == name)
