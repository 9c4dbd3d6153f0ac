"""Calls of « Cette machine »: what this computer has and can do, the deep check, the backup. For people at it only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.machine_words import estimate_row, look, row, size, source
from app.page.service import Call, Service, Visit
from app.page.visitors import local_only
from core.errors import ChoiceError
from studio.backup import backup_workspace
from studio.estimates import estimates
from studio.job import Job
from studio.machine import GROUPS, ready
from studio.machine.deep import check
from studio.machine.disks import disks, last, remember, target

_DISKS = ("disk_workspace", "disk_project", "memory")


def machine(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Facts by group, estimates with their source, bars of what is full, disks for a backup, the last backup."""
    language, settings = visit.language, visit.desk.settings
    found = look(settings)
    return {
        "ready": ready(found),
        "missing": sum(fact.state == "missing" for fact in found),
        "notes": sum(fact.state == "note" for fact in found),
        "groups": [
            {"group": group, "facts": [row(fact, language) for fact in found if fact.group == group]}
            for group in GROUPS
        ],
        "bars": [
            {
                "id": fact.id, "title": row(fact, language)["title"], "state": fact.state,
                "used": 1 - _free(fact.values) / fact.values["total_bytes"],
                "free": size(_free(fact.values), language),
            }
            for fact in found if fact.id in _DISKS
        ],
        "estimates": [estimate_row(figure, language) for figure in estimates(settings)],
        "source": source(language),
        "backup": _backup(visit),
    }  # fmt: skip


def deep_check(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Load and try every engine in processes of their own; the browser words the steps."""

    def work(job: Job) -> list[dict[str, Any]]:
        return [step.as_json() for step in check(job.report)]

    return service.start("check", visit, work)


def back_up(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Copy the workspace to a disk (by its number in the list) or to a folder that was typed."""
    workspace = visit.desk.workspace
    typed = str(args.get("folder") or "").strip()
    offered = {str(disk.path): disk.path for disk in disks(workspace.folder)}
    if typed:
        out = Path(typed).expanduser()
        if not out.is_absolute():
            raise ChoiceError(
                problem_fr=f"« {typed} » n'est pas un chemin entier. Écrivez-le depuis la racine du disque.",
                problem_en=f"“{typed}” is not a whole path. Write it from the root of the disk.",
            )
    elif str(args.get("disk")) in offered:
        out = target(offered[str(args["disk"])], workspace)
    else:
        raise ChoiceError(
            problem_fr="ce disque n'est plus là. Rebranchez-le, puis regardez de nouveau la machine.",
            problem_en="this disk is no longer there. Plug it in again, then look at the computer again.",
        )

    def work(job: Job) -> dict[str, Any]:
        made = backup_workspace(workspace, out, report=job.report)
        remember(workspace, made)
        problems = [problem.message(visit.language) for problem in made.problems]
        return {"where": str(made.folder), "problems": problems, "backup": _backup(visit)}

    return service.start("backup", visit, work, label=out.name)


def _backup(visit: Visit) -> dict[str, Any]:
    workspace = visit.desk.workspace
    done = last(workspace)
    return {
        "last": None if done is None else {"made": done.made, "where": done.where, "there": done.there},
        "disks": [
            {"path": str(disk.path), "free": size(disk.free, visit.language), "same": disk.same}
            for disk in disks(workspace.folder)
        ],
    }  # fmt: skip


def _free(values: Any) -> int:
    return int(values["free_bytes"] if "free_bytes" in values else values["available_bytes"])


CALLS: dict[str, Call] = {
    "machine": local_only(machine), "machine_check": local_only(deep_check), "machine_backup": local_only(back_up),
}  # fmt: skip
