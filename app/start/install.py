"""The first file that runs: is this Python one that Paddock can use? Then the installation.

``python app/start/install.py`` installs; ``--open`` opens the page afterwards. This file must be understood
by any Python from 3.6 on, so that an old one answers in words and not with a SyntaxError.
"""

import os
import sys
from pathlib import Path

OLDEST = (3, 11)
TOO_NEW = (3, 14)  # the pinned TensorFlow has no build for it
EXIT_PYTHON = 3
HERE = Path(__file__).resolve().parent


def fits(version: "tuple[int, ...]") -> bool:
    """True for a (major, minor, …) that Paddock runs on."""
    return OLDEST <= tuple(version[:2]) < TOO_NEW


def refusal(version: "tuple[int, ...]", language: str) -> str:
    """What to say to a person whose Python does not fit."""
    words = (HERE / "words" / f"python.{language}.txt").read_text(encoding="utf-8")
    label = "Python trouvé :" if language == "fr" else "Python found:"
    return f"{words}\n{label} {'.'.join(str(part) for part in version[:3])} ({sys.executable})\n"


def main() -> int:
    """Exit code: 0 when installed (and, with --open, when the page has been closed)."""
    if not fits(sys.version_info[:3]):
        spoken = os.environ.get("PADDOCK_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
        words = refusal(sys.version_info[:3], "en" if spoken.startswith("en") else "fr")
        sys.stderr.buffer.write(words.encode("utf-8"))
        return EXIT_PYTHON
    sys.dont_write_bytecode = True  # the folder may be a USB key: slow, or read-only
    # Run as a file, the first entry is app/start: Paddock's own folder takes its place.
    sys.path[0] = str(HERE.parent.parent)
    from app.start.setup import main as start

    return start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
