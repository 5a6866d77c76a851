"""Voices with emotions: what a data set of voices is, the shipped one, RAVDESS, and a folder of one's own.

The shipped recordings are four of the emotions of EMO-DB (Burkhardt et al. 2005): ten actors say German sentences.
RAVDESS (Livingstone & Russo 2018), 24 actors in English, comes by `emotionlab data download ravdess` or
`emotionlab data import ravdess PATH`. Both are acted; neither says how people sound who do not act.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.sound.features import SAMPLE_RATE, spectrograms
from emotionlab.sound.reading import SOUND, read_sound

EMODB = Path(__file__).parent / "emodb" / "emodb_four_emotions.npz"
"""The shipped recordings."""

RAVDESS_EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The eight emotions of RAVDESS in the order of its file names, 01 to 08."""

EMODB_LETTERS = {"W": "angry", "F": "happy", "T": "sad", "N": "neutral"}
"""The letters of EMO-DB's file names, from the German words Wut, Freude, Trauer and neutral."""

EMODB_WOMEN = (8, 9, 13, 14, 16)
"""The five women among EMO-DB's ten speakers 03, 08, 09, ..., 16."""

_RAVDESS_NAME = re.compile(r"03-01-0([1-8])-0[12]-0[12]-0[12]-(\d\d)")
_EMODB_NAME = re.compile(r"(\d\d)[ab]\d\d([A-Z])[a-z]")


@dataclass(frozen=True, eq=False)
class Voices:
    """Recordings of voices.

    sounds: N recordings as the bytes of a file each. labels: (N,) int64, index into `classes`.
    speakers: (N,) int64. files: (N,) str. classes: the names of the emotions that occur here.
    loudness: whether how loud a voice is may count: only where one microphone stood at one place for all.
    """

    sounds: tuple[bytes, ...]
    labels: np.ndarray
    speakers: np.ndarray
    files: np.ndarray
    classes: tuple[str, ...]
    name: str
    source: str
    loudness: bool = False

    def __len__(self) -> int:
        return len(self.sounds)

    def __repr__(self) -> str:
        return f"Voices({self.name}: {len(self)} recordings, {len(set(self.speakers.tolist()))} speakers)"

    def counts(self) -> dict[str, int]:
        """How many recordings each emotion has."""
        return {name: int((self.labels == i).sum()) for i, name in enumerate(self.classes)}

    @cached_property
    def waves(self) -> tuple[np.ndarray, ...]:
        """Each recording as a wave (samples,) float32 at 16,000 samples a second; read once and kept.

        Raises DataError for a file that is no recording, with its name.
        """
        waves = []
        for sound, file in zip(self.sounds, self.files, strict=True):
            try:
                waves.append(read_sound(sound))
            except DataError as problem:
                raise DataError(f"{str(problem).rstrip('.')} (the recording {file}).") from None
        return tuple(waves)

    @cached_property
    def spectrograms(self) -> np.ndarray:
        """(N, 48, 150) float32: the log-mel spectrogram of each recording, see `emotionlab.sound.features`."""
        return spectrograms(self.waves, self.loudness)

    @property
    def women(self) -> np.ndarray:
        """(N,) bool: whether a woman speaks; only EMO-DB and RAVDESS say so. DataError for other recordings."""
        if self.name == "emodb":
            return np.isin(self.speakers, EMODB_WOMEN)
        if self.name == "ravdess":
            return self.speakers % 2 == 0  # as RAVDESS numbers its actors
        raise DataError(f"Expected emodb or ravdess, which say who is a woman, found {self.name}.")

    def take(self, rows) -> "Voices":
        """The recordings in these rows."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows)
        sounds = tuple(self.sounds[int(i)] for i in rows)
        parts = (self.labels[rows], self.speakers[rows], self.files[rows])
        return Voices(sounds, *parts, self.classes, self.name, self.source, self.loudness)


def of_emodb(files, sounds) -> Voices:
    """Voices from EMO-DB's own file names, such as 03a01Fa. DataError for other names."""
    found = [_EMODB_NAME.fullmatch(PurePosixPath(name).stem) for name in files]
    if not all(found) or {one[2] for one in found} - set(EMODB_LETTERS):
        raise DataError(f"Expected recordings named as in EMO-DB, such as 03a01Fa, found {files[:3]}.")
    classes = tuple(name for name in EMOTIONS if name in EMODB_LETTERS.values())
    labels = np.array([classes.index(EMODB_LETTERS[one[2]]) for one in found])
    speakers = np.array([int(one[1]) for one in found])
    return Voices(
        tuple(sounds), labels, speakers, np.array(files), classes, "emodb", "EMO-DB, four emotions, in German"
    )


def of_ravdess(files, sounds) -> Voices:
    """Voices from RAVDESS' own file names, such as 03-01-06-02-02-01-17. DataError for other names."""
    found = [_RAVDESS_NAME.fullmatch(PurePosixPath(name).stem) for name in files]
    if not all(found):
        raise DataError(f"Expected recordings named as in RAVDESS, such as 03-01-06-02-02-01-17, found {files[:3]}.")
    labels = np.array([int(one[1]) - 1 for one in found])
    speakers = np.array([int(one[2]) for one in found])
    source = "RAVDESS, eight emotions, in English"
    return Voices(tuple(sounds), labels, speakers, np.array(files), RAVDESS_EMOTIONS, "ravdess", source, loudness=True)


def read_folder(path: str | Path) -> Voices:
    """Voices from a folder with a folder for each emotion. Raises DataError where it holds none."""
    folder = file_path("source", path, DataError)
    if not os.path.isdir(folder):
        raise DataError(
            f'Expected "emodb", "ravdess" or a folder with a folder for each emotion, found no folder at {folder}.'
        )
    try:
        return _of_folder(folder)
    except OSError as problem:
        raise DataError(
            f"Expected to read the sounds in {folder}, found: {problem.strerror or problem}; allow it."
        ) from None


def _of_folder(folder: Path) -> Voices:
    there = {part.name.lower(): part for part in sorted(folder.iterdir()) if part.is_dir()}
    classes = tuple(name for name in EMOTIONS if name in there)
    files = [(name, file) for name in classes for file in _sounds_in(there[name])]
    if not files:
        raise DataError(
            f"Expected folders named after emotions ({', '.join(EMOTIONS)}) with sounds in {folder}, found "
            f"{', '.join(there) or 'no folder'}."
        )
    speakers = sorted({file.stem.split("_")[0] for _, file in files})
    others = [file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")]
    left_out = len(set(others) - {file for _, file in files})
    return Voices(
        tuple(file.read_bytes() for _, file in files),
        np.array([classes.index(name) for name, _ in files]),
        np.array([speakers.index(file.stem.split("_")[0]) for _, file in files]),
        np.array([file.relative_to(folder).as_posix() for _, file in files]),
        classes,
        folder.name,
        f"Recordings in {folder}" + (f" (left out: {left_out} other files)" if left_out else ""),
    )


def _sounds_in(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.suffix.lower() in SOUND and file.is_file())


def seconds(voices: Voices) -> np.ndarray:
    """(N,) float64: how long each recording is."""
    return np.array([len(wave) / SAMPLE_RATE for wave in voices.waves])
