"""Another Python on this computer: a kit's wheels serve exactly one minor version."""

from __future__ import annotations

import os
import shutil
import subprocess


def find_python(version: str) -> list[str] | None:
    """The command of a Python "3.x" that answers with this version, None when there is none."""
    candidates = [["py", f"-{version}"]] if os.name == "nt" else []
    candidates += [[f"python{version}"], ["python3"], ["python"]]
    for candidate in candidates:
        if shutil.which(candidate[0]) and _says(candidate) == version:
            return candidate
    return None


def _says(command: list[str]) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        asked = subprocess.run([*command, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""  # a name without a working Python behind it
    return asked.stdout.strip()
