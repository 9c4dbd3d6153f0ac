"""Calls of « Traçabilité »: the tree of a picture, verification, the legal export."""

from __future__ import annotations

from typing import Any

from app.page.service import Call, Service, Visit, uploaded
from audit.ledger import Event
from studio.exporting import export_audit_zip
from studio.job import Job
from studio.tracing import Node, history, trace, trace_file


def tree(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """The tree of a stored file and the history of the photo it belongs to."""
    return _answer(visit, trace(visit.desk.workspace, str(args["sha"])))


def tree_of_file(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, Any]:
    """The tree of a dropped file, found by its exact bytes."""
    (path,) = uploaded([args["file"]])
    return _answer(visit, trace_file(visit.desk.workspace, path))


def verify(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Check the whole ledger and store."""

    def work(job: Job) -> dict[str, Any]:
        found = visit.desk.workspace.verify(report=job.report)
        return {
            "holds": found.holds, "events": found.events, "files": found.files,
            "problems": [problem.message(visit.language) for problem in found.problems],
        }  # fmt: skip

    return service.start("verify", visit, work)


def export(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Everything for the legal department in one zip."""

    def work(job: Job) -> dict[str, str]:
        path = export_audit_zip(visit.desk, report=job.report)
        return {"name": path.name, "url": f"media/export/{path.name}"}

    return service.start("export", visit, work)


def _answer(visit: Visit, node: Node) -> dict[str, Any]:
    originals = {part.sha for part in node.walk() if part.role == "original"}
    events = [event for sha in sorted(originals) for event in history(visit.desk.workspace, sha)]
    return {"tree": _node(node), "history": [_event(event) for event in sorted(events, key=lambda event: event.seq)]}


def _node(node: Node) -> dict[str, Any]:
    names = ("seq", "action", "time", "who", "backend", "model")
    return {
        "sha": node.sha,
        "role": node.role,
        "name": node.name,
        "sources": [_node(source) for source in node.sources],
        "steps": [{name: getattr(step, name) for name in names} for step in node.steps],
    }


def _event(event: Event) -> dict[str, Any]:
    facts, origin = event.parameters, event.origin or {}
    detail = facts.get("label") or facts.get("words") or facts.get("prompt") or ""
    return {
        "seq": event.seq, "time": event.time, "action": event.action, "who": event.actor, "detail": str(detail),
        "model": origin.get("model", ""), "backend": origin.get("backend", ""), "undoes": facts.get("undoes"),
    }  # fmt: skip


CALLS: dict[str, Call] = {"trace": tree, "trace_file": tree_of_file, "verify": verify, "export_audit": export}
