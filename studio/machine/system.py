"""Facts of the computer itself: Python, system, clock, disks, memory, processor, graphics card."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil

from studio.machine.fact import Fact, State
from studio.machine.models import published_bytes

GB = 10**9
LEAST_PYTHON = (3, 11)
LEAST_FREE, COMFORTABLE_FREE = 2 * GB, 20 * GB
"""Below the first the desk warns; below the second a weekend of photos does not fit."""
PHOTO_BYTES = 12_000_000
"""A 24-megapixel JPEG of a reporter's camera with its previews, for « room for about N photos »."""
LEAST_MEMORY, COMFORTABLE_MEMORY = 4 * GB, 8 * GB
"""One worker of each framework takes 0.7 to 1.3 GB beside the page and a browser; the big models take more."""
BIG_MODEL_MEMORY = 8 * GB
"""Free memory with which Stable Diffusion 2 runs: 2.6 GB of weights in bfloat16, 5.2 in float32, and its work."""
OLDEST_CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
"""No computer that runs this can be at an earlier date."""


def python() -> Fact:
    """The Python that runs this, and where it is."""
    values = {"version": platform.python_version(), "where": sys.prefix}
    enough = sys.version_info >= LEAST_PYTHON
    return Fact("python", "system", "good" if enough else "missing", "good" if enough else "old", values)


def system() -> Fact:
    """Operating system and its version."""
    name = {"Darwin": "macOS"}.get(platform.system(), platform.system())
    release = platform.mac_ver()[0] if name == "macOS" else platform.release()
    values = {"system": f"{name} {release}", "machine": platform.machine()}
    known = name in ("Linux", "macOS", "Windows")
    return Fact("system", "system", "good" if known else "note", "good" if known else "other", values)


def clock(newest_event: str = "", now: datetime | None = None) -> Fact:
    """Is the clock believable? newest_event: time of the workspace's last record, ISO, "" for none."""
    now = now or datetime.now(UTC)
    shown = {"now": now.astimezone().strftime("%Y-%m-%d %H:%M")}
    if now < OLDEST_CLOCK:
        return Fact("clock", "system", "note", "old", shown)
    if newest_event and datetime.fromisoformat(newest_event) > now:
        newest = datetime.fromisoformat(newest_event).astimezone().strftime("%Y-%m-%d %H:%M")
        return Fact("clock", "system", "note", "back", {**shown, "newest": newest})
    return Fact("clock", "system", "good", "good", shown)


def network() -> Fact:
    """Nothing is asked of the network, so nothing is looked at."""
    return Fact("network", "system", "good", "good")


def disk(which: str, folder: Path) -> Fact:
    """Room on the disk that holds a folder ("workspace" or "project"), the folder existing or not."""
    there = existing(folder)
    usage = shutil.disk_usage(there)
    values = {
        "folder": str(folder.absolute()), "free_bytes": usage.free, "total_bytes": usage.total,
        "free_share": usage.free / usage.total if usage.total else 0.0, "photos": usage.free // PHOTO_BYTES,
        "models_bytes": published_bytes(),
    }  # fmt: skip
    if not os.access(there, os.W_OK) and which == "workspace":
        return Fact(f"disk_{which}", "space", "missing", "readonly", values)
    if usage.free < LEAST_FREE:
        # The project is installed already: only the workspace must grow.
        return Fact(f"disk_{which}", "space", "missing" if which == "workspace" else "note", "full", values)
    roomy = usage.free >= COMFORTABLE_FREE
    return Fact(f"disk_{which}", "space", "good" if roomy else "note", "good" if roomy else "low", values)


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.expanduser().absolute()
    return next((path for path in (folder, *folder.parents) if path.exists()), Path(folder.anchor or "/"))


def memory() -> Fact:
    """Memory: all of it, and what is free now."""
    found = psutil.virtual_memory()
    values = {"total_bytes": found.total, "available_bytes": found.available}
    if found.total < LEAST_MEMORY:
        return Fact("memory", "space", "note", "small", values)
    if found.available < LEAST_MEMORY // 2:
        return Fact("memory", "space", "note", "busy", values)
    return Fact("memory", "space", "good", "good" if found.total >= COMFORTABLE_MEMORY else "enough", values)


def cores() -> Fact:
    """The processor: its name, its cores, and how many of them may be used."""
    logical = os.cpu_count() or 1
    usable = usable_cores()
    physical = psutil.cpu_count(logical=False) or logical
    state: State = "good" if usable >= 2 else "note"
    values = {"name": processor(), "physical": physical, "logical": logical, "usable": usable}
    return Fact("cores", "compute", state, "good" if state == "good" else "one", values)


def usable_cores() -> int:
    """Cores that this process may use: a container or a quota may grant fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name as its maker gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    if sys.platform == "darwin":
        return _said("sysctl", "-n", "machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine()


def instructions(flags: frozenset[str] | None = None) -> Fact:
    """Vector instructions that decide the speed. flags: as in /proc/cpuinfo, None to look."""
    known = processor_flags() if flags is None else flags
    arm = platform.machine().lower() in ("arm64", "aarch64")
    has = [
        shown
        for shown, names in {
            "AVX2": ("avx2",), "AVX-512": ("avx512f",), "AVX-512 BF16": ("avx512_bf16",), "AMX BF16": ("amx_bf16",),
            "NEON": ("neon", "asimd"), "BF16": ("bf16",),
        }.items()
        if known & set(names)
    ]  # fmt: skip
    values = {"sets": ", ".join(has), "bf16": bool(known & {"avx512_bf16", "amx_bf16", "bf16"})}
    if not known:
        return Fact("instructions", "compute", "good" if arm else "note", "unknown", values)
    if not arm and "avx2" not in known:
        return Fact("instructions", "compute", "note", "old", values)
    return Fact("instructions", "compute", "good", "bf16" if values["bf16"] else "good", values)


def processor_flags() -> frozenset[str]:
    """Names of the instruction sets, lower case; empty where the system does not tell."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith(("flags", "Features")):
                return frozenset(line.partition(":")[2].split())
    if sys.platform == "darwin":
        told = _said("sysctl", "-n", "machdep.cpu.features", "machdep.cpu.leaf7_features").lower()
        return frozenset(told.replace(".", "_").split()) | (
            {"neon"} if platform.machine() == "arm64" else frozenset()
        )  # fmt: skip
    return frozenset()


def graphics() -> Fact:
    """The graphics card, as nvidia-smi names it, or Apple's; and whether the installed torch can use it."""
    from studio.machine.parts import version_of

    told = _said("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader")
    if told:
        torch = version_of("torch")
        # Only Linux's plain build is made for CUDA; elsewhere, one that is says so in its version.
        usable = bool(re.search(r"\+cu\d", torch)) or (sys.platform == "linux" and bool(torch) and "+cpu" not in torch)
        return Fact("gpu", "compute", "good" if usable else "note", "cuda" if usable else "cuda_unused",
                    {"name": told.splitlines()[0].strip(), "torch": torch})  # fmt: skip
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return Fact("gpu", "compute", "good", "apple", {"name": "Apple"})
    return Fact("gpu", "compute", "good", "none")


def _said(*command: str) -> str:
    """What a small system program prints; "" when it is not there or does not answer."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
