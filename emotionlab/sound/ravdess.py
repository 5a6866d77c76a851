"""RAVDESS, kept as one compact file in the data folder: from its archive, from a folder, or by download.

RAVDESS (Livingstone & Russo 2018, doi 10.1371/journal.pone.0196391) is free under CC BY-NC-SA 4.0, so it does not
come with the package; neither do weights that were trained on it.
"""

import io
import os
import re
import tempfile
from pathlib import Path, PurePosixPath

import numpy as np

from emotionlab.base import settings
from emotionlab.base.arguments import file_path
from emotionlab.base.errors import DataError
from emotionlab.base.fetching import fetch
from emotionlab.data.sources import open_source
from emotionlab.data.store import made_if_missing
from emotionlab.sound import packed
from emotionlab.sound.dataset import Voices, of_ravdess

ADDRESS = "https://zenodo.org/records/1188976/files/Audio_Speech_Actors_01-24.zip"
"""Where it is published."""

SIZE, MD5 = 208_468_073, "bc696df654c87fed845eb13823edef8a"
"""Bytes and checksum of that file, as its page gives them."""

RECORDINGS, ACTORS = 1440, 24

FOLDS = ((2, 5, 14, 15, 16), (3, 6, 7, 13, 18), (10, 11, 12, 19, 20), (8, 17, 21, 23, 24), (1, 4, 9, 22))
"""The actors of five folds that others use too (Luna-Jimenez et al. 2021, doi 10.3390/s21227665)."""

_NAME = re.compile(r"03-01-0[1-8]-0[12]-0[12]-0[12]-(0[1-9]|1\d|2[0-4])\.(wav|ogg|flac)")


def path() -> Path:
    """Where it is kept: `ravdess.npz` in the data folder."""
    return settings.data_dir() / "ravdess.npz"


def load() -> Voices:
    """RAVDESS as it was imported. Raises DataError where it was not."""
    if not os.path.exists(path()):
        raise DataError(
            f"Expected RAVDESS at {path()}, found nothing there; run `{settings.command('data download ravdess')}`, or "
            f"`{settings.command('data import ravdess PATH')}` with its archive at hand."
        )
    return of_ravdess(*packed.read(path()))


def read(source: str | Path) -> Voices:
    """RAVDESS' 1,440 spoken sentences from its zip (.wav), the same as .ogg or .flac, or an unpacked folder.

    Raises DataError where files are missing, stand there twice or are no sound, and for an archive whose paths
    climb out of it.
    """
    source = file_path("RAVDESS", source, DataError)
    if not os.path.exists(source):
        raise DataError(f"Expected RAVDESS at {source}, found nothing there; check the spelling of the path.")
    sounds: dict[str, bytes] = {}
    with open_source(source) as archive:
        names = [name for name in archive.names if _NAME.fullmatch(PurePosixPath(name).name)]
        _check_whole(names, source)
        for name in sorted(names, key=lambda one: PurePosixPath(one).name):
            sounds[PurePosixPath(name).stem] = _compact(archive.read(name), name, source)
    return of_ravdess(list(sounds), list(sounds.values()))


def import_ravdess(source: str | Path) -> Voices:
    """Read RAVDESS as `read` does, and keep it in the data folder, whole or not at all."""
    voices = read(source)
    packed.write(path(), voices.files.tolist(), list(voices.sounds))
    return voices


def fold_of(voices: Voices) -> np.ndarray:
    """(N,) int64: the number, 0 to 4, of the fold of each recording's actor."""
    fold = {actor: number for number, actors in enumerate(FOLDS) for actor in actors}
    return np.array([fold[actor] for actor in voices.speakers.tolist()])


def _check_whole(names: list[str], source: Path) -> None:
    stems = [PurePosixPath(name).stem for name in names]
    if len(stems) != len(set(stems)):
        raise DataError(f"Expected each recording of RAVDESS once, found some twice in {source}; import one folder.")
    if len(stems) != RECORDINGS:
        actors = len({stem[-2:] for stem in stems})
        raise DataError(
            f"Expected the {RECORDINGS:,} spoken recordings of RAVDESS (24 folders Actor_01 to Actor_24), found "
            f"{len(stems):,} by {actors} actors in {source}; get Audio_Speech_Actors_01-24.zip again."
        )


def _compact(content: bytes, name: str, source: Path) -> bytes:
    """The recording as Ogg Vorbis, 16,000 samples a second, one channel; one that is so already stays as it is."""
    import soundfile

    from emotionlab.sound.features import SAMPLE_RATE
    from emotionlab.sound.reading import read_sound

    try:
        about = soundfile.info(io.BytesIO(content))
        if (about.format, about.samplerate, about.channels) == ("OGG", SAMPLE_RATE, 1):
            return content
    except soundfile.LibsndfileError:
        pass
    try:
        return packed.as_ogg(read_sound(content))
    except DataError as problem:
        raise DataError(f"Expected a recording in {name} of {source}, found another file: {problem}") from None


def download_ravdess(force: bool = False) -> Voices:
    """Download RAVDESS from where it is published, check size and checksum, and keep it in the data folder.

    force: download again even if it is there. Raises DataError without a network, for a broken download or a full disk.
    """
    if not force and os.path.exists(path()):
        print(f"RAVDESS is already at {path()}; nothing was downloaded.")
        return load()
    print(f"Downloading RAVDESS from {ADDRESS} ({SIZE // 10**6} MB; CC BY-NC-SA 4.0: not for commercial use).")
    by_hand = f"or download it in a browser from {ADDRESS} and run `{settings.command('data import ravdess PATH')}`"
    data = path().parent  # the system's folder for temporary files is often small, and may be in memory
    try:
        with made_if_missing(data), tempfile.TemporaryDirectory(prefix=".ravdess-", dir=data) as folder:
            return import_ravdess(fetch(ADDRESS, Path(folder) / "ravdess.zip", f"md5:{MD5}", "RAVDESS", by_hand))
    except OSError as problem:
        raise DataError(packed.cannot_write(data, problem)) from None
