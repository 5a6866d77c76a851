"""Question voice.2: unweighted average recall.

Title, points, task and model solution: solutions/voice.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "voice.2",
    hints=(
        "For one class: take the recordings that have it as a label. How many of their predictions are that class?",
        "`(predictions[labels == one] == one).mean()` is the recall of one class; `np.unique(labels)` are the classes "
        "that occur.",
        "`return np.mean([(predictions[labels == one] == one).mean() for one in np.unique(labels)])`",
    ),
    passed="Right. Whoever always says the most frequent emotion gets one over the number of emotions, and no more.",
)


@QUESTION.inputs
def labels_and_predictions(seed):
    """(labels, predictions): uneven classes, one that is never predicted, one that is predicted and never a label.

    In the second the largest class number is 12.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for classes, counts in (((0, 1, 2, 3), (20, 7, 5, 3)), ((1, 2, 12), (9, 4, 11))):
        labels = rng.permutation(np.repeat(classes, counts))
        labels = np.concatenate([[classes[0]], labels, [classes[0]]])
        wrong = rng.random(len(labels)) < 0.4
        predictions = np.where(wrong, 5, labels)
        predictions[wrong & (labels == classes[1])] = classes[0]
        predictions[labels == classes[-1]] = classes[0]
        predictions[np.flatnonzero(labels == classes[0])[1]] = 5
        predictions[[0, -1]] = classes[0]  # right, so that another answer there is seen
        cases.append((labels, predictions))
    return cases


def recalls(labels, predictions, classes):
    """The recall of each of these classes."""
    return np.array([(predictions[labels == one] == one).mean() for one in classes])


@style
def scikit_learn(labels, predictions):
    from sklearn.metrics import recall_score

    return recall_score(labels, predictions, average="macro", labels=np.unique(labels), zero_division=0)


@style
def pandas(labels, predictions):
    import pandas as pd

    return float(pd.Series(labels == predictions).groupby(labels).mean().mean())


@style
def counting(labels, predictions):
    given, right = {}, {}
    for label, said in zip(labels.tolist(), predictions.tolist(), strict=True):
        given[label] = given.get(label, 0) + 1
        right[label] = right.get(label, 0) + (label == said)
    return sum(right[k] / given[k] for k in given) / len(given)


@mistake("This is the accuracy: a frequent emotion counts more than a rare one. Take the recall of each class first.")
def accuracy(labels, predictions):
    return (labels == predictions).mean()


@mistake(
    "These are precisions: of what was *named* so. A recall asks of what *is* so: `labels == one` in the brackets."
)
def precisions(labels, predictions):
    named = [(labels[predictions == one] == one).mean() for one in np.unique(labels) if (predictions == one).any()]
    return np.mean(named)


@mistake("The recalls were added up. Expected their mean.")
def added_up(labels, predictions):
    return recalls(labels, predictions, np.unique(labels)).sum()


@mistake(id="wrong_type", says="Expected a number")
def all_of_them(labels, predictions):
    return recalls(labels, predictions, np.unique(labels))


@mistake("Divided by the largest class number and one, though some classes do not occur. Take those among the labels.")
def absent_classes_count(labels, predictions):
    return recalls(labels, predictions, np.unique(labels)).sum() / (max(labels.max(), predictions.max()) + 1)


@mistake(
    "Not every class was looked at: one of the hidden inputs has the class 12. Take the classes from the labels, not "
    "from a range: `np.unique(labels)`."
)
def seven_classes(labels, predictions):
    return np.nanmean(recalls(labels, predictions, range(7)))


@mistake(id="accuracy", says="This is the accuracy")
def weighted(labels, predictions):
    classes, counts = np.unique(labels, return_counts=True)
    return np.average(recalls(labels, predictions, classes), weights=counts)


@mistake("A class that was never predicted was left out. Its recall is 0, and it counts.")
def never_predicted_left_out(labels, predictions):
    found = recalls(labels, predictions, np.unique(labels))
    return found[found > 0].mean()
