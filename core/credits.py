"""Who made a photo and what may be said of it: read from EXIF, IPTC and XMP, written to EXIF and XMP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape, unescape

from PIL import Image, ImageFile, IptcImagePlugin

_DESCRIPTION, _ARTIST, _COPYRIGHT, _XMP = 0x010E, 0x013B, 0x8298, 0x02BC
_LONGEST = 2000
"""Characters kept of one text: IPTC's own bound for captions; longer ones would burst a JPEG's metadata block."""


@dataclass(frozen=True, slots=True)
class Credits:
    """Creator, credit line, copyright notice and description; empty strings where unknown."""

    creator: str = ""
    credit: str = ""
    copyright: str = ""
    description: str = ""

    def __bool__(self) -> bool:
        return any((self.creator, self.credit, self.copyright, self.description))

    @property
    def line(self) -> str:
        """One line for captions, e.g. "A. Dupont / Agence X, © 2026"."""
        names = " / ".join(dict.fromkeys(part for part in (self.creator, self.credit) if part))
        return ", ".join(part for part in (names, self.copyright) if part)


def credits_of(image: Image.Image) -> Credits:
    """Credits of an opened image; EXIF first, then IPTC, then XMP (the first that says something wins)."""
    exif = image.getexif()
    iptc = _iptc(image)
    xmp = _xmp_text(image)
    return Credits(
        creator=_text(exif.get(_ARTIST)) or _text(iptc.get((2, 80))) or _xmp(xmp, "dc:creator"),
        credit=_text(iptc.get((2, 110))) or _xmp(xmp, "photoshop:Credit"),
        copyright=_text(exif.get(_COPYRIGHT)) or _text(iptc.get((2, 116))) or _xmp(xmp, "dc:rights"),
        description=_text(exif.get(_DESCRIPTION)) or _text(iptc.get((2, 120))) or _xmp(xmp, "dc:description"),
    )


def exif_with(credits: Credits, *, xmp: bytes = b"") -> Image.Exif:
    """An EXIF block that holds the credits and nothing else (no location, no serial number).

    Texts are UTF-8, as cameras and agencies write them. xmp: the packet to put into the same tags,
    where the format keeps it there (TIFF).
    """
    exif = Image.Exif()
    texts = {_DESCRIPTION: credits.description, _ARTIST: credits.creator, _COPYRIGHT: credits.copyright}
    for tag, value in texts.items():
        if value:
            exif[tag] = value.encode("utf-8", "replace")
    if xmp:
        exif[_XMP] = xmp
    return exif


def xmp_with(credits: Credits) -> bytes:
    """An XMP packet with Dublin Core creator, rights, description and photoshop:Credit."""
    fields = ""
    if credits.creator:
        fields += f"<dc:creator><rdf:Seq><rdf:li>{escape(credits.creator)}</rdf:li></rdf:Seq></dc:creator>"
    for name, value in (("rights", credits.copyright), ("description", credits.description)):
        if value:
            fields += f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(value)}</rdf:li></rdf:Alt></dc:{name}>'
    if credits.credit:
        fields += f"<photoshop:Credit>{escape(credits.credit)}</photoshop:Credit>"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">'
        f'{fields}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode("utf-8", "replace")


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, (_text(item) for item in value)))
    raw = value
    if isinstance(value, str) and max(value, default="") <= "\xff":
        raw = value.encode("latin-1")  # Pillow reads EXIF texts as Latin-1, whatever they are in
    if isinstance(raw, bytes):
        try:
            value = raw.decode("utf-8")
        except UnicodeDecodeError:
            value = raw.decode("latin-1")
    return str(value).strip("\x00 \r\n\t")[:_LONGEST] if value else ""


def _iptc(image: Image.Image) -> dict[tuple[int, int], bytes | list[bytes]]:
    if not isinstance(image, ImageFile.ImageFile):
        return {}
    try:
        return IptcImagePlugin.getiptcinfo(image) or {}
    except (SyntaxError, OSError, ValueError, KeyError, IndexError, TypeError):
        return {}  # a damaged caption block must not make the photo unreadable


def _xmp_text(image: Image.Image) -> str:
    raw = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)


def _xmp(packet: str, name: str) -> str:
    """Text of one XMP property, by pattern: no XML parser meets a stranger's file."""
    found = re.search(rf"<{name}\b[^>]*>(.{{0,4000}}?)</{name}>", packet, re.DOTALL)
    if not found:
        attribute = re.search(rf'\b{name}="([^"]{{0,4000}})"', packet)
        return unescape(attribute.group(1)).strip() if attribute else ""
    items = re.findall(r"<rdf:li\b[^>]*>([^<]*)</rdf:li>", found.group(1)) or [found.group(1)]
    return ", ".join(unescape(item).strip() for item in items if item.strip() and "<" not in item)[:_LONGEST]
