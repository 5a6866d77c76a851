"""Question 8.2: from a map of any numbers to an overlay of 0..1.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.2",
    hints=(
        "Three steps: cut at 0, divide by the largest value, enlarge. What if the largest value is 0?",
        "`np.maximum(heat, 0)` cuts. `a.repeat(3, axis=0)` makes three rows of each row.",
        "After `positive = np.maximum(heat, 0)` divide only `if positive.max() > 0`, then "
        "`return positive.repeat(factor, axis=0).repeat(factor, axis=1)`.",
    ),
    passed="Right. Remember what the scaling hides: the brightest spot of every map is 1, however weak the evidence. "
    "(`el.grad_cam` enlarges smoothly, which looks finer than it is.)",
    explained={
        "A colour is never negative.": (
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def maps_to_lay_over(seed):
    """(map, factor): one with both signs, one without a positive value, one with positive values alone, one faint,
    one with tiny values and one of whole numbers.
    """
    rng = np.random.default_rng(seed)
    mixed = rng.normal(0, 2, (3, 5))
    mixed[1, 2], mixed[2, 0] = 4.5, -6.0  # the largest value is positive, the largest distance from 0 negative
    faint = rng.uniform(-0.3, 0.3, (3, 2))
    faint[1, 0], faint[2, 1] = 0.4, -0.5
    whole = rng.integers(-9, 5, (3, 4)).astype("int16")  # a dtype that OpenCV can enlarge
    whole[1, 2], whole[2, 1] = 7, 3
    cases = [(mixed, 4), (rng.uniform(-2, -1, (4, 2)), 3), (rng.uniform(1, 3, (2, 3)), 2), (faint, 3)]
    return [*cases, (mixed / 10_000, 2), (whole, 2)]


def enlarged(heat, factor):
    return np.kron(heat, np.ones((factor, factor)))


def smoothly(heat, factor):
    import cv2

    return cv2.resize(heat, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)


def scaled(heat):
    """The map before it is enlarged: negatives 0, the largest value 1."""
    positive = np.maximum(heat, 0)
    return positive / (positive.max() or 1)


@style
def kron(heat, factor):
    positive = np.clip(heat, 0, None)
    positive = positive / (positive.max() or 1)
    return np.kron(positive, np.ones((factor, factor)))


@style
def small_number(heat, factor):
    positive = np.maximum(heat, 0)
    return enlarged(positive / (positive.max() + 1e-9), factor)


@style
def list_of_lists(heat, factor):
    largest = heat.max()
    small = [[value / largest if value > 0 else 0 for value in row] for row in heat]
    return np.repeat(np.repeat(small, factor, axis=0), factor, axis=1)


@style
def where(heat, factor):
    if heat.max() <= 0:
        return np.zeros((heat.shape[0] * factor, heat.shape[1] * factor))
    positive = np.where(heat > 0, heat / heat.max(), 0)
    return np.repeat(np.repeat(positive, factor, axis=0), factor, axis=1)


@style
def opencv(heat, factor):
    import cv2

    positive = np.maximum(heat, 0)
    positive = positive / max(positive.max(), 1e-12)
    size = heat.shape[1] * factor, heat.shape[0] * factor
    return cv2.resize(positive, size, interpolation=cv2.INTER_NEAREST)


@mistake(
    "A map without any positive value became NaN: zero divided by zero. It happens when nothing in the picture speaks "
    "for the emotion. Divide only when the largest value is above 0."
)
def zero_by_zero(heat, factor):
    positive = np.maximum(heat, 0)
    return enlarged(positive / positive.max(), factor)


@mistake(
    "The smallest value became 0 and the largest 1, whatever they were. So a map in which everything speaks against "
    "the emotion gets a bright spot all the same. Cut at 0, then divide by the largest."
)
def stretched(heat, factor):
    return enlarged((heat - heat.min()) / (heat.max() - heat.min()), factor)


@mistake(
    "The signs were dropped: places that speak against the emotion now shine like those that speak for it. Expected "
    "the negative values to become 0."
)
def signs_dropped(heat, factor):
    return enlarged(np.abs(heat) / np.abs(heat).max(), factor)


@mistake(
    "The negative values are still there (and where all are negative, dividing by the largest turned them round). Cut "
    "at 0 before you divide: `np.maximum(heat, 0)`."
)
def negatives_kept(heat, factor):
    return enlarged(heat / heat.max(), factor)


@mistake("The values were cut at 0 but not scaled: the largest is not 1.")
def not_scaled(heat, factor):
    return enlarged(np.maximum(heat, 0), factor)


@mistake(
    "The values above 1 were cut to 1, so places of quite different strength look alike. Divide all by the largest "
    "value."
)
def cut_at_one(heat, factor):
    return enlarged(np.clip(heat, 0, 1), factor)


BY_THE_SUM = (
    "The values were divided by their sum, so they add up to 1 and the largest is far below it. Divide by the largest."
)


@mistake(BY_THE_SUM)
def divided_by_the_sum(heat, factor):
    positive = np.maximum(heat, 0)
    return enlarged(positive / (positive.sum() or 1), factor)


@mistake(BY_THE_SUM, id="divided_by_the_sum")
def sum_without_care(heat, factor):
    positive = np.maximum(heat, 0)
    return enlarged(positive / positive.sum(), factor)


SMOOTHED = (
    "The map was enlarged smoothly, as in the lesson, so neighbouring values mix. Expected a block of equal pixels for "
    "each value: `repeat`, or `interpolation=cv2.INTER_NEAREST`."
)


@mistake(SMOOTHED)
def smoothed(heat, factor):
    return smoothly(scaled(heat), factor)


@mistake(SMOOTHED, id="smoothed")
def smoothed_then_scaled(heat, factor):
    return scaled(smoothly(np.maximum(heat, 0), factor))


@mistake(SMOOTHED, id="smoothed")
def smoothed_as_in_the_lesson(heat, factor):
    large = smoothly(np.maximum(heat, 0), factor)
    return large / large.max()


@mistake(
    "The whole map was laid side by side several times. Expected one map in which each value is a block of pixels: "
    "`repeat`, not `tile`."
)
def tiled(heat, factor):
    return np.tile(scaled(heat), (factor, factor))


@mistake(
    "A hidden map holds whole numbers, as in the example, and `np.zeros_like` of it does too: it cuts 0.5 to 0. Make "
    "an array that holds decimals: `np.zeros(heat.shape)`."
)
def zeros_like(heat, factor):
    positive = np.zeros_like(heat)
    if heat.max() > 0:
        positive[heat > 0] = heat[heat > 0] / heat.max()
    return enlarged(positive, factor)


@mistake("The map was enlarged along one axis only. Repeat along axis 0 and along axis 1.")
def one_axis(heat, factor):
    return scaled(heat).repeat(factor, axis=0)


@mistake("`repeat` without an axis lays the map out in one long row. Repeat along axis 0, then along axis 1.")
def one_long_row(heat, factor):
    return np.repeat(scaled(heat), factor)


@mistake("Where no value is positive, the map of zeros has kept its size. It must be enlarged like any other.")
def small_where_empty(heat, factor):
    positive = scaled(heat)
    return enlarged(positive, factor) if positive.any() else positive


@mistake(
    "The values are right, but the map has kept its size. Each value must become a block of factor x factor pixels."
)
def not_enlarged(heat, factor):
    return scaled(heat)
