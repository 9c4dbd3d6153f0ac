"""``paddock workspace list | new | backup | restore | check``: which workspaces there are, and keeping them safe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.common import EXIT_BROKEN, LangOption, WorkspaceOption, refusing, settings_from
from app.texts import text
from core.errors import Language
from core.values import Report, no_report

if TYPE_CHECKING:
    from audit.verify import Problem

app = typer.Typer(no_args_is_help=True, help="Les espaces de travail · The workspaces.")

InOption = Annotated[
    Path | None, typer.Option("--in", help="Dossier qui les contient · the folder that holds them")
]  # fmt: skip
JsonOption = Annotated[bool, typer.Option("--json", help="Pour une machine · for a machine")]


@app.command("list")
def list_command(inside: InOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Les espaces de travail, leur taille et leur état · The workspaces, their size and state."""
    settings = settings_from(language=lang)
    language = settings.language
    root = inside or settings.workspace.absolute().parent
    with refusing(language):
        from studio.space import shown_size
        from studio.workspaces import list_workspaces

        found = list_workspaces(root)
    if as_json:
        typer.echo(json.dumps([{**asdict(item), "folder": str(item.folder)} for item in found], ensure_ascii=False))
        return
    if not found:
        typer.echo(text(language, "cli.workspace.none", folder=root))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = ("name", "photos", "last", "size", "state")
    table = Table(*(text(language, f"cli.workspace.{name}") for name in columns), box=None)
    for item in found:
        last = item.last[:16].replace("T", " ") or "—"
        cells = (item.name, str(item.photos), last, shown_size(item.size, language),
                 text(language, f"cli.workspace.state.{item.state}"))  # fmt: skip
        table.add_row(*map(Text, cells))
    Console().print(table)
    typer.echo(text(language, "cli.workspace.free", free=shown_size(found[0].free, language), folder=root))


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Par exemple « 24h-2026 » · for example")],
    inside: InOption = None,
    lang: LangOption = None,
) -> None:
    """Crée un espace de travail vide · Makes an empty workspace."""
    settings = settings_from(language=lang)
    with refusing(settings.language):
        from studio.workspaces import new_workspace

        made = new_workspace(name, (inside or settings.workspace.absolute().parent).absolute())
    typer.echo(text(settings.language, "cli.workspace.made", folder=made))


@app.command("backup")
def backup(
    out: Annotated[Path, typer.Argument(help="Dossier sur la clé ou le disque · folder on the key or disk")],
    workspace: WorkspaceOption = None,
    exports: Annotated[
        bool, typer.Option("--exports", help="Aussi les livres et dossiers exportés · exported books and folders too")
    ] = False,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Relire ce qui était déjà copié · read again what was copied before")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Copie cohérente, même pendant le travail ; ne copie que le nouveau · Consistent copy, even while work goes on."""
    settings = settings_from(workspace=workspace, language=lang)
    language = settings.language
    with refusing(language):
        from studio.backup import backup_workspace
        from studio.space import shown_size
        from studio.workspaces import open_to_read

        opened = open_to_read(settings.workspace)
        try:
            with _progressing(text(language, "cli.workspace.copying")) as report:
                made = backup_workspace(opened, out, exports=exports, recheck=recheck, report=report)
        finally:
            opened.close()
    _tell(made.problems, language)
    typer.echo(
        text(
            language, "cli.workspace.backed_up", folder=made.folder, photos=made.photos, files=made.files,
            size=shown_size(made.size, language), copied=made.copied,
            copied_size=shown_size(made.copied_size, language), events=made.events, head=made.head,
        )
    )  # fmt: skip
    if made.problems:
        typer.echo(text(language, "cli.workspace.incomplete", n=len(made.problems)), err=True)
        raise typer.Exit(EXIT_BROKEN)


@app.command("restore")
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="La sauvegarde · the backup")],
    target: Annotated[Path, typer.Argument(metavar="DIR", help="Dossier neuf · new folder")],
    lang: LangOption = None,
) -> None:
    """Refait un espace de travail d'une sauvegarde et le vérifie · A workspace from a backup, verified."""
    settings = settings_from(language=lang)
    language = settings.language
    with refusing(language):
        from studio.restoring import restore_backup

        with _progressing(text(language, "cli.workspace.restoring")) as report:
            done = restore_backup(source, target, report=report)
    found = done.verification
    _tell(found.problems, language)
    key = "cli.workspace.restored" if found.holds else "cli.workspace.restored_in_part"
    typer.echo(
        text(
            language, key, folder=done.folder, made=done.backup[:16].replace("T", " "), events=found.events,
            files=found.files, problems=len(found.problems), head=found.head.hash,
        )
    )  # fmt: skip
    if not found.holds:
        raise typer.Exit(EXIT_BROKEN)


@app.command("check")
def check(workspace: WorkspaceOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Base, registre, fichiers, place, tâches ; code 1 si quelque chose ne tient pas · Everything; code 1 if not."""
    settings = settings_from(workspace=workspace, language=lang)
    language = settings.language
    with refusing(language):
        from studio.checking import check_workspace

        with _progressing(text(language, "cli.workspace.checking")) as report:
            found = check_workspace(settings.workspace, report=report)
    if as_json:
        findings = [asdict(finding) for finding in found.findings]
        value = {"folder": str(found.folder), "holds": found.holds, "findings": findings}
        typer.echo(json.dumps(value, ensure_ascii=False))
    else:
        for finding in found.findings:
            typer.echo(f"{_MARKS[finding.level]} {finding.message(language)}")
        typer.echo(text(language, "cli.workspace.holds" if found.holds else "cli.workspace.broken"))
    if not found.holds:
        raise typer.Exit(EXIT_BROKEN)


_MARKS = {"ok": "✓", "note": "·", "problem": "✕"}


def _tell(problems: Iterable[Problem], language: Language) -> None:
    for problem in problems:
        typer.echo(f"✕ {problem.message(language)}", err=True)


@contextmanager
def _progressing(doing: str) -> Iterator[Report]:
    """A bar on stderr, only on a terminal: stdout is for results."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield no_report
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(doing, total=1.0)
        yield lambda fraction, name: progress.update(task, completed=fraction, description=f"{doing} {name}"[:60])
