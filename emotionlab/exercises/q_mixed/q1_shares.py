"""Question mixed.1: from votes to shares, with "unknown" and "not a face".

Title, points, task and model solution: solutions/mixed.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "mixed.1",
    hints=(
        "Three steps: take the columns of the emotions, add to each its part of *unknown*, divide each row by its sum.",
        "`votes[:, :-2]` are the emotions, `votes[:, -2]` is *unknown*. With `[:, None]` it becomes a column that can "
        "be added to all emotions.",
        "`counted = votes[:, :-2] + votes[:, -2][:, None] / (votes.shape[1] - 2)`, then "
        "`return counted / counted.sum(axis=1, keepdims=True)`.",
    ),
    passed="Right. Each of these decisions is part of the data set: with others, the same votes teach something else.",
    explained={
        "The last number is of votes for not a face, which are left out.": ("blind: argument 1: last element changed",),
    },
)


@QUESTION.inputs
def ballots(seed):
    """(votes,): seven and four emotions, with unknown and not a face; unequal numbers of people."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, k, people in ((6, 7, 10), (5, 4, 9)):
        weights = rng.dirichlet(np.full(k, 0.5), n)
        chances = np.concatenate([0.7 * weights, np.full((n, 1), 0.18), np.full((n, 1), 0.12)], axis=1)
        votes = rng.multinomial(people, chances / chances.sum(axis=1, keepdims=True))
        votes[0, [0, -2, -1]] += (3, 2, 1)
        votes[1] = 0
        votes[1, [1, -2]] = 3, people - 3
        votes[2] = 0
        votes[2, [0, 2, -1]] = 5, 2, 1
        votes[3, 1] += 1
        cases.append((votes,))
    return cases


def counted_of(votes):
    """Votes for each emotion, unknown spread over them."""
    return votes[:, :-2] + votes[:, -2][:, None] / (votes.shape[1] - 2)


@style
def loop(votes):
    rows = []
    for row in votes:
        *emotions, unknown, _ = [int(n) for n in row]
        total = sum(emotions) + unknown
        rows.append([(n + unknown / len(emotions)) / total for n in emotions])
    return np.array(rows)


@style
def by_the_total(votes):
    emotions, unknown, nothing = np.split(votes, [-2, -1], axis=1)
    people = votes.sum(axis=1, keepdims=True) - nothing
    return emotions / people + unknown / people / emotions.shape[1]


@style
def transposed(votes):
    columns = votes.T.astype(float)
    counted = columns[:-2] + columns[-2] / len(columns[:-2])
    return (counted / counted.sum(axis=0)).T


@mistake("*Unknown* is missing: spread those votes evenly over the emotions.")
def unknown_left_out(votes):
    emotions = votes[:, :-2]
    return emotions / emotions.sum(axis=1, keepdims=True)


@mistake(
    "*Unknown* was added to each emotion in full. Spread it: each gets its votes divided by the number of emotions."
)
def unknown_in_full(votes):
    counted = votes[:, :-2] + votes[:, -2][:, None]
    return counted / counted.sum(axis=1, keepdims=True)


@mistake(
    "The rows do not sum to 1, because *not a face* was counted among the people. Divide by what is left without it."
)
def not_a_face_counted(votes):
    return counted_of(votes) / votes.sum(axis=1, keepdims=True)


@mistake("*Unknown* was spread over all columns of the table. Spread it over the emotions alone.")
def spread_over_all_columns(votes):
    counted = votes[:, :-2] + votes[:, -2][:, None] / votes.shape[1]
    return counted / counted.sum(axis=1, keepdims=True)


@mistake("*Not a face* was spread over the emotions too. Those votes are left out.")
def not_a_face_spread(votes):
    counted = votes[:, :-2] + votes[:, -2:].sum(axis=1, keepdims=True) / (votes.shape[1] - 2)
    return counted / counted.sum(axis=1, keepdims=True)


@mistake("Each row was divided by ten. Divide by the votes that are left: they may be fewer.")
def divided_by_ten(votes):
    return counted_of(votes) / 10


@mistake("The columns were divided by their sums. Expected each row, a picture, to sum to 1: `axis=1, keepdims=True`.")
def columns(votes):
    counted = counted_of(votes)
    return counted / counted.sum(axis=0)


@mistake("These are counts. Divide each row by its sum, so that it sums to 1.")
def counts(votes):
    return counted_of(votes)


@mistake("This is the majority, one word a picture. Expected the share of every emotion.")
def majority(votes):
    counted = counted_of(votes)
    return np.eye(counted.shape[1])[counted.argmax(axis=1)]


@mistake("This is a softmax of the counts. Shares are the counts divided by their sum.")
def softmax(votes):
    powers = np.exp(counted_of(votes))
    return powers / powers.sum(axis=1, keepdims=True)


@mistake("The two last columns have changed places: *unknown* is the last but one, *not a face* the last.")
def exchanged(votes):
    counted = votes[:, :-2] + votes[:, -1][:, None] / (votes.shape[1] - 2)
    return counted / counted.sum(axis=1, keepdims=True)
