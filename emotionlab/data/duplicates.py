"""Find pictures that occur more than once: inside a split, across splits, and with other labels."""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.arguments import kind_of
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Faces


@dataclass(frozen=True)
class Copies:
    """One picture that occurs at least twice: where, and with which labels.

    splits: (n,) names of splits; indices: (n,) positions in them; labels: (n,) 0..6. All tuples.
    """

    splits: tuple[str, ...]
    indices: tuple[int, ...]
    labels: tuple[int, ...]

    def conflict(self) -> bool:
        """Whether the same pixels carry different labels."""
        return len(set(self.labels)) > 1


@dataclass(frozen=True)
class Duplicates:
    """What `find_duplicates` found.

    distinct: number of different pictures in the three splits together.
    groups: every picture that occurs at least twice, in order of its first appearance.
    conflicting: those of them whose labels differ.
    repeated: for each split, a mask (N,) bool of pictures that came before in the same split.
    leaked_validation, leaked_test: masks (N,) bool of pictures that also occur in train.
    test_in_validation: mask (N,) bool of test pictures that also occur in validation.
    """

    distinct: int
    groups: tuple[Copies, ...]
    conflicting: tuple[Copies, ...]
    repeated: dict[str, np.ndarray]
    leaked_validation: np.ndarray
    leaked_test: np.ndarray
    test_in_validation: np.ndarray

    def __str__(self) -> str:
        total = sum(len(mask) for mask in self.repeated.values())
        return (
            f"{self.distinct:,} of {total:,} pictures are distinct. From train, {_share(self.leaked_test)} leak "
            f"into test and {_share(self.leaked_validation)} into validation. "
            f"{len(self.conflicting):,} repeated pictures carry conflicting labels."
        )


def find_duplicates(faces: Faces) -> Duplicates:
    """Compare every picture with every other, pixel by pixel, within and across the splits.

    Raises DataError for anything but Faces.
    """
    kind_of("faces", faces, Faces, "Faces", "pass what el.load_faces() returns", DataError)
    keys = {name: [image.tobytes() for image in split.images] for name, split in faces.splits().items()}
    places: dict[bytes, list[tuple[str, int, int]]] = {}
    for name, split in faces.splits().items():
        for index, (key, label) in enumerate(zip(keys[name], split.labels.tolist(), strict=True)):
            places.setdefault(key, []).append((name, index, label))
    groups = tuple(Copies(*zip(*found, strict=True)) for found in places.values() if len(found) > 1)
    return Duplicates(
        distinct=len(places),
        groups=groups,
        conflicting=tuple(group for group in groups if group.conflict()),
        repeated={name: _seen_before(found) for name, found in keys.items()},
        leaked_validation=_occur_in(keys["validation"], keys["train"]),
        leaked_test=_occur_in(keys["test"], keys["train"]),
        test_in_validation=_occur_in(keys["test"], keys["validation"]),
    )


def _share(mask: np.ndarray) -> str:
    return f"{mask.sum():,} pictures ({100 * mask.sum() / max(1, len(mask)):.1f} %)"


def _occur_in(keys: list[bytes], others: list[bytes]) -> np.ndarray:
    known = set(others)
    return np.array([key in known for key in keys], dtype=bool)


def _seen_before(keys: list[bytes]) -> np.ndarray:
    first = {key: index for index, key in reversed(list(enumerate(keys)))}
    return np.array([first[key] != index for index, key in enumerate(keys)], dtype=bool)
