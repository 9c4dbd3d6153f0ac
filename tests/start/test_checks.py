"""What is said when something is missing, and that it is said by any Python and before anything is installed."""

from __future__ import annotations

import ast
import importlib.util
import io
import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from app.start import checks, install
from app.start.failures import explain
from app.start.language import system_language
from app.start.obstacle import Obstacle
from app.start.setup import install as install_in
from app.start.voice import Voice, size
from app.texts import table
from tests.start.tiny import project, voice

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "app" / "start"
Usage = namedtuple("Usage", "total used free")


def test_the_first_file_is_understood_by_an_old_python() -> None:
    source = (START / "install.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    assert not re.search(r"from __future__|:=|\bmatch\b|-> [^:]*\[", source)


@pytest.mark.parametrize("name", ["python3.6", "python3.7", "python3.8", "python3.9", "python3.10"])
def test_an_old_python_that_is_here_answers_in_words(name: str) -> None:
    program = shutil.which(name)
    if program is None or subprocess.run([program, "-c", ""], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"{name} is not on this machine")
    done = subprocess.run([program, str(START / "install.py")], env={"LANG": "en_US"}, capture_output=True, check=False)
    assert done.returncode == install.EXIT_PYTHON
    words = done.stderr.decode("utf-8")
    assert words.startswith("Python 3.11, 3.12 or 3.13 is missing")
    assert f"Python found: {name.removeprefix('python')}." in words


def test_only_pythons_with_builds_of_everything_fit() -> None:
    versions = [(2, 7), (3, 10), (3, 11), (3, 12), (3, 13), (3, 14), (4, 0)]
    assert [version for version in versions if install.fits(version)] == [(3, 11), (3, 12), (3, 13)]


def test_the_refusal_names_the_python_that_was_found() -> None:
    words = install.refusal((3, 14, 1), "fr")
    assert words.startswith("Il manque Python 3.11, 3.12 ou 3.13")
    assert "Python trouvé : 3.14.1" in words


def test_what_runs_before_the_installation_needs_the_standard_library_alone() -> None:
    names = [f"app.start.{path.stem}" for path in START.glob("*.py") if path.stem != "__init__"]
    assert len(names) > 10
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        + "\n".join(f"import {name}" for name in names)
        + "\nown = {'app', 'core'}\n"
        + "known = sys.stdlib_module_names | own | {'__main__'}\n"
        + "print(sorted({m.split('.')[0] for m in sys.modules} - known))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_too_little_room_is_said_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path / "projet")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**11, 10**11, 3_400_000_000))
    speaking, _ = voice(root)
    with pytest.raises(Obstacle) as refused:
        install_in(root, speaking, wheels=root.parent / "wheels")
    words = f"Il reste 3,4 Go sur le disque de « {root} » ; l'installation en demande 5,0 Go."
    assert refused.value.message("fr").startswith(words)
    assert not (root / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path / "projet")

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checks.tempfile, "mkstemp", refuse)
    with pytest.raises(Obstacle) as refused:
        checks.check_folder(root)
    assert refused.value.key == "not_writable"
    assert str(root) in refused.value.message("fr")


def test_a_folder_opened_inside_a_zip_is_told_to_be_taken_out(tmp_path: Path) -> None:
    root = project(tmp_path / "projet")
    (root / "constraints.txt").unlink()
    with pytest.raises(Obstacle, match="take it out entirely") as refused:
        checks.check_folder(root)
    assert "« constraints.txt »" in refused.value.message("fr")


def test_paths_that_an_environment_cannot_have_are_refused(tmp_path: Path) -> None:
    root = project(tmp_path / "a:b")
    with pytest.raises(Obstacle) as refused:
        checks.check_folder(root, windows=False)
    assert refused.value.key == "path_sign"
    long = project(tmp_path / ("x" * 60) / ("y" * 60))
    checks.check_folder(long, windows=False)
    with pytest.raises(Obstacle) as refused:
        checks.check_folder(long, windows=True)
    assert f"{len(str(long))} signes, 59 au plus" in refused.value.message("fr")


def test_a_python_without_venv_or_of_32_bits_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    checks.check_python()
    with pytest.raises(Obstacle, match="64-bit"):
        checks.check_python(bits=32)
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else real(name))
    with pytest.raises(Obstacle) as refused:
        checks.check_python()
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"sudo apt install python{version}-venv" in refused.value.message("fr")


OUTPUTS = {
    "network": (
        "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by 'NewConnectionError('<pip._vendor."
        "urllib3.connection.HTTPSConnection object>: Failed to establish a new connection: [Errno -3] Temporary "
        "failure in name resolution')': /simple/gradio/\n"
        "ERROR: Could not find a version that satisfies the requirement gradio==6.31.0 (from versions: none)\n"
        "ERROR: No matching distribution found for gradio==6.31.0\n"
    ),
    "proxy": "Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('407 Proxy Auth'))'",
    "certificate": "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate'))",
    "disk_full": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "path_long": "OSError: [WinError 206] The filename or extension is too long: 'C:\\\\Users'",
    "file_in_use": "PermissionError: [WinError 32] The process cannot access the file because it is being used by",
    "permission": "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/opt/x'",
    "damaged": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "no_build": "ERROR: No matching distribution found for tensorflow==2.21.0",
}


@pytest.mark.parametrize("key", OUTPUTS)
def test_what_pip_printed_is_explained(key: str) -> None:
    assert explain(OUTPUTS[key], kit=False, code=1)[0] == key


def test_the_rest_is_explained_too() -> None:
    missing = "ERROR: No matching distribution found for torch==2.13.0\n"
    assert explain(missing, kit=True, code=1) == ("kit_lacks", {"package": "torch==2.13.0"})
    assert explain("Installing collected packages: torch", kit=True, code=-9) == ("memory", {})
    assert explain("one\nERROR: something new\n", kit=False, code=1) == ("other", {"why": "ERROR: something new"})
    assert explain("", kit=False, code=7) == ("other", {"why": "7"})


def test_every_obstacle_has_its_text_in_both_languages() -> None:
    source = "\n".join(path.read_text("utf-8") for path in START.glob("*.py"))
    keys = set(re.findall(r'Obstacle\("([\w.]+)"', source))
    failures = re.findall(r'^    \("(\w+)", r"', source, re.MULTILINE)
    keys |= {f"failed.{key}" for key in {*failures, "network", "kit_lacks", "no_build", "memory", "other"}}
    assert {"disk", "busy", "kit.inside", "failed.proxy", "failed.disk_full"} <= keys
    for language in ("fr", "en"):
        assert sorted(key for key in keys if f"start.{key}" not in table(language)) == []


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "fr"), ({"LANG": "C.UTF-8"}, "fr"), ({"LANG": "de_DE.UTF-8"}, "fr"), ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"), ({"LANG": "fr_FR", "PADDOCK_LANG": "en"}, "en"),
    ],
)  # fmt: skip
def test_it_speaks_english_to_an_english_system_and_french_to_all_others(
    variables: dict[str, str], language: str
) -> None:
    assert system_language(variables, "linux") == language


def test_progress_moves_on_one_line_of_a_terminal_and_is_ten_lines_elsewhere(tmp_path: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    plain, terminal = io.StringIO(), Terminal()
    for out in (plain, terminal):
        speaking = Voice("fr", tmp_path, out)
        for count in range(1, 101):
            speaking.progress("Paquets", count, 100, " · 12 Mo")
        speaking.plain("fin")
        speaking.close()
    assert plain.getvalue().count("\n") == 11
    assert "  [########################] Paquets 100/100 · 12 Mo\n" in plain.getvalue()
    assert terminal.getvalue().count("\n") == 2
    assert terminal.getvalue().count("\r") == 100


def test_a_console_of_an_old_code_page_gets_marks_and_not_an_error(tmp_path: Path) -> None:
    raw = io.BytesIO()
    speaking = Voice("fr", tmp_path, io.TextIOWrapper(raw, encoding="ascii"))
    speaking.plain("prêt")
    speaking.close()
    assert raw.getvalue() == b"pr?t\n"


def test_where_the_folder_cannot_be_written_the_log_goes_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    speaking = Voice("fr", tmp_path, io.StringIO())
    speaking.plain("bonjour")
    speaking.close()
    assert tmp_path not in speaking.log.parents
    assert speaking.log.read_text("utf-8").endswith("bonjour\n")


def test_sizes_are_written_as_each_language_does() -> None:
    assert [size(count, "fr") for count in (4, 1500, 2.6e6, 1.2e9)] == ["4 o", "2 ko", "3 Mo", "1,2 Go"]
    assert size(1.2e9, "en") == "1.2 GB"
