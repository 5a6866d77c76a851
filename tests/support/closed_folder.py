"""A folder that nobody may look into, for tests on every system and as every user, root included."""

import builtins
import errno
import io
import os
from pathlib import Path


def close(folder: Path, monkeypatch) -> Path:
    """Make `folder`, and refuse from now on whatever lies in it, as a folder without permissions does."""
    folder.mkdir()
    inside = f"{folder}{os.sep}"

    def refusing(real):
        def refuse(path, *args, **kwargs):
            if not isinstance(path, int) and os.fsdecode(path).startswith(inside):
                raise PermissionError(errno.EACCES, "Permission denied", os.fsdecode(path))
            return real(path, *args, **kwargs)

        return refuse

    for module, name in ((os, "stat"), (os, "lstat"), (os, "mkdir"), (os, "open"), (io, "open"), (builtins, "open")):
        monkeypatch.setattr(module, name, refusing(getattr(module, name)))
    return folder
