"""Killed at any moment, the desk has everything that it had acknowledged. (Hundreds of kills: ``make soak``.)"""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from core.settings import Settings
from studio.desk import Desk
from studio.judging import decide
from studio.workspace import Workspace
from tests.made import saved, scene
from tests.soak import kills
from tests.soak.acts import ACTS
from tests.soak.honest import HonestEngines
from tests.soak.probe import check

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")


def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = kills.run(tmp_path, 20, seed=24)
    assert found.lost == []
    assert found.kills == 20
    assert found.acknowledged > 20
    assert sum(found.fell_in.values()) == 20
    assert max(found.recoveries) < 20, "generous: the figure itself is in benchmarks/results/soak.json"


def _one_decision(folder: Path) -> tuple[Workspace, list[dict[str, object]]]:
    """A workspace with one acknowledged import and one acknowledged verdict, as the child tells them."""
    from studio.importing import import_photos

    workspace = Workspace.open(folder / "desk")
    workspace.clean()
    desk = Desk(workspace, HonestEngines(), Settings(workspace=workspace.folder), "Camille")
    photos = list(import_photos(desk, [saved(folder / "a.jpg", scene(40, 30))]).added)
    lines = [_line(workspace, "import", 0, photos)]
    decide(desk, photos, "ok")
    return workspace, [*lines, _line(workspace, "verdict", 1, photos)]


def _line(workspace: Workspace, act: str, after: int, results: list[str]) -> dict[str, object]:
    return {"done": act, "events": [[e.seq, e.hash] for e in workspace.events(after=after)], "results": results}


def test_the_check_finds_nothing_where_nothing_is_lost(tmp_path: Path) -> None:
    workspace, lines = _one_decision(tmp_path)
    assert check(workspace, json.loads(json.dumps(lines))) == []
    workspace.close()


def test_the_check_finds_a_lost_event_a_lost_file_a_changed_table_and_a_half_written_file(tmp_path: Path) -> None:
    workspace, lines = _one_decision(tmp_path)
    beyond = {"done": "verdict", "events": [[3, "0" * 64]], "results": []}
    assert check(workspace, [*lines, beyond]) == ["verdict: event 3 is lost"]
    part = workspace.folder / "previews" / "aa" / ".part-1-x"
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(b"half")
    assert check(workspace, lines) == [f"left over after cleaning: {part}"]
    part.unlink()
    (photo,) = lines[0]["results"]  # type: ignore[misc]
    with workspace.writing() as connection:
        connection.execute("UPDATE verdicts SET hand = 'exclure'")
    assert f"unlike the ledger: {photo}" in check(workspace, lines)
    stored = workspace.store.path(photo)
    stored.chmod(0o644)
    stored.write_bytes(b"other")
    assert "import: the file of event 1 is lost" in check(workspace, lines)
    workspace.close()


def test_the_kills_can_fall_into_every_act_that_people_rely_on() -> None:
    assert {"import", "import zip", "verdict", "edit", "accept", "undo", "style", "book"} <= set(ACTS)
