"""Maps of heat, to be looked at: laid over a picture, summed up by regions."""

import numpy as np

from emotionlab.base.arguments import array, expected, whole_number
from emotionlab.base.arrays import as_batch
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import IMAGE_SIZE

REGIONS = {"upper third": slice(0, 16), "middle third": slice(16, 32), "lower third": slice(32, 48)}
"""Rows of a picture; in a tightly cropped upright face they hold brows, eyes and nose, and mouth."""


def regions(maps: np.ndarray) -> dict[str, float]:
    """Share of the heat (0 to 1, adding up to 1) in each third of the picture; 0 everywhere for empty maps.

    maps: (48, 48) or (N, 48, 48), not negative. Raises EmotionLabError for anything else.
    """
    maps = _heat("maps", maps, 3, "heat of shape (48, 48) or (N, 48, 48)")
    whole = max(float(maps.sum()), 1e-12)
    return {name: float(maps[..., rows, :].sum()) / whole for name, rows in REGIONS.items()}


def overlay(image: np.ndarray, heat: np.ndarray, side: int = 288) -> np.ndarray:
    """Heat over a grey picture, (side, side, 3) uint8 RGB: the hotter, the brighter and the more opaque.

    image: (48, 48), 0..255. heat: (48, 48), 0..1. The colours are inferno, which is perceptually uniform. A white
    line, edged in black, runs round the places of at least 0.5, so that the map can be read without colours.
    Raises EmotionLabError for other shapes and values, and for a side that is not from 48 to 4096.
    """
    import cv2

    side = whole_number("side", side, at_least=IMAGE_SIZE, at_most=4096)
    size = (side, side)
    heat = np.nan_to_num(_heat("heat", heat, 2, "heat of shape (48, 48), from 0 to 1").astype("float32"))
    if len(as_batch(image)) != 1:
        raise EmotionLabError(expected("image", "one picture of shape (48, 48)", np.asarray(image)))
    grey = cv2.resize(as_batch(image)[0].astype("uint8"), size, interpolation=cv2.INTER_CUBIC)
    heat = cv2.resize(np.clip(heat, 0, 1), size, interpolation=cv2.INTER_LINEAR)
    colour = cv2.applyColorMap(np.uint8(255 * heat), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.25 + 0.4 * heat)[..., np.newaxis]
    blended = np.uint8((1 - cover) * grey[..., np.newaxis] + cover * colour)
    outlines, _ = cv2.findContours(np.uint8(heat >= 0.5), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    width = max(1, side // 96)
    cv2.drawContours(blended, outlines, -1, (0, 0, 0), 2 * width + 1, cv2.LINE_AA)
    cv2.drawContours(blended, outlines, -1, (255, 255, 255), width, cv2.LINE_AA)
    return blended


def _heat(name: str, value, most_axes: int, what: str) -> np.ndarray:
    heat = array(name, value, what)
    if not 2 <= heat.ndim <= most_axes or heat.shape[-2:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise EmotionLabError(expected(name, what, heat))
    return heat
