"""``paddock doctor``: what this computer has and lacks, what it can do and in how much time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.common import EXIT_BROKEN, LangOption, ModelsOption, WorkspaceOption, refusing, settings_from
from app.texts import text
from core.errors import Language

if TYPE_CHECKING:
    from rich.console import Console

    from core.settings import Settings

STYLES = {"good": "green", "note": "yellow", "missing": "bold red"}


def doctor(
    workspace: WorkspaceOption = None,
    models_dir: ModelsOption = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Charger et essayer chaque moteur · load and try every engine")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Rien que du JSON sur la sortie · JSON only")] = False,
    lang: LangOption = None,
) -> None:
    """Ce que cette machine a, ce qui manque, et en combien de temps · What this computer has, lacks and can do.

    Code 1 : quelque chose de nécessaire manque · something needed is missing.
    """
    settings = settings_from(workspace=workspace, models=models_dir, language=lang)
    language = settings.language
    with refusing(language):
        found = examine(settings, language, deep=deep, aloud=deep and not as_json)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        _show(found, language, deep=deep)
    if not found["ready"]:
        raise typer.Exit(EXIT_BROKEN)


def examine(settings: Settings, language: Language, *, deep: bool, aloud: bool) -> dict[str, Any]:
    """Everything as JSON: ready, facts, estimates with their reference, and the deep check's steps or None."""
    from app.machine_words import check_row, estimate_row, look, row, source
    from studio.estimates import estimates, reference, speed
    from studio.machine import ready
    from studio.machine.deep import check

    found, figures = look(settings), estimates(settings)
    if aloud:
        typer.echo(text(language, "cli.doctor.deep"), err=True)
    checks = check() if deep else None
    known = reference()
    return {
        "ready": ready(found) and all(step.works for step in checks or ()),
        "facts": [row(fact, language) for fact in found],
        "estimates": [estimate_row(figure, language) for figure in figures],
        "reference": {
            "machine": dict(known.machine), "command": known.command, "date": known.date,
            "units_per_second": known.units_per_second, "units_per_second_here": speed(),
            "text": source(language),
        },
        "deep": None if checks is None else [check_row(step, language) for step in checks],
    }  # fmt: skip


def _show(found: dict[str, Any], language: Language, *, deep: bool) -> None:
    from rich.console import Console

    from studio.machine.fact import GROUPS

    console = Console(highlight=False)
    for group in GROUPS:
        rows = [fact for fact in found["facts"] if fact["group"] == group]
        _table(console, text(language, f"machine.group.{group}"), rows)
    if found["deep"] is not None:
        _table(console, text(language, "machine.deep"), found["deep"])
    _figures(console, found, language)
    key = "cli.doctor.ready" if found["ready"] else "cli.doctor.not_ready"
    console.print(text(language, key), style=STYLES["good" if found["ready"] else "missing"])
    if not deep:
        console.print(text(language, "cli.doctor.hint"), style="dim")


def _table(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    """One group: state in sign and word, what it is about, what it means."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 1))
    table.add_column(no_wrap=True, min_width=10)
    table.add_column(width=22, overflow="fold")
    table.add_column(overflow="fold")
    for item in rows:
        state = Text(f"{item['sign']} {item['state_word']}", style=STYLES[item["state"]])
        table.add_row(state, Text(item["title"]), Text(item["text"]))
    console.print(table)
    console.print()


def _figures(console: Console, found: dict[str, Any], language: Language) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=text(language, "machine.estimates"), title_justify="left", title_style="bold", box=None, padding=(0, 1)
    )
    table.add_column(text(language, "machine.col.what"), overflow="fold")
    table.add_column(text(language, "machine.col.time"), overflow="fold", min_width=14)
    table.add_column(text(language, "machine.col.basis"), overflow="fold")
    for item in found["estimates"]:
        time = f"{item['time']} {item['first']}".strip()
        table.add_row(Text(item["title"]), Text(time), Text(" · ".join(filter(None, (item["lacks"], item["from"])))))
    console.print(table)
    console.print(found["reference"]["text"], style="dim")
    console.print()
