"""The settings of fine-tuning: explained, checked, and changed in layers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifier.config import Phase
from classifier.config_file import DEFAULTS, read_config
from core.errors import SettingsError


def test_every_field_has_a_sentence_in_french_and_in_english() -> None:
    lines = DEFAULTS.read_text("utf-8").splitlines()
    bare, seen = [], set()
    for number, line in enumerate(lines):
        key = re.match(r"(\w+) = ", line)
        if key is None or key[1] in seen:
            continue
        seen.add(key[1])
        if not (lines[number - 2].startswith("# fr: ") and lines[number - 1].startswith("# en: ")):
            bare.append(key[1])
    assert bare == []
    assert {"backbone", "dropout", "epochs", "flip", "patience", "training", "tensorboard"} <= seen


def test_a_file_changes_what_it_names_and_the_command_line_comes_last(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("batch_size = 4\n[head]\nhidden = 8\n[[phases]]\nepochs = 7\n", "utf-8")
    config = read_config(file, ["head.dropout=0.5", "phases.0.learning_rate=1", "backbone=vgg16", "head.hidden=16"])
    assert (config.batch_size, config.head.hidden, config.head.dropout) == (4, 16, 0.5)
    assert config.phases == (Phase(epochs=7, learning_rate=1.0, unfrozen=0),)
    assert config.backbone == "vgg16"
    assert config.augmentation == read_config().augmentation


def test_what_was_set_can_be_written_and_read_again(tmp_path: Path) -> None:
    config = read_config(None, ["phases=[{epochs=2}, {epochs=3, unfrozen=1}]"])
    assert [phase["epochs"] for phase in config.as_json()["phases"]] == [2, 3]
    assert config.epochs == 5


@pytest.mark.parametrize(("total", "dealt"), [(6, [3, 2, 1]), (12, [6, 4, 2]), (1, [1, 0, 0]), (2, [1, 1, 0])])
def test_epochs_stretch_the_phases_in_proportion(total: int, dealt: list[int]) -> None:
    assert [phase.epochs for phase in read_config(epochs=total).phases] == dealt


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("head.dropuot=0.4", r"head\.dropuot.*dropout, hidden"),
        ("nothing=1", "nothing.*a setting that exists"),
        ("batch_size=0", "batch_size.*1 … 4096"),
        ("batch_size=many", "batch_size.*a whole number"),
        ("head=3", "head.*a section"),
        ("image_size=100", "image_size.*multiple of 32"),
        ("class_weights=some", r"class_weights.*balanced \| none"),
        ("phases.7.epochs=1", r"phases\.7\.epochs.*0, 1, 2"),
        ("phases=[]", "phases.*a list"),
        ("phases=[{epoch=2}]", r"phases\.0\.epoch.*epochs, learning_rate, unfrozen"),
        ("head.dropout", "NAME=VALUE"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_can(override: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_config(None, [override])


def test_a_file_that_is_absent_or_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="exists"):
        read_config(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("batch_size =", "utf-8")
    with pytest.raises(SettingsError, match="TOML"):
        read_config(tmp_path / "bad.toml")
    with pytest.raises(SettingsError) as told:
        read_config(None, ["split.training=1.5"])
    assert "Réglage « split.training »" in told.value.message("fr")
