"""Facts of the models: is the folder reachable, and is each model's weights there and unchanged?"""

from __future__ import annotations

from pathlib import Path

from core.errors import Language
from core.weights import MODELS, ModelState, states
from core.weights.model_facts import registry
from studio.machine.fact import Fact, State


def published_bytes() -> int:
    """Room that all the published big models take together."""
    return sum(entry.bytes for entry in registry() if entry.kind == "published")


def folder(models_dir: Path | None) -> Fact:
    """The models folder: named and there, named and gone (an unplugged key), or not named."""
    if models_dir is None:
        named = MODELS.is_dir()
        return Fact("models", "models", "good", "own" if named else "none", {"folder": str(MODELS)})
    if not models_dir.is_dir():
        return Fact("models", "models", "missing", "unreachable", {"folder": str(models_dir)})
    return Fact("models", "models", "good", "good", {"folder": str(models_dir.absolute())})


def weights(models_dir: Path | None) -> list[Fact]:
    """One fact per model of the registry."""
    return [_fact(state) for state in states(models_dir)]


def title(fact: Fact, language: Language) -> str:
    """Name of a model's fact as people know the model."""
    return str(fact.values["title_fr" if language == "fr" else "title_en"])


def _fact(state: ModelState) -> Fact:
    facts = state.facts
    full = facts.kind == "published"
    values = {
        "model": facts.id, "title_fr": facts.title_fr, "title_en": facts.title_en, "size_bytes": state.bytes,
        "where": state.where, "backend": "full" if full else "embedded", "file": state.problem,
        "recorded": state.recorded, "rooms": list(facts.used_by),
    }  # fmt: skip
    told: State
    if state.presence == "changed":
        told, variant = "missing", "changed"
    elif state.presence == "absent":
        told, variant = ("note", "absent_full") if full else ("missing", "absent")
    else:
        told, variant = ("good", "present") if state.recorded else ("good", "unrecorded")
    return Fact(f"model.{facts.id}", "models", told, variant, values)
