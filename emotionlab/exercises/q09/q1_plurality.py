"""Question 9.1: which answer wins the vote, and where there is a tie.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q09.shared import ballots

QUESTION = function_question(
    "9.1",
    hints=(
        "Two steps: which column has the most votes, and does another one have just as many?",
        "`votes == votes.max(axis=1, keepdims=True)` marks all winners of each row. How many are there in a row?",
        "`clear = (votes == most).sum(axis=1) == 1`, then `np.where(clear, votes.argmax(axis=1), -1)`.",
    ),
    passed="Right, ties and all. About one picture in twenty has no clear winner; leaving ties to `argmax` hides that.",
)


@QUESTION.inputs
def votes_with_ties(seed):
    """Votes with ties for the first place, also between an early and a late column, and with ties further down.

    In the last table one picture got no votes at all, so that all answers share the first place.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n in (30, 12):
        votes = ballots(rng, n)
        votes[0] = [0, 0, 0, 5, 0, 0, 0, 0, 5, 0]  # a tie for the first place
        votes[1] = [4, 0, 3, 0, 0, 3, 0, 0, 0, 0]  # a winner without a majority, and a tie below it
        votes[2] = [1, 0, 0, 0, 0, 1, 1, 0, 0, 7]  # the last answer wins
        votes[3] = [2, 2, 2, 0, 1, 0, 0, 2, 0, 1]  # four in the first place
        cases.append((votes,))
    # ties that one more vote for the very first or the very last answer would end
    edge = np.array([[3, 0, 3, 0, 0, 1, 0, 3, 0, 0], [5, 2, 0, 0, 1, 0, 0, 1, 1, 0], [0, 0, 4, 0, 0, 2, 0, 0, 0, 4]])
    # five is the most in the whole table: a tie for it, and winners and ties with fewer
    few = [[0, 5, 0, 0, 0, 0, 5, 0, 0, 0], [0, 0, 4, 3, 3, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3, 3, 3, 1, 0]]
    return [*cases, (edge,), (np.array([*few, [1, 1, 1, 1, 1, 0, 0, 0, 0, 5], [0] * 10]),)]


@style
def loop(votes):
    winners = []
    for row in votes:
        places = np.flatnonzero(row == row.max())
        winners.append(places[0] if len(places) == 1 else -1)
    return np.array(winners)


@style
def by_sorting(votes):
    ordered = np.sort(votes, axis=1)
    winner = np.argmax(votes, axis=1)
    winner[ordered[:, -1] == ordered[:, -2]] = -1
    return winner


@style
def from_both_ends(votes):
    first = votes.argmax(axis=1)
    last = votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)
    return np.where(first == last, first, -1)


@mistake(
    "At a tie you return the first of the winners, as `argmax` does. Columns that stand further left would win more "
    "often than they should. Expected -1 there."
)
def first_of_a_tie(votes):
    return votes.argmax(axis=1)


@mistake("At a tie you return the last of the winners. Expected -1 wherever two or more share the first place.")
def last_of_a_tie(votes):
    return 9 - votes[:, ::-1].argmax(axis=1)


@mistake(
    "You ask for more than half of the votes. Plurality only means more votes than any other answer: four of ten can "
    "win."
)
def majority_asked_for(votes):
    return np.where(votes.max(axis=1) > 5, votes.argmax(axis=1), -1)


TIE_ANYWHERE = (
    "A tie counts only when it is for the first place. Two answers with one vote each, or with none, do not matter "
    "when a third has more."
)


@mistake(TIE_ANYWHERE)
def tie_anywhere(votes):
    tied = [len(set(row[row > 0])) < (row > 0).sum() for row in votes]
    return np.where(tied, -1, votes.argmax(axis=1))


@mistake(TIE_ANYWHERE, id="tie_anywhere")
def tie_of_zeros(votes):
    tied = [len(set(row)) < len(row) for row in votes]
    return np.where(tied, -1, votes.argmax(axis=1))


ONE_MAXIMUM = (
    "`votes.max()` is the largest number of the whole table. Expected the largest of each row: `votes.max(axis=1, "
    "keepdims=True)`."
)


@mistake(ONE_MAXIMUM)
def one_maximum_for_all(votes):
    return np.where((votes == votes.max()).sum(axis=1) > 1, -1, votes.argmax(axis=1))


@mistake(ONE_MAXIMUM, id="one_maximum_for_all")
def one_maximum_for_all_clear(votes):
    return np.where((votes == votes.max()).sum(axis=1) == 1, votes.argmax(axis=1), -1)


@mistake(
    "The rows were sorted, so the winner stands in the last place and its column is lost. Ask the unsorted votes for "
    "it: `votes.argmax(axis=1)`."
)
def columns_sorted(votes):
    ordered = np.sort(votes, axis=1)
    return np.where(ordered[:, -1] == ordered[:, -2], -1, ordered.argmax(axis=1))


@mistake("Ties of three or more were missed. Any number of winners above 1 is a tie.")
def ties_of_two_only(votes):
    winners = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1)
    return np.where(winners == 2, -1, votes.argmax(axis=1))


@mistake("The last three columns were left out. Contempt, unknown and not-a-face can win as well.")
def seven_columns_only(votes):
    return from_both_ends(votes[:, :7])


FOR_THE_WINNER = "These are the votes that the winner got. Expected its column number."


@mistake(FOR_THE_WINNER)
def votes_for_the_winner(votes):
    most = votes.max(axis=1)
    return np.where((votes == most[:, None]).sum(axis=1) == 1, most, -1)


@mistake(FOR_THE_WINNER, id="votes_for_the_winner")
def most_votes(votes):
    return votes.max(axis=1)


DOWN_THE_COLUMNS = "You looked down each column. Each row is one picture: take the maximum along `axis=1`."


@mistake(DOWN_THE_COLUMNS)
def axes_exchanged(votes):
    clear = (votes == votes.max(axis=0)).sum(axis=0) == 1
    return np.where(clear, votes.argmax(axis=0), -1)


@mistake(DOWN_THE_COLUMNS, id="axes_exchanged")
def argmax_down_the_columns(votes):
    return votes.argmax(axis=0)
