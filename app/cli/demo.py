"""``paddock demo``: the examination rehearsed in one command, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.common import EXIT_BROKEN, LangOption, ModelsOption, person, refusing, settings_from
from app.texts import text


def demo_command(
    out: Annotated[Path, typer.Option("--out", help="Dossier du résultat (neuf) · result folder (new)")],
    style: Annotated[
        list[Path] | None, typer.Option("--style", help="Image de style, trois fois · style image, three times")
    ] = None,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Répète l'examen : trier, corriger, styliser, relier, tracer · Rehearses the examination."""
    settings = settings_from(models=models_dir, language=lang, workspace=out / "workspace")
    language = settings.language

    def say(key: str, details: dict[str, Any]) -> None:
        typer.echo(text(language, key, **details))

    with refusing(language):
        from core.errors import FolderError
        from studio.demo import rehearse
        from studio.desk import Desk
        from studio.engines import WorkerEngines
        from studio.workspace import Workspace

        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise FolderError(
                folder=out, problem_fr="il n'est pas vide ; choisissez un dossier neuf.",
                problem_en="it is not empty; choose a new folder.",
            )  # fmt: skip
        workspace = Workspace.open(settings.workspace)
        workspace.clean()
        engines = WorkerEngines()
        try:
            found = rehearse(Desk(workspace, engines, settings, person(settings)), out, styles=style or [], say=say)
        finally:
            engines.close()
            workspace.close()
    say("demo.done", {"seconds": round(sum(found.seconds.values())), "out": out})
    if not found.audit_holds or found.changed_outside:
        raise typer.Exit(EXIT_BROKEN)
