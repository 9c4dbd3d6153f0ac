"""The whole classifier as one Keras model, and where its two weights files are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.features import feature_model
from classifier.finetuned import FineTuned, assemble_finetuned, is_finetuned, read_finetuned
from classifier.head import Head, read_head
from core.canonical import sha256_of_file
from core.errors import SettingsError, WeightsChanged, WeightsMissing
from core.values import CLASSES
from core.weights import MODELS, Located, facts, locate
from scene.backbones import BACKBONES, find_weights, import_keras

if TYPE_CHECKING:
    import keras

DEFAULT = "efficientnet-lite0"
"""The model that ships: its head is artifacts/triage-lite0.safetensors."""
_SHIPPED = {"efficientnet-lite0": "triage-lite0"}


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A head with the verified weights that it stands on."""

    head: Head
    head_sha256: str
    backbone: Located

    @property
    def card(self) -> Mapping[str, Any]:
        """The head's card."""
        return self.head.card

    @property
    def sha256(self) -> str:
        """Of the head's file."""
        return self.head_sha256

    @property
    def backbone_sha256(self) -> str:
        """Of the weights that it stands on."""
        return self.backbone.sha256

    @property
    def name(self) -> str:
        """Name of the trained model, from its card."""
        return str(self.head.card["name"])

    @property
    def side(self) -> int:
        """Input side in pixels that the head was trained at."""
        return int(self.head.card["side"])

    @property
    def backend(self) -> str:
        """ "embedded" when all weights travel with the install, "full" when published ones were added."""
        return "embedded" if facts(str(self.head.card["backbone"])).kind == "package" else "full"


def find_trained(
    model: str = "default", *, models_dir: Path | None = None, artifacts: Path | None = None
) -> Trained | FineTuned:
    """A trained classifier by name or by file.

    model: "default", a backbone's name, or the path of a trained .safetensors. artifacts: folder of
    our own weights, None = the checkout's, whose hashes are then checked. models_dir: folder of
    published weights and of heads trained here (triage-<backbone>.safetensors).

    Raises WeightsMissing with the remedy, or WeightsChanged when a file is not the recorded one.
    """
    name = DEFAULT if model == "default" else model
    if name.endswith(".safetensors"):
        path = Path(name).expanduser()
    elif name in _SHIPPED:
        file = f"{_SHIPPED[name]}.safetensors"
        path = locate(_SHIPPED[name], models_dir).file if artifacts is None else artifacts / file
    elif name in BACKBONES:
        path = _trained_here(name, [folder for folder in (models_dir or MODELS, artifacts) if folder is not None])
    else:
        known = ", ".join(BACKBONES)
        raise WeightsMissing(
            model=model,
            remedy_fr=f"Modèles connus : {known}, ou un fichier .safetensors issu de « paddock classifier train ».",
            remedy_en=f"Known models: {known}, or a .safetensors file made by “paddock classifier train”.",
        )
    if is_finetuned(path):
        return read_finetuned(path)
    head = read_head(path)
    weights = find_weights(str(head.card["backbone"]), models_dir)
    if weights.sha256 != head.card["backbone_sha256"]:
        raise WeightsChanged(model=str(head.card["backbone"]), file=weights.file.name)
    return Trained(head, sha256_of_file(path), weights)


def _trained_here(backbone: str, folders: list[Path]) -> Path:
    for folder in folders:
        if (folder / f"triage-{backbone}.safetensors").is_file():
            return folder / f"triage-{backbone}.safetensors"
    command = f"paddock classifier train --data DIR --backbone {backbone} --out MODELS/triage-{backbone}.safetensors"
    raise WeightsMissing(
        model=backbone,
        remedy_fr=f"Ce réseau n'est pas encore entraîné ici. Lancez « {command} », puis indiquez --models-dir MODELS.",
        remedy_en=f"This network is not trained here yet. Run “{command}”, then name it with --models-dir MODELS.",
    )


def assemble(trained: Trained | FineTuned) -> keras.Model:
    """One flat Keras model: RGB (n, side, side, 3) in 0..255 → probabilities (n, 3) in the order of CLASSES.

    Compiled with its accuracy, so that ``model.evaluate`` works on (pixels, index in CLASSES).
    """
    if isinstance(trained, FineTuned):
        return _three_classes(trained)
    import_keras()
    import keras

    features = feature_model(str(trained.head.card["backbone"]), trained.backbone.file, trained.side)
    layer = keras.layers.Dense(len(CLASSES), activation="softmax", name="verdict")
    model = keras.Model(features.input, layer(features.output), name=trained.name)
    layer.set_weights([trained.head.kernel, trained.head.bias])
    model.trainable = False
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


def _three_classes(trained: FineTuned) -> keras.Model:
    if trained.classes != CLASSES:
        theirs, ours = ", ".join(trained.classes[:6]), ", ".join(CLASSES)
        raise SettingsError(
            name="model", value=trained.name,
            expected_fr=f"un modèle des classes {ours} ; celui-ci a : {theirs}",
            expected_en=f"a model of the classes {ours}; this one has: {theirs}",
        )  # fmt: skip
    return assemble_finetuned(trained)
