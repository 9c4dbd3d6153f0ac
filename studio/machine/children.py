"""Questions that only an import can answer, each asked in a process of its own, with a time limit.

Whatever goes wrong in there (a missing library, a crash in native code, a hang) comes back as an
answer; the process that asks imports nothing of it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from core.errors import Cancelled
from core.values import Report, no_report
from studio.desk import CODE

QUICK_SECONDS = 30.0
"""For a question that takes a second; generous, because a busy laptop starts processes slowly."""

OPENCV = """
import json
try:
    import cv2
    whole = hasattr(cv2, "xphoto") and hasattr(cv2.xphoto, "createSimpleWB") and hasattr(cv2.xphoto, "inpaint")
    print(json.dumps({"there": True, "whole": bool(whole), "version": cv2.__version__}))
except Exception as error:
    print(json.dumps({"there": False, "whole": False, "version": "", "why": f"{type(error).__name__}: {error}"}))
"""
PRINTING = """
import json
from book.weasy import why_not
why, subset = why_not(), False
if not why:
    from weasyprint.text import ffi
    subset = getattr(ffi, "harfbuzz_subset", None) is not None
print(json.dumps({"why": why, "subset": subset}))
"""
HEIC = """
import json
try:
    import pillow_heif
    print(json.dumps({"version": pillow_heif.__version__, "libheif": pillow_heif.libheif_version()}))
except Exception as error:
    print(json.dumps({"version": "", "why": f"{type(error).__name__}: {error}"}))
"""
SPEED = "from studio.machine.yardstick import units_per_second\nprint(units_per_second())"


_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "GOMP_SPINCOUNT": "0"}
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child said. value: its last line of output as JSON, None when there is none; why: then the reason."""

    value: Any
    seconds: float
    why: str = ""


def ask(
    code: str, *arguments: str, seconds: float = QUICK_SECONDS, one_thread: bool = False, report: Report = no_report
) -> Answer:
    """Run Python code in a child; ``report`` may raise Cancelled, which ends the child at once.

    one_thread: matrix products stay on one core.
    """
    started = time.perf_counter()
    environment = {**os.environ, **_QUIET, "PYTHONPATH": _path(), **(_ONE_THREAD if one_thread else {})}
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=CODE, env=environment, text=True, encoding="utf-8",
        errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    read: list[tuple[str, str]] = []
    reader = threading.Thread(target=lambda: read.append(child.communicate()), daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            reader.join(0.1)
            if time.perf_counter() - started > seconds:
                return Answer(None, seconds, f"> {seconds:g} s")
            report(0.0, "")
    except Cancelled:
        raise
    finally:
        if child.poll() is None:
            child.kill()
            reader.join(5)
    spent = time.perf_counter() - started
    out, errors = read[0] if read else ("", "")
    try:
        return Answer(json.loads(out.splitlines()[-1]), spent)
    except (IndexError, ValueError):
        last = next((line for line in reversed(errors.splitlines()) if line.strip()), f"exit {child.returncode}")
        return Answer(None, spent, last[:300])


def ask_all(codes: Sequence[str]) -> list[Answer]:
    """Several questions at the same time, answers in order."""
    with ThreadPoolExecutor(max(1, len(codes))) as pool:
        return list(pool.map(ask, codes))


def _path() -> str:
    """What the child may import: what this process may, and the checkout."""
    inherited = os.environ.get("PYTHONPATH", "")
    return f"{inherited}{os.pathsep}{CODE}" if inherited else str(CODE)
