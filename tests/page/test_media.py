"""Pictures for the page: decoded in a worker, refused in words, and the page answers on whatever a photo does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fastapi
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.page.media import router
from app.page.service import Service
from core.settings import Settings
from studio.desk import Desk
from studio.engines import WorkerEngines
from studio.importing import import_photos
from studio.previews import PROXY, THUMB, place
from studio.workspace import Workspace
from tests.made import mask_png, saved, scene


@pytest.fixture(scope="module")
def engines() -> Iterator[WorkerEngines]:
    running = WorkerEngines()
    yield running
    running.close()


@pytest.fixture
def service(workspace: Workspace, engines: WorkerEngines) -> Service:
    return Service(Desk(workspace, engines, Settings(workspace=workspace.folder), "Camille"))


@pytest.fixture
def browser(service: Service, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Asks for pictures of a page in whose process opening one fails."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a picture was opened in the page's process")

    monkeypatch.setattr(Image, "open", refuse)
    app = fastapi.FastAPI()
    app.include_router(router(service))
    return TestClient(app)


@pytest.fixture
def photo(service: Service, tmp_path: Path) -> str:
    (sha,) = import_photos(service.desk, [saved(tmp_path / "a.png", scene(2000, 1000))]).added
    return sha


@pytest.mark.parametrize(("size", "side"), [("thumb", THUMB), ("proxy", PROXY)])
def test_a_reduced_photo_is_made_by_a_worker(
    browser: TestClient, service: Service, photo: str, size: str, side: int
) -> None:
    answer = browser.get(f"/media/{size}/{photo}.jpg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content == place(service.desk.workspace, photo, side).read_bytes()


def test_a_mask_is_made_by_a_worker(browser: TestClient, service: Service, tmp_path: Path) -> None:
    (tmp_path / "m.png").write_bytes(mask_png(np.eye(40, dtype=np.bool_)))
    sha = service.desk.workspace.store.add(tmp_path / "m.png").sha256
    answer = browser.get(f"/media/mask/{sha}.png")
    assert answer.status_code == 200
    assert answer.content[:4] == b"\x89PNG"


def test_a_shared_photo_is_made_small_by_a_worker(browser: TestClient, service: Service, tmp_path: Path) -> None:
    address = service.share(saved(tmp_path / "b.jpg", scene(900, 600)))
    answer = browser.get(f"/{address}")
    assert answer.status_code == 200
    assert answer.content[:3] == b"\xff\xd8\xff"


def test_a_file_that_is_no_photo_is_refused_and_the_next_photo_shown(
    browser: TestClient, service: Service, photo: str, tmp_path: Path
) -> None:
    (tmp_path / "x.jpg").write_text("<html>")
    sha = service.desk.workspace.store.add(tmp_path / "x.jpg").sha256
    for address in (f"/media/thumb/{sha}.jpg", f"/media/mask/{sha}.png", "/" + service.share(tmp_path / "x.jpg")):
        answer = browser.get(address)
        assert answer.status_code == 404
        assert "does not open" in answer.json()["detail"] or "not of an accepted format" in answer.json()["detail"]
    assert browser.get(f"/media/proxy/{photo}.jpg").status_code == 200
