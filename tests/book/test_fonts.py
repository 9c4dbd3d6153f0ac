"""The fonts that ship: light, with their licences, and able to write French and English."""

from fontTools.ttLib import TTFont

from core.fonts import FACES, FOLDER, font_face_css

NEEDED = "AZaz09ÀÂÇÉÈÊËÎÏÔŒÙÛÜàâçéèêëîïôœùûüÿæÆ€«»“”‘’…–—·©°%→\u00a0\u202f"


def test_every_face_is_there_with_its_weight_and_writes_french() -> None:
    for face in FACES:
        font = TTFont(face.path)
        lacking = [sign for sign in NEEDED if ord(sign) not in font.getBestCmap()]
        assert not lacking, (face.file, lacking)
        assert font["OS/2"].usWeightClass == face.weight
        assert "glyf" in font, "TrueType outlines: fpdf2 embeds no others soundly"


def test_the_reserved_name_is_not_used_and_both_licences_ship() -> None:
    for face in FACES:
        shown = {record.toUnicode() for record in TTFont(face.path)["name"].names if record.nameID in (1, 4, 6, 16)}
        assert not any("EB Garamond" in name or "EBGaramond" in name for name in shown)
    for licence in ("OFL-Inter.txt", "OFL-EBGaramond.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / licence).read_text("utf-8")


def test_the_folder_stays_under_700_kilobytes() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*") if path.is_file()) < 700_000


def test_the_style_sheet_names_every_file_once() -> None:
    css = font_face_css(lambda face: f"/fonts/{face.file}", prefix="Book ")
    assert css.count("@font-face") == len(FACES)
    assert all(css.count(f'url("/fonts/{face.file}")') == 1 for face in FACES)
    assert 'font-family: "Book Inter"' in css
