"""``paddock open`` and ``paddock import``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.common import EXIT_BROKEN, LangOption, ModelsOption, WorkspaceOption, person, refusing, settings_from
from app.texts import text
from core.errors import Language

if TYPE_CHECKING:
    from app.page.sharing import Sharing


def open_page(
    workspace: WorkspaceOption = None,
    port: Annotated[int | None, typer.Option("--port", help="Premier port essayé · first port tried")] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Ne pas ouvrir le navigateur · don't open a browser")
    ] = False,
    window: Annotated[
        bool, typer.Option("--window", help="Dans une fenêtre à part, si possible · in a window of its own")
    ] = False,
    lan: Annotated[
        bool, typer.Option("--lan", help="Ouvrir aussi au réseau local, avec mot de passe · also to the local network")
    ] = False,
    lan_address: Annotated[
        str, typer.Option("--lan-address", help="Adresse à utiliser, s'il y en a plusieurs · which address to use")
    ] = "",
    share: Annotated[
        bool, typer.Option("--share", help="Lien public de Gradio, pour une démonstration · Gradio's public link")
    ] = False,
    password: Annotated[
        str | None, typer.Option("--password", help="Mot de passe (10 caractères au moins) ; mieux : PADDOCK_PASSWORD")
    ] = None,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Ouvre la page du bureau photo · Opens the photo desk's page."""
    settings = settings_from(workspace=workspace, port=port, models=models_dir, language=lang, password=password)
    language = settings.language
    typer.echo(text(language, "cli.starting", workspace=settings.workspace))
    with refusing(language):
        from app.page.lan import lan_address as find_address
        from app.page.logins import Logins
        from app.page.server import serve
        from app.page.sharing import Sharing

        sharing: Sharing | None = Sharing(
            lan=(lan_address or find_address()) if lan or lan_address else "",
            share=share,
            logins=Logins(settings.password) if settings.password else None,
        )
        browser = not no_browser
        while sharing is not None:  # a person on the page may want it shared in another way
            sharing = serve(
                settings,
                browser=browser,
                opener=lambda address: _show(address, window, language),
                ready=lambda address: typer.echo(text(language, "cli.ready", address=address)),
                sharing=sharing,
                shared=lambda sharing: _tell_sharing(sharing, language),
            )
            if sharing is not None:
                settings, browser = replace(settings, port=sharing.port), False


def _show(address: str, window: bool, language: Language) -> None:
    """Open the page's address in a browser, and say how."""
    from app.page.browser import open_address

    how = open_address(address, window=window)
    if how == "browser":
        typer.echo(text(language, "cli.opened.fallback" if window else "cli.opened.browser"))
    elif how:
        typer.echo(text(language, "cli.opened.window", browser=how))
    else:
        typer.echo(text(language, "cli.opened.nothing", address=address))


def _tell_sharing(sharing: Sharing, language: Language) -> None:
    """Print what others need to come in: the address, the password, a QR code where the terminal can show it."""
    from app.page.lan import qr_text

    problem = sharing.problem()
    if problem is not None:
        typer.echo(problem.message(language), err=True)
    if not sharing.address or sharing.logins is None:
        return
    key = "cli.shared_link" if sharing.share else "cli.shared_lan"
    typer.echo(text(language, key, address=sharing.address, password=sharing.logins.password))
    ends = sharing.expires_at()
    if ends is not None:
        typer.echo(text(language, "cli.shared_until", day=ends.astimezone().strftime("%d/%m/%Y %H:%M")))
    code = qr_text(sharing.invitation)
    try:
        code.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        typer.echo(text(language, "cli.shared_no_qr"))
    else:
        typer.echo(code)


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
        from studio.engines import WorkerEngines
        from studio.importing import import_photos
        from studio.judging import judge as run_judge
        from studio.workspace import Workspace

        opened = Workspace.open(settings.workspace)
        opened.clean()
        if clock := opened.clock_note():
            typer.echo(clock.message(language), err=True)
        engines = WorkerEngines()  # a photo that ends its decoder must not end the command
        desk = Desk(opened, engines, settings, person(settings))
        try:
            report = import_photos(desk, [folder])
            counts = {"added": len(report.added), "known": len(report.known), "errors": len(report.errors)}
            typer.echo(text(language, "cli.imported", **counts))
            for _, error in report.errors:
                typer.echo(f"  {error.message(language)}", err=True)
            nothing = bool(report.errors) and not report.added and not report.known
            if judge:
                judged = run_judge(
                    desk, on_error=lambda name, error: typer.echo(f"  {error.message(language)}", err=True)
                )
                typer.echo(text(language, "cli.judged", n=judged))
        finally:
            engines.close()
            opened.close()
    if nothing:
        raise typer.Exit(EXIT_BROKEN)
