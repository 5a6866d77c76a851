"""A wave as a picture: the log-mel spectrogram, written out (elective `voice`).

    wave (samples,) float32, 16,000 a second
      -> without the silence at both ends
      -> short-time Fourier transform: 32 ms of sound, every 20 ms
      -> 48 bands that are as wide as the ear hears them (mel), as logarithms
      -> (48, FRAMES) float32: 3 seconds, filled up or cut, numbers about 0

The same function makes the spectrograms for training, measuring and listening.
"""

from functools import cache

import numpy as np

SAMPLE_RATE = 16_000
"""Samples a second of every wave here."""

WINDOW, HOP, BANDS = 512, 320, 48
"""Samples that one column sees, samples from one column to the next, and rows of a spectrogram."""

SECONDS = 3.0
FRAMES = round(SECONDS * SAMPLE_RATE / HOP)
"""Columns of a spectrogram of fixed length."""

USUAL_LOG, USUAL_SPREAD = -6.0, 4.0
"""About the mean and the deviation of the logarithms in a recording of a voice near a microphone."""

LOWEST_HZ, QUIET_DB = 60.0, 40.0
"""Where the bands begin; how far below its loudest moment a wave counts as silent."""


def hz_to_mel(hz):
    """Frequency as the ear spaces it (O'Shaughnessy 1987): equal steps in mel sound equally far apart."""
    return 2595 * np.log10(1 + np.asarray(hz, float) / 700)


def mel_to_hz(mel):
    """The frequency in Hz of a value in mel."""
    return 700 * (10 ** (np.asarray(mel, float) / 2595) - 1)


@cache
def mel_filters() -> np.ndarray:
    """(BANDS, WINDOW // 2 + 1) float32: overlapping triangles over the frequencies, evenly spaced in mel."""
    frequencies = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    edges = mel_to_hz(np.linspace(hz_to_mel(LOWEST_HZ), hz_to_mel(SAMPLE_RATE / 2), BANDS + 2))
    low, centre, high = (edges[i : i + BANDS, None] for i in range(3))
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


def power_spectrogram(wave: np.ndarray) -> np.ndarray:
    """Short-time Fourier transform: (WINDOW // 2 + 1, columns) float32, the power of each frequency over time.

    A wave that is shorter than one window is filled up with zeros.
    """
    wave = np.pad(wave, (0, max(0, WINDOW - len(wave))))
    pieces = np.lib.stride_tricks.sliding_window_view(wave, WINDOW)[::HOP]
    spectrum = np.fft.rfft(pieces * np.hanning(WINDOW).astype(np.float32), axis=1)
    return (np.abs(spectrum) ** 2).T.astype(np.float32)


def log_mel(wave: np.ndarray) -> np.ndarray:
    """(BANDS, columns) float32: the natural logarithm of the power in each mel band."""
    return np.log(mel_filters() @ power_spectrogram(wave) + 1e-8)


def trim_silence(wave: np.ndarray, quiet_db: float = QUIET_DB) -> np.ndarray:
    """The wave from its first to its last moment that is at most `quiet_db` decibels below its loudest one."""
    pieces = wave[: len(wave) // HOP * HOP].reshape(-1, HOP)
    if not len(pieces):
        return wave
    power = (pieces.astype(np.float64) ** 2).mean(axis=1)
    loud = np.flatnonzero(power > power.max() * 10 ** (-quiet_db / 10))
    return wave[loud[0] * HOP : (loud[-1] + 1) * HOP] if len(loud) else wave


def fixed_length(spectrogram: np.ndarray, frames: int = FRAMES) -> np.ndarray:
    """The middle `frames` columns; a shorter one is filled up on both sides with its smallest value."""
    missing = frames - spectrogram.shape[1]
    if missing <= 0:
        return spectrogram[:, -missing // 2 : -missing // 2 + frames]
    left = missing // 2
    return np.pad(spectrogram, ((0, 0), (left, missing - left)), constant_values=float(spectrogram.min()))


def level(wave: np.ndarray) -> np.ndarray:
    """The wave with its largest sample at 1: how loud a microphone is set must not count."""
    return wave / max(float(np.abs(wave).max(initial=0)), 1e-9)


def normalise(spectrogram: np.ndarray, loudness: bool = False) -> np.ndarray:
    """Numbers about 0, as networks like them: mean 0 and deviation 1 of this spectrogram.

    loudness: with the same shift and scale for every spectrogram instead, so that a louder voice stays louder.
    """
    shift, scale = (USUAL_LOG, USUAL_SPREAD) if loudness else (spectrogram.mean(), spectrogram.std() + 1e-6)
    return ((spectrogram - shift) / scale).astype(np.float32)


def log_mel_of(wave: np.ndarray, loudness: bool = False) -> np.ndarray:
    """(BANDS, columns): the log-mel spectrogram of what is not silent, all waves as loud unless `loudness` counts."""
    wave = trim_silence(wave)
    return log_mel(wave if loudness else level(wave))


def spectrogram(wave: np.ndarray, loudness: bool = False) -> np.ndarray:
    """(BANDS, FRAMES) float32 of a wave (samples,) float32: what the network is fed with."""
    return normalise(fixed_length(log_mel_of(wave, loudness)), loudness)


def spectrograms(waves, loudness: bool = False) -> np.ndarray:
    """(N, BANDS, FRAMES) float32 of N waves."""
    if not len(waves):
        return np.empty((0, BANDS, FRAMES), np.float32)
    return np.stack([spectrogram(wave, loudness) for wave in waves])


def band_statistics(waves) -> np.ndarray:
    """(N, 2 * BANDS) float32: mean and deviation of each mel band over the time of a wave, for the linear baseline."""
    rows = [log_mel(trim_silence(wave)) for wave in waves]
    return np.stack([np.concatenate([row.mean(axis=1), row.std(axis=1)]) for row in rows])
