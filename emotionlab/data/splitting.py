"""Stratified splits for sources that do not say which pictures are for training and which for testing."""

from collections.abc import Sequence

import numpy as np

HALVES = (0.5, 0.5)
EIGHTY_TEN_TEN = (0.8, 0.1, 0.1)


def stratified_parts(labels: Sequence[int], shares: Sequence[float], seed: int = 0) -> list[np.ndarray]:
    """Divide indices at random so that every part has each class in the same proportion.

    labels: (N,) whole numbers. shares: the size of each part, summing to 1.
    Returns one sorted (n,) int64 index array a share; together they hold each index once.
    """
    labels = np.asarray(labels)
    rng = np.random.default_rng(seed)
    parts: list[list[np.ndarray]] = [[] for _ in shares]
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        cuts = np.round(np.cumsum(shares)[:-1] * len(members)).astype(int)
        for part, piece in zip(parts, np.split(members, cuts), strict=True):
            part.append(piece)
    return [np.sort(np.concatenate(part)) for part in parts]
