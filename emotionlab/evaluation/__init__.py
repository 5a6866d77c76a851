"""How good is a model, is it better than another, and when had it better stay silent?

    probabilities = predict(model, faces.test.images)         # (N, 7)
    report = score(faces.test.labels, probabilities)          # a Report
    report = evaluate(model, faces.test, tta="flip")          # both in one step
    comparison = compare(["augmented", "scratch_cnn"])        # several runs on the same pictures

`scoring` holds the figures, `predicting` the predictions, `comparison` the paired tests and
`calibration` temperature scaling and abstention.
"""

import importlib

from emotionlab.evaluation.predicting import SHIFTS, TTA, evaluate, predict, shift, views
from emotionlab.evaluation.scoring import (
    BINS,
    CLASSES,
    Report,
    Thresholded,
    confidence_interval,
    percent,
    reliability_table,
    score,
    thresholded,
)

_LATER = {
    "Comparison": "comparison",
    "Pair": "comparison",
    "compare": "comparison",
    "abstention": "calibration",
    "chosen_threshold": "calibration",
    "coverage_curve": "calibration",
    "temperature": "calibration",
    "with_temperature": "calibration",
}
"""Names that are imported when first used, so that `python -m emotionlab.evaluation.calibration` can run."""

__all__ = [
    "BINS",
    "CLASSES",
    "SHIFTS",
    "TTA",
    "Report",
    "Thresholded",
    "confidence_interval",
    "evaluate",
    "percent",
    "predict",
    "reliability_table",
    "score",
    "shift",
    "thresholded",
    "views",
    *_LATER,
]


def __getattr__(name: str):
    if name in _LATER:
        return getattr(importlib.import_module(f"emotionlab.evaluation.{_LATER[name]}"), name)
    raise AttributeError(f"emotionlab.evaluation has no name {name!r}; it offers: {', '.join(__all__)}")
