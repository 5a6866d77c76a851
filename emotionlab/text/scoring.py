"""Several emotions at once: thresholds, macro F1 and its intervals, for probabilities that need not sum to 1.

thresholds = choose_thresholds(texts.validation.labels, validation_probabilities)
report = score(texts.test.labels, test_probabilities, thresholds)
report.macro_f1, report.macro_f1_interval(), report.per_class
difference(report, linear_report)       # paired bootstrap on the same rows
"""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError

RESAMPLES = 2000


def choose_thresholds(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """For each emotion the probability from which on saying it gives the best F1 on these rows: (7,) float64.

    labels: (N, 7) bool. probabilities: (N, 7). The threshold lies half-way between the last row that is named and
    the first that is not. Choose on validation rows: on the test rows it would be cheating. An emotion without a
    single row gets 1.0, which is never reached by chance.
    """
    labels = np.asarray(labels, bool)
    chosen = np.ones(labels.shape[1])
    for emotion in np.flatnonzero(labels.any(axis=0)):
        order = np.argsort(-probabilities[:, emotion], kind="stable")
        ranked, truth = probabilities[order, emotion].astype(float), labels[order, emotion]
        f1 = 2 * truth.cumsum() / (np.arange(1, len(truth) + 1) + truth.sum())
        f1[:-1][ranked[:-1] == ranked[1:]] = 0  # rows of equal probability are named together or not at all
        best = int(f1.argmax())
        following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
        chosen[emotion] = (ranked[best] + following) / 2
    return chosen


def f1_of(labels: np.ndarray, named: np.ndarray) -> np.ndarray:
    """F1 of each emotion (7,): 2 right / (given + named); 0 where an emotion was neither given nor named."""
    right = (labels & named).sum(axis=0)
    return 2 * right / np.maximum(labels.sum(axis=0) + named.sum(axis=0), 1)


def score(labels: np.ndarray, probabilities: np.ndarray, thresholds, name: str = "") -> "MultiReport":
    """Measure probabilities (N, 7) against labels (N, 7) bool. Raises EmotionLabError for shapes that do not fit."""
    labels, probabilities = np.asarray(labels, bool), np.asarray(probabilities)
    if labels.shape != probabilities.shape or labels.ndim != 2 or not len(labels):
        raise EmotionLabError(
            f"Expected labels and probabilities of one shape (N, 7), found {labels.shape} and {probabilities.shape}."
        )
    return MultiReport(labels, probabilities, np.asarray(thresholds, float), name)


@dataclass(frozen=True, eq=False, repr=False)
class MultiReport:
    """How well several emotions at once were named. labels, probabilities: (N, 7); thresholds: (7,)."""

    labels: np.ndarray
    probabilities: np.ndarray
    thresholds: np.ndarray
    name: str = ""

    @property
    def named(self) -> np.ndarray:
        """(N, 7) bool: which emotions reach their threshold."""
        return self.probabilities >= self.thresholds

    @property
    def macro_f1(self) -> float:
        """The mean of the seven F1: a rare emotion counts as much as a frequent one."""
        return float(f1_of(self.labels, self.named).mean())

    @property
    def micro_f1(self) -> float:
        """F1 over all emotions of all texts together: a frequent emotion counts more."""
        both = self.labels & self.named
        return float(2 * both.sum() / (self.labels.sum() + self.named.sum()))

    def macro_f1_interval(self) -> tuple[float, float]:
        """95 % interval of the macro F1 by bootstrap over the texts (Efron 1979)."""
        values = _resampled_f1(self.labels, self.named).mean(axis=1)
        return tuple(np.quantile(values, (0.025, 0.975)).tolist())

    @property
    def per_class(self):
        """A DataFrame with a row an emotion: precision, recall, f1, f1_low and f1_high (95 %), texts, threshold."""
        import pandas as pd

        named, right = self.named, (self.labels & self.named).sum(axis=0)
        low, high = np.quantile(_resampled_f1(self.labels, named), (0.025, 0.975), axis=0)
        columns = {
            "precision": right / np.maximum(named.sum(axis=0), 1),
            "recall": right / np.maximum(self.labels.sum(axis=0), 1),
            "f1": f1_of(self.labels, named),
            "f1_low": low,
            "f1_high": high,
            "texts": self.labels.sum(axis=0),
            "threshold": self.thresholds,
        }
        return pd.DataFrame(columns, index=pd.Index(EMOTIONS, name="emotion"))

    def __repr__(self) -> str:
        low, high = self.macro_f1_interval()
        return (
            f"{self.name or 'report'}: macro F1 {self.macro_f1:.3f} (95 %: {low:.3f} to {high:.3f}), "
            f"micro F1 {self.micro_f1:.3f}, {len(self.labels):,} texts"
        )


def difference(a: MultiReport, b: MultiReport) -> tuple[float, tuple[float, float]]:
    """Macro F1 of `a` less that of `b` on the same rows, and its 95 % interval by paired bootstrap.

    Raises EmotionLabError where the two were not measured on the same rows.
    """
    if a.labels.shape != b.labels.shape or (a.labels != b.labels).any():
        raise EmotionLabError("Expected two reports on the same texts in the same order, found different labels.")
    values = (_resampled_f1(a.labels, a.named) - _resampled_f1(a.labels, b.named)).mean(axis=1)
    return a.macro_f1 - b.macro_f1, tuple(np.quantile(values, (0.025, 0.975)).tolist())


def _resampled_f1(labels: np.ndarray, named: np.ndarray, seed: int = 0) -> np.ndarray:
    """(RESAMPLES, 7): F1 on texts drawn with replacement; the same seed draws the same texts, so two can be paired."""
    rng, size = np.random.default_rng(seed), len(labels)
    both, either = (labels & named).astype(np.float32), labels.astype(np.float32) + named
    parts = []
    for _ in range(RESAMPLES // 100):
        drawn = rng.integers(0, size, (100, size)) + size * np.arange(100)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=100 * size).reshape(100, size).astype(np.float32)
        parts.append(2 * (counts @ both) / np.maximum(counts @ either, 1))
    return np.concatenate(parts)
