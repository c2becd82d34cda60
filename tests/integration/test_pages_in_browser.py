"""The pages in a real browser, served by a real server that got a week of reports over HTTP."""

import re

import pytest
from playwright.sync_api import expect

from crashdesk import clock
from support.browser import LAUNCH_ARGUMENTS, sign_in, violations
from support.events import event, raised
from support.posting import envelope_of, post, until_stored
from support.servers import running_server
from support.story import Told, week

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return LAUNCH_ARGUMENTS


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A running server with a week of Fieldbook's reports."""
    with running_server(tmp_path_factory.mktemp("pages"), CRASHDESK_QUOTAS="off") as server:
        now = clock.now()
        reports = week(now)
        for told in reports:
            post(server, envelope_of(told, now))
        until_stored(server, len(reports))
        yield server


@pytest.fixture
def complaints(page):
    """Collect what the browser complains about: script errors, and what the policy forbids."""
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type in {"error", "warning"} else None)
    yield found
    assert not found


@pytest.fixture
def signed_in(desk, page, complaints):
    sign_in(page, desk.url)
    return page


def issue_row(page, name):
    return page.get_by_role("row").filter(has_text=name)


def open_issue(page, name):
    issue_row(page, name).get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_the_list_shows_each_failure_once_with_its_counts(signed_in):
    expect(signed_in.locator("tr[data-issue]")).to_have_count(7)
    row = issue_row(signed_in, "IndexError in remove_selected")
    expect(row).to_contain_text("Error")
    expect(row).to_contain_text("40")
    expect(issue_row(signed_in, "Hang in search_all")).to_contain_text("Hang")


def test_an_issue_tells_line_steps_machine_and_words(signed_in):
    open_issue(signed_in, "IndexError in remove_selected")
    expect(signed_in.locator("li.failing").first).to_contain_text("entry = self.entries[row.row()]")
    expect(signed_in.locator("#trail")).to_contain_text("clicked Remove in Entries")
    expect(signed_in.locator("#snapshot")).to_contain_text("Operating system")
    expect(signed_in.get_by_text("the window was gone")).to_be_visible()
    expect(signed_in.locator(".shares")).to_contain_text("Windows")


def test_the_keyboard_alone_selects_resolves_and_undoes(signed_in):
    name = "ConnectionResetError"
    signed_in.locator("body").press("/")
    expect(signed_in.get_by_label("Search issues")).to_be_focused()
    signed_in.keyboard.type(f" {name}")
    signed_in.get_by_label("Search issues").fill(f"is:unresolved {name}")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("tr[data-issue]")).to_have_count(1)
    signed_in.locator("h1").click(force=True)
    signed_in.keyboard.press("j")
    expect(signed_in.get_by_role("link", name=name)).to_be_focused()
    signed_in.keyboard.press("x")
    expect(signed_in.get_by_text("1 issue selected")).to_be_visible()
    signed_in.keyboard.press("e")
    expect(signed_in.get_by_text("1 issue resolved.")).to_be_visible()
    expect(signed_in.get_by_text("No issue matches")).to_be_visible()
    signed_in.get_by_role("button", name="Undo").click()
    expect(signed_in.locator("tr[data-issue]")).to_have_count(1)


def test_after_a_change_by_key_the_next_key_goes_on_at_the_same_row(signed_in):
    rows = signed_in.locator("tr[data-issue]")
    third = rows.nth(2).get_attribute("data-issue")
    for key in "jjje":
        signed_in.keyboard.press(key)
    expect(signed_in.get_by_text("1 issue resolved.")).to_be_visible()
    expect(rows).to_have_count(6)
    expect(rows.nth(2)).to_have_class("current")
    signed_in.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(7)
    expect(rows.nth(2)).to_have_attribute("data-issue", third)


def test_keys_typed_into_a_field_are_only_text(signed_in):
    field = signed_in.get_by_label("Search issues")
    field.fill("")
    field.press_sequentially("jxe?")
    expect(field).to_have_value("jxe?")
    expect(signed_in.locator("#keys")).to_be_hidden()


def test_the_question_mark_shows_the_keys_and_escape_hides_them(signed_in):
    signed_in.locator("body").press("?")
    expect(signed_in.locator("#keys")).to_be_visible()
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator("#keys")).to_be_hidden()


def test_searching_swaps_the_list_and_back_restores_it(signed_in):
    signed_in.get_by_label("Search issues").fill("kind:native")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("tr[data-issue]")).to_have_count(1)
    assert "query=kind%3Anative" in signed_in.url
    signed_in.go_back()
    expect(signed_in.locator("tr[data-issue]")).to_have_count(7)


def test_an_issue_changes_in_place(signed_in):
    open_issue(signed_in, "AttributeError in apply_theme")
    signed_in.get_by_role("button", name="Ignore").click()
    expect(signed_in.locator("#issue-head .state")).to_have_text("ignored")
    signed_in.get_by_role("button", name="Undo").click()
    expect(signed_in.locator("#issue-head .state")).to_have_text("unresolved")
    signed_in.get_by_label("Assignee").select_option("me")
    signed_in.get_by_role("button", name="Assign").click()
    expect(signed_in.get_by_label("Assignee")).to_have_value(re.compile(r"\d+"))
    signed_in.reload()
    expect(signed_in.get_by_text("changed the assignee from nobody")).to_be_visible()


def test_what_the_server_refuses_is_said_on_the_page(signed_in, complaints):
    open_issue(signed_in, "AttributeError in apply_theme")
    signed_in.route("**/change/", lambda route: route.fulfill(status=500, body="no"))
    signed_in.get_by_role("button", name="Ignore").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("nothing was changed")
    assert all("500" in text for text in complaints)
    complaints.clear()


def test_a_session_that_ended_leads_to_signing_in_and_back(signed_in, context):
    context.clear_cookies()
    signed_in.get_by_label("Search issues").fill("kind:hang")
    signed_in.keyboard.press("Enter")
    signed_in.wait_for_url("**/login/?next=/issues/")


def test_an_attachment_with_a_hostile_name_is_saved_under_a_harmless_one(signed_in):
    open_issue(signed_in, "IndexError in remove_selected")
    signed_in.locator("#events tbody a").first.click()
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="../../etc/passwd").click()
    assert download.value.suggested_filename == "etc_passwd"


def test_feedback_is_read_and_marked(signed_in):
    signed_in.get_by_role("navigation", name="Pages").get_by_role("link", name="Feedback").click()
    words = signed_in.locator("article.words")
    expect(words).to_have_count(3)
    words.first.get_by_role("button", name="Mark as read").click()
    expect(words).to_have_count(2)


PAGES = (
    "/issues/",
    "/issues/?query=release:9&period=7d",
    "/issues/?query=is:nonsense",
    "/issues/DEFAULT-1/",
    "/issues/DEFAULT-1/events/",
    "/feedback/?show=all",
    "/failed/",
    "/projects/",
    "/projects/default/",
    "/help/search/",
    "/logout/",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible(desk, page, theme):
    page.emulate_media(color_scheme=theme)
    page.goto(f"{desk.url}/login/")
    assert violations(page) == []
    sign_in(page, desk.url)
    for path in PAGES:
        page.goto(desk.url + path)
        assert violations(page) == [], path
    page.goto(f"{desk.url}/issues/DEFAULT-1/")
    page.locator("#events tbody a").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    assert violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_window(desk, signed_in, path):
    signed_in.set_viewport_size({"width": 1024, "height": 700})
    signed_in.goto(desk.url + path)
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 1024


def test_the_lines_to_copy_reach_the_clipboard(signed_in, desk, context):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    signed_in.goto(f"{desk.url}/projects/")
    signed_in.get_by_role("button", name="Copy").click()
    expect(signed_in.get_by_role("button", name="Copied")).to_be_visible()
    assert signed_in.evaluate("navigator.clipboard.readText()") == desk.dsn


def test_a_report_that_arrives_is_told_and_the_list_stays(signed_in, desk):
    signed_in.get_by_label("Search issues").fill("BrandNewError")
    signed_in.keyboard.press("Enter")
    expect(signed_in.get_by_text("No issue matches")).to_be_visible()
    signed_in.goto(f"{desk.url}/issues/")
    body = event(raised("BrandNewError"), timestamp=clock.timestamp())
    post(desk, envelope_of(Told(body, "user-1"), clock.now()))
    expect(signed_in.get_by_text("1 issue has news")).to_be_visible(timeout=20_000)
    expect(signed_in.locator("tr[data-issue]")).to_have_count(7)
    signed_in.get_by_text("1 issue has news").click()
    expect(signed_in.locator("tr[data-issue]").first).to_contain_text("BrandNewError")


def test_the_first_issue_appears_by_itself(page, tmp_path):
    with running_server(tmp_path) as server:
        sign_in(page, server.url)
        expect(page.get_by_text("No report has arrived yet")).to_be_visible()
        assert violations(page) == []
        post(server, envelope_of(Told(event(timestamp=clock.timestamp()), "user-1"), clock.now()))
        expect(page.locator("tr[data-issue]")).to_have_count(1, timeout=20_000)
