"""Question small_from_large.3: the cross-entropy between teacher and pupil at a temperature, times its square.

Title, points, task and model solution: solutions/small_from_large.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "small_from_large.3",
    hints=(
        "Two softmaxes, both of logits divided by the temperature. Sum over the emotions of a picture, then take the "
        "mean over the pictures.",
        "`-(p * np.log(q)).sum(axis=1).mean()` with `p` of the teacher and `q` of the pupil, and `temperature**2` in "
        "front.",
        "With `softmax(z) = exp(z - largest) / its sum`: `p, q = softmax(teacher / temperature), softmax(pupil / "
        "temperature)`, then `return temperature**2 * -(p * np.log(q)).sum(axis=1).mean()`.",
    ),
    passed="Right. With the T² a change of the temperature changes what is learned, and hardly how fast.",
    explained={
        "A temperature is above 0.": ("blind: argument 3: without sign", "blind: argument 3: clipped at 0"),
        "A cross-entropy has no sign.": ("blind: result: without sign", "blind: result: clipped at 0"),
    },
)


@QUESTION.inputs
def two_networks(seed):
    """(pupil, teacher, temperature): logits of both, the middle of each row anywhere, warm and cold."""
    rng = np.random.default_rng(seed)
    return [
        (_logits(rng, n, k, 2), _logits(rng, n, k, 4), temperature)
        for n, k, temperature in ((5, 7, 2.5013), (6, 4, 4.0037), (3, 5, 0.8003))
    ]


def _logits(rng, n, k, spread):
    return rng.normal(0, spread, (n, k)) + rng.choice([-60.0, 70.0], (n, 1))


def softmax(logits):
    """Along each row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def entropies(p, q):
    """The cross-entropy of each row."""
    return -(p * np.log(q)).sum(axis=1)


def both_soft(pupil, teacher, temperature):
    """The cross-entropy of each picture, both softened."""
    return entropies(softmax(teacher / temperature), softmax(pupil / temperature))


@style
def with_scipy(pupil, teacher, temperature):
    from scipy.special import log_softmax
    from scipy.special import softmax as theirs

    logs = log_softmax(pupil / temperature, axis=1)
    return -temperature * temperature * np.sum(theirs(teacher / temperature, axis=1) * logs) / len(pupil)


@style
def picture_by_picture(pupil, teacher, temperature):
    total = 0.0
    for mine, theirs in zip(pupil, teacher, strict=True):
        p, q = np.exp(theirs / temperature), np.exp(mine / temperature)
        total -= np.dot(p / p.sum(), np.log(q / q.sum()))
    return temperature**2 * total / len(pupil)


@style
def with_einsum(pupil, teacher, temperature):
    p, q = softmax(teacher / temperature), softmax(pupil / temperature)
    return temperature**2 * np.einsum("nk,nk->n", p, -np.log(q)).mean()


@mistake("The factor `temperature**2` is missing: without it a high temperature also means tiny steps.")
def no_square(pupil, teacher, temperature):
    return both_soft(pupil, teacher, temperature).mean()


@mistake("The factor is the temperature. Expected its square.")
def once_the_temperature(pupil, teacher, temperature):
    return temperature * both_soft(pupil, teacher, temperature).mean()


@mistake("Divided by the square of the temperature. Expected it as a factor, to make up for small gradients.")
def divided_by_square(pupil, teacher, temperature):
    return both_soft(pupil, teacher, temperature).mean() / temperature**2


@mistake("Only the teacher was softened. The pupil's logits are divided by the temperature too.")
def pupil_not_softened(pupil, teacher, temperature):
    return temperature**2 * entropies(softmax(teacher / temperature), softmax(pupil)).mean()


@mistake("Only the pupil was softened. The teacher's logits are divided by the temperature too.")
def teacher_not_softened(pupil, teacher, temperature):
    return temperature**2 * entropies(softmax(teacher), softmax(pupil / temperature)).mean()


@mistake("Pupil and teacher have changed places: the logarithm is of what the *pupil* says.")
def exchanged(pupil, teacher, temperature):
    return temperature**2 * both_soft(teacher, pupil, temperature).mean()


@mistake("The losses of the pictures were added up. Expected their mean.")
def summed(pupil, teacher, temperature):
    return temperature**2 * both_soft(pupil, teacher, temperature).sum()


@mistake("The mean was taken over all numbers, emotions too. Sum over the emotions of a picture, then the mean.")
def mean_over_everything(pupil, teacher, temperature):
    return temperature**2 * both_soft(pupil, teacher, temperature).mean() / pupil.shape[1]


@mistake("The sign is wrong: logarithms of probabilities are negative, so the loss has a minus in front.")
def negative(pupil, teacher, temperature):
    return -(temperature**2) * both_soft(pupil, teacher, temperature).mean()


@mistake(
    "This is the Kullback-Leibler divergence: the teacher's own entropy was taken away. It has the same gradient, but "
    "expected is the cross-entropy."
)
def divergence(pupil, teacher, temperature):
    p = softmax(teacher / temperature)
    return temperature**2 * (both_soft(pupil, teacher, temperature) - entropies(p, p)).mean()


@mistake("Only the teacher's first choice counts here, like a label. Expected all of its probabilities.")
def hard_teacher(pupil, teacher, temperature):
    chosen = np.eye(teacher.shape[1])[teacher.argmax(axis=1)]
    return temperature**2 * entropies(chosen, softmax(pupil / temperature)).mean()


@mistake(says="a number", id="wrong_type")
def one_for_each_picture(pupil, teacher, temperature):
    return temperature**2 * both_soft(pupil, teacher, temperature)
