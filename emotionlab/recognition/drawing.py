"""Draw what was recognised onto a picture, so that it can be read on light and dark and without colours."""

import itertools
from functools import partial

import numpy as np

from emotionlab.base.emotions import COLORS
from emotionlab.recognition.labels import place_labels

_DARK, _LIGHT = (20, 20, 20), (255, 255, 255)
_UNSURE = (200, 200, 200)


def draw_faces(picture: np.ndarray, faces, smallest: int = 0) -> np.ndarray:
    """A copy of `picture` with a box and a label on each face.

    picture: (H, W, 3) uint8, red first. faces: objects with `box`, `text`, `emotion`.
    smallest: a picture whose longer side is shorter than this is enlarged first, so that text fits.
    The label says emotion and confidence in words; a face that is "not sure" has a dashed box. Labels cover neither
    each other nor another face, as far as there is room; one that stands apart has a line to its face.
    """
    from emotionlab.base.opencv import cv2

    times = max(1, round(smallest / max(picture.shape[:2]))) if smallest else 1
    canvas = np.repeat(np.repeat(picture, times, axis=0), times, axis=1)  # always a copy
    unit = max(1, round(max(canvas.shape[:2]) / 500))
    boxes = [_corners(face.box, times) for face in faces]
    colours = [_rgb(COLORS[face.emotion]) if face.emotion in COLORS else _UNSURE for face in faces]
    for face, box, colour in zip(faces, boxes, colours, strict=True):
        _box(cv2, canvas, box, colour, unit, dashed=face.emotion not in COLORS)
    sizes = [partial(_label_size, cv2, face.text, unit) for face in faces]
    high, wide = canvas.shape[:2]
    places = place_labels(boxes, sizes, wide, high)
    for box, (_, place), colour in zip(boxes, places, colours, strict=True):
        _leader(cv2, canvas, box, place, colour, unit)
    for face, (scale, place), colour in zip(faces, places, colours, strict=True):  # after all boxes and lines
        _label(cv2, canvas, place, face.text, colour, unit, scale)
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


def _leader(cv2, canvas, box, place, colour, unit: int) -> None:
    """A line from a label that stands apart to the face that it belongs to."""
    if place[1] <= box[3] and place[3] >= box[1]:
        return
    x = min(max((box[0] + box[2]) // 2, place[0]), place[2])
    start, end = ((x, place[3]), (x, box[1])) if place[3] < box[1] else ((x, place[1]), (x, box[3]))
    cv2.line(canvas, start, end, _DARK, 3 * unit, cv2.LINE_AA)
    cv2.line(canvas, start, end, colour, unit, cv2.LINE_AA)


def _label_size(cv2, text: str, unit: int, scale: float) -> tuple[int, int]:
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit * scale, unit)
    return width + 12 * unit, height + below + 6 * unit


def _label(cv2, canvas, place, text: str, colour, unit: int, scale: float) -> None:
    """White text on a dark bar with a stripe of the emotion's colour."""
    font, size, around = cv2.FONT_HERSHEY_SIMPLEX, 0.5 * unit * scale, 3 * unit
    (_, height), _ = cv2.getTextSize(text, font, size, unit)
    left, top, right, bottom = place
    cv2.rectangle(canvas, (left, top), (right - 1, bottom - 1), _DARK, cv2.FILLED)
    cv2.rectangle(canvas, (left, top), (left + around, bottom - 1), colour, cv2.FILLED)
    cv2.putText(canvas, text, (left + 2 * around, top + around + height), font, size, _LIGHT, unit, cv2.LINE_AA)
