"""Knowing what you do not know: temperature scaling, and staying silent below a threshold.

    t = temperature(validation.labels, validation.probabilities)   # one number, fitted on validation
    sober = score(test.labels, with_temperature(test.probabilities, t))
    curve = coverage_curve(sober)                                  # coverage against accuracy

Lesson 04 builds the temperature by hand. The threshold that the course chose for its own network is
recorded in emotionlab/reference/threshold.json; `python -m emotionlab.labs threshold` records it anew from the
recorded run.
"""

import json

import numpy as np

from emotionlab.base.arguments import array, number
from emotionlab.base.arrays import softmax
from emotionlab.base.errors import RunError
from emotionlab.base.files import RECORDS
from emotionlab.metrics.scoring import Report, percent, score, thresholded

SMALLEST = 1e-7
"""Probabilities below this count as this: float16 records some as 0, whose logarithm is infinite."""

COLDEST, HOTTEST = 0.05, 20.0
"""The temperatures among which the best one is sought."""

RECORD = RECORDS / "threshold.json"
WANTED = 0.8
"""Accuracy of the answered pictures that the recorded threshold must reach on validation."""


def temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The temperature that makes these probabilities fit best (Guo et al. 2017, section 4.2).

    labels: (N,) in 0..6; probabilities: (N, 7). Use the validation pictures: fitted on the test
    pictures it would look better than it is. It minimises the cross-entropy of
    `with_temperature(probabilities, t)` between 0.05 and 20. Above 1 the network was overconfident,
    below 1 underconfident. Raises DataError or RunError for arrays that `score` refuses.
    """
    from scipy.optimize import minimize_scalar

    report = score(labels, probabilities)
    of_true = np.arange(len(report)), report.labels

    def cross_entropy(log_t: float) -> float:
        return -float(np.log(with_temperature(report.probabilities, np.exp(log_t))[of_true]).mean())

    bounds = np.log([COLDEST, HOTTEST])
    best = minimize_scalar(cross_entropy, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return float(np.exp(best.x))


def with_temperature(probabilities: np.ndarray, t: float) -> np.ndarray:
    """Probabilities (N, 7) float64 as they are when all logits are divided by `t`.

    The same as raising each to the power 1/t and dividing by the sum of its row, so logits are not
    needed. The order in a row stays, and so does the accuracy. Raises RunError unless t > 0.
    """
    t = number("a temperature", t, above=0, error=RunError)
    probabilities = array("probabilities", probabilities, "rows of seven probabilities", RunError)
    if probabilities.size == 0:
        return probabilities.astype("float64")
    logits = np.log(np.maximum(np.asarray(probabilities, "float64"), SMALLEST)) / t
    return softmax(logits)


def coverage_curve(report: Report):
    """What each threshold costs and brings: a DataFrame with a row for each of 0.00, 0.01, ... 1.00.

    Columns: threshold; coverage, the share of all pictures that are answered because their
    confidence is at least the threshold; accuracy, the correct share of those (NaN where none is).
    """
    import pandas as pd

    rows = [thresholded(report, threshold) for threshold in np.linspace(0, 1, 101).round(2)]
    return pd.DataFrame(rows)[["threshold", "coverage", "accuracy"]]


def smallest_threshold(report: Report, wanted: float = WANTED) -> float:
    """The smallest of 0.00, 0.01, ... at which at least `wanted` (0 to 1) of the answers are right.

    Raises RunError when no threshold reaches it.
    """
    curve = coverage_curve(report)
    enough = curve[curve.accuracy >= wanted]
    if enough.empty:
        raise RunError(
            f"Expected a threshold at which {percent(wanted)} of the answers are right, found at best "
            f"{percent(curve.accuracy.max())}; ask for less, or train a better network."
        )
    return float(enough.threshold.iloc[0])


# ---------------------------------------------------------------------------------- the recorded choice


def chosen_threshold() -> float:
    """The confidence below which the course's own network had better stay silent, 0 to 1.

    Holds for `scratch_cnn` without test-time augmentation, after `with_temperature` at the
    temperature that `chosen()` names. Chosen on validation (PublicTest): the smallest threshold with
    80 % of the answers right.
    """
    return chosen()["threshold"]


def chosen() -> dict:
    """The recorded choice: run, temperature, threshold, what they do on validation and test, command."""
    return json.loads(RECORD.read_text(encoding="utf-8"))


def choose(run, wanted: float = WANTED) -> dict:
    """Temperature and threshold of a run from its validation pictures, as JSON values; checked on test, if measured."""
    t = round(temperature_of(run), 3)
    sober = {split: _with_temperature(run.report(split), t) for split in run.measured()}
    threshold = smallest_threshold(sober["validation"], wanted)
    found = {"run": run.name, "tta": "none", "wanted_accuracy": wanted, "temperature": t, "threshold": threshold}
    for split, report in sober.items():
        at = thresholded(report, threshold)
        found[split] = {"coverage": round(at.coverage, 4), "accuracy": round(at.accuracy, 4)}
    return found


def temperature_of(run) -> float:
    """The temperature for a run: 1 for one that has learned votes, whose probabilities are shares of people.

    For any other it is fitted on the labels of its validation pictures.
    """
    if run.recipe.targets == "votes":
        return 1.0
    validation = run.report("validation")
    return temperature(validation.labels, validation.probabilities)


def _with_temperature(report: Report, t: float) -> Report:
    return score(report.labels, with_temperature(report.probabilities, t), report.name)
