"""What question 3.4 shows to an augmentation, and what it reads off the pictures that come back."""

import numpy as np

BATCH, SPOTS, SQUARES = 64, 32, 64
DARK, BRIGHT = 40.0, 210.0


def halves(seed):
    """(224, 48, 48, 1) float32: 64 pictures bright above, 64 bright at the left, 32 with a spot far from the middle, 64
    with a square in the middle.

    Each differs a little in brightness. A zoom leaves the halves as they are, moves the spot, and
    gives the square another area.
    """
    pictures = np.full((2 * BATCH + SPOTS + SQUARES, 48, 48, 1), DARK, "float32")
    pictures[:BATCH, :24] = BRIGHT
    pictures[BATCH : 2 * BATCH, :, :24] = BRIGHT
    pictures[2 * BATCH : 2 * BATCH + SPOTS, 8:16, 28:36] = BRIGHT
    pictures[2 * BATCH + SPOTS :, 16:32, 16:32] = BRIGHT
    noise = np.random.default_rng(seed).uniform(-20, 20, (len(pictures), 1, 1, 1))
    return pictures + noise.astype("float32")


def bright_places(pictures):
    """Which pixels of each picture are nearer to its brightest than to its darkest."""
    middle = (pictures.min(axis=(1, 2)) + pictures.max(axis=(1, 2))) / 2
    return pictures > middle[:, np.newaxis, np.newaxis]


def edge(pictures):
    """(N, 24): how many rows are bright in each of the middle columns of pictures that are half bright, half dark."""
    return bright_places(pictures).sum(axis=1)[:, 12:36]


def angles(edges):
    """(N,): by how many degrees each edge is turned; the median of its slopes, so that a hole in it matters little."""
    left, right = np.triu_indices(edges.shape[1], k=8)
    return np.degrees(np.arctan(np.abs(np.median((edges[:, right] - edges[:, left]) / (right - left), axis=1))))


def edges_move(edges):
    """Whether some edges are turned, or stand elsewhere than in the middle, by a pixel in a fifth of the pictures.

    Of bright and dark only, so that noise, contrast and brightness are no movement.
    """
    shifted = np.abs(np.median(edges, axis=1) - edges.shape[1]) >= 1
    return bool(np.mean(shifted | (angles(edges) > 2)) > 0.2)


def spots_move(pictures):
    """Whether the bright spot differs from picture to picture, in its size or its place, apart from mirroring."""
    bright = bright_places(pictures)
    area = bright.sum(axis=(1, 2))
    rows, columns = ((bright.sum(axis=axis) @ np.arange(48)) / np.maximum(area, 1) for axis in (2, 1))
    ranges = [np.ptp(np.quantile(values, (0.1, 0.9))) for values in (area, rows, np.abs(columns - 23.5))]
    return bool(ranges[0] > 2 or max(ranges[1:]) > 0.2)


def zoomed_far(squares):
    """Share of the pictures whose square has more than 1.25 / 0.75 times its area, or less than the inverse of it."""
    area = bright_places(squares).sum(axis=(1, 2))
    return float(np.mean((area > 16**2 * 1.95) | (area < 16**2 / 1.7)))


def contrast(pictures, axis):
    """Mean of the first 24 rows (axis=1) or columns (axis=2) of each picture minus that of the last 24."""
    near, far = np.split(pictures, 2, axis=axis)
    return near.mean(axis=(1, 2)) - far.mean(axis=(1, 2))
