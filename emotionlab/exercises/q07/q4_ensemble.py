"""Question 7.4: an ensemble averages probabilities, and its rows add up to 1.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import describe, short
from emotionlab.exercises.compare import first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q07.shared import normalised

QUESTION = function_question(
    "7.4",
    hints=(
        "Which of the three axes runs over the models? That one must vanish.",
        "First the mean of the probabilities. Then divide each row by its sum, with `keepdims=True`.",
        "`mean = members.mean(axis=0)`, then `return mean / mean.sum(axis=1, keepdims=True)`.",
    ),
    passed="Right. A model that is sure counts more than one that is not, and none counts only because it is loud.",
    rtol=1e-5,
    atol=1e-3,
    explained={
        "Members count alike, so that their order does not matter.": ("blind: argument 1: sorted",),
        "A probability is never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
        ),
        "The inputs are rounded to two decimals, and so is the verdict.": ("blind: argument 1: float16",),
    },
)


@QUESTION.inputs
def unequally_bold_members(seed):
    """(members,): (models, pictures, 7), rounded to two decimals, so that rows add up to 1 only nearly.

    The models are unequally bold: one is very sure of itself, one hardly at all.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n, boldness in ((40, (0.5, 1.5, 5.0)), (25, (4.0, 0.7))):
        logits = rng.normal(size=(len(boldness), n, 7)) * np.array(boldness)[:, None, None]
        p = normalised(np.exp(logits - logits.max(axis=-1, keepdims=True)))
        cases.append((np.clip(p.round(2), 0.01, None),))
    return cases


@QUESTION.judge
def judge(observed):
    cases = unequally_bold_members(observed["seed"])
    expected = [QUESTION.solution(*case) for case in cases]
    returned = [read_as(found, value) for found, value in zip(observed["returned"], expected, strict=True)]
    pairs = list(zip(returned, expected, strict=True))
    wrong = first(type_problem(found, value) for found, value in pairs)
    wrong = wrong or first(probabilities_problem(found, value) for found, value in pairs)
    if wrong:
        return wrong
    # Dividing by the sums before or after the mean differs by the rounding of the inputs: both are right.
    arrays = [found["array"] for found in returned]
    if all(np.allclose(a, normalised(m).mean(axis=0), atol=1e-3) for a, (m,) in zip(arrays, cases, strict=True)):
        return first(map(rows_problem, arrays)) or input_problem(observed)
    wrong = QUESTION.compare(observed)
    if wrong and wrong.misconception == "wrong_values":
        return farthest_problem(arrays, expected)
    return wrong or first(map(rows_problem, arrays))


def probabilities_problem(found, value):
    shape = tuple(found["shape"])
    if found["array"] is None or found["array"].dtype.kind not in "biuf":
        return Wrong(f"Expected an array of numbers, found {describe(found)}.", "wrong_dtype")
    if shape == value.shape[:1]:
        return Wrong(
            f"Expected probabilities, one row of seven for each picture, {value.shape}, found one value for each "
            "picture. Labels cannot be averaged (the mean of angry and happy is not fear), and a vote throws away how "
            "sure each model was.",
            "labels_averaged",
        )
    if shape != value.shape:
        return Wrong(
            f"Expected the shape {value.shape}, one row for each picture, found {shape}: the mean goes over the "
            "models, axis 0.",
            "wrong_axis",
        )
    if not np.isfinite(found["array"]).all():
        return Wrong("Expected ordinary numbers, found NaN (not a number) or infinity.", "not_finite")
    return None


def rows_problem(array):
    """Wrong where a row adds up to 1 no better than rounded numbers do."""
    sums = array.sum(axis=1, dtype=float)
    off = np.abs(sums - 1)
    if off.max() <= 1e-4:
        return None
    return Wrong(
        f"The mean is nearly right, but the rows do not add up to 1: one adds up to {sums[off.argmax()]:.4f}. Rounding "
        "does that. Return what the division by the sums gives, with all its decimals.",
        "rounded",
    )


def farthest_problem(arrays, expected):
    """Name the value that is farthest off, in the first case that is not right."""
    array, value = next(pair for pair in zip(arrays, expected, strict=True) if not np.allclose(*pair, atol=1e-3))
    place = tuple(int(i) for i in np.unravel_index(np.abs(array - value).argmax(), array.shape))
    return Wrong(
        f"{short(array[place])} at position {list(place)} is not the mean over the models of one of the hidden inputs.",
        "wrong_values",
    )


@style
def loop(members):
    total = np.zeros(members.shape[1:])
    for probabilities in members:
        total = total + probabilities
    return total / total.sum(axis=1)[:, np.newaxis]


@style
def normalised_first(members):
    rows = members / members.sum(axis=2, keepdims=True)
    return rows.mean(axis=0)


@style
def einsum(members):
    mean = np.einsum("mnc->nc", members) / len(members)
    return (mean.T / mean.sum(axis=1)).T


@mistake("The mean is right, but the rows do not add up to 1: the inputs were rounded. Divide each row by its sum.")
def not_normalised(members):
    return members.mean(axis=0)


@mistake(
    "Each model's answer was taken before the mean: every model now casts one whole vote, and one that is hardly sure "
    "counts as much as one that is certain. Average the probabilities; take the argmax afterwards."
)
def votes(members):
    return np.eye(7)[members.argmax(axis=2)].mean(axis=0)


@mistake(
    "This averages logarithms (logits), so the model with the largest logits decides nearly alone, only because it is "
    "the boldest. Expected the mean of the probabilities."
)
def logits_averaged(members):
    return normalised(np.exp(np.log(members).mean(axis=0)))


BOLDEST = "This takes the largest probability of any model. Expected the mean over the models."


@mistake(BOLDEST)
def boldest_wins(members):
    return normalised(members.max(axis=0))


@mistake(BOLDEST, id="boldest_wins")
def boldest_wins_as_it_is(members):
    return members.max(axis=0)


@mistake("The rows add up to the number of models: the probabilities were added but not divided.")
def summed(members):
    return members.sum(axis=0)


@mistake("All numbers together add up to 1. Each row must: `mean.sum(axis=1, keepdims=True)`.")
def whole_array_normalised(members):
    p = members.mean(axis=0)
    return p / p.sum()


@mistake("The columns add up to 1. The rows must, one for each picture: `mean.sum(axis=1, keepdims=True)`.")
def columns_normalised(members):
    p = members.mean(axis=0)
    return p / p.sum(axis=0)


@mistake("The mean went through a softmax. That is for logits; these are probabilities: divide each row by its sum.")
def softmax_of_probabilities(members):
    return normalised(np.exp(members.mean(axis=0)))


@mistake("This is the median over the models. Expected the mean.")
def median(members):
    return normalised(np.median(members, axis=0))


@mistake("This is the mean of the first two models. Expected the mean over all of them, however many there are.")
def two_members(members):
    return normalised(members[0] + members[1])


@mistake("This is the first model alone. Expected the mean over all of them.")
def one_member(members):
    return normalised(members[0])


@mistake("The probabilities were multiplied, so one model that says nearly 0 forbids an answer. Expected their mean.")
def multiplied(members):
    return normalised(members.prod(axis=0))


@mistake(says="Rounding does that")
def rounded(members):
    return np.round(normalised(members.mean(axis=0)), 3)


@mistake(says="Labels cannot be averaged")
def labels_averaged(members):
    return np.round(members.argmax(axis=2).mean(axis=0)).astype(int)


@mistake(says="goes over the models")
def wrong_axis(members):
    return members.mean(axis=1)
