"""The backend: memory between steps and after them, one trace of a step, and oneDNN."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from emotionlab.base import backend

TAKE_TWICE = """
import resource
import emotionlab.base.backend
import numpy as np

for _ in range(2):
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    block = np.ones(100 * 2**20, "uint8")
    del block
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has this setting")
def test_a_freed_block_is_taken_again_without_new_pages_from_the_system():
    small_pages = {**os.environ, "NUMPY_MADVISE_HUGEPAGE": "0"}
    command = [sys.executable, "-c", TAKE_TWICE]
    run = subprocess.run(command, env=small_pages, capture_output=True, text=True, check=True)
    first, second = (int(line) for line in run.stdout.split()[-2:])
    assert first > 10_000  # 100 MiB are 25,600 pages of 4 KiB
    assert second < 100


@pytest.mark.parametrize("fast", ["1", ""])
def test_graphs_are_rewritten_before_they_run_but_for_fast_mode(fast):
    asked = "import emotionlab.base.backend, tensorflow as tf; print(tf.config.optimizer.get_experimental_options())"
    environment = {**os.environ, "EMOTIONLAB_FAST": fast, "KERAS_BACKEND": "tensorflow"}
    run = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True)
    assert ("'disable_meta_optimizer': True" in run.stdout) is (fast == "1")


JAX_BEFORE_AND_AFTER = """
import sys
import emotionlab.base.backend
print("jax" in sys.modules)
import jax.numpy
print(jax.numpy.ones(3).sum())
"""


def test_tensorflow_brings_no_jax_and_jax_works_as_ever():
    pytest.importorskip("jax", reason="uv sync --group electives")
    others = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [sys.executable, "-c", JAX_BEFORE_AND_AFTER]
    run = subprocess.run(command, env=others, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "3.0"]


RELEASE = """
import psutil
from emotionlab.base.backend import keras, release_memory
import numpy as np

class Holder:
    pass

holder = Holder()
holder.itself, holder.blocks = holder, [np.ones(2**20, "uint8") for _ in range(200)]
above = np.ones(2**20, "uint8")  # so that the blocks do not lie at the end, where they would go by themselves
del holder
full = psutil.Process().memory_info().rss
release_memory()
print((full - psutil.Process().memory_info().rss) // 2**20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps it")
def test_what_nothing_uses_any_more_is_given_back_when_asked():
    run = subprocess.run([sys.executable, "-c", RELEASE], capture_output=True, text=True, check=True)
    assert int(run.stdout.split()[-1]) > 150


GRAPHS_AFTER_TRAINING = """
import gc
from emotionlab.base.backend import keras, release_memory
import numpy as np

def graphs():
    release_memory()
    return sum(type(one).__name__ == "FuncGraph" for one in gc.get_objects())

def train():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile("adam", "mse")
    network.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    return network

print(graphs())
network = train()
print(graphs())
del network
print(graphs())
"""


def test_a_network_that_was_trained_and_let_go_leaves_no_graph():
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-c", GRAPHS_AFTER_TRAINING]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    before, trained, after = (int(line) for line in run.stdout.split()[-3:])
    assert before == after == 0
    assert trained > 0


class Counted(backend.keras.Model):
    """Counts how often its training step is traced."""

    traced = 0

    def train_step(self, data):
        self.traced += 1
        return super().train_step(data)


def test_fit_makes_its_step_once_and_the_optimizer_has_the_variables_that_learn():
    pictures = backend.keras.Input((2,))
    network = Counted(pictures, backend.keras.layers.Dense(1)(backend.keras.layers.Dense(3)(pictures)))
    network.layers[1].trainable = False
    network.compile("adam", "mse")
    before = network.get_weights()
    network.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    changed = [not np.array_equal(old, new) for old, new in zip(before, network.get_weights(), strict=True)]
    assert changed == [False, False, True, True]
    assert network.traced == 1


@pytest.mark.parametrize("shape", [(8,), (8, 1)])
def test_with_labels_and_accuracy_fit_makes_its_step_once_too(shape):
    pictures = backend.keras.Input((2,))
    network = Counted(pictures, backend.keras.layers.Dense(3)(pictures))
    loss = backend.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(backend.keras.optimizers.SGD(0.0), loss, metrics=["accuracy"])
    inputs, labels = np.random.default_rng(0).normal(size=(8, 2)), np.arange(8) % 3
    told = network.fit(inputs, labels.reshape(shape), verbose=0).history
    right = (network.predict_on_batch(inputs).argmax(axis=1) == labels).mean()
    assert told["accuracy"] == [pytest.approx(right)]
    assert network.traced == 1


def test_a_network_that_is_built_by_its_first_batch_is_trained_as_ever():
    network = backend.keras.Sequential([backend.keras.layers.Dense(1)])
    network.compile("adam", "mse")
    network.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert network.count_params() == 3
    assert network.optimizer.iterations == 1


@pytest.mark.parametrize(
    ("machine", "set_already", "expected"),
    [
        ("x86_64", None, "1"),
        ("AMD64", None, "1"),
        ("x86_64", "0", "0"),
        ("arm64", None, None),
    ],
)
def test_onednn_is_asked_for_on_intel_and_amd_unless_the_user_decided(monkeypatch, machine, set_already, expected):
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    if set_already is not None:
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", set_already)
    monkeypatch.setattr(backend.platform, "machine", lambda: machine)
    backend._use_onednn()
    assert os.environ.get("TF_ENABLE_ONEDNN_OPTS") == expected
