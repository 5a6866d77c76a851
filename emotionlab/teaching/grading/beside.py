"""Files that were handed in beside a notebook: `from helpers import ...` needs them."""

import os
from collections.abc import Sequence
from pathlib import Path

from emotionlab.base.files import readable

MOST_FILES, MOST_BYTES = 200, 50 * 2**20
"""How many files, and bytes of all together, are laid beside a notebook that is graded."""

JUNK = {".ipynb_checkpoints", "__MACOSX", "__pycache__", ".git", ".venv", ".DS_Store", "Thumbs.db", "desktop.ini"}
"""What systems and programs leave behind."""

_DEEPEST = 8


def files_beside(notebook: Path) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    """The (name, bytes) of all files in the notebook's folder and below, without other notebooks; and notes.

    Links are not followed. Names are relative, with forward slashes.
    """
    top = notebook.parent
    kept, size, left_out = [], 0, 0
    for folder, folders, names in os.walk(top):
        inner = os.path.relpath(folder, top)
        depth = 0 if inner == "." else inner.count(os.sep) + 1
        folders[:] = sorted(name for name in folders if name not in JUNK and depth < _DEEPEST)
        for name in sorted(names):
            path = Path(folder, name)
            if path == notebook or name in JUNK or path.suffix.lower() == ".ipynb":
                continue
            if path.is_symlink() or not path.is_file():
                continue
            content = _read(path, MOST_BYTES - size) if len(kept) < MOST_FILES else None
            if content is None:
                left_out += 1
                continue
            size += len(content)
            kept.append((name if depth == 0 else f"{inner}/{name}".replace(os.sep, "/"), content))
    notes = [f"with it: {some([name for name, _ in kept])}"] if kept else []
    notes += [f"not laid beside it: {left_out} files, too many or too large"] if left_out else []
    return tuple(kept), tuple(notes)


def _read(path: Path, room: int) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= room else None
    except OSError:
        return None


def some(names: Sequence[str]) -> str:
    """The first names of a list, as text that can be written anywhere, and how many more there are."""
    return ", ".join(map(readable, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
