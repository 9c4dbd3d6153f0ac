"""Reading: the same scene gives the same upright RGB pixels, whatever the file's format, mode and orientation."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageCms

from core.images import is_photo_name, letterbox, photo_size, read_mask, read_picture
from tests.made import encoded, profile, saved, scene

# What a camera held this way stores, from the upright scene: the inverse of the EXIF rule.
STORED = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: np.swapaxes(a, 0, 1),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.swapaxes(a[::-1, ::-1], 0, 1),
    8: lambda a: np.rot90(a, -1),
}


def _oriented(path: Path, upright: NDArray[np.uint8], orientation: int, **options: Any) -> Path:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(path, np.ascontiguousarray(STORED[orientation](upright)), exif=exif, **options)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
@settings(max_examples=40, deadline=None)
@given(width=st.integers(1, 17), height=st.integers(1, 17), orientation=st.integers(1, 8))
def test_every_orientation_gives_the_upright_scene_exactly(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, width: int, height: int, orientation: int
) -> None:
    upright = scene(width, height, seed=width * 31 + height)
    options = {"lossless": True, "exact": True} if suffix == ".webp" else {}
    path = _oriented(tmp_path_factory.mktemp("o") / f"a{suffix}", upright, orientation, **options)
    picture = read_picture(path)
    assert np.array_equal(picture.pixels, upright)
    assert picture.full_size == (width, height) == photo_size(path)


@settings(max_examples=40, deadline=None)
@given(
    width=st.sampled_from(range(16, 73, 8)), height=st.sampled_from(range(16, 73, 8)),
    orientation=st.integers(1, 8), side=st.one_of(st.none(), st.integers(4, 40)),
)  # fmt: skip
def test_every_orientation_of_a_jpeg_is_upright_also_when_reduced(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, orientation: int, side: int | None
) -> None:
    down, across = np.mgrid[0:height, 0:width]
    upright = np.stack([across * 255 // width, down * 255 // height, (across + down) * 0 + 90], -1).astype(np.uint8)
    path = _oriented(tmp_path_factory.mktemp("o") / "a.jpg", upright, orientation, subsampling=0, quality=98)
    picture = read_picture(path, max_side=side)
    assert picture.full_size == (width, height)
    scale = min(1.0, side / max(width, height)) if side else 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    assert picture.pixels.shape == (size[1], size[0], 3)
    expected = np.asarray(Image.fromarray(upright).resize(size, Image.Resampling.LANCZOS)).astype(int)
    # A turn or a mirror gone wrong differs by 50 and more; scaled decoding of so few pixels by up to 10.
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 12


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_a_reduced_photo_has_the_size_that_the_page_reckons_with(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = _oriented(tmp_path / f"a{suffix}", scene(640, 427), orientation)
    picture = read_picture(path, max_side=320)
    assert picture.pixels.shape[:2] == (round(427 / 2), 320)
    assert picture.full_size == (640, 427)


def test_scaled_jpeg_decoding_is_close_to_full_decoding_and_lanczos(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    coarse = Image.fromarray(rng.integers(0, 256, (15, 20, 3), dtype=np.uint8))
    path = saved(tmp_path / "a.jpg", np.asarray(coarse.resize((1600, 1200), Image.Resampling.BICUBIC)))
    reduced = read_picture(path, max_side=200).pixels
    full = Image.fromarray(read_picture(path).pixels).resize((200, 150), Image.Resampling.LANCZOS)
    difference = np.abs(reduced.astype(int) - np.asarray(full).astype(int))
    assert reduced.shape == (150, 200, 3)
    assert difference.mean() < 1.0
    assert difference.max() <= 12


def test_a_small_photo_is_not_enlarged(tmp_path: Path) -> None:
    pixels = scene(20, 10)
    assert np.array_equal(read_picture(saved(tmp_path / "a.png", pixels), max_side=500).pixels, pixels)


def _picture(tmp_path: Path, data: bytes, name: str = "a.png") -> Any:
    path = tmp_path / name
    path.write_bytes(data)
    return read_picture(path)


def test_a_grey_photo_has_three_equal_channels(tmp_path: Path) -> None:
    grey = scene(12, 9)[..., 2]
    pixels = _picture(tmp_path, encoded(grey, "PNG")).pixels
    assert np.array_equal(pixels, np.stack([grey] * 3, axis=-1))


def test_a_one_bit_picture_is_black_and_white(tmp_path: Path) -> None:
    pixels = _picture(tmp_path, encoded(np.eye(5, dtype=np.uint8) * 255, "PNG", "1")).pixels
    assert np.array_equal(pixels[..., 0], np.eye(5, dtype=np.uint8) * 255)


def test_a_palette_picture_shows_its_colours_and_keeps_its_profile(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([200, 10, 20, 30, 40, 250])
    image.save(tmp_path / "a.png", icc_profile=profile())
    picture = read_picture(tmp_path / "a.png")
    assert picture.pixels[0].tolist() == [[200, 10, 20], [30, 40, 250]]
    assert picture.icc == profile()


def test_transparency_shows_white(tmp_path: Path) -> None:
    rgba = np.zeros((1, 3, 4), np.uint8)
    rgba[0] = [(200, 100, 0, 255), (200, 100, 0, 0), (0, 0, 0, 128)]
    pixels = _picture(tmp_path, encoded(rgba, "PNG")).pixels[0].astype(int)
    assert pixels[0].tolist() == [200, 100, 0]
    assert pixels[1].tolist() == [255, 255, 255]
    assert np.abs(pixels[2] - 127).max() <= 1


def test_grey_with_transparency_shows_white(tmp_path: Path) -> None:
    la = np.array([[[40, 255], [40, 0]]], np.uint8)
    assert _picture(tmp_path, encoded(la, "PNG")).pixels[0].tolist() == [[40] * 3, [255] * 3]


def test_a_transparent_palette_entry_shows_white(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.save(tmp_path / "a.png", transparency=1)
    assert read_picture(tmp_path / "a.png").pixels[0].tolist() == [[10, 20, 30], [255, 255, 255]]


def test_cmyk_without_a_profile_is_plain_subtraction(tmp_path: Path) -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    image.save(tmp_path / "a.tif")
    picture = read_picture(tmp_path / "a.tif")
    assert picture.pixels[8, 8].tolist() == [255, 0, 0]
    assert picture.icc is None
    image.save(tmp_path / "a.jpg", quality=98)
    assert np.abs(read_picture(tmp_path / "a.jpg").pixels[8, 8].astype(int) - [255, 0, 0]).max() <= 4


def test_cmyk_with_a_damaged_profile_is_still_read(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.tif", icc_profile=b"not a profile" * 20)
    assert read_picture(tmp_path / "a.tif").pixels[4, 4].tolist() == [0, 255, 255]


def test_cmyk_with_a_profile_goes_through_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No press profile may be shipped here; so Lab stands for what such a profile leads to.
    asked: list[tuple[str, str]] = []

    def build(source: object, target: object, in_mode: str, out_mode: str) -> str:
        return out_mode

    def apply(image: Image.Image, transform: str) -> Image.Image:
        asked.append((image.mode, transform))
        return Image.new(transform, image.size, (1, 2, 3))

    monkeypatch.setattr(ImageCms, "buildTransform", build)
    monkeypatch.setattr(ImageCms, "applyTransform", apply)
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(tmp_path / "a.tif", icc_profile=profile())
    picture = read_picture(tmp_path / "a.tif")
    assert asked == [("CMYK", "RGB")]
    assert picture.pixels[0, 0].tolist() == [1, 2, 3]
    assert picture.icc is None


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_of_grey_become_eight(tmp_path: Path, name: str) -> None:
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)
    data = encoded(deep, "PNG" if name == "a.png" else "TIFF")
    assert _picture(tmp_path, data, name).pixels[0, :, 1].tolist() == [0, 1, 128, 255]


def test_floating_point_grey_between_zero_and_one_is_not_black(tmp_path: Path) -> None:
    data = encoded(np.array([[0.0, 0.5, 1.0]], np.float32), "TIFF")
    assert _picture(tmp_path, data, "a.tif").pixels[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "a.webp"])
def test_one_pixel_is_a_photo(tmp_path: Path, name: str) -> None:
    picture = read_picture(saved(tmp_path / name, np.full((1, 1, 3), 90, np.uint8)), max_side=360)
    assert picture.pixels.shape == (1, 1, 3)
    assert abs(int(picture.pixels[0, 0, 0]) - 90) <= 2


def test_a_line_of_pixels_is_reduced_to_at_least_one(tmp_path: Path) -> None:
    assert read_picture(saved(tmp_path / "a.png", scene(3000, 1)), max_side=100).pixels.shape == (1, 100, 3)


def test_heic_is_read_like_any_other(tmp_path: Path) -> None:
    heif = pytest.importorskip("pillow_heif")
    if not heif.libheif_info()["HEIF"]:
        pytest.skip("this build of libheif has no HEVC encoder")
    pixels = np.full((48, 64, 3), (180, 90, 40), np.uint8)
    pixels[:24] = (20, 60, 160)
    made = heif.from_pillow(Image.fromarray(pixels))
    made.save(tmp_path / "IMG_1.HEIC", quality=95)
    picture = read_picture(tmp_path / "IMG_1.HEIC")
    assert picture.format == "HEIF"
    assert picture.full_size == (64, 48)
    assert np.abs(picture.pixels.astype(int) - pixels).mean() < 4


def test_the_two_eyes_of_an_mpo_are_accepted_as_jpeg(tmp_path: Path) -> None:
    eyes = [Image.fromarray(scene(40, 30, seed)) for seed in (1, 2)]
    buffer = io.BytesIO()
    eyes[0].save(buffer, "MPO", save_all=True, append_images=[eyes[1]], quality=97)
    picture = _picture(tmp_path, buffer.getvalue(), "a.jpg")
    assert picture.format == "JPEG"
    assert np.abs(picture.pixels.astype(int)[..., :2] - scene(40, 30, 1)[..., :2]).mean() < 12


def test_an_animation_is_its_first_image(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (6, 4), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    for name in ("a.png", "a.webp", "a.tif"):
        options = {"lossless": True} if name == "a.webp" else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **options)
        assert read_picture(tmp_path / name).pixels[0, 0].tolist() == [200, 0, 0], name


def test_a_name_in_capitals_is_a_photo_and_a_hidden_one_is_not() -> None:
    assert is_photo_name(Path("IMG_0001.JPG"))
    assert is_photo_name(Path("x.HEIC"))
    assert not is_photo_name(Path("._IMG_0001.JPG"))
    assert not is_photo_name(Path("notes.txt"))


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 90), height=st.integers(1, 90), side=st.integers(8, 64))
def test_the_letterbox_keeps_the_aspect_and_pads_with_mid_grey(width: int, height: int, side: int) -> None:
    box = letterbox(np.full((height, width, 3), 255, np.uint8), side)
    assert box.shape == (side, side, 3)
    inside = (box == 255).all(-1)
    assert set(np.unique(box)) <= {127, 255}
    assert inside.any(0).sum() == max(1, round(width * side / max(width, height)))
    assert inside.any(1).sum() == max(1, round(height * side / max(width, height)))
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    assert abs((side - 1 - rows[-1]) - rows[0]) <= 1
    assert abs((side - 1 - columns[-1]) - columns[0]) <= 1


def test_a_letterboxed_square_of_the_right_size_is_untouched() -> None:
    pixels = scene(32, 32)
    assert np.array_equal(letterbox(pixels, 32), pixels)


def test_a_mask_is_cut_at_half_grey(tmp_path: Path) -> None:
    path = tmp_path / "m.png"
    path.write_bytes(encoded(np.array([[0, 127, 128, 255]], np.uint8), "PNG"))
    assert read_mask(path).tolist() == [[False, False, True, True]]
