"""Fine-tuning: phases, the best state, resuming, what is written, and what is read from it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from classifier.annotations import read_annotations
from classifier.checkpoint import checkpoint_of
from classifier.config import Config
from classifier.config_file import read_config
from classifier.finetune import FineTuning, finetune
from classifier.finetuned import assemble_finetuned, is_finetuned, network, read_finetuned, tensors_of
from classifier.gradcam import GradCam
from classifier.model import find_trained
from classifier.splits import groups_of, split_photos
from classifier.triage import Triage
from classifier.unfreezing import normalise, unfreeze
from core.errors import Cancelled, SettingsError, WeightsChanged
from core.values import CLASSES, Verdict
from tests.classifier.tiny_training import TINY, kind, labelled, with_tiny
from tests.made import saved


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        with_tiny(patch)
        yield


def config(*more: str) -> Config:
    phases = "phases=[{epochs=3, learning_rate=0.05, unfrozen=0}, {epochs=2, learning_rate=0.002, unfrozen=2}]"
    given = (
        f"backbone={TINY}",
        "weights=random",
        "image_size=64",
        "batch_size=5",
        "head.hidden=16",
        "head.dropout=0.1",
        "split.training=0.6",
    )
    return read_config(None, [*given, phases, "early_stopping.patience=0", *more])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled(tmp_path_factory.mktemp("data"), 6)


@pytest.fixture(scope="module")
def done(data: Path, tmp_path_factory: pytest.TempPathFactory) -> FineTuning:
    return finetune(data, tmp_path_factory.mktemp("out") / "made.safetensors", config())


def test_it_learns_the_made_kinds_and_its_card_says_how(done: FineTuning, data: Path) -> None:
    card = json.loads(done.out.with_suffix(".json").read_text("utf-8"))
    assert card == done.card
    assert (card["classes"], card["weights"]["source"], card["seed"]) == (list(CLASSES), "random", 0)
    assert sum(card["trained_on"].values()) + sum(card["held_out"].values()) == card["photos"] == 18
    assert card["training"]["epochs"] == 5
    assert card["training"]["seconds"] > 0
    assert card["config"]["head"]["hidden"] == 16
    scores = card["scores"]["held_out"]
    assert scores["macro_f1"] == 1.0
    assert np.trace(scores["confusion"]) == sum(card["held_out"].values())
    report = json.loads(done.out.with_suffix(".report.json").read_text("utf-8"))
    assert [row["phase"] for row in report["history"]] == [0, 0, 0, 1, 1]
    assert report["history"][-1]["loss"] < report["history"][0]["loss"]
    assert len(report["held_out"]) == sum(card["held_out"].values())
    best = max(report["history"], key=lambda row: (row["val_macro_f1"], -row["val_loss"]))
    assert best["epoch"] == card["training"]["best_epoch"]
    assert str(data) not in json.dumps(report)
    assert not checkpoint_of(done.out).exists()


def test_no_linked_photos_are_on_both_sides(done: FineTuning, data: Path) -> None:
    photos = read_annotations(data)
    groups = groups_of(photos)
    sides = split_photos(photos, groups, config().split)
    training, held_out = sides.learned, sides.held_out
    held = {f"{path.parent.name}/{path.name}" for path, side in zip(photos.photos, held_out, strict=True) if side}
    assert held == set(done.log["held_out"])
    assert not {g for g, s in zip(groups, training, strict=True) if s} & {
        g for g, s in zip(groups, training, strict=True) if not s
    }


def test_the_same_triage_judges_with_it_and_says_what_it_started_from(done: FineTuning) -> None:
    triage = Triage.load(str(done.out))
    verdicts = [outcome for _, outcome in triage.judge([kind(label, 50) for label in CLASSES])]
    assert [verdict.label for verdict in verdicts if isinstance(verdict, Verdict)] == list(CLASSES)
    assert (triage.origin.model, triage.origin.sha256, triage.side) == ("made", done.sha256, 64)
    assert triage.origin.parameters["weights"] == "random"
    squares = np.stack([np.pad(kind(label, 50), ((8, 8), (0, 0), (0, 0)), constant_values=128) for label in CLASSES])
    probabilities = triage.probabilities(squares)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    scores = triage.model.evaluate(squares, np.arange(3), verbose=0, return_dict=True)
    assert scores["accuracy"] == 1.0


def test_its_heat_map_is_that_of_its_own_last_map(done: FineTuning) -> None:
    import keras

    model = assemble_finetuned(read_finetuned(done.out))
    square = np.pad(kind("ok", 50), ((8, 8), (0, 0), (0, 0)), constant_values=128)[None]
    grid = GradCam(model).grids(square, [[0, 1, 2]])[0]
    deep = np.asarray(keras.Model(model.input, model.get_layer("stage3_relu").output)(square.astype(np.float32)))
    assert grid.shape == (3, *deep.shape[1:3])
    assert len({float(part.sum()) for part in grid}) > 1


def test_an_interrupted_training_goes_on_to_the_same_weights(data: Path, done: FineTuning, tmp_path: Path) -> None:
    out = tmp_path / "made.safetensors"
    for stop_at in ("2/5", "4/5"):

        def stop(fraction: float, doing: str, at: str = stop_at) -> None:
            if doing.startswith(at) and "≈" in doing:
                raise Cancelled(task="train")

        with pytest.raises(Cancelled):
            finetune(data, out, config(), report=stop)
        assert checkpoint_of(out).is_file()
        assert not out.exists()
    begun = []
    again = finetune(data, out, config(), report=lambda _, doing: begun.append(doing))
    assert {text[0] for text in begun if "≈" in text} == {"4", "5"}
    first, second = read_finetuned(done.out), read_finetuned(again.out)
    assert list(first.tensors) == list(second.tensors)
    for name, tensor in first.tensors.items():
        np.testing.assert_allclose(second.tensors[name], tensor, rtol=2e-2, atol=2e-3, err_msg=name)
    for one, other in zip(done.log["history"], again.log["history"], strict=True):
        assert other == pytest.approx(one, rel=1e-3, abs=1e-4)


def test_other_settings_do_not_go_on_from_a_saved_state(data: Path, tmp_path: Path) -> None:
    def stop(fraction: float, doing: str) -> None:
        if doing.startswith("2/") and "≈" in doing:
            raise Cancelled(task="train")

    out = tmp_path / "a.safetensors"
    with pytest.raises(Cancelled):
        finetune(data, out, config(), report=stop)
    with pytest.raises(SettingsError, match="--restart"):
        finetune(data, out, config("head.dropout=0.2"))
    short = config("phases=[{epochs=1, learning_rate=0.01}]")
    assert finetune(data, out, short, restart=True).card["training"]["epochs"] == 1
    checkpoint_of(out).write_bytes(b"damaged")
    with pytest.raises(SettingsError, match="--restart"):
        finetune(data, out, short)


def test_without_progress_a_phase_ends_early_and_the_best_state_is_kept(data: Path, tmp_path: Path) -> None:
    stopping = ("early_stopping.patience=1", "early_stopping.monitor=loss")
    early = config("phases=[{epochs=9, learning_rate=9.0}]", "batch_size=12", *stopping)
    done = finetune(data, tmp_path / "a.safetensors", early)
    losses = [row["val_loss"] for row in done.log["history"]]
    assert len(losses) < 9
    assert losses[-1] >= min(losses)
    assert done.card["training"]["best_epoch"] == int(np.argmin(losses)) + 1
    assert done.card["scores"]["held_out"]["loss"] == pytest.approx(min(losses), rel=0.05, abs=0.02)


def test_phases_unfreeze_from_the_deepest_stage_and_batch_norms_stay() -> None:
    model = network(TINY, None, 32, 3, hidden=4)
    assert unfreeze(model, TINY, 0) == ["verdict_hidden", "verdict"]
    assert unfreeze(model, TINY, 2) == ["stage2_conv", "stage3_conv", "verdict_hidden", "verdict"]
    assert unfreeze(model, TINY, 99)[:3] == ["stage1_conv", "stage2_conv", "stage3_conv"]
    assert not model.get_layer("verdict_scale").trainable


def test_random_weights_begin_with_signals_of_even_size() -> None:
    import keras

    model = network(TINY, None, 64, 3)
    first = np.stack([np.pad(kind(label, n), ((8, 8), (0, 0), (0, 0))) for label in CLASSES for n in range(4)])
    normalise(keras.Model(model.input, model.get_layer("features").output), first)
    deep = keras.Model(model.input, model.get_layer("stage3_bn").output)
    found = np.asarray(deep(first.astype(np.float32), training=False))
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), 0, atol=0.02)
    np.testing.assert_allclose(found.std(axis=(0, 1, 2)), 1, atol=0.05)


def test_other_classes_come_from_a_csv_and_triage_refuses_them(tmp_path: Path) -> None:
    lines = ["path;label;group"]
    for number in range(10):
        for label, name in (("ok", "Ram C/V"), ("exclure", "Audi R8")):
            saved(tmp_path / f"{label}{number}.png", kind(label, number))
            lines.append(f"{label}{number}.png;{name};car{number // 2}")
    (tmp_path / "cars.csv").write_text("\n".join(lines), "utf-8")
    long = "phases=[{epochs=12, learning_rate=0.03}]"
    done = finetune(tmp_path / "cars.csv", tmp_path / "cars.safetensors", config("split.training=0.6", long))
    assert done.card["classes"] == ["Audi R8", "Ram C/V"]
    assert done.card["groups"] <= 5
    model = assemble_finetuned(read_finetuned(done.out))
    square = np.pad(kind("ok", 9), ((8, 8), (0, 0), (0, 0)), constant_values=128)[None]
    assert np.asarray(model(square)).argmax() == 1
    with pytest.raises(SettingsError, match=r"Audi R8, Ram C/V"):
        Triage.load(str(done.out))


def test_curves_go_to_tensorboard_and_to_weights_and_biases(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tensorflow as tf

    logged: list[Any] = []
    run = SimpleNamespace(
        log=lambda values, step: logged.append((step, values["val_macro_f1"])), finish=lambda: logged.append("finished")
    )
    stub = SimpleNamespace(init=lambda **told: logged.append((told["project"], told["config"]["seed"])) or run)
    monkeypatch.setitem(sys.modules, "wandb", stub)
    asked = (f"logging.tensorboard={tmp_path / 'tb'}", "logging.wandb=paddock", "phases=[{epochs=2}]")
    done = finetune(data, tmp_path / "a.safetensors", config(*asked))
    history = [(row["epoch"], row["val_macro_f1"]) for row in done.log["history"]]
    assert logged == [("paddock", 0), *history, "finished"]
    assert done.card["config"]["logging"] == {"tensorboard": "tb", "wandb": "paddock"}
    (file,) = (tmp_path / "tb" / "a").iterdir()
    events = [tf.compat.v1.Event.FromString(item.numpy()) for item in tf.data.TFRecordDataset(str(file))]
    assert events[0].file_version == "brain.Event:2"
    seen = [(event.step, value.simple_value) for event in events for value in event.summary.value
            if value.tag == "val_loss"]  # fmt: skip
    assert seen == [(row["epoch"], pytest.approx(row["val_loss"])) for row in done.log["history"]]
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(SettingsError, match="pip install wandb"):
        finetune(data, tmp_path / "b.safetensors", config("logging.wandb=paddock"))


def test_a_file_that_is_not_whole_is_refused(done: FineTuning, tmp_path: Path) -> None:
    from safetensors.numpy import save

    made = read_finetuned(done.out)
    tensors = dict(tensors_of(assemble_finetuned(made)))
    cases = {
        "lacking": ({name: value for name, value in tensors.items() if name != "verdict/1"}, made.card),
        "extra": ({**tensors, "other/0": np.zeros(2, np.float32)}, made.card),
        "infinite": ({**tensors, "verdict/1": np.full(3, np.inf, np.float32)}, made.card),
        "odd": (tensors, {**made.card, "side": 65}),
    }
    for name, (content, card) in cases.items():
        file = tmp_path / f"{name}.safetensors"
        file.write_bytes(save(content, metadata={"card": json.dumps(card)}))
        assert is_finetuned(file)
        with pytest.raises(WeightsChanged):
            Triage(find_trained(str(file)))


def test_absent_weights_and_a_wrong_out_are_told(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a file that exists"):
        finetune(data, tmp_path / "a.safetensors", config("weights=nowhere.pth"))
    with pytest.raises(SettingsError, match=r"FILE\.safetensors"):
        finetune(data, tmp_path / "a.h5", config())
