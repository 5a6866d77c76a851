"""The domain-shift lab: pictures as a webcam or a careless demo delivers them, and what each costs."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Split
from emotionlab.evaluation import confidence_interval, predict, score
from emotionlab.evaluation.evaluating import model_and_name
from emotionlab.labs import records
from emotionlab.metrics.predicting import shift
from emotionlab.runs.reference import SHIPPED

NAME = "domain_shift.json"
COMMAND = "uv run python -m emotionlab.labs domain_shift"
RUN = SHIPPED

UNCHANGED = "as it is"
"""The first row of `domain_shift`: the pictures without a change."""

SKIN = np.array([1.0, 0.77, 0.6], "float32")
"""Red, green and blue of skin, relative to red: a hue, not a brightness."""


# ---------------------------------------------------------------------------------- the distortions
# Each takes and returns pictures (N, 48, 48) uint8, grey, 0 = black.


def _each(images: np.ndarray, change: Callable) -> np.ndarray:
    """Apply a change of one float32 picture to all; back to whole numbers in 0..255."""
    changed = np.stack([change(image) for image in np.asarray(images, "float32")])
    return changed.round().clip(0, 255).astype("uint8")


def moved(images: np.ndarray) -> np.ndarray:
    """The box of the face detector sits 6 pixels too high: the face moves down, the edge repeats."""
    return shift(images[..., None], 6, 0)[..., 0]


def cropped_tight(images: np.ndarray) -> np.ndarray:
    """The box is a quarter too small: only the middle 36 x 36 pixels, enlarged to 48 x 48."""
    return _each(images[:, 6:-6, 6:-6], lambda picture: _resized(picture, 48))


def cropped_wide(images: np.ndarray) -> np.ndarray:
    """The box is a third too large: the face at three quarters of its size, the edge repeated around it."""
    wide = np.pad(images, ((0, 0), (8, 8), (8, 8)), mode="edge")
    return _each(wide, lambda picture: _resized(picture, 48))


def turned(images: np.ndarray) -> np.ndarray:
    """The head is tilted: 20 degrees against the clock, the edge repeated."""
    from emotionlab.base.opencv import cv2

    matrix = cv2.getRotationMatrix2D((23.5, 23.5), 20, 1)
    return _each(images, lambda picture: cv2.warpAffine(picture, matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE))


def blurred(images: np.ndarray) -> np.ndarray:
    """Out of focus: a Gaussian blur with a standard deviation of 1.5 pixels."""
    from emotionlab.base.opencv import cv2

    return _each(images, lambda picture: cv2.GaussianBlur(picture, (0, 0), 1.5))


def far_away(images: np.ndarray) -> np.ndarray:
    """The face is only 16 pixels wide in the camera's picture, and is enlarged to 48."""
    return _each(images, lambda picture: _resized(_resized(picture, 16), 48))


def darker(images: np.ndarray) -> np.ndarray:
    """Too little light: every grey value times 0.35."""
    return _each(images, lambda picture: 0.35 * picture)


def overexposed(images: np.ndarray) -> np.ndarray:
    """Too much light: every grey value doubled, and white where that is more than 255."""
    return _each(images, lambda picture: 2 * picture)


def noisy(images: np.ndarray) -> np.ndarray:
    """A cheap sensor in the evening: random noise with a standard deviation of 20 grey values (seed 0)."""
    rng = np.random.default_rng(0)
    return _each(images, lambda picture: picture + rng.normal(0, 20, picture.shape))


def swapped(images: np.ndarray) -> np.ndarray:
    """Red and blue are mistaken for each other before the picture is turned to grey.

    FER-2013 is grey, so the colour is put in first: each pixel gets the hue of skin at its own
    brightness. Turned to grey in the right order, that gives the picture back.
    """
    from emotionlab.base.opencv import cv2

    grey_of_skin = cv2.cvtColor(SKIN.reshape(1, 1, 3), cv2.COLOR_RGB2GRAY).item()
    return _each(images, lambda picture: cv2.cvtColor(picture[..., None] * (SKIN / grey_of_skin), cv2.COLOR_BGR2GRAY))


def masked(images: np.ndarray) -> np.ndarray:
    """A light grey mask over the mouth: the lower 18 rows."""
    covered = images.copy()
    covered[:, 30:] = 190
    return covered


def _resized(picture: np.ndarray, side: int) -> np.ndarray:
    from emotionlab.base.opencv import cv2

    kind = cv2.INTER_AREA if side < len(picture) else cv2.INTER_LINEAR
    return cv2.resize(picture, (side, side), interpolation=kind)


shifts: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "moved 6 pixels": moved,
    "cropped too tight": cropped_tight,
    "cropped too wide": cropped_wide,
    "turned 20 degrees": turned,
    "blurred": blurred,
    "far away": far_away,
    "too dark": darker,
    "too bright": overexposed,
    "noisy": noisy,
    "red and blue swapped": swapped,
    "mouth covered": masked,
}
"""Distortions by name; each takes and returns pictures (N, 48, 48) uint8. Its docstring says how much of it."""


# ---------------------------------------------------------------------------------- what each costs


def domain_shift(model, split: Split, tta: str = "none"):
    """Accuracy of a model on the same pictures under each of `shifts`: a DataFrame with a row for each.

    model: a keras.Model, a Run with weights, or its name. split: the pictures. tta: see `predict`.
    The first row is "as it is". Columns: accuracy (0 to 1), its 95 % Wilson interval accuracy_low and
    accuracy_high; lost, the accuracy that went missing; changed, the share of pictures whose answer
    changed (more than lost, for a wrong answer can change too).
    """
    from tqdm.auto import tqdm

    if not isinstance(split, Split):
        raise DataError(f"Expected a Split such as faces.test, found {type(split).__name__}; pass one of the splits.")
    network, _ = model_and_name(model)
    reports = {}
    all_shifts = {UNCHANGED: lambda images: images, **shifts}
    for name, change in tqdm(all_shifts.items(), desc="Shifting", unit="shift", delay=3, leave=False):
        changed = replace(split, images=change(split.images))
        reports[name] = score(split.labels, predict(network, changed.images, tta), name)
    answers = reports[UNCHANGED].predictions
    return _table(
        len(split),
        {name: int(report.correct.sum()) for name, report in reports.items()},
        {name: int((report.predictions != answers).sum()) for name, report in reports.items()},
    )


def _table(pictures: int, right: dict[str, int], changed: dict[str, int]):
    """The DataFrame of `domain_shift` from counts of right and of changed answers."""
    import pandas as pd

    rows = [(n / pictures, *confidence_interval(n, pictures), changed[name] / pictures) for name, n in right.items()]
    table = pd.DataFrame(rows, pd.Index(right, name="shift"), ["accuracy", "accuracy_low", "accuracy_high", "changed"])
    table.insert(3, "lost", table.accuracy[UNCHANGED] - table.accuracy)
    return table


def recorded_domain_shift():
    """`domain_shift` of the shipped scratch_cnn on the test pictures of the real FER-2013, as recorded."""
    record = records.read(NAME, COMMAND)
    return _table(record["pictures"], record["right"], record["changed"])


def record(faces) -> dict:
    """Measure the shipped network on the real test pictures; counts as JSON values."""
    table = domain_shift(RUN, faces.test)
    counts = (table[["accuracy", "changed"]] * len(faces.test)).round().astype(int)
    return {
        "run": RUN,
        "tta": "none",
        "pictures": len(faces.test),
        "right": counts.accuracy.to_dict(),
        "changed": counts.changed.to_dict(),
    }
