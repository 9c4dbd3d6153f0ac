"""Workers: one process per kind, kept warm, replaced when they die, stopped within a second."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Cancelled, EngineDied, EngineFailed, MaskError, PaddockError, WorkspaceError
from studio.engines import InlineEngines, WorkerEngines
from tests.studio.waiting import until

TASKS = "tests.studio.worker_tasks"


@pytest.fixture(scope="module")
def engines() -> Iterator[WorkerEngines]:
    running = WorkerEngines()
    yield running
    running.close()


def test_no_process_is_started_before_it_is_needed() -> None:
    assert WorkerEngines().pids() == {"keras": None, "torch": None, "read": None, "study": None}


def test_a_task_runs_in_a_process_of_its_kind_that_stays(engines: WorkerEngines) -> None:
    first = engines.call("torch", f"{TASKS}:whoami")
    assert first != os.getpid()
    assert engines.call("torch", f"{TASKS}:whoami") == first == engines.pids()["torch"]
    assert engines.call("torch", f"{TASKS}:double", 21) == 42


def test_keras_and_torch_live_apart(engines: WorkerEngines) -> None:
    assert engines.call("keras", f"{TASKS}:whoami") != engines.call("torch", f"{TASKS}:whoami")


def test_a_worker_imports_no_framework_by_itself_and_its_threads_do_not_spin(engines: WorkerEngines) -> None:
    loaded = set(engines.call("torch", f"{TASKS}:modules"))
    assert loaded & {"torch", "tensorflow", "keras", "transformers", "cv2", "gradio"} == set()
    assert engines.call("torch", f"{TASKS}:environment", "OMP_WAIT_POLICY") == "passive"


def test_the_same_call_reads_the_same_in_this_process() -> None:
    inline = InlineEngines()
    assert inline.call("torch", f"{TASKS}:whoami") == os.getpid()
    with pytest.raises(MaskError):
        inline.call("torch", f"{TASKS}:refuse")


def test_progress_arrives_in_order_and_never_goes_back(engines: WorkerEngines) -> None:
    seen: list[tuple[float, str]] = []
    assert engines.call("torch", f"{TASKS}:count", 5, report=lambda f, d: seen.append((f, d))) == 5
    told = [item for item in dict.fromkeys(seen) if item[1]]
    assert told == [(step / 5, f"step {step}") for step in range(5)]
    assert [fraction for fraction, _ in seen] == sorted(fraction for fraction, _ in seen)


def test_errors_of_ours_arrive_as_they_were_raised(engines: WorkerEngines) -> None:
    with pytest.raises(MaskError) as caught:
        engines.call("torch", f"{TASKS}:refuse")
    assert caught.value.details == {"problem_fr": "vide", "problem_en": "empty"}


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (f"{TASKS}:stumble", "ZeroDivisionError: by nothing"), (f"{TASKS}:absent", "AttributeError"),
        ("no.such.module:x", "ModuleNotFoundError"), (f"{TASKS}:unpicklable", "pickle"),
    ],
)  # fmt: skip
def test_any_other_mishap_is_told_and_the_worker_goes_on(engines: WorkerEngines, task: str, told: str) -> None:
    before = engines.call("torch", f"{TASKS}:whoami")
    with pytest.raises(EngineFailed) as caught:
        engines.call("torch", task)
    assert told in caught.value.details["why"]
    assert caught.value.details["task"] == task
    assert engines.call("torch", f"{TASKS}:whoami") == before


def test_a_worker_that_was_killed_at_rest_is_replaced(engines: WorkerEngines) -> None:
    before = engines.call("torch", f"{TASKS}:whoami")
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    after = engines.call("torch", f"{TASKS}:whoami")
    assert after not in (before, os.getpid())


def test_a_worker_that_dies_at_work_is_told_and_replaced(engines: WorkerEngines) -> None:
    with pytest.raises(EngineDied) as caught:
        engines.call("torch", f"{TASKS}:die")
    assert caught.value.details["why"] == "exit 3"
    assert engines.call("torch", f"{TASKS}:double", 4) == 8


def test_a_worker_killed_at_work_is_told_and_replaced(engines: WorkerEngines, tmp_path: Path) -> None:
    started = tmp_path / "started"
    pid = engines.call("torch", f"{TASKS}:whoami")

    def kill(fraction: float, doing: str) -> None:
        if started.exists():
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(EngineDied, match="exit -9"):
        engines.call("torch", f"{TASKS}:deaf", str(started), report=kill)
    assert engines.call("torch", f"{TASKS}:double", 5) == 10


class _Stopper:
    """Raises Cancelled from the moment that ``when`` holds."""

    def __init__(self, when: Path | None = None) -> None:
        self.when, self.asked = when, 0

    def __call__(self, fraction: float, doing: str) -> None:
        if self.when is None or self.when.exists():
            self.asked += 1
            raise Cancelled(task="test")


def test_a_task_that_reports_is_stopped_and_tidies_up(engines: WorkerEngines, tmp_path: Path) -> None:
    pid = engines.call("torch", f"{TASKS}:whoami")
    with pytest.raises(Cancelled):
        engines.call("torch", f"{TASKS}:attentive", str(tmp_path / "end"), report=_Stopper())
    assert (tmp_path / "end").read_text() == "tidied up"
    assert engines.call("torch", f"{TASKS}:whoami") == pid


def test_a_task_that_never_reports_is_ended_with_its_worker(engines: WorkerEngines, tmp_path: Path) -> None:
    pid, stop = engines.call("torch", f"{TASKS}:whoami"), _Stopper(tmp_path / "started")
    with pytest.raises(Cancelled):
        engines.call("torch", f"{TASKS}:deaf", str(tmp_path / "started"), report=stop)
    assert stop.asked == 1
    assert engines.call("torch", f"{TASKS}:whoami") != pid
    assert engines.call("torch", f"{TASKS}:double", 6) == 12


def test_a_result_that_comes_after_the_cancellation_reaches_nobody(engines: WorkerEngines) -> None:
    with pytest.raises(Cancelled):
        engines.call("torch", f"{TASKS}:count", 400, report=_Stopper())
    assert engines.call("torch", f"{TASKS}:double", 7) == 14


def test_a_report_that_fails_leaves_no_answer_for_the_next_caller(engines: WorkerEngines) -> None:
    def broken(fraction: float, doing: str) -> None:
        raise WorkspaceError(folder="x", problem_fr="plein", problem_en="full")

    with pytest.raises(WorkspaceError):
        engines.call("torch", f"{TASKS}:count", 3, report=broken)
    assert engines.call("torch", f"{TASKS}:double", 8) == 16


def test_whoever_waits_for_a_busy_worker_may_leave_the_queue(engines: WorkerEngines, tmp_path: Path) -> None:
    started, leave = tmp_path / "started", threading.Event()

    def busy(fraction: float, doing: str) -> None:
        if leave.is_set():
            raise Cancelled(task="busy")

    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            engines.call("torch", f"{TASKS}:deaf", str(started), report=busy)
        except Cancelled as error:
            ended.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        with pytest.raises(Cancelled):
            engines.call("torch", f"{TASKS}:double", 1, report=_Stopper(started))
        assert thread.is_alive()
    finally:
        leave.set()
        thread.join()
    assert ended == [Cancelled]


def test_many_callers_each_get_their_own_answer(engines: WorkerEngines) -> None:
    found: dict[int, int] = {}

    def ask(value: int) -> None:
        found[value] = engines.call("keras" if value % 2 else "torch", f"{TASKS}:double", value)

    threads = [threading.Thread(target=ask, args=(value,)) for value in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {value: 2 * value for value in range(12)}


def test_closing_ends_the_processes() -> None:
    engines = WorkerEngines()
    pid = engines.call("torch", f"{TASKS}:whoami")
    engines.close()
    assert engines.pids()["torch"] is None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    engines.close()


def test_closing_tells_a_call_under_way_that_it_was_cancelled_and_starts_nothing_again(tmp_path: Path) -> None:
    engines, started = WorkerEngines(), tmp_path / "started"
    ended: list[type[BaseException]] = []

    def work() -> None:
        try:
            engines.call("torch", f"{TASKS}:deaf", str(started))
        except PaddockError as error:
            ended.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    until(started.exists)
    engines.close()
    thread.join(20)
    assert ended == [Cancelled]
    with pytest.raises(Cancelled):
        engines.call("torch", f"{TASKS}:whoami")
    assert set(engines.pids().values()) == {None}
