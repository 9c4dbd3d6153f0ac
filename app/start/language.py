"""The language of the person at this computer: English where the system speaks English, else French."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from core.errors import Language


def system_language(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Language:
    """PADDOCK_LANG, else what the system says; "fr" when it says nothing or a third language."""
    environment = os.environ if environment is None else environment
    names = ("PADDOCK_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    said = next((environment[name] for name in names if environment.get(name)), "")
    if platform == "win32" and not environment.get("PADDOCK_LANG"):
        said = _windows()
    elif platform == "darwin" and said in ("", "C", "C.UTF-8", "POSIX"):
        said = _macos()
    return "en" if said.lower().startswith("en") else "fr"


def _windows() -> str:
    import ctypes
    import locale

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - the attribute exists on Windows only
    return locale.windows_locale.get(kernel.GetUserDefaultUILanguage(), "")


def _macos() -> str:
    """The first preferred language, as the system's settings keep it."""
    try:
        asked = subprocess.run(
            ["defaults", "read", "-g", "AppleLocale"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""  # not told: French, like any other system that says nothing
    return asked.stdout.strip()
