"""``paddock open`` and ``paddock import``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.common import EXIT_BROKEN, LangOption, ModelsOption, WorkspaceOption, person, refusing, settings_from
from app.texts import text


def open_page(
    workspace: WorkspaceOption = None,
    port: Annotated[int | None, typer.Option("--port", help="Premier port essayé · first port tried")] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Ne pas ouvrir le navigateur · don't open a browser")
    ] = False,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Ouvre la page du bureau photo · Opens the photo desk's page."""
    settings = settings_from(workspace=workspace, port=port, models=models_dir, language=lang)
    language = settings.language
    typer.echo(text(language, "cli.starting", workspace=settings.workspace))
    with refusing(language):
        from app.page.server import serve

        serve(
            settings,
            browser=not no_browser,
            ready=lambda address: typer.echo(text(language, "cli.ready", address=address)),
        )


def import_command(
    folder: Annotated[Path, typer.Argument(help="Dossier, photo ou zip · folder, photo or zip")],
    workspace: WorkspaceOption = None,
    models_dir: ModelsOption = None,
    judge: Annotated[bool, typer.Option("--judge", help="Trier aussitôt · sort at once")] = False,
    lang: LangOption = None,
) -> None:
    """Importe des photos dans l'espace de travail · Imports photos into the workspace."""
    settings = settings_from(workspace=workspace, models=models_dir, language=lang)
    language = settings.language
    with refusing(language):
        from studio.desk import Desk
        from studio.engines import InlineEngines
        from studio.importing import import_photos
        from studio.judging import judge as run_judge
        from studio.workspace import Workspace

        opened = Workspace.open(settings.workspace)
        desk = Desk(opened, InlineEngines(), settings, person(settings))
        report = import_photos(desk, [folder])
        typer.echo(
            text(language, "cli.imported", added=len(report.added), known=len(report.known), errors=len(report.errors))
        )
        for _, error in report.errors:
            typer.echo(f"  {error.message(language)}", err=True)
        nothing = bool(report.errors) and not report.added and not report.known
        if judge:
            judged = run_judge(desk, on_error=lambda name, error: typer.echo(f"  {error.message(language)}", err=True))
            typer.echo(text(language, "cli.judged", n=judged))
        opened.close()
    if nothing:
        raise typer.Exit(EXIT_BROKEN)
