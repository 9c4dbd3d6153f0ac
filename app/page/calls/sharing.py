"""Calls of « Partager »: how this page is shared, with the password for whoever sits at this machine; share it."""

from __future__ import annotations

from typing import Any

from app.page.lan import lan_address
from app.page.logins import Logins
from app.page.service import Call, Service, Visit
from app.page.sharing import Sharing
from app.page.visitors import local_only


def sharing(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """{mode, local, login, state, expires_at}, and at this machine {address, password, qr, problem}."""
    return service.sharing.as_json(visit.language, local=visit.local)


@local_only
def share(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Open the page again as ``mode`` says: local, lan or share. Answers with the owner's way in once it is back.

    Raises NetworkError when the machine is on no network.
    """
    settings, mode = service.desk.settings, str(args.get("mode"))
    again = Sharing(
        port=service.sharing.port,
        lan=lan_address() if mode == "lan" else "",
        share=mode == "share",
        logins=Logins(settings.password) if settings.password else None,
    )
    service.open_again(again)
    return {"door": again.door}


CALLS: dict[str, Call] = {"sharing": sharing, "share": share}
