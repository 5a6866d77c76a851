"""What cached features save: a head trained on them against the same head trained through the frozen backbone.

    uv run pytest tests/benchmarks/test_frozen_benchmark.py -n 0 --benchmark-only

Compare the rows. `through_the_backbone` and `on_cached_features` each train the head for EPOCHS epochs on the same
pictures; `computing_the_features` is what the cache costs once.
"""

import numpy as np
import pytest
from run_once import Once

import emotionlab as el
from emotionlab.base.arrays import as_batch
from emotionlab.base.backend import keras
from emotionlab.base.emotions import one_hot

EPOCHS, PICTURES = 5, 1024


@pytest.fixture
def split():
    return el.load_faces("drawn", size=2 * PICTURES).train.sample(PICTURES)


@pytest.fixture
def model():
    return el.models.freeze(el.models.scratch_cnn())


@pytest.mark.benchmark(group="training a head")
def test_through_the_backbone(benchmark, model, split):
    pictures, targets = as_batch(split.images), one_hot(split.labels)
    model.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    benchmark.pedantic(
        lambda: model.fit(pictures, targets, batch_size=128, epochs=EPOCHS, verbose=0), rounds=3, warmup_rounds=1
    )


@pytest.mark.benchmark(group="training a head")
def test_on_cached_features(benchmark, model, split):
    el.features(model, split)
    found = []
    benchmark.pedantic(lambda: found.append(el.train_head(model, split, epochs=EPOCHS)), rounds=3, warmup_rounds=1)
    assert np.isfinite(found[-1]["loss"]).all()


@pytest.mark.benchmark(group="training a head")
def test_computing_the_features(benchmark, model, split):
    benchmark.pedantic(lambda: el.features(model, split, keep=False), rounds=3, warmup_rounds=1)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(globals(), "EPOCHS", 1)
    monkeypatch.setitem(globals(), "PICTURES", 70)


def test_it_runs_with_few_pictures(small, model, split):
    assert len(split) == 70
    test_on_cached_features(Once(), model, split)
