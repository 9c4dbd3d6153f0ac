"""Who goes next: a person's call overtakes a batch's, and a batch holds back while a person's call runs.

``threading.Lock`` promises neither: a batch that asks again at once may get it again. On a free machine that
hardly shows (benchmarks/overtaking.py: 0.12 s either way); at a load of twelve a person once waited 11.6 s
behind a lock, and 1.2 s at most here.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping

from core.values import Report

PATIENCE_SECONDS = 20.0
"""How long a batch holds back for a person's calls: a long one must not bring it to a standstill."""
POLL_SECONDS = 0.1
"""How often whoever waits is asked whether it still wants to."""


class Ticket:
    """A place in the line of one lane. background: gives way to those that are not."""

    __slots__ = ("background", "lane", "number", "since")

    def __init__(self, lane: str, background: bool, number: int, since: float) -> None:
        self.lane, self.background, self.number, self.since = lane, background, number, since

    @property
    def rank(self) -> tuple[bool, int]:
        """Smaller goes first: persons before batches, then in the order of coming."""
        return self.background, self.number


class Turns:
    """Lanes (one per kind of worker) with a number of places each; a ticket is taken, waited for, given back."""

    def __init__(
        self, places: Mapping[str, int], *, patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._places, self._patience, self._clock = dict(places), patience, clock
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._waiting: list[Ticket] = []
        self._running: list[Ticket] = []

    def wait(self, lane: str, report: Report, *, background: bool) -> Ticket:
        """Wait for a place and return its ticket. What ``report`` raises (Cancelled) leaves the line."""
        with self._changed:
            ticket = Ticket(lane, background, next(self._numbers), self._clock())
            self._waiting.append(ticket)
        while True:
            try:
                with self._changed:
                    if self._may_start(ticket) or (self._changed.wait(POLL_SECONDS) and self._may_start(ticket)):
                        self._waiting.remove(ticket)
                        self._running.append(ticket)
                        self._changed.notify_all()
                        return ticket
                report(0.0, "")
            except BaseException:
                with self._changed:
                    self._waiting.remove(ticket)
                    self._changed.notify_all()
                raise

    def give_back(self, ticket: Ticket) -> None:
        """The work of this ticket is over."""
        with self._changed:
            self._running.remove(ticket)
            self._changed.notify_all()

    def waiting(self, lane: str) -> int:
        """How many wait in a lane."""
        with self._changed:
            return sum(ticket.lane == lane for ticket in self._waiting)

    def _may_start(self, ticket: Ticket) -> bool:
        running = [other for other in self._running if other.lane == ticket.lane]
        if len(running) >= self._places[ticket.lane]:
            return False
        if any(other.lane == ticket.lane and other.rank < ticket.rank for other in self._waiting):
            return False
        if not ticket.background:
            return True
        # Batches leave one of several places free, so that a person never waits for a whole photo of theirs.
        if sum(other.background for other in running) >= max(1, self._places[ticket.lane] - 1):
            return False
        now = self._clock()
        if now - ticket.since >= self._patience:
            return True
        # A person's call that has lasted long already no longer holds a batch back at every single photo.
        persons = [other for other in self._waiting + self._running if not other.background]
        return all(now - other.since >= self._patience for other in persons)
