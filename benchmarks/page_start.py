"""Starting the page: seconds until it answers and memory of its process, against importing the frameworks.

python -m benchmarks.page_start
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks.machine import keep

RUNS = 3
EVERYTHING = "import gradio, keras, torch, transformers, diffusers, time; print('ready', flush=True); time.sleep(60)"


def main() -> None:
    """Measure, print and keep."""
    figures = {
        "page": [page() for _ in range(RUNS)],
        "all frameworks in one process": [frameworks() for _ in range(RUNS)],
    }
    medians = {
        name: {"seconds": statistics.median(s for s, _ in runs), "megabytes": statistics.median(m for _, m in runs)}
        for name, runs in figures.items()
    }
    print(medians)
    keep("page_start", {"median_of": RUNS, **medians})


def page() -> tuple[float, float]:
    """(seconds until the first page is served, resident MB of the page's own process)."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "app", "open", "--workspace", f"{folder}/desk", "--port", "0", "--no-browser"]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://\S+", line):
                urllib.request.urlopen(found.group(0), timeout=30).read()
                break
        seconds = time.perf_counter() - start
        megabytes = psutil.Process(process.pid).memory_info().rss / 1e6
        process.send_signal(signal.SIGINT)
        process.wait(30)
    return seconds, megabytes


def frameworks() -> tuple[float, float]:
    """The same for a process that imports everything at start."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", EVERYTHING], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()
    seconds = time.perf_counter() - start
    megabytes = psutil.Process(process.pid).memory_info().rss / 1e6
    process.kill()
    process.wait()
    return seconds, megabytes


if __name__ == "__main__":
    assert Path("app").is_dir(), "run it from the checkout"
    main()
