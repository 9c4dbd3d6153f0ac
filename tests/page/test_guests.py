"""The owner and a guest in two browsers, and another site's page in one."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.attacked import (
    CALL,
    GUEST_HOST,
    PASSWORD,
    is_ready,
    needs_second_address,
)
from tests.page.conftest import named_context
from tests.page.served import Serving, serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_owner_and_a_guest_work_on_the_same_photos_and_the_guest_has_no_folders_of_the_machine(
    browser: Browser, shared: Serving, outside: str
) -> None:
    mine, theirs = named_context(browser, "Camille"), named_context(browser, "Zoé")
    here, there = mine.new_page(), theirs.new_page()
    for page in (here, there):
        page.set_default_timeout(60_000)
    here.goto(shared.door)
    is_ready(here)
    assert here.url == shared.address
    if not here.evaluate("desk.photos.size"):
        here.evaluate("desk.trySamples()")
    here.wait_for_function("desk.photos.size > 0 && [...desk.photos.values()].every(p => p.label)")
    expect(here.locator(".frame .shared")).to_have_text("Partagé")
    here.locator(".frame .shared").click()
    expect(here.locator(".share .told")).to_have_text([outside, PASSWORD])
    expect(here.locator(".share .qr")).to_be_visible()

    there.goto(outside)
    there.locator("#password").fill("pas le bon")
    there.get_by_role("button", name="Entrer").click()
    expect(there.get_by_role("alert")).to_contain_text("Ce n'est pas le mot de passe")
    there.locator("#password").fill(PASSWORD)
    there.get_by_role("button", name="Entrer").click()
    is_ready(there)
    expect(there.locator(".frame .shared")).to_have_text("Invité")

    sha = here.evaluate("[...desk.photos.keys()][0]")
    decide = "([sha, label]) => desk.call('decide', {photos: [sha], label})"
    seen = "([sha, label]) => desk.photos.get(sha)?.hand === label"
    for page, other, label in ((here, there, "exclure"), (there, here, "ok")):
        page.evaluate(decide, [sha, label])
        other.wait_for_function(seen, arg=[sha, label])

    refused = there.evaluate("desk.call('evaluate', {folder: '/'}).catch(error => error.message)")
    assert "dossiers de l'ordinateur où tourne Paddock" in refused
    there.evaluate("desk.set({step: 'evaluate'})")
    expect(there.locator("#pk-folder")).to_have_attribute("readonly", "")
    here.evaluate("desk.set({step: 'evaluate'})")
    expect(here.locator("#pk-folder")).not_to_have_attribute("readonly", "")

    there.locator(".frame .shared").click()
    expect(there.locator(".share .qr")).to_have_count(0)
    there.get_by_role("button", name="Se déconnecter").click()
    there.wait_for_url("**/connexion")
    assert there.request.get(f"{outside}config").status == 401
    assert here.evaluate("desk.call('changes', {after: 0}).then(news => news.photos.length)") > 0
    mine.close()
    theirs.close()


def test_the_gate_s_words_are_shown_and_a_login_that_ended_leads_to_the_login_page(page: Page, outside: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{outside}connexion")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    is_ready(page)
    told = {"status": 507, "content_type": "text/plain; charset=utf-8", "body": "Disque plein ici.\nDisk full here."}
    page.route("**/gradio_api/upload*", lambda route: route.fulfill(**told))  # type: ignore[arg-type]
    page.set_input_files(".sort .files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    expect(page.locator(".toast", has_text="Disque plein ici.")).to_be_visible()
    assert page.locator(".toast", has_text="Disk full").count() == 0
    page.context.clear_cookies()
    page.wait_for_url("**/connexion*")


@needs_second_address
def test_a_page_of_another_site_can_t_drive_the_desk_and_its_link_opens_it(
    page: Page, alone: str, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(f'<a href="{alone}">Paddock</a><iframe src="{alone}"></iframe>', "utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    site = ThreadingHTTPServer((GUEST_HOST, 0), handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    try:
        page.set_default_timeout(60_000)
        page.goto(alone)
        is_ready(page)
        page.goto(f"http://{GUEST_HOST}:{site.server_address[1]}/")
        tried = page.evaluate(
            """async ([url, call]) => {
                const ask = (target, options) =>
                    fetch(url + target, options).then((answer) => answer.type + answer.status, () => "failed");
                const form = new FormData();
                form.append("files", new Blob(["x"]), "x.png");
                const image = (src) => new Promise((done) => { const node = new Image();
                    node.onload = () => done("seen"); node.onerror = () => done("unseen"); node.src = url + src; });
                return [
                    await ask(call, {method: "POST", body: "{}"}),
                    await ask("gradio_api/upload", {method: "POST", body: form}),
                    await ask("config"), await image("icons/icon-192.png"),
                ];
            }""",
            [alone, CALL.lstrip("/")],
        )
        assert tried == ["failed", "failed", "failed", "unseen"]
        assert page.frames[1].url.startswith("chrome-error") or page.frames[1].evaluate("typeof desk") == "undefined"
        page.get_by_text("Paddock").click()
        is_ready(page)
        assert page.url == alone
    finally:
        site.shutdown()
        site.server_close()


def test_a_page_is_opened_to_the_network_and_closed_again_from_the_page_itself(
    browser: Browser, tmp_path: Path
) -> None:
    from app.page.lan import own_addresses

    if not own_addresses():
        pytest.skip("this machine is on no network")
    with serving(tmp_path / "bureau") as served:
        page = named_context(browser, "Camille").new_page()
        page.set_default_timeout(60_000)
        page.goto(served.address)
        is_ready(page)
        before = page.evaluate("desk.info.boot")
        sharing = "window.desk?.ready && desk.info.sharing.mode === '{}'"

        page.evaluate("document.querySelector('.frame .workshop').click()")
        page.get_by_role("button", name="Partager", exact=True).click()
        page.get_by_role("button", name="Ouvrir au réseau local").click()
        page.wait_for_function(sharing.format("lan"))
        assert page.evaluate("desk.info.boot") != before
        assert page.evaluate("desk.info.sharing.local") is True
        page.locator(".frame .shared").click()
        address = page.locator(".share .told").first.inner_text()
        assert urlsplit(address).hostname in own_addresses()
        assert urlsplit(address).port == urlsplit(served.address).port
        with httpx.Client(base_url=address) as stranger:
            assert stranger.get("/config").status_code == 401

        page.get_by_role("button", name="Ne plus partager").click()
        page.wait_for_function(sharing.format("local"))
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, timeout=5)
