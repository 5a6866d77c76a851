"""Question 1.5: split positions into training and validation, class by class, by a seed.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

import random

import numpy as np

from emotionlab.exercises.capture import describe
from emotionlab.exercises.compare import first, input_problem, read_as, type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.5",
    hints=(
        "Split each class by itself, then put the parts together. No position may be in both parts.",
        "`np.flatnonzero(labels == 3)` gives the positions of class 3, `rng.permutation(...)` shuffles them. "
        "The first few go to validation, the rest to training.",
        "For each label: `members = rng.permutation(np.flatnonzero(labels == label))`, "
        "`size = round(share * len(members))`, then `members[:size]` and `members[size:]`; "
        "`np.concatenate` joins the pieces at the end.",
    ),
    passed="Right: no overlap, nothing lost, every class shared alike, and the same again tomorrow.",
    explained={
        "One picture more or less of a class is a matter of rounding.": (
            "blind: argument 1: first element changed",
            "blind: argument 1: last element changed",
            "blind: argument 2: float16",
        ),
        "The positions of a part may stand in any order.": (
            "blind: result 1: sorted",
            "blind: result 2: sorted",
        ),
    },
)


@QUESTION.inputs
def labels_to_split(seed):
    """Two calls that must agree, one with another seed, and one with labels sorted by class and another share."""
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(np.repeat(np.arange(7), [20, 16, 24, 40, 20, 24, 28]))
    by_class = np.repeat(np.arange(7), [15, 5, 20, 30, 10, 25, 35])
    return [(mixed, 0.25, 3), (mixed, 0.25, 3), (mixed, 0.25, 5), (by_class, 0.4, 6)]


@QUESTION.judge
def judge(observed):
    cases = labels_to_split(observed["seed"])
    returned = [read_as(found, (case[0], case[0])) for found, case in zip(observed["returned"], cases, strict=True)]
    wrong = first(split_problem(found, *case[:2]) for found, case in zip(returned, cases, strict=True))
    if wrong:
        return wrong
    chosen = [set(found["items"][1]["array"].tolist()) for found in returned]
    if chosen[0] != chosen[1]:
        return Wrong(
            "The same seed gave two different splits. Make the random numbers from it: `np.random.default_rng(seed)`.",
            "not_reproducible",
        )
    if chosen[0] == chosen[2]:
        return Wrong(
            "Two different seeds gave the same split. Expected a random choice within each class that follows `seed`; "
            "pictures next to each other in a file are often of one person.",
            "seed_ignored",
        )
    return chance_problem(chosen[0], chosen[2], cases[0][0]) or input_problem(observed)


def chance_problem(once, other, labels):
    """Wrong when the choice within a class is the same for two seeds, or follows a rule in three classes or more.

    once, other: the positions chosen for validation by two seeds. Each class has at least 16 pictures, so that an
    honest draw gives the same ones twice in fewer than one of a thousand checks. It seems to follow a rule in one class
    of 16 in thirteen, in one of 20 in a hundred.
    """
    members = [np.flatnonzero(labels == label) for label in range(7)]
    same = [str(label) for label, own in enumerate(members) if once & {*own} == other & {*own}]
    if same:
        return Wrong(
            f"Two different seeds chose the same pictures of class {', '.join(same)}. Shuffle every class with the "
            "random numbers of `seed`.",
            "partly_random",
        )
    chosen = [np.flatnonzero(np.isin(own, list(other))) for own in members]
    ruled = [str(label) for label in range(7) if len(steps_between(chosen[label], len(members[label]))) <= 2]
    if len(ruled) >= 3:
        return Wrong(
            f"The pictures chosen of class {', '.join(ruled)} follow a rule: neighbours, or every fourth. Expected a "
            "random choice that follows from `seed`; pictures next to each other in a file are often of one person.",
            "rule_for_chance",
            "`np.random.default_rng(seed).permutation(members)` shuffles them.",
        )
    return None


def steps_between(places, length):
    """The different steps from one place to the next, and from the last round to the first, in a class of `length`."""
    return set(np.diff(np.append(places, places[0] + length)).tolist()) if len(places) else set()


def split_problem(found, labels, share):
    """What is wrong with one returned pair of index arrays, or None."""
    wrong = type_problem(found, (labels, labels))
    if wrong is None and found["length"] != 2:
        wrong = Wrong(f"Expected two index arrays, found {found['length']} values.", "wrong_type")
    wrong = wrong or first(index_problem(item, len(labels)) for item in found["items"])
    if wrong:
        return wrong
    train, validation = (item["array"] for item in found["items"])
    return overlap_problem(train, validation, labels) or share_problem(train, validation, labels, share)


def index_problem(item, length):
    wrong = type_problem(item, np.zeros(length, int))
    if item["kind"] == "sequence" and any(part["kind"] in ("array", "sequence") for part in item["items"]):
        return Wrong(
            f"Expected one array of positions, found {item['length']} arrays in a list, such as one for each class.",
            "pieces_not_joined",
            "`np.concatenate(...)` joins them.",
        )
    if wrong:  # without the shape: how many positions there are depends on the share
        return Wrong(f"Expected an array of positions, found {describe(item)}.", wrong.misconception, wrong.next_step)
    if item["dtype"] == "bool":
        return Wrong(
            "Expected positions (whole numbers), found a mask of True and False.",
            "mask_for_positions",
            "`np.flatnonzero(mask)` turns a mask into positions.",
        )
    if not item["dtype"].startswith(("int", "uint")) or len(item["shape"]) != 1:
        shape = tuple(item["shape"])
        return Wrong(f"Expected one axis of whole numbers, found shape {shape}, {item['dtype']}.", "wrong_dtype")
    array = item["array"]
    if array is None or (array.size and (array.min() < 0 or array.max() >= length)):
        return Wrong(f"Expected positions from 0 to {length - 1}; some lie outside.", "outside")
    if array.size > 7 and array.max() < 7:
        return Wrong(
            "These look like labels, from 0 to 6. Expected the positions of the pictures.", "labels_for_positions"
        )
    return None


def overlap_problem(train, validation, labels):
    length = len(labels)
    both = np.intersect1d(train, validation)
    if both.size:
        return Wrong(
            f"{both.size} of {length} pictures are in both parts. A model that is tested on what it was trained on "
            "looks better than it is: no position may occur twice.",
            "overlap",
        )
    repeated = train.size - np.unique(train).size + validation.size - np.unique(validation).size
    if repeated:
        return Wrong(
            f"{repeated} positions occur twice within a part. Draw without replacement, for example with "
            "`rng.permutation`.",
            "repeated",
        )
    lost = length - train.size - validation.size
    if not lost:
        return None
    kept = counts_of(labels[np.concatenate([train, validation])])
    gone = [str(label) for label in np.flatnonzero((kept == 0) & (counts_of(labels) > 0))]
    if not gone:
        return Wrong(f"{lost} of {length} pictures are in neither part.", "lost")
    return Wrong(
        f"{lost} of {length} pictures are in neither part: no picture of class {', '.join(gone)} is left.",
        "lost_classes",
        "Does the loop go over all seven classes, and does the `return` stand behind the loop, not in it?",
    )


def share_problem(train, validation, labels, share):
    wanted = share * counts_of(labels)
    found = counts_of(labels[validation])
    if np.all(np.abs(found - wanted) < 0.999):
        return None
    if abs(len(train) - share * len(labels)) < 1 and share != 0.5:
        return Wrong(
            f"The two parts are exchanged: {share:g} of the pictures went to training. Return (train, validation).",
            "swapped",
        )
    if abs(len(validation) - share * len(labels)) >= 7:
        return Wrong(
            f"Expected about {share * len(labels):.0f} of {len(labels)} pictures in validation, found "
            f"{len(validation)}.",
            "wrong_share",
        )
    worst = int(np.argmax(np.abs(found - wanted)))
    return Wrong(
        f"The total is about right but the classes are not: of {counts_of(labels)[worst]} pictures of class {worst}, "
        f"expected {wanted[worst]:g} in validation, found {found[worst]}. Split each class by itself (stratify).",
        "not_stratified",
    )


def counts_of(labels):
    return np.bincount(labels, minlength=7)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def scikit_learn(labels, share, seed):
    from sklearn.model_selection import train_test_split

    index = np.arange(len(labels))
    train, validation = train_test_split(index, test_size=share, stratify=labels, random_state=seed)
    return train, validation


@style
def lists(labels, share, seed):
    shuffle = random.Random(seed).shuffle
    train, validation = [], []
    for label in range(7):
        members = [i for i in range(len(labels)) if labels[i] == label]
        shuffle(members)
        size = round(share * len(members))
        validation += members[:size]
        train += members[size:]
    return train, validation


@style
def mask(labels, share, seed):
    rng = np.random.default_rng(seed)
    is_validation = np.zeros(len(labels), dtype=bool)
    for label, count in enumerate(np.bincount(labels)):
        members = np.flatnonzero(labels == label)
        chosen = rng.choice(members, size=round(share * count), replace=False)
        is_validation[chosen] = True
    return np.flatnonzero(~is_validation), np.flatnonzero(is_validation)


@style
def without_loop(labels, share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    sorted_labels = labels[by_class]
    counts = np.bincount(labels, minlength=7)
    rank = np.arange(len(labels)) - (np.cumsum(counts) - counts)[sorted_labels]
    first = rank < np.round(share * counts)[sorted_labels]
    return by_class[~first], by_class[first]


# ---- Mistakes ------------------------------------------------------------------------------------


def split_each_class(labels, share, seed):
    """Positions of each class for training and for validation: two lists of seven arrays."""
    rng = np.random.default_rng(seed)
    train, validation = [], []
    for label in range(7):
        members = rng.permutation(np.flatnonzero(labels == label))
        size = round(share * len(members))
        validation.append(members[:size])
        train.append(members[size:])
    return train, validation


@mistake(says="in both parts")
def overlap(labels, share, seed):
    train, validation = split_each_class(labels, share, seed)
    return np.concatenate(train + validation), np.concatenate(validation)


@mistake(says="Split each class by itself")
def not_stratified(labels, share, seed):
    order = np.random.default_rng(seed).permutation(len(labels))
    size = round(share * len(labels))
    return order[size:], order[:size]


@mistake(says="same seed gave two different")
def not_reproducible(labels, share, seed):
    train, validation = split_each_class(labels, share, None)
    return np.concatenate(train), np.concatenate(validation)


@mistake(says="Two different seeds")
def seed_ignored(labels, share, seed):
    train, validation = split_each_class(labels, share, 0)
    return np.concatenate(train), np.concatenate(validation)


@mistake(id="seed_ignored", says="Two different seeds")
def first_of_each_class(labels, share, seed):
    train, validation = [], []
    for label in range(7):
        members = np.flatnonzero(labels == label)
        size = round(share * len(members))
        validation.append(members[:size])
        train.append(members[size:])
    return np.concatenate(train), np.concatenate(validation)


@mistake(says="same pictures of class 1, 2, 3, 4, 5, 6")
def partly_random(labels, share, seed):
    rng = np.random.default_rng(seed)
    train, validation = [], []
    for label in range(7):
        members = np.flatnonzero(labels == label)
        if label == 0:
            members = rng.permutation(members)
        size = round(share * len(members))
        validation.append(members[:size])
        train.append(members[size:])
    return np.concatenate(train), np.concatenate(validation)


@mistake(says="follow a rule")
def rule_for_chance(labels, share, seed):
    train, validation = [], []
    for label in range(7):
        members = np.roll(np.flatnonzero(labels == label), seed)
        size = round(share * len(members))
        validation.append(members[:size])
        train.append(members[size:])
    return np.concatenate(train), np.concatenate(validation)


@mistake(id="wrong_share", says="of 140 pictures in validation")
def every_second_for_two_fifths(labels, share, seed):
    rng, step = np.random.default_rng(seed), int(1 / share)
    members = [rng.permutation(np.flatnonzero(labels == label)) for label in range(7)]
    validation = np.concatenate([own[::step] for own in members])
    return np.setdiff1d(np.arange(len(labels)), validation), validation


@mistake(says="exchanged")
def swapped(labels, share, seed):
    train, validation = split_each_class(labels, share, seed)
    return np.concatenate(validation), np.concatenate(train)


@mistake(says="Draw without replacement")
def repeated(labels, share, seed):
    rng = np.random.default_rng(seed)
    classes = [np.flatnonzero(labels == label) for label in range(7)]
    validation = np.concatenate([rng.choice(members, round(share * len(members))) for members in classes])
    return np.setdiff1d(np.arange(len(labels)), validation), validation


@mistake(says="in neither part")
def lost(labels, share, seed):
    train, validation = split_each_class(labels, share, seed)
    train = [members[len(taken) :] for members, taken in zip(train, validation, strict=True)]
    return np.concatenate(train), np.concatenate(validation)


@mistake(says="no picture of class 1, 2, 3, 4, 5, 6 is left")
def lost_classes(labels, share, seed):
    train, validation = [], []
    for pieces in zip(*split_each_class(labels, share, seed), strict=True):
        train.append(pieces[0])
        validation.append(pieces[1])
        return np.concatenate(train), np.concatenate(validation)


@mistake(says="7 arrays in a list")
def pieces_not_joined(labels, share, seed):
    return split_each_class(labels, share, seed)


@mistake(says="look like labels")
def labels_for_positions(labels, share, seed):
    train, validation = split_each_class(labels, share, seed)
    return labels[np.concatenate(train)], labels[np.concatenate(validation)]


@mistake(says="found a mask")
def mask_for_positions(labels, share, seed):
    mask = np.random.default_rng(seed).random(len(labels)) < share
    return ~mask, mask
