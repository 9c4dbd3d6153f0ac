"""Tile by tile gives what the whole would give, for every mode, size and orientation, in a fraction of the memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from core import pixels
from core.images import read_mask, read_picture
from core.pixels import to_rgb, upright
from tests.made import encoded, profile, scene

WIDTH, HEIGHT = 211, 157


def _alpha() -> NDArray[np.uint8]:
    return scene(WIDTH, HEIGHT, 5)[..., 0]


def _made(mode: str) -> Image.Image:
    """The same scene in a mode of Pillow's."""
    image = Image.fromarray(scene(WIDTH, HEIGHT, 1))
    if mode == "RGBA":
        image.putalpha(Image.fromarray(_alpha()))
        return image
    if mode == "LA":
        grey = image.convert("L")
        grey.putalpha(Image.fromarray(_alpha()))
        return grey
    if mode == "P+":
        palette = image.quantize(32)
        palette.info["transparency"] = 3
        return palette
    if mode == "I;16":
        return Image.fromarray(scene(WIDTH, HEIGHT, 1)[..., 2].astype(np.uint16) * 257)
    if mode == "F":
        return Image.fromarray(scene(WIDTH, HEIGHT, 1)[..., 2].astype(np.float32) / 255)
    return image.quantize(32) if mode == "P" else image.convert(mode)


def _plainly(image: Image.Image) -> Image.Image:
    """RGB in the plain way: the whole picture at once."""
    if image.mode in ("I;16", "F"):
        values = np.asarray(image).astype(np.float64)
        return Image.fromarray(
            (values * 255 / (65535 if image.mode == "I;16" else 1)).round().astype(np.uint8)
        ).convert("RGB")
    if image.mode in ("RGBA", "LA") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba).convert("RGB")
    return image.convert("RGB")


MODES = ["RGB", "L", "1", "P", "P+", "RGBA", "LA", "CMYK", "I;16", "F"]


@pytest.mark.parametrize("tile", [16, 50, 4096])
@pytest.mark.parametrize("mode", MODES)
def test_tiles_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch, mode: str, tile: int) -> None:
    monkeypatch.setattr(pixels, "TILE", tile)
    image = _made(mode)
    assert np.array_equal(to_rgb(image, None)[0], np.asarray(_plainly(image)))
    for size in ((20, 15), (21, 40), (100, 3), (1, 1), (300, 200)):
        expected = _plainly(image).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        assert np.array_equal(to_rgb(image, None, size)[0], np.asarray(expected)), size


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8, 0, 9, "6", None])
def test_upright_is_what_pillow_makes_of_the_orientation(orientation: Any) -> None:
    image = Image.fromarray(scene(13, 7))
    if isinstance(orientation, int):
        image.getexif()[0x0112] = orientation
    made = upright(scene(13, 7), orientation)
    assert np.array_equal(made, np.asarray(ImageOps.exif_transpose(image)))
    assert made.flags.c_contiguous


def test_white_is_what_the_largest_value_of_the_whole_says_not_of_a_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "TILE", 16)
    deep = np.full((64, 64), 200, np.uint16)
    deep[60, 60] = 65535
    made = to_rgb(Image.fromarray(deep), None)[0]
    assert made[0, 0].tolist() == [1, 1, 1]
    assert made[60, 60].tolist() == [255, 255, 255]


def test_inks_with_a_profile_are_averaged_before_it_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    # No press profile may be shipped here; so a stand-in counts the pixels that go through it.
    seen: list[tuple[int, int]] = []

    def apply(tile: Image.Image, transform: object) -> Image.Image:
        seen.append(tile.size)
        return tile.convert("RGB")

    monkeypatch.setattr(ImageCms, "buildTransform", lambda *_: None)
    monkeypatch.setattr(ImageCms, "applyTransform", apply)
    image = Image.fromarray(scene(1600, 800)).convert("CMYK")
    made, icc = to_rgb(image, profile(), (40, 20))
    assert icc is None
    assert sum(width * height for width, height in seen) < 2 * 123 * 62
    expected = image.convert("RGB").resize((40, 20), Image.Resampling.LANCZOS, reducing_gap=3.0)
    assert np.abs(made.astype(int) - np.asarray(expected).astype(int)).mean() < 2
    seen.clear()
    to_rgb(image, profile())
    assert sum(width * height for width, height in seen) == 1600 * 800


def test_big_endian_sixteen_bits_are_read_too() -> None:
    deep = np.array([[0, 257, 32896, 65535]], np.uint16)
    image = Image.frombytes("I;16B", (4, 1), deep.astype(">u2").tobytes())
    assert to_rgb(image, None)[0][0, :, 0].tolist() == [0, 1, 128, 255]


def test_a_mask_larger_than_a_strip_is_read_whole(tmp_path: Path) -> None:
    grey = np.random.default_rng(2).integers(0, 256, (700, 40), dtype=np.uint8)
    (tmp_path / "m.png").write_bytes(encoded(grey, "PNG"))
    assert np.array_equal(read_mask(tmp_path / "m.png"), grey >= 128)
    assert np.array_equal(read_mask(tmp_path / "m.png", threshold=200), grey >= 200)


CHILD = """
import sys
from pathlib import Path
from core.images import read_mask, read_picture

def peak():  # in MB, of this program alone: getrusage would tell that of the test as well
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024 / 1e6

before = peak()
if sys.argv[2] == "mask":
    read_mask(Path(sys.argv[1]))
else:
    read_picture(Path(sys.argv[1]), max_side=int(sys.argv[2]))
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't tell a process's peak this way")
@pytest.mark.parametrize(
    ("mode", "most"), [("RGB", 200), ("RGBA", 200), ("LA", 200), ("I;16", 130), ("P", 90), ("L", 90), ("mask", 180)]
)
def test_25_megapixels_take_little_more_memory_than_their_pixels(tmp_path: Path, mode: str, most: int) -> None:
    # As a whole it took 600 MB for RGBA and LA, 700 MB for 16 bits of grey, 310 MB for a mask without its strips.
    path, stored = tmp_path / "a.png", "L" if mode == "mask" else mode
    Image.new(stored, (5000, 5000)).save(path, compress_level=1)
    root = Path(__file__).resolve().parents[2]
    argument = "mask" if mode == "mask" else "360"
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), argument], cwd=root, capture_output=True, text=True, check=True
    )
    assert 10 < float(child.stdout) < most


def test_a_reduction_is_the_same_whatever_the_file_s_format(tmp_path: Path) -> None:
    found = []
    for format_ in ("PNG", "TIFF"):
        path = tmp_path / f"a.{format_.lower()}"
        path.write_bytes(encoded(scene(2000, 1500), format_))
        found.append(read_picture(path, max_side=360).pixels)
    assert np.array_equal(*found)
