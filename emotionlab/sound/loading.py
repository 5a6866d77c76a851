"""`el.load_voices`: the recordings that come with the package, RAVDESS, or a folder of one's own."""

from functools import cache
from pathlib import Path

from emotionlab.sound import packed, ravdess
from emotionlab.sound.dataset import EMODB, Voices, of_emodb, read_folder


def load_voices(source: str | Path | None = None) -> Voices:
    """Load voices with emotions, and print in one line which they are.

    source: None or "emodb" for the 339 recordings that come with the package; "ravdess" for RAVDESS where it has been
        downloaded or imported; a path for a folder of your own with a folder for each emotion ("happy", "sad", ...).
        In file names such as `anna_01.wav`, what stands before the first `_` is taken as the speaker.
    Raises DataError where the source is missing or does not hold voices.
    """
    if source is None or (isinstance(source, str) and source == "emodb"):
        voices = _emodb()
    elif isinstance(source, str) and source == "ravdess":
        voices = ravdess.load()
    else:
        voices = read_folder(source)
    counts = ", ".join(f"{name} {count}" for name, count in voices.counts().items())
    print(
        f"🔊 {voices.source}: {len(voices):,} recordings by {len(set(voices.speakers.tolist()))} speakers ({counts})."
    )
    return voices


@cache
def _emodb() -> Voices:
    files, sounds = packed.read(EMODB)
    return of_emodb(files, sounds)
