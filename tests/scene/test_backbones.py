"""The backbones compute what was published."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import WeightsChanged, WeightsMissing
from scene.backbones import BACKBONES, backbone, build, find_weights
from scene.backbones.lite import build_lite0
from tests.scene.made_vgg16 import vgg16_file

LITE0 = "efficientnet-lite0"


@pytest.mark.parametrize("side", [224, 320])
def test_lite0_gives_the_published_networks_logits(side: int) -> None:
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    file = find_weights(LITE0).file
    pixels = np.random.default_rng(3).integers(0, 256, (2, side, side, 3)).astype(np.float32)
    reference = EfficientNet.from_name(LITE0)
    reference.load_state_dict(torch.load(file, weights_only=True))
    reference.eval()
    with torch.no_grad():
        expected = reference(torch.from_numpy(((pixels - 127) / 128).transpose(0, 3, 1, 2).copy())).numpy()
    found = np.asarray(build_lite0(file, taps=None)(pixels, training=False))
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(expected).max() > 1


def test_a_built_backbone_has_the_maps_that_its_facts_say_and_is_flat() -> None:
    import keras

    facts = backbone(LITE0)
    network = build(LITE0, find_weights(LITE0).file, side=320)
    assert [tuple(output.shape[1:]) for output in network.outputs] == [(10, 10, 1280), (20, 20, 112), (40, 40, 40)]
    assert [output.shape[-1] for output in network.outputs] == list(facts.channels)
    assert not [layer for layer in network.layers if isinstance(layer, keras.Model)]
    assert not network.trainable_weights


def test_vgg16_reads_a_file_of_the_published_layout_and_scales_as_caffe(tmp_path: Path) -> None:
    import keras

    file = tmp_path / "vgg16_notop.h5"
    source = vgg16_file(file)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    network = build("vgg16", file, side=64)
    deep = np.asarray(network(pixels)[0])
    reference = keras.Model(source.input, source.get_layer("block5_conv3").output)
    expected = np.asarray(reference(keras.applications.vgg16.preprocess_input(pixels.copy())))
    np.testing.assert_allclose(deep, expected, rtol=1e-3, atol=1e-3)
    assert expected.max() > 0
    (tmp_path / "other.h5").write_bytes(b"not HDF5")
    with pytest.raises(WeightsChanged, match=r"other\.h5"):
        build("vgg16", tmp_path / "other.h5", side=64)


def test_a_vgg16_file_that_is_not_the_published_one_is_not_loaded(tmp_path: Path) -> None:
    name = BACKBONES["vgg16"].facts.files[0]
    (tmp_path / "vgg16").mkdir()
    (tmp_path / "vgg16" / name).write_bytes(b"another file")
    with pytest.raises(WeightsChanged, match="vgg16"):
        find_weights("vgg16", tmp_path)


def test_absent_and_unknown_backbones_are_told_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as told:
        find_weights("vgg16", tmp_path)
    assert "paddock weights pull vgg16" in told.value.message("fr")
    with pytest.raises(WeightsMissing, match="efficientnet-lite0"):
        backbone("resnet-1001")


def test_importing_scene_and_classifier_loads_no_framework() -> None:
    modules = (
        "scene.backbones, scene.text, scene.panels, classifier.triage, classifier.evaluation, classifier.predict, "
        "classifier.train, classifier.carmap, classifier.train_carmap, app.cli.classifier"
    )
    heavy = "{'keras', 'tensorflow', 'torch', 'sklearn', 'rapidocr', 'cv2', 'onnxruntime', 'safetensors'}"
    code = f"import sys, {modules}; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_backbone_says_what_it_is() -> None:
    assert set(BACKBONES) == {LITE0, "vgg16"}
    for item in BACKBONES.values():
        assert item.facts.licence
        assert item.facts.mean
        assert item.side % 32 == 0
