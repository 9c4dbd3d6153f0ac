"""Sort: the model proposes, a hand's word wins, and taking it back restores the model's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import Cancelled, ChoiceError, PaddockError, UnreadablePhoto, WorkspaceError
from core.values import Origin, Report, Verdict, no_report
from studio.desk import Desk
from studio.importing import import_photos
from studio.judging import CHUNK, decide, judge
from studio.photos import UNSURE_BELOW, get_photo, list_photos
from tests.made import saved, scene

ORIGIN = Origin("embedded", "triage-lite0", "1", "ab" * 32, None, {"size": 224}, {"keras": "3"})


class FakeEngines:
    """Answers as the Keras worker would; names in ``bad`` can't be read."""

    def __init__(self, verdicts: dict[str, tuple[float, float, float]], bad: tuple[str, ...] = ()) -> None:
        self.verdicts, self.bad = verdicts, bad
        self.calls: list[list[str]] = []

    def call(self, kind: str, task: str, /, *args: Any, report: Report = no_report, **kwargs: Any) -> Any:
        assert (kind, task) == ("keras", "studio.tasks.triage:judge")
        paths, names = args
        assert all(Path(path).is_file() for path in paths)
        if not names:
            return []  # the model is loaded
        self.calls.append(names)
        report(0.5, names[0])
        return [UnreadablePhoto(file=name) if name in self.bad else self._verdict(name) for name in names]

    def _verdict(self, name: str) -> Verdict:
        p = self.verdicts.get(name, (0.8, 0.15, 0.05))
        labels = ("ok", "retoucher", "exclure")
        return Verdict(labels[p.index(max(p))], p, ORIGIN)  # type: ignore[arg-type]

    def background(self) -> FakeEngines:
        return self

    def release(self, kind: str) -> None: ...

    def warm(self, *_: Any, **__: Any) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def sorting(desk: Desk, photos_folder: Path) -> Desk:
    import_photos(desk, [photos_folder])
    verdicts = {"panneau.png": (0.1, 0.7, 0.2), "virage.jpg": (0.4, 0.35, 0.25)}
    return replace(desk, engines=FakeEngines(verdicts))


def _sha(desk: Desk, name: str) -> str:
    return next(photo.sha for photo in list_photos(desk.workspace) if photo.name == name)


def test_every_photo_gets_the_model_s_verdict_and_one_record(sorting: Desk) -> None:
    before = sorting.workspace.head().size
    assert judge(sorting) == 3
    panel = get_photo(sorting.workspace, _sha(sorting, "panneau.png"))
    assert (panel.label, panel.model_label, panel.hand) == ("retoucher", "retoucher", "")
    assert panel.probabilities == (0.1, 0.7, 0.2)
    assert (panel.confidence, panel.model, panel.backend) == (0.7, "triage-lite0", "embedded")
    events = sorting.workspace.events(after=before)
    assert [event.action for event in events] == ["judge"] * 3
    assert events[0].origin is not None
    assert events[0].origin["sha256"] == "ab" * 32
    assert {event.subject for event in events} == {photo.sha for photo in list_photos(sorting.workspace)}


def test_photos_that_were_judged_are_not_judged_again_unless_asked(sorting: Desk) -> None:
    judge(sorting)
    assert judge(sorting) == 0
    assert judge(sorting, [_sha(sorting, "panneau.png")]) == 1


def test_a_verdict_below_the_threshold_asks_for_a_person(sorting: Desk) -> None:
    judge(sorting)
    unsure = {photo.name: photo.unsure for photo in list_photos(sorting.workspace)}
    assert UNSURE_BELOW == 0.60
    assert unsure == {"panneau.png": False, "virage.jpg": True, "été à l'aube.jpg": False}
    decide(sorting, [_sha(sorting, "virage.jpg")], "ok")
    assert not get_photo(sorting.workspace, _sha(sorting, "virage.jpg")).unsure


def test_a_hand_s_word_wins_even_when_the_model_judges_again(sorting: Desk) -> None:
    judge(sorting)
    sha = _sha(sorting, "panneau.png")
    decide(sorting, [sha], "exclure")
    judge(sorting, [sha])
    photo = get_photo(sorting.workspace, sha)
    assert (photo.label, photo.hand, photo.model_label) == ("exclure", "exclure", "retoucher")


def test_taking_the_word_back_restores_the_model_s(sorting: Desk) -> None:
    judge(sorting)
    sha = _sha(sorting, "panneau.png")
    decide(sorting, [sha], "ok")
    decide(sorting, [sha], None)
    photo = get_photo(sorting.workspace, sha)
    assert (photo.label, photo.hand) == ("retoucher", "")
    first, second = sorting.workspace.events()[-2:]
    assert dict(first.parameters) == {"label": "ok", "before": None, "model": "retoucher"}
    assert dict(second.parameters) == {"label": None, "before": "ok", "model": "retoucher"}


def test_a_person_may_decide_before_the_model_and_the_model_still_judges(sorting: Desk) -> None:
    sha = _sha(sorting, "panneau.png")
    decide(sorting.acting("Zoé"), [sha], "ok")
    assert get_photo(sorting.workspace, sha).label == "ok"
    assert judge(sorting) == 3
    photo = get_photo(sorting.workspace, sha)
    assert (photo.label, photo.model_label) == ("ok", "retoucher")
    assert [event.actor for event in sorting.workspace.events() if event.action == "decide"] == ["Zoé"]


def test_unreadable_photos_are_listed_and_the_rest_judged(sorting: Desk) -> None:
    sorting = replace(sorting, engines=FakeEngines({}, bad=("virage.jpg",)))
    told: list[tuple[str, PaddockError]] = []
    assert judge(sorting, on_error=lambda name, error: told.append((name, error))) == 2
    assert [(name, type(error)) for name, error in told] == [("virage.jpg", UnreadablePhoto)]
    assert get_photo(sorting.workspace, _sha(sorting, "virage.jpg")).label == ""


def test_an_unknown_verdict_or_photo_is_refused_and_not_recorded(sorting: Desk) -> None:
    before = sorting.workspace.head()
    with pytest.raises(ChoiceError):
        decide(sorting, [_sha(sorting, "panneau.png")], "beau")
    with pytest.raises(WorkspaceError, match="not in it"):
        decide(sorting, ["0" * 64], "ok")
    assert sorting.workspace.head() == before


def test_verdicts_are_recorded_as_they_come_and_survive_a_stop(desk: Desk, tmp_path: Path) -> None:
    for number in range(CHUNK * 2 + 1):
        saved(tmp_path / "many" / f"{number:02}.png", scene(12, 9, seed=number))
    import_photos(desk, [tmp_path / "many"])
    engines = FakeEngines({})
    desk = replace(desk, engines=engines)

    def stop(fraction: float, doing: str) -> None:
        if fraction >= CHUNK / (CHUNK * 2 + 1) and fraction < 1:
            raise Cancelled(task="judge")

    with pytest.raises(Cancelled):
        judge(desk, report=stop)
    assert [photo.label for photo in list_photos(desk.workspace)] == ["ok"] * CHUNK + [""] * (CHUNK + 1)
    assert judge(desk) == CHUNK + 1
    assert [len(names) for names in engines.calls] == [CHUNK, CHUNK, 1]


def test_only_photos_that_changed_are_listed_when_asked(sorting: Desk) -> None:
    judge(sorting)
    head = sorting.workspace.head().size
    assert list_photos(sorting.workspace, changed_after=head) == []
    decide(sorting, [_sha(sorting, "virage.jpg")], "ok")
    assert [photo.name for photo in list_photos(sorting.workspace, changed_after=head)] == ["virage.jpg"]
