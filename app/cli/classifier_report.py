"""What ``paddock classifier evaluate --report FOLDER`` adds: the checks before the work, and the words of the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.texts import table
from core.errors import Language

if TYPE_CHECKING:
    from classifier.evaluation import Evaluation
    from classifier.triage import Triage
    from core.values import Report


def ready(folder: Path, data: Path, model: str, models: Path | None) -> Triage:
    """The model, once both folders can be used; kept, because the heat maps ask it again. Raises FolderError first."""
    from classifier.folder import read_folder
    from classifier.report import check_folder
    from classifier.triage import Triage

    read_folder(data)
    check_folder(folder, data)
    return Triage.load(model, models_dir=models)


def write(folder: Path, done: Evaluation, triage: Triage, data: Path, command: list[str], language: Language,
          report: Report) -> Path:  # fmt: skip
    """The folder with report.html, figures and numbers, in a language. Raises OSError, FolderError."""
    from classifier.report import write_report
    from studio.photos import UNSURE_BELOW

    words = {key.removeprefix("report."): said for key, said in table(language).items() if key.startswith("report.")}
    return write_report(folder, done, triage, data, words=words, language=language, command=command,
                        unsure_below=UNSURE_BELOW, report=report)  # fmt: skip


def command_again(data: Path, folder: Path, model: str, models: Path | None, lang: str | None) -> list[str]:
    """The command line, for the report to say how to measure the same again."""
    words = ["paddock", "classifier", "evaluate", "--data", str(data), "--model", model, "--report", str(folder)]
    words += ["--models-dir", str(models)] if models is not None else []
    return words + (["--lang", lang] if lang else [])
