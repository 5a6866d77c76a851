"""Which class an explanation is asked for."""

import numpy as np

from emotionlab.base.arguments import shown
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError

PREDICTED = -1
"""Stands for "whichever class has the highest logit"."""


def some(batch: np.ndarray) -> np.ndarray:
    """The pictures to explain. Raises DataError where there are none."""
    if not len(batch):
        raise DataError("Expected at least one picture to explain, found none; pass images[:1] or more.")
    return batch


def class_numbers(classes, count: int) -> np.ndarray:
    """(N,) int32 class numbers from None, one name or number, or N of them."""
    if classes is None:
        return np.full(count, PREDICTED, "int32")
    alone = not isinstance(classes, list | tuple) and getattr(classes, "ndim", 0) != 1
    given = [classes] * count if alone else list(classes)
    numbers = [EMOTIONS.index(one) if isinstance(one, str) and one in EMOTIONS else one for one in given]
    if len(numbers) != count or not all(_is_class(one) for one in numbers):
        raise DataError(
            f"Expected an emotion (its name, or 0 to {len(EMOTIONS) - 1}) for each of {count} pictures, found "
            f"{shown(classes)}; pass one emotion, or one for each picture."
        )
    return np.array(numbers, "int32")


def _is_class(number) -> bool:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and 0 <= number < len(EMOTIONS)
