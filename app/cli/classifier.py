"""``paddock classifier evaluate | predict | train``: the examiner's commands. Keras loads only when one runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.classifier_report import command_again, ready, write
from app.cli.common import EXIT_REFUSED, LangOption, ModelsOption, refusing, settings_from
from app.texts import table
from core.errors import Language
from core.values import CLASSES, no_report

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.table import Table

    from classifier.evaluation import Evaluation
    from classifier.predict import Prediction
    from classifier.triage import Triage
    from core.values import Report

app = typer.Typer(no_args_is_help=True, help="Le tri des photos · The sorting of photos.")
ModelOption = Annotated[
    str, typer.Option("--model", help="efficientnet-lite0 (default), vgg16, ou un fichier · or a file .safetensors")
]
EXIT_STOPPED = 130
"""As a shell says it of Ctrl-C."""
BACKBONE_HELP = "efficientnet-lite0 (default) | efficientnet-lite2 | vgg16 | efficientnetv2-b0 | resnet50 | resnet18"


@app.command("evaluate")
def evaluate_command(
    data: Annotated[Path, typer.Option("--data", help="Dossier avec ok, retoucher, exclure · folder with these three")],
    model: ModelOption = "default",
    as_json: Annotated[bool, typer.Option("--json", help="Rien que du JSON sur la sortie · JSON only")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Une ligne par photo · one line per photo")] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="Dossier du rapport à ouvrir (HTML, figures) · folder of the report")
    ] = None,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Taux de conformité d'un modèle sur un dossier étiqueté · Rate of conformity on a labelled folder."""
    settings = settings_from(models=models_dir, language=lang)
    language, texts = settings.language, _texts(settings.language)
    _quiet()
    with refusing(language):
        from classifier.evaluation import evaluate
        from classifier.predict import write_evaluation

        chosen: str | Triage = model
        if report is not None:
            chosen = ready(report, data, model, settings.models)
        with _progress(texts["judging"]) as progress:
            told = _reporting(progress, texts["judging"])
            done = evaluate(data, chosen, models_dir=settings.models, report=told)
        if csv is not None:
            _writing(csv, texts, lambda: write_evaluation(csv, done, language))
        if report is not None and not isinstance(chosen, str):
            command = command_again(data, report, model, models_dir, lang)
            with _progress(texts["reporting"]) as progress:
                told = _reporting(progress, texts["reporting"])
                _writing(report, texts, lambda: write(report, done, chosen, data, command, language, told))
    if as_json:
        typer.echo(json.dumps(done.as_json(language), ensure_ascii=False, indent=1))
        return
    _show(done, language)
    if csv is not None:
        typer.echo(texts["written"].format(path=csv))
    if report is not None:
        typer.echo(texts["reported"].format(path=report / "report.html"))


@app.command("predict")
def predict_command(
    image_dir: Annotated[Path, typer.Option("--image-dir", help="Dossier de photos · folder of photos")],
    out: Annotated[Path, typer.Option("--out", help="FILE.csv")],
    model: ModelOption = "default",
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Verdicts d'un dossier, en CSV · Verdicts of a folder, as CSV."""
    settings = settings_from(models=models_dir, language=lang)
    language, texts = settings.language, _texts(settings.language)
    _quiet()
    with refusing(language):
        from classifier.predict import predict, write_predictions

        with _progress(texts["judging"]) as progress:
            done = predict(image_dir, model, models_dir=settings.models, report=_reporting(progress, texts["judging"]))
        _writing(out, texts, lambda: write_predictions(out, done, language))
    typer.echo(_summary(done, texts))
    typer.echo(texts["written"].format(path=out))


@app.command("train")
def train_command(
    data: Annotated[Path, typer.Option("--data", help="Dossier de classes ou CSV · folder of classes, or a CSV")],
    out: Annotated[Path, typer.Option("--out", help="FILE.safetensors")],
    backbone: Annotated[str | None, typer.Option("--backbone", help=BACKBONE_HELP)] = None,
    config: Annotated[Path | None, typer.Option("--config", help="TOML : voir · see classifier/config.toml")] = None,
    epochs: Annotated[
        int | None, typer.Option("--epochs", help="Passages d'affinage, 0 = tête seule · fine-tuning, 0 = head only")
    ] = None,
    settings_of: Annotated[
        list[str] | None, typer.Option("--set", metavar="NOM=VALEUR", help="Un réglage du TOML · one field of the TOML")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Repartir de zéro · do not resume")] = False,
    folds: Annotated[Path | None, typer.Option("--folds", help="CSV: id, fold, source_fold")] = None,
    side: Annotated[int | None, typer.Option("--side", help="Côté d'entrée en pixels · input side")] = None,
    gpu: Annotated[int | None, typer.Option("--gpu", help="Carte graphique exigée, de 0 · which GPU, from 0")] = None,
    seed: Annotated[int | None, typer.Option("--seed")] = None,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Entraîne ou affine un modèle sur des photos étiquetées · Trains or fine-tunes a model on labelled photos."""
    settings = settings_from(models=models_dir, language=lang)
    language, texts = settings.language, _texts(settings.language)
    _quiet()
    with refusing(language):
        from classifier.run_training import Wish, run_training

        wish = Wish(data, out, backbone, config, tuple(settings_of or ()), epochs, restart, folds, side, seed, gpu,
                    settings.models)  # fmt: skip
        doing = texts["tuning" if wish.fine_tunes else "learning"]
        try:
            with _progress(doing) as progress:
                done = run_training(wish, _reporting(progress, doing))
        except KeyboardInterrupt as stopped:
            typer.echo(texts["resumable" if wish.fine_tunes else "stopped"], err=True)
            raise typer.Exit(EXIT_STOPPED) from stopped
    typer.echo(_tuned(done.out, done.card, texts) if wish.fine_tunes else _trained(done.out, done.card, texts))


def _trained(out: Path, card: dict[str, Any], texts: dict[str, str]) -> str:
    scores = card["scores"]["folds"]
    return texts["trained"].format(
        path=out, f1=f"{scores['macro_f1']:.3f}", accuracy=f"{scores['accuracy']:.3f}",
        folds=scores["folds"], temperature=f"{card['temperature']:.2f}",
    )  # fmt: skip


def _tuned(out: Path, card: dict[str, Any], texts: dict[str, str]) -> str:
    scores, training = card["scores"]["held_out"], card["training"]
    return texts["tuned"].format(
        path=out, n=len(card["classes"]), f1=f"{scores['macro_f1']:.3f}", accuracy=f"{scores['accuracy']:.3f}",
        held=sum(card["held_out"].values()), epochs=training["epochs"], best=training["best_epoch"],
        seconds=f"{training['seconds']:.0f}", start=texts[f"start.{card['weights']['source']}"],
    )  # fmt: skip


def _quiet() -> None:
    """TensorFlow's own log stays off the terminal: set before anything imports it."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _progress(doing: str) -> Progress:
    """A bar on stderr, only on a terminal: stdout is for results."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    progress.add_task(doing, total=1.0)
    return progress


def _reporting(progress: Progress, doing: str) -> Report:
    def report(fraction: float, detail: str) -> None:
        progress.update(progress.task_ids[0], completed=fraction, description=f"{doing} {detail}")

    return no_report if progress.disable else report


def _writing(path: Path, texts: dict[str, str], write: Callable[[], Path]) -> None:
    """Write a result file; a full disk or a forbidden folder ends the command with a sentence."""
    try:
        write()
    except OSError as error:
        typer.echo(texts["disk"].format(file=path, why=error.strerror or error), err=True)
        raise typer.Exit(EXIT_REFUSED) from error


def _show(done: Evaluation, language: Language) -> None:
    """Notices and unreadable photos on stderr, rate, table of classes and matrix on stdout."""
    from rich.console import Console

    texts = _texts(language)
    for notice in done.notices:
        typer.echo(f"{texts['warning']} : {notice.message(language)}", err=True)
    for row in done.rows:
        if row.error is not None:
            typer.echo(f"{texts['unreadable']} : {row.path} — {row.error.message(language)}", err=True)
    readable = done.photos - done.unreadable
    right = round(done.accuracy * readable)
    console = Console(highlight=False)
    rate = texts["rate"].format(rate=_percent(done.accuracy, language), right=right, readable=readable)
    console.print(rate, style="bold")
    if done.unreadable:
        console.print(texts["rate_all"].format(unreadable=done.unreadable, rate=_percent(done.accuracy_all, language)))
    console.print(
        texts["model"].format(
            model=done.model, backend=done.backend, f1=f"{done.macro_f1:.3f}", ece=f"{done.ece:.3f}",
            seconds=f"{done.seconds:.1f}",
        )
    )  # fmt: skip
    console.print(_classes_table(done, texts))
    console.print(_matrix_table(done, texts))


def _classes_table(done: Evaluation, texts: dict[str, str]) -> Table:
    from rich.table import Table

    table = Table(texts["class"], texts["precision"], texts["recall"], texts["f1"], texts["support"])
    for label, score in done.per_class.items():
        table.add_row(label, f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}", str(score.support))
    return table


def _matrix_table(done: Evaluation, texts: dict[str, str]) -> Table:
    from rich.table import Table

    table = Table(texts["matrix"], *done.classes)
    for label, row in zip(done.classes, done.confusion, strict=True):
        table.add_row(label, *(str(count) for count in row))
    return table


def _summary(done: tuple[Prediction, ...], texts: dict[str, str]) -> str:
    from core.values import Verdict

    verdicts = [item.outcome.label for item in done if isinstance(item.outcome, Verdict)]
    counts = ", ".join(f"{label} {verdicts.count(label)}" for label in CLASSES)
    line = texts["verdicts"].format(n=len(verdicts), counts=counts)
    failed = len(done) - len(verdicts)
    return f"{line} · {texts['failed'].format(n=failed)}" if failed else line


def _percent(value: float, language: Language) -> str:
    return f"{100 * value:.1f} %".replace(".", ",") if language == "fr" else f"{100 * value:.1f}%"


def _texts(language: Language) -> dict[str, str]:
    """This group's texts by their short names."""
    prefix = "cli.classifier."
    return {key.removeprefix(prefix): text for key, text in table(language).items() if key.startswith(prefix)}
