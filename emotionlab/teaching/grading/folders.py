"""Temporary folders of the grader: how they are made, what is laid into them, and how they are removed again.

A process that is killed removes nothing. So each folder is locked by the process that made it, as long as that lives;
what nobody holds any more, the next grader of the same user sweeps away.
"""

import contextlib
import errno
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no such locks: there nothing is swept
    fcntl = None

PREFIX = "emotionlab-grading-"
"""How every temporary folder of the grader begins."""

_BEING_MADE = 60  # seconds in which a folder without a lock may still get one

_OF_THE_DISK = {errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, getattr(errno, "EDQUOT", None)}

_held: dict[str, int] = {}  # a folder of this process -> the open file that holds its lock


def make() -> str:
    """A new temporary folder, locked until it is removed or this process ends, however it ends."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    if fcntl:
        _held[folder] = os.open(folder, os.O_RDONLY)
        with contextlib.suppress(OSError):  # where a file system has no locks, `sweep` gets none either
            fcntl.flock(_held[folder], fcntl.LOCK_EX | fcntl.LOCK_NB)
    return folder


def sweep() -> None:
    """Remove the folders that processes of this user left behind when they were killed."""
    if fcntl:
        for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):  # it is held, or somebody else removes it at the same moment
                _sweep_one(path)


def _sweep_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        facts = os.fstat(handle)
        if facts.st_uid == os.geteuid() and time.time() - facts.st_ctime >= _BEING_MADE:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(str(path))
    finally:
        os.close(handle)


def put_beside(folder: str, files: Sequence) -> list[str]:
    """Lay files down where the learner's process finds them beside its notebook.

    Returns the names that cannot be laid here, or lead elsewhere. Raises OSError where that is the disk's fault.
    """
    place, left_out = Path(folder, "beside"), []
    for name, content in files:
        path = place / name
        try:
            is_laid = path.resolve().is_relative_to(place.resolve()) and _put(path, content)
        except ValueError:  # a null character, or letters that are none
            is_laid = False
        if not is_laid:
            left_out.append(name)
    return left_out


def _put(path: Path, content: bytes) -> bool:
    """Write a file, with its folder; False for a name that is too long, taken, or none on this system."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as problem:
        if problem.errno in _OF_THE_DISK:
            raise
        return False
    return True


def remove(folder: str) -> bool:
    """Remove a temporary folder, however deep and though its files were made read-only. False when some is left.

    Folders are moved up before they are emptied: no path gets too long, and nothing is recursive.
    """
    waiting, number = [folder], 0
    emptied = []
    while waiting:
        here = waiting.pop()
        emptied.append(here)
        with contextlib.suppress(OSError):
            os.chmod(here, 0o700)
            with os.scandir(here) as entries:
                inside = list(entries)
            for entry in inside:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        number += 1
                        moved = os.path.join(folder, f"emptied-{number}")
                        os.chmod(entry.path, 0o700)
                        os.rename(entry.path, moved)
                        waiting.append(moved)
                    else:
                        _unlink(entry.path)
    for here in reversed(emptied):
        with contextlib.suppress(OSError):
            os.rmdir(here)
    if folder in _held:
        os.close(_held.pop(folder))
    return not os.path.lexists(folder)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except PermissionError:  # Windows does not remove what is read-only
        os.chmod(path, 0o700)
        os.unlink(path)
