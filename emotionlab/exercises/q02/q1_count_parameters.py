"""Question 2.1: count the parameters of a convolution, a pooling and a dense layer.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "2.1",
    hints=(
        "Count one filter first: how many numbers does it multiply, and what does it add at the end?",
        "One filter: `size * size * channels` weights and 1 bias. Pooling has none. The dense layer then reads "
        "`filters` numbers for each class.",
        "`(size * size * channels + 1) * filters + (filters + 1) * classes`",
    ),
    passed="Right. Look at what is not in the formula: the size of the picture. That is why convolutions are cheap.",
)


@QUESTION.inputs
def sizes(seed):
    """Two small networks whose kernel size (one odd, one even), channels, filters and classes all differ."""
    rng = np.random.default_rng(seed)
    return [(size, *(int(n) for n in rng.permutation([4, 7, 11, 13])[:3])) for size in (3, 6)]


@style
def in_steps(size, channels, filters, classes):
    convolution = size**2 * channels * filters + filters
    return convolution + filters * classes + classes


@style
def shapes(size, channels, filters, classes):
    arrays = [(size, size, channels, filters), (filters,), (filters, classes), (classes,)]
    return sum(np.prod(shape) for shape in arrays)


@style
def ask_keras(size, channels, filters, classes):
    import keras
    from keras import layers

    convolution = layers.Conv2D(filters, size)
    parts = [keras.Input((20, 20, channels)), convolution, layers.GlobalAveragePooling2D(), layers.Dense(classes)]
    return keras.Sequential(parts).count_params()


@mistake("The biases are missing: each filter of the convolution has one, and so has each class of the dense layer.")
def no_bias(size, channels, filters, classes):
    return size**2 * channels * filters + filters * classes


@mistake(
    "Every filter was counted as one flat kernel. A filter has a kernel of its own for each input channel: multiply "
    "by `channels`."
)
def no_channels(size, channels, filters, classes):
    return (size**2 + 1) * filters + (filters + 1) * classes


@mistake("A kernel of size 3 has 3 x 3 weights, not 3: use `size * size`.")
def kernel_not_squared(size, channels, filters, classes):
    return (size * channels + 1) * filters + (filters + 1) * classes


@mistake("The convolution was given a single bias. It has one for each filter.")
def one_bias_for_all(size, channels, filters, classes):
    return size**2 * channels * filters + 1 + (filters + 1) * classes


@mistake(
    "A bias was counted for each kernel. The kernels of one filter are added up first, then one bias is added: "
    "`filters` biases in all."
)
def bias_for_each_kernel(size, channels, filters, classes):
    return (size**2 + 1) * channels * filters + (filters + 1) * classes


@mistake(
    "This is the convolution alone. The dense layer has weights too: one for each pair of filter and class, and a "
    "bias for each class."
)
def dense_forgotten(size, channels, filters, classes):
    return (size**2 * channels + 1) * filters


@mistake(
    "The dense layer does not see the input channels. After pooling there is one number for each filter: "
    "`filters * classes` weights."
)
def dense_reads_channels(size, channels, filters, classes):
    return (size**2 * channels + 1) * filters + (channels + 1) * classes


ONE_FILTER = (
    "The weights of one filter were counted. There are `filters` of them, each with `size * size * channels` weights "
    "and one bias."
)


@mistake(ONE_FILTER)
def one_filter_only(size, channels, filters, classes):
    return size**2 * channels + filters + filters * classes + classes


@mistake(ONE_FILTER, id="one_filter_only")
def one_filter_one_bias(size, channels, filters, classes):
    return size**2 * channels + 1 + filters * classes + classes


@mistake("In Python `^` is not a power: `3 ^ 2` is 1. Write `size ** 2` or `size * size`.")
def not_a_power(size, channels, filters, classes):
    return ((size ^ 2) * channels + 1) * filters + (filters + 1) * classes


@mistake("", says="whole numbers")
def wrong_dtype(size, channels, filters, classes):
    return ((size**2 * channels + 1) * filters + (filters + 1) * classes) / 1
