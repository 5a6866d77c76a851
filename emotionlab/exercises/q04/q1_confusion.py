"""Question 4.1: count a confusion matrix.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "4.1",
    hints=(
        "Begin with `np.zeros((7, 7), dtype=int)` and go through the pairs of label and prediction.",
        "`for true, predicted in zip(labels, predictions):` gives the pairs. Which cell does each pair belong to?",
        "Inside the loop: `matrix[true, predicted] += 1`. Return the matrix after it.",
    ),
    passed="Right: the row says what it was, the column what the model said. Everything else is read off this table.",
)


@QUESTION.inputs
def labels_and_predictions(seed):
    """Two sets, the first with more pictures in a cell than a uint8 can count.

    In the second, classes 0, 3 and 6 occur neither among the labels nor the predictions.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for classes, n in ((np.arange(7), 4000), (np.array([1, 2, 4, 5]), 70)):
        labels = rng.choice(classes, n)
        guesses = np.where(rng.random(n) < 0.5, labels, rng.choice(classes, n))
        cases.append((labels, guesses))
    return cases


@style
def add_at(labels, predictions):
    matrix = np.zeros((7, 7), int)
    np.add.at(matrix, (labels, predictions), 1)
    return matrix


@style
def scikit_learn(labels, predictions):
    from sklearn.metrics import confusion_matrix

    return confusion_matrix(labels, predictions, labels=range(7))


@style
def bincount(labels, predictions):
    return np.bincount(7 * labels + predictions, minlength=49).reshape(7, 7)


@style
def one_hot_product(labels, predictions):
    e = np.eye(7, dtype=int)
    return e[labels].T @ e[predictions]


@mistake(
    "Rows and columns are exchanged. Here, as in scikit-learn, the row is the true label. Read the other way round, "
    "recall turns into precision."
)
def transposed(labels, predictions):
    matrix = np.zeros((7, 7), int)
    for true, predicted in zip(labels, predictions, strict=True):
        matrix[predicted, true] += 1
    return matrix


COUNTED_ONCE = (
    "No cell holds more than 1. In a loop, `+= 1` adds to a cell and `= 1` does not. Without a loop, "
    "`matrix[labels, predictions] += 1` writes each cell once, however often it occurs."
)


@mistake(COUNTED_ONCE)
def counted_once(labels, predictions):
    matrix = np.zeros((7, 7), int)
    matrix[labels, predictions] += 1
    return matrix


@mistake(
    "Classes that do not occur were left out, so the rows no longer stand for the labels 0 to 6. Expected seven rows "
    "always (scikit-learn: `labels=range(7)`)."
)
def missing_classes_dropped(labels, predictions):
    there = np.union1d(labels, predictions)
    return bincount(labels, predictions)[np.ix_(there, there)]


@mistake("Only the right answers were counted. The mistakes, beside the diagonal, are what we want to see.")
def diagonal_only(labels, predictions):
    return np.diag(np.diag(bincount(labels, predictions)))


@mistake(
    "The diagonal is empty: only the wrong answers were counted. A right answer counts too, in the row and the column "
    "of its own label."
)
def mistakes_only(labels, predictions):
    matrix = bincount(labels, predictions)
    np.fill_diagonal(matrix, 0)
    return matrix


@mistake(
    "Only the first picture was counted. Does the `return` stand inside the loop? Then it ends the loop in its first "
    "round: move it to the left, below the loop."
)
def first_picture_only(labels, predictions):
    matrix = np.zeros((7, 7), int)
    for true, predicted in zip(labels, predictions, strict=True):
        matrix[true, predicted] += 1
        return matrix


@mistake("Large counts begin again at 0: the dtype uint8 holds nothing above 255. Write `dtype=int`.")
def counts_overflow(labels, predictions):
    matrix = np.zeros((7, 7), "uint8")
    np.add.at(matrix, (labels, predictions), 1)
    return matrix


SHARES_OF_ROWS = "These are the shares of each row. Expected the counts, as whole numbers."


@mistake(SHARES_OF_ROWS)
def shares_of_rows(labels, predictions):
    matrix = bincount(labels, predictions)
    return matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)


@mistake(SHARES_OF_ROWS, id="shares_of_rows")
def shares_of_rows_without_guard(labels, predictions):
    matrix = bincount(labels, predictions)
    return matrix / matrix.sum(axis=1, keepdims=True)


@mistake(id="counted_once", says="`= 1` does not")
def set_to_one(labels, predictions):
    matrix = np.zeros((7, 7), int)
    for true, predicted in zip(labels, predictions, strict=True):
        matrix[true, predicted] = 1
    return matrix


@mistake(says="whole numbers")
def wrong_dtype(labels, predictions):
    return bincount(labels, predictions).astype(float)
