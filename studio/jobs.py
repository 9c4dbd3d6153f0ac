"""Long work in the background: progress, time left, cancel, errors of single photos, resume after a stop.

There are two sorts. A *direct* job is a function that a person waits for; it runs at once. A *batch*
is described by its kind, arguments and items alone, which are written down before it is acknowledged:
it is taken up again where it stood after a cancel, a full disk or a kill. One import and one other batch
run at a time; both leave the engines to whoever waits for an answer.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from core.errors import Cancelled, EngineFailed, PaddockError
from core.processes import is_owner_running, owner_token
from studio.desk import Desk
from studio.job import ACTIVE, Job, State
from studio.jobstore import JobRow, JobStore, Tally

Batch = Callable[["Jobs", Desk, Job], Any]
"""What a kind of batch does: (board, desk of the person who asked, job) → JSON result."""


DIRECT = 32
"""Direct jobs at a time. Most wait for an engine (studio.turns): a few long ones must not keep short ones out."""


class Jobs:
    """The board of all jobs of one desk. batches: what each kind of batch does."""

    def __init__(self, desk: Desk, batches: Mapping[str, Batch] | None = None) -> None:
        self.desk = desk
        self._batches = dict(batches or {})
        self._store = JobStore(desk.workspace)
        self._owner = f"{owner_token()}#{secrets.token_hex(4)}"
        _boards.add(self._owner)
        self._jobs: dict[int, Job] = {}
        self._lock = threading.RLock()
        self._direct = ThreadPoolExecutor(DIRECT, thread_name_prefix="direct")
        self._lanes = {name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in ("import", "batch")}
        self._closing = False

    def start(self, kind: str, work: Callable[[Job], Any], *, who: str, label: str = "") -> Job:
        """Run work that a person waits for, at once, and return its job."""
        job = self._new(kind, who=who, label=label, batch=False, arguments={})
        job._withdraw = lambda: self._withdraw(job)
        self._direct.submit(self._run, job, lambda: work(job))
        return job

    def submit(
        self, kind: str, items: Iterable[tuple[str, str]] = (), *, who: str, label: str = "",
        arguments: dict[str, Any] | None = None, more: bool = False, hold: bool = False,
    ) -> Job:  # fmt: skip
        """Put a batch in line; once this returns it survives a stop. more: items will follow until ``seal``.

        hold: it is written down, and its turn comes once it is let go (``let_go``).
        """
        job = self._new(kind, who=who, label=label, batch=True, arguments=arguments or {})
        job.total = 0
        job.open = more
        job.add(items)
        if not hold:
            self._queue(job)
        return job

    def let_go(self, job: Job) -> None:
        """Put a batch that was held in line."""
        self._queue(job)

    def retry(self, job_id: str, *, failed: bool = True) -> Job | None:
        """Take an ended batch up again at the items not done, the failed ones too; None when there is nothing to do."""
        job = self.get(job_id)
        if job is None or not job.batch or not job.wait(2.0 if job._stop.is_set() else 0.0):
            return None
        with self._lock:
            if not job._ended.is_set() or not self._store.again(job.number, owner=self._owner, failed=failed):
                return None
            self._restore(job)
            self._queue(job)
            return job

    def resume(self) -> list[Job]:
        """Take over what a stop left: batches go on; direct work is told as interrupted. Returns the batches."""
        resumed: list[Job] = []
        for row in self._store.rows():
            if row.number in self._jobs:
                continue
            job = self._known(row)
            if row.state in ACTIVE and not _is_run(row.owner):
                if not self._store.take_over(row, owner=self._owner):
                    continue  # another page that starts now was faster
                if row.batch and row.kind in self._batches:
                    self._restore(job)
                    resumed.append(job)
                    self._show(job)
                    continue
                job.state = "interrupted"
                self._store.update(row.number, "interrupted")
            elif row.state in ACTIVE:
                continue  # another page on the same workspace runs it
            job._ended.set()
            self._show(job)
        for job in resumed:
            self._queue(job)
        return resumed

    def get(self, job_id: str) -> Job | None:
        """A job by its id; None when it is unknown or was forgotten."""
        number = job_id.rpartition("-")[2]
        with self._lock:
            job = self._jobs.get(int(number)) if number.isdigit() else None
            return job if job is not None and job.id == job_id else None

    def all(self) -> list[Job]:
        """Jobs from the oldest to the newest."""
        with self._lock:
            return [self._jobs[number] for number in sorted(self._jobs)]

    def tally(self, job: Job) -> Tally:
        """How far a batch came, as written down."""
        return self._store.tally(job.number)

    def in_line(self, kind: str, *, stopped: bool = False) -> set[str]:
        """Sources of the items that batches of a kind have still to do, on whatever page.

        stopped: those of batches that a person cancelled too.
        """
        rows = [
            row for row in self._store.rows()
            if row.kind == kind and (self._is_active(row) or (stopped and row.state == "cancelled"))
        ]  # fmt: skip
        return {source for row in rows for source in self._store.sources(row.number)}

    def unfinished(self) -> set[int]:
        """Numbers of the jobs, of whatever page, that run or have items that are not done."""
        return self._store.unfinished()

    def running(self, kind: str, *, who: str | None = None) -> Job | None:
        """The newest job of a kind (and of a person) that has not ended, None when there is none."""
        return next(
            (job for job in reversed(self.all()) if job.kind == kind and job.active and who in (None, job.who)), None
        )

    def forget(self, *, keep: int = 0, who: str | None = None) -> list[int]:
        """Drop ended jobs from the board, the newest ``keep`` excepted; returns their numbers.

        who: the person who clears the list; others' jobs with photos that are not done stay.
        """
        with self._lock:
            gone = self._store.forget(keep, who=who)
            for number in gone:
                self._jobs.pop(number, None)
            return gone

    def close(self) -> None:
        """Stop what runs and take no more. Batches go on at the next start."""
        self._closing = True
        _boards.discard(self._owner)
        for job in self.all():
            if job.active:
                job._leaving = job.batch
                job.cancel()
        for pool in (self._direct, *self._lanes.values()):
            pool.shutdown(wait=False)
        until = time.monotonic() + 3
        for job in self.all():
            job.wait(max(0.0, until - time.monotonic()))

    def _new(self, kind: str, *, who: str, label: str, batch: bool, arguments: dict[str, Any]) -> Job:
        if self._closing:
            raise Cancelled(task=kind)
        number = self._store.add(
            kind, who=who, label=label, batch=batch, arguments=arguments, owner=self._owner
        )  # fmt: skip
        job = Job(f"{kind}-{number}", kind, who, label, batch, arguments, _store=self._store, _number=number)
        self._show(job)
        with self._lock:
            if number % 10 == 0:
                self.forget(keep=50)
        return job

    def _show(self, job: Job) -> None:
        with self._lock:  # people ask for the board meanwhile
            self._jobs[job.number] = job

    def _known(self, row: JobRow) -> Job:
        job = Job(
            f"{row.kind}-{row.number}", row.kind, row.who, row.label, row.batch, row.arguments,
            _store=self._store, _number=row.number,
        )  # fmt: skip
        job.state, job.result, job.error = row.state, row.result, row.error  # type: ignore[assignment]
        self._count(job)
        return job

    def _count(self, job: Job) -> None:
        """How far a batch came, from its items."""
        if not job.batch:
            return
        tally = self._store.tally(job.number)
        job.total, job.done = tally.total, tally.done
        job.errors = [(item.name, item.error) for item in self._store.failed(job.number) if item.error is not None]
        job.failed = len(job.errors)
        job.fraction = (job.done + job.failed) / max(1, job.total)

    def _restore(self, job: Job) -> None:
        """A job as new, with what is done counted."""
        job.state, job.error, job.result, job.doing, job._reached = "waiting", None, None, "", 0
        job.open = job._closed = False
        job._stop.clear()
        job._ended.clear()
        job.notes, job.started = [], 0.0
        self._count(job)

    def _queue(self, job: Job) -> None:
        desk = self.desk.acting(job.who).in_background()
        job._withdraw = lambda: self._withdraw(job)
        lane = self._lanes.get(job.kind, self._lanes["batch"])
        lane.submit(self._run, job, lambda: self._batches[job.kind](self, desk, job))

    def _run(self, job: Job, work: Callable[[], Any]) -> None:
        with self._lock:
            if job._ended.is_set():  # put in line twice and done at the first turn, or withdrawn
                return
            job.state, job.started, job.started_at = "running", time.monotonic(), job.fraction
        try:
            job._settled_at = time.monotonic()
            job.report(0.0)
            self._store.update(job.number, "running")
            try:
                job.result = work()
            finally:
                job.flush()
            state: State = "done"
            job.fraction = 1.0
        except Cancelled as error:
            job.error, state = error, "cancelled"
        except PaddockError as error:
            job.error, state = error, "failed"
        except Exception as error:  # noqa: BLE001 - shown to the person as a failed job, with its cause
            job.error, state = EngineFailed(task=job.kind, why=f"{type(error).__name__}: {error}"), "failed"
        self._end(job, state)

    def _withdraw(self, job: Job) -> None:
        """End a job that was cancelled before its turn came: what is before it may take an hour."""
        with self._lock:
            if job.state == "waiting":
                job.error = Cancelled(task=job.kind)
                self._end(job, "cancelled")

    def _end(self, job: Job, state: State) -> None:
        try:
            if not (state == "cancelled" and job._leaving):  # left as it is, to be taken up at the next start
                spent = time.monotonic() - job.started if job.started else 0.0
                result = job.result if job.batch else None
                self._store.update(job.number, state, result=result, error=job.error, seconds=spent)
        except PaddockError as error:  # a full disk: the row stays "running" and is taken up at the next start
            job.error = job.error or error
            state = "failed"
        finally:
            job.state, job.ended = state, time.monotonic()
            job._ended.set()

    def _is_active(self, row: JobRow) -> bool:
        own = self._jobs.get(row.number) if row.owner == self._owner else None
        return own.active if own is not None else row.state in ACTIVE and _is_run(row.owner)


_boards: set[str] = set()
"""Owners of this process's boards that are open: one process may open its page again (to share it, say)."""


def _is_run(owner: str) -> bool:
    """True while the board that a row names still runs it."""
    process = owner.partition("#")[0]
    return owner in _boards if process == owner_token() else is_owner_running(process)
