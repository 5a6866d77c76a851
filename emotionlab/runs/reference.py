"""Runs recorded on the real FER-2013, so that every lesson has real figures to read, offline."""

import shutil

from emotionlab.base.arguments import shown
from emotionlab.base.errors import RunError
from emotionlab.runs.run import REFERENCE_RUNS, TEACHING, Run, run_names

SHIPPED = "scratch_cnn"
"""Name of the run whose network the recogniser, the app and the lessons use."""


def names() -> list[str]:
    """Names of the recorded runs."""
    return run_names(REFERENCE_RUNS)


def load(name: str) -> Run:
    """A recorded run. Raises RunError for a name that is not in `names()`.

    Its `labels`, `probabilities` and `report` are those of the official validation (PublicTest)
    and test (PrivateTest) pictures.
    """
    if not isinstance(name, str) or name not in names():
        raise RunError(
            f"Expected one of the recorded runs {', '.join(names())}, found {shown(name)}; choose one of them."
        )
    return Run(REFERENCE_RUNS / name)


def add(run: Run, with_weights: bool = False) -> Run:
    """Keep a finished run among the recorded ones: its figures, and its weights only if asked for."""
    run.provenance, run.report("test")  # both raise RunError when the run is not whole
    kept = REFERENCE_RUNS / run.name
    leave_out = () if with_weights else ("weights.npz", "architecture.json")
    (kept / TEACHING).unlink(missing_ok=True)  # what the network before it said of the training pictures
    shutil.copytree(
        run.folder, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("checkpoint*", "best*", *leave_out)
    )
    return Run(kept)


def summary(network: str) -> str:
    """What was recorded for networks called `network`: a line a run, with its start and its test accuracy."""
    lines = []
    for run in map(load, names()):
        if run.provenance["network"] == network:
            report = run.report("test")
            low, high = report.accuracy_interval
            lines.append(
                f"Recorded on FER-2013: {run.name} (start: {run.provenance['initialisation']}): {report.accuracy:.1%} "
                f"of the test pictures right (95 % interval {low:.1%} to {high:.1%})."
            )
    return "\n".join(lines)
