"""Question senses.3: how often two judges are wrong on the same clip, and how often they would be by chance.

Title, points, task and model solution: solutions/senses.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "senses.3",
    hints=(
        "Make two masks first: where the one is wrong, and where the other is.",
        "`first = one.argmax(axis=1) != labels`. The share of both is the mean of `first & second`; independent would "
        "be the product of the two means.",
        "`return (first & second).mean(), first.mean() * second.mean()`",
    ),
    passed="Right. Where the first number is well above the second, the judges share mistakes, and a product believes "
    "them too much.",
    explained={
        "The largest of a row stays the largest in half precision.": (
            "blind: argument 1: float16",
            "blind: argument 2: float16",
        ),
    },
)


@QUESTION.inputs
def judges_and_labels(seed):
    """(one, other, labels): judges who share some mistakes; the first and the last row are close calls."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k in ((24, 5), (31, 4)):
        labels = rng.integers(1, k - 1, n)
        common, parts = rng.random(n) < 0.25, []
        for share in (0.2, 0.35):
            wrong = common | (rng.random(n) < share)
            said = np.where(wrong, (labels + 1) % k, labels)
            p = rng.dirichlet(np.full(k, 2.0), n) * 0.4
            p[np.arange(n), said] += 0.6
            p[[0, -1]] = 0.1 / (k - 2)
            p[[0, -1], labels[[0, -1]]] = 0.46
            p[[0, -1], [0, -1]] = 0.44  # a little more there, and the answer is another
            parts.append(p)
        cases.append((*parts, labels))
    return cases


def masks(one, other, labels):
    """Where each of the two is wrong."""
    return one.argmax(axis=1) != labels, other.argmax(axis=1) != labels


@style
def counting(one, other, labels):
    n, a, b, both = len(labels), 0, 0, 0
    for p, q, label in zip(one, other, labels, strict=True):
        first, second = np.argmax(p) != label, np.argmax(q) != label
        a, b, both = a + first, b + second, both + (first and second)
    return both / n, a / n * (b / n)


@style
def accuracies(one, other, labels):
    right = [(part.argmax(1) == labels) for part in (one, other)]
    neither = ~right[0] & ~right[1]
    return neither.mean(), (1 - right[0].mean()) * (1 - right[1].mean())


@style
def as_array(one, other, labels):
    first, second = masks(one, other, labels)
    return np.array([np.mean(first * second), np.mean(first) * np.mean(second)])


@mistake("These are the shares where both are *right*. Expected those where both are wrong: `!=`.")
def both_right(one, other, labels):
    first, second = masks(one, other, labels)
    return (~first & ~second).mean(), (1 - first.mean()) * (1 - second.mean())


@mistake("The first number counts clips on which *one or the other* is wrong. Expected both: `&`, not `|`.")
def one_or_the_other(one, other, labels):
    first, second = masks(one, other, labels)
    return (first | second).mean(), first.mean() * second.mean()


@mistake("The two numbers have changed places: first what was measured, then what independence would give.")
def exchanged(one, other, labels):
    first, second = masks(one, other, labels)
    return first.mean() * second.mean(), (first & second).mean()


@mistake("The second number is the sum of the two shares. Independent events multiply.")
def added(one, other, labels):
    first, second = masks(one, other, labels)
    return (first & second).mean(), first.mean() + second.mean()


@mistake("These are numbers of clips. Expected shares: divide by how many clips there are.")
def counts(one, other, labels):
    first, second = masks(one, other, labels)
    return (first & second).sum(), first.sum() * second.sum() / len(labels)


@mistake("This counts the clips on which the two judges say the same, right or wrong. Compare each with the label.")
def agreement(one, other, labels):
    first, second = masks(one, other, labels)
    return (one.argmax(axis=1) == other.argmax(axis=1)).mean(), first.mean() * second.mean()


@mistake(says="a tuple of length 2", id="wrong_type")
def first_alone(one, other, labels):
    first, second = masks(one, other, labels)
    return (first & second).mean()


@mistake("The second share was taken among the clips on which the first is wrong. Expected it among all clips.")
def among_the_wrong(one, other, labels):
    first, second = masks(one, other, labels)
    return (first & second).mean(), first.mean() * second[first].mean()
