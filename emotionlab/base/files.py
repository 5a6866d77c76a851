"""Files that are written whole or not at all, and the arrays and records in them."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emotionlab.base.archives import load_arrays
from emotionlab.base.errors import DataError, RunError

PACKAGE = Path(__file__).parents[1]
"""The folder of the package."""

RECORDS = PACKAGE / "reference"
"""The folder of the records that come with the package: what was measured, and the runs on the real FER-2013."""


@contextmanager
def whole_file(path: Path, rights: int | None = None) -> Iterator[Path]:
    """A temporary file beside `path`, which takes its name when the block ends well, and goes when it does not.

    An interruption or a full disk leaves what was there before, and nothing else. The folder must be there.
    rights: who may read it in the end, and until then its owner alone. None: whoever may read the file that is there
    already; a new one is open to all, but for what the process takes away (its umask).
    Raises OSError where it cannot be written; what the block raises passes through.
    """
    rights = _rights_of(path) if rights is None else rights
    name = f".{path.stem[:50]}-{secrets.token_hex(4)}{path.suffix}"
    temporary = Path(os.path.abspath(path.parent), name)
    # the system itself takes the umask off; to ask for it, a process must change it, for all its threads
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644 if rights is None else 0o600))
    try:
        yield temporary
        if rights is not None:
            temporary.chmod(rights)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _rights_of(path: Path) -> int | None:
    """The rights of the file that is there; None where there is none, and on Windows, where a folder hands them on."""
    try:
        return os.stat(path).st_mode & 0o777 if os.name == "posix" else None
    except OSError:  # whatever hinders more than a look is said when the file is written
        return None


def write_whole(path: Path, content: bytes, rights: int | None = None) -> None:
    """Write a file whole or not at all; rights as in `whole_file`. Raises OSError where it cannot be written."""
    with whole_file(path, rights) as temporary:
        temporary.write_bytes(content)


def listed(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder that fit a pattern, sorted, but for hidden ones: `whole_file` may have begun such a file.

    What ended the process before it was whole (the system, where memory was short) has left it there.
    """
    return sorted(path for path in folder.glob(pattern) if not path.name.startswith("."))


def refuse_pipe(path: Path, what: str) -> None:
    """Raise DataError for a pipe or a device, which would be waited for without end. what: such as "a text"."""
    if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
        raise DataError(f"Expected {what} at {path}, found a pipe or a device; save it as a file first.")


def readable(name) -> str:
    """A name of the file system as text that can be written anywhere: what is no UTF-8 becomes `\\xfc`."""
    return str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def write_json(path: Path, value) -> None:
    """Write JSON whole or not at all; makes the folder. Raises RunError where it cannot be written."""
    text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
    with _run_file(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))  # \udcfc, of such a name, is JSON too


def write_arrays(path: Path, arrays: dict[str, np.ndarray], compress: bool = True) -> None:
    """Write an .npz whole or not at all; makes the folder. Raises RunError where it cannot be written."""
    save = np.savez_compressed if compress else np.savez
    with _run_file(path) as temporary, temporary.open("wb") as file:  # given a name, NumPy would add an ending to it
        save(file, **arrays)


@contextmanager
def _run_file(path: Path) -> Iterator[Path]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary:
            yield temporary
    except OSError as problem:
        raise RunError(
            f"Expected to write {path}, found: {problem.strerror or problem}; free some space or choose another folder "
            "with EMOTIONLAB_RUNS."
        ) from None


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz file. Raises RunError when there is none or it is damaged."""
    try:
        return load_arrays(path)
    except FileNotFoundError:
        raise RunError(f"Expected {path.name} in {path.parent}, found none; put it back from a copy.") from None
    except OSError as problem:
        raise RunError(f"Expected to read {path}, found: {problem.strerror or problem}; allow it.") from None
    except ValueError as problem:
        if isinstance(problem.__cause__, MemoryError):
            raise RunError(
                f"Expected room in memory for the arrays of {path}, found too little; close other notebooks and try "
                "again, and if it stays so, put the file back from a copy."
            ) from problem
        raise RunError(
            f"Expected NumPy arrays in {path}, found a damaged file or one of another kind; put it back from a copy, "
            f"or delete the folder {path.parent} and train again."
        ) from problem
