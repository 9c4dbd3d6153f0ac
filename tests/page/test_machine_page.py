"""« Cette machine » in a real browser: the facts in rows, the deep check, a backup, and the warning of a full disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.page.calls import CALLS
from app.page.calls.common import low_space
from app.page.service import Service, Visit
from core.errors import ChoiceError
from studio.desk import Desk
from studio.job import Job
from tests.page.conftest import named_context
from tests.page.served import served

SLOW = 300_000
"""Milliseconds that a busy computer may take to load every framework."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("machine") / "bureau") as address:
        yield address


def _open(page: Page, address: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(address)
    page.wait_for_function("window.desk && desk.ready")
    page.click(".frame .workshop")
    page.click(".frame [data-step=machine]")
    page.wait_for_selector(".machine .fact")


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_shows_what_the_machine_has_and_the_deep_check_ends(page: Page, address: str) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    _open(page, address)
    expect(page.locator(".machine [data-fact=cv2]")).to_contain_text("✓ bon")
    expect(page.locator(".machine h1")).to_have_attribute("data-ready", "true")
    assert page.locator(".machine .fact").count() > 25
    assert page.locator(".machine [data-bar]").count() == 3
    expect(page.locator(".machine [data-kind=triage_1000]")).to_contain_text("environ")
    expect(page.locator(".machine [data-kind=replace_30]")).to_contain_text("demande le modèle")
    page.focus(".machine .deep")
    page.keyboard.press("Enter")
    expect(page.locator(".frame .jobs")).to_contain_text("1 tâche")
    page.wait_for_selector(".machine [data-fact=diffusers]", timeout=SLOW)
    expect(page.locator(".machine [data-fact=triage][data-state=good]")).to_contain_text("chargement compris")
    expect(page.locator(".machine .side")).to_contain_text("Tous les moteurs répondent.")
    page.click("[data-lang=en]")
    expect(page.locator(".machine [data-fact=cv2]")).to_contain_text("✓ good")
    expect(page.locator(".machine [data-fact=triage]")).to_contain_text("loading included")
    page.click("[data-lang=fr]")
    expect(page.locator(".machine [data-fact=cv2]")).to_contain_text("✓ bon")
    assert problems == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_backup_goes_to_the_folder_that_was_typed_and_the_page_remembers_it(
    page: Page, address: str, tmp_path: Path
) -> None:
    _open(page, address)
    expect(page.locator(".machine .last")).to_contain_text("Aucune sauvegarde")
    page.fill("#pk-backup-folder", str(tmp_path / "cle-absente" / "sauvegarde"))
    page.click(".machine .backup")
    expect(page.locator(".toast.error")).to_contain_text("n'existe pas")
    page.fill("#pk-backup-folder", str(tmp_path / "sauvegarde"))
    page.click(".machine .backup")
    expect(page.locator(".machine .side")).to_contain_text(f"Sauvegardé dans « {tmp_path / 'sauvegarde'} ».")
    assert (tmp_path / "sauvegarde" / "paddock.db").is_file()
    expect(page.locator(".machine .last")).to_contain_text(str(tmp_path / "sauvegarde"))
    page.reload()
    expect(page.locator(".machine .last")).to_contain_text(str(tmp_path / "sauvegarde"))


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_fits_a_small_screen_and_the_frame_warns_of_a_full_disk(browser: Browser, address: str) -> None:
    context = named_context(browser, "Camille", viewport={"width": 1024, "height": 768})
    page = context.new_page()
    _open(page, address)
    assert page.evaluate("document.querySelector('.machine .work').scrollWidth <= innerWidth")
    expect(page.locator(".machine .side")).to_be_hidden()
    page.click(".machine .fold")
    expect(page.locator(".machine .backup")).to_be_visible()
    expect(page.locator(".frame .space")).to_be_hidden()
    page.evaluate("desk.set({ step: 'sort' }); desk.emit('space', '1,2 Go')")
    expect(page.locator(".frame .space")).to_contain_text("Il ne reste que 1,2 Go")
    page.click(".frame .space button")
    assert page.evaluate("desk.state.step") == "machine"
    context.close()


# Without a browser


@pytest.fixture
def service(desk: Desk) -> Iterator[Service]:
    opened = Service(desk)
    yield opened
    opened.jobs.close()


def test_who_does_not_sit_at_the_machine_learns_nothing_of_it(service: Service) -> None:
    guest = Visit(service.desk, "fr", "abc", local=False)
    for name in ("machine", "machine_check", "machine_backup"):
        with pytest.raises(ChoiceError):
            CALLS[name](service, guest, {"folder": "/tmp/x"})
    assert service.jobs.all() == []


def test_a_backup_needs_a_whole_path_or_a_disk_that_is_offered(service: Service) -> None:
    visit = Visit(service.desk, "fr", "abc", local=True)
    with pytest.raises(ChoiceError, match="whole path"):
        CALLS["machine_backup"](service, visit, {"folder": "sauvegarde"})
    with pytest.raises(ChoiceError, match="no longer there"):
        CALLS["machine_backup"](service, visit, {"disk": "/etc"})


def test_the_deep_check_can_be_cancelled_from_the_jobs(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = Visit(service.desk, "fr", "abc", local=True)
    job: Job | None = service.jobs.get(CALLS["machine_check"](service, visit, {})["job"])
    assert job is not None
    job.cancel()
    assert job.wait(30)
    assert job.state == "cancelled"


def test_little_room_is_told_with_the_changes_and_much_is_not(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = Visit(service.desk, "fr", "abc", local=True)
    for free, told in ((1_234_000_000, "1,2 Go"), (90 * 10**9, "")):
        monkeypatch.setattr("app.page.calls.common.free_bytes", lambda folder, free=free: free)
        assert low_space(service.desk.workspace, visit) == told
        assert CALLS["changes"](service, visit, {})["low_space"] == told

    def gone(folder: Path) -> int:
        raise OSError(5, "gone")

    monkeypatch.setattr("app.page.calls.common.free_bytes", gone)
    assert low_space(service.desk.workspace, visit) == ""
