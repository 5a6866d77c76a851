"""Occlusion: how far the probability falls when a place of the picture is covered (lesson 08).

drops = occlusion(model, faces.test.images[:8])           # (8, 48, 48), change of probability
"""

import numpy as np

from emotionlab.base.arguments import whole_number
from emotionlab.base.arrays import as_batch
from emotionlab.base.errors import DataError
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.explain.classes import PREDICTED, class_numbers, some
from emotionlab.metrics.predicting import predict


def occlusion(model, images, classes=None, size: int = 8, stride: int = 4) -> np.ndarray:
    """Occlusion (Zeiler & Fergus 2014): how far the probability falls when a place is covered.

    A square in the picture's mean grey is laid over each place in turn. A pixel's value is the mean over all
    squares that cover it.

    model, images, classes: as for `grad_cam`, any Keras backend.
    size, stride: side of the square and its step, in pixels, 1 <= stride <= size <= 48.

    Returns (N, 48, 48) float32, differences of probability, -1..1: positive where covering hurts the class
    (the network used that place), negative where it helps. All pictures share the unit.
    Costs one prediction for each place of the square, 121 a picture as it stands; a progress bar appears when
    that takes longer than three seconds. Raises DataError for unusable arguments.
    """
    from tqdm.auto import tqdm

    size, stride = whole_number("size", size, error=DataError), whole_number("stride", stride, error=DataError)
    if not 1 <= stride <= size <= IMAGE_SIZE:
        raise DataError(
            f"Expected 1 <= stride <= size <= {IMAGE_SIZE} pixels, found size={size}, stride={stride}; with a longer "
            "stride some pixels would never be covered."
        )
    batch = some(as_batch(images))[..., 0]
    wanted = class_numbers(classes, len(batch))
    drops = np.zeros(batch.shape, "float32")
    squares = _squares(size, stride)
    for i, picture in enumerate(tqdm(batch, desc="Covering", unit="picture", delay=3, leave=False)):
        covered = np.where(squares, picture.mean(), picture)
        probabilities = predict(model, np.concatenate([picture[None], covered]))
        number = probabilities[0].argmax() if wanted[i] == PREDICTED else wanted[i]
        drop = probabilities[0, number] - probabilities[1:, number]
        drops[i] = np.einsum("s,shw->hw", drop, squares) / squares.sum(axis=0)
    return drops


def _squares(size: int, stride: int) -> np.ndarray:
    """(S, 48, 48) bool, one square each; the last of a row touches the edge, so that every pixel is covered."""
    last = IMAGE_SIZE - size
    starts = sorted({*range(0, last, stride), last})
    squares = np.zeros((len(starts) ** 2, IMAGE_SIZE, IMAGE_SIZE), bool)
    for square, (top, left) in zip(squares, ((y, x) for y in starts for x in starts), strict=True):
        square[top : top + size, left : left + size] = True
    return squares
