"""The machine's clock as the ledger shows it: events are ordered by number, their time is only what was declared.

A clock that is set back is no fault of the record: it is remarked, and nothing is computed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from audit.ledger import Event

TOLERANCE = timedelta(seconds=2)
"""A clock that the network sets goes back by less than this."""


def steps_back(events: Iterable[Event]) -> Iterator[tuple[Event, Event]]:
    """Pairs of neighbours of which the later event bears the earlier time."""
    before: Event | None = None
    for event in events:
        if before is not None and is_earlier(event.time, before.time):
            yield before, event
        before = event


def is_earlier(time: str, other: str) -> bool:
    """True when ``time`` lies before ``other`` by more than the tolerance; both ISO 8601, False for what is not."""
    first, second = moment(time), moment(other)
    return first is not None and second is not None and first + TOLERANCE < second


def moment(time: str) -> datetime | None:
    """An event's time; None when it is none (verification tells that the event was altered)."""
    try:
        found = datetime.fromisoformat(time)
    except (TypeError, ValueError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def shown_time(time: str) -> str:
    """An event's time to the second, as people read it, in UTC as it was recorded."""
    found = moment(time)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found else time
