"""One worker process as its owner sees it: started on first use, followed, ended, replaced."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from core.errors import Cancelled, EngineDied, PaddockError
from core.values import Report
from studio.limits import Limits
from studio.serving import CANCEL, READY, serve
from studio.watching import LOOK_SECONDS, Watch

GRACE_SECONDS = 0.8
"""How long a cancelled task may take to stop by itself before its worker is ended."""


class Worker:
    """A process that does one task at a time; the caller sees to it that there is one call at a time."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Number of the running process; None when there is none."""
        process = self._process
        return process.pid if process is not None and process.is_alive() else None

    def call(
        self, task: str, args: tuple[Any, ...], kwargs: dict[str, Any], report: Report, limits: Limits | None
    ) -> Any:
        """Hand a task over and follow it to its result. Raises what the task raised, EngineDied, or a limit's error."""
        try:
            pipe = self._hand_over(task, args, kwargs, report)
            return self._follow(pipe, task, report, limits)
        except (EOFError, OSError) as error:
            process = self._process
            if process is not None:
                process.join(1)
            code = process.exitcode if process is not None else None
            self.end()
            if self._closed:
                raise Cancelled(task=task) from error
            raise _death(task, code) from error
        except KeyboardInterrupt:
            self.end()
            raise

    def close(self) -> None:
        """End the process for good, from whatever thread: a call under way is told Cancelled, later ones too."""
        self._closed = True
        process = self._process
        if process is not None and process.is_alive():
            process.kill()
            process.join(5)

    def end(self) -> None:
        """End the process; the next call starts another."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process, self._pipe = None, None

    def _hand_over(self, task: str, args: tuple[Any, ...], kwargs: dict[str, Any], report: Report) -> Connection:
        """Give the task to a living worker. One that died at rest, unseen until now, is replaced once."""
        pipe = self._started(task, report)
        try:
            pipe.send((task, args, kwargs))
        except OSError:
            self.end()
            pipe = self._started(task, report)
            pipe.send((task, args, kwargs))
        return pipe

    def _follow(self, pipe: Connection, task: str, report: Report, limits: Limits | None) -> Any:
        """Read the worker's messages until its result; ask ``report`` often enough to cancel within a second."""
        watch = Watch(self.pid or 0, task, limits)
        cancelled_at: float | None = None
        fraction, doing = 0.0, ""
        while True:
            if pipe.poll(LOOK_SECONDS):
                kind, value = pipe.recv()
                if kind == "done":
                    if cancelled_at is not None:
                        raise Cancelled(task=task)
                    return value
                if kind == "error":
                    raise value
                fraction, doing = value
            passed = watch.look()
            if passed is not None:
                self.end()
                raise passed
            if cancelled_at is None:
                try:
                    report(fraction, doing)
                except Cancelled:
                    cancelled_at = time.monotonic()
                    pipe.send(CANCEL)
                except BaseException:
                    self.end()  # its answer would otherwise reach the next caller
                    raise
            elif time.monotonic() - cancelled_at > GRACE_SECONDS:
                self.end()
                raise Cancelled(task=task)

    def _started(self, task: str, report: Report) -> Connection:
        """The pipe of a worker that is ready; a new one when there is none."""
        if self._closed:
            raise Cancelled(task=task)
        if self.pid is None or self._pipe is None:
            self.end()
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            process = context.Process(target=serve, args=(theirs, self.kind), name=f"paddock-{self.kind}", daemon=True)
            process.start()
            theirs.close()
            self._process, self._pipe = process, ours
            if self._closed:
                self.end()
                raise Cancelled(task=task)
            try:
                while not ours.poll(0.1):
                    report(0.0, "")
            except BaseException:
                self.end()
                raise
            if ours.recv()[0] != READY:
                raise EOFError
        return self._pipe


def _death(task: str, code: int | None) -> PaddockError:
    if code == -9:  # SIGKILL, which Windows has not
        return EngineDied(
            task=task, why=f"exit {code}",
            why_fr="le système a fermé le programme qui calculait, le plus souvent faute de mémoire",
            why_en="the system ended the program that was computing, most often for lack of memory",
        )  # fmt: skip
    return EngineDied(task=task, why=f"exit {code}")
