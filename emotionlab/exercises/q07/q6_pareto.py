"""Question 7.6: the Pareto front: models that no other beats in accuracy and cost.

Title, points, task and model solution: solutions/07_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "7.6",
    hints=(
        "Take one model and ask of each other one: is it at least as good in both, and better in one? If any is, "
        "the model is beaten.",
        "With arrays the question needs no inner loop: `(accuracy >= accuracy[i]) & (cost <= cost[i])` is True for "
        "every model at least as good as model i (itself included).",
        "`better = (accuracy > accuracy[i]) | (cost < cost[i])`; keep i unless `np.any(as_good & better)`.",
    ),
    passed="Right: the Pareto front. The others can be dropped, whatever a point of accuracy is worth to you.",
    wants_array=True,
    explained={
        "Models here differ by more than the rounding of half precision.": (
            "blind: argument 1: float16",
            "blind: argument 2: float16",
        ),
        "Accuracies, sizes and times are never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: argument 2: without sign",
            "blind: argument 2: clipped at 0",
        ),
        "The positions rise already.": ("blind: result: sorted",),
    },
)


@QUESTION.inputs
def models_with_cost(seed):
    """(accuracy, cost) with ties: equal cost, equal accuracy, and two models that are alike in both.

    One model lies in a dent of the second front: below the straight line between its neighbours.
    """
    rng = np.random.default_rng(seed)
    fronts = (
        ((0.55, 2.0), (0.62, 3.0), (0.62, 3.0), (0.70, 9.0)),
        ((0.50, 1.0), (0.66, 4.0), (0.67, 12.0), (0.74, 40.0)),
    )
    beaten = (
        ((0.55, 2.5), (0.60, 3.0), (0.66, 9.5), (0.70, 11.0), (0.40, 8.0)),
        ((0.49, 2.0), (0.66, 5.0), (0.58, 12.0), (0.73, 45.0), (0.64, 4.0)),
    )
    cases = []
    for good, bad in zip(fronts, beaten, strict=True):
        table = rng.permutation(np.array(good + bad))
        front = [row for row in table.tolist() if tuple(row) in good]
        if front == sorted(front):  # by chance in the order of cost, which must be told from that of positions
            table = table[::-1]
        cases.append((table[:, 0].copy(), table[:, 1].copy()))
    return cases


# ---- Parts of the answers below ------------------------------------------------------------------


def dominates(a, c, other_a, other_c):
    """The rule of the task: is a model of accuracy a and cost c better than the other one?"""
    return a >= other_a and c <= other_c and (a > other_a or c < other_c)


def front(accuracy, cost, beats=dominates):
    """Positions of the models that no other one beats."""
    models = range(len(accuracy))
    beaten = [any(beats(accuracy[j], cost[j], accuracy[i], cost[i]) for j in models if j != i) for i in models]
    return np.flatnonzero(~np.array(beaten))


def one_of_each(accuracy, cost):
    """Go through the models from cheap to dear, and keep those that are more accurate than all before."""
    kept, best = [], -np.inf
    for i in np.lexsort((-accuracy, cost)):
        if accuracy[i] > best:
            kept.append(i)
            best = accuracy[i]
    return np.array(kept)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(accuracy, cost):
    kept = []
    for i, (a, c) in enumerate(zip(accuracy, cost, strict=True)):
        if not any(x >= a and y <= c and (x > a or y < c) for x, y in zip(accuracy, cost, strict=True)):
            kept.append(i)
    return np.array(kept)


@style
def broadcast(accuracy, cost):
    as_good = (accuracy[:, None] >= accuracy) & (cost[:, None] <= cost)
    better = (accuracy[:, None] > accuracy) | (cost[:, None] < cost)
    return np.flatnonzero(~(as_good & better).any(axis=0))


@style
def sweep(accuracy, cost):
    kept, best = [], -np.inf
    for c in np.unique(cost):
        members = np.flatnonzero(cost == c)
        top = accuracy[members].max()
        if top > best:
            kept.extend(members[accuracy[members] == top])
            best = top
    return np.array(sorted(kept))


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "Some models on your list are beaten: another one is as cheap and more accurate, or as accurate and cheaper. "
    "Better in *one* is enough, if it is at least as good in the other."
)
def strictly_better_in_both(accuracy, cost):
    return front(accuracy, cost, beats=lambda x, y, a, c: x > a and y < c)


NOTHING_LEFT = (
    "Nothing is left: by your rule every model is beaten. Either each was compared with itself (it is as good as "
    "itself in both), or being better in one was enough (`or`). To beat, another model must be at least as good in "
    "both and better in one."
)


@mistake(NOTHING_LEFT)
def beats_itself(accuracy, cost):
    as_good = (accuracy[:, None] >= accuracy) & (cost[:, None] <= cost)
    return np.flatnonzero(~as_good.any(axis=0))


@mistake(NOTHING_LEFT, id="beats_itself")
def better_in_one_is_enough(accuracy, cost):
    return front(accuracy, cost, beats=lambda x, y, a, c: x > a or y < c)


@mistake(
    "Two models that are alike in both were both thrown out: each beat the other. To beat, a model must be better in "
    "at least one of the two."
)
def equals_beat_each_other(accuracy, cost):
    return front(accuracy, cost, beats=lambda x, y, a, c: x >= a and y <= c)


@mistake("High cost was taken for good. Expected models with high accuracy and *low* cost.")
def dear_is_good(accuracy, cost):
    return front(accuracy, -cost)


@mistake("These are the models that beat nobody. Expected those that nobody beats: turn the comparison round.")
def worst_kept(accuracy, cost):
    return front(-accuracy, -cost)


TWINS = (
    "Of two models that are alike in both, only one is on your list. Neither is better than the other, so neither is "
    "beaten: both belong to the front."
)


@mistake(TWINS)
def twin_dropped(accuracy, cost):
    return np.sort(one_of_each(accuracy, cost))


@mistake(TWINS, id="twin_dropped")
def twin_dropped_by_cost(accuracy, cost):
    return one_of_each(accuracy, cost)


@mistake("The right models, counted from 1. Positions in Python begin at 0.")
def counted_from_1(accuracy, cost):
    return front(accuracy, cost) + 1


EXTREMES = (
    "These are the cheapest and the most accurate model alone. Between them lie others that nobody beats: they are the "
    "compromises one is looking for."
)


@mistake(EXTREMES)
def extremes_only(accuracy, cost):
    return np.unique([np.argmax(accuracy), np.argmin(cost)])


@mistake(EXTREMES, id="extremes_only")
def extremes_unsorted(accuracy, cost):
    return np.array([np.argmax(accuracy), np.argmin(cost)])


@mistake(EXTREMES, id="extremes_only")
def extremes_cheapest_first(accuracy, cost):
    return np.array([np.argmin(cost), np.argmax(accuracy)])


@mistake("These are True and False. Expected the positions: `np.flatnonzero(mask)`.")
def mask_for_positions(accuracy, cost):
    return np.isin(np.arange(len(cost)), front(accuracy, cost))


@mistake("The right models, in the wrong order. Expected the positions in increasing order: `np.sort`.")
def sorted_by_cost(accuracy, cost):
    return np.array(sorted(front(accuracy, cost), key=lambda k: cost[k]))


@mistake("These are accuracies. Expected the positions of the models.")
def accuracies_for_positions(accuracy, cost):
    return accuracy[front(accuracy, cost)]


@mistake(
    "This is the model with the most accuracy for its cost. A ratio hides a choice of its own: what one point is "
    "worth. Expected every model that no other beats."
)
def best_ratio(accuracy, cost):
    return np.array([np.argmax(accuracy / cost)])


@mistake(
    "These are the models that win at some price of a point of accuracy. One in a dent between two others wins at no "
    "price, and yet nobody beats it. Compare each model with each other one, in both wishes."
)
def best_at_some_price(accuracy, cost):
    scores = np.geomspace(1e-3, 1e4, 1000)[:, None] * accuracy - cost
    return np.flatnonzero((scores > scores.max(axis=1, keepdims=True) - 1e-9).any(axis=0))
