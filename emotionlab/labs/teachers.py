"""What a small network gains when it learns from votes and from larger networks, judged on validation alone.

Each row is an ordinary run of `small_cnn`, kept in the folder of one's own runs, so that a search that was stopped goes
on where it stopped. The record holds a bit a picture: right or wrong. The test pictures take no part.
"""

import numpy as np

from emotionlab.labs import records
from emotionlab.labs.recipes import gains_over_first
from emotionlab.runs.recipes import RECIPES

NAME, BITS = "teacher_search.json", "teacher_search.npz"
COMMAND = "uv run python -m emotionlab.labs teacher_search"
NETWORK, EPOCHS = "small_cnn", 30
NETWORKS = "scratch_cnn+resnet18_imagenet_64px"
"""Both learned from smoothed labels, and the second was stopped early: neither is too sure of what it has seen."""

CHANGES = {
    "labels": {},
    "two networks": {"teacher": NETWORKS, "teacher_share": 0.7, "label_smoothing": 0.0},
    "votes and two networks": {
        "targets": "votes",
        "teacher": NETWORKS,
        "teacher_share": 0.5,
        "label_smoothing": 0.0,
    },
}
"""What each row learns from: entries of the recipe. FER+'s votes are told for the training pictures alone."""


def recipe(row: str):
    """The recipe of a row: `cropped`, with neither erasing nor mixup, for longer, and towards its own targets."""
    return RECIPES["cropped"].but(epochs=EPOCHS, **CHANGES[row])


def run_name(row: str) -> str:
    """The name of a row's run among one's own."""
    return f"teacher_search_{row.replace(' ', '_')}"


def teacher_search():
    """What learning from two networks, and from these and votes, was worth: a DataFrame, a row for each, labels first.

    Columns: accuracy on validation (0 to 1); gain over labels, and its 95 % interval gain_low, gain_high (paired
    bootstrap over pictures: it does not hold what another seed would do); p_value (McNemar's exact test); mirrored, the
    accuracy when a picture and its mirror image are averaged; minutes. Raises RunError when there is no record.
    """
    from emotionlab.runs import read_arrays

    table = gains_over_first(records.read(NAME, COMMAND), read_arrays(records.FOLDER / BITS))
    return table[["accuracy", "gain", "gain_low", "gain_high", "p_value", "mirrored", "minutes"]]


def measure(row: str, faces):
    """Train the row, or go on with it, and return its run: one that is finished is read."""
    from emotionlab.training import train_by_name

    return train_by_name(NETWORK, recipe(row), faces, run_name(row))


def record(faces) -> dict:
    """Measure every row that is not finished among one's own runs; return the JSON values of the record.

    The teachers must have said what they think of these pictures before (`emotionlab teach`); else RunError.
    """
    from emotionlab.runs import write_arrays

    rows, bits = [], {}
    for row in CHANGES:
        print(f"{row}:")
        run = measure(row, faces)
        right = run.report("validation").correct
        bits[row] = np.packbits(right)
        made = run.provenance
        rows.append(
            {
                "change": row,
                "recipe": run.recipe.as_dict(),
                "accuracy": round(float(right.mean()), 6),
                "mirrored": round(run.report("validation", "flip").accuracy, 6),
                **{key: made[key] for key in ("minutes", "precision", "hardware", "versions", "commit")},
            }
        )
    write_arrays(records.FOLDER / BITS, bits)
    return {"network": NETWORK, "pictures": len(faces.validation), "rows": rows}
