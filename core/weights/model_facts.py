"""What is known of each model, read once from registry.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from core.errors import Language, SettingsError

Kind = Literal["package", "artifact", "published"]
REGISTRY = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model's entry.

    kind: "package" (weights travel in an installed package), "artifact" (ours, in artifacts/) or
        "published" (in a models folder, or on a hub).
    sources: in the order of search: the package's name, the artifact's file, or hub ids "owner/name"
        and https addresses.
    revision: the package's version or a hub commit; "" when unknown today.
    files, ignored: patterns, relative to the model's folder, of the files that make up the weights;
        "*" stays within one folder. required: patterns that must each match for the model to be present.
    sha256, md5: of files by relative name, where known. bytes: of all files, rounded where no hash is
        known, 0 when unknown.
    input_size: side in pixels, 0 when free. The network's input is (pixel * scale - mean) / std with
        pixels 0..255 in colour_order; mean and std empty: the model's own preprocessor file says.
    """

    id: str
    title_fr: str
    title_en: str
    used_by: tuple[str, ...]
    kind: Kind
    sources: tuple[str, ...]
    files: tuple[str, ...]
    required: tuple[str, ...]
    licence: str
    licence_note_fr: str
    licence_note_en: str
    ignored: tuple[str, ...] = ()
    revision: str = ""
    bytes: int = 0
    input_size: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    scale: float = 1.0
    colour_order: str = "RGB"
    sha256: Mapping[str, str] = field(default_factory=dict, hash=False)
    md5: Mapping[str, str] = field(default_factory=dict, hash=False)

    def title(self, language: Language) -> str:
        """Name shown to people."""
        return self.title_fr if language == "fr" else self.title_en

    def licence_note(self, language: Language) -> str:
        """What a person should know before using the weights."""
        return self.licence_note_fr if language == "fr" else self.licence_note_en

    @property
    def folder_names(self) -> tuple[str, ...]:
        """Folders, relative to a models folder, that may hold this model as a plain snapshot."""
        names = [self.id]
        for source in self.sources:
            if self.kind == "published" and not source.startswith("https://"):
                owner, name = source.split("/")
                names += [f"{owner}--{name}", f"{owner}/{name}", name]
        return tuple(dict.fromkeys(names))


@cache
def registry() -> tuple[ModelFacts, ...]:
    """Every model, in the order of the file."""
    with REGISTRY.open("rb") as stream:
        return tuple(_entry(table) for table in tomllib.load(stream)["model"])


def facts(model: str) -> ModelFacts:
    """The entry of one id. Raises SettingsError, which lists the ids, when there is none."""
    for entry in registry():
        if entry.id == model:
            return entry
    raise SettingsError(name="model", value=model, expected=" | ".join(entry.id for entry in registry()))


def _entry(table: dict[str, Any]) -> ModelFacts:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return ModelFacts(**values)
