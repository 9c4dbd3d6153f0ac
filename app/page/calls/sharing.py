"""Calls of « Partager »: how this page is shared, with the password for whoever sits at this machine; share it."""

from __future__ import annotations

from typing import Any

from app.page.lan import lan_address
from app.page.logins import Logins
from app.page.service import Call, Service, Visit
from app.page.sharing import Sharing
from app.page.visitors import local_only
from app.texts import LANGUAGES, text
from core.errors import ChoiceError, SettingsError

MODES = ("local", "lan", "share")


def sharing(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """{mode, local, login, state, expires_at}, and at this machine {address, password, qr, problem}."""
    return service.sharing.as_json(visit.language, local=visit.local)


@local_only
def share(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Open the page again as ``mode`` says: local, lan or share. Answers with the owner's way in once it is back.

    Raises NetworkError when the machine is on no network, SettingsError for another mode, ChoiceError while photos
    are being sent or something runs that can't go on afterwards.
    """
    settings, mode = service.desk.settings, str(args.get("mode"))
    if mode not in MODES:
        raise SettingsError(name="mode", value=mode, expected=", ".join(MODES))
    _refuse_to_lose(service)
    lan = lan_address() if mode == "lan" else ""
    if lan:
        _refuse_taken(lan, service.sharing.port)
    again = Sharing(
        port=service.sharing.port,
        lan=lan,
        share=mode == "share",
        logins=Logins(settings.password) if settings.password else None,
    )
    service.open_again(again)
    return {"door": again.door}


def _refuse_to_lose(service: Service) -> None:
    """Closing the page would cut off photos on their way and end what somebody waits for; batches go on."""
    for job in service.jobs.all():
        if job.active and job.open:
            raise ChoiceError(
                problem_fr=f"des photos arrivent encore ({job.who}). Attendez la fin de l'envoi, puis recommencez.",
                problem_en=f"photos are still being sent ({job.who}). Wait for the end, then try again.",
            )
        if job.active and not job.batch:
            names = {language: text(language, f"job.{job.kind}") for language in LANGUAGES}
            raise ChoiceError(
                problem_fr=f"« {names['fr']} » est en cours ({job.who}) et serait perdu. "
                "Attendez la fin, ou annulez-le dans « Tâches ».",
                problem_en=f"“{names['en']}” is under way ({job.who}) and would be lost. "
                "Wait for its end, or cancel it under “Jobs”.",
            )


def _refuse_taken(lan: str, port: int) -> None:
    """The page would come back at another port, where nobody looks for it."""
    from app.page.server import listen

    listeners, free = listen(port, [lan])
    for listener in listeners:
        listener.close()
    if free != port:
        raise ChoiceError(
            problem_fr=f"un autre programme occupe déjà {lan}:{port}. Fermez-le, "
            "ou fermez Paddock et relancez-le avec « --lan » : il prendra un autre numéro.",
            problem_en=f"another program holds {lan}:{port} already. End it, "
            "or stop Paddock and start it with “--lan”: it will take another number.",
        )


CALLS: dict[str, Call] = {"sharing": sharing, "share": share}
