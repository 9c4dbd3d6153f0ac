"""How long each thing that the desk offers takes on this machine, as its estimates elsewhere need it.

Photos are the rendered samples enlarged to 24 megapixels with a camera's grain; every use case runs as
the page runs it (workers, ledger, store), once to load what it needs and then again for the figure.
CLIPSeg and Stable Diffusion 2 are made here with random weights in their published sizes (4 GB below the
temporary folder): how long they take does not depend on what they have learnt.

    python -m benchmarks.steps [--only KIND …]      results/steps.json and studio/machine/reference.json
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.full_models import clipseg_folder, inpainting_folder
from benchmarks.machine import keep, machine
from core.images import read_mask, read_picture, write_mask
from core.settings import Settings
from studio.binding import Plate, bind_book
from studio.correcting import remove
from studio.desk import CODE, Desk
from studio.engines import WorkerEngines
from studio.exporting import export_audit
from studio.importing import import_photos
from studio.judging import judge
from studio.machine.children import SPEED, ask
from studio.selecting import keep_mask, select_words
from studio.stylizing import add_styles, apply_styles, built_in_styles, list_styles, preview_style
from studio.workspace import Workspace

REFERENCE = CODE / "studio" / "machine" / "reference.json"
COMMAND = "python -m benchmarks.steps"
SMALL, LARGE = (1280, 853), (6000, 4000)
PHOTOS = 40
PANEL = (0.12, 0.1)
"""Width and height of what is selected, as shares of the photo: a panel by the track."""


def photos(folder: Path, size: tuple[int, int], count: int, seed: int = 0) -> list[Path]:
    """JPEGs of a size, each with its own grain, so that no two are the same file."""
    sources = sorted((CODE / "samples" / "evaluation").rglob("*.jpg"))
    generator, made = np.random.default_rng(seed), []
    tile = generator.normal(0, 4, (1000, 1000, 1)).astype(np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as image:
            pixels = np.asarray(image.convert("RGB").resize(size, Image.Resampling.BICUBIC), np.float32)
        grain = np.tile(np.roll(tile, number * 37, (0, 1)), (size[1] // 1000 + 1, size[0] // 1000 + 1, 1))
        noisy = np.clip(pixels + grain[: size[1], : size[0]], 0, 255).astype(np.uint8)
        path = folder / f"photo-{size[0]}-{number:03d}.jpg"
        Image.fromarray(noisy).save(path, quality=92)
        made.append(path)
    return made


def timed(work: Callable[[], Any], runs: int = 3) -> tuple[float, float]:
    """(seconds of the first run, which loads what is needed; median seconds of the next ones)."""
    spent = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return spent[0], statistics.median(spent[1:])


def mask_bytes(folder: Path, size: tuple[int, int]) -> bytes:
    """A panel-sized rectangle, left of the middle, as the page's canvas sends it."""
    mask = np.zeros((size[1], size[0]), np.bool_)
    left, top = round(0.2 * size[0]), round(0.4 * size[1])
    mask[top : top + round(PANEL[1] * size[1]), left : left + round(PANEL[0] * size[0])] = True
    return write_mask(folder / f"mask-{size[0]}.png", mask).read_bytes()


class Bench:
    """A desk in a temporary folder with its photos."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.workspace = Workspace.open(folder / "desk")
        self.workspace.clean()
        settings = Settings(workspace=folder / "desk", models=folder / "models")
        self.desk = Desk(self.workspace, WorkerEngines(), settings, "bench")
        files = photos(folder / "large", LARGE, PHOTOS)
        started = time.perf_counter()
        self.large = import_photos(self.desk, files).added
        self.import_seconds = (time.perf_counter() - started) / PHOTOS
        (self.small,) = import_photos(self.desk, photos(folder / "small", SMALL, 1)).added
        add_styles(self.desk, built_in_styles())
        self.styles = [style.sha for style in list_styles(self.desk)]

    def triage(self) -> dict[str, float]:
        started = time.perf_counter()
        self.desk.engines.call("keras", "studio.tasks.triage:judge", [], [], model="default", models_dir=None)
        loading = time.perf_counter() - started
        started = time.perf_counter()
        done = judge(self.desk)
        return {"seconds": 1000 * (time.perf_counter() - started) / done, "loading": loading}

    def words(self, backend: Any) -> dict[str, float]:
        first, again = timed(
            lambda: select_words(self.desk, self.large[0], self.large[0], "la voiture", backend=backend)
        )
        return {"seconds": again, "loading": max(0.0, first - again)}

    def erase(self, photo: str, size: tuple[int, int]) -> dict[str, float]:
        mask = keep_mask(self.desk, photo, photo, mask_bytes(self.folder, size))
        seeds = iter(range(10))
        first, again = timed(lambda: remove(self.desk, photo, photo, mask, seed=next(seeds)), runs=2)
        return {"seconds": again, "loading": max(0.0, first - again)}

    def wish(self, steps: int = 2) -> dict[str, float]:
        """Two runs of few steps tell what a step costs and what the rest does; 30 steps are computed from them."""
        from studio.correcting import replace

        photo = self.large[0]
        mask = keep_mask(self.desk, photo, photo, mask_bytes(self.folder, LARGE))

        def run(count: int, seed: int) -> float:
            started = time.perf_counter()
            replace(self.desk, photo, photo, mask, prompt="a green hedge", steps=count, seed=seed)
            return time.perf_counter() - started

        first, few, more = run(steps, 0), run(steps, 1), run(3 * steps, 2)
        step = (more - few) / (2 * steps)
        return {"seconds": few + (30 - steps) * step, "loading": first - few, "one_step": step}

    def wish_in_float32(self, steps: int = 2) -> dict[str, float]:
        """The same on a processor that does not compute in bfloat16; in this process, past the task's own choice."""
        from editing.inpaint import Inpainter

        model = self.folder / "models" / "sd2-inpainting"
        if not model.is_dir():
            inpainting_folder(model)
        mask_bytes(self.folder, LARGE)
        started = time.perf_counter()
        inpainter = Inpainter.load(model, dtype="float32")
        loading = time.perf_counter() - started
        pixels = read_picture(self.workspace.store.open(self.large[0])).pixels
        mask = read_mask(self.folder / f"mask-{LARGE[0]}.png")

        def run(count: int) -> float:
            started = time.perf_counter()
            inpainter.replace(pixels, mask, "a green hedge", steps=count)
            return time.perf_counter() - started

        run(1)
        few, more = run(steps), run(2 * steps)
        step = (more - few) / steps
        return {"seconds": few + (30 - steps) * step, "loading": loading, "one_step": step}

    def style_preview(self) -> dict[str, float]:
        strengths = iter((1.0, 0.9, 0.8, 0.7))
        first, again = timed(
            lambda: preview_style(self.desk, self.large[1], self.large[1], self.styles[0], strength=next(strengths))
        )
        return {"seconds": again, "loading": max(0.0, first - again)}

    def style_full(self) -> dict[str, float]:
        strengths = iter((1.0, 0.9, 0.8))
        first, again = timed(
            lambda: apply_styles(self.desk, self.large[1], self.large[1], self.styles[:1], strength=next(strengths)),
            runs=2,
        )
        return {"seconds": again, "loading": max(0.0, first - again)}

    def book(self) -> dict[str, float]:
        plates = [Plate(sha) for sha in self.large]
        first, again = timed(lambda: bind_book(self.desk, plates, title="Bench"), runs=1)
        return {"seconds": again, "loading": max(0.0, first - again)}

    def export(self) -> dict[str, float]:
        folders = iter(range(10))
        first, again = timed(lambda: export_audit(self.desk, self.folder / f"export-{next(folders)}"), runs=2)
        size = sum(path.stat().st_size for path in (self.folder / "export-0").rglob("*") if path.is_file())
        return {"seconds": again * 1e9 / size, "loading": 0.0, "bytes": size, "whole": again, "first": first}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", help="kinds to measure again; the others are kept as they are")
    only = parser.parse_args().only
    folder = Path(tempfile.mkdtemp(prefix="paddock-bench-"))
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    before = json.loads(REFERENCE.read_text("utf-8")) if only else {}
    figures: dict[str, dict[str, float]] = before.get("figures", {})
    notes: dict[str, str] = before.get("notes", {})
    try:
        yardstick = [float(ask(SPEED, one_thread=True).value) for _ in range(5)]
        bench = Bench(folder)
        kinds: dict[str, Callable[[], dict[str, float]]] = {
            "import_1000": lambda: {"seconds": 1000 * bench.import_seconds, "loading": 0.0},
            "triage_1000": bench.triage,
            "words_embedded": lambda: bench.words("embedded"),
            "words_full": lambda: (clipseg_folder(folder / "models" / "clipseg"), bench.words("full"))[1],
            "remove_small": lambda: bench.erase(bench.small, SMALL),
            "remove_24mp": lambda: bench.erase(bench.large[0], LARGE),
            "style_preview": bench.style_preview,
            "style_24mp": bench.style_full,
            "book_40": bench.book,
            "export_gb": bench.export,
            "replace_30": lambda: (inpainting_folder(folder / "models" / "sd2-inpainting"), bench.wish())[1],
            "replace_30_float32": bench.wish_in_float32,
        }
        for kind, measure in kinds.items():
            if only and kind not in only:
                continue
            figures[kind] = {name: round(value, 3) for name, value in measure().items()}
            notes.pop(kind, None)
            print(kind, figures[kind], flush=True)
        bench.desk.engines.close()
        bench.workspace.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    told = {"units_per_second": statistics.median(yardstick), "command": COMMAND, "date": str(date.today())}
    kept = {**told, "figures": figures, "notes": notes}
    keep("steps", kept)
    REFERENCE.write_text(json.dumps({"machine": machine(), **kept}, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
