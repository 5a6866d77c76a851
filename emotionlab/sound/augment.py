"""A voice, a little different each time it is trained on: slower or faster, higher or lower, parts of it hidden.

Everything happens on the log-mel spectrogram, before it gets its fixed length; only training spectrograms are changed.
"""

import numpy as np

from emotionlab.sound.features import BANDS, FRAMES, normalise

SLOWER, FASTER = 1.18, 0.85
MOST_BANDS, WIDEST, LONGEST_GAP, GAPS = 2, 6, 20, 1
"""Bands that a spectrogram is moved by; rows, columns and number of the hidden parts."""


def augmented(spectrograms: list[np.ndarray], rng: np.random.Generator, loudness: bool = False) -> np.ndarray:
    """(N, BANDS, FRAMES) float32 of N log-mel spectrograms (BANDS, columns) of any length, each changed at random."""
    out = np.empty((len(spectrograms), BANDS, FRAMES), np.float32)
    for place, one in zip(out, spectrograms, strict=True):
        one = higher(faster(one, rng.uniform(FASTER, SLOWER)), int(rng.integers(-MOST_BANDS, MOST_BANDS + 1)))
        place[:] = hide(normalise(placed(one, rng), loudness), rng)
    return out


def faster(spectrogram: np.ndarray, factor: float) -> np.ndarray:
    """Stretched in time by `factor`: above 1 the voice speaks more slowly."""
    columns = max(1, int(spectrogram.shape[1] * factor))
    return spectrogram[:, np.minimum((np.arange(columns) / factor).astype(int), spectrogram.shape[1] - 1)]


def higher(spectrogram: np.ndarray, bands: int) -> np.ndarray:
    """Moved up by some bands, or down where negative; the outermost band fills what becomes free."""
    return spectrogram[np.clip(np.arange(BANDS) - bands, 0, BANDS - 1)]


def placed(spectrogram: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(BANDS, FRAMES): a part of a long spectrogram, or a short one somewhere in silence."""
    missing = FRAMES - spectrogram.shape[1]
    left = int(rng.integers(0, abs(missing) + 1))
    if missing < 0:
        return spectrogram[:, left : left + FRAMES]
    return np.pad(spectrogram, ((0, 0), (left, missing - left)), constant_values=float(spectrogram.min()))


def hide(spectrogram: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """SpecAugment (Park et al. 2019, arXiv 1904.08779): some rows and some columns are set to 0."""
    spectrogram = spectrogram.copy()
    for _ in range(GAPS):
        rows, columns = int(rng.integers(0, WIDEST + 1)), int(rng.integers(0, LONGEST_GAP + 1))
        top, left = int(rng.integers(0, BANDS - rows)), int(rng.integers(0, FRAMES - columns))
        spectrogram[top : top + rows] = 0
        spectrogram[:, left : left + columns] = 0
    return spectrogram
