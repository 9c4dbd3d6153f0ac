"""Reduced copies for the screen: their sizes and places. Made on demand (studio.reading), deleted without harm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.workspace import Workspace  # the reading worker imports this module and needs no database

THUMB, PROXY = 360, 1280
SIDES = (THUMB, PROXY)
"""The two sizes in use, long side in pixels: the grid and tray, and the large view with its mask canvas."""


def place(workspace: Workspace, sha: str, side: int) -> Path:
    """Where the preview of a stored photo is kept."""
    return workspace.previews / sha[:2] / f"{sha}-{side}.jpg"


def proxy_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) of the PROXY preview of a photo of this size, as read_picture computes it."""
    longest = max(width, height)
    if longest <= PROXY:
        return width, height
    scale = PROXY / longest
    return max(1, round(width * scale)), max(1, round(height * scale))
