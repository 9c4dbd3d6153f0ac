"""Which models can answer on this machine, in words for the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import Language
from core.weights import MODELS, ModelState, states
from editing.vocabulary import KNOWN_EN, KNOWN_FR

USES: dict[str, dict[Language, str]] = {
    "classifier": {"fr": "Trier, trouver la voiture et les panneaux", "en": "Sort, find the car and the panels"},
    "scene": {"fr": "Regarder la photo", "en": "Look at the photo"},
    "editing": {"fr": "Retoucher", "en": "Correct"},
    "styling": {"fr": "Styliser", "en": "Stylise"},
}


def models(models_dir: Path | None, language: Language) -> list[dict[str, Any]]:
    """Every known model with its state: present, absent or changed; backend: embedded or full."""
    return [_row(state, language) for state in states(models_dir)]


def classifiers(models_dir: Path | None, language: Language) -> list[dict[str, str]]:
    """Classifiers that can judge now: the one that ships, and each trained head found in the models folder."""
    title = {"fr": "Modèle livré (EfficientNet-Lite0)", "en": "Shipped model (EfficientNet-Lite0)"}[language]
    found = [{"id": "default", "title": title}]
    folder = models_dir or MODELS
    found += [{"id": str(path), "title": path.stem} for path in sorted(folder.glob("triage-*.safetensors"))]
    return found


def known_words(language: Language) -> list[str]:
    """Words that the embedded selection understands, to offer as chips."""
    return list(KNOWN_FR if language == "fr" else KNOWN_EN)


def _row(state: ModelState, language: Language) -> dict[str, Any]:
    facts = state.facts
    return {
        "id": facts.id,
        "title": facts.title_fr if language == "fr" else facts.title_en,
        "use": ", ".join(USES.get(room, {}).get(language, room) for room in facts.used_by),
        "backend": "full" if facts.kind == "published" else "embedded",
        "state": state.presence,
        "present": state.presence == "present",
        "licence": facts.licence,
    }
