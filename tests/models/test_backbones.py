"""Backbones made for ImageNet: what goes in, which weights, what is frozen."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.models import backbones

PREPROCESS = {
    "vgg16": keras.applications.vgg16.preprocess_input,
    "resnet50v2": keras.applications.resnet_v2.preprocess_input,
    "mobilenetv2": keras.applications.mobilenet_v2.preprocess_input,
}
PARAMETERS = {"vgg16": 14_714_688, "resnet50v2": 23_564_800, "mobilenetv2": 2_257_984}
"""Of Keras Applications without the top, from its documentation; the head adds its own."""


@pytest.fixture(scope="module")
def networks():
    return {name: el.models.build(name, weights=None, input_size=48) for name in PREPROCESS}


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1)).astype("float32")


def numbers(tensor) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def trainable(model) -> int:
    return sum(int(np.prod(w.shape)) for w in model.trainable_weights)


@pytest.mark.parametrize("name", PREPROCESS)
def test_the_size_is_that_of_the_published_network(networks, name):
    width = networks[name].get_layer("features").output.shape[-1]
    assert networks[name].count_params() == PARAMETERS[name] + 7 * width + 7
    assert networks[name].initialisation == "random"


@pytest.mark.parametrize("name", PREPROCESS)
def test_preprocessing_inside_is_that_of_keras_applications(networks, pictures, name):
    inside = keras.Model(networks[name].input, networks[name].get_layer("normalise").output)
    three = np.repeat(pictures, 3, axis=-1)
    assert np.allclose(numbers(inside(pictures)), PREPROCESS[name](three.copy()), atol=1e-3)


def test_pictures_are_scaled_up_and_become_logits(pictures):
    model = el.models.mobilenetv2(weights=None, input_size=96)
    assert model.get_layer("normalise").output.shape == (None, 96, 96, 3)
    assert numbers(model(pictures)).shape == (2, 7)


def test_a_backbone_survives_json_and_its_weights(networks, pictures):
    again = keras.models.model_from_json(networks["vgg16"].to_json())
    again.set_weights(networks["vgg16"].get_weights())
    assert np.allclose(numbers(again(pictures)), numbers(networks["vgg16"](pictures)), atol=1e-5)


def test_an_input_that_is_too_small_is_refused():
    with pytest.raises(EmotionLabError, match="from 32 to 2048, found 16"):
        el.models.vgg16(weights=None, input_size=16)


# ---- Weights ------------------------------------------------------------------------------------


def test_weights_from_a_file_are_those_of_the_file(tmp_path, pictures):
    original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3))
    path = tmp_path / "mine.weights.h5"
    original.save_weights(path)
    model = el.models.mobilenetv2(weights=path, input_size=64, seed=5)
    assert model.initialisation == "mine.weights.h5"
    assert np.array_equal(model.get_weights()[0], original.get_weights()[0])
    scaled = numbers(keras.ops.image.resize(pictures, (64, 64)))
    expected = original(PREPROCESS["mobilenetv2"](np.repeat(scaled, 3, axis=-1)), training=False)
    found = keras.Model(model.input, model.get_layer("out_relu").output)(pictures, training=False)
    assert np.allclose(numbers(found), numbers(expected), atol=1e-3)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "other.weights.h5"
    el.models.small_cnn().save_weights(path)
    with pytest.raises(backbones.WeightsError, match=r"Expected other\.weights\.h5 to hold the weights of mobilenetv2"):
        el.models.mobilenetv2(weights=path)


def test_a_weight_file_that_is_not_there_or_damaged_is_refused(tmp_path):
    with pytest.raises(backbones.WeightsError, match="found no file"):
        el.models.vgg16(weights=tmp_path / "nowhere.h5")
    (tmp_path / "cut.weights.h5").write_bytes(b"not HDF5")
    with pytest.raises(backbones.WeightsError, match=r"Expected cut\.weights\.h5 to hold"):
        el.models.mobilenetv2(weights=tmp_path / "cut.weights.h5")


OFFLINE = {name: "http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}

CACHED = """
import keras, numpy as np, pathlib, sys
import emotionlab as el
from emotionlab.models import backbones
original = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(48, 48, 3))
path = backbones.cache_file("mobilenetv2")
path.parent.mkdir(parents=True)
# Keras tells an old file from a new one by its ending, so this test loads the new one under its own name
import dataclasses; file = backbones.WEIGHT_FILES["mobilenetv2"]
new = path.with_suffix(".weights.h5")
backbones.WEIGHT_FILES["mobilenetv2"] = dataclasses.replace(file, name=new.name)
original.save_weights(new)
model = el.models.mobilenetv2("keras", input_size=48, seed=7)
print(model.initialisation, np.array_equal(model.get_weights()[0], original.get_weights()[0]))
"""


def python(code: str, home, **environment) -> subprocess.CompletedProcess:
    environment = {**os.environ, **OFFLINE, "KERAS_HOME": str(home), **environment}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_keras_own_weights_are_taken_from_its_cache(tmp_path):
    done = python(CACHED, tmp_path / "keras")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "keras True"


def test_a_damaged_file_in_the_cache_is_refused_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = backbones.cache_file("vgg16")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"cut off")
    with pytest.raises(backbones.WeightsError, match=r"with the MD5 6d6bbae143d8.*delete it and fetch it anew"):
        el.models.vgg16("keras", input_size=48)


def test_without_a_cached_file_one_sentence_names_three_ways_out(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(backbones.WeightsError) as caught:
        el.models.resnet50v2("keras")
    for part in ("emotionlab data weights resnet50v2", "94,668,760 bytes", str(tmp_path / "models"), "weights=None"):
        assert part in str(caught.value)


def test_resnet50v2_has_no_weights_in_the_box_and_says_where_they_are():
    with pytest.raises(backbones.WeightsError, match=r"fetch them with `(uv run )?emotionlab data weights resnet50v2`"):
        el.models.resnet50v2()


def test_random_weights_are_said_loudly(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    model = el.models.imagenet_or_random("resnet50v2", input_size=48)
    said = capsys.readouterr().out
    assert model.initialisation == "random"
    assert "resnet50v2 starts from RANDOM weights here" in said
    assert "not transfer learning" in said
    assert "emotionlab data weights resnet50v2" in said


# ---- Frozen and not -----------------------------------------------------------------------------


def test_freezing_leaves_the_head_alone_to_learn(networks):
    model = el.models.freeze(networks["vgg16"])
    assert [w.path for w in model.trainable_weights] == ["logits/kernel", "logits/bias"]


def test_unfreezing_from_a_layer_on(networks):
    model = el.models.unfreeze(networks["vgg16"], from_layer="block5_conv1")
    learning = [layer.name for layer in el.models.backbone_layers(model) if layer.trainable]
    assert learning == ["block5_conv1", "block5_conv2", "block5_conv3", "block5_pool"]


@pytest.mark.parametrize("name", ["resnet50v2", "mobilenetv2"])
def test_a_random_start_is_forgotten_within_a_short_training(networks, name):
    momenta = {layer.momentum for layer in networks[name].layers if isinstance(layer, keras.layers.BatchNormalization)}
    assert momenta == {0.99}
    assert networks[name].input_size == 48


def test_batch_norm_stays_in_inference_mode_unless_asked(networks, pictures):
    model = networks["resnet50v2"]
    norm = next(x for x in model.layers if isinstance(x, keras.layers.BatchNormalization))
    before = numbers(norm.moving_mean)
    el.models.unfreeze(model)
    model(pictures, training=True)
    assert np.array_equal(before, numbers(norm.moving_mean))
    without = trainable(model)
    el.models.unfreeze(model, batch_norm=True)
    model(pictures, training=True)
    assert not np.array_equal(before, numbers(norm.moving_mean))
    assert trainable(model) > without


def test_freezing_works_on_the_scratch_network_too():
    model = el.models.freeze(el.models.small_cnn())
    assert trainable(model) == 88 * 7 + 7


def test_a_layer_or_a_network_that_does_not_fit_is_named(networks):
    with pytest.raises(
        EmotionLabError, match=r"unfreeze_from.* found 'block9'; they go from 'block1_conv1' to 'block5_pool'"
    ):
        el.models.unfreeze(networks["vgg16"], from_layer="block9")
    with pytest.raises(EmotionLabError, match="layers called 'normalise' and 'features'"):
        el.models.freeze(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))


def test_a_plain_call_is_no_training_and_a_training_call_is_one():
    model = el.models.mobilenetv2(weights=None, input_size=32)
    norm = next(layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization))
    pictures = np.random.default_rng(0).uniform(0, 255, (4, 48, 48, 1)).astype("float32")
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    stored = norm.get_weights()[2].copy()
    assert np.array_equal(model(pictures), model(pictures)), "dropout and batch norm are at rest"
    assert np.array_equal(again(pictures), model(pictures)), "also in a network that was read back"
    assert np.array_equal(norm.get_weights()[2], stored)
    model(pictures, training=True)
    assert not np.array_equal(norm.get_weights()[2], stored)
