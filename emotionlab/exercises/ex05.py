"""Exercise 05, transfer learning: three channels, preprocessing, freezing, caching, a head, fine-tuning."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from emotionlab.exercises.bank05 import BANK
from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.compare import Mistake, call_each, compare, difference, first, matches, type_problem
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Transfer learning: VGG16"


# 5.1 ------------------------------------------------------------------------------------------


def _grey_batches(seed: int) -> list[tuple]:
    """Two batches of grey pictures whose axes all differ in length."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, 256, shape).astype("uint8"),) for shape in ((5, 6, 8), (2, 9, 7))]


def _three(images):
    return np.repeat(images[..., np.newaxis], 3, axis=-1)


_WITHOUT_A_NEW_AXIS = (
    lambda images: np.repeat(images, 3, axis=0),
    lambda images: np.repeat(images, 3, axis=1),
    lambda images: np.repeat(images, 3, axis=2),
    lambda images: np.tile(images, 3),
    lambda images: np.concatenate([images] * 3),
    lambda images: np.concatenate([images] * 3, axis=1),
)
_CUT_ANEW = (
    lambda images: np.concatenate([images] * 3).reshape(*images.shape, 3),
    lambda images: np.tile(images, 3).reshape(*images.shape, 3),
    lambda images: np.repeat(images, 3, axis=0).reshape(*images.shape, 3),
    lambda images: np.repeat(images, 3, axis=1).reshape(*images.shape, 3),
    lambda images: np.stack([images] * 3, axis=1).reshape(*images.shape, 3),
)


Q1 = Question(
    id="5.1",
    title="One channel, three times",
    points=1,
    answer="to_three_channels",
    source='''
def to_three_channels(images):
    """Grey pictures (N, height, width) -> (N, height, width, 3), the same grey in each channel."""
    ### BEGIN SOLUTION
    return np.repeat(images[..., np.newaxis], 3, axis=-1)
    ### END SOLUTION
''',
    inputs=_grey_batches,
    observe=call_each,
    judge=compare(
        _grey_batches,
        _three,
        (
            Mistake(
                "stacked_first",
                "The three copies lie along the first axis, so Keras would see three pictures of many channels. "
                "Stack along the last axis: `axis=-1`.",
                lambda images: np.stack([images] * 3),
            ),
            Mistake(
                "channels_first",
                "The channels come right after the pictures: (N, 3, height, width). Keras on TensorFlow expects them "
                "last: `axis=-1`.",
                lambda images: np.stack([images] * 3, axis=1),
            ),
            Mistake(
                "more_pictures",
                "There are three times as many pictures now, each still with one channel. Repeat along the last axis, "
                "not along the first.",
                lambda images: np.repeat(images[..., np.newaxis], 3, axis=0),
            ),
            Mistake(
                "wider_pictures",
                "The pictures have become three times as wide. Repeat along the last axis, the channels.",
                lambda images: np.repeat(images[..., np.newaxis], 3, axis=2),
            ),
            *(
                Mistake(
                    "no_channel_axis",
                    "There is no axis for the channels: one of the old axes became three times as long. Make a new "
                    "last axis first, `images[..., np.newaxis]`, and repeat along that one.",
                    wrong,
                )
                for wrong in _WITHOUT_A_NEW_AXIS
            ),
            Mistake(
                "two_empty_channels",
                "Only the first channel is filled, the others are black: for a colour network that is a deep red "
                "face. Put the same grey into all three.",
                lambda images: _three(images) * np.array([1, 0, 0], "uint8"),
            ),
            *(
                Mistake(
                    "scrambled",
                    "The shape is right, but the pixels are scrambled: `reshape` does not move channels, it only cuts "
                    "the long row of numbers anew. Repeat along a new last axis instead.",
                    wrong,
                )
                for wrong in _CUT_ANEW
            ),
            Mistake(
                "divided_by_255",
                "The grey values were divided by 255. Leave them as they are: what a network wants of its numbers is "
                "the next question.",
                lambda images: _three(images) / 255,
            ),
            Mistake(
                "one_channel",
                "There is a channel axis now, but it has one channel. Repeat it three times along that axis.",
                lambda images: images[..., np.newaxis],
            ),
        ),
    ),
    hints=(
        "First make room: a new last axis for the channels. Then repeat along it.",
        "`images[..., np.newaxis]` has shape (N, height, width, 1). `np.repeat` takes the argument `axis`.",
        "`return np.repeat(images[..., np.newaxis], 3, axis=-1)`",
    ),
    passed="Right. No information was added: three equal channels only give the network the shape that it knows.",
    bank=BANK["5.1"],
)


# 5.2 ------------------------------------------------------------------------------------------

_MEAN = np.array([103.939, 116.779, 123.68])


def _colour_batches(seed: int) -> list[tuple]:
    """Colour pictures, whole numbers first, whose channels have unlike ranges."""
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, [256, 200, 90], (4, 5, 6, 3)).astype("uint8")
    floating = rng.uniform(0, [120, 255, 180], (3, 7, 4, 3)).astype("float32")
    return [(whole,), (floating,)]


def _for_vgg(images):
    return images[..., ::-1].astype("float64") - _MEAN


Q2 = Question(
    id="5.2",
    title="Preprocessing for VGG16, by hand",
    points=2,
    answer="for_vgg",
    source='''
MEAN_BGR = np.array([103.939, 116.779, 123.68])  # of ImageNet: blue, green, red


def for_vgg(images):
    """Colour pictures (N, height, width, 3), red first, 0..255 -> blue first, minus ImageNet's mean pixel."""
    ### BEGIN SOLUTION
    blue_first = images[..., ::-1]
    return blue_first - MEAN_BGR
    ### END SOLUTION
''',
    inputs=_colour_batches,
    observe=call_each,
    judge=compare(
        _colour_batches,
        _for_vgg,
        (
            Mistake(
                "red_first",
                "The mean is subtracted, but red still comes first. VGG16 learned with blue first: turn the last axis "
                "round before you subtract.",
                lambda images: images - _MEAN,
            ),
            Mistake(
                "mean_of_another_channel",
                "Blue's mean was taken from red, and red's from blue. Turn the channels of the pictures round first, "
                "then subtract MEAN_BGR as it is: blue stands first in it already.",
                lambda images: (images - _MEAN)[..., ::-1],
            ),
            Mistake(
                "mean_forgotten",
                "The channels are in the right order, but the mean pixel was not subtracted, so every value is about "
                "100 too large.",
                lambda images: images[..., ::-1].astype("float64"),
            ),
            Mistake(
                "scaled_then_subtracted",
                "The pixels were divided by 255 and the mean was not: next to the mean all that is left of the face is "
                "a hundredth. VGG16 wants 0..255; leave out the division.",
                lambda images: images[..., ::-1] / 255 - _MEAN,
            ),
            Mistake(
                "scaled_after",
                "The result was divided by 255. VGG16 learned on differences of up to 150 grey levels; leave out the "
                "division.",
                lambda images: _for_vgg(images) / 255,
            ),
            Mistake(
                "zero_to_one",
                "This is a division by 255, the habit of other networks. VGG16 wants blue first and ImageNet's mean "
                "pixel subtracted, and no scaling.",
                lambda images: images / 255,
            ),
            Mistake(
                "minus_one_to_one",
                "This is the preprocessing of MobileNetV2 and ResNet50V2, from -1 to 1. VGG16 wants blue first and "
                "ImageNet's mean pixel subtracted, and no scaling.",
                lambda images: images / 127.5 - 1,
            ),
            Mistake(
                "twice",
                "The preprocessing was applied twice: red is first again, and the mean is gone two times. Once is "
                "enough, in one place.",
                lambda images: _for_vgg(images)[..., ::-1] - _MEAN,
            ),
            *(
                Mistake(
                    "own_mean",
                    "The mean of *these* pictures was subtracted. VGG16 learned with one fixed mean pixel, and one "
                    "picture must not change the others: subtract MEAN_BGR.",
                    lambda images, mean=mean: images[..., ::-1] - mean(images),
                )
                for mean in (
                    lambda images: images[..., ::-1].mean(axis=(0, 1, 2)),
                    lambda images: images.mean(axis=(0, 1, 2)),
                    lambda images: images.mean(),
                )
            ),
            Mistake(
                "one_mean_for_all",
                "The same number was subtracted from all three channels. Each has a mean of its own: NumPy subtracts "
                "the three of MEAN_BGR along the last axis by itself.",
                lambda images: images[..., ::-1] - _MEAN.mean(),
            ),
            Mistake(
                "in_the_old_dtype",
                "The result was put into whole numbers from 0 to 255 (uint8), which hold no decimals and nothing below "
                "0. Make an array of decimals first: `images.astype('float32')`.",
                lambda images: _for_vgg(images).astype(images.dtype),
            ),
            Mistake(
                "other_pictures_first",
                "The first axis was turned round: the last picture comes first now, and red still comes first in each. "
                "The channels are the last axis: `images[..., ::-1]`.",
                lambda images: images[::-1] - _MEAN,
            ),
            Mistake(
                "mirrored",
                "Another axis was turned round: the pictures are mirrored, and red still comes first. The channels "
                "are the last axis: `images[..., ::-1]`.",
                lambda images: images[:, :, ::-1] - _MEAN,
            ),
            Mistake(
                "upside_down",
                "The rows were turned round: the pictures stand on their heads, and red still comes first. The "
                "channels are the last axis: `images[..., ::-1]`.",
                lambda images: images[:, ::-1] - _MEAN,
            ),
        ),
        atol=1e-3,
    ),
    hints=(
        "Two steps, and their order matters: the means are given blue first.",
        "A slice with step -1 turns an axis round. Three dots in front leave all other axes alone: `a[..., ::-1]`.",
        "`return images[..., ::-1] - MEAN_BGR`",
    ),
    passed="Right: this is what `keras.applications.vgg16.preprocess_input` does. (That one writes into a float array "
    "that it is given. Yours does not.)",
    bank=BANK["5.2"],
)


# 5.3 ------------------------------------------------------------------------------------------


def _widths(seed: int) -> tuple[int, int]:
    """Channels of the two convolutions of a small network."""
    rng = np.random.default_rng(seed)
    return int(rng.integers(5, 9)), int(rng.integers(10, 15))


def _network(first_width: int, second_width: int):
    """A small network like those of the course: "normalise", two convolutions, batch norm, "features", "logits"."""
    import keras

    pictures = keras.Input((10, 10, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i, width in enumerate((first_width, second_width), start=1):
        x = keras.layers.Conv2D(width, 3, name=f"conv{i}")(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.Activation("relu", name=f"relu{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(pictures, keras.layers.Dense(7, name="logits")(x))


def _observe_freezing(freeze, widths: tuple[int, int]) -> dict:
    model = _network(*widths)
    before = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    returned = capture(freeze(model))
    learning = {layer.name: bool(layer.trainable) for layer in model.layers if layer.weights}
    return {
        "returned": returned,
        "learning": learning,
        "model_learns": bool(model.trainable),
        "before": before,
        "all": int(model.count_params()),
        "head": int(model.get_layer("logits").count_params()),
    }


def _judge_freezing(observed: dict) -> Wrong | None:
    return _freezing_problem(observed) or _counting_problem(observed)


def _freezing_problem(observed: dict) -> Wrong | None:
    """What is wrong with the `trainable` marks of the network, or None."""
    learning = observed["learning"]
    if not observed["model_learns"]:
        return Wrong(
            "The whole model is frozen (`model.trainable` is False), and then no layer in it learns, whatever the "
            "layer's own mark says. Freeze the layers one by one.",
            "model_frozen",
        )
    if not learning["logits"] and all(learns for name, learns in learning.items() if name != "logits"):
        return Wrong(
            'It is the wrong way round: "logits" is frozen, and all other layers learn. Freeze the layers that have '
            "another name.",
            "turned_round",
        )
    if not learning["logits"]:
        return Wrong(
            'The layer "logits" is frozen too, so there is nothing left to learn. It is new: it must learn.',
            "head_frozen",
        )
    still = [name for name, learns in learning.items() if learns and name != "logits"]
    if len(still) == len(learning) - 1:
        return Wrong(
            "Every layer still learns: nothing was frozen. Set `layer.trainable = False`, with exactly this name "
            "(Python makes a new attribute of a misspelt one without a word).",
            "nothing_frozen",
        )
    if still and all(name.startswith("norm") for name in still):
        return Wrong(
            f"The batch normalisation still learns: {', '.join(still)}. Frozen, it also stops to follow the statistics "
            "of the new pictures, and that is wanted here.",
            "batch_norm_learns",
        )
    if still:
        return Wrong(f'Expected only "logits" to learn, found that {", ".join(still)} learn too.', "partly_frozen")
    return None


def _counting_problem(observed: dict) -> Wrong | None:
    """What is wrong with the number that was returned, or None."""
    found, head = observed["returned"], observed["head"]
    wrong = type_problem(found, head)
    if wrong or found["value"] == head:
        return wrong
    known = (
        (observed["all"], "all_counted", "These are all parameters of the network, frozen ones included."),
        (observed["all"] - head, "frozen_counted", "These are the frozen parameters."),
        (observed["before"], "counted_before", "This was the number before the freezing. Freeze first, then count."),
        (2, "arrays_counted", "This is the number of arrays (a kernel and a bias). Count the numbers in them."),
        (1, "layers_counted", "This is the number of layers that learn. Count the numbers in their arrays."),
        (head // 7 + 6, "lengths_added", "This adds up the first side of each array; `np.prod(w.shape)` is its size."),
        (head - 7, "bias_forgotten", "The seven biases are missing; they learn too."),
    )
    for number, name, words in known:
        if found["value"] == number:
            return Wrong(f"{words} Expected {head}, found {number}.", name)
    return Wrong(f"Expected {head} trainable parameters, found {describe(found)}.", "wrong_values")


Q3 = Question(
    id="5.3",
    title="Freeze, then count",
    points=2,
    answer="freeze_and_count",
    source='''
def freeze_and_count(model):
    """Freeze every layer of a Keras model but "logits"; return the number of parameters that still learn."""
    ### BEGIN SOLUTION
    for layer in model.layers:
        layer.trainable = layer.name == "logits"
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    ### END SOLUTION
''',
    inputs=_widths,
    observe=_observe_freezing,
    judge=_judge_freezing,
    hints=(
        "Two steps: walk through `model.layers` and set `trainable`, then add up sizes.",
        '`layer.name == "logits"` tells the head from the rest. `model.trainable_weights` lists the arrays that learn; '
        "`np.prod(w.shape)` is the number of values in one.",
        'In the loop `layer.trainable = layer.name == "logits"`; afterwards '
        "`return sum(int(np.prod(w.shape)) for w in model.trainable_weights)`.",
    ),
    passed="Right. That is a small share of the network, and it is all that an optimizer will touch now.",
    bank=BANK["5.3"],
)


# 5.4 ------------------------------------------------------------------------------------------


def _pictures_and_weights(seed: int) -> dict:
    """Pictures and weights, and of each a second version with two values exchanged: same shape, same sum."""
    rng = np.random.default_rng(seed)
    # more than 1,000 pixels, and the exchange in their midst, where `str(images)` prints three dots
    images = rng.integers(0, 256, (6, 20, 12)).astype("uint8")
    weights = [rng.normal(size=(240, 3)).astype("float32"), rng.normal(size=3).astype("float32")]
    images[3, 9, 5:7] = 10, 200
    weights[-1][-2:] = 0.25, -0.5
    other_images, other_weights = images.copy(), [w.copy() for w in weights]
    other_images[3, 9, 5:7] = 200, 10
    other_weights[-1][-2:] = -0.5, 0.25
    return {"images": images, "weights": weights, "other_images": other_images, "other_weights": other_weights}


def _project(images, weights):
    """What the "network" of this question computes: (N, 20, 12) pictures -> (N, 3) features."""
    return images.reshape(len(images), -1).astype("float32") @ weights[0] + weights[1]


_CALLS = (
    ("first", "images", "weights"),
    ("again", "images", "weights"),
    ("other_images", "other_images", "weights"),
    ("other_weights", "images", "other_weights"),
    ("back", "images", "weights"),
)
"""The calls of the check, in this order: a name, and which pictures and weights are passed."""


@contextmanager
def _as_in_another_process(function, salt: int):
    """Python's own `hash` of a text or of bytes is another after each restart; so it is here, for `function`."""
    names = getattr(function, "__globals__", {})
    if "hash" in names:  # a name of the learner's
        yield
        return
    names["hash"] = lambda value: hash(value) ^ salt if isinstance(value, str | bytes) else hash(value)
    try:
        yield
    finally:
        names.pop("hash", None)


def _observe_cache(cached_features, given: dict) -> dict:
    observed = {}
    with tempfile.TemporaryDirectory() as folder:
        for salt, (name, which_images, which_weights) in enumerate(_CALLS):
            # copies: equal content in new arrays, as after a restart
            images, weights = given[which_images].copy(), [w.copy() for w in given[which_weights]]
            runs = []

            def extract(pictures, weights=weights, runs=runs):
                runs.append(len(pictures))
                return _project(pictures, weights)

            with _as_in_another_process(cached_features, salt):
                returned = capture(cached_features(extract, images, weights, folder))
            files = sum(path.is_file() for path in Path(folder).rglob("*"))
            observed[name] = {"returned": returned, "computed": len(runs), "files": files}
    return observed


def _judge_cache(observed: dict) -> Wrong | None:
    given = _pictures_and_weights(observed["seed"])
    expected = {name: _project(given[images], given[weights]) for name, images, weights in _CALLS}
    found = {name: observed[name]["returned"] for name, _, _ in _CALLS}
    once = difference(found["first"], expected["first"], rtol=1e-4, atol=1e-2, name="First call")
    return once or _storing_problem(observed, found, expected) or _name_problem(observed, found, expected)


def _storing_problem(observed: dict, found: dict, expected: dict) -> Wrong | None:
    """The second call with the same content must read what the first one left on disk."""
    if observed["again"]["computed"]:
        if 0 < observed["first"]["files"] == observed["again"]["files"]:
            return Wrong(
                "The file of the first call was there, under the same name, and the second call computed everything "
                "again. Look for the file before you call `extract`. Does the name end in .npy? `np.save` adds that "
                "where it is missing, and then you look for a file that does not exist.",
                "computed_before_looking",
            )
        if observed["first"]["files"]:
            return Wrong(
                "The same pictures and weights were computed again, and got a second file. The name of the file must "
                "be made of their content, not of what differs at each call or after a restart (the object's id, the "
                "time, chance, Python's own `hash`).",
                "named_by_object",
                "`hashlib.sha256(images.tobytes()).hexdigest()` is the same for the same pixels, on any day.",
            )
        return Wrong(
            "The second call with the same pictures and weights computed everything again. Store the result, and look "
            "for the file before you compute.",
            "no_cache",
        )
    if not observed["first"]["files"]:
        return Wrong(
            "The second call was fast, but there is no file in `folder`: the features live in memory and are gone "
            "when the notebook restarts. Write them with `np.save`.",
            "memory_only",
        )
    return difference(found["again"], expected["again"], rtol=1e-4, atol=1e-2, name="Second call")


def _name_problem(observed: dict, found: dict, expected: dict) -> Wrong | None:
    """Other content must have another name; the first file must survive."""
    stale = {
        name: not observed[name]["computed"] or matches(found[name], expected["first"], rtol=1e-5, atol=1e-4)
        for name in ("other_images", "other_weights")
    }
    if all(stale.values()):
        return Wrong(
            "Other pictures and other weights got the features of the first call. The name of the file must depend on "
            "every pixel and every weight (here two values were exchanged, so shape and sum stayed the same).",
            "one_name",
        )
    if stale["other_images"]:
        return Wrong(
            "Other pictures got the features of the first ones: the name of the file must depend on every pixel (here "
            "two pixels were exchanged, so shape and sum stayed the same).",
            "pictures_ignored",
            "`str(images)` prints three dots for most of a large array; `images.tobytes()` holds every pixel.",
        )
    if stale["other_weights"]:
        return Wrong(
            "The same pictures with other weights got the old features. After a training the network is another one: "
            "every array in the list `weights` belongs into the name of the file (here the last one differs).",
            "weights_ignored",
        )
    names = ("other_images", "other_weights", "back")
    wrong = first(difference(found[name], expected[name], rtol=1e-4, atol=1e-2) for name in names)
    if wrong is None and observed["back"]["computed"]:
        return Wrong(
            "Back at the first pictures and weights, everything was computed again: the file had been overwritten. "
            "Give each content a file of its own.",
            "overwritten",
        )
    return wrong


Q4 = Question(
    id="5.4",
    title="A feature cache",
    points=3,
    answer="cached_features",
    source='''
import hashlib
from pathlib import Path


def cached_features(extract, images, weights, folder):
    """What `extract(images)` returns, computed once for each content and kept as a file in `folder`.

    images: an array. weights: a list of arrays, the weights of the network behind `extract`.
    """
    ### BEGIN SOLUTION
    content = hashlib.sha256(images.tobytes())
    for weight in weights:
        content.update(weight.tobytes())
    path = Path(folder) / f"{content.hexdigest()}.npy"
    if not path.exists():
        np.save(path, extract(images))
    return np.load(path)
    ### END SOLUTION
''',
    inputs=_pictures_and_weights,
    observe=_observe_cache,
    judge=_judge_cache,
    hints=(
        "Three steps: make a file name from the content, compute and save only if there is no such file, load it.",
        "`hashlib.sha256(images.tobytes())` makes a fingerprint of all pixels; `.update(weight.tobytes())` adds an "
        "array to it; `.hexdigest()` is its text. (Python's own `hash` gives other numbers after each restart.)",
        '`path = Path(folder) / f"{content.hexdigest()}.npy"`, then '
        "`if not path.exists(): np.save(path, extract(images))`, and `return np.load(path)`.",
    ),
    passed="Right. Same content, same file; one other pixel or weight, another file. `el.features` does it this way.",
    bank=BANK["5.4"],
)


# 5.5 ------------------------------------------------------------------------------------------

_EPOCHS = 23  # a prime, and not the 20 of the notebook: the steps that were taken tell whether it was heeded


def _clouds(seed: int) -> dict:
    """Features of seven classes that a straight border separates well, to learn from and to measure on."""
    rng = np.random.default_rng(seed)
    centres = 5 * np.linalg.qr(rng.normal(size=(40, 40)))[0][:7]

    def draw(number):
        labels = rng.permutation(np.arange(number) % 7)
        return (centres[labels] + rng.normal(0, 0.8, (number, 40))).astype("float32"), labels

    features, labels = draw(420)
    fresh, fresh_labels = draw(140)
    return {"features": features, "labels": labels, "fresh": fresh, "fresh_labels": fresh_labels}


def _observe_head(train_head, given: dict) -> dict:
    import keras

    keras.utils.set_random_seed(0)
    head = train_head(given["features"].copy(), given["labels"].copy(), _EPOCHS)
    observed = {"head": capture(head), "is_model": isinstance(head, keras.Model)}
    if observed["is_model"]:
        observed["output"] = capture(keras.ops.convert_to_numpy(head(given["fresh"], training=False)))
        observed["parameters"] = int(head.count_params())
        optimizer = getattr(head, "optimizer", None)
        observed["steps"] = int(keras.ops.convert_to_numpy(optimizer.iterations)) if optimizer else None
        observed["losses"] = _losses_when_shifted(head, observed["output"]["array"], given["fresh_labels"])
    return observed


def _losses_when_shifted(head, outputs: np.ndarray, labels: np.ndarray) -> list[float]:
    """The head's loss for its outputs and for the same plus 3, which are equal for logits; [] if it has none."""
    import keras

    for targets in (labels, np.eye(7)[labels]):
        try:
            loss = keras.losses.get(head.loss)
            found = [keras.ops.convert_to_numpy(loss(targets, outputs + shift)) for shift in (0, 3)]
        except Exception:  # the loss wants other targets, or the head was trained without `compile`
            continue
        return [float(np.mean(value)) for value in found]
    return []


def _judge_head(observed: dict) -> Wrong | None:
    if not observed["is_model"]:
        if observed["head"]["kind"] == "nothing":
            return Wrong("Expected a Keras model, found None.", "no_return", "Is the `return` missing?")
        return Wrong(
            f"Expected a Keras model, found {describe(observed['head'])}. (`fit` returns a history, not the model.)",
            "wrong_type",
        )
    given = _clouds(observed["seed"])
    output = observed["output"]["array"]
    if tuple(output.shape) != (len(given["fresh"]), 7):
        return Wrong(
            f"Expected seven logits for each picture, shape ({len(given['fresh'])}, 7), found {tuple(output.shape)}.",
            "wrong_shape",
        )
    return (
        _logits_problem(output)
        or _size_problem(observed["parameters"], given)
        or _head_loss_problem(observed["losses"])
        or _epochs_problem(observed["steps"])
        or _learning_problem(output, given)
    )


def _logits_problem(output: np.ndarray) -> Wrong | None:
    if not np.isfinite(output).all():
        return Wrong(
            "The outputs are NaN or infinite: the training diverged. Is the learning rate far too high?", "not_finite"
        )
    if (output >= 0).all() and np.allclose(output.sum(axis=1), 1, atol=1e-3):
        return Wrong(
            "The outputs add up to 1: a softmax is in the model. Here the head returns logits, and the loss is told "
            "so with `from_logits=True`.",
            "softmax_inside",
        )
    if (output >= 0).all() and output.any():
        return Wrong(
            "No output is ever below 0: is there an activation, such as ReLU, in the last layer? Logits are free to be "
            "negative. Leave the activation out.",
            "activation_in_the_head",
        )
    return None


def _size_problem(found: int, given: dict) -> Wrong | None:
    inputs = given["features"].shape[1]
    expected = inputs * 7 + 7
    if found == expected:
        return None
    return Wrong(
        f"Expected {expected} parameters, {inputs} weights and one bias for each of seven classes, found {found}. "
        "One dense layer is enough: the features have done the rest.",
        "hidden_layer" if found > expected else "too_few_parameters",
    )


def _head_loss_problem(losses: list[float]) -> Wrong | None:
    if not losses or np.isclose(*losses, rtol=1e-3, atol=1e-3):
        return None
    return Wrong(
        "The loss takes the outputs for probabilities: it changes when the same number is added to all seven, which "
        "changes nothing about logits. The head learns all the same, but worse and more slowly.",
        "logits_as_probabilities",
        "`keras.losses.SparseCategoricalCrossentropy(from_logits=True)`",
    )


def _epochs_problem(steps: int | None) -> Wrong | None:
    """The steps of the optimizer are a multiple of the epochs; None: the head has no optimizer."""
    if steps is None or (steps and steps % _EPOCHS == 0):
        return None
    if not steps:
        return Wrong("The head was not trained: its optimizer has taken no step. Is the `fit` missing?", "not_fitted")
    return Wrong(
        f"Expected {_EPOCHS} epochs, the argument `epochs` of this call; the {steps} steps that were taken are another "
        "number of epochs. Without `epochs=epochs`, `fit` trains for a single one.",
        "other_epochs",
        "`head.fit(features, labels, epochs=epochs)`",
    )


def _learning_problem(output: np.ndarray, given: dict) -> Wrong | None:
    accuracy = float((output.argmax(axis=1) == given["fresh_labels"]).mean())
    if accuracy >= 0.75:
        return None
    return Wrong(
        f"On fresh features the head is right in {accuracy:.0%}; after {_EPOCHS} epochs at least 75% were expected "
        "(these classes lie well apart). Was it fitted with these labels, in their order? Was the loss told "
        "`from_logits=True`? Is the learning rate at least 0.001?",
        "learned_little",
    )


Q5 = Question(
    id="5.5",
    title="Train a head on features",
    points=3,
    answer="train_head",
    source='''
import keras


def train_head(features, labels, epochs):
    """A trained Keras model with one dense layer: features (N, D) in, seven logits (N, 7) out."""
    ### BEGIN SOLUTION
    head = keras.Sequential([keras.Input((features.shape[1],)), keras.layers.Dense(7)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    head.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    head.fit(features, labels, epochs=epochs, verbose=0)
    return head
    ### END SOLUTION
''',
    inputs=_clouds,
    observe=_observe_head,
    judge=_judge_head,
    hints=(
        "The whole model is an input of `features.shape[1]` numbers and one `Dense` layer without an activation.",
        "The labels are whole numbers, so the loss is `SparseCategoricalCrossentropy`. The outputs are logits: say so "
        "with `from_logits=True`.",
        "`head = keras.Sequential([keras.Input((features.shape[1],)), keras.layers.Dense(7)])`; then "
        "`head.compile(...)`, `head.fit(features, labels, epochs=epochs, verbose=0)`, `return head`.",
    ),
    passed="Right: a softmax regression. Trained in seconds, because the hard part sits in the features.",
    bank=BANK["5.5"],
)


# 5.6 ------------------------------------------------------------------------------------------

_RATE = 1e-4


def _pictures_to_tune(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    return {
        "start": "conv2" if seed % 2 == 0 else "block2",
        "images": rng.uniform(0, 255, (64, 10, 10, 1)).astype("float32"),
        "labels": rng.integers(0, 7, 64),
    }


def _warmed_up(given: dict):
    """A network of three convolutions whose head has had its first epochs, the rest frozen."""
    import keras

    names = ("conv1", given["start"], "conv3")
    pictures = keras.Input((10, 10, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i, name in enumerate(names, start=1):
        x = keras.layers.Conv2D(6, 3, name=name)(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.LeakyReLU(name=f"relu{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    model = keras.Model(pictures, keras.layers.Dense(7, name="logits")(x))
    for layer in model.layers:
        layer.trainable = layer.name == "logits"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=loss)
    # several epochs: TensorFlow warns when few steps lie between two compilations
    model.fit(given["images"], given["labels"], batch_size=32, epochs=6, verbose=0)
    return model


def _observe_tuning(fine_tune, given: dict) -> dict:
    """How far each layer's weights moved, and which layers are marked as trainable afterwards."""
    import keras

    keras.utils.set_random_seed(0)
    model = _warmed_up(given)
    layers = [layer for layer in model.layers if layer.weights]
    before = {layer.name: layer.get_weights() for layer in layers}
    fine_tune(model, given["start"], given["images"].copy(), given["labels"].copy())
    moved = {
        layer.name: max(
            float(np.abs(a - b).max()) for a, b in zip(layer.get_weights(), before[layer.name], strict=True)
        )
        for layer in layers
    }
    model.run_eagerly = True  # one batch is done sooner than compiled
    return {
        "moved": moved,
        "marked": {layer.name: bool(layer.trainable) for layer in layers},
        "is_adam": isinstance(model.optimizer, keras.optimizers.Adam),
        "rate": float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        "steps": int(keras.ops.convert_to_numpy(model.optimizer.iterations)),
        "loss": float(np.ravel(model.test_on_batch(given["images"], given["labels"]))[0]),
        "logits": np.array(keras.ops.convert_to_numpy(model(given["images"], training=False))),
    }


def _judge_tuning(observed: dict) -> Wrong | None:
    start = _pictures_to_tune(observed["seed"])["start"]
    moved, marked = observed["moved"], observed["marked"]
    learned = {name for name, distance in moved.items() if not distance < 1e-9}
    norms = sorted(name for name in learned if name.startswith("norm"))
    expected = {start, "conv3", "logits"}
    if not learned:
        return Wrong("No weight has moved. Is the `fit` missing?", "nothing_learned")
    if learned <= {"logits"}:
        return _only_the_head_problem(marked, start)
    if "conv1" in learned:
        return Wrong(
            f'"conv1" comes before "{start}" and has changed all the same. Expected only "{start}" and what comes '
            "after it to learn.",
            "before_the_start",
        )
    if norms:
        return Wrong(
            f"The batch normalisation has changed: {', '.join(norms)}. With few pictures it must stay as it is; frozen "
            "(`trainable = False`), it also keeps its moving mean and variance.",
            "batch_norm_learned",
        )
    if learned != expected:
        return Wrong(
            f'Expected "{start}" and all layers after it to learn, found that {", ".join(sorted(expected - learned))} '
            "stood still.",
            "too_few_layers",
        )
    wrong = _steps_problem(observed) if np.isclose(observed["rate"], _RATE, rtol=0.01) else None
    wrong = wrong or _rate_problem(max(moved.values()), observed["rate"]) or _steps_problem(observed)
    if wrong is None and not observed["is_adam"]:
        return Wrong("Expected the optimizer Adam, found another.", "other_optimizer", "`keras.optimizers.Adam(1e-4)`")
    return wrong or _loss_problem(observed)


def _only_the_head_problem(marked: dict, start: str) -> Wrong:
    if marked[start]:
        return Wrong(
            'Only "logits" has learned, although the other layers are marked as trainable: Keras reads the marks at '
            "the first `fit` after a `compile`. Change the marks, then call `model.compile` again, then `fit`.",
            "not_recompiled",
        )
    return Wrong(
        f'Only "logits" has learned: "{start}" is still frozen. Set `layer.trainable = True` on it and on each layer '
        "after it. (`model.trainable = True` is not enough: with TensorFlow it does nothing where the model's own mark "
        "is True already.)",
        "not_unfrozen",
    )


def _rate_problem(largest: float, rate: float) -> Wrong | None:
    if not np.isfinite(largest):
        return Wrong("Some weights are NaN: the training diverged. Use a learning rate of 0.0001.", "not_finite")
    if largest <= 1e-3:  # two steps of Adam at 0.0001 move a weight by 0.0002
        if np.isclose(rate, _RATE, rtol=0.01):
            return None
        return Wrong(f"Expected a learning rate of 0.0001, found {rate:g}.", "other_rate")
    expected = "" if np.isclose(rate, _RATE, rtol=0.01) else f"Expected a learning rate of 0.0001, found {rate:g}. "
    return Wrong(
        f"{expected}A weight has moved by {largest:.2g}. Adam at a rate of 0.0001 moves it by 0.0002 or so in two "
        "batches: such large steps overwrite what was learned before.",
        "rate_too_high",
        '`keras.optimizers.Adam(1e-4)`; the name "adam" alone stands for a rate of 0.001.',
    )


def _steps_problem(observed: dict) -> Wrong | None:
    if observed["steps"] == 2:
        return None
    return Wrong(
        f"Expected one epoch over 64 pictures in batches of 32, which is 2 steps, found {observed['steps']}.",
        "other_steps",
        "`model.fit(images, labels, batch_size=32, epochs=1)`",
    )


def _loss_problem(observed: dict) -> Wrong | None:
    """The loss must be the cross-entropy of the model's outputs as logits."""
    from scipy.special import log_softmax

    labels = _pictures_to_tune(observed["seed"])["labels"]
    expected = -log_softmax(observed["logits"], axis=1)[np.arange(len(labels)), labels].mean()
    if np.isclose(observed["loss"], expected, rtol=1e-3):
        return None
    return Wrong(
        f"The loss is {observed['loss']:.3f} where the cross-entropy of the model's logits is {expected:.3f}. The "
        "model gives logits; a loss that is not told so takes them for probabilities.",
        "logits_as_probabilities",
        "`keras.losses.SparseCategoricalCrossentropy(from_logits=True)`",
    )


Q6 = Question(
    id="5.6",
    title="Unfreeze the upper layers",
    points=3,
    answer="fine_tune",
    source='''
import keras


def fine_tune(model, start, images, labels):
    """Train `model` for one more epoch, gently: the layer called `start` and all after it learn.

    The layers before `start` and every BatchNormalization layer stay as they are. Adam at a rate
    of 0.0001, batches of 32. The model returns logits; its head has been trained before.
    """
    ### BEGIN SOLUTION
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == start
        layer.trainable = reached and not isinstance(layer, keras.layers.BatchNormalization)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=loss)
    model.fit(images, labels, batch_size=32, epochs=1, verbose=0)
    ### END SOLUTION
''',
    inputs=_pictures_to_tune,
    observe=_observe_tuning,
    judge=_judge_tuning,
    hints=(
        "Three steps: mark each layer, compile, fit. The layers of `model.layers` stand in their order.",
        "Remember in a variable whether `start` has been reached. `isinstance(layer, keras.layers.BatchNormalization)` "
        "finds those that stay frozen.",
        "In the loop `reached = reached or layer.name == start` and "
        "`layer.trainable = reached and not isinstance(layer, keras.layers.BatchNormalization)`; then "
        "`model.compile(optimizer=keras.optimizers.Adam(1e-4), loss=...)`, then `model.fit(...)`.",
    ),
    passed="Right: marked, compiled anew, and gently. The lower layers, which see edges, stay as they were.",
    bank=BANK["5.6"],
)


# 5.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
A classmate took VGG16 with ImageNet weights, divided the grey faces by 255, repeated them to three channels, froze
everything but the last layer, and reached 31 per cent on the test pictures after two epochs. She concludes that
transfer learning does not work for faces. Name what you would check or change, in which order, and how you would show
that a change has helped.
"""

Q7 = written_question(
    id="5.7",
    title="Does transfer learning fail here?",
    points=3,
    answer="answer_5_7",
    source="""
### BEGIN SOLUTION
answer_5_7 = \"\"\"
First the preprocessing. This network learned on values from 0 to 255, blue first, with a mean taken away;
a face between 0 and 1 looks to it like a nearly uniform dark patch, so the features carry little. I would put
keras' own preprocess_input into the model and repeat the run with nothing else changed. Second, the head: two
epochs are few, and on cached features twenty cost seconds. Third, ImageNet photographs are not small grey
faces, so the frozen features may be of limited use even then: I would unfreeze the upper block, later all, with a
low rate after the head has settled, and perhaps enlarge the pictures. Each step I would judge on the validation
pictures with an interval, next to the same network from random weights; the test pictures come once, at the end.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Which numbers did VGG16 see while it learned on ImageNet, and which does it see here?",
        "A frozen network can only offer features that it has. What lies between frozen and trained from scratch?",
        "For the proof: one change at a time, against which other run, and measured on which pictures?",
    ),
    rubric=(
        "Finds the wrong preprocessing first: VGG16 wants 0..255, blue first, minus a mean pixel, not 0..1.",
        "Sees that two epochs of a head prove little, and that cached features make more epochs cheap.",
        "Says why frozen ImageNet features may not be enough for small grey faces, and proposes to unfreeze gently.",
        "Changes one thing at a time and compares with a baseline, such as the same network from random weights.",
        "Judges on validation pictures with an interval, and leaves the test pictures for the end.",
    ),
    bank=BANK["5.7"],
)

QUESTIONS = (Q1, Q2, Q3, Q4, Q5, Q6, Q7)
