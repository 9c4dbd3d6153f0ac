"""Writing: profile and credits travel, places and serial numbers don't, and no half file is ever left."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.credits import Credits, credits_of
from core.errors import FormatNotAllowed
from core.files import write_bytes
from core.images import read_mask, read_picture, write_mask, write_picture
from tests.made import profile, saved, scene

NAMES = ["a.png", "a.jpg", "a.tif", "a.webp"]
CREDITS = Credits("Éloïse Dupont", "Agence <X> & fils", "© 2026 Paddock", "Départ à l'aube – « ligne droite »")


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_lossless_formats_give_the_same_pixels_back(tmp_path: Path, name: str) -> None:
    pixels = scene(31, 17)
    assert np.array_equal(read_picture(write_picture(tmp_path / name, pixels)).pixels, pixels)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
def test_lossy_formats_stay_close(tmp_path: Path, name: str) -> None:
    pixels = scene(96, 64)
    pixels[..., 2] = 90
    written = read_picture(write_picture(tmp_path / name, pixels)).pixels
    assert np.abs(written.astype(int) - pixels).mean() < 6


@pytest.mark.parametrize("name", NAMES)
def test_the_profile_survives_reading_and_writing_again(tmp_path: Path, name: str) -> None:
    source = read_picture(saved(tmp_path / f"source-{name}", scene(16, 12), icc_profile=profile()))
    assert source.icc == profile()
    assert read_picture(write_picture(tmp_path / name, source.pixels, icc=source.icc)).icc == profile()


@pytest.mark.parametrize("name", NAMES)
def test_no_profile_is_invented(tmp_path: Path, name: str) -> None:
    assert read_picture(write_picture(tmp_path / name, scene(8, 8))).icc is None


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_of_many_blocks_survives(tmp_path: Path, name: str) -> None:
    large = profile() + bytes(150_000)
    assert read_picture(write_picture(tmp_path / name, scene(8, 8), icc=large)).icc == large


@pytest.mark.parametrize("name", NAMES)
def test_credits_survive_with_their_accents(tmp_path: Path, name: str) -> None:
    path = write_picture(tmp_path / name, scene(16, 12), credits=CREDITS)
    assert read_picture(path).credits == CREDITS
    again = write_picture(tmp_path / f"b-{name}", read_picture(path).pixels, credits=read_picture(path).credits)
    assert read_picture(again).credits == CREDITS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("character", ["x", "é", "&", "日", "🏁"])
def test_captions_of_any_length_never_hinder_writing(tmp_path: Path, name: str, character: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = (character * 12_000).encode()
    path = saved(tmp_path / "long.tif", scene(8, 8), exif=exif)
    long = read_picture(path).credits
    assert long.description == character * 2000
    written = write_picture(tmp_path / name, scene(8, 8), credits=Credits(*[long.description] * 4))
    assert read_picture(written).credits.description == long.description


@pytest.mark.parametrize("name", NAMES)
def test_place_and_serial_number_are_dropped(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "A. Dupont"
    exif[0x8298] = "(c) Dupont"
    exif[0x010F] = "MakerName"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (48.0, 1.0, 0.0)
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-12345"
    source = saved(tmp_path / "source.jpg", scene(16, 12), exif=exif)
    assert b"SERIAL-12345" in source.read_bytes()
    picture = read_picture(source)
    written = write_picture(tmp_path / name, picture.pixels, icc=picture.icc, credits=picture.credits)
    assert b"SERIAL-12345" not in written.read_bytes()
    assert b"MakerName" not in written.read_bytes()
    with Image.open(written) as image:
        assert not image.getexif().get_ifd(0x8825)
    assert read_picture(written).credits == Credits("A. Dupont", "", "(c) Dupont", "")


def test_the_time_of_the_picture_is_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:06:13 16:00:01"
    exif[0x0132] = "2026:07:01 00:00:00"
    assert read_picture(saved(tmp_path / "a.jpg", scene(8, 8), exif=exif)).taken == "2026:06:13 16:00:01"


def _iptc(fields: dict[int, bytes]) -> bytes:
    records = b"".join(
        b"\x1c\x02" + bytes([tag]) + len(value).to_bytes(2, "big") + value for tag, value in fields.items()
    )
    block = b"8BIM\x04\x04\x00\x00" + len(records).to_bytes(4, "big") + records + b"\x00" * (len(records) % 2)
    body = b"Photoshop 3.0\x00" + block
    return b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_iptc_is_read_where_exif_is_silent(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path / "a.jpg", scene(16, 12))
    data = path.read_bytes()
    texts = {80: "Éva", 110: "Agence Été", 116: "Tous droits", 120: "Légende"}
    path.write_bytes(data[:2] + _iptc({tag: text.encode(encoding) for tag, text in texts.items()}) + data[2:])
    assert read_picture(path).credits == Credits("Éva", "Agence Été", "Tous droits", "Légende")


def test_xmp_is_read_where_the_others_are_silent_and_exif_wins(tmp_path: Path) -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description photoshop:Credit="Agence &amp; Cie">'
        "<dc:creator><rdf:Seq><rdf:li>Ana</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>"
        '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">Réservés</rdf:li></rdf:Alt></dc:rights>'
        "</rdf:Description></x:xmpmeta>"
    ).encode()
    path = saved(tmp_path / "a.jpg", scene(8, 8), xmp=packet)
    assert read_picture(path).credits == Credits("Ana, Bob", "Agence & Cie", "Réservés", "")
    exif = Image.Exif()
    exif[0x013B] = "Carla"
    path = saved(tmp_path / "b.jpg", scene(8, 8), xmp=packet, exif=exif)
    assert read_picture(path).credits.creator == "Carla"


def test_exif_in_latin_1_keeps_its_accents_too(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Zoé Müller".encode("latin-1")
    assert read_picture(saved(tmp_path / "a.jpg", scene(8, 8), exif=exif)).credits.creator == "Zoé Müller"


def test_the_credit_line_names_each_once() -> None:
    assert Credits("A", "B", "© C").line == "A / B, © C"
    assert Credits("A", "A").line == "A"
    assert Credits().line == ""
    assert not Credits()


def test_a_damaged_caption_block_does_not_make_the_photo_unreadable(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", scene(16, 12))
    data = path.read_bytes()
    lying = _iptc({80: b"Eva", 120: b"x" * 40}).replace(b"\x00\x28x", b"\x7f\xffx")
    path.write_bytes(data[:2] + lying + data[2:])
    assert read_picture(path).pixels.shape == (12, 16, 3)


@pytest.mark.parametrize("value", [True, False])
def test_masks_hold_exactly_black_and_white(tmp_path: Path, value: bool) -> None:
    mask = np.random.default_rng(0).random((23, 31)) < 0.4
    mask[0, 0] = value
    path = write_mask(tmp_path / "m.png", mask)
    with Image.open(path) as image:
        assert image.mode == "L"
        stored = np.asarray(image)
    assert set(np.unique(stored)) == {0, 255}
    assert np.array_equal(stored == 255, mask)
    assert np.array_equal(read_mask(path), mask)


@pytest.mark.parametrize("name", ["a.gif", "a.heic", "a", "a.txt"])
def test_other_formats_are_not_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(FormatNotAllowed, match=name):
        write_picture(tmp_path / name, scene(8, 8))
    assert list(tmp_path.iterdir()) == []


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("broken", ["rename", "fsync"])
@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_old_file_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, broken: str
) -> None:
    path = write_picture(tmp_path / name, scene(8, 8))
    before = path.read_bytes()
    monkeypatch.setattr(*((Path, "replace") if broken == "rename" else (os, "fsync")), _full)
    with pytest.raises(OSError, match="No space left"):
        write_picture(path, scene(8, 8, seed=9))
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_an_interruption_while_writing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        write_bytes(tmp_path / "deep" / "a.bin", b"abc")
    assert list((tmp_path / "deep").iterdir()) == []


def test_an_encoder_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image.Image, "save", _full)
    with pytest.raises(OSError, match="No space"):
        write_picture(tmp_path / "a.png", scene(8, 8))
    with pytest.raises(OSError, match="No space"):
        write_mask(tmp_path / "m.png", np.ones((4, 4), bool))
    assert list(tmp_path.iterdir()) == []


def test_written_files_can_be_read_by_others(tmp_path: Path) -> None:
    assert write_bytes(tmp_path / "a.bin", b"abc").stat().st_mode & 0o777 == 0o644


def test_credits_can_be_read_from_any_opened_image() -> None:
    assert credits_of(Image.new("RGB", (2, 2))) == Credits()
