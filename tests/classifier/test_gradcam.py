"""A network whose answer is known lights up where it looks; every backbone that can be built has its heat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from classifier.features import feature_model, feature_size, pooled
from classifier.finetuned import network
from classifier.gradcam import GradCam, grad_cam, map_and_logits, on_one_scale, on_photo
from classifier.head import Head
from classifier.model import Trained
from classifier.triage import Triage
from core.errors import EngineFailed
from core.values import CLASSES, Label
from core.weights import Located
from scene.backbones import BACKBONES, build, find_weights, import_keras
from tests.made import scene

SIDE = 64


def _red_and_green(scale: float = 1.0) -> Any:
    """pixels → mean red and mean green of 4 × 4 cells → softmax of (red, green)."""
    import_keras()
    import keras
    from keras import layers

    image = keras.Input((SIDE, SIDE, 3))
    cells = layers.Conv2D(2, 16, 16, use_bias=False)(image)
    answer = layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(cells))
    model = keras.Model(image, answer)
    kernel = np.zeros((16, 16, 3, 2), np.float32)
    kernel[..., 0, 0] = kernel[..., 1, 1] = 1 / (16 * 16 * 255)
    model.layers[1].set_weights([kernel])
    model.layers[-1].set_weights([np.eye(2, dtype=np.float32) * scale, np.zeros(2, np.float32)])
    return model


def _patches() -> np.ndarray:
    """Black, with a red patch in the cell (row 0, column 3) and a green one, half as bright, in (2, 1)."""
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[0:16, 48:64, 0] = 200
    pixels[32:48, 16:32, 1] = 100
    return pixels


def test_a_class_lights_up_in_the_cells_where_its_channel_is_active_and_nowhere_else() -> None:
    red, green = GradCam(_red_and_green()).grids(_patches()[None], [[0, 1]])[0]
    assert red.shape == (4, 4)
    # A channel's weight is its mean gradient, 1 / 16 of the head's 1; the cell's value is the patch's brightness.
    expected = np.zeros((4, 4))
    expected[0, 3] = 200 / 255 / 16
    np.testing.assert_allclose(red, expected, atol=1e-6)
    expected = np.zeros((4, 4))
    expected[2, 1] = 100 / 255 / 16
    np.testing.assert_allclose(green, expected, atol=1e-6)


def test_a_photo_s_heat_does_not_depend_on_its_neighbours_in_the_batch() -> None:
    cam = GradCam(_red_and_green())
    batch = np.stack([_patches(), _patches()[::-1], np.full((SIDE, SIDE, 3), 255, np.uint8)])
    together = cam.grids(batch, [[0], [1], [0]])
    for index, wanted in enumerate((0, 1, 0)):
        np.testing.assert_allclose(together[index], cam.grids(batch[index : index + 1], [[wanted]])[0], atol=1e-6)


def test_batches_of_any_length_and_number_of_classes_follow_each_other() -> None:
    cam, one = GradCam(_red_and_green()), _patches()[None]
    for length, wanted in ((3, [0, 1]), (1, [0]), (2, [1, 0]), (5, [1])):
        heats = cam.grids(one.repeat(length, axis=0), [wanted] * length)
        assert heats.shape == (length, len(wanted), 4, 4)
        assert [int(heat.argmax()) for heat in heats[-1]] == [{0: 3, 1: 9}[index] for index in wanted]


def test_the_gradient_is_the_logit_s_so_that_a_sure_model_still_has_heat() -> None:
    sure = GradCam(_red_and_green(scale=1e4)).grids(_patches()[None], [[0]])[0, 0]
    assert sure[0, 3] == pytest.approx(1e4 * 200 / 255 / 16, rel=1e-4)


def test_a_channel_that_speaks_against_a_class_gives_no_heat() -> None:
    model = _red_and_green()
    model.layers[-1].set_weights([np.array([[-1, 1], [0, 0]], np.float32), np.zeros(2, np.float32)])
    against, towards = GradCam(model).grids(_patches()[None], [[0, 1]])[0]
    assert against.max() == 0
    assert np.unravel_index(towards.argmax(), towards.shape) == (0, 3)


def test_a_softmax_layer_of_its_own_and_a_model_of_logits_are_understood() -> None:
    import keras

    model = _red_and_green()
    plain = keras.layers.Dense(2)
    logits = plain(model.layers[-1].input)
    plain.set_weights(model.layers[-1].get_weights())
    expected = GradCam(model).grids(_patches()[None], [[0, 1]])
    for output in (logits, keras.layers.Softmax()(logits), keras.layers.Activation("softmax")(logits)):
        found = GradCam(keras.Model(model.input, output)).grids(_patches()[None], [[0, 1]])
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_model_without_a_map_is_refused_with_a_sentence() -> None:
    import_keras()
    import keras

    image = keras.Input((8, 8, 3))
    flat = keras.Model(image, keras.layers.Dense(3)(keras.layers.Flatten()(image)))
    with pytest.raises(EngineFailed) as refused:
        GradCam(flat)
    assert "couche de convolution" in refused.value.message("fr")


def test_the_heat_lies_on_the_photo_and_not_on_the_grey_borders() -> None:
    wide = np.zeros((8, 8), np.float32)
    wide[0, 0], wide[3, 6] = 9.0, 1.0  # the first is above a photo of 2 : 1, whose rows are 2 to 5
    heat = on_photo(wide, (80, 40))
    assert heat.shape == (40, 80)
    assert np.unravel_index(heat.argmax(), heat.shape)[0] in range(10, 20)
    assert np.unravel_index(heat.argmax(), heat.shape)[1] in range(60, 70)
    assert heat.max() == 1.0
    assert heat[:, :40].max() == 0.0
    tall = on_photo(wide.T, (40, 80))
    np.testing.assert_allclose(tall, heat.T, atol=1e-6)
    assert on_photo(np.zeros((8, 8), np.float32), (30, 20)).max() == 0.0


def test_two_classes_of_one_photo_share_a_scale_so_that_a_weak_heat_looks_weak() -> None:
    strong, weak = on_one_scale([np.full((4, 4), 8, np.float32), np.full((4, 4), 2, np.float32)], (20, 10))
    assert (float(strong.min()), float(weak.max())) == (1.0, 0.25)


def _triage(name: str, weights: Located, label: Label, side: int = SIDE) -> Triage:
    """A triage whose verdict rests on the mean of the backbone's last map alone, all its channels alike."""
    kernel = np.zeros((feature_size(name), len(CLASSES)), np.float32)
    deep = BACKBONES[name].channels[0]
    kernel[:deep, CLASSES.index(label)] = 1.0
    card = {"name": "made", "revision": "1", "backbone": name, "backbone_sha256": weights.sha256, "side": side,
            "classes": list(CLASSES), "temperature": 1.0}  # fmt: skip
    return Triage(Trained(Head(kernel, np.zeros(len(CLASSES), np.float32), card), "0" * 64, weights))


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_every_backbone_lights_up_where_its_last_map_is_active(name: str) -> None:
    import_keras()
    import keras

    keras.utils.set_random_seed(3)
    body = build(name, None, side=SIDE)
    last = keras.layers.Dense(3, activation="softmax")
    model = keras.Model(body.input, last(pooled(body.outputs)))
    deep = BACKBONES[name].channels[0]
    kernel = np.zeros((feature_size(name), 3), np.float32)
    kernel[:deep, 1] = np.random.default_rng(0).normal(size=deep)  # the verdict rests on the last map's means alone
    kernel[:, 2] = -kernel[:, 1]
    last.set_weights([kernel, np.zeros(3, np.float32)])
    squares = scene(SIDE, SIDE, 5)[None]
    seen = keras.Model(model.input, model.get_layer(BACKBONES[name].conv_map).output)
    maps = np.asarray(seen(squares.astype(np.float32), training=False))[0]
    assert float(np.abs(maps).max()) > 0
    # The logit is the weighted sum of the channels' means: each channel weighs its kernel over the number of cells.
    towards, against = (np.maximum(maps @ kernel[:deep, index], 0) / maps[..., 0].size for index in (1, 2))
    strongest = float(max(towards.max(), against.max()))
    assert strongest > 0
    grids = GradCam(model).grids(squares, [[1, 2]])[0]
    np.testing.assert_allclose(grids[0], towards, rtol=1e-2, atol=1e-3 * strongest)
    np.testing.assert_allclose(grids[1], against, rtol=1e-2, atol=1e-3 * strongest)


@pytest.mark.parametrize("hidden", [0, 5])
def test_a_fine_tuned_network_s_heat_follows_the_gradient_through_its_head(hidden: int) -> None:
    import_keras()
    import keras

    keras.utils.set_random_seed(4)
    model = network("vgg16", None, SIDE, 3, hidden=hidden, dropout=0.2, softmax=True)
    squares = scene(SIDE, SIDE, 6)[None]
    cam = GradCam(model)
    maps, logits = (np.asarray(part)[0] for part in cam.network(squares.astype(np.float32), training=False))
    deep = BACKBONES["vgg16"].channels[0]
    assert maps.shape[-1] == deep
    # By hand: the features' gradient from the head's weights, spread over the cells by the mean and the maximum.
    scale, head = model.get_layer("verdict_scale"), model.get_layer("verdict").get_weights()[0]
    deviation = np.sqrt(scale.get_weights()[1] + scale.epsilon)
    slope = head[:, 2]
    if hidden:
        kernel, bias = model.get_layer("verdict_hidden").get_weights()
        features = keras.Model(model.input, scale.output)(squares.astype(np.float32), training=False)
        slope = kernel @ (head[:, 2] * (np.asarray(features)[0] @ kernel + bias > 0))
    weights = ((slope / deviation)[:deep] + (slope / deviation)[deep : 2 * deep]) / maps[..., 0].size
    grid = cam.grids(squares, [[2]])[0, 0]
    expected = np.maximum(maps @ weights, 0)
    assert expected.any()
    np.testing.assert_allclose(grid, expected, rtol=1e-2, atol=1e-3 * float(np.abs(maps @ weights).max()))
    softmax = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    np.testing.assert_allclose(softmax, np.asarray(model(squares.astype(np.float32), training=False))[0], atol=1e-5)


def test_the_logits_are_those_that_the_triage_s_probabilities_come_from() -> None:
    name = "efficientnet-lite0"
    weights = find_weights(name)
    triage = _triage(name, weights, "ok")
    rng = np.random.default_rng(0)
    kernel = rng.normal(0, 0.02, (feature_size(name), 3)).astype(np.float32)
    triage.model.layers[-1].set_weights([kernel, np.array([0.1, 0.0, -0.1], np.float32)])
    squares = np.stack([scene(SIDE, SIDE, seed) for seed in range(3)])
    _, logits = map_and_logits(triage.model)(squares.astype(np.float32), training=False)
    logits = np.asarray(logits)
    features = feature_model(name, weights.file, SIDE).predict_on_batch(squares)
    np.testing.assert_allclose(logits, features @ kernel + [0.1, 0.0, -0.1], rtol=1e-3, atol=1e-3)
    softmax = np.exp(logits - logits.max(axis=1, keepdims=True))
    softmax /= softmax.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(softmax, triage.probabilities(squares), atol=1e-4)


def test_grad_cam_answers_in_the_photo_s_own_pixels_from_0_to_1() -> None:
    triage = _triage("efficientnet-lite0", find_weights("efficientnet-lite0"), "exclure", side=96)
    photo = scene(150, 70, 2)
    heat = grad_cam(triage, photo, "exclure")
    assert (heat.shape, heat.dtype, float(heat.max())) == ((70, 150), np.float32, 1.0)
    assert float(heat.min()) >= 0.0
    assert grad_cam(triage, photo, "ok").max() == 0.0, "nothing speaks for a class whose weights are nought"
