"""How the installation speaks: lines for the person, everything for the log, one line of progress that moves."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TextIO

from app.texts import text
from core.errors import Language

LOG = Path("logs") / "installation.log"
LONGEST_LOG = 2_000_000
BAR = 24


class Voice:
    """Speaks to ``out`` in one language and writes a log, below ``root`` or, failing that, in a temporary folder.

    log: the file that messages name.
    """

    def __init__(self, language: Language, root: Path, out: TextIO | None = None) -> None:
        self.language: Language = language
        self._out = sys.stdout if out is None else out
        self.log, self._stream = _open_log(root)
        self._open_line = False
        self._tenths: dict[str, int] = {}
        self.note(
            f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} · Python {sys.version.split()[0]} · {sys.platform} · {root}"
        )

    def say(self, key: str, /, **details: Any) -> None:
        """One text to the person and to the log."""
        self.plain(text(self.language, key, **details))

    def plain(self, line: str, *, secret: bool = False) -> None:
        """A line that is already in words; a secret one is for the person alone."""
        self._end_line()
        self._write(f"{line}\n")
        if not secret:
            self.note(line)

    def note(self, line: str) -> None:
        """A line for the log alone."""
        self._stream.write(f"{line.rstrip()}\n")
        self._stream.flush()

    def progress(self, label: str, done: int, total: int, extra: str = "") -> None:
        """Redraw the moving line; where the output is no terminal, a line at each tenth."""
        done = min(done, total)
        filled = round(BAR * done / max(total, 1))
        line = f"  [{'#' * filled}{'.' * (BAR - filled)}] {label} {done}/{total}{extra}"
        if self._out.isatty():
            self._write(f"\r{line:<78}")
            self._open_line = True
            return
        tenth = 10 * done // max(total, 1)
        if tenth != self._tenths.get(label, 0):
            self._tenths[label] = tenth
            self._write(f"{line}\n")

    def close(self) -> None:
        """End the moving line and the log."""
        self._end_line()
        self._stream.close()

    def _end_line(self) -> None:
        if self._open_line:
            self._write("\n")
            self._open_line = False

    def _write(self, words: str) -> None:
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        self._out.write(words.encode(encoding, "replace").decode(encoding))
        self._out.flush()


def size(count: float, language: Language) -> str:
    """A number of bytes in words: "3,4 Go" or "3.4 GB"."""
    for factor, french, english in ((1e9, "Go", "GB"), (1e6, "Mo", "MB"), (1e3, "ko", "kB")):
        if count >= factor:
            number = f"{count / factor:.1f}" if factor == 1e9 else f"{count / factor:.0f}"
            return f"{number.replace('.', ',')} {french}" if language == "fr" else f"{number} {english}"
    return f"{count:.0f} {'o' if language == 'fr' else 'B'}"


def _open_log(root: Path) -> tuple[Path, TextIO]:
    for path in (root / LOG, Path(tempfile.gettempdir()) / "paddock-installation.log"):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            again = path.exists() and path.stat().st_size > LONGEST_LOG
            return path, path.open("w" if again else "a", encoding="utf-8", errors="replace")
        except OSError:
            continue  # a read-only folder: the checks will say so; the log goes to the next place
    raise OSError("no folder can be written, not even the temporary one")
