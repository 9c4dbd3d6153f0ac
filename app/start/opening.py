"""Open the page from the installed environment, and keep its last words in the log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from itertools import pairwise
from pathlib import Path

from app.start.environment import Environment
from app.start.folder import MODELS
from app.start.running import forget_address, note_address, running_address
from app.start.voice import Voice

SHOW = "import sys; from app.page.browser import open_address; open_address(sys.argv[1], window=True)"
FINE = (0, 130, 143, -2, -15)
"""Exit codes of a page that a person closed: Ctrl+C (130, -2), the end of the session (143, -15)."""


_SECRET = re.compile(r"cle=|mot de passe|password|[\u2580-\u259f]", re.IGNORECASE)
"""What lets a visitor in: a key, the password's line, the blocks of a QR code."""


def is_secret(line: str) -> bool:
    """True for a line of the page that the log, which people send around, must not hold."""
    return _SECRET.search(line) is not None


def page_command(environment: Environment, models: Path | None, arguments: list[str]) -> list[str]:
    """``paddock open --window`` as the environment runs it, with the models' folder where one is there."""
    command = [str(environment.python), "-m", "app", "open", "--window", *arguments]
    own = os.environ.get("PADDOCK_MODELS") or (environment.root / "paddock.toml").is_file()
    folder = next((place for place in (environment.root / MODELS, models) if place and place.is_dir()), None)
    if folder and not own and "--models-dir" not in arguments:
        command += ["--models-dir", str(folder)]
    return command


def open_page(environment: Environment, voice: Voice, models: Path | None, arguments: list[str]) -> int:
    """Run the page until it ends; its exit code, 0 when a person ended it. A page that runs already is shown again."""
    address = None if arguments else running_address(environment.root)
    if address:
        voice.say("start.already", address=address.partition("entrer?")[0])
        return subprocess.call([str(environment.python), "-c", SHOW, address], cwd=environment.root)
    variables = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    command = page_command(environment, models, arguments)
    voice.note("$ " + " ".join(word if last != "--password" else "…" for last, word in pairwise(["", *command])))
    process = subprocess.Popen(
        command, cwd=environment.root, env=variables, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert process.stdout is not None
    # Ctrl+C reaches the page too: this waits while it closes what it has open, and loses none of its words.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    noted = False
    try:
        for line in process.stdout:
            voice.plain(line.rstrip("\n"), secret=is_secret(line))
            noted = note_address(environment.root, line) or noted
        code = process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    if noted:
        forget_address(environment.root)
    return 0 if code in FINE else code
