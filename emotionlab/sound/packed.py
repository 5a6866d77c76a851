"""Many short recordings in one compact file: their bytes one after the other, and where each ends. No pickle."""

import io
from pathlib import Path

import numpy as np

from emotionlab.base.archives import load_arrays
from emotionlab.base.errors import DataError
from emotionlab.base.files import whole_file
from emotionlab.data.store import made_if_missing
from emotionlab.sound.features import SAMPLE_RATE


def write(path: Path, files: list[str], sounds: list[bytes]) -> None:
    """Write names and recordings whole or not at all; makes the folder. Raises DataError where it cannot be written."""
    arrays = {
        "files": np.array(files),
        "ends": np.cumsum([len(sound) for sound in sounds]),
        "bytes": np.frombuffer(b"".join(sounds), np.uint8),
    }
    try:
        with made_if_missing(path.parent), whole_file(path) as temporary, temporary.open("wb") as file:
            np.savez(file, **arrays)  # the recordings are compressed already
    except OSError as problem:
        raise DataError(cannot_write(path, problem)) from None


def cannot_write(path: Path, problem: OSError) -> str:
    """The sentence for recordings that cannot be written into the data folder."""
    return (
        f"Expected to write the recordings to {path}, found: {problem.strerror or problem}; free some space, or name "
        "another folder in EMOTIONLAB_DATA."
    )


def read(path: Path) -> tuple[list[str], list[bytes]]:
    """Names and recordings of a file that `write` wrote. Raises DataError where it is missing or damaged."""
    try:
        arrays = load_arrays(path)
        files, ends, content = arrays["files"], arrays["ends"], arrays["bytes"].tobytes()
    except (OSError, ValueError, KeyError) as problem:
        raise DataError(f"Expected packed recordings at {path}, found {problem}; get them again.") from None
    lists = files.ndim == ends.ndim == 1 and ends.dtype.kind in "iu"
    if not lists or len(files) != len(ends) or not len(ends) or ends[-1] != len(content):
        raise DataError(f"Expected packed recordings at {path}, found a damaged file; get them again.")
    starts = [0, *ends[:-1].tolist()]
    return files.tolist(), [content[a:b] for a, b in zip(starts, ends.tolist(), strict=True)]


def as_ogg(wave: np.ndarray) -> bytes:
    """A wave (samples,) float32 at 16,000 samples a second as an Ogg Vorbis file: a tenth of a .wav's bytes."""
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", SAMPLE_RATE, 1, format="OGG", subtype="VORBIS") as out:
        for start in range(0, len(wave), SAMPLE_RATE):  # libsndfile overflows its stack on long pieces of Vorbis
            out.write(wave[start : start + SAMPLE_RATE])
    return file.getvalue()
