"""Calls of « Le livre »: the layout for the screen, binding, books that were made."""

from __future__ import annotations

import json
from typing import Any

from app.page.service import Call, Service, Visit
from studio.binding import Plate, bind_book, layout_of
from studio.job import Job
from studio.workspace import Workspace


def book_layout(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """Pages with their slots in mm."""
    pages = layout_of(visit.desk, _plates(args))
    paper = pages[0].paper
    return {
        "width": paper.width, "height": paper.height,
        "pages": [
            {
                "kind": page.kind,
                "slots": [
                    {"plate": slot.plate, **{side: getattr(slot.box, side) for side in ("x", "y", "width", "height")}}
                    for slot in page.slots
                ],
            }
            for page in pages
        ],
    }  # fmt: skip


def bind(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Make the PDF."""
    title, subtitle = str(args.get("title") or "Paddock")[:120], str(args.get("subtitle") or "")[:120]

    def work(job: Job) -> dict[str, Any]:
        made = bind_book(
            visit.desk, _plates(args), title=title, subtitle=subtitle, language=visit.language, report=job.report
        )
        return {
            "sha": made.sha, "name": f"{title}.pdf", "pages": made.pages, "engine": made.engine,
            "warnings": list(made.warnings),
        }  # fmt: skip

    return service.start("bind", visit, work, label=title)


def books(service: Service, visit: Visit, args: dict[str, Any]) -> list[dict[str, Any]]:
    """Books of the workspace, newest first."""
    times = {event.seq: event.time for event in visit.desk.workspace.events() if event.action == "bind"}
    return [
        {"sha": row["sha"], "title": row["title"], "time": times[row["seq"]]} for row in _rows(visit.desk.workspace)
    ]


def last_book(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any] | None:
    """The newest book, None when there is none."""
    for row in _rows(visit.desk.workspace):
        return {
            "sha": row["sha"], "name": f"{row['title']}.pdf", "pages": row["pages"],
            "engine": json.loads(row["parameters"])["engine"], "warnings": json.loads(row["parameters"])["warnings"],
        }  # fmt: skip
    return None


def _rows(workspace: Workspace) -> list[Any]:
    return list(workspace.read("SELECT * FROM books ORDER BY seq DESC"))


def _plates(args: dict[str, Any]) -> list[Plate]:
    return [Plate(str(item["photo"]), caption=str(item.get("caption") or "")[:400]) for item in args["plates"]]


CALLS: dict[str, Call] = {"book_layout": book_layout, "bind": bind, "books": books, "last_book": last_book}
