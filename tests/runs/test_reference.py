"""The recorded runs: whole, honest about where they came from, and repeatable from the shipped weights."""

import shlex

import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.commands.cli import build_parser
from emotionlab.commands.train import recipe_of, run_name
from emotionlab.data import surveying
from emotionlab.models import BACKBONES

RUNS = ("plain", "augmented", "class_weights", "oversampled", "scratch_cnn")

EARLIER = ("resnet18_imagenet_64px", "resnet18_random", "vgg16_random")
"""Made before their recipes moved pictures once. README says so."""

THEN_CALLED = {"resnet18_imagenet_64px": "resnet18_imagenet", "vgg16_imagenet_4_epochs": "vgg16_imagenet"}
"""The name under which a run was recorded, where another run bears it now."""


def test_the_runs_that_the_lessons_read_are_there():
    assert set(RUNS) <= set(el.reference.names())


def command_of(run):
    """The recorded command line, read as the command line reads it."""
    return build_parser().parse_args(shlex.split(run.provenance["command"])[3:])


@pytest.mark.parametrize("name", el.reference.names())
def test_the_command_of_a_recorded_run_says_what_was_trained(name):
    run = el.reference.load(name)
    chosen = command_of(run)
    assert run_name(chosen) == THEN_CALLED.get(name, name)
    assert chosen.model == run.provenance["network"]
    assert chosen.record
    if chosen.model in BACKBONES:
        start = chosen.weights or "imagenet"
        assert run.provenance["initialisation"] == start
        assert ("random" in name) == (start == "random")


@pytest.mark.parametrize("name", el.reference.names())
def test_a_recorded_run_is_whole(name):
    run = el.reference.load(name)
    today = recipe_of(command_of(run))
    assert run.recipe == (today.but(move_once=False) if name in EARLIER else today)
    assert len(run.history["epoch"]) == run.recipe.all_epochs
    assert run.provenance["data"]["pictures"] == {"train": 28709, "validation": 3589, "test": 3589}
    assert run.provenance["command"].startswith("uv run emotionlab train")
    assert not run.provenance["commit"].endswith("+changes")
    for split in ("validation", "test"):
        for tta in ("none", "flip"):
            assert run.probabilities(split, tta).shape == (3589, 7)
            assert np.allclose(run.probabilities(split, tta).sum(axis=1), 1)
        survey = surveying.recorded()
        assert np.bincount(run.labels(split)).tolist() == list(survey["counts"][split].values())


def test_history_and_predictions_of_a_recorded_run_agree():
    for name in el.reference.names():
        run = el.reference.load(name)
        assert run.report("validation").accuracy == pytest.approx(run.history["val_accuracy"][-1], abs=0.003)


def test_the_shipped_network_takes_pictures_and_returns_logits():
    model = el.reference.load("scratch_cnn").model()
    logits = model.predict_on_batch(np.full((2, 48, 48, 1), 128, "float32"))
    assert logits.shape == (2, 7)
    assert model.count_params() < 2_000_000
    assert keras.config.dtype_policy().name == "float32"


def test_an_unknown_reference_is_refused():
    with pytest.raises(el.errors.RunError, match="scratch_cnn"):
        el.reference.load("vgg99")


def test_adding_a_run_keeps_its_figures_and_leaves_its_weights_out(tmp_path, monkeypatch):
    monkeypatch.setattr("emotionlab.runs.reference.REFERENCE_RUNS", tmp_path)
    kept = el.reference.add(el.runs.Run(el.runs.REFERENCE_RUNS / "scratch_cnn"))
    assert kept.report("test").accuracy == el.runs.load_run("scratch_cnn").report("test").accuracy
    assert not (tmp_path / "scratch_cnn" / "weights.npz").exists()


def test_a_run_that_takes_anothers_place_does_not_keep_what_that_one_taught(tmp_path, monkeypatch):
    monkeypatch.setattr("emotionlab.runs.reference.REFERENCE_RUNS", tmp_path)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / el.runs.TEACHING).write_bytes(b"of the network before")
    kept = el.reference.add(el.runs.Run(el.runs.REFERENCE_RUNS / "plain"))
    assert not (kept.folder / el.runs.TEACHING).exists()


SHIPPED = ["scratch_cnn", "resnet18_imagenet"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_say_of_real_test_pictures_what_was_recorded(real_fer2013, name):
    run = el.reference.load(name)
    some = slice(None, None, 20 if name == "scratch_cnn" else 60)
    for tta in ("none", "flip"):
        measured = el.evaluate(run.model(), real_fer2013.test.take(some), tta=tta)
        assert np.allclose(measured.probabilities, run.probabilities("test", tta)[some], atol=2e-3)


@pytest.mark.big
@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_weights_measure_what_was_recorded_on_all_real_test_pictures(real_fer2013, name):
    run = el.reference.load(name)
    for tta in ("none", "flip"):
        measured = el.evaluate(run.model(), real_fer2013.test, tta=tta)
        assert measured.accuracy == pytest.approx(run.report("test", tta).accuracy, abs=0.001)
