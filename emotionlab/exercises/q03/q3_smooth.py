"""Question 3.3: label smoothing by hand.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "3.3",
    hints=(
        "Begin with one-hot rows: a 1 at the true class, else 0. `np.eye(7)[labels]` makes them.",
        "Two steps. Take away: multiply the rows by (1 - amount). Hand out: add the same small number everywhere.",
        "`return np.eye(7)[labels] * (1 - amount) + amount / 7`",
    ),
    passed="Right, and every row still adds up to 1. With amount 0.1 a network gains nothing from being surer "
    "than 91 %.",
    wants_array=True,
)


@QUESTION.inputs
def labels_and_amounts(seed):
    """Labels of all kinds, and labels that lack the first and the last class: seven columns all the same."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, 7, 11), 0.1), (rng.integers(1, 6, 9), 0.28)]


def one_hot(labels):
    return np.eye(7)[labels]


@style
def blend(labels, amount):
    even = np.full((len(labels), 7), 1 / 7)
    return (1 - amount) * one_hot(labels) + amount * even


@style
def fill(labels, amount):
    targets = np.full((len(labels), 7), amount / 7)
    targets[np.arange(len(labels)), labels] += 1 - amount
    return targets


@style
def where(labels, amount):
    return np.where(one_hot(labels) == 1, 1 - amount * 6 / 7, amount / 7)


@style
def float32(labels, amount):
    rows = []
    for label in labels:
        row = np.full(7, amount / 7, dtype="float32")
        row[label] += 1 - amount
        rows.append(row)
    return np.array(rows)


@mistake("These are plain one-hot rows: `amount` changed nothing.")
def not_smoothed(labels, amount):
    return one_hot(labels)


@mistake(
    "The amount was spread over the six other classes. In the usual definition, which Keras follows, all seven get a "
    "share, the true class too: amount / 7 each."
)
def spread_over_six(labels, amount):
    return np.where(one_hot(labels) == 1, 1 - amount, amount / 6)


@mistake(
    "The rows add up to less than 1: the true class gave the amount away but got no share back. It has "
    "1 - amount + amount / 7."
)
def true_class_without_share(labels, amount):
    return np.where(one_hot(labels) == 1, 1 - amount, amount / 7)


@mistake(
    "All rows are alike: `targets[:, labels]` takes these columns in every row. For one place in each row: "
    "`targets[np.arange(len(labels)), labels]`."
)
def every_row_alike(labels, amount):
    targets = np.full((len(labels), 7), amount / 7)
    targets[:, labels] += 1 - amount
    return targets


@mistake(
    "There are fewer than seven columns where a class does not occur. The number of classes is 7, whatever these "
    "labels hold."
)
def classes_that_occur(labels, amount):
    classes = labels.max() + 1
    return np.eye(classes)[labels] * (1 - amount) + amount / classes


@mistake(
    "There are fewer than seven columns where a class does not occur. The number of classes is 7, whatever these "
    "labels hold: `keras.utils.to_categorical(labels, 7)`, or `np.eye(7)[labels]`.",
    id="classes_that_occur",
)
def rows_as_wide_as_the_labels(labels, amount):
    return np.eye(labels.max() + 1)[labels] * (1 - amount) + amount / 7


@mistake(id="classes_that_occur", says="`keras.utils.to_categorical(labels, 7)`")
def classes_by_keras(labels, amount):
    import keras

    return keras.utils.to_categorical(labels) * (1 - amount) + amount / 7


@mistake(
    "The true class is not above the others: an array of whole numbers (`int`) cuts 1 - amount down to 0. Begin with "
    "`np.zeros((len(labels), 7))`, without `int`."
)
def whole_numbers(labels, amount):
    targets = np.zeros((len(labels), 7), int)
    targets[np.arange(len(labels)), labels] = 1 - amount
    return targets + amount / 7


@mistake(
    "The amount was taken from every class, and some targets are negative. Take it from the true class alone: multiply "
    "the one-hot rows by (1 - amount)."
)
def taken_from_all(labels, amount):
    return one_hot(labels) - amount + amount / 7


@mistake(
    "These are the numbers of the labels, one for each picture. Make one-hot rows of them first: `np.eye(7)[labels]`."
)
def labels_for_one_hot(labels, amount):
    return labels * (1 - amount) + amount / 7


@mistake(
    "The rows add up to more than 1: the amount was handed out but not taken from the true class. Multiply the one-hot "
    "rows by (1 - amount) first."
)
def nothing_taken_away(labels, amount):
    return one_hot(labels) + amount / 7


@mistake(
    "The rows add up to less than 1: the amount was taken from the true class and lost. Add amount / 7 to every class."
)
def nothing_handed_out(labels, amount):
    return one_hot(labels) * (1 - amount)


@mistake("Every class received the whole amount, so the rows add up to more than 1. Share it: amount / 7 each.")
def amount_for_each(labels, amount):
    return one_hot(labels) * (1 - amount) + amount


@mistake("The true class kept only the small part: `amount` and `1 - amount` are exchanged.")
def amount_on_the_true_class(labels, amount):
    return one_hot(labels) * amount + (1 - amount) / 7


@mistake("The axes are exchanged: expected one row for each label and seven columns.")
def axes_exchanged(labels, amount):
    return fill(labels, amount).T
