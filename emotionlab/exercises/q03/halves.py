"""What question 3.4 shows to an augmentation, and what it reads off the pictures that come back."""

import numpy as np

BATCH, SPOTS = 64, 32
DARK, BRIGHT = 40.0, 210.0


def halves(seed):
    """(160, 48, 48, 1) float32: 64 pictures bright above, 64 bright at the left, 32 with a spot far from the middle.

    Each differs a little in brightness. A zoom leaves the halves as they are and moves the spot.
    """
    pictures = np.full((2 * BATCH + SPOTS, 48, 48, 1), DARK, "float32")
    pictures[:BATCH, :24] = BRIGHT
    pictures[BATCH : 2 * BATCH, :, :24] = BRIGHT
    pictures[2 * BATCH :, 8:16, 28:36] = BRIGHT
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


def spots_move(pictures):
    """Whether the bright spot differs from picture to picture, in its size or its place, apart from mirroring."""
    bright = bright_places(pictures)
    area = bright.sum(axis=(1, 2))
    rows, columns = ((bright.sum(axis=axis) @ np.arange(48)) / np.maximum(area, 1) for axis in (2, 1))
    return bool(max(np.ptp(area), np.ptp(rows), np.ptp(np.abs(columns - 23.5))) > 0.2)


def contrast(pictures, axis):
    """Mean of the first 24 rows (axis=1) or columns (axis=2) of each picture minus that of the last 24."""
    near, far = np.split(pictures, 2, axis=axis)
    return near.mean(axis=(1, 2)) - far.mean(axis=(1, 2))
