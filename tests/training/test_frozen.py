"""Features of a frozen backbone, and heads trained on them."""

import gc
import weakref

import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.dataset import Split
from emotionlab.training.frozen import extractor


def shaded(size: int, seed: int) -> Split:
    """Class k is brighter than class k - 1."""
    rng = np.random.default_rng(seed)
    labels = np.arange(size) % 7
    images = (rng.integers(0, 40, (size, 48, 48)) + 30 * labels[:, None, None]).astype("uint8")
    return Split(images, labels.astype("int64"), np.array([f"{i}.png" for i in range(size)]))


@pytest.fixture
def model():
    return el.models.small_cnn()


@pytest.fixture
def split():
    return shaded(70, 1)


def kept() -> list:
    return sorted((settings.data_dir() / "features").glob("*"))


def test_features_are_the_output_of_the_layer_of_that_name_in_inference_mode(model, split):
    found = el.features(model, split)
    inside = keras.Model(model.input, model.get_layer("features").output)
    expected = keras.ops.convert_to_numpy(inside(split.images[..., None].astype("float32"), training=False))
    assert found.shape == (70, 88)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-4)


def test_the_same_content_is_computed_once(model, split, monkeypatch):
    first = el.features(model, split)
    assert len(kept()) == 1
    monkeypatch.setattr("emotionlab.training.frozen.as_batch", lambda images: pytest.fail("computed again"))
    assert np.array_equal(el.features(model, split), first)
    again = el.models.small_cnn()  # built anew, the same content
    assert np.array_equal(el.features(again, split), first)


def test_a_network_keeps_its_extractor_which_goes_with_it(model, split):
    first = weakref.ref(extractor(model))
    assert extractor(model) is first()
    network = el.models.small_cnn()
    other, gone = weakref.ref(extractor(network)), weakref.ref(network)
    assert other() is not first()
    del network
    gc.collect()  # the network, and with it the entry
    gc.collect()  # what the entry held
    assert gone() is None
    assert other() is None


def test_other_pixels_weights_or_layers_are_other_content(model, split):
    el.features(model, split)
    changed = split.images.copy()
    changed[0, 0, 0] ^= 1
    el.features(model, Split(changed, split.labels, split.files))
    el.features(el.models.small_cnn(seed=1), split)
    weights = model.get_weights()
    doubled = el.models.small_cnn()
    doubled.get_layer("normalise").scale *= 2  # a layer without weights
    doubled.set_weights(weights)
    el.features(doubled, split)
    assert len(kept()) == 4


def test_freezing_or_a_new_head_is_the_same_content(model, split):
    el.features(model, split)
    el.models.freeze(model)
    model.get_layer("logits").set_weights([w + 1 for w in model.get_layer("logits").get_weights()])
    el.features(model, split)
    assert len(kept()) == 1


def test_a_damaged_file_is_computed_again(model, split):
    first = el.features(model, split)
    kept()[0].write_bytes(b"PK\x03\x04 cut off")
    assert np.array_equal(el.features(model, split), first)
    assert np.array_equal(el.features(model, split), first)


def test_a_folder_that_cannot_be_written_to_costs_time_and_nothing_else(model, split, monkeypatch, capsys, tmp_path):
    first = el.features(model, split, keep=False)
    (tmp_path / "full").write_text("a file where the folder should be")
    monkeypatch.setenv("EMOTIONLAB_DATA", str(tmp_path / "full"))
    assert np.array_equal(el.features(model, split), first)
    assert "could not be kept" in capsys.readouterr().out


def test_a_full_disk_costs_time_and_nothing_else(model, split, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.savez", full)
    assert el.features(model, split).shape[0] == len(split)
    assert "could not be kept" in capsys.readouterr().out
    assert kept() == []


def test_keeping_nothing_on_request(model, split):
    el.features(model, split, keep=False)
    assert kept() == []


def test_a_network_without_features_is_refused(split):
    other = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(7)])
    with pytest.raises(EmotionLabError, match="layer called 'features'"):
        el.features(other, split)


def test_a_head_learns_and_the_rest_stays_as_it_was(model, split):
    validation = shaded(35, 2)
    before = [w.copy() for w in model.get_weights()]
    history = el.train_head(model, split, epochs=60, learning_rate=0.1, validation=validation)
    after = model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(before[:-2], after[:-2], strict=True))
    assert history["val_loss"][-1] < history["val_loss"][0]
    assert {len(values) for values in history.values()} == {60}
    assert el.evaluate(model, validation).accuracy == pytest.approx(history["val_accuracy"][-1], abs=1e-6)
    assert history["val_accuracy"][-1] > 0.4


@pytest.mark.parametrize("what", ["a layer between", "no bias"])
def test_a_head_that_is_more_than_a_dense_layer_is_refused(model, split, what):
    x = keras.layers.Dropout(0.1)(model.get_layer("features").output)
    if what == "a layer between":
        x = keras.layers.Dense(x.shape[-1], "relu", name="hidden")(x)
    logits = keras.layers.Dense(7, use_bias=what != "no bias", name="logits")(x)
    with pytest.raises(EmotionLabError, match="hidden" if what == "a layer between" else "another layer 'logits'"):
        el.train_head(keras.Model(model.input, logits), split, epochs=1)


def test_the_same_seed_trains_the_same_head(split):
    heads = []
    for seed in (0, 0, 1):
        network = el.models.small_cnn()
        el.train_head(network, split, epochs=2, seed=seed)
        heads.append(network.get_layer("logits").get_weights()[0])
    assert np.array_equal(heads[0], heads[1])
    assert not np.array_equal(heads[0], heads[2])


@pytest.mark.parametrize("balance", ["weights", "oversample"])
def test_a_rare_class_is_found_more_often_when_the_classes_are_balanced(balance):
    rng = np.random.default_rng(0)
    common, rare = shaded(70, 1), shaded(7, 2)
    keep = np.concatenate([np.flatnonzero(common.labels != 1), np.flatnonzero(common.labels == 1)[:2]])
    split = common.take(rng.permutation(keep))
    shares = []
    for how in ("none", balance):
        network = el.models.small_cnn()
        el.train_head(network, split, epochs=5, learning_rate=0.01, balance=how)
        shares.append(el.evaluation.predict(network, rare.images)[:, 1].mean())
    assert shares[1] > shares[0]
