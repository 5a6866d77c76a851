"""Knowing what you do not know: temperature scaling, and staying silent below a threshold.

    t = temperature(validation.labels, validation.probabilities)   # one number, fitted on validation
    sober = score(test.labels, with_temperature(test.probabilities, t))
    abstention(sober)                                              # a slider: coverage against accuracy

Lesson 04 builds the temperature by hand. The threshold that the course chose for its own network is
recorded in emotionlab/reference/threshold.json; `python -m emotionlab.evaluation.calibration` records
it anew from the recorded run.
"""

import html
import json
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import array, number, share
from emotionlab.emotions import EMOTIONS
from emotionlab.errors import RunError
from emotionlab.evaluation.scoring import Report, checked_report, percent, score, thresholded

SMALLEST = 1e-7
"""Probabilities below this count as this: float16 records some as 0, whose logarithm is infinite."""

COLDEST, HOTTEST = 0.05, 20.0
"""The temperatures among which the best one is sought."""

RECORD = Path(__file__).parents[1] / "reference" / "threshold.json"
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
    probabilities = array("probabilities", probabilities, f"rows of {len(EMOTIONS)} probabilities", RunError)
    logits = np.log(np.maximum(np.asarray(probabilities, "float64"), SMALLEST)) / t
    scaled = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return scaled / scaled.sum(axis=-1, keepdims=True)


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
    """Temperature and threshold of a run from its recorded validation pictures, checked on test, as JSON values."""
    validation = run.report("validation")
    t = round(temperature(validation.labels, validation.probabilities), 3)
    sober = {split: _with_temperature(run.report(split), t) for split in ("validation", "test")}
    threshold = smallest_threshold(sober["validation"], wanted)
    found = {"run": run.name, "tta": "none", "wanted_accuracy": wanted, "temperature": t, "threshold": threshold}
    for split, report in sober.items():
        at = thresholded(report, threshold)
        found[split] = {"coverage": round(at.coverage, 4), "accuracy": round(at.accuracy, 4)}
    return found


def _with_temperature(report: Report, t: float) -> Report:
    return score(report.labels, with_temperature(report.probabilities, t), report.name)


def record() -> dict:
    """Choose anew from the recorded run `scratch_cnn`, and keep the choice in the package."""
    from emotionlab import reference
    from emotionlab.runs import write_json

    found = {**choose(reference.load("scratch_cnn")), "command": "uv run python -m emotionlab.evaluation.calibration"}
    write_json(RECORD, found)
    return found


# ---------------------------------------------------------------------------------- the slider


def abstention(report: Report, threshold: float = 0.5):
    """A slider for the threshold: what the model still answers, how often it is right, whom it leaves out.

    Returns an ipywidgets panel, to be the last line of a cell. With EMOTIONLAB_HEADLESS=1 or without
    ipywidgets it prints the same for `threshold` and returns None.
    """
    from emotionlab import settings

    checked_report(report)
    threshold = share("threshold", threshold)
    if not settings.headless():
        try:
            return _panel(report, threshold)
        except ImportError:
            print("Without ipywidgets there is no slider; call el.abstention(report, threshold=0.7) for another one.")
    print(about_threshold(report, threshold))
    print(by_emotion(report, threshold).to_string(formatters=_FORMATS, na_rep="–"))
    return None


def about_threshold(report: Report, threshold: float) -> str:
    """Two sentences: what the model answers at this threshold, and what it keeps silent about."""
    at = thresholded(report, threshold)
    total, silent = len(report), len(report) - at.answered
    sentence = f"Threshold {threshold:.2f}: the model answers {at.answered:,} of {total:,} pictures"
    sentence += f" ({percent(at.coverage)}) and is right on {percent(at.accuracy)} of them." if at.answered else "."
    if not silent:
        return f"{sentence} It is silent on none."
    lost = report.correct[report.confidences < threshold].mean()
    return f"{sentence} It is silent on {silent:,}, {percent(lost)} of which it would have got right."


def by_emotion(report: Report, threshold: float):
    """DataFrame indexed by true emotion: pictures, coverage and accuracy at this threshold (NaN: no answer)."""
    import pandas as pd

    answers = report.confidences >= threshold
    rows = []
    for label in range(len(EMOTIONS)):
        of_class = report.labels == label
        answered = of_class & answers
        share = answered.sum() / of_class.sum() if of_class.any() else np.nan
        rows.append((int(of_class.sum()), share, report.correct[answered].mean() if answered.any() else np.nan))
    return pd.DataFrame(rows, pd.Index(EMOTIONS, name="emotion"), ["pictures", "coverage", "accuracy"])


def _whole_percent(share: float) -> str:
    return percent(share, 0)


_FORMATS = {"pictures": "{:,}".format, "coverage": _whole_percent, "accuracy": _whole_percent}


def _panel(report: Report, threshold: float):
    """A VBox: the slider, the sentences, the table of the emotions."""
    import ipywidgets as widgets

    slider = widgets.FloatSlider(
        threshold,
        min=0,
        max=1,
        step=0.01,
        description="Threshold (answer only at this confidence or above)",
        style={"description_width": "initial"},
        layout=widgets.Layout(width="95%"),
        readout_format=".2f",
    )
    slider.tooltip = "The model stays silent where its confidence is lower than this"
    shown = widgets.HTML()

    def refresh(_=None):
        table = by_emotion(report, slider.value).rename_axis(index=None, columns="true emotion")
        text = html.escape(about_threshold(report, slider.value))
        shown.value = f'<p role="status">{text}</p>{table.to_html(formatters=_FORMATS, na_rep="–")}'

    slider.observe(refresh, "value")
    refresh()
    return widgets.VBox([slider, shown])


if __name__ == "__main__":
    print(json.dumps(record(), indent=1))
    print(f"✔ Recorded in {RECORD}")
