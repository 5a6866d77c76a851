"""Question 3.1: mirror a batch of pictures.

Title, points, task and model solution: solutions/03_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "3.1",
    hints=(
        "Which of the four axes (pictures, height, width, channel) runs from left to right?",
        "A slice with step -1 turns an axis round: `a[::-1]`. Each axis has its own place between the commas.",
        "`return images[:, :, ::-1]`, or `np.flip(images, axis=2)`.",
    ),
    passed="Right. One line, and each face gives two. A face and its mirror image carry the same label: that is why "
    "it is allowed.",
    explained={
        "Pixels are never negative.": (
            "blind: argument 1: without sign",
            "blind: argument 1: clipped at 0",
            "blind: result: without sign",
            "blind: result: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def batches(seed):
    """Two batches whose axes all differ in length, one with an odd width and one with an even one."""
    rng = np.random.default_rng(seed)
    return [(rng.random((5, 6, 7, 1)).astype("float32"),), (rng.random((3, 9, 4, 1)).astype("float32"),)]


@QUESTION.judge
def judge(observed):
    wrong = QUESTION.compare(observed)
    if wrong is None or wrong.misconception != "wrong_values":
        return wrong
    for (images,), found in zip(batches(observed["seed"]), observed["returned"], strict=True):
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


@style
def flip_with_axis(images):
    return np.flip(images, axis=2)


@style
def loop(images):
    return np.stack([np.fliplr(image) for image in images])


@style
def negative_axis(images):
    return np.flip(images, -2)


@style
def columns_by_number(images):
    columns = np.arange(images.shape[2])[::-1]
    return np.take(images, columns, axis=2)


@mistake(
    "The pictures came back unchanged. The last axis holds the one channel, so turning it round does nothing. Left and "
    "right lie on axis 2, the width."
)
def unchanged(images):
    return images[..., ::-1]


@mistake(
    "The pictures stand on their heads: axis 1 is the height. Left and right lie on axis 2. (`np.fliplr` turns axis 1, "
    "which is the height in a batch.)"
)
def upside_down(images):
    return np.fliplr(images)


@mistake(
    "The order of the pictures was turned round, so every label now belongs to another face. Axis 0 counts the "
    "pictures; leave it alone and mirror axis 2."
)
def batch_reversed(images):
    return images[::-1]


@mistake("The pictures are turned by half a circle: both height and width were reversed. Mirror axis 2 alone.")
def turned_half(images):
    return np.rot90(images, 2, axes=(1, 2))


@mistake("Height and width are exchanged: rows became columns. Expected the same shape, mirrored.")
def transposed(images):
    return np.swapaxes(images, 1, 2)


@mistake(
    "Every axis was turned round, the order of the pictures too. Name the axis: `np.flip(images, axis=2)`.",
)
def all_axes(images):
    return np.flip(images)


@mistake(
    "The originals are still there, in front of their mirror images. Expected the mirror images alone, as many as "
    "there were pictures."
)
def originals_kept(images):
    return np.concatenate([images, images[:, :, ::-1]])


@mistake("The pictures are mirrored, but the channel axis is gone. Take `[:, :, ::-1]` and leave the rest out.")
def channel_lost(images):
    return images[:, :, ::-1, 0]


@mistake(
    "The first column stayed where it was, and all others stand one place too far to the right: `-0` is 0. The last "
    "column is -1, so column i comes from `-1 - i`."
)
def counted_from_minus_zero(images):
    result = np.zeros_like(images)
    for i in range(images.shape[2]):
        result[:, :, i] = images[:, :, -i]
    return result


@mistake(
    "With an odd number of columns the middle one is 0. The columns were exchanged in pairs, and the middle one has no "
    "partner: it must be copied too. `[:, :, ::-1]` takes them all."
)
def middle_column_lost(images):
    result = np.zeros_like(images)
    width = images.shape[2]
    for i in range(width // 2):
        result[:, :, i] = images[:, :, width - 1 - i]
        result[:, :, width - 1 - i] = images[:, :, i]
    return result


@mistake(says="a random layer")
def mirrored_by_chance(images):
    import keras

    return keras.layers.RandomFlip("horizontal")(images, training=True)


@mistake(says="changed the array it was given")
def changed_input(images):
    images[:] = images[:, :, ::-1].copy()
    return images
