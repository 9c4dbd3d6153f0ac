"""From a trained file to verdicts: training, judging, evaluating and the examiner's commands."""

from __future__ import annotations

import csv
import json
import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli.classifier import app
from classifier.evaluation import evaluate
from classifier.model import find_trained
from classifier.train import Training, train
from classifier.triage import Triage
from core.errors import Cancelled, SettingsError, UnreadablePhoto, WeightsChanged, WeightsMissing
from core.values import CLASSES, Verdict
from tests.classifier.made_photos import kind, labelled
from tests.made import saved
from tests.scene.made_vgg16 import located, vgg16_file

SHARED = Path(os.environ.get("PADDOCK_SHARED", "/nonexistent")) / "photos" / "labelled"
needs_photos = pytest.mark.skipif(not SHARED.is_dir(), reason="PADDOCK_SHARED does not name the labelled photos")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A head trained on twelve made pictures at 64 px."""
    folder = tmp_path_factory.mktemp("training")
    return train(labelled(folder / "data", 4), folder / "triage-made.safetensors", side=64, strengths=(0.01, 0.1))


@pytest.fixture(scope="module")
def triage(trained: Training) -> Triage:
    return Triage.load(str(trained.out))


@pytest.fixture(scope="module")
def shipped() -> Iterator[Triage]:
    yield Triage.load()


def test_training_learns_and_writes_weights_card_and_log(trained: Training, triage: Triage) -> None:
    verdicts = dict(triage.judge([kind(label, 50) for label in CLASSES]))
    assert [verdict.label for verdict in verdicts.values() if isinstance(verdict, Verdict)] == list(CLASSES)
    log = json.loads(trained.out.with_suffix(".log.json").read_text("utf-8"))
    assert [trial["c"] for trial in log["trials"]] == [0.01, 0.1]
    assert trained.card["trained_on"] == {"ok": 4, "retoucher": 4, "exclure": 4}
    assert trained.card["scores"]["folds"]["accuracy"] == 1.0


def test_same_photos_and_seed_give_the_same_head(trained: Training, tmp_path: Path) -> None:
    data = trained.out.parent / "data"
    again = train(data, tmp_path / "triage-made.safetensors", side=64, strengths=(0.01, 0.1))
    first, second = (find_trained(str(done.out)).head for done in (trained, again))
    np.testing.assert_allclose(first.kernel, second.kernel, rtol=1e-4, atol=1e-7)
    assert first.card["c"] == second.card["c"]


def test_the_same_script_trains_vgg16_and_its_head_is_found_in_the_models_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vgg16_file(tmp_path / "vgg16.h5")
    weights = located(tmp_path / "vgg16.h5")
    for room in ("classifier.train", "classifier.model"):
        monkeypatch.setattr(f"{room}.find_weights", lambda name, models_dir=None: weights)
    data, out = labelled(tmp_path / "data", 3), tmp_path / "models" / "triage-vgg16.safetensors"
    done = train(data, out, backbone_name="vgg16", side=32, strengths=(0.1,))
    assert done.card["backbone"] == "vgg16"
    triage = Triage.load("vgg16", models_dir=out.parent)
    verdicts = [outcome for _, outcome in triage.judge([kind(label, 1) for label in CLASSES])]
    assert [verdict.label for verdict in verdicts if isinstance(verdict, Verdict)] == list(CLASSES)
    assert triage.origin.backend == "full"
    monkeypatch.undo()
    with pytest.raises(WeightsMissing):
        Triage.load("vgg16", models_dir=out.parent)


def test_asking_for_a_gpu_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="gpu"):
        train(tmp_path, tmp_path / "a.safetensors", gpu=64)


def test_probabilities_sum_to_one_and_the_label_is_the_largest(triage: Triage) -> None:
    ((_, verdict),) = triage.judge([kind("exclure", 9)])
    assert isinstance(verdict, Verdict)
    assert sum(verdict.probabilities) == pytest.approx(1.0, abs=1e-12)
    assert verdict.confidence == max(verdict.probabilities)


def test_a_bad_photo_is_reported_by_its_name_and_the_rest_goes_on(triage: Triage, tmp_path: Path) -> None:
    paths = [saved(tmp_path / f"{number}.png", kind("ok", number)) for number in range(20)]
    paths[3].write_bytes(paths[3].read_bytes()[:60])
    outcomes = list(triage.judge(paths, [f"photo {number}.png" for number in range(20)]))
    assert [index for index, _ in outcomes] == list(range(20))
    assert isinstance(outcomes[3][1], UnreadablePhoto)
    assert "photo 3.png" in outcomes[3][1].message("fr")
    labels = [outcome.label for index, outcome in outcomes if isinstance(outcome, Verdict)]
    assert labels == ["ok"] * 19


def test_judging_nothing_gives_nothing_and_a_cancel_stops_between_batches(triage: Triage) -> None:
    assert list(triage.judge([])) == []
    seen = []

    def report(fraction: float, doing: str) -> None:
        if fraction > 0:
            raise Cancelled(task="judge")

    with pytest.raises(Cancelled):
        for index, _ in triage.judge([kind("ok", 1)] * 40, report=report):
            seen.append(index)
    assert seen == list(range(16))


def test_a_verdict_says_where_it_comes_from_and_travels_between_processes(triage: Triage, trained: Training) -> None:
    ((_, verdict),) = triage.judge([kind("ok", 1)])
    assert isinstance(verdict, Verdict)
    origin = pickle.loads(pickle.dumps(verdict)).origin
    assert (origin.backend, origin.model, origin.sha256) == ("embedded", "triage-made", trained.sha256)
    assert origin.parameters["side"] == 64
    assert set(origin.libraries) == {"keras", "tensorflow", "numpy", "pillow"}


def test_the_whole_classifier_is_one_flat_keras_model(triage: Triage) -> None:
    import keras

    assert triage.model.output_shape == (None, 3)
    assert not [layer for layer in triage.model.layers if isinstance(layer, keras.Model)]
    pixels = np.stack([kind(label, 60).repeat(1, axis=0)[:, :48] for label in CLASSES])
    squares = np.stack([np.pad(item, ((8, 8), (8, 8), (0, 0))) for item in pixels])
    scores = triage.model.evaluate(squares, np.arange(3), verbose=0, return_dict=True)
    expected = (triage.probabilities(squares).argmax(axis=1) == np.arange(3)).mean()
    assert scores["accuracy"] == pytest.approx(expected)


def test_models_that_are_not_there_are_told_with_a_remedy(tmp_path: Path, trained: Training) -> None:
    with pytest.raises(WeightsMissing, match="paddock classifier train"):
        find_trained("vgg16", models_dir=tmp_path)
    with pytest.raises(WeightsMissing, match="efficientnet-lite0"):
        find_trained("resnet")
    with pytest.raises(WeightsMissing):
        find_trained("default", artifacts=tmp_path)
    (tmp_path / "triage-lite0.safetensors").write_bytes(trained.out.read_bytes()[:-8])
    with pytest.raises(WeightsChanged):
        find_trained("default", artifacts=tmp_path)


def test_the_rate_is_the_trace_and_unreadable_photos_count_in_the_second_rate(triage: Triage, tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 6, first=20)
    saved(data / "ok" / "wrong.png", kind("exclure", 3))
    (data / "retoucher" / "broken.jpg").write_bytes(b"\xff\xd8\xff not a photo")
    done = evaluate(data, triage)
    assert (done.photos, done.unreadable) == (20, 1)
    assert done.confusion == ((6, 0, 1), (0, 6, 0), (0, 0, 6))
    assert done.accuracy == 18 / 19
    assert done.accuracy_all == 18 / 20
    assert done.per_class["ok"].recall == pytest.approx(6 / 7)
    wrong = [row for row in done.rows if not row.correct]
    assert [(row.path, row.verdict) for row in wrong] == [("ok/wrong.png", "exclure"), ("retoucher/broken.jpg", None)]
    judged = dict(triage.judge([data / row.path for row in done.rows if row.error is None]))
    for row, verdict in zip([row for row in done.rows if row.error is None], judged.values(), strict=True):
        assert isinstance(verdict, Verdict)
        assert row.probabilities == pytest.approx(verdict.probabilities, abs=1e-4)


def test_the_evaluate_command_prints_only_json_and_writes_a_line_per_photo(trained: Training, tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 2, first=30)
    (data / "ok" / "=cut.png").write_bytes(b"cut")
    arguments = ["evaluate", "--data", str(data), "--model", str(trained.out), "--csv", str(tmp_path / "out.csv")]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    keys = {"accuracy", "accuracy_all", "macro_f1", "per_class", "confusion", "classes", "ece", "photos", "unreadable",
            "model", "backend", "seconds"}  # fmt: skip
    assert keys <= set(found)
    assert (found["accuracy"], found["accuracy_all"]) == (1.0, 6 / 7)
    assert found["classes"] == ["ok", "retoucher", "exclure"]
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        rows = {row["path"]: row for row in csv.DictReader(stream)}
    assert len(rows) == 7
    assert rows["ok/ok30.png"]["correct"] == "1"
    assert float(rows["ok/ok30.png"]["p_ok"]) > 0.4
    assert (rows["ok/=cut.png"]["verdict"], rows["ok/=cut.png"]["correct"]) == ("", "0")


def test_the_evaluate_command_speaks_french_by_default_and_english_on_demand(trained: Training, tmp_path: Path) -> None:
    data = labelled(tmp_path / "data", 1, first=40)
    arguments = ["evaluate", "--data", str(data), "--model", str(trained.out)]
    french = CliRunner().invoke(app, arguments, env={"PADDOCK_LANG": ""})
    assert "Taux de conformité : 100,0 % (3 photos sur 3 lisibles)" in french.stdout
    english = CliRunner().invoke(app, [*arguments, "--lang", "en"])
    assert "Rate of conformity: 100.0% (3 of 3 readable photos)" in english.stdout


def test_a_wrong_folder_or_model_ends_the_command_with_code_2_and_a_remedy(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--json"], env={"PADDOCK_LANG": ""})
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "il y faut les sous-dossiers ok, retoucher et exclure" in refused.stderr
    labelled(tmp_path, 1)
    refused = CliRunner().invoke(app, ["evaluate", "--data", str(tmp_path), "--model", "vgg16", "--lang", "en"])
    assert refused.exit_code == 2
    assert "paddock classifier train" in refused.stderr


def test_the_predict_command_writes_verdicts_and_names_unreadable_photos(trained: Training, tmp_path: Path) -> None:
    saved(tmp_path / "in" / "deep" / "été.png", kind("retoucher", 3))
    (tmp_path / "in" / "bad.jpg").write_bytes(b"no")
    out = tmp_path / "out" / "verdicts.csv"
    arguments = ["predict", "--image-dir", str(tmp_path / "in"), "--out", str(out), "--model", str(trained.out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    with out.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0]) == ["path", "verdict", "p_ok", "p_retoucher", "p_exclure", "error"]
    assert (rows[0]["path"], rows[0]["verdict"]) == ("bad.jpg", "")
    assert "bad.jpg" in rows[0]["error"]
    assert (rows[1]["path"], rows[1]["verdict"], rows[1]["error"]) == ("deep/été.png", "retoucher", "")


@needs_photos
def test_the_shipped_model_is_right_on_labelled_photos_that_the_labeller_was_sure_of(shipped: Triage) -> None:
    with (SHARED / "labels.csv").open(newline="", encoding="utf-8") as stream:
        sure = [row for row in csv.DictReader(stream) if row["conf"] == "1"][::30]
    paths = [SHARED / row["label"] / f"{row['id']}.jpg" for row in sure]
    outcomes = [outcome for _, outcome in shipped.judge(paths)]
    found = [outcome.label if isinstance(outcome, Verdict) else None for outcome in outcomes]
    right = [label == row["label"] for label, row in zip(found, sure, strict=True)]
    assert len(right) > 30
    assert np.mean(right) > 0.9


def test_the_shipped_model_ranks_a_blank_wall_as_out_of_the_subject(shipped: Triage) -> None:
    ((_, verdict),) = shipped.judge([np.full((200, 300, 3), 180, dtype=np.uint8)])
    assert isinstance(verdict, Verdict)
    assert verdict.label == "exclure"
    assert shipped.origin.model == "triage-lite0"
