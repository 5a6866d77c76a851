"""Question 3.4: an augmentation for faces, judged by what it does to pictures whose halves differ.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.capture import capture, describe
from emotionlab.exercises.compare import type_problem
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q03.halves import halves
from emotionlab.exercises.q03.movements import orientation_problem
from emotionlab.exercises.q03.shared import refused

QUESTION = function_question(
    "3.4",
    hints=(
        "`keras.Sequential([...])` takes a list of layers. Keras' random layers begin with `Random`.",
        'Two or three will do: `keras.layers.RandomFlip("horizontal")`, `keras.layers.RandomRotation(...)`, '
        "`keras.layers.RandomTranslation(...)`. Read what the number of the rotation means.",
        "A rotation of at most 9 degrees is `RandomRotation(9 / 360)`, a shift of at most 8 percent is "
        "`RandomTranslation(0.08, 0.08)`. Return the `Sequential`.",
    ),
    passed="Right: random in training, silent in prediction, upright, in range. `el.augmentation(recipe)` is built so.",
    explained={
        "A little more or less of it: how far pictures move or turn is the learner's choice.": (
            "line 11: 9 -> …",
            "line 11: 360 -> …",
            "line 12: 0.08 -> …",
        ),
        "Moved or turned: one of the two is enough, and the same one twice is still a little.": (
            "line 13: turn -> (left out)",
            "line 13: move -> (left out)",
            "line 13: turn -> move",
            "blind: layer 2 RandomRotation: left out",
            "blind: layer 3 RandomTranslation: left out",
            "line 13: move -> turn",
        ),
        "Two mirrorings at random in a row mirror half of the faces, as one does.": (
            "line 13: turn -> flip",
            "line 13: move -> flip",
        ),
    },
)

REFUSED_BY_KERAS = {
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


QUESTION.inputs(halves)


@QUESTION.observe
def two_trainings_and_a_prediction(build, pictures):
    import keras

    try:
        augment = build()
    except ValueError as error:
        return refused(error, REFUSED_BY_KERAS)
    observed = {"augment": capture(augment), "is_layer": isinstance(augment, keras.Layer)}
    if observed["is_layer"]:
        observed["training"] = capture(augment(pictures, training=True))
        observed["again"] = capture(augment(pictures, training=True))
        observed["prediction"] = capture(augment(pictures, training=False))
    return observed


@QUESTION.judge
def judge(observed):
    if "refused" in observed:
        return REFUSED_BY_KERAS[observed["refused"]]
    if not observed["is_layer"]:
        if observed["augment"]["kind"] == "nothing":
            return Wrong("Expected a Keras model or layer, found None.", "no_return", "Is the `return` missing?")
        return Wrong(
            f"Expected a Keras model or layer, found {describe(observed['augment'])}.",
            "wrong_type",
            "Put the layers into `keras.Sequential([...])` and return it.",
        )
    pictures = halves(observed["seed"])
    return (
        prediction_problem(pictures, observed["prediction"])
        or range_problem(pictures, observed["training"])
        or change_problem(pictures, observed["training"]["array"], observed["again"]["array"])
        or orientation_problem(observed["training"]["array"], observed["again"]["array"], observed["seed"])
    )


def prediction_problem(pictures, found):
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


def range_problem(pictures, found):
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


def change_problem(pictures, once, twice):
    if np.allclose(once, pictures, atol=0.01):
        return Wrong("With training=True the pictures came back unchanged: nothing is augmented.", "no_augmentation")
    if np.allclose(once, twice, atol=0.01):
        return Wrong(
            "Two calls with training=True gave the same pictures. Augmentation must be random, so that a network "
            "never sees the same picture twice.",
            "not_random",
        )
    return None


def mirrored_and(*layers):
    """A model that mirrors at random and then goes through these layers."""
    import keras

    return keras.Sequential([keras.layers.RandomFlip("horizontal"), *layers])


def turning(factor):
    import keras

    return keras.layers.RandomRotation(factor)


@style
def functional():
    import keras

    pictures = keras.Input((48, 48, 1))
    x = keras.layers.RandomFlip("horizontal")(pictures)
    x = keras.layers.RandomTranslation(0.05, 0.05, fill_mode="nearest")(x)
    x = keras.layers.RandomZoom(0.1)(x)
    return keras.Model(pictures, x)


@style
def subclass():
    import keras

    class Augmentation(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.flip = keras.layers.RandomFlip("horizontal")
            self.turn = keras.layers.RandomRotation(0.04)

        def call(self, pictures, training=False):
            return self.turn(self.flip(pictures, training=training), training=training)

    return Augmentation()


@style
def zoom():
    import keras

    return keras.Sequential([keras.layers.RandomZoom(0.1), keras.layers.RandomFlip("horizontal")])


@style
def with_light_and_erasing():
    from keras import layers

    return mirrored_and(
        layers.RandomTranslation(0.1, 0.1),
        layers.RandomBrightness(0.15),
        layers.RandomContrast(0.2),
        layers.RandomErasing(0.25, scale=(0.02, 0.2), value_range=(0, 255)),
    )


@style
def package():
    import keras

    from emotionlab.runs.recipes import Recipe
    from emotionlab.training.loop import augmentation

    return keras.Sequential(augmentation(Recipe().augmented()))


@mistake(says="stand on their heads")
def vertical_flip():
    import keras

    return keras.Sequential([keras.layers.RandomFlip(), turning(9 / 360)])


@mistake(says="full circles")
def rotation_unit():
    return mirrored_and(turning(np.deg2rad(15)))


@mistake(id="rotation_unit", says="more than 15 degrees")
def turned_too_far():
    return mirrored_and(turning(0.1))


@mistake(says="out of sight")
def moved_far():
    from keras import layers

    return mirrored_and(layers.RandomTranslation(0.5, 0.5))


@mistake(says="full circles")
def factor_too_large():
    return mirrored_and(turning(15))


@mistake(says="the layers in one list")
def no_list():
    import keras

    return keras.Sequential(keras.layers.RandomFlip("horizontal"), keras.layers.RandomZoom(0.1))


@mistake(says="normalises by itself")
def normalised_twice():
    from keras import layers

    return mirrored_and(turning(9 / 360), layers.Rescaling(1 / 255))


@mistake(says="Expected it unchanged")
def shape_changed():
    from keras import layers

    return mirrored_and(layers.RandomCrop(40, 40))


@mistake(says="depend on chance")
def acts_in_prediction():
    import keras

    class AlwaysOn(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.flip = keras.layers.RandomFlip("horizontal")
            self.turn = keras.layers.RandomRotation(0.04)

        def call(self, pictures):
            return self.turn(self.flip(pictures, training=True), training=True)

    return AlwaysOn()


@mistake(says="hardly any")
def no_mirror():
    import keras

    return keras.Sequential([turning(9 / 360), keras.layers.RandomTranslation(0.1, 0.1)])


@mistake(says="as likely to mirror it as not")
def unfair_toss():
    import keras

    class Flip(keras.layers.Layer):
        def call(self, pictures, training=False):
            toss = keras.random.uniform((keras.ops.shape(pictures)[0], 1, 1, 1)) < 0.2
            return keras.ops.where(toss, keras.ops.flip(pictures, axis=2), pictures) if training else pictures

    return keras.Sequential([Flip(), turning(9 / 360)])


@mistake(says="never moved or turned")
def mirror_alone():
    return mirrored_and()


@mistake(says="from 0 to 1")
def squeezed():
    from keras import layers

    return mirrored_and(turning(9 / 360), layers.RandomBrightness(0.2, value_range=(0, 1)))


@mistake(says="Expected 0 to 255")
def outside_the_range():
    import keras

    class Noise(keras.layers.Layer):
        def call(self, pictures, training=False):
            return pictures + keras.random.normal(keras.ops.shape(pictures), stddev=40) if training else pictures

    return mirrored_and(Noise())


@mistake(says="nothing is augmented")
def no_augmentation():
    import keras

    return keras.Sequential([keras.layers.Identity()])


@mistake(says="found a list")
def wrong_type():
    return [mirrored_and(), turning(0.02)]


@mistake(id="moved_far", says="out of sight")
def moved_a_little_too_far():
    import keras

    return mirrored_and(keras.layers.RandomTranslation(0.3, 0.3))


@mistake(says="zoomed by far more than a quarter")
def zoomed_far():
    import keras

    return mirrored_and(keras.layers.RandomZoom(0.5))


@mistake(id="mirror_alone", says="never moved or turned")
def brighter_and_darker():
    import keras

    return mirrored_and(keras.layers.RandomBrightness(0.1, value_range=(0, 255)))


@mistake(id="mirror_alone", says="never moved or turned")
def strong_noise():
    import keras

    class Noise(keras.layers.Layer):
        def call(self, pictures, training=False):
            noise = keras.random.normal(keras.ops.shape(pictures), stddev=60)
            return keras.ops.clip(pictures + noise, 0, 255) if training else pictures

    return mirrored_and(Noise())


@mistake(id="mirror_alone", says="never moved or turned")
def rectangles_erased():
    from keras import layers

    return mirrored_and(layers.RandomErasing(1.0, scale=(0.1, 0.33), value_range=(0, 255)))
