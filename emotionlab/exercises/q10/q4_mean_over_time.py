"""Question 10.4: a mean over time, with frames in which no face was found.

Title, points, task and model solution: solutions/10_*.ipynb.
"""

from dataclasses import replace

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "10.4",
    hints=(
        "Walk through the frames and remember two things: the mean, and when the face was last seen.",
        "Where no face was found, go on to the next frame and change neither. Else compare `now - seen` with `keep`.",
        "`passed = now - seen`; the mean becomes `value` if `passed > keep`, else "
        "`mean + (1 - np.exp(-passed / tau)) * (value - mean)`. Then `means[i], seen = mean, now`.",
    ),
    passed="Right. The same smoothness on a fast and on a slow machine, and a missed frame does no harm.",
    explained={
        "Times and probabilities are never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: argument 2: without sign",
            "blind: argument 2: clipped at 0",
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
        "The times grow already.": ("blind: argument 1: sorted",),
        "Half precision changes less than the tolerance of the check.": ("blind: argument 5: float16",),
    },
)


@QUESTION.inputs
def watched_faces(seed):
    """(times, values, found, tau, keep): uneven times, frames without a face, short and long gaps.

    In the last case a gap is as long as `keep` to the last bit.
    """
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
    times, found = np.arange(18) / 16, np.ones(18, bool)
    found[[5, 6, 7, 11, 12, 13, 14]] = False  # 4/16 and 5/16 of a second out of sight
    values = np.where(found[:, None], rng.dirichlet(np.ones(7), 18), 0.0)
    return [*cases, (times, values, found, 0.4, 4 / 16)]


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
    if wrong is None or wrong.misconception != "not_finite":
        return wrong
    return replace(
        wrong,
        next_step="NaN and a number make NaN again. Keep the mean in a variable of its own and go on from that: the "
        "row before may be one without a face.",
    )


# ---- Parts of the answers below ------------------------------------------------------------------


def walk(values, found, weight, start=None):
    """The means of the frames with a face.

    weight(i, seen): of the value of frame i, after the face was last seen in frame `seen`.
    start: the mean before the first frame, which is its value where there is none.
    """
    means, seen = np.full(values.shape, np.nan), 0
    mean = values[0] if start is None else start
    for i in np.flatnonzero(found):
        mean = mean + weight(i, seen) * (values[i] - mean)
        means[i], seen = mean, i
    return means


def weighted(times, values, found, keep, share, start=None):
    """As `walk`: the weight is share(passed), and 1 where more than `keep` seconds have passed."""

    def weight(i, seen):
        passed = times[i] - times[seen]
        return 1 if passed > keep else share(passed)

    return walk(values, found, weight, start)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(times, values, found, tau, keep):
    result, mean, seen = np.full_like(values, np.nan), None, times[0]
    for i in range(len(times)):
        if not found[i]:
            continue
        passed = times[i] - seen
        if mean is None or passed > keep:
            mean = values[i].copy()
        else:
            weight = 1 - np.exp(-passed / tau)
            mean = (1 - weight) * mean + weight * values[i]
        result[i], seen = mean, times[i]
    return result


@style
def expm1(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: -np.expm1(-passed / tau))


@style
def compressed(times, values, found, tau, keep):
    t, v = times[found], values[found]
    means = [v[0]]
    for k in range(1, len(t)):
        step = t[k] - t[k - 1]
        old = np.exp(-step / tau) if step <= keep else 0.0
        means.append(old * means[-1] + (1 - old) * v[k])
    result = np.full(values.shape, np.nan)
    result[found] = means
    return result


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "The empty rows of frames without a face took part in the mean and pulled it towards zero. Leave such frames out.",
)
def empty_rows_too(times, values, found, tau, keep):
    means = [values[0]]
    for step, value in zip(np.diff(times), values[1:], strict=True):
        means.append(means[-1] + (1 - np.exp(-step / tau)) * (value - means[-1]))
    return np.array(means)


@mistake("Each frame got the same weight. Let it follow from the time that has passed: steps are uneven here.")
def same_weight(times, values, found, tau, keep):
    usual = np.diff(times).mean()
    return weighted(times, values, found, keep, lambda passed: 1 - np.exp(-usual / tau))


@mistake(
    "The weights of the old mean and of the new value are exchanged: after a long step the *new* value must count more."
)
def weights_exchanged(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: np.exp(-passed / tau))


@mistake(
    "The weight is passed / tau. For short steps that is nearly right, for long ones too much. Expected "
    "1 - exp(-passed / tau)."
)
def straight_line(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: min(1, passed / tau))


@mistake(
    "The weight is 1 - 2 ** (-passed / tau), which takes tau for a half-life. Expected 1 - exp(-passed / tau).",
)
def half_life(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: 1 - 2 ** (-passed / tau))


SINCE_THE_LAST_FRAME = (
    "After a gap you counted the time since the last *frame*. Expected the time since the face was last seen, which is "
    "longer."
)


@mistake(SINCE_THE_LAST_FRAME)
def since_the_last_frame(times, values, found, tau, keep):
    steps = np.diff(times, prepend=times[0])

    def weight(i, seen):
        return 1 if times[i] - times[seen] > keep else 1 - np.exp(-steps[i] / tau)

    return walk(values, found, weight)


@mistake(SINCE_THE_LAST_FRAME, id="since_the_last_frame")
def since_the_last_frame_and_never_anew(times, values, found, tau, keep):
    steps = np.diff(times, prepend=times[0])
    return walk(values, found, lambda i, seen: 1 - np.exp(-steps[i] / tau))


@mistake(
    "After the long gap the old mean goes on. It may be another person by then: start anew where more than `keep` "
    "seconds have passed."
)
def never_anew(times, values, found, tau, keep):
    return weighted(times, values, found, np.inf, lambda passed: 1 - np.exp(-passed / tau))


@mistake(
    "The weight is 1 - exp(-passed * tau), so a longer time constant makes the mean quicker. Expected passed / tau.",
)
def times_tau(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: 1 - np.exp(-passed * tau))


@mistake(
    "After each gap the mean starts anew. A face that was missed in a frame or two is still the same: start anew only "
    "after more than `keep` seconds."
)
def always_anew(times, values, found, tau, keep):
    def weight(i, seen):
        return 1 if not found[i - 1] else 1 - np.exp(-(times[i] - times[seen]) / tau)

    return walk(values, found, weight)


@mistake("Frames without a face repeat the last mean. Expected NaN there: nobody is in sight.")
def gap_filled(times, values, found, tau, keep):
    means = loop(times, values, found, tau, keep)
    for i in np.flatnonzero(~found):
        means[i] = means[i - 1]
    return means


@mistake(
    "The mean starts at zero, so that the first frames look unsure of everything. Start with the first value.",
)
def starts_at_zero(times, values, found, tau, keep):
    return weighted(times, values, found, keep, lambda passed: 1 - np.exp(-passed / tau), start=np.zeros(7))


@mistake(
    "The time out of sight goes on until the face is seen again. You compared the time up to the last frame without a "
    "face with `keep`."
)
def until_the_last_missed(times, values, found, tau, keep):
    def weight(i, seen):
        missed = times[max(i - 1, 0)] - times[seen]
        return 1 if missed > keep else 1 - np.exp(-(times[i] - times[seen]) / tau)

    return walk(values, found, weight)


@mistake(
    "The time out of sight begins when the face was last seen. You compared the time from the first frame without a "
    "face with `keep`."
)
def from_the_first_missed(times, values, found, tau, keep):
    def weight(i, seen):
        missed = times[i] - times[seen + 1]
        return 1 if missed > keep else 1 - np.exp(-(times[i] - times[seen]) / tau)

    return walk(values, found, weight)


@mistake("Frames without a face hold zeros. Expected NaN there: 0 would be a probability.")
def zeros_for_nobody(times, values, found, tau, keep):
    return np.nan_to_num(loop(times, values, found, tau, keep))


@mistake(
    "Frames without a face were left out, so the rows no longer belong to the times. Expected one row for each frame, "
    "of NaN where no face was found."
)
def gaps_left_out(times, values, found, tau, keep):
    return loop(times, values, found, tau, keep)[found]


@mistake(id="not_finite", says="that are NaN")
def nan_goes_on(times, values, found, tau, keep):
    means, seen = np.full_like(values, np.nan), 0
    means[0] = values[0]
    for i in np.flatnonzero(found)[1:]:
        passed = times[i] - times[seen]
        weight = 1 - np.exp(-passed / tau)
        means[i] = values[i] if passed > keep else (1 - weight) * means[i - 1] + weight * values[i]
        seen = i
    return means


@mistake(
    "After exactly `keep` seconds the mean starts anew. Expected that after *more* than `keep` seconds alone: `>`, "
    "not `>=`."
)
def anew_at_keep(times, values, found, tau, keep):
    def weight(i, seen):
        passed = times[i] - times[seen]
        return 1 if i and passed >= keep else 1 - np.exp(-passed / tau)

    return walk(values, found, weight)
