"""The page as an application: one manifest, icons of the sizes it names, and a worker that never shows old things."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from app.page import installable
from app.page.icons.make import icon
from tests.page.conftest import ARGUMENTS
from tests.page.served import served


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.include_router(installable.router())
    return TestClient(app)


def test_both_addresses_give_the_same_manifest_in_french(client: TestClient) -> None:
    answers = [client.get(f"/manifest.{ending}") for ending in ("webmanifest", "json")]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["content-type"].startswith("application/manifest+json")
    manifest = answers[0].json()
    assert (manifest["name"], manifest["lang"]) == ("Paddock, le bureau photo", "fr")
    assert (manifest["start_url"], manifest["display"], manifest["theme_color"]) == ("/", "standalone", "#1f4d3a")


def test_every_icon_is_there_and_as_large_as_the_manifest_says(client: TestClient, tmp_path: Path) -> None:
    purposes = set()
    for entry in client.get("/manifest.json").json()["icons"]:
        answer = client.get(entry["src"])
        (tmp_path / "icon.png").write_bytes(answer.content)
        with Image.open(tmp_path / "icon.png") as picture:
            assert f"{picture.width}x{picture.height}" == entry["sizes"]
        assert len(answer.content) < 10_000
        purposes.add((entry["sizes"], entry["purpose"]))
    assert purposes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}
    for name in re.findall(r'href="(/icons/[^"]+)"', installable.HEAD):
        assert client.get(name).status_code == 200


def test_nothing_but_icons_is_given_below_icons(client: TestClient) -> None:
    for name in ("make.py", "__init__.py", "..%2Fserver.py", "%2e%2e/base.css"):
        assert client.get(f"/icons/{name}").status_code == 404


def test_the_icon_is_the_half_filled_circle_in_racing_green() -> None:
    picture = icon(192, maskable=True).convert("RGB")
    green, white = (0x1F, 0x4D, 0x3A), (255, 255, 255)
    assert [picture.getpixel(place) for place in ((0, 0), (96, 20), (120, 96))] == [green, green, green]
    assert [picture.getpixel(place) for place in ((75, 96), (50, 96), (141, 96))] == [white, white, white]
    assert icon(192, maskable=False).getpixel((0, 0))[3] == 0


def test_the_worker_touches_visits_alone_and_keeps_nothing() -> None:
    script = installable.service_worker()
    assert "__OFFLINE__" not in script
    assert 'if (event.request.mode !== "navigate") return;' in script
    assert re.search(r"\bcaches\b|\.put\(|\.match\(|indexedDB", script) is None
    page = json.loads(re.search(r"^const OFFLINE = (\".*\");$", script, re.MULTILINE)[1])
    assert "Relancez-le par un double clic" in page
    assert "Start it again with a double click" in page
    assert not re.search(r"__[A-Z]+__", page)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    """A Chromium with a profile of its own: a private window says that nothing is installable.

    By the driver that the session has started: two can't run in one thread.
    """
    system = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as profile:
        context = browser.browser_type.launch_persistent_context(profile, executable_path=system, args=ARGUMENTS)
        yield context
        context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_can_install_the_page_and_shows_ours_when_paddock_is_stopped(
    visitor: BrowserContext, tmp_path: Path
) -> None:
    page = visitor.new_page()
    with ExitStack() as running:
        address = running.enter_context(served(tmp_path / "atelier"))
        page.goto(address)
        page.locator("header.frame").wait_for()
        page.wait_for_function("navigator.serviceWorker.ready.then((found) => found.active.state === 'activated')")
        assert page.locator("link[rel=manifest]").count() == 1
        assert page.locator("meta[name=theme-color]").get_attribute("content") == "#1f4d3a"
        asked = visitor.new_cdp_session(page)
        manifest = asked.send("Page.getAppManifest")
        assert manifest["errors"] == []
        assert manifest["manifest"]["name"] == "Paddock, le bureau photo"
        assert asked.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
        page.reload()  # now through the worker
        page.locator("header.frame").wait_for()
        assert page.evaluate("navigator.serviceWorker.controller.scriptURL") == f"{address}sw.js"
        assert page.evaluate("caches.keys()") == []
    page.goto(address)
    assert page.title() == "Paddock est arrêté"
    assert page.locator("header.frame").count() == 0
    assert page.locator("section[lang=fr] p").first.inner_text().startswith("Relancez-le par un double clic")
    port = address.rsplit(":", 1)[1].strip("/")
    with served(tmp_path / "atelier", "--port", port):
        page.locator("header.frame").wait_for(timeout=60_000)  # it found Paddock again by itself
        assert page.title() == "Paddock"
