"""Question 6.3: a residual block whose shortcut changes the size.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import math

import numpy as np

from emotionlab.exercises.compare import first
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style
from emotionlab.exercises.q06.shared import (
    CHANNELS,
    activation_problem,
    build_problem,
    feature_maps,
    near,
    observe_block,
    shape_problem,
    way_problem,
    zero_problem,
)

QUESTION = function_question(
    "6.3",
    hints=(
        "Begin with your block of 6.2. Which two things can change the shape of the branch? In either case the "
        "shortcut must follow.",
        "Only the first convolution takes `strides=stride`. Where `stride != 1 or x.shape[-1] != width`, replace x by "
        "a 1 x 1 convolution of it, then batch norm, no ReLU.",
        "Before the addition: `if stride != 1 or x.shape[-1] != width: x = layers.BatchNormalization()("
        "layers.Conv2D(width, 1, strides=stride, use_bias=False)(x))`.",
    ),
    passed="Right. A ResNet needs such a block at the start of a stage only; everywhere else the way is free.",
)

SIZES = ((5, 1), (8, 1), (5, 2), (8, 2))
"""(width, stride) of the blocks to build on maps of 5 channels."""


QUESTION.inputs(feature_maps)


@QUESTION.observe
def observe(block, maps: np.ndarray) -> dict:
    return {"cases": [observe_block(lambda x, s=size: block(x, *s), maps, size[1]) for size in SIZES]}


@QUESTION.judge
def judge(observed: dict) -> Wrong | None:
    maps = feature_maps(observed["seed"])
    pairs = list(zip(observed["cases"], SIZES, strict=True))
    return first(size_problem(case, maps, *size) for case, size in pairs) or first(
        (shortcut_problem(case, maps, *size) if case["way"] == "other" else None)
        or way_problem(case, f"With {CHANNELS} channels in, width={size[0]} and stride={size[1]}: ")
        for case, size in pairs
    )


def size_problem(observed: dict, maps: np.ndarray, width: int, stride: int) -> Wrong | None:
    """Shape and parameter count of one case."""
    case = f"With {CHANNELS} channels in, width={width} and stride={stride}: "
    wrong = build_problem(observed, case)
    if wrong:
        return wrong
    height, breadth = (math.ceil(side / stride) for side in maps.shape[1:3])
    if observed["shape"] == [math.ceil(height / stride), math.ceil(breadth / stride), width] and stride > 1:
        return Wrong(
            f"{case}both convolutions have the stride, so the maps shrink twice. Only the first takes it.",
            "strided_twice",
        )
    return shape_problem(observed, (height, breadth, width), case) or count_problem(observed, width, stride, case)


def count_problem(observed: dict, width: int, stride: int, case: str) -> Wrong | None:
    branch = 9 * CHANNELS * width + 9 * width * width + 8 * width
    projection = CHANNELS * width + 4 * width
    needed = width != CHANNELS or stride != 1
    expected, found = branch + projection * needed, observed["parameters"]
    if found == expected:
        return None
    start = f"{case}expected {expected} parameters, found {found}"
    if not needed and found == branch + projection:
        return Wrong(
            f"{start}: the shortcut has a convolution where it needs none. When width and stride leave the shape as it "
            "is, add x itself.",
            "always_projected",
        )
    if needed and found == branch:
        return Wrong(
            f"{start}: the shortcut has no weights. Expected a 1 x 1 convolution with the same stride and width.",
            "no_projection",
        )
    if needed and found in (expected - 4 * width, expected - 3 * width):
        return Wrong(
            f"{start}: the convolution on the shortcut has no batch norm. Both ways into the sum are normalised.",
            "projection_not_normalised",
        )
    if needed and found == expected + 8 * CHANNELS * width:
        return Wrong(f"{start}: the shortcut has a 3 x 3 convolution. Expected 1 x 1.", "large_projection")
    if needed and found == expected + width:
        return Wrong(
            f"{start}: the convolution on the shortcut has a bias. Batch norm brings a shift of its own.",
            "projection_with_bias",
            "Use `use_bias=False` there too.",
        )
    if found in (expected + 2 * width, expected + (2 + needed) * width):
        return Wrong(
            f"{start}: the convolutions have biases. Batch norm brings a shift of its own.",
            "needless_biases",
            "Use `use_bias=False`.",
        )
    return Wrong(
        f"{start}. Two 3 x 3 convolutions on the branch, none with a bias, each with batch norm.", "wrong_count"
    )


def shortcut_problem(observed: dict, maps: np.ndarray, width: int, stride: int) -> Wrong | None:
    """What the shortcut computes, and where the activations stand."""
    if width == CHANNELS and stride == 1:
        return zero_problem(observed, maps) or activation_problem(observed, maps)
    seen = maps[:, ::stride, ::stride] @ observed["projection"].reshape(CHANNELS, width)
    found, lifted = observed["shortcut"], observed["lifted"]
    if near(found, np.maximum(seen, 0)):
        if near(lifted, np.maximum(seen + 2, 0)):  # both batch norms shift by 1
            return None
        return Wrong(
            f"With width={width} and stride={stride}: there is a ReLU on the shortcut. It cuts what is negative before "
            "the addition. Expected on the shortcut: convolution, batch norm, nothing more.",
            "relu_on_the_shortcut",
        )
    if not found.any():
        return Wrong(
            "The projection does not read the block's input: with the branch at zero nothing comes through. It must be "
            "applied to x.",
            "projection_of_the_branch",
        )
    return Wrong(
        f"With width={width} and stride={stride}: when the branch is zero, the block must return relu of the projected "
        "input, and it returns something else. Look at the order: project x, normalise, add, ReLU. The stride belongs "
        "to the 1 x 1 convolution itself; nothing stands before it.",
        "not_the_projection",
    )


# ---- Parts of the answers below ------------------------------------------------------------------


def convolution(x, width, size=3, stride=1, **options):
    from keras import layers

    return layers.Conv2D(width, size, strides=stride, **{"padding": "same", "use_bias": False} | options)(x)


def norm(x):
    from keras import layers

    return layers.BatchNormalization()(x)


def relu(x):
    from keras import layers

    return layers.ReLU()(x)


def branch(x, width, stride, **options):
    y = relu(norm(convolution(x, width, stride=stride, **options)))
    return norm(convolution(y, width, **options))


def project(x, width, stride):
    return norm(convolution(x, width, 1, stride))


def shortcut(x, projected, width, stride):
    """`projected` where the shape changes, else x itself."""
    return projected if stride > 1 or width != x.shape[-1] else x


# ---- Good styles ---------------------------------------------------------------------------------


@style
def shortcut_variable(x, width, stride):
    from keras import layers

    y = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    shortcut = x
    if stride > 1 or width != x.shape[-1]:
        shortcut = layers.Conv2D(width, 1, strides=stride, padding="same", use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    return layers.ReLU()(shortcut + y)


@style
def by_shape(x, width, stride):
    from keras import layers

    def convolve(x, size, stride=1):
        x = layers.Conv2D(width, size, stride, padding="same", use_bias=False)(x)
        return layers.BatchNormalization(epsilon=1e-5)(x)

    y = layers.Activation("relu")(convolve(x, 3, stride))
    y = convolve(y, 3)
    if y.shape != x.shape:
        x = convolve(x, 1, stride)
    return layers.Activation("relu")(layers.Add()([y, x]))


@style
def branch_as_model(x, width, stride):
    import keras
    from keras import layers

    branch = keras.Sequential(
        [
            layers.Conv2D(width, 3, strides=(stride, stride), padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(width, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
        ]
    )
    same = stride == 1 and x.shape[-1] == width
    project = [layers.Conv2D(width, 1, strides=stride, use_bias=False), layers.BatchNormalization()]
    shortcut = x if same else keras.Sequential(project)(x)
    return keras.ops.relu(keras.ops.add(shortcut, branch(x)))


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(id="shapes_do_not_fit", says="shapes do not fit")
def never_projected(x, width, stride):
    return relu(x + branch(x, width, stride))


@mistake(id="shapes_do_not_fit", says="width=5 and stride=2: the block cannot be built")
def only_for_the_width(x, width, stride):
    way = project(x, width, stride) if width != x.shape[-1] else x
    return relu(way + branch(x, width, stride))


@mistake(id="shapes_do_not_fit", says="width=8 and stride=1: the block cannot be built")
def only_for_the_stride(x, width, stride):
    way = project(x, width, stride) if stride > 1 else x
    return relu(way + branch(x, width, stride))


@mistake(says="needs none")
def always_projected(x, width, stride):
    return relu(project(x, width, stride) + branch(x, width, stride))


@mistake(id="shapes_do_not_fit", says="shapes do not fit")
def projection_without_stride(x, width, stride):
    way = shortcut(x, project(x, width, 1), width, stride)
    return relu(way + branch(x, width, stride))


@mistake(says="shrink twice")
def strided_twice(x, width, stride):
    y = relu(norm(convolution(x, width, stride=stride)))
    y = norm(convolution(y, width, stride=stride))
    return relu(shortcut(x, project(x, width, stride**2), width, stride) + y)


@mistake(says="the stride has no effect")
def stride_forgotten(x, width, stride):
    return relu(shortcut(x, project(x, width, 1), width, stride) + branch(x, width, 1))


@mistake(says="laid side by side")
def concatenated(x, width, stride):
    from keras import layers

    way = shortcut(x, project(x, width, stride), width, stride)
    return relu(layers.concatenate([way, branch(x, width, stride)]))


@mistake(says="has no batch norm")
def projection_not_normalised(x, width, stride):
    way = shortcut(x, convolution(x, width, 1, stride), width, stride)
    return relu(way + branch(x, width, stride))


@mistake(says="the convolution on the shortcut has a bias")
def projection_with_bias(x, width, stride):
    way = shortcut(x, norm(convolution(x, width, 1, stride, use_bias=True)), width, stride)
    return relu(way + branch(x, width, stride))


@mistake(says="the convolutions have biases")
def needless_biases(x, width, stride):
    way = shortcut(x, norm(convolution(x, width, 1, stride, use_bias=True)), width, stride)
    return relu(way + branch(x, width, stride, use_bias=True))


@mistake(id="not_the_projection", says="nothing stands before it")
def projection_after_pooling(x, width, stride):
    from keras import layers

    pooled = layers.AveragePooling2D(stride, padding="same")(x)
    return relu(shortcut(x, project(pooled, width, 1), width, stride) + branch(x, width, stride))


@mistake(says="stands before batch norm")
def relu_before_batch_norm(x, width, stride):
    y = norm(convolution(x, width, stride=stride, activation="relu"))
    return relu(shortcut(x, project(x, width, stride), width, stride) + norm(convolution(y, width)))


@mistake(says="Expected 1 x 1")
def large_projection(x, width, stride):
    way = shortcut(x, norm(convolution(x, width, 3, stride)), width, stride)
    return relu(way + branch(x, width, stride))


@mistake(says="the shortcut has no weights")
def no_projection(x, width, stride):
    from keras import layers

    y = branch(x, width, stride)
    if stride > 1:
        x = layers.AveragePooling2D(stride)(x)
    if width > x.shape[-1]:
        x = layers.concatenate([x, x])[..., :width]
    return relu(x + y)


@mistake(says="does not read the block's input")
def projection_of_the_branch(x, width, stride):
    y = relu(norm(convolution(x, width, stride=stride)))
    way = shortcut(x, project(y[..., :5], width, 1), width, stride)
    return relu(way + norm(convolution(y, width)))


@mistake(says="ReLU after the addition")
def no_last_relu(x, width, stride):
    return shortcut(x, project(x, width, stride), width, stride) + branch(x, width, stride)


@mistake(says="a ReLU on the shortcut")
def relu_on_the_shortcut(x, width, stride):
    way = shortcut(x, relu(project(x, width, stride)), width, stride)
    return relu(way + branch(x, width, stride))


@mistake(id="not_the_projection", says="Look at the order")
def projection_doubled(x, width, stride):
    way = shortcut(x, relu(project(x, width, stride)) * 2, width, stride)
    return relu(way + branch(x, width, stride))


@mistake(says="found None")
def no_return(x, width, stride):
    relu(shortcut(x, project(x, width, stride), width, stride) + branch(x, width, stride))


@mistake(id="another_computation", says="width=5 and stride=2")
def another_activation_where_strided(x, width, stride):
    from keras import layers

    y = norm(convolution(x, width, stride=stride))
    y = layers.Activation("gelu")(y) if stride > 1 else relu(y)
    return relu(shortcut(x, project(x, width, stride), width, stride) + norm(convolution(y, width)))


@mistake(says="Give it to the first")
def second_strided(x, width, stride):
    y = norm(convolution(relu(norm(convolution(x, width))), width, stride=stride))
    return relu(shortcut(x, project(x, width, stride), width, stride) + y)
