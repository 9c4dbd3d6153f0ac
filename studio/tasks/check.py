"""The deep check's steps: load a framework or run one small call of an embedded engine, and time both.

Each step runs in a fresh process (``studio.machine.deep``), so that what it loads goes away with it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.images import read_picture
from studio.desk import CODE

SIDE = 1280
"""Long side of the photo that is worked on."""


def run(step: str) -> dict[str, Any]:
    """{"loading": seconds to import and load, "seconds": of one call, …what the step found}."""
    prepare, call = STEPS[step]
    started = time.perf_counter()
    ready = prepare()
    loaded = time.perf_counter()
    found = call(ready)
    return {"loading": loaded - started, "seconds": time.perf_counter() - loaded, **found}


def sample() -> Path:
    """The rendered photo that is tried: a car with panels behind it."""
    folder = CODE / "samples" / "evaluation"
    return next(iter(sorted((folder / "retoucher").glob("*.jpg"))), next(iter(sorted(folder.rglob("*.jpg")))))


def _keras() -> Any:
    from classifier.triage import Triage

    return Triage.load("default")


def _judge(triage: Any) -> dict[str, Any]:
    path = sample()
    ((_, verdict),) = list(triage.judge([path], names=[path.name]))
    if not hasattr(verdict, "label"):
        raise verdict
    return {"label": verdict.label, "photo": path.name}


def _reader() -> Any:
    return importlib.import_module("scene.text").find_text, read_picture(sample(), max_side=SIDE).pixels


def _read(ready: Any) -> dict[str, Any]:
    find, pixels = ready
    return {"count": len(find(pixels))}


def _torch() -> Any:
    # By name: only the engines' rooms import a framework, this asks whether it loads at all.
    return importlib.import_module("torch")


def _multiply(torch: Any) -> dict[str, Any]:
    product = torch.ones(256, 256) @ torch.ones(256, 256)
    if float(product[0, 0]) != 256.0:
        raise ArithmeticError(f"torch: 256 ones add up to {float(product[0, 0])}")
    mps = getattr(torch.backends, "mps", None)
    card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    return {"cuda": card, "mps": bool(mps and mps.is_available())}


def _diffusers() -> Any:
    return importlib.import_module("diffusers").StableDiffusionInpaintPipeline, importlib.import_module(
        "transformers"
    ).CLIPSegForImageSegmentation


def _classes(classes: Any) -> dict[str, Any]:
    return {"diffusers": importlib.metadata.version("diffusers"), "classes": len(classes)}


def _filler() -> Any:
    pixels = read_picture(sample(), max_side=SIDE).pixels
    height, width = pixels.shape[:2]
    mask = np.zeros((height, width), dtype=np.bool_)
    mask[2 * height // 5 : height // 2, width // 5 : width // 3] = True
    return importlib.import_module("editing.remove").remove, pixels, mask


def _fill(ready: Any) -> dict[str, Any]:
    remove, pixels, mask = ready
    made = remove(pixels, mask)
    if made.changed_outside:
        raise ArithmeticError(f"{made.changed_outside} px outside the mask")
    return {"pixels": int(made.changed_inside)}


def _stylist() -> Any:
    style = next(iter(sorted((CODE / "samples" / "styles").glob("*.jpg"))))
    transfer = importlib.import_module("styling.palette").transfer
    return transfer, read_picture(sample(), max_side=SIDE).pixels, read_picture(style, max_side=512).pixels


def _stylise(ready: Any) -> dict[str, Any]:
    transfer, pixels, style = ready
    return {"pixels": int(transfer(pixels, style).pixels.shape[0] * pixels.shape[1])}


def _binder() -> Any:
    return importlib.import_module("book.pdf").bind, importlib.import_module("book.album")


def _bind(ready: Any) -> dict[str, Any]:
    bind, album = ready
    plate = album.Plate(sample(), "Paddock", "Paddock", (("0" * 16, sample().name),), ())
    order = album.Album(
        title="Paddock", subtitle="", plates=(plate,), language="fr", ledger_head="0" * 64, made_on="2026-01-01"
    )
    with tempfile.TemporaryDirectory(prefix="paddock-check-") as folder:
        made = bind(order, Path(folder) / "essai.pdf")
        return {"engine": made.engine, "pages": made.pages}


STEPS: dict[str, tuple[Callable[[], Any], Callable[[Any], dict[str, Any]]]] = {
    "triage": (_keras, _judge),
    "text": (_reader, _read),
    "torch": (_torch, _multiply),
    "diffusers": (_diffusers, _classes),
    "fill": (_filler, _fill),
    "palette": (_stylist, _stylise),
    "book": (_binder, _bind),
}
"""By name: what loads, and the one small call that is timed apart."""
