"""Photo + mask + wish in words -> photo, by Stable Diffusion 2 inpainting through diffusers.

The model works on a crop around the mask, at its native size with the aspect kept; its answer is
pasted back on the original pixels with a feather strictly inside the mask.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import EngineFailed, SettingsError
from core.values import BoolMask, Edited, Origin, Pixels, Report, no_report
from editing.composite import edited, paste
from editing.maskops import Box, bounding_box, check_mask, scale_to
from editing.weights import has_safetensors, sha256_of, weights_in

MODEL = "stabilityai/stable-diffusion-2-inpainting"
CONTEXT = 0.5
"""Surroundings shown to the model on each side, as a share of the mask's longer side."""
FEATHER = 0.02
"""Feather, as a share of the mask's shorter side, between 1 and 24 px of the photo."""
_PARTS = ("model_index.json", "unet", "vae", "text_encoder", "tokenizer", "scheduler")


@dataclass(frozen=True, slots=True, eq=False)
class Inpainter:
    """A loaded inpainting pipeline; make it with Inpainter.load.

    side: the model's native side in pixels. multiple: what a side must be divisible by.
    """

    pipeline: Any
    model: str
    revision: str
    sha256: str
    device: str
    dtype: str
    side: int
    multiple: int

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        model: str = MODEL,
        revision: str = "",
        sha256: str = "",
        device: str = "",
        dtype: str = "",
    ) -> Inpainter:
        """Load a diffusers folder; the network is never asked.

        model: the id that the folder was fetched as, written in every result. device, dtype: when
        empty, chosen by what the machine has: float16 on CUDA, bfloat16 on CPUs that compute in
        it, else float32. Raises WeightsMissing when the folder is not a whole model.
        """
        files = weights_in(folder, model, *_PARTS)
        import torch
        from diffusers import StableDiffusionInpaintPipeline

        device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = dtype or _fast_dtype(device)
        options: dict[str, Any] = {}
        if not (folder / "safety_checker").is_dir():
            options |= {"safety_checker": None, "requires_safety_checker": False}
        opener: Any = StableDiffusionInpaintPipeline
        pipeline = opener.from_pretrained(
            folder,
            local_files_only=True,
            dtype=getattr(torch, dtype),
            use_safetensors=has_safetensors(files),
            **options,
        ).to(device)
        pipeline.set_progress_bar_config(disable=True)
        factor = int(pipeline.vae_scale_factor)
        side = int(pipeline.unet.config.sample_size) * factor
        digest = sha256 or sha256_of(folder, files)
        return cls(pipeline, model, revision, digest, device, dtype, side, max(8, factor))

    def replace(
        self,
        pixels: Pixels,
        mask: BoolMask,
        prompt: str,
        negative_prompt: str = "",
        steps: int = 30,
        guidance: float = 7.5,
        strength: float = 1.0,
        seed: int = 0,
        report: Report = no_report,
    ) -> Edited:
        """The wish painted inside the mask; the photo's size and every pixel outside are kept.

        report is called after each step and may raise Cancelled, which stops the model there.
        Raises MaskError (empty or of another size), SettingsError (steps, strength) and
        EngineFailed when the model answers with black or undefined pixels.
        """
        check_mask(pixels, mask)
        _check_settings(steps, strength)
        crop = frame_for(mask)
        left, top, right, bottom = crop
        report(0.0, "inpaint.prepare")
        filled = self._run(
            pixels[top:bottom, left:right], mask[top:bottom, left:right],
            prompt, negative_prompt, steps, guidance, strength, seed, report,
        )  # fmt: skip
        feather = _feather_px(mask)
        window = mask[top:bottom, left:right]
        result = pixels.copy()
        result[top:bottom, left:right] = paste(pixels[top:bottom, left:right], filled, window, feather)
        parameters = {
            "prompt": prompt, "negative_prompt": negative_prompt, "steps": steps, "guidance": guidance,
            "strength": strength, "scheduler": type(self.pipeline.scheduler).__name__, "crop": list(crop),
            "side": self.side, "feather_px": feather, "dtype": self.dtype, "device": self.device,
        }  # fmt: skip
        return edited(pixels, result, mask, self._origin(seed, parameters))

    def _run(
        self, crop: Pixels, mask: BoolMask, prompt: str, negative: str, steps: int, guidance: float,
        strength: float, seed: int, report: Report,
    ) -> NDArray[np.float32]:  # fmt: skip
        """The model's answer at the crop's size, float32 0..255."""
        import cv2
        import torch

        height, width = crop.shape[:2]
        inner, padded = working_size((height, width), self.side, self.multiple)
        shrinking = inner[0] < height
        image = cv2.resize(
            crop, inner[::-1], interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
        )  # fmt: skip
        hole = scale_to(mask, inner, touched=True)
        pad = ((0, padded[0] - inner[0]), (0, padded[1] - inner[1]))
        image = np.pad(image, (*pad, (0, 0)), mode="edge")
        hole = np.pad(hole, pad)
        planned = max(1, min(int(steps * strength), steps))

        def stepped(pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            report(0.95 * (step + 1) / planned, f"inpaint.step {step + 1}/{planned}")
            return tensors

        answer = self.pipeline(
            prompt=prompt,
            negative_prompt=negative or None,
            image=image[None].astype(np.float32) / 255.0,
            mask_image=hole[None].astype(np.float32),
            height=padded[0],
            width=padded[1],
            strength=strength,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator("cpu").manual_seed(seed),
            output_type="np",
            callback_on_step_end=stepped,
        )
        values = np.asarray(answer.images[0], dtype=np.float32)[: inner[0], : inner[1]]
        _check_answer(values, hole[: inner[0], : inner[1]], answer.nsfw_content_detected)
        values = np.ascontiguousarray(values * np.float32(255.0))
        return np.asarray(
            cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC if shrinking else cv2.INTER_AREA)
        )

    def _origin(self, seed: int, parameters: dict[str, Any]) -> Origin:
        import diffusers
        import torch

        libraries = {"diffusers": diffusers.__version__, "torch": torch.__version__}
        return Origin("full", self.model, self.revision, self.sha256, seed, parameters, libraries)


def frame_for(mask: BoolMask) -> Box:
    """The crop (left, top, right, bottom) shown to the model: the mask with context, as square as the photo allows."""
    height, width = mask.shape
    left, top, right, bottom = bounding_box(mask)
    want = max(right - left, bottom - top)
    want += 2 * max(32, round(CONTEXT * want))
    (left, right), (top, bottom) = _widen(left, right, want, width), _widen(top, bottom, want, height)
    return left, top, right, bottom


def working_size(
    size: tuple[int, int], side: int, multiple: int
) -> tuple[tuple[int, int], tuple[int, int]]:  # fmt: skip
    """((h, w) of the crop scaled so that its longer side is `side`, (h, w) padded up to the multiple)."""
    scale = side / max(size)
    inner = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    return inner, (-(-inner[0] // multiple) * multiple, -(-inner[1] // multiple) * multiple)


def _widen(start: int, stop: int, want: int, limit: int) -> tuple[int, int]:
    """An interval of length min(want, limit) around [start, stop), moved inside 0..limit."""
    length = min(want, limit)
    first = min(max(0, (start + stop - length) // 2), limit - length)
    return first, first + length


def _feather_px(mask: BoolMask) -> int:
    left, top, right, bottom = bounding_box(mask)
    return int(np.clip(round(FEATHER * min(right - left, bottom - top)), 1, 24))


def _check_settings(steps: int, strength: float) -> None:
    if steps < 1:
        raise SettingsError(name="steps", value=steps, expected="≥ 1")
    if not 0.0 < strength <= 1.0 or int(steps * strength) < 1:
        raise SettingsError(name="strength", value=strength, expected=f"1/{steps} … 1")


def _check_answer(values: NDArray[np.float32], hole: BoolMask, flagged: Any) -> None:
    """Raise EngineFailed for an answer that must not be delivered."""
    inside = values[hole]
    if flagged and any(flagged):
        raise EngineFailed(
            task=MODEL, why_fr="le filtre de sûreté du modèle a refusé sa propre réponse",
            why_en="the model's safety filter refused its own answer",
        )  # fmt: skip
    if not np.isfinite(values).all():
        raise EngineFailed(
            task=MODEL, why_fr="le modèle a répondu par des valeurs indéfinies",
            why_en="the model answered with undefined values",
        )  # fmt: skip
    if float(inside.max()) <= 4.0 / 255.0:
        raise EngineFailed(
            task=MODEL, why_fr="le modèle a répondu par une image noire", why_en="the model answered with a black image"
        )


def _fast_dtype(device: str) -> str:
    """The dtype in which this machine computes fastest without losing the picture."""
    if device.startswith("cuda"):
        return "float16"
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text() if cpuinfo.exists() else ""
    return "bfloat16" if "avx512_bf16" in flags else "float32"
