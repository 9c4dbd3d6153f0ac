"""Zip archives that escape, explode, lie or are broken, most of them with a good photo inside."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from functools import partial

from tests.hostile.entry import Hostile
from tests.hostile.pictures import photo

Filling = Callable[[zipfile.ZipFile], object]
BOMB = 400 << 20
"""Bytes that one member grows to."""


def entries() -> list[Hostile]:
    return [
        _zip("remonte.zip", _escaping, photos=("dehors.jpg", "absolue.jpg", "disque.jpg")),
        _zip("imbriquée.zip", _nested, photos=("avec.jpg",)),
        _zip("bombe.zip", _bomb, told=("bombe.zip",)),
        _zip("lien.zip", _link, photos=("bonne.jpg",), told=("lien.jpg",)),
        _zip("doublons.zip", _twice, photos=("même.jpg", "même.jpg")),
        _zip("nom-long.zip", _long_name, photos=("é" * 3000 + ".jpg",)),
        _zip("noms.zip", _names, photos=("a\nb.jpg", "-x.jpg", "e\u0301\u202e🏁.jpg", "nul.jpg")),
        _zip("vide.zip", lambda archive: None, told=("vide.zip",)),
        _zip("rien-que-du-texte.zip", _text, told=("rien-que-du-texte.zip",)),
        _zip("soixante-dix-mille.zip", _many, told=("soixante-dix-mille.zip",)),
        _made("protégée.zip", _locked, told=("secrète.jpg",)),
        _made("somme-fausse.zip", _wrong_sum, photos=("juste.jpg",), told=("fausse.jpg",)),
        _made("coupée.zip", lambda: _filled(_two)[:-30], told=("coupée.zip",)),
        _made("sans-début.zip", lambda: _filled(_two)[400:], either=("deux-14.jpg", "deux-15.jpg")),
        _made("taille-fausse.zip", _wrong_size, told=("petite.jpg",)),
        _made("superposée.zip", _overlapping, told=("superposée.zip",)),
        _made("pas-un-zip.zip", lambda: b"<html>", told=("pas-un-zip.zip",)),
        _made("zéro.zip", lambda: b"", told=("zéro.zip",)),
        _made("méthode-inconnue.zip", _unknown_method, told=("inconnue.jpg",)),
    ]


def _zip(name: str, fill: Filling, **told: tuple[str, ...]) -> Hostile:
    return _made(name, lambda: _filled(fill), **told)


def _made(name: str, data: Callable[[], bytes], **told: tuple[str, ...]) -> Hostile:
    return Hostile(name, lambda path: path.write_bytes(data()), **told)  # type: ignore[arg-type]


def _filled(fill: Filling, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        fill(archive)
    return buffer.getvalue()


def _jpeg(number: int) -> bytes:
    return photo("JPEG", 300 + number, 40, 30)


def _escaping(archive: zipfile.ZipFile) -> None:
    for number, name in enumerate(("../../dehors.jpg", "/etc/absolue.jpg", "C:\\Windows\\disque.jpg")):
        archive.writestr(name, _jpeg(number))


def _nested(archive: zipfile.ZipFile) -> None:
    archive.writestr("dedans.zip", _filled(_two))
    archive.writestr("avec.jpg", _jpeg(3))


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("bonne.jpg", _jpeg(4))
    with archive.open("bombe.jpg", "w", force_zip64=True) as out:
        block = bytes(1 << 24)
        for _ in range(BOMB >> 24):
            out.write(block)


def _link(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("lien.jpg")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, "/etc/passwd")
    archive.writestr("bonne.jpg", _jpeg(5))


def _twice(archive: zipfile.ZipFile) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in (6, 7):
            archive.writestr("même.jpg", _jpeg(number))


def _long_name(archive: zipfile.ZipFile) -> None:
    archive.writestr("n" * 2000 + "/" + "é" * 3000 + ".jpg", _jpeg(8))


def _names(archive: zipfile.ZipFile) -> None:
    for number, name in enumerate(("a\nb.jpg", "-x.jpg", "..jpg", "e\u0301\u202e🏁.jpg", "nul.jpg")):
        archive.writestr(name, _jpeg(9 + number))


def _text(archive: zipfile.ZipFile) -> None:
    archive.writestr("lisez-moi.txt", "rien")


def _many(archive: zipfile.ZipFile) -> None:
    archive.compression = zipfile.ZIP_STORED
    for number in range(70_000):
        archive.writestr(f"{number}.jpg", b"")


def _two(archive: zipfile.ZipFile) -> None:
    for number in (14, 15):
        archive.writestr(f"deux-{number}.jpg", _jpeg(number))


def _locked() -> bytes:
    data = bytearray(_filled(partial(_one, "secrète.jpg", 16)))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return bytes(data)


def _one(name: str, number: int, archive: zipfile.ZipFile) -> None:
    archive.writestr(name, _jpeg(number))


def _unknown_method() -> bytes:
    data = bytearray(_filled(partial(_one, "inconnue.jpg", 19)))
    data[8:10] = (77).to_bytes(2, "little")
    place = data.index(b"PK\1\2") + 10
    data[place : place + 2] = (77).to_bytes(2, "little")
    return bytes(data)


def _wrong_sum() -> bytes:
    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("fausse.jpg", _jpeg(17))
        archive.writestr("juste.jpg", _jpeg(18))

    data = bytearray(_filled(fill, zipfile.ZIP_STORED))
    data[data.index(_jpeg(17)) + 300] ^= 0xFF
    return bytes(data)


def _wrong_size() -> bytes:
    """A member that says it is ten bytes long and grows to 300 MB."""
    data = bytearray(_filled(lambda archive: archive.writestr("petite.jpg", bytes(300 << 20))))
    place = data.index(b"PK\1\2") + 24
    data[place : place + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def _overlapping() -> bytes:
    """Two hundred members that are all the same 64 MB: 13 GB out of 80 kB."""
    single = _filled(lambda archive: archive.writestr("x.jpg", bytes(64 << 20)))
    start = single.index(b"PK\1\2")
    entry, end = single[start : single.index(b"PK\5\6")], bytearray(single[single.index(b"PK\5\6") :])
    end[8:12] = (200).to_bytes(2, "little") * 2
    end[12:16] = (200 * len(entry)).to_bytes(4, "little")
    return single[:start] + entry * 200 + bytes(end)
