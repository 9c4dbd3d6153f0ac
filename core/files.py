"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def shown_name(name: str) -> str:
    """A name that can be written anywhere: bytes that are no UTF-8 (old cards and keys) become a mark."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def write_bytes(path: Path, data: bytes) -> Path:
    """Write a file so that it appears whole or not at all: temporary file, fsync, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
