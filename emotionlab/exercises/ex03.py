"""Exercise 03, augmentation and imbalance: mirror, weigh, smooth, augment, schedule, oversample."""

import numpy as np

from emotionlab.exercises.bank03 import BANK
from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.compare import Mistake, call_each, compare, first, input_problem, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Augmentation and imbalance"


# 3.1 ------------------------------------------------------------------------------------------


def _batches(seed: int) -> list[tuple]:
    """Two batches whose axes all differ in length."""
    rng = np.random.default_rng(seed)
    return [(rng.random((5, 6, 8, 1)).astype("float32"),), (rng.random((3, 9, 4, 1)).astype("float32"),)]


def _judge_mirrored(observed: dict) -> Wrong | None:
    wrong = _compare_mirrored(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    for (images,), found in zip(_batches(observed["seed"]), observed["returned"], strict=True):
        if found["array"] is None or found["array"].shape != images.shape:
            return wrong
        pairs = zip(found["array"], images, strict=True)
        if not all(any(np.array_equal(new, old) for old in (image, image[:, ::-1])) for new, image in pairs):
            return wrong
    return Wrong(
        "Some pictures are mirrored and some are not: a random layer tosses a coin for each. Expected every picture "
        "mirrored.",
        "mirrored_by_chance",
    )


_compare_mirrored = compare(
    _batches,
    lambda images: images[:, :, ::-1],
    (
        Mistake(
            "unchanged",
            "The pictures came back unchanged. The last axis holds the one channel, so turning it round does "
            "nothing. Left and right lie on axis 2, the width.",
            lambda images: images,
        ),
        Mistake(
            "upside_down",
            "The pictures stand on their heads: axis 1 is the height. Left and right lie on axis 2. "
            "(`np.fliplr` turns axis 1, which is the height in a batch.)",
            lambda images: images[:, ::-1],
        ),
        Mistake(
            "batch_reversed",
            "The order of the pictures was turned round, so every label now belongs to another face. "
            "Axis 0 counts the pictures; leave it alone and mirror axis 2.",
            lambda images: images[::-1],
        ),
        Mistake(
            "turned_half",
            "The pictures are turned by half a circle: both height and width were reversed. Mirror axis 2 alone.",
            lambda images: images[:, ::-1, ::-1],
        ),
        Mistake(
            "transposed",
            "Height and width are exchanged: rows became columns. Expected the same shape, mirrored.",
            lambda images: images.transpose(0, 2, 1, 3),
        ),
        Mistake(
            "all_axes",
            "Every axis was turned round, the order of the pictures too. Name the axis: `np.flip(images, axis=2)`.",
            lambda images: images[::-1, ::-1, ::-1, ::-1],
        ),
        Mistake(
            "originals_kept",
            "The originals are still there, in front of their mirror images. Expected the mirror images alone, as "
            "many as there were pictures.",
            lambda images: np.concatenate([images, images[:, :, ::-1]]),
        ),
        Mistake(
            "channel_lost",
            "The pictures are mirrored, but the channel axis is gone. Take `[:, :, ::-1]` and leave the rest out.",
            lambda images: images[:, :, ::-1, 0],
        ),
        Mistake(
            "counted_from_minus_zero",
            "The first column stayed where it was, and all others stand one place too far to the right: `-0` is 0. "
            "The last column is -1, so column i comes from `-1 - i`.",
            lambda images: images[:, :, -np.arange(images.shape[2])],
        ),
    ),
)

Q1 = Question(
    id="3.1",
    title="Mirror a batch",
    points=1,
    answer="mirror",
    source='''
def mirror(images):
    """Mirror every picture of (N, height, width, 1): what was left is right. The order of pictures stays."""
    ### BEGIN SOLUTION
    return images[:, :, ::-1]
    ### END SOLUTION
''',
    inputs=_batches,
    observe=call_each,
    judge=_judge_mirrored,
    hints=(
        "Which of the four axes (pictures, height, width, channel) runs from left to right?",
        "A slice with step -1 turns an axis round: `a[::-1]`. Each axis has its own place between the commas.",
        "`return images[:, :, ::-1]`, or `np.flip(images, axis=2)`.",
    ),
    passed="Right. One line, and each face gives two. A face and its mirror image carry the same label: that is why "
    "it is allowed.",
    bank=BANK["3.1"],
)


# 3.2 ------------------------------------------------------------------------------------------


def _label_sets(seed: int) -> list[tuple]:
    """Two sets of labels of unlike size; all seven classes occur in both."""
    rng = np.random.default_rng(seed)
    first_set = rng.permutation(np.repeat(np.arange(7), [12, 2, 14, 30, 16, 9, 17]))
    second_set = rng.permutation(np.repeat(np.arange(7), [5, 8, 3, 4, 25, 6, 1]))
    return [(first_set,), (second_set,)]


def _count(labels):
    return np.bincount(labels, minlength=7)


def _weights(labels):
    return len(labels) / (7 * _count(labels))


Q2 = Question(
    id="3.2",
    title="Class weights from counts",
    points=2,
    answer="balanced_weights",
    source='''
def balanced_weights(labels):
    """An array of seven weights, n / (7 * count of the class): the rarer a class, the heavier.

    n is the number of labels; every class occurs at least once.
    """
    ### BEGIN SOLUTION
    counts = np.bincount(labels, minlength=7)
    return len(labels) / (7 * counts)
    ### END SOLUTION
''',
    inputs=_label_sets,
    observe=call_each,
    judge=compare(
        _label_sets,
        _weights,
        (
            Mistake(
                "upside_down_weights",
                "The frequent classes weigh most: the fraction is upside down. Expected the count below the line.",
                lambda labels: 7 * _count(labels) / len(labels),
            ),
            Mistake(
                "shares_for_weights",
                "These are the shares of the classes, so the frequent ones weigh most. Expected n / (7 * count).",
                lambda labels: _count(labels) / len(labels),
            ),
            Mistake(
                "seven_forgotten",
                "All weights are seven times too large: the loss would be, too, and with it every step of the "
                "training. Divide by the number of classes as well.",
                lambda labels: len(labels) / _count(labels),
            ),
            Mistake(
                "multiplied_by_the_count",
                "The counts stand above the line: `n / 7 * counts` divides by 7 and then multiplies. Put brackets: "
                "`n / (7 * counts)`.",
                lambda labels: len(labels) / 7 * _count(labels),
            ),
            Mistake(
                "count_alone",
                "1 / count makes the weights tiny, and with them the loss. Multiply by n / 7, so that the mean "
                "weight of a picture is 1.",
                lambda labels: 1 / _count(labels),
            ),
            Mistake(
                "against_the_largest",
                "This compares each class with the most frequent one, so all weights are 1 or more and the loss "
                "grows. Expected n / (7 * count).",
                lambda labels: _count(labels).max() / _count(labels),
            ),
            Mistake(
                "sum_of_one",
                "The weights add up to 1, so the loss shrinks. Expected n / (7 * count), which leaves the mean weight "
                "of a picture at 1.",
                lambda labels: (1 / _count(labels)) / (1 / _count(labels)).sum(),
            ),
            Mistake(
                "weight_of_each_picture",
                "This is one weight for each picture. Expected seven, one for each class.",
                lambda labels: _weights(labels)[labels],
            ),
            Mistake(
                "whole_division",
                "`//` cuts the decimals off, so frequent classes get the weight 0. Write `/`.",
                lambda labels: len(labels) // (7 * _count(labels)),
            ),
            Mistake(
                "rounded",
                "The weights are rounded. Leave them as they are; `print` can round them for you.",
                lambda labels: _weights(labels).round(2),
            ),
            Mistake(
                "sum_of_labels",
                "n is how many labels there are: `len(labels)`. `sum(labels)` adds up the numbers of the classes.",
                lambda labels: labels.sum() / (7 * _count(labels)),
            ),
            Mistake(
                "one_minus_share",
                "1 - share makes all weights nearly alike: a class that is twenty times rarer hardly weighs more. "
                "Expected n / (7 * count).",
                lambda labels: 1 - _count(labels) / len(labels),
            ),
            Mistake(
                "counted_from_one",
                "These are the weights of the classes 1 to 7. The labels run from 0 to 6.",
                lambda labels: len(labels) / (7 * np.bincount(labels, minlength=8)[1:]),
            ),
        ),
    ),
    hints=(
        "Count the classes first; exercise 01 did the same.",
        "`np.bincount(labels, minlength=7)` counts. An array of seven counts can stand in a formula as it is.",
        "`return len(labels) / (7 * np.bincount(labels, minlength=7))`",
    ),
    passed="Right. Over all pictures the mean weight is 1, so the learning rate still fits. "
    "`el.class_weights` does the same.",
    bank=BANK["3.2"],
)


# 3.3 ------------------------------------------------------------------------------------------


def _labels_and_amount(seed: int) -> list[tuple]:
    """Labels of all kinds, and labels among which the last class does not occur: seven columns all the same."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, 7, 11), 0.1), (rng.integers(0, 6, 9), 0.28)]


def _one_hot(labels):
    return np.eye(7)[labels]


def _smooth(labels, amount):
    return _one_hot(labels) * (1 - amount) + amount / 7


def _as_wide_as_the_labels(labels, amount):
    classes = labels.max() + 1
    return np.eye(classes)[labels] * (1 - amount) + amount / classes


Q3 = Question(
    id="3.3",
    title="Label smoothing by hand",
    points=2,
    answer="smooth",
    source='''
def smooth(labels, amount):
    """Targets (N, 7): take `amount` from the true class and spread it evenly over all seven classes."""
    ### BEGIN SOLUTION
    one_hot = np.eye(7)[labels]
    return one_hot * (1 - amount) + amount / 7
    ### END SOLUTION
''',
    inputs=_labels_and_amount,
    observe=call_each,
    judge=compare(
        _labels_and_amount,
        _smooth,
        (
            Mistake(
                "not_smoothed",
                "These are plain one-hot rows: `amount` changed nothing.",
                lambda labels, amount: _one_hot(labels),
            ),
            Mistake(
                "spread_over_six",
                "The amount was spread over the six other classes. In the usual definition, which Keras follows, all "
                "seven get a share, the true class too: amount / 7 each.",
                lambda labels, amount: np.where(_one_hot(labels) == 1, 1 - amount, amount / 6),
            ),
            Mistake(
                "true_class_without_share",
                "The rows add up to less than 1: the true class gave the amount away but got no share back. It has "
                "1 - amount + amount / 7.",
                lambda labels, amount: np.where(_one_hot(labels) == 1, 1 - amount, amount / 7),
            ),
            Mistake(
                "every_row_alike",
                "All rows are alike: `targets[:, labels]` takes these columns in every row. For one place in each row: "
                "`targets[np.arange(len(labels)), labels]`.",
                lambda labels, amount: np.tile(
                    _one_hot(labels).max(axis=0) * (1 - amount) + amount / 7, (len(labels), 1)
                ),
            ),
            Mistake(
                "classes_that_occur",
                "There are fewer than seven columns where a class does not occur. The number of classes is 7, whatever "
                "these labels hold.",
                _as_wide_as_the_labels,
            ),
            Mistake(
                "classes_that_occur",
                "There are fewer than seven columns where a class does not occur. The number of classes is 7, whatever "
                "these labels hold: `keras.utils.to_categorical(labels, 7)`, or `np.eye(7)[labels]`.",
                lambda labels, amount: _smooth(labels, amount)[:, : labels.max() + 1],
            ),
            Mistake(
                "whole_numbers",
                "The true class is not above the others: an array of whole numbers (`int`) cuts 1 - amount down to 0. "
                "Begin with `np.zeros((len(labels), 7))`, without `int`.",
                lambda labels, amount: np.full((len(labels), 7), amount / 7),
            ),
            Mistake(
                "taken_from_all",
                "The amount was taken from every class, and some targets are negative. Take it from the true class "
                "alone: multiply the one-hot rows by (1 - amount).",
                lambda labels, amount: _one_hot(labels) - amount + amount / 7,
            ),
            Mistake(
                "labels_for_one_hot",
                "These are the numbers of the labels, one for each picture. Make one-hot rows of them first: "
                "`np.eye(7)[labels]`.",
                lambda labels, amount: labels * (1 - amount) + amount / 7,
            ),
            Mistake(
                "nothing_taken_away",
                "The rows add up to more than 1: the amount was handed out but not taken from the true class. "
                "Multiply the one-hot rows by (1 - amount) first.",
                lambda labels, amount: _one_hot(labels) + amount / 7,
            ),
            Mistake(
                "nothing_handed_out",
                "The rows add up to less than 1: the amount was taken from the true class and lost. "
                "Add amount / 7 to every class.",
                lambda labels, amount: _one_hot(labels) * (1 - amount),
            ),
            Mistake(
                "amount_for_each",
                "Every class received the whole amount, so the rows add up to more than 1. Share it: amount / 7 each.",
                lambda labels, amount: _one_hot(labels) * (1 - amount) + amount,
            ),
            Mistake(
                "amount_on_the_true_class",
                "The true class kept only the small part: `amount` and `1 - amount` are exchanged.",
                lambda labels, amount: _smooth(labels, 1 - amount),
            ),
            Mistake(
                "axes_exchanged",
                "The axes are exchanged: expected one row for each label and seven columns.",
                lambda labels, amount: _smooth(labels, amount).T,
            ),
        ),
    ),
    hints=(
        "Begin with one-hot rows: a 1 at the true class, else 0. `np.eye(7)[labels]` makes them.",
        "Two steps. Take away: multiply the rows by (1 - amount). Hand out: add the same small number everywhere.",
        "`return np.eye(7)[labels] * (1 - amount) + amount / 7`",
    ),
    passed="Right, and every row still adds up to 1. With amount 0.1 a network gains nothing from being surer "
    "than 91 %.",
    bank=BANK["3.3"],
)


# 3.4 ------------------------------------------------------------------------------------------

_BATCH = 64
_DARK, _BRIGHT = 40.0, 210.0


_SPOTS = 32


def _halves(seed: int) -> np.ndarray:
    """(160, 48, 48, 1) float32: 64 pictures bright above, 64 bright at the left, 32 with a spot far from the middle.

    Each differs a little in brightness. A zoom leaves the halves as they are and moves the spot.
    """
    pictures = np.full((2 * _BATCH + _SPOTS, 48, 48, 1), _DARK, "float32")
    pictures[:_BATCH, :24] = _BRIGHT
    pictures[_BATCH : 2 * _BATCH, :, :24] = _BRIGHT
    pictures[2 * _BATCH :, 8:16, 28:36] = _BRIGHT
    noise = np.random.default_rng(seed).uniform(-20, 20, (len(pictures), 1, 1, 1))
    return pictures + noise.astype("float32")


_REFUSED_BY_KERAS = {
    "`factor` argument should be a number": Wrong(
        "Keras takes no number above 1 there: it measures a rotation in full circles, and a shift or a zoom as a share "
        "of the picture. 10 degrees are `10 / 360`, 5 of 48 pixels are `5 / 48`.",
        "factor_too_large",
    ),
    "`trainable` to be a boolean": Wrong(
        "`keras.Sequential` wants the layers in one list: `keras.Sequential([first, second])`.", "no_list"
    ),
}
"""What stands in an error of Keras -> what to say about it."""


def _refused(error: Exception, known: dict[str, Wrong]) -> dict:
    """An observation that says which of the known errors this is; an unknown one is raised again."""
    for words in known:
        if words in str(error):
            return {"refused": words}
    raise error


def _observe_augmentation(build, pictures: np.ndarray) -> dict:
    import keras

    try:
        augment = build()
    except ValueError as error:
        return _refused(error, _REFUSED_BY_KERAS)
    observed = {"augment": capture(augment), "is_layer": isinstance(augment, keras.Layer)}
    if observed["is_layer"]:
        observed["training"] = capture(augment(pictures, training=True))
        observed["again"] = capture(augment(pictures, training=True))
        observed["prediction"] = capture(augment(pictures, training=False))
    return observed


def _judge_augmentation(observed: dict) -> Wrong | None:
    if "refused" in observed:
        return _REFUSED_BY_KERAS[observed["refused"]]
    if not observed["is_layer"]:
        if observed["augment"]["kind"] == "nothing":
            return Wrong("Expected a Keras model or layer, found None.", "no_return", "Is the `return` missing?")
        return Wrong(
            f"Expected a Keras model or layer, found {describe(observed['augment'])}.",
            "wrong_type",
            "Put the layers into `keras.Sequential([...])` and return it.",
        )
    pictures = _halves(observed["seed"])
    return (
        _prediction_problem(pictures, observed["prediction"])
        or _range_problem(pictures, observed["training"])
        or _change_problem(pictures, observed["training"]["array"], observed["again"]["array"])
        or _orientation_problem(observed["training"]["array"])
    )


def _prediction_problem(pictures: np.ndarray, found: dict) -> Wrong | None:
    """With training=False the pictures must come back as they were."""
    wrong = type_problem(found, pictures)
    if wrong:
        return wrong
    if tuple(found["shape"]) != pictures.shape:
        return Wrong(
            f"Expected pictures of the same shape, (N, 48, 48, 1), found {tuple(found['shape'])}. "
            "A layer changes their size.",
            "shape_changed",
        )
    if np.allclose(found["array"], pictures, atol=0.01):
        return None
    if found["array"].max() <= 1.01:
        return Wrong(
            "The pictures were scaled to 0..1. Expected 0..255 as they came: the network normalises by itself, "
            "and doing it twice leaves it almost in the dark.",
            "normalised_twice",
        )
    return Wrong(
        "With training=False the pictures must come back unchanged, and they did not: a prediction would depend on "
        "chance. Keras' random layers take care of this when they receive `training` as it was given.",
        "acts_in_prediction",
    )


def _range_problem(pictures: np.ndarray, found: dict) -> Wrong | None:
    wrong = type_problem(found, pictures)
    if wrong:
        return wrong
    if tuple(found["shape"]) != pictures.shape:
        return Wrong(
            f"With training=True the shape became {tuple(found['shape'])}. Expected it unchanged, (N, 48, 48, 1).",
            "shape_changed",
        )
    array = found["array"]
    if array.max() <= 1.01:
        return Wrong(
            "With training=True the pixels run from 0 to 1. Expected 0 to 255: does a layer have "
            "`value_range=(0, 1)`, or is there a Rescaling?",
            "squeezed",
        )
    if not np.isfinite(array).all() or array.min() < -0.5 or array.max() > 255.5:
        return Wrong(
            f"With training=True the pixels run from {array.min():.0f} to {array.max():.0f}. Expected 0 to 255: "
            "leave out what pushes them beyond, or give the layer `value_range=(0, 255)`.",
            "outside_the_range",
        )
    return None


def _change_problem(pictures: np.ndarray, once: np.ndarray, twice: np.ndarray) -> Wrong | None:
    if np.allclose(once, pictures, atol=0.01):
        return Wrong("With training=True the pictures came back unchanged: nothing is augmented.", "no_augmentation")
    if np.allclose(once, twice, atol=0.01):
        return Wrong(
            "Two calls with training=True gave the same pictures. Augmentation must be random, so that a network "
            "never sees the same picture twice.",
            "not_random",
        )
    return None


def _orientation_problem(pictures: np.ndarray) -> Wrong | None:
    """Upright pictures stay upright, some of the others are mirrored, and few are turned far.

    Shares of the pictures decide, so that a rectangle erased here and there does not.
    """
    upright, sideways, spots = np.split(pictures[..., 0], [_BATCH, 2 * _BATCH])
    down, tilt = _contrast(upright, axis=1), np.abs(_contrast(upright, axis=2))
    # A rotation by t degrees tilts by 85 tan(t) grey values: 23 at 15 degrees, 49 at 30.
    edges = np.concatenate([_edge(upright), _edge(sideways.transpose(0, 2, 1))])
    # Turned by up to 15 degrees at random, 3 of 10 pictures are turned by more than 10.5; by up to 36, by more than 25.
    if np.mean(tilt > 49) > 0.2 or np.quantile(_angles(edges), 0.7) > 13.5:
        return Wrong(
            "Many pictures are turned by more than 15 degrees. Keras measures a rotation in full circles, neither in "
            "degrees nor in radians: 10 degrees are `RandomRotation(10 / 360)`.",
            "rotation_unit",
        )
    if np.mean(down < 0) > 0.1:
        return Wrong(
            "Some faces stand on their heads, which no camera will ever show. A flip without an argument mirrors both "
            'ways; expected `RandomFlip("horizontal")`.',
            "vertical_flip",
        )
    left = _contrast(sideways, axis=2)
    if np.mean(left < 0) < 0.1:
        return Wrong(
            f"Of {_BATCH} pictures none or hardly any was mirrored left to right. Expected about half: "
            '`keras.layers.RandomFlip("horizontal")`.',
            "no_mirror",
        )
    if np.mean(left < 0) > 0.9:
        return Wrong(
            "Every picture was mirrored. Expected about half of them: a toss of its own for each picture.",
            "always_mirrored",
        )
    if np.mean(np.abs(np.median(edges, axis=1) - 24) > 14) > 0.1:
        return Wrong(
            "Many pictures are moved so far that a good part of the face is out of sight. Expected a little: a shift "
            "of at most a tenth is `RandomTranslation(0.1, 0.1)`.",
            "moved_far",
        )
    if np.ptp(np.abs(left)) < 1 and np.ptp(down) < 1 and not _spots_move(spots):
        return Wrong(
            "The pictures are mirrored, but never moved or turned. Add a random layer that shifts, turns or zooms "
            "a little.",
            "mirror_alone",
        )
    return None


def _edge(pictures: np.ndarray) -> np.ndarray:
    """(N, 24): how many rows are bright in each of the middle columns of pictures that are half bright, half dark."""
    middle = (pictures.min(axis=(1, 2)) + pictures.max(axis=(1, 2))) / 2
    return (pictures > middle[:, np.newaxis, np.newaxis]).sum(axis=1)[:, 12:36]


def _angles(edges: np.ndarray) -> np.ndarray:
    """(N,): by how many degrees each edge is turned; the median of its slopes, so that a hole in it matters little."""
    left, right = np.triu_indices(edges.shape[1], k=8)
    return np.degrees(np.arctan(np.abs(np.median((edges[:, right] - edges[:, left]) / (right - left), axis=1))))


def _spots_move(pictures: np.ndarray) -> bool:
    """Whether the bright spot differs from picture to picture, in its size or its place, apart from mirroring."""
    middle = (pictures.min(axis=(1, 2)) + pictures.max(axis=(1, 2))) / 2
    bright = pictures > middle[:, np.newaxis, np.newaxis]
    area = bright.sum(axis=(1, 2))
    rows, columns = ((bright.sum(axis=axis) @ np.arange(48)) / np.maximum(area, 1) for axis in (2, 1))
    return bool(max(np.ptp(area), np.ptp(rows), np.ptp(np.abs(columns - 23.5))) > 0.2)


def _contrast(pictures: np.ndarray, axis: int) -> np.ndarray:
    """Mean of the first 24 rows (axis=1) or columns (axis=2) of each picture minus that of the last 24."""
    near, far = np.split(pictures, 2, axis=axis)
    return near.mean(axis=(1, 2)) - far.mean(axis=(1, 2))


Q4 = Question(
    id="3.4",
    title="An augmentation for faces",
    points=3,
    answer="build_augmentation",
    source='''
import keras


def build_augmentation():
    """A Keras model that augments pictures (N, 48, 48, 1) of 0..255 in training and nowhere else.

    In training about half of the faces are mirrored left to right and all are moved or turned a
    little (at most 15 degrees). Shape and range stay. With training=False nothing changes.
    """
    ### BEGIN SOLUTION
    flip = keras.layers.RandomFlip("horizontal")
    turn = keras.layers.RandomRotation(9 / 360)
    move = keras.layers.RandomTranslation(0.08, 0.08)
    return keras.Sequential([flip, turn, move])
    ### END SOLUTION
''',
    inputs=_halves,
    observe=_observe_augmentation,
    judge=_judge_augmentation,
    hints=(
        "`keras.Sequential([...])` takes a list of layers. Keras' random layers begin with `Random`.",
        'Two or three will do: `keras.layers.RandomFlip("horizontal")`, `keras.layers.RandomRotation(...)`, '
        "`keras.layers.RandomTranslation(...)`. Read what the number of the rotation means.",
        "A rotation of at most 9 degrees is `RandomRotation(9 / 360)`, a shift of at most 8 percent is "
        "`RandomTranslation(0.08, 0.08)`. Return the `Sequential`.",
    ),
    passed="Right: random in training, silent in prediction, upright, in range. `el.augmentation(recipe)` is built so.",
    bank=BANK["3.4"],
)


# 3.5 ------------------------------------------------------------------------------------------


def _steps(seed: int) -> list[tuple]:
    """(step, steps, warmup, peak) at the start, within and at the end of two schedules."""
    rng = np.random.default_rng(seed)
    first_run = [(step, 200, 20, 0.1) for step in (0, 5, 13, 20, 60, 110, 150, 185, 200)]
    second_run = [(int(step), 1000, 50, 0.03) for step in rng.integers(51, 999, 5)]
    return first_run + second_run


def _half_cosine(done: float) -> float:
    return (1 + np.cos(np.pi * done)) / 2


def _rate(step, steps, warmup, peak, fall=_half_cosine):
    if step < warmup:
        return peak * step / warmup
    return peak * fall((step - warmup) / (steps - warmup))


Q5 = Question(
    id="3.5",
    title="A schedule: warm up, then cool down",
    points=3,
    answer="learning_rate",
    source='''
def learning_rate(step, steps, warmup, peak):
    """The learning rate at a step: from 0 in a straight line to `peak` at step `warmup`,
    then along half a cosine down to 0 at step `steps`.
    """
    ### BEGIN SOLUTION
    if step < warmup:
        return peak * step / warmup
    done = (step - warmup) / (steps - warmup)
    return peak * (1 + np.cos(np.pi * done)) / 2
    ### END SOLUTION
''',
    inputs=_steps,
    observe=call_each,
    judge=compare(
        _steps,
        _rate,
        (
            Mistake(
                "no_warmup",
                "The rate starts at its peak: the warm-up is missing. Until step `warmup` it rises from 0.",
                lambda step, steps, warmup, peak: peak * _half_cosine(step / steps),
            ),
            Mistake(
                "warmup_then_jump",
                "After the warm-up the rate jumps, because the cosine counts from step 0. It must begin at step "
                "`warmup` and take `steps - warmup` steps.",
                lambda step, steps, warmup, peak: (
                    peak * (step / warmup if step < warmup else _half_cosine(step / steps))
                ),
            ),
            Mistake(
                "ends_too_early",
                "The cosine begins at the right place but is too long: it must take `steps - warmup` steps, not "
                "`steps`, to be at 0 in the end.",
                lambda step, steps, warmup, peak: (
                    peak * (step / warmup if step < warmup else _half_cosine((step - warmup) / steps))
                ),
            ),
            Mistake(
                "linear_decay",
                "After the warm-up the rate falls in a straight line. Expected half a cosine: slow, fast, slow.",
                lambda *case: _rate(*case, fall=lambda done: 1 - done),
            ),
            Mistake(
                "quarter_cosine",
                "This is a quarter of a cosine: it starts slowly and ends steeply. Half a cosine, "
                "(1 + cos(pi * done)) / 2, is gentle at both ends.",
                lambda *case: _rate(*case, fall=lambda done: np.cos(np.pi * done / 2)),
            ),
            Mistake(
                "negative_rate",
                "The rate becomes negative halfway, and the training would undo what it learned. Lift the cosine from "
                "-1..1 to 0..1: (1 + cos) / 2.",
                lambda *case: _rate(*case, fall=lambda done: np.cos(np.pi * done)),
            ),
            Mistake(
                "twice_the_peak",
                "The rate reaches twice its peak: 1 + cos runs from 2 to 0. Divide by 2.",
                lambda *case: _rate(*case, fall=lambda done: 1 + np.cos(np.pi * done)),
            ),
            Mistake(
                "whole_cosine",
                "The rate rises again in the second half: that is a whole cosine. Expected half a one, so "
                "`np.pi * done` and not `2 * np.pi * done`.",
                lambda *case: _rate(*case, fall=lambda done: (1 + np.cos(2 * np.pi * done)) / 2),
            ),
            Mistake(
                "degrees",
                "`np.cos` measures angles in radians, not in degrees: half a turn is `np.pi`, not 180.",
                lambda *case: _rate(*case, fall=lambda done: (1 + np.cos(180 * done)) / 2),
            ),
            Mistake(
                "pi_forgotten",
                "The rate does not come down to 0: `np.cos(done)` runs only from 1 to 0.54. Half a turn is "
                "`np.pi * done`.",
                lambda *case: _rate(*case, fall=lambda done: (1 + np.cos(done)) / 2),
            ),
            Mistake(
                "cosine_upside_down",
                "After the warm-up the rate drops to 0 and then rises: 1 - cos runs upwards. Expected 1 + cos.",
                lambda *case: _rate(*case, fall=lambda done: (1 - np.cos(np.pi * done)) / 2),
            ),
            Mistake(
                "brackets_forgotten",
                "`peak * 1 + cos / 2` multiplies the 1 alone and halves the cosine alone. Put brackets: "
                "`peak * (1 + cos) / 2`.",
                lambda step, steps, warmup, peak: (
                    _rate(step, steps, warmup, peak)
                    if step < warmup
                    else peak + np.cos(np.pi * (step - warmup) / (steps - warmup)) / 2
                ),
            ),
            Mistake(
                "warmup_then_jump",
                "After the warm-up the rate jumps, because `done` is not 0 there. It must count from step `warmup`: "
                "(step - warmup) / (steps - warmup).",
                lambda step, steps, warmup, peak: (
                    peak * (step / warmup if step < warmup else _half_cosine(step / (steps - warmup)))
                ),
            ),
            Mistake(
                "never_falls",
                "After the warm-up the rate goes on rising, above the peak. From step `warmup` on it must fall.",
                lambda step, steps, warmup, peak: peak * step / warmup,
            ),
            Mistake(
                "starts_at_a_hundredth",
                "This is the schedule of the lesson, which starts at a hundredth of the peak. Here it starts at 0: "
                "`peak * step / warmup`.",
                lambda step, steps, warmup, peak: (
                    peak * (0.01 + 0.99 * step / warmup) if step < warmup else _rate(step, steps, warmup, peak)
                ),
            ),
            Mistake(
                "peak_in_the_warmup",
                "The rate is at its peak during the whole warm-up. Expected a straight line from 0 up to it.",
                lambda step, steps, warmup, peak: _rate(max(step, warmup), steps, warmup, peak),
            ),
            Mistake(
                "rises_to_one",
                "The warm-up rises to 1 and not to `peak`: multiply by `peak`.",
                lambda step, steps, warmup, peak: step / warmup if step < warmup else _rate(step, steps, warmup, peak),
            ),
            Mistake(
                "cases_exchanged",
                "The two cases are exchanged: the straight line belongs to the steps before `warmup`, the cosine to "
                "those after it.",
                lambda step, steps, warmup, peak: (
                    peak * (step / warmup if step > warmup else _half_cosine((step - warmup) / (steps - warmup)))
                ),
            ),
            Mistake(
                "whole_division",
                "The warm-up stands at 0 and then jumps: `//` cuts the decimals off. Write `/`.",
                lambda step, steps, warmup, peak: (
                    peak * step // warmup if step < warmup else _rate(step, steps, warmup, peak)
                ),
            ),
        ),
    ),
    hints=(
        "Two cases. Before step `warmup`: which share of the way up is done? After it: which share of the way down?",
        "Going down, `done = (step - warmup) / (steps - warmup)` runs from 0 to 1. `np.cos(np.pi * done)` then runs "
        "from 1 to -1.",
        "`if step < warmup: return peak * step / warmup`, else `return peak * (1 + np.cos(np.pi * done)) / 2`.",
    ),
    passed="Right. Small steps while the network knows nothing, large ones to get ahead, small ones to settle.",
    bank=BANK["3.5"],
)


# 3.6 ------------------------------------------------------------------------------------------


def _labels_to_balance(seed: int) -> list[tuple]:
    """Two calls that must agree, one with another seed, and labels in which a class does not occur."""
    rng = np.random.default_rng(seed)
    full = rng.permutation(np.repeat(np.arange(7), [12, 3, 15, 40, 18, 10, 22]))
    gap = rng.permutation(np.repeat([0, 2, 3, 4, 5], [6, 25, 9, 14, 4]))
    return [(full, 3), (full, 3), (full, 4), (gap, 5)]


_REFUSED_BY_NUMPY = {
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


def _observe_oversampling(oversample, cases: list[tuple]) -> dict:
    try:
        return call_each(oversample, cases)
    except ValueError as error:
        return _refused(error, _REFUSED_BY_NUMPY)


def _judge_oversampling(observed: dict) -> Wrong | None:
    if "refused" in observed:
        return _REFUSED_BY_NUMPY[observed["refused"]]
    cases = _labels_to_balance(observed["seed"])
    returned = observed["returned"]
    wrong = first(_balance_problem(found, case[0]) for found, case in zip(returned, cases, strict=True))
    if wrong:
        return wrong
    first_time, again, other_seed = (found["array"].tolist() for found in returned[:3])
    if first_time != again:
        return Wrong(
            "The same seed gave two different orders. Make the random numbers from it: `np.random.default_rng(seed)`.",
            "not_reproducible",
        )
    if first_time == other_seed:
        return Wrong("Two different seeds gave the same positions. Expected a random choice.", "seed_ignored")
    if sorted(first_time) == sorted(other_seed):
        return Wrong(
            "The order is random, but two different seeds repeat the same pictures. Draw at random which pictures of a "
            "rare class are repeated: `rng.choice(members, k)`.",
            "same_repeats",
        )
    return input_problem(observed)


def _balance_problem(found: dict, labels: np.ndarray) -> Wrong | None:
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
    before, after = np.bincount(labels, minlength=7), np.bincount(labels[array], minlength=7)
    return _count_problem(array, before, after, labels) or _order_problem(labels[array])


def _count_problem(array, before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> Wrong | None:
    wanted = np.where(before > 0, before.max(), 0)
    if len(array) > 7 and array.max() < 7:
        return Wrong("These look like labels. Expected positions of pictures.", "labels_for_positions")
    if np.array_equal(after, before):
        return Wrong("Every class occurs as often as before: nothing was balanced.", "not_balanced")
    if np.array_equal(after, np.where(before > 0, before[before > 0].min(), 0)):
        return Wrong(
            f"Every class was cut down to the rarest one, and {len(labels) - len(np.unique(array))} of {len(labels)} "
            "pictures are lost. Expected the rare classes to be repeated, up to the most frequent one.",
            "undersampled",
        )
    if not np.array_equal(after, wanted):
        worst = int(np.argmax(np.abs(after - wanted)))
        message = (
            f"Expected {wanted[worst]} pictures of class {worst}, as many as the most frequent class has in `labels`, "
            f"found {after[worst]}."
        )
        if after.sum() == wanted.sum():
            message += " Drawing with probabilities makes the classes equal only on average."
        return Wrong(message, "unequal")
    lost = len(labels) - len(np.unique(array))
    if lost:
        return Wrong(
            f"The classes are balanced, but {lost} of {len(labels)} pictures never occur. Take every picture once, "
            "then fill up with random repeats.",
            "lost",
        )
    return None


def _order_problem(sequence: np.ndarray) -> Wrong | None:
    """In a mixed order, neighbours share their class about one time in seven (here: one in five)."""
    same = float(np.mean(sequence[1:] == sequence[:-1]))
    if same > 0.5:
        return Wrong(
            "The classes stand in blocks, so that whole batches hold a single class and the network forgets the "
            "others. Shuffle at the end: `rng.permutation`.",
            "not_shuffled",
        )
    return None


Q6 = Question(
    id="3.6",
    title="Oversampling, designed by you",
    points=3,
    answer="oversample",
    source='''
def oversample(labels, seed):
    """Positions of the pictures of one balanced epoch, in a random order that follows from `seed`.

    Every class that occurs in `labels` occurs as often as the most frequent one, by repeating
    pictures at random. Every picture occurs at least once.
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed)
    largest = np.bincount(labels).max()
    chosen = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        repeats = rng.choice(members, largest - len(members))
        chosen += [members, repeats]
    return rng.permutation(np.concatenate(chosen))
    ### END SOLUTION
''',
    inputs=_labels_to_balance,
    observe=_observe_oversampling,
    judge=_judge_oversampling,
    hints=(
        "Work class by class: all its positions once, then as many repeats as are missing. Mix at the end.",
        "`members = np.flatnonzero(labels == label)` are the positions of a class. "
        "`rng.choice(members, k)` draws k of them, with repeats.",
        "With `largest = np.bincount(labels).max()`, a class needs `largest - len(members)` repeats. Join everything "
        "with `np.concatenate` and return `rng.permutation(...)` of it.",
    ),
    passed="Right. With augmentation each repeat becomes a new picture; without it a rare face is learned by heart.",
    bank=BANK["3.6"],
)


# 3.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
A friend wants to add four kinds of augmentation to the training of our grey 48 by 48 faces: turning pictures upside
down, hiding a random rectangle, changing the hue, and a rotation of up to 60 degrees. Which would you accept, which
would you refuse, and how would you find out whether the ones you accept help?
"""

Q7 = written_question(
    id="3.7",
    title="Which augmentation would you accept?",
    points=3,
    answer="answer_3_7",
    source="""
### BEGIN SOLUTION
answer_3_7 = \"\"\"
I would refuse the first: nobody will hold a camera upside down, so the network would spend its strength
on pictures that never come. Hiding a rectangle I would try, because hands, hair and scarves do that in real
life and the label stays true; it must be small enough to leave the mouth or the eyes. Hue does nothing to a
picture with one grey channel. Sixty degrees is too much, ten or fifteen is how people tilt their heads. To
see whether erasing helps I would train twice with the same seed and the same epochs, with and without it,
and compare on the validation pictures, with intervals or several seeds. The test pictures I would leave alone.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Ask two things of each: is the label still true afterwards? Could such a picture reach the network later?",
        "One of the four cannot do anything at all to a picture with a single channel. Which?",
        "For the second half: change one thing at a time, keep everything else, and say on which pictures you compare.",
    ),
    rubric=(
        "Judges each of the four by whether the label stays true and whether such pictures occur in use.",
        "Refuses upside-down pictures, and a rotation far beyond the tilt of a head, with a reason.",
        "Sees that a hue change does nothing to pictures with one grey channel.",
        "Proposes a fair comparison: one change at a time, the same seed and epochs, measured on validation data.",
        "Leaves the test data out of the decision.",
    ),
    bank=BANK["3.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
