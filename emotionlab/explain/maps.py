"""Maps of heat, to be looked at: laid over a picture, summed up by regions."""

import numpy as np

REGIONS = {"upper third": slice(0, 16), "middle third": slice(16, 32), "lower third": slice(32, 48)}
"""Rows of a picture; in a tightly cropped upright face they hold brows, eyes and nose, and mouth."""


def regions(maps: np.ndarray) -> dict[str, float]:
    """Share of the heat (0 to 1, adding up to 1) in each third of the picture; 0 everywhere for empty maps.

    maps: (48, 48) or (N, 48, 48), not negative.
    """
    whole = max(float(maps.sum()), 1e-12)
    return {name: float(maps[..., rows, :].sum()) / whole for name, rows in REGIONS.items()}


def overlay(image: np.ndarray, heat: np.ndarray, side: int = 288) -> np.ndarray:
    """Heat over a grey picture, (side, side, 3) uint8 RGB: the hotter, the brighter and the more opaque.

    image: (48, 48), 0..255. heat: (48, 48), 0..1. The colours are inferno, which is perceptually uniform. A white
    line, edged in black, runs round the places of at least 0.5, so that the map can be read without colours.
    """
    import cv2

    size = (side, side)
    grey = cv2.resize(np.asarray(image, "uint8"), size, interpolation=cv2.INTER_CUBIC)
    heat = cv2.resize(np.asarray(heat, "float32"), size, interpolation=cv2.INTER_LINEAR)
    colour = cv2.applyColorMap(np.uint8(np.clip(255 * heat, 0, 255)), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.25 + 0.4 * heat)[..., np.newaxis]
    blended = np.uint8((1 - cover) * grey[..., np.newaxis] + cover * colour)
    outlines, _ = cv2.findContours(np.uint8(heat >= 0.5), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    width = max(1, side // 96)
    cv2.drawContours(blended, outlines, -1, (0, 0, 0), 2 * width + 1, cv2.LINE_AA)
    cv2.drawContours(blended, outlines, -1, (255, 255, 255), width, cv2.LINE_AA)
    return blended
