"""Pictures that are cut off, no pictures at all, of odd kinds, far too large, or slow on purpose."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache, partial

import numpy as np
from PIL import Image, ImageCms

from tests.hostile.bytesmade import blank_png, grey_tags, resized_in_words, scans, tiff
from tests.hostile.entry import Hostile, bad, fine, open_to
from tests.made import encoded, scene

SUFFIX = {"JPEG": "jpg", "PNG": "png", "TIFF": "tif", "WEBP": "webp", "HEIF": "heic"}
LARGEST = (10_000, 10_000)
"""100 megapixels: exactly as many as the default limit allows."""


def entries() -> list[Hostile]:
    return [*_cut(), *_no_pictures(), *_one_pixel(), *_huge(), *_odd(), *_animated(), *_slow(), *_lying()]


@cache
def photo(format_: str, seed: int = 7, width: int = 120, height: int = 80) -> bytes:
    """A good picture of a format."""
    if format_ == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    return encoded(scene(width, height, seed), format_)


def _cut() -> list[Hostile]:
    return [
        bad(f"coupée-{percent}.{suffix}", partial(_start_of, format_, percent))
        for format_, suffix in SUFFIX.items()
        for percent in (2, 30, 90)
    ]


def _start_of(format_: str, percent: int) -> bytes:
    data = photo(format_)
    return data[: max(5, len(data) * percent // 100)]


def _no_pictures() -> list[Hostile]:
    return [
        bad("vide.jpg", lambda: b""),
        bad("vide.heic", lambda: b""),
        bad("un-octet.png", lambda: b"\x89"),
        bad("page.jpg", lambda: b"<!DOCTYPE html><html><body onload=alert(1)>404</body></html>"),
        bad("dessin.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        bad("texte.jpeg", lambda: "Les photos sont sur le serveur, à 14 h.\n".encode() * 50),
        bad("données.webp", lambda: b'{"photo": "https://example.org/1.jpg"}'),
        bad("programme.jpg", lambda: b"MZ\x90\x00" + bytes(60) + b"PE\0\0" + bytes(400)),
        bad("document.tif", lambda: b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"),
        bad("bruit.jpg", lambda: np.random.default_rng(1).bytes(50_000)),
        bad("zéros.png", lambda: bytes(100_000)),
        bad("film.heic", lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(2000)),
        bad("vieux.jpg", lambda: encoded(scene(40, 30), "BMP")),
        bad("anime.jpg", partial(_animation, "GIF")),
        bad("en-vérité-png.jpg", lambda: photo("PNG", 31)),
        bad("en-vérité-jpeg.heic", lambda: photo("JPEG", 32)),
        bad("postscript.jpg", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%stdin) run\n"),
    ]


def _one_pixel() -> list[Hostile]:
    found = [
        fine(f"un-pixel.{suffix}", partial(photo, format_, 50 + n, 1, 1))
        for n, (format_, suffix) in enumerate(SUFFIX.items())
    ]
    thin = [fine("ligne.png", lambda: blank_png(20_000, 1)), fine("colonne.jpg", lambda: photo("JPEG", 51, 1, 9000))]
    return [*found, *thin, bad("aucun-pixel.png", lambda: blank_png(0, 0))]


def _huge() -> list[Hostile]:
    kinds: dict[str, Callable[[], bytes]] = {
        "rgb": lambda: blank_png(*LARGEST, 2), "rgba": lambda: blank_png(*LARGEST, 6),
        "rgb16": lambda: blank_png(*LARGEST, 2, 16), "rgba16": lambda: blank_png(*LARGEST, 6, 16),
        "gris16": lambda: blank_png(*LARGEST, 0, 16), "gris-alpha": lambda: blank_png(*LARGEST, 4),
        "palette": lambda: blank_png(*LARGEST, 3), "entrelacée": lambda: blank_png(*LARGEST, 2, interlaced=True),
    }  # fmt: skip
    return [
        bad("énorme.png", lambda: blank_png(20_000, 20_000, 0)),
        bad(
            "infinie.png", lambda: blank_png(1, 1).replace(b"\0\0\0\1\0\0\0\1", b"\x7f\xff\xff\xff\x7f\xff\xff\xff", 1)
        ),
        bad("trop-grande.jpg", lambda: resized_in_words(photo("JPEG", 40), 65_000, 65_000)),
        *(open_to(f"cent-mégapixels-{name}.png", make) for name, make in kinds.items()),
        open_to("cent-mégapixels.jpg", partial(_flat, LARGEST, "JPEG")),
        open_to("cent-mégapixels-cmjn.jpg", partial(_flat, LARGEST, "JPEG", "CMYK")),
        open_to("cent-mégapixels-progressive.jpg", partial(_flat, LARGEST, "JPEG", "RGB", progressive=True)),
        open_to("cent-mégapixels.webp", partial(_flat, LARGEST, "WEBP", "RGB", quality=1, method=0)),
        open_to("cent-mégapixels-lzw.tif", partial(_flat, LARGEST, "TIFF", "L", compression="tiff_lzw")),
        open_to("cent-mégapixels-cmjn.tif", partial(_flat, LARGEST, "TIFF", "CMYK", compression="tiff_adobe_deflate")),
        open_to(
            "cent-mégapixels-flottants.tif", partial(_flat, LARGEST, "TIFF", "F", compression="tiff_adobe_deflate")
        ),
    ]


def _flat(size: tuple[int, int], format_: str, mode: str = "RGB", **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, format_, **options)
    return buffer.getvalue()


def _odd() -> list[Hostile]:
    grey16 = np.linspace(0, 65_535, 60 * 80).reshape(60, 80).astype(np.uint16)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"
    cmyk = partial(encoded, scene(80, 60, 61), "JPEG", "CMYK")
    return [
        fine("cmjn.jpg", cmyk),
        fine("cmjn-profil-rvb.jpg", partial(encoded, scene(80, 60, 62), "JPEG", "CMYK", icc_profile=profile)),
        fine("cmjn-inversé-adobe.jpg", lambda: cmyk()[:2] + adobe + b"\x00" + cmyk()[2:]),
        fine("ycck.jpg", lambda: cmyk()[:2] + adobe + b"\x02" + cmyk()[2:] + b"ycck"),
        fine("cmjn.tif", partial(encoded, scene(80, 60, 63), "TIFF", "CMYK")),
        fine("gris-16-bits.png", partial(encoded, grey16, "PNG")),
        fine("gris-16-bits.tif", partial(encoded, grey16, "TIFF")),
        fine("rvb-16-bits.png", lambda: blank_png(80, 60, 2, 16)),
        fine("rvba-16-bits.png", lambda: blank_png(80, 60, 6, 16)),
        fine("flottants.tif", partial(encoded, (grey16 / 65_535).astype(np.float32), "TIFF")),
        fine("pas-des-nombres.tif", partial(encoded, np.full((9, 9), np.nan, np.float32), "TIFF")),
        fine("transparente.png", partial(encoded, scene(80, 60, 64), "PNG", "RGBA")),
        fine("gris-alpha.png", partial(encoded, scene(80, 60, 65), "PNG", "LA")),
        fine("palette.png", partial(encoded, scene(80, 60, 66), "PNG", "P", transparency=3)),
        fine("un-bit.png", partial(encoded, scene(80, 60, 67), "PNG", "1")),
        fine("transparente.webp", partial(encoded, scene(80, 60, 68), "WEBP", "RGBA")),
        fine("lab.tif", partial(_lab)),
        fine("majuscule.JPG", lambda: photo("JPEG", 69)),
        fine("sans-perte.webp", partial(encoded, scene(80, 60, 70), "WEBP", lossless=True)),
    ]


def _lab() -> bytes:
    buffer = io.BytesIO()
    Image.new("LAB", (30, 20), (128, 100, 150)).save(buffer, "TIFF")
    return buffer.getvalue()


def _animated() -> list[Hostile]:
    return [
        fine("animée.webp", partial(_animation, "WEBP")),
        fine("animée.png", partial(_animation, "PNG")),
        fine("cent-pages.tif", partial(_animation, "TIFF", 100)),
        fine("relief.jpg", partial(_animation, "MPO")),
    ]


def _animation(format_: str, frames: int = 4) -> bytes:
    first, *rest = (Image.fromarray(scene(48, 32, 80 + number)) for number in range(frames))
    buffer = io.BytesIO()
    first.save(buffer, format_, save_all=True, append_images=rest)
    return buffer.getvalue()


def _slow() -> list[Hostile]:
    strips = 65_535
    return [
        open_to("mille-passages.jpg", partial(_many_scans, 1000)),
        open_to(
            "dix-mille-reprises.jpg",
            lambda: encoded(scene(800, 800, 90), "JPEG", subsampling=0, restart_marker_blocks=1),
        ),
        open_to("65535-bandes.tif", lambda: tiff(grey_tags(1, strips, [8] * strips, [1] * strips, rows=1), b"\x40")),
        open_to("mille-images.webp", partial(_animation, "WEBP", 300)),
    ]


def _many_scans(times: int) -> bytes:
    """A progressive JPEG of 36 megapixels whose last scan comes again and again: each costs a pass over all blocks."""
    data = _flat((6000, 6000), "JPEG", "RGB", progressive=True)
    last = scans(data)[-1]
    return data[:last] + data[last:-2] * times + data[-2:]


def _lying() -> list[Hostile]:
    enormous = tiff(grey_tags(4_000_000_000, 1, [8], [4_000_000_000], rows=1), bytes(64))
    webp = photo("WEBP", 91)
    canvas = b"VP8X\x0a\0\0\0\0\0\0\0" + (16_382).to_bytes(3, "little") + (6000).to_bytes(3, "little")
    return [
        open_to("plus-grande-que-dite.jpg", lambda: resized_in_words(photo("JPEG", 92), 8000, 8000)),
        bad("aucune-hauteur.jpg", lambda: resized_in_words(photo("JPEG", 93), 100, 0)),
        bad(
            "cadre-menteur.webp",
            lambda: webp[:4] + (len(webp) + 10).to_bytes(4, "little") + b"WEBP" + canvas + webp[12:],
        ),
        bad("taille-menteuse.heic", partial(_heic_claiming, 20_000)),
        bad("quatre-milliards.tif", lambda: enormous),
        bad(
            "échantillons.tif",
            lambda: tiff(
                [*(t for t in grey_tags(900, 900, [8], [9], rows=900) if t[0] != 277), (277, 3, [65_535])], bytes(64)
            ),
        ),
        bad("hors-du-fichier.tif", lambda: tiff(grey_tags(60, 60, [4_000_000_000], [3600], rows=60), bytes(64))),
        bad(
            "compression-inconnue.tif",
            lambda: tiff(grey_tags(60, 60, [8], [3600], rows=60, compression=60_000), bytes(3600)),
        ),
        open_to("boucle.tif", lambda: tiff(grey_tags(8, 8, [8], [64], rows=8), bytes(range(64)), next_ifd=72)),
    ]


def _heic_claiming(side: int) -> bytes:
    data = photo("HEIF", 94)
    place = data.index(b"ispe") + 8
    return data[:place] + side.to_bytes(4, "big") * 2 + data[place + 8 :]
