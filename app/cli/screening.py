"""``paddock classifier screen | probe``: a look at labelled photos before training, and at how steady a model is."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.classifier import ModelOption, _percent, _progress, _quiet, _reporting
from app.cli.common import LangOption, ModelsOption, refusing, settings_from
from app.texts import table
from core.errors import Language
from core.values import CLASSES

if TYPE_CHECKING:
    from classifier.probe import Probe
    from classifier.screening import Screening

SHOWN = 20
"""Lines of one kind that the terminal shows; --json has them all."""


def screen_command(
    data: Annotated[Path, typer.Option("--data", help="Dossier avec ok, retoucher, exclure · folder with these three")],
    labels: Annotated[
        bool, typer.Option("--labels/--no-labels", help="Chercher les étiquettes douteuses · look for doubtful labels")
    ] = True,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Dossier qui garde les calculs · folder that keeps the features")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Rien que du JSON sur la sortie · JSON only")] = False,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Examine un dossier étiqueté avant l'entraînement · Looks at a labelled folder before training."""
    settings = settings_from(models=models_dir, language=lang)
    language, texts = settings.language, _words("screen.", settings.language)
    _quiet()
    with refusing(language):
        from classifier.screening import screen

        with _progress(texts["looking"]) as progress:
            done = screen(data, labels=labels, models_dir=settings.models, cache=cache,
                          report=_reporting(progress, texts["looking"]))  # fmt: skip
    if as_json:
        typer.echo(json.dumps(done.as_json(language), ensure_ascii=False, indent=1))
        return
    _show_screening(done, texts, language)


def probe_command(
    data: Annotated[Path, typer.Option("--data", help="Dossier de photos · folder of photos")],
    model: ModelOption = "default",
    photos: Annotated[int, typer.Option("--photos", min=1, help="Photos tirées au sort · photos drawn")] = 300,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Rien que du JSON sur la sortie · JSON only")] = False,
    models_dir: ModelsOption = None,
    lang: LangOption = None,
) -> None:
    """Part des verdicts qui changent pour un rien · Share of verdicts that flip for what should not matter."""
    settings = settings_from(models=models_dir, language=lang)
    language, texts = settings.language, _words("probe.", settings.language)
    _quiet()
    with refusing(language):
        from classifier.probe import probe

        with _progress(texts["judging"]) as progress:
            done = probe(data, model, photos=photos, seed=seed, models_dir=settings.models,
                         report=_reporting(progress, texts["judging"]))  # fmt: skip
    if as_json:
        typer.echo(json.dumps(done.as_json(language), ensure_ascii=False, indent=1))
        return
    _show_probe(done, texts, language)


def _show_screening(done: Screening, texts: dict[str, str], language: Language) -> None:
    """Notices and unreadable photos on stderr, the rest on stdout, the most serious first."""
    from rich.console import Console
    from rich.table import Table

    for notice in done.notices:
        typer.echo(notice.message(language), err=True)
    for _, error in done.unreadable:
        typer.echo(error.message(language), err=True)
    say = Console(highlight=False, markup=False, soft_wrap=True).print
    counts = ", ".join(f"{label} {count}" for label, count in done.balance.items())
    say(texts["photos"].format(n=done.photos, counts=counts, unreadable=len(done.unreadable), groups=done.groups))
    kinds = Counter(pair.reason for pair in done.pairs)
    say(texts["pairs"].format(**{reason.replace(" ", "_"): kinds[reason] for reason in REASONS}))
    for pair in done.conflicts[:SHOWN]:
        say(texts["conflict"].format(first=pair.first, one=pair.labels[0], second=pair.second, other=pair.labels[1]))
    for split in done.splits:
        line = texts["split"] if split.leaks else texts["split_good"]
        say(line.format(name=split.name, leaks=len(split.leaks), shared=split.shared))
    single = [source for source in done.sources if max(source.classes) == source.photos]
    if done.sources:
        say(texts["sources"].format(n=len(done.sources), single=len(single), photos=sum(one.photos for one in single)))
    if done.guess is not None:
        say(texts["guess"].format(rate=_percent(done.guess.accuracy, language),
                                  largest=_percent(done.guess.largest, language)))  # fmt: skip
    suspicious = [trap for trap in done.traps if trap.suspicious]
    if suspicious:
        traits = Table(texts["trait"], texts["n"], *CLASSES, title=texts["traps"], title_justify="left")
        for trap in suspicious:
            shares = (_percent(share, language) for share in trap.shares)
            traits.add_row(texts.get(f"trait.{trap.trait}", trap.trait), str(trap.photos), *shares)
        say(traits)
    if done.suspects is None:
        say(texts["no_suspects"])
        return
    say(texts["suspects"].format(n=len(done.suspects)))
    for one in done.suspects[:SHOWN]:
        say(f"  {one.path} : {one.label} → {one.suggested} ({_percent(one.other, language)})")
    if len(done.suspects) > SHOWN:
        say(texts["more"].format(n=len(done.suspects) - SHOWN))


def _show_probe(done: Probe, texts: dict[str, str], language: Language) -> None:
    """The table of perturbations, the worst first, and what it says in a sentence."""
    from rich.console import Console
    from rich.table import Table

    for _, error in done.unreadable:
        typer.echo(error.message(language), err=True)
    console = Console(highlight=False, markup=False)
    console.print(texts["title"].format(model=done.model, n=done.photos, seed=done.seed), soft_wrap=True)
    rows = Table(*(texts[f"column.{name}"] for name in ("change", "flips", "sure", "by_rule", "mean", "drift")))
    for effect in done.effects:
        label, drift = effect.worst
        rows.add_row(
            texts.get(f"change.{effect.name}", effect.name), f"{effect.flips}/{effect.photos}",
            f"{effect.sure_flips}/{effect.sure}", str(effect.by_rule), f"{effect.mean_change:.3f}",
            f"{label} {drift:+.3f}",
        )  # fmt: skip
    console.print(rows)
    worst = done.effects[0]
    console.print(texts["worst"].format(change=texts.get(f"change.{worst.name}", worst.name),
                                        rate=_percent(worst.share, language)), soft_wrap=True)  # fmt: skip


REASONS = ("same file", "same picture", "same place", "burst")


def _words(prefix: str, language: Language) -> dict[str, str]:
    """Texts under a prefix by their short names."""
    return {key.removeprefix(prefix): text for key, text in table(language).items() if key.startswith(prefix)}
