"""Question 2.4: softmax, also of huge logits.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.compare import call_each, matches, read_as
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "2.4",
    hints=(
        "Take `np.exp` of each logit, divide by the sum over one picture. Then try it with a logit of 1000.",
        "`exp(a - m) / sum(exp(b - m))` is the same for every m. Which m keeps all powers at 1 or below? "
        "`keepdims=True` keeps the axis, so that the shapes fit.",
        "`shifted = logits - logits.max(axis=-1, keepdims=True)`, then `np.exp(shifted)` divided by its sum over "
        "`axis=-1` with `keepdims=True`.",
    ),
    passed="Right, for small and for huge logits. This is what `keras.ops.softmax` does inside.",
)


@QUESTION.inputs
def small_and_huge(seed):
    """Ordinary logits, huge ones of both signs (in the last row side by side), and three, four and one axis."""
    rng = np.random.default_rng(seed)
    huge = rng.normal(0, 2, (4, 5)) + np.array([[1000.0], [0.0], [-1000.0], [0.0]])
    huge[3, :2] = 1000.0, -1000.0
    table, *others = (rng.normal(0, 2, shape) for shape in ((4, 7), (2, 3, 5), (2, 4, 2, 3), (6,)))
    return [(table,), (huge,), *((logits,) for logits in others)]


@QUESTION.observe
def call_or_miss_an_axis(softmax, cases):
    try:
        return call_each(softmax, cases) | {"whole": of_whole_numbers(softmax)}
    except np.exceptions.AxisError:
        return {"axis": "missing"}


def of_whole_numbers(softmax):
    """What [0, 0] gives, as in the task; None where a library refuses whole numbers, as TensorFlow does."""
    try:
        return call_each(softmax, [(np.array([0, 0]),)])["returned"][0]
    except TypeError:
        raise
    except Exception:
        return None


@QUESTION.judge
def judge(observed):
    if "axis" in observed:
        return Wrong(
            "Logits with a single axis have no axis with the number that you name. The last axis is `axis=-1`, however "
            "many there are.",
            "wrong_axis",
        )
    cases = small_and_huge(observed["seed"])
    wrong = QUESTION.compare(observed)
    if wrong and matches(observed["returned"][0], class_for_probabilities(*cases[0])):
        return Wrong(
            "These are the most likely classes. Expected all the probabilities, in the same shape as the logits.",
            "class_for_probabilities",
        )
    if wrong is None:
        return whole_problem(observed["whole"])
    if wrong.misconception not in ("wrong_values", "not_finite"):
        return wrong
    small = [i for i in range(len(cases)) if i != 1]  # the cases without huge logits
    if not all(matches(observed["returned"][i], QUESTION.solution(*cases[i])) for i in small):
        return wrong
    return Wrong(
        "Right for small logits, wrong for logits of 1000 or -1000. Subtract the largest logit of each row before "
        "`np.exp`: the probabilities stay as they are, and no power is above 1.",
        "small_logits_only",
    )


def whole_problem(found):
    halves = np.array([0.5, 0.5])
    if found is None or matches(read_as(found, halves), halves):
        return None
    return Wrong(
        "Right for logits with decimals, wrong for the whole numbers [0, 0]: an array made of them with "
        "`np.zeros_like(logits)` holds whole numbers alone. `np.zeros(logits.shape)` holds numbers with decimals.",
        "dtype_of_the_logits",
    )


def shares(powers, axis=-1):
    return powers / powers.sum(axis=axis, keepdims=True)


def largest(logits, axis=-1):
    return logits.max(axis=axis, keepdims=True)


@style
def log_sum_exp(logits):
    from scipy.special import logsumexp

    return np.exp(logits - logsumexp(logits, axis=-1, keepdims=True))


@style
def loop(logits):
    rows = logits.reshape(-1, logits.shape[-1])
    result = []
    for row in rows:
        powers = np.exp(row - max(row))
        result.append(powers / sum(powers))
    return np.array(result).reshape(logits.shape)


@style
def keras_ops(logits):
    from keras import ops

    return ops.softmax(logits, axis=-1)


@mistake(
    "Right for small logits, but `np.exp(1000)` is infinite and gives NaN (not a number). Subtract the largest logit "
    "of each row first: the result is the same and nothing overflows."
)
def overflow(logits):
    return shares(np.exp(logits))


WRONG_AXIS = (
    "The sum runs over the wrong axis: the numbers of one picture do not add up to 1. Each picture has its logits on "
    "the last axis, so sum over `axis=-1`."
)


@mistake(WRONG_AXIS)
def wrong_axis(logits):
    return shares(np.exp(logits - largest(logits, axis=0)), axis=0)


@mistake(WRONG_AXIS, id="wrong_axis")
def wrong_axis_and_overflow(logits):
    return shares(np.exp(logits), axis=0)


@mistake(WRONG_AXIS, id="wrong_axis")
def wrong_axis_in_the_sum_alone(logits):
    return shares(np.exp(logits - largest(logits)), axis=0)


@mistake(id="wrong_axis", says="no axis with the number that you name")
def second_axis(logits):
    return shares(np.exp(logits - largest(logits, axis=1)), axis=1)


@mistake(id="wrong_axis", says="no axis with the number that you name")
def second_axis_in_the_sum_alone(logits):
    return shares(np.exp(logits - largest(logits)), axis=1)


ALL_TOGETHER = (
    "All numbers together add up to 1. Expected 1 for each row: sum over the last axis alone, with `keepdims=True`."
)


@mistake(ALL_TOGETHER)
def sum_over_everything(logits):
    return shares(np.exp(logits - logits.max()), axis=None)


@mistake(f"{ALL_TOGETHER} Then think of logits of 1000.", id="sum_over_everything")
def naive_sum_over_everything(logits):
    return shares(np.exp(logits), axis=None)


@mistake(
    "The largest number of the whole array was subtracted, so a row far below it became 0 / 0. Subtract the largest "
    "logit of each row."
)
def one_maximum_for_all(logits):
    return shares(np.exp(logits - logits.max()))


@mistake("This gives 1 to the largest logit and 0 to all others. Softmax keeps how sure the network is.")
def one_for_the_largest(logits):
    return np.eye(logits.shape[-1])[logits.argmax(axis=-1)]


@mistake("The logits themselves were divided by their sum, which can be negative or 0. Take `np.exp` first.")
def exponential_forgotten(logits):
    return shares(logits)


NOT_DIVIDED = "The rows do not add up to 1: divide the powers by their sum over the last axis."


@mistake(NOT_DIVIDED)
def not_divided(logits):
    return np.exp(logits - largest(logits))


@mistake(NOT_DIVIDED, id="not_divided")
def exponential_alone(logits):
    return np.exp(logits)


@mistake(
    "The logits were divided by the largest one, which changes the probabilities. Subtract it instead: only the "
    "difference between two logits counts."
)
def divided_by_the_largest(logits):
    return shares(np.exp(logits / largest(logits)))


@mistake(says="These are the most likely classes")
def class_for_probabilities(logits):
    return np.argmax(logits, axis=-1)


@mistake(says="wrong for the whole numbers [0, 0]")
def dtype_of_the_logits(logits):
    result = np.zeros_like(logits)
    for place in np.ndindex(logits.shape[:-1]):
        powers = np.exp(logits[place] - logits[place].max())
        result[place] = powers / powers.sum()
    return result


@mistake(says="Right for small logits, wrong")
def small_logits_only(logits):
    return shares(np.exp(np.clip(logits, -500, 500)))


@mistake(id="small_logits_only", says="Right for small logits, wrong")
def mean_subtracted(logits):
    return shares(np.exp(logits - logits.mean(axis=-1, keepdims=True)))
