"""Question 9.6: two thresholds that give calm people of both groups equally many alarms.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.compare import first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "9.6",
    hints=(
        "Whose scores decide how many *false* alarms there are? Pick these faces, in one group after the other.",
        "If a tenth of the calm faces may raise an alarm, the threshold lies above nine tenths of their scores. "
        "`np.quantile` finds that value.",
        "`np.quantile(scores[~angry & ~group], 1 - rate)` for the others, with `group` in place of `~group` for the "
        "group.",
    ),
    passed="Right. Now calm people are treated alike, but you need to know everybody's group, and the recalls differ. "
    "Which equality is fair is no question for a program.",
    explained={
        "One face more or less does not matter, says the task.": (
            "blind: argument 1: … element changed",
            "blind: argument 2: … element changed",
            "blind: argument 3: … element changed",
            "blind: argument 1: float16",
            "blind: argument 4: float16",
            "blind: result …: float16",
        ),
        "A score is never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def scored_faces(seed):
    """Scores for "angry", the truth and the group: calm faces of the group get higher scores than those of others."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, rate in ((900, 0.1), (700, 0.2)):
        angry, group = rng.random(n) < 0.35, rng.random(n) < 0.45
        raw = rng.normal(size=n) + 1.6 * angry + 0.9 * group
        cases.append((1 / (1 + np.exp(-raw)), angry, group, rate))
    return cases


@QUESTION.judge
def judge(observed):
    returned = [read_as(found, (0.0, 0.0)) for found in observed["returned"]]
    wrong = two_numbers_problem(returned)
    if wrong:
        return wrong
    given = [tuple(float(item["value"]) for item in found["items"]) for found in returned]
    pairs = list(zip(given, scored_faces(observed["seed"]), strict=True))
    unlike = [(pair, case) for pair, case in pairs if not as_many_alarms(pair, QUESTION.solution(*case), case)]
    if not unlike:
        return input_problem(observed)
    return known_problem(pairs) or rate_problem(*unlike[0])


def two_numbers_problem(returned):
    wrong = first(type_problem(found, (0.0, 0.0)) for found in returned)
    if wrong:
        return wrong
    if any(found["length"] != 2 for found in returned):
        return Wrong(f"Expected two thresholds, found {returned[0]['length']} values.", "wrong_shape")
    return first(type_problem(item, 0.0) for found in returned for item in found["items"])


def known_problem(pairs):
    """Wrong when the thresholds raise no alarm, or those of a known mistake."""
    if not any(any(false_alarms(pair, *case[:3])) for pair, case in pairs):
        return Wrong(
            "No calm face raises an alarm any more: both thresholds lie above all their scores. Expected thresholds "
            "that the share `rate` of the calm faces reaches.",
            "no_alarms",
        )
    for known in KNOWN:
        if all(as_many_alarms(pair, known(*case), case) for pair, case in pairs):
            return Wrong(known.mark.message, known.__name__)
    return None


def rate_problem(pair, case):
    scores, angry, group, rate = case
    counts = [int(np.sum(~angry & g)) for g in (~group, group)]
    others, members = (
        f"{alarms} of {count} ({alarms / count:.3f})"
        for alarms, count in zip(false_alarms(pair, scores, angry, group), counts, strict=True)
    )
    return Wrong(
        f"Expected {rate:g} of the calm faces of each group to raise an alarm, one face more or less. Found {others} "
        f"among the others and {members} in the group.",
        "wrong_thresholds",
    )


def false_alarms(thresholds, scores, angry, group):
    """Calm faces with an alarm among the others and in the group."""
    pairs = zip(thresholds, (~group, group), strict=True)
    return [int(np.sum(scores[~angry & g] >= threshold)) for threshold, g in pairs]


def as_many_alarms(thresholds, wanted, case):
    """True when these thresholds give as many false alarms as the wanted ones, within one face in each group."""
    scores, angry, group, _ = case
    found, expected = (false_alarms(pair, scores, angry, group) for pair in (thresholds, wanted))
    return all(abs(a - b) <= 1 for a, b in zip(found, expected, strict=True))


@style
def percentile(scores, angry, group, rate):
    calm = ~angry
    return [np.percentile(scores[calm & g], 100 - 100 * rate) for g in (~group, group)]


@style
def by_sorting(scores, angry, group, rate):
    def highest(part):
        ordered = sorted(part, reverse=True)
        return ordered[max(0, int(rate * len(ordered)) - 1)]

    return highest(scores[~angry & ~group]), highest(scores[~angry & group])


@mistake(
    "Both groups got one threshold, chosen on all calm faces together. The overall rate is right, and yet calm faces "
    "of one group raise several times as many alarms as those of the other."
)
def one_threshold_for_all(scores, angry, group, rate):
    threshold = np.quantile(scores[~angry], 1 - rate)
    return threshold, threshold


@mistake(
    "The two thresholds are exchanged. Expected first that of the others (group is False), then that of the group."
)
def groups_exchanged(scores, angry, group, rate):
    return np.quantile(scores[~angry & group], 1 - rate), np.quantile(scores[~angry & ~group], 1 - rate)


@mistake(
    "The thresholds were chosen on all faces of a group, angry ones included. A false alarm is an alarm for a *calm* "
    "face, so only those decide."
)
def angry_faces_counted(scores, angry, group, rate):
    return np.quantile(scores[~group], 1 - rate), np.quantile(scores[group], 1 - rate)


@mistake(
    "The thresholds were chosen on the *angry* faces, which makes the recall equal. Asked are equal false alarms, so "
    "look at the calm ones."
)
def recall_made_equal(scores, angry, group, rate):
    return np.quantile(scores[angry & ~group], 1 - rate), np.quantile(scores[angry & group], 1 - rate)


@mistake(
    "`np.percentile` counts from 0 to 100, and 1 - rate is a share from 0 to 1. Take `np.quantile`, or 100 times the "
    "share."
)
def share_for_per_cent(scores, angry, group, rate):
    return np.percentile(scores[~angry & ~group], 1 - rate), np.percentile(scores[~angry & group], 1 - rate)


@mistake(
    "The quantile is turned round: these thresholds let nearly all calm faces raise an alarm. To let a tenth through, "
    "the threshold must lie above nine tenths."
)
def upside_down(scores, angry, group, rate):
    return np.quantile(scores[~angry & ~group], rate), np.quantile(scores[~angry & group], rate)


@mistake("1 minus the allowed rate was taken for the threshold. A score says nothing about how many faces exceed it.")
def rate_as_threshold(scores, angry, group, rate):
    return 1 - rate, 1 - rate


KNOWN = (
    one_threshold_for_all,
    groups_exchanged,
    angry_faces_counted,
    recall_made_equal,
    share_for_per_cent,
    upside_down,
    rate_as_threshold,
)
"""The mistakes that the judge recognises by the alarms that they raise, in this order."""


@mistake(id="wrong_thresholds", says="of the calm faces of each group")
def median(scores, angry, group, rate):
    return np.median(scores[~angry & ~group]), np.median(scores[~angry & group])


@mistake(says="No calm face raises an alarm")
def no_alarms(scores, angry, group, rate):
    return 1.0, 1.0
