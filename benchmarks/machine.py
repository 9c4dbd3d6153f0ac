"""What a figure was measured on, and where results are kept."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def machine() -> dict[str, Any]:
    """CPU, cores and Python of this run."""
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass  # not Linux: the processor's short name has to do
    return {"cpu": name, "cores": os.cpu_count(), "load": os.getloadavg()[0], "python": platform.python_version()}


def interleaved(methods: dict[str, Callable[[], Any]], runs: int) -> dict[str, float]:
    """Median seconds of each method, run in turn so that a drifting machine is fair to all; one warm-up."""
    spent: dict[str, list[float]] = {name: [] for name in methods}
    for turn in range(runs + 1):
        for name, method in methods.items():
            start = time.perf_counter()
            method()
            if turn:
                spent[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in spent.items()}


def keep(name: str, figures: dict[str, Any]) -> Path:
    """Write one benchmark's figures beside those of the other runs."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **figures}, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return path
