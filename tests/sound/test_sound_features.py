"""Spectrograms: the Fourier transform, the mel bands, silence, fixed length."""

import numpy as np
import pytest
from scipy.signal import stft

from emotionlab.sound import features
from emotionlab.sound.features import BANDS, FRAMES, HOP, SAMPLE_RATE, WINDOW

T = np.arange(SAMPLE_RATE) / SAMPLE_RATE


def tone(hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def test_the_power_spectrogram_is_that_of_scipy():
    wave = np.random.default_rng(0).normal(size=8000).astype(np.float32)
    window = np.hanning(WINDOW)
    _, _, expected = stft(wave, window=window, nperseg=WINDOW, noverlap=WINDOW - HOP, boundary=None, padded=False)
    expected = np.abs(expected * window.sum()) ** 2  # SciPy divides by the window's sum
    np.testing.assert_allclose(features.power_spectrogram(wave), expected, rtol=1e-3, atol=1e-3)


def test_mel_and_hertz_are_each_others_inverse_and_1000_hz_is_1000_mel():
    hz = np.linspace(0, 8000, 50)
    np.testing.assert_allclose(features.mel_to_hz(features.hz_to_mel(hz)), hz, atol=1e-6)
    assert features.hz_to_mel(1000) == pytest.approx(1000, abs=0.1)


def test_each_mel_filter_is_a_triangle_and_they_rise_in_frequency():
    filters = features.mel_filters()
    assert filters.shape == (BANDS, WINDOW // 2 + 1)
    assert filters.min() == 0
    assert filters.max() <= 1
    assert (filters.sum(axis=1) > 0).all()
    assert (np.diff(filters.argmax(axis=1)) >= 0).all()


def test_a_higher_tone_lies_in_a_higher_band():
    bands = [features.log_mel(tone(hz)).mean(axis=1).argmax() for hz in (200, 500, 1000, 2000, 4000)]
    assert bands == sorted(set(bands))


def test_silence_at_both_ends_is_trimmed_and_in_between_it_stays():
    still = np.zeros(SAMPLE_RATE // 2, np.float32)
    wave = np.concatenate([still, tone(300), still, tone(300), still])
    trimmed = features.trim_silence(wave)
    assert len(trimmed) == pytest.approx(2.5 * SAMPLE_RATE, abs=2 * HOP)


def test_a_spectrogram_has_a_fixed_shape_mean_0_and_deviation_1():
    for seconds in (0.05, 0.4, 3.0, 9.0):
        one = features.spectrogram(tone(300, seconds))
        assert one.shape == (BANDS, FRAMES)
        assert one.dtype == np.float32
        assert one.mean() == pytest.approx(0, abs=1e-3)
        assert one.std() == pytest.approx(1, abs=1e-2)


def test_loudness_does_not_count():
    wave = tone(300) + 0.3 * tone(900)
    np.testing.assert_allclose(features.spectrogram(wave), features.spectrogram(0.1 * wave), atol=2e-2)


def test_the_middle_of_a_long_spectrogram_is_kept():
    columns = np.tile(np.arange(FRAMES + 21, dtype=np.float32), (BANDS, 1))
    kept = features.fixed_length(columns)
    assert kept.shape == (BANDS, FRAMES)
    assert kept[0, 0] in (10, 11)
