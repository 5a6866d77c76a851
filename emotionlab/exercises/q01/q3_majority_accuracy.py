"""Question 1.3: the accuracy of always answering the most frequent training label.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.3",
    hints=(
        "Two steps: which label is the most frequent in training? How often does it occur in the test labels?",
        "`np.bincount(train_labels).argmax()` is the most frequent label. `test_labels == label` is True "
        "where it is right.",
        "The mean of an array of True and False is the share of True: `np.mean(test_labels == favourite)`.",
    ),
    passed="Right. Any model must beat this number before its accuracy means anything.",
    explained={
        "The order of these does not matter to the answer.": (
            "blind: argument 1: sorted",
            "blind: argument 2: sorted",
        ),
    },
)


@QUESTION.inputs
def two_label_sets(seed):
    """Training and test labels whose most frequent classes differ, from each other, from both together and the middle.

    In the third pair the favourite is no middle label, and the test holds far more pictures than training.
    In the last, the favourite does not occur in the test."""
    rng = np.random.default_rng(seed)
    first_train = rng.permutation(np.repeat(np.arange(7), [5, 1, 6, 19, 4, 7, 8]))
    first_test = rng.permutation(np.repeat(np.arange(7), [3, 2, 4, 5, 1, 9, 7]))
    second_train = rng.permutation(np.repeat(np.arange(7), [2, 3, 5, 4, 17, 6, 1]))
    second_test = rng.permutation(np.repeat(np.arange(7), [11, 1, 6, 2, 3, 4, 10]))
    third_train = rng.permutation(np.repeat(np.arange(7), [9, 3, 4, 1, 5, 2, 6]))
    third_test = rng.permutation(np.repeat(np.arange(7), [13, 45, 31, 21, 27, 36, 18]))
    # ahead by one vote: the first and the last label decide, and half of the labels have another favourite
    narrow = (np.array([5, 2, 2, 2, 2, 2, 0, 1, 3, 5, 5, 5, 4, 5, 0, 5]), np.array([5, 2, 1, 3, 5, 0, 2, 5]))
    absent = (np.array([6, 1, 6, 0, 2, 6]), np.array([1, 0, 2, 2, 1, 0, 1]))
    return [(first_train, first_test), (second_train, second_test), (third_train, third_test), narrow, absent]


@style
def loop(train_labels, test_labels):
    counts = [0] * 7
    for label in train_labels:
        counts[label] += 1
    favourite = counts.index(max(counts))
    hits = 0
    for label in test_labels:
        if label == favourite:
            hits += 1
    return hits / len(test_labels)


@style
def scikit_learn(train_labels, test_labels):
    from sklearn.dummy import DummyClassifier

    dummy = DummyClassifier(strategy="most_frequent")
    dummy.fit(np.zeros((len(train_labels), 1)), train_labels)
    return dummy.score(np.zeros((len(test_labels), 1)), test_labels)


@style
def unique(train_labels, test_labels):
    values, counts = np.unique(train_labels, return_counts=True)
    return np.count_nonzero(test_labels == values[np.argmax(counts)]) / test_labels.size


@mistake(
    "This answers with the most frequent class of the test labels. A model may learn from the training labels only: "
    "find the favourite there, then score it on the test labels."
)
def test_data_used(train_labels, test_labels):
    return np.bincount(test_labels).max() / len(test_labels)


@mistake(
    "This counts training and test labels together. A model may learn from the training labels only: find the "
    "favourite there, then score it on the test labels."
)
def both_counted(train_labels, test_labels):
    return np.mean(test_labels == np.bincount(np.concatenate([train_labels, test_labels])).argmax())


@mistake("This answers with the median, the label in the middle of the sorted ones. Expected the most frequent one.")
def median_for_mode(train_labels, test_labels):
    return np.mean(test_labels == int(np.median(train_labels)))


@mistake(
    "This is the share of the favourite class among the training labels. Expected its share among the test labels."
)
def measured_on_training(train_labels, test_labels):
    return np.bincount(train_labels).max() / len(train_labels)


@mistake("This is in percent. Expected a share between 0 and 1.")
def percent(train_labels, test_labels):
    return 100 * np.mean(test_labels == np.bincount(train_labels).argmax())


@mistake("This is the favourite label. Expected how often it is right on the test labels.")
def label_for_accuracy(train_labels, test_labels):
    return np.bincount(train_labels).argmax()


@mistake("This counts the right answers. Expected their share: divide by the number of test labels.")
def count_for_share(train_labels, test_labels):
    return np.sum(test_labels == np.bincount(train_labels).argmax())


@mistake(
    "One in seven is the accuracy of guessing when all classes are equally frequent. They are not: always answer the "
    "most frequent training label."
)
def equal_classes_assumed(train_labels, test_labels):
    return 1 / len(set(train_labels.tolist()))


NOT_A_LABEL = (
    "What was compared with the test labels is not the favourite label. `np.bincount(train_labels).argmax()` is the "
    "favourite; `.max()` there is how often it occurs, and `train_labels.argmax()` is only a position."
)


@mistake(NOT_A_LABEL)
def position_for_label(train_labels, test_labels):
    return np.mean(test_labels == np.argmax(train_labels))


@mistake(NOT_A_LABEL)
def how_often_for_which(train_labels, test_labels):
    return np.mean(test_labels == np.bincount(train_labels).max())


@mistake("This answers with the largest label. Expected the label that occurs most often in training.")
def largest_for_most_frequent(train_labels, test_labels):
    return np.mean(test_labels == train_labels.max())


@mistake("This always answers 3 (happy). Other training labels have another favourite: find it in `train_labels`.")
def happy_assumed(train_labels, test_labels):
    return np.mean(test_labels == 3)


@mistake("The right answers were divided by the number of training labels. Divide by the number of test labels.")
def divided_by_training(train_labels, test_labels):
    return np.sum(test_labels == np.bincount(train_labels).argmax()) / len(train_labels)
