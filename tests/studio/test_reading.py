"""Opening photos in the reading worker: what it tells, what it keeps, and what a heavy or deadly photo costs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.credits import Credits
from core.errors import Cancelled, EngineDied, PhotoTooHeavy, PhotoTooLarge, UnreadablePhoto, WrongExtension
from core.images import write_picture
from core.settings import Settings
from core.values import Reading, no_report
from studio import reading
from studio.desk import Desk
from studio.engines import InlineEngines, WorkerEngines
from studio.importing import import_photos
from studio.limits import Limits
from studio.previews import PROXY, THUMB, place
from studio.workspace import Workspace
from tests.made import encoded, mask_png, profile, saved, scene

SHA = "ab" * 32


@pytest.fixture(scope="module")
def engines() -> Iterator[WorkerEngines]:
    running = WorkerEngines()
    yield running
    running.close()


@pytest.fixture
def desk(workspace: Workspace, engines: WorkerEngines) -> Desk:
    return Desk(workspace, engines, Settings(workspace=workspace.folder), "Camille")


@pytest.fixture
def nothing_decoded_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the page's process, opening a picture fails: only a worker may."""

    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a picture was opened in the page's process")

    monkeypatch.setattr(Image, "open", refuse)


@pytest.mark.usefixtures("nothing_decoded_here")
def test_a_good_photo_is_told_and_its_thumbnail_kept(desk: Desk, tmp_path: Path) -> None:
    path = write_picture(
        tmp_path / "a.jpg", scene(900, 600), credits=Credits("A. Dupont", "ACO", "", "Virage"), icc=profile()
    )
    told = reading.take_in(desk, path, "virage.jpg", SHA)
    assert told == Reading(900, 600, "JPEG", "", Credits("A. Dupont", "ACO", "", "").line, "Virage")
    thumb = place(desk.workspace, SHA, THUMB).read_bytes()
    assert thumb[:3] == b"\xff\xd8\xff"
    assert profile() in thumb


def test_the_thumbnail_is_the_photo_at_360_pixels(desk: Desk, tmp_path: Path) -> None:
    reading.take_in(desk, saved(tmp_path / "a.png", scene(900, 600)), "a.png", SHA)
    with Image.open(place(desk.workspace, SHA, THUMB)) as image:
        assert image.size == (360, 240)
        expected = np.asarray(Image.fromarray(scene(900, 600)).resize((360, 240), Image.Resampling.LANCZOS))
        assert np.abs(np.asarray(image).astype(int) - expected.astype(int)).mean() < 6


def test_a_worker_and_this_process_tell_the_same(desk: Desk, workspace: Workspace, tmp_path: Path) -> None:
    path = saved(tmp_path / "a.tif", scene(500, 700), icc_profile=profile())
    told = reading.take_in(desk, path, "a.tif", SHA)
    kept = place(workspace, SHA, THUMB).read_bytes()
    place(workspace, SHA, THUMB).unlink()
    here = Desk(workspace, InlineEngines(), desk.settings, desk.who)
    assert reading.take_in(here, path, "a.tif", SHA) == told
    assert place(workspace, SHA, THUMB).read_bytes() == kept


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.jpg", encoded(scene(400, 300), "JPEG")[:900], UnreadablePhoto),
        ("a.jpg", b"<html>bonjour</html>", UnreadablePhoto),
        ("a.jpg", encoded(scene(8, 8), "PNG"), WrongExtension),
    ],
)
def test_a_bad_photo_is_refused_by_its_name_and_leaves_no_thumbnail(
    desk: Desk, tmp_path: Path, name: str, data: bytes, kind: type[Exception]
) -> None:
    (tmp_path / "upload-123").write_bytes(data)
    with pytest.raises(kind, match=name):
        reading.take_in(desk, tmp_path / "upload-123", name, SHA)
    assert not place(desk.workspace, SHA, THUMB).exists()


def test_a_thumbnail_that_can_not_be_written_does_not_refuse_the_photo(desk: Desk, tmp_path: Path) -> None:
    desk.workspace.previews.mkdir(exist_ok=True)
    (desk.workspace.previews / SHA[:2]).write_text("a file where the folder should be")
    assert reading.take_in(desk, saved(tmp_path / "a.png", scene(30, 20)), "a.png", SHA).width == 30


def test_a_photo_that_takes_too_much_memory_is_told_by_name_and_the_next_one_is_read(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bombe.png"
    Image.new("RGB", (9_000, 9_000)).save(path, compress_level=1)  # 0.4 MB that open to 324 MB
    assert path.stat().st_size < 2e6
    monkeypatch.setattr(reading, "READING", Limits(cpu_seconds=60, wall_seconds=60, megabytes=120))
    with pytest.raises(PhotoTooHeavy) as caught:
        reading.take_in(desk, path, "bombe.png", SHA)
    assert caught.value.message("fr").startswith("« bombe.png » n'a pas pu être ouverte : cela demande plus de 120 Mo")
    assert "Exportez-la de nouveau en JPEG" in caught.value.message("fr")
    assert "more than 120 MB of memory. Export it again as JPEG" in caught.value.message("en")
    assert reading.take_in(desk, saved(tmp_path / "a.png", scene(30, 20)), "a.png", SHA).height == 20


def test_a_photo_that_takes_too_long_is_told_by_name(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lente.png"
    Image.new("RGBA", (9_000, 9_000), (1, 2, 3, 4)).save(path, compress_level=1)
    monkeypatch.setattr(reading, "READING", Limits(cpu_seconds=0.1))
    with pytest.raises(PhotoTooHeavy, match=r"“lente.png” could not be opened: it takes more than 0.1 s of computing"):
        reading.examine(desk, path, "lente.png")


def test_whoever_allows_larger_photos_allows_them_more_time_and_memory(workspace: Workspace, tmp_path: Path) -> None:
    seen: list[Limits | None] = []

    class Noting(InlineEngines):
        def call(self, kind, task, /, *args, report=no_report, limits=None, **kwargs):  # type: ignore[no-untyped-def]
            seen.append(limits)
            return super().call(kind, task, *args, report=report, limits=limits, **kwargs)

    path = saved(tmp_path / "a.png", scene(30, 20))
    for megapixels in (50.0, 100.0, 300.0):
        desk = Desk(workspace, Noting(), Settings(max_megapixels=megapixels), "Camille")
        reading.examine(desk, path, "a.png")
    assert seen == [Limits(5, 60, 1024), Limits(5, 60, 1024), Limits(15, 180, 3072)]


def test_a_photo_of_more_pixels_than_allowed_is_refused_before_it_is_decoded(desk: Desk, tmp_path: Path) -> None:
    Image.new("1", (12_000, 12_000)).save(tmp_path / "a.png")
    with pytest.raises(PhotoTooLarge, match="144"):
        reading.take_in(desk, tmp_path / "a.png", "a.png", SHA)


class Deadly(InlineEngines):
    """Engines whose worker dies the first ``times``."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def call(self, kind, task, /, *args, report=no_report, limits=None, **kwargs):  # type: ignore[no-untyped-def]
        self.asked += 1
        if self.asked <= self.times:
            raise EngineDied(task=task, why="exit -11")
        return super().call(kind, task, *args, report=report, **kwargs)


def test_a_death_is_blamed_on_the_photo_only_when_a_second_worker_dies_of_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = saved(tmp_path / "a.png", scene(30, 20))
    once, ever = Deadly(1), Deadly(99)
    assert reading.examine(Desk(workspace, once, Settings(), "C"), path, "a.png").width == 30
    assert once.asked == 2
    with pytest.raises(PhotoTooHeavy) as caught:
        reading.examine(Desk(workspace, ever, Settings(), "C"), path, "a.png")
    assert ever.asked == 2
    assert "« a.png » n'a pas pu être ouverte : elle fait planter" in caught.value.message("fr")


def test_reading_stops_when_the_job_is_cancelled(desk: Desk, tmp_path: Path) -> None:
    def stop(fraction: float, doing: str) -> None:
        raise Cancelled(task="import")

    path = tmp_path / "lente.png"
    Image.new("RGBA", (9_000, 9_000), (1, 2, 3, 4)).save(path, compress_level=1)
    with pytest.raises(Cancelled):
        reading.take_in(desk, path, "lente.png", SHA, report=stop)
    assert not place(desk.workspace, SHA, THUMB).exists()


@pytest.fixture
def photo(desk: Desk, tmp_path: Path) -> str:
    (sha,) = import_photos(desk, [saved(tmp_path / "a.png", scene(2000, 1000))]).added
    return sha


@pytest.mark.usefixtures("nothing_decoded_here")
def test_a_preview_is_made_in_a_worker_once(desk: Desk, photo: str) -> None:
    path = reading.preview(desk, photo, PROXY)
    made = path.stat().st_mtime_ns
    assert reading.preview(desk, photo, PROXY) == path
    assert path.stat().st_mtime_ns == made
    with pytest.raises(ValueError, match="999"):
        reading.preview(desk, photo, 999)


class Nobody(InlineEngines):
    def call(self, kind, task, /, *args, report=no_report, limits=None, **kwargs):  # type: ignore[no-untyped-def]
        pytest.fail("a worker was asked")


def test_a_preview_that_is_there_needs_no_worker(desk: Desk, photo: str) -> None:
    alone = Desk(desk.workspace, Nobody(), desk.settings, desk.who)
    with Image.open(reading.preview(alone, photo, THUMB)) as image:
        assert image.size == (360, 180)


@pytest.mark.usefixtures("nothing_decoded_here")
def test_a_small_copy_of_any_file_comes_as_bytes(desk: Desk, tmp_path: Path) -> None:
    data = reading.small(desk, saved(tmp_path / "a.png", scene(900, 600)), THUMB)
    assert data[:3] == b"\xff\xd8\xff"


def test_a_mask_is_shown_at_the_size_of_the_screen_and_known_again(desk: Desk, tmp_path: Path) -> None:
    mask = np.zeros((1000, 2000), np.bool_)
    mask[100:301, 1500:1801] = True
    (tmp_path / "m.png").write_bytes(mask_png(mask))
    sha = desk.workspace.store.add(tmp_path / "m.png").sha256
    shown = reading.shown_mask(desk, sha)
    (tmp_path / "shown.png").write_bytes(shown)
    with Image.open(tmp_path / "shown.png") as image:
        assert image.size == (1280, 640)
        assert image.mode == "L"
        pixels = np.array(image)
    assert set(np.unique(pixels)) == {0, 255}
    assert pixels[120, 1050] == 255
    assert reading.is_untouched(desk, sha, shown)
    pixels[0, 0] = 255
    assert not reading.is_untouched(desk, sha, encoded(pixels, "PNG"))
    assert not reading.is_untouched(desk, sha, shown[:200])


def test_the_reading_worker_is_light_and_gives_way_to_others(engines: WorkerEngines, desk: Desk, photo: str) -> None:
    loaded = set(engines.call("read", "tests.studio.worker_tasks:modules"))
    heavy = {"torch", "tensorflow", "keras", "cv2", "gradio", "fastapi", "sqlite3", "scipy", "sklearn", "onnxruntime"}
    assert loaded & heavy == set()
    if sys.platform != "win32":
        pid = engines.call("read", "tests.studio.worker_tasks:whoami")
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
