"""Question 9.4: how many alarms are right, by Bayes' rule.

Title, points, task and model solution: solutions/09_*.ipynb.
"""

import math

import numpy as np

from emotionlab.exercises.compare import call_each
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "9.4",
    hints=(
        "Imagine 1000 faces. How many are angry, and how many of these raise an alarm? How many of the others do?",
        "Right alarms: recall * base. Wrong alarms: false_alarms * (1 - base).",
        "`right / (right + wrong)`, and 0 when both are 0.",
    ),
    passed="Right: that is Bayes' rule. A detector is only as good as the base rate of the place where it stands.",
)


@QUESTION.inputs
def rates(seed):
    rng = np.random.default_rng(seed)
    drawn = [tuple(float(x) for x in rng.uniform((0.3, 0.02, 0.005), (0.95, 0.3, 0.4))) for _ in range(3)]
    return [*drawn, (0.6, 0.0, 0.01), (0.0, 0.0, 0.2), (0.9, 0.05, 1.0), (0.7, 0.0, 0.0), (0.0, 0.3, 1.0)]


@QUESTION.observe
def call_with_rates(answer, cases):
    """As `call_each`; a division by zero gives NaN, so that all cases are seen. A whole number is as good as 0.0."""

    def or_nan(*case):
        try:
            value = answer(*case)
        except ZeroDivisionError:
            return math.nan
        return float(value) if type(value) is int and abs(value) < 2**63 else value

    return call_each(or_nan, cases)


def is_nan(found):
    return found["kind"] == "number" and math.isnan(found["value"])


@QUESTION.judge
def judge(observed):
    """Judge the formula first, and then what it does where there is no alarm at all."""
    right = [QUESTION.solution(*case) for case in rates(observed["seed"])]
    filled = [
        found | {"value": 0.0} if is_nan(found) and value == 0 else found
        for found, value in zip(observed["returned"], right, strict=True)
    ]
    wrong = QUESTION.compare(observed | {"returned": filled})
    if wrong is None and any(map(is_nan, observed["returned"])):
        return Wrong(
            "The formula is right, but where there is no alarm at all your code divides 0 by 0. Return 0 there.",
            "zero_by_zero",
            "Ask before you divide: are there any alarms, right or wrong?",
        )
    return wrong


def ratio(above, below):
    return above / below if below > 0 else 0.0


@style
def counts(recall, false_alarms, base):
    right, wrong = 1000 * base * recall, 1000 * (1 - base) * false_alarms
    if right + wrong == 0:
        return 0.0
    return right / (right + wrong)


@style
def whole_zero(recall, false_alarms, base):
    alarms = recall * base + false_alarms * (1 - base)
    return recall * base / alarms if alarms else 0


@style
def odds(recall, false_alarms, base):
    if recall * base == 0:
        return 0.0
    return 1 / (1 + false_alarms * (1 - base) / (recall * base))


NO_BASE_RATE = (
    "The base rate plays no part. Where angry faces are rare, most alarms come from the many others, however small "
    "their false-alarm rate is."
)


@mistake(NO_BASE_RATE, id="base_rate_forgotten")
def base_rate_left_out(recall, false_alarms, base):
    return ratio(recall, recall + false_alarms)


@mistake(NO_BASE_RATE)
def base_rate_forgotten(recall, false_alarms, base):
    return ratio(recall * base, recall * base + false_alarms * base)


@mistake(
    "This is the recall: of the angry faces, how many raise an alarm. Asked is the other way round: of the alarms, how "
    "many are angry faces."
)
def recall_again(recall, false_alarms, base):
    return recall


@mistake(
    "The false alarms come from the *other* faces, whose share is 1 - base. Here they were counted as if all faces "
    "were others."
)
def others_not_weighted(recall, false_alarms, base):
    return ratio(recall * base, recall * base + false_alarms)


@mistake(
    "The shares are exchanged: the base rate belongs to the angry faces and their recall, 1 - base to the others and "
    "their false alarms."
)
def shares_exchanged(recall, false_alarms, base):
    right, wrong = recall * (1 - base), false_alarms * base
    return ratio(right, right + wrong)


@mistake("This is the share of the alarms that are *wrong*. Expected those that are right.")
def wrong_alarms(recall, false_alarms, base):
    right, wrong = recall * base, false_alarms * (1 - base)
    return ratio(wrong, right + wrong)


@mistake("This is how often there is an alarm at all. Divide the right alarms by it.")
def share_of_alarms(recall, false_alarms, base):
    return recall * base + false_alarms * (1 - base)


@mistake("These are the right alarms as a share of all faces. Divide them by all alarms, right and wrong.")
def share_of_all_faces(recall, false_alarms, base):
    return recall * base


@mistake("The right alarms were divided by the wrong ones. Expected their share of all alarms, right and wrong.")
def right_by_wrong(recall, false_alarms, base):
    return ratio(recall * base, false_alarms * (1 - base))


@mistake(
    "The wrong alarms were computed from 1 - recall, the share of angry faces that are missed. They come from the "
    "other faces: `false_alarms` of these."
)
def missed_for_false(recall, false_alarms, base):
    right, wrong = recall * base, (1 - recall) * (1 - base)
    return ratio(right, right + wrong)


@mistake("These are per cents. Expected shares from 0 to 1.")
def per_cent(recall, false_alarms, base):
    return 100 * counts(recall, false_alarms, base)


@mistake(id="base_rate_forgotten", says="plays no part")
def base_rate_forgotten_and_no_care(recall, false_alarms, base):
    return recall / (recall + false_alarms)


@mistake(says="divides 0 by 0")
def zero_by_zero(recall, false_alarms, base):
    return recall * base / (recall * base + false_alarms * (1 - base))


@mistake(id="zero_by_zero", says="divides 0 by 0")
def asked_for_the_wrong_zero(recall, false_alarms, base):
    right = recall * base
    return right / (right + false_alarms * (1 - base)) if base else 0


@mistake(id="wrong_values", says="Expected 1 for the arguments (0.6, 0, 0.01)")
def zero_without_false_alarms(recall, false_alarms, base):
    if false_alarms == 0:
        return 0
    return recall * base / (recall * base + false_alarms * (1 - base))
