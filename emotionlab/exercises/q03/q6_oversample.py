"""Question 3.6: oversampling, judged by what it must hold: positions, counts, order and seed.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import describe
from emotionlab.exercises.compare import call_each, first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q03.shared import refused

QUESTION = function_question(
    "3.6",
    hints=(
        "Work class by class: all its positions once, then as many repeats as are missing. Mix at the end.",
        "`members = np.flatnonzero(labels == label)` are the positions of a class. "
        "`rng.choice(members, k)` draws k of them, with repeats.",
        "With `largest = np.bincount(labels).max()`, a class needs `largest - len(members)` repeats. Join everything "
        "with `np.concatenate` and return `rng.permutation(...)` of it.",
    ),
    passed="Right. With augmentation each repeat becomes a new picture; without it a rare face is learned by heart.",
)

REFUSED_BY_NUMPY = {
    "cannot be empty": Wrong(
        "Some labels lack a class altogether, so there is nothing to draw from. Go through the classes that occur: "
        "`np.unique(labels)`.",
        "all_seven_classes",
    ),
    "negative dimensions": Wrong(
        "A class has more pictures than you want of it, so the number of repeats is negative. "
        "`np.bincount(labels).max()` is the count of the most frequent class, `.argmax()` is its number.",
        "which_for_how_often",
    ),
    "larger sample than population": Wrong(
        "A class has fewer pictures than you draw from it. To repeat pictures, draw with replacement: leave "
        "`replace=False` out.",
        "without_replacement",
    ),
}
"""What stands in an error of NumPy -> what to say about it."""


@QUESTION.inputs
def labels_and_seeds(seed):
    """Two calls that must agree, one with another seed, and labels that lack two classes and hold one very often.

    Who fills a class of `full` up with whole shuffled rounds has at least 1,800 ways to choose the last repeats.
    In `gap` each picture of a rare class is repeated, also where the repeats are drawn one by one.
    """
    rng = np.random.default_rng(seed)
    full = rng.permutation(np.repeat(np.arange(7), [17, 16, 18, 60, 22, 23, 24]))
    gap = rng.permutation(np.repeat([0, 2, 3, 4, 5], [6, 250, 9, 14, 4]))
    return [(full, 3), (full, 3), (full, 5), (gap, 6)]


@QUESTION.observe
def call_or_refuse(oversample, cases):
    try:
        return call_each(oversample, cases)
    except ValueError as error:
        return refused(error, REFUSED_BY_NUMPY)


@QUESTION.judge
def judge(observed):
    if "refused" in observed:
        return REFUSED_BY_NUMPY[observed["refused"]]
    cases = labels_and_seeds(observed["seed"])
    returned = [
        read_as(found, labels, wants_array=True) for found, (labels, _) in zip(observed["returned"], cases, strict=True)
    ]
    wrong = first(balance_problem(found, labels) for found, (labels, _) in zip(returned, cases, strict=True))
    if wrong:
        return wrong
    orders = [found["array"] for found in returned[:3]]
    return (
        chance_problem(*orders, cases[0][0])
        or spread_problem(returned[3]["array"], cases[3][0])
        or mixing_problem(orders, cases[0][0])
        or rule_problem(orders[2], cases[2][0])
        or input_problem(observed)
    )


def mixing_problem(orders, labels):
    """Wrong when the classes are spread unevenly over the epoch, or stand in the same order whatever the seed.

    Of sixty pictures in a random order, the middle of their places lies within 0.22 of the middle of the epoch.
    """
    for order in orders:
        middles = [np.flatnonzero(labels[order] == label).mean() / (len(order) - 1) for label in np.unique(labels)]
        if np.max(np.abs(np.array(middles) - 0.5)) > 0.22:
            return Wrong(
                "The classes are not mixed over the whole epoch: most pictures of some class come early, those of "
                "another late (is it the repeats that stand at the end?). Put all together, then shuffle once.",
                "mixed_in_parts",
            )
    if np.array_equal(labels[orders[1]], labels[orders[2]]):
        return Wrong(
            "The classes follow each other in the same order with every seed. Expected a random order that follows "
            "from `seed`.",
            "fixed_order",
            "Shuffle at the end: `rng.permutation`.",
        )
    return None


def chance_problem(first_time, again, other_seed, labels):
    if not np.array_equal(first_time, again):
        return Wrong(
            "The same seed gave two different orders. Make the random numbers from it: `np.random.default_rng(seed)`.",
            "not_reproducible",
        )
    if np.array_equal(first_time, other_seed):
        return Wrong("Two different seeds gave the same positions. Expected a random choice.", "seed_ignored")
    as_often = np.bincount(first_time) == np.bincount(other_seed)
    rare = np.flatnonzero(np.bincount(labels) < np.bincount(labels).max())
    same = [str(label) for label in rare if as_often[labels == label].all()]
    if same:
        return Wrong(
            f"The order is random, but two different seeds repeat the same pictures of class {', '.join(same)}. Draw "
            "at random which pictures of a rare class are repeated: `rng.choice(members, k)`.",
            "same_repeats",
        )
    return None


def spread_problem(order, labels):
    """Wrong when some pictures of a class are repeated many times and others never."""
    times, counts = np.bincount(order), np.bincount(labels)
    for label in np.flatnonzero((counts > 1) & (counts < counts.max())):
        once = int(np.sum(times[labels == label] == 1))
        if once:
            return Wrong(
                f"Some of the {counts[label]} pictures of class {label} ({once}) are never repeated, though "
                f"{counts.max()} are needed. Draw each repeat from all pictures of a class: `rng.choice(members, k)`.",
                "never_repeated",
            )
    return None


def rule_problem(order, labels):
    """Wrong when in two classes or more the pictures that occur once more than the others are neighbours.

    Whole rounds at random end so in fewer than one of a hundred classes.
    """
    times, counts = np.bincount(order), np.bincount(labels)
    ruled = []
    for label in np.flatnonzero(counts < counts.max()):
        own = times[labels == label]
        if np.ptp(own) == 1 and np.count_nonzero(own != np.roll(own, 1)) == 2:
            ruled.append(str(label))
    if len(ruled) < 2:
        return None
    return Wrong(
        f"The pictures of class {', '.join(ruled)} are repeated in a row, from some place on. Expected repeats at "
        "random: `rng.choice(members, k)`.",
        "rule_for_chance",
    )


def balance_problem(found, labels):
    """What is wrong with one array of positions, or None."""
    wrong = type_problem(found, labels)
    if wrong:  # without the shape: how many positions there are is for the learner to find
        return Wrong(f"Expected an array of positions, found {describe(found)}.", wrong.misconception, wrong.next_step)
    array = found["array"]
    if array is None or array.ndim != 1 or array.dtype.kind not in "iu":
        return Wrong(
            f"Expected one axis of positions (whole numbers), found {describe(found)}.",
            "mask_for_positions" if found["dtype"] == "bool" else "wrong_type",
        )
    if array.size and (array.min() < 0 or array.max() >= len(labels)):
        return Wrong(f"Expected positions from 0 to {len(labels) - 1}; some lie outside.", "outside")
    if len(array) > 7 and array.max() < 7:
        return Wrong("These look like labels. Expected positions of pictures.", "labels_for_positions")
    lost = len(labels) - len(np.unique(array))
    return count_problem(labels, labels[array], lost) or lost_problem(labels, lost) or order_problem(labels[array])


def count_problem(labels, drawn, lost):
    """Wrong when the classes of the pictures that were drawn are not balanced; `lost` of `labels` do not occur."""
    before, after = np.bincount(labels, minlength=7), np.bincount(drawn, minlength=7)
    wanted = np.where(before > 0, before.max(), 0)
    if np.array_equal(after, before):
        return Wrong("Every class occurs as often as before: nothing was balanced.", "not_balanced")
    if np.array_equal(after, np.where(before > 0, before[before > 0].min(), 0)):
        return Wrong(
            f"Every class was cut down to the rarest one, and {lost} of {len(labels)} pictures are lost. Expected the "
            "rare classes to be repeated, up to the most frequent one.",
            "undersampled",
        )
    if np.array_equal(after, wanted):
        return None
    worst = int(np.argmax(np.abs(after - wanted)))
    message = (
        f"Expected {wanted[worst]} pictures of class {worst}, as many as the most frequent class has in `labels`, "
        f"found {after[worst]}."
    )
    if after.sum() == wanted.sum():
        message += " Drawing with probabilities makes the classes equal only on average."
    return Wrong(message, "unequal")


def lost_problem(labels, lost):
    if not lost:
        return None
    return Wrong(
        f"The classes are balanced, but {lost} of {len(labels)} pictures never occur. Take every picture once, "
        "then fill up with random repeats.",
        "lost",
    )


def order_problem(sequence):
    """In a mixed order, neighbours share their class about one time in seven (here: one in five)."""
    same = float(np.mean(sequence[1:] == sequence[:-1]))
    if same > 0.5:
        return Wrong(
            "The classes stand in blocks, so that whole batches hold a single class and the network forgets the "
            "others. Shuffle at the end: `rng.permutation`.",
            "not_shuffled",
        )
    return None


# ---- Good styles ---------------------------------------------------------------------------------


@style
def whole_rounds(labels, seed):
    rng = np.random.default_rng(seed)
    largest = max(np.bincount(labels))
    order = []
    for label in set(labels.tolist()):
        members = np.flatnonzero(labels == label)
        rounds = -(-largest // len(members))
        shuffled = [rng.permutation(members) for _ in range(rounds)]
        order.extend(np.concatenate(shuffled)[:largest])
    order = np.array(order)
    rng.shuffle(order)
    return order


@style
def fill_the_whole_set(labels, seed):
    rng = np.random.RandomState(seed)
    counts = np.bincount(labels)
    extra = [np.arange(len(labels))]
    for label, count in enumerate(counts):
        if count:
            extra.append(rng.choice(np.where(labels == label)[0], counts.max() - count))
    return rng.permutation(np.concatenate(extra))


@style
def scikit_learn(labels, seed):
    from sklearn.utils import resample, shuffle

    largest = np.bincount(labels).max()
    chosen = [np.arange(len(labels))]
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        missing = largest - len(members)
        if missing:
            chosen.append(resample(members, n_samples=missing, random_state=seed))
    return shuffle(np.concatenate(chosen), random_state=seed)


# ---- Mistakes ------------------------------------------------------------------------------------


def class_by_class(labels, choose):
    """What `choose` takes of the positions of each class that occurs, one class after the other."""
    return np.concatenate([choose(np.flatnonzero(labels == label)) for label in np.unique(labels)])


def most_frequent(labels):
    return np.bincount(labels).max()


def filled_up(labels, size, rng):
    """Each class once, then repeats until there are `size` of it; not yet shuffled."""
    return class_by_class(labels, lambda members: np.append(members, rng.choice(members, size - len(members))))


@mistake(says="not mixed over the whole epoch")
def mixed_in_parts(labels, seed):
    rng = np.random.default_rng(seed)
    everything = np.arange(len(labels))
    repeats = np.zeros(0, int)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        repeats = np.append(repeats, rng.choice(members, most_frequent(labels) - len(members)))
    return np.concatenate([rng.permutation(everything), rng.permutation(repeats)])


@mistake(says="same order with every seed")
def fixed_order(labels, seed):
    rows = class_by_class(labels, lambda members: np.resize(np.roll(members, seed), most_frequent(labels)))
    return rows.reshape(-1, most_frequent(labels)).T.ravel()


@mistake(says="are lost")
def undersampled(labels, seed):
    rng = np.random.default_rng(seed)
    size = min(count for count in np.bincount(labels) if count)
    return rng.permutation(class_by_class(labels, lambda members: rng.permutation(members)[:size]))


@mistake(says="only on average")
def unequal(labels, seed):
    rng = np.random.default_rng(seed)
    counts = np.bincount(labels)
    p = 1 / counts[labels]
    size = (counts > 0).sum() * counts.max()
    return rng.choice(len(labels), size, p=p / p.sum())


@mistake(id="unequal", says="found 59.")
def one_too_few(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels) - 1
    return rng.permutation(class_by_class(labels, lambda members: np.resize(members, size)))


@mistake(says="repeat the same pictures")
def same_repeats(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)
    return rng.permutation(class_by_class(labels, lambda members: np.resize(members, size)))


@mistake(id="same_repeats", says="repeat the same pictures")
def one_repeated(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)

    def first_again(members):
        return np.append(members, np.full(size - len(members), members[0]))

    return rng.permutation(class_by_class(labels, first_again))


@mistake(id="same_repeats", says="repeat the same pictures of class 1, 2, 4, 5, 6")
def one_class_at_random(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)

    def first_class_at_random(members):
        is_first = labels[members[0]] == 0
        return np.append(members, rng.choice(members, size - len(members))) if is_first else np.resize(members, size)

    return rng.permutation(class_by_class(labels, first_class_at_random))


@mistake(says="never repeated")
def never_repeated(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)

    def one_again_and_again(members):
        return np.append(members, [rng.choice(members)] * (size - len(members)))

    return rng.permutation(class_by_class(labels, one_again_and_again).astype(int))


@mistake(says="repeated in a row")
def rule_for_chance(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)
    return rng.permutation(class_by_class(labels, lambda members: np.resize(np.roll(members, seed), size)))


@mistake(says="lack a class altogether")
def all_seven_classes(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)
    drawn = [rng.choice(np.flatnonzero(labels == label), size) for label in range(7)]
    return rng.permutation(np.concatenate(drawn))


@mistake(says="`.argmax()` is its number")
def which_for_how_often(labels, seed):
    rng = np.random.default_rng(seed)
    return rng.permutation(filled_up(labels, np.bincount(labels).argmax(), rng))


@mistake(says="draw with replacement")
def without_replacement(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)

    def repeats_without_replacement(members):
        return np.append(members, rng.choice(members, size - len(members), replace=False))

    return rng.permutation(class_by_class(labels, repeats_without_replacement))


@mistake(says="never occur")
def lost(labels, seed):
    rng, size = np.random.default_rng(seed), most_frequent(labels)
    return rng.permutation(class_by_class(labels, lambda members: rng.choice(members, size)))


@mistake(says="stand in blocks")
def not_shuffled(labels, seed):
    return filled_up(labels, most_frequent(labels), np.random.default_rng(seed))


@mistake(says="Two different seeds")
def seed_ignored(labels, seed):
    rng = np.random.default_rng(0)
    return rng.permutation(filled_up(labels, most_frequent(labels), rng))


@mistake(says="The same seed")
def not_reproducible(labels, seed):
    rng = np.random.default_rng()
    return rng.permutation(filled_up(labels, most_frequent(labels), rng))


@mistake(says="look like labels")
def labels_for_positions(labels, seed):
    rng = np.random.default_rng(seed)
    return labels[rng.permutation(filled_up(labels, most_frequent(labels), rng))]


@mistake(says="nothing was balanced")
def not_balanced(labels, seed):
    return np.random.default_rng(seed).permutation(class_by_class(labels, lambda members: members))
