"""Calls of « Évaluer »: a labelled folder and a model, the rate, the matrix, the mistakes."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from app.page.calls.common import evaluation_samples, offered_classifiers
from app.page.service import Call, Service, Visit, uploaded
from app.page.visitors import require_local
from core.errors import ChoiceError
from core.files import shown_name
from studio.evaluating import evaluate
from studio.job import Job

SHOWN_MISTAKES = 200


def run(service: Service, visit: Visit, args: dict[str, Any]) -> dict[str, str]:
    """Evaluate a folder of this machine, or one that the browser has uploaded."""
    model = _model(service, str(args.get("model") or "default"))
    files = uploaded(args["files"]) if args.get("files") else None
    if files is None and not str(args.get("folder") or "").strip():
        raise ChoiceError(
            problem_fr="choisissez d'abord un dossier qui contient ok, retoucher et exclure.",
            problem_en="first choose a folder that holds ok, retoucher and exclure.",
        )

    if files is None and args["folder"] != evaluation_samples():
        require_local(visit)

    def work(job: Job) -> dict[str, Any]:
        folder = _gather(visit, files) if files is not None else Path(str(args["folder"]).strip()).expanduser()
        return _report(service, visit, folder, evaluate(visit.desk, folder, model=model, report=job.report))

    return service.start("evaluate", visit, work)


def _model(service: Service, asked: str) -> str:
    """One of the classifiers that the page offers; a visitor can name no file of this machine."""
    offered = offered_classifiers(service)
    if asked not in offered:
        raise ChoiceError(
            problem_fr=f"le modèle « {asked[:80]} » n'est plus proposé ici. Rechargez la page et choisissez-en un.",
            problem_en=f"the model “{asked[:80]}” is not offered here any more. Reload the page and choose one.",
        )
    return offered[asked]


def _gather(visit: Visit, files: dict[Path, str]) -> Path:
    """Lay uploaded files out as they were in their folder, below the workspace's temporary folder."""
    folder = visit.desk.workspace.tmp / f"evaluate-{secrets.token_hex(4)}"
    for number, (path, name) in enumerate(files.items()):
        parts = [part for part in map(_plain, name.replace("\\", "/").split("/")) if part]
        inside = parts[1:-1]  # below the chosen folder: ok, retoucher, exclure and what they hold
        target = folder.joinpath(*inside, _short(number, parts[-1] if parts else path.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def _plain(part: str) -> str:
    """A part of a path as a name on every system: no drive ("C:" begins anew on Windows), no "..", not too long."""
    return re.sub(r'[\x00-\x1f<>:"|?*]', "_", part).strip(". ").encode()[:100].decode(errors="ignore")


def _short(number: int, name: str) -> str:
    """A file name that fits every file system and still shows what the photo was called."""
    path = PurePosixPath(name)
    return f"{number:05d}-{path.stem.encode()[:100].decode(errors='ignore')}{path.suffix[:8]}"


def _report(service: Service, visit: Visit, folder: Path, evaluation: Any) -> dict[str, Any]:
    wrong = [row for row in evaluation.rows if not row.correct and row.verdict]
    return {
        **evaluation.as_json(visit.language),
        "mistakes": [
            {
                "name": shown_name(Path(row.path).name), "url": service.share(folder / row.path),
                "expected": row.expected, "verdict": row.verdict, "confidence": max(row.probabilities),
            }
            for row in wrong[:SHOWN_MISTAKES]
        ],
    }  # fmt: skip


CALLS: dict[str, Call] = {"evaluate": run}
