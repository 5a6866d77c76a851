"""Question 8.6: the mistakes of which the network was surest.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.6",
    hints=(
        "First find the mistakes, then sort them, then take the first `count`.",
        "`np.flatnonzero(predicted != labels)` are the positions of the mistakes. `np.argsort(-confidence[mistakes])` "
        "says in which order to take them.",
        "`mistakes = np.flatnonzero(probabilities.argmax(axis=1) != labels)`, then "
        "`return mistakes[np.argsort(-probabilities[mistakes].max(axis=1))][:count]`.",
    ),
    passed="Right. Now look at them: some are the network's mistakes, some are the label's.",
    explained={
        "The order stays what it is in half precision, and this picture is not among the worst.": (
            "blind: argument 2: float16",
            "blind: argument 2: … element changed",
        ),
    },
)


@QUESTION.inputs
def labels_and_probabilities(seed):
    """(labels, probabilities, count): more mistakes than asked for, once fewer, and once none at all."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, wrong, count in ((24, 11, 4), (10, 3, 5), (30, 12, 6), (8, 0, 3)):
        p = rng.dirichlet(np.full(7, 0.5), n)
        labels = p.argmax(axis=1)
        missed = rng.permutation(n)[:wrong]
        labels[missed] = (labels[missed] + rng.integers(1, 7, wrong)) % 7
        cases.append((labels, p, count))
    return cases


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
    arrays = [found.get("array") for found in observed["returned"]]
    if wrong is None or wrong.misconception != "wrong_shape" or any(array is None for array in arrays):
        return wrong
    cases = labels_and_probabilities(observed["seed"])
    pairs = [(array, QUESTION.solution(*case)) for array, case in zip(arrays, cases, strict=True)]
    if all(np.array_equal(array[: len(right)], right) for array, right in pairs):
        return Wrong(
            "Where there are fewer mistakes than `count`, right answers follow them. Return the mistakes alone.",
            "filled_up_with_hits",
        )
    return wrong


def mistakes_and_confidence(labels, probabilities):
    """The positions of the mistakes, and how sure the network was of each picture."""
    return np.flatnonzero(probabilities.argmax(axis=1) != labels), probabilities.max(axis=1)


@style
def mask_the_hits(labels, probabilities, count):
    wrong = probabilities.argmax(1) != labels
    confidence = np.where(wrong, probabilities.max(1), -1)
    order = np.argsort(confidence)[::-1]
    return order[: min(count, wrong.sum())]


@style
def sorted_list(labels, probabilities, count):
    found = [i for i in range(len(labels)) if probabilities[i].argmax() != labels[i]]
    found.sort(key=lambda i: probabilities[i].max(), reverse=True)
    return np.array(found[:count])


@style
def pandas(labels, probabilities, count):
    import pandas as pd

    table = pd.DataFrame({"sure": probabilities.max(1), "wrong": probabilities.argmax(1) != labels})
    return table[table.wrong].nlargest(count, "sure").index.to_numpy()


@mistake(
    "Right answers are among them: these are the most confident answers of all. Keep only the pictures whose predicted "
    "emotion differs from the label."
)
def right_ones_too(labels, probabilities, count):
    return np.argsort(-probabilities.max(axis=1))[:count]


@mistake("These are the most confident right answers. A failure gallery holds the wrong ones: `!=`, not `==`.")
def hits(labels, probabilities, count):
    right = np.flatnonzero(probabilities.argmax(axis=1) == labels)
    return right[np.argsort(-probabilities[right].max(axis=1))][:count]


@mistake(
    "These are mistakes, but the least confident ones come first. `np.argsort` sorts upwards: sort the negative "
    "confidence, or turn the order round."
)
def least_sure_first(labels, probabilities, count):
    mistakes, confidence = mistakes_and_confidence(labels, probabilities)
    return mistakes[np.argsort(confidence[mistakes])][:count]


@mistake(
    "They are sorted by how improbable the true emotion was. Expected how sure the network was of its own answer: the "
    "largest of the seven probabilities."
)
def truth_least_likely(labels, probabilities, count):
    mistakes, _ = mistakes_and_confidence(labels, probabilities)
    of_truth = probabilities[mistakes, labels[mistakes]]
    return mistakes[np.argsort(of_truth)][:count]


@mistake(
    "These positions count within the mistakes alone, so they point at other pictures. Use them to index the positions "
    "of the mistakes: `mistakes[order]`."
)
def positions_among_the_mistakes(labels, probabilities, count):
    mistakes, confidence = mistakes_and_confidence(labels, probabilities)
    return np.argsort(-confidence[mistakes])[:count]


@mistake("These are all mistakes. Expected at most `count`.")
def all_of_them(labels, probabilities, count):
    mistakes, confidence = mistakes_and_confidence(labels, probabilities)
    return mistakes[np.argsort(-confidence[mistakes])]


@mistake("These are the confidences. Expected the positions of the pictures, so that one can look at them.")
def confidence_for_position(labels, probabilities, count):
    mistakes, confidence = mistakes_and_confidence(labels, probabilities)
    return np.sort(confidence[mistakes])[::-1][:count]


@mistake("These are mistakes in the order of the data. Sort them by confidence before you take the first `count`.")
def not_sorted(labels, probabilities, count):
    mistakes, _ = mistakes_and_confidence(labels, probabilities)
    return mistakes[:count]


@mistake(
    "You took the `count` surest answers first, and then the mistakes among them: too few are left, or none. Find the "
    "mistakes first."
)
def cut_before_the_mistakes(labels, probabilities, count):
    surest = right_ones_too(labels, probabilities, count)
    return surest[probabilities[surest].argmax(axis=1) != labels[surest]]


@mistake("These are the right pictures, but the surest comes last. Turn the order round: `[::-1]`.")
def surest_last(labels, probabilities, count):
    mistakes, confidence = mistakes_and_confidence(labels, probabilities)
    return mistakes[np.argsort(confidence[mistakes])][-count:]


@mistake(says="right answers follow them")
def filled_up_with_hits(labels, probabilities, count):
    wrong = probabilities.argmax(axis=1) != labels
    return np.argsort(-np.where(wrong, probabilities.max(axis=1), 0))[:count]
