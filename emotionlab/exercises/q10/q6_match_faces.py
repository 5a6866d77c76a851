"""Question 10.6: which face of a frame is which face of the frame before.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "10.6",
    hints=(
        "Two steps: a table of overlaps, one row for each old box and one column for each new box; then the pairing.",
        "`rows, columns = scipy.optimize.linear_sum_assignment(table, maximize=True)` gives the pairing with the "
        "greatest sum. Begin with `result = np.full(len(new), -1)`.",
        "For each pair (i, j) of rows and columns: `result[j] = i` if `table[i, j] >= least`. For the table, your "
        "`overlap` of question 10.1 works once x + width and y + height are computed.",
    ),
    passed="Right. This is the heart of `Tracker`; it only moves the old boxes on first, at the speed they had.",
    explained={
        "The crowds are such that a shift of a pixel changes no pairing.": (
            "blind: argument 1: float16",
            "blind: argument 2: float16",
            "blind: argument 2: … element changed",
            "blind: argument 3: float16",
        ),
        "These boxes lie within the picture.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: argument 2: without sign",
            "blind: argument 2: clipped at 0",
        ),
    },
)

LEAST = 0.2
CROWDS = (
    (
        [(44, 80, 59, 88), (26, 128, 64, 52), (99, 168, 73, 75), (67, 102, 69, 53)],
        [(124, 158, 76, 60), (98, 166, 53, 58), (63, 80, 63, 66), (101, 111, 59, 78)],
    ),
    (
        [(124, 94, 72, 75), (156, 119, 73, 71), (50, 168, 58, 80)],
        [(85, 81, 64, 52), (149, 149, 51, 70), (144, 107, 79, 68), (151, 148, 69, 64)],
    ),
    (
        [(144, 30, 53, 81), (91, 104, 85, 69), (23, 60, 52, 78), (57, 90, 63, 66)],
        [(135, 63, 52, 59), (70, 135, 77, 71), (121, 123, 79, 72), (76, 74, 84, 83)],
    ),
    # two good pairs of which one is too small outweigh a better one: what is too small must count in the sum
    (
        [(68, 154, 73, 62), (102, 73, 71, 85), (118, 155, 54, 55)],
        [(120, 31, 61, 86), (32, 59, 89, 72), (134, 93, 62, 82)],
    ),
    # an easy one: a pair near the corner, where width and height could be edges, and a pair far from it
    ([(10, 12, 80, 90), (200, 30, 60, 70)], [(198, 34, 62, 66), (14, 10, 78, 92)]),
)


@QUESTION.inputs
def crowds(seed):
    """(old, new, least): three crowds on which each greedy way gives another answer than the best pairing, one on
    which too small overlaps decide, pairs, and a crowd from which one face goes away.

    The crowds were found by a search; a shift of a pixel does not change which way gives which answer. In the last
    pair of all the overlap is `least` to the last bit.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for old, new in CROWDS:
        old, new = (np.array(boxes) + rng.uniform(-1, 1, (len(boxes), 4)) for boxes in (old, new))
        cases.append((old, new, LEAST))
    old, new = (boxes / 20 for boxes in cases[0][:2])  # small faces: parts of a pixel count
    half = np.array([[20.0, 30, 40, 80]]), np.array([[20.0, 30, 40, 40]])
    fewer = cases[1][1], cases[1][0], LEAST  # four old boxes, three new ones
    # 0.97: they overlap, and not enough
    return [*cases, fewer, (old, new, LEAST), (*cases[-1][:2], 0.97), (*half, 0.5)]


# ---- Parts of the answers below ------------------------------------------------------------------


def overlap(a, b):
    """Intersection over union of two boxes (left, top, right, bottom), as in question 10.1."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    one, two = ((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    shared = max(across, 0) * max(down, 0)
    return shared / (one + two - shared)


def edges(box):
    x, y, w, h = box
    return x, y, x + w, y + h


def overlaps(old, new):
    return np.array([[overlap(edges(a), edges(b)) for b in new] for a in old])


def distances(old, new):
    """(M, N): how far the middle of each old box is from that of each new one."""
    one, two = (boxes[:, :2] + boxes[:, 2:] / 2 for boxes in (old, new))
    return np.linalg.norm(one[:, np.newaxis] - two, axis=2)


def paired(table, least, maximize=True):
    """The pairing with the greatest sum, or the smallest one, without pairs below `least`."""
    from scipy.optimize import linear_sum_assignment

    result = np.full(table.shape[1], -1)
    for i, j in zip(*linear_sum_assignment(table, maximize), strict=True):
        if table[i, j] >= least:
            result[j] = i
    return result


# ---- Good styles ---------------------------------------------------------------------------------


@style
def negative_cost(old, new, least):
    from scipy.optimize import linear_sum_assignment

    table, result = overlaps(old, new), np.full(len(new), -1)
    for i, j in zip(*linear_sum_assignment(-table), strict=True):
        if table[i, j] >= least:
            result[j] = i
    return result


@style
def all_pairings(old, new, least):
    from itertools import permutations

    table, result = overlaps(old, new), np.full(len(new), -1)
    n = max(table.shape)
    full = np.zeros((n, n))
    full[: len(old), : len(new)] = table
    best = max(permutations(range(n)), key=lambda p: sum(full[i, p[i]] for i in range(n)))
    for i in range(len(old)):
        if full[i, best[i]] >= least:
            result[best[i]] = i
    return result


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "An old box was given to two new ones, so two people would share one number. Each old box goes to at most one new "
    "box."
)
def used_twice(old, new, least):
    table = overlaps(old, new)
    return np.where(table.max(axis=0) >= least, table.argmax(axis=0), -1)


@mistake(
    "Each new box in turn takes the best old box that is left. Whoever comes first may take what another needs. Look "
    "at all pairings together: `scipy.optimize.linear_sum_assignment`."
)
def first_come(old, new, least):
    table, result = overlaps(old, new), np.full(len(new), -1)
    for j in range(len(new)):
        i = table[:, j].argmax()
        if table[i, j] >= least:
            result[j] = i
            table[i] = 0
    return result


@mistake(
    "The pair with the largest overlap is taken first, then the next. That is greedy: one very good pair can leave two "
    "bad ones. Expected the pairing with the greatest *sum*."
)
def best_pair_first(old, new, least):
    table, result = overlaps(old, new), np.full(len(new), -1)
    while table.max() >= least:
        i, j = divmod(table.argmax(), len(new))
        result[j] = i
        table[i, :] = table[:, j] = 0
    return result


@mistake(
    "Pairs that overlap too little were kept. A face on the other side of the picture is a new one: -1 where the "
    "overlap is less than `least`."
)
def no_least_overlap(old, new, least):
    return paired(overlaps(old, new), 0)


@mistake("You say for each *old* box where it went. Expected for each new box where it came from.")
def for_the_old_boxes(old, new, least):
    return paired(overlaps(new, old), least)


@mistake(
    "You took the nearest old box. Two new boxes may be nearest to the same one, and it may be far away. Expected a "
    "pairing by overlap."
)
def nearest_middle(old, new, least):
    return distances(old, new).argmin(axis=0)


@mistake(
    "You paired the boxes by the distance of their middles. Expected the greatest sum of overlaps, and -1 where a pair "
    "overlaps by less than `least`."
)
def nearest_pairs(old, new, least):
    return paired(distances(old, new), 0, maximize=False)


@mistake(
    "The overlap was computed as in 10.1, from the edges. Here a box is (x, y, width, height): its right edge is "
    "x + width, its bottom edge y + height."
)
def sizes_as_edges(old, new, least):
    return paired(np.array([[overlap(a, b) for b in new] for a in old]), least)


@mistake(
    "This is the pairing with the *smallest* sum of overlaps: `linear_sum_assignment` minimises unless it is told "
    "`maximize=True`."
)
def least_sum(old, new, least):
    return paired(overlaps(old, new), least, maximize=False)


@mistake("Box 0 was taken for box 0, box 1 for box 1. A detector has no fixed order.")
def by_position(old, new, least):
    result = np.full(len(new), -1)
    result[: len(old)] = np.arange(len(old))[: len(new)]
    return result


@mistake("Box 0 was compared with box 0 alone, box 1 with box 1. A detector has no fixed order.")
def by_position_where_close(old, new, least):
    return np.array([i if shared >= least else -1 for i, shared in enumerate(np.diag(overlaps(old, new)))])


@mistake(
    "Overlaps below `least` were dropped before the pairing. The sum counts all of them; what is too small is no pair "
    "*after* that."
)
def threshold_before(old, new, least):
    from scipy.optimize import linear_sum_assignment

    table, result = overlaps(old, new), np.full(len(new), -1)
    kept = np.where(table >= least, table, 0)
    for i, j in zip(*linear_sum_assignment(1 - kept), strict=True):
        result[j] = i if kept[i, j] > 0 else -1
    return result


@mistake("A pair that overlaps by exactly `least` was dropped. Only one that overlaps by *less* is no pair.")
def more_than_least(old, new, least):
    return paired(overlaps(old, new), np.nextafter(least, 1))
