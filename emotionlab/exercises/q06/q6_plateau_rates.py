"""Question 6.6: lower the learning rate on a plateau.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "6.6",
    hints=(
        "Go through the epochs and remember three things: the rate now, the best accuracy so far, how many epochs you "
        "have waited.",
        "Note the rate of the epoch before you look at its accuracy. A new best sets the waiting to 0, everything else "
        "adds 1. At `patience`: divide the rate by 5, and set the waiting to 0.",
        "`rates.append(rate)`; `if accuracy > best: best, waited = accuracy, 0`, else `waited += 1`; "
        "`if waited == patience: rate, waited = rate / 5, 0`; return `np.array(rates)`.",
    ),
    passed="Right. This is `plateau` in a recipe, and `ReduceLROnPlateau(factor=0.2)` in Keras.",
    wants_array=True,
    explained={
        "Accuracies and rates are never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
        "The accuracy of the last epoch decides about no epoch here.": ("blind: argument 1: last element changed",),
    },
)


@QUESTION.inputs
def accuracy_curves(seed):
    """(accuracies, rate, patience): ties, several plateaus, always rising, best at the start, 0 at the start."""
    rng = np.random.default_rng(seed)
    by_hand = np.array([0.30, 0.42, 0.42, 0.41, 0.43, 0.40, 0.42, 0.41, 0.39, 0.41, 0.45, 0.44, 0.45, 0.45, 0.44])
    levels = np.repeat([0.3, 0.45, 0.55, 0.6], [6, 7, 6, 8])
    noisy = np.round(levels + rng.uniform(-0.02, 0.02, len(levels)), 2)
    falling = np.array([0.50, 0.48, 0.49, 0.47, 0.51])
    creeping = 0.5 + 0.0001 * np.array([0, 1, 2, 2, 3, 4, 4, 4, 5, 3])  # a new best by very little
    from_zero = np.array([0.0, 0.0, 0.1, 0.1, 0.1])
    better_than_at_the_cut = np.array([0.3, 0.5, 0.4, 0.3, 0.4, 0.35, 0.45, 0.2, 0.3])
    return [
        (by_hand, 0.1, 2),
        (better_than_at_the_cut, 0.1, 2),
        (creeping, 0.1, 2),
        (noisy, 0.02, 3),
        (np.linspace(0.2, 0.6, 8), 0.05, 2),
        (falling, 0.1, 2),
        (falling, 0.1, 1),
        (from_zero, 0.1, 2),
    ]


# ---- Parts of the answers below ------------------------------------------------------------------


def best_before(accuracies):
    """The best accuracy before each epoch; -1 before the first."""
    return np.concatenate([[-1], np.maximum.accumulate(accuracies)[:-1]])


def cuts(is_best, patience):
    """True for each epoch after which the rate falls."""
    result, waited = [], 0
    for best in is_best:
        waited = 0 if best else waited + 1
        result.append(waited == patience)
        waited = 0 if result[-1] else waited
    return result


def falling(rate, cuts, divisor=5):
    """The rate of each epoch, and then the one after the last epoch."""
    return rate / divisor ** np.cumsum([0, *cuts])


# ---- Good styles ---------------------------------------------------------------------------------


@style
def in_parts(accuracies, rate, patience):
    return falling(rate, cuts(accuracies > best_before(accuracies), patience))[:-1]


@style
def steps(accuracies, rate, patience):
    rates, best, waited = [], -1, 0
    for accuracy in accuracies:
        rates.append(rate)
        if accuracy > best:
            best = accuracy
            waited = 0
        else:
            waited += 1
        if waited >= patience:
            rate = rate / 5
            waited = 0
    return np.array(rates)


@style
def count_back(accuracies, rate, patience):
    rates, since = [], 0
    for i, accuracy in enumerate(accuracies):
        rates.append(rate)
        since = 0 if i == 0 or accuracy > np.max(accuracies[:i]) else since + 1
        if since and since % patience == 0:
            rate *= 0.2
    return np.array(rates)


@style
def cut_the_rest(accuracies, rate, patience):
    result = np.full(len(accuracies), float(rate))
    best, waited = -np.inf, 0
    for epoch, accuracy in enumerate(accuracies):
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if waited == patience:
            result[epoch + 1 :] /= 5
            waited = 0
    return result


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "After the first cut the rate falls in every epoch without a new best. The counting begins anew after each cut: "
    "set the counter back to 0."
)
def counter_not_reset(accuracies, rate, patience):
    is_best, waited, late = accuracies > best_before(accuracies), 0, []
    for best in is_best:
        waited = 0 if best else waited + 1
        late.append(waited >= patience)
    return falling(rate, late)[:-1]


@mistake(
    "The cut comes one epoch too early. The accuracy of an epoch is known after it, so it can only change the rate of "
    "the next one: note the rate first, then decide."
)
def one_epoch_early(accuracies, rate, patience):
    return falling(rate, cuts(accuracies > best_before(accuracies), patience))[1:]


@mistake("The rate waits one epoch too long: with patience 2 the cut follows the second epoch without a best.")
def one_epoch_late(accuracies, rate, patience):
    return in_parts(accuracies, rate, patience + 1)


@mistake(
    "An accuracy equal to the best was counted as a new best. Expected `>`, not `>=`: a curve that stands still is a "
    "plateau."
)
def tie_is_a_new_best(accuracies, rate, patience):
    return falling(rate, cuts(accuracies >= best_before(accuracies), patience))[:-1]


@mistake(
    "Each epoch was compared with the one before. Then a curve that jumps up and down never has a plateau. Compare "
    "with the best so far."
)
def compared_with_the_last(accuracies, rate, patience):
    last = np.concatenate([[-1], accuracies[:-1]])
    return falling(rate, cuts(accuracies > last, patience))[:-1]


@mistake("Every cut gives the same rate: a fifth of the first one. Each cut takes a fifth of the rate that holds now.")
def cut_only_once(accuracies, rate, patience):
    return np.maximum(in_parts(accuracies, rate, patience), rate / 5)


@mistake("All epochs of waiting were added up. Only those in a row count: a new best sets the counter back to 0.")
def not_in_a_row(accuracies, rate, patience):
    waits = accuracies <= best_before(accuracies)
    return falling(rate, waits & (np.cumsum(waits) % patience == 0))[:-1]


@mistake(
    "After a cut the best accuracy was forgotten. Only the counting of the waiting begins anew; an epoch must still "
    "beat the best of the whole run."
)
def best_forgotten(accuracies, rate, patience):
    rates, best, waited = [], -1, 0
    for accuracy in accuracies:
        rates.append(rate)
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if waited == patience:
            rate, best, waited = rate / 5, 0, 0
    return np.array(rates)


@mistake(
    "After a cut the accuracy of that epoch became the best. Only the counting of the waiting begins anew; an epoch "
    "must still beat the best of the whole run.",
    id="best_forgotten",
)
def last_as_best(accuracies, rate, patience):
    rates, best, waited = [], -1, 0
    for accuracy in accuracies:
        rates.append(rate)
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if waited == patience:
            rate, best, waited = rate / 5, accuracy, 0
    return np.array(rates)


@mistake(
    "The first epoch was counted as waiting, because it is not above itself. Nothing came before it, so it is the best "
    "so far: start with a best below every accuracy, such as -1."
)
def first_epoch_waits(accuracies, rate, patience):
    best = np.maximum(best_before(accuracies), accuracies[0])
    return falling(rate, cuts(accuracies > best, patience))[:-1]


@mistake(
    "A first epoch with an accuracy of 0 was counted as waiting. Nothing came before it, so it is the best so far: "
    "start with a best below every accuracy, such as -1.",
    id="first_epoch_waits",
)
def best_from_zero(accuracies, rate, patience):
    best = np.maximum(best_before(accuracies), 0)
    return falling(rate, cuts(accuracies > best, patience))[:-1]


@mistake("The rate fell to a tenth. Expected a fifth: divide by 5.", id="another_fraction")
def a_tenth(accuracies, rate, patience):
    return falling(rate, cuts(accuracies > best_before(accuracies), patience), divisor=10)[:-1]


@mistake(
    "The rate fell by a fifth, to 0.8 of what it was. Expected a fall to a fifth: divide by 5.", id="another_fraction"
)
def by_a_fifth(accuracies, rate, patience):
    return falling(rate, cuts(accuracies > best_before(accuracies), patience), divisor=1 / 0.8)[:-1]


@mistake("The rate grows: it was multiplied by 5. Divide.")
def rate_raised(accuracies, rate, patience):
    return falling(rate, cuts(accuracies > best_before(accuracies), patience), divisor=1 / 5)[:-1]


@mistake("The rate never changes. After `patience` epochs without a new best it must fall to a fifth.")
def never_cut(accuracies, rate, patience):
    return np.full(len(accuracies), rate)


@mistake(id="wrong_type", says="found a list")
def a_list(accuracies, rate, patience):
    return list(steps(accuracies, rate, patience))
