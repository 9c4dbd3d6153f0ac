"""Long work in the background: progress, time left, cancel, and the errors of single photos.

A job is a function that receives its Job and returns a JSON-serialisable result. Batches run one
after another; what a person waits for runs at once beside them. (Jobs live in memory; their results
live in the ledger.)
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from core.errors import Cancelled, EngineFailed, PaddockError

State = Literal["waiting", "running", "done", "failed", "cancelled"]
KEEP_FINISHED = 50


@dataclass(eq=False)
class Job:
    """One piece of long work. kind: a verb that the page words ("import", "judge", "remove" …)."""

    id: str
    kind: str
    who: str
    label: str = ""
    total: int = 1
    state: State = "waiting"
    fraction: float = 0.0
    doing: str = ""
    errors: list[tuple[str, PaddockError]] = field(default_factory=list)
    error: PaddockError | None = None
    result: Any = None
    started: float = 0.0
    ended: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def report(self, fraction: float, doing: str = "") -> None:
        """Progress so far (a core.values.Report). Raises Cancelled once cancel was asked for."""
        if self._stop.is_set():
            raise Cancelled(task=self.kind)
        self.fraction, self.doing = min(1.0, max(self.fraction, fraction)), doing

    def part(self, start: float, share: float) -> Callable[[float, str], None]:
        """A Report for one part of the job, mapped onto [start, start + share]."""
        return lambda fraction, doing: self.report(start + share * fraction, doing)

    def failed_photo(self, name: str, error: PaddockError) -> None:
        """List one photo's error; the batch goes on."""
        self.errors.append((name, error))

    def cancel(self) -> None:
        """Ask to stop; the next report raises Cancelled."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; False when it has not come within ``seconds``."""
        return self._ended.wait(seconds)

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the progress so far; None while there is too little to tell."""
        elapsed = time.monotonic() - self.started
        if self.state != "running" or self.fraction < 0.02 or elapsed < 0.5:
            return None
        return elapsed * (1 - self.fraction) / self.fraction


class Jobs:
    """The board of all jobs of one desk."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._batches = ThreadPoolExecutor(1, thread_name_prefix="batch")
        self._direct = ThreadPoolExecutor(4, thread_name_prefix="direct")

    def start(self, kind: str, work: Callable[[Job], Any], *, who: str, label: str = "", batch: bool = False) -> Job:
        """Queue work and return its job at once."""
        job = Job(id=f"{kind}-{next(self._numbers)}", kind=kind, who=who, label=label)
        with self._lock:
            self._jobs[job.id] = job
            finished = [key for key, value in self._jobs.items() if value._ended.is_set()]
            for key in finished[:-KEEP_FINISHED]:
                del self._jobs[key]
        (self._batches if batch else self._direct).submit(_run, job, work)
        return job

    def get(self, job_id: str) -> Job | None:
        """A job by its id; None when it is unknown or was forgotten."""
        with self._lock:
            return self._jobs.get(job_id)

    def all(self) -> list[Job]:
        """Jobs from the oldest to the newest."""
        with self._lock:
            return list(self._jobs.values())

    def close(self) -> None:
        """Cancel what runs and take no more."""
        for job in self.all():
            job.cancel()
        # What still waits in line ends as cancelled when its turn comes, at once: nobody waits for it in vain.
        self._batches.shutdown(wait=False)
        self._direct.shutdown(wait=False)


def _run(job: Job, work: Callable[[Job], Any]) -> None:
    job.state, job.started = "running", time.monotonic()
    try:
        job.report(0.0)
        job.result = work(job)
        job.fraction, job.state = 1.0, "done"
    except Cancelled as error:
        job.error, job.state = error, "cancelled"
    except PaddockError as error:
        job.error, job.state = error, "failed"
    except Exception as error:  # noqa: BLE001 - shown to the person as a failed job, with its cause
        job.error, job.state = EngineFailed(task=job.kind, why=f"{type(error).__name__}: {error}"), "failed"
    finally:
        job.ended = time.monotonic()
        job._ended.set()
