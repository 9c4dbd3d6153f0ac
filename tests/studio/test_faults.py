"""Faults of disk and clock: a clear error, no half record, and work goes on when the fault is gone."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audit.store import Store
from core import files
from core.errors import AuditError, FolderError, WeightsMissing, WorkspaceError
from core.processes import is_owner_running, owner_token
from core.settings import Settings
from core.weights import locate
from studio import database as db
from studio import space
from studio import workspace as workspace_module
from studio.desk import Desk
from studio.engines import InlineEngines
from studio.exporting import export_audit_zip
from studio.importing import import_photos
from studio.judging import decide
from studio.photos import list_photos
from studio.workspace import Workspace
from studio.workspaces import open_to_read
from tests.made import saved, scene
from tests.studio.disks import fill, mounted, read_only

ROOT = Path(__file__).resolve().parents[2]
NOBODY = "0" * 64


def _act(workspace: Workspace, label: str = "ok") -> None:
    workspace.record("decide", who="Camille", subject=NOBODY, parameters={"label": label})


def _desk(folder: Path) -> Desk:
    return Desk(Workspace.open(folder), InlineEngines(), Settings(workspace=folder), "Camille")


def _photos(folder: Path, count: int) -> list[Path]:
    return [saved(folder / f"photo-{n:02d}.png", scene(300, 200, seed=n)) for n in range(count)]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "petit", "6m") as disk:
        yield disk


@pytest.fixture
def no_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is let run full: what is checked before work starts has tests of its own."""
    monkeypatch.setattr(space, "RESERVE", -(10**15))


# ---- a full disk


@pytest.mark.usefixtures("no_reserve")
def test_an_import_onto_a_disk_that_fills_up_stops_in_words_and_goes_on_when_there_is_room(
    small: Path, tmp_path: Path
) -> None:
    desk, photos = _desk(small / "atelier"), _photos(tmp_path / "carte", 30)
    ballast = fill(small, leaving=1_500_000)
    with pytest.raises(WorkspaceError) as caught:
        for photo in photos:
            import_photos(desk, [photo])
    told = caught.value.message("fr")
    assert "le disque est plein" in told
    assert str(desk.workspace.folder) in told
    some = len(list_photos(desk.workspace))
    assert 0 < some < 30
    assert [event.action for event in desk.workspace.events()] == ["import"] * some
    assert list(desk.workspace.store.folder.rglob(".part-*")) == []
    ballast.unlink()
    found = desk.workspace.verify()
    assert found.problems == ()
    assert len(found.strays) <= 1, "at most the file whose record did not fit"
    import_photos(desk, photos)
    assert len(list_photos(desk.workspace)) == 30
    head = json.loads((desk.workspace.folder / "ledger-head.json").read_text())
    assert head == {"size": 30, "head": desk.workspace.head().hash}
    assert desk.workspace.verify().problems == ()
    desk.workspace.close()


@pytest.mark.usefixtures("no_reserve")
def test_acts_on_a_full_disk_are_refused_or_kept_whole(small: Path) -> None:
    """The log of the database may have room left when the disk has none: then an act counts, else it did not happen."""
    workspace = Workspace.open(small / "atelier")
    _act(workspace)
    ballast = fill(small)
    counted, refused = 1, []
    for _ in range(40):
        try:
            workspace.record("decide", who="C" * 20_000, subject=NOBODY, parameters={"label": "ok"})
            counted += 1
        except WorkspaceError as error:
            refused.append(error.message("fr"))
    assert refused
    assert all("le disque est plein" in told and "n'a donc pas eu lieu" in told for told in refused)
    assert workspace.head().size == counted
    workspace.close()
    ballast.unlink()
    again = Workspace.open(small / "atelier", create=False)
    assert again.head().size == counted
    assert again.verify().problems == ()
    _act(again)
    assert json.loads((small / "atelier" / "ledger-head.json").read_text())["size"] == counted + 1
    again.close()


def test_the_store_leaves_no_half_file_on_a_full_disk(small: Path) -> None:
    (small / "atelier").mkdir()
    store = Store(small / "atelier" / "store")
    kept = store.add_bytes(b"abc")
    ballast = fill(small)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        store.add_bytes(b"x" * 3_000_000)
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [kept.sha256]
    ballast.unlink()
    assert store.add_bytes(b"x" * 3_000_000).new


def test_a_file_is_written_whole_or_the_old_one_stays_on_a_full_disk(small: Path) -> None:
    target = files.write_bytes(small / "note.json", b"before")
    fill(small)
    with pytest.raises(OSError, match="No space left"):
        files.write_bytes(target, b"y" * 1_000_000)
    assert target.read_bytes() == b"before"
    assert sorted(path.name for path in small.iterdir()) == ["ballast.bin", "note.json"]


@pytest.mark.usefixtures("no_reserve")
def test_a_preview_that_does_not_fit_does_not_fail_the_import(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted(tmp_path / "apercus", "64k") as tiny:
        fill(tiny)
        monkeypatch.setattr(desk.workspace, "previews", tiny)
        report = import_photos(desk, _photos(tmp_path / "carte", 2))
        assert len(report.added) == 2
        assert report.errors == ()
    assert desk.workspace.verify().holds


def test_a_workspace_on_a_full_disk_says_so_and_can_still_be_verified(small: Path) -> None:
    workspace = Workspace.open(small / "atelier")
    for _ in range(3):
        _act(workspace)
    workspace.close()
    fill(small)
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(small / "atelier")
    assert "le disque est plein" in caught.value.message("fr")
    reading = open_to_read(small / "atelier")
    assert reading.readonly
    assert reading.verify().events == 3
    reading.close()


def test_a_database_that_may_not_grow_refuses_in_words_and_keeps_what_it_had(workspace: Workspace) -> None:
    _act(workspace)
    pages = workspace.read("PRAGMA page_count")[0][0]
    workspace._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(WorkspaceError) as caught:
        for _ in range(60):
            workspace.record("decide", who="C" * 2_000, subject=NOBODY, parameters={"label": "ok"})
    assert "le disque est plein" in caught.value.message("fr")
    assert "n'a donc pas eu lieu" in caught.value.message("fr")
    size = workspace.head().size
    assert workspace.verify().problems == ()
    workspace._connection.execute("PRAGMA max_page_count=1000000")
    _act(workspace)
    assert workspace.head().size == size + 1
    assert workspace.verify().problems == ()


def test_a_limit_on_the_size_of_files_leaves_no_half_file(tmp_path: Path) -> None:
    """As a full disk does, where nothing may be mounted: the system refuses to write beyond 1 MB."""
    code = f"""
import resource, signal, sys
from pathlib import Path
from audit.store import Store
from core.errors import WorkspaceError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
store = Store(Path({str(tmp_path)!r}) / "store")
try:
    store.add_bytes(b"x" * (3 << 20))
except WorkspaceError as error:
    print(error.message("fr"))
print(store.add_bytes(b"y" * 1000).new, [p.stat().st_size for p in store.folder.rglob("*") if p.is_file()])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "écriture impossible" in done.stdout
    assert done.stdout.splitlines()[-1] == "True [1000]"


def test_room_is_looked_at_before_work_starts_and_told_in_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 312_000_000)
    space.check_space(tmp_path, 0, reserve=0)
    space.check_space(tmp_path, 312_000_000, reserve=0)
    with pytest.raises(WorkspaceError) as caught:
        space.check_space(tmp_path, 700_000_000)
    assert "il reste 312 Mo, il en faut 1,2 Go (dont 500 Mo de réserve)" in caught.value.message("fr")
    assert "312 MB are left, 1.2 GB are needed" in caught.value.message("en")


@pytest.mark.parametrize(
    ("count", "fr", "en"),
    [(0, "0 ko", "0 kB"), (312_000_000, "312 Mo", "312 MB"), (999_600_000, "1,0 Go", "1.0 GB"),
     (1_234_000_000, "1,2 Go", "1.2 GB"), (250_000_000_000, "250 Go", "250 GB"), (10**16, "10000 To", "10000 TB")],
)  # fmt: skip
def test_sizes_are_written_as_people_read_them(count: int, fr: str, en: str) -> None:
    assert (space.shown_size(count, "fr"), space.shown_size(count, "en")) == (fr, en)


def test_free_room_is_that_of_the_disk_that_will_hold_the_folder(tmp_path: Path) -> None:
    here = shutil.disk_usage(tmp_path)
    assert 0 < space.free_bytes(tmp_path / "not" / "yet" / "made") <= here.total
    assert not (tmp_path / "not").exists()


# ---- a folder that may only be read


def test_a_workspace_opened_only_to_read_tells_everything_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    import_photos(desk, _photos(tmp_path / "carte", 2))
    folder = desk.workspace.folder
    desk.workspace.close()
    before = {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "paddock.db-" not in path.name
    }
    reading = Workspace.open(folder, readonly=True)
    assert [photo.name for photo in list_photos(reading)] == ["photo-00.png", "photo-01.png"]
    assert reading.verify().holds
    for attempt in (lambda: _act(reading), lambda: reading.store.add_bytes(b"new"), reading.catch_up):
        with pytest.raises(WorkspaceError) as caught:
            attempt()
        assert "lecture seule" in caught.value.message("fr")
    with reading.database() as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM photos")
    reading.close()
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "paddock.db-" not in path.name}
    assert after == before


def _kill_after_acts(folder: Path, acts: int) -> None:
    """A process that records and ends without closing anything, so that the log stays beside the database."""
    code = f"""
import os
from pathlib import Path
from studio.workspace import Workspace
workspace = Workspace.open(Path({str(folder)!r}))
for _ in range({acts}):
    workspace.record("decide", who="a", subject="0" * 64, parameters={{"label": "ok"}})
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 9
    assert (folder / "paddock.db-wal").stat().st_size > 0


@pytest.mark.parametrize("left", ["closed", "killed", "killed without shared memory"])
def test_a_really_read_only_disk_can_be_verified_with_every_event_and_not_worked_on(small: Path, left: str) -> None:
    folder = small / "atelier"
    workspace = Workspace.open(folder)
    _act(workspace)
    workspace.close()
    if left != "closed":
        _kill_after_acts(folder, 4)
    if left == "killed without shared memory":
        (folder / "paddock.db-shm").unlink()
    read_only(small)
    assert not files.is_writable(folder)
    reading = open_to_read(folder)
    assert reading.readonly
    found = reading.verify()
    assert (found.events, found.problems) == (1 if left == "closed" else 5, ())
    with pytest.raises(WorkspaceError, match="read-only"):
        _act(reading)
    reading.close()
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(folder)
    assert "le dossier est en lecture seule : on ne peut pas y travailler" in caught.value.message("fr")


def test_tables_of_an_older_version_are_brought_up_to_date_in_a_private_copy_only(workspace: Workspace) -> None:
    _act(workspace)
    folder = workspace.folder
    workspace.close()
    connection = sqlite3.connect(folder / "paddock.db")
    connection.execute("DROP TABLE verdicts")
    connection.execute("UPDATE folded SET seq = 0")
    connection.commit()
    connection.close()
    reading = Workspace.open(folder, readonly=True)
    assert [row["hand"] for row in reading.read("SELECT hand FROM verdicts")] == ["ok"]
    assert reading._held._reading is not None and reading._held._reading.copy is not None
    copy = Path(reading._held._reading.copy.name)
    assert copy.is_dir()
    reading.close()
    assert not copy.exists()
    connection = sqlite3.connect(folder / "paddock.db")
    assert connection.execute("SELECT seq FROM folded").fetchone() == (0,)
    connection.close()


def test_where_nothing_can_be_written_a_workspace_is_opened_only_to_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.close()
    writing = open_to_read(workspace.folder)
    assert not writing.readonly
    writing.close()
    monkeypatch.setattr("studio.workspaces.is_writable", lambda folder: False)
    reading = open_to_read(workspace.folder)
    assert reading.readonly
    reading.close()
    with pytest.raises(WorkspaceError, match="no workspace here"):
        open_to_read(workspace.folder / "absent")


def test_whether_a_folder_can_be_written_is_tried_and_leaves_nothing(tmp_path: Path) -> None:
    assert files.is_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not files.is_writable(tmp_path / "absent")


# ---- a key that is pulled out


def test_nothing_is_recorded_while_the_folder_is_away_and_work_goes_on_when_it_is_back(
    desk: Desk, tmp_path: Path
) -> None:
    workspace = desk.workspace
    sha = import_photos(desk, _photos(tmp_path / "carte", 1)).added[0]
    away = workspace.folder.rename(tmp_path / "away")
    for attempt in (
        lambda: decide(desk, [sha], "ok"),
        lambda: workspace.store.add_bytes(b"new"),
        lambda: workspace.store.open("1" * 64),
        lambda: import_photos(desk, [tmp_path / "carte"]),
        lambda: export_audit_zip(desk),
        lambda: files.write_bytes(workspace.previews / "aa" / "x.jpg", b"x", inside=workspace.folder),
        workspace.verify,
    ):
        with pytest.raises((WorkspaceError, FileNotFoundError)) as caught:
            attempt()
        if isinstance(caught.value, WorkspaceError):
            assert "le dossier a disparu" in caught.value.message("fr")
    assert not workspace.folder.exists(), "nothing is begun anew where the key was"
    away.rename(workspace.folder)
    decide(desk, [sha], "ok")
    assert [event.action for event in workspace.events()] == ["import", "decide"]
    assert workspace.verify().holds


def test_another_folder_in_its_place_is_not_written_into(workspace: Workspace, tmp_path: Path) -> None:
    _act(workspace)
    workspace.folder.rename(tmp_path / "away")
    workspace.folder.mkdir()
    for attempt in (lambda: _act(workspace), lambda: workspace.store.add_bytes(b"new"), workspace.verify):
        with pytest.raises(WorkspaceError, match="disappeared"):
            attempt()
    assert list(workspace.folder.iterdir()) == []
    stranger = Workspace.open(workspace.folder)
    _act(stranger, "exclure")
    stranger.close()
    for attempt in (lambda: _act(workspace), workspace.verify):
        with pytest.raises(WorkspaceError, match="disappeared"):
            attempt()
    assert [event.parameters["label"] for event in Workspace.open(workspace.folder, readonly=True).events()] == [
        "exclure"
    ]


def test_a_key_that_comes_back_under_another_number_is_recognised_by_its_ledger(
    workspace: Workspace, tmp_path: Path
) -> None:
    _act(workspace)
    workspace.folder.rename(tmp_path / "away")
    shutil.copytree(tmp_path / "away", workspace.folder)
    _act(workspace, "retoucher")
    assert [event.parameters["label"] for event in workspace.events()] == ["ok", "retoucher"]
    other = Workspace.open(workspace.folder, create=False)
    assert other.head() == workspace.head()
    assert other.verify().holds
    other.close()


def test_an_older_copy_in_its_place_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    _act(workspace)
    workspace.read("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(workspace.folder, tmp_path / "older")
    _act(workspace)
    workspace.folder.rename(tmp_path / "away")
    (tmp_path / "older").rename(workspace.folder)
    with pytest.raises(WorkspaceError, match="disappeared"):
        _act(workspace)


def test_an_act_during_which_the_folder_goes_is_not_acknowledged(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold = workspace_module.projection.apply

    def pulled_out(connection: sqlite3.Connection, event: object) -> None:
        fold(connection, event)  # type: ignore[arg-type]
        workspace.folder.rename(tmp_path / "away")

    with monkeypatch.context() as patched:
        patched.setattr(workspace_module.projection, "apply", pulled_out)
        with pytest.raises(WorkspaceError, match="disappeared"):
            _act(workspace)
    assert not workspace.folder.exists()


@pytest.mark.parametrize("first", ["read", "act"])
def test_a_disk_that_answers_no_more_is_opened_again_when_it_is_back(workspace: Workspace, first: str) -> None:
    _act(workspace)

    class Dead:
        """A connection to a file that was pulled out."""

        in_transaction = False

        def execute(self, *_: object) -> None:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = 10
            raise error

        def close(self) -> None:
            pass

    workspace._connection.close()
    workspace._connection = Dead()  # type: ignore[assignment]
    with pytest.raises(WorkspaceError) as caught:
        _act(workspace) if first == "act" else workspace.read("SELECT 1")
    assert "le disque ne répond pas bien" in caught.value.message("fr")
    _act(workspace)
    assert workspace.head().size == 2
    assert workspace.verify().holds


def test_a_mistake_in_a_statement_is_not_blamed_on_the_disk(workspace: Workspace) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        workspace.read("SELECT * FROM absent")


def test_a_models_folder_on_an_unplugged_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as caught:
        locate("clipseg", tmp_path / "cle" / "modeles")
    told = caught.value.message("fr")
    assert str(tmp_path / "cle" / "modeles") in told
    assert "n'est pas là : clé USB débranchée ?" in told
    (tmp_path / "cle" / "modeles").mkdir(parents=True)
    with pytest.raises(WeightsMissing) as caught:
        locate("clipseg", tmp_path / "cle" / "modeles")
    assert "débranchée" not in caught.value.message("fr")


# ---- a clock that is set back


def test_an_act_under_a_clock_that_was_set_back_is_recorded_as_declared_and_remarked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(["2026-06-13T16:00:00.000+00:00", "2026-06-13T15:59:59.000+00:00", "2026-06-13T04:00:00.000+00:00"])
    monkeypatch.setattr(workspace_module, "_now", lambda: next(times))
    for _ in range(3):
        _act(workspace)
    assert [event.time[11:19] for event in workspace.events()] == ["16:00:00", "15:59:59", "04:00:00"]
    found = workspace.verify()
    assert found.holds
    (remark,) = found.remarks
    assert remark.seq == 3
    assert remark.message("fr").startswith(
        "l'horloge de l'ordinateur recule entre les événements 2 (2026-06-13 15:59:59"
    )
    assert "et 3 (2026-06-13 04:00:00 UTC)" in remark.message("fr")


def test_a_clock_that_lies_before_the_last_act_is_told_once_until_something_is_recorded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace.clock_note() is None
    monkeypatch.setattr(workspace_module, "_now", lambda: "2026-06-13T16:00:00.000+00:00")
    _act(workspace)
    assert workspace.clock_note() is None
    monkeypatch.setattr(workspace_module, "_now", lambda: "2020-01-01T00:00:00.000+00:00")
    note = workspace.clock_note()
    assert note is not None
    assert "(2020-01-01 00:00:00 UTC) est en retard sur le dernier acte enregistré (2026-06-13 16:00:00 UTC)" in note.fr
    _act(workspace)
    assert workspace.clock_note() is None


def test_a_running_process_is_known_again_after_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    token = owner_token()
    assert is_owner_running(token)
    assert not is_owner_running(token.split(":")[0] + ":1.00")
    linux = pytest.importorskip("psutil._pslinux")
    start = linux.boot_time()
    monkeypatch.setattr(linux, "boot_time", lambda: start - 3600)  # what Linux says once its clock is an hour behind
    assert is_owner_running(token)


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP])
def test_a_disk_without_permissions_holds_a_workspace_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(self: Path, mode: int) -> None:
        raise OSError(code, "no permissions here")

    monkeypatch.setattr(Path, "chmod", refused)
    monkeypatch.setattr(files.os, "fsync", _fsync_of_a_share(files.os.fsync))
    desk = _desk(tmp_path / "atelier")
    assert len(import_photos(desk, _photos(tmp_path / "carte", 1)).added) == 1
    assert desk.workspace.verify().holds
    desk.workspace.close()


def _fsync_of_a_share(real: Callable[[int], None]) -> Callable[[int], None]:
    """fsync where folders know no such call."""

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    return fsync


def test_nothing_is_computed_from_the_wall_clock() -> None:
    """Durations and expiries come from time.monotonic: a clock that is set must not end or prolong anything."""
    rooms = ("app", "studio", "core", "audit", "book", "classifier", "editing", "styling", "scene")
    sources = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(sources) > 80
    wall = [str(path.relative_to(ROOT)) for path in sources if "time.time(" in path.read_text("utf-8")]
    assert wall == []


# ---- several processes


def _hold(folder: str, held: object, release: object) -> None:
    connection = sqlite3.connect(Path(folder) / "paddock.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    held.set()  # type: ignore[attr-defined]
    release.wait(120)  # type: ignore[attr-defined]
    connection.execute("ROLLBACK")
    connection.close()


def test_a_database_that_another_programme_holds_for_long_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.3)
    workspace = Workspace.open(tmp_path / "atelier")
    _act(workspace)
    context = multiprocessing.get_context("spawn")
    held, release = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(str(workspace.folder), held, release))
    process.start()
    assert held.wait(120)
    try:
        for attempt in (lambda: _act(workspace), lambda: Workspace.open(workspace.folder)):
            with pytest.raises(WorkspaceError) as caught:
                attempt()
            assert "un autre programme tient la base depuis plus de" in caught.value.message("fr")
        assert workspace.head().size == 1
        assert workspace.read("SELECT hand FROM verdicts")[0]["hand"] == "ok", "reading goes on meanwhile"
    finally:
        release.set()
        process.join(120)
    _act(workspace)
    assert workspace.head().size == 2
    assert workspace.verify().holds
    workspace.close()


def test_a_stored_file_that_is_not_the_expected_one_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    store = Store(tmp_path / "store")
    with pytest.raises(AuditError):
        store.add(tmp_path / "a", expected="1" * 64)
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []


def test_a_folder_error_names_a_key_that_is_not_there(desk: Desk, tmp_path: Path) -> None:
    from studio.backup import backup_workspace

    with pytest.raises(FolderError) as caught:
        backup_workspace(desk.workspace, tmp_path / "cle" / "sauvegarde")
    assert "clé débranchée ?" in caught.value.message("fr")
    assert not (tmp_path / "cle").exists()
