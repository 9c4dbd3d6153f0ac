"""A head's file holds numbers and text, and nothing else is believed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.features import feature_size
from classifier.head import FORMAT, Head, read_head, write_head
from classifier.manifest import FIELDS, read_manifest
from core.canonical import sha256_of_file
from core.errors import WeightsChanged, WeightsMissing
from core.values import CLASSES

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
LITE0 = "efficientnet-lite0"


def head(**changes: object) -> Head:
    rng = np.random.default_rng(0)
    card = {"format": FORMAT, "name": "t", "revision": "1", "backbone": LITE0, "backbone_sha256": "0" * 64,
            "side": 64, "classes": list(CLASSES), "temperature": 1.0, **changes}  # fmt: skip
    return Head(rng.normal(size=(2824, 3)).astype(np.float32), np.zeros(3, np.float32), card)


def test_what_is_written_is_read_and_the_card_lies_beside(tmp_path: Path) -> None:
    made = head()
    sha256 = write_head(tmp_path / "a.safetensors", made)
    back = read_head(tmp_path / "a.safetensors")
    np.testing.assert_array_equal(back.kernel, made.kernel)
    assert back.card == made.card == json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert sha256 == sha256_of_file(tmp_path / "a.safetensors")


def test_lite0_has_2824_features() -> None:
    assert feature_size(LITE0) == 2824


@pytest.mark.parametrize(
    "change", [{"classes": ["exclure", "ok", "retoucher"]}, {"side": 100}, {"format": "x"}, {"backbone": "vgg16"}]
)
def test_a_head_for_something_else_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_head(tmp_path / "a.safetensors", head(**change))
    with pytest.raises(WeightsChanged):
        read_head(tmp_path / "a.safetensors")


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    write_head(tmp_path / "a.safetensors", replace(head(), bias=np.array([0, np.nan, 0], np.float32)))
    with pytest.raises(WeightsChanged):
        read_head(tmp_path / "a.safetensors")


def test_a_file_that_is_no_head_and_one_that_is_absent_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_bytes(b"\x80\x04 a pickle, say")
    with pytest.raises(WeightsChanged):
        read_head(tmp_path / "a.safetensors")
    with pytest.raises(WeightsMissing, match="train"):
        read_head(tmp_path / "b.safetensors")


def test_the_manifest_describes_the_files_that_ship() -> None:
    entries = read_manifest(ARTIFACTS / "MANIFEST.json")
    assert {"triage-lite0", "carmap-lite0"} <= {entry["name"] for entry in entries}
    for entry in entries:
        assert list(entry) == list(FIELDS)
        file = ARTIFACTS / entry["file"]
        assert (entry["sha256"], entry["bytes"]) == (sha256_of_file(file), file.stat().st_size)
        assert not [word for word in json.dumps(entry).split('"') if word.startswith("/")]


def test_the_shipped_heads_card_gives_the_manifests_scores() -> None:
    card = read_head(ARTIFACTS / "triage-lite0.safetensors").card
    entry = next(item for item in read_manifest(ARTIFACTS / "MANIFEST.json") if item["name"] == "triage-lite0")
    assert entry["scores"]["folds"] == card["scores"]["folds"]
    assert entry["scores"]["folds"]["macro_f1"] >= 0.81
    assert card == json.loads((ARTIFACTS / "triage-lite0.json").read_text("utf-8"))
