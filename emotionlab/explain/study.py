"""Where the shipped network looks: occlusion maps of many FER-2013 photographs, averaged (lesson 08).

    study = recorded()
    study.table          # a row a photograph: label, predicted, drop in each region of the face
    study.maps["happy"]  # (48, 48): the mean drop over the photographs that are called happy

Recorded are means and drops of probability, no picture. `python -m emotionlab.labs occlusion` measures them
anew, with FER-2013 at hand.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotionlab.base.errors import DataError
from emotionlab.base.files import RECORDS
from emotionlab.base.settings import IMAGE_SIZE

RECORD = RECORDS / "fer2013_occlusion.json"
STRIDE = 4
"""Step of the grey square in pixels. A map then has one value for each block of 4 x 4 pixels."""

BOXES = {"brows and eyes": (slice(9, 24), slice(8, 40)), "mouth": (slice(31, 46), slice(12, 36))}
"""Rows and columns of the parts of an upright, tightly cropped face."""


def face_regions() -> dict[str, np.ndarray]:
    """Three masks (48, 48) bool that together cover the picture once: brows and eyes, mouth, rest."""
    masks = {}
    for name, box in BOXES.items():
        masks[name] = np.zeros((IMAGE_SIZE, IMAGE_SIZE), bool)
        masks[name][box] = True
    return masks | {"rest": ~np.any(list(masks.values()), axis=0)}


def region_means(maps: np.ndarray):
    """The mean of each map over each region: a DataFrame with a row a map and a column a region.

    maps: (N, 48, 48). It is the mean over the pixels, not the sum: a region does not win by its area.
    Raises DataError for another shape.
    """
    import pandas as pd

    maps = np.asarray(maps)
    if maps.ndim != 3 or maps.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(
            f"Expected maps of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), found {maps.shape}; for one map, pass maps[None]."
        )
    return pd.DataFrame({name: maps[:, mask].mean(axis=1) for name, mask in face_regions().items()})


@dataclass(frozen=True, eq=False)
class Study:
    """Occlusion of many photographs.

    table: DataFrame, a row a photograph: label, predicted (names), confidence, and the mean drop of the
        probability of the predicted emotion in each region of `face_regions`.
    maps: name of an emotion -> (48, 48), the mean drop over the photographs predicted so; the key "all" holds
        the mean over all photographs. An emotion that was never predicted is left out.
    about: run, weights, pictures, command, as plain values.
    """

    table: object
    maps: dict[str, np.ndarray]
    about: dict


def recorded(path: Path = RECORD) -> Study:
    """The study that ships with the course; needs no data set and no network."""
    import pandas as pd

    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    table, blocks = pd.DataFrame(stored.pop("table")), stored.pop("maps")
    maps = {
        name: np.kron(np.float32(values) / 1e5, np.ones((STRIDE, STRIDE), "float32")) for name, values in blocks.items()
    }
    return Study(table, maps, stored)
