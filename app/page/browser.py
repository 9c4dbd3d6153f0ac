"""Open the page's address: as a window of its own where a Chromium-like browser is there, else in the usual browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

NAMES = {
    "google-chrome": "Chrome", "google-chrome-stable": "Chrome", "chromium": "Chromium", "chromium-browser": "Chromium",
    "microsoft-edge": "Edge", "microsoft-edge-stable": "Edge", "brave-browser": "Brave", "brave": "Brave",
    "vivaldi": "Vivaldi", "vivaldi-stable": "Vivaldi",
}  # fmt: skip
"""Commands on the PATH, in the order in which they are tried, and the names that people know."""
LINUX = {
    "/opt/google/chrome/chrome": "Chrome", "/snap/bin/chromium": "Chromium", "/snap/bin/brave": "Brave",
    "/var/lib/flatpak/exports/bin/com.google.Chrome": "Chrome",
    "/var/lib/flatpak/exports/bin/org.chromium.Chromium": "Chromium",
    "/var/lib/flatpak/exports/bin/com.brave.Browser": "Brave",
}  # fmt: skip
MACOS = {"Google Chrome": "Chrome", "Chromium": "Chromium", "Microsoft Edge": "Edge", "Brave Browser": "Brave",
         "Vivaldi": "Vivaldi"}  # fmt: skip
WINDOWS = {
    "Google/Chrome/Application/chrome.exe": "Chrome", "Chromium/Application/chrome.exe": "Chromium",
    "Microsoft/Edge/Application/msedge.exe": "Edge", "BraveSoftware/Brave-Browser/Application/brave.exe": "Brave",
    "Vivaldi/Application/vivaldi.exe": "Vivaldi",
}  # fmt: skip
SIZE = "1366,860"
EARLY_SECONDS = 1.5
"""A browser that can't start (no screen, a broken package) ends within this time with an error."""


def open_address(address: str, *, window: bool) -> str:
    """Open the page; how: "Chrome", "Edge" … for a window of its own, "browser" for the usual one, "" for none."""
    if window:
        for program, name in browsers():
            if _window(program, address):
                return name
    return "browser" if webbrowser.open(address) else ""


def browsers(
    environment: Mapping[str, str] | None = None, platform: str = sys.platform, root: Path = Path("/")
) -> Iterator[tuple[Path, str]]:
    """(program, name) of every Chromium-like browser that is there. root: where absolute places begin (for tests)."""
    environment = os.environ if environment is None else environment
    for command, name in NAMES.items():
        found = shutil.which(command, path=environment.get("PATH", ""))
        if found:
            yield Path(found), name
    for place, name in _places(environment, platform):
        program = root / place.relative_to(place.anchor) if root != Path("/") else place
        if program.is_file():
            yield program, name


def _places(environment: Mapping[str, str], platform: str) -> Iterator[tuple[Path, str]]:
    """Where installers put browsers without naming them on the PATH."""
    if platform == "win32":
        for variable in ("ProgramFiles", "ProgramFiles(x86)", "LocalAppData"):
            folder = environment.get(variable) or environment.get(variable.upper())
            if folder:
                yield from ((Path(folder) / below, name) for below, name in WINDOWS.items())
    elif platform == "darwin":
        for folder in ("/Applications", f"{environment.get('HOME', '')}/Applications"):
            for application, name in MACOS.items():
                yield Path(folder) / f"{application}.app/Contents/MacOS/{application}", name
    else:
        yield from ((Path(place), name) for place, name in LINUX.items())


def _window(program: Path, address: str) -> bool:
    """Start the browser in a process that outlives Paddock; False when it can't start."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    try:
        process = subprocess.Popen(
            [str(program), f"--app={address}", f"--window-size={SIZE}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **detached,
        )  # fmt: skip
    except OSError:
        return False  # there, but not to be run: the next one is tried
    try:
        # A browser that is open already takes the address over and ends with 0.
        return process.wait(EARLY_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
