"""A real page in a process of its own, started by the command that people use."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@contextmanager
def served(workspace: Path, *options: str) -> Iterator[str]:
    """``paddock open`` on a free port; yields the address once it has printed it."""
    command = [
        sys.executable,
        "-m",
        "app",
        "open",
        "--workspace",
        str(workspace),
        "--port",
        "0",
        "--no-browser",
        *options,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PADDOCK_LANG": "fr"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    found = threading.Event()
    address: list[str] = []

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            match = re.search(r"http://127\.0\.0\.1:\d+/", line)
            if match:
                address.append(match.group(0))
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        assert found.wait(START_SECONDS), "".join(lines)
        assert address, "".join(lines)
        yield address[0]
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
