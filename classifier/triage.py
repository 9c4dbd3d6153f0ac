"""Photos to verdicts, in batches; a photo that can't be read is reported and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from classifier.features import square
from classifier.finetuned import FineTuned
from classifier.model import Trained, assemble, find_trained
from core.errors import PhotoError
from core.values import CLASSES, Backend, Origin, Pixels, Report, Verdict, no_report

if TYPE_CHECKING:
    import keras

BATCH = 16
LIBRARIES = ("keras", "tensorflow", "numpy", "pillow")


class Triage:
    """A loaded classifier.

    model: the Keras model; side: its input side; origin: written with each verdict; card: what it was trained on.
    """

    def __init__(self, trained: Trained | FineTuned) -> None:
        card = trained.card
        self.model: keras.Model = assemble(trained)
        self.side = trained.side
        self.card: Mapping[str, Any] = card
        self.origin = Origin(
            backend=cast(Backend, trained.backend),
            model=trained.name,
            revision=str(card["revision"]),
            sha256=trained.sha256,
            parameters={
                "backbone": card["backbone"],
                "backbone_sha256": trained.backbone_sha256,
                "side": self.side,
                "temperature": card["temperature"],
                **({"weights": card["weights"]["source"]} if isinstance(trained, FineTuned) else {}),
            },
            libraries={name: version(name) for name in LIBRARIES},
        )

    @classmethod
    def load(cls, model: str = "default", *, models_dir: Path | None = None, artifacts: Path | None = None) -> Triage:
        """Load by name or file. Raises WeightsMissing or WeightsChanged; see classifier.model.find_trained."""
        return cls(find_trained(model, models_dir=models_dir, artifacts=artifacts))

    def judge(
        self,
        photos: Sequence[Path | Pixels],
        names: Sequence[str] | None = None,
        report: Report = no_report,
    ) -> Iterator[tuple[int, Verdict | PhotoError]]:
        """(index, verdict or the photo's error), in order, a batch at a time.

        photos: files, or RGB uint8 (h, w, 3). names: what errors call the files. report may raise
        Cancelled between batches.
        """
        with ThreadPoolExecutor(2) as pool:
            for start in range(0, len(photos), BATCH):
                report(start / len(photos), f"{start}/{len(photos)}")
                indices = range(start, min(start + BATCH, len(photos)))
                decoded = list(pool.map(lambda index: self._square(photos, names, index), indices))
                readable = [item for item in decoded if isinstance(item, np.ndarray)]
                probabilities = iter(self.probabilities(np.stack(readable)) if readable else ())
                for index, item in zip(indices, decoded, strict=True):
                    yield index, item if isinstance(item, PhotoError) else self._verdict(next(probabilities))
        report(1.0, f"{len(photos)}/{len(photos)}")

    def probabilities(self, squares: Pixels) -> np.ndarray:
        """uint8 (n, side, side, 3) → float32 (n, 3), in the order of CLASSES."""
        return np.asarray(self.model.predict_on_batch(squares))

    def _square(self, photos: Sequence[Path | Pixels], names: Sequence[str] | None, index: int) -> Pixels | PhotoError:
        try:
            return square(photos[index], self.side, names[index] if names is not None else "")
        except PhotoError as error:
            return error

    def _verdict(self, probabilities: np.ndarray) -> Verdict:
        exact = probabilities.astype(np.float64) / float(probabilities.sum(dtype=np.float64))
        ok, retoucher, exclure = (float(value) for value in exact)
        return Verdict(CLASSES[int(probabilities.argmax())], (ok, retoucher, exclure), self.origin)
