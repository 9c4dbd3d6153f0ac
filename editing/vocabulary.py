"""The words of a race, as data: what the embedded backend answers, and French to English for CLIPSeg."""

from __future__ import annotations

from typing import Literal

Concept = Literal["car", "text", "panel"]

KNOWN_FR: tuple[str, ...] = ("la voiture", "le texte", "le panneau publicitaire")
"""What the embedded backend answers, as chips on the French page, in the order of CONCEPTS."""
KNOWN_EN: tuple[str, ...] = ("the car", "the text", "the advertising panel")
"""The same chips on the English page."""

CONCEPTS: dict[Concept, tuple[str, tuple[str, ...]]] = {
    "car": (
        "car",
        (
            "voiture", "auto", "automobile", "bolide", "véhicule", "vehicle", "race car", "racing car", "racecar",
            "voiture de course", "voiture de sport", "sports car", "prototype", "monoplace", "berline", "coupé",
            "Porsche", "Porsche 911", "911", "Ferrari", "Toyota", "Peugeot", "Cadillac", "BMW", "Corvette",
            "Aston Martin", "Lamborghini", "McLaren", "Alpine", "Ford", "Mustang", "Mercedes", "Audi", "Lexus",
        ),
    ),
    "text": (
        "text",
        (
            "texte", "lettre", "letter", "mot", "word", "écriture", "écrit", "inscription", "lettrage", "lettering",
            "writing", "slogan", "chiffre", "caractère", "typographie",
        ),
    ),
    "panel": (
        "advertising panel",
        (
            "panneau", "panneau publicitaire", "panneau de publicité", "panneau pub", "publicité", "pub", "réclame",
            "bannière", "banderole", "affiche", "affichage", "sponsor", "logo", "logo publicitaire", "logo de sponsor",
            "marque", "encart", "bâche", "bâche publicitaire", "enseigne", "panel", "advertisement",
            "ad", "ads", "advert", "advertising", "ad panel", "ad board", "advertising board", "banner",
            "advertising banner", "billboard", "hoarding", "poster", "placard", "brand", "sponsor board", "sign board",
        ),
    ),
}  # fmt: skip
"""Concept of the embedded backend: (English prompt, synonyms in both languages)."""

GLOSSARY: dict[str, tuple[str, ...]] = {
    "people": ("personne", "person", "gens", "homme", "femme", "enfant", "humain", "man", "woman", "child", "men",
               "women", "children", "human"),
    "crowd": ("foule", "public", "spectateur", "spectator", "audience", "fan"),
    "face": ("visage", "figure", "tête", "head"),
    "driver": ("pilote", "conducteur", "racing driver"),
    "helmet": ("casque",),
    "mechanic": ("mécanicien", "mécano"),
    "marshal": ("commissaire", "commissaire de piste", "track marshal"),
    "photographer": ("photographe",),
    "sky": ("ciel",),
    "cloud": ("nuage",),
    "sun": ("soleil",),
    "rain": ("pluie",),
    "smoke": ("fumée",),
    "road": ("route", "chaussée", "asphalte", "bitume", "tarmac", "asphalt", "goudron"),
    "race track": ("piste", "circuit", "track", "racetrack"),
    "kerb": ("vibreur", "curb"),
    "gravel": ("gravier", "bac à gravier", "gravel trap"),
    "grass": ("herbe", "gazon", "pelouse", "lawn"),
    "tree": ("arbre",),
    "forest": ("forêt", "bois", "wood"),
    "bush": ("buisson", "haie", "hedge"),
    "vegetation": ("végétation", "verdure", "plante", "plant"),
    "flower": ("fleur",),
    "mountain": ("montagne", "colline", "hill"),
    "water": ("eau",),
    "pole": ("poteau", "mât", "pylône", "post", "pillar"),
    "street light": ("lampadaire", "réverbère", "lamp post"),
    "traffic light": ("feu tricolore", "feu de signalisation"),
    "road sign": ("panneau de signalisation", "panneau routier", "panneau de circulation", "traffic sign",
                  "panneau indicateur", "street sign"),
    "flag": ("drapeau",),
    "cone": ("cône", "plot", "traffic cone"),
    "tire": ("pneu", "tyre", "pneumatique"),
    "tire wall": ("mur de pneus", "tyre wall"),
    "wheel": ("roue", "jante", "rim"),
    "barrier": ("barrière", "glissière", "rail", "rail de sécurité", "guard rail", "guardrail"),
    "fence": ("grillage", "clôture", "grille"),
    "wall": ("mur", "muret"),
    "grandstand": ("tribune", "gradin", "stand tribune"),
    "pit lane": ("voie des stands", "stand", "pit", "pits"),
    "garage": ("box",),
    "building": ("bâtiment", "immeuble", "maison", "house"),
    "bridge": ("pont", "passerelle", "footbridge"),
    "tent": ("tente", "chapiteau", "barnum"),
    "ferris wheel": ("grande roue",),
    "window": ("fenêtre", "vitre"),
    "windshield": ("pare-brise", "windscreen"),
    "headlight": ("phare", "feu avant", "headlamp"),
    "rear light": ("feu arrière", "tail light"),
    "spoiler": ("aileron", "rear wing", "wing"),
    "hood": ("capot", "bonnet"),
    "bumper": ("pare-chocs", "bouclier"),
    "door": ("portière", "porte"),
    "mirror": ("rétroviseur", "rétro"),
    "number plate": ("plaque", "plaque d'immatriculation", "immatriculation", "license plate", "licence plate"),
    "race number": ("numéro", "numéro de course", "number"),
    "shadow": ("ombre",),
    "reflection": ("reflet",),
    "background": ("fond", "arrière-plan", "décor"),
    "truck": ("camion", "poids lourd", "lorry"),
    "motorcycle": ("moto", "motocyclette", "motorbike"),
    "bicycle": ("vélo", "bicyclette", "bike"),
    "bus": ("autobus", "autocar", "coach"),
    "umbrella": ("parapluie", "parasol"),
    "camera": ("caméra", "appareil photo"),
    "dog": ("chien",),
    "bird": ("oiseau",),
    "bag": ("sac", "sac à dos", "backpack"),
    "chair": ("chaise",),
    "trash": ("poubelle", "déchet", "bin", "garbage"),
    "cable": ("câble", "fil"),
    "trophy": ("trophée",),
    "podium": ("marche du podium",),
}  # fmt: skip
"""English prompt of the full backend: synonyms in both languages."""

ADJECTIVES: dict[str, tuple[str, ...]] = {
    "red": ("rouge",), "blue": ("bleu", "bleue"), "green": ("vert", "verte"), "yellow": ("jaune",),
    "white": ("blanc", "blanche"), "black": ("noir", "noire"), "grey": ("gris", "grise", "gray"),
    "orange": (), "pink": ("rose",), "purple": ("violet", "violette"), "brown": ("marron", "brun", "brune"),
    "big": ("grand", "grande", "gros", "grosse", "large"), "small": ("petit", "petite", "little"),
}  # fmt: skip
"""English adjective: its forms in both languages. Put before the noun in the translation."""
