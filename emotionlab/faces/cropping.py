"""From a box round a face to the picture that the networks learned from: FER-2013's framing (lesson 10)."""

import json
import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from emotionlab.base.arguments import kind_of, yes_or_no
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.base.files import RECORDS
from emotionlab.base.pictures import decode, grey
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.faces.detectors import Box, known

RECORD = RECORDS / "fer2013_framing.json"
"""Where each detector sees the face in FER-2013's own pictures, measured by `emotionlab.labs.framing`."""

_MOST_TURN = 45  # degrees: beyond that, eyes that "lean" are more often a mistake than a tilted head
_FINEST = 16  # a face of up to 16 * 48 pixels is averaged exactly; a larger one is sampled


@dataclass(frozen=True)
class Framing:
    """Where a detector's box lies in a FER-2013 picture; all in shares of the picture's side.

    across, down: the box's centre. size: the square root of its area.
    """

    across: float
    down: float
    size: float


def framing(detector: str) -> Framing:
    """The measured framing of a detector, by name: medians over FER-2013 training pictures.

    Raises EmotionLabError for a detector that is not in the registry, or was never measured.
    """
    name, found = known(detector).name, measured_framings()
    if name not in found:
        raise EmotionLabError(
            f"Expected the framing of the detector {name!r} in {RECORD.name}, found that of {', '.join(found)}; "
            "measure it with: python -m emotionlab.labs framing"
        )
    return Framing(*(found[name][part] for part in ("across", "down", "size")))


@cache
def measured_framings() -> dict[str, dict]:
    """What the record says of each detector, by name."""
    return json.loads(RECORD.read_text(encoding="utf-8"))["detectors"]


def crop(image, box: Box, align: bool = True, channels: str = "RGB") -> np.ndarray:
    """One face as (48, 48) uint8, grey, framed as FER-2013 frames faces.

    image: whatever `emotionlab.base.pictures.decode` reads; channels as there. box: from `detect`.
    align: turn the head upright where the box has landmarks.
    What lies beyond the picture's edge repeats its last pixels.
    """
    return crop_all(decode(image, channels), [box], align)[0]


def crop_all(picture: np.ndarray, boxes: list[Box], align: bool = True) -> np.ndarray:
    """Every face of a decoded picture (H, W, 3) uint8: (number of boxes, 48, 48) uint8."""
    align = yes_or_no("align", align)
    kind_of("boxes", boxes, (list, tuple), "a list of Box", "pass what faces.detect returns", DataError)
    for box in boxes:
        kind_of("each of the boxes", box, Box, "a Box", "pass what faces.detect returns", DataError)
        if not (box.area > 0 and all(map(math.isfinite, (box.x, box.y, box.area)))):
            raise DataError(f"Expected a box with some area, found {box.width} x {box.height} pixels; detect it again.")
    shades = grey(picture)
    crops = [_cut(shades, box, align) for box in boxes]
    return np.stack(crops) if crops else np.empty((0, IMAGE_SIZE, IMAGE_SIZE), np.uint8)


def _cut(shades: np.ndarray, box: Box, align: bool) -> np.ndarray:
    """Sample the frame on a fine grid, then average the grid's cells: no pixel of a large face is skipped."""
    from emotionlab.base.opencv import cv2

    side = frame(box, align)[2]
    fine = max(1, min(_FINEST, math.ceil(side / IMAGE_SIZE - 0.01)))  # a rounding error asks for no finer grid
    grid = IMAGE_SIZE * fine
    matrix = _grid_to_picture(box, align, grid)
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(shades, matrix, (grid, grid), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return cut if fine == 1 else cv2.resize(cut, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)


def frame(box: Box, align: bool = True) -> tuple[float, float, float, float]:
    """The square that `crop` cuts out: centre x, centre y and side in pixels, and its turn in degrees (clockwise)."""
    found = framing(box.detector)
    angle = _lean(box) if align else 0.0
    side = math.sqrt(box.area) / found.size
    across, down = (0.5 - found.across) * side, (0.5 - found.down) * side
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    x, y = box.centre
    return x + cos * across - sin * down, y + sin * across + cos * down, side, angle


def _lean(box: Box) -> float:
    """How far the line through the eyes is turned, in degrees clockwise; 0 without landmarks."""
    if not box.landmarks:
        return 0.0
    (x1, y1), (x2, y2) = box.landmarks[:2]
    angle = math.degrees(math.atan2(y2 - y1, x2 - x1))
    return angle if abs(angle) <= _MOST_TURN else 0.0


def _grid_to_picture(box: Box, align: bool, grid: int) -> np.ndarray:
    """The (2, 3) matrix from a pixel of the grid to a place in the picture; centres of pixels onto centres."""
    x, y, side, angle = frame(box, align)
    step = side / grid
    cos, sin = step * math.cos(math.radians(angle)), step * math.sin(math.radians(angle))
    middle = (grid - 1) / 2
    shift_x = x - 0.5 - cos * middle + sin * middle
    shift_y = y - 0.5 - sin * middle - cos * middle
    return np.array([[cos, -sin, shift_x], [sin, cos, shift_y]])
