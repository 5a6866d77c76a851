"""Pictures with faces in them for the tests: drawn faces, enlarged and set into a scene."""

from pathlib import Path

import numpy as np
import pytest

from emotionlab.base import settings
from emotionlab.data.drawn import draw_face

# the data folder of the person who runs the tests, read before the tests get folders of their own
REAL_DATA = settings.data_dir()

HAPPY, SURPRISE, NEUTRAL = {6: 0.8, 12: 1.0, 25: 0.9}, {1: 0.9, 2: 0.9, 5: 0.8, 26: 0.9}, {}


def face(units=None, side=192, identity=None, **pose) -> np.ndarray:
    """A drawn face (side, side) uint8."""
    from emotionlab.base.opencv import cv2

    small = draw_face(HAPPY if units is None else units, identity, **pose)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)


def scene(places=((200, 140),), units=None, side=192, size=(480, 640), ground=60, faces=None) -> np.ndarray:
    """A picture (H, W, 3) uint8 with a face at each place (left, top)."""
    picture = np.full(size, ground, np.uint8)
    for i, (left, top) in enumerate(places):
        one = face(units, side) if faces is None else faces[i]
        high, wide = min(one.shape[0], size[0] - top), min(one.shape[1], size[1] - left)
        picture[top : top + high, left : left + wide] = one[:high, :wide]
    return np.repeat(picture[..., None], 3, axis=2)


def tinted(picture: np.ndarray) -> np.ndarray:
    """The same scene in colour, so that red and blue are told apart."""
    return (picture * np.array([1.0, 0.85, 0.6])).astype(np.uint8)


def photo(name: str) -> Path:
    """A photo of the folder that EMOTIONLAB_PHOTOS names, or skip aloud."""
    folder = settings.photos()
    if folder is None:
        pytest.skip("photos: set EMOTIONLAB_PHOTOS to a folder with astronaut.png and openimages_four_people.jpg")
    return folder / name


def write_film(path, pictures, fps=10, letters="FFV1"):
    """A lossless video of pictures (H, W, 3), red first."""
    from emotionlab.base.opencv import cv2

    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*letters), fps, (width, height))
    assert writer.isOpened()
    for picture in pictures:
        writer.write(np.ascontiguousarray(picture[..., ::-1]))
    writer.release()
    return path
