"""How long loading the stored FER-2013 takes: the goal is under two seconds."""

import numpy as np
from face_files import real_faces

from emotionlab.data import Faces, Split, store
from emotionlab.data.official import COUNTS


def as_large_as_fer2013() -> Faces:
    """Noise and smooth patches in the sizes of FER-2013, which compress about as photographs do."""
    rng = np.random.default_rng(0)
    splits = {}
    for name, counts in COUNTS.items():
        n = sum(counts.values())
        patches = np.kron(rng.integers(0, 200, (n, 6, 6), dtype=np.uint8), np.ones((1, 8, 8), np.uint8))
        images = patches + rng.integers(0, 40, patches.shape, dtype=np.uint8)
        files = np.array([f"{name}/{i:08d}.jpg" for i in range(n)])
        splits[name] = Split(images, np.repeat(np.arange(7), list(counts.values())), files)
    return Faces(**splits, name="fer2013", source="made for a benchmark")


def test_loading_a_store_of_fer2013s_size(benchmark):
    store.save(as_large_as_fer2013())
    faces = benchmark.pedantic(store.load, (store.path(),), rounds=3, warmup_rounds=1)
    assert len(faces) == 35887


def test_loading_the_real_fer2013(benchmark, real_archive):
    store.save(real_faces(real_archive))
    faces = benchmark.pedantic(store.load, (store.path(),), rounds=3, warmup_rounds=1)
    assert len(faces) == 35887
