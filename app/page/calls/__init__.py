"""Every call that the browser can make, by name."""

from __future__ import annotations

from app.page.calls import book, common, evaluate, machine, people, retouch, sharing, sort, style, trace
from app.page.service import Call

CALLS: dict[str, Call] = {
    **common.CALLS, **sort.CALLS, **retouch.CALLS, **style.CALLS, **book.CALLS, **trace.CALLS, **evaluate.CALLS,
    **people.CALLS, **sharing.CALLS, **machine.CALLS,
}  # fmt: skip
