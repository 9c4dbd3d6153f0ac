"""Jobs: progress that only grows, cancel, failure told in words, photos that failed listed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.errors import Cancelled, EngineFailed, MaskError, UnreadablePhoto
from studio import job as job_module
from studio.desk import Desk
from studio.job import Job
from studio.jobs import Jobs


@pytest.fixture
def board(desk: Desk) -> Iterator[Jobs]:
    jobs = Jobs(desk, {"held": lambda jobs, desk, job: GATES[job.label].wait(20), "quick": _mark})
    yield jobs
    jobs.close()


GATES: dict[str, threading.Event] = {}
DONE: list[str] = []


def _mark(jobs: Jobs, desk: Desk, job: Job) -> None:
    DONE.append(job.label)


def _ended(job: Job) -> Job:
    assert job.wait(20)
    return job


def test_a_job_ends_with_its_result(board: Jobs) -> None:
    job = _ended(board.start("judge", lambda job: {"n": 3}, who="Ana", label="3 photos"))
    assert (job.state, job.result, job.fraction, job.error) == ("done", {"n": 3}, 1.0, None)
    assert (job.who, job.label) == ("Ana", "3 photos")
    assert board.get(job.id) is job


def test_a_failure_of_ours_is_kept_as_it_is(board: Jobs) -> None:
    def work(job: Job) -> None:
        raise MaskError(problem_fr="vide", problem_en="empty")

    job = _ended(board.start("remove", work, who="Ana"))
    assert job.state == "failed"
    assert isinstance(job.error, MaskError)
    assert job.result is None


def test_a_surprise_is_told_with_its_cause(board: Jobs) -> None:
    job = _ended(board.start("remove", lambda job: 1 / 0, who="Ana"))
    assert job.state == "failed"
    assert isinstance(job.error, EngineFailed)
    assert job.error.details["why"] == "ZeroDivisionError: division by zero"


def test_cancel_stops_at_the_next_report(board: Jobs) -> None:
    running = threading.Event()
    steps: list[int] = []

    def work(job: Job) -> None:
        running.set()
        job._stop.wait(20)
        steps.append(1)
        job.report(0.5, "half")
        steps.append(2)

    job = board.start("judge", work, who="Ana")
    assert running.wait(20)
    job.cancel()
    _ended(job)
    assert (job.state, steps, job.fraction) == ("cancelled", [1], 0.0)
    assert isinstance(job.error, Cancelled)


def test_a_batch_cancelled_while_it_waits_never_starts(board: Jobs) -> None:
    GATES["a"] = threading.Event()
    first, second = board.submit("held", who="Ana", label="a"), board.submit("quick", who="Ana", label="never")
    assert second.state == "waiting"
    second.cancel()
    GATES["a"].set()
    assert _ended(first).state == "done"
    assert _ended(second).state == "cancelled"
    assert "never" not in DONE


def test_what_a_person_waits_for_does_not_wait_for_a_batch(board: Jobs) -> None:
    GATES["b"] = threading.Event()
    batch = board.submit("held", who="Ana", label="b")
    assert _ended(board.start("remove", lambda job: "quick", who="Bob")).result == "quick"
    assert batch.active
    GATES["b"].set()
    assert _ended(batch).state == "done"


def test_progress_never_goes_back_and_stays_below_one() -> None:
    job = Job("j", "import", "Ana")
    seen = []
    for fraction in (0.2, 0.1, 0.6, 7.0, 0.3):
        job.report(fraction, f"{fraction}")
        seen.append(job.fraction)
    assert seen == [0.2, 0.2, 0.6, 1.0, 1.0]
    assert job.doing == "0.3"


def test_a_part_of_a_job_reports_within_its_share() -> None:
    job = Job("j", "bind", "Ana")
    part = job.part(0.4, 0.5)
    part(0.0, "a")
    assert job.fraction == pytest.approx(0.4)
    part(1.0, "b")
    assert job.fraction == pytest.approx(0.9)


def test_photos_that_failed_are_listed_and_the_job_goes_on(board: Jobs) -> None:
    def work(job: Job) -> int:
        job.failed_photo("a.jpg", UnreadablePhoto(file="a.jpg"))
        job.failed_photo("b.jpg", UnreadablePhoto(file="b.jpg"))
        return 8

    job = _ended(board.start("import", work, who="Ana"))
    assert (job.state, job.result) == ("done", 8)
    assert [name for name, _ in job.errors] == ["a.jpg", "b.jpg"]


def test_the_time_left_is_told_once_there_is_enough_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(job_module.time, "monotonic", lambda: now)
    job = Job("j", "import", "Ana")
    assert job.seconds_left is None
    job.state, job.started = "running", now
    job.report(0.25)
    assert job.seconds_left is None
    now += 10
    assert job.seconds_left == pytest.approx(30)
    job.fraction = 0.01
    assert job.seconds_left is None
    job.fraction, job.state = 1.0, "done"
    assert job.seconds_left is None


def test_the_board_forgets_the_oldest_ended_jobs_and_keeps_those_that_run(board: Jobs) -> None:
    GATES["c"] = threading.Event()
    running = board.submit("held", who="", label="c")
    jobs = [_ended(board.start("x", lambda job: None, who="")) for _ in range(5)]
    assert board.forget(keep=2) == [job.number for job in reversed(jobs[:3])]
    assert [job.id for job in board.all()] == [running.id, jobs[3].id, jobs[4].id]
    assert board.get(jobs[0].id) is None
    GATES["c"].set()
    assert _ended(running).state == "done"


def test_closing_cancels_what_runs(board: Jobs) -> None:
    running = threading.Event()

    def work(job: Job) -> None:
        running.set()
        job._stop.wait(20)
        job.report(0.1)

    job = board.start("judge", work, who="Ana")
    assert running.wait(20)
    board.close()
    assert _ended(job).state == "cancelled"


def test_closing_ends_what_still_waits_in_line(board: Jobs) -> None:
    GATES["d"] = threading.Event()
    first, second = board.submit("held", who="", label="d"), board.submit("quick", who="", label="late")
    threading.Timer(0.2, GATES["d"].set).start()
    board.close()
    _ended(first)
    assert _ended(second).state == "cancelled"
    assert "late" not in DONE


def test_an_ended_job_of_another_start_is_shown_and_direct_work_is_told_as_interrupted(board: Jobs, desk: Desk) -> None:
    done = _ended(board.start("bind", lambda job: None, who="Ana", label="Album"))
    store = board._store
    cut = store.add("remove", who="Bob", label="p.jpg", batch=False, arguments={}, owner="999999:1.0")
    again = Jobs(desk)
    assert again.resume() == []
    shown = {job.id: (job.state, job.who, job.label) for job in again.all()}
    assert shown == {done.id: ("done", "Ana", "Album"), f"remove-{cut}": ("interrupted", "Bob", "p.jpg")}
    assert again.get(f"remove-{cut}").wait(0)  # type: ignore[union-attr]


def test_a_batch_of_a_page_that_still_runs_is_left_to_it(board: Jobs, desk: Desk) -> None:
    GATES["e"] = threading.Event()
    running = board.submit("held", who="", label="e")
    other = Jobs(desk, {"held": _mark})
    assert other.resume() == []
    assert other.all() == []
    GATES["e"].set()
    assert _ended(running).state == "done"


def test_the_time_left_of_a_batch_that_was_taken_up_again_counts_this_run_only(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(job_module.time, "monotonic", lambda: now)
    job = Job("j", "import", "Ana", state="running", started=now, started_at=0.5, fraction=0.5)
    now += 10
    job.report(0.6)
    assert job.seconds_left == pytest.approx(40)
