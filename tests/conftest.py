"""What all tests share: small photos, an opened workspace, a desk whose engines run in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.settings import Settings
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.workspace import Workspace
from tests.made import poster, saved, scene

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("paddock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("paddock")


@pytest.fixture
def photos_folder(tmp_path: Path) -> Path:
    """Three photos: a JPEG, a PNG with a red panel, and an accented name one folder down."""
    folder = tmp_path / "photos"
    saved(folder / "virage.jpg", scene(90, 60, seed=1))
    saved(folder / "panneau.png", poster())
    saved(folder / "stands" / "été à l'aube.jpg", scene(64, 96, seed=2))
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace.open(tmp_path / "atelier")
    yield opened
    opened.close()


@pytest.fixture
def desk(workspace: Workspace, tmp_path: Path) -> Desk:
    """A desk with no models folder; tasks run in this process."""
    return Desk(workspace, InlineEngines(), Settings(workspace=workspace.folder), "Camille")


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The users' photos and styles, where this machine has them."""
    named = os.environ.get("PADDOCK_SHARED", "")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not (folder / "photos").is_dir():
        pytest.skip("the users' photos are not on this machine (set PADDOCK_SHARED to their folder)")
    return folder
