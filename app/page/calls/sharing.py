"""Call of « Partager »: how this page is shared, with the password for whoever sits at this machine."""

from __future__ import annotations

from typing import Any

from app.page.service import Call, Service, Visit


def sharing(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """{mode, local, login, state, expires_at}, and at this machine {address, password, qr, problem}."""
    return service.sharing.as_json(visit.language, local=visit.local)


CALLS: dict[str, Call] = {"sharing": sharing}
