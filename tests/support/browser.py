"""Debian's Chromium through Playwright: how it is started, signing in, and the accessibility check."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from support.servers import ADMIN_EMAIL, ADMIN_PASSWORD

LAUNCH_ARGUMENTS: dict[str, Any] = {
    "executable_path": "/usr/bin/chromium",
    "args": [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
}


def sign_in(page: Page, url: str, email: str = ADMIN_EMAIL, password: str = ADMIN_PASSWORD) -> None:
    """Sign in as a person would, and wait for the issue list."""
    page.goto(f"{url}/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/issues/")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page, one line each."""
    found = Axe().run(page).response["violations"]
    return [f"{entry['id']}: {node['html'][:160]}" for entry in found for node in entry["nodes"]]
