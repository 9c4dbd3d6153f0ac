"""The page opened again from itself: what it refuses to cut off, whom it listens to, what it leaves to guests."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from app.page.calls import CALLS
from app.page.logins import Logins
from app.page.service import Service, Visit
from app.page.sharing import Sharing
from app.page.tunnel import Tunnel
from core.errors import ChoiceError, SettingsError
from studio.desk import Desk
from studio.job import Job
from tests.page.attacked import GUEST_HOST, PASSWORD, is_ready, needs_second_address
from tests.page.conftest import named_context
from tests.page.served import Serving, serving


@pytest.fixture
def service(desk: Desk) -> Iterator[Service]:
    opened = Service(desk, sharing=Sharing(port=7860))
    yield opened
    opened.jobs.close()


@pytest.fixture
def owner(service: Service) -> Visit:
    return Visit(service.desk, "fr", "abc", local=True)


def test_two_tabs_that_ask_at_once_get_one_key_and_one_refusal(service: Service, owner: Visit) -> None:
    door = CALLS["share"](service, owner, {"mode": "share"})["door"]
    with pytest.raises(ChoiceError, match="opening again already"):
        CALLS["share"](service, owner, {"mode": "local"})
    assert service.then is not None
    assert service.then.door == door
    assert service.then.mode == "share"


def test_a_guest_can_t_open_the_page_again_and_gets_no_key(service: Service) -> None:
    guest = Visit(service.desk, "fr", "abc", local=False)
    with pytest.raises(ChoiceError):
        CALLS["share"](service, guest, {"mode": "local"})
    assert service.then is None


@pytest.mark.parametrize("mode", ["", "LAN", None, "public"])
def test_an_unknown_way_of_sharing_closes_nothing(service: Service, owner: Visit, mode: str | None) -> None:
    with pytest.raises(SettingsError):
        CALLS["share"](service, owner, {"mode": mode})
    assert service.then is None


def test_photos_on_their_way_and_work_that_somebody_waits_for_are_not_cut_off(service: Service, owner: Visit) -> None:
    go_on = threading.Event()

    def work(job: Job) -> None:
        go_on.wait(30)

    job = service.jobs.get(service.start("remove", owner, work)["job"])
    assert job is not None
    with pytest.raises(ChoiceError) as refused:
        CALLS["share"](service, owner, {"mode": "local"})
    assert "« Effacer » est en cours" in refused.value.message("fr")
    assert "annulez-le dans « Tâches »" in refused.value.message("fr")
    go_on.set()
    assert job.wait(30)
    sending = service.jobs.submit("import", [], who="Ana", more=True)
    with pytest.raises(ChoiceError) as refused:
        CALLS["share"](service, owner, {"mode": "local"})
    assert "des photos arrivent encore (Ana)" in refused.value.message("fr")
    assert service.then is None
    sending.seal()
    assert sending.wait(30)
    CALLS["share"](service, owner, {"mode": "local"})
    assert service.then is not None


@needs_second_address
def test_a_port_that_is_taken_on_the_network_is_told_before_the_page_closes(
    service: Service, owner: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.page.calls.sharing.lan_address", lambda: GUEST_HOST)
    with socket.socket() as other:
        other.bind((GUEST_HOST, 0))
        other.listen()
        service.sharing.port = other.getsockname()[1]
        with pytest.raises(ChoiceError, match="another program holds"):
            CALLS["share"](service, owner, {"mode": "lan"})
        assert service.then is None
    CALLS["share"](service, owner, {"mode": "lan"})
    assert service.then is not None
    assert service.then.lan == GUEST_HOST


def test_a_link_that_comes_after_the_page_was_closed_is_ended_at_once(tmp_path: Path) -> None:
    sharing = Sharing(share=True)
    come, closed, told = threading.Event(), threading.Event(), threading.Event()

    def opener(port: int, folder: Path) -> Tunnel:
        come.wait(30)
        return Tunnel("https://tard.gradio.live", lambda: True, closed.set)

    thread = sharing.open_link(opener, tmp_path, told.set)
    sharing.close()
    come.set()
    thread.join(30)
    assert closed.is_set()
    assert sharing.link_host == ""
    assert not told.is_set()


def test_jobs_that_name_folders_of_the_machine_are_the_owner_s(service: Service, owner: Visit, tmp_path: Path) -> None:
    guest = Visit(service.desk, "fr", "xyz", local=False)
    id_ = CALLS["machine_backup"](service, owner, {"folder": str(tmp_path / "clé du service presse")})["job"]
    job = service.jobs.get(id_)
    assert job is not None
    for name in ("job", "cancel"):
        with pytest.raises(ChoiceError):
            CALLS[name](service, guest, {"id": id_})
    assert CALLS["changes"](service, guest, {})["jobs"] == []
    assert job.wait(60)
    assert CALLS["job"](service, owner, {"id": id_})["result"]["where"] == str(tmp_path / "clé du service presse")
    assert [row["kind"] for row in CALLS["changes"](service, owner, {})["jobs"]] == ["backup"]


def test_a_classifier_is_chosen_by_a_name_that_the_page_offers_never_by_a_path(
    service: Service, owner: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.page.calls.evaluate import _model

    heads = [{"id": "default", "title": "A"}, {"id": "/clé/modèles/triage-vgg16.safetensors", "title": "B"}]
    monkeypatch.setattr("app.page.calls.common.classifiers", lambda folder, language: heads)
    offered = CALLS["boot"](service, owner, {})["classifiers"]["fr"]
    assert [item["id"] for item in offered] == ["default", "triage-vgg16"]
    assert _model(service, "triage-vgg16") == "/clé/modèles/triage-vgg16.safetensors"
    for path in ("/etc/passwd.safetensors", "//ailleurs/x.safetensors", "/clé/modèles/triage-vgg16.safetensors"):
        with pytest.raises(ChoiceError, match="not offered"):
            _model(service, path)
        with pytest.raises(ChoiceError, match="not offered"):
            CALLS["evaluate"](service, owner, {"model": path, "folder": "x"})


def test_a_folder_s_files_are_laid_out_inside_the_temporary_folder_whatever_their_names_say(
    service: Service, owner: Visit, tmp_path: Path
) -> None:
    from app.page.calls.evaluate import _gather

    source = tmp_path / "envoi.bin"
    names = [
        "lot/ok/a.jpg", "x/C:/Windows/b.jpg", "..\\..\\etc\\c.jpg", "/etc/d.jpg", "lot/nul\0/e.jpg", "..",
        "y/" + "é" * 300 + "/f.jpg",
    ]  # fmt: skip
    files = {}
    for number, name in enumerate(names):
        path = source.with_name(f"envoi-{number}.bin")
        path.write_bytes(b"x")
        files[path] = name
    folder = _gather(owner, files)
    laid = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert len(laid) == len(names)
    assert "ok/00000-a.jpg" in laid
    assert "C_/Windows/00001-b.jpg" in laid
    assert not [part for path in laid for part in path.split("/") if part in ("..", "C:") or len(part.encode()) > 120]


def test_a_login_form_of_many_fields_is_refused_and_a_login_that_is_there_leads_on(
    shared: Serving, outside: str
) -> None:
    crowd = httpx.post(f"{outside}connexion", data={f"champ{number}": "x" for number in range(20)}, timeout=60)
    assert crowd.status_code == 400
    with httpx.Client(base_url=outside, timeout=60) as guest:
        assert guest.post("/connexion", data={"password": PASSWORD}).status_code == 303
        again = guest.get("/connexion?next=/config")
        assert (again.status_code, again.headers["location"]) == (303, "/config")
        assert guest.get("/").headers["cache-control"] == "no-store"
        left = guest.post("/deconnexion")
        assert left.headers["clear-site-data"] == '"cache"'
        assert guest.get("/connexion").status_code == 200


def test_the_door_s_key_is_of_the_logins_that_the_page_opens_with(service: Service, owner: Visit) -> None:
    door = CALLS["share"](service, owner, {"mode": "share"})["door"]
    found = re.fullmatch(r"http://127\.0\.0\.1:7860/entrer\?cle=(\S+)", door)
    assert found is not None
    assert service.then is not None
    assert isinstance(service.then.logins, Logins)
    assert service.then.logins.role_of(found.group(1)) is True


@pytest.mark.browser
@pytest.mark.slow
@needs_second_address
def test_back_after_a_logout_asks_for_the_password_and_shows_nothing(
    browser: Browser, shared: Serving, outside: str
) -> None:
    page = named_context(browser, "Sam").new_page()
    page.set_default_timeout(60_000)
    page.goto(outside)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Entrer").click()
    is_ready(page)
    page.locator(".frame .shared").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion")
    page.go_back()
    page.wait_for_url("**/connexion?next=/")
    assert page.locator(".pk.frame").count() == 0
    page.context.close()


@pytest.mark.browser
@pytest.mark.slow
def test_another_tab_of_the_same_browser_follows_when_the_page_is_opened_again(
    browser: Browser, tmp_path: Path
) -> None:
    with serving(tmp_path / "bureau") as served:
        context = named_context(browser, "Camille")
        one, other = context.new_page(), context.new_page()
        for page in (one, other):
            page.set_default_timeout(60_000)
            page.goto(served.address)
            is_ready(page)
        before = other.evaluate("desk.info.boot")
        one.bring_to_front()
        one.locator(".frame .workshop").click()
        one.locator(".share-menu").click()
        one.get_by_role("button", name="Lien public pour une démonstration").click()
        one.wait_for_function("window.desk?.ready && desk.info.sharing.mode === 'share'")
        other.wait_for_function(f"window.desk?.ready && desk.info.boot !== {before!r}")
        assert other.evaluate("[desk.info.sharing.mode, desk.info.sharing.local]") == ["share", True]
        one.locator(".frame .shared").click()
        one.get_by_role("button", name="Ne plus partager").click()
        one.wait_for_function("window.desk?.ready && desk.info.sharing.mode === 'local'")
        expect(one.locator(".frame .shared")).to_be_hidden()
        context.close()
