"""Question 1.4: pictures as a network wants them: float32, between 0 and 1, with a channel axis.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.4",
    hints=(
        "Three things have to change: the dtype, the range and the number of axes. Do one at a time.",
        '`images.astype("float32")` changes the dtype, `/ 255` the range. `images[..., np.newaxis]` adds an axis '
        "at the end.",
        '`return images[..., np.newaxis].astype("float32") / 255`',
    ),
    passed="Right: shape, dtype and range. Training and the webcam demo must prepare pictures alike.",
    dtype="float32",
    explained={
        "A pixel between 0 and 1 has no sign.": (
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def stacks(seed):
    """Two stacks of pictures: one with black and white pixels among the others, one of greys alone."""
    rng = np.random.default_rng(seed)
    full, greys = (rng.integers(10, 200, shape).astype("uint8") for shape in ((5, 6, 4), (3, 8, 9)))
    full[:, 0, 1], full[1, 2, 0] = 0, 255
    return [(full,), (greys,)]


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
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


@style
def expand_dims(images):
    scaled = np.divide(images, 255, dtype="float32")
    return np.expand_dims(scaled, axis=-1)


@style
def loop(images):
    result = np.zeros((*images.shape, 1), dtype="float32")
    for i, image in enumerate(images):
        result[i, :, :, 0] = image / 255.0
    return result


@style
def keras_ops(images):
    from keras import ops

    return ops.expand_dims(ops.cast(images, "float32") / 255.0, -1)


@mistake("The values still run up to 255. Expected 0 to 1: divide by 255.")
def not_divided(images):
    return images[..., np.newaxis].astype("float32")


@mistake(
    "The values are right, the channel axis is missing. Expected the shape (N, height, width, 1), because a "
    "convolution wants to know how many colours a pixel has."
)
def no_channel_axis(images):
    return images.astype("float32") / 255


@mistake("The new axis is in second place, (N, 1, height, width). Keras expects it last: (N, height, width, 1).")
def channel_first(images):
    return images[:, np.newaxis].astype("float32") / 255


@mistake(
    "White turned black: 255 + 1 is 0 in uint8, which cannot hold more than 255. Convert to float32 before you "
    "calculate, and divide by 255."
)
def uint8_overflow(images):
    return ((images + 1) / 256)[..., np.newaxis].astype("float32")


@mistake(
    "Almost all values are 0: whole-number division, or a conversion to uint8 after dividing, cuts the decimals off. "
    "Convert to float32 and stay there."
)
def decimals_cut(images):
    return (images / 255).astype("uint8")[..., np.newaxis]


@mistake("White became a little less than 1. The largest uint8 is 255, so divide by 255.")
def divided_by_256(images):
    return images[..., np.newaxis].astype("float32") / 256


@mistake(
    "You divided by the brightest pixel that happens to be there, so the same grey becomes another number in other "
    "pictures. Expected the same division by 255 always."
)
def scaled_by_maximum(images):
    return (images / images.max()).astype("float32")[..., np.newaxis]


@mistake(
    "Every picture was divided by its own brightest pixel, so dark pictures were brightened. Expected the same "
    "division by 255 for all."
)
def scaled_by_each_maximum(images):
    top = images.max(axis=(1, 2), keepdims=True)
    return (images / top).astype("float32")[..., np.newaxis]


@mistake(
    "The darkest pixel became 0 and the brightest 1, so the same grey becomes another number in other pictures. "
    "Expected the same division by 255 always."
)
def stretched(images):
    grey = images[..., np.newaxis].astype("float32")
    return (grey - grey.min()) / (grey.max() - grey.min())


@mistake("The new axis is in front, (1, N, height, width). Expected it at the end: (N, height, width, 1).")
def axis_in_front(images):
    return images[np.newaxis].astype("float32") / 255


@mistake(says="subtracted a mean")
def standardised(images):
    mean, std = images.mean(), images.std()
    return ((images - mean) / std).astype("float32")[..., np.newaxis]


@mistake(says="found float64")
def wrong_dtype(images):
    return images[..., np.newaxis] / 255
