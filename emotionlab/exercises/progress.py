"""The learner's own record of checks: a small JSON file in the working folder, read by nobody else."""

import json
import os
from pathlib import Path

FILE_NAME = ".emotionlab_progress.json"


def read(folder: Path) -> dict:
    """The record in `folder`: exercise -> question -> {"outcome", "tries", "failed_in_a_row"}.

    A missing or unreadable file is an empty record: a check must not depend on it.
    """
    try:
        record = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def write(folder: Path, exercise: str, questions: dict) -> bool:
    """Store the questions of one exercise beside those of the others. False when that is not possible."""
    record = read(folder) | {exercise: questions}
    temporary = folder / f"{FILE_NAME}.{os.getpid()}"
    try:
        temporary.write_text(json.dumps(record, indent=1), encoding="utf-8")
        temporary.replace(folder / FILE_NAME)
    except OSError:
        return False
    return True
