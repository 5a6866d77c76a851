"""How near a model comes to the votes of several people, instead of to one label (the elective *mixed*).

scores = vote_scores(run.probabilities("test"), ferplus.recorded_votes("test"))
scores.cross_entropy - scores.people_entropy     # what is left to learn
"""

from typing import NamedTuple

import numpy as np

from emotionlab.base.arguments import array, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, RunError
from emotionlab.data.ferplus import ANSWERS, vote_targets

SMALLEST = 1e-7
"""Probabilities below this count as this, so that their logarithm stays finite."""


class VoteScores(NamedTuple):
    """A model against the votes; entropies are in nats, means over the pictures.

    pictures: how many have a target (see `ferplus.vote_targets`); only they count.
    cross_entropy: of the model against the shares of the votes. people_entropy: of the shares themselves; no model can
        have a smaller cross-entropy. model_entropy: of the model's probabilities.
    confidence: the model's probability of its first answer. agreement: the share of the people who gave that answer.
    macro_f1: of naming every emotion that at least `least` people chose; NaN without thresholds.
    """

    pictures: int
    cross_entropy: float
    people_entropy: float
    model_entropy: float
    confidence: float
    agreement: float
    macro_f1: float


def vote_scores(probabilities, votes, thresholds=None, least: int = 2) -> VoteScores:
    """Measure probabilities (N, 7) against the votes of people.

    votes: (N, 10) whole numbers in the order of `ferplus.ANSWERS`, or (N, 7) where the seven emotions were all the
        answers that could be given. thresholds: one for all emotions or (7,), chosen on validation; an emotion is
        named from its threshold on. Raises DataError or RunError for arrays of another form.
    """
    votes, probabilities = checked_votes(votes), _checked_probabilities(probabilities, len(votes))
    least = whole_number("least", least, at_least=1, error=DataError)
    shares, used = vote_targets(votes)
    if not used.any():
        raise DataError("Expected votes for one of the seven emotions, found none; give the votes for other pictures.")
    p, q, many = probabilities[used], shares[used].astype("float64"), votes[used, : len(EMOTIONS)] >= least
    first = p.argmax(axis=1)
    macro_f1 = float("nan")
    if thresholds is not None:
        from sklearn.metrics import f1_score

        macro_f1 = float(f1_score(many, p >= _checked_thresholds(thresholds), average="macro", zero_division=0))
    return VoteScores(
        int(used.sum()),
        float(cross_entropies(q, p).mean()),
        float(cross_entropies(q, q).mean()),
        float(cross_entropies(p, p).mean()),
        float(p.max(axis=1).mean()),
        float(q[np.arange(len(q)), first].mean()),
        macro_f1,
    )


def cross_entropies(shares: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """(N,) nats: minus the mean logarithm of the probability that was given to what people say, picture by picture."""
    return -(shares * np.log(np.maximum(probabilities, SMALLEST))).sum(axis=1)


def checked_votes(votes) -> np.ndarray:
    """Votes (N, 10) int64; of (N, 7), the three other answers got none."""
    seven, ten = len(EMOTIONS), len(ANSWERS)
    what = f"votes of shape (N, {ten}) or (N, {seven}), whole numbers from 0 on"
    votes = array("votes", votes, what, DataError)
    if votes.ndim != 2 or not len(votes) or votes.shape[1] not in (seven, ten) or votes.dtype.kind not in "iu":
        raise DataError(
            f"Expected {what}, found shape {votes.shape} and dtype {votes.dtype}; "
            'pass what ferplus.recorded_votes("test") returns.'
        )
    votes = votes.astype("int64")
    if votes.min() < 0:
        raise DataError(f"Expected {what}, found {votes.min()}; correct that row.")
    return np.pad(votes, ((0, 0), (0, ten - votes.shape[1])))


def _checked_probabilities(probabilities, n: int) -> np.ndarray:
    """(n, 7) float64 whose rows sum to 1; float16 is made to."""
    what = f"{n:,} rows of {len(EMOTIONS)} probabilities, one for each row of votes"
    p = array("probabilities", probabilities, what, RunError).astype("float64")
    if p.shape != (n, len(EMOTIONS)):
        raise RunError(f"Expected {what}, found shape {p.shape}; predict the pictures that the votes belong to.")
    if not (p.min() >= 0 and np.allclose(p.sum(axis=1), 1, atol=1e-2)):
        raise RunError(f"Expected {what} that sum to 1, found others; turn logits into probabilities with softmax.")
    return p / p.sum(axis=1, keepdims=True)


def _checked_thresholds(thresholds) -> np.ndarray:
    values = array("thresholds", thresholds, "one number, or one for each emotion", DataError)
    if values.shape not in ((), (len(EMOTIONS),)):
        raise DataError(
            f"Expected one threshold or {len(EMOTIONS)}, found shape {values.shape}; choose them on validation."
        )
    return values
