"""The folder ``.venv``: made, marked while it is being filled, and never taken for whole when it is half."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from app.start.obstacle import Obstacle

INPUTS = ("requirements.txt", "constraints.txt", "pyproject.toml")
STAMP = ".paddock-runtime"
STEP = ".paddock-step"
HALF = ("making", "installing")
"""Steps after which a stop leaves files that no later pip would repair. While "fetching", nothing is changed yet."""


def fingerprint(root: Path) -> str:
    """sha256 over the files that say what is to be installed."""
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Environment:
    """The virtual environment of one Paddock folder."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def stamp(self) -> Path:
        return self.folder / STAMP

    def packages(self) -> int:
        """How many packages are installed in it."""
        places = [self.folder / "Lib" / "site-packages", *self.folder.glob("lib/python3*/site-packages")]
        return sum(1 for place in places if place.is_dir() for _ in place.glob("*.dist-info"))

    def runs(self) -> bool:
        """True when its Python answers; not after the system's Python was removed, or on another computer."""
        try:
            asked = subprocess.run(
                [self.python, "-c", "import sys; print(sys.prefix != sys.base_prefix)"],
                capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return False
        return asked.returncode == 0 and asked.stdout.strip() == "True"

    def half(self) -> bool:
        """True when an earlier installation was stopped at a moment that leaves it unusable."""
        if not self.folder.exists():
            return False
        try:
            return (self.folder / STEP).read_text("utf-8").strip() != "fetching"
        except FileNotFoundError:
            return not (self.folder / "pyvenv.cfg").is_file()

    def installed(self) -> dict[str, str]:
        """What the stamp says: {"inputs": fingerprint, "folder": where it was made}; {} without a whole one."""
        try:
            said = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}  # no stamp, or an older one that only had a date: installed again, which is quick
        return said if isinstance(said, dict) else {}

    def ready(self, inputs: str) -> bool:
        """True when nothing is to be done."""
        expected = {"inputs": inputs, "folder": str(self.root)}
        return not (self.folder / STEP).exists() and self.installed() == expected and self.runs()

    def mark(self, step: str) -> None:
        """Say on disk what is being done, before it is done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / STEP).open("w", encoding="utf-8") as stream:
            stream.write(step)
            stream.flush()
            os.fsync(stream.fileno())

    def unmark(self) -> None:
        """Nothing is under way any more."""
        (self.folder / STEP).unlink(missing_ok=True)

    def finish(self, inputs: str) -> None:
        """Write the stamp; from now on the environment counts as whole."""
        said = json.dumps({"inputs": inputs, "folder": str(self.root)}, ensure_ascii=False)
        part = self.stamp.with_suffix(".part")
        part.write_text(said + "\n", "utf-8")
        part.replace(self.stamp)
        self.unmark()

    def remove(self) -> None:
        """Delete it. Raises Obstacle when a file of it is in use (a page that still runs, on Windows)."""
        self.mark("making")  # a stop in the middle of this leaves a half one that is known as such
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise Obstacle("in_use", folder=self.folder, why=error.strerror or error) from error

    def create(self) -> None:
        """Make it with the Python that runs. Raises Obstacle with the reason."""
        self.mark("making")
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(self.folder)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
        )  # fmt: skip
        if made.returncode != 0:
            last = " ".join(made.stdout.strip().splitlines()[-2:])
            if "symlink" in made.stdout or "lib64" in made.stdout:
                raise Obstacle("no_links", folder=self.root)
            raise Obstacle("venv_failed", folder=self.folder, why=last or made.returncode)
        self.unmark()
