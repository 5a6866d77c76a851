"""Question senses.2: the logarithms that a stack reads, with absent judges and zeros.

Title, points, task and model solution: solutions/senses.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "senses.2",
    hints=(
        "Fill the gaps first, put the floor under everything, lay the judges side by side; the logarithm comes last.",
        "`np.where(np.isnan(judges), 1 / judges.shape[2], judges)` fills the gaps. `np.concatenate(list(filled), "
        "axis=1)` lays the judges side by side.",
        "`filled = np.where(np.isnan(judges), 1 / judges.shape[2], judges)`, then "
        "`return np.log(np.maximum(np.concatenate(list(filled), axis=1), floor))`.",
    ),
    passed="Right. A weighted sum of logarithms is a product of powers: the stack may choose the product, or tame it.",
    explained={
        "Probabilities have no sign, and what is below the floor counts as the floor.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def judges_and_floors(seed):
    """(judges, floor): two and three judges, some rows absent, some probabilities zero or small."""
    rng = np.random.default_rng(seed)
    cases = []
    for judges, n, k, floor in ((2, 5, 4, 0.0301), (3, 4, 6, 0.12506)):
        p = rng.dirichlet(np.full(k, 0.6), (judges, n))
        p[0, 1], p[-1, 2] = np.eye(k)[1], np.eye(k)[0]
        p[0, 3] = p[1, 0] = np.nan
        p[0, 0], p[-1, -1] = rng.dirichlet(np.full(k, 9.0), 2)
        cases.append((p, floor))
    return cases


def filled(judges):
    """The judges with 1 / K where one was absent."""
    return np.where(np.isnan(judges), 1 / judges.shape[2], judges)


def side_by_side(judges):
    """(N, S * K) of (S, N, K)."""
    return np.hstack(list(judges))


@style
def moved_axes(judges, floor):
    p = np.nan_to_num(judges, nan=1 / judges.shape[-1])
    return np.log(np.clip(p, floor, None)).transpose(1, 0, 2).reshape(judges.shape[1], -1)


@style
def judge_by_judge(judges, floor):
    parts = []
    for judge in judges:
        judge = judge.copy()
        judge[np.isnan(judge)] = 1 / judge.shape[1]
        judge[judge < floor] = floor
        parts.append(np.log(judge))
    return np.hstack(parts)


@style
def clip_by_clip(judges, floor):
    count, clips, emotions = judges.shape
    rows = [[judges[s, n, k] for s in range(count) for k in range(emotions)] for n in range(clips)]
    return np.log([[1 / emotions if np.isnan(p) else max(p, floor) for p in row] for row in rows])


@mistake("An absent judge counts as 0 here, so as the floor: that says *surely none of them*. Expected 1 / K each.")
def absent_is_zero(judges, floor):
    return side_by_side(np.log(np.maximum(np.nan_to_num(judges, nan=0.0), floor)))


@mistake(
    "An absent judge got the mean of the others. Expected 1 / K for each of its emotions: *no idea*, whoever else is "
    "there."
)
def absent_is_the_mean(judges, floor):
    others = np.nanmean(judges, axis=0)
    return side_by_side(np.log(np.maximum(np.where(np.isnan(judges), others, judges), floor)))


@mistake(says="NaN", id="not_finite")
def gaps_left(judges, floor):
    return side_by_side(np.log(np.maximum(judges, floor)))


@mistake(says="infinite", id="not_finite")
def no_floor(judges, floor):
    with np.errstate(divide="ignore"):
        return side_by_side(np.log(filled(judges)))


@mistake("The floor was added to every probability. Expected it only for those below it: `np.maximum`.")
def floor_added(judges, floor):
    return side_by_side(np.log(filled(judges) + floor))


@mistake("These are the probabilities. Expected their logarithms.")
def no_logarithm(judges, floor):
    return side_by_side(np.maximum(filled(judges), floor))


@mistake(says="the shape", id="wrong_shape")
def below_each_other(judges, floor):
    return np.log(np.maximum(np.concatenate(list(filled(judges)), axis=0), floor))


@mistake("The emotions of the judges alternate. Expected all of the first judge, then all of the second.")
def alternating(judges, floor):
    p = np.maximum(filled(judges), floor)
    return np.log(p).transpose(1, 2, 0).reshape(judges.shape[1], -1)


@mistake("The table was reshaped without moving the clips in front, so numbers of different clips share a row.")
def only_reshaped(judges, floor):
    return np.log(np.maximum(filled(judges), floor)).reshape(judges.shape[1], -1)


@mistake("One over the number of judges was taken. An absent judge has no idea which of the K emotions: 1 / K.")
def one_over_judges(judges, floor):
    return side_by_side(np.log(np.maximum(np.where(np.isnan(judges), 1 / len(judges), judges), floor)))
