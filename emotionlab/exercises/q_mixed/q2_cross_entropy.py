"""Question mixed.2: what a network has left to learn of the votes: cross-entropy above the floor.

Title, points, task and model solution: solutions/mixed.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "mixed.2",
    hints=(
        "The cross-entropy of a picture is minus the sum of share times logarithm of the probability. The floor is "
        "the same with the shares themselves for probabilities.",
        "`-(shares * np.log(np.maximum(p, 1e-7))).sum(axis=1).mean()` is one of the two; take it once with "
        "`p = probabilities` and once with `p = shares`.",
        "`def ce(p): return -(shares * np.log(np.maximum(p, 1e-7))).sum(axis=1).mean()`, then "
        "`return ce(probabilities), ce(shares)`.",
    ),
    passed="Right. The difference of the two is what is left to learn; the floor belongs to people, not the network.",
    rtol=1e-5,
    explained={
        "Neither a cross-entropy nor an entropy is below 0.": (
            "blind: result 1: without sign",
            "blind: result 1: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def shares_and_probabilities(seed):
    """(shares, probabilities): with zeros in both, a row on which all people agree, and one probability that is
    above 0 and below 1e-7 where people saw something.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, k, tiny in ((8, 5, 1e-12), (5, 7, 6e-8)):
        shares = rng.multinomial(10, rng.dirichlet(np.full(k, 0.6), n)) / 10
        shares[1] = np.eye(k)[2]
        probabilities = rng.dirichlet(np.full(k, 1.2), n)
        probabilities[0] = np.eye(k)[int(shares[0].argmin())]  # sure of what nobody said
        probabilities[2] = shares[2]
        probabilities[3, shares[3].argmax()] = 0
        probabilities[3] /= probabilities[3].sum()
        probabilities[3, shares[3].argmax()] = tiny
        cases.append((shares, probabilities))
    return cases


def surprise(shares, p, log=np.log):
    """(N,): minus the sum of shares times log p."""
    return -(shares * log(np.maximum(p, 1e-7))).sum(axis=1)


@style
def loop(shares, probabilities):
    totals = [0.0, 0.0]
    for q_row, p_row in zip(shares, probabilities, strict=True):
        for q, p in zip(q_row, p_row, strict=True):
            totals[0] -= q * np.log(max(p, 1e-7))
            totals[1] -= q * np.log(max(q, 1e-7))
    return totals[0] / len(shares), totals[1] / len(shares)


@style
def einsum(shares, probabilities):
    both = np.stack([probabilities, shares]).clip(1e-7)
    values = -np.einsum("nk,snk->s", shares, np.log(both)) / len(shares)
    return tuple(values)


@style
def floor_by_places(shares, probabilities):
    logs = np.log(np.where(shares > 0, shares, 1))
    floor = -np.sum(shares * logs) / len(shares)
    return float(np.sum(shares * -np.log(np.fmax(probabilities, 1e-7))) / len(shares)), float(floor)


@mistake("The two have changed places in the sum: the shares weigh, the logarithm is of the *probabilities*.")
def exchanged_in_the_sum(shares, probabilities):
    return surprise(probabilities, shares).mean(), surprise(shares, shares).mean()


@mistake("The floor is the entropy of the *shares*. This is the entropy of the network's probabilities.")
def floor_of_the_network(shares, probabilities):
    return surprise(shares, probabilities).mean(), surprise(probabilities, probabilities).mean()


@mistake("The two numbers have changed places: first the cross-entropy of the network, then the floor.")
def exchanged(shares, probabilities):
    return surprise(shares, shares).mean(), surprise(shares, probabilities).mean()


@mistake("This is the distance from the floor. Expected the cross-entropy itself as the first number.")
def distance(shares, probabilities):
    floor = surprise(shares, shares).mean()
    return surprise(shares, probabilities).mean() - floor, floor


@mistake("The mean was taken over all cells of the table. Sum over the emotions of a picture, then take the mean.")
def mean_over_cells(shares, probabilities):
    k = shares.shape[1]
    return surprise(shares, probabilities).mean() / k, surprise(shares, shares).mean() / k


@mistake("These are sums over the pictures. Expected means: divide by how many there are.")
def sums(shares, probabilities):
    return surprise(shares, probabilities).sum(), surprise(shares, shares).sum()


@mistake("The sign is missing: logarithms of probabilities are negative, and a loss is not.")
def no_sign(shares, probabilities):
    return -surprise(shares, probabilities).mean(), -surprise(shares, shares).mean()


@mistake("These are logarithms to the base 2. Keras and this course use the natural logarithm: `np.log`.")
def base_two(shares, probabilities):
    return surprise(shares, probabilities, np.log2).mean(), surprise(shares, shares, np.log2).mean()


@mistake("Only people's first word was counted, as if it were a label. Each emotion counts with its share.")
def majority_only(shares, probabilities):
    one = np.eye(shares.shape[1])[shares.argmax(axis=1)]
    return surprise(one, probabilities).mean(), surprise(shares, shares).mean()


@mistake("A label has the floor 0, but votes have not: the floor is the entropy of the shares.")
def floor_of_labels(shares, probabilities):
    return surprise(shares, probabilities).mean(), 0.0


@mistake(says="a tuple of length 2", id="wrong_type")
def first_alone(shares, probabilities):
    return surprise(shares, probabilities).mean()


@mistake("Only zeros became 1e-7. Everything below it counts as `1e-7`, also 1e-12: `np.maximum(p, 1e-7)`.")
def zeros_alone_raised(shares, probabilities):
    first, second = (np.where(p == 0, 1e-7, p) for p in (probabilities, shares))
    return -(shares * np.log(first)).sum(axis=1).mean(), -(shares * np.log(second)).sum(axis=1).mean()


@mistake(
    "Without the floor under the probabilities a 0 gives an infinite logarithm, or NaN. Put `1e-7` under them first.",
)
def no_floor(shares, probabilities):
    with np.errstate(divide="ignore", invalid="ignore"):
        first = -(shares * np.log(probabilities)).sum(axis=1).mean()
        return first, -(shares * np.log(shares)).sum(axis=1).mean()
