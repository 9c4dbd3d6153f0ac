"""Engines in processes of their own: spawned on first use, kept warm, replaced when they die.

The page's process imports no framework. There are two workers, because Keras and torch are kept
apart: "keras" (triage, scene) and "torch" (editing, styling). A use case calls a task by its name,
``engines.call("keras", "studio.tasks.triage:judge", …)``; whether it runs in a worker or in this
process (``InlineEngines``, for tests and one-shot commands) does not show.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Literal, Protocol

from core.errors import Cancelled, EngineFailed, PaddockError
from core.values import Report, no_report

Kind = Literal["keras", "torch"]
GRACE_SECONDS = 1.0
"""How long a cancelled task may take to stop by itself before its worker is ended."""

_THREADS = {
    "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "passive", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow",
}  # fmt: skip
"""Set before a framework is imported: spinning OpenMP threads make two busy cores 1.5–3 times slower."""


class Engines(Protocol):
    """Where tasks run."""

    def call(self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        """Run ``module:function`` with picklable arguments and return its picklable result.

        The task receives ``report`` as a keyword. ``report`` raising Cancelled here stops it. Errors
        of Paddock's tree arrive as they were raised; others, and a dead worker, as EngineFailed.
        """

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        """Start a task's worker ahead of need, in the background."""

    def close(self) -> None:
        """End the workers."""


class InlineEngines:
    """Tasks in this process."""

    def call(self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        return _resolve(task)(*args, report=report, **kwargs)

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to end."""


class WorkerEngines:
    """Tasks in one spawned process per kind, one task at a time in each."""

    def __init__(self) -> None:
        self._workers: dict[Kind, _Worker] = {"keras": _Worker("keras"), "torch": _Worker("torch")}

    def call(self, kind: Kind, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        return self._workers[kind].call(task, args, kwargs, report)

    def warm(self, kind: Kind, task: str, /, *args: Any, **kwargs: Any) -> None:
        def start() -> None:
            try:
                self._workers[kind].call(task, args, kwargs, no_report)
            except PaddockError:
                return  # the first real call meets the same error and shows it to the person

        threading.Thread(target=start, name=f"warm-{kind}", daemon=True).start()

    def pids(self) -> dict[Kind, int | None]:
        """Process ids of the running workers (None: not started)."""
        return {kind: worker.pid for kind, worker in self._workers.items()}

    def close(self) -> None:
        for worker in self._workers.values():
            worker.end()


class _Worker:
    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._turn = threading.Lock()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def call(self, task: str, args: tuple[Any, ...], kwargs: dict[str, Any], report: Report) -> Any:
        while not self._turn.acquire(timeout=0.1):
            report(0.0, "")  # raises Cancelled: whoever waits for a turn may leave the queue
        try:
            pipe = self._started()
            pipe.send((task, args, kwargs))
            return self._follow(pipe, task, report)
        except (EOFError, OSError) as error:
            process = self._process
            if process is not None:
                process.join(1)
            code = process.exitcode if process is not None else None
            self.end()
            raise EngineFailed(task=task, why=f"exit {code}") from error
        except KeyboardInterrupt:
            self.end()
            raise
        finally:
            self._turn.release()

    def _follow(self, pipe: Connection, task: str, report: Report) -> Any:
        """Read the worker's messages until its result; ask ``report`` often enough to cancel within a second."""
        cancelled_at: float | None = None
        fraction, doing = 0.0, ""
        while True:
            if pipe.poll(0.1):
                kind, value = pipe.recv()
                if kind == "done":
                    if cancelled_at is not None:
                        raise Cancelled(task=task)
                    return value
                if kind == "error":
                    raise value
                fraction, doing = value
            if cancelled_at is None:
                try:
                    report(fraction, doing)
                except Cancelled:
                    cancelled_at = time.monotonic()
                    pipe.send("cancel")
                except BaseException:
                    self.end()  # its answer would otherwise reach the next caller
                    raise
            elif time.monotonic() - cancelled_at > GRACE_SECONDS:
                self.end()
                raise Cancelled(task=task)

    def _started(self) -> Connection:
        if self._process is None or not self._process.is_alive() or self._pipe is None:
            self.end()
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(target=_serve, args=(theirs,), name=f"paddock-{self.kind}", daemon=True)
            self._process.start()
            theirs.close()
            self._pipe = ours
        return self._pipe

    def end(self) -> None:
        """End the process; the next call starts another."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process, self._pipe = None, None


def _serve(pipe: Connection) -> None:
    """The worker's loop: one task after another until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the page, which ends its workers
    for name, value in _THREADS.items():
        os.environ.setdefault(name, value)
    while True:
        try:
            message = pipe.recv()
        except EOFError:
            return
        if message == "cancel":
            continue  # the task had ended before the cancellation arrived
        task, args, kwargs = message

        def report(fraction: float, doing: str, task: str = task) -> None:
            pipe.send(("report", (fraction, doing)))
            if pipe.poll() and pipe.recv() == "cancel":
                raise Cancelled(task=task)

        try:
            pipe.send(("done", _resolve(task)(*args, report=report, **kwargs)))
        except PaddockError as error:
            pipe.send(("error", error))
        except Exception as error:  # noqa: BLE001 - a task's surprise must reach the person, not kill the worker
            traceback.print_exc()
            pipe.send(("error", EngineFailed(task=task, why=f"{type(error).__name__}: {error}")))


def _resolve(task: str) -> Callable[..., Any]:
    module, _, name = task.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function
