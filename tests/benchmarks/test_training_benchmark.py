"""How well the input pipeline keeps the network fed.

    uv run pytest tests/benchmarks/test_training_benchmark.py -n 0 --benchmark-only

Compare the two rows: `pipeline` trains on batches drawn, augmented and weighted as `el.train` does,
`fixed_batch` trains on one batch held in memory. Their ratio of operations a second is the share of
the network's own speed that is left.
"""

import numpy as np
import pytest
from run_once import Once

import emotionlab as el
from emotionlab.data.dataset import Faces, Split
from emotionlab.runs.recipes import RECIPES
from emotionlab.training import compiled_trainer
from emotionlab.training.batches import Batches

STEPS = 12
RECIPE = RECIPES["augmented"].but(batch_size=128)
NETWORK = {}
"""Options of scratch_cnn; as it comes, when it is measured."""


@pytest.fixture
def faces():
    rng = np.random.default_rng(0)
    size = STEPS * RECIPE.batch_size
    images = rng.integers(0, 256, (size, 48, 48)).astype("uint8")
    split = Split(images, rng.integers(0, 7, size), np.array([str(i) for i in range(size)]))
    return Faces(split, split, split, name="noise", source="this benchmark")


@pytest.fixture
def trainer():
    return compiled_trainer(el.models.scratch_cnn(**NETWORK), RECIPE, STEPS)


@pytest.mark.benchmark(group="training throughput")
def test_pipeline(benchmark, faces, trainer):
    def epoch():
        trainer.fit(Batches(faces.train, RECIPE, 0), epochs=1, shuffle=False, verbose=0)

    benchmark.pedantic(epoch, rounds=5, warmup_rounds=1)
    if benchmark.stats:  # none where benchmarks are switched off, as under pytest-xdist
        benchmark.extra_info["pictures a second"] = STEPS * RECIPE.batch_size / benchmark.stats["median"]


@pytest.mark.benchmark(group="training throughput")
def test_fixed_batch(benchmark, faces, trainer):
    batch = Batches(faces.train, RECIPE, 0)[0]

    def epoch():
        for _ in range(STEPS):
            trainer.train_on_batch(*batch)

    benchmark.pedantic(epoch, rounds=5, warmup_rounds=1)
    if benchmark.stats:  # none where benchmarks are switched off, as under pytest-xdist
        benchmark.extra_info["pictures a second"] = STEPS * RECIPE.batch_size / benchmark.stats["median"]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(globals(), "STEPS", 2)
    monkeypatch.setitem(globals(), "NETWORK", {"widths": (4, 4, 8, 8)})
    monkeypatch.setitem(globals(), "RECIPE", RECIPE.but(batch_size=4))


def test_it_runs_with_two_small_steps(small, faces, trainer):
    assert len(faces.train) == 8
    test_pipeline(Once(), faces, trainer)
    test_fixed_batch(Once(), faces, trainer)
