"""A slider for the threshold below which a network stays silent (lesson 04)."""

import html

import numpy as np

from emotionlab.base import settings
from emotionlab.base.arguments import share
from emotionlab.base.emotions import EMOTIONS
from emotionlab.metrics.scoring import Report, checked_report, percent, thresholded


def abstention(report: Report, threshold: float = 0.5):
    """A slider for the threshold: what the model still answers, how often it is right, whom it leaves out.

    Returns an ipywidgets panel, to be the last line of a cell. With EMOTIONLAB_HEADLESS=1 or without
    ipywidgets it prints the same for `threshold` and returns None.
    """
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
