"""The listener: four emotions heard, three never, without TensorFlow; and what the records say."""

import subprocess
import sys

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.sound import recorded, uar
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.listener import pieces_of

NEVER = [name not in ("angry", "happy", "sad", "neutral") for name in el.EMOTIONS]


@pytest.fixture(scope="module")
def listen():
    return el.VoiceListener()


@pytest.fixture(scope="module")
def voices():
    return el.load_voices()


def test_four_probabilities_sum_to_1_and_three_are_nan(listen, voices):
    answer = listen(voices.sounds[0])
    assert answer.probabilities.dtype == np.float32
    assert np.isnan(answer.probabilities).tolist() == NEVER
    assert np.nansum(answer.probabilities) == pytest.approx(1, abs=1e-5)
    assert answer.confidence == pytest.approx(np.nanmax(answer.probabilities))


def test_the_bars_say_never_heard_by_this_network(listen, voices):
    answer = listen(voices.sounds[0])
    assert answer._repr_html_().count("never heard by this network") == 3
    assert repr(answer).count("never heard by this network") == 3
    assert answer.as_row()["fear"] is None


def test_it_knows_the_voices_that_it_was_trained_on(listen, voices):
    rows = range(0, len(voices), 12)
    said = np.array([voices.classes.index(listen(voices.sounds[i]).guess) for i in rows])
    assert uar(voices.labels[list(rows)], said) > 0.85


def test_a_voice_below_the_threshold_is_not_sure(voices):
    unsure = el.VoiceListener(threshold=1.0)(voices.sounds[0])
    assert unsure.emotion == "not sure"
    assert unsure.emotions == ()
    assert unsure.guess in voices.classes
    with pytest.raises(EmotionLabError, match="from 0 to 1"):
        el.VoiceListener(threshold=3)


def test_how_loud_a_microphone_is_set_changes_nothing(listen, voices):
    wave = voices.waves[5]
    one, two = listen(wave, SAMPLE_RATE), listen(0.2 * wave, SAMPLE_RATE)
    np.testing.assert_allclose(one.probabilities, two.probabilities, atol=1e-3)


def test_a_long_voice_is_heard_in_pieces(listen, voices):
    long = np.concatenate([voices.waves[i] for i in range(6)])
    answer = listen(long, SAMPLE_RATE)
    assert len(answer.pieces) == len(answer.times) > 3
    np.testing.assert_allclose(answer.probabilities, answer.pieces.mean(axis=0), atol=1e-6)


def test_pieces_begin_every_second_and_the_last_ends_with_the_voice():
    assert pieces_of(SAMPLE_RATE) == [0]
    assert pieces_of(5 * SAMPLE_RATE) == [0, SAMPLE_RATE, 2 * SAMPLE_RATE]
    assert pieces_of(round(4.5 * SAMPLE_RATE)) == [0, SAMPLE_RATE, round(1.5 * SAMPLE_RATE)]


@pytest.mark.parametrize("sound", [None, [1.0], b"", "none.wav"])
def test_what_is_no_sound_is_refused(listen, sound):
    with pytest.raises(DataError):
        listen(sound)


def test_listening_imports_no_tensorflow_and_no_keras(tmp_path, voices):
    (tmp_path / "voice.ogg").write_bytes(voices.sounds[0])
    program = (
        "import sys, emotionlab as el\n"
        "el.VoiceListener()('voice.ogg')\n"
        "assert not {'tensorflow', 'keras', 'jax', 'sklearn', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_recorded_network_on_emodb_is_above_its_floor_and_above_the_linear_model():
    run = recorded.load("emodb")
    table = run.table()
    assert table.cnn["mean"] >= 0.75
    assert table.cnn["mean"] > table.baseline["mean"]
    assert run.provenance["parameters"] < 2_000_000
    assert run.provenance["minutes"] <= 60
    assert (run.labels == el.load_voices().labels).all()


def test_a_speaker_is_measured_by_a_network_that_never_heard_it():
    for name in recorded.names():
        run = recorded.load(name)
        speakers, folds = run.arrays["speakers"], run.arrays["folds"]
        assert all(len(set(folds[speakers == one].tolist())) == 1 for one in set(speakers.tolist()))
        assert np.isfinite(run.probabilities("cnn")).all()
        np.testing.assert_allclose(run.probabilities("cnn").sum(axis=1), 1, atol=5e-3)


def test_a_random_split_looks_better_than_it_is():
    for name in recorded.names():
        table = recorded.load(name).table().loc["mean"]
        assert table.baseline_random > table.baseline


def test_women_and_men_are_measured_apart():
    assert set(recorded.load("emodb").by_sex()) == {"women", "men"}


def test_weights_are_shipped_from_emodb_only():
    assert recorded.load("emodb").weights()
    for folder in recorded.FOLDER.iterdir():
        assert folder.name == "emodb" or not (folder / "weights.npz").exists()
    with pytest.raises(RunError, match="'cremad'"):
        recorded.load("cremad")
