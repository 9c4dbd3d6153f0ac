"""Whatever was altered, removed, put in, moved or cut is found and named."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from audit import ledger
from audit import verify as verifying
from audit.store import PART
from audit.verify import Verification
from core.canonical import canonical_json, sha256_of_text
from tests.audit.conftest import Archive


def _body(archive: Archive, seq: int) -> str:
    return str(archive.connection.execute("SELECT body FROM events WHERE seq = ?", (seq,)).fetchone()[0])


def _named(found: Verification) -> list[tuple[int, str]]:
    assert not found.holds
    return [(problem.seq, problem.en) for problem in found.problems]


def test_an_untouched_archive_holds(archive: Archive) -> None:
    found = archive.verify()
    assert found.holds
    assert (found.events, found.files) == (5, 4)
    assert found.head == ledger.head(archive.connection)
    assert found.strays == ()


def test_an_empty_archive_holds(empty: Archive) -> None:
    found = empty.verify()
    assert found.holds
    assert (found.events, found.files, found.head.size) == (0, 0, 0)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_flipped_byte_in_an_event_is_found_at_that_event(archive: Archive, seq: int) -> None:
    body = _body(archive, seq)
    place = body.index("Zoé")
    archive.tamper("UPDATE events SET body = ? WHERE seq = ?", body[:place] + "Léo" + body[place + 3 :], seq)
    assert _named(archive.verify()) == [(seq, f"event {seq} was altered")]


@pytest.mark.parametrize("text", ["not json", "[]", "{}", "3", ""])
def test_an_event_that_is_no_event_is_named(archive: Archive, text: str) -> None:
    archive.tamper("UPDATE events SET body = ?, hash = ? WHERE seq = 3", text, sha256_of_text(text))
    assert (3, "event 3 is unreadable") in _named(archive.verify())


def test_an_event_stored_as_bytes_is_named(archive: Archive) -> None:
    archive.tamper("UPDATE events SET body = ? WHERE seq = 3", b"\xff\xfe\x00")
    assert 3 in [seq for seq, _ in _named(archive.verify())]


@pytest.mark.parametrize("seq", [1, 2, 4])
def test_a_removed_event_is_named(archive: Archive, seq: int) -> None:
    archive.tamper("DELETE FROM events WHERE seq = ?", seq)
    named = _named(archive.verify())
    assert (seq + 1, f"event {seq} is missing") in named
    assert (seq + 1, f"event {seq + 1} no longer follows the one before: the chain is broken there") in named


def test_a_removed_event_with_the_others_moved_up_is_named(archive: Archive) -> None:
    archive.tamper("DELETE FROM events WHERE seq = 2")
    for seq in (3, 4, 5):
        archive.tamper("UPDATE events SET seq = ? WHERE seq = ?", seq - 1, seq)
    named = _named(archive.verify())
    assert (2, "event 2 was moved") in named
    assert (5, "the ledger was cut: 5 events recorded, 4 present") in named


def test_an_inserted_event_is_named(archive: Archive) -> None:
    for seq in (5, 4, 3):
        archive.tamper("UPDATE events SET seq = ? WHERE seq = ?", seq + 1, seq)
    forged = json.loads(_body(archive, 2)) | {"seq": 3, "actor": "X"}
    forged["previous"] = json.loads(_body(archive, 4))["previous"]
    text = canonical_json(forged)
    archive.tamper("INSERT INTO events VALUES (3, ?, ?)", sha256_of_text(text), text)
    named = _named(archive.verify())
    assert (4, "event 4 no longer follows the one before: the chain is broken there") in named
    assert (4, "event 4 was moved") in named


def test_swapped_events_are_both_named(archive: Archive) -> None:
    for source, target in ((2, 99), (3, 2), (99, 3)):
        archive.tamper("UPDATE events SET seq = ? WHERE seq = ?", target, source)
    named = _named(archive.verify())
    assert {(2, "event 2 was moved"), (3, "event 3 was moved")} <= set(named)


@pytest.mark.parametrize("left", [4, 2, 0])
def test_a_cut_tail_is_found(archive: Archive, left: int) -> None:
    archive.tamper("DELETE FROM events WHERE seq > ?", left)
    assert _named(archive.verify()) == [(5, f"the ledger was cut: 5 events recorded, {left} present")]


def _rewrite(archive: Archive, changed: int) -> None:
    """Change one event and recompute every hash after it, as someone with skill would."""
    previous = ledger.GENESIS
    for seq in range(1, 6):
        event = json.loads(_body(archive, seq)) | {"previous": previous}
        if seq == changed:
            event["actor"] = "Léo"
        text = canonical_json(event)
        previous = sha256_of_text(text)
        archive.tamper("UPDATE events SET body = ?, hash = ? WHERE seq = ?", text, previous, seq)


@pytest.mark.parametrize("changed", [1, 3, 5])
def test_a_chain_rewritten_with_skill_is_found_by_the_copy_of_its_head(archive: Archive, changed: int) -> None:
    _rewrite(archive, changed)
    assert _named(archive.verify()) == [(5, "event 5 is not the one whose head was noted: the ledger was rewritten")]


def test_an_event_recomputed_alone_breaks_the_next(archive: Archive) -> None:
    text = _body(archive, 2).replace("Zoé", "Léo")
    archive.tamper("UPDATE events SET body = ?, hash = ? WHERE seq = 2", text, sha256_of_text(text))
    assert _named(archive.verify()) == [(3, "event 3 no longer follows the one before: the chain is broken there")]


def test_a_copy_of_the_head_that_lags_is_what_a_crash_leaves_and_holds(archive: Archive) -> None:
    third = archive.connection.execute("SELECT hash FROM events WHERE seq = 3").fetchone()[0]
    archive.head_file.write_text(json.dumps({"size": 3, "head": third}))
    assert archive.verify().holds


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "the copy of the ledger's head is missing"), ("", "the copy of the head is unreadable"),
        ("[]", "the copy of the head is unreadable"), ('{"size": "x"}', "the copy of the head is unreadable"),
        ('{"size": 5, "head": "00"}', "event 5 is not the one whose head was noted: the ledger was rewritten"),
        ('{"size": 0, "head": "00"}', "event 0 is not the one whose head was noted: the ledger was rewritten"),
        ('{"size": -1, "head": "00"}', "event -1 is not the one whose head was noted: the ledger was rewritten"),
    ],
)  # fmt: skip
def test_a_head_that_was_touched_is_told(archive: Archive, text: str | None, told: str) -> None:
    if text is None:
        archive.head_file.unlink()
    else:
        archive.head_file.write_text(text)
    assert [en for _, en in _named(archive.verify())] == [told]


def test_an_event_recorded_while_verifying_is_no_cut(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    real = verifying._check_chain

    def busy(*args: object) -> object:
        checked = real(*args)
        archive.record("import", {"tard.jpg": b"late"})
        return checked

    monkeypatch.setattr(verifying, "_check_chain", busy)
    assert archive.verify().holds


def test_a_deleted_file_is_named_with_its_event(archive: Archive) -> None:
    sha = archive.shas["masque.png"]
    archive.store.path(sha).unlink()
    (problem,) = archive.verify().problems
    assert (problem.seq, problem.file) == (3, sha)
    assert problem.message("fr") == f"le fichier « masque.png » ({sha[:12]}…, événement 3) manque"


@pytest.mark.parametrize("how", ["flipped", "longer", "replaced", "emptied"])
def test_an_altered_file_is_named_with_its_event(archive: Archive, how: str) -> None:
    sha = archive.shas["été.png"]
    path = archive.store.path(sha)
    data = bytearray(path.read_bytes())
    path.chmod(0o644)
    if how == "flipped":
        data[1000] ^= 1
    elif how == "longer":
        data += b"\0"
    elif how == "replaced":
        data = bytearray(archive.store.path(archive.shas["virage.jpg"]).read_bytes())
    else:
        data.clear()
    path.write_bytes(data)
    (problem,) = archive.verify().problems
    assert (problem.seq, problem.file) == (2, sha)
    assert problem.en == f"the file “été.png” ({sha[:12]}…, event 2) was altered"


def test_a_file_that_no_event_names_is_told_without_blame(archive: Archive) -> None:
    stray = archive.store.add_bytes(b"nobody knows me").sha256
    (archive.store.folder / f"{PART}abc").write_bytes(b"half")
    found = archive.verify()
    assert found.holds
    assert [problem.file for problem in found.strays] == [stray]


def test_every_problem_is_told_not_the_first_alone(archive: Archive) -> None:
    archive.store.path(archive.shas["masque.png"]).unlink()
    body = _body(archive, 1)
    archive.tamper("UPDATE events SET body = ? WHERE seq = 1", body.replace("Zoé", "Léo"))
    assert {problem.seq for problem in archive.verify().problems} == {1, 3}


def test_a_database_damaged_on_the_disk_is_told_in_words(archive: Archive, tmp_path: Path) -> None:
    for number in range(200):
        archive.record("judge", {}, subject=f"{number:064d}")
    archive.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    broken = tmp_path / "broken.db"
    data = bytearray((archive.folder / "paddock.db").read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    broken.write_bytes(data)
    connection = sqlite3.connect(broken)
    found = verifying.verify(connection, archive.store, archive.head_file)
    connection.close()
    assert not found.holds
    assert any("damaged" in problem.en or "altered" in problem.en for problem in found.problems)
