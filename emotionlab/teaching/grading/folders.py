"""The temporary folder of one submission: what is laid into it, and how it is removed again."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path


def put_beside(folder: str, files: Sequence) -> None:
    """Lay files down where the learner's process finds them beside its notebook."""
    for name, content in files:
        path = Path(folder, "beside", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


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
    return not os.path.lexists(folder)


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except PermissionError:  # Windows does not remove what is read-only
        os.chmod(path, 0o700)
        os.unlink(path)
