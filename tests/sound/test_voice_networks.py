"""The network on spectrograms: shapes, the same numbers in NumPy, learning, and what augmentation keeps."""

import numpy as np
import pytest

from emotionlab.base.errors import RunError
from emotionlab.sound import VoiceRecipe, uar, voice_cnn
from emotionlab.sound.augment import augmented, faster, hide, higher
from emotionlab.sound.dataset import Voices
from emotionlab.sound.features import BANDS, FRAMES, SAMPLE_RATE
from emotionlab.sound.light import LightVoice
from emotionlab.sound.packed import as_ogg
from emotionlab.sound.training import mixed, speaker_folds, train, train_fold


def sweep(rising: bool, hz: float, rng) -> np.ndarray:
    t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    slope = hz if rising else -hz / 2
    return (0.4 * np.sin(2 * np.pi * (hz * t + slope * t**2)) + rng.normal(0, 0.01, len(t))).astype(np.float32)


@pytest.fixture(scope="module")
def melodies() -> Voices:
    """Ten "speakers" of different pitch; a rising tone is happy, a falling one sad."""
    rng = np.random.default_rng(0)
    rows = [(s, take % 2) for s in range(10) for take in range(6)]
    sounds = tuple(as_ogg(sweep(label == 0, 300 + 40 * speaker, rng)) for speaker, label in rows)
    speakers, labels = (np.array(part) for part in zip(*rows, strict=True))
    files = np.array([str(i) for i in range(len(rows))])
    return Voices(sounds, labels, speakers, files, ("happy", "sad"), "melodies", "tones")


def test_the_network_has_less_than_two_million_parameters_and_gives_a_logit_a_class():
    model = voice_cnn(8)
    assert model.count_params() < 2_000_000
    logits = np.asarray(model(np.zeros((2, BANDS, FRAMES, 1), "float32")))
    assert logits.shape == (2, 8)
    assert np.isfinite(logits).all()


def test_numpy_gives_the_numbers_of_keras():
    model = voice_cnn(4)
    rng = np.random.default_rng(0)
    model.set_weights([np.abs(rng.normal(0.2, 0.2, w.shape)) if w.ndim == 1 else w for w in model.get_weights()])
    weights = {"/".join(v.path.split("/")[-2:]): np.array(v) for v in model.weights}
    sounds = rng.normal(size=(3, BANDS, FRAMES)).astype("float32")
    np.testing.assert_allclose(LightVoice(weights)(sounds), np.asarray(model(sounds[..., None])), rtol=1e-3, atol=1e-3)
    assert LightVoice(weights).predict(sounds).sum(axis=1) == pytest.approx(1)
    del weights["norm2/beta"]
    with pytest.raises(RunError, match="norm2/beta"):
        LightVoice(weights)


def test_the_network_learns_what_all_speakers_share(melodies):
    fold = train_fold(melodies, speaker_folds(melodies), 0, VoiceRecipe(epochs=8, rate=3e-3), progress=False)
    assert set(melodies.speakers[fold.test].tolist()) == {0, 1}
    assert uar(melodies.labels[fold.test], fold.probabilities.argmax(axis=1)) > 0.8
    assert fold.history["loss"][-1] < fold.history["loss"][0]


def test_the_same_seed_trains_the_same_network(melodies):
    rows = np.arange(20)
    one, _ = train(melodies, rows, VoiceRecipe(epochs=1))
    two, _ = train(melodies, rows, VoiceRecipe(epochs=1))
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_unweighted_average_recall_counts_a_rare_class_like_a_frequent_one():
    assert uar(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0])) == 0.5


def test_augmentation_changes_a_spectrogram_and_keeps_its_shape():
    logs = [np.random.default_rng(k).normal(size=(BANDS, columns)) for k, columns in enumerate((40, 150, 400))]
    one = augmented(logs, np.random.default_rng(0))
    assert one.shape == (3, BANDS, FRAMES)
    assert np.isfinite(one).all()
    assert (one != augmented(logs, np.random.default_rng(1))).any()
    np.testing.assert_array_equal(one, augmented(logs, np.random.default_rng(0)))


def test_stretching_and_moving_do_what_they_say():
    ramp = np.arange(BANDS * 100.0).reshape(BANDS, 100)
    assert faster(ramp, 0.5).shape == (BANDS, 50)
    np.testing.assert_array_equal(faster(ramp, 0.5)[:, 10], ramp[:, 20])
    np.testing.assert_array_equal(higher(ramp, 2)[5], ramp[3])
    np.testing.assert_array_equal(higher(ramp, -2)[5], ramp[7])


def test_hiding_leaves_most_of_a_spectrogram_as_it_was():
    ones = np.ones((BANDS, FRAMES), np.float32)
    hidden = hide(ones, np.random.default_rng(3))
    assert 0 < (hidden == 0).mean() < 0.6
    assert (ones == 1).all()


def test_mixing_keeps_the_sum_of_the_targets():
    rng = np.random.default_rng(0)
    sounds, targets = rng.normal(size=(6, BANDS, FRAMES)).astype("float32"), np.eye(6, dtype="float32")
    mixed_sounds, mixed_targets = mixed(sounds, targets, 0.4, rng)
    np.testing.assert_allclose(mixed_targets.sum(axis=1), 1, rtol=1e-5)
    assert mixed_sounds.shape == sounds.shape
    assert mixed(sounds, targets, 0.0, rng)[0] is sounds
