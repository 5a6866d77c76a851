"""The one form in which pictures reach a network, and the one way from its logits to probabilities."""

import numpy as np

from emotionlab.base.errors import DataError
from emotionlab.base.ranges import found_and_way_out
from emotionlab.base.settings import IMAGE_SIZE


def as_batch(images: np.ndarray) -> np.ndarray:
    """Give grey pictures the one form that every network here is fed with.

    images: (48, 48), (N, 48, 48) or (N, 48, 48, 1), whole or floating numbers in 0..255.
    Returns (N, 48, 48, 1) float32, still in 0..255: the network itself normalises.
    Raises DataError where the shape, the kind of number or the range is another.
    """
    try:
        images = np.asarray(images)
    except Exception:  # pictures of different sizes, an object that refuses
        images = np.empty(0, object)
    side = (IMAGE_SIZE, IMAGE_SIZE)
    if images.shape == side:
        images = images[np.newaxis]
    if images.shape[1:] == side:
        images = images[..., np.newaxis]
    if images.ndim != 4 or images.shape[1:] != (*side, 1):
        raise DataError(
            f"Expected grey pictures of shape (48, 48), (N, 48, 48) or (N, 48, 48, 1), found "
            f"{images.shape}; crop, resize or convert them to grey first."
        )
    if images.dtype != np.uint8:
        _check_range(images)
    return images.astype(np.float32)


def _check_range(images: np.ndarray) -> None:
    """Refuse numbers that are no grey values in 0..255."""
    if images.dtype.kind not in "uif":
        raise DataError(f"Expected grey values as numbers in 0..255, found dtype {images.dtype}; convert them first.")
    if images.size == 0:
        return
    low, high = images.min(), images.max()
    fits = low >= 0 and high <= 255  # written this way round so that NaN is refused too
    if fits and not (images.dtype.kind == "f" and 0 < high <= 1):
        return
    found, why, expression = found_and_way_out(images, "images")
    raise DataError(
        f"Expected grey values in 0..255, found {found}; {why}: {expression} (the network normalises by itself)."
    )


def batch_starts(count: int, size: int) -> list[int]:
    """Where the batches of `size` begin that `count` pictures are cut into.

    The last one reaches back into the one before it, so that all have one size: TensorFlow would make a network's graph
    anew for a smaller one. Fewer pictures than `size` are one batch.
    """
    return [min(start, max(0, count - size)) for start in range(0, count, size)]


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Probabilities of logits, exp(z) / sum(exp(z)) along an axis; same shape and dtype."""
    # the largest is taken away first: exp of a large number would be infinite
    powers = np.exp(logits - np.max(logits, axis=axis, keepdims=True, initial=-np.inf))
    return powers / powers.sum(axis=axis, keepdims=True)
