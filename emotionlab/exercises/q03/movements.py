"""What question 3.4 says about the movements of an augmentation: how far, which way, and whether there are any."""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.q03.halves import (
    BATCH,
    TEXTURED,
    angles,
    contrast,
    edge,
    share_moved,
    zoomed_far,
)


def orientation_problem(pictures, again, seed):
    """Upright pictures stay upright, some of the others are mirrored, and few are turned far.

    Shares of the pictures decide, so that a rectangle erased here and there does not. How many are mirrored is looked
    at in both trainings, `pictures` and `again`.
    """
    upright, sideways, clouds, squares = np.split(pictures[..., 0], [BATCH, 2 * BATCH, 2 * BATCH + TEXTURED])
    down = contrast(upright, axis=1)
    sides = [contrast(part, axis=2) for part in (sideways, again[BATCH : 2 * BATCH, ..., 0])]
    edges = np.concatenate([edge(upright), edge(sideways.transpose(0, 2, 1))])
    return (
        turning_problem(np.abs(contrast(upright, axis=2)), edges)
        or mirroring_problem(down, sides)
        or moving_problem(edges, squares, share_moved(clouds, seed))
    )


def turning_problem(tilt, edges):
    # A rotation by t degrees tilts by 85 tan(t) grey values: 23 at 15 degrees, 49 at 30.
    # Turned by up to 15 degrees at random, 3 of 10 pictures are turned by more than 10.5; by up to 36, by more than 25.
    if np.mean(tilt > 49) > 0.2 or np.quantile(angles(edges), 0.7) > 13.5:
        return Wrong(
            "Many pictures are turned by more than 15 degrees. Keras measures a rotation in full circles, neither in "
            "degrees nor in radians: 10 degrees are `RandomRotation(10 / 360)`.",
            "rotation_unit",
        )
    return None


def mirroring_problem(down, sides):
    if np.mean(down < 0) > 0.1:
        return Wrong(
            "Some faces stand on their heads, which no camera will ever show. A flip without an argument mirrors both "
            'ways; expected `RandomFlip("horizontal")`.',
            "vertical_flip",
        )
    mirrored = [np.mean(left < 0) for left in sides]
    if min(mirrored) < 0.1:
        return Wrong(
            f"Of {BATCH} pictures none or hardly any was mirrored left to right. Expected about half: "
            '`keras.layers.RandomFlip("horizontal")`.',
            "no_mirror",
        )
    if max(mirrored) > 0.9:
        return Wrong(
            "Every picture was mirrored. Expected about half of them: a toss of its own for each picture.",
            "always_mirrored",
        )
    # of 128 tosses of a fair coin, fewer than 39 or more than 89 are heads in one of a hundred thousand
    if not 0.3 < np.mean(mirrored) < 0.7:
        return Wrong(
            f"Of {2 * BATCH} pictures {round(np.mean(mirrored) * 2 * BATCH)} were mirrored left to right. Expected "
            "about half of them: a toss of its own for each picture, as likely to mirror it as not.",
            "unfair_toss",
        )
    return None


def moving_problem(edges, squares, moved):
    if moved < 0.4:
        return Wrong(
            "The pictures are mirrored, but never moved or turned. Add a random layer that shifts, turns or zooms "
            "a little.",
            "mirror_alone",
        )
    # Shifted by up to a quarter, 12 pixels, no edge is farther off; by up to 0.3, one of ten is.
    far = np.abs(np.median(edges, axis=1) - 24) > 13
    if max(far[:BATCH].mean(), far[BATCH:].mean()) > 0.03:
        return Wrong(
            "Many pictures are moved so far that a good part of the face is out of sight. Expected a little: a shift "
            "of at most a tenth is `RandomTranslation(0.1, 0.1)`.",
            "moved_far",
        )
    if zoomed_far(squares) > 0.2:
        return Wrong(
            "Many pictures are zoomed by far more than a quarter: a face gets very small or leaves the picture. "
            "Expected a little, such as `RandomZoom(0.1)`.",
            "zoomed_far",
        )
    return None
