"""Exercise 04, reading a confusion matrix: count it, score it, average it, doubt it, calibrate, stay silent."""

import numpy as np

from emotionlab.exercises.bank04 import BANK
from emotionlab.exercises.capture import short
from emotionlab.exercises.compare import Mistake, call_each, compare, first, input_problem, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Reading a confusion matrix"


# 4.1 ------------------------------------------------------------------------------------------


def _labels_and_predictions(seed: int) -> list[tuple]:
    """Two sets, the first with more pictures in a cell than a uint8 can count.

    In the second, classes 1 and 6 occur neither among the labels nor the predictions.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for classes, n in ((np.arange(7), 4000), (np.array([0, 2, 3, 4, 5]), 70)):
        labels = rng.choice(classes, n)
        guesses = np.where(rng.random(n) < 0.5, labels, rng.choice(classes, n))
        cases.append((labels, guesses))
    return cases


def _confusion(labels, predictions):
    return np.bincount(7 * labels + predictions, minlength=49).reshape(7, 7)


def _shares_of_rows(labels, predictions, least):
    """The counts divided by the sum of their row, which is taken for `least` where it is smaller."""
    counts = _confusion(labels, predictions)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), least)


def _only_what_occurs(labels, predictions):
    there = np.union1d(labels, predictions)
    return _confusion(labels, predictions)[np.ix_(there, there)]


Q1 = Question(
    id="4.1",
    title="Count a confusion matrix",
    points=1,
    answer="confusion",
    source='''
def confusion(labels, predictions):
    """The (7, 7) counts: row = true label, column = predicted label. Both arrays hold numbers 0 to 6."""
    ### BEGIN SOLUTION
    matrix = np.zeros((7, 7), dtype=int)
    for true, predicted in zip(labels, predictions, strict=True):
        matrix[true, predicted] += 1
    return matrix
    ### END SOLUTION
''',
    inputs=_labels_and_predictions,
    observe=call_each,
    judge=compare(
        _labels_and_predictions,
        _confusion,
        (
            Mistake(
                "transposed",
                "Rows and columns are exchanged. Here, as in scikit-learn, the row is the true label. Read the other "
                "way round, recall turns into precision.",
                lambda labels, predictions: _confusion(predictions, labels),
            ),
            Mistake(
                "counted_once",
                "No cell holds more than 1. In a loop, `+= 1` adds to a cell and `= 1` does not. Without a loop, "
                "`matrix[labels, predictions] += 1` writes each cell once, however often it occurs.",
                lambda labels, predictions: np.minimum(_confusion(labels, predictions), 1),
            ),
            Mistake(
                "missing_classes_dropped",
                "Classes that do not occur were left out, so the rows no longer stand for the labels 0 to 6. "
                "Expected seven rows always (scikit-learn: `labels=range(7)`).",
                _only_what_occurs,
            ),
            Mistake(
                "diagonal_only",
                "Only the right answers were counted. The mistakes, beside the diagonal, are what we want to see.",
                lambda labels, predictions: np.diag(np.diag(_confusion(labels, predictions))),
            ),
            Mistake(
                "mistakes_only",
                "The diagonal is empty: only the wrong answers were counted. A right answer counts too, in the row and "
                "the column of its own label.",
                lambda labels, predictions: (
                    _confusion(labels, predictions) - np.diag(np.diag(_confusion(labels, predictions)))
                ),
            ),
            Mistake(
                "first_picture_only",
                "Only the first picture was counted. Does the `return` stand inside the loop? Then it ends the loop in "
                "its first round: move it to the left, below the loop.",
                lambda labels, predictions: _confusion(labels[:1], predictions[:1]),
            ),
            Mistake(
                "counts_overflow",
                "Large counts begin again at 0: the dtype uint8 holds nothing above 255. Write `dtype=int`.",
                lambda labels, predictions: _confusion(labels, predictions).astype("uint8"),
            ),
            *(
                Mistake(
                    "shares_of_rows",
                    "These are the shares of each row. Expected the counts, as whole numbers.",
                    lambda labels, predictions, least=least: _shares_of_rows(labels, predictions, least),
                )
                for least in (1, 0)
            ),
        ),
    ),
    hints=(
        "Begin with `np.zeros((7, 7), dtype=int)` and go through the pairs of label and prediction.",
        "`for true, predicted in zip(labels, predictions):` gives the pairs. Which cell does each pair belong to?",
        "Inside the loop: `matrix[true, predicted] += 1`. Return the matrix after it.",
    ),
    passed="Right: the row says what it was, the column what the model said. Everything else is read off this table.",
    bank=BANK["4.1"],
)


# 4.2 ------------------------------------------------------------------------------------------


def _matrices(seed: int) -> list[tuple]:
    """Three confusion matrices. In the first, class 1 is never predicted; in the second, class 4 has no picture.

    In the third, class 2 occurs nowhere, class 3 has one picture and class 5 is predicted once, both rightly.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for size in (9, 25, 6):
        matrix = rng.integers(0, size, (7, 7)) + np.diag(rng.integers(20, 90, 7))
        cases.append(matrix)
    cases[0][:, 1] = 0
    cases[1][4, :] = 0
    cases[2][[2, 3], :], cases[2][:, [2, 5]] = 0, 0
    cases[2][3, 3] = cases[2][5, 5] = 1
    return [(matrix,) for matrix in cases]


def _ratio(above, below):
    return np.divide(above, below, out=np.zeros(7), where=below > 0)


def _scores(matrix):
    hits = np.diag(matrix)
    precision, recall = _ratio(hits, matrix.sum(axis=0)), _ratio(hits, matrix.sum(axis=1))
    return precision, recall, _ratio(2 * precision * recall, precision + recall)


def _without_guard(matrix):
    hits = np.diag(matrix)
    with np.errstate(all="ignore"):
        precision, recall = hits / matrix.sum(axis=0), hits / matrix.sum(axis=1)
        return precision, recall, 2 * precision * recall / (precision + recall)


def _shares_of_all(matrix, least):
    """Hits divided by all pictures, twice, and the F1 of the two, whose divisor is at least `least`."""
    share = np.diag(matrix) / matrix.sum()
    with np.errstate(all="ignore"):
        return share, share, 2 * share * share / np.maximum(2 * share, least)


def _accuracy_of_each_class(matrix):
    wrong = matrix.sum(axis=0) + matrix.sum(axis=1) - 2 * np.diag(matrix)
    return 1 - wrong / matrix.sum()


_compare_scores = compare(
    _matrices,
    _scores,
    (
        Mistake(
            "precision_and_recall_exchanged",
            "Precision and recall are exchanged. Recall asks, of the true pictures (a row), how many were found; "
            "precision, of the predicted ones (a column), how many were right.",
            lambda matrix: (_scores(matrix)[1], _scores(matrix)[0], _scores(matrix)[2]),
        ),
        Mistake(
            "zero_by_zero",
            "A class that is never predicted, or has no picture, gave NaN: 0 divided by 0. Expected 0 there. A "
            "sum of counts can be divided by as `np.maximum(count, 1)`; what is NaN all the same, `np.nan_to_num` "
            "turns into 0.",
            _without_guard,
        ),
        Mistake(
            "maximum_with_shares",
            "Precision and recall are right, F1 is too small where they are low: `np.maximum(..., 1)` is for "
            "counts. Precision plus recall is often below 1, and there you divided by 1. Use "
            "`np.nan_to_num(2 * precision * recall / (precision + recall))`.",
            lambda matrix: (
                *_scores(matrix)[:2],
                2 * _scores(matrix)[0] * _scores(matrix)[1] / np.maximum(_scores(matrix)[0] + _scores(matrix)[1], 1),
            ),
        ),
        Mistake(
            "f1_as_plain_mean",
            "F1 is not the plain mean of precision and recall but the harmonic one, "
            "2 * precision * recall / (precision + recall). It is low when either of them is.",
            lambda matrix: (*_scores(matrix)[:2], (_scores(matrix)[0] + _scores(matrix)[1]) / 2),
        ),
        Mistake(
            "two_forgotten",
            "F1 is half of what it should be: the factor 2 is missing.",
            lambda matrix: (*_scores(matrix)[:2], _scores(matrix)[2] / 2),
        ),
        *(
            Mistake(
                "divided_by_all_pictures",
                "The right answers were divided by all pictures. Divide by the sum of the class's own column "
                "(precision) or row (recall).",
                lambda matrix, least=least: _shares_of_all(matrix, least),
            )
            for least in (1e-12, 0)
        ),
        Mistake(
            "accuracy_for_precision",
            'The first array is the accuracy of the question "this class or not". It counts the many pictures '
            "that are rightly called something else, so it is high for any rare class. Precision leaves them out.",
            lambda matrix: (_accuracy_of_each_class(matrix), *_scores(matrix)[1:]),
        ),
    ),
)


def _judge_scores(observed: dict) -> Wrong | None:
    wrong = _compare_scores(observed)
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


Q2 = Question(
    id="4.2",
    title="Precision, recall and F1",
    points=2,
    answer="class_scores",
    source='''
def class_scores(matrix):
    """(precision, recall, f1), three arrays of seven numbers, from counts with the true labels in rows.

    Where there is nothing to divide by, the score is 0.
    """
    ### BEGIN SOLUTION
    hits = np.diag(matrix)
    precision = hits / np.maximum(matrix.sum(axis=0), 1)
    recall = hits / np.maximum(matrix.sum(axis=1), 1)
    f1 = 2 * hits / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1)
    return precision, recall, f1
    ### END SOLUTION
''',
    inputs=_matrices,
    observe=call_each,
    judge=_judge_scores,
    hints=(
        "The right answers stand on the diagonal: `np.diag(matrix)`. What must they be divided by in each case?",
        "`matrix.sum(axis=1)` adds up each row (how many there are), `matrix.sum(axis=0)` each column (how many were "
        "predicted). `np.maximum(count, 1)` avoids dividing by a count of 0.",
        "`recall = hits / np.maximum(matrix.sum(axis=1), 1)`, precision likewise with `axis=0`, and "
        "`f1 = 2 * hits / np.maximum(rows + columns, 1)`.",
    ),
    passed="Right, with the two corner cases. A class that is never predicted hides in the accuracy, not in its F1.",
    bank=BANK["4.2"],
)


# 4.3 ------------------------------------------------------------------------------------------


def _averages(matrix):
    f1, support = _scores(matrix)[2], matrix.sum(axis=1)
    return float(f1.mean()), float(f1 @ support / support.sum()), float(np.trace(matrix) / matrix.sum())


def _averages_without_guard(matrix, from_scores):
    """Macro and weighted F1 that become NaN where a class has neither pictures nor predictions (or one of them)."""
    with np.errstate(all="ignore"):
        support = matrix.sum(axis=1)
        f1 = 2 * np.diag(matrix) / (support + matrix.sum(axis=0))
        f1 = _without_guard(matrix)[2] if from_scores else f1
        return float(f1.mean()), float(f1 @ support / support.sum()), _averages(matrix)[2]


def _f1_of_mean_scores(matrix):
    precision, recall = (score.mean() for score in _scores(matrix)[:2])
    return 2 * precision * recall / (precision + recall)


Q3 = Question(
    id="4.3",
    title="Macro, weighted, micro",
    points=3,
    answer="f1_averages",
    source='''
def f1_averages(matrix):
    """(macro, weighted, micro) F1, three numbers, from the (7, 7) counts with the true labels in rows.

    macro: the plain mean of the seven F1. weighted: their mean, each with its number of true pictures.
    micro: one F1 from the right and wrong answers of all classes together.
    """
    ### BEGIN SOLUTION
    hits, true, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = 2 * hits / np.maximum(true + predicted, 1)
    return f1.mean(), np.average(f1, weights=true), hits.sum() / matrix.sum()
    ### END SOLUTION
''',
    inputs=_matrices,
    observe=call_each,
    judge=compare(
        _matrices,
        _averages,
        (
            Mistake(
                "macro_and_weighted_exchanged",
                "Macro and weighted are exchanged. Macro is the plain mean, in which the rarest class counts as "
                "much as the most frequent.",
                lambda matrix: (_averages(matrix)[1], _averages(matrix)[0], _averages(matrix)[2]),
            ),
            *(
                Mistake(
                    "another_order",
                    "The three numbers are right, their order is not: return `macro, weighted, micro`.",
                    lambda matrix, order=order: tuple(_averages(matrix)[i] for i in order),
                )
                for order in ((2, 1, 0), (0, 2, 1), (1, 2, 0), (2, 0, 1))
            ),
            Mistake(
                "weighted_by_predictions",
                "The weights of the second mean are the numbers of predicted pictures. Expected those of the true "
                "pictures, the sums of the rows.",
                lambda matrix: (
                    _averages(matrix)[0],
                    float(_scores(matrix)[2] @ matrix.sum(axis=0) / matrix.sum()),
                    _averages(matrix)[2],
                ),
            ),
            Mistake(
                "zeros_left_out",
                "The macro mean leaves out classes whose F1 is 0. They belong to it: a class that is never "
                "predicted is the very thing it is meant to show.",
                lambda matrix: (float(_scores(matrix)[2][_scores(matrix)[2] > 0].mean()), *_averages(matrix)[1:]),
            ),
            *(
                Mistake(
                    "classes_left_out",
                    "The macro mean leaves out classes that do not occur. All seven belong to it, with an F1 of 0 "
                    "where there is nothing to divide by. (For scikit-learn: `labels=range(7), zero_division=0`.)",
                    lambda matrix, counted=counted: (
                        float(_scores(matrix)[2][counted(matrix)].mean()),
                        *_averages(matrix)[1:],
                    ),
                )
                for counted in (
                    lambda matrix: matrix.sum(axis=1) > 0,
                    lambda matrix: matrix.sum(axis=0) > 0,
                    lambda matrix: matrix.sum(axis=1) + matrix.sum(axis=0) > 0,
                )
            ),
            *(
                Mistake(
                    "zero_by_zero",
                    "A mean became NaN (not a number): for a class that is never predicted, or has no picture, 0 was "
                    "divided by 0. Its F1 is 0, as in question 4.2.",
                    lambda matrix, from_scores=from_scores: _averages_without_guard(matrix, from_scores),
                )
                for from_scores in (True, False)
            ),
            Mistake(
                "mean_of_scores_first",
                "The first value is the F1 of the mean precision and the mean recall. Expected the mean of the seven "
                "F1: the order of the steps matters.",
                lambda matrix: (float(_f1_of_mean_scores(matrix)), *_averages(matrix)[1:]),
            ),
            Mistake(
                "micro_as_a_mean",
                "The third value is a mean of the F1 of the classes. Micro adds up the right and wrong answers of all "
                "classes first, then makes one F1 of them.",
                lambda matrix: (*_averages(matrix)[:2], _averages(matrix)[0]),
            ),
            Mistake(
                "weighted_for_micro",
                "The third value is the weighted mean again. Micro adds up the right and wrong answers of all classes "
                "first, then makes one F1 of them.",
                lambda matrix: (*_averages(matrix)[:2], _averages(matrix)[1]),
            ),
            Mistake(
                "micro_errors_once",
                "The third value counts each mistake once. It belongs there twice: missed in its row, and wrongly "
                "claimed in its column. So 2 * right / (2 * right + missed + wrongly claimed), where missed and "
                "wrongly claimed are both the number of mistakes.",
                lambda matrix: (
                    *_averages(matrix)[:2],
                    float(2 * np.trace(matrix) / (np.trace(matrix) + matrix.sum())),
                ),
            ),
            Mistake(
                "micro_doubled_errors",
                "The third value divides by the right answers plus all errors twice. Each mistake is one false "
                "positive and one false negative: 2 * hits / (2 * hits + both).",
                lambda matrix: (
                    *_averages(matrix)[:2],
                    float(np.trace(matrix) / (2 * matrix.sum() - np.trace(matrix))),
                ),
            ),
        ),
    ),
    hints=(
        "Begin with the seven F1 of question 4.2. Two of the three answers are means of them.",
        "`np.average(f1, weights=...)` is a weighted mean. For micro: in all classes together, each mistake is missed "
        "once (in its row) and wrong once (in its column).",
        "`f1.mean()`, `np.average(f1, weights=matrix.sum(axis=1))`, and for micro `np.trace(matrix) / matrix.sum()`. "
        "What is that last number usually called?",
    ),
    passed="Right. With one label a picture, micro F1 is nothing but the accuracy, so it hides what accuracy hides.",
    bank=BANK["4.3"],
)


# 4.4 ------------------------------------------------------------------------------------------


def _successes(seed: int) -> list[tuple]:
    rng = np.random.default_rng(seed)
    return [(7, 20), (0, 25), (31, 31), (int(rng.integers(900, 1400)), 2000), (1, 9)]


def _wilson(successes, n, z=1.96):
    share = successes / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return float(centre - half), float(centre + half)


def _wald(successes, n):
    share = successes / n
    half = 1.96 * np.sqrt(share * (1 - share) / n)
    return float(share - half), float(share + half)


def _around_the_share(successes, n):
    low, high = _wilson(successes, n)
    return float(successes / n - (high - low) / 2), float(successes / n + (high - low) / 2)


def _not_divided(successes, n):
    low, high = _wilson(successes, n)
    return low * (1 + 1.96**2 / n), high * (1 + 1.96**2 / n)


def _in_pieces(successes, n, shift=None, under_the_root=None, root=np.sqrt, z=1.96):
    """Wilson's interval with some of its pieces replaced: z²/2n, z²/4n², the square root, the z before it."""
    share = successes / n
    shift = 1.96**2 / (2 * n) if shift is None else shift
    under_the_root = 1.96**2 / (4 * n**2) if under_the_root is None else under_the_root
    half, divisor = z * root(share * (1 - share) / n + under_the_root), 1 + 1.96**2 / n
    return float((share + shift - half) / divisor), float((share + shift + half) / divisor)


def _only_the_root_divided(successes, n):
    share, (low, high) = successes / n, _wilson(successes, n)
    centre, half = share + 1.96**2 / (2 * n), (high - low) / 2
    return centre - half, centre + half


_MISSING_BRACKETS = (
    lambda k, n: _in_pieces(k, n, shift=1.96**2 / 2 * n),
    lambda k, n: _in_pieces(k, n, under_the_root=1.96**2 / 4 * n**2),
    lambda k, n: _in_pieces(k, n, shift=1.96**2 / 2 * n, under_the_root=1.96**2 / 4 * n**2),
)


Q4 = Question(
    id="4.4",
    title="How sure is a recall from twenty pictures?",
    points=2,
    answer="wilson_interval",
    source='''
def wilson_interval(successes, n):
    """The 95 % Wilson interval (low, high), with z = 1.96 and p = successes / n:

    (p + z²/2n ± z * sqrt(p (1 - p) / n + z²/4n²)) / (1 + z²/n)
    """
    ### BEGIN SOLUTION
    z, p = 1.96, successes / n
    centre = p + z**2 / (2 * n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (centre - half) / (1 + z**2 / n), (centre + half) / (1 + z**2 / n)
    ### END SOLUTION
''',
    inputs=_successes,
    observe=call_each,
    judge=compare(
        _successes,
        _wilson,
        (
            Mistake(
                "plain_standard_error",
                "This is p ± 1.96 standard errors. For 0 of 25 it has no width at all, as if nothing could ever go "
                "right. Wilson's interval adds the terms with z².",
                _wald,
            ),
            Mistake(
                "around_the_share",
                "The width is right, the centre is not: Wilson's interval does not lie around p but around a point "
                "that is drawn towards one half. Otherwise it leaves 0..1.",
                _around_the_share,
            ),
            Mistake(
                "not_divided",
                "The last step is missing: divide both ends by 1 + z²/n.",
                _not_divided,
            ),
            Mistake(
                "only_the_root_divided",
                "Only the root was divided by 1 + z²/n. `/` comes before `+` and `-`: put brackets round all that "
                "stands above the line, `(... - half) / (1 + z**2 / n)`.",
                _only_the_root_divided,
            ),
            *(
                Mistake(
                    "brackets_missing",
                    "Brackets are missing: `z**2 / 2 * n` divides by 2 and then multiplies by n. What stands below the "
                    "line needs brackets: `z**2 / (2 * n)` and `z**2 / (4 * n**2)`.",
                    wrong,
                )
                for wrong in _MISSING_BRACKETS
            ),
            Mistake(
                "root_forgotten",
                "The square root is missing: `z * np.sqrt(...)`.",
                lambda successes, n: _in_pieces(successes, n, root=lambda value: value),
            ),
            Mistake(
                "z_before_the_root_forgotten",
                "The z before the square root is missing: `z * np.sqrt(...)`.",
                lambda successes, n: _in_pieces(successes, n, z=1),
            ),
            Mistake(
                "z_of_two",
                "This takes z = 2. For 95 % z is 1.96.",
                lambda successes, n: _wilson(successes, n, z=2),
            ),
            *(
                Mistake(
                    "rounded",
                    "The ends were rounded. Return them as they are, and round where you print.",
                    lambda successes, n, digits=digits: tuple(round(end, digits) for end in _wilson(successes, n)),
                )
                for digits in (2, 3)
            ),
            Mistake(
                "ends_exchanged",
                "The ends are exchanged. Expected the lower one first.",
                lambda successes, n: _wilson(successes, n)[::-1],
            ),
            Mistake(
                "percent",
                "These are percent. Expected shares between 0 and 1.",
                lambda successes, n: tuple(100 * end for end in _wilson(successes, n)),
            ),
            Mistake(
                "one_sigma",
                "The interval is too narrow: it takes z = 1. For 95 % z is 1.96.",
                lambda successes, n: _wilson(successes, n, z=1),
            ),
            Mistake(
                "half_width",
                "These are the share and half the width. Expected the two ends (low, high).",
                lambda successes, n: (
                    successes / n,
                    (_wilson(successes, n)[1] - _wilson(successes, n)[0]) / 2,
                ),
            ),
        ),
        rtol=2e-4,
    ),
    hints=(
        "Write the formula in pieces: p, then the middle, then what is added and taken away.",
        "z²/2n is `z**2 / (2 * n)`; mind the brackets. The square root is `np.sqrt`.",
        "`centre = p + z**2 / (2 * n)`, `half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))`, then both ends "
        "divided by `1 + z**2 / n`.",
    ),
    passed="Right. Seven of twenty could be fewer than one in five or more than one in two. "
    "Remember it when a rare class improves.",
    bank=BANK["4.4"],
)


# 4.5 ------------------------------------------------------------------------------------------


def _confidences(seed: int) -> list[tuple]:
    """(probabilities, labels, bins): too modest below 0.6 and too sure above; of a few pictures quite certain.

    On the whole the first model is too sure and the second too modest. The two halves of a bin err in opposite ways,
    so that another number of bins gives another error.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, sharpness, bins in ((600, 0.2, 8), (600, 0.9, 5)):
        probabilities = rng.dirichlet(np.full(7, sharpness), n)
        probabilities[: n // 12] = np.eye(7)[rng.integers(0, 7, n // 12)]
        favourite, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
        is_upper_half = (confidence * bins) % 1 >= 0.5
        modest, sure = np.where(is_upper_half, 0.5, -0.2), np.where(is_upper_half, 0.2, -0.8)
        right = rng.random(n) < confidence + np.where(confidence < 0.6, modest, sure)
        labels = np.where(right, favourite, (favourite + rng.integers(1, 7, n)) % 7)
        cases.append((probabilities, labels, bins))
    return cases


def _gaps(probabilities, labels, bins):
    """Share of the pictures and accuracy minus confidence, for each bin that is not empty."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    members = [place == b for b in range(bins) if (place == b).any()]
    shares = np.array([m.mean() for m in members])
    return shares, np.array([right[m].mean() - confidence[m].mean() for m in members])


def _ece(probabilities, labels, bins):
    shares, gaps = _gaps(probabilities, labels, bins)
    return float(shares @ np.abs(gaps))


def _one_bin_left_out(probabilities, labels, bins):
    """The error without the bin of the highest confidences."""
    shares, gaps = _gaps(probabilities, labels, bins)
    return float(shares[:-1] @ np.abs(gaps[:-1]))


def _without_the_certain(probabilities, labels, bins):
    """The error of those whose confidence is below 1, with their share of all pictures."""
    below = probabilities.max(axis=1) < 1
    return float(below.mean() * _ece(probabilities[below], labels[below], bins))


def _bins_of_equal_size(probabilities, labels, bins):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    return float(sum(len(part) * abs(right[part].mean() - confidence[part].mean()) for part in parts) / len(labels))


def _nan_for_an_empty_bin(probabilities, labels, bins):
    error = _ece(probabilities, labels, bins)
    return error if len(_gaps(probabilities, labels, bins)[0]) == bins else float("nan")


def _middle_for_confidence(probabilities, labels, bins):
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    members = [(place == b, (b + 0.5) / bins) for b in range(bins) if (place == b).any()]
    return float(sum(m.mean() * abs(right[m].mean() - middle) for m, middle in members))


def _confidence_in_the_truth(probabilities, labels, bins):
    of_truth = probabilities[np.arange(len(labels)), labels]
    right = probabilities.argmax(axis=1) == labels
    place = np.minimum((of_truth * bins).astype(int), bins - 1)
    members = [place == b for b in range(bins) if (place == b).any()]
    return float(sum(m.mean() * abs(right[m].mean() - of_truth[m].mean()) for m in members))


Q5 = Question(
    id="4.5",
    title="Expected calibration error",
    points=3,
    answer="calibration_error",
    source='''
def calibration_error(probabilities, labels, bins):
    """Expected calibration error, one number from 0 to 1.

    The confidence of a picture is the largest of its seven probabilities. Sort the pictures by it into
    `bins` bins of equal width from 0 to 1. In each bin take the distance between the accuracy and the
    mean confidence. Average the distances, each weighted with the share of the pictures in its bin.
    """
    ### BEGIN SOLUTION
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    error = 0.0
    for low in np.arange(bins) / bins:
        inside = (confidence > low) & (confidence <= low + 1 / bins)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return error
    ### END SOLUTION
''',
    inputs=_confidences,
    observe=call_each,
    judge=compare(
        _confidences,
        _ece,
        (
            *(
                Mistake(
                    "gaps_cancel",
                    "Bins that are too sure and bins that are too modest cancel here: the distances have signs, or "
                    "all pictures were put into one bin. Take the absolute value in each bin.",
                    lambda *case, sign=sign: sign * float(_gaps(*case)[0] @ _gaps(*case)[1]),
                )
                for sign in (1, -1)
            ),
            Mistake(
                "one_bin",
                "This compares the mean confidence with the accuracy over all pictures, which is one single bin: too "
                "sure here and too modest there cancel. Take the distance in each bin.",
                lambda *case: abs(float(_gaps(*case)[0] @ _gaps(*case)[1])),
            ),
            *(
                Mistake(
                    "bins_ignored",
                    f"There are {fixed} bins here, whatever `bins` says. Write `bins` wherever your code says {fixed}.",
                    lambda probabilities, labels, bins, fixed=fixed: _ece(probabilities, labels, fixed),
                )
                for fixed in (5, 10, 15, 20)
            ),
            Mistake(
                "last_bin_left_out",
                "The last bin, with the highest confidences, is missing. `range` stops before its end: bins that are "
                "counted from 1 need `range(1, bins + 1)`.",
                _one_bin_left_out,
            ),
            Mistake(
                "certain_pictures",
                "Pictures with a confidence of exactly 1 are missing. They belong to the last bin: let its upper edge "
                "count, with `<=`.",
                _without_the_certain,
            ),
            Mistake(
                "empty_bin",
                "A bin without pictures gave NaN (not a number): the mean of nothing. Skip empty bins, with "
                "`if inside.any():`.",
                _nan_for_an_empty_bin,
            ),
            Mistake(
                "number_for_share",
                "The distances were weighted with the number of pictures in the bin. Expected its share: divide by the "
                "number of all pictures.",
                lambda probabilities, labels, bins: len(labels) * _ece(probabilities, labels, bins),
            ),
            Mistake(
                "bins_of_equal_size",
                "Each bin has equally many pictures here. Expected bins of equal width: with ten bins, the first runs "
                "from 0 to 0.1, the next from 0.1 to 0.2.",
                _bins_of_equal_size,
            ),
            Mistake(
                "middle_for_confidence",
                "The middle of the bin was taken for its confidence. Take the mean confidence of the pictures in it.",
                _middle_for_confidence,
            ),
            *(
                Mistake(
                    "unweighted",
                    "All bins count the same here, even one with two pictures. Weight each bin with its share of the "
                    "pictures.",
                    lambda *case, together=together: float(together(np.abs(_gaps(*case)[1]))),
                )
                for together in (np.mean, np.sum)
            ),
            Mistake(
                "unweighted_with_empty_bins",
                "The distances were added up and divided by the number of bins. Weight each bin with its share of "
                "the pictures.",
                lambda probabilities, labels, bins: float(np.abs(_gaps(probabilities, labels, bins)[1]).sum() / bins),
            ),
            Mistake(
                "largest_gap",
                "This is the largest distance, known as the maximum calibration error. Expected the weighted mean.",
                lambda *case: float(np.abs(_gaps(*case)[1]).max()),
            ),
            Mistake(
                "confidence_in_the_truth",
                "The probability of the true label was taken for the confidence. When the model is used nobody knows "
                "the truth: the confidence is the largest probability.",
                _confidence_in_the_truth,
            ),
            Mistake(
                "error_rate",
                "This is the share of wrong answers. Calibration asks something else: does the confidence agree with "
                "the accuracy?",
                lambda probabilities, labels, bins: float(np.mean(probabilities.argmax(axis=1) != labels)),
            ),
        ),
    ),
    hints=(
        "Two arrays first: `confidence`, the largest probability of each picture, and `right`, True or False.",
        "For the bin from low to high, `inside = (confidence > low) & (confidence <= high)`. Skip a bin that is empty.",
        "In each bin: `inside.mean() * abs(right[inside].mean() - confidence[inside].mean())`. Add them up.",
    ),
    passed='Right. Now a sentence such as "90 % sure" can be tested, and often enough it is not true.',
    bank=BANK["4.5"],
)


# 4.6 ------------------------------------------------------------------------------------------


def _two_splits(seed: int) -> list[tuple]:
    """(validation probabilities, test probabilities, test labels, coverage); the test is less sure."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, m, coverage in ((400, 150, 0.8), (300, 180, 0.35), (250, 160, 1.0)):
        validation = rng.dirichlet(np.full(7, 0.25), n)
        test = rng.dirichlet(np.full(7, 0.6), m)
        favourite, confidence = test.argmax(axis=1), test.max(axis=1)
        labels = np.where(rng.random(m) < confidence, favourite, (favourite + rng.integers(1, 7, m)) % 7)
        cases.append((validation, test, labels, coverage))
    return cases


_LEEWAY = 0.02  # share of the validation pictures


def _judge_threshold(observed: dict) -> Wrong | None:
    cases = _two_splits(observed["seed"])
    pairs = list(zip(observed["returned"], cases, strict=True))
    wrong = first(type_problem(found, (0.0, 0.0, 0.0)) for found, _ in pairs)
    if wrong:
        return wrong
    found, _ = pairs[0]
    if found["length"] != 3:
        return Wrong(f"Expected (threshold, coverage, accuracy), found {found['length']} values.", "wrong_shape")
    names = ("The threshold", "The coverage on the test", "The accuracy on the test")
    wrong = first(
        type_problem(item, 0.0, f"{name}: expected")
        for found, _ in pairs
        for name, item in zip(names, found["items"], strict=False)
    )
    if wrong:
        return wrong
    numbers = [([float(item["value"]) for item in found["items"]], case) for found, case in pairs]
    return (
        first(_threshold_problem(values[0], *case) for values, case in numbers)
        or first(_test_problem(*values, *case) for values, case in numbers)
        or input_problem(observed)
    )


def _threshold_problem(threshold, validation, test, labels, coverage) -> Wrong | None:
    """The threshold must answer the wanted share of the validation pictures.

    Two in a hundred more or fewer will do: the lesson looks for its threshold in steps of 0.005.
    """
    answered = int(np.sum(validation.max(axis=1) >= threshold))
    wanted = round(coverage * len(validation))
    if abs(answered - wanted) <= _LEEWAY * len(validation):
        return None
    if abs(np.sum(test.max(axis=1) >= threshold) - coverage * len(test)) <= 1:
        return Wrong(
            "The threshold was chosen on the test pictures. Whatever is chosen must be chosen on validation; the test "
            "then tells honestly how it turned out.",
            "test_data_used",
        )
    is_near = abs(answered - wanted) <= 0.1 * len(validation)
    if abs(answered - (len(validation) - wanted)) <= _LEEWAY * len(validation):
        return Wrong(
            f"The threshold answers {answered} of {len(validation)} validation pictures, expected {wanted}: it is "
            "turned round. To answer 80 % you must stay silent on the 20 % with the lowest confidence.",
            "turned_round",
        )
    if abs(threshold - coverage) < 1e-9:
        return Wrong(
            f"The wanted coverage itself was taken for the threshold. A confidence of {coverage:g} says nothing about "
            f"how many pictures exceed it: here {answered} of {len(validation)} do.",
            "coverage_as_threshold",
        )
    if abs(threshold - (1 - coverage)) < 1e-9:
        return Wrong(
            f"1 minus the coverage was taken for the threshold. A confidence of {threshold:.2g} says nothing about how "
            f"many pictures exceed it: here {answered} of {len(validation)} do, expected {wanted}.",
            "coverage_as_threshold",
        )
    if np.isclose(threshold, np.quantile(validation, 1 - coverage)):
        return Wrong(
            "The threshold was taken from all seven probabilities of each picture. The confidence of a picture is the "
            "largest of its seven: `validation_probabilities.max(axis=1)`.",
            "all_probabilities",
        )
    return Wrong(
        f"Expected a threshold that answers {wanted} of {len(validation)} validation pictures "
        f"(coverage {coverage:g}), found {threshold:.4g}, which answers {answered}.",
        "wrong_threshold",
        "Did you try thresholds that lie too far apart? `np.quantile` finds one in between." if is_near else "",
    )


def _test_problem(threshold, coverage_found, accuracy_found, validation, test, labels, coverage) -> Wrong | None:
    """Coverage and accuracy must be those of the test pictures at this very threshold."""
    answers = test.max(axis=1) >= threshold
    right = test.argmax(axis=1) == labels
    if not np.isclose(coverage_found, answers.mean(), atol=1e-6):
        if np.isclose(coverage_found, np.mean(validation.max(axis=1) >= threshold), atol=_LEEWAY + 1e-3):
            return Wrong(
                "The second value is the coverage on validation, which you chose yourself. Expected what it becomes on "
                f"the test pictures: {answers.mean():.3f} here.",
                "coverage_on_validation",
            )
        return Wrong(
            f"Expected the coverage {answers.mean():.4g} on the test pictures, found {coverage_found:.4g}: the share "
            "whose confidence is at least the threshold.",
            "wrong_coverage",
        )
    if np.isclose(accuracy_found, right[answers].mean(), atol=1e-6):
        return None
    if np.isclose(accuracy_found, right.mean(), atol=1e-6):
        return Wrong(
            "The accuracy is that of all test pictures. Expected that of the answered ones only.",
            "accuracy_of_all",
        )
    if np.isclose(accuracy_found, np.mean(right & answers), atol=1e-6):
        return Wrong(
            "The right answers were divided by all test pictures, so that silence counts as a mistake. "
            "Divide by the number of answered pictures.",
            "silence_as_mistake",
        )
    return Wrong(
        f"Expected the accuracy {right[answers].mean():.4g} on the answered test pictures, found {accuracy_found:.4g}.",
        "wrong_accuracy",
    )


Q6 = Question(
    id="4.6",
    title="A model that may stay silent",
    points=3,
    answer="answer_or_pass",
    source='''
def answer_or_pass(validation_probabilities, test_probabilities, test_labels, coverage):
    """Choose a confidence from which on the model answers, and measure how it does.

    The threshold is chosen so that the model answers the share `coverage` of the validation pictures
    (those whose largest probability is at least the threshold).
    Returns (threshold, coverage on the test pictures, accuracy on the answered test pictures).
    """
    ### BEGIN SOLUTION
    threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)
    answers = test_probabilities.max(axis=1) >= threshold
    right = test_probabilities.argmax(axis=1) == test_labels
    return threshold, answers.mean(), right[answers].mean()
    ### END SOLUTION
''',
    inputs=_two_splits,
    observe=call_each,
    judge=_judge_threshold,
    hints=(
        "Three steps: a threshold from the validation confidences, who is answered on the test, how many of those "
        "are right.",
        "To answer 80 % is to stay silent on the 20 % with the lowest confidence. `np.quantile(confidences, 0.2)` is "
        "the value below which 20 % lie.",
        "`threshold = np.quantile(validation_probabilities.max(axis=1), 1 - coverage)`, then "
        "`answers = test_probabilities.max(axis=1) >= threshold`, then two means.",
    ),
    passed="Right, and the threshold never saw the test. The coverage there differs from the plan, and that is news.",
    bank=BANK["4.6"],
)


# 4.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
Two runs were recorded on the real FER-2013: one with augmentation, and one with augmentation and class weights. Look
at their reports on the validation pictures. Choose a use (you may invent one) and argue which of the two you would
ship for it, what the numbers leave open, and what you would measure before you decide.
"""

Q7 = written_question(
    id="4.7",
    title="Which of the two would you ship?",
    points=3,
    answer="answer_4_7",
    source="""
### BEGIN SOLUTION
answer_4_7 = \"\"\"
Say a film archive wants to find scenes in which somebody looks disgusted; a person checks every find.
A missed scene is lost, a wrong one costs a glance, so the recall of disgust matters more than the accuracy,
and I would ship the run with class weights. Disgust has few validation faces, so both intervals of its recall
are wide; they lie far apart all the same, so this is not luck of the pictures. The price: far fewer of its
calls of disgust are right, and its accuracy is lower, beyond the intervals too. For an app that shows one word
a face I would therefore ship the other run, because there the frequent classes decide. Open is what another
training would give: first I would train both with three seeds, look at calibration, and see what a threshold
does for the plain augmented run. The test pictures I would open once, after the choice.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Begin with the use: who reads the output, and which mistake hurts more, a missed disgust or a false one?",
        "Compare what the accuracy says with what the recall of each class and the macro F1 say. How wide are the "
        "intervals?",
        "Write one sentence each: the use and its costly mistake, the numbers that speak for your choice, what the "
        "intervals leave open, what you would measure next, on which pictures.",
    ),
    rubric=(
        "Names a use, and says which mistakes are costly in it.",
        "Rests the choice on figures of both kinds: accuracy, and recall or F1 of single classes or macro F1.",
        "Says what class weights are meant to trade, recall of a rare class for precision, and whether these runs do.",
        "Uses the intervals: they are wide where a class has few pictures; says whether those of the two runs overlap.",
        "Says what to measure next (seeds, precision, calibration, a threshold), and keeps the test for the end.",
    ),
    bank=BANK["4.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
