"""Twins stay together: the same file, the same picture, the same place, a burst; a planted leak is found."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from classifier.fingerprint import bars_of, fingerprints
from classifier.grouping import Link, grouped, groups, leaks, links
from core.errors import NotAFile
from core.values import Pixels


def scene(seed: int, width: int = 300, height: int = 200) -> Pixels:
    """A smooth picture of its own for each seed, as different from another as two photos are."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return np.array(Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC))


def jpeg(path: Path, pixels: Pixels, *, quality: int = 92, exif: dict[int, str] | None = None,
         taken: str = "", serial: str = "", sub: str = "") -> Path:  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    image, told = Image.fromarray(pixels), Image.Exif()
    for tag, value in (exif or {}).items():
        told[tag] = value
    if taken:
        details = told.get_ifd(0x8769)
        details[0x9003] = taken
        details.update({0xA431: serial} if serial else {})
        details.update({0x9291: sub} if sub else {})
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, exif=told)
    path.write_bytes(buffer.getvalue())
    return path


def test_a_copied_file_and_a_picture_saved_again_are_linked_and_others_are_not(tmp_path: Path) -> None:
    one = jpeg(tmp_path / "a.jpg", scene(1, 900, 600))
    copy = tmp_path / "z.jpg"
    copy.write_bytes(one.read_bytes())
    smaller = jpeg(tmp_path / "b.jpg", scene(1, 900, 600)[::3, ::3], quality=40)
    brighter = jpeg(tmp_path / "c.jpg", np.clip(scene(1, 900, 600) * 1.2, 0, 255).astype(np.uint8))
    others = [jpeg(tmp_path / f"o{seed}.jpg", scene(seed)) for seed in range(2, 30)]
    found = links([one, copy, smaller, brighter, *others])
    assert [(link.first, link.second, link.reason) for link in found] == [
        (0, 1, "same file"), (0, 2, "same picture"), (0, 3, "same picture"),
        (1, 2, "same picture"), (1, 3, "same picture"), (2, 3, "same picture"),
    ]  # fmt: skip
    assert groups([one, copy, smaller, brighter, *others]) == [0, 0, 0, 0, *range(1, 29)]


def test_shots_of_one_camera_within_two_seconds_are_a_burst_and_other_cameras_are_not(tmp_path: Path) -> None:
    shot = [
        jpeg(tmp_path / "0.jpg", scene(40), taken="2026:06:13 16:00:00", serial="A", exif={0x0110: "R5"}),
        jpeg(tmp_path / "1.jpg", scene(41), taken="2026:06:13 16:00:01", sub="90", serial="A", exif={0x0110: "R5"}),
        jpeg(tmp_path / "2.jpg", scene(42), taken="2026:06:13 16:00:03", sub="8", serial="A", exif={0x0110: "R5"}),
        jpeg(tmp_path / "3.jpg", scene(43), taken="2026:06:13 16:00:06", serial="A", exif={0x0110: "R5"}),
        jpeg(tmp_path / "4.jpg", scene(44), taken="2026:06:13 16:00:01", serial="B", exif={0x0110: "R5"}),
        jpeg(tmp_path / "5.jpg", scene(45), taken="2026:06:13 16:00:01"),
        jpeg(tmp_path / "6.jpg", scene(46), taken="2026:06:13 16:00:01"),
        jpeg(tmp_path / "7.jpg", scene(47), taken="0000:00:00 00:00:00", serial="A", exif={0x0110: "R5"}),
    ]
    assert links(shot) == (Link(0, 1, "burst", 1.9), Link(1, 2, "burst", 1.9))
    assert groups(shot) == [0, 0, 0, 1, 2, 3, 4, 5]


def test_two_photographers_with_the_same_model_and_no_serial_number_are_told_apart(tmp_path: Path) -> None:
    named = [{0x0110: "R5", 0x013B: who} for who in ("Ana", "Luc", "Ana")]
    shot = [jpeg(tmp_path / f"{n}.jpg", scene(50 + n), taken="2026:06:13 16:00:01", exif=named[n]) for n in range(3)]
    assert links(shot) == (Link(0, 2, "burst", 0.0),)


def test_a_planted_leak_is_found_and_a_split_by_groups_has_none(tmp_path: Path) -> None:
    photos = [jpeg(tmp_path / f"{seed}.jpg", scene(seed)) for seed in range(60, 70)]
    photos += [jpeg(tmp_path / f"{seed}-again.jpg", scene(seed), quality=50) for seed in range(60, 70)]
    group = groups(photos)
    assert leaks(group, [number % 3 for number in group]) == ()
    split = [number % 3 for number in group]
    split[14] = (split[14] + 1) % 3
    assert leaks(group, split) == ((4, 14),)


def test_groups_are_what_the_links_connect_in_any_order() -> None:
    chain = [Link(3, 4, "burst", 1), Link(0, 5, "same file", 0), Link(1, 4, "burst", 1), Link(1, 5, "same place", 9)]
    assert grouped(7, chain) == [0, 0, 1, 0, 0, 0, 2]
    assert leaks([0, 0, 0, 1, 1], ["a", "b", "c", "a", "a"]) == ((0, 1), (0, 2))


def test_a_broken_photo_has_its_error_and_plain_pictures_are_not_alike(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 no photo")
    grey = [jpeg(tmp_path / f"grey{v}.jpg", np.full((80, 120, 3), v, np.uint8)) for v in (90, 160)]
    found = fingerprints([broken, *grey, tmp_path / "absent.jpg"])
    assert [one.error is not None for one in found] == [True, False, False, True]
    assert groups([broken, *grey, tmp_path / "absent.jpg"]) == [0, 1, 2, 3]


@pytest.mark.skipif(os.name != "posix", reason="pipes have no name there")
def test_a_pipe_that_is_named_like_a_photo_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (found,) = fingerprints([tmp_path / "pipe.jpg"])
    assert isinstance(found.error, NotAFile)


@pytest.mark.parametrize(("value", "kind"), [(0, "black"), (255, "white"), (127, "")])
def test_bars_are_seen_on_two_opposite_sides_only(value: int, kind: str) -> None:
    picture = scene(80)
    both = np.pad(picture, ((20, 20), (0, 0), (0, 0)), constant_values=value)
    sides = np.pad(picture, ((0, 0), (30, 30), (0, 0)), constant_values=value)
    above = np.pad(picture, ((40, 0), (0, 0), (0, 0)), constant_values=value)
    assert [bars_of(both), bars_of(sides), bars_of(above), bars_of(picture)] == [kind, kind, "", ""]
    assert bars_of(np.full((50, 50, 3), value, np.uint8)) == ""
