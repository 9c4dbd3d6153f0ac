"""Facts of what is installed: libraries by their records, OpenCV and printing by asking a child, browser, fonts."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import Any

from core.fonts import FACES
from studio.desk import CODE
from studio.machine.children import Answer
from studio.machine.fact import Fact

FRAMEWORKS = ("keras", "tensorflow", "torch", "gradio", "transformers", "diffusers", "rapidocr", "onnxruntime")
"""Without one of these a step does not work."""


def version_of(package: str) -> str:
    """The installed version of a package by its record, without importing it; "" when it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def frameworks() -> list[Fact]:
    """One fact per framework: its version, or that it is missing."""
    return [
        Fact(f"library.{name}", "parts", "good", "good", {"name": name, "version": version})
        if (version := version_of(name))
        else Fact(f"library.{name}", "parts", "missing", "missing", {"name": name, "version": ""})
        for name in FRAMEWORKS
    ]


def opencv(answer: Answer) -> Fact:
    """Is contrib's OpenCV really there, or has the plain one overwritten its files?"""
    told: dict[str, Any] = answer.value or {"there": False, "why": answer.why}
    values = {"version": told.get("version", ""), "why": told.get("why", answer.why), "package": contrib()}
    if not told.get("there"):
        return Fact("cv2", "parts", "missing", "absent", values)
    if not told.get("whole"):
        return Fact("cv2", "parts", "missing", "shadowed", values)
    return Fact("cv2", "parts", "good", "good", values)


def contrib() -> str:
    """The line of requirements.txt that puts contrib's files back."""
    lines = (CODE / "requirements.txt").read_text("utf-8").splitlines()
    return next((line for line in lines if line.startswith("opencv-contrib")), "opencv-contrib-python-headless")


def printing(answer: Answer) -> Fact:
    """What binds the book: WeasyPrint with Pango, else fpdf2."""
    why = answer.why if answer.value is None else answer.value["why"]
    if not why:
        subset = answer.value["subset"]
        return Fact("pango", "parts", "good" if subset else "note", "good" if subset else "no_subset")
    if not version_of("fpdf2"):
        return Fact("pango", "parts", "missing", "nothing", {"why": why})
    system = {"darwin": "mac", "win32": "windows"}.get(sys.platform, "linux")
    return Fact("pango", "parts", "note", "fpdf2", {"why": why, "system": system})


def heic(answer: Answer) -> Fact:
    """Photos of telephones."""
    told = answer.value or {}
    if not told.get("version"):
        return Fact("heic", "parts", "note", "absent", {"why": told.get("why", answer.why)})
    return Fact("heic", "parts", "good", "good", {"version": told["version"]})


def browser(program: Path | None) -> Fact:
    """The window: a Chromium-like browser, else the page opens in whatever browser there is."""
    if program is not None:
        return Fact("browser", "parts", "good", "good", {"where": str(program)})
    return Fact("browser", "parts", "note", "none")


def fonts() -> Fact:
    """The faces that travel with Paddock, for the page and the book."""
    absent = [face.file for face in FACES if not face.path.is_file()]
    if absent:
        return Fact("fonts", "parts", "missing", "absent", {"files": ", ".join(absent)})
    return Fact("fonts", "parts", "good", "good", {"count": len(FACES)})
