"""Who is at the other end of a request: someone at this machine, or a guest from the network or the public link.

The gate sets ``current`` before anything else runs, and Gradio copies the context into the thread that
answers. Code that runs outside a request (tests, start-up) sees ``NOBODY``, who is not local: forgetting
the gate closes a door, it never opens one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from core.errors import ChoiceError

if TYPE_CHECKING:
    from app.page.service import Call, Service, Visit


@dataclass(frozen=True, slots=True)
class Visitor:
    """local: sits at this machine. address: where the request comes from. session: its login's id, "" without one."""

    local: bool
    address: str
    session: str


NOBODY = Visitor(local=False, address="", session="")
current: ContextVar[Visitor] = ContextVar("visitor", default=NOBODY)


def require_local(visit: Visit) -> None:
    """Raise ChoiceError for a visitor who does not sit at this machine."""
    if not visit.local:
        raise ChoiceError(
            problem_fr="cette action touche aux dossiers de l'ordinateur où tourne Paddock. "
            "Faites-la sur cet ordinateur, ou déposez les fichiers sur la page.",
            problem_en="this action concerns folders of the computer that runs Paddock. "
            "Do it on that computer, or drop the files on the page.",
        )


def local_only(call: Call) -> Call:
    """Decorate a call of ``app/page/calls`` that only a person at this machine may make."""

    @wraps(call)
    def guarded(service: Service, visit: Visit, args: dict[str, Any]) -> Any:
        require_local(visit)
        return call(service, visit, args)

    guarded_call: Callable[..., Any] = guarded
    return guarded_call
