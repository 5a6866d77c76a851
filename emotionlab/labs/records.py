"""Reading and keeping what the labs recorded on the real FER-2013: JSON beside the recorded runs."""

import datetime
import hashlib
import json
from pathlib import Path

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.base.files import RECORDS, write_json

FOLDER = RECORDS


def read(name: str, command: str) -> dict:
    """The record called `name`. Raises RunError with the `command` that makes it when there is none."""
    try:
        return json.loads((FOLDER / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"Expected the record {name} in {FOLDER}, found none; make it with: {command}") from None


def keep(name: str, values: dict, command: str, faces=None) -> Path:
    """Write the record called `name`, with the command, the time and the data (if any) that made it."""
    from emotionlab.runs.provenance import checksum

    made = {
        "command": command,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    if faces is not None:
        made["data"] = {"name": faces.name, "checksum": checksum(faces)}
    write_json(FOLDER / name, {**made, **values})
    return FOLDER / name


def fingerprint(labels: np.ndarray) -> str:
    """SHA-256 of labels in their order: tells whether two runs list the same pictures the same way."""
    return hashlib.sha256(np.asarray(labels).astype("<i8").tobytes()).hexdigest()
