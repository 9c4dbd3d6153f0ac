"""Where weights come from is told as it is: by wheel, download, file, conversion or chance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.config_file import read_config
from classifier.finetuned import network
from classifier.starting_point import Start, starting_point
from core.canonical import sha256_of_file
from core.errors import SettingsError, WeightsMissing
from tests.scene.made_vgg16 import located, vgg16_file
from tests.scene.made_weights import torch_resnet18


def start(*settings: str, models_dir: Path | None = None) -> Start:
    return starting_point(read_config(None, settings), models_dir)


def test_weights_in_wheels_are_told_with_their_hash_and_licence() -> None:
    for name in ("efficientnet-lite0", "efficientnet-lite2"):
        found = start(f"backbone={name}")
        assert (found.source, found.licence) == ("wheel", "Apache-2.0")
        assert found.file is not None
        assert found.sha256 == sha256_of_file(found.file)
        assert "ImageNet" in found.what


def test_a_download_and_a_file_put_there_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vgg16_file(tmp_path / "vgg16.h5")
    put = located(tmp_path / "vgg16.h5")
    monkeypatch.setattr("classifier.starting_point.find_weights", lambda name, models_dir=None: put)
    assert start("backbone=vgg16").source == "file"
    fetched = replace(put, source="https://example.org/vgg16.h5")
    monkeypatch.setattr("classifier.starting_point.find_weights", lambda name, models_dir=None: fetched)
    assert start("backbone=vgg16").source == "keras"


def test_random_weights_say_so() -> None:
    found = start("backbone=resnet50", "weights=random")
    assert (found.file, found.source, found.sha256) == (None, "random", "")
    assert found.as_json()["what"].startswith("random weights")


def test_a_named_state_dict_is_converted_and_a_network_starts_from_it(tmp_path: Path) -> None:
    import torch

    file = tmp_path / "mine.pth"
    net = torch_resnet18()
    torch.save(net.state_dict(), file)
    found = start("backbone=resnet18", f"weights={file}")
    assert (found.source, found.sha256) == ("state_dict", sha256_of_file(file))
    model = network("resnet18", found.file, 32, 5)
    kernel = model.get_layer("layer4_1_2_conv").get_weights()[0]
    np.testing.assert_array_equal(kernel.transpose(3, 2, 0, 1), net.layer4[1].conv2.weight.detach().numpy())
    assert model.output_shape == (None, 5)


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "efficientnetv2-b0", "resnet18"])
def test_absent_weights_are_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsMissing, match=f"paddock weights pull {name}"):
        start(f"backbone={name}", models_dir=tmp_path)
    with pytest.raises(SettingsError, match=r"imagenet \| random \| a file"):
        start(f"backbone={name}", "weights=nowhere.h5")
