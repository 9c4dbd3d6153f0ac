"""Make the font files of this folder from the system's OpenType files: `python -m core.fonts.make`.

Each file is cut to Latin (French, English and their neighbours, punctuation, arrows), its curves
become TrueType ones, which browsers and both PDF engines read, and it is packed as WOFF2. The
licence allows that; parts of the serif reserve the name "EB Garamond", so the cut is named Paddock
Garamond. (Its bold has no accented letters in Debian's version: it is left out.)
Needs Debian's packages fonts-inter and fonts-ebgaramond, at development time only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

SYSTEM = Path("/usr/share/fonts/opentype")
SOURCES = {
    "Inter-Regular": "inter/Inter-Regular.otf",
    "Inter-Medium": "inter/Inter-Medium.otf",
    "Inter-SemiBold": "inter/Inter-SemiBold.otf",
    "Inter-Bold": "inter/Inter-Bold.otf",
    "PaddockGaramond-Regular": "ebgaramond/EBGaramond12-Regular.otf",
    "PaddockGaramond-Italic": "ebgaramond/EBGaramond12-Italic.otf",
}
RANGES = (
    (0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2C7), (0x2D8, 0x2DD),
    (0x300, 0x304), (0x306, 0x308), (0x30A, 0x30C), (0x326, 0x328), (0x1E9E, 0x1E9E), (0x2002, 0x200A),
    (0x2010, 0x2027), (0x202F, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A), (0x2044, 0x2044),
    (0x2070, 0x2079), (0x2080, 0x2089), (0x20AC, 0x20AC), (0x2116, 0x2116), (0x2122, 0x2122),
    (0x2190, 0x2193), (0x2212, 0x2212), (0x2248, 0x2248), (0x2260, 0x2260), (0x2264, 0x2265),
    (0x25CF, 0x25CF), (0x2713, 0x2717), (0xFB00, 0xFB04),
)  # fmt: skip
FEATURES = ("kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "case", "lnum", "onum", "tnum", "pnum", "smcp")


def make(name: str, source: Path, folder: Path) -> Path:
    """Write <folder>/<name>.woff2. Raises OSError when the system's file is not there."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source, recalcTimestamp=False)
    options = subset.Options(layout_features=list(FEATURES), name_IDs=["*"], notdef_outline=True, hinting=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
    _add_narrow_space(font)
    cutter.subset(font)
    _to_truetype(font)
    _rename(font, name)
    font.flavor = "woff2"
    path = folder / f"{name}.woff2"
    font.save(path)
    return path


def _add_narrow_space(font: Any) -> None:
    """U+202F, which French sets before ; ! ?, where a face lacks it: its thin space, or its plain one."""
    for table in font["cmap"].tables:
        if table.isUnicode() and 0x202F not in table.cmap:
            table.cmap[0x202F] = table.cmap.get(0x2009) or table.cmap[0x20]


def _to_truetype(font: Any) -> None:
    """Replace cubic (CFF) outlines by quadratic ones, at most one unit of the em away."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    drawn = {}
    for glyph in order:
        pen = TTGlyphPen(glyphs)
        glyphs[glyph].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        drawn[glyph] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder = order
    table.glyphs = drawn
    font["hmtx"].metrics = {
        glyph: (width, getattr(drawn[glyph], "xMin", 0)) for glyph, (width, _) in font["hmtx"].metrics.items()
    }
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements",
        "maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours", "maxCompositePoints",
        "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    for gone in ("CFF ", "VORG"):
        if gone in font:
            del font[gone]
    font.sfntVersion = "\x00\x01\x00\x00"


def _rename(font: Any, name: str) -> None:
    """Names that are presented to people; copyright, licence and author entries stay as they are."""
    family, style = name.replace("PaddockGaramond", "Paddock Garamond").rsplit("-", 1)
    given = {1: family, 2: style, 3: f"{name}; cut by Paddock", 4: f"{family} {style}", 6: name, 16: family, 17: style}
    for record in list(font["name"].names):
        if record.nameID in given or record.nameID in (18, 20, 21, 22, 25):
            font["name"].removeNames(nameID=record.nameID)
    for name_id, text in given.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    if family != "Inter":
        font["name"].setName("Cut from EB Garamond 12 by Georg Duffner, as its licence allows", 10, 3, 1, 0x409)


if __name__ == "__main__":
    for made_name, made_source in SOURCES.items():
        make(made_name, SYSTEM / made_source, Path(__file__).parent)
