"""Exercise 09, responsible use: count votes, doubt labels, weigh alarms, compare groups, judge proposed uses."""

import math

import numpy as np

from emotionlab.exercises.bank09 import BANK
from emotionlab.exercises.compare import Mistake, call_each, compare, first, input_problem, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Responsible use"


def _ballots(rng, n: int, people: int = 10) -> np.ndarray:
    """Votes (n, 10) of `people` people: pictures on which they agree, and pictures on which they are torn."""
    chances = np.concatenate([rng.dirichlet(np.full(10, 0.15), n // 2), rng.dirichlet(np.ones(10), n - n // 2)])
    return np.array([rng.multinomial(people, chance) for chance in chances])


# 9.1 ------------------------------------------------------------------------------------------


def _votes(seed: int) -> list[tuple]:
    """Votes with ties for the first place, also between an early and a late column, and with ties further down."""
    rng = np.random.default_rng(seed)
    cases = []
    for n in (30, 12):
        votes = _ballots(rng, n)
        votes[0] = [0, 0, 0, 5, 0, 0, 0, 0, 5, 0]  # a tie for the first place
        votes[1] = [4, 0, 3, 0, 0, 3, 0, 0, 0, 0]  # a winner without a majority, and a tie below it
        votes[2] = [1, 0, 0, 0, 0, 1, 1, 0, 0, 7]  # the last answer wins
        votes[3] = [2, 2, 2, 0, 1, 0, 0, 2, 0, 1]  # four in the first place
        cases.append((votes,))
    # five is the most in the whole table: a tie for it, and winners and ties with fewer
    few = [[0, 5, 0, 0, 0, 0, 5, 0, 0, 0], [0, 0, 4, 3, 3, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 3, 3, 3, 1, 0]]
    return [*cases, (np.array([*few, [1, 1, 1, 1, 1, 0, 0, 0, 0, 5]]),)]


def _plurality(votes):
    most = votes.max(axis=1)
    return np.where((votes == most[:, None]).sum(axis=1) == 1, votes.argmax(axis=1), -1)


def _last_of_a_tie(votes):
    return votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)


def _tie_anywhere(votes, zeros=False):
    """-1 wherever any two answers have the same number of votes, none left out. zeros: also without any vote."""
    tied = np.array([len(set(row[(row > 0) | zeros])) < ((row > 0) | zeros).sum() for row in votes])
    return np.where(tied, -1, votes.argmax(axis=1))


def _one_maximum_for_all(votes, unclear):
    """The winners where `votes.max()` was taken for the most of a row. unclear: which numbers of them are a tie."""
    return np.where(unclear((votes == votes.max()).sum(axis=1)), -1, votes.argmax(axis=1))


Q1 = Question(
    id="9.1",
    title="Who wins the vote?",
    points=1,
    answer="plurality",
    source='''
def plurality(votes):
    """(N,) column numbers: the answer with the most votes in each row, or -1 where several share the first place.

    votes: (N, 10) whole numbers, how many people gave each of ten answers.
    """
    ### BEGIN SOLUTION
    most = votes.max(axis=1, keepdims=True)
    clear = (votes == most).sum(axis=1) == 1
    return np.where(clear, votes.argmax(axis=1), -1)
    ### END SOLUTION
''',
    inputs=_votes,
    observe=call_each,
    judge=compare(
        _votes,
        _plurality,
        (
            Mistake(
                "first_of_a_tie",
                "At a tie you return the first of the winners, as `argmax` does. Columns that stand further left would "
                "win more often than they should. Expected -1 there.",
                lambda votes: votes.argmax(axis=1),
            ),
            Mistake(
                "last_of_a_tie",
                "At a tie you return the last of the winners. Expected -1 wherever two or more share the first place.",
                _last_of_a_tie,
            ),
            Mistake(
                "majority_asked_for",
                "You ask for more than half of the votes. Plurality only means more votes than any other answer: four "
                "of ten can win.",
                lambda votes: np.where(2 * votes.max(axis=1) > votes.sum(axis=1), votes.argmax(axis=1), -1),
            ),
            *(
                Mistake(
                    "tie_anywhere",
                    "A tie counts only when it is for the first place. Two answers with one vote each, or with none, "
                    "do not matter when a third has more.",
                    lambda votes, zeros=zeros: _tie_anywhere(votes, zeros),
                )
                for zeros in (False, True)
            ),
            *(
                Mistake(
                    "one_maximum_for_all",
                    "`votes.max()` is the largest number of the whole table. Expected the largest of each row: "
                    "`votes.max(axis=1, keepdims=True)`.",
                    lambda votes, unclear=unclear: _one_maximum_for_all(votes, unclear),
                )
                for unclear in (lambda winners: winners > 1, lambda winners: winners != 1)
            ),
            Mistake(
                "columns_sorted",
                "The rows were sorted, so the winner stands in the last place and its column is lost. Ask the unsorted "
                "votes for it: `votes.argmax(axis=1)`.",
                lambda votes: np.where(_plurality(votes) >= 0, votes.shape[1] - 1, -1),
            ),
            Mistake(
                "ties_of_two_only",
                "Ties of three or more were missed. Any number of winners above 1 is a tie.",
                lambda votes: np.where(
                    (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) == 2, -1, votes.argmax(axis=1)
                ),
            ),
            Mistake(
                "seven_columns_only",
                "The last three columns were left out. Contempt, unknown and not-a-face can win as well.",
                lambda votes: _plurality(votes[:, :7]),
            ),
            *(
                Mistake(
                    "votes_for_the_winner",
                    "These are the votes that the winner got. Expected its column number.",
                    compute,
                )
                for compute in (
                    lambda votes: np.where(_plurality(votes) >= 0, votes.max(axis=1), -1),
                    lambda votes: votes.max(axis=1),
                )
            ),
            *(
                Mistake(
                    "axes_exchanged",
                    "You looked down each column. Each row is one picture: take the maximum along `axis=1`.",
                    compute,
                )
                for compute in (lambda votes: _plurality(votes.T), lambda votes: votes.argmax(axis=0))
            ),
        ),
    ),
    hints=(
        "Two steps: which column has the most votes, and does another one have just as many?",
        "`votes == votes.max(axis=1, keepdims=True)` marks all winners of each row. How many are there in a row?",
        "`clear = (votes == most).sum(axis=1) == 1`, then `np.where(clear, votes.argmax(axis=1), -1)`.",
    ),
    passed="Right, ties and all. About one picture in twenty has no clear winner; leaving ties to `argmax` hides that.",
    bank=BANK["9.1"],
)


# 9.2 ------------------------------------------------------------------------------------------


def _votes_and_labels(seed: int) -> list[tuple]:
    """Votes of ten people, and of ten, nine or six; every kind of agreement with the label occurs."""
    rng = np.random.default_rng(seed)
    mixed = np.concatenate([_ballots(rng, 14, people) for people in (10, 9, 6)])
    cases = []
    for votes in (_ballots(rng, 40), mixed):
        kept = votes[:, :7].argmax(axis=1)
        labels = np.where(rng.random(len(votes)) < 0.6, kept, rng.integers(0, 7, len(votes)))
        votes[0], labels[0] = [0, 0, 0, 3, 3, 0, 0, 0, 0, 0], 3  # a tie of two that the label takes part in
        votes[1], labels[1] = [2, 2, 0, 0, 0, 2, 0, 0, 0, 0], 5  # of three
        votes[2], labels[2] = [0, 0, 1, 8, 0, 0, 0, 0, 0, 0], 2  # chosen, but not the winner
        cases.append((votes, labels))
    return cases


def _parts(votes, labels):
    own, most = votes[np.arange(len(votes)), labels], votes.max(axis=1)
    return own, votes.sum(axis=1), own == most, (votes == most[:, None]).sum(axis=1)


def _agreement(votes, labels):
    own, total, wins, winners = _parts(votes, labels)
    return float(np.mean(own == 0)), float(np.mean(own / total)), float(np.mean(wins / winners))


def _agreement_but(place: int, compute):
    """The right answer with one of its three values computed otherwise."""

    def mistaken(votes, labels):
        values = list(_agreement(votes, labels))
        values[place] = float(compute(*_parts(votes, labels)))
        return tuple(values)

    return mistaken


def _sums(votes, labels):
    own, total, wins, winners = _parts(votes, labels)
    return float(np.sum(own == 0)), float(np.sum(own / total)), float(np.sum(wins / winners))


def _all_labels_for_each(votes, labels, total):
    """What comes of `votes[:, labels]`: every label's column for every picture. total: the divisor of the shares."""
    own, top = votes[:, labels], votes == votes.max(axis=1, keepdims=True)
    return float(np.mean(own == 0)), float(np.mean(own / total(votes))), float(np.mean(top[:, labels] / total(top)))


Q2 = Question(
    id="9.2",
    title="How far can the labels be trusted?",
    points=3,
    answer="label_agreement",
    source='''
def label_agreement(votes, labels):
    """(nobody, random_tagger, plurality), three shares from 0 to 1, for votes (N, 10) and labels (N,) of 0 to 6.

    nobody: share of the pictures whose label got no vote at all.
    random_tagger: how often one tagger, drawn at random for each picture, chose the label. The number of
        taggers differs from picture to picture.
    plurality: how often the label wins the vote; at a tie with the label among k winners it counts 1 / k.
    """
    ### BEGIN SOLUTION
    own = votes[np.arange(len(votes)), labels]
    most = votes.max(axis=1)
    winners = (votes == most[:, np.newaxis]).sum(axis=1)
    return np.mean(own == 0), np.mean(own / votes.sum(axis=1)), np.mean((own == most) / winners)
    ### END SOLUTION
''',
    inputs=_votes_and_labels,
    observe=call_each,
    judge=compare(
        _votes_and_labels,
        _agreement,
        (
            Mistake(
                "not_the_winner_for_nobody",
                "The first value counts pictures whose label does not win the vote. Expected those whose label got no "
                "vote at all, which are far fewer.",
                _agreement_but(0, lambda own, total, wins, winners: np.mean(~wins)),
            ),
            Mistake(
                "divided_by_ten",
                "The second value divides by ten. Some hidden pictures have fewer votes: divide by the sum of their "
                "own row.",
                _agreement_but(1, lambda own, total, wins, winners: np.mean(own / 10)),
            ),
            Mistake(
                "pooled_votes",
                "The second value divides all votes for the labels by all votes, so that a picture with more votes "
                "counts more. Expected the share of each picture first, and then the mean over the pictures.",
                _agreement_but(1, lambda own, total, wins, winners: own.sum() / total.sum()),
            ),
            Mistake(
                "ties_kept",
                "The third value counts a tie as full agreement. Expected 1 / k when the label is one of k winners.",
                _agreement_but(2, lambda own, total, wins, winners: np.mean(wins)),
            ),
            Mistake(
                "ties_lost",
                "The third value counts a tie as disagreement. Expected 1 / k when the label is one of k winners.",
                _agreement_but(2, lambda own, total, wins, winners: np.mean(wins & (winners == 1))),
            ),
            Mistake(
                "ties_left_out",
                "The third value leaves pictures with a tie out. That changes the denominator: expected all pictures, "
                "with 1 / k for a tie.",
                _agreement_but(2, lambda own, total, wins, winners: np.mean(wins[winners == 1])),
            ),
            Mistake(
                "first_of_a_tie",
                "The third value leaves a tie to `argmax`, which takes the first of the winners. Expected 1 / k when "
                "the label is one of k winners.",
                lambda votes, labels: (*_agreement(votes, labels)[:2], float(np.mean(votes.argmax(axis=1) == labels))),
            ),
            Mistake(
                "credit_for_every_tie",
                "The third value gives 1 / k to every picture. Expected it where the label is among the winners, and 0 "
                "where it is not.",
                _agreement_but(2, lambda own, total, wins, winners: np.mean(1 / winners)),
            ),
            Mistake(
                "somebody_for_nobody",
                "The first value counts the pictures whose label got votes. Expected those whose label got none.",
                _agreement_but(0, lambda own, total, wins, winners: np.mean(own > 0)),
            ),
            *(
                Mistake(
                    "all_labels_for_each",
                    "`votes[:, labels]` takes the columns of all labels for every picture. Expected one entry for each "
                    "picture, that of its own label: `votes[np.arange(len(votes)), labels]`.",
                    lambda votes, labels, keep=keep: _all_labels_for_each(
                        votes, labels, lambda table: table.sum(axis=1, keepdims=keep)
                    ),
                )
                for keep in (False, True)
            ),
            Mistake(
                "sums",
                "These are sums over the pictures. Expected shares from 0 to 1: take the mean.",
                _sums,
            ),
            *(
                Mistake(
                    "another_order",
                    "The three values are right, but in another order. Expected `nobody`, `random_tagger`, "
                    "`plurality`.",
                    lambda votes, labels, order=order: tuple(_agreement(votes, labels)[i] for i in order),
                )
                for order in ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
            ),
            Mistake(
                "per_cent",
                "These are per cents. Expected shares from 0 to 1.",
                lambda votes, labels: tuple(100 * value for value in _agreement(votes, labels)),
            ),
        ),
    ),
    hints=(
        "First pick, for each picture, the votes of its own label: `votes[np.arange(len(votes)), labels]`.",
        "A random tagger chooses the label with the chance own / total, where total is the sum of that row.",
        "For the third value count the winners of each row, `(votes == votes.max(axis=1, keepdims=True)).sum(axis=1)`, "
        "and take the mean of `(own == most) / winners`.",
    ),
    passed="Right. Three honest numbers for one question, and they differ a lot: always say which one you quote.",
    bank=BANK["9.2"],
)


# 9.3 ------------------------------------------------------------------------------------------


def _only_votes(seed: int) -> list[tuple]:
    rng = np.random.default_rng(seed)
    return [(_ballots(rng, 40),), (np.concatenate([_ballots(rng, 12, people) for people in (10, 9, 5)]),)]


def _ceiling(votes):
    total = votes.sum(axis=1)
    pairs = (votes * (votes - 1)).sum(axis=1) / (total * (total - 1))
    return float(np.mean(votes.max(axis=1) / total)), float(np.mean(pairs))


def _pairs_of_the_winner(votes):
    most, total = votes.max(axis=1), votes.sum(axis=1)
    return _ceiling(votes)[0], float(np.mean(most * (most - 1) / (total * (total - 1))))


def _without_brackets(votes):
    total = votes.sum(axis=1)
    return _ceiling(votes)[0], float(np.mean((votes * (votes - 1)).sum(axis=1) / total * (total - 1)))


def _by_ten(votes, best, pairs):
    """The two values, with ten people for each picture in one of them or in both."""
    first, second = _ceiling(votes)
    if best:
        first = float(np.mean(votes.max(axis=1) / 10))
    return first, float(np.mean((votes * (votes - 1)).sum(axis=1) / 90)) if pairs else second


def _not_averaged(votes):
    total = votes.sum(axis=1)
    return votes.max(axis=1) / total, (votes * (votes - 1)).sum(axis=1) / (total * (total - 1))


def _pooled(votes):
    total = votes.sum(axis=1)
    pairs = (votes * (votes - 1)).sum() / (total * (total - 1)).sum()
    return float(votes.max(axis=1).sum() / total.sum()), float(pairs)


Q3 = Question(
    id="9.3",
    title="The best possible answer",
    points=3,
    answer="ceiling",
    source='''
def ceiling(votes):
    """(best, two_taggers), two shares from 0 to 1, for votes (N, 10).

    best: how often the best possible answer to each picture agrees with one of its taggers, drawn at random.
    two_taggers: how often two different taggers of the same picture, drawn at random, gave the same answer.
    """
    ### BEGIN SOLUTION
    total = votes.sum(axis=1)
    best = votes.max(axis=1) / total
    two_taggers = (votes * (votes - 1)).sum(axis=1) / (total * (total - 1))
    return best.mean(), two_taggers.mean()
    ### END SOLUTION
''',
    inputs=_only_votes,
    observe=call_each,
    judge=compare(
        _only_votes,
        _ceiling,
        (
            Mistake(
                "drawn_twice",
                "The second value may draw the same person twice, who of course agrees with herself. Expected two "
                "different people: v * (v - 1) of total * (total - 1) ordered pairs.",
                lambda votes: (
                    _ceiling(votes)[0],
                    float(np.mean(((votes / votes.sum(axis=1, keepdims=True)) ** 2).sum(axis=1))),
                ),
            ),
            Mistake(
                "one_answer_for_all",
                "The first value gives all pictures the same answer. Each picture may get its own best answer.",
                lambda votes: (
                    float(np.mean(votes / votes.sum(axis=1, keepdims=True), axis=0).max()),
                    _ceiling(votes)[1],
                ),
            ),
            Mistake(
                "pooled_votes",
                "You divided all votes by all votes, so that a picture with more votes counts more. Expected the share "
                "of each picture first, and then the mean over the pictures.",
                _pooled,
            ),
            Mistake(
                "majorities_counted",
                "The first value counts the pictures with a clear majority. Expected the mean share of the votes that "
                "the best answer gets.",
                lambda votes: (float(np.mean(2 * votes.max(axis=1) > votes.sum(axis=1))), _ceiling(votes)[1]),
            ),
            Mistake(
                "half_of_the_pairs",
                "The second value is half of what it should be: the pairs were counted once above the line and twice "
                "below it.",
                lambda votes: (_ceiling(votes)[0], _ceiling(votes)[1] / 2),
            ),
            Mistake(
                "exchanged",
                "The two values are exchanged: first the best answer, then the two taggers.",
                lambda votes: _ceiling(votes)[::-1],
            ),
            *(
                Mistake(
                    "divided_by_ten",
                    "You divide by ten (or by 10 * 9). Some hidden pictures have fewer votes: take the sum of the row.",
                    lambda votes, best=best, pairs=pairs: _by_ten(votes, best, pairs),
                )
                for best, pairs in ((True, False), (False, True), (True, True))
            ),
            Mistake(
                "pairs_of_the_winner",
                "The second value counts only the pairs that chose the most frequent answer. Two taggers may agree on "
                "another one as well: add v * (v - 1) over all ten answers.",
                _pairs_of_the_winner,
            ),
            Mistake(
                "without_brackets",
                "The second value is no share: `a / n * (n - 1)` divides by n and then multiplies by n - 1. Write "
                "`a / (n * (n - 1))`.",
                _without_brackets,
            ),
            Mistake(
                "seven_columns_only",
                "The first value leaves out the last three answers. The best answer to a picture may be contempt, "
                "unknown or not-a-face.",
                lambda votes: (float(np.mean(votes[:, :7].max(axis=1) / votes.sum(axis=1))), _ceiling(votes)[1]),
            ),
            Mistake(
                "not_averaged",
                "These are two values for each picture. Expected two numbers: the means over the pictures.",
                _not_averaged,
            ),
        ),
    ),
    hints=(
        "If you may give one answer to a picture, and a tagger of it is drawn at random: which answer is the safest?",
        "The best answer is the most frequent one, so its share is `votes.max(axis=1) / votes.sum(axis=1)`. For two "
        "taggers, count ordered pairs: v people with the same answer make v * (v - 1) of them.",
        "`two_taggers = (votes * (votes - 1)).sum(axis=1) / (total * (total - 1))`. Return the means of both.",
    ),
    passed="Right. No network can do better than the first number, however large: people themselves are torn.",
    bank=BANK["9.3"],
)


# 9.4 ------------------------------------------------------------------------------------------


def _rates(seed: int) -> list[tuple]:
    rng = np.random.default_rng(seed)
    drawn = [tuple(float(x) for x in rng.uniform((0.3, 0.02, 0.005), (0.95, 0.3, 0.4))) for _ in range(3)]
    return [*drawn, (0.6, 0.0, 0.01), (0.0, 0.0, 0.2), (0.9, 0.05, 1.0), (0.7, 0.0, 0.0), (0.0, 0.3, 1.0)]


def _right_alarms(recall, false_alarms, base):
    alarms = recall * base + false_alarms * (1 - base)
    return recall * base / alarms if alarms > 0 else 0.0


def _ratio(above, below):
    return above / below if below > 0 else 0.0


_compare_rates = compare(
    _rates,
    _right_alarms,
    (
        *(
            Mistake(
                "base_rate_forgotten",
                "The base rate plays no part. Where angry faces are rare, most alarms come from the many others, "
                "however small their false-alarm rate is.",
                compute,
            )
            for compute in (
                lambda recall, false_alarms, base: _ratio(recall, recall + false_alarms),
                lambda recall, false_alarms, base: _ratio(recall * base, (recall + false_alarms) * base),
            )
        ),
        Mistake(
            "recall_again",
            "This is the recall: of the angry faces, how many raise an alarm. Asked is the other way round: of "
            "the alarms, how many are angry faces.",
            lambda recall, false_alarms, base: recall,
        ),
        Mistake(
            "others_not_weighted",
            "The false alarms come from the *other* faces, whose share is 1 - base. Here they were counted as if "
            "all faces were others.",
            lambda recall, false_alarms, base: _ratio(recall * base, recall * base + false_alarms),
        ),
        Mistake(
            "shares_exchanged",
            "The shares are exchanged: the base rate belongs to the angry faces and their recall, 1 - base to the "
            "others and their false alarms.",
            lambda recall, false_alarms, base: _ratio(recall * (1 - base), recall * (1 - base) + false_alarms * base),
        ),
        Mistake(
            "wrong_alarms",
            "This is the share of the alarms that are *wrong*. Expected those that are right.",
            lambda recall, false_alarms, base: (
                1 - _right_alarms(recall, false_alarms, base) if recall * base + false_alarms * (1 - base) > 0 else 0.0
            ),
        ),
        Mistake(
            "share_of_alarms",
            "This is how often there is an alarm at all. Divide the right alarms by it.",
            lambda recall, false_alarms, base: recall * base + false_alarms * (1 - base),
        ),
        Mistake(
            "share_of_all_faces",
            "These are the right alarms as a share of all faces. Divide them by all alarms, right and wrong.",
            lambda recall, false_alarms, base: recall * base,
        ),
        Mistake(
            "right_by_wrong",
            "The right alarms were divided by the wrong ones. Expected their share of all alarms, right and wrong.",
            lambda recall, false_alarms, base: _ratio(recall * base, false_alarms * (1 - base)),
        ),
        Mistake(
            "missed_for_false",
            "The wrong alarms were computed from 1 - recall, the share of angry faces that are missed. They come "
            "from the other faces: `false_alarms` of these.",
            lambda recall, false_alarms, base: _ratio(recall * base, recall * base + (1 - recall) * (1 - base)),
        ),
        Mistake(
            "per_cent",
            "These are per cents. Expected shares from 0 to 1.",
            lambda *case: 100 * _right_alarms(*case),
        ),
    ),
)


def _observe_rates(answer, cases: list[tuple]) -> dict:
    """As `call_each`; a division by zero gives NaN, so that all cases are seen. A whole number is as good as 0.0."""

    def or_nan(*case):
        try:
            value = answer(*case)
        except ZeroDivisionError:
            return math.nan
        return float(value) if type(value) is int else value

    return call_each(or_nan, cases)


def _is_nan(found: dict) -> bool:
    return found["kind"] == "number" and math.isnan(found["value"])


def _judge_rates(observed: dict) -> Wrong | None:
    """Judge the formula first, and then what it does where there is no alarm at all."""
    right = [_right_alarms(*case) for case in _rates(observed["seed"])]
    filled = [
        found | {"value": 0.0} if _is_nan(found) and value == 0 else found
        for found, value in zip(observed["returned"], right, strict=True)
    ]
    wrong = _compare_rates(observed | {"returned": filled})
    if wrong is None and any(map(_is_nan, observed["returned"])):
        return Wrong(
            "The formula is right, but where there is no alarm at all your code divides 0 by 0. Return 0 there.",
            "zero_by_zero",
            "Ask before you divide: are there any alarms, right or wrong?",
        )
    return wrong


Q4 = Question(
    id="9.4",
    title="How many alarms are right?",
    points=2,
    answer="right_alarms",
    source='''
def right_alarms(recall, false_alarms, base):
    """Share of the alarms that are right, from 0 to 1; 0 where there is no alarm at all.

    recall: share of the angry faces that raise an alarm. false_alarms: share of the other faces that do.
    base: share of all faces that are angry.
    """
    ### BEGIN SOLUTION
    right = recall * base
    wrong = false_alarms * (1 - base)
    return right / (right + wrong) if right + wrong > 0 else 0.0
    ### END SOLUTION
''',
    inputs=_rates,
    observe=_observe_rates,
    judge=_judge_rates,
    hints=(
        "Imagine 1000 faces. How many are angry, and how many of these raise an alarm? How many of the others do?",
        "Right alarms: recall * base. Wrong alarms: false_alarms * (1 - base).",
        "`right / (right + wrong)`, and 0 when both are 0.",
    ),
    passed="Right: that is Bayes' rule. A detector is only as good as the base rate of the place where it stands.",
    bank=BANK["9.4"],
)


# 9.5 ------------------------------------------------------------------------------------------


def _two_groups(seed: int) -> list[tuple]:
    """Labels, predictions, the group of each picture and an emotion; the groups differ in size and in recall.

    In the first the group is served worse than the others, in the second better.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, share, emotion, worse in ((400, 0.3, 6, True), (250, 0.6, 2, False)):
        labels, group = rng.integers(0, 7, n), rng.random(n) < share
        weak = group if worse else ~group
        chance = np.where(weak, 0.55, 0.8) - 0.15 * (labels == emotion) * weak
        predictions = np.where(rng.random(n) < chance, labels, rng.integers(0, 7, n))
        cases.append((labels, predictions, group, emotion))
    return cases


def _hits_and_faces(labels, predictions, group, emotion):
    """(hits, faces) of that emotion for the others and for the group."""
    theirs = labels == emotion
    return [(int(np.sum(predictions[theirs & g] == emotion)), int(np.sum(theirs & g))) for g in (~group, group)]


def _gap(labels, predictions, group, emotion, z=1.96, faces=None, spread=None):
    pairs = _hits_and_faces(labels, predictions, group, emotion)
    (p0, n0), (p1, n1) = ((hits / n, n) for hits, n in pairs)
    n0, n1 = (n0, n1) if faces is None else faces
    halves = z * np.sqrt(p0 * (1 - p0) / n0), z * np.sqrt(p1 * (1 - p1) / n1)
    half = np.hypot(*halves) if spread is None else spread(*halves)
    return float(p1 - p0), float(p1 - p0 - half), float(p1 - p0 + half)


def _accuracy_gap(labels, predictions, group, emotion):
    right = predictions == labels
    return _gap(np.zeros_like(labels), np.where(right, 0, 1), group, 0)


def _precision_gap(labels, predictions, group, emotion):
    return _gap(predictions, labels, group, emotion)


def _share_of_the_group(labels, predictions, group, emotion):
    hit = (labels == emotion) & (predictions == emotion)
    return _gap(np.full_like(labels, emotion), np.where(hit, emotion, emotion + 1), group, emotion)


def _turned_gap(labels, predictions, group, emotion):
    return _gap(labels, predictions, ~group, emotion)


def _without_sign(*case):
    gap, _, high = _gap(*case)
    return abs(gap), abs(gap) - (high - gap), abs(gap) + (high - gap)


def _against_all(labels, predictions, group, emotion):
    """The others are all faces, the group among them."""
    everybody = [np.concatenate([part, part[group]]) for part in (labels, predictions)]
    return _gap(*everybody, np.arange(len(everybody[0])) >= len(labels), emotion)


def _without_brackets_round_the_label(labels, predictions, group, emotion):
    found = [predictions[labels == (emotion & g)] == emotion for g in (~group, group)]
    half = 1.96 * np.sqrt(sum(part.var() / len(part) for part in found))
    gap = found[1].mean() - found[0].mean()
    return float(gap), float(gap - half), float(gap + half)


def _half_width(*case):
    gap, _, high = _gap(*case)
    return gap, high - gap


Q5 = Question(
    id="9.5",
    title="A gap between two groups",
    points=3,
    answer="recall_gap",
    source='''
def recall_gap(labels, predictions, group, emotion):
    """(gap, low, high): the recall of one emotion in the group minus that among the others, and its 95 % interval.

    labels, predictions: (N,) numbers 0 to 6. group: (N,) bool, who belongs to the group. emotion: one of 0 to 6.
    The interval is gap ± 1.96 * sqrt(p1 (1 - p1) / n1 + p0 (1 - p0) / n0).
    """
    ### BEGIN SOLUTION
    found = predictions == emotion
    inside = found[(labels == emotion) & group]
    outside = found[(labels == emotion) & ~group]
    gap = inside.mean() - outside.mean()
    half = 1.96 * np.sqrt(inside.var() / len(inside) + outside.var() / len(outside))
    return gap, gap - half, gap + half
    ### END SOLUTION
''',
    inputs=_two_groups,
    observe=call_each,
    judge=compare(
        _two_groups,
        _gap,
        (
            Mistake(
                "turned_round",
                "The gap is turned round. Expected the group minus the others, so that a negative gap says that the "
                "group is served worse.",
                _turned_gap,
            ),
            Mistake(
                "sign_dropped",
                "The sign of the gap was dropped, so nobody can see which of the two is served worse. Expected the "
                "group minus the others.",
                _without_sign,
            ),
            Mistake(
                "against_all",
                "The group was compared with everybody, itself included. Expected the others alone: `~group`.",
                _against_all,
            ),
            Mistake(
                "no_face_counted",
                "No face was counted, and the mean of nothing is NaN. Does your code say `group & labels == emotion`? "
                "Then brackets are missing, since `&` comes before `==`: `group & (labels == emotion)`.",
                lambda *case: (math.nan,) * 3,
            ),
            Mistake(
                "no_brackets",
                "Brackets are missing: `&` comes before `==`, so `labels == emotion & group` compares the labels with "
                "something else. Write `(labels == emotion) & group`.",
                _without_brackets_round_the_label,
            ),
            Mistake(
                "half_width",
                "These are the gap and half the width of its interval. Expected the two ends: gap, gap - half, "
                "gap + half.",
                _half_width,
            ),
            Mistake(
                "ends_exchanged",
                "The two ends of the interval are exchanged. Expected the lower one first.",
                lambda *case: tuple(_gap(*case)[i] for i in (0, 2, 1)),
            ),
            *(
                Mistake(
                    "no_root",
                    "The root is missing: `1.96 * np.sqrt(...)`, with the sum of both parts under it.",
                    lambda *case, rest=rest: _gap(*case, spread=lambda a, b: (rest * a**2 + b**2) / 1.96),
                )
                for rest in (1, 1 / 1.96)
            ),
            Mistake(
                "accuracy_for_recall",
                "These are the accuracies of the two groups, over all emotions. Expected the recall of the one "
                "emotion: look only at faces with that label.",
                _accuracy_gap,
            ),
            Mistake(
                "divided_by_the_group",
                "The hits were divided by all faces of each group. Recall divides by the faces of the group that carry "
                "this label.",
                _share_of_the_group,
            ),
            Mistake(
                "precision_for_recall",
                "You looked at the faces that are *called* the emotion, which gives the precision. Recall starts from "
                "the faces that *are* labelled so.",
                _precision_gap,
            ),
            Mistake(
                "halves_added",
                "The two half widths were added. Independent errors partly cancel: add the squares, take the root.",
                lambda *case: _gap(*case, spread=lambda a, b: a + b),
            ),
            Mistake(
                "one_standard_error",
                "The interval has no factor 1.96, so it is one standard error wide on each side and misses the true "
                "gap about once in three times.",
                lambda *case: _gap(*case, z=1.0),
            ),
            Mistake(
                "whole_group_counted",
                "The interval divides by all pictures of each group. Only those with this label were looked at, so n1 "
                "and n0 count them alone.",
                lambda labels, predictions, group, emotion: _gap(
                    labels, predictions, group, emotion, faces=(int(np.sum(~group)), int(np.sum(group)))
                ),
            ),
        ),
    ),
    hints=(
        "Four sets of faces: in the group or not, found or not. Begin with the mask `(labels == emotion) & group`.",
        "`found = predictions == emotion`; the recall of the group is the mean of `found` under that mask, and "
        "`~group` gives the others.",
        "With p1, n1 of the group and p0, n0 of the others: `half = 1.96 * np.sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) "
        "/ n0)`. Return `gap, gap - half, gap + half`.",
    ),
    passed="Right. If the interval holds 0, you have not shown a gap; you have not shown fairness either.",
    bank=BANK["9.5"],
)


# 9.6 ------------------------------------------------------------------------------------------


def _scores(seed: int) -> list[tuple]:
    """Scores for "angry", the truth and the group: calm faces of the group get higher scores than those of others."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, rate in ((900, 0.1), (700, 0.2)):
        angry, group = rng.random(n) < 0.35, rng.random(n) < 0.45
        raw = rng.normal(size=n) + 1.6 * angry + 0.9 * group
        cases.append((1 / (1 + np.exp(-raw)), angry, group, rate))
    return cases


def _thresholds(scores, angry, group, rate):
    return tuple(float(np.quantile(scores[~angry & g], 1 - rate)) for g in (~group, group))


def _alarms(thresholds, scores, angry, group) -> list[int]:
    """Calm faces with an alarm among the others and in the group."""
    pairs = zip(thresholds, (~group, group), strict=True)
    return [int(np.sum(scores[~angry & g] >= threshold)) for threshold, g in pairs]


_THRESHOLD_MISTAKES = (
    (
        "one_threshold_for_all",
        "Both groups got one threshold, chosen on all calm faces together. The overall rate is right, and yet calm "
        "faces of one group raise several times as many alarms as those of the other.",
        lambda scores, angry, group, rate: (float(np.quantile(scores[~angry], 1 - rate)),) * 2,
    ),
    (
        "groups_exchanged",
        "The two thresholds are exchanged. Expected first that of the others (group is False), then that of the group.",
        lambda scores, angry, group, rate: _thresholds(scores, angry, ~group, rate),
    ),
    (
        "angry_faces_counted",
        "The thresholds were chosen on all faces of a group, angry ones included. A false alarm is an alarm for a "
        "*calm* face, so only those decide.",
        lambda scores, angry, group, rate: tuple(float(np.quantile(scores[g], 1 - rate)) for g in (~group, group)),
    ),
    (
        "recall_made_equal",
        "The thresholds were chosen on the *angry* faces, which makes the recall equal. Asked are equal false alarms, "
        "so look at the calm ones.",
        lambda scores, angry, group, rate: _thresholds(scores, ~angry, group, rate),
    ),
    (
        "share_for_per_cent",
        "`np.percentile` counts from 0 to 100, and 1 - rate is a share from 0 to 1. Take `np.quantile`, or 100 times "
        "the share.",
        lambda scores, angry, group, rate: tuple(
            float(np.percentile(scores[~angry & g], 1 - rate)) for g in (~group, group)
        ),
    ),
    (
        "upside_down",
        "The quantile is turned round: these thresholds let nearly all calm faces raise an alarm. To let a tenth "
        "through, the threshold must lie above nine tenths.",
        lambda scores, angry, group, rate: _thresholds(scores, angry, group, 1 - rate),
    ),
    (
        "rate_as_threshold",
        "1 minus the allowed rate was taken for the threshold. A score says nothing about how many faces exceed it.",
        lambda scores, angry, group, rate: (1 - rate, 1 - rate),
    ),
)


def _judge_thresholds(observed: dict) -> Wrong | None:
    cases = _scores(observed["seed"])
    wrong = first(type_problem(found, (0.0, 0.0)) for found in observed["returned"])
    if wrong:
        return wrong
    if any(found["length"] != 2 for found in observed["returned"]):
        return Wrong(f"Expected two thresholds, found {observed['returned'][0]['length']} values.", "wrong_shape")
    wrong = first(type_problem(item, 0.0) for found in observed["returned"] for item in found["items"])
    if wrong:
        return wrong
    given = [tuple(float(item["value"]) for item in found["items"]) for found in observed["returned"]]
    unlike = [
        (pair, case)
        for pair, case in zip(given, cases, strict=True)
        if not _as_many_alarms(pair, _thresholds(*case), case)
    ]
    if not unlike:
        return input_problem(observed)
    if not any(any(_alarms(pair, *case[:3])) for pair, case in zip(given, cases, strict=True)):
        return Wrong(
            "No calm face raises an alarm any more: both thresholds lie above all their scores. Expected thresholds "
            "that the share `rate` of the calm faces reaches.",
            "no_alarms",
        )
    for ident, message, compute in _THRESHOLD_MISTAKES:
        if all(_as_many_alarms(pair, compute(*case), case) for pair, case in zip(given, cases, strict=True)):
            return Wrong(message, ident)
    pair, (scores, angry, group, rate) = unlike[0]
    counts = [int(np.sum(~angry & g)) for g in (~group, group)]
    others, members = (
        f"{alarms} of {count} ({alarms / count:.3f})"
        for alarms, count in zip(_alarms(pair, scores, angry, group), counts, strict=True)
    )
    return Wrong(
        f"Expected {rate:g} of the calm faces of each group to raise an alarm, one face more or less. Found {others} "
        f"among the others and {members} in the group.",
        "wrong_thresholds",
    )


def _as_many_alarms(thresholds, wanted, case) -> bool:
    """True when these thresholds give as many false alarms as the wanted ones, within one face in each group."""
    scores, angry, group, _ = case
    pairs = zip(_alarms(thresholds, scores, angry, group), _alarms(wanted, scores, angry, group), strict=True)
    return all(abs(found - expected) <= 1 for found, expected in pairs)


Q6 = Question(
    id="9.6",
    title="Equal false alarms",
    points=3,
    answer="equal_alarms",
    source='''
def equal_alarms(scores, angry, group, rate):
    """(threshold of the others, threshold of the group), so that calm faces of both raise equally many alarms.

    scores: (N,) numbers 0 to 1; an alarm is raised where the score is at least the threshold.
    angry: (N,) bool, the truth; the other faces are calm. group: (N,) bool, who belongs to the group.
    rate: the share of the calm faces of each group that may raise an alarm (one face more or less does not matter).
    """
    ### BEGIN SOLUTION
    others = np.quantile(scores[~angry & ~group], 1 - rate)
    members = np.quantile(scores[~angry & group], 1 - rate)
    return others, members
    ### END SOLUTION
''',
    inputs=_scores,
    observe=call_each,
    judge=_judge_thresholds,
    hints=(
        "Whose scores decide how many *false* alarms there are? Pick these faces, in one group after the other.",
        "If a tenth of the calm faces may raise an alarm, the threshold lies above nine tenths of their scores. "
        "`np.quantile` finds that value.",
        "`np.quantile(scores[~angry & ~group], 1 - rate)` for the others, with `group` in place of `~group` for the "
        "group.",
    ),
    passed="Right. Now calm people are treated alike, but you need to know everybody's group, and the recalls differ. "
    "Which equality is fair is no question for a program.",
    bank=BANK["9.6"],
)


# 9.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
Three customers ask for the network. A school wants to show its teachers which pupils are bored or angry. A maker of
camera apps wants to take the picture when everybody smiles. A museum wants a mirror that tells visitors the word for
the face they pull, and keeps nothing. For each, say which article or recital of the AI Act applies, what the model card
says about it, and whether you would do it, and under which conditions.
"""

Q7 = written_question(
    id="9.7",
    title="Three customers",
    points=4,
    answer="answer_9_7",
    source="""
### BEGIN SOLUTION
answer_9_7 = \"\"\"
The school: no. It infers emotions in education, which Article 5(1)(f) forbids, and neither a medical nor a safety
reason is given. It would not work either: the card says that nearly one tagger in two disagrees with the labels, no
label means boredom, and nothing was measured by group or on children.
The camera app: recital 18 leaves out the mere detection of a smile, as long as nobody concludes that people are happy.
I would do it with happy alone, which the card shows to be the best recall, after measuring it on the app's own photos
and for different groups of people.
The museum: visitors go there by choice, nothing is decided or stored. It gives a word to an expression, but to be
careful I would inform everybody with a sign before the mirror, as Article 50(3) asks, write "this face is called",
never "you feel", let it stay silent below a threshold, and put a button beside it that switches it off. It is not legal
advice; a lawyer should look at it.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Take the three one by one. Where does it happen: at work, in education, elsewhere? Is a feeling inferred, or "
        "an expression detected?",
        "Open `el.model_card(run)` and look for a sentence for each: intended use, label noise, the recall of the one "
        "word that is needed, what was not measured.",
        "Write three sentences for each customer: the article or recital, one figure or gap of the card, your decision "
        "with a condition or a reason.",
    ),
    rubric=(
        "School: names Article 5(1)(f), inferring emotions in education, as prohibited, and says no.",
        "Camera app: tells detecting a smile from inferring happiness, with recital 18.",
        "Museum: asks what is inferred and who is exposed, and informs them (Article 50(3)), with a condition or two.",
        "Uses the card: at least two of label noise, a recall with its interval, groups not measured, forbidden uses.",
        "Decides each case with a reason or a condition, and does not pretend to give legal advice.",
    ),
    bank=BANK["9.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
