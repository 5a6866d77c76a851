"""Weights in 8 bits: what comes with the course, what it costs, and what is refused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.eight_bits import pack, quantise, unpack
from emotionlab.base.errors import EmotionLabError
from emotionlab.labs import imagenet_weights as lab
from emotionlab.labs import records
from emotionlab.models import weights
from emotionlab.models.resnet18 import PAPER

SOURCES = Path(__file__).parents[3] / "shared" / "data" / "weights"
SHIPPED = weights.FOLDER
NETWORKS = tuple(weights.CHECKSUMS)


# ---- 8 bits -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(20, 7), (3, 3, 8, 16), (3, 3, 32, 1)])
def test_each_weight_comes_back_within_half_a_scale(shape):
    kernel = np.random.default_rng(0).normal(size=shape).astype("float32")
    numbers, scale = quantise(kernel)
    assert numbers.dtype == np.int8
    assert (np.abs(numbers * scale - kernel) <= 0.5001 * scale).all()


@pytest.mark.parametrize(("shape", "channels"), [((20, 7), 7), ((3, 3, 8, 16), 16), ((3, 3, 32, 1), 32)])
def test_each_output_channel_has_its_own_scale_and_uses_all_numbers(shape, channels):
    kernel = np.random.default_rng(0).normal(size=shape).astype("float32")
    numbers, scale = quantise(kernel)
    assert scale.size == channels
    other = tuple(i for i in range(kernel.ndim) if scale.shape[i] == 1)
    assert (np.abs(numbers.astype(int)).max(axis=other) == 127).all()


def test_a_channel_of_zeros_stays_zero():
    numbers, scale = quantise(np.zeros((3, 3, 4, 5), "float32"))
    assert not (numbers * scale).any()


def test_vectors_stay_as_they_are():
    arrays = {"a/kernel": np.ones((2, 3), "float32"), "a/bias": np.array([0.1, -2.5, 3e-5], "float32")}
    back = unpack(pack(arrays))
    assert back.keys() == arrays.keys()
    assert np.array_equal(back["a/bias"], arrays["a/bias"])


# ---- The files that come with the course ----------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_imagenet_weights_come_with_the_course(name):
    model = el.models.build(name, input_size=48)
    assert model.initialisation == "imagenet"
    assert model.start == weights.CHECKSUMS[name] == weights.checksum(weights.shipped(name))
    arrays = weights.read(weights.shipped(name), name)
    for layer in el.models.backbone_layers(model):
        for variable in layer.weights:
            assert np.array_equal(np.asarray(variable), arrays[variable.path]), variable.path


@pytest.mark.parametrize("name", NETWORKS)
def test_each_file_is_small_and_has_its_licence_beside_it(name):
    assert weights.shipped(name).stat().st_size < 16 * 2**20
    licence = (weights.FOLDER / f"{name}_license.txt").read_text(encoding="utf-8")
    assert "changed" in licence.lower()
    third_party = Path(el.__file__).parents[1] / "THIRD_PARTY.md"
    assert f"`{name}.npz`" in third_party.read_text(encoding="utf-8")


def test_nothing_is_asked_of_the_network(tmp_path):
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('asked the network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "import emotionlab as el\n"
        "for name in ('vgg16', 'resnet18', 'mobilenetv2', 'resnet50v2'):\n"
        "    print(el.models.imagenet_or_random(name, input_size=48).initialisation)\n"
    )
    home = {"HOME": str(tmp_path), "KERAS_HOME": str(tmp_path / "keras"), "EMOTIONLAB_FAST": "0"}
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, **home}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line in ("imagenet", "random")]
    assert lines == ["imagenet", "imagenet", "imagenet", "random"]


def test_the_record_says_that_8_bits_cost_next_to_nothing():
    record = records.read(lab.NAME, lab.COMMAND)
    for name, row in record["networks"].items():
        assert row["sha256"] == weights.CHECKSUMS[name]
        assert row["cosine"]["mean"] >= 0.999
        accuracy = row["validation_accuracy"]
        assert abs(accuracy["float32"] - accuracy["8 bits"]) < 0.005


# ---- ResNet-18 -------------------------------------------------------------------------------------


def test_resnet18_has_the_features_that_were_recorded_from_the_original_graph():
    recorded = np.array(records.read(lab.NAME, lab.COMMAND)["original_resnet18"]["features"])
    ours = lab.resnet18_features(weights.read(weights.shipped("resnet18"), "resnet18"))
    assert float(ours @ recorded / np.linalg.norm(ours) / np.linalg.norm(recorded)) >= 0.999


@pytest.mark.skipif(not (SOURCES / "resnet18_imagenet.onnx").is_file(), reason="the original file is not at hand")
def test_resnet18_with_float_weights_is_the_original_graph():
    pytest.importorskip("onnxruntime")
    ours = lab.resnet18_features(lab.float_arrays("resnet18", SOURCES))
    assert np.abs(ours - lab.original_features(SOURCES / "resnet18_imagenet.onnx")).max() < 1e-4


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the original files are not at hand")
def test_a_public_file_that_is_another_one_is_refused(tmp_path):
    with pytest.raises(EmotionLabError, match=r"found none; THIRD_PARTY\.md says where it comes from"):
        lab.float_arrays("vgg16", tmp_path)
    (tmp_path / lab.SOURCES["vgg16"][0]).write_bytes(b"something else")
    with pytest.raises(EmotionLabError, match="with the SHA-256 a2f51117"):
        lab.float_arrays("vgg16", tmp_path)


def test_resnet18_of_the_paper_has_one_block_less():
    paper = el.models.resnet18(weights=None, input_size=48, blocks=PAPER)
    ours = el.models.resnet18(weights=None, input_size=48)
    head = 7 * 512 + 7
    # torchvision's ResNet-18 without its top has 11,176,512 learned numbers; Keras also counts 2 x 4,800 moving ones
    assert paper.count_params() - head == 11_176_512 + 9_600
    extra_block = 2 * (3 * 3 * 512 * 512 + 4 * 512)
    assert ours.count_params() - paper.count_params() == extra_block
    with pytest.raises(EmotionLabError, match=r"Expected blocks=\(2, 2, 2, 3\) for the ImageNet weights"):
        el.models.resnet18(blocks=PAPER)


@pytest.mark.parametrize("size", [33, 40, 48, 80, 100])
def test_resnet18_takes_pictures_of_any_size(size):
    model = el.models.resnet18(weights=None, input_size=size)
    assert model(np.zeros((1, 48, 48, 1), "float32")).shape == (1, 7)


def test_resnet18_is_frozen_and_unfrozen_like_the_others():
    model = el.models.freeze(el.models.resnet18(weights=None, input_size=48))
    assert [w.path for w in model.trainable_weights] == ["logits/kernel", "logits/bias"]
    el.models.unfreeze(model, "stage4_block1_conv1")
    learning = {w.path.split("_")[0] for w in model.trainable_weights}
    assert learning == {"stage4", "logits/kernel", "logits/bias"}


def test_a_network_with_learned_weights_starts_with_a_head_of_zeros_and_a_random_one_does_not():
    learned, random = (el.models.mobilenetv2(weights, input_size=48) for weights in ("imagenet", None))
    assert not np.any(learned.get_layer("logits").get_weights()[0])
    assert np.any(random.get_layer("logits").get_weights()[0])


# ---- What is refused ---------------------------------------------------------------------------------


def test_weights_of_another_network_are_refused():
    with pytest.raises(weights.WeightsError, match="weights of resnet18 without its top, found those of mobilenetv2"):
        el.models.resnet18(weights=weights.FOLDER / "mobilenetv2.npz", input_size=48)


@pytest.mark.parametrize(
    "arrays",
    [
        {"conv/kernel": np.zeros((2, 2), np.int8), "conv/kernel_scale": np.ones(3, np.float32)},
        {"conv/kernel": np.array(["not", "numbers"])},
    ],
)
def test_a_file_with_other_arrays_is_refused(tmp_path, arrays):
    np.savez(tmp_path / "bad.npz", network="resnet18", **arrays)
    with pytest.raises(EmotionLabError, match="to hold the weights of resnet18"):
        el.models.resnet18(weights=str(tmp_path / "bad.npz"), input_size=48)


@pytest.mark.parametrize("blocks", [5, (2, 2), (2, 2, 2, 0), "2222"])
def test_blocks_that_make_no_network_are_refused(blocks):
    with pytest.raises(EmotionLabError, match="blocks"):
        el.models.resnet18(weights=None, blocks=blocks)


def test_a_file_that_was_cut_short_is_refused(tmp_path):
    path = tmp_path / "cut.npz"
    path.write_bytes((weights.FOLDER / "mobilenetv2.npz").read_bytes()[:1_000_000])
    with pytest.raises(weights.WeightsError, match=r"Expected cut\.npz to hold the weights of mobilenetv2"):
        el.models.mobilenetv2(weights=path, input_size=48)


def test_a_checksum_that_differs_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    (tmp_path / "vgg16.npz").write_bytes(b"something else")
    with pytest.raises(weights.WeightsError, match=r"vgg16\.npz with the SHA-256 73deb4d65e2d\.\.\., found"):
        el.models.vgg16(input_size=48)
    with pytest.raises(weights.WeightsError, match="found no file; install EmotionLab anew"):
        el.models.mobilenetv2(input_size=48)


def test_weights_without_their_licence_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    shutil.copy(SHIPPED / "mobilenetv2.npz", tmp_path)
    with pytest.raises(weights.WeightsError, match=r"Expected the licence mobilenetv2_license\.txt beside"):
        el.models.mobilenetv2(input_size=48)


def test_weights_for_another_number_of_blocks_set_nothing():
    model = el.models.resnet18(weights=None, input_size=48, blocks=PAPER)
    before = model.get_weights()[0]
    arrays = weights.read(weights.shipped("resnet18"), "resnet18")
    with pytest.raises(weights.WeightsError, match=r"found \d+ that do not, such as stage4_block3"):
        weights.put(arrays, el.models.backbone_layers(model), "resnet18.npz")
    assert np.array_equal(before, model.get_weights()[0])
