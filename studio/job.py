"""One piece of long work: its progress, its items, its errors, and how it is asked to stop."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from core.errors import Cancelled, PaddockError
from studio.jobstore import JobItem, JobStore

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]
ACTIVE = ("waiting", "running")
SETTLE_SECONDS = 0.5
"""What became of items is written down this often: a kill costs at most that many seconds of second looks."""


@dataclass(eq=False)
class Job:
    """One piece of long work. kind: a verb that the page words ("import", "judge", "remove" …).

    open: further items are to come (a browser is still sending), ``expected`` in all as far as is known.
    total, done, failed: items of a batch. errors: (name, error) of the failed ones; notes: what happened
    on the way and was mended, as (text key, details) that the page words.
    """

    id: str
    kind: str
    who: str
    label: str = ""
    batch: bool = False
    arguments: dict[str, Any] = field(default_factory=dict)
    open: bool = False
    expected: int = 0
    total: int = 1
    done: int = 0
    failed: int = 0
    state: State = "waiting"
    fraction: float = 0.0
    doing: str = ""
    errors: list[tuple[str, PaddockError]] = field(default_factory=list)
    notes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    error: PaddockError | None = None
    result: Any = None
    started: float = 0.0
    started_at: float = 0.0
    ended: float = 0.0
    _store: JobStore | None = None
    _number: int = 0
    _reached: int = 0
    _unsettled: list[JobItem] = field(default_factory=list)
    _settled_at: float = 0.0
    _more: threading.Event = field(default_factory=threading.Event)
    _intake: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)
    _leaving: bool = False
    _withdraw: Callable[[], None] = lambda: None
    _ended: threading.Event = field(default_factory=threading.Event)

    @property
    def number(self) -> int:
        """The row in the workspace's table."""
        return self._number

    def report(self, fraction: float, doing: str = "") -> None:
        """Progress so far (a core.values.Report). Raises Cancelled once cancel was asked for."""
        if self._stop.is_set():
            raise Cancelled(task=self.kind)
        self.fraction, self.doing = min(1.0, max(self.fraction, fraction)), doing or self.doing

    def part(self, start: float, share: float) -> Callable[[float, str], None]:
        """A Report for one part of the job, mapped onto [start, start + share]."""
        return lambda fraction, doing: self.report(start + share * fraction, doing)

    def asked(self, fraction: float, doing: str) -> None:
        """A Report that only asks whether to stop; a batch's progress is its items."""
        self.report(0.0, "")

    def failed_photo(self, name: str, error: PaddockError) -> None:
        """List one photo's error; the work goes on."""
        self.errors.append((name, error))
        self.failed = len(self.errors)

    def note(self, key: str, **details: str) -> None:
        """Tell the person about something that happened and was mended."""
        self.notes.append((key, details))

    # What a batch does with its items.

    def take(self, limit: int) -> list[JobItem]:
        """The next items that wait, at most ``limit``; each is given once."""
        assert self._store is not None
        items = self._store.waiting(self._number, after=self._reached, limit=limit)
        if items:
            self._reached = items[-1].number
        return items

    def settle(self, item: JobItem, outcome: str = "") -> None:
        """An item is done."""
        self.done += 1
        self._settle(replace(item, state="done", outcome=outcome))

    def fail(self, item: JobItem, error: PaddockError) -> None:
        """An item can't be done; it is listed, and the batch goes on."""
        self.failed_photo(item.name, error)
        self._settle(replace(item, state="failed", error=error))

    def refuse(self, name: str, error: PaddockError) -> None:
        """List something that can't even become an item (a damaged photo inside an archive)."""
        assert self._store is not None
        self.total += 1
        self.failed_photo(name, error)
        self._store.add_failed(self._number, name, error)

    def add(self, items: Iterable[tuple[str, str]], *, instead_of: JobItem | None = None) -> int:
        """Append (name, source) items, replacing one where that one stands for them (an archive)."""
        assert self._store is not None
        count = self._store.add_items(self._number, items, instead_of=instead_of.number if instead_of else None)
        self.total += count - (instead_of is not None)
        self.fraction = (self.done + self.failed) / max(1, self.whole)
        self._more.set()
        return count

    def take_more(self, items: Iterable[tuple[str, str]]) -> bool:
        """Append items to a batch that runs; False when it has closed its intake, and they are not added."""
        with self._intake:
            if self._closed or not self.active:
                return False
            self.add(items)
            return True

    def more(self, wanted: Callable[[], bool], seconds: float = math.inf) -> bool:
        """Wait for further items while ``wanted``, at most ``seconds``; False closes the intake for good."""
        until = time.monotonic() + seconds
        self.flush()
        while True:
            with self._intake:
                if self._more.is_set():
                    self._more.clear()
                    return True
                if not wanted() or time.monotonic() > until:
                    self._closed, self.open = True, False
                    return False
            self.report(0.0)
            self._more.wait(0.2)

    def seal(self) -> None:
        """Nobody will add items."""
        self.open = False

    @property
    def whole(self) -> int:
        """How many items there are, or will be once those that are announced have come."""
        return max(self.total, self.expected) if self.open else self.total

    def flush(self) -> None:
        """Write down what became of the items so far."""
        if self._store is not None and self._unsettled:
            settled, self._unsettled = self._unsettled, []
            self._store.settle(self._number, settled)
        self._settled_at = time.monotonic()

    def _settle(self, item: JobItem) -> None:
        self._unsettled.append(item)
        self.fraction = (self.done + self.failed) / max(1, self.whole)
        if time.monotonic() - self._settled_at > SETTLE_SECONDS:
            self.flush()

    def cancel(self) -> None:
        """Ask to stop: the next report raises Cancelled, and one that waits for its turn ends now."""
        self._stop.set()
        self._withdraw()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; False when it has not come within ``seconds``."""
        return self._ended.wait(seconds)

    @property
    def active(self) -> bool:
        """True before its end."""
        return self.state in ACTIVE

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the progress of this run; None while there is too little to tell."""
        elapsed, gone = time.monotonic() - self.started, self.fraction - self.started_at
        if self.state != "running" or gone < 0.02 * (1 - self.started_at) or elapsed < 0.5:
            return None
        return elapsed * (1 - self.fraction) / gone
