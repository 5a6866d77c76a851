"""Exercise 10, the webcam demo: overlap, crop, frames a second, mean over time, steady labels, who is who."""

import math
from dataclasses import replace

import numpy as np

from emotionlab.exercises.bank10 import BANK
from emotionlab.exercises.compare import Mistake, call_each, compare
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "The webcam demo"


def _call_for_numbers(answer, cases: list[tuple]) -> dict:
    """As `call_each`; a whole number such as 0 is as good as 0.0."""
    observed = call_each(answer, cases)
    for found in observed["returned"]:
        if found["kind"] == "number" and found["dtype"].startswith(("int", "uint")):
            found |= {"value": float(found["value"]), "dtype": "float", "type": "float"}
    return observed


# 10.1 -----------------------------------------------------------------------------------------


def _call_with_boxes(answer, cases: list[tuple]) -> dict:
    """As `_call_for_numbers`; whoever writes `a.x`, as the lesson does, hears that these boxes are tuples."""
    try:
        return _call_for_numbers(answer, cases)
    except AttributeError as error:
        if "'tuple' object" in str(error):
            error.add_note("Here a box is a tuple (left, top, right, bottom), not the Box of the lesson: take a[0].")
        raise


def _two_boxes(seed: int) -> list[tuple]:
    """Boxes that share a part, lie one in the other, touch, or lie apart in one or in both directions."""
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
    return [(one, other) for other in others] + [(other, one) for other in others[4:]] + [(one, one)]


def _parts(a, b) -> tuple[float, float, float, float, float]:
    """Shared width and height (negative where apart), the areas of both, the shared area."""
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return across, down, *areas, max(0, across) * max(0, down)


def _overlap(a, b) -> float:
    _, _, first, second, shared = _parts(a, b)
    return shared / (first + second - shared)


def _by(formula):
    """A mistaken overlap from the parts of two boxes."""
    return lambda a, b: float(formula(*_parts(a, b)))


def _apart(some):
    """A mistaken overlap that is 0 for boxes which lie apart in `some` way alone."""

    def mistaken(a, b) -> float:
        across, down, first, second, _ = _parts(a, b)
        return 0.0 if some(a, b) else across * down / (first + second - across * down)

    return mistaken


def _edges_as_pixels(a, b) -> float:
    return _overlap(*((left, top, right + 1, bottom + 1) for left, top, right, bottom in (a, b)))


def _by_the_enclosing_box(a, b) -> float:
    across, down = max(a[2], b[2]) - min(a[0], b[0]), max(a[3], b[3]) - min(a[1], b[1])
    return _parts(a, b)[-1] / (across * down)


def _as_width_and_height(a, b) -> float:
    return _overlap(*((x, y, x + w, y + h) for x, y, w, h in (a, b)))


Q1 = Question(
    id="10.1",
    title="How much do two boxes overlap?",
    points=1,
    answer="overlap",
    source='''
def overlap(a, b):
    """Intersection over union of two boxes, 0 to 1.

    a, b: (left, top, right, bottom) in pixels, with left < right and top < bottom.
    """
    ### BEGIN SOLUTION
    across = min(a[2], b[2]) - max(a[0], b[0])
    down = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, across) * max(0, down)
    areas = sum((right - left) * (bottom - top) for left, top, right, bottom in (a, b))
    return shared / (areas - shared)
    ### END SOLUTION
''',
    inputs=_two_boxes,
    observe=_call_with_boxes,
    judge=compare(
        _two_boxes,
        _overlap,
        (
            Mistake(
                "apart_in_both",
                "Two boxes that lie apart in both directions got an overlap: a negative width times a negative height "
                "is positive. Set each of the two to 0 first, where it is negative.",
                _by(lambda across, down, first, second, _: across * down / (first + second - across * down)),
            ),
            *(
                Mistake(
                    "apart_on_one_side",
                    "Some boxes that lie apart got an overlap. The second box may lie to the right of the first, to "
                    "the left, below or above: where the shared width or height is negative, the overlap is 0.",
                    _apart(some),
                )
                for some in (
                    lambda a, b: a[2] <= b[0] or a[3] <= b[1],
                    lambda a, b: b[2] <= a[0] or b[3] <= a[1],
                    lambda a, b: a[2] <= b[0] or b[2] <= a[0],
                    lambda a, b: a[3] <= b[1] or b[3] <= a[1],
                )
            ),
            Mistake(
                "sign_dropped",
                "Boxes that lie apart got an overlap: `abs` makes a width of a gap. Where the shared width or height "
                "is negative, it is 0: `max(0, ...)`.",
                _by(lambda across, down, first, second, _: abs(across * down) / (first + second - abs(across * down))),
            ),
            Mistake(
                "edges_as_pixels",
                "You count the right and the bottom edge as pixels of the box (+ 1). Here a box from 0 to 10 is 10 "
                "pixels wide.",
                _edges_as_pixels,
            ),
            Mistake(
                "enclosing_box",
                "The shared area was divided by the smallest box that holds both, corners and all. Divide by the area "
                "that the two cover: the sum of their areas, minus the part they share.",
                _by_the_enclosing_box,
            ),
            Mistake(
                "shared_counted_twice",
                "The area that both cover was counted twice: the union is the sum of the areas *minus* the "
                "part they share.",
                _by(lambda across, down, first, second, shared: shared / (first + second)),
            ),
            Mistake(
                "dice",
                "This is twice the shared area by the sum of the areas (Dice's coefficient). Expected the shared area "
                "by the area that the two cover together.",
                _by(lambda across, down, first, second, shared: 2 * shared / (first + second)),
            ),
            Mistake(
                "share_of_the_smaller",
                "The shared area was divided by the smaller box. Then a small box inside a large one counts as equal. "
                "Divide by the area that the two cover together.",
                _by(lambda across, down, first, second, shared: shared / min(first, second)),
            ),
            Mistake(
                "share_of_the_first",
                "The shared area was divided by the first box. Divide by the area that the two cover together.",
                _by(lambda across, down, first, second, shared: shared / first),
            ),
            Mistake(
                "width_and_height",
                "The last two numbers were taken for width and height. Here they are the right and the bottom edge.",
                _as_width_and_height,
            ),
            Mistake(
                "shared_pixels",
                "This is the shared area in pixels. Expected a share: divide by the area that the two cover together.",
                _by(lambda across, down, first, second, shared: shared),
            ),
        ),
    ),
    hints=(
        "Draw two boxes. Where does the shared part begin on the left, and where does it end on the right?",
        "It begins at the larger of the two left edges and ends at the smaller of the two right edges. Where the width "
        "comes out negative, the boxes do not touch.",
        "`shared = max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))`, then "
        "`shared / (area_a + area_b - shared)`.",
    ),
    passed="Right. With this number a program knows which box of this frame is which box of the last one.",
    bank=BANK["10.1"],
)


# 10.2 -----------------------------------------------------------------------------------------


def _box_in_a_picture(seed: int) -> list[tuple]:
    """(picture, box, margin): a box inside, and boxes whose square reaches over each edge; all sides come out whole."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (44, 60), dtype=np.uint8)
    boxes = [((20, 14, 12, 16), 0.25), ((1, 20, 16, 8), 0.5), ((46, 3, 12, 8), 0.5), ((30, 30, 8, 12), 0.5)]
    boxes.append(((2, 1, 16, 12), 0.25))
    shift = rng.integers(0, 2, (len(boxes), 2))
    return [
        (picture, (int(x + dx), int(y + dy), w, h), margin)
        for ((x, y, w, h), margin), (dx, dy) in zip(boxes, shift, strict=True)
    ]


def _square(box, margin, sides=2, longer=max) -> tuple[int, int, int]:
    """(left, top, side) of the square round a box."""
    x, y, w, h = box
    side = round(longer(w, h) * (1 + sides * margin))
    return x + (w - side) // 2, y + (h - side) // 2, side


def _cut(picture, left, top, wide, high, mode="edge"):
    """A part of a picture that may reach over its edges."""
    padded = np.pad(picture, 60, mode=mode)
    return padded[top + 60 : top + 60 + high, left + 60 : left + 60 + wide]


def _square_crop(picture, box, margin, mode="edge", **options):
    left, top, side = _square(box, margin, **options)
    return _cut(picture, left, top, side, side, mode)


def _clipped(picture, box, margin):
    left, top, side = _square(box, margin)
    return picture[max(0, top) : top + side, max(0, left) : left + side]


def _negative_slice(picture, box, margin):
    left, top, side = _square(box, margin)
    return picture[top : top + side, left : left + side]


def _pushed_inside(picture, box, margin):
    left, top, side = _square(box, margin)
    left, top = np.clip(left, 0, picture.shape[1] - side), np.clip(top, 0, picture.shape[0] - side)
    return picture[top : top + side, left : left + side]


def _pushed_from_the_left(picture, box, margin):
    """Only the left and the top edge were thought of."""
    left, top, side = _square(box, margin)
    left, top = max(0, left), max(0, top)
    return picture[top : top + side, left : left + side]


def _not_square(picture, box, margin):
    x, y, w, h = box
    across, down = round(w * margin), round(h * margin)
    return _cut(picture, x - across, y - down, w + 2 * across, h + 2 * down)


def _from_the_corner(picture, box, margin):
    side = _square(box, margin)[2]
    left, top = (round(start - margin * max(box[2:])) for start in box[:2])
    return _cut(picture, left, top, side, side)


def _axes_exchanged(picture, box, margin):
    left, top, side = _square(box, margin)
    return _cut(picture, top, left, side, side)


Q2 = Question(
    id="10.2",
    title="A square round a face",
    points=2,
    answer="square_crop",
    source='''
def square_crop(picture, box, margin):
    """The square round a face, (side, side) uint8.

    picture: (H, W) uint8. box: (x, y, width, height), whole numbers, inside the picture.
    The square has the middle of the box; its side is the longer side of the box plus a margin on *each* side.
    margin: in shares of that longer side. Side, left and top come out as whole numbers.
    Where the square reaches over the picture, the picture's last pixels are repeated.
    """
    ### BEGIN SOLUTION
    x, y, width, height = box
    side = round(max(width, height) * (1 + 2 * margin))
    left, top = x + (width - side) // 2, y + (height - side) // 2
    rows = np.clip(np.arange(top, top + side), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, picture.shape[1] - 1)
    return picture[rows][:, columns]
    ### END SOLUTION
''',
    inputs=_box_in_a_picture,
    observe=call_each,
    judge=compare(
        _box_in_a_picture,
        _square_crop,
        (
            Mistake(
                "clipped",
                "At the edge of the picture the part was cut off, so it is no longer square. Shrunk to 48 by 48, the "
                "face would be squeezed. Repeat the last pixels there: `np.pad(..., mode='edge')` or clipped indices.",
                _clipped,
            ),
            Mistake(
                "negative_slice",
                "A slice that begins at a negative number begins at the *other* end of the array in Python. Pad the "
                "picture first, or clip the indices.",
                _negative_slice,
            ),
            *(
                Mistake(
                    "pushed_inside",
                    "The square was pushed back into the picture, so the face is no longer in its middle. Keep its "
                    "place, and repeat the picture's last pixels where it reaches over the edge.",
                    compute,
                )
                for compute in (_pushed_inside, _pushed_from_the_left)
            ),
            Mistake(
                "black_edge",
                "Beyond the edge you put black pixels. That draws a line into the picture that no training picture "
                "has. Repeat the last pixels.",
                lambda *case: _square_crop(*case, mode="constant"),
            ),
            *(
                Mistake(
                    "mirrored_edge",
                    "Beyond the edge the picture is mirrored. Expected that its last pixels are repeated.",
                    lambda *case, mode=mode: _square_crop(*case, mode=mode),
                )
                for mode in ("symmetric", "reflect")
            ),
            Mistake(
                "wrapped_edge",
                "Beyond the edge the picture begins again at its other end. Negative indices do that in NumPy: clip "
                "them to 0.",
                lambda *case: _square_crop(*case, mode="wrap"),
            ),
            Mistake(
                "not_square",
                "The part has the shape of the box, and is no square. Take the *longer* side of the box for both.",
                _not_square,
            ),
            Mistake(
                "shorter_side",
                "The square has the shorter side of the box, so a part of the face is missing. Take the longer one.",
                lambda *case: _square_crop(*case, longer=min),
            ),
            Mistake(
                "margin_once",
                "The margin was added once. Expected it on each side: the side grows by twice the margin.",
                lambda *case: _square_crop(*case, sides=1),
            ),
            Mistake(
                "from_the_corner",
                "The square begins at the corner of the box, minus the margin. Where the box is no square, its middle "
                "is then off. Begin at the middle of the box, minus half of the side.",
                _from_the_corner,
            ),
            Mistake(
                "axes_exchanged",
                "Rows and columns are exchanged: x counts columns and y counts rows, so it is `picture[y, x]`.",
                _axes_exchanged,
            ),
        ),
        dtype="uint8",
    ),
    hints=(
        "First the square: what is its side, and where does it begin so that its middle is the middle of the box?",
        "`side = round(longer * (1 + 2 * margin))`, `left = x + (width - side) // 2`. For the edge, think of the list "
        "of column numbers from left to left + side: what must become of -3, and of a number beyond the last column?",
        "`columns = np.clip(np.arange(left, left + side), 0, picture.shape[1] - 1)`, the same for the rows, then "
        "`picture[rows][:, columns]`.",
    ),
    passed="Right. A face at the edge of the frame now looks to the network like any other.",
    bank=BANK["10.2"],
)


# 10.3 -----------------------------------------------------------------------------------------


def _pipelines(seed: int) -> list[tuple]:
    """(camera, way, work, in_flight): the camera, the kernel, or the number of frames under way decides."""
    rng = np.random.default_rng(seed)
    way, work = (float(v) for v in rng.uniform((20, 50), (30, 70)))
    return [
        (15.0, way / 10, work / 10, 2),  # the camera is slowest
        (60.0, way / 10, work, 2),  # the kernel is
        (60.0, 2 * way, work / 10, 1),  # one frame at a time
        (60.0, 3 * way, work / 2, 2),  # two at a time, and a long way
        (30.0, way, work, 3),
        (25.0, 4 * way, work, 5),
    ]


def _frame_rate(camera, way, work, in_flight) -> float:
    return min(camera, 1000 / work, in_flight * 1000 / (2 * way + work))


_TOO_MANY = "Some rates are higher than that of the camera. No frame can be answered that was never taken."

_compare_rates = compare(
    _pipelines,
    _frame_rate,
    (
        Mistake(
            "one_at_a_time",
            "This is the rate with a single frame under way. Here `in_flight` of them may be: each gives an answer "
            "in the same time.",
            lambda camera, way, work, in_flight: min(camera, 1000 / (2 * way + work)),
        ),
        Mistake(
            "flight_forgotten",
            "The number of frames in flight was forgotten. Where the way is long, too few frames are under way to "
            "keep the kernel busy.",
            lambda camera, way, work, in_flight: min(camera, 1000 / work),
        ),
        Mistake(
            "two_are_enough",
            "Two in flight do not always keep the kernel busy. Each frame comes back after 2 * way + work "
            "milliseconds, so `in_flight` of them give at most in_flight * 1000 / (2 * way + work) answers.",
            lambda camera, way, work, in_flight: min(camera, 1000 / (2 * way + work if in_flight == 1 else work)),
        ),
        Mistake(
            "largest_limit",
            "You took the largest of the three limits. The tightest one decides: the smallest.",
            lambda camera, way, work, in_flight: max(camera, 1000 / work, in_flight * 1000 / (2 * way + work)),
        ),
        Mistake(
            "kernel_forgotten",
            "The kernel was forgotten. It works on one frame at a time, so it gives at most 1000 / work answers a "
            "second, however many frames wait.",
            lambda camera, way, work, in_flight: min(camera, in_flight * 1000 / (2 * way + work)),
        ),
        Mistake(
            "camera_forgotten",
            _TOO_MANY,
            lambda camera, way, work, in_flight: min(1000 / work, in_flight * 1000 / (2 * way + work)),
        ),
        Mistake(
            "way_counted_once",
            "The way was counted once. A frame is under way until its answer is back: there and back again.",
            lambda camera, way, work, in_flight: min(camera, 1000 / work, in_flight * 1000 / (way + work)),
        ),
        Mistake(
            "milliseconds_for_seconds",
            "The times are in milliseconds, and the rate in frames a second: 1000 divided by the time.",
            lambda camera, way, work, in_flight: min(camera, 1 / work, in_flight / (2 * way + work)),
        ),
        Mistake(
            "latency_for_rate",
            "This is the time of a frame. Expected how many frames are answered in a second.",
            lambda camera, way, work, in_flight: 2 * way + work,
        ),
    ),
)


def _judge_rate(observed: dict) -> Wrong | None:
    """As `_compare_rates`; more answers than frames are named also where something else is wrong."""
    wrong = _compare_rates(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    pairs = zip(observed["returned"], _pipelines(observed["seed"]), strict=True)
    too_many = any(found["value"] > camera * 1.0001 for found, (camera, *_) in pairs)
    return replace(wrong, next_step=_TOO_MANY) if too_many else wrong


Q3 = Question(
    id="10.3",
    title="How many answers a second?",
    points=2,
    answer="frame_rate",
    source='''
def frame_rate(camera, way, work, in_flight):
    """Answers a second that a live demo gives at most.

    camera: frames a second that the camera delivers. way: milliseconds that a frame travels from the page to
    the kernel; the answer takes as long on its way back. work: milliseconds that the kernel works on a frame;
    it works on one at a time. in_flight: how many frames may be under way or in work at once.
    """
    ### BEGIN SOLUTION
    by_kernel = 1000 / work
    by_flight = in_flight * 1000 / (way + work + way)
    return min(camera, by_kernel, by_flight)
    ### END SOLUTION
''',
    inputs=_pipelines,
    observe=_call_for_numbers,
    judge=_judge_rate,
    hints=(
        "Three things limit the rate, and the tightest one decides. Which three?",
        "The camera delivers so many. The kernel finishes 1000 / work in a second. And each frame in flight comes back "
        "after way + work + way milliseconds: how many answers a second is that, with `in_flight` of them?",
        "`min(camera, 1000 / work, in_flight * 1000 / (2 * way + work))`",
    ),
    passed="Right. The last of the three is Little's law: frames under way = rate times the time each takes.",
    bank=BANK["10.3"],
)


# 10.4 -----------------------------------------------------------------------------------------


def _watched_face(seed: int) -> list[tuple]:
    """(times, values, found, tau, keep): uneven times, frames without a face, short and long gaps."""
    rng = np.random.default_rng(seed)
    cases = []
    for n, tau, keep in ((26, 0.5, 0.6), (22, 0.2, 0.35)):
        times = np.cumsum(rng.uniform(0.04, 0.16, n))
        found = np.ones(n, bool)
        found[[5, 6, 10, 14, 15, 18]] = False
        times[7:] += times[4] + 0.7 * keep - times[7]  # short gaps: the same face afterwards
        times[11:] += times[9] + 0.8 * keep - times[11]
        times[16:] += times[13] + 1.5 * keep - times[16]  # a long one: a new beginning
        times[19:] += times[17] + 1.4 * keep - times[19]  # as well, but the missed frame came before `keep` was over
        times[5:7] = times[4] + np.array([0.2, 0.5]) * keep
        times[10] = times[9] + 0.4 * keep
        times[14:16] = times[13] + np.array([0.6, 1.3]) * keep
        times[18] = times[17] + 0.3 * keep
        values = np.where(found[:, None], rng.dirichlet(np.ones(7), n), 0.0)
        cases.append((times, values, found, tau, keep))
    return cases


def _means(times, values, found, tau, keep, weight=None, since="seen", start=None, anew=None):
    """The right means; the options let a mistaken answer be computed the same way.

    weight(step, tau): of a new value. since: "seen" or "frame". start: the mean before the first frame.
    anew(i, passed): whether the mean begins again in frame i.
    """
    anew = anew or (lambda i, passed: passed > keep)
    weight = weight or (lambda step, tau: 1 - math.exp(-step / tau))
    means, mean, seen = np.full(values.shape, np.nan), start, None
    for i, value in enumerate(values):
        if not found[i]:
            continue
        seen = times[i] if seen is None else seen
        if mean is None or anew(i, times[i] - seen):
            mean = value
        else:
            step = times[i] - (seen if since == "seen" or i == 0 else times[i - 1])
            mean = mean + weight(step, tau) * (value - mean)
        means[i], seen = mean, times[i]
    return means


def _until_the_last_missed(times, values, found, tau, keep):
    """The time out of sight ends with the last frame without a face."""
    return _means(
        times, values, found, tau, keep, anew=lambda i, passed: i > 0 and passed - (times[i] - times[i - 1]) > keep
    )


def _from_the_first_missed(times, values, found, tau, keep):
    """The time out of sight begins with the first frame without a face."""
    seen = np.flatnonzero(found)

    def anew(i, passed):
        last = seen[seen < i].max(initial=0)
        return i - last > 1 and times[i] - times[last + 1] > keep

    return _means(times, values, found, tau, keep, anew=anew)


def _per_frame(times, values, found, tau, keep):
    """A fixed weight: that of the mean step between two frames."""
    usual = float(np.diff(times).mean())
    return _means(times, values, found, tau, keep, lambda step, tau: 1 - math.exp(-usual / tau))


def _filled(times, values, found, tau, keep):
    means = _means(times, values, found, tau, keep)
    for i in range(1, len(means)):
        if not found[i]:
            means[i] = means[i - 1]
    return means


def _empty_rows_too(times, values, found, tau, keep):
    """The empty rows take part in the mean."""
    means = [values[0]]
    for step, value in zip(np.diff(times), values[1:], strict=True):
        means.append(means[-1] + (1 - math.exp(-step / tau)) * (value - means[-1]))
    return np.array(means)


def _linear(times, values, found, tau, keep):
    return _means(times, values, found, tau, keep, lambda step, tau: min(1.0, step / tau))


_compare_means = compare(
    _watched_face,
    _means,
    (
        Mistake(
            "empty_rows_too",
            "The empty rows of frames without a face took part in the mean and pulled it towards zero. Leave such "
            "frames out.",
            _empty_rows_too,
        ),
        Mistake(
            "same_weight",
            "Each frame got the same weight. Let it follow from the time that has passed: steps are uneven here.",
            _per_frame,
        ),
        Mistake(
            "weights_exchanged",
            "The weights of the old mean and of the new value are exchanged: after a long step the *new* value "
            "must count more.",
            lambda *case: _means(*case, weight=lambda step, tau: math.exp(-step / tau)),
        ),
        Mistake(
            "straight_line",
            "The weight is passed / tau. For short steps that is nearly right, for long ones too much. Expected "
            "1 - exp(-passed / tau).",
            _linear,
        ),
        Mistake(
            "half_life",
            "The weight is 1 - 2 ** (-passed / tau), which takes tau for a half-life. Expected 1 - exp(-passed / tau).",
            lambda *case: _means(*case, weight=lambda step, tau: 1 - 2 ** (-step / tau)),
        ),
        *(
            Mistake(
                "since_the_last_frame",
                "After a gap you counted the time since the last *frame*. Expected the time since the face was "
                "last seen, which is longer.",
                lambda *case, anew=anew: _means(*case, since="frame", anew=anew),
            )
            for anew in (None, lambda i, passed: False)
        ),
        Mistake(
            "never_anew",
            "After the long gap the old mean goes on. It may be another person by then: start anew where more than "
            "`keep` seconds have passed.",
            lambda *case: _means(*case, anew=lambda i, passed: False),
        ),
        Mistake(
            "times_tau",
            "The weight is 1 - exp(-passed * tau), so a longer time constant makes the mean quicker. Expected passed / "
            "tau.",
            lambda *case: _means(*case, weight=lambda step, tau: 1 - math.exp(-step * tau)),
        ),
        Mistake(
            "always_anew",
            "After each gap the mean starts anew. A face that was missed in a frame or two is still the same: "
            "start anew only after more than `keep` seconds.",
            lambda *case: _means(*case, anew=lambda i, passed: i > 0 and not case[2][i - 1]),
        ),
        Mistake(
            "gap_filled",
            "Frames without a face repeat the last mean. Expected NaN there: nobody is in sight.",
            _filled,
        ),
        Mistake(
            "starts_at_zero",
            "The mean starts at zero, so that the first frames look unsure of everything. Start with the first value.",
            lambda *case: _means(*case, start=np.zeros(7)),
        ),
        Mistake(
            "until_the_last_missed",
            "The time out of sight goes on until the face is seen again. You compared the time up to the last frame "
            "without a face with `keep`.",
            _until_the_last_missed,
        ),
        Mistake(
            "from_the_first_missed",
            "The time out of sight begins when the face was last seen. You compared the time from the first frame "
            "without a face with `keep`.",
            _from_the_first_missed,
        ),
        Mistake(
            "zeros_for_nobody",
            "Frames without a face hold zeros. Expected NaN there: 0 would be a probability.",
            lambda *case: np.nan_to_num(_means(*case)),
        ),
        Mistake(
            "gaps_left_out",
            "Frames without a face were left out, so the rows no longer belong to the times. Expected one row for "
            "each frame, of NaN where no face was found.",
            lambda times, values, found, *rest: _means(times, values, found, *rest)[found],
        ),
    ),
)


def _judge_means(observed: dict) -> Wrong | None:
    wrong = _compare_means(observed)
    if wrong is None or wrong.misconception != "not_finite":
        return wrong
    return replace(
        wrong,
        next_step="NaN and a number make NaN again. Keep the mean in a variable of its own and go on from that: the "
        "row before may be one without a face.",
    )


Q4 = Question(
    id="10.4",
    title="A mean over time, with gaps",
    points=3,
    answer="mean_over_time",
    source='''
def mean_over_time(times, values, found, tau, keep):
    """(T, 7) exponential means of one face's probabilities; rows of NaN in frames without a face.

    times: (T,) seconds, growing, in uneven steps. values: (T, 7) probabilities. found: (T,) bool, False where
    the detector found no face: there the row of values is empty (zeros). The first frame has a face.
    tau: time constant in seconds.
    The weight of a new value is 1 - exp(-passed / tau); passed: seconds since the face was last *seen*.
    keep: after more than so many seconds out of sight, the mean starts anew with the value of that frame.
    """
    ### BEGIN SOLUTION
    means = np.full(values.shape, np.nan)
    mean, seen = values[0], times[0]
    for i in np.flatnonzero(found):
        passed = times[i] - seen
        weight = 1 - np.exp(-passed / tau) if passed <= keep else 1
        mean = mean + weight * (values[i] - mean)
        means[i], seen = mean, times[i]
    return means
    ### END SOLUTION
''',
    inputs=_watched_face,
    observe=call_each,
    judge=_judge_means,
    hints=(
        "Walk through the frames and remember two things: the mean, and when the face was last seen.",
        "Where no face was found, go on to the next frame and change neither. Else compare `now - seen` with `keep`.",
        "`passed = now - seen`; the mean becomes `value` if `passed > keep`, else "
        "`mean + (1 - np.exp(-passed / tau)) * (value - mean)`. Then `means[i], seen = mean, now`.",
    ),
    passed="Right. The same smoothness on a fast and on a slow machine, and a missed frame does no harm.",
    bank=BANK["10.4"],
)


# 10.5 -----------------------------------------------------------------------------------------


def _shaky_faces(seed: int) -> list[tuple]:
    """(probabilities, threshold, lead): two emotions close together, rises and falls round the threshold."""
    rng = np.random.default_rng(seed)
    cases = []
    for threshold, lead in ((0.5, 0.1), (0.4, 0.06)):
        t = threshold
        # (probability of the one, of the other), the rest spread: each step tells some mistake from the right way
        steps = [(t - 0.06, 0.1), (t + 0.03, 0.15), (t - lead / 2, t - lead), (t - 0.02, t - 0.04 + lead)]
        steps += [(t - lead / 2, t - lead / 2 + 0.01), (t - 0.03, t + lead), (t - lead / 3, t - 0.01)]
        steps += [(t - lead, t - lead - 0.05), (t - lead - 0.03, t - 2 * lead), (t - 0.01, 0.1), (t + 0.05, 0.2)]
        steps += [(t - 0.9 * lead, 0.1), (t - 1.2 * lead, 0.1), (0.2, t - 0.02), (0.15, t + 0.02)]
        if threshold < 0.5:  # both above it
            steps += [(t + 0.05, 0.2), (t + 0.02, t + 0.02 + lead / 2), (0.2, t + 0.05)]
        one, *rest = rng.permutation(6)
        other = 6  # the last label: where -1 is taken for a place, it is compared with itself
        rows = []
        for _ in range(3):
            shares = np.array(steps) + rng.uniform(-0.004, 0.004, (len(steps), 2))
            block = np.empty((len(steps), 7))
            block[:, one], block[:, other] = shares.T
            left = 1 - shares.sum(axis=1)
            block[:, rest] = left[:, None] * rng.dirichlet(np.full(5, 8.0), len(steps))
            rows.append(block)
            one, other = other, one
        walk = rng.dirichlet(np.ones(7), 60)
        for i in range(1, 60):
            walk[i] = 0.75 * walk[i - 1] + 0.25 * walk[i]
        walk = walk**3 / (walk**3).sum(axis=1, keepdims=True)
        cases.append((np.concatenate([*rows, walk]), threshold, lead))
    return cases


def _steady(p, threshold, lead, entry=None, leave=None, ahead=None):
    """The right labels; the options are conditions that a mistaken answer changes.

    entry(row): the label after -1. ahead(row, shown, best, before): whether another is clearly ahead.
    leave: the probability that the label shown may have at least.
    """
    leave = threshold - lead if leave is None else leave
    ahead = ahead or (lambda row, shown, best, before: row[best] - row[shown] >= lead)
    shown, labels, before = -1, [], None
    for row in p:
        best = int(row.argmax())
        if shown == -1 or ahead(row, shown, best, before):
            shown = best if row[best] >= threshold else -1
        elif row[shown] < leave:
            shown = -1
        labels.append(shown)
        before = row
    return np.array(labels)


def _shown_as_index(p, threshold, lead):
    """-1 is not asked for, and taken for the place of the last probability."""
    shown, labels = -1, []
    for row in p:
        best = int(row.argmax())
        if row[best] - row[shown] >= lead:
            shown = best if row[best] >= threshold else -1
        elif row[shown] < threshold - lead:
            shown = -1
        labels.append(shown)
    return np.array(labels)


def _weak_challenger(p, threshold, lead, then, enter=True):
    """Where best is clearly ahead of a label but does not reach the threshold, `then(best, shown)` is shown.

    enter: False for no threshold after -1.
    """
    shown, labels = -1, []
    for row in p:
        best = int(row.argmax())
        if shown == -1:
            shown = best if row[best] >= threshold or not enter else -1
        elif row[best] - row[shown] >= lead:
            shown = best if row[best] >= threshold else then(best, shown)
        elif row[shown] < threshold - lead:
            shown = -1
        labels.append(shown)
    return np.array(labels)


def _without_memory(p, threshold, lead):
    return np.where(p.max(axis=1) >= threshold, p.argmax(axis=1), -1)


def _ahead_of_runner_up(p, threshold, lead):
    return _steady(p, threshold, lead, ahead=lambda row, shown, best, _: np.ptp(np.sort(row)[-2:]) >= lead)


def _ahead_of_before(p, threshold, lead):
    """The new one is compared with what the one shown had in the frame before."""
    return _steady(p, threshold, lead, ahead=lambda row, shown, best, before: row[best] - before[shown] >= lead)


Q5 = Question(
    id="10.5",
    title="Labels that do not flicker",
    points=3,
    answer="steady_labels",
    source='''
def steady_labels(probabilities, threshold, lead):
    """(T,) whole numbers: the label to show in each frame, 0 to 6, or -1 for "not sure".

    probabilities: (T, 7) of one face, one row a frame. best: the most probable label of a frame.
    Before the first frame, -1 is shown. In each frame:
    - where -1 is shown, or best is ahead of the label shown by at least `lead`: show best if it reaches
      `threshold`, else -1;
    - otherwise go on with the label shown, unless it has less than `threshold - lead`: then show -1.
    """
    ### BEGIN SOLUTION
    shown, labels = -1, []
    for row in probabilities:
        best = row.argmax()
        if shown == -1 or row[best] - row[shown] >= lead:
            shown = best if row[best] >= threshold else -1
        elif row[shown] < threshold - lead:
            shown = -1
        labels.append(shown)
    return np.array(labels)
    ### END SOLUTION
''',
    inputs=_shaky_faces,
    observe=call_each,
    judge=compare(
        _shaky_faces,
        _steady,
        (
            Mistake(
                "without_memory",
                "Each frame is labelled by itself, so the label flickers. What is shown must stay until something else "
                "is clearly ahead: remember it from frame to frame.",
                _without_memory,
            ),
            Mistake(
                "no_threshold",
                "The threshold is missing: some faces get a word although no emotion reaches it. Expected -1 there.",
                lambda p, threshold, lead: _steady(p, 0.0, lead),
            ),
            Mistake(
                "shown_as_index",
                "While -1 is shown, `p[shown]` is `p[-1]`, the last of the seven probabilities. Ask first whether -1 "
                "is shown: then `best` need not be ahead of anything.",
                _shown_as_index,
            ),
            Mistake(
                "weak_challenger_shown",
                "A label takes over that does not reach the threshold. Where `best` is clearly ahead but too weak, "
                "expected -1.",
                lambda p, threshold, lead: _weak_challenger(p, threshold, lead, lambda best, shown: best),
            ),
            Mistake(
                "weak_after_not_sure",
                'After "not sure" the best label is shown although it does not reach the threshold. Expected -1 there.',
                lambda p, threshold, lead: _weak_challenger(p, threshold, lead, lambda best, shown: -1, enter=False),
            ),
            Mistake(
                "weak_challenger_ignored",
                "The old label stays where another is clearly ahead of it but does not reach the threshold. Expected "
                "-1 there.",
                lambda p, threshold, lead: _weak_challenger(p, threshold, lead, lambda best, shown: shown),
            ),
            Mistake(
                "no_lead",
                "Another label takes over as soon as it is ahead at all. It must be ahead by at least `lead`.",
                lambda p, threshold, lead: _steady(
                    p, threshold, lead, ahead=lambda row, shown, best, _: row[best] > row[shown]
                ),
            ),
            Mistake(
                "ahead_of_the_runner_up",
                "You compare the best label with the second best. Compare it with the label that is *shown*, which may "
                "be any.",
                _ahead_of_runner_up,
            ),
            Mistake(
                "compared_with_the_frame_before",
                "You compare with what the label shown had in the frame before. Take both probabilities from "
                "this frame.",
                _ahead_of_before,
            ),
            Mistake(
                "leaves_at_the_threshold",
                "The label shown ends as soon as it falls below the threshold, so it flickers between the word and "
                '"not sure". It may fall to `threshold - lead`.',
                lambda p, threshold, lead: _steady(p, threshold, lead, leave=threshold),
            ),
            Mistake(
                "never_unsure_again",
                "A label, once shown, ends only when another takes over. Where it falls below `threshold - lead`, "
                "show -1.",
                lambda p, threshold, lead: _steady(p, threshold, lead, leave=0.0),
            ),
        ),
    ),
    hints=(
        "Walk through the frames with one variable, `shown`. Which two things can happen to it?",
        "First ask: is -1 shown, or is best ahead of `shown` by at least lead? If so, show best, or -1 where it is too "
        "weak. If not, ask whether what is shown has become too weak.",
        "`if shown == -1 or row[best] - row[shown] >= lead: shown = best if row[best] >= threshold else -1`, "
        "`elif row[shown] < threshold - lead: shown = -1`.",
    ),
    passed="Right. This is hysteresis, the rule by which a thermostat does not click all day.",
    bank=BANK["10.5"],
)


# 10.6 -----------------------------------------------------------------------------------------

_LEAST = 0.2
_CROWDS = (
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
    # an easy one: a pair near the corner, where width and height could be edges, and a pair far from it
    ([(10, 12, 80, 90), (200, 30, 60, 70)], [(198, 34, 62, 66), (14, 10, 78, 92)]),
)


def _all_overlaps(old, new):
    """(M, N) overlaps of boxes (x, y, width, height)."""

    def corners(boxes):
        return [(x, y, x + w, y + h) for x, y, w, h in boxes]

    return np.array([[_overlap(a, b) for b in corners(new)] for a in corners(old)])


def _crowds(seed: int) -> list[tuple]:
    """(old, new, least): three crowds on which each greedy way gives another answer than the best pairing, and a pair.

    The crowds were found by a search; a shift of a pixel does not change which way gives which answer, nor does it
    matter whether too small overlaps are dropped before the pairing or after it.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for old, new in _CROWDS:
        old, new = (np.array(boxes) + rng.uniform(-1, 1, (len(boxes), 4)) for boxes in (old, new))
        cases.append((old, new, _LEAST))
    return cases


def _match(old, new, least):
    return _paired_by(_all_overlaps(old, new), least)


def _each_for_itself(old, new, least):
    shared = _all_overlaps(old, new)
    return np.where(shared.max(axis=0) >= least, shared.argmax(axis=0), -1)


def _one_after_the_other(old, new, least):
    shared, result = _all_overlaps(old, new), []
    for j in range(len(new)):
        i = int(shared[:, j].argmax())
        good = shared[i, j] >= least
        result.append(i if good else -1)
        if good:
            shared[i] = 0
    return np.array(result)


def _best_first(old, new, least):
    shared, result = _all_overlaps(old, new), np.full(len(new), -1)
    while shared.max() >= least:
        i, j = np.unravel_index(shared.argmax(), shared.shape)
        result[j] = i
        shared[i], shared[:, j] = 0, 0
    return result


def _nearest(old, new, least):
    middle_old, middle_new = old[:, :2] + old[:, 2:] / 2, new[:, :2] + new[:, 2:] / 2
    return np.linalg.norm(middle_old[:, None] - middle_new, axis=2).argmin(axis=0)


def _nearest_pairs(old, new, least):
    """The pairing with the smallest sum of distances."""
    from scipy.optimize import linear_sum_assignment

    middle_old, middle_new = old[:, :2] + old[:, 2:] / 2, new[:, :2] + new[:, 2:] / 2
    result = np.full(len(new), -1)
    rows, columns = linear_sum_assignment(np.linalg.norm(middle_old[:, None] - middle_new, axis=2))
    result[columns] = rows
    return result


def _paired_by(shared, least):
    """The best pairing of a table of overlaps."""
    from scipy.optimize import linear_sum_assignment

    result = np.full(shared.shape[1], -1)
    for i, j in zip(*linear_sum_assignment(shared, maximize=True), strict=True):
        if shared[i, j] >= least:
            result[j] = i
    return result


def _sizes_as_edges(old, new, least):
    return _paired_by(np.array([[_overlap(a, b) for b in new] for a in old]), least)


def _for_the_old(old, new, least):
    return _match(new, old, least)


Q6 = Question(
    id="10.6",
    title="Which face is which?",
    points=3,
    answer="match_faces",
    source='''
def match_faces(old, new, least):
    """(N,) whole numbers: for each new box the position of the old box that it continues, or -1 for a new face.

    old: (M, 4), new: (N, 4) boxes (x, y, width, height) of two frames, in no special order.
    Each old box goes to at most one new box. Of all pairings, take the one with the greatest sum of overlaps
    (intersection over union); then a pair that overlaps by less than `least` is no pair.
    """
    ### BEGIN SOLUTION
    from scipy.optimize import linear_sum_assignment

    first, last = old[:, np.newaxis, :2], old[:, np.newaxis, :2] + old[:, np.newaxis, 2:]
    sides = np.minimum(last, new[:, :2] + new[:, 2:]) - np.maximum(first, new[:, :2])
    shared = np.maximum(sides, 0).prod(axis=2)
    areas = old[:, 2:].prod(axis=1)[:, np.newaxis] + new[:, 2:].prod(axis=1)
    overlaps = shared / (areas - shared)
    result = np.full(len(new), -1)
    for i, j in zip(*linear_sum_assignment(overlaps, maximize=True)):
        if overlaps[i, j] >= least:
            result[j] = i
    return result
    ### END SOLUTION
''',
    inputs=_crowds,
    observe=call_each,
    judge=compare(
        _crowds,
        _match,
        (
            Mistake(
                "used_twice",
                "An old box was given to two new ones, so two people would share one number. Each old box goes to at "
                "most one new box.",
                _each_for_itself,
            ),
            Mistake(
                "first_come",
                "Each new box in turn takes the best old box that is left. Whoever comes first may take what another "
                "needs. Look at all pairings together: `scipy.optimize.linear_sum_assignment`.",
                _one_after_the_other,
            ),
            Mistake(
                "best_pair_first",
                "The pair with the largest overlap is taken first, then the next. That is greedy: one very good pair "
                "can leave two bad ones. Expected the pairing with the greatest *sum*.",
                _best_first,
            ),
            Mistake(
                "no_least_overlap",
                "Pairs that overlap too little were kept. A face on the other side of the picture is a new one: -1 "
                "where the overlap is less than `least`.",
                lambda old, new, least: _match(old, new, -1.0),
            ),
            Mistake(
                "for_the_old_boxes",
                "You say for each *old* box where it went. Expected for each new box where it came from.",
                _for_the_old,
            ),
            Mistake(
                "nearest_middle",
                "You took the nearest old box. Two new boxes may be nearest to the same one, and it may be far "
                "away. Expected a pairing by overlap.",
                _nearest,
            ),
            Mistake(
                "nearest_pairs",
                "You paired the boxes by the distance of their middles. Expected the greatest sum of overlaps, and -1 "
                "where a pair overlaps by less than `least`.",
                _nearest_pairs,
            ),
            Mistake(
                "sizes_as_edges",
                "The overlap was computed as in 10.1, from the edges. Here a box is (x, y, width, height): its right "
                "edge is x + width, its bottom edge y + height.",
                _sizes_as_edges,
            ),
            Mistake(
                "least_sum",
                "This is the pairing with the *smallest* sum of overlaps: `linear_sum_assignment` minimises unless it "
                "is told `maximize=True`.",
                lambda old, new, least: _smallest_sum(old, new, least),
            ),
            Mistake(
                "by_position",
                "Box 0 was taken for box 0, box 1 for box 1. A detector has no fixed order.",
                lambda old, new, least: np.where(np.arange(len(new)) < len(old), np.arange(len(new)), -1),
            ),
            Mistake(
                "by_position_where_close",
                "Box 0 was compared with box 0 alone, box 1 with box 1. A detector has no fixed order.",
                lambda old, new, least: np.array(
                    [i if shared >= least else -1 for i, shared in enumerate(np.diag(_all_overlaps(old, new)))]
                ),
            ),
        ),
    ),
    hints=(
        "Two steps: a table of overlaps, one row for each old box and one column for each new box; then the pairing.",
        "`rows, columns = scipy.optimize.linear_sum_assignment(table, maximize=True)` gives the pairing with the "
        "greatest sum. Begin with `result = np.full(len(new), -1)`.",
        "For each pair (i, j) of rows and columns: `result[j] = i` if `table[i, j] >= least`. For the table, your "
        "`overlap` of question 10.1 works once x + width and y + height are computed.",
    ),
    passed="Right. This is the heart of `Tracker`; it only moves the old boxes on first, at the speed they had.",
    bank=BANK["10.6"],
)


def _smallest_sum(old, new, least):
    from scipy.optimize import linear_sum_assignment

    shared, result = _all_overlaps(old, new), np.full(len(new), -1)
    for i, j in zip(*linear_sum_assignment(shared), strict=True):
        if shared[i, j] >= least:
            result[j] = i
    return result


# 10.7 -----------------------------------------------------------------------------------------

_TASK_7 = """
Let two people try your demo, one after the other, and report: what you asked of them beforehand and how they agreed,
the task you gave them, what you saw them do, what they said in their own words, what went wrong and which link of the
chain was to blame, and what you change because of it. Nobody has to show their face: a drawn picture will do.
A usability test with two people finds most of the rough faults of a program, and takes an hour. Let two people try your
demo, one after the other. Ask first. Tell them what it does, that it is often wrong, what it keeps (nothing), and that
they may stop at any time. They need not show their face: a drawn picture will do. Nobody under age without their
parents. Give a task and keep quiet, for instance: start it, make it say two different words, and tell me what you think
it does. Note what they do and what they say, in their own words. Then write: how they agreed, the task, what you saw,
what they said, what went wrong and which link of the chain was to blame, and what you change because of it. Keep the
two people anonymous.
"""

Q7 = written_question(
    id="10.7",
    title="Two people try it",
    points=4,
    answer="answer_10_7",
    source="""
### BEGIN SOLUTION
answer_10_7 = \"\"\"
I asked my sister and a neighbour. Before, I told both: a program names expressions, often wrongly, nothing is stored,
you may stop at any time or use the drawn picture, and I will write down what you say without your name. Both said yes;
the neighbour preferred the drawn picture first and switched to the camera later.
Task: start the demo without my help, make it say happy, then surprise, and tell me what you think it does. I kept quiet
and took notes.
A pressed Start and waited: she had not seen the browser's question at the top left. Then: "Not sure? I am sure!"
She thought that the words "not sure" described her. With her head on her hand the box went away, which is the
detector, not the network. B took off his glasses because "it says I am angry with them on". He asked twice where the
pictures go.
What I change: "not sure" becomes "the network is not sure"; a line beside the button says where the browser asks; the
promise that nothing is stored stands above the picture instead of below it. Then a third person tries it.
Two people find the rough faults. They say nothing about how often it is right, or for whom.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Before they begin: what must they know so that their yes is a real one? Write the sentence down first.",
        "Give a task and keep quiet. Note what they do and their own words. Where it fails, ask which link it was: "
        "camera, detector, crop, network, smoothing, or the words on the page.",
        "One or two sentences each: what they were told and their answer, the task, what A did and said, what B did "
        "and said, the fault and its link, the change, and what two people cannot tell you.",
    ),
    rubric=(
        "Both were told beforehand what the demo does, what it keeps and that they may stop, and both agreed.",
        "There was a task with a goal, given without help, and the same for both.",
        "Says what was seen and quotes what was said, for each of the two, apart from what the author makes of it.",
        "Traces at least one fault to its link: camera, detector, crop, network, smoothing, or words on the page.",
        "Names a change that follows from what was seen, and how it will be tried again.",
        "Keeps the people private, and says what two people cannot show: accuracy, or other groups.",
    ),
    bank=BANK["10.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
