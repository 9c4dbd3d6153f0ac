"""`paddock weights list | pull | check`: what models there are, where they lie, whether they are intact."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.cli.common import LangOption, ModelsOption, refusing, settings_from
from app.texts import table as table_of
from core import weights
from core.errors import Language, PaddockError, WeightsMissing

app = typer.Typer(no_args_is_help=True, help="Les modèles : où, intacts ? · The models: where, intact?")


@app.command("list")
def list_models(models_dir: ModelsOption = None, lang: LangOption = None) -> None:
    """Les modèles connus et leur état · The known models and their state."""
    settings = settings_from(models=models_dir, language=lang)
    language = settings.language
    table = _table(language, ("model", "state", "size", "about"))
    with refusing(language):
        for state in weights.states(settings.models):
            shown = _text(state.presence, language) + (f" : {state.problem}" if state.problem else "")
            table.add_row(state.facts.id, shown, _size(state.bytes, language), _about(state, language))
    Console().print(table)


@app.command()
def pull(
    model: Annotated[str, typer.Argument(help="clipseg | sd2-inpainting | vgg16 …")],
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Télécharger un modèle publié et enregistrer son empreinte · Download a published model and record its hash."""
    settings = settings_from(models=models_dir, language=lang)
    language = settings.language
    console = Console()
    with refusing(language):
        located = weights.pull(
            model, settings.models, lambda _, doing: console.print(doing, style="dim", highlight=False)
        )
    revision = located.revision or _text("unknown", language)
    console.print(_text("pulled", language).format(model=model, folder=located.folder), highlight=False, soft_wrap=True)
    console.print(
        _text("revision", language).format(revision=revision, sha=located.sha256), highlight=False, soft_wrap=True
    )


@app.command()
def check(
    models_dir: ModelsOption = None,
    record: Annotated[
        bool, typer.Option("--record", help="Enregistrer les empreintes encore inconnues · record unknown hashes")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Recalculer toutes les empreintes · Hash every file again. Code 2 : un fichier a changé · a file changed."""
    settings = settings_from(models=models_dir, language=lang)
    language = settings.language
    table = _table(language, ("model", "state", "where"))
    changed: list[PaddockError] = []
    with refusing(language):
        for entry, result in weights.check(settings.models):
            if isinstance(result, weights.Located):
                kept = weights.record(entry.id, settings.models) if record and result.state == "unrecorded" else result
                table.add_row(entry.id, _text(kept.state, language), str(kept.folder))
            elif isinstance(result, WeightsMissing):
                table.add_row(entry.id, _text("absent", language), entry.sources[0])
            else:
                changed.append(result)
                table.add_row(entry.id, _text("changed", language), str(result.details.get("file", "")))
    console = Console()
    console.print(table)
    if changed:
        for change in changed:
            typer.echo(change.message(language), err=True)
        raise typer.Exit(2)
    console.print(_text("nothing", language), highlight=False)


def _table(language: Language, columns: tuple[str, ...]) -> Table:
    table = Table(title=_text("title", language), title_justify="left", show_lines=True)
    for column in columns:
        table.add_column(
            _text(column, language),
            overflow="fold",
            no_wrap=column in ("model", "size"),
            justify="right" if column == "size" else "left",
        )
    return table


def _about(state: weights.ModelState, language: Language) -> Text:
    entry = state.facts
    licence = _text("unstated", language) if entry.licence == "unstated" else entry.licence
    about = Text(entry.title(language))
    about.append(f"\n{licence}. {entry.licence_note(language)}", style="dim")
    about.append("\n" + (state.where or "\n".join(entry.sources)), style="dim")
    return about


def _text(key: str, language: Language) -> str:
    return table_of(language)[f"cli.weights.{key}"]


def _size(count: int, language: Language) -> str:
    if not count:
        return ""
    unit, divisor = ("Go", 1e9) if count >= 1e9 else ("Mo", 1e6)
    shown = f"{count / divisor:.1f}"
    return f"{shown.replace('.', ',')} {unit}" if language == "fr" else f"{shown} {unit[0]}B"
