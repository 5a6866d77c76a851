"""Training on several devices: the weights of one, and a sentence where there are fewer. The devices are simulated."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from emotionlab.base.errors import RunError
from emotionlab.commands import cli
from emotionlab.training import devices

TEN_STEPS = {"epochs": 1, "batch_size": 16, "learning_rate": 0.005}
"""On 168 pictures, at a low rate: a high one can magnify the rounding of sums (elective `many_devices`)."""

IN_ONE_PROCESS = """
import contextlib, io, json, sys
import numpy as np
from emotionlab import models
from emotionlab.commands.cli import main
from emotionlab.training import loop

models.fast_precision = lambda name: "float32"  # bfloat16, where a processor has it, rounds the parts' sums otherwise

def keep_exactly(path, model, dtype, keep=loop._save_weights):
    np.savez(path.with_name("exact.npz"), *model.get_weights())
    print("held by", len(model.trainable_weights[0].value.sharding.device_set))
    keep(path, model, dtype)

loop._save_weights = keep_exactly
answers = {}
for devices, name in ((1, "one"), (4, "four"), (2, "four"), (8, "eight"), (3, "three")):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["train", "small_cnn", "--recipe", sys.argv[1], "--data", "drawn", "--size", "210",
                     "--devices", str(devices), "--name", name])
    answers[f"{name} {devices}"] = code, said.getvalue()

import emotionlab as el
from emotionlab.base.backend import keras
from emotionlab.runs.recipes import Recipe
from emotionlab.training.devices import shared_among
with shared_among(4):  # a head learns from batches of which the last is smaller
    mean = keras.layers.GlobalAveragePooling2D(name="features")
    head = keras.Sequential([keras.Input((48, 48, 1)), mean, keras.layers.Dense(7, name="logits")])
    history = {key: [] for key in ("epoch", "loss")}
    loop._train_head(head, el.load_faces("drawn", size=210), Recipe(head_epochs=2, batch_size=32), history)
answers["head"] = history["epoch"]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of the runs, and what each command answered: (exit code, text)."""
    pytest.importorskip("jax", reason="JAX: uv sync")
    folder = tmp_path_factory.mktemp("devices")
    (folder / "recipe.json").write_text(json.dumps(TEN_STEPS), encoding="utf-8")
    ours = {name: str(folder / name) for name in ("EMOTIONLAB_RUNS", "EMOTIONLAB_DATA")}
    four = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_force_host_platform_device_count=4"}
    command = [sys.executable, "-c", IN_ONE_PROCESS, str(folder / "recipe.json")]
    done = subprocess.run(command, env={**os.environ, **ours, **four}, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder / "EMOTIONLAB_RUNS", json.loads(done.stdout.splitlines()[-1])


def test_four_devices_give_the_weights_of_one_after_ten_steps(trained):
    runs, answers = trained
    for name, count in (("one", 1), ("four", 4)):
        code, said = answers[f"{name} {count}"]
        assert code == 0, said
        assert f"held by {count}\n" in said
        assert json.loads((runs / name / "provenance.json").read_text(encoding="utf-8"))["devices"] == count
    with np.load(runs / "one" / "exact.npz") as one, np.load(runs / "four" / "exact.npz") as four:
        assert len(one.files) == len(four.files) > 20  # batch norm's running means and variances among them
        for name in one.files:
            np.testing.assert_allclose(four[name], one[name], rtol=1e-4, atol=1e-4)


def test_a_run_of_four_devices_is_not_taken_for_one_of_two(trained):
    code, said = trained[1]["four 2"]
    assert code == 2
    assert "the same devices" in said
    assert "devices then: 4" in said


def test_more_devices_than_the_machine_has_are_a_sentence(trained):
    code, said = trained[1]["eight 8"]
    assert code == 2
    assert "Expected 8 devices, found 4 (cpu:0, cpu:1, cpu:2, cpu:3)" in said
    assert "--xla_force_host_platform_device_count=8" in said
    assert not (trained[0] / "eight").exists()


def test_a_batch_that_cannot_be_shared_evenly_is_a_sentence(trained):
    code, said = trained[1]["three 3"]
    assert code == 2
    assert "3 devices can share evenly, found 16 pictures" in said
    assert not (trained[0] / "three").exists()


def test_the_head_alone_learns_from_a_last_batch_that_is_smaller(trained):
    assert trained[1]["head"] == [1, 2]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("2", "Expected the JAX backend for 2 devices, found tensorflow; set KERAS_BACKEND=jax"),
        ("0", "Expected devices to be a whole number"),
        ("-3", "Expected devices to be a whole number"),
    ],
)
def test_a_backend_or_a_number_that_cannot_be_is_a_sentence(asked, answer, capsys, own_folders):
    assert cli.main(["train", "small_cnn", "--data", "drawn", "--size", "200", "--devices", asked]) == 2
    assert answer in capsys.readouterr().err
    assert not (own_folders / "runs").exists()


def test_one_device_needs_no_backend_of_its_own():
    with devices.shared_among(1):
        assert devices.devices_in_use() == 1


def test_only_what_divides_evenly_is_shared():
    devices.check_even(4, 60)
    with pytest.raises(RunError, match="found 62 pictures"):
        devices.check_even(4, 62)
