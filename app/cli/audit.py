"""``paddock audit verify | export | trace``: is all as recorded, and the folder for the legal department."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.common import EXIT_BROKEN, LangOption, WorkspaceOption, person, refusing, settings_from
from app.texts import text

app = typer.Typer(no_args_is_help=True, help="La traçabilité · The audit chain.")


@app.command("verify")
def verify(workspace: WorkspaceOption = None, lang: LangOption = None) -> None:
    """Vérifie chaque événement et chaque fichier · Checks every event and every file."""
    settings = settings_from(workspace=workspace, language=lang)
    language = settings.language
    with refusing(language):
        from studio.workspaces import open_to_read

        opened = open_to_read(settings.workspace)
        found = opened.verify()
        opened.close()
    for problem in found.problems:
        typer.echo(f"✕ {problem.message(language)}")
    for told in (*found.remarks, *found.strays):
        typer.echo(f"· {told.message(language)}")
    key = "cli.audit.holds" if found.holds else "cli.audit.broken"
    typer.echo(
        text(language, key, events=found.events, files=found.files, problems=len(found.problems), head=found.head.hash)
    )
    if not found.holds:
        raise typer.Exit(EXIT_BROKEN)


@app.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="Dossier neuf · new folder")],
    workspace: WorkspaceOption = None,
    lang: LangOption = None,
) -> None:
    """Originaux, intermédiaires, finaux, registre et empreintes · Originals, intermediates, finals, ledger, sums."""
    settings = settings_from(workspace=workspace, language=lang)
    language = settings.language
    with refusing(language):
        from studio.desk import Desk
        from studio.engines import InlineEngines
        from studio.exporting import export_audit
        from studio.workspaces import open_to_read

        opened = open_to_read(settings.workspace)
        made = export_audit(Desk(opened, InlineEngines(), settings, person(settings)), out)
        opened.close()
    typer.echo(
        text(
            language, "cli.audit.exported", folder=made.folder, originals=made.originals,
            intermediates=made.intermediates, finals=made.finals, events=made.events,
        )
    )  # fmt: skip


@app.command("trace")
def trace(
    file: Annotated[Path, typer.Argument(help="Une image quelconque · any picture")],
    workspace: WorkspaceOption = None,
    lang: LangOption = None,
) -> None:
    """D'où vient cette image ? · Where does this picture come from?"""
    settings = settings_from(workspace=workspace, language=lang)
    language = settings.language
    with refusing(language):
        from studio.tracing import Node, trace_file
        from studio.workspaces import open_to_read

        opened = open_to_read(settings.workspace)
        tree = trace_file(opened, file)
        opened.close()

    def show(node: Node, depth: int) -> None:
        done = "".join(
            f" ← {text(language, f'action.{step.action}')} · {step.time[:16]} · {step.who}"
            for step in reversed(node.steps)
        )
        typer.echo(f"{'  ' * depth}{text(language, f'role.{node.role}')} {node.name} {node.sha[:16]}…{done}")
        for source in node.sources:
            show(source, depth + 1)

    show(tree, 0)
