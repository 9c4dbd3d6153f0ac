"""Import: every original byte for byte, duplicates told, bad photos listed, and the rest goes on."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from core.canonical import sha256_of_file
from core.errors import Cancelled, FolderError, PhotoTooLarge, UnreadablePhoto, WorkspaceError, WrongExtension
from core.settings import Settings
from studio.desk import Desk
from studio.importing import import_photos
from studio.photos import list_photos
from tests.made import encoded, saved, scene


def _names(desk: Desk) -> list[str]:
    return [photo.name for photo in list_photos(desk.workspace)]


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _photo(seed: int) -> bytes:
    return encoded(scene(24, 16, seed), "PNG")


def test_a_folder_is_searched_in_depth_and_kept_byte_for_byte(desk: Desk, photos_folder: Path) -> None:
    done = import_photos(desk, [photos_folder])
    assert len(done.added) == 3
    assert (done.known, done.errors) == ((), ())
    assert sorted(_names(desk)) == sorted(["virage.jpg", "panneau.png", "été à l'aube.jpg"])
    for path in photos_folder.rglob("*.*"):
        assert desk.workspace.store.open(sha256_of_file(path)).read_bytes() == path.read_bytes()


def test_what_is_recorded_of_a_photo_is_what_it_says(desk: Desk, tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, "Zoé".encode()
    exif.get_ifd(0x8769)[0x9003] = "2026:06:13 16:00:00"
    import_photos(desk, [saved(tmp_path / "p.jpg", scene(30, 20), exif=exif)], sample=True)
    (photo,) = list_photos(desk.workspace)
    assert (photo.width, photo.height, photo.taken, photo.credit) == (20, 30, "2026:06:13 16:00:00", "Zoé")
    assert photo.sample
    assert (photo.label, photo.current, photo.confidence) == ("", photo.sha, 0.0)
    (event,) = desk.workspace.events()
    assert (event.action, event.actor, event.subject, event.origin) == ("import", "Camille", photo.sha, None)
    assert (event.outputs[0].role, event.outputs[0].name, event.outputs[0].size) == (
        "original", "p.jpg", (tmp_path / "p.jpg").stat().st_size,
    )  # fmt: skip


def test_duplicates_are_told_not_doubled(desk: Desk, photos_folder: Path, tmp_path: Path) -> None:
    import_photos(desk, [photos_folder])
    copy = tmp_path / "copie.jpg"
    copy.write_bytes((photos_folder / "virage.jpg").read_bytes())
    events = desk.workspace.head().size
    done = import_photos(desk, [copy, copy])
    assert (done.added, done.known, done.errors) == ((), ("copie.jpg", "copie.jpg"), ())
    assert desk.workspace.head().size == events
    assert len(_names(desk)) == 3


def test_a_photo_whose_copy_had_gone_is_kept_again_when_it_comes_again(desk: Desk, tmp_path: Path) -> None:
    path = saved(tmp_path / "p.png", scene(30, 20))
    (sha,) = import_photos(desk, [path]).added
    stored = desk.workspace.store.path(sha)
    stored.chmod(0o644)
    stored.unlink()
    assert not desk.workspace.verify().holds
    assert import_photos(desk, [path]).known == ("p.png",)
    assert stored.read_bytes() == path.read_bytes()
    assert desk.workspace.verify().holds


def test_duplicates_within_one_import_are_told_too(desk: Desk, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(_photo(1))
    done = import_photos(desk, [tmp_path / "a.png", tmp_path / "b.png"])
    assert len(done.added) == 1
    assert done.known == ("b.png",)


def test_bad_photos_are_listed_and_the_good_ones_imported(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    saved(folder / "a-good.jpg", scene(40, 30))
    (folder / "b-html.jpg").write_bytes(b"<html>")
    (folder / "c-cut.png").write_bytes(_photo(2)[:200])
    (folder / "d-liar.jpg").write_bytes(_photo(3))
    (folder / "e-empty.png").write_bytes(b"")
    saved(folder / "f-good.png", scene(40, 30, seed=5))
    done = import_photos(desk, [folder])
    assert [(name, type(error)) for name, error in done.errors] == [
        ("b-html.jpg", UnreadablePhoto), ("c-cut.png", UnreadablePhoto), ("d-liar.jpg", WrongExtension),
        ("e-empty.png", UnreadablePhoto),
    ]  # fmt: skip
    assert _names(desk) == ["a-good.jpg", "f-good.png"]
    assert len(list(desk.workspace.store.all())) == 2


def test_the_pixel_limit_of_the_settings_holds(desk: Desk, tmp_path: Path) -> None:
    strict = Desk(desk.workspace, desk.engines, Settings(max_megapixels=0.001), "Camille")
    done = import_photos(strict, [saved(tmp_path / "big.png", scene(50, 40))])
    assert [(name, type(error)) for name, error in done.errors] == [("big.png", PhotoTooLarge)]


def test_hidden_files_and_forks_of_a_mac_are_passed_over(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "card"
    saved(folder / "IMG_1.jpg", scene(20, 20))
    for name in ("._IMG_1.jpg", "__MACOSX/IMG_1.png", ".Trashes/old.png", "notes.txt", "film.mp4"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(_photo(9))
    done = import_photos(desk, [folder])
    assert (_names(desk), done.errors) == (["IMG_1.jpg"], ())


def test_a_zip_is_opened_under_names_of_our_own(desk: Desk, tmp_path: Path) -> None:
    members = {
        "../../evil.png": _photo(1), "/abs/olute.png": _photo(2), "jour 1/stands/été.png": _photo(3),
        "C:\\photos\\win.png": _photo(4), "__MACOSX/._été.png": b"fork", ".hidden.png": _photo(5),
        "jour 1/": b"", "notes.txt": b"x", "jour 1/again.png": _photo(3), ".thumbs/t.png": _photo(6),
    }  # fmt: skip
    archive = _zip(tmp_path / "photos.zip", members)
    done = import_photos(desk, [archive])
    assert _names(desk) == ["evil.png", "olute.png", "été.png", "win.png"]
    assert (done.known, done.errors) == (("again.png",), ())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["atelier", "photos.zip"]
    assert not (tmp_path.parent / "evil.png").exists()


def test_two_photos_of_one_name_in_a_zip_are_both_kept(desk: Desk, tmp_path: Path) -> None:
    archive = _zip(tmp_path / "z.zip", {"a/IMG.png": _photo(1), "b/IMG.png": _photo(2)})
    assert len(import_photos(desk, [archive]).added) == 2
    assert _names(desk) == ["IMG.png", "IMG.png"]


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04" + bytes(40)])
def test_a_broken_zip_is_listed_and_the_rest_goes_on(desk: Desk, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "broken.zip").write_bytes(data)
    done = import_photos(desk, [tmp_path / "broken.zip", saved(tmp_path / "good.png", scene(20, 20))])
    assert [name for name, _ in done.errors] == ["broken.zip"]
    assert _names(desk) == ["good.png"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_photo_in_a_zip_does_not_cost_the_others(desk: Desk, tmp_path: Path, compression: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for number in range(3):
            archive.writestr(f"{number}.png", _photo(number))
        start = archive.getinfo("1.png").header_offset + 30 + len("1.png")
    data = bytearray(buffer.getvalue())
    data[start + 8 : start + 60] = bytes(b ^ 0xA5 for b in data[start + 8 : start + 60])
    (tmp_path / "z.zip").write_bytes(data)
    done = import_photos(desk, [tmp_path / "z.zip"])
    assert _names(desk) == ["0.png", "2.png"]
    assert [name for name, _ in done.errors] == ["1.png"]


def test_a_zip_that_unpacks_to_too_much_is_refused(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.sources.MAX_ZIP_BYTES", 100)
    done = import_photos(desk, [_zip(tmp_path / "bomb.zip", {"a.png": _photo(1)})])
    assert [name for name, _ in done.errors] == ["bomb.zip"]
    assert _names(desk) == []


def test_a_folder_without_photos_and_a_missing_path_say_so(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("x")
    with pytest.raises(FolderError, match="no photo in it"):
        import_photos(desk, [tmp_path / "empty"])
    with pytest.raises(FolderError, match="does not exist"):
        import_photos(desk, [tmp_path / "absent"])
    assert desk.workspace.head().size == 0


def test_names_of_any_length_and_alphabet_are_kept(desk: Desk, tmp_path: Path) -> None:
    names = ["é" * 296 + ".png", "Сцена 日本 🏁.png", "a'b\"c<d>&.png"]
    given = {tmp_path / f"{number}.png": name for number, name in enumerate(names)}
    for number, path in enumerate(given):
        path.write_bytes(_photo(number))
    import_photos(desk, given, names=given)
    assert _names(desk) == names
    workspace = type(desk.workspace).open(desk.workspace.folder)
    assert [photo.name for photo in list_photos(workspace)] == names
    assert workspace.verify().holds
    workspace.close()


@pytest.mark.skipif(os.name != "posix", reason="other systems' names are always Unicode")
def test_a_name_in_an_old_encoding_is_shown_with_a_mark(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.png")).write_bytes(_photo(1))
    saved(folder / "z.png", scene(20, 20))
    done = import_photos(desk, [folder])
    assert done.errors == ()
    assert _names(desk) == ["caf\ufffd.png", "z.png"]


def test_two_archives_without_a_photo_in_a_row_leave_the_next_one_its_place(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "zips"
    folder.mkdir()
    for name, content in (("a.zip", b"bad"), ("b.zip", b"bad"), ("c.zip", _photo(5))):
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("x.png", content)
    done = import_photos(desk, [folder])
    assert (len(done.added), [name for name, _ in done.errors]) == (1, ["x.png", "x.png"])


def test_links_and_folders_with_photo_names_do_not_stop_an_import(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    saved(folder / "a.png", scene(20, 20))
    (folder / "dir.jpg").mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / "dead.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (folder / "alias.png").symlink_to(folder / "a.png")
    done = import_photos(desk, [folder])
    assert len(done.added) == 1
    assert [(name, type(error).__name__) for name, error in done.errors] == [
        ("alias.png", "NotAFile"), ("dead.jpg", "NotAFile"),
    ]  # fmt: skip


def test_a_link_that_a_person_named_is_followed(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "alias.png").symlink_to(saved(tmp_path / "a.png", scene(20, 20)))
    done = import_photos(desk, [tmp_path / "alias.png"])
    assert (len(done.added), done.errors) == (1, ())
    assert _names(desk) == ["alias.png"]


def test_a_stopped_import_keeps_what_it_had_acknowledged(desk: Desk, photos_folder: Path) -> None:
    def stop(fraction: float, doing: str) -> None:
        if fraction > 0.5:
            raise Cancelled(task="import")

    with pytest.raises(Cancelled):
        import_photos(desk, [photos_folder], report=stop)
    assert len(_names(desk)) == 2
    assert desk.workspace.verify().holds
    assert len(import_photos(desk, [photos_folder]).added) == 1


def test_a_full_disk_stops_the_import_in_words(
    desk: Desk, photos_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError, match="the disk is full"):
        import_photos(desk, [photos_folder])
    assert desk.workspace.head().size == 0


def test_the_user_s_labelled_photos_can_all_be_read(desk: Desk, shared_folder: Path) -> None:
    folder = shared_folder / "photos" / "labelled"
    some = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))[::60]
    if not some:
        pytest.skip("no labelled photos in that folder")
    done = import_photos(desk, some)
    assert len(done.added) + len(done.known) + len(done.errors) == len(some)
    assert len(done.added) >= 0.9 * len(some)
