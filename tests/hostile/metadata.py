"""Good pictures with hostile company: EXIF that lies or loops, damaged and huge profiles, texts that explode."""

from __future__ import annotations

import struct
from functools import partial

import numpy as np
from PIL import Image

from tests.hostile.bytesmade import blank_png, chunk, segment, with_segment, zeros
from tests.hostile.entry import Hostile, fine, open_to
from tests.hostile.pictures import photo
from tests.made import encoded, scene

BOMB = 300 << 20
"""Bytes that a compressed text grows to: 300 MB out of 300 kB."""


def entries() -> list[Hostile]:
    return [*_exif(), *_profiles(), *_texts()]


def _exif() -> list[Hostile]:
    notes = Image.Exif()
    notes.get_ifd(0x8769)[0x927C] = bytes(60_000)
    return [
        *(fine(f"orientation-{value}.jpg", partial(_turned, value)) for value in (0, 9, 65_535)),
        open_to("exif-compte-énorme.jpg", lambda: _with_exif(_ifd([], count=65_535), 101)),
        open_to(
            "exif-boucle.jpg",
            lambda: _with_exif(_ifd([(0x8769, 4, 1, 8), (0x8825, 4, 1, 8), (0xA005, 4, 1, 8)], after=8), 102),
        ),
        open_to(
            "exif-hors-du-fichier.jpg",
            lambda: _with_exif(_ifd([(0x010E, 2, 4_000_000_000, 26), (0x8769, 4, 1, 4_000_000_000)]), 103),
        ),
        open_to("exif-milliards-de-valeurs.jpg", lambda: _with_exif(_ifd([(0x0112, 5, 500_000_000, 8)]), 104)),
        open_to("exif-date-binaire.jpg", lambda: _with_exif(_ifd([(0x0132, 7, 4, 0xFFFE_0080)]), 105)),
        fine("exif-60-ko-de-notes.jpg", lambda: encoded(scene(80, 60, 106), "JPEG", exif=notes.tobytes())),
        open_to("exif-bruit.jpg", lambda: _with_exif(np.random.default_rng(3).bytes(5000), 107)),
        open_to("exif-bruit.webp", lambda: encoded(scene(80, 60, 108), "WEBP", exif=b"Exif\0\0" + bytes(range(256)))),
        open_to(
            "exif-bruit.png", lambda: blank_png(41, 30, extra=chunk(b"eXIf", b"MM\0*\0\0\0\x08\xff\xff" + bytes(40)))
        ),
    ]


def _turned(value: int) -> bytes:
    return _with_exif(_ifd([(0x0112, 3, 1, value)]), 110 + value % 90)


def _ifd(entries_: list[tuple[int, int, int, int]], *, count: int | None = None, after: int = 0) -> bytes:
    """A little-endian EXIF block; entries: (tag, type, count, value as it lies there)."""
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries_)
    return (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", len(entries_) if count is None else count)
        + rows
        + struct.pack("<I", after)
    )


def _with_exif(block: bytes, seed: int) -> bytes:
    return with_segment(photo("JPEG", seed), segment(0xE1, b"Exif\0\0" + block))


def _profiles() -> list[Hostile]:
    noise = np.random.default_rng(4).bytes(3000)
    long = [b"ICC_PROFILE\0" + bytes((number + 1, 250)) + bytes(65_000) for number in range(250)]
    return [
        fine("profil-abîmé.jpg", lambda: encoded(scene(80, 60, 121), "JPEG", icc_profile=noise)),
        fine("profil-abîmé-cmjn.jpg", lambda: encoded(scene(80, 60, 122), "JPEG", "CMYK", icc_profile=noise)),
        fine("profil-abîmé.png", lambda: encoded(scene(80, 60, 123), "PNG", icc_profile=noise)),
        fine("profil-abîmé.webp", lambda: encoded(scene(80, 60, 124), "WEBP", icc_profile=noise)),
        fine("profil-abîmé.tif", lambda: encoded(scene(80, 60, 125), "TIFF", "CMYK", icc_profile=noise)),
        open_to(
            "profil-de-16-mo.jpg", lambda: with_segment(photo("JPEG", 126), *(segment(0xE2, part) for part in long))
        ),
        open_to("profil-en-morceaux-perdus.jpg", lambda: with_segment(photo("JPEG", 127), segment(0xE2, long[200]))),
        open_to("profil-bombe.png", lambda: blank_png(42, 30, extra=chunk(b"iCCP", b"x\0\0" + zeros(BOMB)))),
    ]


def _texts() -> list[Hostile]:
    many = b"".join(chunk(b"zTXt", b"Comment\0\0" + zeros(1 << 20)) for _ in range(200))
    return [
        open_to("texte-bombe.png", lambda: blank_png(43, 30, extra=chunk(b"zTXt", b"Comment\0\0" + zeros(BOMB)))),
        open_to(
            "texte-bombe-utf8.png", lambda: blank_png(44, 30, extra=chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros(BOMB)))
        ),
        open_to("deux-cents-textes.png", lambda: blank_png(45, 30, extra=many)),
        open_to("xmp-milliard-de-rires.jpg", lambda: with_segment(photo("JPEG", 128), segment(0xE1, _laughs()))),
        open_to(
            "mille-segments.jpg",
            lambda: with_segment(photo("JPEG", 129), *(segment(0xED, bytes(9)) for _ in range(50_000))),
        ),
        open_to("fin-très-loin.jpg", lambda: photo("JPEG", 130) + bytes(30 << 20)),
    ]


def _laughs() -> bytes:
    """XMP whose entities grow tenfold ten times."""
    steps = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 11))
    document = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{steps}]><x>&l10;</x>'
    return f"http://ns.adobe.com/xap/1.0/\0{document}".encode()
