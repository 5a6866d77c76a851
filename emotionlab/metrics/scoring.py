"""Every figure that is read off labels and predicted probabilities: a `Report` (lesson 04).

    report = score(faces.test.labels, probabilities)

Metrics come from scikit-learn, intervals from SciPy. Everywhere a division by zero counts as 0: a
class that is never predicted has precision 0, and a class without a single picture has F1 0.
"""

import html
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from emotionlab.base.arguments import array, kind_of, number, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, RunError

CLASSES = len(EMOTIONS)

BINS = 15
"""Number of equal-width confidence bins of the calibration error (Guo et al. 2017 use 15)."""


def score(labels: np.ndarray, probabilities: np.ndarray, name: str = "") -> "Report":
    """A Report of these predictions.

    labels: (N,) integers in 0..6, the truth. probabilities: (N, 7), each row adds up to 1 (float16
    will do). Raises DataError for unusable labels, RunError for unusable probabilities.
    """
    labels = array("labels", labels, "labels of shape (N,), whole numbers", DataError)
    probabilities = array("probabilities", probabilities, f"rows of {CLASSES} probabilities", RunError)
    if labels.ndim != 1 or len(labels) == 0 or labels.dtype.kind not in "iu":
        raise DataError(
            f"Expected labels of shape (N,) with N > 0 and whole numbers, found {labels.shape} "
            f"{labels.dtype}; pass split.labels."
        )
    if labels.min() < 0 or labels.max() >= CLASSES:
        raise DataError(
            f"Expected labels from 0 to {CLASSES - 1}, found {labels.min()} to {labels.max()}; "
            "a label is an index into el.EMOTIONS."
        )
    if probabilities.shape != (len(labels), CLASSES):
        raise RunError(
            f"Expected probabilities of shape ({len(labels)}, {CLASSES}), one row for each label, found "
            f"{probabilities.shape}; predict the same pictures that the labels belong to."
        )
    probabilities = probabilities.astype("float32")
    # float16 rounds to three digits, so the rows of a recorded run add up to 1 within a per mille.
    if not (probabilities.min() >= 0 and np.allclose(probabilities.sum(axis=1), 1, atol=1e-2)):
        raise RunError(
            "Expected probabilities, rows of numbers from 0 to 1 that add up to 1, found others; "
            "turn logits into probabilities with keras.ops.softmax(logits, axis=-1)."
        )
    return Report(labels.astype("int64"), probabilities, name)


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """What a model predicted, and every figure that follows from it (computed when first asked for).

    labels: (N,) int64, the truth. probabilities: (N, 7) float32. name: of the model or the run.
    Make one with `score` or `evaluate`, which check the arrays.
    """

    labels: np.ndarray
    probabilities: np.ndarray
    name: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predictions(self) -> np.ndarray:
        """(N,) int64, the most probable label of each picture."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidences(self) -> np.ndarray:
        """(N,) float32, the probability of the predicted label."""
        return self.probabilities.max(axis=1)

    @cached_property
    def correct(self) -> np.ndarray:
        """(N,) bool, whether the predicted label is the true one."""
        return self.predictions == self.labels

    @cached_property
    def accuracy(self) -> float:
        """Share of the pictures whose most probable label is the true one, 0 to 1."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(self.labels, self.predictions))

    @cached_property
    def accuracy_interval(self) -> tuple[float, float]:
        """95 % Wilson interval (low, high) of the accuracy."""
        return confidence_interval(int(self.correct.sum()), len(self))

    @cached_property
    def confusion(self) -> np.ndarray:
        """(7, 7) int64 counts: rows are the true emotion, columns the predicted one."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(self.labels, self.predictions, labels=range(CLASSES))

    @cached_property
    def confusion_normalised(self) -> np.ndarray:
        """(7, 7) float64: each row of `confusion` divided by its sum; 0 in a row without pictures."""
        return self.confusion / np.maximum(self.confusion.sum(axis=1, keepdims=True), 1)

    @cached_property
    def per_class(self):
        """DataFrame indexed by emotion: precision, recall, f1 (0 to 1) and support (pictures)."""
        import pandas as pd
        from sklearn.metrics import precision_recall_fscore_support

        columns = precision_recall_fscore_support(self.labels, self.predictions, labels=range(CLASSES), zero_division=0)
        names = ("precision", "recall", "f1", "support")
        index = pd.Index(EMOTIONS, name="emotion")
        return pd.DataFrame(dict(zip(names, columns, strict=True)), index=index)

    @cached_property
    def macro_f1(self) -> float:
        """Plain mean of the seven F1 scores: every emotion counts the same, however rare."""
        return float(self.per_class.f1.mean())

    @cached_property
    def weighted_f1(self) -> float:
        """Mean of the seven F1 scores, each weighted with its number of true pictures."""
        return float(np.average(self.per_class.f1, weights=self.per_class.support))

    def macro_f1_interval(self, resamples: int = 2000, seed: int = 0) -> tuple[float, float]:
        """95 % percentile bootstrap interval (low, high) of macro F1 (Efron & Tibshirani 1993, ch. 13).

        Drawing N pictures with replacement is drawing the 49 cells of the confusion matrix from a
        multinomial distribution, so all resamples are drawn at once.
        """
        resamples = whole_number("resamples", resamples, at_least=1, at_most=1_000_000)
        seed = whole_number("seed", seed, at_least=0)
        shares = self.confusion.ravel() / len(self)
        drawn = np.random.default_rng(seed).multinomial(len(self), shares, size=resamples)
        drawn = drawn.reshape(resamples, CLASSES, CLASSES)
        hits = np.diagonal(drawn, axis1=1, axis2=2)
        rows_and_columns = drawn.sum(axis=2) + drawn.sum(axis=1)
        f1 = 2 * hits / np.maximum(rows_and_columns, 1)
        low, high = np.quantile(f1.mean(axis=1), (0.025, 0.975))
        return float(low), float(high)

    @cached_property
    def ece(self) -> float:
        """Expected calibration error, 0 to 1 (Guo et al. 2017, "On Calibration of Modern Neural Networks").

        Sort the pictures by confidence into 15 bins of equal width; in each bin take the distance
        between the mean confidence and the accuracy; average it, weighted with the pictures in the bin.
        """
        table = reliability_table(self)
        used = table[table.pictures > 0]
        return float(np.average(used.gap.abs(), weights=used.pictures))

    def worst_pairs(self, k: int = 3):
        """The k most frequent confusions as a DataFrame: true, predicted, count, share.

        share is the part of the true emotion's pictures that went to the predicted one, 0 to 1.
        Pairs that never occur are left out.
        """
        import pandas as pd

        k = whole_number("k", k, at_least=1)
        mistakes = self.confusion * (1 - np.eye(CLASSES, dtype=int))
        order = np.argsort(-mistakes, axis=None, kind="stable")[:k]
        rows = [
            (EMOTIONS[i], EMOTIONS[j], int(mistakes[i, j]), float(self.confusion_normalised[i, j]))
            for i, j in zip(*np.unravel_index(order, mistakes.shape), strict=True)
            if mistakes[i, j] > 0
        ]
        return pd.DataFrame(rows, columns=["true", "predicted", "count", "share"])

    def _headline(self) -> list[tuple[str, str]]:
        """The figures above the table, as (what, value) pairs of text."""
        low, high = self.accuracy_interval
        f1_low, f1_high = self.macro_f1_interval()
        return [
            ("Accuracy", f"{percent(self.accuracy)} (95 % interval {percent(low)} to {percent(high)})"),
            ("Macro F1", f"{self.macro_f1:.3f} (95 % interval {f1_low:.3f} to {f1_high:.3f})"),
            ("Weighted F1", f"{self.weighted_f1:.3f}"),
            ("Calibration error", f"{self.ece:.3f} ({BINS} bins)"),
        ]

    def _title(self) -> str:
        pictures = "1 picture" if len(self) == 1 else f"{len(self):,} pictures"
        return f"{self.name or 'Report'}: {pictures}"

    def __str__(self) -> str:
        lines = [self._title(), *(f"  {what:<18} {value}" for what, value in self._headline()), ""]
        lines.append(f"  {'emotion':<10} {'precision':>9} {'recall':>7} {'F1':>6} {'support':>8}")
        for emotion, row in self.per_class.iterrows():
            scores = f"{row.precision:>9.3f} {row.recall:>7.3f} {row.f1:>6.3f}"
            lines.append(f"  {emotion:<10} {scores} {row.support:>8,.0f}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headline = "".join(f"<li>{what}: <strong>{value}</strong></li>" for what, value in self._headline())
        head = "".join(f'<th scope="col">{c}</th>' for c in ("Emotion", "Precision", "Recall", "F1", "Support"))
        rows = "".join(
            f'<tr><th scope="row">{emotion}</th><td>{row.precision:.3f}</td><td>{row.recall:.3f}</td>'
            f"<td>{row.f1:.3f}</td><td>{row.support:,.0f}</td></tr>"
            for emotion, row in self.per_class.iterrows()
        )
        title = html.escape(self._title())
        return (
            f"<p><strong>{title}</strong></p><ul>{headline}</ul><table><caption>Each emotion in {title}. "
            "Precision, recall and F1 run from 0 to 1; support counts the pictures.</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


# ---------------------------------------------------------------------------------- small tools


def checked_report(value, name: str = "report") -> Report:
    """`value`, if it is a Report. Raises RunError for anything else."""
    return kind_of(name, value, Report, "a Report", "pass what el.evaluate or run.report() returns", RunError)


def percent(share: float, digits: int = 1) -> str:
    """A share of 0 to 1 as text, such as "70.1 %"."""
    return f"{100 * share:.{digits}f} %"


def confidence_interval(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson score interval (low, high) of a proportion (Wilson 1927), by scipy.stats.binomtest.

    Unlike share ± 1.96 standard errors it stays within 0 to 1 and holds for small n and for shares
    near 0 or 1. Raises DataError unless 0 <= successes <= n and n > 0.
    """
    from scipy.stats import binomtest

    level = number("level", level, above=0, below=1, error=DataError)
    n = whole_number("n", n, at_least=1, at_most=2**53, error=DataError)
    successes = whole_number("successes", successes, at_least=0, error=DataError)
    if successes > n:
        raise DataError(f"Expected 0 <= successes <= n and n > 0, found {successes} of {n}; count again.")
    interval = binomtest(int(successes), int(n)).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def reliability_table(report: Report, bins: int = BINS):
    """Confidence against accuracy, a DataFrame with one row for each of `bins` equal-width bins.

    Columns: low, high (a bin holds low < confidence <= high), pictures, confidence and accuracy (their
    means in the bin; NaN in an empty one) and gap = accuracy - confidence (negative: overconfident).
    """
    import pandas as pd

    checked_report(report)
    bins = whole_number("bins", bins, at_least=1, at_most=10_000)
    edges = np.linspace(0, 1, bins + 1)
    # Beyond the sixth decimal float32 is noise, which must not push 0.6 out of the bin that ends at 0.6.
    confidences = report.confidences.astype("float64").round(6)
    place = np.clip(np.digitize(confidences, edges.round(6), right=True) - 1, 0, bins - 1)
    pictures = np.bincount(place, minlength=bins)
    divisor = np.where(pictures > 0, pictures, np.nan)
    table = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "pictures": pictures})
    table["confidence"] = np.bincount(place, confidences, bins) / divisor
    table["accuracy"] = np.bincount(place, report.correct, bins) / divisor
    table["gap"] = table.accuracy - table.confidence
    return table


class Thresholded(NamedTuple):
    """How a model does that may stay silent; `accuracy` is NaN when it never answers."""

    threshold: float
    answered: int
    coverage: float
    accuracy: float


def thresholded(report: Report, threshold: float) -> Thresholded:
    """Coverage and accuracy when the model answers only where its confidence is at least `threshold`.

    coverage is the answered share of all pictures, accuracy the correct share of the answered ones.
    """
    checked_report(report)
    threshold = number("threshold", threshold)
    answers = report.confidences >= threshold
    answered = int(answers.sum())
    accuracy = float(report.correct[answers].mean()) if answered else float("nan")
    return Thresholded(float(threshold), answered, answered / len(report), accuracy)
