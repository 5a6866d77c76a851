"""The three ways to get a data set: load what is there, read a file, import a file to keep."""

import os
from dataclasses import replace
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import file_path, number, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data import store
from emotionlab.data.dataset import Faces, content_checksum
from emotionlab.data.official import first_difference

SMALLEST = 3 * len(EMOTIONS)
"""Drawn faces of each class in each split: one."""

LARGEST = 1_000_000
"""Drawn faces that may be asked for."""


def load_faces(source: str | Path | None = None, size: int = 6000, seed: int = 0, label_noise: float = 0.0) -> Faces:
    """Load a data set and print in one line which it is.

    source: None takes FER-2013 if it has been downloaded or imported, else drawn faces;
        "drawn" or "fer2013" asks for one of them; a path reads that file or folder, storing nothing.
    size, seed, label_noise: for drawn faces only: pictures in all three splits together, the seed,
        and the share of labels replaced by a wrong one. FER-2013 always comes whole (`faces.sample`
        gives a part of it).
    Raises DataError where the source is missing or does not hold FER-2013.
    """
    size = whole_number("size", size, at_least=SMALLEST, at_most=LARGEST, error=DataError)
    seed = whole_number("seed", seed, at_least=0, error=DataError)
    label_noise = number("label_noise", label_noise, at_least=0, below=1, error=DataError)
    if source is None:
        source = "fer2013" if os.path.exists(store.path()) else "drawn"
    if isinstance(source, str) and source == "drawn":
        from emotionlab.data.drawn import draw_faces

        faces = draw_faces(size, seed=seed, label_noise=label_noise)
    elif isinstance(source, str) and source == "fer2013":
        faces = _load_stored()
    else:
        faces = read_faces(source)
    _announce(faces)
    return faces


def read_faces(path: str | Path) -> Faces:
    """Read FER-2013 from a file or folder, in whatever form it has, and store nothing.

    path: the Kaggle archive as a zip or unpacked (`train/<class>/*.jpg`, `test/<class>/*.jpg`),
        `fer2013.csv`, `icml_face_data.csv`, the competition's `train.csv` (each also as .csv.gz), its zip or
        tar.gz, or an `.npz` that `import_faces` wrote; with or without folders around them. Pictures may be JPEG,
        PNG, BMP, WebP, TIFF or GIF; what is left out is counted in `notes`.
    Raises DataError with one sentence that says what is wrong with the file.
    """
    from emotionlab.data.readers import read

    path = Path(os.path.abspath(file_path("the data", path, DataError)))  # so that "." has a name to show
    if path.suffix.lower() == ".npz" and os.path.isfile(path):
        return store.load(path)
    faces = read(path)
    different = first_difference(faces)
    if different and not any("do not compare with published" in note for note in faces.notes):
        note = f"The counts are not those of FER-2013 as published: it has {different} here."
        faces = replace(faces, notes=(*faces.notes, note))
    return replace(faces, checksum=content_checksum(faces.splits()))


def import_faces(path: str | Path) -> Faces:
    """Read FER-2013 as `read_faces` does and keep it in the data folder, whole or not at all."""
    faces = read_faces(path)
    store.save(faces)
    return faces


def _how_to_get_it() -> str:
    download, at_hand = settings.command("data download"), settings.command("data import PATH")
    return f"To work with FER-2013, run `{download}`, or `{at_hand}` with a file at hand."


def _load_stored() -> Faces:
    if not os.path.exists(store.path()):
        raise DataError(f"Expected FER-2013 at {store.path()}, found nothing there. {_how_to_get_it()}")
    return store.load(store.path())


def _announce(faces: Faces) -> None:
    counts = ", ".join(f"{len(split):,} {name}" for name, split in faces.splits().items())
    if faces.name == "drawn":
        print(f"🖍 Drawn faces: {len(faces):,} pictures ({counts}). {_how_to_get_it()}")
        return
    print(
        f"📷 FER-2013: {len(faces):,} photographs ({counts}), from {faces.source}. "
        'For drawn faces: el.load_faces("drawn").'
    )
    for note in faces.notes:
        print(f"   Note: {note}")
