"""The list of the sample pictures: name, class, tags, size and what is to be seen."""

from typing import NamedTuple


class Shot(NamedTuple):
    """One picture: `label` is its class and folder, `tags` as in the labelling guide, size in pixels."""

    name: str
    label: str
    tags: str
    width: int
    height: int
    note: str


SHOTS = [
    Shot("porsche-911", "retoucher", "car|ad", 1280, 853, "coupe before a far too visible panel"),
    Shot("virage", "ok", "car", 1200, 800, "coupe on the kerb of a bend"),
    Shot("paddock-public", "retoucher", "car|people", 1200, 800, "spectators around a parked coupe"),
    Shot("trop-large", "exclure", "car|wide", 1080, 720, "circuit from far, cars tiny"),
    Shot("file", "ok", "car", 1080, 720, "coupe panned at speed, background blurred"),
    Shot("crepuscule", "ok", "car", 1080, 720, "coupe from behind in evening light, lamps lit"),
    Shot("grille-portrait", "ok", "car", 720, 1080, "coupe from the front, portrait"),
    Shot("bouge", "retoucher", "car|blurcar", 1080, 720, "coupe blurred by its own speed"),
    Shot("poteaux-verts", "retoucher", "car|pole|sign", 1080, 720, "green posts and a road sign by the coupe"),
    Shot("banderole", "retoucher", "car|ad", 1080, 720, "readable banner along the barrier"),
    Shot("buvette", "exclure", "people|ad", 1080, 720, "food stand and its customers"),
    Shot("tribune", "exclure", "people|ad", 1080, 720, "grandstand alone"),
]
