"""Question 3.5: a schedule of the learning rate, which warms up and then cools down.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import math

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "3.5",
    hints=(
        "Two cases. Before step `warmup`: which share of the way up is done? After it: which share of the way down?",
        "Going down, `done = (step - warmup) / (steps - warmup)` runs from 0 to 1. `np.cos(np.pi * done)` then runs "
        "from 1 to -1.",
        "`if step < warmup: return peak * step / warmup`, else `return peak * (1 + np.cos(np.pi * done)) / 2`.",
    ),
    passed="Right. Small steps while the network knows nothing, large ones to get ahead, small ones to settle.",
)


@QUESTION.inputs
def steps_of_two_runs(seed):
    """(step, steps, warmup, peak) at the start, within and at the end of two schedules, whose warm-ups differ."""
    rng = np.random.default_rng(seed)
    first_run = [(step, 200, 20, 0.1) for step in (0, 5, 13, 20, 60, 110, 150, 185, 200)]
    second_run = [(int(step), 1000, 50, 0.03) for step in rng.integers(51, 999, 5)]
    return [*first_run, (35, 1000, 50, 0.03), *second_run]


# ---- Parts of the answers below ------------------------------------------------------------------


def rising(step, warmup, peak):
    return peak * step / warmup


def share_done(step, steps, warmup):
    return (step - warmup) / (steps - warmup)


def half_cosine(done):
    return (1 + np.cos(np.pi * done)) / 2


def falling(step, steps, warmup, peak):
    return peak * half_cosine(share_done(step, steps, warmup))


# ---- Good styles ---------------------------------------------------------------------------------


@style
def math_module(step, steps, warmup, peak):
    if step < warmup:
        return step / warmup * peak
    done = (step - warmup) / (steps - warmup)
    return 0.5 * peak * (math.cos(math.pi * done) + 1)


@style
def one_expression(step, steps, warmup, peak):
    up = step / warmup
    down = np.cos(np.pi / 2 * max(0, step - warmup) / (steps - warmup)) ** 2
    return peak * min(up, 1) * down


@style
def keras_schedule(step, steps, warmup, peak):
    import keras

    schedule = keras.optimizers.schedules.CosineDecay(0.0, steps - warmup, warmup_target=peak, warmup_steps=warmup)
    return float(schedule(step))


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake("The rate starts at its peak: the warm-up is missing. Until step `warmup` it rises from 0.")
def no_warmup(step, steps, warmup, peak):
    return peak * half_cosine(step / steps)


@mistake(
    "After the warm-up the rate jumps, because the cosine counts from step 0. It must begin at step `warmup` and take "
    "`steps - warmup` steps."
)
def warmup_then_jump(step, steps, warmup, peak):
    return rising(step, warmup, peak) if step < warmup else peak * half_cosine(step / steps)


@mistake(
    "The cosine begins at the right place but is too long: it must take `steps - warmup` steps, not `steps`, to be at "
    "0 in the end."
)
def ends_too_early(step, steps, warmup, peak):
    return rising(step, warmup, peak) if step < warmup else peak * half_cosine((step - warmup) / steps)


@mistake("After the warm-up the rate falls in a straight line. Expected half a cosine: slow, fast, slow.")
def linear_decay(step, steps, warmup, peak):
    return rising(step, warmup, peak) if step < warmup else peak * (1 - share_done(step, steps, warmup))


@mistake(
    "This is a quarter of a cosine: it starts slowly and ends steeply. Half a cosine, (1 + cos(pi * done)) / 2, is "
    "gentle at both ends."
)
def quarter_cosine(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * np.cos(np.pi / 2 * done)


@mistake(
    "The rate becomes negative halfway, and the training would undo what it learned. Lift the cosine from -1..1 to "
    "0..1: (1 + cos) / 2."
)
def negative_rate(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * np.cos(np.pi * done)


@mistake("The rate reaches twice its peak: 1 + cos runs from 2 to 0. Divide by 2.")
def twice_the_peak(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * (1 + np.cos(np.pi * done))


@mistake(
    "The rate rises again in the second half: that is a whole cosine. Expected half a one, so `np.pi * done` and not "
    "`2 * np.pi * done`."
)
def whole_cosine(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * (1 + np.cos(2 * np.pi * done)) / 2


@mistake("`np.cos` measures angles in radians, not in degrees: half a turn is `np.pi`, not 180.")
def degrees(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * (1 + np.cos(180 * done)) / 2


@mistake(
    "The rate does not come down to 0: `np.cos(done)` runs only from 1 to 0.54. Half a turn is `np.pi * done`.",
)
def pi_forgotten(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * (1 + np.cos(done)) / 2


@mistake("After the warm-up the rate drops to 0 and then rises: 1 - cos runs upwards. Expected 1 + cos.")
def cosine_upside_down(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * (1 - np.cos(np.pi * done)) / 2


@mistake(
    "`peak * 1 + cos / 2` multiplies the 1 alone and halves the cosine alone. Put brackets: `peak * (1 + cos) / 2`.",
)
def brackets_forgotten(step, steps, warmup, peak):
    done = share_done(step, steps, warmup)
    return rising(step, warmup, peak) if step < warmup else peak * 1 + np.cos(np.pi * done) / 2


@mistake(
    "After the warm-up the rate jumps, because `done` is not 0 there. It must count from step `warmup`: "
    "(step - warmup) / (steps - warmup).",
    id="warmup_then_jump",
)
def warmup_forgotten_above(step, steps, warmup, peak):
    return rising(step, warmup, peak) if step < warmup else peak * half_cosine(step / (steps - warmup))


@mistake("After the warm-up the rate goes on rising, above the peak. From step `warmup` on it must fall.")
def never_falls(step, steps, warmup, peak):
    return rising(step, warmup, peak)


@mistake(
    "This is the schedule of the lesson, which starts at a hundredth of the peak. Here it starts at 0: "
    "`peak * step / warmup`."
)
def starts_at_a_hundredth(step, steps, warmup, peak):
    return peak * (0.01 + 0.99 * step / warmup) if step < warmup else falling(step, steps, warmup, peak)


@mistake("The rate is at its peak during the whole warm-up. Expected a straight line from 0 up to it.")
def peak_in_the_warmup(step, steps, warmup, peak):
    return peak if step < warmup else falling(step, steps, warmup, peak)


@mistake("The warm-up rises to 1 and not to `peak`: multiply by `peak`.")
def rises_to_one(step, steps, warmup, peak):
    return step / warmup if step < warmup else falling(step, steps, warmup, peak)


@mistake(
    "The two cases are exchanged: the straight line belongs to the steps before `warmup`, the cosine to those after it."
)
def cases_exchanged(step, steps, warmup, peak):
    return rising(step, warmup, peak) if step > warmup else falling(step, steps, warmup, peak)


@mistake("The warm-up always ends at step 20, as in the example. The argument `warmup` says where it ends.")
def warmup_of_the_example(step, steps, warmup, peak):
    return rising(step, 20, peak) if step < 20 else falling(step, steps, warmup, peak)


@mistake("The warm-up stands at 0 and then jumps: `//` cuts the decimals off. Write `/`.")
def whole_division(step, steps, warmup, peak):
    return peak * step // warmup if step < warmup else falling(step, steps, warmup, peak)
