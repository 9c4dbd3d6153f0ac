"""Jobs: progress that only grows, cancel, failure told in words, photos that failed listed."""

from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled, EngineFailed, MaskError, UnreadablePhoto
from studio import jobs as jobs_module
from studio.jobs import Job, Jobs


@pytest.fixture
def board() -> Jobs:
    return Jobs()


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
    assert job.error.details == {"task": "remove", "why": "ZeroDivisionError: division by zero"}


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


def test_a_job_cancelled_while_it_waits_never_starts(board: Jobs) -> None:
    gate, worked = threading.Event(), threading.Event()
    first = board.start("judge", lambda job: gate.wait(20), who="Ana", batch=True)
    second = board.start("judge", lambda job: worked.set(), who="Ana", batch=True)
    assert second.state == "waiting"
    second.cancel()
    gate.set()
    assert _ended(first).state == "done"
    assert _ended(second).state == "cancelled"
    assert not worked.is_set()


def test_what_a_person_waits_for_overtakes_a_batch(board: Jobs) -> None:
    gate = threading.Event()
    batch = board.start("judge", lambda job: gate.wait(20), who="Ana", batch=True)
    assert _ended(board.start("remove", lambda job: "quick", who="Bob")).result == "quick"
    assert batch.state == "running"
    gate.set()
    _ended(batch)


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
    monkeypatch.setattr(jobs_module.time, "monotonic", lambda: now)
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


def test_the_board_forgets_the_oldest_finished_jobs(board: Jobs) -> None:
    jobs = [_ended(board.start("x", lambda job: None, who="")) for _ in range(jobs_module.KEEP_FINISHED + 8)]
    kept = board.all()
    assert len(kept) <= jobs_module.KEEP_FINISHED + 1
    assert board.get(jobs[0].id) is None
    assert board.get(jobs[-1].id) is jobs[-1]
    assert [job.id for job in kept] == [job.id for job in jobs[-len(kept) :]]


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
    gate = threading.Event()
    first = board.start("judge", lambda job: gate.wait(20), who="", batch=True)
    second = board.start("judge", lambda job: None, who="", batch=True)
    board.close()
    gate.set()
    _ended(first)
    assert _ended(second).state == "cancelled"
