"""The notebooks run, cell by cell, on a small folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_notebook_evaluates_a_folder_and_trains_a_head_that_learns_it(tmp_path: Path) -> None:
    data = tmp_path / "photos"
    for label, colour in (("ok", (200, 30, 30)), ("retoucher", (30, 200, 30)), ("exclure", (30, 30, 200))):
        (data / label).mkdir(parents=True)
        for number in range(6):
            noise = np.random.default_rng(number).integers(-25, 25, (64, 96, 3))
            Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(data / label / f"{number}.png")
    notebook = json.loads((ROOT / "notebooks" / "train_a_head.ipynb").read_text("utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "DATA =" in cells[0]
    cells[0] = f"REPOSITORY = ''\nDATA = {str(data)!r}\nOUT = {str(tmp_path / 'mine.safetensors')!r}"
    script = "\n".join(cells) + "\nassert after.accuracy == 1.0 > before.accuracy, (before.accuracy, after.accuracy)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "100.0% on the photos it was trained on" in done.stdout
    assert (tmp_path / "mine.safetensors").is_file()
