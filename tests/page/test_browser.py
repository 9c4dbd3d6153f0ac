"""Opening the page: a window of its own where a Chromium-like browser is there, the usual browser elsewhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.page import browser
from app.page.browser import browsers, open_address

ADDRESS = "http://127.0.0.1:7860/"


def _program(path: Path, script: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    return path


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that the usual browser was asked to open."""
    opened: list[str] = []

    def opens(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(browser.webbrowser, "open", opens)
    return opened


def test_browsers_on_the_path_come_first_and_in_a_fixed_order(tmp_path: Path) -> None:
    edge = _program(tmp_path / "bin" / "microsoft-edge")
    chromium = _program(tmp_path / "bin" / "chromium")
    flatpak = _program(tmp_path / "var/lib/flatpak/exports/bin/com.google.Chrome")
    _program(tmp_path / "bin" / "firefox")
    found = list(browsers({"PATH": str(tmp_path / "bin")}, "linux", tmp_path))
    assert found == [(chromium, "Chromium"), (edge, "Edge"), (flatpak, "Chrome")]


def test_applications_of_a_mac_are_found(tmp_path: Path) -> None:
    chrome = _program(tmp_path / "Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    brave = _program(tmp_path / "Users/lea/Applications/Brave Browser.app/Contents/MacOS/Brave Browser")
    found = list(browsers({"PATH": "", "HOME": "/Users/lea"}, "darwin", tmp_path))
    assert found == [(chrome, "Chrome"), (brave, "Brave")]


def test_programs_of_windows_are_found(tmp_path: Path) -> None:
    edge = _program(tmp_path / "x86" / "Microsoft/Edge/Application/msedge.exe")
    vivaldi = _program(tmp_path / "local" / "Vivaldi/Application/vivaldi.exe")
    variables = {"PATH": "", "ProgramFiles(x86)": str(tmp_path / "x86"), "LocalAppData": str(tmp_path / "local")}
    assert list(browsers(variables, "win32")) == [(edge, "Edge"), (vivaldi, "Vivaldi")]


def test_the_page_opens_as_a_window_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: list[str]
) -> None:
    record = tmp_path / "called"
    _program(
        tmp_path / "bin" / "chromium", f'#!/bin/sh\necho "$*" > "{record}.part"\n/bin/mv "{record}.part" "{record}"\n'
    )
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert open_address(ADDRESS, window=True) == "Chromium"
    for _ in range(1000):
        if record.exists():
            break
        time.sleep(0.01)
    assert record.read_text() == f"--app={ADDRESS} --window-size=1366,860\n"
    assert usual == []


def test_a_browser_that_cannot_start_gives_way_to_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: list[str]
) -> None:
    _program(tmp_path / "bin" / "chromium", "#!/bin/sh\nexit 1\n")
    monkeypatch.setattr(browser, "LINUX", {})
    monkeypatch.setattr(browser, "EARLY_SECONDS", 30)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert open_address(ADDRESS, window=True) == "browser"
    assert usual == [ADDRESS]


def test_without_the_wish_for_a_window_none_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: list[str]
) -> None:
    _program(tmp_path / "bin" / "chromium", f"#!/bin/sh\n: > {tmp_path / 'called'}\n")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert open_address(ADDRESS, window=False) == "browser"
    assert usual == [ADDRESS]
    assert not (tmp_path / "called").exists()


def test_where_no_browser_opens_it_is_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.webbrowser, "open", lambda address: False)
    assert open_address(ADDRESS, window=False) == ""


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("Edge", "La page est ouverte dans sa propre fenêtre (Edge)."),
        ("browser", "la page est dans le navigateur habituel."),
        ("", f"Ouvrez vous-même l'adresse {ADDRESS}"),
    ],
)
def test_the_command_says_how_the_page_was_opened(
    how: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.cli import desk

    monkeypatch.setattr(browser, "open_address", lambda address, *, window: how)
    desk._show(ADDRESS, True, "fr")
    assert words in capsys.readouterr().out
