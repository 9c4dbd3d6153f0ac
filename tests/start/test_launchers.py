"""The files that are double-clicked: they parse, find a Python that fits, and hand over to install.py."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "dirname", "basename", "readlink", "cat", "uname")
FITS = '#!/bin/sh\ncase "$*" in *version_info*) exit 0 ;; esac\necho "called: $*"\n'
WITHOUT_VENV = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; *version_info*) exit 0 ;; esac\necho "bare: $*"\n'
TOO_OLD = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A Paddock folder with the launchers and what they touch."""
    folder = tmp_path / "Paddock du circuit"
    shutil.copytree(ROOT / "app" / "start", folder / "app" / "start", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("paddock.sh", "Paddock.command"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def _started(
    launcher: Path, *arguments: str, language: str = "fr_FR.UTF-8", **pythons: str
) -> subprocess.CompletedProcess[str]:
    """Run a launcher from elsewhere, with a PATH that holds the shell's tools and these Pythons only."""
    place = launcher.parent.parent / "bin"
    place.mkdir(exist_ok=True)
    for tool in TOOLS:
        real = shutil.which(tool)
        assert real is not None
        (place / tool).symlink_to(real)
    for name, script in pythons.items():
        path = place / name.replace("_", ".")
        path.write_text(script)
        path.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(launcher), *arguments], cwd="/", env={"PATH": str(place), "LANG": language},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["paddock.sh", "Paddock.command"])
def test_a_launcher_is_a_valid_shell_script_that_may_be_run(name: str) -> None:
    parsed = subprocess.run(["sh", "-n", str(ROOT / name)], capture_output=True, text=True, check=False)
    assert (parsed.returncode, parsed.stderr) == (0, "")
    assert os.access(ROOT / name, os.X_OK)
    assert b"\r" not in (ROOT / name).read_bytes()


@pytest.mark.parametrize("name", ["paddock.sh", "Paddock.command"])
def test_a_launcher_calls_the_installation_with_the_python_it_found(folder: Path, name: str) -> None:
    done = _started(folder / name, "--here", "--", "--port", "8000", python3_12=FITS)
    assert done.stdout == "called: ./app/start/install.py --open --here -- --port 8000\n", done.stderr
    assert done.returncode == 0


def test_a_python_that_can_make_environments_is_preferred(folder: Path) -> None:
    assert _started(folder / "paddock.sh", python3_11=WITHOUT_VENV, python3_13=FITS).stdout.startswith("called:")


def test_one_that_cannot_is_still_used_so_that_the_installation_says_what_it_lacks(folder: Path) -> None:
    assert _started(folder / "paddock.sh", python3=WITHOUT_VENV).stdout.startswith("bare:")


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr_FR.UTF-8", "Il manque Python 3.11"), ("en_GB.UTF-8", "Python 3.11, 3.12 or 3.13 is missing")],
)
def test_without_a_fitting_python_it_says_what_to_do(folder: Path, language: str, words: str) -> None:
    done = _started(folder / "paddock.sh", language=language, python3=TOO_OLD)
    assert done.stdout.startswith(words)
    assert "https://www.python.org/downloads/" in done.stdout
    assert done.returncode == 3


def test_on_an_installation_key_the_project_lies_below_the_launcher(folder: Path) -> None:
    key = folder.parent / "cle"
    key.mkdir()
    shutil.copy(folder / "paddock.sh", key)
    folder.rename(key / "paddock")
    assert _started(key / "paddock.sh", python3=FITS).stdout == "called: paddock/app/start/install.py --open\n"


def test_a_link_on_the_desktop_starts_the_real_folder(folder: Path) -> None:
    link = folder.parent / "bureau" / "Paddock"
    link.parent.mkdir()
    link.symlink_to("../Paddock du circuit/paddock.sh")
    assert _started(link, python3=FITS).stdout == "called: ./app/start/install.py --open\n"


def test_a_folder_that_is_not_whole_is_said_in_both_languages(folder: Path) -> None:
    shutil.rmtree(folder / "app")
    done = _started(folder / "paddock.sh", python3=FITS)
    assert "Sortez d'abord tout le dossier de l'archive" in done.stdout
    assert "Take the whole folder out of the archive first" in done.stdout
    assert done.returncode == 1


def test_the_installation_s_error_is_the_launcher_s(folder: Path) -> None:
    failing = '#!/bin/sh\ncase "$*" in *version_info*) exit 0 ;; esac\nexit 2\n'
    assert _started(folder / "paddock.sh", python3=failing).returncode == 2


# Windows can't be run here: what can be read off the file


def test_the_batch_file_has_windows_line_ends_and_only_ascii() -> None:
    data = (ROOT / "Paddock.bat").read_bytes()
    lines = data.split(b"\n")
    assert lines.pop() == b""
    assert [line for line in lines if not line.endswith(b"\r") or line.count(b"\r") != 1] == []
    assert max(data) < 128
    # The checkout must keep them: the texts with accents are in files, shown under code page 65001.
    assert "*.bat text eol=crlf" in (ROOT / ".gitattributes").read_text()
    assert b"chcp 65001" in data


def test_the_batch_file_jumps_only_to_labels_that_it_has() -> None:
    text = (ROOT / "Paddock.bat").read_text("ascii")
    labels = set(re.findall(r"^:(\w+)", text, re.MULTILINE))
    jumps = set(re.findall(r"goto (\w+)", text))
    assert jumps == labels == {"incomplete", "nopython", "stop"}
    assert text.index("pause") > text.index(":stop"), "every error ends at a window that stays open"


def test_the_batch_file_calls_the_installation_and_names_files_that_are_there() -> None:
    text = (ROOT / "Paddock.bat").read_text("ascii")
    assert r'%FOUND% "%PROJECT%\app\start\install.py" --open %*' in text
    assert (ROOT / "app" / "start" / "install.py").is_file()
    assert r"words\python.%LANGUAGE%.txt" in text
    assert {path.name for path in (ROOT / "app/start/words").glob("python.*.txt")} == {"python.fr.txt", "python.en.txt"}
