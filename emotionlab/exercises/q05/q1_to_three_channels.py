"""Question 5.1: give grey pictures three equal channels.

Title, points, task and model solution: solutions/05_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "5.1",
    hints=(
        "First make room: a new last axis for the channels. Then repeat along it.",
        "`images[..., np.newaxis]` has shape (N, height, width, 1). `np.repeat` takes the argument `axis`.",
        "`return np.repeat(images[..., np.newaxis], 3, axis=-1)`",
    ),
    passed="Right. No information was added: three equal channels only give the network the shape that it knows.",
    explained={"The three channels are alike.": ("blind: result: first half of the last axis",)},
)


@QUESTION.inputs
def grey_batches(seed):
    """Two batches of grey pictures whose axes all differ in length."""
    rng = np.random.default_rng(seed)
    return [(rng.integers(0, 256, shape).astype("uint8"),) for shape in ((5, 6, 8), (2, 9, 7))]


@style
def stack_last(images):
    return np.stack([images, images, images], axis=-1)


@style
def concatenate(images):
    grey = images[:, :, :, None]
    return np.concatenate([grey] * 3, axis=3)


@style
def broadcast(images):
    return np.broadcast_to(images[..., None], (*images.shape, 3)).copy()


@style
def as_for_opencv(images):
    import cv2

    return np.array([cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) for image in images])


@style
def dstack_each(images):
    return np.array([np.dstack([image] * 3) for image in images])


@mistake(
    "The three copies lie along the first axis, so Keras would see three pictures of many channels. Stack along the "
    "last axis: `axis=-1`."
)
def stacked_first(images):
    return np.stack([images, images, images])


@mistake(
    "The channels come right after the pictures: (N, 3, height, width). Keras on TensorFlow expects them last: "
    "`axis=-1`."
)
def channels_first(images):
    return np.stack([images] * 3, axis=1)


@mistake(
    "There are three times as many pictures now, each still with one channel. Repeat along the last axis, not along "
    "the first."
)
def more_pictures(images):
    return np.repeat(images[..., np.newaxis], 3, axis=0)


@mistake("The pictures have become three times as wide. Repeat along the last axis, the channels.")
def wider_pictures(images):
    return np.repeat(images[..., np.newaxis], 3, axis=-2)


NO_CHANNEL_AXIS = (
    "There is no axis for the channels: one of the old axes became three times as long. Make a new last axis first, "
    "`images[..., np.newaxis]`, and repeat along that one."
)


@mistake(NO_CHANNEL_AXIS)
def no_channel_axis(images):
    return np.repeat(images, 3, axis=-1)


@mistake(NO_CHANNEL_AXIS, id="no_channel_axis")
def no_channel_axis_pictures(images):
    return np.repeat(images, 3, axis=0)


@mistake(NO_CHANNEL_AXIS, id="no_channel_axis")
def no_channel_axis_rows(images):
    return np.repeat(images, 3, axis=1)


@mistake(NO_CHANNEL_AXIS, id="no_channel_axis")
def no_channel_axis_tiled(images):
    return np.tile(images, 3)


@mistake(NO_CHANNEL_AXIS, id="no_channel_axis")
def no_channel_axis_joined(images):
    return np.concatenate([images] * 3)


@mistake(NO_CHANNEL_AXIS, id="no_channel_axis")
def no_channel_axis_below(images):
    return np.concatenate([images] * 3, axis=1)


@mistake(
    "Only the first channel is filled, the others are black: for a colour network that is a deep red face. Put the "
    "same grey into all three."
)
def two_empty_channels(images):
    new = np.zeros((*images.shape, 3), images.dtype)
    new[..., 0] = images
    return new


SCRAMBLED = (
    "The shape is right, but the pixels are scrambled: `reshape` does not move channels, it only cuts the long row of "
    "numbers anew. Repeat along a new last axis instead."
)


@mistake(SCRAMBLED)
def scrambled(images):
    return np.concatenate([images] * 3).reshape(*images.shape, 3)


@mistake(SCRAMBLED, id="scrambled")
def scrambled_tiles(images):
    return np.tile(images, 3).reshape(*images.shape, 3)


@mistake(SCRAMBLED, id="scrambled")
def scrambled_pictures(images):
    return np.repeat(images, 3, axis=0).reshape(*images.shape, 3)


@mistake(SCRAMBLED, id="scrambled")
def scrambled_rows(images):
    return np.repeat(images, 3, axis=1).reshape(*images.shape, 3)


@mistake(SCRAMBLED, id="scrambled")
def scrambled_channels(images):
    return np.stack([images] * 3, axis=1).reshape(*images.shape, 3)


@mistake(
    "The grey values were divided by 255. Leave them as they are: what a network wants of its numbers is the next "
    "question."
)
def divided_by_255(images):
    return np.stack([images / 255] * 3, axis=-1)


@mistake("There is a channel axis now, but it has one channel. Repeat it three times along that axis.")
def one_channel(images):
    return images[..., None]
