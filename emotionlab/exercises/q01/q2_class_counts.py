"""Question 1.2: how many pictures each class has, also where a class has none.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

from collections import Counter

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.2",
    hints=(
        "NumPy has a function that counts how often each whole number occurs: `np.bincount`.",
        "If the last class does not occur, `np.bincount(labels)` is too short. What does its argument `minlength` do?",
        "`return np.bincount(labels, minlength=7)`",
    ),
    passed="Right, and also where a class has no picture at all. A subset of a rare class does that to you.",
    wants_array=True,
    explained={
        "The order of these does not matter to the answer.": ("blind: argument 1: sorted",),
    },
)


@QUESTION.inputs
def labels_with_gaps(seed):
    """Labels that lack class 1 and class 6, labels that have all seven, and labels that lack the first two classes.

    In the last, one class occurs more often than 255 times.
    """
    rng = np.random.default_rng(seed)
    gaps = rng.permutation(np.repeat([0, 2, 3, 4, 5], [4, 6, 11, 3, 8]))
    full = rng.permutation(np.repeat(np.arange(7), [5, 1, 7, 13, 2, 6, 9]))
    many = rng.permutation(np.repeat(np.arange(7), [0, 0, 12, 311, 40, 8, 21]))
    return [(gaps,), (full,), (many,)]


@QUESTION.judge
def judge(observed):
    if all(found["kind"] == "sequence" and found["length"] == 2 for found in observed["returned"]):
        return Wrong(
            "Expected one array of seven counts, found two things. `np.unique` with `return_counts=True` gives two: "
            "the classes that occur, and their counts.",
            "pair_of_unique",
            "`np.bincount` counts the classes that do not occur, too.",
        )
    return QUESTION.compare(observed)


@style
def loop(labels):
    counts = np.zeros(7, dtype=int)
    for label in labels:
        counts[label] += 1
    return counts


@style
def compare_and_sum(labels):
    return (labels[:, None] == np.arange(7)).sum(axis=0)


@style
def counter(labels):
    from emotionlab.base.emotions import EMOTIONS

    seen = Counter(labels.tolist())
    return np.array([seen[label] for label in range(len(EMOTIONS))])


@mistake(
    "There is no entry for a class at the end that has no picture. Expected seven counts always: see the argument "
    "`minlength` of `np.bincount`."
)
def no_minlength(labels):
    return np.bincount(labels)


@mistake(
    "A class without pictures was left out, so the later counts slid to the wrong place. Expected a 0 there: "
    "`np.unique` lists only what occurs."
)
def missing_classes_dropped(labels):
    return np.unique(labels, return_counts=True)[1]


@mistake("These are shares that add up to 1. Expected how many pictures, as whole numbers.")
def shares_for_counts(labels):
    return np.bincount(labels, minlength=7) / len(labels)


@mistake(
    "The counts are sorted by size, so nobody can tell whose they are. Expected the count of class 0 first, then of "
    "class 1, and so on."
)
def sorted_counts(labels):
    return np.sort(np.bincount(labels, minlength=7))[::-1]


@mistake("These are the counts of the classes 1 to 7. The labels run from 0 to 6.")
def counted_from_one(labels):
    return np.array([(labels == c).sum() for c in range(1, 8)])


@mistake(
    "No class has more than 1: `counts[labels] += 1` adds only once to a class, however often it stands in `labels`. "
    "Go through the labels one by one, or use `np.bincount`."
)
def added_once(labels):
    counts = np.zeros(7, int)
    counts[labels] += 1
    return counts


@mistake("All counts are 0. In a loop, `counts[label] + 1` changes nothing; `counts[label] += 1` does.")
def never_counted(labels):
    counts = np.zeros(7)
    for label in labels:
        counts[label] + 1
    return counts


@mistake(
    "The bins of `np.histogram` follow the smallest and largest label that occur, so they slide when a class at the "
    "end has no picture. `np.bincount` counts whole numbers."
)
def bins_follow_the_labels(labels):
    return np.histogram(labels, bins=7)[0]


@mistake(says="found two things")
def pair_of_unique(labels):
    return np.unique(labels, return_counts=True)


@mistake(says="found a list")
def wrong_type(labels):
    return [int((labels == c).sum()) for c in range(7)]


@mistake("Large counts begin again at 0: the dtype uint8 holds nothing above 255. Write `dtype=int`.")
def counts_overflow(labels):
    counts = np.zeros(7, dtype="uint8")
    for label in labels:
        counts[label] += 1
    return counts
