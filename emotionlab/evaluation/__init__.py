"""How good is a model, is it better than another, and when had it better stay silent?

    probabilities = predict(model, faces.test.images)         # (N, 7)
    report = score(faces.test.labels, probabilities)          # a Report
    report = evaluate(model, faces.test, tta="flip")          # both in one step
    comparison = compare(["augmented", "scratch_cnn"])        # several runs on the same pictures
    scores = vote_scores(probabilities, votes)                # against the votes of people

The predictions and the figures come from `emotionlab.metrics`; here are `evaluating`, the paired tests of
`comparison`, `calibration` (temperature scaling and thresholds), and `votes`.
"""

import importlib

from emotionlab.evaluation.evaluating import evaluate
from emotionlab.metrics.predicting import SHIFTS, TTA, predict, shift, views
from emotionlab.metrics.scoring import (
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
    "chosen_threshold": "calibration",
    "coverage_curve": "calibration",
    "temperature": "calibration",
    "VoteScores": "votes",
    "vote_scores": "votes",
    "with_temperature": "calibration",
}
"""Names that are imported when first used: their modules take longer."""

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
