"""Is Paddock running already? A second double click then shows its page again instead of starting another one."""

from __future__ import annotations

import json
import os
import re
import urllib.request
from pathlib import Path

NOTE = Path("logs") / "page.address"
NAME = "Paddock"
WAIT_SECONDS = 3.0
_ADDRESS = re.compile(r"(http://127\.0\.0\.1:\d+/)(entrer\?cle=[\w-]+)?")
"""The page's address, with the owner's key when it is shared."""


def note_address(root: Path, line: str) -> bool:
    """Keep the address that the page prints once it answers, for this account's eyes only; True when the line has one.

    With the owner's key: without it a second double click would make the owner a guest of their own page.
    """
    found = _ADDRESS.search(line)
    if found:
        note = root / NOTE
        note.parent.mkdir(exist_ok=True)
        note.unlink(missing_ok=True)
        handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(found.group(0))
    return found is not None


def forget_address(root: Path) -> None:
    """The page has ended."""
    (root / NOTE).unlink(missing_ok=True)


def running_address(root: Path) -> str | None:
    """The address of this folder's page when one answers there, else None."""
    try:
        address = (root / NOTE).read_text("utf-8").strip()
    except OSError:
        return None
    found = _ADDRESS.fullmatch(address)
    if not found:
        return None
    # Never through a proxy: it could not know this machine's own addresses.
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with ask.open(f"{found.group(1)}manifest.webmanifest", timeout=WAIT_SECONDS) as answer:
            said = json.load(answer)
    except (OSError, ValueError):
        return None  # it ended without a word (a kill, a power cut), or another program has the port now
    return address if isinstance(said, dict) and said.get("short_name") == NAME else None
