"""One headless Chromium for the whole session, and a fresh page for each test."""

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

from tests.page.attacked import alone, guest, outside, owner, shared, shared_workspace  # noqa: F401 — fixtures

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system, else the one playwright has; without any: skipped, except when CI is set."""
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        try:
            chromium = driver.chromium.launch(executable_path=system, args=ARGUMENTS)
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"headless Chromium cannot be started here: {error.message.splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1366×768 with its own storage, of a person who has said who works."""
    context = named_context(browser, "Camille")
    yield context.new_page()
    context.close()


def named_context(browser: Browser, name: str, **options: Any) -> BrowserContext:
    """A browser of its own in which « Qui travaille ? » was answered; with the name "" it will be asked."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "fr-FR", **options})
    if name:
        context.add_init_script(
            f"""if (location.protocol.startsWith("http") && !localStorage.getItem("paddock:person"))
                localStorage.setItem("paddock:person", {json.dumps(name)});"""
        )
    return context
