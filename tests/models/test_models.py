"""The networks: their size, what goes in and what comes out."""

import keras
import numpy as np
import pytest

from emotionlab import models
from emotionlab.base.errors import EmotionLabError


@pytest.fixture(scope="module")
def network():
    return models.small_cnn()


def test_the_scratch_network_has_fewer_than_two_million_parameters():
    assert models.scratch_cnn().count_params() < 2_000_000


def test_pictures_in_0_to_255_become_seven_logits(network):
    pictures = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1))
    logits = keras.ops.convert_to_numpy(network(pictures.astype("float32")))
    assert logits.shape == (3, 7)
    assert not np.allclose(logits.sum(axis=1), 1)  # logits, not probabilities


def test_normalisation_is_inside_the_network(network):
    normalised = keras.Model(network.input, network.get_layer("normalise").output)
    ends = keras.ops.convert_to_numpy(
        normalised(np.array([0.0, 255.0], "float32").reshape(2, 1, 1, 1) * np.ones((1, 48, 48, 1)))
    )
    assert ends.min() == pytest.approx(-1)
    assert ends.max() == pytest.approx(1)


def test_the_same_seed_gives_the_same_weights():
    first, again, other = (models.small_cnn(seed=s).get_weights()[0] for s in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_network_for_any_size_has_the_weights_of_one_for_48_pixels(network):
    anything = models.small_cnn(input_shape=(None, None, 1))
    anything.set_weights(network.get_weights())
    pictures = np.random.default_rng(1).uniform(0, 255, (2, 48, 48, 1)).astype("float32")
    assert np.allclose(anything.predict_on_batch(pictures), network.predict_on_batch(pictures), atol=1e-5)
    assert anything.predict_on_batch(pictures[:, 4:44, 4:44]).shape == (2, 7)


def test_squeeze_and_excitation_adds_few_parameters(network):
    added = models.small_cnn(squeeze=True).count_params() - network.count_params()
    assert 0 < added < 0.1 * network.count_params()


def test_building_in_bfloat16_leaves_the_global_policy_alone():
    before = keras.config.dtype_policy().name
    network = models.build("small_cnn", precision="mixed_bfloat16")
    assert network.get_layer("features").compute_dtype == "bfloat16"
    assert network.output.dtype == "float32"
    assert keras.config.dtype_policy().name == before


def test_an_unknown_network_is_named_with_those_there_are():
    with pytest.raises(EmotionLabError, match=r"scratch_cnn.*found 'vgg99'"):
        models.build("vgg99")
