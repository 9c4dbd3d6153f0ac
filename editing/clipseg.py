"""Words in English -> heat map and mask, by CLIPSeg (Lüddecke and Ecker, CVPR 2022) through transformers.

The photo is encoded once and the encoding is a value: a further question costs only the text and
the small decoder. The photo is letterboxed to the model's square, never squashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import NotUnderstood
from core.images import letterbox
from core.values import Origin, Pixels, Selection
from editing.weights import has_safetensors, sha256_of, weights_in

if TYPE_CHECKING:
    import torch

MODEL = "CIDAS/clipseg-rd64-refined"
THRESHOLD = 0.3
"""The published practice on PhraseCut; 0.5 loses much of what was meant."""
_HEAT_SIDE = 1280
"""Longest side of the heat map that the page receives."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """A photo as CLIPSeg sees it, to be asked again.

    activations: the tokens of the extracted layers, each float (1, tokens, width). frame: (top,
    left, height, width) of the photo inside the square of `side` pixels. size: the photo's (h, w).
    """

    activations: tuple[torch.Tensor, ...]
    side: int
    frame: tuple[int, int, int, int]
    size: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ClipSeg:
    """A loaded CLIPSeg; make it with ClipSeg.load."""

    model: Any
    processor: Any
    name: str
    revision: str
    sha256: str
    side: int

    @classmethod
    def load(cls, folder: Path, *, name: str = MODEL, revision: str = "", sha256: str = "") -> ClipSeg:
        """Load from a folder (config, tokenizer, image processor, weights); the network is never asked.

        name: what the folder was fetched as, written in every result.
        sha256: of the weights when the caller has checked it already, else it is computed here.
        Raises WeightsMissing when the folder is not a whole model.
        """
        files = weights_in(folder, MODEL, "config.json")
        from transformers import CLIPSegForImageSegmentation, CLIPSegProcessor

        processor = CLIPSegProcessor.from_pretrained(folder, local_files_only=True)
        model: Any = CLIPSegForImageSegmentation.from_pretrained(
            folder, local_files_only=True, use_safetensors=has_safetensors(files), weights_only=True
        )
        model.eval()
        size = processor.image_processor.size
        side = int(size["height"] if "height" in size else size["shortest_edge"])
        return cls(model, processor, name, revision, sha256 or sha256_of(folder, files), side)

    def encode(self, pixels: Pixels) -> Encoding:
        """The image part, which does not depend on the words."""
        import torch

        height, width = pixels.shape[:2]
        inputs = self.processor.image_processor(
            images=letterbox(pixels, self.side), do_resize=False, do_center_crop=False, return_tensors="pt"
        )
        with torch.inference_mode():
            seen = self.model.clip.get_image_features(
                pixel_values=inputs["pixel_values"], interpolate_pos_encoding=True, output_hidden_states=True
            )
        layers = tuple(seen.hidden_states[index + 1] for index in self.model.extract_layers)
        return Encoding(layers, self.side, frame_in(self.side, (height, width)), (height, width))

    def logits(self, encoding: Encoding, words_english: Sequence[str]) -> NDArray[np.float32]:
        """Raw answers, float32 (number of words, side, side), letterboxed as the encoding is."""
        import torch

        count = len(words_english)
        tokens = self.processor.tokenizer(list(words_english), padding=True, truncation=True, return_tensors="pt")
        with torch.inference_mode():
            condition = self.model.get_conditional_embeddings(
                batch_size=count, input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
            )
            layers = [layer.expand(count, -1, -1) for layer in encoding.activations]
            answer = self.model.decoder(layers, condition).logits
        return np.asarray(answer.reshape(count, encoding.side, encoding.side).float().numpy(), dtype=np.float32)

    def ask(self, encoding: Encoding, words_english: Sequence[str], *, threshold: float = THRESHOLD) -> Selection:
        """The union of what the words name. Raises NotUnderstood when no word is given.

        heat: uint8, at most 1280 px on its longer side, the most certain of the words at each
        pixel; mask: where the heat, lifted to the photo's size, is at least the threshold.
        """
        if not any(word.strip() for word in words_english):
            raise NotUnderstood(words="…", known_fr="—", known_en="—")
        heat = self._heat(encoding, words_english)
        return Selection(
            mask=mask_from_heat(heat, encoding.size, threshold),
            origin=self._origin(words_english, threshold, encoding.side),
            words=", ".join(words_english),
            understood=", ".join(words_english),
            heat=heat,
            proposal=True,
        )

    def select(self, pixels: Pixels, words_english: Sequence[str], *, threshold: float = THRESHOLD) -> Selection:
        """encode and ask in one call."""
        return self.ask(self.encode(pixels), words_english, threshold=threshold)

    def _heat(self, encoding: Encoding, words_english: Sequence[str]) -> NDArray[np.uint8]:
        import cv2

        top, left, height, width = encoding.frame
        scale = min(1.0, _HEAT_SIDE / max(encoding.size))
        shown = (max(1, round(encoding.size[1] * scale)), max(1, round(encoding.size[0] * scale)))
        answers = self.logits(encoding, words_english)[:, top : top + height, left : left + width]
        lifted = [cv2.resize(np.ascontiguousarray(one), shown, interpolation=cv2.INTER_LINEAR) for one in answers]
        best = np.maximum.reduce(lifted).astype(np.float64)
        return np.asarray(np.rint(255.0 / (1.0 + np.exp(-best))), dtype=np.uint8)

    def _origin(self, words: Sequence[str], threshold: float, side: int) -> Origin:
        import torch
        import transformers

        return Origin(
            "full",
            self.name,
            self.revision,
            self.sha256,
            parameters={"prompts": list(words), "threshold": threshold, "side": side, "fit": "letterbox"},
            libraries={"transformers": transformers.__version__, "torch": torch.__version__},
        )


def frame_in(side: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(top, left, height, width) of a photo of size (h, w) that core.images.letterbox fits in a square."""
    scale = side / max(size)
    height, width = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    return (side - height) // 2, (side - width) // 2, height, width


def mask_from_heat(heat: NDArray[np.uint8], size: tuple[int, int], threshold: float) -> NDArray[np.bool_]:
    """Boolean mask of size (h, w): the heat 0..255 lifted bilinearly, at least threshold (0..1)."""
    import cv2

    lifted = cv2.resize(heat, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(lifted >= np.ceil(threshold * 255.0))
