"""The command line: quick help, clear refusals, every command in the README and every README command real."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

import app.cli as cli

ROOT = Path(__file__).resolve().parents[2]
FRAMEWORKS = ("torch", "tensorflow", "keras", "transformers", "diffusers", "gradio", "cv2", "numpy", "PIL", "sklearn")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": "/tmp"},
    )  # fmt: skip


def test_the_help_imports_no_framework() -> None:
    code = (
        "import sys, runpy; sys.argv = ['paddock', '--help']\n"
        "try: runpy.run_module('app', run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"loaded = [name for name in {FRAMEWORKS!r} if name in sys.modules]\n"
        "print('LOADED', loaded)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stdout, done.stdout
    for command in ("open", "import", "classifier", "weights", "audit", "demo"):
        assert command in done.stdout


def test_a_photo_imported_twice_is_told_and_the_audit_holds_then_names_an_altered_file(tmp_path: Path) -> None:
    folder, workspace = tmp_path / "photos", tmp_path / "desk"
    folder.mkdir()
    Image.new("RGB", (40, 30), (200, 30, 30)).save(folder / "rouge.jpg")
    (folder / "faux.jpg").write_text("<html></html>")
    first = run("import", str(folder), "--workspace", str(workspace), "--lang", "fr")
    assert first.returncode == 0, first.stderr
    assert "1 photo(s) importée(s), 0 déjà présente(s), 1 refusée(s)" in first.stdout
    assert "faux.jpg" in first.stderr
    again = run("import", str(folder), "--workspace", str(workspace), "--lang", "en")
    assert "0 photo(s) imported, 1 already there, 1 refused" in again.stdout
    holds = run("audit", "verify", "--workspace", str(workspace))
    assert holds.returncode == 0
    (stored,) = (path for path in (workspace / "store").glob("??/*"))
    stored.chmod(0o644)
    stored.write_bytes(stored.read_bytes()[:-1] + b"\0")
    broken = run("audit", "verify", "--workspace", str(workspace), "--lang", "fr")
    assert broken.returncode == 1
    assert "rouge.jpg" in broken.stdout
    assert "a été modifié" in broken.stdout


def test_an_absent_workspace_and_a_bad_setting_are_refused_with_words_in_both_languages(tmp_path: Path) -> None:
    for language, words in (("fr", "pas d'espace de travail"), ("en", "no workspace here")):
        done = run("audit", "verify", "--workspace", str(tmp_path / "none"), "--lang", language)
        assert done.returncode == 2
        assert words in done.stderr
    bad = run("open", "--workspace", str(tmp_path), "--lang", "de")
    assert bad.returncode == 2
    assert "fr | en" in bad.stderr


def _readme_commands() -> list[list[str]]:
    text = (ROOT / "README.md").read_text("utf-8")
    return [line.split()[1:] for line in re.findall(r"^paddock .*$", text, re.MULTILINE)]


@pytest.mark.parametrize("words", _readme_commands(), ids=" ".join)
def test_every_command_of_the_readme_exists_with_its_options(words: list[str]) -> None:
    names = [word for word in words if not word.startswith("-") and word.islower() and not word.endswith((".csv",))]
    path = names[:2] if names[0] in ("classifier", "weights", "audit", "workspace") else names[:1]
    done = CliRunner().invoke(cli.app, [*path, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    plain = re.sub(r"\x1b\[[0-9;]*m", "", done.output)
    for option in (word for word in words if word.startswith("--") and word != "--help"):
        assert option in plain, option


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for command in cli.app.registered_commands:
        assert f"paddock {command.name}" in readme
    for group in cli.app.registered_groups:
        for command in group.typer_instance.registered_commands:  # type: ignore[union-attr]
            name = command.name or command.callback.__name__  # type: ignore[union-attr]
            assert f"paddock {group.name} {name}" in readme, name
