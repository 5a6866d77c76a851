"""Question 6.2: a residual block, judged by what it computes with weights that the check sets.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q06.shared import (
    CHANNELS,
    DIM,
    activation_problem,
    build,
    build_problem,
    feature_maps,
    near,
    observe_block,
    shape_problem,
    way_problem,
    zero_problem,
)

QUESTION = function_question(
    "6.2",
    hints=(
        "Keep the name `x` for what came in; call everything on the branch `y`. You need `x` once more at the end.",
        "Branch: convolution, batch norm, ReLU, convolution, batch norm. Then `layers.Add()([x, y])`, then ReLU. "
        "`x.shape[-1]` is the number of channels.",
        '`y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(x)`, `layers.BatchNormalization()(y)`, '
        "`y = layers.ReLU()(y)`, once more without the ReLU, and `return layers.ReLU()(layers.Add()([x, y]))`.",
    ),
    passed="Right. With all its weights at zero the block hands its input on: depth that does no harm.",
)

KERNELS = 2 * 9 * CHANNELS**2
NORMS = 2 * 4 * CHANNELS
OTHER_MAPS = (6, 7, 3)

QUESTION.inputs(feature_maps)


@QUESTION.observe
def observe(block, maps):
    """The block on the maps, and what it makes of maps with another number of channels."""
    return observe_block(block, maps) | {"other": build(block, OTHER_MAPS)[0]}


@QUESTION.judge
def judge(observed):
    maps = feature_maps(observed["seed"])
    return (
        build_problem(observed)
        or shape_problem(observed, maps.shape[1:])
        or zero_problem(observed, maps)
        or count_problem(observed["parameters"])
        or activation_problem(observed, maps)
        or computation_problem(observed, maps)
        or channels_problem(observed["other"])
    )


def computation_problem(observed, maps):
    """Wrong when the block computes something else. A way that has a name says most, one that has none says least."""
    way, between = way_problem(observed), between_problem(observed["dim"], maps)
    return between or way if observed["way"] == "other" else way or between


def between_problem(dim, maps):
    """Batch norm gives about -1.5 everywhere: a ReLU makes 0 of it, and then the second batch norm gives -1.5."""
    if near(dim, np.maximum(maps - DIM, 0)):
        return None
    return Wrong(
        "Something else than a ReLU stands between the two convolutions: it lets values below 0 through (as GELU, ELU "
        "and leaky ReLU do). The block of 2015 has a ReLU there.",
        "other_activation",
    )


def channels_problem(other):
    """Wrong when the number of channels was written into the block."""
    if other.get("shape") == list(OTHER_MAPS):
        return None
    return Wrong(
        f"The block is right for {CHANNELS} channels, but it must work for any number: on maps with "
        f"{OTHER_MAPS[-1]} channels it cannot be built.",
        "channels_fixed",
        "`x.shape[-1]` is the number of channels that came in.",
    )


def count_problem(parameters):
    if parameters == KERNELS + NORMS:
        return None
    start = f"For {CHANNELS} channels expected {KERNELS + NORMS} parameters, found {parameters}"
    if parameters in (KERNELS, KERNELS + 2 * CHANNELS):
        return Wrong(f"{start}: batch norm is missing after the convolutions.", "no_batch_norm")
    if parameters in ((KERNELS + NORMS) // 2, KERNELS // 2, KERNELS // 2 + CHANNELS):
        return Wrong(
            f"{start}: that is a single convolution. The branch has two. (A layer that is called twice has its "
            "weights once: make two layers.)",
            "one_convolution",
        )
    if parameters == KERNELS + NORMS + 2 * CHANNELS:
        return Wrong(
            f"{start}: the convolutions have biases. Batch norm takes the mean away and with it any bias, and brings "
            "a shift of its own.",
            "needless_biases",
            "Use `use_bias=False`.",
        )
    return Wrong(f"{start}. Two 3 x 3 convolutions without bias, each with batch norm.", "wrong_parameters")


# ---- Parts of the answers below ------------------------------------------------------------------


def convolution(x, size=3, **options):
    from keras import layers

    return layers.Conv2D(x.shape[-1], size, **{"padding": "same", "use_bias": False} | options)(x)


def norm(x):
    from keras import layers

    return layers.BatchNormalization()(x)


def relu(x):
    from keras import layers

    return layers.Activation("relu")(x)


def branch(x):
    return norm(convolution(relu(norm(convolution(x)))))


# ---- Good styles ---------------------------------------------------------------------------------


@style
def operators(x):
    from keras import layers

    channels = x.shape[-1]
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    total = x + y
    return layers.Activation("relu")(total)


@style
def loop(x):
    from keras import layers, ops

    shortcut, width = x, x.shape[-1]
    for activation in ("relu", "linear"):
        x = layers.Conv2D(width, (3, 3), padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.Activation(activation)(x)
    return ops.relu(layers.add([shortcut, x]))


@style
def branch_as_model(x):
    import keras
    from keras import layers

    shape = x.shape[1:]
    branch = keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(shape[-1], 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(shape[-1], 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
        ]
    )
    return layers.ReLU()(layers.Add()([branch(x), x]))


@style
def last_scale_zero(x):
    from keras import layers

    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(gamma_initializer="zeros")(y)
    return layers.ReLU()(layers.Add()([x, y]))


@style
def last_kernel_zero(x):
    from keras import layers

    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False, kernel_initializer="zeros")(y)
    y = layers.BatchNormalization()(y)
    return layers.ReLU()(layers.Add()([x, y]))


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(says="laid side by side")
def concatenated(x):
    from keras import layers

    return relu(layers.Concatenate()([x, branch(x)]))


@mistake(says="ReLU after the addition")
def no_last_relu(x):
    return x + branch(x)


@mistake(id="no_last_relu", says="ReLU after the addition")
def relu_only_before_the_addition(x):
    return x + relu(branch(x))


@mistake(says="never lowers a value")
def relu_before_the_addition(x):
    return relu(x + relu(branch(x)))


@mistake(says="does not reach the addition")
def no_skip(x):
    return relu(branch(x))


@mistake(says="begins too late")
def shortcut_too_late(x):
    x = relu(norm(convolution(x)))
    return relu(x + norm(convolution(x)))


@mistake(says="in the way of the shortcut")
def weights_after_the_addition(x):
    y = convolution(relu(norm(convolution(x))))
    return relu(norm(x + y))


@mistake(says="counted twice")
def added_twice(x):
    return relu(x + branch(x) + x)


@mistake(says="one linear step")
def no_relu_between(x):
    return relu(x + norm(convolution(norm(convolution(x)))))


@mistake(says="batch norm is missing")
def no_batch_norm(x):
    return relu(x + convolution(relu(convolution(x))))


@mistake(says="a single convolution")
def one_convolution(x):
    return relu(x + norm(convolution(x)))


@mistake(id="one_convolution", says="make two layers")
def shared_layers(x):
    from keras import layers

    shared = layers.Conv2D(x.shape[-1], 3, padding="same", use_bias=False)
    norm = layers.BatchNormalization()
    y = layers.ReLU()(norm(shared(x)))
    return layers.ReLU()(x + norm(shared(y)))


@mistake(says="stands before batch norm")
def relu_before_batch_norm(x):
    y = norm(convolution(x, activation="relu"))
    return relu(x + norm(convolution(y)))


@mistake(says="any number")
def channels_fixed(x):
    from keras import layers

    y = layers.Conv2D(5, 3, padding="same", use_bias=False)(x)
    y = layers.Conv2D(5, 3, padding="same", use_bias=False)(relu(norm(y)))
    return relu(x + norm(y))


@mistake(says="have biases")
def needless_biases(x):
    y = relu(norm(convolution(x, use_bias=True)))
    return relu(x + norm(convolution(y, use_bias=True)))


@mistake(id="shapes_do_not_fit", says="The block cannot be built")
def padding_forgotten(x):
    y = relu(norm(convolution(x, padding="valid")))
    return relu(x + norm(convolution(y, padding="valid")))


@mistake(id="wrong_parameters", says="Two 3 x 3 convolutions")
def one_by_one(x):
    y = relu(norm(convolution(x, size=1)))
    return relu(x + norm(convolution(y, size=1)))


@mistake(says="found None")
def no_return(x):
    relu(x + branch(x))


@mistake(id="wrong_type", says="Keras tensor")
def layer_for_tensor(x):
    from keras import layers

    branch(x)
    return layers.Activation("relu")


@mistake(says="lets values below 0 through")
def other_activation(x):
    from keras import layers

    y = layers.Activation("gelu")(norm(convolution(x)))
    return relu(x + norm(convolution(y)))


@mistake(id="other_activation", says="lets values below 0 through")
def leaky(x):
    from keras import layers

    return relu(x + norm(convolution(layers.LeakyReLU()(norm(convolution(x))))))


@mistake(says="taken away from the shortcut")
def subtracted(x):
    from keras import layers

    return relu(layers.Subtract()([x, branch(x)]))


@mistake(says="Has a convolution another size, or gaps")
def another_computation(x):
    from keras import layers

    y = norm(convolution(relu(norm(convolution(x, dilation_rate=2)))))
    return relu(layers.Add()([x, y]))


@mistake(id="another_computation", says="something else than a plain ReLU")
def with_an_upper_bound(x):
    from keras import layers

    y = norm(convolution(layers.ReLU(max_value=6)(norm(convolution(x)))))
    return relu(layers.Add()([x, y]))


@mistake(says="stands before the first convolution")
def relu_at_the_start(x):
    from keras import layers

    return relu(layers.Add()([x, branch(relu(x))]))


@mistake(says="Chance has a hand")
def by_chance(x):
    from keras import layers

    return relu(layers.Add()([x, layers.Dropout(0.5)(branch(x))]))
