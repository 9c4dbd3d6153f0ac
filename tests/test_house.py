"""The house keeps its own rules: light doors, no work on import, two languages, files that are short enough to read."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import string
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "audit", "book", "classifier", "core", "editing", "scene", "studio", "styling")
FRAMEWORKS = {
    "torch", "tensorflow", "keras", "transformers", "diffusers", "cv2", "sklearn", "onnxruntime", "rapidocr",
    "weasyprint",
}  # fmt: skip
LONGEST = 300


def _loaded_after(code: str, cwd: Path) -> set[str]:
    """Top-level modules in sys.modules after some imports in a fresh interpreter."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(m for m in sys.modules if '.' not in m)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(cwd)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return set(json.loads(done.stdout.splitlines()[-1]))


def _modules(*rooms: str) -> list[str]:
    """Dotted names of every module of these packages."""
    found = []
    for path in sorted(path for room in rooms for path in (ROOT / room).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "__main__" not in parts:
            found.append(".".join(part for part in parts if part != "__init__"))
    return found


def test_the_command_s_door_imports_no_framework_and_not_the_page(tmp_path: Path) -> None:
    loaded = _loaded_after("import app.cli", tmp_path)
    assert loaded & (FRAMEWORKS | {"gradio", "fastapi", "numpy", "PIL"}) == set()


def test_the_help_imports_no_framework(tmp_path: Path) -> None:
    code = "from typer.testing import CliRunner\nfrom app.cli import app\n"
    code += "assert CliRunner().invoke(app, ['--help']).exit_code == 0"
    assert _loaded_after(code, tmp_path) & (FRAMEWORKS | {"gradio", "fastapi", "numpy"}) == set()


def test_the_page_s_process_imports_no_framework(tmp_path: Path) -> None:
    studio = [name for name in _modules("studio") if not name.startswith("studio.tasks")]
    code = "\n".join(f"import {name}" for name in ["app.page.service", "app.page.calls", *studio])
    assert _loaded_after(code, tmp_path) & FRAMEWORKS == set()


def test_importing_any_room_makes_no_file_and_loads_no_framework(tmp_path: Path) -> None:
    rooms = [room for room in ROOMS if room != "app"]
    code = "\n".join(f"import {name}" for name in _modules(*rooms))
    assert _loaded_after(code, tmp_path) & (FRAMEWORKS) == set()
    assert list(tmp_path.iterdir()) == []


def test_no_python_file_is_too_long_to_be_read_in_one_sitting() -> None:
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for room in ROOMS for path in (ROOT / room).rglob("*.py")
    }  # fmt: skip
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_every_module_says_in_a_sentence_what_it_is() -> None:
    silent = []
    for name in _modules(*ROOMS):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        head = Path(spec.origin).read_text("utf-8").lstrip()
        if not head.startswith(('"""', 'r"""')):
            silent.append(name)
    assert silent == []


def _committed() -> list[Path]:
    """Text files under version control, and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_place_that_only_one_machine_has() -> None:
    private = b"/wo" + b"rk/"
    named = []
    for path in _committed():
        data = path.read_bytes()
        if b"\0" not in data[:4096] and private in data:
            named.append(path.relative_to(ROOT).as_posix())
    assert named == []


# Texts


def _table(path: Path) -> dict[str, str]:
    def flat(value: dict[str, object], prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for key, item in value.items():
            found |= flat(item, f"{prefix}{key}.") if isinstance(item, dict) else {f"{prefix}{key}": str(item)}
        return found

    return flat(tomllib.loads(path.read_text("utf-8")))


FRENCH, ENGLISH = (_table(ROOT / "app" / "texts" / f"{language}.toml") for language in ("fr", "en"))
PREFIXES = {key.split(".")[0] for key in FRENCH}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts() -> None:
    assert set(FRENCH) ^ set(ENGLISH) == set()
    # "backend." is what an act without an engine says: nothing, in both.
    empty = {key for key in FRENCH if not FRENCH[key].strip() or not ENGLISH[key].strip()}
    assert empty <= {"backend."}


def test_both_languages_fill_the_same_places() -> None:
    assert {key: (FRENCH[key], ENGLISH[key]) for key in FRENCH if _fields(FRENCH[key]) != _fields(ENGLISH[key])} == {}


def _sources() -> list[Path]:
    return [path for kind in ("*.js", "*.html", "*.py") for path in sorted((ROOT / "app").rglob(kind))]


def _asked() -> tuple[set[str], set[str]]:
    """(whole keys, beginnings of keys) that the page and the command line ask for."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for path in _sources():
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            whole |= set(re.findall(r'data-t(?:-[a-z-]+)?="([^"]+)"', text))
            continue
        call = r"\bt\(|\btext\(\w+(?:\.\w+)?, |\bsay\("
        whole |= set(re.findall(rf"(?:{call})f?[\"']([a-z_]+(?:\.[\w-]+)+)[\"']", text))
        for start, _ in re.findall(rf"(?:{call})f?[`\"']([a-z_.-]+\.)([`\"']\s*\+|\$?\{{)", text):
            beginnings.add(start)
        for one, other in re.findall(r"\?\s*[\"']([a-z_]+\.[\w.-]+)[\"']\s*:\s*[\"']([a-z_]+\.[\w.-]+)[\"']", text):
            whole |= {key for key in (one, other) if key.split(".")[0] in PREFIXES}
    return whole, beginnings


def test_every_text_that_the_page_asks_for_is_there() -> None:
    whole, beginnings = _asked()
    assert len(whole) > 100, "the search still finds the page's texts"
    known = set(FRENCH)
    assert sorted(whole - known) == []
    assert sorted(start for start in beginnings if not any(key.startswith(start) for key in known)) == []


def test_every_act_and_every_kind_of_file_has_a_name_in_both_languages() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "studio").glob("*.py"))
    from studio.projection import _FOLDS

    roles = set(re.findall(r'Item\([^()]*(?:\([^()]*\)[^()]*)*?, "([a-z-]+)"', source)) | {"corrected", "styled"}
    assert {"original", "mask", "style-image", "book"} <= roles
    asked = {f"action.{action}" for action in _FOLDS} | {f"role.{role}" for role in roles}
    assert sorted(asked - set(FRENCH)) == []
    labels = {f"verdict.{label}" for label in ("ok", "retoucher", "exclure")}
    assert labels <= set(FRENCH)
