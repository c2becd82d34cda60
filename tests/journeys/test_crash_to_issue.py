"""From a crash in a real window to a grouped report on a web page: each of Fieldbook's bugs, used as a person would.

Pictures of every window and page are left in the test's directory; those in assets/screenshots were made so.
"""

import signal

import pytest
from playwright.sync_api import expect

from crashdesk.demo.checks import counts, findings, is_feedback_there
from crashdesk.demo.fieldbook.bugs import BUGS, FEEDBACK_WORDS, bug
from support.browser import LAUNCH_ARGUMENTS, sign_in
from support.desk import FIELDBOOK, desk
from support.servers import Server, server_away
from support.waiting import until
from support.xvfb import screen

pytestmark = [
    pytest.mark.display,
    pytest.mark.browser,
    pytest.mark.timeout(240),
]


class Api:
    """The server's REST API as the tour's checks ask it."""

    org = "main"

    def __init__(self, server: Server) -> None:
        self.project = server.project
        self.get = server.api


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return LAUNCH_ARGUMENTS


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def display(tmp_path_factory):
    with screen(tmp_path_factory.mktemp("screen")) as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with server_away(tmp_path_factory.mktemp("server")) as made:
        made.init("fieldbook")
        made.start()
        yield made


@pytest.fixture
def person(display, server, tmp_path):
    with desk(display, tmp_path, server.dsn) as made:
        made.open_fieldbook()
        yield made


def await_whole(server: Server, name: str, count: int) -> dict:
    """Wait until the issue of this bug has everything that explains it, and return it."""
    expected = {row.name: 1 for row in BUGS} | {name: count}

    def look():
        return next(found for found in findings(Api(server), expected) if found.bug.name == name)

    until(lambda: not look().missing, 30, lambda: f"the whole issue, but: {look().missing}")
    return look().issue


def seen(server: Server, name: str) -> int:
    """Return how many reports of this bug the server has: tests of one file may come in any order."""
    return counts(Api(server))[name]


@pytest.mark.parametrize("row", [row for row in BUGS if row.kind != "native"], ids=lambda row: row.name)
def test_a_bug_met_at_the_desk_ends_as_the_right_issue(row, person, server, pictures):
    before = seen(server, row.name)
    person.reach(row.name)
    person.send(row.kind, row.words, pictures / f"crash-window-{row.name}.png")
    await_whole(server, row.name, before + 1)
    assert person.product.poll() is None, "Fieldbook goes on"


def test_a_native_crash_is_asked_about_at_the_next_start(person, server, pictures):
    row = bug("outline_pointer")
    person.reach(row.name)
    assert person.ended_by() == -signal.SIGSEGV
    person.open_fieldbook()
    person.send("native", row.words, pictures / "crash-window-native.png")
    await_whole(server, row.name, 1)


def test_a_second_equal_crash_raises_the_count_and_an_issue_page_tells_all(person, server, page, pictures):
    row = bug("filtered_row")
    person.screen.picture(pictures / "fieldbook.png", person.screen.window(FIELDBOOK))
    before = seen(server, row.name)
    person.reach(row.name)
    person.send("python", row.words)
    await_whole(server, row.name, before + 1)
    person.close()
    person.open_fieldbook()
    person.reach(row.name)
    person.send("python", row.words)
    issue = await_whole(server, row.name, before + 2)
    sign_in(page, server.url)
    listed = page.get_by_role("row").filter(has_text=issue["shortId"])
    expect(listed).to_contain_text("IndexError")
    expect(page.get_by_role("row").filter(has_text="IndexError")).to_have_count(1)
    page.screenshot(path=pictures / "issue-list.png")
    listed.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("IndexError")
    for text in (row.words, "visible_entries()[row]", "remove_selected", "Clicked Remove", "PySide6"):
        expect(page.get_by_text(text).first).to_be_visible()
    page.screenshot(path=pictures / "issue-page.png", full_page=True)


def test_feedback_without_a_crash_reaches_the_inbox(person, server, page, pictures):
    person.screen.key("alt+h", "f")
    window = person.screen.window("Send feedback to the makers", 60)
    person.screen.key("alt+i", "Tab")
    person.screen.type(FEEDBACK_WORDS)
    person.screen.picture(pictures / "feedback-window.png", window)
    person.screen.key("alt+s")
    until(lambda: person.screen.is_gone("Send feedback to the makers"), 20, "the feedback window to close")
    until(lambda: is_feedback_there(Api(server)), 30, "the feedback")
    sign_in(page, server.url)
    page.goto(f"{server.url}/feedback/")
    expect(page.get_by_text(FEEDBACK_WORDS)).to_be_visible()
    page.screenshot(path=pictures / "feedback-inbox.png")
