"""Measure how FER-2013 frames its faces, so that a face from a webcam can be framed the same way.

    uv run python -m emotionlab.labs framing

Training pictures are enlarged four times and set on a grey ground, each detector looks for the face, and the
median place and size of its box is the framing. Then the validation pictures take the whole way that a
photo takes (detect, crop, classify): what accuracy is left tells what the framing is worth.
"""

import numpy as np

from emotionlab.base import settings
from emotionlab.base.files import write_json
from emotionlab.faces import cropping
from emotionlab.faces.detectors import REGISTRY, Box, Detector, detector
from emotionlab.recognition.light import LightNetwork
from emotionlab.runs import reference

NAME = cropping.RECORD.name
COMMAND = "uv run python -m emotionlab.labs framing"
PICTURES, CHECKED = 1000, 500
"""How many training pictures are measured, and on how many validation pictures the framing is tried."""

ENLARGED, GROUND = 4, 128
_SIDE = settings.IMAGE_SIZE * ENLARGED
_EDGE = _SIDE // 2


def photo(image: np.ndarray, turn: float = 0.0) -> np.ndarray:
    """A FER-2013 picture as if cut from a photo: four times as large, on grey ground, turned by degrees clockwise.

    image: (48, 48) uint8. Returns (384, 384, 3) uint8.
    """
    from emotionlab.base.opencv import cv2

    large = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, *[_EDGE] * 4, cv2.BORDER_CONSTANT, value=GROUND)
    if turn:
        middle = ((large.shape[1] - 1) / 2, (large.shape[0] - 1) / 2)
        matrix = cv2.getRotationMatrix2D(middle, -turn, 1.0)
        large = cv2.warpAffine(large, matrix, large.shape[::-1], borderValue=GROUND)
    return np.repeat(large[..., None], 3, axis=2)


def measure(images: np.ndarray, search: Detector) -> dict:
    """Median place and size of the boxes in FER-2013 pictures (N, 48, 48), in shares of the picture's side."""
    boxes = [found[0] for image in _progress(images) if (found := search(photo(image)))]
    places = np.array([_place(box) for box in boxes])
    across, down, size = np.median(places, axis=0)
    quartiles = np.percentile(places[:, 2], (25, 75))
    return {
        "across": round(float(across), 4),
        "down": round(float(down), 4),
        "size": round(float(size), 4),
        "size_quartiles": [round(float(q), 4) for q in quartiles],
        "found": round(len(boxes) / len(images), 4),
    }


def _place(box: Box) -> tuple[float, float, float]:
    x, y = box.centre
    return (x - _EDGE) / _SIDE, (y - _EDGE) / _SIDE, box.area**0.5 / _SIDE


def recropped(images: np.ndarray, search: Detector, align: bool, margin: float = 1.0, turn: float = 0.0):
    """FER-2013 pictures sent the way of a photo: (index of those whose face was found, their crops).

    margin: 1 is the measured framing, 1.4 a frame 40 % too wide.
    """
    index, crops = [], []
    for i, image in enumerate(_progress(images)):
        picture = photo(image, turn)
        if found := search(picture):
            index.append(i)
            crops.append(cropping.crop_all(picture, [_wider(found[0], margin)], align)[0])
    return np.array(index, int), np.stack(crops)


def _wider(box: Box, margin: float) -> Box:
    from dataclasses import replace

    x, y = box.centre
    width, height = box.width * margin, box.height * margin
    return replace(box, x=x - width / 2, y=y - height / 2, width=width, height=height)


def check(split, search: Detector) -> dict:
    """Accuracy of the shipped network on validation pictures as they are and after detecting and cropping them."""
    network = LightNetwork(reference.load(reference.SHIPPED))

    def accuracy(images, labels) -> float:
        parts = np.array_split(images, max(1, len(images) // 64))
        predicted = np.concatenate([network(part).argmax(axis=1) for part in parts])
        return round(float((predicted == labels).mean()), 4)

    def found_and_right(**how) -> dict:
        index, crops = recropped(split.images, search, **how)
        return {
            **how,
            "found": len(index),
            "accuracy_before": accuracy(split.images[index], split.labels[index]),
            "accuracy_after": accuracy(crops, split.labels[index]),
        }

    aligned = REGISTRY[search.name].finds_eyes  # without eyes there is nothing to align by
    ways = [{"align": aligned, "margin": margin, "turn": 0} for margin in (0.7, 1.0, 1.4)]
    ways.append({"align": aligned, "margin": 1.0, "turn": 20})
    if aligned:
        ways += [{"align": False, "margin": 1.0, "turn": turn} for turn in (0, 20)]
    return {"pictures": len(split), "ways": [found_and_right(**way) for way in ways]}


def _progress(images):
    from tqdm.auto import tqdm

    return tqdm(images, unit=" pictures", leave=False)


def record(faces) -> dict:
    """Measure both detectors on FER-2013 and keep the result in the package."""
    train, validation = faces.train.sample(PICTURES), faces.validation.sample(CHECKED)
    found = {
        "what": "where each detector's box lies in FER-2013 pictures, in shares of the picture's side (medians)",
        "command": COMMAND,
        "data": {"checksum": faces.checksum, "training_pictures": len(train), "seed": 0},
        "detectors": {},
    }
    for name in REGISTRY:
        search = detector(name)
        search.longest = 2 * _SIDE
        found["detectors"][name] = measure(train.images, search)
    _keep(found)  # before the check, which crops by what is kept
    for name in REGISTRY:
        found["detectors"][name]["check"] = check(validation, detector(name))
    _keep(found)
    return found


def _keep(record: dict) -> None:
    write_json(cropping.RECORD, record)
    cropping.measured_framings.cache_clear()
