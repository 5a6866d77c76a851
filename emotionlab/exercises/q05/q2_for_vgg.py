"""Question 5.2: preprocess colour pictures for VGG16, by hand.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "5.2",
    hints=(
        "Two steps, and their order matters: the means are given blue first.",
        "A slice with step -1 turns an axis round. Three dots in front leave all other axes alone: `a[..., ::-1]`.",
        "`return images[..., ::-1] - MEAN_BGR`",
    ),
    passed="Right: this is what `keras.applications.vgg16.preprocess_input` does. (That one writes into a float array "
    "that it is given. Yours does not.)",
    atol=1e-3,
)

MEAN_BGR = np.array([103.939, 116.779, 123.68])


@QUESTION.inputs
def colour_batches(seed):
    """Colour pictures, whole numbers first, whose channels have unlike ranges."""
    rng = np.random.default_rng(seed)
    whole = rng.integers(0, [256, 200, 90], (4, 5, 6, 3)).astype("uint8")
    floating = rng.uniform(0, [120, 255, 180], (3, 7, 4, 3)).astype("float32")
    return [(whole,), (floating,)]


@style
def copy_for_keras(images):
    import keras

    return keras.applications.vgg16.preprocess_input(np.array(images, dtype="float32"))


@style
def channel_by_channel(images):
    red, green, blue = (images[..., k].astype(float) for k in range(3))
    return np.stack([blue - MEAN_BGR[0], green - MEAN_BGR[1], red - MEAN_BGR[2]], axis=-1)


@style
def flip(images):
    return np.flip(images, axis=-1).astype("float32") - MEAN_BGR.astype("float32")


@style
def fancy_index(images):
    return images[:, :, :, [2, 1, 0]] - MEAN_BGR


@mistake(
    "The mean is subtracted, but red still comes first. VGG16 learned with blue first: turn the last axis round before "
    "you subtract."
)
def red_first(images):
    return images - MEAN_BGR


MEAN_OF_ANOTHER_CHANNEL = (
    "Blue's mean was taken from red, and red's from blue. Turn the channels of the pictures round first, then subtract "
    "MEAN_BGR as it is: blue stands first in it already."
)


@mistake(MEAN_OF_ANOTHER_CHANNEL)
def mean_of_another_channel(images):
    return (images - MEAN_BGR)[..., ::-1]


@mistake(MEAN_OF_ANOTHER_CHANNEL, id="mean_of_another_channel")
def mean_turned_round(images):
    return images[..., ::-1] - MEAN_BGR[::-1]


@mistake(
    "The channels are in the right order, but the mean pixel was not subtracted, so every value is about 100 too large."
)
def mean_forgotten(images):
    return images[..., ::-1].astype("float32")


@mistake(
    "The pixels were divided by 255 and the mean was not: next to the mean all that is left of the face is a "
    "hundredth. VGG16 wants 0..255; leave out the division."
)
def scaled_then_subtracted(images):
    return images[..., ::-1] / 255 - MEAN_BGR


@mistake(
    "The result was divided by 255. VGG16 learned on differences of up to 150 grey levels; leave out the division."
)
def scaled_after(images):
    return (images[..., ::-1] - MEAN_BGR) / 255


@mistake(
    "This is a division by 255, the habit of other networks. VGG16 wants blue first and ImageNet's mean pixel "
    "subtracted, and no scaling."
)
def zero_to_one(images):
    return images / 255.0


@mistake(
    "This is the preprocessing of MobileNetV2 and ResNet50V2, from -1 to 1. VGG16 wants blue first and ImageNet's mean "
    "pixel subtracted, and no scaling."
)
def minus_one_to_one(images):
    return images / 127.5 - 1


@mistake(
    "The preprocessing was applied twice: red is first again, and the mean is gone two times. Once is enough, in one "
    "place."
)
def twice(images):
    once = images[..., ::-1] - MEAN_BGR
    return once[..., ::-1] - MEAN_BGR


OWN_MEAN = (
    "The mean of *these* pictures was subtracted. VGG16 learned with one fixed mean pixel, and one picture must not "
    "change the others: subtract MEAN_BGR."
)


@mistake(OWN_MEAN)
def own_mean(images):
    bgr = images[..., ::-1]
    return bgr - bgr.mean(axis=(0, 1, 2))


@mistake(OWN_MEAN, id="own_mean")
def own_mean_red_first(images):
    return images[..., ::-1] - images.mean(axis=(0, 1, 2))


@mistake(OWN_MEAN, id="own_mean")
def own_mean_of_all(images):
    return images[..., ::-1] - images.mean()


@mistake(
    "The same number was subtracted from all three channels. Each has a mean of its own: NumPy subtracts the three of "
    "MEAN_BGR along the last axis by itself."
)
def one_mean_for_all(images):
    return images[..., ::-1] - MEAN_BGR.mean()


@mistake(
    "The result was put into whole numbers from 0 to 255 (uint8), which hold no decimals and nothing below 0. Make an "
    "array of decimals first: `images.astype('float32')`."
)
def in_the_old_dtype(images):
    new = images.copy()
    for k in range(3):
        new[..., k] = images[..., 2 - k] - MEAN_BGR[k]
    return new


@mistake(
    "The first axis was turned round: the last picture comes first now, and red still comes first in each. The "
    "channels are the last axis: `images[..., ::-1]`."
)
def other_pictures_first(images):
    return images[::-1] - MEAN_BGR


@mistake(
    "Another axis was turned round: the pictures are mirrored, and red still comes first. The channels are the last "
    "axis: `images[..., ::-1]`."
)
def mirrored(images):
    return images[:, :, ::-1] - MEAN_BGR


@mistake(
    "The rows were turned round: the pictures stand on their heads, and red still comes first. The channels are the "
    "last axis: `images[..., ::-1]`."
)
def upside_down(images):
    return images[:, ::-1] - MEAN_BGR


@mistake(says="numbers with decimals")
def wrong_dtype(images):
    return images[..., ::-1] - MEAN_BGR.astype("uint8")


@mistake(says="changed the array it was given")
def changed_input(images):
    import keras

    return keras.applications.vgg16.preprocess_input(images)
