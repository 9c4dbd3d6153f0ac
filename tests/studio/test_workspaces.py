"""The workspaces of a machine: listed as they are, made under names that work everywhere, checked in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from audit.ledger import Item
from core.errors import ChoiceError, WorkspaceError
from studio import checking, workspaces
from studio.backup import backup_workspace
from studio.checking import Finding, check_workspace
from studio.desk import Desk
from studio.importing import import_photos
from studio.workspace import Workspace
from studio.workspaces import list_workspaces, new_workspace
from tests.made import saved, scene

ROOT = Path(__file__).resolve().parents[2]


def _of(found: checking.Check, topic: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.topic == topic]


def _spoil(folder: Path) -> None:
    """Overwrite the middle of the database, as a bad key does."""
    data = bytearray((folder / "paddock.db").read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    (folder / "paddock.db").write_bytes(bytes(data))


def test_workspaces_are_listed_with_what_they_hold(desk: Desk, tmp_path: Path) -> None:
    import_photos(desk, [saved(tmp_path / "carte" / "a.png", scene(60, 40, seed=1))])
    last = desk.workspace.events()[-1].time
    backup_workspace(desk.workspace, tmp_path / "copie")
    desk.workspace.close()
    new_workspace("Été 2026", tmp_path)
    new_workspace("abîmé", tmp_path)
    _spoil(tmp_path / "abîmé")
    (tmp_path / "autre chose").mkdir()
    found = {item.name: item for item in list_workspaces(tmp_path)}
    assert list(found) == ["abîmé", "atelier", "copie", "Été 2026"]
    atelier = found["atelier"]
    assert (atelier.photos, atelier.events, atelier.last, atelier.state) == (1, 1, last, "free")
    assert (
        atelier.size >= (tmp_path / "carte" / "a.png").stat().st_size + (tmp_path / "atelier/paddock.db").stat().st_size
    )
    assert atelier.free > 0
    assert (found["Été 2026"].events, found["Été 2026"].last) == (0, "")
    assert {name: item.state for name, item in found.items()} == {
        "abîmé": "damaged", "atelier": "free", "copie": "backup", "Été 2026": "free",
    }  # fmt: skip


def test_no_folder_holds_no_workspaces(tmp_path: Path) -> None:
    assert list_workspaces(tmp_path / "absent") == ()
    assert list_workspaces(tmp_path) == ()


def test_a_workspace_in_which_another_process_works_is_open(tmp_path: Path) -> None:
    folder = new_workspace("desk", tmp_path)
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (folder / "tmp" / str(running.pid)).mkdir(parents=True)
    (folder / "tmp" / str(os.getpid())).mkdir()
    assert workspaces.holders(folder) == (running.pid,)
    assert list_workspaces(tmp_path)[0].state == "open"
    (told,) = _of(check_workspace(folder), "others")
    assert str(running.pid) in told.message("fr")
    running.communicate(b"\n")
    assert workspaces.holders(folder) == ()


def test_a_workspace_that_cannot_be_written_is_listed_as_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_workspace("desk", tmp_path)
    monkeypatch.setattr(workspaces, "is_writable", lambda folder: False)
    monkeypatch.setattr(checking, "is_writable", lambda folder: False)
    assert list_workspaces(tmp_path)[0].state == "readonly"
    found = check_workspace(folder)
    assert found.holds
    assert any("lecture seule" in finding.message("fr") for finding in _of(found, "room"))


@pytest.mark.parametrize(
    "name", ["24h-2026", "Été à l'aube", "Le Mans (essais)", "e\u0301te\u0301", "日本 24h", "v1.2"]
)
def test_a_workspace_gets_any_reasonable_name(tmp_path: Path, name: str) -> None:
    folder = new_workspace(name, tmp_path)
    workspace = Workspace.open(folder, create=False)
    assert workspace.verify().holds
    workspace.close()
    assert [item.name for item in list_workspaces(tmp_path)] == [folder.name]
    with pytest.raises(ChoiceError, match="already there"):
        new_workspace(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "donnez un nom"), ("   ", "donnez un nom"), ("a/b", "contient « / »"), ("..", "commence par un point"),
        ("../x", "contient « / »"), ("a\\b", "contient"), (".cache", "commence par un point"), ("-rf", "un tiret"),
        ("fin.", "finit par un point"), ("CON", "Windows"), ("nul.txt", "Windows"), ("a\nb", "caractère invisible"),
        ("quoi ?", "contient « ? »"), ("x" * 81, "trop long"), ("é" * 80 + "é", "trop long"), ("DESK", "existe déjà"),
    ],
)  # fmt: skip
def test_a_name_that_some_system_refuses_is_refused_in_words(tmp_path: Path, name: str, words: str) -> None:
    new_workspace("desk", tmp_path)
    with pytest.raises(ChoiceError) as caught:
        new_workspace(name, tmp_path)
    assert words in caught.value.message("fr")
    assert [path.name for path in tmp_path.iterdir()] == ["desk"]


def test_a_sound_workspace_checks_well_and_nothing_in_it_changes(desk: Desk, tmp_path: Path) -> None:
    import_photos(desk, [saved(tmp_path / "carte" / "a.png", scene(60, 40, seed=1))])
    desk.workspace.close()
    before = {path: path.read_bytes() for path in desk.workspace.folder.rglob("*") if path.is_file()}
    found = check_workspace(desk.workspace.folder)
    assert found.holds
    assert [(finding.topic, finding.level) for finding in found.findings] == [
        ("database", "ok"), ("ledger", "ok"), ("room", "ok"),
    ]  # fmt: skip
    assert "1 événements, 1 fichiers" in found.findings[1].message("fr")
    assert {path: path.read_bytes() for path in before} == before


def test_each_thing_that_is_wrong_is_told_with_what_to_do(desk: Desk, tmp_path: Path) -> None:
    workspace = desk.workspace
    (sha,) = import_photos(desk, [saved(tmp_path / "carte" / "a.png", scene(60, 40, seed=1))]).added
    stray = workspace.store.add_bytes(b"left by a crash").sha256
    gone = workspace.store.add_bytes(b"soon gone")
    workspace.record("mask", who="a", outputs=[Item(gone.sha256, "mask", "masque.png", gone.size)])
    workspace.store.path(gone.sha256).unlink()
    (workspace.store.folder / ".part-999999999-x").write_bytes(b"half")
    (workspace.folder / "tmp" / "999999999").mkdir(parents=True)
    with workspace.writing() as connection:
        connection.execute(
            "INSERT INTO jobs (kind, who, label, state, batch, arguments, owner, created)"
            " VALUES ('import', 'a', '', 'running', 1, '{}', '999999999:1', '')"
        )
    found = check_workspace(workspace.folder)
    assert not found.holds
    (problem,) = [finding for finding in found.findings if finding.level == "problem"]
    assert "masque.png" in problem.message("fr")
    assert "restaurez une sauvegarde" in problem.message("fr")
    assert "restore a backup" in problem.message("en")
    assert "1 fichier(s) du dépôt qu'aucun événement ne nomme" in _of(found, "files")[0].message("fr")
    assert "2 fichier(s) ou dossier(s) de travail" in _of(found, "leftovers")[0].message("fr")
    assert "1 tâche(s) interrompue(s)" in _of(found, "jobs")[0].message("fr")
    assert workspace.store.has(sha) and workspace.store.has(stray)
    assert (workspace.store.folder / ".part-999999999-x").exists(), "checking removes nothing"


def test_a_damaged_database_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    folder = new_workspace("desk", tmp_path)
    _spoil(folder)
    found = check_workspace(folder)
    assert not found.holds
    assert "abîmée" in _of(found, "database")[0].message("fr")
    (folder / "paddock.db").write_bytes(b"this is no database, but long enough to be looked at" * 40)
    found = check_workspace(folder)
    assert not found.holds
    assert "Restaurez une sauvegarde" in _of(found, "database")[0].message("fr")


def test_a_damaged_page_of_the_database_is_found(tmp_path: Path) -> None:
    """Not in the first pages, which opening reads: only the integrity check comes across it."""
    folder = new_workspace("desk", tmp_path)
    workspace = Workspace.open(folder)
    for number in range(300):
        workspace.record("decide", who="a" * 200, subject=f"{number:064x}", parameters={"label": "ok"})
    workspace.close()
    size = (folder / "paddock.db").stat().st_size
    for place in range(size - 4096 * 3, size, 4096):
        with (folder / "paddock.db").open("rb+") as stream:
            stream.seek(place)
            stream.write(b"\xff" * 4096)
    found = check_workspace(folder)
    assert not found.holds
    assert "la base de données est abîmée" in _of(found, "database")[0].message("fr")
    workspace = Workspace.open(folder, readonly=True)
    assert any("abîmée" in problem.message("fr") for problem in workspace.verify().problems)
    with pytest.raises(WorkspaceError) as caught:
        for table in ("photos", "verdicts", "acts"):
            workspace.read(f"SELECT * FROM {table}")
    assert "abîmée. Restaurez une sauvegarde" in caught.value.message("fr")
    workspace.close()


def test_little_room_is_told_in_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = new_workspace("desk", tmp_path)
    monkeypatch.setattr(checking, "free_bytes", lambda folder: 12_000_000)
    found = check_workspace(folder)
    assert found.holds
    assert "il ne reste que 12 Mo" in _of(found, "room")[0].message("fr")


def test_many_problems_of_one_kind_are_counted(workspace: Workspace) -> None:
    for number in range(checking.TOLD + 5):
        item = Item(f"{number:064x}", "mask", f"{number}.png", 1)
        workspace.record("mask", who="a", outputs=[item])
    told = _of(check_workspace(workspace.folder), "ledger")
    assert len(told) == checking.TOLD + 1
    assert told[-1].message("fr") == "… et 5 autres de même sorte."


def test_a_clock_that_went_back_is_a_note(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(["2036-06-13T16:00:00.000+00:00", "2036-06-13T04:00:00.000+00:00"])
    with monkeypatch.context() as patched:
        patched.setattr("studio.workspace._now", lambda: next(times))
        for _ in range(2):
            workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    found = check_workspace(workspace.folder)
    assert found.holds
    back, behind = _of(found, "clock")
    assert "recule entre les événements 1" in back.message("fr")
    assert "est en retard sur le dernier acte enregistré" in behind.message("fr")


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no workspace here"):
        check_workspace(tmp_path)


def test_listing_leaves_the_tables_as_they_are(tmp_path: Path) -> None:
    folder = new_workspace("desk", tmp_path)
    connection = sqlite3.connect(folder / "paddock.db")
    connection.execute("DROP TABLE acts")
    connection.commit()
    connection.close()
    assert list_workspaces(tmp_path)[0].state == "free"
    connection = sqlite3.connect(folder / "paddock.db")
    assert connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'acts'").fetchone() == (0,)
    connection.close()


def test_looking_at_a_workspace_that_one_works_in_drops_none_of_its_locks(desk: Desk, tmp_path: Path) -> None:
    """Else another process that comes and goes would take the database's log for its own and remove it."""
    workspace = desk.workspace

    def act() -> None:
        workspace.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})

    act()
    list_workspaces(tmp_path)
    check_workspace(workspace.folder)
    backup_workspace(workspace, tmp_path / "cle")
    Workspace.open(workspace.folder, readonly=True).close()
    code = f"""
from pathlib import Path
from studio.workspace import Workspace
Workspace.open(Path({str(workspace.folder)!r})).close()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    act()
    assert workspace.verify().problems == ()
    assert workspace.head().size == 2
