"""Question 9.2: how far the labels can be trusted, in three numbers.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q09.shared import ballots

QUESTION = function_question(
    "9.2",
    hints=(
        "First pick, for each picture, the votes of its own label: `votes[np.arange(len(votes)), labels]`.",
        "A random tagger chooses the label with the chance own / total, where total is the sum of that row.",
        "For the third value count the winners of each row, `(votes == votes.max(axis=1, keepdims=True)).sum(axis=1)`, "
        "and take the mean of `(own == most) / winners`.",
    ),
    passed="Right. Three honest numbers for one question, and they differ a lot: always say which one you quote.",
    explained={
        "This label had no vote before and has none afterwards.": ("blind: argument 2: first element changed",),
    },
)


@QUESTION.inputs
def votes_and_labels(seed):
    """Votes of ten people, and of ten, nine or six; every kind of agreement with the label occurs."""
    rng = np.random.default_rng(seed)
    mixed = np.concatenate([ballots(rng, 14, people) for people in (10, 9, 6)])
    cases = []
    for votes in (ballots(rng, 40), mixed):
        kept = votes[:, :7].argmax(axis=1)
        labels = np.where(rng.random(len(votes)) < 0.6, kept, rng.integers(0, 7, len(votes)))
        votes[0], labels[0] = [0, 0, 0, 3, 3, 0, 0, 0, 0, 0], 3  # a tie of two that the label takes part in
        votes[1], labels[1] = [2, 2, 0, 0, 0, 2, 0, 0, 0, 0], 5  # of three
        votes[2], labels[2] = [0, 0, 1, 8, 0, 0, 0, 0, 0, 0], 2  # chosen, but not the winner
        cases.append((votes, labels))
    return cases


def own_votes(votes, labels):
    """The votes that the label of each picture got."""
    return votes[np.arange(len(votes)), labels]


def wins_and_winners(votes, labels):
    """Does the label win the vote, alone or with others, and how many win it?"""
    most = votes.max(axis=1)
    return own_votes(votes, labels) == most, (votes == most[:, None]).sum(axis=1)


@style
def take_along_axis(votes, labels):
    shares = votes / votes.sum(axis=1, keepdims=True)
    own = np.take_along_axis(shares, labels[:, None], axis=1)[:, 0]
    top = shares == shares.max(axis=1, keepdims=True)
    credit = top[np.arange(len(labels)), labels] / top.sum(axis=1)
    return float((own == 0).mean()), float(own.mean()), float(credit.mean())


@style
def loop(votes, labels):
    nobody = chance = credit = 0
    for row, label in zip(votes, labels, strict=True):
        nobody += row[label] == 0
        chance += row[label] / row.sum()
        if row[label] == row.max():
            credit += 1 / (row == row.max()).sum()
    n = len(labels)
    return nobody / n, chance / n, credit / n


@mistake(
    "The first value counts pictures whose label does not win the vote. Expected those whose label got no vote at all, "
    "which are far fewer."
)
def not_the_winner_for_nobody(votes, labels):
    wins, _ = wins_and_winners(votes, labels)
    return np.mean(~wins), *take_along_axis(votes, labels)[1:]


@mistake("The second value divides by ten. Some hidden pictures have fewer votes: divide by the sum of their own row.")
def divided_by_ten(votes, labels):
    nobody, _, plurality = take_along_axis(votes, labels)
    return nobody, np.mean(own_votes(votes, labels) / 10), plurality


@mistake(
    "The second value divides all votes for the labels by all votes, so that a picture with more votes counts more. "
    "Expected the share of each picture first, and then the mean over the pictures."
)
def pooled_votes(votes, labels):
    nobody, _, plurality = take_along_axis(votes, labels)
    return nobody, own_votes(votes, labels).sum() / votes.sum(), plurality


@mistake("The third value counts a tie as full agreement. Expected 1 / k when the label is one of k winners.")
def ties_kept(votes, labels):
    wins, _ = wins_and_winners(votes, labels)
    return *take_along_axis(votes, labels)[:2], np.mean(wins)


@mistake("The third value counts a tie as disagreement. Expected 1 / k when the label is one of k winners.")
def ties_lost(votes, labels):
    wins, winners = wins_and_winners(votes, labels)
    return *take_along_axis(votes, labels)[:2], np.mean(wins & (winners == 1))


@mistake(
    "The third value leaves pictures with a tie out. That changes the denominator: expected all pictures, with 1 / k "
    "for a tie."
)
def ties_left_out(votes, labels):
    wins, winners = wins_and_winners(votes, labels)
    return *take_along_axis(votes, labels)[:2], np.mean(wins[winners == 1])


@mistake(
    "The third value leaves a tie to `argmax`, which takes the first of the winners. Expected 1 / k when the label is "
    "one of k winners."
)
def first_of_a_tie(votes, labels):
    return *take_along_axis(votes, labels)[:2], np.mean(votes.argmax(axis=1) == labels)


@mistake(
    "The third value gives 1 / k to every picture. Expected it where the label is among the winners, and 0 where it is "
    "not."
)
def credit_for_every_tie(votes, labels):
    _, winners = wins_and_winners(votes, labels)
    return *take_along_axis(votes, labels)[:2], np.mean(1 / winners)


@mistake("The first value counts the pictures whose label got votes. Expected those whose label got none.")
def somebody_for_nobody(votes, labels):
    return np.mean(own_votes(votes, labels) != 0), *take_along_axis(votes, labels)[1:]


ALL_LABELS = (
    "`votes[:, labels]` takes the columns of all labels for every picture. Expected one entry for each picture, that "
    "of its own label: `votes[np.arange(len(votes)), labels]`."
)


@mistake(ALL_LABELS)
def all_labels_for_each(votes, labels):
    own = votes[:, labels]
    top = votes == votes.max(axis=1, keepdims=True)
    return np.mean(own == 0), np.mean(own / votes.sum(axis=1)), np.mean(top[:, labels] / top.sum(axis=1))


@mistake(ALL_LABELS, id="all_labels_for_each")
def all_labels_along_the_rows(votes, labels):
    own = votes[:, labels]
    top = votes == votes.max(axis=1, keepdims=True)
    shares, credit = own / votes.sum(axis=1, keepdims=True), top[:, labels] / top.sum(axis=1, keepdims=True)
    return np.mean(own == 0), np.mean(shares), np.mean(credit)


@mistake("These are sums over the pictures. Expected shares from 0 to 1: take the mean.")
def sums(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return len(votes) * nobody, len(votes) * tagger, len(votes) * plurality


ANOTHER_ORDER = "The three values are right, but in another order. Expected `nobody`, `random_tagger`, `plurality`."


@mistake(ANOTHER_ORDER, id="another_order")
def nobody_plurality_tagger(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return nobody, plurality, tagger


@mistake(ANOTHER_ORDER)
def another_order(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return tagger, nobody, plurality


@mistake(ANOTHER_ORDER, id="another_order")
def tagger_plurality_nobody(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return tagger, plurality, nobody


@mistake(ANOTHER_ORDER, id="another_order")
def plurality_nobody_tagger(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return plurality, nobody, tagger


@mistake(ANOTHER_ORDER, id="another_order")
def plurality_tagger_nobody(votes, labels):
    nobody, tagger, plurality = take_along_axis(votes, labels)
    return plurality, tagger, nobody


@mistake("These are per cents. Expected shares from 0 to 1.")
def per_cent(votes, labels):
    return tuple(100 * value for value in take_along_axis(votes, labels))
