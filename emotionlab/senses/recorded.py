"""Face and voice of the same clips: what was measured on RAVDESS, five folds by actor, no network needed.

    run = ravdess_run()
    run.figures()               # each sense alone and each rule
    run.gain("stacked")         # how much better than the better sense, with its paired interval

Every clip's voice was heard by a network, and its face read by a regression, that never met its actor. The numbers are
passed on under RAVDESS' own licence, which lies beside them.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.base.files import read_arrays
from emotionlab.senses.fusion import Stack, fuse

FOLDER = Path(__file__).parent / "ravdess"
COMMAND = "uv run python -m emotionlab.labs senses ACTION_UNITS"
SENSES = ("face", "voice")
WAYS = ("face", "voice", "mean", "product", "stacked")
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class RavdessRun:
    """labels, folds, actors: (N,). test, validation: sense -> (N, 7), as in `fuse`: each row by a model that was not
    trained on its actor; `validation` by the model whose choices its fold served."""

    labels: np.ndarray
    folds: np.ndarray
    actors: np.ndarray
    test: dict[str, np.ndarray]
    validation: dict[str, np.ndarray]
    provenance: dict

    def probabilities(self, way: str) -> np.ndarray:
        """(N, 7) float64 of one of `WAYS`. The stack of each fold is fitted on its validation fold alone.

        Raises EmotionLabError for another word.
        """
        if way in SENSES:
            return self.test[way]
        if way in ("mean", "product"):
            return fuse(self.test, way, self._priors())
        if way != "stacked":
            raise EmotionLabError(f"Expected one of {', '.join(WAYS)}, found {way!r}.")
        fused = np.empty((len(self.labels), len(EMOTIONS)))
        count = int(self.folds.max()) + 1
        for number in range(count):
            chosen, rows = self.folds == (number + 1) % count, self.folds == number
            stack = Stack.fit({s: p[chosen] for s, p in self.validation.items()}, self.labels[chosen])
            fused[rows] = fuse({s: p[rows] for s, p in self.test.items()}, stack)
        return fused

    def right(self, way: str) -> np.ndarray:
        """(N,) bool: which clips are named rightly."""
        return self.probabilities(way).argmax(axis=1) == self.labels

    def figures(self):
        """A DataFrame with a row a way: accuracy, its 95 % interval over actors, mean and deviation over the folds."""
        import pandas as pd

        rows = {}
        for way in WAYS:
            right = self.right(way)
            folds = [right[self.folds == number].mean() for number in np.unique(self.folds)]
            low, high = self._interval(right.astype(float))
            rows[way] = {"accuracy": right.mean(), "low": low, "high": high, "folds_mean": np.mean(folds)}
            rows[way]["folds_std"] = np.std(folds, ddof=1)
        return pd.DataFrame(rows).T.rename_axis("way")

    def gain(self, way: str) -> tuple[float, tuple[float, float]]:
        """Accuracy of a way less that of the better sense, and its 95 % interval by paired bootstrap over actors."""
        better = max(SENSES, key=lambda sense: self.right(sense).mean())
        difference = self.right(way).astype(float) - self.right(better)
        return float(difference.mean()), self._interval(difference)

    def _interval(self, values: np.ndarray) -> tuple[float, float]:
        """Bootstrap over actors, not clips: an actor's clips are alike."""
        rng, actors = np.random.default_rng(0), np.unique(self.actors)
        sums = np.array([values[self.actors == actor].sum() for actor in actors])
        counts = np.array([(self.actors == actor).sum() for actor in actors])
        drawn = rng.integers(0, len(actors), (RESAMPLES, len(actors)))
        low, high = np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), (0.025, 0.975))
        return float(low), float(high)

    def _priors(self) -> np.ndarray:
        return np.bincount(self.labels, minlength=len(EMOTIONS)) / len(self.labels)


@cache
def ravdess_run() -> RavdessRun:
    """The recorded run. Raises RunError where it was not made."""
    if not (FOLDER / "probabilities.npz").is_file():
        raise RunError(f"Expected the record of face and voice in {FOLDER}, found none; make it with: {COMMAND}")
    arrays = read_arrays(FOLDER / "probabilities.npz")
    test, validation = (
        {sense: arrays[f"{sense}_{part}"].astype(np.float64) for sense in SENSES} for part in ("test", "validation")
    )
    provenance = json.loads((FOLDER / "provenance.json").read_text(encoding="utf-8"))
    numbers = (arrays[name].astype(np.int64) for name in ("labels", "folds", "actors"))
    return RavdessRun(*numbers, test, validation, provenance)
