"""The workspace: what was acknowledged is there after a restart, and half a record never is."""

from __future__ import annotations

import errno
import json
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from audit.ledger import Item
from core.errors import WorkspaceError
from core.settings import Settings
from core.values import Origin
from studio import projection
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.importing import import_photos
from studio.judging import decide
from studio.photos import list_photos
from studio.workspace import Workspace
from tests.studio.concurrent_writers import record_many

TABLES = ("photos", "verdicts", "versions", "styles", "books", "folded")


def _state(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(map(tuple, workspace.read(f"SELECT * FROM {table}")), key=repr) for table in TABLES}


def _busy(desk: Desk, photos_folder: Path) -> list[str]:
    """A little of every action, so that every table has rows."""
    shas = list(import_photos(desk, [photos_folder]).added)
    workspace = desk.workspace
    first, second = shas[0], shas[1]
    judged = {"label": "ok", "probabilities": [0.5, 0.3, 0.2]}
    workspace.record("judge", who="m", subject=first, parameters=judged, origin=Origin("embedded", "lite0"))
    workspace.record("judge", who="m", subject=first, parameters=judged | {"label": "exclure"}, origin=None)
    decide(desk, [first, second], "retoucher")
    decide(desk, [second], None)
    mask, made, book, style = (workspace.store.add_bytes(name.encode()) for name in ("mask", "made", "book", "style"))
    origin = Item(first, "version", "x.jpg")
    workspace.record("mask", who="a", subject=first, inputs=[origin], outputs=[Item(mask.sha256, "mask", "m.png")])
    workspace.record("remove", who="a", subject=first, inputs=[origin, Item(mask.sha256, "mask")],
                     outputs=[Item(made.sha256, "corrected", "y.png")], parameters={"seed": 1})  # fmt: skip
    workspace.record("accept", who="a", subject=first, inputs=[Item(made.sha256, "version", "y.png")])
    workspace.record("add-style", who="a", outputs=[Item(style.sha256, "style-image", "s.jpg")])
    workspace.record("bind", who="a", inputs=[Item(made.sha256, "version", "y.png")],
                     outputs=[Item(book.sha256, "book", "b.pdf")], parameters={"title": "T", "pages": 4})  # fmt: skip
    return shas


def test_everything_is_there_again_after_a_restart(desk: Desk, photos_folder: Path) -> None:
    _busy(desk, photos_folder)
    workspace = desk.workspace
    before, photos, head = _state(workspace), list_photos(workspace), workspace.head()
    workspace.close()
    again = Workspace.open(workspace.folder, create=False)
    assert _state(again) == before
    assert list_photos(again) == photos
    assert again.head() == head
    assert again.verify().holds
    again.close()


def test_the_state_folded_anew_from_the_ledger_is_the_live_one(desk: Desk, photos_folder: Path) -> None:
    _busy(desk, photos_folder)
    workspace = desk.workspace
    live = _state(workspace)
    assert all(live.values()), "every table has rows"
    workspace.close()
    connection = sqlite3.connect(workspace.folder / "paddock.db")
    for table in TABLES:
        connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()
    again = Workspace.open(workspace.folder)
    assert _state(again) == live
    again.close()


def test_a_hand_s_verdict_stays_over_later_ones_of_the_model(desk: Desk, photos_folder: Path) -> None:
    first, second, _ = _busy(desk, photos_folder)
    by_sha = {photo.sha: photo for photo in list_photos(desk.workspace)}
    assert (by_sha[first].label, by_sha[first].hand, by_sha[first].model_label) == ("retoucher", "retoucher", "exclure")
    assert (by_sha[second].label, by_sha[second].hand) == ("", "")
    assert by_sha[first].in_book
    assert by_sha[first].corrected
    assert by_sha[first].current != first


@pytest.mark.parametrize("error", [ValueError("fold"), sqlite3.OperationalError("disk I/O error"), KeyboardInterrupt()])
def test_a_record_that_fails_changes_nothing(
    desk: Desk, photos_folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    workspace = desk.workspace
    sha = import_photos(desk, [photos_folder]).added[0]
    before, head = _state(workspace), workspace.head()

    def broken(connection: sqlite3.Connection, event: object) -> None:
        connection.execute("UPDATE photos SET name = 'half done'")
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(projection, "apply", broken)
        with pytest.raises(WorkspaceError if isinstance(error, sqlite3.Error) else type(error)):
            decide(desk, [sha], "ok")
    assert _state(workspace) == before
    assert workspace.head() == head
    decide(desk, [sha], "ok")
    assert workspace.head().size == head.size + 1
    assert workspace.verify().holds


class _Failing:
    """A connection on which one statement fails, as on a full disk."""

    def __init__(self, real: sqlite3.Connection, statement: str) -> None:
        self.real, self.statement = real, statement

    def execute(self, sql: str, *args: object) -> sqlite3.Cursor:
        if sql == self.statement:
            self.statement = ""
            raise sqlite3.OperationalError("database or disk is full")
        return self.real.execute(sql, *args)

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


@pytest.mark.parametrize("statement", ["COMMIT", "BEGIN IMMEDIATE"])
def test_a_commit_that_fails_leaves_the_workspace_usable(workspace: Workspace, statement: str) -> None:
    workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    before = _state(workspace)
    workspace._connection = _Failing(workspace._connection, statement)  # type: ignore[assignment]
    with pytest.raises(WorkspaceError, match="disk is full"):
        workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "exclure"})
    assert _state(workspace) == before
    workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "exclure"})
    assert workspace.head().size == 2
    assert workspace.verify().holds


def test_a_read_only_database_refuses_in_words(workspace: Workspace) -> None:
    workspace._connection.execute("PRAGMA query_only=ON")
    with pytest.raises(WorkspaceError) as caught:
        workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    assert "n'a donc pas eu lieu" in caught.value.message("fr")
    assert workspace.head().size == 0


def test_an_event_counts_even_when_the_copy_of_the_head_cannot_be_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        event = workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    assert workspace.head().hash == event.hash
    assert workspace.verify().holds
    workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    assert json.loads((workspace.folder / "ledger-head.json").read_text())["size"] == 2


def test_a_new_workspace_has_a_copy_of_its_empty_head(workspace: Workspace) -> None:
    assert json.loads((workspace.folder / "ledger-head.json").read_text()) == {"size": 0, "head": "0" * 64}
    assert workspace.verify().holds
    (workspace.folder / "ledger-head.json").unlink()
    assert not workspace.verify().holds


def test_verifying_does_not_hold_the_others_up(workspace: Workspace) -> None:
    done = threading.Event()

    def act() -> None:
        workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
        done.set()

    with workspace.database() as connection:
        threading.Thread(target=act).start()
        assert done.wait(20)
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("INSERT INTO events VALUES (2, 'h', 'b')")


def _one_valid_chain(workspace: Workspace, people: set[str], each: int) -> None:
    events = workspace.events()
    assert [event.seq for event in events] == list(range(1, len(people) * each + 1))
    assert {who: sum(event.actor == who for event in events) for who in people} == dict.fromkeys(people, each)
    found = workspace.verify()
    assert found.problems == ()
    assert projection.folded(workspace._connection) == len(events)


def test_two_threads_write_one_valid_chain(workspace: Workspace) -> None:
    failures: list[BaseException] = []

    def work(who: str) -> None:
        try:
            for number in range(50):
                workspace.record("decide", who=who, subject=f"{number:064x}", parameters={"label": "ok"})
        except BaseException as error:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in ("Ana", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    _one_valid_chain(workspace, {"Ana", "Bob"}, 50)


def test_two_processes_write_one_valid_chain_from_a_fresh_folder_on(tmp_path: Path) -> None:
    folder = tmp_path / "partagé"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=record_many, args=(str(folder), who, 15)) for who in ("Ana", "Bob")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    workspace = Workspace.open(folder, create=False)
    _one_valid_chain(workspace, {"Ana", "Bob"}, 15)
    workspace.close()


def test_a_folder_without_a_workspace_is_told_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no workspace here"):
        Workspace.open(tmp_path / "absent", create=False)
    assert not (tmp_path / "absent").exists()


def test_a_place_that_cannot_hold_a_workspace_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "paddock.db").write_bytes(b"this is no database, but long enough to be looked at" * 40)
    for folder in (tmp_path / "file", tmp_path / "odd"):
        with pytest.raises(WorkspaceError):
            Workspace.open(folder)


def test_cleaning_removes_what_was_in_progress_and_no_photo(desk: Desk, photos_folder: Path) -> None:
    workspace = desk.workspace
    import_photos(desk, [photos_folder])
    stored = [path.read_bytes() for path in workspace.store.all()]
    workspace.tmp.mkdir(exist_ok=True)
    (workspace.tmp / "half.png").write_bytes(b"half")
    (workspace.store.folder / ".part-left").write_bytes(b"half")
    workspace.clean()
    assert list(workspace.tmp.iterdir()) == []
    assert not (workspace.store.folder / ".part-left").exists()
    assert [path.read_bytes() for path in workspace.store.all()] == stored
    assert workspace.verify().holds


def test_cleaning_leaves_what_a_running_process_is_writing_and_sweeps_what_a_dead_one_left(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "desk")
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = {}
    for process in (running, dead):
        upload = workspace.folder / "tmp" / str(process.pid) / "uploads" / "photo.jpg"
        part = workspace.store.folder / f".part-{process.pid}-abc"
        for path in (upload, part):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"half")
        left[process.pid] = (upload, part)
    workspace.clean()
    assert all(path.exists() for path in left[running.pid])
    assert not any(path.exists() for path in left[dead.pid])
    running.communicate(b"\n")
    workspace.close()


def test_verification_finds_a_table_that_was_altered_by_hand(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "desk")
    picture = tmp_path / "virage.png"
    Image.new("RGB", (30, 20), (200, 30, 30)).save(picture)
    desk = Desk(workspace, InlineEngines(), Settings(), "Camille")
    (sha,) = import_photos(desk, [picture]).added
    decide(desk, [sha], "ok")
    assert workspace.verify().holds
    other = sqlite3.connect(workspace.folder / "paddock.db")
    other.execute("UPDATE verdicts SET hand = 'exclure'")
    other.commit()
    other.close()
    (problem,) = workspace.verify().problems
    assert "verdicts" in problem.message("fr")
    workspace.close()
