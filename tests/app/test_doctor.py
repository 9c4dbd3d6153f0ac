"""``paddock doctor``: readable, quick without frameworks, and its exit code tells a script what is the matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from studio.estimates import KINDS

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "transformers", "diffusers", "gradio", "cv2", "weasyprint", "rapidocr")


def doctor(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    search = f"{path}{os.pathsep}{ROOT}" if path else str(ROOT)
    environment = {**os.environ, "PYTHONPATH": search, "COLUMNS": "140", "PADDOCK_CONFIG": ""}
    return subprocess.run(
        [sys.executable, "-m", "app", "doctor", *arguments], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


def facts(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {fact["id"]: fact for fact in told["facts"]}


def test_the_doctor_speaks_json_and_says_ready_where_everything_needed_is_there(tmp_path: Path) -> None:
    done = doctor("--json", "--workspace", str(tmp_path / "neuf"), "--models-dir", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["ready"] is True
    assert told["deep"] is None
    assert set(told) == {"ready", "facts", "estimates", "reference", "deep"}
    assert facts(told)["cores"]["logical"] == os.cpu_count()
    assert all(
        {"id", "group", "state", "variant", "title", "text", "state_word", "sign"} <= set(f) for f in told["facts"]
    )
    assert [item["kind"] for item in told["estimates"]] == list(KINDS)
    assert told["reference"]["units_per_second_here"] > 0
    assert not (tmp_path / "neuf").exists()


def test_the_doctor_is_readable_in_french_and_in_english(tmp_path: Path) -> None:
    french = doctor("--workspace", str(tmp_path), "--lang", "fr").stdout
    assert "Disque des photos" in french
    assert "✓ bon" in french
    assert "Trier 1 000 photos de 24 Mpx" in french
    assert "Tout ce qu'il faut est là" in french
    english = doctor("--workspace", str(tmp_path), "--lang", "en").stdout
    assert "✓ good" in english
    assert "Everything needed is there" in english


def test_an_overwritten_opencv_ends_the_doctor_with_code_1_and_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "cv2").mkdir()
    (tmp_path / "cv2" / "__init__.py").write_text("__version__ = '5.0.0'\nclass xphoto: pass\n")
    done = doctor("--workspace", str(tmp_path), "--lang", "fr", path=tmp_path)
    assert done.returncode == 1
    assert "✕ manque" in done.stdout
    assert "force-reinstall" in done.stdout
    assert "Il manque quelque chose de nécessaire" in done.stdout


def test_an_unplugged_models_key_ends_the_doctor_with_code_1(tmp_path: Path) -> None:
    done = doctor("--json", "--workspace", str(tmp_path), "--models-dir", str(tmp_path / "cle"))
    assert done.returncode == 1
    fact = facts(json.loads(done.stdout))["models"]
    assert (fact["state"], fact["variant"]) == ("missing", "unreachable")


def test_the_doctor_loads_no_framework_unless_it_is_asked_to_go_deep(tmp_path: Path) -> None:
    code = (
        f"import sys, runpy; sys.argv = ['paddock', 'doctor', '--json', '--workspace', {str(tmp_path)!r}]\n"
        "try: runpy.run_module('app', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [name for name in {FRAMEWORKS!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_going_deep_tries_every_embedded_engine_and_times_it(tmp_path: Path) -> None:
    done = doctor("--json", "--deep", "--workspace", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    steps = {step["step"]: step for step in json.loads(done.stdout)["deep"]}
    assert set(steps) == {"triage", "text", "fill", "palette", "book", "torch", "diffusers"}
    assert all(step["works"] and step["seconds"] >= 0 for step in steps.values())
    assert steps["triage"]["label"] in ("ok", "retoucher", "exclure")
    assert steps["triage"]["loading"] > 0.2, "Keras was really loaded"
    assert steps["fill"]["pixels"] > 1000
    assert steps["book"]["pages"] >= 1
