"""The figures of the course. Each returns its Axes and prints one sentence that says what it shows.

`basic` draws faces, counts, learning curves, confusion matrices and calibration; `comparison` several runs;
`explain` heat maps; `votes` what people said; `live` a learning curve that grows while a network trains.
"""

import importlib

_HOME = {
    "plot_ablation": "basic",
    "plot_calibration": "basic",
    "plot_confusion": "basic",
    "plot_counts": "basic",
    "plot_faces": "basic",
    "plot_history": "basic",
    "plot_probabilities": "basic",
    "plot_agreement": "comparison",
    "plot_coverage": "comparison",
    "plot_tradeoff": "comparison",
    "plot_gradcam": "explain",
    "plot_occlusion": "explain",
    "plot_recorded_gradcam": "explain",
    "plot_votes": "votes",
    "LiveCurve": "live",
}
"""Where each name stands; it is imported when it is first used."""

__all__ = list(_HOME)


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"emotionlab.plots.{_HOME[name]}"), name)
    raise AttributeError(f"emotionlab.plots has no name {name!r}; it offers: {', '.join(__all__)}")
