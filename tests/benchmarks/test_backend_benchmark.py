"""What the settings of `emotionlab.base.backend` are worth, and what XLA would be worth: pictures a second in training;
and what a notebook's start costs with and without JAX, which TensorFlow would import where it is installed.

    uv run pytest tests/benchmarks/test_backend_benchmark.py -n 0 --benchmark-only

Each row is one process that trains a few steps and says how many pictures a second it trained: as the course does;
without one of the two settings (glibc keeps freed memory, TensorFlow uses oneDNN); or with them and with XLA. And how
many for each second of processor time, which other programs disturb less. The ratios depend on the machine. Kept
memory: 1.3 to 2.3 was measured on one, about 1 on another. oneDNN: where the processor has AVX512-VNNI or later
TensorFlow uses it anyway, and the ratio is 1. XLA writes its own convolutions where TensorFlow would call oneDNN's:
Keras leaves it off on a processor; the course tries it where a long training moves no picture (training/compiling.py).
"""

import os
import subprocess
import sys

import pytest
from run_once import Once

NETWORKS = {"scratch_cnn": (128, 48), "vgg16": (64, 48), "resnet18": (64, 64), "mobilenetv2": (64, 96)}
"""Batch size and input size of each."""

TRAIN = """
import platform, sys, time
name, batch, size, changed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
if changed == "no kept memory":
    platform.libc_ver = lambda: ("", "")  # as on a system without glibc: the setting is left alone
import numpy as np
import emotionlab as el
from emotionlab.training import compiled_trainer
options = {} if name.endswith("_cnn") else {"weights": None, "input_size": size}
trainer = compiled_trainer(el.models.build(name, **options), el.Recipe(batch_size=batch), 100)
trainer.jit_compile = changed == "XLA"
rng = np.random.default_rng(0)
pictures, targets = rng.uniform(0, 255, (batch, 48, 48, 1)).astype("float32"), np.eye(7, dtype="float32")
targets = targets[rng.integers(0, 7, batch)]
for _ in range(3):
    trainer.train_on_batch(pictures, targets)
started, worked = time.perf_counter(), time.process_time()
for _ in range(8):
    trainer.train_on_batch(pictures, targets)
print(8 * batch / (time.perf_counter() - started), 8 * batch / (time.process_time() - worked))
"""

START = """
import sys
if sys.argv[1] == "with JAX":
    import jax
import emotionlab.base.backend
import psutil
used = psutil.Process().cpu_times()
print(used.user + used.system, psutil.Process().memory_info().rss / 2**20)
"""


@pytest.mark.parametrize("brought", ["without JAX", "with JAX"])
def test_start_of_a_notebook(benchmark, brought):
    told = []

    def start():
        command = [sys.executable, "-c", START, brought]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told.append([float(number) for number in done.stdout.split()[-2:]])

    benchmark.pedantic(start, rounds=3)
    benchmark.extra_info["processor seconds"], benchmark.extra_info["MiB"] = (
        round(min(one), 1) for one in zip(*told, strict=True)
    )


@pytest.mark.parametrize("changed", ["nothing", "no kept memory", "no oneDNN", "XLA"])
@pytest.mark.parametrize("name", NETWORKS)
def test_training_speed(benchmark, name, changed):
    batch, size = NETWORKS[name]
    speeds = []

    def train():
        command = [sys.executable, "-c", TRAIN, name, str(batch), str(size), changed]
        environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": "0"} if changed == "no oneDNN" else os.environ
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        speeds.append([float(number) for number in done.stdout.split()[-2:]])

    benchmark.pedantic(train, rounds=1)
    by_the_clock, by_the_processor = speeds[-1]
    benchmark.extra_info["pictures a second"] = round(by_the_clock, 1)
    benchmark.extra_info["pictures a processor second"] = round(by_the_processor, 1)


def test_it_runs_with_small_batches(monkeypatch):
    monkeypatch.setitem(NETWORKS, "small_cnn", (4, 48))
    once = Once()
    test_training_speed(once, "small_cnn", "XLA")
    assert all(speed > 0 for speed in once.extra_info.values())


def test_the_start_runs_too():
    once = Once()
    test_start_of_a_notebook(once, "without JAX")
    assert once.extra_info["MiB"] > 100
