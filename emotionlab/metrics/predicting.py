"""What a model predicts: probabilities of pictures, averaged over several views (lesson 03).

probabilities = predict(model, faces.test.images)         # (N, 7)
"""

from collections.abc import Iterator

import numpy as np

from emotionlab.base.arguments import array, choice, whole_number
from emotionlab.base.arrays import as_batch, batch_starts, softmax
from emotionlab.base.errors import DataError, RunError
from emotionlab.metrics.scoring import CLASSES

SHIFTS = ((0, 0), (2, 0), (-2, 0), (0, 2), (0, -2))
"""The shifts of tta="flip_shift", in pixels (down, right)."""

TTA = ("none", "flip", "flip_shift")
"""What test-time augmentation can be: 1, 2 or 10 views of each picture."""


def views(batch: np.ndarray, tta: str = "none") -> Iterator[np.ndarray]:
    """The views of a batch that test-time augmentation averages over, one after the other.

    batch: (N, H, W, 1) pictures. tta: "none" gives the batch itself; "flip" adds its mirror image;
    "flip_shift" gives both, each unshifted and moved by 2 pixels down, up, right and left, with the
    edge pixels repeated where the picture moved away. Raises RunError for any other word.
    """
    choice("tta", tta, TTA, RunError)
    batch = array("batch", batch, "pictures (N, H, W, 1)", DataError)
    if batch.ndim < 3:
        raise DataError(f"Expected pictures of shape (N, H, W, 1), found {batch.shape}; add the axes.")
    mirrored = (batch,) if tta == "none" else (batch, batch[:, :, ::-1])
    for pictures in mirrored:
        for down, right in SHIFTS if tta == "flip_shift" else SHIFTS[:1]:
            yield shift(pictures, down, right)


def shift(batch: np.ndarray, down: int, right: int) -> np.ndarray:
    """Pictures (N, H, W, 1) moved by whole pixels, with the edge pixels repeated; same shape and dtype."""
    batch = array("batch", batch, "pictures (N, H, W, 1)", DataError)
    if batch.ndim < 3:
        raise DataError(f"Expected pictures of shape (N, H, W, 1), found {batch.shape}; add the axes.")
    down, right = (whole_number(*pair, -10_000, 10_000, DataError) for pair in (("down", down), ("right", right)))
    if down == 0 and right == 0:
        return batch
    height, width = batch.shape[1:3]
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return batch[:, rows][:, :, columns]


def predict(model, images: np.ndarray, tta: str = "none", batch_size: int = 64) -> np.ndarray:
    """Probabilities (N, 7) float32 of each emotion, the softmax of the model's logits.

    model:  a keras.Model that takes (N, 48, 48, 1) pictures in 0..255 and returns logits (N, 7).
    images: (N, 48, 48) uint8, or whatever `emotionlab.base.arrays.as_batch` takes.
    tta:    test-time augmentation; with "flip" or "flip_shift" the result is the mean of the
            probabilities of all `views` of a picture (twice or ten times the work).

    A progress bar appears when it takes longer than three seconds. Raises RunError when the model
    does not return finite logits of shape (N, 7), DataError when the images cannot be read.
    """
    from tqdm.auto import tqdm

    choice("tta", tta, TTA, RunError)
    batch_size = whole_number("batch_size", batch_size, at_least=1, error=RunError)
    _check_network(model)
    batch = as_batch(images)
    probabilities = np.zeros((len(batch), CLASSES), "float32")
    for start in tqdm(batch_starts(len(batch), batch_size), desc="Predicting", unit="batch", delay=3, leave=False):
        part = batch[start : start + batch_size]
        seen = [softmax(_logits(model, view)) for view in views(part, tta)]
        probabilities[start : start + batch_size] = np.mean(seen, axis=0)
    return probabilities


def _check_network(model) -> None:
    """Refuse what is no network, and one that is known to take or return something else."""
    from emotionlab.base.backend import keras
    from emotionlab.models import checking

    if isinstance(model, keras.Model):
        if (
            checking.shape_of(model, "input_shape") is not None
        ):  # a class of one's own has no shapes before its first call
            checking.checked(model)
    elif not callable(getattr(model, "predict_on_batch", None)):
        checking.checked(model)


def _logits(model, batch: np.ndarray) -> np.ndarray:
    """The model's output (N, 7) float32 for one batch, or a RunError that says what is wrong with it."""
    # predict_on_batch answers in milliseconds; model.predict sets up a data pipeline at each call.
    try:
        output = model.predict_on_batch(batch)
    except Exception as problem:  # each backend raises errors of its own
        raise RunError(
            f"Expected a network that takes pictures of shape {batch.shape[1:]}, found that it stops at them "
            f"({type(problem).__name__}: {' '.join(str(problem).split())[:200]}); begin it with "
            "keras.Input((48, 48, 1))."
        ) from problem
    shape = getattr(output, "shape", None)
    if shape != (len(batch), CLASSES):
        raise RunError(
            f"Expected the model to return logits of shape ({len(batch)}, {CLASSES}), one for each emotion, "
            f"found {shape or type(output).__name__}; end the model with Dense({CLASSES})."
        )
    logits = np.asarray(output, "float32")
    if not np.isfinite(logits).all():
        raise RunError(
            "Expected finite logits, found NaN or infinity in the model's output; the training diverged: "
            "train again with a lower learning rate."
        )
    if (logits >= 0).all() and np.allclose(logits.sum(axis=1), 1, atol=1e-2):
        raise RunError(
            "Expected logits, found outputs that already add up to 1, so that a second softmax would flatten "
            "them; remove the softmax from the model's last layer."
        )
    return logits
