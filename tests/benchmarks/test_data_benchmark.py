"""How long loading the stored FER-2013 takes: the goal is under two seconds.

uv run pytest tests/benchmarks/test_data_benchmark.py -n 0 --benchmark-only
"""

import numpy as np
from run_once import Once

from emotionlab.data import Faces, Split, store
from emotionlab.data.official import COUNTS


def as_large_as_fer2013(share: int = 1) -> Faces:
    """Noise and smooth patches in the sizes of FER-2013, or a part of them; they compress about as photographs do."""
    rng = np.random.default_rng(0)
    splits = {}
    for name, counts in COUNTS.items():
        labels = np.repeat(np.arange(7), list(counts.values()))[::share]
        n = len(labels)
        patches = np.kron(rng.integers(0, 200, (n, 6, 6), dtype=np.uint8), np.ones((1, 8, 8), np.uint8))
        images = patches + rng.integers(0, 40, patches.shape, dtype=np.uint8)
        files = np.array([f"{name}/{i:08d}.jpg" for i in range(n)])
        splits[name] = Split(images, labels, files)
    return Faces(**splits, name="fer2013", source="made for a benchmark")


def loaded(benchmark, faces: Faces) -> Faces:
    store.save(faces)
    return benchmark.pedantic(store.load, (store.path(),), rounds=3, warmup_rounds=1)


def test_it_runs_with_a_hundredth_of_the_pictures():
    assert len(loaded(Once(), as_large_as_fer2013(share=100))) == 360


def test_loading_a_store_of_fer2013s_size(benchmark):
    assert len(loaded(benchmark, as_large_as_fer2013())) == 35887


def test_loading_the_real_fer2013(benchmark, real_fer2013):
    assert len(loaded(benchmark, real_fer2013)) == 35887
