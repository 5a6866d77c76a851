"""Question text.3: a mean of vectors, weighted by attention, without the padding.

Title, points, task and model solution: solutions/text.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "text.3",
    hints=(
        "Make the scores of the padding so small that the softmax gives it nothing: `-np.inf` is the smallest.",
        "`masked = np.where(there, scores, -np.inf)`; then the softmax of `masked`, and the weighted sum of the rows: "
        "`weights @ vectors`.",
        "`weights = np.exp(masked - masked.max())`, then `return weights @ vectors / weights.sum()`.",
    ),
    passed="Right. With equal scores this is the plain mean; with one large score it picks a single word.",
)


@QUESTION.inputs
def scores_and_vectors(seed):
    """(scores, vectors, there): ordinary scores, large and small ones, and a text that fills all places.

    The padding stands at the end and has the largest scores of all.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for length, words, shift in ((7, 5, 0.0), (5, 4, 800.0), (6, 3, -800.0), (4, 4, 0.0)):
        there = np.arange(length) < words
        scores = rng.normal(0, 1, length) + shift
        scores[~there] += 3.0 if shift == 0 else 900.0
        cases.append((scores, rng.normal(0, 2, (length, 3)), there))
    return cases


def softmax(scores):
    """Weights that sum to 1."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


@style
def only_those_there(scores, vectors, there):
    kept = scores[there]
    weights = np.exp(kept - kept.max())
    return (weights / weights.sum()) @ vectors[there]


@style
def until_the_end(scores, vectors, there):
    words = there.sum()
    weights = np.exp(scores[:words] - scores[:words].max())
    return (weights / weights.sum()) @ vectors[:words]


@style
def scipy(scores, vectors, there):
    from scipy.special import softmax as of_scipy

    return of_scipy(scores[there]) @ vectors[there]


@style
def average(scores, vectors, there):
    weights = np.zeros(len(scores))
    weights[there] = np.exp(scores[there] - scores[there].max())
    return np.average(vectors, axis=0, weights=weights)


@mistake("The padding got weights: its scores took part in the softmax. Mask it first.")
def padding_counts(scores, vectors, there):
    return softmax(scores) @ vectors


@mistake(
    "The padding lost its vectors but kept its weights, so the others sum to less than 1. Mask the scores before the "
    "softmax."
)
def masked_too_late(scores, vectors, there):
    return (softmax(scores) * there) @ vectors


@mistake("This is the plain mean of the vectors that are there: the scores were not used.")
def plain_mean(scores, vectors, there):
    return vectors[there].mean(axis=0)


@mistake(
    "The score of the padding was set to 0. That is a score like any other, e to the power 0 is 1: take `-np.inf`."
)
def padding_at_zero(scores, vectors, there):
    return softmax(np.where(there, scores, 0.0)) @ vectors


@mistake("The weights sum to 1 and the result was divided by the number of tokens once more.")
def divided_twice(scores, vectors, there):
    return softmax(np.where(there, scores, -np.inf)) @ vectors / there.sum()


@mistake(
    "This is the vector with the largest score alone. Attention is a mean: the others count too, by their weights."
)
def largest_alone(scores, vectors, there):
    return vectors[np.where(there, scores, -np.inf).argmax()]


@mistake(
    "The scores themselves were taken for weights. They may be negative: only the softmax makes weights of them that "
    "sum to 1."
)
def scores_for_weights(scores, vectors, there):
    return (scores * there) @ vectors / (scores * there).sum()


@mistake("The vectors were multiplied with their weights, and not added up: expected one vector (D,).")
def not_added_up(scores, vectors, there):
    return softmax(np.where(there, scores, -np.inf))[:, None] * vectors


@mistake("These are the weights. Expected the mean of the vectors, weighted with them.")
def weights_alone(scores, vectors, there):
    return softmax(np.where(there, scores, -np.inf))


@mistake(id="not_finite", says="NaN (not a number)")
def exponential_too_large(scores, vectors, there):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        weights = np.exp(scores) * there
        return weights @ vectors / weights.sum()
