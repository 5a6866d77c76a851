"""Question 3.2: class weights from counts.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "3.2",
    hints=(
        "Count the classes first; exercise 01 did the same.",
        "`np.bincount(labels, minlength=7)` counts. An array of seven counts can stand in a formula as it is.",
        "`return len(labels) / (7 * np.bincount(labels, minlength=7))`",
    ),
    passed="Right. Over all pictures the mean weight is 1, so the learning rate still fits. "
    "`el.class_weights` does the same.",
    wants_array=True,
    explained={
        "The order of these does not matter to the answer.": ("blind: argument 1: sorted",),
        "A weight is never negative.": (
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def label_sets(seed):
    """Two sets of labels of unlike size; all seven classes occur in both."""
    rng = np.random.default_rng(seed)
    first_set = rng.permutation(np.repeat(np.arange(7), [12, 2, 14, 30, 16, 9, 17]))
    second_set = rng.permutation(np.repeat(np.arange(7), [5, 8, 3, 4, 25, 6, 1]))
    return [(first_set,), (second_set,)]


def count(labels):
    return np.bincount(labels, minlength=7)


@style
def loop(labels):
    n = len(labels)
    return np.array([n / (7 * sum(1 for x in labels if x == label)) for label in range(7)])


@style
def mean_count(labels):
    counts = count(labels)
    return counts.mean() / counts


@style
def scikit_learn(labels):
    from sklearn.utils.class_weight import compute_class_weight

    return compute_class_weight("balanced", classes=np.arange(7), y=labels)


@style
def package(labels):
    from emotionlab.training.batches import class_weights

    return np.array(list(class_weights(labels).values()))


@mistake("The frequent classes weigh most: the fraction is upside down. Expected the count below the line.")
def upside_down_weights(labels):
    return 7 * count(labels) / len(labels)


@mistake("These are the shares of the classes, so the frequent ones weigh most. Expected n / (7 * count).")
def shares_for_weights(labels):
    return count(labels) / count(labels).sum()


@mistake(
    "All weights are seven times too large: the loss would be, too, and with it every step of the training. Divide by "
    "the number of classes as well."
)
def seven_forgotten(labels):
    return len(labels) / count(labels)


@mistake(
    "The counts stand above the line: `n / 7 * counts` divides by 7 and then multiplies. Put brackets: "
    "`n / (7 * counts)`."
)
def multiplied_by_the_count(labels):
    return len(labels) / 7 * count(labels)


@mistake(
    "1 / count makes the weights tiny, and with them the loss. Multiply by n / 7, so that the mean weight of a picture "
    "is 1."
)
def count_alone(labels):
    return 1 / count(labels)


@mistake(
    "This compares each class with the most frequent one, so all weights are 1 or more and the loss grows. Expected "
    "n / (7 * count)."
)
def against_the_largest(labels):
    return count(labels).max() / count(labels)


@mistake(
    "The weights add up to 1, so the loss shrinks. Expected n / (7 * count), which leaves the mean weight of a picture "
    "at 1."
)
def sum_of_one(labels):
    weights = 1 / count(labels)
    return weights / weights.sum()


@mistake("This is one weight for each picture. Expected seven, one for each class.")
def weight_of_each_picture(labels):
    return mean_count(labels)[labels]


@mistake("`//` cuts the decimals off, so frequent classes get the weight 0. Write `/`.")
def whole_division(labels):
    return len(labels) // (7 * count(labels))


@mistake("The weights are rounded. Leave them as they are; `print` can round them for you.")
def rounded(labels):
    return mean_count(labels).round(2)


@mistake("n is how many labels there are: `len(labels)`. `sum(labels)` adds up the numbers of the classes.")
def sum_of_labels(labels):
    return sum(labels) / (7 * count(labels))


@mistake(
    "1 - share makes all weights nearly alike: a class that is twenty times rarer hardly weighs more. Expected "
    "n / (7 * count)."
)
def one_minus_share(labels):
    return 1 - count(labels) / len(labels)


@mistake("These are the weights of the classes 1 to 7. The labels run from 0 to 6.")
def counted_from_one(labels):
    return np.array([len(labels) / (7 * np.sum(labels == k)) for k in range(1, 8)])
