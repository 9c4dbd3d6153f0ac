"""Backups: consistent while others work, whole or the one before, and restored only when every file is as recorded."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.errors import AuditError, Cancelled, FolderError, WorkspaceError
from studio import backup as backup_module
from studio import backup_folder
from studio.backup import backup_workspace
from studio.desk import Desk
from studio.importing import import_photos
from studio.judging import decide
from studio.photos import list_photos
from studio.restoring import restore_backup
from studio.workspace import Workspace
from studio.workspaces import open_to_read
from tests.made import saved, scene
from tests.studio.backup_child import die_at, keep_writing
from tests.studio.disks import fill, mounted


def _photos(folder: Path, *seeds: int) -> list[Path]:
    return [saved(folder / f"photo-{n:02d}.png", scene(120, 80, seed=n)) for n in seeds]


def _imported(desk: Desk, folder: Path, *seeds: int) -> list[str]:
    return list(import_photos(desk, _photos(folder, *seeds)).added)


def _files(folder: Path) -> dict[str, bytes]:
    """Every file that a person would find there, by name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _damage(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_a_backup_says_what_it_holds_and_restores_to_the_same_workspace(desk: Desk, tmp_path: Path) -> None:
    shas = _imported(desk, tmp_path / "carte", 1, 2)
    decide(desk, shas, "retoucher")
    made = backup_workspace(desk.workspace, tmp_path / "cle")
    assert (made.photos, made.events, made.files, made.copied, made.problems) == (2, 4, 2, 2, ())
    assert made.head == desk.workspace.head().hash
    said = json.loads((tmp_path / "cle" / "sauvegarde.json").read_text("utf-8"))
    assert said["sha256"] == hashlib.sha256((tmp_path / "cle" / "paddock.db").read_bytes()).hexdigest()
    assert (said["workspace"], said["photos"], said["events"], said["head"]) == ("atelier", 2, 4, made.head)
    assert sorted(_files(tmp_path / "cle")) == sorted(
        ["ledger-head.json", "paddock.db", "sauvegarde.json", *(f"store/{sha[:2]}/{sha}" for sha in shas)]
    )
    restored = restore_backup(tmp_path / "cle", tmp_path / "neuf")
    assert restored.verification.holds
    assert (restored.verification.events, restored.verification.files) == (4, 2)
    again = Workspace.open(tmp_path / "neuf", create=False)
    assert list_photos(again) == list_photos(desk.workspace)
    assert again.events() == desk.workspace.events()
    assert again.store.open(shas[0]).read_bytes() == desk.workspace.store.open(shas[0]).read_bytes()
    assert again.store.open(shas[0]).stat().st_mode & 0o222 == 0
    again.close()


def test_a_second_backup_copies_only_what_is_new(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1, 2)
    backup_workspace(desk.workspace, tmp_path / "cle")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "cle" / "store").rglob("*") if path.is_file()}
    _imported(desk, tmp_path / "carte", 3)
    made = backup_workspace(desk.workspace, tmp_path / "cle")
    assert (made.files, made.copied) == (3, 1)
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.events == 3


def test_a_backup_taken_while_another_process_writes_is_one_moment(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "atelier")
    context = multiprocessing.get_context("spawn")
    started, stop = context.Event(), context.Event()
    process = context.Process(target=keep_writing, args=(str(workspace.folder), started, stop))
    process.start()
    try:
        assert started.wait(120)
        before = workspace.head().size
        backups = [backup_workspace(workspace, tmp_path / "cle") for _ in range(4)]
        after = workspace.head().size
    finally:
        stop.set()
        process.join(120)
    assert before <= backups[0].events < backups[-1].events <= after
    found = restore_backup(tmp_path / "cle", tmp_path / "neuf").verification
    assert found.problems == ()
    assert (found.events, found.files, found.strays) == (backups[-1].events, backups[-1].events, ())
    again = Workspace.open(tmp_path / "neuf", create=False)
    assert again.events() == workspace.events()[: found.events]
    again.close()
    workspace.close()


def test_a_backup_that_is_killed_at_any_step_leaves_the_one_before_or_the_new_one(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "base")
    _imported(desk, tmp_path / "carte", 2)
    folder = desk.workspace.folder
    desk.workspace.close()
    context = multiprocessing.get_context("fork")
    events, step, ended = [], 0, 137
    while ended == 137:
        key = tmp_path / f"cle-{step}"
        shutil.copytree(tmp_path / "base", key)
        process = context.Process(target=die_at, args=(str(folder), str(key), step))
        process.start()
        process.join(60)
        ended = process.exitcode or 0
        found = restore_backup(key, tmp_path / f"neuf-{step}").verification
        assert found.problems == (), step
        events.append(found.events)
        again = Workspace.open(folder, create=False)
        finished = backup_workspace(again, key)
        again.close()
        assert finished.events == 2
        assert restore_backup(key, tmp_path / f"apres-{step}").verification.holds
        assert [name for name in _files(key) if ".part-" in name or "suivante" in name] == []
        step += 1
    assert events == sorted(events), "from some step on the new one counts, and from there on always"
    assert (events[0], events[-1]) == (1, 2)
    assert step > 8


def test_a_first_backup_that_is_killed_is_gone_on_with_and_is_no_backup_until_then(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1, 2)
    folder = desk.workspace.folder
    desk.workspace.close()
    process = multiprocessing.get_context("fork").Process(target=die_at, args=(str(folder), str(tmp_path / "cle"), 2))
    process.start()
    process.join(60)
    assert process.exitcode == 137
    with pytest.raises(FolderError, match="not completed"):
        restore_backup(tmp_path / "cle", tmp_path / "neuf")
    again = Workspace.open(folder, create=False)
    assert backup_workspace(again, tmp_path / "cle").files == 2
    again.close()
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.holds


def test_a_cancelled_backup_leaves_the_one_before(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "cle")
    before = _files(tmp_path / "cle")
    _imported(desk, tmp_path / "carte", 2, 3)

    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.4:
            raise Cancelled(task="sauvegarde")

    with pytest.raises(Cancelled):
        backup_workspace(desk.workspace, tmp_path / "cle", report=stop)
    after = _files(tmp_path / "cle")
    assert {name: after[name] for name in before} == before
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.events == 1


def test_a_full_key_is_told_before_the_copy_with_figures_and_keeps_the_backup_before(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(desk, tmp_path / "carte", 1)
    with mounted(tmp_path / "cle", "4m") as key:
        monkeypatch.setattr(backup_module, "ROOM", 0)
        backup_workspace(desk.workspace, key / "sauvegarde")
        big = saved(tmp_path / "carte" / "grande.png", scene(1600, 1200, seed=9))
        import_photos(desk, [big])
        fill(key, leaving=600_000)
        with pytest.raises(FolderError) as caught:
            backup_workspace(desk.workspace, key / "sauvegarde")
        assert "pas assez de place sur ce disque : il reste" in caught.value.message("fr")
        monkeypatch.setattr(backup_module, "check_space", lambda *_, **__: None)
        with pytest.raises(FolderError) as caught:
            backup_workspace(desk.workspace, key / "sauvegarde")
        told = caught.value.message("fr")
        assert "le disque est plein" in told
        assert "Une sauvegarde précédente dans ce dossier est intacte." in told
        assert list(key.rglob(".part-*")) == []
        assert restore_backup(key / "sauvegarde", tmp_path / "neuf").verification.events == 1
    assert desk.workspace.verify().holds


def test_what_is_damaged_here_is_named_and_what_the_key_has_of_it_is_kept(desk: Desk, tmp_path: Path) -> None:
    good, bad, gone = _imported(desk, tmp_path / "carte", 1, 2, 3)
    backup_workspace(desk.workspace, tmp_path / "ancienne")
    _damage(desk.workspace.store.path(bad))
    desk.workspace.store.path(gone).unlink()
    made = backup_workspace(desk.workspace, tmp_path / "neuve")
    assert [(problem.file, problem.seq) for problem in made.problems] == [(bad, 2), (gone, 3)]
    assert "photo-02.png" in made.problems[0].message("fr")
    assert "est abîmé dans l'espace de travail" in made.problems[0].message("fr")
    assert "manque dans l'espace de travail" in made.problems[1].message("fr")
    assert (made.files, made.copied) == (1, 1)
    again = backup_workspace(desk.workspace, tmp_path / "ancienne", recheck=True)
    assert again.problems == ()
    assert restore_backup(tmp_path / "ancienne", tmp_path / "neuf").verification.holds
    assert (tmp_path / "neuf" / "store" / good[:2] / good).is_file()


@pytest.mark.parametrize("how", ["cut", "altered"])
def test_what_is_damaged_on_the_key_is_copied_again(desk: Desk, tmp_path: Path, how: str) -> None:
    (sha,) = _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "cle")
    copy = tmp_path / "cle" / "store" / sha[:2] / sha
    if how == "cut":
        copy.chmod(0o644)
        copy.write_bytes(copy.read_bytes()[:-9])
    else:
        _damage(copy)
    assert backup_workspace(desk.workspace, tmp_path / "cle", recheck=how == "altered").copied == 1
    assert copy.read_bytes() == desk.workspace.store.open(sha).read_bytes()


def test_a_file_damaged_in_the_backup_is_named_and_the_others_are_restored(desk: Desk, tmp_path: Path) -> None:
    good, bad, gone = _imported(desk, tmp_path / "carte", 1, 2, 3)
    backup_workspace(desk.workspace, tmp_path / "cle")
    _damage(tmp_path / "cle" / "store" / bad[:2] / bad)
    (tmp_path / "cle" / "store" / gone[:2] / gone).unlink()
    found = restore_backup(tmp_path / "cle", tmp_path / "neuf").verification
    assert not found.holds
    assert sorted(problem.file for problem in found.problems) == sorted([bad, gone])
    (told,) = [problem for problem in found.problems if problem.file == bad]
    assert "est abîmé dans la sauvegarde" in told.message("fr")
    assert [path.name for path in (tmp_path / "neuf" / "store").glob("??/*")] == [good]


def test_a_damaged_database_of_a_backup_is_refused_and_replaced_by_the_next_backup(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "cle")
    _damage(tmp_path / "cle" / "paddock.db")
    with pytest.raises(AuditError) as caught:
        restore_backup(tmp_path / "cle", tmp_path / "neuf")
    assert "prenez une autre sauvegarde" in caught.value.message("fr")
    assert not (tmp_path / "neuf").exists()
    backup_workspace(desk.workspace, tmp_path / "cle")
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.holds


def test_a_damaged_database_here_does_not_replace_the_good_backup(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", *range(1, 9))
    backup_workspace(desk.workspace, tmp_path / "cle")
    before = _files(tmp_path / "cle")
    workspace = desk.workspace
    workspace.read("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray((workspace.folder / "paddock.db").read_bytes())
    data[8192:20480] = b"\xff" * 12288
    (workspace.folder / "paddock.db").write_bytes(bytes(data))
    with pytest.raises((AuditError, FolderError, WorkspaceError)):
        backup_workspace(workspace, tmp_path / "cle")
    assert _files(tmp_path / "cle") == before


def test_a_folder_that_is_no_place_for_a_backup_is_refused_in_words(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    other = Workspace.open(tmp_path / "autre")
    other.record("decide", who="a", subject="0" * 64, parameters={"label": "ok"})
    backup_workspace(other, tmp_path / "celle d'un autre")
    theirs = _files(tmp_path / "celle d'un autre")
    (tmp_path / "fichier").write_text("x")
    refused = {
        tmp_path / "carte": "autre chose qu'une sauvegarde",
        tmp_path / "fichier": "ce n'est pas un dossier",
        tmp_path / "celle d'un autre": "la sauvegarde d'un autre espace de travail",
        desk.workspace.folder / "dedans": "l'un dans l'autre",
        tmp_path: "l'un dans l'autre",
        desk.workspace.folder: "l'un dans l'autre",
        tmp_path / "cle absente" / "sauvegarde": "clé débranchée ?",
    }
    for place, words in refused.items():
        with pytest.raises(FolderError) as caught:
            backup_workspace(desk.workspace, place)
        assert words in caught.value.message("fr")
    assert _files(tmp_path / "celle d'un autre") == theirs
    assert not (tmp_path / "cle absente").exists()
    other.close()


def test_a_key_on_which_a_system_left_its_own_folders_can_be_used(desk: Desk, tmp_path: Path) -> None:
    for name in ("System Volume Information", ".Trashes"):
        (tmp_path / "cle" / name).mkdir(parents=True)
    assert backup_workspace(desk.workspace, tmp_path / "cle").events == 0
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.holds


def test_a_place_that_is_not_new_is_not_restored_into(desk: Desk, tmp_path: Path) -> None:
    backup_workspace(desk.workspace, tmp_path / "cle")
    for target, words in (
        (desk.workspace.folder, "il n'est pas vide"),
        (tmp_path / "cle" / "dedans", "l'un dans l'autre"),
        (tmp_path / "absent" / "neuf", "n'existe pas"),
    ):
        with pytest.raises(FolderError) as caught:
            restore_backup(tmp_path / "cle", target)
        assert words in caught.value.message("fr")
    with pytest.raises(FolderError, match="no backup of Paddock's"):
        restore_backup(tmp_path / "absent", tmp_path / "neuf")
    (tmp_path / "vide").mkdir()
    assert restore_backup(tmp_path / "cle", tmp_path / "vide").verification.holds


def test_working_in_a_backup_is_refused_and_verifying_it_does_not_spoil_it(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "cle")
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(tmp_path / "cle", create=False)
    assert "c'est une sauvegarde" in caught.value.message("fr")
    reading = open_to_read(tmp_path / "cle")
    assert reading.verify().holds
    reading.close()
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.holds


def test_what_was_exported_is_backed_up_and_restored_on_request(desk: Desk, tmp_path: Path) -> None:
    book = desk.workspace.exports / "livres" / "été.pdf"
    book.parent.mkdir(parents=True)
    book.write_bytes(b"%PDF")
    backup_workspace(desk.workspace, tmp_path / "sans")
    assert not (tmp_path / "sans" / "exports").exists()
    backup_workspace(desk.workspace, tmp_path / "avec", exports=True)
    restore_backup(tmp_path / "avec", tmp_path / "neuf")
    assert (tmp_path / "neuf" / "exports" / "livres" / "été.pdf").read_bytes() == b"%PDF"


def test_a_backup_can_be_taken_of_a_workspace_that_may_only_be_read(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    folder = desk.workspace.folder
    desk.workspace.close()
    reading = Workspace.open(folder, readonly=True)
    assert backup_workspace(reading, tmp_path / "cle").files == 1
    reading.close()
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.holds


def test_a_backup_needs_no_log_beside_its_database(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1)
    backup_workspace(desk.workspace, tmp_path / "cle")
    connection = sqlite3.connect(tmp_path / "cle" / "paddock.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()
    assert backup_folder.read_summary(tmp_path / "cle")["files"] == 1


def test_two_backups_into_one_folder_at_once_don_t_mix(desk: Desk, tmp_path: Path) -> None:
    _imported(desk, tmp_path / "carte", 1, 2)
    refused: list[str] = []

    def another(fraction: float, doing: str) -> None:
        if fraction == 1.0:  # it is over
            return
        with pytest.raises(FolderError) as caught:
            backup_workspace(desk.workspace, tmp_path / "cle")
        refused.append(caught.value.message("fr"))

    made = backup_workspace(desk.workspace, tmp_path / "cle", report=another)
    assert len(refused) == 3  # at each of the first one's reports
    assert "une sauvegarde y est déjà en cours" in refused[0]
    assert restore_backup(tmp_path / "cle", tmp_path / "neuf").verification.head.hash == made.head
    assert backup_workspace(desk.workspace, tmp_path / "cle").copied == 0
