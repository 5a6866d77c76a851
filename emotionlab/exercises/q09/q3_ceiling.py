"""Question 9.3: how often the best possible answer, and two people, agree.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q09.shared import ballots

QUESTION = function_question(
    "9.3",
    hints=(
        "If you may give one answer to a picture, and a tagger of it is drawn at random: which answer is the safest?",
        "The best answer is the most frequent one, so its share is `votes.max(axis=1) / votes.sum(axis=1)`. For two "
        "taggers, count ordered pairs: v people with the same answer make v * (v - 1) of them.",
        "`two_taggers = (votes * (votes - 1)).sum(axis=1) / (total * (total - 1))`. Return the means of both.",
    ),
    passed="Right. No network can do better than the first number, however large: people themselves are torn.",
)


@QUESTION.inputs
def only_votes(seed):
    rng = np.random.default_rng(seed)
    return [(ballots(rng, 40),), (np.concatenate([ballots(rng, 12, people) for people in (10, 9, 5)]),)]


def of_each_picture(votes):
    """For each picture: the share of the best answer, and that of the pairs who agree."""
    n = votes.sum(axis=1)
    return votes.max(axis=1) / n, (votes * (votes - 1)).sum(axis=1) / (n * (n - 1))


def means(votes):
    best, pairs = of_each_picture(votes)
    return best.mean(), pairs.mean()


@style
def loop(votes):
    best, pairs = [], []
    for row in votes:
        people = np.repeat(np.arange(10), row)
        best.append(np.bincount(people).max() / len(people))
        same = people[:, None] == people[None, :]
        pairs.append((same.sum() - len(people)) / (len(people) * (len(people) - 1)))
    return float(np.mean(best)), float(np.mean(pairs))


@style
def shares(votes):
    n = votes.sum(axis=1)
    twice = ((votes / n[:, None]) ** 2).sum(axis=1)
    return (votes / n[:, None]).max(axis=1).mean(), np.mean(twice * n / (n - 1) - 1 / (n - 1))


@mistake(
    "The second value may draw the same person twice, who of course agrees with herself. Expected two different "
    "people: v * (v - 1) of total * (total - 1) ordered pairs."
)
def drawn_twice(votes):
    share = votes / votes.sum(axis=1, keepdims=True)
    return means(votes)[0], np.mean((share**2).sum(axis=1))


@mistake("The first value gives all pictures the same answer. Each picture may get its own best answer.")
def one_answer_for_all(votes):
    share = votes / votes.sum(axis=1, keepdims=True)
    return share.mean(axis=0).max(), means(votes)[1]


@mistake(
    "You divided all votes by all votes, so that a picture with more votes counts more. Expected the share of each "
    "picture first, and then the mean over the pictures."
)
def pooled_votes(votes):
    n = votes.sum(axis=1)
    return votes.max(axis=1).sum() / n.sum(), (votes * (votes - 1)).sum() / (n * (n - 1)).sum()


@mistake(
    "The first value counts the pictures with a clear majority. Expected the mean share of the votes that the best "
    "answer gets."
)
def majorities_counted(votes):
    return np.mean(votes.max(axis=1) > votes.sum(axis=1) / 2), means(votes)[1]


@mistake(
    "The second value is half of what it should be: the pairs were counted once above the line and twice below it."
)
def half_of_the_pairs(votes):
    best, pairs = means(votes)
    return best, pairs / 2


@mistake("The two values are exchanged: first the best answer, then the two taggers.")
def exchanged(votes):
    best, pairs = means(votes)
    return pairs, best


BY_TEN = "You divide by ten (or by 10 * 9). Some hidden pictures have fewer votes: take the sum of the row."


@mistake(BY_TEN)
def divided_by_ten(votes):
    return np.mean(votes.max(axis=1) / 10), means(votes)[1]


@mistake(BY_TEN, id="divided_by_ten")
def pairs_divided_by_ten(votes):
    return means(votes)[0], np.mean((votes * (votes - 1)).sum(axis=1) / (10 * 9))


@mistake(BY_TEN, id="divided_by_ten")
def both_divided_by_ten(votes):
    return np.mean(votes.max(axis=1) / 10), np.mean((votes * (votes - 1)).sum(axis=1) / (10 * 9))


@mistake(
    "The second value counts only the pairs that chose the most frequent answer. Two taggers may agree on another one "
    "as well: add v * (v - 1) over all ten answers."
)
def pairs_of_the_winner(votes):
    most, n = votes.max(axis=1), votes.sum(axis=1)
    return means(votes)[0], np.mean(most * (most - 1) / (n * (n - 1)))


@mistake(
    "The second value is no share: `a / n * (n - 1)` divides by n and then multiplies by n - 1. Write `a / (n * (n - "
    "1))`."
)
def without_brackets(votes):
    n = votes.sum(axis=1)
    return means(votes)[0], np.mean((votes * (votes - 1)).sum(axis=1) / n * (n - 1))


@mistake(
    "The first value leaves out the last three answers. The best answer to a picture may be contempt, unknown or "
    "not-a-face."
)
def seven_columns_only(votes):
    return np.mean(votes[:, :7].max(axis=1) / votes.sum(axis=1)), means(votes)[1]


@mistake("These are two values for each picture. Expected two numbers: the means over the pictures.")
def not_averaged(votes):
    return of_each_picture(votes)
