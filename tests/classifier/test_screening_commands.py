"""``paddock classifier screen`` and ``probe``, as a person runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from tests.classifier.made_photos import labelled
from tests.classifier.test_grouping import jpeg, scene


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, label in enumerate(("ok", "retoucher", "exclure")):
        for each in range(3):
            jpeg(tmp_path / label / f"{each}.jpg", scene(700 + 10 * number + each))
    jpeg(tmp_path / "exclure" / "again.jpg", scene(700), quality=60)
    return tmp_path


def test_screening_tells_the_photo_with_two_labels_in_both_languages(folder: Path) -> None:
    french = CliRunner().invoke(app, ["classifier", "screen", "--data", str(folder), "--no-labels", "--lang", "fr"])
    assert french.exit_code == 0, french.output
    assert "Deux étiquettes pour la même photo : ok/0.jpg (ok) et exclure/again.jpg (exclure)" in french.stdout
    assert "même image enregistrée de nouveau 1" in french.stdout
    english = CliRunner().invoke(app, ["classifier", "screen", "--data", str(folder), "--no-labels", "--lang", "en"])
    assert "10 photos (ok 3, retoucher 3, exclure 4; unreadable: 0), that is 9 groups" in english.stdout
    assert "Labels not checked" in english.stdout


def test_screening_s_json_is_nothing_but_json(folder: Path) -> None:
    done = CliRunner().invoke(app, ["classifier", "screen", "--data", str(folder), "--no-labels", "--json"])
    told = json.loads(done.stdout)
    assert told["balance"] == {"ok": 3, "retoucher": 3, "exclure": 4}
    assert told["conflicts"][0]["reason"] == "same picture"


def test_a_folder_that_is_not_there_is_refused_with_words(tmp_path: Path) -> None:
    for command in ("screen", "probe"):
        done = CliRunner().invoke(app, ["classifier", command, "--data", str(tmp_path / "absent"), "--lang", "fr"])
        assert done.exit_code == 2
        assert "absent" in done.stderr


def test_probing_shows_every_change_and_names_the_worst(tmp_path: Path) -> None:
    from classifier.train import train

    model = train(labelled(tmp_path / "data", 4), tmp_path / "triage-made.safetensors", side=64, strengths=(0.01,)).out
    words = ["classifier", "probe", "--data", str(tmp_path / "data"), "--model", str(model), "--photos", "5"]
    done = CliRunner().invoke(app, [*words, "--lang", "fr"], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    for name in ("marque dans un coin", "bandes noires", "JPEG, qualité 30", "à 256 pixels", "en miroir"):
        assert name in done.stdout
    assert "Le plus gênant : " in done.stdout
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (told["photos"], len(told["effects"])) == (5, 11)
    shares = [effect["share"] for effect in told["effects"]]
    assert shares == sorted(shares, reverse=True)
    assert np.all(np.abs([sum(effect["drift"]) for effect in told["effects"]]) < 0.001)
