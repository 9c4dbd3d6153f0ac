"""The training command: a frozen head by default, fine-tuning when epochs are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.classifier import app
from classifier import train
from classifier.manifest import read_manifest
from classifier.run_training import Wish
from classifier.triage import Triage
from core.canonical import sha256_of_file
from core.errors import SettingsError
from tests.classifier.tiny_training import TINY, labelled, with_tiny

SMALL = ["--backbone", TINY, "--side", "64", "--set", "weights=random", "--set", "batch_size=6"]


@pytest.fixture(scope="module", autouse=True)
def tiny() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        with_tiny(patch)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled(tmp_path_factory.mktemp("data"), 5)


def test_epochs_fine_tune_and_the_end_is_told_in_both_languages(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "tuned.safetensors"
    command = ["train", "--data", str(data), "--out", str(out), "--epochs", "2", *SMALL]
    french = CliRunner().invoke(app, command, env={"PADDOCK_LANG": ""})
    assert french.exit_code == 0, french.stderr
    assert "Modèle affiné écrit" in french.stdout
    assert "3 classes" in french.stdout
    assert "2 passages" in french.stdout
    assert "poids de départ : au hasard" in french.stdout
    assert json.loads(out.with_suffix(".json").read_text("utf-8"))["training"]["epochs"] == 2
    assert Triage.load(str(out)).side == 64
    english = CliRunner().invoke(app, [*command, "--lang", "en"])
    assert "started from: random weights" in english.stdout


def test_a_wrong_setting_ends_the_command_with_code_2_and_its_name(data: Path, tmp_path: Path) -> None:
    command = ["train", "--data", str(data), "--out", str(tmp_path / "a.safetensors"), "--epochs", "1"]
    refused = CliRunner().invoke(app, [*command, "--set", "head.dropuot=1"], env={"PADDOCK_LANG": ""})
    assert refused.exit_code == 2
    assert "Réglage « head.dropuot »" in refused.stderr
    gpu = CliRunner().invoke(app, [*command, "--gpu", "64", "--lang", "en"])
    assert gpu.exit_code == 2
    assert "one of the GPUs that TensorFlow sees" in gpu.stderr
    if not Path("/dev/nvidia0").exists():
        for more in ([], ["--epochs", "0"]):
            gpu = CliRunner().invoke(app, [*command, *more, "--gpu", "0"], env={"PADDOCK_LANG": ""})
            assert gpu.exit_code == 2
            assert "et il en voit 0" in gpu.stderr


@pytest.mark.parametrize(("more", "words"), [(["--epochs", "1"], "reprend là"), ([], "Rien n'a été écrit")])
def test_ctrl_c_ends_with_what_to_do_next(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str], words: str
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("classifier.run_training.run_training", stopped)
    command = ["train", "--data", str(data), "--out", str(tmp_path / "a.safetensors"), *more]
    done = CliRunner().invoke(app, command, env={"PADDOCK_LANG": ""})
    assert done.exit_code == 130
    assert words in done.stderr


def test_the_module_does_the_same_and_records_it_in_a_manifest(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.toml").write_text("[[phases]]\nepochs = 1\n", "utf-8")
    out, manifest = tmp_path / "tuned.safetensors", tmp_path / "MANIFEST.json"
    arguments = ["--data", str(data), "--out", str(out), "--config", str(tmp_path / "mine.toml"), *SMALL]
    assert train.main([*arguments, "--manifest", str(manifest)]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["training"]["epochs"] == 1
    assert "1/1 · ≈ 0:0" in printed.err
    (entry,) = read_manifest(manifest)
    assert (entry["name"], entry["from"]["source"], entry["sha256"]) == ("tuned", "random", sha256_of_file(out))
    assert "--config mine.toml" in entry["how_made"]["command"]
    assert entry["scores"]["log"] == "tuned.report.json"
    assert train.main([*arguments, "--set", "nonsense"]) == 2
    assert "NAME=VALUE" in capsys.readouterr().err


def test_what_is_said_decides_which_way_to_train(tmp_path: Path) -> None:
    def wish(**said: object) -> Wish:
        return Wish(tmp_path, tmp_path / "a.safetensors", **said)  # type: ignore[arg-type]

    assert not wish().fine_tunes
    assert not wish(epochs=0, config=tmp_path).fine_tunes
    assert wish(epochs=1).fine_tunes
    assert wish(settings=("seed=1",)).fine_tunes
    config = wish(epochs=4, backbone="vgg16", side=96, seed=3, folds=tmp_path / "12").configured()
    assert (config.backbone, config.image_size, config.seed, config.epochs) == ("vgg16", 96, 3, 4)
    assert config.split.folds == str(tmp_path / "12")
    with pytest.raises(SettingsError, match="image_size"):
        wish(side=33).configured()
