"""Fieldbook's six bugs in one table: how a person reaches each, and as what it arrives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bug:
    """One fault: how to reach it, then what its report shows: kind, type, innermost own function and its module.

    `words` are what a user may write about it.
    """

    name: str
    title: str
    steps: str
    kind: str
    exception_type: str
    function: str
    module: str
    words: str


BUGS: tuple[Bug, ...] = (
    Bug(
        "filtered_row",
        "Removing an entry of a filtered table",
        "Open “Saltmarsh, spring count”, tab Entries, filter by “curlew”, select the first row, Remove.",
        "python",
        "IndexError",
        "remove_selected",
        "entries_page",
        "I filtered the table by curlew and removed the first one. The details below did not change.",
    ),
    Bug(
        "malformed_import",
        "Importing a list with a short line",
        "File > Import entries…, choose neighbours-list.csv: its fourth line ends after the species.",
        "python",
        "AttributeError",
        "entry_from_row",
        "importing",
        "My neighbour's list never arrived, the status line stayed at reading.",
    ),
    Bug(
        "miles_preference",
        "Distances in miles",
        "Edit > Preferences…, distances in miles, then select an entry whose distance nobody measured.",
        "python",
        "ValueError",
        "format_distance",
        "entry",
        "Since I switched to miles some entries show the wrong details.",
    ),
    Bug(
        "slow_search",
        "Searching everything for a phrase with a gap",
        "Edit > Find in all documents…, look for “ringed * warbler”: the window does not answer for seconds.",
        "hang",
        "Hang",
        "matching_lines",
        "searching",
        "The whole window stood still while it searched.",
    ),
    Bug(
        "outline_pointer",
        "Going up in the outline",
        "Select a subheading in the outline, then “Up one level”: a heading's number is taken for its address.",
        "native",
        "SIGSEGV",
        "heading",
        "outline",
        "I only wanted to go up one level in the outline and it was gone.",
    ),
    Bug(
        "lost_export",
        "Exporting a document without weather",
        "Open “Night at the quarry”, File > Export as web page: the page never appears.",
        "python",
        "KeyError",
        "render_page",
        "exporting",
        "Where is the page? Nothing appeared in the exports folder.",
    ),
)

FEEDBACK_WORDS = "I would like to print the entries of one place. Thank you for this notebook."
"""What a user writes who has no bug to tell of."""


def bug(name: str) -> Bug:
    """Return the row called `name`."""
    return next(row for row in BUGS if row.name == name)
