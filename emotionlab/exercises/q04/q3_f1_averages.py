"""Question 4.3: macro, weighted and micro F1 from a confusion matrix.

Title, points, task and model solution: solutions/04_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q04.shared import matrices

QUESTION = function_question(
    "4.3",
    hints=(
        "Begin with the seven F1 of question 4.2. Two of the three answers are means of them.",
        "`np.average(f1, weights=...)` is a weighted mean. For micro: in all classes together, each mistake is missed "
        "once (in its row) and wrong once (in its column).",
        "`f1.mean()`, `np.average(f1, weights=matrix.sum(axis=1))`, and for micro `np.trace(matrix) / matrix.sum()`. "
        "What is that last number usually called?",
    ),
    passed="Right. With one label a picture, micro F1 is nothing but the accuracy, so it hides what accuracy hides.",
)

QUESTION.inputs(matrices)


def f1_of_each(matrix):
    """The seven F1, 0 where there is nothing to divide by."""
    return 2 * np.diag(matrix) / np.maximum(matrix.sum(axis=1) + matrix.sum(axis=0), 1)


@style
def sums(matrix):
    f1, rows, n = f1_of_each(matrix), matrix.sum(axis=1), matrix.sum()
    return sum(f1) / 7, (f1 * rows).sum() / n, np.trace(matrix) / n


@style
def micro_by_its_formula(matrix):
    f1, hits = f1_of_each(matrix), np.trace(matrix)
    wrong = matrix.sum() - hits
    return f1.mean(), np.average(f1, weights=matrix.sum(axis=1)), 2 * hits / (2 * hits + wrong + wrong)


@style
def scikit_learn(matrix):
    from sklearn.metrics import f1_score

    true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)
    options = {"labels": range(7), "zero_division": 0}
    return tuple(f1_score(true, predicted, average=kind, **options) for kind in ("macro", "weighted", "micro"))


@mistake(
    "Macro and weighted are exchanged. Macro is the plain mean, in which the rarest class counts as much as the most "
    "frequent."
)
def macro_and_weighted_exchanged(matrix):
    macro, weighted, micro = sums(matrix)
    return weighted, macro, micro


ANOTHER_ORDER = "The three numbers are right, their order is not: return `macro, weighted, micro`."


@mistake(ANOTHER_ORDER)
def another_order(matrix):
    macro, weighted, micro = sums(matrix)
    return micro, weighted, macro


@mistake(ANOTHER_ORDER, id="another_order")
def macro_micro_weighted(matrix):
    macro, weighted, micro = sums(matrix)
    return macro, micro, weighted


@mistake(ANOTHER_ORDER, id="another_order")
def weighted_micro_macro(matrix):
    macro, weighted, micro = sums(matrix)
    return weighted, micro, macro


@mistake(ANOTHER_ORDER, id="another_order")
def micro_macro_weighted(matrix):
    macro, weighted, micro = sums(matrix)
    return micro, macro, weighted


@mistake(
    "The weights of the second mean are the numbers of predicted pictures. Expected those of the true pictures, the "
    "sums of the rows."
)
def weighted_by_predictions(matrix):
    macro, _, micro = sums(matrix)
    return macro, np.average(f1_of_each(matrix), weights=matrix.sum(axis=0)), micro


def macro_of(matrix, counted):
    """The three averages, the first of them over these classes only."""
    return f1_of_each(matrix)[counted].mean(), *sums(matrix)[1:]


@mistake(
    "The macro mean leaves out classes whose F1 is 0. They belong to it: a class that is never predicted is the very "
    "thing it is meant to show."
)
def zeros_left_out(matrix):
    return macro_of(matrix, f1_of_each(matrix) > 0)


CLASSES_LEFT_OUT = (
    "The macro mean leaves out classes that do not occur. All seven belong to it, with an F1 of 0 where there is "
    "nothing to divide by. (For scikit-learn: `labels=range(7), zero_division=0`.)"
)


@mistake(CLASSES_LEFT_OUT, id="classes_left_out")
def classes_without_pictures_left_out(matrix):
    return macro_of(matrix, matrix.sum(axis=1) > 0)


@mistake(CLASSES_LEFT_OUT, id="classes_left_out")
def classes_without_predictions_left_out(matrix):
    return macro_of(matrix, matrix.sum(axis=0) > 0)


@mistake(CLASSES_LEFT_OUT, id="classes_left_out")
def classes_without_both_left_out(matrix):
    return macro_of(matrix, matrix.sum(axis=1) + matrix.sum(axis=0) > 0)


@mistake(id="classes_left_out", says="classes that do not occur")
def scikit_learn_without_labels(matrix):
    from sklearn.metrics import f1_score

    true, predicted = np.indices((7, 7)).reshape(2, 49).repeat(matrix.ravel(), axis=1)
    return [f1_score(true, predicted, average=kind) for kind in ("macro", "weighted", "micro")]


ZERO_BY_ZERO = (
    "A mean became NaN (not a number): for a class that is never predicted, or has no picture, 0 was divided by 0. Its "
    "F1 is 0, as in question 4.2."
)


@mistake(ZERO_BY_ZERO, id="zero_by_zero")
def zero_by_zero_in_the_scores(matrix):
    hits, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    p, r = hits / columns, hits / rows
    f1 = 2 * p * r / (p + r)
    return f1.mean(), np.average(f1, weights=rows), hits.sum() / matrix.sum()


@mistake(ZERO_BY_ZERO)
def zero_by_zero(matrix):
    hits, rows, columns = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = 2 * hits / (rows + columns)
    return f1.mean(), np.average(f1, weights=rows), hits.sum() / matrix.sum()


@mistake(
    "The first value is the F1 of the mean precision and the mean recall. Expected the mean of the seven F1: the order "
    "of the steps matters."
)
def mean_of_scores_first(matrix):
    hits = np.diag(matrix)
    p = (hits / np.maximum(matrix.sum(axis=0), 1)).mean()
    r = (hits / np.maximum(matrix.sum(axis=1), 1)).mean()
    return 2 * p * r / (p + r), *sums(matrix)[1:]


@mistake(
    "The third value is a mean of the F1 of the classes. Micro adds up the right and wrong answers of all classes "
    "first, then makes one F1 of them."
)
def micro_as_a_mean(matrix):
    macro, weighted, _ = sums(matrix)
    return macro, weighted, macro


@mistake(
    "The third value is the weighted mean again. Micro adds up the right and wrong answers of all classes first, then "
    "makes one F1 of them."
)
def weighted_for_micro(matrix):
    macro, weighted, _ = sums(matrix)
    return macro, weighted, weighted


@mistake(
    "The third value counts each mistake once. It belongs there twice: missed in its row, and wrongly claimed in its "
    "column. So 2 * right / (2 * right + missed + wrongly claimed), where missed and wrongly claimed are both the "
    "number of mistakes."
)
def micro_errors_once(matrix):
    hits = np.trace(matrix)
    wrong = matrix.sum() - hits
    return *sums(matrix)[:2], 2 * hits / (2 * hits + wrong)


@mistake(
    "The third value divides by the right answers plus all errors twice. Each mistake is one false positive and one "
    "false negative: 2 * hits / (2 * hits + both)."
)
def micro_doubled_errors(matrix):
    hits = np.trace(matrix)
    wrong = matrix.sum() - hits
    return *sums(matrix)[:2], hits / (hits + wrong + wrong)
