"""Runs recorded on the real FER-2013, so that every lesson has real figures to read, offline."""

import shutil

from emotionlab.errors import RunError
from emotionlab.runs import REFERENCE_RUNS, Run, run_names


def names() -> list[str]:
    """Names of the recorded runs."""
    return run_names(REFERENCE_RUNS)


def load(name: str) -> Run:
    """A recorded run. Raises RunError for a name that is not in `names()`.

    Its `labels`, `probabilities` and `report` are those of the official validation (PublicTest)
    and test (PrivateTest) pictures.
    """
    if name not in names():
        raise RunError(f"Expected one of the recorded runs {', '.join(names())}, found {name!r}; choose one of them.")
    return Run(REFERENCE_RUNS / name)


def add(run: Run, with_weights: bool = False) -> Run:
    """Keep a finished run among the recorded ones: its figures, and its weights only if asked for."""
    run.provenance, run.report("test")  # both raise RunError when the run is not whole
    kept = REFERENCE_RUNS / run.name
    leave_out = () if with_weights else ("weights.npz", "architecture.json")
    shutil.copytree(
        run.folder, kept, dirs_exist_ok=True, ignore=shutil.ignore_patterns("checkpoint*", "best*", *leave_out)
    )
    return Run(kept)
