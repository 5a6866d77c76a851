"""Question 7.1: accuracy on the pictures that leaked into training, and on all others.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "7.1",
    hints=(
        "One array helps: for each picture, is the answer right? Then take its mean over two groups of pictures.",
        "`right[leaked]` picks the leaked pictures. For the others: `np.delete(right, leaked)`, or a mask that is "
        "True everywhere and False at `leaked`.",
        "`right = predictions == labels`, then `return right[leaked].mean(), np.delete(right, leaked).mean()`.",
    ),
    passed="Right. The second value is the honest one: on pictures that the network had not seen in training.",
    explained={
        "The order of these does not matter to the answer.": ("blind: argument 3: sorted",),
        "Half precision holds these accuracies exactly enough.": ("blind: result 1: float16",),
    },
)


@QUESTION.inputs
def leaked_pictures(seed):
    """(labels, predictions, leaked): most leaked pictures are answered rightly, the clean ones less often.

    The six pictures at the end tell `~leaked` from `-leaked`, which can give the same accuracy on others by chance.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, leaks, right_leaked, right_clean in ((90, 24, 21, 40), (70, 15, 13, 22)):
        order = rng.permutation(n)
        leaked, clean = order[:leaks], order[leaks:]
        labels = rng.integers(0, 7, n)
        predictions = (labels + rng.integers(1, 7, n)) % 7
        right = np.concatenate([leaked[:right_leaked], clean[:right_clean]])
        predictions[right] = labels[right]
        cases.append((labels, predictions, leaked))
    return [*cases, (np.full(6, 3), np.array([3, 3, 5, 5, 5, 3]), np.array([1, 0]))]


@style
def mask(labels, predictions, leaked):
    right = labels == predictions
    clean = np.ones(len(labels), dtype=bool)
    clean[leaked] = False
    return right[~clean].mean(), right[clean].mean()


@style
def isin(labels, predictions, leaked):
    right = labels == predictions
    seen = np.isin(np.arange(len(labels)), leaked)
    return np.mean(right[seen]), np.mean(right[~seen])


@style
def loop(labels, predictions, leaked):
    hits = {True: [], False: []}
    leaked = set(leaked.tolist())
    for i in range(len(labels)):
        hits[i in leaked].append(int(labels[i] == predictions[i]))
    return sum(hits[True]) / len(hits[True]), sum(hits[False]) / len(hits[False])


@style
def scikit_learn(labels, predictions, leaked):
    from sklearn.metrics import accuracy_score

    clean = np.setdiff1d(np.arange(len(labels)), leaked)
    return tuple(float(accuracy_score(labels[k], predictions[k])) for k in (leaked, clean))


@mistake("The two are exchanged: expected the accuracy on the leaked pictures first, then that on the others.")
def exchanged(labels, predictions, leaked):
    right = labels == predictions
    return np.delete(right, leaked).mean(), right[leaked].mean()


@mistake(
    "The second value is the accuracy on all pictures, the leaked ones among them. That is the figure which a leak "
    "makes too high. Leave the leaked pictures out."
)
def all_for_clean(labels, predictions, leaked):
    right = labels == predictions
    return right[leaked].mean(), right.mean()


FROM_THE_END = (
    "The second value is not that of the others. `leaked` holds positions, not True and False. A minus or a `~` before "
    "it counts from the end: `~3` is -4, the fourth picture from there. `np.delete(right, leaked)` leaves them out."
)


@mistake(FROM_THE_END)
def tilde_of_positions(labels, predictions, leaked):
    right = labels == predictions
    return right[leaked].mean(), right[~leaked].mean()


@mistake(FROM_THE_END)
def minus_of_positions(labels, predictions, leaked):
    right = labels == predictions
    return right[leaked].mean(), right[-leaked].mean()


@mistake(
    "These are numbers of right answers. Expected shares: divide each by the size of its group, or take `.mean()`."
)
def counts(labels, predictions, leaked):
    right = labels == predictions
    return right[leaked].sum(), np.delete(right, leaked).sum()


@mistake("The right answers were divided by the number of all pictures. Divide each group by its own size.")
def divided_by_all(labels, predictions, leaked):
    right = labels == predictions
    n = len(right)
    return right[leaked].sum() / n, np.delete(right, leaked).sum() / n


@mistake(
    "You took the first pictures. `leaked` holds positions: they may lie anywhere. `right[leaked]` picks them out."
)
def first_pictures(labels, predictions, leaked):
    right = labels == predictions
    k = len(leaked)
    return right[:k].mean(), right[k:].mean()


@mistake("These are the shares of wrong answers. Accuracy is the share of right ones.")
def error_rates(labels, predictions, leaked):
    right = labels == predictions
    return 1 - right[leaked].mean(), 1 - np.delete(right, leaked).mean()


@mistake("The accuracies are in percent. Expected shares between 0 and 1.")
def percent(labels, predictions, leaked):
    right = labels == predictions
    return 100 * right[leaked].mean(), 100 * np.delete(right, leaked).mean()
