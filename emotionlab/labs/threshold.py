"""The threshold below which the shipped network had better stay silent, chosen on validation (lesson 04)."""

from emotionlab.base.files import write_json
from emotionlab.evaluation.calibration import RECORD, WANTED, smallest_threshold, temperature, with_temperature
from emotionlab.metrics.scoring import Report, score, thresholded
from emotionlab.runs import reference

NAME = RECORD.name
COMMAND = "uv run python -m emotionlab.labs threshold"


def choose(run, wanted: float = WANTED) -> dict:
    """Temperature and threshold of a run from its recorded validation pictures, checked on test, as JSON values."""
    validation = run.report("validation")
    t = round(temperature(validation.labels, validation.probabilities), 3)
    sober = {split: _with_temperature(run.report(split), t) for split in ("validation", "test")}
    threshold = smallest_threshold(sober["validation"], wanted)
    found = {"run": run.name, "tta": "none", "wanted_accuracy": wanted, "temperature": t, "threshold": threshold}
    for split, report in sober.items():
        at = thresholded(report, threshold)
        found[split] = {"coverage": round(at.coverage, 4), "accuracy": round(at.accuracy, 4)}
    return found


def _with_temperature(report: Report, t: float) -> Report:
    return score(report.labels, with_temperature(report.probabilities, t), report.name)


def record(faces=None) -> dict:
    """Choose anew from the recorded run of the shipped network, and keep the choice in the package."""
    found = {**choose(reference.load(reference.SHIPPED)), "command": COMMAND}
    write_json(RECORD, found)
    return found
