"""Engines in processes of their own: spawned on first use, kept warm, replaced when they die.

The page's process imports no framework and decodes no photo. There are four kinds of workers:
"keras" (triage, scene) and "torch" (editing, styling), because the two frameworks are kept apart,
"read" (opening photos), because a photo from a stranger may crash its decoder, and "study" (Keras work of
many minutes, such as evaluating a folder), so that it never stands before a person's question. A use case calls a task
by its name, ``engines.call("keras", "studio.tasks.triage:judge", …)``; whether it runs in a worker or
in this process (``InlineEngines``, for tests and one-shot commands) does not show.
"""

from __future__ import annotations

import threading
from typing import Any, Literal, Protocol

from core.errors import PaddockError
from core.values import Report, no_report
from studio.limits import Limits
from studio.serving import resolve
from studio.turns import PATIENCE_SECONDS, Turns
from studio.worker import Worker

Kind = Literal["keras", "torch", "read", "study"]
PLACES: dict[Kind, int] = {"keras": 1, "torch": 1, "read": 2, "study": 1}
"""Workers of each kind. The second reader is for previews, while a batch reads with the first."""


class Engines(Protocol):
    """Where tasks run."""

    def call(
        self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, limits: Limits | None = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        """Run ``module:function`` with picklable arguments and return its picklable result.

        The task receives ``report`` as a keyword. ``report`` raising Cancelled here stops it. Errors
        of Paddock's tree arrive as they were raised; others as EngineFailed; a worker that ended as
        EngineDied; one that was ended for passing ``limits`` as TaskTooLong or TaskTooLarge.
        """

    def background(self) -> Engines:
        """The same workers for a batch: calls made through it give way to all others (studio.turns)."""

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        """Start a task's worker ahead of need, in the background."""

    def release(self, kind: Kind) -> None:
        """Give a kind's memory back: end its workers that rest; the next call starts another."""

    def close(self) -> None:
        """End the workers; calls under way, and later ones, raise Cancelled."""


class InlineEngines:
    """Tasks in this process, without limits."""

    def call(
        self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, limits: Limits | None = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        return resolve(task)(*args, report=report, **kwargs)

    def background(self) -> Engines:
        return self

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        """Nothing to start."""

    def release(self, kind: Kind) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to end."""


class WorkerEngines:
    """Tasks in spawned processes, as many per kind as PLACES says, one task at a time in each."""

    def __init__(self, *, patience: float = PATIENCE_SECONDS) -> None:
        """patience: seconds that a batch holds back for a person's calls."""
        self._workers = {kind: [Worker(kind) for _ in range(count)] for kind, count in PLACES.items()}
        self._turns = Turns({str(kind): count for kind, count in PLACES.items()}, patience=patience)
        self._idle = {kind: list(workers) for kind, workers in self._workers.items()}
        self._choosing = threading.Lock()

    def call(
        self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, limits: Limits | None = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        return self._call(kind, task, args, kwargs, report, limits, background=False)

    def background(self) -> Engines:
        return _Background(self)

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        self._warm(kind, task, args, kwargs)

    def pids(self) -> dict[Kind, int | None]:
        """Process id of a running worker of each kind (None: not started)."""
        return {
            kind: next((worker.pid for worker in workers if worker.pid is not None), None)
            for kind, workers in self._workers.items()
        }

    def waiting(self, kind: Kind) -> int:
        """How many calls wait in line for a kind of worker."""
        return self._turns.waiting(kind)

    def release(self, kind: Kind) -> None:
        with self._choosing:
            for worker in self._idle[kind]:
                worker.end()

    def close(self) -> None:
        for workers in self._workers.values():
            for worker in workers:
                worker.close()

    def _call(
        self, kind: Kind, task: str, args: tuple[Any, ...], kwargs: dict[str, Any], report: Report,
        limits: Limits | None, *, background: bool,
    ) -> Any:  # fmt: skip
        ticket = self._turns.wait(kind, report, background=background)
        try:
            with self._choosing:
                idle = self._idle[kind]
                worker = next((worker for worker in idle if worker.pid is not None), idle[0])
                idle.remove(worker)
            try:
                return worker.call(task, args, kwargs, report, limits)
            finally:
                with self._choosing:
                    self._idle[kind].append(worker)
        finally:
            self._turns.give_back(ticket)

    def _warm(self, kind: Kind, task: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        def start() -> None:
            try:
                self._call(kind, task, args, kwargs, no_report, None, background=True)
            except PaddockError:
                return  # the first real call meets the same error and shows it to the person

        threading.Thread(target=start, name=f"warm-{kind}", daemon=True).start()


class _Background:
    """A batch's view of the workers."""

    def __init__(self, engines: WorkerEngines) -> None:
        self._engines = engines

    def call(
        self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, limits: Limits | None = None,
        **kwargs: Any,
    ) -> Any:  # fmt: skip
        return self._engines._call(kind, task, args, kwargs, report, limits, background=True)

    def background(self) -> Engines:
        return self

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        self._engines.warm(kind, task, *args, **kwargs)

    def release(self, kind: Kind) -> None:
        self._engines.release(kind)

    def close(self) -> None:
        self._engines.close()
