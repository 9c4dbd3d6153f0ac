"""``python -m app.start.kit OUT [--models DIR]``: the USB folder that installs Paddock without a network.

OUT/wheels (every package for this system and this Python), OUT/paddock (the project, its samples included),
OUT/models when given, the launchers and LISEZMOI.txt on top, and kit.json with the size and sha256 of every file.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from app.start.failures import explain
from app.start.folder import MODELS, PROJECT, RECORD, WHEELS, differences, read_kit, sha256, this_python, this_system
from app.start.language import system_language
from app.start.obstacle import Obstacle
from app.start.setup import EXIT_OBSTACLE, ROOT
from app.start.voice import size
from app.texts import text
from core.errors import Language

LAUNCHERS = ("Paddock.bat", "Paddock.command", "paddock.sh")
README = Path(__file__).parent / "words" / "LISEZMOI.txt"
LEFT_OUT = {
    ".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache",
    ".hypothesis", "workspaces", "models", "build", "logs", "wheels",
}  # fmt: skip


def make_kit(root: Path, out: Path, models: Path | None, language: Language) -> Path:
    """Fill ``out``; what it holds already of an earlier kit is renewed. Raises Obstacle; the path of kit.json."""
    out = out.resolve()
    _check(root, out, models)
    out.mkdir(parents=True, exist_ok=True)
    (out / RECORD).unlink(missing_ok=True)  # until the end, this is no whole kit
    (out / ".paddock-kit").touch()
    _say(language, "start.kit.fetching", system=this_system(), python=this_python())
    gather_wheels(root, out / WHEELS)
    _say(language, "start.kit.copying")
    _clear(out / PROJECT)
    for name in project_files(root):
        _copy(root / name, out / PROJECT / name)
    if models:
        for path in sorted(path for path in models.rglob("*") if path.is_file()):
            _copy(path, out / MODELS / path.relative_to(models))
    for name in LAUNCHERS:
        _copy(root / name, out / name)
    _copy(README, out / README.name)
    return write_record(root, out)


def gather_wheels(root: Path, wheels: Path) -> None:
    """Every package as a wheel, those that come as source built here: installing needs no compiler. Raises Obstacle."""
    _clear(wheels)
    command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check", "--progress-bar", "off"]
    command += ["-w", str(wheels), "-r", "requirements.txt", "-c", "constraints.txt"]
    done = subprocess.run(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    if done.returncode != 0:
        key, details = explain(done.stdout, kit=False, code=done.returncode)
        raise Obstacle(f"failed.{key}", folder=wheels, **details)


def project_files(root: Path) -> list[str]:
    """The project's files, relative: those under version control, else all but what a running Paddock makes."""
    if (root / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True)
        names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
        return sorted(name for name in names if (root / name).is_file())
    return sorted(path.relative_to(root).as_posix() for path in _walk(root))


def write_record(root: Path, out: Path) -> Path:
    """kit.json over everything that lies in ``out``."""
    with (root / "pyproject.toml").open("rb") as stream:
        project = tomllib.load(stream)["project"]
    (out / ".paddock-kit").unlink(missing_ok=True)
    paths = sorted(path for path in out.rglob("*") if path.is_file() and path != out / RECORD)
    files = [
        {"path": path.relative_to(out).as_posix(), "bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in paths
    ]
    record = {
        "what": "Paddock : clé d'installation sans réseau · installation key, no network needed",
        "project": project["name"],
        "version": project["version"],
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": this_python(),
        "system": this_system(),
        "bytes": sum(path.stat().st_size for path in paths),
        "files": files,
    }
    (out / RECORD).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return out / RECORD


def check_kit(out: Path, language: Language) -> int:
    """Compare a kit with its kit.json, and say the result; 0 when it holds, 1 when not. Raises Obstacle."""
    kit = read_kit(out)
    wrong = differences(kit)
    if wrong:
        _say(language, "start.kit.differs", n=len(wrong), names=", ".join(wrong[:10]))
        return 1
    total = size(sum(entry.bytes for entry in kit.files), language)
    _say(language, "start.kit.holds", files=len(kit.files), size=total)
    return 0


def main(arguments: list[str]) -> int:
    """Exit code: 0, 1 for a kit that differs from its record, 2 with the reason in words."""
    parser = argparse.ArgumentParser(prog="python -m app.start.kit", description="Clé d'installation · USB kit")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--models", type=Path, help="modèles à joindre · models to include")
    parser.add_argument("--check", action="store_true", help="vérifier une clé · check a kit")
    asked = parser.parse_args(arguments)
    language = system_language()
    try:
        if asked.check:
            return check_kit(asked.out, language)
        record = json.loads(make_kit(ROOT, asked.out, asked.models, language).read_text("utf-8"))
    except Obstacle as obstacle:
        sys.stderr.write(f"{obstacle.message(language)}\n")
        return EXIT_OBSTACLE
    count = len(record["files"])
    _say(language, "start.kit.done", folder=asked.out, files=count, size=size(record["bytes"], language))
    return 0


def _check(root: Path, out: Path, models: Path | None) -> None:
    if out == root or root in out.parents:
        raise Obstacle("kit.inside", folder=out)
    known = (out / RECORD).is_file() or (out / ".paddock-kit").is_file()
    if out.exists() and any(out.iterdir()) and not known:
        raise Obstacle("kit.foreign", folder=out)
    if models and not models.is_dir():
        raise Obstacle("kit.no_models", folder=models)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT or path.name.endswith((".egg-info", ".pyc")):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if os.access(source, os.X_OK):
        target.chmod(0o755)


def _say(language: Language, key: str, **details: object) -> None:
    sys.stdout.write(f"{text(language, key, **details)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
