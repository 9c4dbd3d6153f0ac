"""The folder for the legal department can be checked with nothing but itself."""

from __future__ import annotations

import errno
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.export import export, safe_name
from core.canonical import canonical_json
from core.errors import AuditError, Cancelled, FolderError
from tests.audit.conftest import Archive


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_every_file_goes_where_it_belongs_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    made = export(archive.connection, archive.store, tmp_path / "out")
    assert (made.originals, made.intermediates, made.finals, made.events) == (2, 1, 1, 5)
    for name, folder in {
        "virage.jpg": "originals", "été.png": "originals",
        "masque.png": "intermediates", "virage-corrige.png": "finals",
    }.items():  # fmt: skip
        (found,) = (tmp_path / "out" / folder).glob(f"*-{name}")
        assert found.read_bytes() == archive.store.path(archive.shas[name]).read_bytes()
    assert len(_files(tmp_path / "out")) == 4 + 2


def test_the_sums_name_every_file_and_match(archive: Archive, tmp_path: Path) -> None:
    out = export(archive.connection, archive.store, tmp_path / "out").folder
    named = {}
    for line in (out / "sha256sums.txt").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        named[name] = digest
    assert sorted([*named, "sha256sums.txt"]) == _files(out)
    for name, digest in named.items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest


def test_the_chain_can_be_followed_from_the_exported_lines_alone(archive: Archive, tmp_path: Path) -> None:
    out = export(archive.connection, archive.store, tmp_path / "out").folder
    previous = "0" * 64
    for number, line in enumerate((out / "ledger.jsonl").read_text("utf-8").splitlines(), 1):
        event = json.loads(line)
        digest = event.pop("hash")
        assert (event["seq"], event["previous"]) == (number, previous)
        assert hashlib.sha256(canonical_json(event).encode()).hexdigest() == digest
        previous = digest
    assert previous == json.loads(archive.head_file.read_text())["head"]


def test_an_empty_ledger_exports_empty_lists(empty: Archive, tmp_path: Path) -> None:
    made = export(empty.connection, empty.store, tmp_path / "out")
    assert (made.originals, made.events) == (0, 0)
    assert _files(made.folder) == ["ledger.jsonl", "sha256sums.txt"]


def test_a_folder_with_something_in_it_is_refused(archive: Archive, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "full", tmp_path / "file"):
        with pytest.raises(FolderError):
            export(archive.connection, archive.store, out)
    assert (tmp_path / "file").read_text() == "x"
    (tmp_path / "new").mkdir()
    assert export(archive.connection, archive.store, tmp_path / "new").originals == 2


def test_a_missing_file_is_told_not_left_out(archive: Archive, tmp_path: Path) -> None:
    sha = archive.shas["masque.png"]
    archive.store.path(sha).unlink()
    with pytest.raises(AuditError, match=sha[:12]):
        export(archive.connection, archive.store, tmp_path / "out")


def test_an_altered_file_is_never_certified_by_an_export(archive: Archive, tmp_path: Path) -> None:
    path = archive.store.path(archive.shas["virage.jpg"])
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(AuditError) as refused:
        export(archive.connection, archive.store, tmp_path / "out")
    assert "virage.jpg" in refused.value.message("fr")
    assert not (tmp_path / "out" / "sha256sums.txt").exists()


def test_a_full_disk_stops_an_export_with_words(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("audit.export.shutil.copyfile", full)
    with pytest.raises(FolderError) as refused:
        export(archive.connection, archive.store, tmp_path / "out")
    assert "le disque est plein" in refused.value.message("fr")
    assert "the disk is full" in refused.value.message("en")


def test_an_export_can_be_stopped(archive: Archive, tmp_path: Path) -> None:
    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.4:
            raise Cancelled(task="export")

    with pytest.raises(Cancelled):
        export(archive.connection, archive.store, tmp_path / "out", report=stop)


def test_hostile_names_stay_inside_the_folder(empty: Archive, tmp_path: Path) -> None:
    names = ["../../evil.jpg", "/etc/passwd", "a\\b.jpg", "e" * 300 + ".jpeg", "é" * 300]
    names += ["..", ".", "  ", "CON.jpg", "x\n.png"]
    for number, name in enumerate(names):
        empty.record("import", {name: f"photo {number}".encode()})
    made = export(empty.connection, empty.store, tmp_path / "out")
    assert made.originals == len(names)
    assert len(list((made.folder / "originals").iterdir())) == len(names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["atelier", "out"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("virage.jpg", "virage.jpg"), ("Été à l'aube.HEIC", "Été à l'aube.HEIC"), ("a/b\\c:d*e?.png", "a_b_c_d_e_.png"),
        ("../../x.jpg", "_.._x.jpg"), ("", "fichier"), ("...", "fichier"), (" . ", "fichier"),
        ("a" * 300 + ".jpg", "a" * 90 + ".jpg"), ("é" * 300 + ".jpeg", "é" * 45 + ".jpeg"),
        ("con.jpg", "_con.jpg"), ("LPT1", "_LPT1"), ("x.ééééé", "x.ééééé"), ("a\x00b\n.jpg", "a_b_.jpg"),
    ],
)  # fmt: skip
def test_names_are_made_safe(name: str, expected: str) -> None:
    assert safe_name(name) == expected


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_every_system_accepts(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe.encode()) <= 100
    assert not set(safe) & set('<>:"/\\|?*\x7f') and min(safe) > "\x1f"
    assert safe == safe.strip(" ") and not safe.endswith(".")
    assert Path(safe).name == safe not in (".", "..")
