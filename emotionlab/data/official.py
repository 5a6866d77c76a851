"""FER-2013 as published (Goodfellow et al. 2013): how many pictures each class has in each split."""

from emotionlab.base.emotions import EMOTIONS
from emotionlab.data.dataset import Faces

COUNTS = {
    "train": dict(zip(EMOTIONS, (3995, 436, 4097, 7215, 4830, 3171, 4965), strict=True)),
    "validation": dict(zip(EMOTIONS, (467, 56, 496, 895, 653, 415, 607), strict=True)),
    "test": dict(zip(EMOTIONS, (491, 55, 528, 879, 594, 416, 626), strict=True)),
}
"""Pictures of each class in Training, PublicTest (validation) and PrivateTest (test)."""


def first_difference(faces: Faces) -> str | None:
    """The first class and split whose count differs from the published one, in words; None if all agree."""
    for name, split in faces.splits().items():
        for emotion, found in split.counts().items():
            if found != COUNTS[name][emotion]:
                return f"{COUNTS[name][emotion]:,} {emotion} pictures in {name}, found {found:,}"
    return None
