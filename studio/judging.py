"""Sort: the model's verdicts, and a person's word over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.errors import AuditError, ChoiceError, PaddockError
from core.values import CLASSES, Report, Verdict, holding, no_report
from studio.desk import Desk
from studio.photos import get_photo, list_photos

CHUNK = 8
"""Photos per call to the worker: results arrive a few at a time, and others get their turn in between."""


def judge(
    desk: Desk, photos: Sequence[str] | None = None, *, model: str = "default", report: Report = no_report,
    on_error: Callable[[str, PaddockError], None] | None = None,
) -> int:  # fmt: skip
    """Let the classifier judge photos (all that have no verdict yet when None). Returns how many it judged.

    Each verdict is recorded as it comes. A photo that can't be read, or whose file is gone, is handed to
    ``on_error`` and the rest goes on; without ``on_error`` its error is raised. Raises WeightsMissing
    when the model is not there.
    """
    states = list_photos(desk.workspace)
    wanted = set(photos) if photos is not None else {state.sha for state in states if not state.model_label}
    todo = [state for state in states if state.sha in wanted]
    judged = 0
    for start in range(0, len(todo), CHUNK):
        chunk = todo[start : start + CHUNK]
        report(start / len(todo), chunk[0].name)
        paths: dict[str, str] = {}
        for state in chunk:
            try:
                paths[state.sha] = str(desk.workspace.store.open(state.sha))
            except AuditError as error:
                if on_error is None:
                    raise
                on_error(state.name, error)
        chunk = [state for state in chunk if state.sha in paths]
        results = desk.engines.call(
            "keras",
            "studio.tasks.triage:judge",
            list(paths.values()),
            [state.name for state in chunk],
            model=model,
            models_dir=desk.models_dir,
            report=holding(report, start / len(todo)),
        )
        for state, result in zip(chunk, results, strict=True):
            if isinstance(result, Verdict):
                _record(desk, state.sha, result)
                judged += 1
            elif on_error is None:
                raise result
            else:
                on_error(state.name, result)
    report(1.0, "")
    return judged


def decide(desk: Desk, photos: Sequence[str], label: str | None) -> None:
    """Record a person's verdict; None takes the hand's word back, so that the model's counts again."""
    if label is not None and label not in CLASSES:
        raise ChoiceError(
            problem_fr="verdict inconnu ; choisissez ok, retoucher ou exclure.",
            problem_en="unknown verdict; choose ok, retoucher or exclure.",
        )
    for sha in photos:
        before = get_photo(desk.workspace, sha)
        desk.workspace.record(
            "decide", who=desk.who, subject=sha,
            parameters={"label": label, "before": before.hand or None, "model": before.model_label or None},
        )  # fmt: skip


def _record(desk: Desk, sha: str, verdict: Verdict) -> None:
    desk.workspace.record(
        "judge", who=desk.who, subject=sha,
        parameters={"label": verdict.label, "probabilities": [round(p, 6) for p in verdict.probabilities]},
        origin=verdict.origin,
    )  # fmt: skip
