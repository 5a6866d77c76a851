"""The seven classes of FER-2013: their order, their names and how each is drawn in a plot."""

import numpy as np

from emotionlab.base.errors import DataError

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""Class names; the index of a name is its FER-2013 label (0 to 6)."""

COLORS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#6E6E6E",
}
"""Okabe and Ito's colour-blind-safe palette (2008), one colour an emotion, grey for neutral."""

MARKERS = {
    "angry": "v",
    "disgust": "X",
    "fear": "D",
    "happy": "o",
    "sad": "s",
    "surprise": "^",
    "neutral": "P",
}
"""One matplotlib marker an emotion, so that a plot can be read without its colours."""


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Turn labels (N,) of 0..6 into rows (N, 7) float32 with a single 1 in each. Raises DataError for other labels."""
    from emotionlab.base.arguments import labels as checked_labels

    return np.eye(len(EMOTIONS), dtype="float32")[checked_labels("labels", labels, len(EMOTIONS), DataError)]
