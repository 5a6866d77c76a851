"""The leak lab: a run's accuracy on test pictures that are in the training set too, and on the others."""

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.evaluation import confidence_interval
from emotionlab.labs import records

NAME = "fer2013_leaks.json"
COMMAND = "uv run python -m emotionlab.labs leaks"


def leak(run, tta: str = "flip", split: str = "test"):
    """Accuracy of a run on leaked pictures, on clean ones and on all: a DataFrame with these three rows.

    run: a Run or its name, trained on FER-2013. tta: "flip" or "none". split: "test" or "validation".
    A picture is leaked when the training set holds the same pixels (lesson 01 finds them).
    Columns: pictures; accuracy (0 to 1) with its 95 % Wilson interval accuracy_low, accuracy_high.

    Raises RunError when the run's pictures are not those of FER-2013 in the recorded order.
    """
    import pandas as pd

    from emotionlab.runs import load_run

    run = load_run(run) if isinstance(run, str) else run
    report = run.report(split, tta)
    leaked = leaked_pictures(split, report.labels)
    groups = {"leaked": leaked, "clean": ~leaked, "all": np.ones(len(leaked), bool)}
    rows = []
    for group in groups.values():
        right, pictures = int(report.correct[group].sum()), int(group.sum())
        rows.append((pictures, right / pictures, *confidence_interval(right, pictures)))
    columns = ["pictures", "accuracy", "accuracy_low", "accuracy_high"]
    return pd.DataFrame(rows, pd.Index(groups, name="pictures of the split"), columns)


def leaked_pictures(split: str, labels: np.ndarray) -> np.ndarray:
    """Mask (N,) bool of the pictures of "test" or "validation" that occur in training.

    labels: (N,) of the run, which must be those of FER-2013 in the recorded order (else RunError).
    """
    recorded = records.read(NAME, COMMAND)
    if split not in recorded["splits"]:
        raise RunError(f"Expected the split test or validation, found {split!r}; training pictures do not leak.")
    known = recorded["splits"][split]
    if len(labels) != known["pictures"] or records.fingerprint(labels) != known["labels"]:
        raise RunError(
            f"Expected a run on the {known['pictures']:,} {split} pictures of FER-2013 in the order of the recorded "
            f"runs, found {len(labels):,} other labels; take a recorded run, or one that you trained on FER-2013."
        )
    leaked = np.zeros(len(labels), bool)
    leaked[known["leaked"]] = True
    return leaked


def record(faces) -> dict:
    """Which pictures of the real FER-2013 leak, as JSON values: indices and nothing of the pictures."""
    from emotionlab.data import find_duplicates

    found = find_duplicates(faces)
    masks = {"validation": found.leaked_validation, "test": found.leaked_test}
    return {
        "splits": {
            name: {
                "pictures": len(mask),
                "labels": records.fingerprint(faces.splits()[name].labels),
                "leaked": np.flatnonzero(mask).tolist(),
            }
            for name, mask in masks.items()
        }
    }
