"""What runs in a worker's process: one task after another until the page closes the pipe, or ends."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

from core.errors import Cancelled, EngineFailed, PaddockError, TaskTooLarge, disk_reason

THREADS = {
    "GOMP_SPINCOUNT": "0", "OMP_WAIT_POLICY": "passive", "TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow",
}  # fmt: skip
"""Set before a framework is imported: spinning OpenMP threads make two busy cores 1.5–3 times slower."""
NICE = 5
"""A reader of photos gives way to what a person waits for."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
READY = "ready"
CANCEL = "cancel"


def serve(pipe: Connection, kind: str) -> None:
    """The worker's loop. Messages in: (task, args, kwargs) or CANCEL; out: (READY | "report" | "done" | "error", …)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the page, which ends its workers
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)
    if kind in ("read", "study") and hasattr(os, "nice"):
        os.nice(NICE)
    if kind == "read":
        _prepare_reader()
    try:
        pipe.send((READY, None))
        while True:
            message = pipe.recv()
            if message != CANCEL:  # else the task had ended before its cancellation arrived
                _work(pipe, *message)
    except (EOFError, ConnectionError):
        return  # the page closed the pipe, or is gone


def resolve(task: str) -> Callable[..., Any]:
    """The function that ``module:function`` names."""
    module, _, name = task.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _work(pipe: Connection, task: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    def report(fraction: float, doing: str) -> None:
        pipe.send(("report", (fraction, doing)))
        if pipe.poll() and pipe.recv() == CANCEL:
            raise Cancelled(task=task)

    try:
        pipe.send(("done", resolve(task)(*args, report=report, **kwargs)))
    except PaddockError as error:
        pipe.send(("error", error))
    except MemoryError as error:
        traceback.print_exc()
        pipe.send(("error", TaskTooLarge(task=task, why=f"MemoryError: {error}".rstrip(": "))))
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - a task's surprise must reach the person, not kill the worker
        traceback.print_exc()
        pipe.send(("error", failed(task, error)))


def failed(task: str, error: Exception) -> EngineFailed:
    """A task's surprise as an error in words: what the disk refused, or the exception by its name."""
    if isinstance(error, OSError) and error.errno in _DISK:
        fr, en = disk_reason(error)
        return EngineFailed(task=task, why_fr=fr, why_en=en)
    return EngineFailed(task=task, why=f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """End this process when its parent ends, even in the middle of a task and even after kill -9.

    The sentinel is a pipe on POSIX and a process handle on Windows; the system itself closes it. (Linux's
    PR_SET_PDEATHSIG would not do: it fires when the thread that started the worker ends.)
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _prepare_reader() -> None:
    """Import before the first photo what every photo needs, so that its limits count the photo alone."""
    import core.images  # noqa: F401
