"""Drawn faces that show several emotions at once, for the elective *mixed*: their action units are blended."""

import numpy as np

from emotionlab.base.arguments import array, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.drawn import EMOTION_UNITS, _between
from emotionlab.data.drawn_render import render
from emotionlab.data.groups import people_and_photos


def draw_mixtures(shares, seed: int = 0, **traits: float) -> np.ndarray:
    """One drawn face for each row of shares: (N, 48, 48) uint8.

    shares: (N, 7), each row sums to 1. A face of 0.6 happy and 0.4 surprise has 0.6 of the action units of the one
        and 0.4 of those of the other, all shown a little more or less strongly. Neutral has none: it makes a face
        fainter.
    seed: another seed draws other people. traits: see `groups.draw_split`.
    Raises DataError for shares of another form or an unknown trait.
    """
    what = f"rows of {len(EMOTIONS)} shares that sum to 1"
    shares = array("shares", shares, what, DataError)
    seed = whole_number("seed", seed, at_least=0, error=DataError)
    fits = shares.ndim == 2 and shares.shape[1] == len(EMOTIONS)
    if not fits or not (shares >= 0).all() or not np.allclose(shares.sum(axis=1), 1, atol=1e-3):
        raise DataError(f"Expected {what}, found others of shape {shares.shape}; divide each row by its sum.")
    n = len(shares)
    for_units, for_people, for_photos, for_grain = (
        np.random.default_rng(s) for s in np.random.SeedSequence([n, seed, 10]).spawn(4)
    )
    strength = _between(for_units, n, 0.8, 1.0)[:, None]
    each = 0.85 + 0.3 * for_units.random((n, 64))  # no two faces move each muscle alike
    units = np.clip(shares @ _prototypes() * strength * each, 0, 1).astype(np.float32)
    return render(units, *people_and_photos(n, traits, for_people, for_photos), for_grain)


def _prototypes() -> np.ndarray:
    """(7, 64): the action units of each emotion at full strength."""
    units = np.zeros((len(EMOTIONS), 64))
    for k, emotion in enumerate(EMOTIONS):
        for unit, intensity in EMOTION_UNITS[emotion].items():
            units[k, unit] = intensity
    return units
