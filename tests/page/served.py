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
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@contextmanager
def served(workspace: Path, *options: str) -> Iterator[str]:
    """``paddock open`` on a free port; yields the address once it has printed it."""
    with serving(workspace, *options) as page:
        yield page.address


@dataclass(frozen=True, slots=True)
class Serving:
    """A running page: its address, its process, and the address for who sits at this machine (a key in it)."""

    address: str
    process: subprocess.Popen[str]
    door: str = ""

    def worker(self) -> psutil.Process:
        """The process that holds the classifier: the largest of the page's own."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return max(children, key=lambda child: child.memory_info().rss)


@contextmanager
def serving(workspace: Path, *options: str) -> Iterator[Serving]:
    """As ``served``, with the process, for tests that end it or its workers."""
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
            match = re.search(r"(http://127\.0\.0\.1:\d+/)\S*", line)
            if match:
                address.extend((match.group(1), match.group(0)))
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        assert found.wait(START_SECONDS), "".join(lines)
        assert address, "".join(lines)
        yield Serving(address[0], process, address[1])
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
