"""Slow down who guesses passwords: growing waits for one address, and a ceiling for all addresses together."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

FREE = 4
"""Wrong tries of one address that are only answered late; from the next on the address is shut out for a while."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 900.0
FORGET = 3600.0
"""Seconds without a try after which an address is forgotten."""
ALL_TRIES, ALL_SECONDS = 60, 600.0
"""Wrong tries of everybody within so many seconds after which all passwords wait."""
ADDRESSES = 10_000


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    last: float = 0.0
    shut_until: float = 0.0


class Throttle:
    """Counts wrong tries. Kept in memory, and bounded; used from one thread (the page's event loop)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_address: dict[str, _Tries] = {}
        self._all: deque[float] = deque()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again, 0 when it may now."""
        now = self._clock()
        while self._all and now - self._all[0] > ALL_SECONDS:
            self._all.popleft()
        crowd = self._all[0] + ALL_SECONDS - now if len(self._all) >= ALL_TRIES else 0.0
        mine = self._by_address.get(address)
        if mine is not None and now - mine.last > FORGET:
            del self._by_address[address]
            mine = None
        return max(crowd, mine.shut_until - now if mine else 0.0, 0.0)

    def failed(self, address: str) -> float:
        """Count a wrong try; returns the seconds by which its answer should be held back (at most 2)."""
        now = self._clock()
        if address not in self._by_address and len(self._by_address) >= ADDRESSES:
            del self._by_address[min(self._by_address, key=lambda known: self._by_address[known].last)]
        tries = self._by_address.setdefault(address, _Tries())
        tries.wrong += 1
        tries.last = now
        self._all.append(now)
        over = tries.wrong - FREE
        if over > 0:
            tries.shut_until = now + min(FIRST_WAIT * 2.0 ** min(over - 1, 10), LONGEST_WAIT)
        return min(0.2 * 2.0 ** (tries.wrong - 1), 2.0)

    def succeeded(self, address: str) -> None:
        """Forget the wrong tries of an address."""
        self._by_address.pop(address, None)
