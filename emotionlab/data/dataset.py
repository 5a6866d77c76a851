"""What a data set is here: three splits, each an array of pictures with its labels and file names."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.settings import IMAGE_SIZE


@dataclass(frozen=True)
class Split:
    """Pictures of one split, in a fixed order.

    images: (N, 48, 48) uint8, grey, 0 = black.
    labels: (N,) int64, the index into `emotionlab.EMOTIONS`.
    files:  (N,) str, the name each picture had in its source.
    """

    images: np.ndarray
    labels: np.ndarray
    files: np.ndarray

    def __post_init__(self):
        n = len(self.images)
        if self.images.shape != (n, IMAGE_SIZE, IMAGE_SIZE) or self.images.dtype != np.uint8:
            raise DataError(
                f"Expected images of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}) and dtype uint8, found "
                f"{self.images.shape} {self.images.dtype}; reshape or convert them first."
            )
        if self.labels.shape != (n,) or self.files.shape != (n,):
            raise DataError(
                f"Expected one label and one file name for each of {n} images, found "
                f"{self.labels.shape} labels and {self.files.shape} names."
            )

    def __len__(self) -> int:
        return len(self.images)

    def counts(self) -> dict[str, int]:
        """Number of pictures of each emotion, in label order."""
        per_class = np.bincount(self.labels, minlength=len(EMOTIONS))
        return dict(zip(EMOTIONS, per_class.tolist(), strict=True))

    def take(self, index) -> "Split":
        """The pictures at `index` (an integer array, a boolean mask or a slice) as a new Split."""
        return Split(self.images[index], self.labels[index], self.files[index])

    def sample(self, size: int, seed: int = 0) -> "Split":
        """`size` pictures drawn without replacement (all of them when there are fewer), shuffled."""
        order = np.random.default_rng(seed).permutation(len(self))
        return self.take(order[:size])


@dataclass(frozen=True)
class Faces:
    """A data set in three splits.

    name:   "fer2013" or "drawn".
    source: where the pictures came from, one line for a person to read.
    notes:  what was decided on the way (such as a split drawn by us), each one sentence.
    checksum: hexadecimal SHA-256 over the pixels and labels of the three splits.
    """

    train: Split
    validation: Split
    test: Split
    name: str
    source: str
    notes: tuple[str, ...] = field(default=())
    checksum: str = ""

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)

    def splits(self) -> dict[str, Split]:
        """The three splits by name, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def sample(self, size: int, seed: int = 0) -> "Faces":
        """About `size` pictures in all, with the splits in their original proportions."""
        share = min(1.0, size / max(1, len(self)))
        smaller = {k: s.sample(max(1, round(share * len(s))), seed) for k, s in self.splits().items()}
        return replace(self, **smaller, checksum="")


def content_checksum(splits: dict[str, Split]) -> str:
    """Hexadecimal SHA-256 over the pixels and labels of the splits, in the order given."""
    digest = hashlib.sha256()
    for split in splits.values():
        digest.update(np.ascontiguousarray(split.images))
        digest.update(split.labels.astype("<i8"))
    return digest.hexdigest()
