"""What isn't a usable photo is refused by its own error, before it costs anything, and never crashes."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from core.errors import FormatNotAllowed, PhotoError, PhotoTooLarge, UnreadablePhoto, WrongExtension
from core.images import photo_size, read_mask, read_picture
from tests.made import encoded, profile, scene


def _file(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


FORMAT_OF = {"a.jpg": "JPEG", "a.png": "PNG", "a.webp": "WEBP", "a.tif": "TIFF"}


@pytest.mark.parametrize("name", FORMAT_OF)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_file_is_unreadable(tmp_path: Path, name: str, share: float) -> None:
    data = encoded(np.random.default_rng(0).integers(0, 256, (80, 120, 3), dtype=np.uint8), FORMAT_OF[name])
    with pytest.raises(UnreadablePhoto, match=name):
        read_picture(_file(tmp_path, name, data[: int(len(data) * share)]))


def test_a_truncated_jpeg_is_told_also_when_a_small_copy_is_asked(tmp_path: Path) -> None:
    data = encoded(scene(900, 700), "JPEG")
    with pytest.raises(UnreadablePhoto):
        read_picture(_file(tmp_path, "a.jpg", data[: len(data) // 2]), max_side=100)


@pytest.mark.parametrize("data", [b"", b"\xff", b"<html><body>404</body></html>", b"\x00" * 400, b"\xff\xd8\xff\xe0"])
def test_what_is_not_an_image_is_unreadable_under_a_photo_name(tmp_path: Path, data: bytes) -> None:
    for name in ("a.jpg", "a.png", "a.heic"):
        with pytest.raises(UnreadablePhoto):
            read_picture(_file(tmp_path, name, data))


def test_a_lying_name_is_told_with_the_true_format(tmp_path: Path) -> None:
    with pytest.raises(WrongExtension) as caught:
        read_picture(_file(tmp_path, "a.jpg", encoded(scene(8, 8), "PNG")))
    assert caught.value.details == {"file": "a.jpg", "actual": "PNG"}
    assert "fichier PNG" in caught.value.message("fr")


def test_the_name_that_people_know_counts_not_the_path(tmp_path: Path) -> None:
    path = _file(tmp_path, "0123abcd", encoded(scene(8, 8), "PNG"))
    assert read_picture(path).format == "PNG"
    assert read_picture(path, name="b.png").format == "PNG"
    with pytest.raises(WrongExtension, match=r"b\.jpg"):
        read_picture(path, name="b.jpg")


def test_a_text_file_is_not_of_an_accepted_format(tmp_path: Path) -> None:
    with pytest.raises(FormatNotAllowed, match=r"notes\.txt"):
        read_picture(_file(tmp_path, "notes.txt", b"bonjour"))


@pytest.mark.parametrize("format_", ["GIF", "BMP", "PPM", "ICO", "PCX", "SGI", "TGA"])
def test_other_image_formats_are_not_opened(tmp_path: Path, format_: str) -> None:
    data = encoded(scene(16, 16), format_)
    with pytest.raises(FormatNotAllowed):
        read_picture(_file(tmp_path, f"a.{format_.lower()}", data))
    with pytest.raises(UnreadablePhoto):
        read_picture(_file(tmp_path, "a.jpg", data))


def test_a_folder_or_an_absent_file_under_a_photo_name_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").mkdir()
    for name in ("a.jpg", "b.jpg"):
        with pytest.raises(UnreadablePhoto):
            read_picture(tmp_path / name)


def _png_header(width: int, height: int) -> bytes:
    """A tiny 1-bit PNG that declares any size: the body would unpack to width × height."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress(b"\x00" * ((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: ImageFile.ImageFile) -> None:
        pytest.fail("the pixels were decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize(("side", "told"), [(20_000, ("> 200", 400)), (12_000, (144,))])
def test_a_decompression_bomb_is_refused_without_decoding(tmp_path: Path, side: int, told: tuple[object, ...]) -> None:
    data = _png_header(side, side)
    assert len(data) < 100_000
    path = _file(tmp_path, "a.png", data)
    for ask in (read_picture, photo_size):
        with pytest.raises(PhotoTooLarge) as caught:
            ask(path)
        assert caught.value.details["megapixels"] in told
        assert caught.value.details["limit"] == 100


def test_the_limit_of_the_settings_is_the_one_that_counts(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.png", encoded(scene(200, 100), "PNG"))
    with pytest.raises(PhotoTooLarge):
        read_picture(path, max_megapixels=0.0199)
    assert read_picture(path, max_megapixels=0.02).full_size == (200, 100)


def test_a_limit_raised_above_the_decoder_s_own_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
    path = _file(tmp_path, "a.png", encoded(scene(200, 100), "PNG"))
    assert read_picture(path, max_megapixels=0.5).full_size == (200, 100)


SEEDS = [
    ("a.jpg", encoded(scene(40, 30), "JPEG", icc_profile=profile())),
    ("a.png", encoded(scene(40, 30), "PNG", icc_profile=profile())),
    ("a.png", encoded(scene(40, 30), "PNG", "P")),
    ("a.webp", encoded(scene(40, 30), "WEBP")),
    ("a.tif", encoded(scene(40, 30), "TIFF")),
    ("a.tif", encoded(scene(40, 30), "TIFF", "CMYK", compression="tiff_lzw")),
]


def _with_exif(data_of: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x010E] = 6, "A. Dupont", "x" * 60
    return encoded(scene(40, 30), data_of, exif=exif)


SEEDS += [("a.jpg", _with_exif("JPEG")), ("a.tif", _with_exif("TIFF")), ("a.png", _with_exif("PNG"))]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_files_raise_only_errors_about_the_photo(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name, source = data.draw(st.sampled_from(SEEDS))
    mutated = bytearray(source)
    for _ in range(data.draw(st.integers(1, 8))):
        # Headers hold what a decoder believes: aim at them half of the time.
        last = data.draw(st.sampled_from([min(200, len(mutated) - 1), len(mutated) - 1]))
        mutated[data.draw(st.integers(0, last))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        mutated = mutated[: data.draw(st.integers(0, len(mutated)))]
    path = _file(tmp_path_factory.mktemp("fuzz"), name, bytes(mutated))
    side = data.draw(st.sampled_from([None, 16]))
    try:
        picture = read_picture(path, max_side=side)
    except PhotoError as error:
        assert name in error.message("fr")
    else:
        assert picture.pixels.dtype == np.uint8
        assert picture.pixels.ndim == 3
        assert picture.pixels.shape[2] == 3
    for ask in (photo_size, read_mask):
        try:
            ask(path)
        except PhotoError as error:
            assert name in error.message("en")


def test_a_truncated_photo_stays_unreadable_after_a_library_has_allowed_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole.jpg"
    Image.effect_noise((64, 48), 60).convert("RGB").save(whole)
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[:-400])
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(UnreadablePhoto):
        read_picture(cut)
