"""Good photos under names that trip programs up."""

from __future__ import annotations

from functools import partial

from tests.hostile.entry import Hostile, fine
from tests.hostile.pictures import photo

NAMES = (
    "é" * 120 + ".jpg",
    "virage\u0301 e\u0301te\u0301.jpg",  # decomposed: what a Mac writes
    "viragé été.jpg",
    "départ 🏁 nuit.jpg",
    "ligne\nretour.jpg",
    "tabulation\t.jpg",
    "guillemets\"'`.jpg",
    "point;virgule & $(touch x) | rm.jpg",
    "-rf.jpg",
    "--workspace.jpg",
    "droite\u202egpj.exe.jpg",
    "CON.jpg",
    "aux.jpg",
    "<script>alert(1)</script>.jpg".replace("/", "\u2215"),
    "{file} {0} %s %n.jpg",
    "fin-point.jpg.",
    "fin-espace.jpg ",
    " début-espace.jpg",
    "pas-utf8-caf\udce9.jpg",
    "zéro-largeur\u200b\ufeff.jpg",
)
"""Every one is a name that some camera, phone, Mac or joker has written."""


def entries() -> list[Hostile]:
    return [fine(name, partial(photo, "JPEG", 200 + number, 40, 30)) for number, name in enumerate(NAMES)]
