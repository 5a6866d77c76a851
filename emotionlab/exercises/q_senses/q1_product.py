"""Question senses.1: the product of two judges, with priors and a floor.

Title, points, task and model solution: solutions/senses.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "senses.1",
    hints=(
        "Three steps: put the floor under both, multiply and divide by the priors, then divide each row by its sum.",
        "`np.maximum(one, floor)` puts the floor under all of them. `joint.sum(axis=1, keepdims=True)` is the sum of "
        "each row, in a shape by which one can divide.",
        "`joint = np.maximum(one, floor) * np.maximum(other, floor) / priors`, then "
        "`return joint / joint.sum(axis=1, keepdims=True)`.",
    ),
    passed="Right. Where both agree, the product is surer than either: that is only true if they err independently.",
)


@QUESTION.inputs
def judges_and_priors(seed):
    """(one, other, priors, floor): with zeros and small probabilities in both, uneven priors."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k, floor in ((5, 4, 0.0301), (7, 3, 0.1202)):
        one, other = (rng.dirichlet(np.full(k, 0.6), n) for _ in range(2))
        for part, row in ((one, 1), (other, 2)):
            part[row] = np.eye(k)[row % k]
        one[0, 0] = other[0, 0] = one[-1, -1] = other[-1, -1] = 0.4
        cases.append((one / one.sum(1, keepdims=True), other / other.sum(1, keepdims=True), _priors(rng, k), floor))
    return cases


def _priors(rng, k):
    values = rng.uniform(0.3, 2, k)
    return values / values.sum()


def rows_to_one(joint):
    """Each row divided by its sum."""
    return joint / joint.sum(axis=1, keepdims=True)


@style
def logarithms(one, other, priors, floor):
    logs = np.log(np.clip(one, floor, None)) + np.log(np.clip(other, floor, None)) - np.log(priors)
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@style
def loop(one, other, priors, floor):
    rows = []
    for a, b in zip(one, other, strict=True):
        joint = [max(x, floor) * max(y, floor) / p for x, y, p in zip(a, b, priors, strict=True)]
        rows.append([value / sum(joint) for value in joint])
    return np.array(rows)


@style
def transposed(one, other, priors, floor):
    joint = np.where(one < floor, floor, one) * np.where(other < floor, floor, other) / priors
    return (joint.T / joint.sum(axis=1)).T


@mistake("The rows do not sum to 1: divide each by its sum.")
def not_normalised(one, other, priors, floor):
    return np.maximum(one, floor) * np.maximum(other, floor) / priors


@mistake("The priors are missing. Both judges have counted in how frequent an emotion is: divide by it once.")
def priors_forgotten(one, other, priors, floor):
    return rows_to_one(np.maximum(one, floor) * np.maximum(other, floor))


@mistake("The priors were multiplied in, so they count three times. Both judges have them already: divide.")
def priors_multiplied(one, other, priors, floor):
    return rows_to_one(np.maximum(one, floor) * np.maximum(other, floor) * priors)


@mistake("Without the floor a zero of one judge silences the other. Put it under both before you multiply.")
def no_floor(one, other, priors, floor):
    joint = one * other / priors
    sums = joint.sum(axis=1, keepdims=True)
    return joint / np.where(sums > 0, sums, 1)


@mistake("The floor was put under the product. Expected it under each probability, before multiplying.")
def floor_too_late(one, other, priors, floor):
    return rows_to_one(np.maximum(one * other / priors, floor))


@mistake("The columns were divided by their sums. Expected each row, a clip, to sum to 1: `axis=1`.")
def columns(one, other, priors, floor):
    joint = np.maximum(one, floor) * np.maximum(other, floor) / priors
    return joint / joint.sum(axis=0)


@mistake("All values together sum to 1. Expected each row, a clip, to sum to 1: `axis=1, keepdims=True`.")
def all_together(one, other, priors, floor):
    joint = np.maximum(one, floor) * np.maximum(other, floor) / priors
    return joint / joint.sum()


@mistake("This is the mean of the two judges. The product multiplies them.")
def the_mean(one, other, priors, floor):
    return (one + other) / 2


@mistake("What lies below the floor was set to 0. It counts as the floor: `np.maximum`.")
def below_the_floor_gone(one, other, priors, floor):
    joint = np.where(one < floor, 0, one) * np.where(other < floor, 0, other) / priors
    sums = joint.sum(axis=1, keepdims=True)
    return joint / np.where(sums > 0, sums, 1)
