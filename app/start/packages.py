"""pip, watched: what it fetches and installs is counted for the person, and its every line goes to the log."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from app.start.environment import Environment
from app.start.failures import explain
from app.start.obstacle import Obstacle
from app.start.voice import Voice, size
from app.texts import text

_FOUND = re.compile(r"\s*(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9][A-Za-z0-9._-]*)")
_WHEEL = re.compile(r"\s*Processing .*?([A-Za-z0-9._]+)-[^/\\]*\.(?:whl|tar\.gz)")
_WEIGHT = re.compile(r"\s*Downloading \S+ \(([\d.]+) ([kMG]?B)\)")
_FACTORS = {"B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9}
WATCH_SECONDS = 1.0


def expected(root: Path) -> int:
    """About how many packages there are to fetch: those that constraints.txt pins."""
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    return sum(1 for line in lines if re.match(r"\s*[A-Za-z0-9]", line))


def pip_command(environment: Environment, wheels: Path | None, *arguments: str) -> list[str]:
    """``pip install`` in the environment; with a kit's wheels, from them and from nowhere else."""
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    start = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    return [*start, "--progress-bar", "off", *source, *arguments]


def pip_variables(wheels: Path | None, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables pip runs with. From a kit, neither its settings nor its variables may lead elsewhere."""
    variables = dict(inherited)
    if wheels:
        variables = {name: value for name, value in variables.items() if not name.startswith("PIP_")}
        variables["PIP_CONFIG_FILE"] = os.devnull
    return variables | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}


class _Watch:
    """Counts what pip says, and shows it."""

    def __init__(self, environment: Environment, voice: Voice, total: int) -> None:
        self.environment, self.voice, self.total = environment, voice, total
        self.seen: set[str] = set()
        self.bytes = 0.0
        self.installing = 0
        self.before = 0
        self.told = False

    def line(self, line: str) -> None:
        """One line of pip's."""
        self.voice.note(line)
        named = _FOUND.match(line) or _WHEEL.match(line)
        if named:
            self.seen.add(re.sub(r"[-_.]+", "-", named.group(1)).lower())
        weight = _WEIGHT.match(line)
        if weight:
            self.bytes += float(weight.group(1)) * _FACTORS[weight.group(2)]
        if "after connection broken by" in line and not self.told:
            self.told = True
            self.voice.say("start.network_slow")
        if line.startswith("Installing collected packages:"):
            self.before = self.environment.packages()
            self.environment.mark("installing")
            self.installing = line.count(",") + 1
        elif self.total and (named or weight):
            self.fetched()

    def fetched(self) -> None:
        """Show how many packages are at hand."""
        language = self.voice.language
        extra = f" · {size(self.bytes, language)}" if self.bytes else ""
        total = max(self.total, len(self.seen))
        self.voice.progress(text(language, "start.fetching"), len(self.seen), total, extra)

    def installed(self) -> None:
        """Show how many of them are in place, as the disk tells."""
        if self.installing:
            done = max(0, self.environment.packages() - self.before)
            self.voice.progress(text(self.voice.language, "start.installing"), done, self.installing)


def pip_install(environment: Environment, voice: Voice, wheels: Path | None, *arguments: str, total: int = 0) -> None:
    """Run pip and show its progress, when ``total`` says how much there is. Raises Obstacle with the reason in words.

    While it only fetches, the environment is marked so; from the first file that it writes, "installing".
    """
    environment.mark("fetching")
    command = pip_command(environment, wheels, *arguments)
    voice.note("$ " + " ".join(command))
    watch = _Watch(environment, voice, total)
    lines: list[str] = []
    process = subprocess.Popen(
        command, cwd=environment.root, env=pip_variables(wheels, os.environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
        close_fds=False,  # pip inherits the installation's lock, the one handle that is made so
    )  # fmt: skip
    over = threading.Event()

    def look() -> None:
        while not over.wait(WATCH_SECONDS):
            watch.installed()

    looking = threading.Thread(target=look, daemon=True)
    if total:
        looking.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            watch.line(line)
        code = process.wait()
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        over.set()
        if total:
            looking.join()
    if code != 0:
        if not watch.installing:
            environment.unmark()  # it changed nothing
        key, details = explain("".join(lines), kit=wheels is not None, code=code)
        raise Obstacle(f"failed.{key}", folder=environment.root, **details)
    if watch.installing and total:
        voice.progress(text(voice.language, "start.installing"), watch.installing, watch.installing)
