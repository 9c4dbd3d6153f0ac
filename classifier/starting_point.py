"""What a fine-tuning starts from: published weights, a file of their layout, or chance; told in the card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from classifier.config import Config
from core.canonical import sha256_of_file
from core.errors import SettingsError
from scene.backbones import backbone, find_weights

Source = Literal["wheel", "keras", "file", "state_dict", "random"]


@dataclass(frozen=True, slots=True)
class Start:
    """file: None for random weights. source: how it came here; what: in words; sha256: "" for random weights."""

    file: Path | None
    source: Source
    what: str
    licence: str
    sha256: str

    def as_json(self) -> dict[str, Any]:
        """For the card; file by its name only."""
        return {
            "source": self.source, "what": self.what, "licence": self.licence, "sha256": self.sha256,
            "file": self.file.name if self.file is not None else "",
        }  # fmt: skip


def starting_point(config: Config, models_dir: Path | None = None) -> Start:
    """By config.weights. Raises WeightsMissing with the remedy, WeightsChanged, SettingsError for an absent file."""
    facts = backbone(config.backbone)
    if config.weights == "random":
        return Start(None, "random", "random weights, learned from these photos alone", "", "")
    if config.weights == "imagenet":
        found = find_weights(config.backbone, models_dir)
        source: Source = facts.source
        if source == "keras" and not found.source.startswith("https://"):
            source = "file"
        return Start(found.file, source, facts.published, facts.facts.licence, found.sha256)
    file = Path(config.weights).expanduser()
    if not file.is_file():
        raise SettingsError(
            name="weights", value=config.weights, expected_fr="imagenet | random | un fichier qui existe",
            expected_en="imagenet | random | a file that exists",
        )  # fmt: skip
    source = "state_dict" if facts.source in ("state_dict", "wheel") else "file"
    return Start(file, source, f"a file of the layout of {facts.published}", "", sha256_of_file(file))
