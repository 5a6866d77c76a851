"""Exercise 01, faces as data: look at the arrays, count, set a baseline, normalise, split, find copies."""

import numpy as np

from emotionlab.exercises.bank01 import BANK
from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.compare import Mistake, call_each, compare, first, input_problem, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Faces as data"


# 1.1 ------------------------------------------------------------------------------------------


def _pictures(seed: int) -> list[tuple]:
    """Two stacks of pictures whose sides and ranges all differ; the extremes are never in the first picture."""
    rng = np.random.default_rng(seed)
    wide = rng.integers(3, 240, (5, 7, 9)).astype("uint8")
    bright = rng.integers(17, 254, (4, 6, 3)).astype("uint8")
    wide[1, 2, 3], wide[3, 5, 8] = 2, 241
    bright[1, 2, 2], bright[2, 4, 0] = 16, 254
    return [(wide,), (bright,)]


def _describe(images):
    return len(images), str(images.dtype), int(images.min()), int(images.max())


_CONTAINER = "The second value names the container, `ndarray`. Expected the type of the elements: `images.dtype`."


def _judge_description(observed: dict) -> Wrong | None:
    returned = observed["returned"]
    if all(found["kind"] == "sequence" and found["length"] > 1 for found in returned) and all(
        found["items"][1]["type"] == "type" for found in returned
    ):
        return Wrong(_CONTAINER, "container_type")
    return _compare_descriptions(observed)


_compare_descriptions = compare(
    _pictures,
    _describe,
    (
        Mistake(
            "size_for_length",
            "The first value counts pixels: `images.size` is the number of all elements. Expected the number "
            "of pictures, the length of the first axis.",
            lambda images: (images.size, *_describe(images)[1:]),
        ),
        Mistake(
            "last_axis_for_length",
            "The first value is the width of a picture. The number of pictures is the length of the first axis.",
            lambda images: (images.shape[-1], *_describe(images)[1:]),
        ),
        Mistake(
            "shape_for_length",
            "The first value is the whole shape. Expected one number, how many pictures there are: the first number "
            "of the shape.",
            lambda images: (images.shape, *_describe(images)[1:]),
        ),
        Mistake(
            "container_type",
            _CONTAINER,
            lambda images: (len(images), "ndarray", *_describe(images)[2:]),
        ),
        Mistake(
            "range_of_dtype",
            "0 and 255 are what uint8 can hold. Expected the smallest and largest pixel that are really there.",
            lambda images: (len(images), str(images.dtype), 0, 255),
        ),
        Mistake(
            "range_exchanged",
            "The last two values are exchanged. Expected the smallest pixel first, then the largest.",
            lambda images: (*_describe(images)[:2], *_describe(images)[:1:-1]),
        ),
        Mistake(
            "first_picture_only",
            "The smallest and largest pixel are those of the first picture alone; look at the whole array.",
            lambda images: (len(images), str(images.dtype), int(images[0].min()), int(images[0].max())),
        ),
    ),
)

Q1 = Question(
    id="1.1",
    title="What is in the array",
    points=1,
    answer="describe",
    source='''
def describe(images):
    """Return (number of pictures, name of the dtype, smallest pixel, largest pixel)."""
    ### BEGIN SOLUTION
    return len(images), str(images.dtype), int(images.min()), int(images.max())
    ### END SOLUTION
''',
    inputs=_pictures,
    observe=call_each,
    judge=_judge_description,
    hints=(
        "An array knows all of this about itself. Try `images.shape` and `images.dtype` in a cell of your own.",
        "The number of pictures is `len(images)`. The smallest pixel is `images.min()`. "
        "`str(images.dtype)` gives the name as text.",
        "Return four values with commas between them: "
        "`return len(images), str(images.dtype), images.min(), images.max()`.",
    ),
    passed="Right. Knowing the dtype and the range first saves hours later: most silent mistakes begin there.",
    bank=BANK["1.1"],
)


# 1.2 ------------------------------------------------------------------------------------------


def _labels(seed: int) -> list[tuple]:
    """Labels that lack class 1 and class 6, and labels that have all seven."""
    rng = np.random.default_rng(seed)
    gaps = rng.permutation(np.repeat([0, 2, 3, 4, 5], [4, 6, 11, 3, 8]))
    full = rng.permutation(np.repeat(np.arange(7), [5, 1, 7, 13, 2, 6, 9]))
    return [(gaps,), (full,)]


def _counts(labels):
    return np.bincount(labels, minlength=7)


def _judge_counts(observed: dict) -> Wrong | None:
    returned = observed["returned"]
    if all(found["kind"] == "sequence" and found["length"] == 2 for found in returned):
        return Wrong(
            "Expected one array of seven counts, found two things. `np.unique` with `return_counts=True` gives two: "
            "the classes that occur, and their counts.",
            "pair_of_unique",
            "`np.bincount` counts the classes that do not occur, too.",
        )
    return _compare_counts(observed)


_compare_counts = compare(
    _labels,
    _counts,
    (
        Mistake(
            "no_minlength",
            "There is no entry for a class at the end that has no picture. Expected seven counts always: "
            "see the argument `minlength` of `np.bincount`.",
            np.bincount,
        ),
        Mistake(
            "missing_classes_dropped",
            "A class without pictures was left out, so the later counts slid to the wrong place. "
            "Expected a 0 there: `np.unique` lists only what occurs.",
            lambda labels: np.unique(labels, return_counts=True)[1],
        ),
        Mistake(
            "shares_for_counts",
            "These are shares that add up to 1. Expected how many pictures, as whole numbers.",
            lambda labels: _counts(labels) / len(labels),
        ),
        Mistake(
            "sorted_counts",
            "The counts are sorted by size, so nobody can tell whose they are. Expected the count of class 0 "
            "first, then of class 1, and so on.",
            lambda labels: np.sort(_counts(labels))[::-1],
        ),
        Mistake(
            "counted_from_one",
            "These are the counts of the classes 1 to 7. The labels run from 0 to 6.",
            lambda labels: np.array([np.sum(labels == c) for c in range(1, 8)]),
        ),
        Mistake(
            "added_once",
            "No class has more than 1: `counts[labels] += 1` adds only once to a class, however often it stands in "
            "`labels`. Go through the labels one by one, or use `np.bincount`.",
            lambda labels: np.minimum(_counts(labels), 1),
        ),
        Mistake(
            "never_counted",
            "All counts are 0. In a loop, `counts[label] + 1` changes nothing; `counts[label] += 1` does.",
            lambda labels: np.zeros(7),
        ),
        Mistake(
            "bins_follow_the_labels",
            "The bins of `np.histogram` follow the smallest and largest label that occur, so they slide when a "
            "class at the end has no picture. `np.bincount` counts whole numbers.",
            lambda labels: np.histogram(labels, bins=7)[0],
        ),
    ),
)

Q2 = Question(
    id="1.2",
    title="Count the classes",
    points=1,
    answer="class_counts",
    source="""
def class_counts(labels):
    \"\"\"How many pictures each of the seven classes has: an array of seven whole numbers.\"\"\"
    ### BEGIN SOLUTION
    return np.bincount(labels, minlength=7)
    ### END SOLUTION
""",
    inputs=_labels,
    observe=call_each,
    judge=_judge_counts,
    hints=(
        "NumPy has a function that counts how often each whole number occurs: `np.bincount`.",
        "If the last class does not occur, `np.bincount(labels)` is too short. What does its argument `minlength` do?",
        "`return np.bincount(labels, minlength=7)`",
    ),
    passed="Right, and also where a class has no picture at all. A subset of a rare class does that to you.",
    bank=BANK["1.2"],
)


# 1.3 ------------------------------------------------------------------------------------------


def _two_label_sets(seed: int) -> list[tuple]:
    """Training and test labels whose most frequent classes differ."""
    rng = np.random.default_rng(seed)
    first_train = rng.permutation(np.repeat(np.arange(7), [5, 1, 6, 19, 4, 7, 8]))
    first_test = rng.permutation(np.repeat(np.arange(7), [3, 2, 4, 5, 1, 9, 7]))
    second_train = rng.permutation(np.repeat(np.arange(7), [2, 3, 5, 4, 17, 6, 1]))
    second_test = rng.permutation(np.repeat(np.arange(7), [11, 1, 6, 2, 3, 4, 10]))
    return [(first_train, first_test), (second_train, second_test)]


def _majority_accuracy(train_labels, test_labels):
    return float(np.mean(test_labels == _counts(train_labels).argmax()))


def _largest_share(labels):
    return float(_counts(labels).max() / len(labels))


_NOT_A_LABEL = (
    "What was compared with the test labels is not the favourite label. `np.bincount(train_labels).argmax()` is the "
    "favourite; `.max()` there is how often it occurs, and `train_labels.argmax()` is only a position."
)

Q3 = Question(
    id="1.3",
    title="The accuracy of knowing nothing",
    points=2,
    answer="majority_accuracy",
    source="""
def majority_accuracy(train_labels, test_labels):
    \"\"\"Accuracy (0 to 1) on the test labels of always answering the most frequent training label.\"\"\"
    ### BEGIN SOLUTION
    favourite = np.bincount(train_labels).argmax()
    return np.mean(test_labels == favourite)
    ### END SOLUTION
""",
    inputs=_two_label_sets,
    observe=call_each,
    judge=compare(
        _two_label_sets,
        _majority_accuracy,
        (
            Mistake(
                "test_data_used",
                "This answers with the most frequent class of the test labels. A model may learn from the "
                "training labels only: find the favourite there, then score it on the test labels.",
                lambda train, test: _largest_share(test),
            ),
            Mistake(
                "measured_on_training",
                "This is the share of the favourite class among the training labels. Expected its share among "
                "the test labels.",
                lambda train, test: _largest_share(train),
            ),
            Mistake(
                "percent",
                "This is in percent. Expected a share between 0 and 1.",
                lambda train, test: 100 * _majority_accuracy(train, test),
            ),
            Mistake(
                "label_for_accuracy",
                "This is the favourite label. Expected how often it is right on the test labels.",
                lambda train, test: int(_counts(train).argmax()),
            ),
            Mistake(
                "count_for_share",
                "This counts the right answers. Expected their share: divide by the number of test labels.",
                lambda train, test: int(np.sum(test == _counts(train).argmax())),
            ),
            Mistake(
                "equal_classes_assumed",
                "One in seven is the accuracy of guessing when all classes are equally frequent. They are not: "
                "always answer the most frequent training label.",
                lambda train, test: 1 / 7,
            ),
            Mistake(
                "position_for_label",
                _NOT_A_LABEL,
                lambda train, test: float(np.mean(test == train.argmax())),
            ),
            Mistake(
                "how_often_for_which",
                _NOT_A_LABEL,
                lambda train, test: float(np.mean(test == _counts(train).max())),
            ),
            Mistake(
                "largest_for_most_frequent",
                "This answers with the largest label. Expected the label that occurs most often in training.",
                lambda train, test: float(np.mean(test == train.max())),
            ),
            Mistake(
                "happy_assumed",
                "This always answers 3 (happy). Other training labels have another favourite: find it in "
                "`train_labels`.",
                lambda train, test: float(np.mean(test == 3)),
            ),
            Mistake(
                "divided_by_training",
                "The right answers were divided by the number of training labels. Divide by the number of test labels.",
                lambda train, test: float(np.sum(test == _counts(train).argmax()) / len(train)),
            ),
        ),
    ),
    hints=(
        "Two steps: which label is the most frequent in training? How often does it occur in the test labels?",
        "`np.bincount(train_labels).argmax()` is the most frequent label. `test_labels == label` is True "
        "where it is right.",
        "The mean of an array of True and False is the share of True: `np.mean(test_labels == favourite)`.",
    ),
    passed="Right. Any model must beat this number before its accuracy means anything.",
    bank=BANK["1.3"],
)


# 1.4 ------------------------------------------------------------------------------------------


def _stacks(seed: int) -> list[tuple]:
    """Two stacks of pictures: one with black and white pixels among the others, one of greys alone."""
    rng = np.random.default_rng(seed)
    full, greys = (rng.integers(10, 200, shape).astype("uint8") for shape in ((5, 6, 4), (3, 8, 9)))
    full[:, 0, 1], full[1, 2, 0] = 0, 255
    return [(full,), (greys,)]


def _normalise(images):
    return (images[..., None] / 255).astype("float32")


def _judge_normalised(observed: dict) -> Wrong | None:
    wrong = _compare_normalised(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    arrays = [found["array"] for found in observed["returned"]]
    if any(array is not None and np.any(array < 0) for array in arrays):
        return Wrong(
            "Some values are below 0. The lesson subtracted a mean and divided by a standard deviation; here the "
            "values are to lie between 0 and 1: divide by 255, and nothing else.",
            "standardised",
        )
    return wrong


_compare_normalised = compare(
    _stacks,
    _normalise,
    (
        Mistake(
            "not_divided",
            "The values still run up to 255. Expected 0 to 1: divide by 255.",
            lambda images: images[..., None].astype("float32"),
        ),
        Mistake(
            "no_channel_axis",
            "The values are right, the channel axis is missing. Expected the shape (N, height, width, 1), "
            "because a convolution wants to know how many colours a pixel has.",
            lambda images: images / 255,
        ),
        Mistake(
            "channel_first",
            "The new axis is in second place, (N, 1, height, width). Keras expects it last: (N, height, width, 1).",
            lambda images: images[:, None] / 255,
        ),
        Mistake(
            "uint8_overflow",
            "White turned black: 255 + 1 is 0 in uint8, which cannot hold more than 255. "
            "Convert to float32 before you calculate, and divide by 255.",
            lambda images: (images[..., None] + np.uint8(1)) / 256,
        ),
        Mistake(
            "decimals_cut",
            "Almost all values are 0: whole-number division, or a conversion to uint8 after dividing, cuts the "
            "decimals off. Convert to float32 and stay there.",
            lambda images: images[..., None] // 255,
        ),
        Mistake(
            "divided_by_256",
            "White became a little less than 1. The largest uint8 is 255, so divide by 255.",
            lambda images: images[..., None] / 256,
        ),
        Mistake(
            "scaled_by_maximum",
            "You divided by the brightest pixel that happens to be there, so the same grey becomes another number "
            "in other pictures. Expected the same division by 255 always.",
            lambda images: images[..., None] / images.max(),
        ),
        Mistake(
            "scaled_by_each_maximum",
            "Every picture was divided by its own brightest pixel, so dark pictures were brightened. "
            "Expected the same division by 255 for all.",
            lambda images: images[..., None] / images.max(axis=(1, 2))[:, None, None, None],
        ),
        Mistake(
            "stretched",
            "The darkest pixel became 0 and the brightest 1, so the same grey becomes another number in other "
            "pictures. Expected the same division by 255 always.",
            lambda images: (images[..., None] - float(images.min())) / (images.max() - float(images.min())),
        ),
        Mistake(
            "axis_in_front",
            "The new axis is in front, (1, N, height, width). Expected it at the end: (N, height, width, 1).",
            lambda images: images[None] / 255,
        ),
    ),
    dtype="float32",
)

Q4 = Question(
    id="1.4",
    title="Pictures a network can eat",
    points=2,
    answer="normalise",
    source="""
def normalise(images):
    \"\"\"Turn (N, height, width) uint8 into (N, height, width, 1) float32 between 0 and 1.\"\"\"
    ### BEGIN SOLUTION
    return images[..., np.newaxis].astype("float32") / 255
    ### END SOLUTION
""",
    inputs=_stacks,
    observe=call_each,
    judge=_judge_normalised,
    hints=(
        "Three things have to change: the dtype, the range and the number of axes. Do one at a time.",
        '`images.astype("float32")` changes the dtype, `/ 255` the range. `images[..., np.newaxis]` adds an axis '
        "at the end.",
        '`return images[..., np.newaxis].astype("float32") / 255`',
    ),
    passed="Right: shape, dtype and range. Training and the webcam demo must prepare pictures alike.",
    bank=BANK["1.4"],
)


# 1.5 ------------------------------------------------------------------------------------------


def _labels_to_split(seed: int) -> list[tuple]:
    """Two calls that must agree, one with another seed, and one with labels sorted by class."""
    rng = np.random.default_rng(seed)
    mixed = rng.permutation(np.repeat(np.arange(7), [20, 4, 24, 40, 16, 12, 28]))
    by_class = np.repeat(np.arange(7), [15, 5, 20, 30, 10, 25, 35])
    return [(mixed, 0.25, 3), (mixed, 0.25, 3), (mixed, 0.25, 4), (by_class, 0.2, 5)]


def _judge_splits(observed: dict) -> Wrong | None:
    cases = _labels_to_split(observed["seed"])
    returned = [_with_arrays(found) for found in observed["returned"]]
    wrong = first(_split_problem(found, *case[:2]) for found, case in zip(returned, cases, strict=True))
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
    return input_problem(observed)


def _with_arrays(found: dict) -> dict:
    """The record of a pair, with lists of numbers in it read as arrays: positions may come as either."""
    if found["kind"] != "sequence":
        return found
    return found | {"items": [_as_array(item) for item in found["items"]]}


def _as_array(item: dict) -> dict:
    if item["kind"] != "sequence" or any(part["kind"] != "number" for part in item["items"]):
        return item
    return capture(np.array([part["value"] for part in item["items"]], None if item["items"] else int))


def _split_problem(found: dict, labels: np.ndarray, share: float) -> Wrong | None:
    """What is wrong with one returned pair of index arrays, or None."""
    wrong = type_problem(found, (labels, labels))
    if wrong is None and found["length"] != 2:
        wrong = Wrong(f"Expected two index arrays, found {found['length']} values.", "wrong_type")
    wrong = wrong or first(_index_problem(item, len(labels)) for item in found["items"])
    if wrong:
        return wrong
    train, validation = (item["array"] for item in found["items"])
    return _overlap_problem(train, validation, labels) or _share_problem(train, validation, labels, share)


def _index_problem(item: dict, length: int) -> Wrong | None:
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


def _overlap_problem(train: np.ndarray, validation: np.ndarray, labels: np.ndarray) -> Wrong | None:
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
    kept = _counts(labels[np.concatenate([train, validation])])
    gone = [str(label) for label in np.flatnonzero((kept == 0) & (_counts(labels) > 0))]
    if not gone:
        return Wrong(f"{lost} of {length} pictures are in neither part.", "lost")
    return Wrong(
        f"{lost} of {length} pictures are in neither part: no picture of class {', '.join(gone)} is left.",
        "lost_classes",
        "Does the loop go over all seven classes, and does the `return` stand behind the loop, not in it?",
    )


def _share_problem(train, validation, labels: np.ndarray, share: float) -> Wrong | None:
    wanted = share * _counts(labels)
    found = _counts(labels[validation])
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
        f"The total is about right but the classes are not: of {_counts(labels)[worst]} pictures of class {worst}, "
        f"expected {wanted[worst]:g} in validation, found {found[worst]}. Split each class by itself (stratify).",
        "not_stratified",
    )


Q5 = Question(
    id="1.5",
    title="A fair split",
    points=3,
    answer="stratified_split",
    source="""
def stratified_split(labels, share, seed):
    \"\"\"Positions of the pictures in two parts: (train_index, validation_index).

    Of each class, `share` goes to validation, chosen at random but always the same for one seed.
    \"\"\"
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    train, validation = [], []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        size = round(share * len(members))
        validation.append(members[:size])
        train.append(members[size:])
    return np.concatenate(train), np.concatenate(validation)
    ### END SOLUTION
""",
    inputs=_labels_to_split,
    observe=call_each,
    judge=_judge_splits,
    hints=(
        "Split each class by itself, then put the parts together. No position may be in both parts.",
        "`np.flatnonzero(labels == 3)` gives the positions of class 3, `rng.permutation(...)` shuffles them. "
        "The first few go to validation, the rest to training.",
        "For each label: `members = rng.permutation(np.flatnonzero(labels == label))`, "
        "`size = round(share * len(members))`, then `members[:size]` and `members[size:]`; "
        "`np.concatenate` joins the pieces at the end.",
    ),
    passed="Right: no overlap, nothing lost, every class shared alike, and the same again tomorrow.",
    bank=BANK["1.5"],
)


# 1.6 ------------------------------------------------------------------------------------------


def _two_stacks(seed: int) -> list[tuple]:
    """Training and test pictures with copies, mirrored and shuffled near-copies, and copies of copies."""
    rng = np.random.default_rng(seed)
    cases = []
    for n_train, n_test, height, width in ((23, 17, 6, 5), (14, 19, 4, 7)):
        train = rng.integers(0, 256, (n_train, height, width)).astype("uint8")
        test = rng.integers(0, 256, (n_test, height, width)).astype("uint8")
        train[9] = train[2]  # a picture twice in training: its copy in the test counts once
        test[3], test[8], test[11] = train[2], train[12], train[5]
        test[12] = test[11]  # a copy of a copy counts as well
        test[7] = train[7]  # at the same position in both
        test[1] = train[4][:, ::-1]  # mirrored: the same pixels, another picture
        test[14] = rng.permutation(train[6].reshape(-1)).reshape(height, width)
        test[5] = test[13]  # twice in the test, never in training
        cases.append((train, test))
    return cases


def _equal(train, test):
    """(N, M) bool: training picture n has the same pixels as test picture m."""
    return (train[:, None] == test[None]).all(axis=(2, 3))


def _copies(train, test):
    return np.flatnonzero(_equal(train, test).any(axis=0))


def _same_sums(train, test):
    return np.flatnonzero(np.isin(test.sum(axis=(1, 2)), train.sum(axis=(1, 2))))


def _same_place(train, test):
    shared = min(len(train), len(test))
    return np.flatnonzero((train[:shared] == test[:shared]).all(axis=(1, 2)))


def _judge_copies(observed: dict) -> Wrong | None:
    returned = [_as_array(found) for found in observed["returned"]]
    if any([part["kind"] for part in found.get("items", ())] == ["array"] for found in returned):
        return Wrong(
            "Expected positions, found a tuple that holds one array: `np.where` gives such a tuple.",
            "tuple_of_where",
            "`np.flatnonzero(...)` gives the positions themselves.",
        )
    wrong = _compare_copies(observed | {"returned": returned})
    if wrong is None or not all(found["kind"] == "array" and len(found["shape"]) == 1 for found in returned):
        return wrong
    cases = _two_stacks(observed["seed"])
    if not all(np.array_equal(np.unique(f["array"]), _copies(*case)) for f, case in zip(returned, cases, strict=True)):
        return wrong
    if any(len(np.unique(found["array"])) < len(found["array"]) for found in returned):
        return Wrong(
            "A test picture is listed once for every copy of it in training. Expected each position once.",
            "listed_for_each_copy",
        )
    if any(np.any(np.diff(found["array"]) < 0) for found in returned):
        return Wrong(
            "These are the right positions, but not in rising order: a test picture stands where its copy stands in "
            "training. Go through the test pictures first, or sort at the end.",
            "not_rising",
        )
    return wrong


_compare_copies = compare(
    _two_stacks,
    _copies,
    (
        Mistake(
            "same_position_only",
            "This compares test picture i with training picture i alone. A copy can stand anywhere in training.",
            _same_place,
        ),
        Mistake(
            "training_positions",
            "These are positions in the training pictures. Expected the positions in the test pictures.",
            lambda train, test: np.flatnonzero(_equal(train, test).any(axis=1)),
        ),
        Mistake(
            "training_positions_for_each",
            "These are positions in the training pictures. Expected the positions in the test pictures, each once.",
            lambda train, test: np.argwhere(_equal(train, test))[:, 0],
        ),
        Mistake(
            "pictures_for_positions",
            "These are the pictures themselves. Expected their positions in `test_images`; `enumerate` counts along.",
            lambda train, test: test[_copies(train, test)],
        ),
        Mistake(
            "none_found",
            "Nothing was found, but the hidden pictures do hold copies, even if your faces hold none. Try it on "
            "`find_copies(faces.train.images, faces.train.images[:3])`: it must give 0, 1, 2.",
            lambda train, test: np.array([]),
        ),
        Mistake(
            "same_sum",
            "Pictures with the same sum (or mean) were taken for copies. A mirrored picture has the same sum: "
            "compare all pixels at their places.",
            _same_sums,
        ),
        Mistake(
            "any_pixel",
            "Pictures that share one pixel were taken for copies. Expected all pixels equal: `.all`, not `.any`.",
            lambda train, test: np.flatnonzero((train[:, None] == test[None]).any(axis=(0, 2, 3))),
        ),
        Mistake(
            "mask_for_positions",
            "This is a mask of True and False. Expected the positions: `np.flatnonzero(mask)`.",
            lambda train, test: _equal(train, test).any(axis=0),
        ),
        Mistake(
            "copies_within_test",
            "Pictures that occur twice within the test were listed too. Expected only those found in training.",
            lambda train, test: np.flatnonzero(_equal(train, test).any(axis=0) | (_equal(test, test).sum(axis=0) > 1)),
        ),
    ),
)

Q6 = Question(
    id="1.6",
    title="Find the leak",
    points=3,
    answer="find_copies",
    source="""
def find_copies(train_images, test_images):
    \"\"\"Positions (rising) of the test pictures that occur, pixel for pixel, among the training pictures.\"\"\"
    ### BEGIN SOLUTION
    seen = {image.tobytes() for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if image.tobytes() in seen], dtype=int)
    ### END SOLUTION
""",
    inputs=_two_stacks,
    observe=call_each,
    judge=_judge_copies,
    hints=(
        "You need something that is equal exactly when all pixels are equal, and that Python can look up quickly.",
        "`image.tobytes()` turns a picture into bytes. Bytes can go into a `set`, and `in` a set is fast.",
        "`seen = {image.tobytes() for image in train_images}`; then keep every i for which "
        "`test_images[i].tobytes() in seen`, and make an array of them.",
    ),
    passed="Right. Run it on any data set before you believe a test score, also on the famous ones.",
    bank=BANK["1.6"],
)


# 1.7 ------------------------------------------------------------------------------------------


_TASK_7 = """
A picture carries the label fear. Explain to a friend what that label says and what it does not say. Who decided,
what did they see, and what follows for a network that learns from such labels?
"""

Q7 = written_question(
    id="1.7",
    title="What a label says",
    points=3,
    answer="answer_1_7",
    source="""
### BEGIN SOLUTION
answer_1_7 = \"\"\"
The label says that people who looked at this picture called it fear, after a search engine had
offered it for a word about a feeling. It does not say what the person felt: nobody asked. The
picture may show an actor, a joke, pain, or surprise, which also raises the brows and opens the
mouth. Other taggers might have picked another word. So a network that is always right about the
labels has learned to repeat these taggers, which is not the same as reading feelings.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Think of the last time somebody took a photo of you. Would a stranger guess what you felt?",
        "Three people take part: the one in the picture, the one who labelled it, and the reader of the prediction. "
        "What does each of them know?",
        "Write one sentence each: what the label is, who gave it, another reading of the same face, what a network "
        "with a perfect score has learned.",
    ),
    rubric=(
        "Says that a label is the judgement of people about a picture, not a measurement of what somebody felt.",
        "Says who decided: a search by words found the pictures, people sorted them (Goodfellow et al. 2013).",
        "Gives another reading of the same face, such as surprise, pain, acting or a joke.",
        "Says what follows: a network learns to repeat the labels, mistakes and habits included.",
    ),
    bank=BANK["1.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
