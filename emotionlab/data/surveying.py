"""The figures that describe a data set, and the file that keeps them for the lessons."""

import json
import platform
from importlib.metadata import version
from pathlib import Path

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.files import RECORDS, write_json
from emotionlab.data.dataset import Faces, checked_faces, content_checksum
from emotionlab.data.duplicates import find_duplicates

RECORD = RECORDS / "fer2013_survey.json"
"""Where the survey of the real FER-2013 is kept; it holds counts and averages, and no picture."""

COMMAND = "emotionlab data survey --record"


def survey(faces: Faces) -> dict:
    """Count and average: plain numbers, text, lists and dicts, ready for JSON.

    pictures, splits:      number of pictures in all and of each split.
    counts:                pictures of each class in each split.
    distinct, surplus:     different pictures, and pictures beyond the first of their kind.
    repeated_groups:       different pictures that occur at least twice.
    repeated:              pictures that came before in the same split, for each split.
    leaked, leaked_share:  validation and test pictures that also occur in train, and their share.
    test_in_validation:    test pictures that also occur in validation.
    conflicting_groups, conflicting_pictures: repeated pictures with more than one label, and how many
                           pictures they stand for.
    constant:              pictures of one single grey value, in all and of each split.
    mean, std:             of all training pixels, grey values in 0..255.
    class_mean:            mean grey value of each class's training pictures.
    majority:              the most frequent training class and the accuracy that naming it always gets.
    imbalance:             pictures of the most frequent training class for one of the rarest.
    """
    checked_faces(faces)
    duplicates = find_duplicates(faces)
    splits = faces.splits()
    counts = {name: split.counts() for name, split in splits.items()}
    constant = {name: _constant(split.images) for name, split in splits.items()}
    leaked = {"validation": duplicates.leaked_validation, "test": duplicates.leaked_test}
    return {
        "pictures": len(faces),
        "splits": {name: len(split) for name, split in splits.items()},
        "counts": counts,
        "distinct": duplicates.distinct,
        "surplus": len(faces) - duplicates.distinct,
        "repeated_groups": len(duplicates.groups),
        "repeated": {name: int(mask.sum()) for name, mask in duplicates.repeated.items()},
        "leaked": {name: int(mask.sum()) for name, mask in leaked.items()},
        "leaked_share": {name: float(mask.mean()) for name, mask in leaked.items()},
        "test_in_validation": int(duplicates.test_in_validation.sum()),
        "conflicting_groups": len(duplicates.conflicting),
        "conflicting_pictures": sum(len(group.labels) for group in duplicates.conflicting),
        "constant": {"all": sum(constant.values()), **constant},
        **_mean_and_std(faces.train.images),
        "class_mean": _class_means(faces),
        "majority": _majority(faces),
        "imbalance": max(counts["train"].values()) / max(1, min(counts["train"].values())),
    }


def record(faces: Faces, path: Path = RECORD) -> Path:
    """Write the survey of `faces` with its provenance to `path`, and return the path."""
    provenance = {
        "data": faces.name,
        "source": faces.source,
        "notes": list(faces.notes),
        "checksum": content_checksum(faces.splits()),
        "command": COMMAND,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("emotionlab", "numpy", "pillow")},
    }
    write_json(path, {**survey(faces), "provenance": provenance})
    return path


def recorded(path: Path = RECORD) -> dict:
    """The survey of the real FER-2013 that comes with the package."""
    return json.loads(path.read_text(encoding="utf-8"))


def _constant(images: np.ndarray) -> int:
    return int((images.min(axis=(1, 2)) == images.max(axis=(1, 2))).sum())


def _mean_and_std(images: np.ndarray) -> dict[str, float]:
    """From a histogram: exact, and without a copy of all pixels as floating numbers."""
    values, share = np.arange(256), np.bincount(images.ravel(), minlength=256) / images.size
    mean = float((values * share).sum())
    return {"mean": mean, "std": float(((values - mean) ** 2 * share).sum() ** 0.5)}


def _class_means(faces: Faces) -> dict[str, float]:
    train = faces.train
    present = [(i, emotion) for i, emotion in enumerate(EMOTIONS) if (train.labels == i).any()]
    return {emotion: float(train.images[train.labels == i].mean()) for i, emotion in present}


def _majority(faces: Faces) -> dict:
    label = int(np.bincount(faces.train.labels, minlength=len(EMOTIONS)).argmax())
    accuracy = {name: float((split.labels == label).mean()) for name, split in faces.splits().items()}
    return {"emotion": EMOTIONS[label], "accuracy": accuracy}
