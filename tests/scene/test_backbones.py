"""The backbones compute what was published."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import WeightsChanged, WeightsMissing
from scene.backbones import BACKBONES, backbone, build, find_weights
from scene.backbones.lite import build_lite
from tests.scene.made_vgg16 import vgg16_file
from tests.scene.made_weights import application_file, torch_resnet18

LITE0, LITE2 = "efficientnet-lite0", "efficientnet-lite2"


@pytest.mark.parametrize(("name", "side"), [(LITE0, 224), (LITE0, 320), (LITE2, 260)])
def test_lite_gives_the_published_networks_logits(name: str, side: int) -> None:
    """Lite2 at its own 260 px: the reference fixes its padding for that side, whose maps have odd sides."""
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    file = find_weights(name).file
    pixels = np.random.default_rng(3).integers(0, 256, (2, side, side, 3)).astype(np.float32)
    reference = EfficientNet.from_name(name)
    reference.load_state_dict(torch.load(file, weights_only=True))
    reference.eval()
    with torch.no_grad():
        expected = reference(torch.from_numpy(((pixels - 127) / 128).transpose(0, 3, 1, 2).copy())).numpy()
    found = np.asarray(build_lite(name, file, taps=None)(pixels, training=False))
    assert np.abs(found - expected).max() < 1e-3
    assert np.abs(expected).max() > 1


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_a_built_backbone_has_the_maps_that_its_facts_say_and_is_flat(name: str) -> None:
    import keras

    facts = backbone(name)
    network = build(name, None, side=64)
    sides = [2, 4, 8] if name != "vgg16" else [4, 8, 16]
    assert [tuple(output.shape[1:]) for output in network.outputs] == [
        (side, side, channels) for side, channels in zip(sides, facts.channels, strict=True)
    ]
    assert not [layer for layer in network.layers if isinstance(layer, keras.Model)]
    assert not network.trainable_weights
    assert network.get_layer(facts.conv_map).output.shape[1:] == network.outputs[0].shape[1:]


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_every_layer_with_weights_is_in_one_stage_and_stages_go_from_the_last_to_the_first(name: str) -> None:
    stages = backbone(name).stages
    layers = [layer.name for layer in build(name, None, side=64).layers if layer.weights]
    homes = [[i for i, prefixes in enumerate(stages) if layer.startswith(prefixes)] for layer in layers]
    assert [layer for layer, home in zip(layers, homes, strict=True) if len(home) != 1] == []
    order = [home[0] for home in homes]
    assert order == sorted(order, reverse=True)
    assert set(order) == set(range(len(stages)))


@pytest.mark.parametrize("name", ["resnet50", "efficientnetv2-b0"])
def test_keras_applications_files_are_read_in_their_layout_and_scaled_as_keras_does(tmp_path: Path, name: str) -> None:
    import keras

    file = tmp_path / backbone(name).facts.files[0]
    source = application_file(name, file)
    pixels = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    found = build(name, file, side=64)(pixels)
    reference = keras.Model(source.input, [source.get_layer(tap).output for tap in backbone(name).taps])
    if name == "resnet50":
        expected = reference(keras.applications.resnet.preprocess_input(pixels.copy()))
    else:
        mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
        expected = reference(((pixels / 255 - mean) / deviation).astype(np.float32))
    for ours, theirs in zip(found, expected, strict=True):
        size = float(np.abs(np.asarray(theirs)).max())
        np.testing.assert_allclose(np.asarray(ours) / size, np.asarray(theirs) / size, atol=1e-4)
        assert np.asarray(theirs).std() > 0
    with pytest.raises(WeightsChanged, match=name):
        build("vgg16" if name == "resnet50" else "resnet50", file.rename(tmp_path / f"{name}.h5"), side=64)


@pytest.mark.parametrize("zipped", [False, True])
def test_resnet18_gives_what_torch_gives_from_the_same_state_dict(tmp_path: Path, zipped: bool) -> None:
    import torch

    net = torch_resnet18()
    file = tmp_path / "resnet18.pth"
    torch.save(net.state_dict(), file, _use_new_zipfile_serialization=zipped)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 96, 64, 3)).astype(np.float32)
    scaled = (pixels / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    with torch.no_grad():
        expected = net(torch.from_numpy(scaled.transpose(0, 3, 1, 2).astype(np.float32).copy()))
    for ours, theirs in zip(build("resnet18", file)(pixels), expected, strict=True):
        reference = theirs.numpy().transpose(0, 2, 3, 1)
        size = float(np.abs(reference).max())
        np.testing.assert_allclose(np.asarray(ours) / size, reference / size, atol=1e-4)
    lacking = {name: value for name, value in net.state_dict().items() if name != "layer3.1.bn2.bias"}
    for other in (lacking, {**net.state_dict(), "other": torch.zeros(1)}):
        torch.save(other, file)
        with pytest.raises(WeightsChanged, match=r"resnet18\.pth"):
            build("resnet18", file)


def test_random_weights_follow_the_seed() -> None:
    import keras

    def first(seed: int) -> np.ndarray:
        keras.utils.set_random_seed(seed)
        return build("resnet18", None, side=32).get_layer("stem_conv").get_weights()[0]

    np.testing.assert_array_equal(first(1), first(1))
    assert np.abs(first(1) - first(2)).max() > 0.01


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
    assert list(BACKBONES) == [LITE0, LITE2, "vgg16", "efficientnetv2-b0", "resnet50", "resnet18"]
    assert {item.source for item in BACKBONES.values()} == {"wheel", "keras", "state_dict"}
    for item in BACKBONES.values():
        assert (item.source == "wheel") == (item.facts.kind == "package")
        assert item.facts.licence
        assert item.facts.mean
        assert item.side % 32 == 0
