"""Draw what was recognised onto a picture, so that it can be read on light and dark and without colours."""

import itertools

import numpy as np

from emotionlab.base.emotions import COLORS

_DARK, _LIGHT = (20, 20, 20), (255, 255, 255)
_UNSURE = (200, 200, 200)


def draw_faces(picture: np.ndarray, faces, smallest: int = 0) -> np.ndarray:
    """A copy of `picture` with a box and a label on each face.

    picture: (H, W, 3) uint8, red first. faces: objects with `box`, `text`, `emotion`.
    smallest: a picture whose longer side is shorter than this is enlarged first, so that text fits.
    The label says emotion and confidence in words; a face that is "not sure" has a dashed box.
    """
    from emotionlab.base.opencv import cv2

    times = max(1, round(smallest / max(picture.shape[:2]))) if smallest else 1
    canvas = np.repeat(np.repeat(picture, times, axis=0), times, axis=1)  # always a copy
    unit = max(1, round(max(canvas.shape[:2]) / 500))
    for face in faces:
        colour = _rgb(COLORS[face.emotion]) if face.emotion in COLORS else _UNSURE
        corners = _corners(face.box, times)
        _box(cv2, canvas, corners, colour, unit, dashed=face.emotion not in COLORS)
    for face in faces:  # after all boxes, so that none runs through a label
        colour = _rgb(COLORS[face.emotion]) if face.emotion in COLORS else _UNSURE
        _label(cv2, canvas, _corners(face.box, times), face.text, colour, unit)
    return canvas


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _corners(box, times: int) -> tuple[int, int, int, int]:
    left, top = round(box.x * times), round(box.y * times)
    return left, top, round((box.x + box.width) * times), round((box.y + box.height) * times)


def _box(cv2, canvas, corners, colour, unit, dashed) -> None:
    """Light on dark on everything: the dark line under the coloured one shows on a bright ground."""
    left, top, right, bottom = corners
    points = ((left, top), (right, top), (right, bottom), (left, bottom))
    for start, end in zip(points, (*points[1:], points[0]), strict=True):
        cv2.line(canvas, start, end, _DARK, 4 * unit, cv2.LINE_AA)
    for start, end in zip(points, (*points[1:], points[0]), strict=True):
        for one, other in _dashes(start, end, 8 * unit) if dashed else [(start, end)]:
            cv2.line(canvas, one, other, colour, 2 * unit, cv2.LINE_AA)


def _dashes(start, end, length: int):
    """The line from start to end in pieces, every second one left out."""
    (x1, y1), (x2, y2) = start, end
    pieces = max(1, round(max(abs(x2 - x1), abs(y2 - y1)) / length))
    xs, ys = np.linspace(x1, x2, pieces + 1).round(), np.linspace(y1, y2, pieces + 1).round()
    points = [(int(x), int(y)) for x, y in zip(xs, ys, strict=True)]
    return list(itertools.pairwise(points))[::2]


def _label(cv2, canvas, corners, text: str, colour, unit: int) -> None:
    """White text on a dark bar with a stripe of the emotion's colour, above the box or just inside it."""
    font, size, around = cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit, 3 * unit
    (width, height), below = cv2.getTextSize(text, font, size, unit)
    high = height + below + 2 * around
    wide = width + 4 * around
    left = int(np.clip(corners[0], 0, max(0, canvas.shape[1] - wide)))
    top = corners[1] - high if corners[1] >= high else corners[1]
    top = int(np.clip(top, 0, max(0, canvas.shape[0] - high)))
    cv2.rectangle(canvas, (left, top), (left + wide, top + high), _DARK, cv2.FILLED)
    cv2.rectangle(canvas, (left, top), (left + around, top + high), colour, cv2.FILLED)
    place = (left + 2 * around, top + around + height)
    cv2.putText(canvas, text, place, font, size, _LIGHT, unit, cv2.LINE_AA)
