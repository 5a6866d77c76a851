"""What a data set is here: three splits, each an array of pictures with its labels and file names."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np

from emotionlab.base.arguments import expected, kind_of, shown, text, whole_number
from emotionlab.base.arguments import labels as checked_labels
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
        side = (IMAGE_SIZE, IMAGE_SIZE)
        images, files = (_array_or_none(part) for part in (self.images, self.files))
        if images is None or images.shape[1:] != side or images.dtype != np.uint8:
            raise DataError(
                f"Expected images of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}) and dtype uint8, found "
                f"{shown(self.images)}; reshape or convert them first."
            )
        known = checked_labels("labels", self.labels, len(EMOTIONS), DataError)
        if known.shape != images.shape[:1] or files is None or files.shape != images.shape[:1]:
            found = shown(self.files) if files is None else f"{files.shape} names"
            raise DataError(
                f"Expected one label and one file name for each of {len(images)} images, found "
                f"{known.shape} labels and {found}."
            )
        for name, part in (("images", images), ("labels", known), ("files", files)):
            object.__setattr__(self, name, part)

    def __len__(self) -> int:
        return len(self.images)

    def counts(self) -> dict[str, int]:
        """Number of pictures of each emotion, in label order."""
        per_class = np.bincount(self.labels, minlength=len(EMOTIONS))
        return dict(zip(EMOTIONS, per_class.tolist(), strict=True))

    def take(self, index) -> "Split":
        """The pictures at `index` (an integer array, a boolean mask or a slice) as a new Split.

        Raises DataError for any other index, and for one beyond the pictures.
        """
        try:
            return Split(self.images[index], self.labels[index], self.files[index])
        except (IndexError, TypeError, ValueError) as problem:
            if isinstance(problem, DataError) and not isinstance(index, int | np.integer):
                raise
            raise DataError(
                f"Expected an array of whole numbers below {len(self)}, a mask of {len(self)} or a slice, found "
                f"{shown(index)}; for one picture write [0:1]."
            ) from None

    def sample(self, size: int, seed: int = 0) -> "Split":
        """`size` pictures drawn without replacement (all of them when there are fewer), shuffled."""
        size = whole_number("size", size, at_least=0, error=DataError)
        seed = whole_number("seed", seed, at_least=0, error=DataError)
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

    def __post_init__(self):
        for name, split in self.splits().items():
            checked_split(name, split, empty=True)
        for name in ("name", "source", "checksum"):
            text(name, getattr(self, name), DataError)
        notes = self.notes
        if not isinstance(notes, tuple | list) or not all(isinstance(note, str) for note in notes):
            raise DataError(expected("notes", "a tuple of texts", notes))

    def __len__(self) -> int:
        return len(self.train) + len(self.validation) + len(self.test)

    def splits(self) -> dict[str, Split]:
        """The three splits by name, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    def sample(self, size: int, seed: int = 0) -> "Faces":
        """About `size` pictures in all, with the splits in their original proportions."""
        size = whole_number("size", size, at_least=1, at_most=2**53, error=DataError)
        share = min(1.0, size / max(1, len(self)))
        smaller = {k: s.sample(max(1, round(share * len(s))), seed) for k, s in self.splits().items()}
        return replace(self, **smaller, checksum="")


def checked_split(name: str, value, empty: bool = False, error=DataError) -> Split:
    """`value`, if it is a Split; unless `empty` is allowed, one that holds pictures."""
    kind_of(name, value, Split, "a Split", "pass one of the splits, such as faces.validation or faces.test", error)
    if not empty and len(value) == 0:
        raise error(f"Expected {name} to hold pictures, found an empty Split; load the data again, or take more of it.")
    return value


def checked_faces(value, error=DataError) -> Faces:
    """`value`, if it is Faces with pictures in each of its splits."""
    kind_of("faces", value, Faces, "Faces", "pass what el.load_faces() returns", error)
    for name, split in value.splits().items():
        checked_split(f"faces.{name}", split, error=error)
    return value


def _array_or_none(value) -> np.ndarray | None:
    """An array with at least one axis, or None for what is none."""
    try:
        array = np.asarray(value)
    except Exception:  # rows of different lengths, an object that refuses
        return None
    return array if array.ndim else None


def content_checksum(splits: dict[str, Split]) -> str:
    """Hexadecimal SHA-256 over the pixels and labels of the splits, in the order given."""
    digest = hashlib.sha256()
    for split in splits.values():
        digest.update(np.ascontiguousarray(split.images))
        digest.update(split.labels.astype("<i8"))
    return digest.hexdigest()
