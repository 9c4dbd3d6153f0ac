"""Limits and deaths: what takes too much is ended, told in both languages, and the next call works."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from core.errors import EngineDied, EngineFailed, PaddockError, TaskTooLarge, TaskTooLong
from core.processes import is_running
from studio.engines import InlineEngines, WorkerEngines
from studio.limits import READING, Limits
from tests.studio.waiting import until

TASKS = "tests.studio.worker_tasks"


@pytest.fixture(scope="module")
def engines() -> Iterator[WorkerEngines]:
    running = WorkerEngines()
    yield running
    running.close()


def _works_again(engines: WorkerEngines, before: int) -> None:
    assert engines.call("read", f"{TASKS}:whoami") not in (before, os.getpid())
    assert not is_running(before) or psutil.Process(before).status() == psutil.STATUS_ZOMBIE


def test_a_task_that_computes_for_too_long_is_ended(engines: WorkerEngines, tmp_path: Path) -> None:
    with pytest.raises(TaskTooLong) as caught:
        engines.call("read", f"{TASKS}:busy", str(tmp_path / "pid"), limits=Limits(cpu_seconds=0.3))
    assert "plus de 0.3 s de calcul" in caught.value.message("fr")
    assert "more than 0.3 s of computing" in caught.value.message("en")
    _works_again(engines, int((tmp_path / "pid").read_text()))


def test_a_task_that_only_lasts_passes_the_limit_on_the_clock_and_not_the_other(
    engines: WorkerEngines, tmp_path: Path
) -> None:
    before = engines.call("read", f"{TASKS}:whoami")
    with pytest.raises(TaskTooLong) as caught:
        engines.call("read", f"{TASKS}:deaf", str(tmp_path / "x"), limits=Limits(cpu_seconds=30, wall_seconds=0.4))
    assert "cela dure plus de 0.4 s" in caught.value.message("fr")
    _works_again(engines, before)


def test_a_task_that_takes_too_much_memory_is_ended(engines: WorkerEngines) -> None:
    before = engines.call("read", f"{TASKS}:whoami")
    with pytest.raises(TaskTooLarge) as caught:
        engines.call("read", f"{TASKS}:grow", 2_000, limits=Limits(megabytes=300))
    assert "plus de 300 Mo de mémoire" in caught.value.message("fr")
    assert "more than 300 MB of memory" in caught.value.message("en")
    _works_again(engines, before)


def test_only_what_a_task_adds_counts_not_what_its_worker_held_before(engines: WorkerEngines) -> None:
    engines.call("read", f"{TASKS}:keep", 300)
    pid = engines.call("read", f"{TASKS}:whoami")
    assert psutil.Process(pid).memory_info().rss > 300e6
    assert engines.call("read", f"{TASKS}:grow", 100, limits=Limits(megabytes=250)) == 100
    assert engines.call("read", f"{TASKS}:whoami") == pid


def test_a_task_within_its_limits_is_left_alone(engines: WorkerEngines) -> None:
    pid = engines.call("read", f"{TASKS}:whoami")
    assert engines.call("read", f"{TASKS}:grow", 20, limits=READING) == 20
    assert engines.call("read", f"{TASKS}:whoami") == pid


def test_a_worker_is_ended_before_the_machine_has_no_memory_left(
    engines: WorkerEngines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=120e6))
    with pytest.raises(TaskTooLarge) as caught:
        engines.call("torch", f"{TASKS}:grow", 1_000)
    assert "la mémoire de l'ordinateur est presque pleine" in caught.value.message("fr")
    # A small worker would give nothing back: it is let be.
    assert engines.call("keras", f"{TASKS}:double", 3) == 6


def test_a_lack_of_memory_that_a_task_tells_itself_is_told_as_such(engines: WorkerEngines) -> None:
    pid = engines.call("read", f"{TASKS}:whoami")
    with pytest.raises(TaskTooLarge, match="no room"):
        engines.call("read", f"{TASKS}:hungry")
    assert engines.call("read", f"{TASKS}:whoami") == pid


def test_a_busy_worker_killed_from_outside_is_told_and_replaced(engines: WorkerEngines, tmp_path: Path) -> None:
    told, caught = tmp_path / "pid", []

    def work() -> None:
        try:
            engines.call("read", f"{TASKS}:busy", str(told))
        except PaddockError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    until(told.exists)
    pid = int(told.read_text())
    os.kill(pid, signal.SIGKILL)
    thread.join(30)
    assert [type(error) for error in caught] == [EngineDied]
    assert "faute de mémoire (exit -9)" in caught[0].message("fr")
    _works_again(engines, pid)


def test_limits_do_not_touch_tasks_in_this_process() -> None:
    assert InlineEngines().call("read", f"{TASKS}:double", 4, limits=Limits(0, 0, 0)) == 8


def test_limits_grow_with_the_work() -> None:
    assert READING.times(2) == Limits(cpu_seconds=10, wall_seconds=120, megabytes=2048)
    assert Limits(cpu_seconds=3).times(4) == Limits(cpu_seconds=12)


@pytest.mark.parametrize("kind", [EngineFailed, EngineDied, TaskTooLong, TaskTooLarge])
def test_failures_speak_both_languages_and_travel_between_processes(kind: type[EngineFailed]) -> None:
    error = kind(task="judge", why="exit 3")
    assert error.message("fr").startswith("Le calcul « judge » s'est arrêté : ")
    assert error.message("en").startswith("The computation “judge” stopped: ")
    assert "(exit 3)" in error.message("fr")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert [back.message("fr"), back.message("en")] == [error.message("fr"), error.message("en")]
    told = kind(task="judge", why_fr="parce que", why_en="because")
    assert "s'est arrêté : parce que. Rien" in told.message("fr")
    assert "stopped: because. Nothing" in told.message("en")


PARENT = """
import sys
from studio.engines import WorkerEngines
if __name__ == "__main__":
    engines = WorkerEngines()
    engines.call("torch", "tests.studio.worker_tasks:whoami")
    engines.call(sys.argv[1], sys.argv[2], sys.argv[3])
"""


@pytest.mark.parametrize("task", ["busy", "deaf"])
def test_no_worker_outlives_a_page_that_was_killed(tmp_path: Path, task: str) -> None:
    script, told = tmp_path / "page.py", tmp_path / "told"
    script.write_text(PARENT)
    root = Path(__file__).resolve().parents[2]
    page = subprocess.Popen(
        [sys.executable, str(script), "keras", f"{TASKS}:{task}", str(told)], cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    )  # fmt: skip
    try:
        until(told.exists)
        workers = psutil.Process(page.pid).children(recursive=True)
        assert len(workers) >= 2  # one at rest, one at work (and Python's own resource tracker)
        page.kill()
        page.wait(30)
        _, alive = psutil.wait_procs(workers, timeout=30)
        assert alive == []
    finally:
        page.kill()
