"""Trace: where does this picture come from? The tree from a result back to its originals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.ledger import Event, Item
from core.canonical import sha256_of_file
from core.errors import AuditError, FolderError, disk_reason
from studio.workspace import Workspace

Makers = dict[str, list[tuple[Event, Item]]]
"""By hash: the events that made a file, oldest first, each with the item as it named it."""


@dataclass(frozen=True, slots=True)
class Step:
    """What was done: the ledger's event in short. verdict events are not steps: they change no picture."""

    seq: int
    action: str
    time: str
    who: str
    backend: str
    model: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A file and how it was made.

    steps: every event that made these very bytes for this photo, oldest first: a proposal that a
    person kept as it was is one file with two steps. sources: what it was made from.
    """

    sha: str
    role: str
    name: str
    steps: tuple[Step, ...]
    sources: tuple[Node, ...]

    def walk(self) -> list[Node]:
        """This node and all its sources, results first."""
        return [self, *(node for source in self.sources for node in source.walk())]


def trace(workspace: Workspace, sha: str) -> Node:
    """The tree of a stored file. Raises AuditError when the ledger does not know it."""
    makers: Makers = {}
    for event in workspace.events():
        for item in event.outputs:
            makers.setdefault(item.sha256, []).append((event, item))
    if sha not in makers:
        raise AuditError(
            problem_fr=f"ce fichier ({sha[:12]}…) n'a pas été produit ni importé dans cet espace de travail.",
            problem_en=f"this file ({sha[:12]}…) was neither made nor imported in this workspace.",
        )
    return _node(sha, makers, frozenset(), "")


def trace_file(workspace: Workspace, path: Path) -> Node:
    """The tree of any file on disk, found by its exact bytes."""
    try:
        return trace(workspace, sha256_of_file(path))
    except OSError as error:
        fr, en = disk_reason(error)
        raise FolderError(
            folder=path, problem_fr=f"lecture impossible ({fr}).", problem_en=f"can't be read ({en})."
        ) from error


def history(workspace: Workspace, photo: str) -> list[Event]:
    """Every event about one original, oldest first: verdicts, decisions, masks, edits, styles, acceptances."""
    return [event for event in workspace.events() if event.subject == photo]


def _node(sha: str, makers: Makers, above: frozenset[str], subject: str) -> Node:
    """One file's node; subject: the photo that the result above is about, "" when it is about several."""
    made = [maker for maker in makers[sha] if maker[0].subject == subject] or makers[sha]
    event, item = made[0]
    sources = tuple(
        _node(source.sha256, makers, above | {sha}, event.subject)
        for source in event.inputs
        if source.sha256 in makers and source.sha256 not in above | {sha}
    )
    return Node(sha, item.role, item.name, tuple(_step(event) for event, _ in made), sources)


def _step(event: Event) -> Step:
    origin = event.origin or {}
    backend, model = origin.get("backend", ""), origin.get("model", "")
    return Step(event.seq, event.action, event.time, event.actor, backend, model, event.parameters)


def steps_in_order(node: Node) -> list[Step]:
    """The steps that lead to a node, oldest first, each once."""
    steps = {step.seq: step for part in node.walk() for step in part.steps}
    return [steps[seq] for seq in sorted(steps)]
