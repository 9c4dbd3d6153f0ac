"""A project of the smallest kind: two wheels made here, a build backend of twenty lines, nothing from any network."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from pathlib import Path

from app.start.voice import Voice

BACKEND = """
import pathlib, zipfile
def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tiny_project-1.0-py3-none-any.whl"
    info = "tiny_project-1.0.dist-info/"
    with zipfile.ZipFile(pathlib.Path(wheel_directory) / name, "w") as wheel:
        wheel.writestr("tiny_project.pth", str(pathlib.Path.cwd()) + chr(10))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1" + chr(10) + "Name: tiny-project" + chr(10) + "Version: 1.0" + chr(10))
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0" + chr(10) + "Root-Is-Purelib: true" + chr(10) + "Tag: py3-none-any" + chr(10))
        wheel.writestr(info + "RECORD", "tiny_project.pth,," + chr(10) + info + "METADATA,," + chr(10) + info + "WHEEL,," + chr(10) + info + "RECORD,," + chr(10))
    return name
"""  # noqa: E501
PROJECT = """
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["."]
[project]
name = "paddock-photo-desk"
version = "1.0"
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, str], requires: tuple[str, ...] = ()) -> Path:
    """Write a pure wheel; its path."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    content = {
        **files,
        f"{stem}.dist-info/METADATA": "\n".join(metadata) + "\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = io.StringIO()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in content.items():
            archive.writestr(inside, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record.write(f"{inside},sha256={digest},{len(text.encode())}\n")
        record.write(f"{stem}.dist-info/RECORD,,\n")
        archive.writestr(f"{stem}.dist-info/RECORD", record.getvalue())
    return path


def project(root: Path, requirements: str = "alpha==1.0\nbeta==2.0\n") -> Path:
    """A folder that install.py can install; its wheels lie in ``root/../wheels``."""
    root.mkdir(parents=True)
    (root / "requirements.txt").write_text(requirements)
    (root / "constraints.txt").write_text("alpha==1.0\nbeta==2.0\n")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "tiny_backend.py").write_text(BACKEND)
    wheels = root.parent / "wheels"
    wheel(wheels, "alpha", "1.0", {"alpha/__init__.py": "answer = 1\n"}, requires=("beta",))
    wheel(wheels, "beta", "2.0", {"beta.py": "answer = 2\n"})
    return root


def voice(root: Path) -> tuple[Voice, io.StringIO]:
    """A French voice and what it says."""
    out = io.StringIO()
    return Voice("fr", root, out), out
