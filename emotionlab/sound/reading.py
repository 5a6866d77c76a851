"""A sound in, a wave out: files (wav, flac, ogg, mp3, the sound of a video), bytes and arrays.

Every sound reaches a network through `read_sound`: one channel, 16,000 samples a second, at most `LONGEST` seconds.
"""

import io
import itertools
import os
from fractions import Fraction
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import DataError
from emotionlab.base.notices import warn
from emotionlab.base.playlists import is_text
from emotionlab.sound.features import SAMPLE_RATE

LONGEST = 300.0
"""Seconds of a sound that are read; what comes after is left out, and said."""

SHORTEST = 0.1
"""Seconds that a sound must have."""

SILENT = 1e-4
"""Largest sample, of 1.0, up to which a wave counts as silent."""

LOUDEST = 4.0
"""Largest sample, of 1.0, that is read. Recorders that keep floats, and .mp3, overshoot 1 by some decibels, and 4 is
12 of them; what is above that was never brought to -1 to 1, such as numbers of 16 bits that were turned into floats."""

SOUND = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".m4a", ".aac", ".wma", ".amr", ".3ga")
"""Endings of sounds, as recorders and phones give them."""

RATES = (1000, 768_000)
"""The lowest and the highest number of samples a second that a sound may have."""

MOST = 30_000_000
"""Samples of a sound that are read, of whatever rate: 120 MB, and at 96 kHz five minutes."""

PIECE = 1_000_000
"""Numbers that are read from a file at a time."""

LARGEST_RATIO = 10_000
"""Largest denominator of the ratio of two sample rates. Filtering costs as much as it is large, and rounding to it
changes the pitch by less than 1 in 10,000; the usual rates have ratios far below, and stay exact."""

ALONE = {"protocol_whitelist": "none"}
"""What keeps FFmpeg, which is given an open file, from opening any other."""

WIDE = 1e-3
"""Share of their type that whole numbers of more than 16 bits must reach, or else they are meant as another type's."""


def read_sound(sound, sample_rate: int | None = None) -> np.ndarray:
    """A wave (samples,) float32, one channel, 16,000 samples a second, -1 to 1 but for what overshoots (`LOUDEST`).

    sound: a path, the bytes of a file, or an array (samples,) or (samples, channels) together with its sample_rate;
        whole numbers count as parts of the largest that their type holds, floats are such parts already. Channels are
        averaged.
    Of a long sound the first five minutes are read, and a notice says so.
    Raises DataError for what is no sound, too short, silent, beyond `LOUDEST`, or not made of numbers.
    """
    if isinstance(sound, np.ndarray):
        wave, rate, cut = _of_array(sound, sample_rate)
    elif isinstance(sound, str | Path | bytes):
        wave, rate, cut = _of_file(sound)
    else:
        raise DataError(
            f"Expected a sound as a path, bytes or an array with its sample_rate, found {type(sound).__name__}."
        )
    if cut:
        warn(f"Only the first {len(wave) / rate / 60:.3g} minutes of the sound are read.")
    _check_numbers(wave)  # before the filter, which overshoots too
    return _checked(resample(wave, rate))


def resample(wave: np.ndarray, rate: int, to: int = SAMPLE_RATE) -> np.ndarray:
    """The wave at another sample rate, through SciPy's polyphase filter, which keeps high tones from folding back."""
    if rate == to:
        return wave.astype(np.float32)
    from scipy.signal import resample_poly

    ratio = Fraction(to, rate).limit_denominator(LARGEST_RATIO)
    return resample_poly(wave, ratio.numerator, ratio.denominator).astype(np.float32)


def _check_numbers(wave: np.ndarray) -> None:
    if not np.isfinite(wave).all():
        raise DataError("Expected numbers as samples, found NaN or infinity among them; record the sound again.")
    highest = np.abs(wave).max(initial=0)
    if highest > LOUDEST:
        raise DataError(
            f"Expected samples from -1 to 1, found {highest:,.0f}; divide them by the largest that their type holds, "
            "which is 32768 for 16 bits."
        )


def _checked(wave: np.ndarray) -> np.ndarray:
    if len(wave) < SHORTEST * SAMPLE_RATE:
        raise DataError(
            f"Expected at least {SHORTEST} seconds of sound, found {len(wave) / SAMPLE_RATE:.3f}; record a sentence."
        )
    if np.abs(wave).max() <= SILENT:
        raise DataError("Expected a voice, found silence only; check the microphone and record again.")
    return wave


def _of_array(sound: np.ndarray, rate: int | None) -> tuple[np.ndarray, int, bool]:
    if not isinstance(rate, int | np.integer) or not RATES[0] <= rate <= RATES[1]:
        raise DataError(f"Expected the sample_rate of the array in samples a second, such as 16000, found {rate!r}.")
    channels = sound.shape[1] if sound.ndim == 2 else 1
    if sound.ndim not in (1, 2) or sound.dtype.kind not in "fiu" or not 1 <= channels <= 64:
        raise DataError(
            "Expected samples as an array (samples,) or (samples, channels) with 1 to 64 channels, found "
            f"{sound.shape} of {sound.dtype}."
        )
    most = round(LONGEST * rate)
    wave, cut = sound[:most], len(sound) > most
    if wave.dtype.kind == "i":
        _check_fills_its_type(wave)
        wave = wave / -float(np.iinfo(wave.dtype).min)
    elif wave.dtype.kind == "u":
        half = (int(np.iinfo(wave.dtype).max) + 1) / 2
        wave = wave / half - 1
    wave = wave.astype(np.float32)
    return wave.mean(axis=1) if wave.ndim == 2 else wave, int(rate), cut


def _check_fills_its_type(wave: np.ndarray) -> None:
    """Refuse samples of 16 bits in a wider type, which would count as silence."""
    highest = max(abs(int(wave.max(initial=0))), abs(int(wave.min(initial=0))))
    if wave.dtype.itemsize > 2 and 0 < highest < WIDE * np.iinfo(wave.dtype).max:
        raise DataError(
            f"Expected samples that fill their type {wave.dtype}, found none above {highest:,}; if they have 16 bits, "
            "pass sound.astype('int16')."
        )


def _of_file(sound) -> tuple[np.ndarray, int, bool]:
    import soundfile

    name = "the bytes" if isinstance(sound, bytes) else str(sound)
    if not isinstance(sound, bytes):
        path = file_path("a sound", sound, DataError)
        if not os.path.isfile(path):
            found = "a folder" if os.path.isdir(path) else "no file"
            raise DataError(f"Expected a sound, found {found} at {path}; give a .wav, .flac, .ogg or .mp3 file.")
        if not path.stat().st_size:
            raise DataError(f"Expected a sound, found an empty file at {path}; record it again.")
    source = io.BytesIO(sound) if isinstance(sound, bytes) else str(path)
    try:
        with soundfile.SoundFile(source) as file:
            rate, most = file.samplerate, min(MOST, round(LONGEST * file.samplerate))
            if not RATES[0] <= rate <= RATES[1]:
                raise DataError(
                    f"Expected {RATES[0]:,} to {RATES[1]:,} samples a second, found {rate:,} in {name}: the file is "
                    "damaged; save it again."
                )
            said, size = _wav_sizes(source)
            if not file.frames and said < size:  # the recorder was interrupted; FFmpeg reads on to the file's end
                return _by_av(sound if isinstance(sound, bytes) else path, name)
            wave = _mixed(file, most)
            if file.subtype == "PCM_32":
                _check_fills_32_bits(wave, name)
            if size < said < 2**32:  # a WAV that was written into a pipe says the largest number there is
                seconds = file.frames / rate
                warn(f"The sound ends before {name} says it does, after {seconds:.3g} seconds; was it copied whole?")
            return wave, rate, file.frames > most
    except DataError:
        raise
    except (soundfile.LibsndfileError, RuntimeError, ValueError):  # libsndfile's own words mislead
        return _by_av(sound if isinstance(sound, bytes) else path, name)


def _wav_sizes(source: io.BytesIO | str) -> tuple[int, int]:
    """The bytes that a WAV says in its head that it has, and those that it has; twice these for another kind."""
    if isinstance(source, io.BytesIO):
        head, size = source.getbuffer()[:8].tobytes(), source.getbuffer().nbytes
    else:
        with open(source, "rb") as file:
            head, size = file.read(8), os.path.getsize(source)
    return int.from_bytes(head[4:], "little") + 8 if head[:4] == b"RIFF" else size, size


def _check_fills_32_bits(wave: np.ndarray, name: str) -> None:
    """Refuse samples of 16 bits in a file of 32, which would count as silence."""
    highest = round(float(np.abs(wave).max(initial=0)) * 2**31)
    if 0 < highest <= 2**15:
        raise DataError(
            f"Expected samples that fill their 32 bits, found none above {highest:,} in {name}; write the same "
            "numbers with 16 bits, or check the microphone and record again."
        )


def _mixed(file, most: int) -> np.ndarray:
    """The mean over the channels of at most `most` samples, read piece by piece: there may be many channels."""
    pieces = file.blocks(PIECE // file.channels + 1, frames=most, dtype="float32", always_2d=True)
    means = [piece.mean(axis=1) for piece in pieces]
    return np.concatenate(means) if means else np.empty(0, np.float32)


def _by_av(source: bytes | Path, name: str) -> tuple[np.ndarray, int, bool]:
    """The sound of a video, or of another container that FFmpeg reads. Raises DataError where there is none."""
    import av

    try:
        if is_text(source):  # FFmpeg would open the files that a list names
            raise DataError(
                f"Expected a sound in {name}, found a file that is none but text, such as a list of other files; give "
                "the sound itself."
            )
        opened = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        with opened, av.open(opened, container_options=ALONE) as container:
            if not container.streams.audio:
                raise DataError(
                    f"Expected a sound in {name}, found a film or picture without one; choose one with sound."
                )
            if container.streams.audio[0].codec_context is None:  # to decode it would end Python itself
                raise DataError(
                    f"Expected a sound in {name}, found one in a coding that is not known here, or a damaged head; "
                    "open it in a sound program and save it as .wav with 16 bits."
                )
            return _decoded(container)
    except DataError:
        raise
    except (av.error.FFmpegError, OSError, ValueError, IndexError):
        raise DataError(
            f"Expected a sound in {name}, found a file that is none, damaged or cut off; save it as .wav."
        ) from None


def _decoded(container) -> tuple[np.ndarray, int, bool]:
    """The mean over the channels, from where the film begins: a sound that begins later has silence before it."""
    import av

    resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE)  # its own mix down to mono would be louder
    most = round(LONGEST * SAMPLE_RATE)
    samples = min(most, round(_late(container) * SAMPLE_RATE))
    parts = [np.zeros(samples, np.float32)]
    for frame in itertools.chain(container.decode(audio=0), [None]):  # None: what the resampler still holds
        for piece in resampler.resample(frame):
            parts.append(piece.to_ndarray().mean(axis=0))
            samples += len(parts[-1])
        if samples > most:
            break
    wave = np.concatenate(parts)
    return wave[:most].astype(np.float32), SAMPLE_RATE, samples > most


def _late(container) -> float:
    """Seconds by which the sound begins after the pictures; 0 where there are none, or it begins first."""
    starts = [
        float(stream.start_time * stream.time_base) if stream.start_time is not None else 0.0
        for stream in (*container.streams.video[:1], container.streams.audio[0])
    ]
    return max(0.0, starts[-1] - starts[0])
