"""The learner's own record of checks: a small JSON file in the working folder, read by nobody else."""

import json
import os
from pathlib import Path

from emotionlab.base.files import write_whole
from emotionlab.base.notices import warn

FILE_NAME = ".emotionlab_progress.json"


def read(folder: Path) -> dict:
    """The record in `folder`: exercise -> question -> {"outcome", "tries", "failed_in_a_row"}.

    A missing file is an empty record: a check must not depend on it. A damaged one is set aside, with a notice.
    """
    path = folder / FILE_NAME
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return {}
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        _set_aside(path)
        return {}
    return record


def _set_aside(path: Path) -> None:
    """Rename a damaged record, so that nothing is written over it, and say so."""
    number = 1
    while (kept := path.with_name(f"{FILE_NAME}.damaged-{number}")).exists():
        number += 1
    try:
        path.replace(kept)
    except OSError:
        return
    warn(f"The record of your tries, {FILE_NAME}, was damaged. It is kept as {kept.name}, and a new one begins.")


def write(folder: Path, exercise: str, questions: dict) -> bool:
    """Store the questions of one exercise beside those of the others. False when that is not possible."""
    if (folder / FILE_NAME).exists() and not os.access(folder / FILE_NAME, os.R_OK):
        return False  # what cannot be read would be lost
    record = read(folder) | {exercise: questions}
    try:
        write_whole(folder / FILE_NAME, json.dumps(record, indent=1).encode())
    except OSError:
        return False
    return True
