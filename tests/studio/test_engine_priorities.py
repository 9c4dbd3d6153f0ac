"""Priorities through real workers: a person's call overtakes a batch's and is not slowed by it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import Cancelled
from studio.engines import Engines, InlineEngines, Kind, WorkerEngines
from tests.studio.waiting import until

TASKS = "tests.studio.worker_tasks"


class Gates:
    """Tasks that write their name when they begin and end when their gate is opened."""

    def __init__(self, folder: Path, engines: WorkerEngines) -> None:
        self.folder, self.engines, self.log = folder, engines, folder / "log"
        self._threads: list[threading.Thread] = []
        self.failed: list[BaseException] = []

    def begin(self, name: str, kind: Kind, *, background: bool = False, **options: Any) -> None:
        """Call; returns once the task has begun or stands in line."""
        view: Engines = self.engines.background() if background else self.engines
        waiting = self.engines.waiting(kind)

        def work() -> None:
            started, opened = str(self.folder / f"{name}.started"), str(self.folder / f"{name}.opened")
            try:
                view.call(kind, f"{TASKS}:gate", started, opened, str(self.log), name, **options)
            except Cancelled as error:
                self.failed.append(error)

        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        until(lambda: name in self.begun or self.engines.waiting(kind) > waiting)

    @property
    def begun(self) -> list[str]:
        return self.log.read_text().split("\n")[:-1] if self.log.exists() else []

    def open(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.opened").touch()


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[Gates]:
    engines = WorkerEngines(patience=3600)
    yield Gates(tmp_path, engines)
    engines.close()


def test_a_person_overtakes_a_batch_in_line(gates: Gates) -> None:
    gates.begin("batch-1", "keras", background=True)
    gates.begin("batch-2", "keras", background=True)
    gates.begin("person", "keras")
    gates.open("batch-1")
    until(lambda: len(gates.begun) == 2)
    gates.open("person")
    until(lambda: len(gates.begun) == 3)
    gates.open("batch-2")
    assert gates.begun == ["batch-1", "person", "batch-2"]


def test_a_batch_waits_while_a_person_works_in_another_worker(gates: Gates) -> None:
    gates.begin("person", "torch")
    gates.begin("batch", "keras", background=True)
    assert gates.engines.waiting("keras") == 1
    gates.begin("other-person", "keras")  # has its turn, though the batch came first: nothing else runs there
    gates.open("other-person", "person")
    until(lambda: "batch" in gates.begun)
    assert gates.begun == ["person", "other-person", "batch"]
    gates.open("batch")


def test_a_batch_of_no_patience_goes_on_beside_a_long_call(tmp_path: Path) -> None:
    engines = WorkerEngines(patience=0.2)
    gates = Gates(tmp_path, engines)
    gates.begin("person", "torch")
    gates.begin("batch", "keras", background=True)
    until(lambda: "batch" in gates.begun)
    gates.open("batch", "person")
    engines.close()


def test_a_preview_does_not_wait_for_the_photo_that_a_batch_is_reading(gates: Gates) -> None:
    gates.begin("batch-1", "read", background=True)
    gates.begin("batch-2", "read", background=True)
    gates.begin("preview", "read")
    assert gates.begun == ["batch-1", "preview"]
    assert gates.engines.waiting("read") == 1
    gates.open("batch-1", "preview", "batch-2")


def test_a_batch_in_line_may_be_cancelled(gates: Gates) -> None:
    gates.begin("person", "torch")

    def stop(fraction: float, doing: str) -> None:
        raise Cancelled(task="batch")

    with pytest.raises(Cancelled):
        gates.engines.background().call("keras", f"{TASKS}:double", 2, report=stop)
    assert gates.engines.waiting("keras") == 0
    gates.open("person")


def test_a_view_of_a_view_is_the_same_and_tasks_in_this_process_need_none() -> None:
    inline = InlineEngines()
    assert inline.background() is inline
    view = WorkerEngines().background()
    assert view.background() is view
