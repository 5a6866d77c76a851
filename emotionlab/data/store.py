"""The one compact file that keeps FER-2013 in the data folder: written whole or not at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from emotionlab.base import settings
from emotionlab.base.archives import load_arrays
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.files import whole_file
from emotionlab.data.dataset import Faces, Split, content_checksum
from emotionlab.data.sources import MAX_BYTES

_FORMAT = "emotionlab faces 1"


def path() -> Path:
    """Where FER-2013 is kept: `fer2013.npz` in the data folder."""
    return settings.data_dir() / "fer2013.npz"


def save(faces: Faces) -> Path:
    """Write `faces` to the data folder and return the file's path.

    The file is written under a temporary name, read back and compared, and only then given its
    name: an interruption or a full disk leaves what was there before.
    Raises DataError where the folder cannot be written.
    """
    target = path()
    try:
        with made_if_missing(target.parent):
            _write_whole(target, faces)
    except OSError as error:
        raise DataError(
            f"Could not write {target} ({error.strerror or error}): expected room for about 80 MB in a "
            "folder you may write to; free some space, or name another folder in EMOTIONLAB_DATA."
        ) from error
    return target


def load(file: Path) -> Faces:
    """Read a file that `save` wrote, and compare its content with the checksum it carries.

    Raises DataError where the file is damaged or comes from elsewhere.
    """
    try:
        stored = load_arrays(file, MAX_BYTES)
        about = json.loads(stored["about"].tobytes().decode("utf-8"))
        if about["format"] != _FORMAT:
            raise KeyError(about["format"])
        splits = {name: _split(stored, name) for name in ("train", "validation", "test")}
        known = {name: about[name] for name in ("name", "source", "checksum")}
        notes = tuple(about["notes"])
    except KeyError as error:
        raise DataError(
            f"Expected an .npz that `{settings.command('data import')}` wrote, found another one at {file}; "
            "import the original archive or CSV instead."
        ) from error
    except (OSError, ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise DataError(_damaged(file)) from error
    if content_checksum(splits) != known["checksum"]:
        raise DataError(_damaged(file))
    return Faces(**splits, **known, notes=notes)


def _damaged(file: Path) -> str:
    return (
        f"Expected a whole data set at {file}, found a damaged or unreadable file; "
        f"run `{settings.command('data download')}` or `{settings.command('data import PATH')}` again to replace it."
    )


def _write_whole(target: Path, faces: Faces) -> None:
    with whole_file(target) as temporary:
        with temporary.open("wb") as file:
            _write(file, faces)
            file.flush()
            os.fsync(file.fileno())
        load(temporary)


def _write(file, faces: Faces) -> None:
    about = {
        "format": _FORMAT,
        "name": faces.name,
        "source": faces.source,
        "notes": list(faces.notes),
        "checksum": content_checksum(faces.splits()),
    }
    arrays = {"about": np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)}
    for name, split in faces.splits().items():
        arrays[f"{name}_images"] = split.images
        arrays[f"{name}_labels"] = split.labels.astype(np.uint8)
        arrays[f"{name}_files"] = split.files
    np.savez_compressed(file, **arrays)


def _split(stored, name: str) -> Split:
    labels = stored[f"{name}_labels"].astype(np.int64)
    if labels.max() >= len(EMOTIONS):
        raise ValueError("a label beyond the seven classes")
    return Split(stored[f"{name}_images"], labels, stored[f"{name}_files"])


@contextmanager
def made_if_missing(folder: Path) -> Iterator[None]:
    """Make a folder for the time of a `with` block; what was made and is empty at the end goes again."""
    made = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()
