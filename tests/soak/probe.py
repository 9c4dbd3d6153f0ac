"""The process that looks after a kill: opens the workspace, then checks it against what was acknowledged.

python -m tests.soak.probe WORKSPACE ACKNOWLEDGED   (a file of the child's {"done": …} lines)
Two lines of JSON: {"opened": monotonic seconds, "size": events} and {"problems": […], …counts}.
"""

from __future__ import annotations

import json
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

from audit.ledger import Event
from core.canonical import sha256_of_file
from studio.workspace import Workspace

TABLES = {"import": "photos", "remove": "versions", "style": "versions", "bind": "books", "add-style": "styles"}
"""Where the folded tables must show what an action made."""


def check(workspace: Workspace, acknowledged: list[dict[str, Any]]) -> list[str]:
    """What is not as acknowledged, in words; [] when everything is there."""
    events = {event.seq: event for event in workspace.events()}
    problems = [problem for line in acknowledged for problem in _missing(workspace, events, line)]
    problems += [problem.en for problem in workspace.verify().problems]
    problems += [f"left over after cleaning: {path}" for path in _left_over(workspace)]
    problems += [f"unlike the ledger: {difference}" for difference in _differences(workspace, events)]
    problems += [f"a broken archive among the exports: {path.name}" for path in _broken_exports(workspace)]
    return problems


def _missing(workspace: Workspace, events: dict[int, Event], line: dict[str, Any]) -> list[str]:
    """What is missing of one acknowledged act: its events, their files, their rows."""
    problems, made = [], set()
    undone = {event.parameters.get("undoes") for event in events.values()}
    for seq, digest in line["events"]:
        event = events.get(seq)
        if event is None or event.hash != digest:
            problems.append(f"{line['done']}: event {seq} is lost")
            continue
        made |= {event.subject, *(item.sha256 for item in (*event.inputs, *event.outputs))}
        for item in event.outputs:
            path = workspace.store.path(item.sha256)
            if not path.is_file() or sha256_of_file(path) != item.sha256:
                problems.append(f"{line['done']}: the file of event {seq} is lost")
            table = TABLES.get(event.action)
            listed = not table or workspace.read(f"SELECT 1 FROM {table} WHERE sha = ?", (item.sha256,))
            if not listed and seq not in undone:
                problems.append(f"{line['done']}: event {seq} is not in the table of {table}")
    known = {item.sha256 for event in events.values() for item in event.outputs} | made
    problems += [
        f"{line['done']}: the result {result[:16]} is lost"
        for result in line["results"]
        if result not in known and "/" not in result
    ]
    return problems


def _differences(workspace: Workspace, events: dict[int, Event]) -> list[str]:
    """Current version, hand's and model's word of each photo, folded here a second time, against the tables."""
    current: dict[str, str] = {}
    hand: dict[str, str | None] = {}
    label: dict[str, str] = {}
    for seq in sorted(events):
        event = events[seq]
        if event.action == "import":
            current[event.outputs[0].sha256] = event.outputs[0].sha256
        elif event.action == "accept":
            current[event.subject] = event.inputs[0].sha256
        elif event.action == "decide":
            hand[event.subject] = event.parameters["label"]
        elif event.action == "judge":
            label[event.subject] = event.parameters["label"]
    rows = workspace.read(
        "SELECT p.sha, p.current, v.hand, v.label FROM photos p LEFT JOIN verdicts v ON v.photo = p.sha"
    )
    found = {row["sha"]: (row["current"], row["hand"], row["label"]) for row in rows}
    wanted = {sha: (current[sha], hand.get(sha), label.get(sha)) for sha in current}
    return [sha for sha in found.keys() | wanted.keys() if found.get(sha) != wanted.get(sha)]


def _left_over(workspace: Workspace) -> list[Path]:
    """Temporary files anywhere in the workspace, other processes' scratch folders included."""
    scratch = [path for path in workspace.tmp.parent.glob("*") if path != workspace.tmp]
    return scratch + [path for path in workspace.folder.rglob(".part-*") if path.is_file()]


def _broken_exports(workspace: Workspace) -> list[Path]:
    broken = []
    for path in workspace.exports.glob("*"):
        try:
            with zipfile.ZipFile(path) as archive:
                if archive.testzip() is not None:
                    broken.append(path)
        except zipfile.BadZipFile:
            broken.append(path)
    return broken


def main() -> None:
    workspace = Workspace.open(Path(sys.argv[1]))  # a WorkspaceError here ends the process with its traceback
    size = workspace.head().size
    print(json.dumps({"opened": time.monotonic(), "size": size}), flush=True)
    unfinished = sum(path.is_file() for path in workspace.folder.rglob(".part-*"))
    workspace.clean()
    acknowledged = [json.loads(line) for line in Path(sys.argv[2]).read_text("utf-8").splitlines()]
    problems = check(workspace, acknowledged)
    counts = {table: workspace.read(f"SELECT count(*) FROM {table}")[0][0] for table in sorted({*TABLES.values()})}
    strays = len(workspace.verify().strays)
    print(json.dumps({"problems": problems, "unfinished": unfinished, "strays": strays, "counts": counts}), flush=True)
    workspace.close()


if __name__ == "__main__":
    main()
