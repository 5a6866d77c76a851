"""Question 10.3: how many answers a second a live demo gives.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

from dataclasses import replace

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q10.shared import call_for_numbers

QUESTION = function_question(
    "10.3",
    hints=(
        "Three things limit the rate, and the tightest one decides. Which three?",
        "The camera delivers so many. The kernel finishes 1000 / work in a second. And each frame in flight comes back "
        "after way + work + way milliseconds: how many answers a second is that, with `in_flight` of them?",
        "`min(camera, 1000 / work, in_flight * 1000 / (2 * way + work))`",
    ),
    passed="Right. The last of the three is Little's law: frames under way = rate times the time each takes.",
    explained={
        "Half precision changes less than the tolerance of the check.": ("blind: argument 1: float16",),
        "Rates and times are never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: argument 2: without sign",
            "blind: argument 2: clipped at 0",
            "blind: argument 3: without sign",
            "blind: argument 3: clipped at 0",
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)

QUESTION.observe(call_for_numbers)


@QUESTION.inputs
def pipelines(seed):
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
        (29.97, way / 10, work / 10, 3),  # no rate need be whole
        (90.0, way + 1 / 3, 10.0, 1),
    ]


TOO_MANY = "Some rates are higher than that of the camera. No frame can be answered that was never taken."


@QUESTION.judge
def judge(observed):
    """More answers than frames are named also where something else is wrong."""
    wrong = QUESTION.compare(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    pairs = zip(observed["returned"], pipelines(observed["seed"]), strict=True)
    too_many = any(found["value"] > camera * 1.0001 for found, (camera, *_) in pairs)
    return replace(wrong, next_step=TOO_MANY) if too_many else wrong


@style
def seconds(camera, way, work, in_flight):
    work, way = work / 1000, way / 1000
    latency = 2 * way + work
    return min([camera, 1 / work, in_flight / latency])


@style
def slowest_step(camera, way, work, in_flight):
    between = max(1000 / camera, work, (way + work + way) / in_flight)
    return 1000 / between


@style
def in_numpy(camera, way, work, in_flight):
    return np.min([camera, 1000 / work, 1000 * in_flight / (work + 2 * way)])


@mistake(
    "This is the rate with a single frame under way. Here `in_flight` of them may be: each gives an answer in the same "
    "time."
)
def one_at_a_time(camera, way, work, in_flight):
    return min(camera, 1000 / (way + work + way))


@mistake(
    "The number of frames in flight was forgotten. Where the way is long, too few frames are under way to keep the "
    "kernel busy."
)
def flight_forgotten(camera, way, work, in_flight):
    return min(camera, 1000 / work)


@mistake(
    "Two in flight do not always keep the kernel busy. Each frame comes back after 2 * way + work milliseconds, so "
    "`in_flight` of them give at most in_flight * 1000 / (2 * way + work) answers."
)
def two_are_enough(camera, way, work, in_flight):
    return min(camera, 1000 / (2 * way + work if in_flight == 1 else work))


@mistake("You took the largest of the three limits. The tightest one decides: the smallest.")
def largest_limit(camera, way, work, in_flight):
    return max(camera, 1000 / work, in_flight * 1000 / (way + work + way))


@mistake(
    "The kernel was forgotten. It works on one frame at a time, so it gives at most 1000 / work answers a second, "
    "however many frames wait."
)
def kernel_forgotten(camera, way, work, in_flight):
    return min(camera, in_flight * 1000 / (way + work + way))


@mistake(TOO_MANY)
def camera_forgotten(camera, way, work, in_flight):
    return min(1000 / work, in_flight * 1000 / (way + work + way))


@mistake("The way was counted once. A frame is under way until its answer is back: there and back again.")
def way_counted_once(camera, way, work, in_flight):
    return min(camera, 1000 / work, in_flight * 1000 / (way + work))


@mistake("The times are in milliseconds, and the rate in frames a second: 1000 divided by the time.")
def milliseconds_for_seconds(camera, way, work, in_flight):
    return min(camera, 1 / work, in_flight / (way + work + way))


@mistake("This is the time of a frame. Expected how many frames are answered in a second.")
def latency_for_rate(camera, way, work, in_flight):
    return way + work + way


@mistake(id="wrong_values", says="Expected 15")
def kernel_and_camera_forgotten(camera, way, work, in_flight):
    return in_flight * 1000 / (way + work + way)
