"""The threshold below which the shipped network had better stay silent, chosen on validation (lesson 04)."""

from emotionlab.base.files import write_json
from emotionlab.evaluation.calibration import RECORD, choose
from emotionlab.runs import reference

NAME = RECORD.name
COMMAND = "uv run python -m emotionlab.labs threshold"


def record(faces=None) -> dict:
    """Choose anew from the recorded run of the shipped network, and keep the choice in the package."""
    found = {**choose(reference.load(reference.SHIPPED)), "command": COMMAND}
    write_json(RECORD, found)
    return found
