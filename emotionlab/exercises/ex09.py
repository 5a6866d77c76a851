"""Exercise 09, responsible use: count votes, doubt labels, weigh alarms, compare groups, judge proposed uses."""

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
    return cases


def _plurality(votes):
    most = votes.max(axis=1)
    return np.where((votes == most[:, None]).sum(axis=1) == 1, votes.argmax(axis=1), -1)


def _last_of_a_tie(votes):
    return votes.shape[1] - 1 - votes[:, ::-1].argmax(axis=1)


def _tie_anywhere(votes):
    """-1 wherever any two answers have the same number of votes, none left out."""
    tied = np.array([len(set(row[row > 0])) < (row > 0).sum() for row in votes])
    return np.where(tied, -1, votes.argmax(axis=1))


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
            Mistake(
                "tie_anywhere",
                "A tie counts only when it is for the first place. Two answers with one vote each do not matter when "
                "a third has more.",
                _tie_anywhere,
            ),
            Mistake(
                "seven_columns_only",
                "The last three columns were left out. Contempt, unknown and not-a-face can win as well.",
                lambda votes: _plurality(votes[:, :7]),
            ),
            Mistake(
                "votes_for_the_winner",
                "These are the votes that the winner got. Expected its column number.",
                lambda votes: np.where(_plurality(votes) >= 0, votes.max(axis=1), -1),
            ),
            Mistake(
                "axes_exchanged",
                "You looked down each column. Each row is one picture: take the maximum along `axis=1`.",
                lambda votes: _plurality(votes.T),
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
                "The second value divides by ten. Some pictures here have fewer votes: divide by the sum of their own "
                "row.",
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
            Mistake(
                "divided_by_ten",
                "The first value divides by ten. Some pictures have fewer votes: divide by the sum of the row.",
                lambda votes: (float(np.mean(votes.max(axis=1) / 10)), _ceiling(votes)[1]),
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
    observe=call_each,
    judge=compare(
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
                lambda recall, false_alarms, base: _ratio(
                    recall * (1 - base), recall * (1 - base) + false_alarms * base
                ),
            ),
            Mistake(
                "wrong_alarms",
                "This is the share of the alarms that are *wrong*. Expected those that are right.",
                lambda recall, false_alarms, base: (
                    1 - _right_alarms(recall, false_alarms, base)
                    if recall * base + false_alarms * (1 - base) > 0
                    else 0.0
                ),
            ),
            Mistake(
                "share_of_alarms",
                "This is how often there is an alarm at all. Divide the right alarms by it.",
                lambda recall, false_alarms, base: recall * base + false_alarms * (1 - base),
            ),
        ),
    ),
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
    """Labels, predictions, the group of each picture and an emotion; the groups differ in size and in recall."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, share, emotion in ((400, 0.3, 6), (250, 0.6, 2)):
        labels, group = rng.integers(0, 7, n), rng.random(n) < share
        chance = np.where(group, 0.55, 0.8) - 0.15 * (labels == emotion) * group
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
    if all(_as_many_alarms(pair, _thresholds(*case), case) for pair, case in zip(given, cases, strict=True)):
        return input_problem(observed)
    for ident, message, compute in _THRESHOLD_MISTAKES:
        if all(_as_many_alarms(pair, compute(*case), case) for pair, case in zip(given, cases, strict=True)):
            return Wrong(message, ident)
    scores, angry, group, rate = cases[0]
    counts = [int(np.sum(~angry & g)) for g in (~group, group)]
    found = [alarms / count for alarms, count in zip(_alarms(given[0], scores, angry, group), counts, strict=True)]
    return Wrong(
        f"Expected {rate:g} of the calm faces of each group to raise an alarm, found {found[0]:.3f} among the others "
        f"and {found[1]:.3f} in the group.",
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
