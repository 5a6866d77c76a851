"""XLA is used where a measurement at the start of a long run says that it gains, and the run remembers it."""

import json

import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.runs import read_arrays
from emotionlab.runs.recipes import Recipe
from emotionlab.training import compiling

STILL = Recipe(epochs=2, batch_size=16, learning_rate=0.02, flip=True, brightness=0.1)
"""Draws random numbers, and moves nothing."""
LONG = STILL.but(epochs=200)
STEPS = 5
"""In an epoch of the pictures below."""


@pytest.fixture(scope="module")
def faces():
    return el.load_faces("drawn", size=112)


@pytest.fixture
def told(monkeypatch):
    """Every run is long, and a step takes what the test says: seconds without XLA (False), and with it (True)."""
    seconds = {False: 1.0, True: 1.0}
    every_run_is_long(monkeypatch)
    monkeypatch.setattr(compiling, "_seconds_of_a_step", lambda trainer, batch, xla: seconds[xla])
    return seconds


def every_run_is_long(monkeypatch):
    monkeypatch.setattr(compiling, "LONG_STEPS", 1)
    monkeypatch.setattr(compiling, "LONG_SECONDS", 0)


def network():
    """One that is compiled in seconds."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Flatten(), keras.layers.Dense(7)]
    return keras.Sequential([keras.Input((48, 48, 1)), *layers])


def test_measuring_changes_nothing_of_the_run(faces, monkeypatch):
    every_run_is_long(monkeypatch)
    monkeypatch.setattr(compiling, "WORTH", 0)  # whatever is measured, the run goes on as it would have
    measured = network()
    run = el.train(measured, faces, STILL)
    assert run.provenance["jit_compile"] is False
    monkeypatch.setattr(compiling, "LONG_STEPS", 1000)
    unmeasured = network()
    el.train(unmeasured, faces, STILL)
    for one, other in zip(measured.get_weights(), unmeasured.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_xla_is_used_where_it_gains_and_the_resumed_run_does_not_ask_again(faces, told, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    told[True] = 0.5
    with monkeypatch.context() as patch:
        patch.setattr("emotionlab.training.loop.has_stopped_improving", lambda history, _: history["epoch"] and stop())
        with pytest.raises(KeyboardInterrupt):
            el.train(network(), faces, STILL, name="compiled")
    assert "A step takes 1 s, and 0.5 s where XLA compiles it: XLA is used." in capsys.readouterr().out
    about = json.loads(str(read_arrays(el.settings.runs_dir() / "compiled" / "checkpoint.npz")["about"]))
    assert about["jit_compile"] is True

    told[True] = 2.0
    run = el.train(network(), faces, STILL, name="compiled")
    assert run.provenance["jit_compile"] is True
    assert "A step takes" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.0, "2 s where"), (0.95, "0.95 s where"), (float("inf"), "XLA cannot compile it: XLA is not used")],
)
def test_xla_stays_off_where_it_gains_too_little(seconds, words, faces, told, capsys):
    told[True] = seconds
    trainer = trainer_of(STILL)
    compiling.choose_compiler(trainer, faces.train, None, STILL)
    assert trainer.jit_compile is False
    said = capsys.readouterr().out
    assert words in said
    assert said.endswith("XLA is not used.\n")


def test_what_xla_cannot_compile_is_infinitely_slow(faces, monkeypatch):
    trainer = trainer_of(STILL)

    def refuse(*_):
        raise ValueError("an operation that XLA has not")

    monkeypatch.setattr(trainer, "train_on_batch", refuse)
    assert compiling._seconds_of_a_step(trainer, batch(faces), xla=True) == float("inf")
    with pytest.raises(ValueError, match="XLA has not"):
        compiling._seconds_of_a_step(trainer, batch(faces), xla=False)


@pytest.mark.parametrize(
    "recipe", [LONG.but(rotation=9.0), LONG.but(zoom=0.1, move_once=True), STILL.but(epochs=999 // STEPS)]
)
def test_nothing_is_measured_where_nothing_can_be_gained(recipe, faces, monkeypatch):
    monkeypatch.setattr(compiling, "_seconds_of_a_step", lambda *_, **__: pytest.fail("measured"))
    compiling.choose_compiler(trainer_of(recipe), faces.train, None, recipe)


def test_a_run_that_is_over_soon_is_left_as_it_is(faces, told, monkeypatch, capsys):
    monkeypatch.setattr(compiling, "LONG_SECONDS", 600)
    told[True] = 0.1
    trainer = trainer_of(STILL)
    compiling.choose_compiler(trainer, faces.train, None, STILL.but(epochs=599 // STEPS))
    assert trainer.jit_compile is False
    assert capsys.readouterr().out == ""


def trainer_of(recipe):
    return el.training.compiled_trainer(network(), recipe, 100)


def batch(faces):
    return el.training.Batches(faces.train, STILL, 0)[0]
