"""What a labelled folder hides is found: doubles, two labels for one photo, traps, leaks, wrong labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.doubts import doubts
from classifier.fingerprint import Fingerprint, fingerprints
from classifier.screening import screen
from classifier.traps import size_guess, traps
from core.errors import Cancelled
from core.values import CLASSES
from tests.classifier.made_photos import kind
from tests.classifier.test_grouping import jpeg, scene
from tests.made import saved


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six different photos in each class, of a source each, and what is wrong with some."""
    lines = ["id,source"]
    for place, label in enumerate(CLASSES):
        for number in range(6):
            name = f"{label}{number}"
            jpeg(tmp_path / label / f"{name}.jpg", scene(100 + 10 * place + number))
            lines.append(f"{name},{'ana' if number < 3 else label}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    (tmp_path / "exclure" / "copy.jpg").write_bytes((tmp_path / "ok" / "ok0.jpg").read_bytes())
    jpeg(tmp_path / "ok" / "again.jpg", scene(101), quality=40)
    (tmp_path / "ok" / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    names = [path.stem for label in CLASSES for path in sorted((tmp_path / label).iterdir())]
    rows = [f"{name},{0 if name == 'copy' else index % 3},{0 if name in ('again', 'ok1', 'ok0', 'copy') else 1}"
            for index, name in enumerate(names)]  # fmt: skip
    (tmp_path / "folds.csv").write_text("\n".join(["id,fold,whole", *rows]))
    return tmp_path


def test_doubles_conflicts_broken_files_and_balance_are_told(folder: Path) -> None:
    found = screen(folder, labels=False)
    assert found.balance == {"ok": 7, "retoucher": 6, "exclure": 7}
    assert (found.photos, found.groups) == (21, 19)
    assert [path for path, _ in found.unreadable] == ["ok/broken.jpg"]
    assert [(pair.first, pair.second, pair.reason) for pair in found.pairs] == [
        ("ok/again.jpg", "ok/ok1.jpg", "same picture"), ("ok/ok0.jpg", "exclure/copy.jpg", "same file"),
    ]  # fmt: skip
    assert [(pair.first, pair.labels) for pair in found.conflicts] == [("ok/ok0.jpg", ("ok", "exclure"))]
    assert found.suspects is None


def test_sources_and_a_split_that_leaks_are_told_and_a_whole_one_is_not(folder: Path) -> None:
    found = screen(folder, labels=False)
    assert [(source.name, source.photos, source.classes) for source in found.sources] == [
        ("ana", 9, (3, 3, 3)), ("exclure", 3, (0, 0, 3)), ("ok", 3, (3, 0, 0)), ("retoucher", 3, (0, 3, 0)),
    ]  # fmt: skip
    leaking, whole = found.splits
    assert (leaking.name, leaking.leaks) == ("fold", (("ok/ok0.jpg", "exclure/copy.jpg"),))
    assert leaking.shared == 4
    assert (whole.name, whole.leaks, whole.shared) == ("whole", (), 1)


def test_the_report_speaks_both_languages_and_is_json(folder: Path) -> None:
    import json

    found = screen(folder, labels=False)
    french, english = found.as_json("fr"), found.as_json("en")
    assert json.loads(json.dumps(french))["conflicts"][0]["labels"] == ["ok", "exclure"]
    assert "ne s'ouvre pas" in french["unreadable"][0]["error"]
    assert "does not open" in english["unreadable"][0]["error"]


def test_a_size_and_bars_that_give_the_class_away_are_traps_and_an_even_trait_is_none(tmp_path: Path) -> None:
    paths, labels = [], []
    for number in range(60):
        label = number % 3
        pixels = scene(200 + number, *((200, 300) if label == 2 else (300, 200)))
        if number % 2:
            pixels = np.pad(pixels, ((20, 20), (0, 0), (0, 0)))
        paths.append(jpeg(tmp_path / f"{number}.jpg", pixels))
        labels.append(label)
    prints = fingerprints(paths)
    found = {trap.trait: trap for trap in traps(prints, np.array(labels), 3)}
    assert found["upright"].shares == (0.0, 0.0, 1.0)
    assert found["upright"].suspicious
    assert found["black bars"].shares == (0.5, 0.5, 0.5)
    assert not found["black bars"].suspicious
    assert "white bars" not in found
    guess = size_guess(prints, np.array(labels), list(range(60)))
    assert guess.largest == pytest.approx(1 / 3, abs=1e-4)
    assert guess.accuracy > 0.5


def test_a_rare_trait_that_only_one_class_has_is_a_trap_and_a_rare_even_one_is_none() -> None:
    labels = np.arange(900) % 3
    prints = [
        Fingerprint(Path(f"{index}.jpg"), size=(640, 480 if index % 30 > 2 else 640),
                    bars="black" if index % 36 == 1 else "")
        for index in range(900)
    ]  # fmt: skip
    found = {trap.trait: trap for trap in traps(prints, labels, 3)}
    assert found["black bars"].shares == (0.0, round(25 / 300, 4), 0.0)
    assert found["black bars"].suspicious
    assert found["square"].shares == (0.1, 0.1, 0.1)
    assert not found["square"].suspicious


def test_wrong_labels_are_doubted_first_and_right_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    probabilities = rng.dirichlet((1, 1, 1), 300) * 0.3
    probabilities[np.arange(300), truth] += 0.7
    unsure, wrong = 7, [4, 100, 250]
    probabilities[wrong] = 0.02
    probabilities[wrong, truth[wrong]] = 0.96
    probabilities[unsure] = (0.4, 0.35, 0.25)
    labels = truth.copy()
    labels[wrong] = (truth[wrong] + 1) % 3
    labels[unsure] = 1
    found = doubts(probabilities, labels)
    assert sorted(one.index for one in found[:3]) == wrong
    assert len(found) == 3
    assert all(one.suggested == truth[one.index] and one.other > one.own for one in found)


def test_a_class_without_photos_is_suggested_to_nobody() -> None:
    probabilities = np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.2, 0.7, 0.1]])
    assert doubts(probabilities, np.array([0, 0, 1])) == ()


def test_a_planted_wrong_label_is_found_by_a_model_that_never_saw_it(tmp_path: Path) -> None:
    for number in range(12):
        saved(tmp_path / "ok" / f"ok{number}.png", scene(500 + number))
        saved(tmp_path / "retoucher" / f"retoucher{number}.png", kind("retoucher", number))
        striped = scene(600 + number)
        striped[:, np.arange(300) // 6 % 2 == 0] = 0
        saved(tmp_path / "exclure" / f"exclure{number}.png", striped)
    (tmp_path / "ok" / "ok5.png").rename(tmp_path / "exclure" / "planted.png")
    found = screen(tmp_path, cache=tmp_path / ".cache")
    assert found.suspects is not None
    assert (found.suspects[0].path, found.suspects[0].suggested) == ("exclure/planted.png", "ok")
    assert len(found.suspects) == 1


def test_it_can_be_cancelled(folder: Path) -> None:
    def cancel(fraction: float, doing: str) -> None:
        raise Cancelled(task="screen")

    with pytest.raises(Cancelled):
        screen(folder, labels=False, report=cancel)
