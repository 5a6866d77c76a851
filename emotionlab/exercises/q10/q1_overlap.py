"""Question 10.1: how much two boxes overlap.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q10.shared import call_for_numbers

QUESTION = function_question(
    "10.1",
    hints=(
        "Draw two boxes. Where does the shared part begin on the left, and where does it end on the right?",
        "It begins at the larger of the two left edges and ends at the smaller of the two right edges. Where the width "
        "comes out negative, the boxes do not touch.",
        "`shared = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))`, then "
        "`shared / (area_a + area_b - shared)`.",
    ),
    passed="Right. With this number a program knows which box of this frame is which box of the last one.",
)


@QUESTION.inputs
def pairs_of_boxes(seed):
    """Boxes that share a part, lie one in the other, touch, or lie apart in one or in both directions.

    One pair lies in a large picture, beyond pixel 2000.
    """
    rng = np.random.default_rng(seed)
    x, y, w, h = (int(v) for v in rng.integers((10, 10, 30, 30), (60, 60, 60, 80)))
    one = (x, y, x + w, y + h)
    others = [
        (x + 7, y + 12, x + 7 + w, y + 12 + h + 5),  # to the right, lower, and larger
        (x - 9, y + 4, x + w // 2, y + h // 2),  # reaches over the left edge only
        (x + 4, y + 6, x + w // 2, y + h // 3),  # inside
        (x + w, y, x + w + 20, y + h),  # touches
        (x + w + 15, y + 3, x + w + 40, y + h),  # apart, beside it
        (x + w + 11, y + h + 17, x + w + 31, y + h + 60),  # apart in both directions
        (x + 5, y + h + 9, x + w, y + h + 40),  # apart, below it
    ]
    far = [tuple(edge + 2000 for edge in box) for box in (one, others[0])]
    return [(one, other) for other in others] + [(other, one) for other in others[4:]] + [(one, one), tuple(far)]


@QUESTION.observe
def call_with_boxes(overlap, cases):
    """Whoever writes `a.x`, as the lesson does, hears that these boxes are tuples."""
    try:
        return call_for_numbers(overlap, cases)
    except AttributeError as error:
        if "'tuple' object" in str(error):
            error.add_note("Here a box is a tuple (left, top, right, bottom), not the Box of the lesson: take a[0].")
        raise


# ---- Parts of the answers below ------------------------------------------------------------------


def sides_of_both(a, b):
    """Width and height of the part that both cover; negative where they lie apart."""
    return min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])


def shared_by(a, b):
    across, down = sides_of_both(a, b)
    return max(0, across) * max(0, down)


def area(box):
    return (box[2] - box[0]) * (box[3] - box[1])


def by_the_union(shared, a, b):
    return shared / (area(a) + area(b) - shared)


def with_negative_sides(a, b):
    across, down = sides_of_both(a, b)
    return by_the_union(across * down, a, b)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def early_return(a, b):
    if a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:
        return 0
    shared = (min(a[2], b[2]) - max(a[0], b[0])) * (min(a[3], b[3]) - max(a[1], b[1]))
    return shared / (area(a) + area(b) - shared)


@style
def in_numpy(a, b):
    a, b = np.array(a, float), np.array(b, float)
    sides = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    both = sides.prod()
    return both / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - both)


@style
def pixels(a, b):
    masks = np.zeros((2, max(a[3], b[3]), max(a[2], b[2])), bool)
    for mask, (left, top, right, bottom) in zip(masks, (a, b), strict=True):
        mask[top:bottom, left:right] = True
    return (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()


@style
def package(a, b):
    from emotionlab.faces import Box

    one, two = (Box(left, top, right - left, bottom - top) for left, top, right, bottom in (a, b))
    return one.overlap(two)


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "Boxes far to the right and far down got NaN: were they drawn into an array that is too small for them? Nothing is "
    "drawn then, and zero is divided by zero. A box may lie anywhere: compute with its edges."
)
def canvas_too_small(a, b):
    one, two = np.zeros((2, 1000, 1000), bool)
    one[a[1] : a[3], a[0] : a[2]] = True
    two[b[1] : b[3], b[0] : b[2]] = True
    return (one & two).sum() / (one | two).sum()


@mistake(
    "Two boxes that lie apart in both directions got an overlap: a negative width times a negative height is positive. "
    "Set each of the two to 0 first, where it is negative."
)
def apart_in_both(a, b):
    return with_negative_sides(a, b)


APART_ON_ONE_SIDE = (
    "Some boxes that lie apart got an overlap. The second box may lie to the right of the first, to the left, below or "
    "above: where the shared width or height is negative, the overlap is 0."
)


@mistake(APART_ON_ONE_SIDE)
def apart_on_one_side(a, b):
    return 0 if a[2] < b[0] or a[3] < b[1] else with_negative_sides(a, b)


@mistake(APART_ON_ONE_SIDE, id="apart_on_one_side")
def apart_on_the_other_side(a, b):
    return 0 if b[2] < a[0] or b[3] < a[1] else with_negative_sides(a, b)


@mistake(APART_ON_ONE_SIDE, id="apart_on_one_side")
def apart_across_only(a, b):
    return 0 if b[0] >= a[2] or b[2] <= a[0] else with_negative_sides(a, b)


@mistake(APART_ON_ONE_SIDE, id="apart_on_one_side")
def apart_down_only(a, b):
    return 0 if b[1] >= a[3] or b[3] <= a[1] else with_negative_sides(a, b)


@mistake(
    "Boxes that lie apart got an overlap: `abs` makes a width of a gap. Where the shared width or height is negative, "
    "it is 0: `max(0, ...)`."
)
def sign_dropped(a, b):
    across, down = sides_of_both(a, b)
    return by_the_union(abs(across) * abs(down), a, b)


@mistake(
    "You count the right and the bottom edge as pixels of the box (+ 1). Here a box from 0 to 10 is 10 pixels wide."
)
def edges_as_pixels(a, b):
    a, b = ((left, top, right + 1, bottom + 1) for left, top, right, bottom in (a, b))
    return by_the_union(shared_by(a, b), a, b)


@mistake(
    "The shared area was divided by the smallest box that holds both, corners and all. Divide by the area that the two "
    "cover: the sum of their areas, minus the part they share."
)
def enclosing_box(a, b):
    return shared_by(a, b) / ((max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1])))


@mistake(
    "The area that both cover was counted twice: the union is the sum of the areas *minus* the part they share.",
)
def shared_counted_twice(a, b):
    return shared_by(a, b) / (area(a) + area(b))


@mistake(
    "This is twice the shared area by the sum of the areas (Dice's coefficient). Expected the shared area by the area "
    "that the two cover together."
)
def dice(a, b):
    return 2 * shared_by(a, b) / (area(a) + area(b))


@mistake(
    "The shared area was divided by the smaller box. Then a small box inside a large one counts as equal. Divide by "
    "the area that the two cover together."
)
def share_of_the_smaller(a, b):
    return shared_by(a, b) / min(area(a), area(b))


@mistake("The shared area was divided by the first box. Divide by the area that the two cover together.")
def share_of_the_first(a, b):
    return shared_by(a, b) / area(a)


@mistake("The last two numbers were taken for width and height. Here they are the right and the bottom edge.")
def width_and_height(a, b):
    a, b = ((x, y, x + w, y + h) for x, y, w, h in (a, b))
    return by_the_union(shared_by(a, b), a, b)


@mistake("This is the shared area in pixels. Expected a share: divide by the area that the two cover together.")
def shared_pixels(a, b):
    return shared_by(a, b)
