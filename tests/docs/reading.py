"""Reading the documents: their links, headings, tables and commands."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from typer.core import TyperGroup

import app.cli as cli

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = typer.main.get_command(cli.app)
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    """The document's text."""
    return path.read_text("utf-8")


def fences(text: str, *languages: str) -> list[str]:
    """Contents of the fenced blocks in these languages."""
    return [body for language, body in _FENCE.findall(text) if language in languages]


def prose(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def links(path: Path) -> list[str]:
    """Targets of links and images that do not lead outside the checkout."""
    found = re.findall(r"\]\(<?([^)>\s]+)>?\)", prose(text_of(path)))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(path: Path) -> set[str]:
    """The anchors that a document's headings make, as the usual viewers of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", prose(text_of(path)), re.MULTILINE)
    return {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    lowered = unicodedata.normalize("NFC", heading.strip().lower())
    kept = (char for char in lowered if char.isalnum() or char in " -_")
    return "".join(kept).replace(" ", "-")


def table(text: str, *first_cells: str) -> dict[str, list[str]]:
    """Rows of the table whose header starts with these cells: first cell → the others, without back-ticks."""
    lines = text.splitlines()
    wanted = [cell.strip() for cell in first_cells]
    for number, line in enumerate(lines):
        if _cells(line)[: len(wanted)] == wanted:
            rows: dict[str, list[str]] = {}
            for below in lines[number + 2 :]:
                if not below.startswith("|"):
                    break
                first, *others = _cells(below)
                rows[first] = others
            return rows
    raise AssertionError(f"no table with the header {wanted}")


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]


def written_commands(path: Path) -> list[list[str]]:
    """Words after ``paddock`` of each whole command, as fenced blocks show them."""
    lines = "\n".join(fences(text_of(path), "sh", "")).splitlines()
    found = (re.match(r"(?:\.venv/bin/)?paddock (.+)", line) for line in lines)
    return [shlex.split(match.group(1), comments=True) for match in found if match]


def mentioned_commands(path: Path) -> list[list[str]]:
    """Words after ``paddock`` of each command that is named in running text, whole or not."""
    found = re.findall(r"`(?:\.venv/bin/)?paddock ([^`]+)`", prose(text_of(path)))
    return [shlex.split(words.replace("[", "").replace("]", "").replace("…", "")) for words in found]


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """(the command that the first words name, the other words). Fails when there is none."""
    command: Any = COMMAND
    rest = list(words)
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"paddock {' '.join(words)}: no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    return command, rest


def options_of(command: Any) -> set[str]:
    """Every option that a command takes."""
    return {"--help", *(name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts))}


def all_commands(group: Any = COMMAND, above: str = "paddock") -> Iterator[str]:
    """Each command that does something, in full: « paddock open », « paddock audit verify » …"""
    if not isinstance(group, TyperGroup):
        yield above
        return
    for name, command in group.commands.items():
        yield from all_commands(command, f"{above} {name}")
