"""Sort: the model's verdicts, and a person's word over them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from core.errors import (
    AuditError,
    ChoiceError,
    EngineDied,
    PaddockError,
    PhotoStoppedEngine,
    TaskTooLarge,
    TaskTooLong,
)
from core.values import CLASSES, Report, Verdict, holding, no_report
from studio.desk import Desk
from studio.limits import Limits
from studio.photos import get_photo, list_photos

CHUNK = 8
"""Photos per call to the worker: results arrive a few at a time, and others get their turn in between."""
JUDGING = Limits(cpu_seconds=20, wall_seconds=45, megabytes=1500)
"""For one photo, once the model is loaded; a chunk gets four times as much, since most photos take a hundredth."""
GIVE_UP_AFTER = 3
"""Photos in a row that end the engine: then it is the engine's fault, not theirs."""

Note = Callable[..., None]


class Judge:
    """Verdicts a few at a time, past photos that end the engine.

    note: told when the engine had to be replaced, as note(text key, photo=name).
    """

    def __init__(self, desk: Desk, model: str = "default", *, note: Note | None = None) -> None:
        self.desk, self.model = desk, model
        self._note = note or (lambda key, **details: None)
        self._in_a_row = 0
        self._warm = False

    def judge(self, photos: Sequence[tuple[str, str]], *, report: Report = no_report) -> list[PaddockError | None]:
        """Judge (hash, name) photos and record each verdict; in their order, None or why there is none.

        Raises WeightsMissing or WeightsChanged for the model, EngineFailed when the engine ends again and again.
        """
        paths: dict[int, str] = {}
        answers: dict[int, Verdict | PaddockError] = {}
        for place, (sha, _) in enumerate(photos):
            try:
                paths[place] = str(self.desk.workspace.store.open(sha))
            except AuditError as error:
                answers[place] = error
        places = list(paths)
        try:
            found = self._ask([(paths[place], photos[place][1]) for place in places], report)
            answers |= dict(zip(places, found, strict=True))
        except _ENDED as error:
            # Which of them did it? One at a time, in a fresh worker each time it ends.
            self._note("jobs.note.replaced", photo=photos[places[0]][1])
            self._warm = False
            for place in places:
                answers[place] = self._alone(paths[place], photos[place][1], error, report)
        for place, (sha, _) in enumerate(photos):
            answer = answers[place]
            if isinstance(answer, Verdict):
                _record(self.desk, sha, answer)
        return [None if isinstance(answers[n], Verdict) else answers[n] for n in range(len(photos))]  # type: ignore[misc]

    def _alone(self, path: str, name: str, first: PaddockError, report: Report) -> Verdict | PaddockError:
        try:
            (answer,) = self._ask([(path, name)], report)
        except _ENDED as error:
            self._warm = False
            self._in_a_row += 1
            if self._in_a_row >= GIVE_UP_AFTER:
                raise
            return PhotoStoppedEngine(file=name, why_fr=error.details["why_fr"], why_en=error.details["why_en"])
        self._in_a_row = 0
        return answer

    def _ask(self, photos: list[tuple[str, str]], report: Report) -> list[Verdict | PaddockError]:
        if not photos:
            return []
        if not self._warm:  # loading the model counts on no photo
            self._call([], report, None)
            self._warm = True
        return self._call(photos, report, JUDGING.times(1 if len(photos) == 1 else 4))

    def _call(
        self, photos: list[tuple[str, str]], report: Report, limits: Limits | None
    ) -> list[Verdict | PaddockError]:
        answers: list[Verdict | PaddockError] = self.desk.engines.call(
            "keras", "studio.tasks.triage:judge", [path for path, _ in photos], [name for _, name in photos],
            model=self.model, models_dir=self.desk.models_dir, report=report, limits=limits,
        )  # fmt: skip
        return answers


_ENDED = (EngineDied, TaskTooLong, TaskTooLarge)


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
    todo = [(state.sha, state.name) for state in states if state.sha in wanted]
    judged, judge_ = 0, Judge(desk, model)
    for start in range(0, len(todo), CHUNK):
        chunk = todo[start : start + CHUNK]
        report(start / len(todo), chunk[0][1])
        errors = judge_.judge(chunk, report=holding(report, start / len(todo)))
        for (_, name), error in zip(chunk, errors, strict=True):
            if error is None:
                judged += 1
            elif on_error is None:
                raise error
            else:
                on_error(name, error)
    report(1.0, "")
    return judged


def decide(desk: Desk, photos: Sequence[str], label: str | None) -> None:
    """Record a person's verdict; None takes the hand's word back, so that the model's counts again.

    Over several photos it is one act: every record bears the same group, and studio.undoing takes it back as one.
    """
    if label is not None and label not in CLASSES:
        raise ChoiceError(
            problem_fr="verdict inconnu ; choisissez ok, retoucher ou exclure.",
            problem_en="unknown verdict; choose ok, retoucher or exclure.",
        )
    group = {"group": secrets.token_hex(6)} if len(photos) > 1 else {}
    for sha in photos:
        with desk.workspace.undisturbed():
            before = get_photo(desk.workspace, sha)
            facts = {"label": label, "before": before.hand or None, "model": before.model_label or None, **group}
            desk.workspace.record("decide", who=desk.who, subject=sha, parameters=facts)


def _record(desk: Desk, sha: str, verdict: Verdict) -> None:
    desk.workspace.record(
        "judge", who=desk.who, subject=sha,
        parameters={"label": verdict.label, "probabilities": [round(p, 6) for p in verdict.probabilities]},
        origin=verdict.origin,
    )  # fmt: skip
