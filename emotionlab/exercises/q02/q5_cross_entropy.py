"""Question 2.5: cross-entropy from logits.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.compare import matches
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "2.5",
    hints=(
        "For each picture: the probability that softmax gives to its right class, the log of it, a minus in front. "
        "Then the mean.",
        "The log of softmax needs no division: `shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))`. "
        "`values[np.arange(len(labels)), labels]` picks one number from each row.",
        "`return -log_probability[np.arange(len(labels)), labels].mean()`",
    ),
    passed="Right. It is what `SparseCategoricalCrossentropy(from_logits=True)` computes.",
    explained={
        "Half precision changes less than the tolerance of the check.": ("blind: argument 1: float16",),
        "A cross-entropy is never negative.": (
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def logits_and_labels(seed):
    """Ordinary logits, and huge ones where the right class has almost no probability."""
    rng = np.random.default_rng(seed)
    huge = rng.normal(0, 1, (5, 7))
    huge[0, 2], huge[1, 0] = 1200.0, 900.0  # once on a wrong class, once on the right one
    return [
        (rng.normal(0, 2, (9, 7)), rng.integers(0, 7, 9)),
        (huge, np.array([4, 0, 1, 2, 5])),
    ]


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    return small_number_problem(observed) or wrong


def small_number_problem(observed):
    """Wrong when 1e-5, 1e-6, ... or 1e-16 was added to the probabilities."""
    cases = logits_and_labels(observed["seed"])
    for power in range(5, 17):
        losses = [log_of_softmax(*case, 10.0**-power) for case in cases]
        if all(matches(found, loss) for found, loss in zip(observed["returned"], losses, strict=True)):
            return Wrong(
                "Right for small logits, far too small a loss for large ones: a number such as 1e-9 was added before "
                "the logarithm, which hides how wrong the network is. Stay with logs: log softmax is "
                "`shifted - np.log(np.exp(shifted).sum(...))`.",
                "small_number_added",
            )
    return None


def of_the_labels(values, labels):
    return values[np.arange(len(labels)), labels]


def log_softmax(logits, axis=1):
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_of_softmax(logits, labels, small=0.0):
    """The loss from probabilities, which are 0 where they are too small for a float."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return -np.log(of_the_labels(probabilities, labels) + small).mean()


@style
def loop(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = row.max()
        total += top + np.log(np.sum(np.exp(row - top))) - row[label]
    return total / len(labels)


@style
def one_hot(logits, labels):
    from scipy import special

    return -np.mean(np.sum(np.eye(7)[labels] * special.log_softmax(logits, axis=1), axis=1))


@style
def keras_ops(logits, labels):
    import keras

    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return keras.ops.mean(losses)


@mistake(
    "Right for small logits, infinite for large ones: `np.exp(1200)` is infinite, and the log of 0, a probability too "
    "small for a float, is minus infinity. Subtract the largest logit of each row, and stay with logs: log softmax is "
    "`shifted - np.log(np.exp(shifted).sum(...))`."
)
def log_of_zero(logits, labels):
    return log_of_softmax(logits, labels)


@mistake(id="log_of_zero", says="`np.exp(1200)` is infinite")
def naive_log_of_the_sum(logits, labels):
    return (np.log(np.exp(logits).sum(axis=1)) - of_the_labels(logits, labels)).mean()


@mistake(
    "Right for small logits, NaN (not a number) for large ones: `np.exp(1200)` is infinite. Subtract the largest logit "
    "of each row first."
)
def overflow(logits, labels):
    powers = np.exp(logits)
    return -np.log(of_the_labels(powers / powers.sum(axis=1, keepdims=True), labels)).mean()


@mistake(says="added before the logarithm")
def small_number_added(logits, labels):
    return log_of_softmax(logits, labels, 1e-7)


@mistake("This is the sum over the pictures. Expected the mean, so that the loss does not grow with the batch.")
def sum_for_mean(logits, labels):
    return -of_the_labels(log_softmax(logits), labels).sum()


@mistake("The sign is wrong: a log of a probability is negative, a loss is not. Put a minus in front.")
def minus_forgotten(logits, labels):
    return of_the_labels(log_softmax(logits), labels).mean()


@mistake(
    "The loss is seven times too small: the mean also ran over the zeros of the other classes. Sum over the classes, "
    "then take the mean over the pictures."
)
def divided_by_classes(logits, labels):
    return -(np.eye(7)[labels] * log_softmax(logits)).mean()


@mistake("The logits of the right classes were averaged as if they were log-probabilities. Take log softmax first.")
def softmax_forgotten(logits, labels):
    return -of_the_labels(logits, labels).mean()


@mistake(
    "`logits[:, labels]` takes all labels for every picture. Expected one number for each picture: "
    "`logits[np.arange(len(labels)), labels]`."
)
def every_pair_averaged(logits, labels):
    return -log_softmax(logits)[:, labels].mean()


@mistake("This is the loss of the most likely class, whatever the label. Expected that of the right class.")
def most_likely_class(logits, labels):
    return -log_softmax(logits).max(axis=1).mean()


@mistake(
    "This is a mean over all classes, and the labels have no say in it. Pick the right class of each picture: "
    "`values[np.arange(len(labels)), labels]`."
)
def all_classes_averaged(logits, labels):
    return -log_softmax(logits).mean()


@mistake(
    "The largest logit was subtracted before `np.exp` and not added back: log of the sum is "
    "`top + np.log(np.exp(logits - top).sum(...))`."
)
def largest_not_added_back(logits, labels):
    log_sum = np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1))
    return (log_sum - of_the_labels(logits, labels)).mean()


@mistake(
    "The largest number of the whole array was subtracted, so the powers of a row far below it are all 0. Subtract the "
    "largest logit of each row."
)
def one_maximum_for_all(logits, labels):
    top = logits.max()
    log_sum = top + np.log(np.exp(logits - top).sum(axis=1))
    return (log_sum - of_the_labels(logits, labels)).mean()


@mistake("Only the first picture was counted. Does the `return` stand inside the loop?")
def first_picture_only(logits, labels):
    for row, label in zip(log_softmax(logits), labels, strict=True):
        return -row[label] / len(labels)


@mistake("Softmax was taken over the pictures (axis 0). The classes of one picture lie on the last axis.")
def wrong_axis(logits, labels):
    return -of_the_labels(log_softmax(logits, axis=0), labels).mean()


@mistake("This is the log of the logits themselves, which can be negative. Take softmax first.")
def log_of_logits(logits, labels):
    return -np.log(of_the_labels(logits, labels)).mean()


FROM_LOGITS = "Keras took the logits for probabilities: `from_logits=True` is missing."


@mistake(FROM_LOGITS, id="from_logits_forgotten")
def taken_by_tensorflow(logits, labels):
    return -of_the_labels(log_softmax(np.log(np.clip(logits, 1e-7, 1 - 1e-7))), labels).mean()


@mistake(FROM_LOGITS, id="from_logits_forgotten")
def taken_by_jax(logits, labels):
    probabilities = np.clip(logits / logits.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(of_the_labels(probabilities, labels)).mean()


@mistake(says=FROM_LOGITS)
def from_logits_forgotten(logits, labels):
    import keras

    return float(keras.losses.SparseCategoricalCrossentropy()(labels, logits))


@mistake(id="wrong_type", says="Expected a number")
def losses_for_mean(logits, labels):
    return -of_the_labels(log_softmax(logits), labels)
