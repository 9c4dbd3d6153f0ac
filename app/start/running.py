"""Is Paddock running already? A second double click then shows its page again instead of starting another one."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

NOTE = Path("logs") / "page.address"
NAME = "Paddock"
WAIT_SECONDS = 3.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")


def note_address(root: Path, line: str) -> bool:
    """Keep the address that the page prints once it answers, without what follows it; True when the line has one."""
    found = _ADDRESS.search(line)
    if found:
        (root / NOTE).parent.mkdir(exist_ok=True)
        (root / NOTE).write_text(found.group(0), "utf-8")
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
    if not _ADDRESS.fullmatch(address):
        return None
    # Never through a proxy: it could not know this machine's own addresses.
    ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with ask.open(f"{address}manifest.webmanifest", timeout=WAIT_SECONDS) as answer:
            said = json.load(answer)
    except (OSError, ValueError):
        return None  # it ended without a word (a kill, a power cut), or another program has the port now
    return address if isinstance(said, dict) and said.get("short_name") == NAME else None
