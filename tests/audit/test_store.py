"""The store keeps every byte, once, read-only, and never half a file."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.store import PART, Store
from core.errors import AuditError, WorkspaceError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def _parts(store: Store) -> list[Path]:
    return list(store.folder.rglob(f"{PART}*"))


@given(data=st.binary(max_size=3000))
def test_what_comes_out_is_what_went_in(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("s")
    (folder / "photo.jpg").write_bytes(data)
    store = Store(folder / "store")
    stored = store.add(folder / "photo.jpg")
    assert (stored.sha256, stored.size, stored.new) == (hashlib.sha256(data).hexdigest(), len(data), True)
    assert store.open(stored.sha256).read_bytes() == data
    assert store.add_bytes(data).sha256 == stored.sha256
    assert (folder / "photo.jpg").read_bytes() == data


def test_a_file_of_several_blocks_is_kept_whole(store: Store, tmp_path: Path) -> None:
    data = os.urandom(1 << 20) * 2 + b"tail"
    (tmp_path / "a").write_bytes(data)
    assert store.open(store.add(tmp_path / "a").sha256).read_bytes() == data


def test_stored_files_are_read_only(store: Store) -> None:
    assert store.open(store.add_bytes(b"abc").sha256).stat().st_mode & 0o777 == 0o444


def test_the_same_bytes_twice_are_kept_once(store: Store) -> None:
    assert store.add_bytes(b"abc").new
    assert not store.add_bytes(b"abc").new
    assert [path.name for path in store.all()] == [hashlib.sha256(b"abc").hexdigest()]
    assert _parts(store) == []


def test_files_are_listed_in_the_order_of_their_hashes(store: Store) -> None:
    shas = sorted(store.add_bytes(bytes([n])).sha256 for n in range(12))
    assert [path.name for path in store.all()] == shas


def test_what_a_crash_left_is_swept_and_nothing_else(store: Store) -> None:
    kept = store.add_bytes(b"abc").sha256
    (store.folder / f"{PART}x1").write_bytes(b"half")
    (store.folder / f"{PART}x2").write_bytes(b"")
    assert [path.name for path in store.all()] == [kept]
    assert store.sweep() == 2
    assert _parts(store) == []
    assert store.open(kept).read_bytes() == b"abc"


def test_a_missing_file_is_told_with_its_hash(store: Store) -> None:
    sha = store.add_bytes(b"abc").sha256
    store.path(sha).unlink()
    assert not store.has(sha)
    with pytest.raises(AuditError, match=sha[:12]):
        store.open(sha)


@pytest.mark.parametrize("hostile", ["", "..", "../../etc/passwd", "/etc/hosts", "a" * 63, "A" * 64, "a" * 64 + "\n"])
def test_only_a_hash_names_a_stored_file(store: Store, hostile: str) -> None:
    for ask in (store.path, store.has, store.open):
        with pytest.raises(AuditError):
            ask(hostile)


@pytest.mark.parametrize("broken", ["fsync", "rename"])
def test_a_full_disk_is_told_in_words_and_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    kept = store.add_bytes(b"before").sha256

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if broken == "fsync" else (Path, "replace")), full)
    for add in (lambda: store.add(tmp_path / "a"), lambda: store.add_bytes(b"abc")):
        with pytest.raises(WorkspaceError, match="the disk is full"):
            add()
    assert [path.name for path in store.all()] == [kept]
    assert _parts(store) == []


def test_a_source_that_breaks_off_is_not_taken_for_a_full_disk(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unplugged:
        def __enter__(self) -> Unplugged:
            return self

        def __exit__(self, *_: object) -> None: ...

        def read(self, _: int) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    source, real = tmp_path / "key.jpg", Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: Unplugged() if self == source else real(self, *a, **k))
    with pytest.raises(OSError, match="Input/output"):
        store.add(source)
    assert _parts(store) == []


def test_an_absent_source_and_an_impossible_store_are_told_apart(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.add(tmp_path / "absent.jpg")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError):
        Store(tmp_path / "file" / "store").add_bytes(b"abc")


def test_many_hands_adding_the_same_photo_keep_one_copy(store: Store) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(store.add_bytes(b"abc" * 9999).sha256)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(list(store.all())) == 1
    assert store.open(found[0]).read_bytes() == b"abc" * 9999
    assert _parts(store) == []
