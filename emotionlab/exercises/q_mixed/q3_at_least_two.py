"""Question mixed.3: macro F1 of naming every emotion that at least two people chose.

Title, points, task and model solution: solutions/mixed.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "mixed.3",
    hints=(
        "Make two tables of yes and no first: what is there, and what is named. Then F1 for each *column*.",
        "`there = votes >= 2`, `named = probabilities >= thresholds`. The hits of each emotion are "
        "`(there & named).sum(axis=0)`.",
        "`f1 = 2 * hits / np.maximum(there.sum(axis=0) + named.sum(axis=0), 1)`, then `return f1.mean()`.",
    ),
    passed="Right. Disgust counts as much in this mean as happiness, however rarely people see it.",
    explained={
        "Thresholds have no sign.": ("blind: argument 3: without sign", "blind: argument 3: clipped at 0"),
    },
)


@QUESTION.inputs
def votes_and_probabilities(seed):
    """(votes, probabilities, thresholds): votes of 1 and 2, values at a threshold and beside it, an empty emotion."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((40, 5), (30, 7)):
        votes = rng.multinomial(10, rng.dirichlet(np.full(k, 0.5), n))
        votes[:, -2] = np.minimum(votes[:, -2], 1)  # an emotion that is never there ...
        mixed = 0.6 * votes / np.maximum(votes.sum(axis=1, keepdims=True), 1) + 0.4 * rng.dirichlet(np.ones(k), n)
        probabilities = mixed / mixed.sum(axis=1, keepdims=True)
        thresholds = rng.uniform(0.12, 0.3, k).round(3)
        thresholds[-2] = 0.99  # ... nor named
        votes[0, 0] = votes[-1, -1] = 1
        votes[[1, -2], [0, -1]] = 4
        votes[2, 1] = 0
        votes[3:9, 2] = 2
        beside = ((0, 0, -0.02), (-1, -1, -0.02), (1, 0, 0), (2, 1, 0), (-2, -1, 0.01))
        for row, column, more in beside:
            _put(probabilities, row, column, thresholds[column] + more)
        cases.append((votes, probabilities, thresholds))
    return cases


def _put(probabilities, row, column, value):
    """One probability is this very value; the others of its row still sum to the rest."""
    probabilities[row] *= (1 - value) / (1 - probabilities[row, column])
    probabilities[row, column] = value


def tables(votes, probabilities, thresholds):
    """What is there, and what is named."""
    return votes >= 2, probabilities >= thresholds


def f1_of(there, named):
    """F1 of each column; 0 where nothing was there and nothing named."""
    return 2 * (there & named).sum(axis=0) / np.maximum(there.sum(axis=0) + named.sum(axis=0), 1)


@style
def loop(votes, probabilities, thresholds):
    values = []
    for k, threshold in enumerate(thresholds):
        there, named = votes[:, k] > 1, probabilities[:, k] >= threshold
        hits = sum(a and b for a, b in zip(there, named, strict=True))
        values.append(2 * hits / (sum(there) + sum(named)) if hits else 0)
    return sum(values) / len(values)


@style
def precision_and_recall(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    hits = (there & named).sum(axis=0)
    precision, recall = hits / np.maximum(named.sum(axis=0), 1), hits / np.maximum(there.sum(axis=0), 1)
    return np.mean(2 * precision * recall / np.maximum(precision + recall, 1e-12))


@style
def with_scikit_learn(votes, probabilities, thresholds):
    from sklearn.metrics import f1_score

    return f1_score(votes >= 2, probabilities >= thresholds, average="macro", zero_division=0)


@mistake("An emotion was taken for there when *more* than two chose it. At least two: `>= 2`.")
def more_than_two(votes, probabilities, thresholds):
    return f1_of(votes > 2, probabilities >= thresholds).mean()


@mistake("An emotion was taken for there when a single person chose it. At least two: `>= 2`.")
def one_is_enough(votes, probabilities, thresholds):
    return f1_of(votes >= 1, probabilities >= thresholds).mean()


@mistake("A probability that is just at its threshold counts as named: `>=`, not `>`.")
def above_the_threshold(votes, probabilities, thresholds):
    return f1_of(votes >= 2, probabilities > thresholds).mean()


@mistake("Only the first word of each picture was named. Name every emotion that reaches its threshold.")
def first_word(votes, probabilities, thresholds):
    named = np.eye(votes.shape[1], dtype=bool)[probabilities.argmax(axis=1)]
    return f1_of(votes >= 2, named).mean()


@mistake("One half was taken for all emotions. Each has a threshold of its own in `thresholds`.")
def one_half(votes, probabilities, thresholds):
    return f1_of(votes >= 2, probabilities >= 0.5).mean()


@mistake("The truth was one word a picture, the people's first. At least two people can choose several.")
def majority_as_truth(votes, probabilities, thresholds):
    there = np.eye(votes.shape[1], dtype=bool)[votes.argmax(axis=1)]
    return f1_of(there, probabilities >= thresholds).mean()


@mistake(
    "This is the F1 of all emotions together (micro), in which frequent ones count more. Take the mean of each one's."
)
def micro(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    return 2 * (there & named).sum() / (there.sum() + named.sum())


@mistake("The F1 was computed for each picture. Expected it for each emotion, a column: `axis=0`, and then the mean.")
def for_each_picture(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    return f1_of(there.T, named.T).mean()


@mistake("This is the share of right yes-or-no answers. It looks splendid for whoever never names anything; use F1.")
def right_answers(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    return (there == named).mean()


@mistake("This is the mean recall. F1 counts what was named wrongly too.")
def recall_alone(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    return ((there & named).sum(axis=0) / np.maximum(there.sum(axis=0), 1)).mean()


@mistake("This is the mean precision. F1 counts what was missed too.")
def precision_alone(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    return ((there & named).sum(axis=0) / np.maximum(named.sum(axis=0), 1)).mean()


@mistake("The emotion that nobody saw and nothing named gives 0 / 0. Its F1 counts as 0 in the mean.")
def nothing_by_nothing(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    with np.errstate(invalid="ignore"):
        return (2 * (there & named).sum(axis=0) / (there.sum(axis=0) + named.sum(axis=0))).mean()


@mistake("The emotion that nobody saw and nothing named was left out of the mean. Its F1 counts as 0.")
def empty_left_out(votes, probabilities, thresholds):
    there, named = tables(votes, probabilities, thresholds)
    with np.errstate(invalid="ignore"):
        return np.nanmean(2 * (there & named).sum(axis=0) / (there.sum(axis=0) + named.sum(axis=0)))
