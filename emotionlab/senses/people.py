"""CREMA-D's own raters: what people heard, saw, and heard and saw, in 7,442 clips of 91 actors.

    votes = cremad_votes()
    votes.shares("voice")           # (N, 7): which share of a clip's raters chose each emotion
    cremad_figures()                # each sense alone and each rule, on the test actors

CREMA-D (Cao et al. 2014, doi 10.1109/TAFFC.2014.2336244), Open Database License 1.0; its notice lies beside the data.
What counts as right is what the actor was asked to show. Nobody was asked for surprise, and no rater was offered it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import read_arrays
from emotionlab.senses.fusion import Stack, fuse

PACKED = Path(__file__).parent / "cremad" / "votes.npz"
SENSES = ("voice", "face", "audiovisual")
ANSWERS = ("angry", "disgust", "fear", "happy", "neutral", "sad")
"""The columns of the counts."""

ASKED = {"ANG": "angry", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}


@dataclass(frozen=True, eq=False)
class CremaVotes:
    """counts: (N, 3, 6) votes for each of `SENSES` and `ANSWERS`. labels: (N,) what was asked for, index into
    `EMOTIONS`. actors: (N,) int64. files: (N,) str. splits: (N,) str, "train", "validation" or "test", by actor."""

    counts: np.ndarray
    labels: np.ndarray
    actors: np.ndarray
    files: np.ndarray
    splits: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def shares(self, sense: str) -> np.ndarray:
        """(N, 7) float64: the share of a clip's raters for each emotion; NaN for surprise, which nobody could choose.

        Raises EmotionLabError for another word than those in `SENSES`.
        """
        if sense not in SENSES:
            raise EmotionLabError(f"Expected one of {', '.join(SENSES)}, found {sense!r}.")
        counts = self.counts[:, SENSES.index(sense)].astype(float)
        shares = np.full((len(self), len(EMOTIONS)), np.nan)
        shares[:, [EMOTIONS.index(name) for name in ANSWERS]] = counts / counts.sum(axis=1, keepdims=True)
        return shares

    def take(self, rows) -> "CremaVotes":
        """The clips in these rows."""
        return CremaVotes(*(part[rows] for part in (self.counts, self.labels, self.actors, self.files, self.splits)))


@cache
def cremad_votes() -> CremaVotes:
    """The votes that come with the package."""
    arrays = read_arrays(PACKED)
    files = arrays["files"]
    labels = np.array([EMOTIONS.index(ASKED[name.split("_")[2]]) for name in files.tolist()])
    actors = np.array([int(name[:4]) for name in files.tolist()])
    names = np.array(["train", "validation", "test"])
    return CremaVotes(arrays["counts"].astype(np.int64), labels, actors, files, names[arrays["splits"]])


def cremad_figures():
    """Which share of the test actors' clips is named rightly: a DataFrame with a row a way, a column accuracy.

    "one rater": a single rater's chance to be right. The other rows take all raters of a clip together. The two
    stacks are logistic regressions that were fitted on the training actors.
    """
    import pandas as pd

    votes = cremad_votes()
    test, train = votes.take(votes.splits == "test"), votes.take(votes.splits == "train")
    rows = {f"one rater, {sense}": float(_of_label(test.shares(sense), test.labels).mean()) for sense in SENSES}
    for sense in SENSES:
        rows[f"majority, {sense}"] = _accuracy(fuse({sense: test.shares(sense)}), test.labels)
    for sense in ("voice", "face"):
        stack = Stack.fit({sense: train.shares(sense)}, train.labels)
        rows[f"regression, {sense}"] = _accuracy(fuse({sense: test.shares(sense)}, stack), test.labels)
    both, learnt = (_both(part) for part in (test, train))
    rows["mean, voice and face"] = _accuracy(fuse(both, "mean"), test.labels)
    rows["product, voice and face"] = _accuracy(fuse(both, "product"), test.labels)
    rows["stacked, voice and face"] = _accuracy(fuse(both, Stack.fit(learnt, train.labels)), test.labels)
    return pd.DataFrame({"accuracy": rows}).rename_axis("way")


def _both(votes: CremaVotes) -> dict[str, np.ndarray]:
    return {sense: votes.shares(sense) for sense in ("voice", "face")}


def _of_label(shares: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return shares[np.arange(len(labels)), labels]


def _accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())
