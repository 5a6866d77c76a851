"""What question 3.4 shows to an augmentation, and what it reads off the pictures that come back."""

import numpy as np

BATCH, TEXTURED, SQUARES = 64, 64, 64
DARK, BRIGHT = 40.0, 210.0


def halves(seed):
    """(256, 48, 48, 1) float32: 64 pictures bright above, 64 bright at the left, 64 of clouds, 64 with a square in the
    middle.

    Each differs a little in brightness. A zoom leaves the halves as they are, and gives the square another area.
    """
    pictures = np.full((2 * BATCH + TEXTURED + SQUARES, 48, 48, 1), DARK, "float32")
    pictures[:BATCH, :24] = BRIGHT
    pictures[BATCH : 2 * BATCH, :, :24] = BRIGHT
    pictures[2 * BATCH : 2 * BATCH + TEXTURED, :, :, 0] = clouds(seed)
    pictures[2 * BATCH + TEXTURED :, 16:32, 16:32] = BRIGHT
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


def zoomed_far(squares):
    """Share of the pictures whose square has more than 1.25 / 0.75 times its area, or less than the inverse of it."""
    area = bright_places(squares).sum(axis=(1, 2))
    return float(np.mean((area > 16**2 * 1.95) | (area < 16**2 / 1.7)))


def contrast(pictures, axis):
    """Mean of the first 24 rows (axis=1) or columns (axis=2) of each picture minus that of the last 24."""
    near, far = np.split(pictures, 2, axis=axis)
    return near.mean(axis=(1, 2)) - far.mean(axis=(1, 2))


# ---- Whether anything moves ----------------------------------------------------------------------


def clouds(seed):
    """(48, 48): small, middling and large clouds, so that each movement, small or large, leaves its own trace."""
    from scipy.ndimage import gaussian_filter

    noise = np.random.default_rng(seed).normal(size=(3, 48, 48))
    layers = [gaussian_filter(layer, size, mode="reflect") for layer, size in zip(noise, (1.5, 4, 9), strict=True)]
    total = sum(layer / layer.std() for layer in layers)
    return np.clip(125 + 45 * total / total.std(), 25, 225)


def moved_a_little(picture):
    """The picture shifted by a pixel, turned by two degrees, or zoomed by three in a hundred, each both ways."""
    from scipy.ndimage import affine_transform

    middle = np.array([23.5, 23.5])
    ways = [(np.eye(2), shift) for shift in ((1, 0), (-1, 0), (0, 1), (0, -1))]
    for angle in np.radians((2, -2)):
        ways.append((np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), (0, 0)))
    for zoom in (1.03, 1 / 1.03):
        ways += [(np.diag(sides), (0, 0)) for sides in ((zoom, 1), (1, zoom), (zoom, zoom))]
    return [
        affine_transform(picture, way, middle - way @ middle + shift, order=1, mode="reflect") for way, shift in ways
    ]


def directions(pictures):
    """(N, 2304): each picture without its brightness and contrast."""
    flat = np.array(pictures, float).reshape(len(pictures), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)


def share_moved(pictures, seed):
    """Share of the pictures of clouds that are more like the clouds moved a little than like the clouds, or mirrored.

    Noise, light, contrast and an erased rectangle make a picture less like both. Shifts by up to a twentieth move nine
    of ten; zooms by up to a twentieth half of them; noise of 100 grey values and black rectangles fewer than a third.
    """
    picture, found = clouds(seed), directions(pictures)
    still, moved = (
        (found @ directions([*places, *(place[:, ::-1] for place in places)]).T).max(axis=1)
        for places in ([picture], moved_a_little(picture))
    )
    return float(np.mean(moved > still + 0.003))
