"""Question 4.2: precision, recall and F1 of each class, from a confusion matrix.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import short
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q04.shared import matrices

QUESTION = function_question(
    "4.2",
    hints=(
        "The right answers stand on the diagonal: `np.diag(matrix)`. What must they be divided by in each case?",
        "`matrix.sum(axis=1)` adds up each row (how many there are), `matrix.sum(axis=0)` each column (how many were "
        "predicted). `np.maximum(count, 1)` avoids dividing by a count of 0.",
        "`recall = hits / np.maximum(matrix.sum(axis=1), 1)`, precision likewise with `axis=0`, and "
        "`f1 = 2 * hits / np.maximum(rows + columns, 1)`.",
    ),
    passed="Right, with the two corner cases. A class that is never predicted hides in the accuracy, not in its F1.",
    wants_array=True,
    explained={
        "A precision, recall or F1 is never negative.": (
            "blind: result …: without sign",
            "blind: result …: clipped at 0",
        ),
    },
)

QUESTION.inputs(matrices)


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
    if wrong is None or wrong.misconception not in ("wrong_values", "not_finite"):
        return wrong
    found = [value.get("array") for case in observed["returned"] for value in case["items"]]
    numbers = [array for array in found if array is not None and array.dtype.kind in "iuf"]
    above = [value for array in numbers for value in array[np.isfinite(array)].tolist() if value > 1 + 1e-9]
    if not above:
        return wrong
    return Wrong(
        f"A score is {short(min(above))}, and no precision, recall or F1 can be above 1. Divide the hits by the whole "
        "column (precision) or row (recall): the hits themselves belong to that sum.",
        "above_one",
    )


@style
def harmonic_mean(matrix):
    hits = np.diag(matrix)
    precision = hits / np.maximum(matrix.sum(axis=0), 1)
    recall = hits / np.maximum(matrix.sum(axis=1), 1)
    both = np.where(precision + recall > 0, precision + recall, 1)
    return precision, recall, 2 * precision * recall / both


@style
def loop(matrix):
    precision, recall, f1 = np.zeros(7), np.zeros(7), np.zeros(7)
    for c in range(7):
        hit = matrix[c, c]
        if hit:
            precision[c] = hit / sum(matrix[:, c])
            recall[c] = hit / sum(matrix[c])
            f1[c] = 2 / (1 / precision[c] + 1 / recall[c])
    return precision, recall, f1


@style
def scikit_learn(matrix):
    from sklearn.metrics import precision_recall_fscore_support

    true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)
    scores = precision_recall_fscore_support(true, predicted, labels=range(7), zero_division=0)
    return scores[:3]


@style
def nan_to_num(matrix):
    hits = matrix.diagonal()
    p, r = hits / matrix.sum(0), hits / matrix.sum(1)
    return np.nan_to_num(p), np.nan_to_num(r), np.nan_to_num(2 * p * r / (p + r))


@mistake(
    "Precision and recall are exchanged. Recall asks, of the true pictures (a row), how many were found; precision, of "
    "the predicted ones (a column), how many were right."
)
def precision_and_recall_exchanged(matrix):
    precision, recall, f1 = harmonic_mean(matrix)
    return recall, precision, f1


def without_guard(hits, columns, rows):
    """Precision, recall and F1 that become NaN where there is nothing to divide by."""
    precision, recall = hits / columns, hits / rows
    return precision, recall, 2 * precision * recall / (precision + recall)


@mistake(
    "A class that is never predicted, or has no picture, gave NaN: 0 divided by 0. Expected 0 there. A sum of counts "
    "can be divided by as `np.maximum(count, 1)`; what is NaN all the same, `np.nan_to_num` turns into 0."
)
def zero_by_zero(matrix):
    return without_guard(np.diag(matrix), matrix.sum(axis=0), matrix.sum(axis=1))


@mistake(
    "Precision and recall are right, F1 is too small where they are low: `np.maximum(..., 1)` is for counts. Precision "
    "plus recall is often below 1, and there you divided by 1. Use "
    "`np.nan_to_num(2 * precision * recall / (precision + recall))`."
)
def maximum_with_shares(matrix):
    precision, recall, _ = harmonic_mean(matrix)
    return precision, recall, 2 * precision * recall / np.maximum(precision + recall, 1)


@mistake(
    "F1 is not the plain mean of precision and recall but the harmonic one, 2 * precision * recall / (precision + "
    "recall). It is low when either of them is."
)
def f1_as_plain_mean(matrix):
    precision, recall, _ = harmonic_mean(matrix)
    return precision, recall, (precision + recall) / 2


@mistake("F1 is half of what it should be: the factor 2 is missing.")
def two_forgotten(matrix):
    precision, recall, f1 = harmonic_mean(matrix)
    return precision, recall, f1 / 2


BY_ALL_PICTURES = (
    "The right answers were divided by all pictures. Divide by the sum of the class's own column (precision) or row "
    "(recall)."
)


@mistake(BY_ALL_PICTURES)
def divided_by_all_pictures(matrix):
    share = np.diag(matrix) / matrix.sum()
    both = np.where(share > 0, share + share, 1)
    return share, share, 2 * share * share / both


@mistake(BY_ALL_PICTURES, id="divided_by_all_pictures")
def divided_by_all_without_guard(matrix):
    return without_guard(np.diag(matrix), matrix.sum(), matrix.sum())


@mistake(
    'The first array is the accuracy of the question "this class or not". It counts the many pictures that are rightly '
    "called something else, so it is high for any rare class. Precision leaves them out."
)
def accuracy_for_precision(matrix):
    hits, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    others = matrix.sum() - rows - columns + hits
    _, recall, f1 = harmonic_mean(matrix)
    return (hits + others) / matrix.sum(), recall, f1


@mistake(says="can be above 1")
def above_one(matrix):
    hits = np.diag(matrix)
    columns, rows = np.maximum(matrix.sum(axis=0) - hits, 1), np.maximum(matrix.sum(axis=1) - hits, 1)
    precision, recall = hits / columns, hits / rows
    both = np.where(precision + recall > 0, precision + recall, 1)
    return precision, recall, 2 * precision * recall / both


@mistake(id="above_one", says="can be above 1")
def above_one_without_guard(matrix):
    hits = np.diag(matrix)
    return without_guard(hits, matrix.sum(axis=0) - hits, matrix.sum(axis=1) - hits)
