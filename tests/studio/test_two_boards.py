"""Nothing is lost between two pages on one workspace, nor when a batch ends early, waits in line or comes late."""

from __future__ import annotations

import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ChoiceError, WeightsMissing, WorkspaceError
from studio import batches, space
from studio.batches import BATCHES, add_files, judge_waiting, start_import, sweep_uploads
from studio.desk import Desk
from studio.job import Job
from studio.jobs import Jobs
from studio.photos import list_photos
from studio.workspace import Workspace
from tests.made import saved, scene
from tests.studio.test_batches import Triage


@pytest.fixture
def triage(desk: Desk) -> Iterator[tuple[Desk, Triage]]:
    engines = Triage()
    yield replace(desk, engines=engines), engines
    engines.hold.set()


def _photos(folder: Path, count: int) -> list[tuple[Path, str]]:
    return [(saved(folder / f"{n:03d}.png", scene(24, 16, n)), f"photo-{n:03d}.png") for n in range(count)]


def _ended(job: Job | None) -> Job:
    assert job is not None
    assert job.wait(30), (job.state, job.done, job.total)
    return job


def test_a_second_page_leaves_the_uploads_of_the_first_alone(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    job = start_import(jobs, [], who="Ana", more=True)
    gate = threading.Event()
    other = Jobs(desk, {**BATCHES, "import": lambda jobs, desk, job: gate.wait(20)})
    waiting = start_import(other, _photos(tmp_path, 2), who="Bob")
    sweep_uploads(jobs)  # the first page's: it does not know the other's import
    assert len(list((desk.workspace.incoming / str(waiting.number)).iterdir())) == 2
    gate.set()
    job.seal()
    _ended(job)
    _ended(waiting)
    jobs.close()
    other.close()


def test_an_import_that_begins_during_a_sweep_keeps_its_uploads(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = triage
    gate = threading.Event()
    jobs = Jobs(desk, {"import": lambda jobs, desk, job: gate.wait(20)})
    begun: list[Job] = []
    look = Path.iterdir

    def begin_then_look(folder: Path) -> Iterator[Path]:
        if folder == desk.workspace.incoming and not begun:
            begun.append(start_import(jobs, _photos(tmp_path, 2), who="Ana"))
        return look(folder)

    desk.workspace.incoming.mkdir()
    monkeypatch.setattr(Path, "iterdir", begin_then_look)
    sweep_uploads(jobs)
    (job,) = begun
    assert len(list((desk.workspace.incoming / str(job.number)).iterdir())) == 2
    gate.set()
    _ended(job)
    jobs.close()


def test_two_pages_that_start_at_once_share_what_a_stop_left(triage: tuple[Desk, Triage]) -> None:
    desk, _ = triage
    gate = threading.Event()
    kinds = {"held": lambda jobs, desk, job: gate.wait(20)}
    jobs, other = Jobs(desk, kinds), Jobs(desk, kinds)
    number = jobs._store.add("held", who="Ana", label="", batch=True, arguments={}, owner="999999:1.0")
    rows = jobs._store.rows()
    other._store.rows = lambda: rows  # type: ignore[method-assign]  # both looked before either took it
    (taken,) = jobs.resume()
    assert taken.number == number
    assert other.resume() == []
    gate.set()
    assert _ended(taken).state == "done"
    jobs.close()
    other.close()


def test_photos_taken_in_before_a_cancel_reach_the_classifier(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    take, taken = batches.import_one, []

    def five_then_cancel(*args: object, **kwargs: object) -> object:
        taken.append(1)
        if len(taken) == 5:
            job.cancel()
        return take(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "import_one", five_then_cancel)
    job = start_import(jobs, [], who="Ana", more=True)
    add_files(jobs, job, _photos(tmp_path, 12))
    job.seal()
    assert _ended(job).state == "cancelled"
    taken_in = len(list_photos(desk.workspace))
    assert 4 <= taken_in <= 5
    judging = next((job for job in jobs.all() if job.kind == "judge"), None)
    assert _ended(judging).done == taken_in
    assert _ended(jobs.retry(job.id)).state == "done"
    for judging in jobs.all():
        _ended(judging)
    assert [photo.name for photo in list_photos(desk.workspace) if not photo.label] == []
    jobs.close()


def test_a_classifier_that_fails_costs_one_job_not_one_for_every_sixteen_photos(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, engines = triage
    works = threading.Event()
    judge = engines.call

    def absent(kind: str, task: str, *args: object, **kwargs: object) -> object:
        if kind == "keras" and not works.is_set():
            raise WeightsMissing(model="triage", path="x", remedy_fr="", remedy_en="")
        return judge(kind, task, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(engines, "call", absent)
    jobs = Jobs(desk, BATCHES)
    files = _photos(tmp_path, 50)
    importing = start_import(jobs, files[:20], who="Ana", more=True)
    while (judging := next((job for job in jobs.all() if job.kind == "judge"), None)) is None:
        importing.wait(0.02)
    assert _ended(judging).state == "failed"
    add_files(jobs, importing, files[20:])
    importing.seal()
    assert _ended(importing).result["added"] == 50
    assert [job.kind for job in jobs.all()] == ["import", "judge"]
    works.set()
    assert _ended(jobs.retry(judging.id)).result == 50
    jobs.close()


def test_a_batch_cancelled_while_it_waits_ends_at_once_and_may_be_taken_up_again(desk: Desk) -> None:
    gate, done = threading.Event(), []
    jobs = Jobs(desk, {"held": lambda jobs, desk, job: gate.wait(20), "quick": lambda jobs, desk, job: done.append(1)})
    first, second = jobs.submit("held", who="Ana"), jobs.submit("quick", [("a", "a")], who="Ana")
    second.cancel()
    assert second.wait(2)
    assert (second.state, first.state) == ("cancelled", "running")
    assert jobs._store.rows()[1].state == "cancelled"
    assert jobs.retry(second.id) is second
    assert second.state == "waiting"
    gate.set()
    assert (_ended(first).state, _ended(second).state, done) == ("done", "done", [1])
    jobs.close()


def test_asking_again_for_a_batch_that_is_done_leaves_it_done(desk: Desk) -> None:
    jobs = Jobs(desk, {"quick": lambda jobs, desk, job: {"n": 1}})
    job = _ended(jobs.submit("quick", who="Ana"))
    assert jobs.retry(job.id) is None
    (row,) = jobs._store.rows()
    assert (row.state, row.result) == ("done", {"n": 1})
    jobs.close()


def test_a_batch_may_be_taken_up_again_right_after_its_cancel_and_the_board_answers_meanwhile(desk: Desk) -> None:
    running, slow = threading.Event(), threading.Event()

    def work(jobs: Jobs, desk: Desk, job: Job) -> None:
        running.set()
        while not job._stop.wait(0.02) and not slow.is_set():
            pass
        jobs.running("import")  # as the judging asks
        job.report(0.0)

    jobs = Jobs(desk, {"held": work})
    job = jobs.submit("held", [("a", "a")], who="Ana")
    assert running.wait(20)
    job.cancel()
    slow.set()
    started = time.monotonic()
    assert jobs.retry(job.id) is job
    assert time.monotonic() - started < 1.9
    assert _ended(job).state == "done"
    jobs.close()


def test_an_import_that_gave_up_waiting_says_so_to_whoever_comes_late(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = triage
    monkeypatch.setattr(batches, "WAIT_FOR_MORE", 0.0)
    jobs = Jobs(desk, BATCHES)
    files = _photos(tmp_path, 2)
    job = _ended(start_import(jobs, files[:1], who="Ana", more=True))
    assert not job.open  # so that the page begins another import for what follows
    with pytest.raises(ChoiceError, match="has ended"):
        add_files(jobs, job, files[1:])
    assert list(desk.workspace.incoming.rglob("*.png")) == []  # refused, so not kept either
    jobs.close()


def test_the_judging_of_one_person_does_not_wait_for_the_import_of_another(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path / "a", 2), who="Ana"))
    importing = start_import(jobs, [], who="Bob", more=True)
    while importing.state != "running":
        importing.wait(0.02)
    ana = next(job for job in jobs.all() if job.kind == "judge")
    assert _ended(ana).done == 2
    importing.seal()
    _ended(importing)
    jobs.close()


def test_photos_in_line_on_another_page_are_not_judged_twice(triage: tuple[Desk, Triage], tmp_path: Path) -> None:
    desk, engines = triage
    engines.hold.clear()
    jobs, other = Jobs(desk, BATCHES), Jobs(desk, BATCHES)
    _ended(start_import(jobs, _photos(tmp_path, 3), who="Ana"))
    assert judge_waiting(other, who="Bob") is None
    engines.hold.set()
    for job in jobs.all():
        _ended(job)
    jobs.close()
    other.close()


def test_an_archive_for_which_there_is_no_room_is_not_unpacked(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = triage
    bundle = tmp_path / "carte.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for path, name in _photos(tmp_path / "p", 3):
            archive.write(path, name)
    monkeypatch.setattr(space, "free_bytes", lambda folder: space.RESERVE + 100)
    jobs = Jobs(desk, BATCHES)
    job = _ended(start_import(jobs, [(bundle, "carte.zip")], who="Ana"))
    assert job.state == "failed"
    assert job.error is not None
    assert "pas assez de place" in job.error.message("fr")
    assert list(desk.workspace.incoming.rglob("zip-*")) == []
    monkeypatch.undo()
    assert _ended(jobs.retry(job.id)).result["added"] == 3
    for job in jobs.all():
        _ended(job)
    jobs.close()


def test_an_import_with_photos_still_to_take_in_is_not_forgotten_by_the_work_that_follows(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage

    def no_room(jobs: Jobs, desk: Desk, job: Job) -> None:
        raise WorkspaceError(folder=desk.workspace.folder, problem_fr="plein", problem_en="full")

    full = Jobs(desk, {"import": no_room})
    stopped = _ended(start_import(full, _photos(tmp_path, 2), who="Ana"))
    for _ in range(70):
        _ended(full.start("remove", lambda job: None, who="Bob"))
    full.close()
    again = Jobs(desk, BATCHES)
    again.resume()
    sweep_uploads(again)
    assert _ended(again.retry(stopped.id)).result["added"] == 2
    assert again.forget() != []  # a person who clears the list says so
    for job in again.all():
        _ended(job)
    again.close()


def test_a_large_archive_is_left_within_a_photo_when_the_import_is_cancelled(
    triage: tuple[Desk, Triage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, _ = triage
    bundle = tmp_path / "carte.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for path, name in _photos(tmp_path / "p", 30):
            archive.write(path, name)
    jobs = Jobs(desk, BATCHES)
    copy = shutil.copyfileobj
    copied: list[int] = []

    def cancel_at_the_third(*args: object) -> None:
        copied.append(1)
        if len(copied) == 3:
            jobs.all()[-1].cancel()
        copy(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(shutil, "copyfileobj", cancel_at_the_third)
    job = _ended(start_import(jobs, [(bundle, "carte.zip")], who="Ana"))
    assert (job.state, len(copied)) == ("cancelled", 3)
    assert _ended(jobs.retry(job.id)).result["added"] == 30
    for job in jobs.all():
        _ended(job)
    jobs.close()


@pytest.mark.parametrize("name", ["a\ud800b.png", "a\udce9b.png", "tour 1.p:g", "nom. png"])
def test_a_name_that_only_windows_or_an_old_card_can_hold_costs_no_drop(
    triage: tuple[Desk, Triage], tmp_path: Path, name: str
) -> None:
    desk, _ = triage
    jobs = Jobs(desk, BATCHES)
    ((path, _),) = _photos(tmp_path, 1)
    job = start_import(jobs, [(path, name)], who="Ana", more=True)
    (kept,) = (desk.workspace.incoming / str(job.number)).iterdir()
    assert kept.name.isalnum()
    job.seal()
    _ended(job)
    assert job.done + job.failed == 1
    for job in jobs.all():
        _ended(job)
    jobs.close()


def test_an_import_goes_on_when_its_disk_comes_back_under_another_name(
    triage: tuple[Desk, Triage], tmp_path: Path
) -> None:
    desk, _ = triage
    bundle = tmp_path / "carte.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for path, name in _photos(tmp_path / "z", 2):
            archive.write(path, name)
    seen = threading.Event()

    def unpack_and_leave(jobs: Jobs, desk: Desk, job: Job) -> None:
        while not (items := job.take(1)):
            job._stop.wait(0.02)
        assert batches._opened(desk, job, items[0])
        seen.set()
        job._stop.wait(20)
        job.report(0.0)

    jobs = Jobs(desk, {"import": unpack_and_leave})
    files = [(bundle, "carte.zip"), *_photos(tmp_path / "p", 1)]
    start_import(jobs, files, who="Ana")
    assert seen.wait(20)
    jobs.close()
    desk.workspace.close()
    moved = desk.workspace.folder.rename(tmp_path / "clé F")
    again = Jobs(replace(desk, workspace=Workspace.open(moved)), BATCHES)
    (resumed,) = again.resume()
    assert _ended(resumed).result == {"added": 2, "known": 1, "errors": 0}  # one is in the archive too
    for job in again.all():
        _ended(job)
    again.close()


def test_many_long_jobs_do_not_keep_a_short_one_out(desk: Desk) -> None:
    jobs, gate = Jobs(desk), threading.Event()
    long = [jobs.start("replace", lambda job: gate.wait(20), who=f"tablet {n}") for n in range(12)]
    assert jobs.start("select", lambda job: "mask", who="Ana").wait(5)
    gate.set()
    for job in long:
        _ended(job)
    jobs.close()


def test_a_batch_that_a_visitor_asks_for_while_the_page_starts_is_in_line_once(desk: Desk) -> None:
    done: list[str] = []
    jobs = Jobs(desk, {"quick": lambda jobs, desk, job: done.append(job.label)})
    jobs._store.add("quick", who="Ana", label="left", batch=True, arguments={}, owner="999999:1.0")
    gate = threading.Event()
    jobs._lanes["batch"].submit(gate.wait, 20)
    new = jobs.submit("quick", who="Bob", label="new")
    (left,) = jobs.resume()
    gate.set()
    assert (_ended(new).label, _ended(left).label, sorted(done)) == ("new", "left", ["left", "new"])
    jobs.close()
