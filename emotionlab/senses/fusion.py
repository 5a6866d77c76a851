"""Several senses together: probabilities in, probabilities out, over the seven emotions.

    fuse({"face": p, "voice": q})                       # the mean
    fuse({"face": p, "voice": q}, how="product")        # multiplied, as if the senses were independent
    stack = Stack.fit({"face": p, "voice": q}, labels)  # learnt on validation rows
    fuse({"face": p, "voice": q}, how=stack)

p and q are (7,) or (N, 7) in the order of `EMOTIONS`. A sense may be missing: None, or a row of NaN. A sense may never
have learnt some emotions: NaN in their columns. Then the others say how much of the whole those emotions have, and
the sense only says how the rest is shared out: nothing is vetoed by a zero. RAVDESS' calm counts as neutral.
"""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.arguments import array, choice, expected, kind_of, shown
from emotionlab.base.arguments import labels as checked_labels
from emotionlab.base.arrays import softmax
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError

SMALLEST = 1e-3
"""Probabilities below this count as this: no sense is so sure that it may overrule all others."""

SMALLEST_STACKED = 0.03
"""The same for the features of a `Stack`; chosen on CREMA-D's validation actors among 0.001, 0.01, 0.03 and 0.1."""


def fuse(senses: dict, how="mean", priors=None) -> np.ndarray:
    """Probabilities (7,) or (N, 7) float64 of several senses together.

    senses: name -> probabilities. how: "mean"; "product": multiplied, with the priors taken out once too often
        counted (Kittler et al. 1998, doi 10.1109/34.667881); or a `Stack`. priors: (7,) how frequent each emotion is,
        for "product"; None for all alike.
    Raises EmotionLabError for shapes or numbers that are no probabilities, an unknown rule, or rows without a sense.
    """
    checked, single = _checked(senses)
    priors = _priors(priors)
    if isinstance(how, Stack):
        nothing = np.full_like(next(iter(checked.values())), np.nan)
        fused = how({name: checked.get(name, nothing) for name in senses})
    elif choice("how", how, ("mean", "product")) == "mean":  # or a Stack, for those who have fitted one
        fused = _mean(list(checked.values()))
    else:
        fused = _product(list(checked.values()), priors)
    return fused[0] if single else fused


def _mean(parts: list[np.ndarray]) -> np.ndarray:
    """The mean over the senses that are there; an emotion that one never learnt keeps the mass the others give it."""
    filled = _filled(parts)
    return _normalised(np.nanmean(filled, axis=0))


def _product(parts: list[np.ndarray], priors: np.ndarray) -> np.ndarray:
    """Starting from the priors, each sense multiplies what stands there by its probabilities / priors.

    A sense that never learnt some emotions only shares out anew the mass of those that it learnt, so the senses that
    learnt most come first: counted over all rows, since a sense that is missing in some has not unlearnt anything.
    What no sense learnt gets nothing.
    """
    fused = np.broadcast_to(priors, parts[0].shape).copy()
    for part in sorted(parts, key=_unlearnt):
        learnt = ~np.isnan(part)
        mass = np.where(learnt, fused, 0).sum(axis=1, keepdims=True)
        shares = np.where(learnt, fused * np.maximum(part, SMALLEST) / priors, 0)
        total = shares.sum(axis=1, keepdims=True)
        fused = np.where(learnt, shares * mass / np.where(total > 0, total, 1), fused)
    fused[np.isnan(np.stack(parts)).all(axis=0)] = 0
    return _normalised(fused)


def _unlearnt(part: np.ndarray) -> int:
    """How many emotions a sense (N, 7) names in no row."""
    return int(np.isnan(part).all(axis=0).sum())


def _filled(parts: list[np.ndarray]) -> np.ndarray:
    """(senses, N, 7): where a sense never learnt an emotion, the mean of the senses that did, and the rest scaled.

    A row of NaN, a sense that is missing, stays NaN.
    """
    stacked = np.stack(parts)
    missing = np.isnan(stacked)
    gone = missing.all(axis=2)
    with np.errstate(invalid="ignore"):
        counts = (~missing).sum(axis=0)
        others = np.where(counts > 0, np.nansum(stacked, axis=0) / np.maximum(counts, 1), 0.0)
    others = np.broadcast_to(others, stacked.shape)
    borrowed = np.where(missing, others, 0).sum(axis=2, keepdims=True)
    filled = np.where(missing, others, stacked * np.maximum(1 - borrowed, 0))
    filled[gone] = np.nan
    return filled


@dataclass(frozen=True, eq=False)
class Stack:
    """A logistic regression on the senses' log-probabilities (stacking, Wolpert 1992). weights: (7, features)."""

    names: tuple[str, ...]
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(cls, senses: dict, labels: np.ndarray, C: float = 0.1) -> "Stack":
        """Learn from rows that no sense was trained on: validation rows, never test rows. labels: (N,) of 0 to 6.

        Raises EmotionLabError for fewer than two emotions among the labels.
        """
        from sklearn.linear_model import LogisticRegression

        checked, _ = _checked(senses)
        labels = checked_labels("labels", labels, len(EMOTIONS))
        if len(np.unique(labels)) < 2 or any(len(part) != len(labels) for part in checked.values()):
            raise EmotionLabError("Expected a label for each row and at least two emotions, found fewer.")
        features = _features(list(checked.values()))
        model = LogisticRegression(C=C, max_iter=2000).fit(features, labels)
        weights, bias = np.zeros((len(EMOTIONS), features.shape[1])), np.full(len(EMOTIONS), -30.0)
        if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
            weights[model.classes_[1]], bias[model.classes_] = model.coef_[0], [0.0, model.intercept_[0]]
        else:
            weights[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
        return cls(tuple(checked), weights, bias)

    def __call__(self, senses: dict) -> np.ndarray:
        """(N, 7) float64. Raises EmotionLabError unless the senses are those it was fitted on."""
        if tuple(senses) != self.names:
            raise EmotionLabError(
                f"Expected the senses {', '.join(self.names)} in this order, found {', '.join(senses)}."
            )
        logits = _features(list(senses.values())) @ self.weights.T + self.bias
        return softmax(logits)


def _features(parts: list[np.ndarray]) -> np.ndarray:
    """(N, 7 * senses): log-probabilities; those of a missing sense are all alike."""
    filled = _filled(parts)
    filled = np.where(np.isnan(filled), 1 / len(EMOTIONS), filled)
    return np.log(np.maximum(np.concatenate(list(filled), axis=1), SMALLEST_STACKED))


def _checked(senses: dict) -> tuple[dict[str, np.ndarray], bool]:
    """The senses that are there as (N, 7) float64, and whether one row was given."""
    kind_of("senses", senses, dict, "a dict of names and probabilities", 'write {"face": ..., "voice": ...}')
    what = "probabilities of shape (7,) or (N, 7)"
    given = {name: part for name, part in senses.items() if part is not None}
    given = {name: array(f"the sense {shown(name)}", part, what).astype(float) for name, part in given.items()}
    if not given:
        raise EmotionLabError("Expected at least one sense with probabilities, found none.")
    single = all(part.ndim == 1 for part in given.values())
    rows = {name: np.atleast_2d(part) for name, part in given.items()}
    shapes = {part.shape for part in rows.values()}
    if len(shapes) != 1 or shapes.pop()[1:] != (len(EMOTIONS),):
        told = ", ".join(f"{name} {part.shape}" for name, part in given.items())
        raise EmotionLabError(f"Expected probabilities (7,) or (N, 7) of one length for each sense, found {told}.")
    for name, part in rows.items():
        if np.isinf(part).any() or (part < 0).any() or (part > 1 + 1e-3).any():
            raise EmotionLabError(f"Expected probabilities from 0 to 1, found others in {name}.")
    if any((np.nansum(part, axis=1) == 0)[~np.isnan(part).all(axis=1)].any() for part in rows.values()):
        raise EmotionLabError("Expected probabilities that sum to 1 in each row, found a row of zeros.")
    if np.all([np.isnan(part).all(axis=1) for part in rows.values()], axis=0).any():
        raise EmotionLabError("Expected at least one sense in each row, found a row where all are missing.")
    return rows, single


def _priors(priors) -> np.ndarray:
    if priors is None:
        return np.full(len(EMOTIONS), 1 / len(EMOTIONS))
    values = array("priors", priors, "seven numbers above 0").astype(float)
    if values.shape != (len(EMOTIONS),) or not (values > 0).all() or not np.isfinite(values.sum()):
        raise EmotionLabError(expected("priors", "seven numbers above 0", priors))
    return values / values.sum()


def _normalised(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=1, keepdims=True)
