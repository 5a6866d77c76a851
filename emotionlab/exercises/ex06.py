"""Exercise 06, ResNet50V2: sizes through a stack, residual blocks, batch norm, two stages, a plateau."""

import math

import numpy as np

from emotionlab.exercises.bank06 import BANK
from emotionlab.exercises.capture import capture, describe, describe_error
from emotionlab.exercises.compare import Mistake, call_each, compare, first
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "Transfer learning: ResNet50V2"


# 6.1 ------------------------------------------------------------------------------------------


def _stacks(seed: int) -> list[tuple]:
    """(size, layers): the beginning of a ResNet, a stack whose sizes are odd, and a random one."""
    rng = np.random.default_rng(seed)
    drawn = [(int(rng.choice([3, 5])), int(stride)) for stride in (1, 2, 1, 3, 2)]
    return [
        (96, [(7, 2), (3, 2), (1, 1), (3, 1), (3, 2)]),
        (45, [(3, 2), (3, 2), (5, 2), (3, 1)]),
        (int(rng.integers(50, 90)) * 2 + 1, drawn),
    ]


def _trace(size, layers, shrink=lambda size, kernel, stride: math.ceil(size / stride), order="grow", start=1, less=1):
    """Output size and receptive field; the other arguments make the usual mistakes."""
    field, step = start, 1
    for kernel, stride in layers:
        size = shrink(size, kernel, stride)
        if order == "jump":
            step *= stride
        field += (kernel - less) * {"flat": 1, "own": stride}.get(order, step)
        if order == "grow":
            step *= stride
    return size, field


Q1 = Question(
    id="6.1",
    title="How small, and how far does it see?",
    points=2,
    answer="trace",
    source='''
def trace(size, layers):
    """Side of the output and receptive field (both in pixels) of a stack of convolutions.

    layers: a list of (kernel, stride); every one has padding "same". The receptive field is the
    side of the square of input pixels that can change one output value.
    """
    ### BEGIN SOLUTION
    field, step = 1, 1
    for kernel, stride in layers:
        size = -(-size // stride)
        field += (kernel - 1) * step
        step *= stride
    return size, field
    ### END SOLUTION
''',
    inputs=_stacks,
    observe=call_each,
    judge=compare(
        _stacks,
        _trace,
        (
            Mistake(
                "rounded_down",
                "An odd size was rounded down. With padding `same`, half of 45 is 23: a window starts on every second "
                "pixel, and the last one counts too. Round up: `-(-size // stride)`.",
                lambda size, layers: _trace(size, layers, lambda s, k, stride: s // stride),
            ),
            Mistake(
                "valid_padding",
                "The output shrinks with every kernel, as with padding `valid`. Expected `same`: only the stride "
                "makes it smaller.",
                lambda size, layers: _trace(size, layers, lambda s, k, stride: (s - k) // stride + 1),
            ),
            Mistake(
                "strides_ignored_in_the_field",
                "The receptive field grows by kernel - 1 in every layer, as if no layer had a stride. After a stride "
                "of 2, neighbours lie 2 input pixels apart, so the next kernel reaches twice as far.",
                lambda size, layers: _trace(size, layers, order="flat"),
            ),
            Mistake(
                "only_own_stride",
                "Each kernel was multiplied by the stride of its own layer. What counts is the product of all strides "
                "before it: start with a step of 1, and multiply it by the stride after the field has grown.",
                lambda size, layers: _trace(size, layers, order="own"),
            ),
            Mistake(
                "own_stride_counted",
                "The stride of a layer was counted in its own kernel. It moves the values that this layer puts out, so "
                "only the layers after it reach further: multiply the step after the field has grown.",
                lambda size, layers: _trace(size, layers, order="jump"),
            ),
            Mistake(
                "starts_at_nothing",
                "The receptive field is one too small: before the first layer a value sees 1 pixel, itself, not 0.",
                lambda size, layers: _trace(size, layers, start=0),
            ),
            Mistake(
                "whole_kernel_added",
                "The receptive field grows too fast. The middle of the kernel was there already: a kernel of 3 adds 2.",
                lambda size, layers: _trace(size, layers, less=0),
            ),
            Mistake(
                "exchanged",
                "The two numbers are exchanged. Expected the output size first, then the receptive field.",
                lambda size, layers: _trace(size, layers)[::-1],
            ),
            Mistake(
                "pair_exchanged",
                "Kernel and stride are exchanged: each pair is (kernel, stride), the kernel first.",
                lambda size, layers: _trace(size, [pair[::-1] for pair in layers]),
            ),
        ),
    ),
    hints=(
        "Two numbers, two rules. The size knows only strides. The field grows with each kernel, by more and more: by "
        "how much depends on the strides *before*.",
        "Keep a third number, the step: how many input pixels lie between two neighbours. It starts at 1 and is "
        "multiplied by each stride. A kernel adds (kernel - 1) * step.",
        "In a loop: `size = -(-size // stride)`, then `field += (kernel - 1) * step`, then `step *= stride`. "
        "Start with `field, step = 1, 1`.",
    ),
    passed="Right. Strides cost resolution and buy sight: that is the trade that every backbone makes.",
    bank=BANK["6.1"],
)


# 6.2 and 6.3: a block is judged by what it computes, with weights that the check sets --------------

_CHANNELS = 5

_WEIGHTS = {
    "zero": np.zeros_like,
    "ones": lambda w: np.ones_like(w) if w.ndim == 1 else np.zeros_like(w),
    "shortcut": lambda w: np.zeros_like(w) if w.ndim == 4 and w.shape[:2] != (1, 1) else w,
    "lifted": lambda w: np.zeros_like(w) if w.ndim == 4 and w.shape[:2] != (1, 1) else w if w.any() else w + 1,
    "dark": lambda w: -np.abs(w) if w.ndim == 4 else w if w.any() else w - 1000,
}
"""Settings of the trainable weights: all 0; vectors (scales, shifts, biases) 1; as built, but large kernels 0; the same
with shifts of 1; kernels below 0 and shifts of -1000, so that a ReLU after batch norm lets nothing through."""


def _feature_maps(seed: int) -> np.ndarray:
    """(3, 12, 10, 5) float32 with both signs: as much below zero as above."""
    return np.random.default_rng(seed).normal(0, 1, (3, 12, 10, _CHANNELS)).astype("float32")


def _build(block, shape: tuple) -> tuple[dict, object]:
    """(what came out, the model) of `block` (Keras tensor in, Keras tensor out) on maps of this shape."""
    import keras

    inputs = keras.Input(shape)
    try:
        outputs = block(inputs)
    except ValueError as error:
        if "shape" in str(error).lower():  # Keras' words where two tensors cannot be added
            return {"built": "misfit", "error": describe_error(error)}, None
        raise
    if not isinstance(outputs, keras.KerasTensor):
        return {"built": "no tensor", "found": capture(outputs)}, None
    model = keras.Model(inputs, outputs)
    shape = [int(side) for side in outputs.shape[1:]]
    return {"built": "model", "shape": shape, "parameters": int(model.count_params())}, model


def _observe_block(block, maps: np.ndarray) -> dict:
    """Make a model of `block` and note what it computes in each setting."""
    observed, model = _build(block, maps.shape[1:])
    if model is None or math.prod(observed["shape"]) > 10_000:
        return observed
    initial = model.get_weights()
    observed |= {"initial": _output(model, maps), "mirrored": _output(model, -maps)}
    for name, setting in _WEIGHTS.items():
        trainable = [weight.trainable for weight in model.weights]
        model.set_weights([setting(w) if learns else w for w, learns in zip(initial, trainable, strict=True)])
        observed[name] = _output(model, maps)
    kernels = [w for w in initial if w.ndim == 4 and w.shape[:2] == (1, 1)]
    return observed | {"projection": np.array(kernels[0] if kernels else 0.0)}


def _output(model, maps: np.ndarray) -> np.ndarray:
    import keras

    return np.array(keras.ops.convert_to_numpy(model(maps, training=False)))


def _relu(a):
    return np.maximum(a, 0)


def _near(a, b) -> bool:
    """Equal but for the epsilon of batch norm, which a learner may choose."""
    return a.shape == np.shape(b) and bool(np.allclose(a, b, rtol=0.01, atol=0.01))


def _sentence(case: str, text: str) -> str:
    """`text` after the words that name the case; with a capital letter where there are none."""
    return case + text if case else text[0].upper() + text[1:]


_SAME_SHAPE = "Shortcut and branch must have the same height, width and channels where they are added"


def _build_problem(observed: dict, case: str = "") -> Wrong | None:
    if observed["built"] == "misfit":
        words = observed["error"]["words"].splitlines()[0]
        return Wrong(
            _sentence(case, f"the block cannot be built, because shapes do not fit: {words}"),
            "shapes_do_not_fit",
            f"{_SAME_SHAPE}. The branch follows `width` and `stride`; so must the shortcut."
            if case
            else f'{_SAME_SHAPE}: `padding="same"` keeps the size, `x.shape[-1]` filters keep the channels.',
        )
    if observed["built"] == "no tensor":
        if observed["found"]["kind"] == "nothing":
            return Wrong("Expected a Keras tensor, found None.", "no_return", "Is the `return` missing?")
        return Wrong(
            f"Expected a Keras tensor, found {describe(observed['found'])}.",
            "wrong_type",
            "Call each layer on a tensor, `y = layers.Conv2D(...)(x)`, and return the last tensor.",
        )
    return None


def _shape_problem(observed: dict, expected: tuple, case: str = "") -> Wrong | None:
    shape = tuple(observed["shape"])
    if shape == expected:
        return None
    if shape[:2] == expected[:2] and shape[2] > expected[2]:
        return Wrong(
            _sentence(case, f"expected {expected[2]} channels, found {shape[2]}: shortcut and branch were laid side ")
            + "by side. A residual block adds them, number by number.",
            "concatenated",
            "Use `layers.Add()([x, y])` or `x + y` in place of `Concatenate`.",
        )
    if shape[2] == expected[2] and shape[0] > expected[0]:
        return Wrong(
            f"{case}expected maps of {expected[0]} x {expected[1]}, found {shape[0]} x {shape[1]}: the stride "
            "has no effect.",
            "stride_forgotten",
        )
    return Wrong(_sentence(case, f"expected the output shape {expected}, found {shape}."), "wrong_shape")


def _zero_problem(observed: dict, maps: np.ndarray) -> Wrong | None:
    """With all weights at zero the branch says nothing: a block without a projection must return relu(x)."""
    found, ones = observed["zero"], observed["ones"]
    if _near(found, _relu(maps)):
        return None
    if _near(found, maps):
        return Wrong(
            "The ReLU after the addition is missing: negative values leave the block. In this block (the one of 2015) "
            "the sum goes through a ReLU. (Without it, the ReLU stands at the start of the next branch: that is V2.)",
            "no_last_relu",
        )
    if _near(found, 2 * _relu(maps)):
        return Wrong("The shortcut is counted twice: with weights of zero the block returns 2 x.", "added_twice")
    if not found.any() and np.ptp(ones) > 0.01:
        return Wrong(
            "A batch norm or a convolution stands after the addition, in the way of the shortcut: with weights of zero "
            "nothing comes through. Add last, then ReLU, and nothing else.",
            "weights_after_the_addition",
        )
    if not found.any() and _near(ones, np.full_like(ones, 2)):
        return Wrong(
            "The shortcut begins too late: it goes round the second convolution alone, so the input is lost in the "
            "first. Keep `x` as it came in, and add that.",
            "shortcut_too_late",
        )
    if not found.any():
        return Wrong(
            "With weights of zero the block returns zeros: the input does not reach the addition. A skip connection "
            "adds the block's own input, untouched.",
            "no_skip",
        )
    return Wrong(
        "With weights of zero the block must return relu(x), and it returns something else. What touches the input on "
        "its way to the addition?",
        "not_the_identity",
    )


def _activation_problem(observed: dict, maps: np.ndarray) -> Wrong | None:
    if np.all(observed["initial"] >= _relu(maps) - 1e-5):
        return Wrong(
            "The branch never lowers a value: it goes through a ReLU before the addition, so it can only add. "
            "Expected: batch norm, then the addition, then ReLU.",
            "relu_before_the_addition",
        )
    if np.all(np.minimum(observed["initial"], observed["mirrored"]) < 1e-6):
        return Wrong(
            "The ReLU between the two convolutions is missing. Two convolutions in a row are one linear step: the "
            "second adds nothing that a single one could not do.",
            "no_relu_between",
        )
    if observed["dark"].any():
        return Wrong(
            "The ReLU between the two convolutions stands before batch norm. Expected the order convolution, batch "
            "norm, ReLU.",
            "relu_before_batch_norm",
            'Leave `activation="relu"` out of the convolution, and call `layers.ReLU()` after batch norm.',
        )
    return None


# 6.3 ------------------------------------------------------------------------------------------

_SIZES = ((5, 1), (8, 1), (5, 2), (8, 2))
"""(width, stride) of the blocks to build on maps of 5 channels."""


def _observe_sizes(block, maps: np.ndarray) -> dict:
    return {"cases": [_observe_block(lambda x, s=size: block(x, *s), maps) for size in _SIZES]}


def _judge_sizes(observed: dict) -> Wrong | None:
    maps = _feature_maps(observed["seed"])
    pairs = list(zip(observed["cases"], _SIZES, strict=True))
    return first(_size_problem(case, maps, *size) for case, size in pairs) or first(
        _shortcut_problem(case, maps, *size) for case, size in pairs
    )


def _size_problem(observed: dict, maps: np.ndarray, width: int, stride: int) -> Wrong | None:
    """Shape and parameter count of one case."""
    case = f"With {_CHANNELS} channels in, width={width} and stride={stride}: "
    wrong = _build_problem(observed, case)
    if wrong:
        return wrong
    height, breadth = (math.ceil(side / stride) for side in maps.shape[1:3])
    if observed["shape"] == [math.ceil(height / stride), math.ceil(breadth / stride), width] and stride > 1:
        return Wrong(
            f"{case}both convolutions have the stride, so the maps shrink twice. Only the first takes it.",
            "strided_twice",
        )
    return _shape_problem(observed, (height, breadth, width), case) or _count_problem(observed, width, stride, case)


def _count_problem(observed: dict, width: int, stride: int, case: str) -> Wrong | None:
    branch = 9 * _CHANNELS * width + 9 * width * width + 8 * width
    projection = _CHANNELS * width + 4 * width
    needed = width != _CHANNELS or stride != 1
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
    if needed and found == expected + 8 * _CHANNELS * width:
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


def _shortcut_problem(observed: dict, maps: np.ndarray, width: int, stride: int) -> Wrong | None:
    """What the shortcut computes, and where the activations stand."""
    if width == _CHANNELS and stride == 1:
        return _zero_problem(observed, maps) or _activation_problem(observed, maps)
    seen = maps[:, ::stride, ::stride] @ observed["projection"].reshape(_CHANNELS, width)
    found, lifted = observed["shortcut"], observed["lifted"]
    if _near(found, _relu(seen)):
        if _near(lifted, _relu(seen + 2)):  # both batch norms shift by 1
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


Q3 = Question(
    id="6.3",
    title="A shortcut that changes size",
    points=3,
    answer="sized_block",
    source='''
import keras
from keras import layers


def sized_block(x, width, stride):
    """A residual block with `width` channels out; its first convolution has the stride.

    The shortcut is x itself where the shape stays. Else it is a 1 x 1 convolution of x (`width`
    filters, the same stride, no bias) with batch norm.
    """
    ### BEGIN SOLUTION
    y = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride != 1 or x.shape[-1] != width:
        x = layers.Conv2D(width, 1, strides=stride, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([x, y]))
    ### END SOLUTION
''',
    inputs=_feature_maps,
    observe=_observe_sizes,
    judge=_judge_sizes,
    hints=(
        "Begin with your block of 6.2. Which two things can change the shape of the branch? In either case the "
        "shortcut must follow.",
        "Only the first convolution takes `strides=stride`. Where `stride != 1 or x.shape[-1] != width`, replace x by "
        "a 1 x 1 convolution of it, then batch norm, no ReLU.",
        "Before the addition: `if stride != 1 or x.shape[-1] != width: x = layers.BatchNormalization()("
        "layers.Conv2D(width, 1, strides=stride, use_bias=False)(x))`.",
    ),
    passed="Right. A ResNet needs such a block at the start of a stage only; everywhere else the way is free.",
    bank=BANK["6.3"],
)


# 6.4 ------------------------------------------------------------------------------------------

_EPSILON = 0.001


def _norm_cases(seed: int) -> list[tuple]:
    """Training with two momenta, and inference, on maps whose statistics are far from the stored ones."""
    rng = np.random.default_rng(seed)
    cases = []
    for training, momentum in ((True, 0.9), (False, 0.9), (True, 0.6)):
        x = rng.normal([2.0, -1.0, 0.5], [0.4, 3.0, 1.5], (4, 5, 6, 3))
        gamma, beta = rng.uniform(0.5, 2, 3), rng.normal(0, 1, 3)
        cases.append((x, gamma, beta, rng.normal(0, 1, 3), rng.uniform(0.1, 3, 3), training, momentum))
    return cases


def _batch_norm(
    x, gamma, beta, mean, variance, training, momentum, axes=(0, 1, 2), ddof=0, source="right", update="right"
):
    """Batch norm; `axes`, `ddof`, `source` (of the statistics) and `update` make the usual mistakes."""
    keep = axes == (1, 2)
    batch = x.mean(axis=axes, keepdims=keep), x.var(axis=axes, keepdims=keep, ddof=ddof)
    stored = mean, variance
    share = {"reversed": momentum, "replaced": 1}.get(update, 1 - momentum)
    moved = tuple((1 - share) * old + share * new for old, new in zip(stored, batch, strict=True))
    after = moved if (training or update == "always") and update != "never" else stored
    choices = {"right": batch if training else stored, "batch": batch, "stored": stored, "after": after}
    m, v = choices[source]
    return gamma * (x - m) / np.sqrt(v + _EPSILON) + beta, *after


def _scaled(scale):
    """Batch norm whose normalised maps are put together by scale(centred, variance, gamma, beta)."""

    def compute(x, gamma, beta, mean, variance, training, momentum):
        _, *after = _batch_norm(x, gamma, beta, mean, variance, training, momentum)
        m, v = (x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))) if training else (mean, variance)
        return scale(x - m, v, gamma, beta), *after

    return compute


def _with_deviation(x, gamma, beta, mean, variance, training, momentum):
    """The standard deviation is averaged where the variance belongs."""
    y, new_mean, _ = _batch_norm(x, gamma, beta, mean, variance, training, momentum)
    kept = momentum * variance + (1 - momentum) * x.std(axis=(0, 1, 2)) if training else variance
    return y, new_mean, kept


def _deviation_throughout(divisor):
    """The standard deviation stands in the place of the variance everywhere."""

    def compute(x, gamma, beta, mean, variance, training, momentum):
        _, *after = _with_deviation(x, gamma, beta, mean, variance, training, momentum)
        m, v = (x.mean(axis=(0, 1, 2)), x.std(axis=(0, 1, 2))) if training else (mean, variance)
        return gamma * (x - m) / divisor(v) + beta, *after

    return compute


_DEVIATION = (
    "The standard deviation (`x.std`) was taken where the variance belongs. `variance` holds variances: store "
    "`x.var(...)`, and divide by `np.sqrt(v + 0.001)`."
)

_AT_TEST = (
    "With training=False the maps were normalised with the mean and variance of this batch. At test time the stored "
    "averages must do it: else the answer for a face depends on the other faces in the batch."
)

Q4 = Question(
    id="6.4",
    title="Batch norm by hand",
    points=3,
    answer="batch_norm",
    source='''
def batch_norm(x, gamma, beta, mean, variance, training, momentum):
    """Normalise maps x (N, H, W, C) for each channel; the other arrays have shape (C,). Epsilon is 0.001.

    training=True: with the batch's own mean and variance; the stored ones move towards them.
    training=False: with the stored mean and variance, which stay as they are.
    Returns (normalised maps, new stored mean, new stored variance).
    """
    ### BEGIN SOLUTION
    m, v = mean, variance
    if training:
        m, v = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
        mean = momentum * mean + (1 - momentum) * m
        variance = momentum * variance + (1 - momentum) * v
    return gamma * (x - m) / np.sqrt(v + 0.001) + beta, mean, variance
    ### END SOLUTION
''',
    inputs=_norm_cases,
    observe=call_each,
    judge=compare(
        _norm_cases,
        _batch_norm,
        (
            Mistake("batch_statistics_at_test_time", _AT_TEST, lambda *a: _batch_norm(*a, source="batch")),
            Mistake(
                "batch_statistics_at_test_time",
                _AT_TEST,
                lambda *a: _batch_norm(*a, source="batch", update="always"),
            ),
            Mistake(
                "averages_moved_at_test_time",
                "With training=False the stored averages changed. Testing must leave no trace in the network.",
                lambda *a: _batch_norm(*a, update="always"),
            ),
            Mistake(
                "stored_averages_in_training",
                "With training=True the maps were normalised with the stored averages. While it learns, batch norm "
                "uses the batch's own mean and variance; the stored ones only move towards them.",
                lambda *a: _batch_norm(*a, source="stored"),
            ),
            Mistake(
                "stored_averages_in_training",
                "With training=True the maps were normalised with the averages just stored. While it learns, batch "
                "norm uses the batch's own mean and variance.",
                lambda *a: _batch_norm(*a, source="after"),
            ),
            Mistake(
                "training_without_effect",
                "With training=True nothing is different: the stored averages did the work and stayed as they were. "
                "`training` is True or False, so `if training:` is enough.",
                lambda *a: _batch_norm(*a, source="stored", update="never"),
            ),
            Mistake(
                "averages_replaced",
                "The stored averages were replaced by those of the batch. They only move towards them: "
                "momentum * old + (1 - momentum) * batch.",
                lambda *a: _batch_norm(*a, update="replaced"),
            ),
            Mistake(
                "momentum_reversed",
                "The stored averages jump to the batch's values: the momentum is the wrong way round. In Keras it is "
                "the share of the *old* value that stays: momentum * old + (1 - momentum) * new. (In PyTorch it is the "
                "share of the new one.)",
                lambda *a: _batch_norm(*a, update="reversed"),
            ),
            Mistake(
                "averages_never_move",
                "With training=True the stored averages stayed as they were. Then there is nothing to test with.",
                lambda *a: _batch_norm(*a, update="never"),
            ),
            Mistake(
                "mean_over_pictures_alone",
                "Each pixel got a mean of its own: only the pictures were averaged (axis 0). A channel has one mean, "
                "over pictures, rows and columns: `axis=(0, 1, 2)`.",
                lambda *a: _batch_norm(*a, axes=(0,)),
            ),
            Mistake(
                "mean_for_each_picture",
                "Each picture got a mean of its own (that is instance norm). Batch norm averages over the pictures "
                "too: `axis=(0, 1, 2)`.",
                lambda *a: _batch_norm(*a, axes=(1, 2)),
            ),
            Mistake(
                "one_mean_for_all_channels",
                "All channels share one mean and one variance. Each has its own: leave the last axis out of the mean.",
                lambda *a: _batch_norm(*a, axes=None),
            ),
            Mistake(
                "sample_variance",
                "The variance was divided by n - 1. Batch norm divides by n: `x.var(...)` without `ddof`.",
                lambda *a: _batch_norm(*a, ddof=1),
            ),
            Mistake(
                "root_forgotten",
                "The maps were divided by the variance. Divide by its square root, the standard deviation.",
                _scaled(lambda centred, v, gamma, beta: gamma * centred / (v + _EPSILON) + beta),
            ),
            Mistake(
                "epsilon_outside",
                "Epsilon was added to the standard deviation. It belongs under the root: `np.sqrt(v + 0.001)`.",
                _scaled(lambda centred, v, gamma, beta: gamma * centred / (np.sqrt(v) + _EPSILON) + beta),
            ),
            Mistake(
                "epsilon_outside",
                "Epsilon was added to the result. It belongs under the root: `np.sqrt(v + 0.001)`.",
                _scaled(lambda centred, v, gamma, beta: gamma * centred / np.sqrt(v) + _EPSILON + beta),
            ),
            Mistake(
                "epsilon_forgotten",
                "Epsilon is missing, or smaller than asked for. Expected `np.sqrt(v + 0.001)`: it keeps a channel that "
                "is the same everywhere from a division by zero.",
                _scaled(lambda centred, v, gamma, beta: gamma * centred / np.sqrt(v) + beta),
            ),
            Mistake(
                "scale_and_shift_forgotten",
                "The maps are normalised, but gamma and beta are missing: multiply by gamma, then add beta.",
                _scaled(lambda centred, v, gamma, beta: centred / np.sqrt(v + _EPSILON)),
            ),
            Mistake(
                "scale_and_shift_exchanged",
                "Gamma and beta are exchanged. Gamma multiplies, beta is added.",
                _scaled(lambda centred, v, gamma, beta: beta * centred / np.sqrt(v + _EPSILON) + gamma),
            ),
            Mistake(
                "deviation_stored",
                "The stored variance moved towards the standard deviation. It must move towards the variance.",
                _with_deviation,
            ),
            Mistake("deviation_throughout", _DEVIATION, _deviation_throughout(lambda v: v + _EPSILON)),
            Mistake("deviation_throughout", _DEVIATION, _deviation_throughout(lambda v: np.sqrt(v + _EPSILON))),
        ),
        atol=1e-5,  # float32, as Keras computes, is precise enough
    ),
    hints=(
        "Two questions, one `if`: which mean and variance normalise the maps, and do the stored ones move?",
        "`x.mean(axis=(0, 1, 2))` gives one mean for each channel. The new stored mean is "
        "`momentum * mean + (1 - momentum) * batch_mean`; the variance likewise.",
        "If training: m, v from the batch, and move `mean` and `variance`. Else m, v = mean, variance. Return "
        "`gamma * (x - m) / np.sqrt(v + 0.001) + beta, mean, variance`.",
    ),
    passed="Right. Two numbers for each channel that no gradient moves: they are what drifts when a frozen backbone is "
    "left in training mode.",
    bank=BANK["6.4"],
)


# 6.5 ------------------------------------------------------------------------------------------

_BLOCKS = ("conv1", "norm1", "conv2", "norm2", "conv3", "norm3")
_FIRST_LAYERS = ("conv2", "conv3")


def small_backbone(seed: int = 0):
    """The network of question 6.5: three convolutions, each with batch norm, then the head. Not compiled.

    Returns a `keras.Model`: (N, 12, 12, 1) pictures in 0..255 in, (N, 7) logits out.
    """
    import keras

    keras.utils.set_random_seed(seed)
    pictures = keras.Input((12, 12, 1))
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="normalise")(pictures)
    for i in (1, 2, 3):
        x = keras.layers.Conv2D(4 * i, 3, padding="same", use_bias=False, name=f"conv{i}")(x)
        x = keras.layers.BatchNormalization(name=f"norm{i}")(x)
        x = keras.layers.ReLU(name=f"relu{i}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    return keras.Model(pictures, keras.layers.Dense(7, name="logits")(x), name="small_backbone")


def _little_pictures(seed: int) -> dict:
    rng = np.random.default_rng(seed)
    return {"pictures": rng.uniform(0, 255, (8, 12, 12, 1)).astype("float32"), "labels": rng.integers(0, 7, 8)}


def _observe_stages(set_stage, inputs: dict) -> dict:
    """Both stages on a fresh network, for two places to begin: which layers change when it is trained?"""
    observed = {"cases": []}
    for name in _FIRST_LAYERS:
        model = small_backbone(seed=1)
        returned = capture(set_stage(model, 1, name))
        one = _train_and_compare(model, inputs)
        before = getattr(model, "optimizer", None)
        set_stage(model, 2, name)
        two = _train_and_compare(model, inputs)
        again = getattr(model, "optimizer", None) is not before
        observed["cases"].append({"returned": returned, "one": one, "two": two, "compiled_again": again})
    return observed


def _train_and_compare(model, inputs: dict) -> dict:
    """Train two steps; {"learned": layers whose trained weights changed, "drifted": ... whose stored averages did}."""
    import keras

    if not model.compiled:
        return {"compiled": False}
    rate = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
    record = {"compiled": True, "rate": rate, "learned": [], "drifted": []}
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.run_eagerly = True  # two steps are done sooner than compiled
    try:
        record["loss"] = float(np.ravel(model.test_on_batch(inputs["pictures"], inputs["labels"]))[0])
        record["logits"] = np.array(keras.ops.convert_to_numpy(model(inputs["pictures"], training=False)))
        for _ in range(2):
            model.train_on_batch(inputs["pictures"], inputs["labels"])
    except Exception as error:  # Keras raises many kinds of exception here
        return record | {"training_error": describe_error(error)}
    for layer in model.layers:
        changed = [not np.array_equal(a, b) for a, b in zip(before[layer.name], layer.get_weights(), strict=True)]
        stored = 2 if layer.name.startswith("norm") else 0  # the last two weights of batch norm are its averages
        if any(changed[: len(changed) - stored]):
            record["learned"].append(layer.name)
        if any(changed[len(changed) - stored :]):
            record["drifted"].append(layer.name)
    return record


def _judge_stages(observed: dict) -> Wrong | None:
    pairs = list(zip(observed["cases"], _FIRST_LAYERS, strict=True))
    return (
        first(_stage_problem(case["one"], {"logits"}, "stage 1") for case, _ in pairs)
        or first(_compile_problem(case) for case, _ in pairs)
        or first(_stage_problem(case["two"], _expected(name), "stage 2", name) for case, name in pairs)
        or first(_rate_problem(case) for case, _ in pairs)
        or first(_loss_problem(case[stage], observed["seed"]) for case, _ in pairs for stage in ("one", "two"))
    )


def _expected(first_layer: str) -> set[str]:
    after = _BLOCKS[_BLOCKS.index(first_layer) :]
    return {name for name in after if name.startswith("conv")} | {"logits"}


def _compile_problem(case: dict) -> Wrong | None:
    if case["compiled_again"]:
        return None
    return Wrong(
        "In stage 2 the model was not compiled again. Keras notes which weights it trains when it compiles; without "
        "that, `fit` goes on with the head alone (and says nothing), or stops because the optimizer does not know the "
        "new weights.",
        "not_recompiled",
        "Call `model.compile(...)` each time after `trainable` was changed.",
    )


def _stage_problem(stage: dict, expected: set[str], name: str, first_layer: str = "") -> Wrong | None:
    if not stage["compiled"]:
        return Wrong(
            f"After {name} was set, the model is not compiled, so it cannot be trained.",
            "not_compiled",
            "End with `model.compile(optimizer=..., loss=...)`, on the model that came in: a copy does not count.",
        )
    if "training_error" in stage:
        words = stage["training_error"]["words"].splitlines() or [stage["training_error"]["name"]]
        return Wrong(
            f"Training in {name} on labels from 0 to 6 failed: {words[0]}",
            "training_failed",
            "The loss is `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    learned, norms = set(stage["learned"]), {n for n in stage["learned"] + stage["drifted"] if n.startswith("norm")}
    if not learned:
        return Wrong(
            f"Nothing learns in {name}. `model.trainable = False` shuts the whole model: a layer inside cannot be "
            "opened while the model itself is shut. Set `trainable` for each layer.",
            "whole_model_shut",
        )
    if "logits" not in learned:
        return Wrong(f"In {name} the head (`logits`) does not learn. It learns in both stages.", "head_frozen")
    if norms and learned - norms == expected:
        return Wrong(
            f"In {name} batch norm is not frozen: {', '.join(sorted(norms))} changed, through a gradient or because "
            "the stored mean and variance followed the new pictures. With `trainable = False` it runs in inference "
            "mode and stays as it is.",
            "batch_norm_not_frozen",
        )
    return _layers_problem(learned - norms, expected, name, first_layer)


def _layers_problem(learned: set, expected: set, name: str, first_layer: str) -> Wrong | None:
    missing, extra = sorted(expected - learned), sorted(learned - expected)
    if missing == [first_layer]:
        return Wrong(
            f"In {name} the learning begins after `{first_layer}`. Expected it to begin with that layer.",
            "begins_one_too_late",
        )
    if extra and name == "stage 1":
        return Wrong(
            f"In stage 1 the backbone learns: {', '.join(extra)} changed. The head is still random then, and its large "
            "gradients would spoil what the backbone knows.",
            "backbone_not_frozen",
        )
    if extra:
        return Wrong(
            f"In {name}, with `{first_layer}` as the first layer to learn, others learn too: {', '.join(extra)}. What "
            "comes before it stays frozen.",
            "too_much_learns",
        )
    if missing:
        return Wrong(
            f"In {name}, from `{first_layer}` on, these layers should learn, but do not: {', '.join(missing)}.",
            "too_little_learns",
            "Every layer after it, up to the head, needs `layer.trainable = True` (batch norm aside). "
            "`model.trainable = True` may leave layers shut that were shut one by one.",
        )
    return None


def _rate_problem(case: dict) -> Wrong | None:
    one, two = case["one"]["rate"], case["two"]["rate"]
    if two <= one / 9.9:
        return None
    return Wrong(
        f"The learning rate is {one:g} in stage 1 and {two:g} in stage 2. Expected at most a tenth in stage 2: large "
        "steps wipe out what the backbone learned before.",
        "rate_not_lowered",
    )


def _loss_problem(stage: dict, seed: int) -> Wrong | None:
    """The loss must be the cross-entropy of the model's outputs as logits."""
    from scipy.special import log_softmax

    labels = _little_pictures(seed)["labels"]
    expected = -log_softmax(stage["logits"], axis=1)[np.arange(len(labels)), labels].mean()
    if np.isclose(stage["loss"], expected, rtol=1e-3):
        return None
    return Wrong(
        f"The loss is {stage['loss']:.3f} where the cross-entropy of the model's logits is {expected:.3f}. The head "
        "gives logits; a loss that is not told so takes them for probabilities.",
        "logits_as_probabilities",
        "Use `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
    )


Q5 = Question(
    id="6.5",
    title="Two stages",
    points=4,
    answer="set_stage",
    source='''
import keras
from keras import layers


def set_stage(model, stage, first):
    """Make `model` ready to be trained: in stage 1 the head alone, in stage 2 from the layer called `first` on.

    The head is the layer "logits" and learns in both. Batch norm stays frozen in both. Compiles the
    model each time; the rate of stage 2 is at most a tenth of that of stage 1.
    """
    ### BEGIN SOLUTION
    learns = False
    for layer in model.layers:
        if layer.name == "logits" or (stage == 2 and layer.name == first):
            learns = True
        layer.trainable = learns and not isinstance(layer, layers.BatchNormalization)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(1e-3 if stage == 1 else 1e-5), loss=loss)
    ### END SOLUTION
''',
    inputs=_little_pictures,
    observe=_observe_stages,
    judge=_judge_stages,
    hints=(
        "Walk through `model.layers` from front to back and decide for each layer: `layer.trainable = ...`. Compile "
        "at the end, in both stages.",
        "A variable that becomes True at the layer called `first` (in stage 2) or at `logits`, and stays so, will do. "
        "Batch norm is an exception: `isinstance(layer, layers.BatchNormalization)`.",
        '`learns = False`; in the loop: `if layer.name == "logits" or (stage == 2 and layer.name == first): learns = '
        "True`, then `layer.trainable = learns and not isinstance(layer, layers.BatchNormalization)`. Then "
        "`model.compile(...)` with a rate that depends on the stage.",
    ),
    passed="Right: head first, then gently from the layer you chose, batch norm at rest, compiled each time.",
    bank=BANK["6.5"],
)


# 6.6 ------------------------------------------------------------------------------------------


def _accuracy_curves(seed: int) -> list[tuple]:
    """(accuracies, rate, patience): with ties, with several plateaus, always rising, and best at the start."""
    rng = np.random.default_rng(seed)
    by_hand = np.array([0.30, 0.42, 0.42, 0.41, 0.43, 0.40, 0.42, 0.41, 0.39, 0.41, 0.45, 0.44, 0.45, 0.45, 0.44])
    levels = np.repeat([0.3, 0.45, 0.55, 0.6], [6, 7, 6, 8])
    noisy = np.round(levels + rng.uniform(-0.02, 0.02, len(levels)), 2)
    falling = np.array([0.50, 0.48, 0.49, 0.47, 0.51])
    return [(by_hand, 0.1, 2), (noisy, 0.02, 3), (np.linspace(0.2, 0.6, 8), 0.05, 2), (falling, 0.1, 2)]


def _plateau_rates(
    accuracies,
    rate,
    patience,
    better=lambda value, best, last: value > best,
    reset=True,
    now=False,
    wait=0,
    cut=lambda rate, start: rate / 5,
    best=-np.inf,
    in_a_row=True,
    forget=False,
):
    """The rate of each epoch; the other arguments make the usual mistakes."""
    rates, last, waited, start = [], -np.inf, 0, rate
    for value in accuracies:
        rates.append(rate)
        improved = better(value, best, last)
        waited = waited + 1 if not improved else 0 if in_a_row else waited
        best, last = max(best, value), value
        if waited >= patience + wait:
            rate = cut(rate, start)
            waited = 0 if reset else waited
            best = -np.inf if forget else best
        if now:
            rates[-1] = rate
    return np.array(rates)


Q6 = Question(
    id="6.6",
    title="Lower the rate on a plateau",
    points=2,
    answer="plateau_rates",
    source='''
def plateau_rates(accuracies, rate, patience):
    """The learning rate of each epoch, as an array. accuracies: on validation, after each epoch.

    After `patience` epochs in a row without a new best, the following epochs run at a fifth of the
    rate, and the counting begins anew. Equal to the best is not a new best.
    """
    ### BEGIN SOLUTION
    rates, best, waited = [], -1, 0
    for accuracy in accuracies:
        rates.append(rate)
        if accuracy > best:
            best, waited = accuracy, 0
        else:
            waited += 1
        if waited == patience:
            rate, waited = rate / 5, 0
    return np.array(rates)
    ### END SOLUTION
''',
    inputs=_accuracy_curves,
    observe=call_each,
    judge=compare(
        _accuracy_curves,
        _plateau_rates,
        (
            Mistake(
                "counter_not_reset",
                "After the first cut the rate falls in every epoch without a new best. The counting begins anew after "
                "each cut: set the counter back to 0.",
                lambda *a: _plateau_rates(*a, reset=False),
            ),
            Mistake(
                "one_epoch_early",
                "The cut comes one epoch too early. The accuracy of an epoch is known after it, so it can only change "
                "the rate of the next one: note the rate first, then decide.",
                lambda *a: _plateau_rates(*a, now=True),
            ),
            Mistake(
                "one_epoch_late",
                "The rate waits one epoch too long: with patience 2 the cut follows the second epoch without a best.",
                lambda *a: _plateau_rates(*a, wait=1),
            ),
            Mistake(
                "tie_is_a_new_best",
                "An accuracy equal to the best was counted as a new best. Expected `>`, not `>=`: a curve that stands "
                "still is a plateau.",
                lambda *a: _plateau_rates(*a, better=lambda value, best, last: value >= best),
            ),
            Mistake(
                "compared_with_the_last",
                "Each epoch was compared with the one before. Then a curve that jumps up and down never has a plateau. "
                "Compare with the best so far.",
                lambda *a: _plateau_rates(*a, better=lambda value, best, last: value > last),
            ),
            Mistake(
                "cut_only_once",
                "Every cut gives the same rate: a fifth of the first one. Each cut takes a fifth of the rate that "
                "holds now.",
                lambda *a: _plateau_rates(*a, cut=lambda rate, start: start / 5),
            ),
            Mistake(
                "not_in_a_row",
                "All epochs of waiting were added up. Only those in a row count: a new best sets the counter back to "
                "0.",
                lambda *a: _plateau_rates(*a, in_a_row=False),
            ),
            Mistake(
                "best_forgotten",
                "After a cut the best accuracy was forgotten. Only the counting of the waiting begins anew; an epoch "
                "must still beat the best of the whole run.",
                lambda *a: _plateau_rates(*a, forget=True),
            ),
            Mistake(
                "first_epoch_waits",
                "The first epoch was counted as waiting, because it is not above itself. Nothing came before it, so it "
                "is the best so far: start with a best below every accuracy, such as -1.",
                lambda accuracies, *a: _plateau_rates(accuracies, *a, best=accuracies[0]),
            ),
            Mistake(
                "another_fraction",
                "The rate fell to a tenth. Expected a fifth: divide by 5.",
                lambda *a: _plateau_rates(*a, cut=lambda rate, start: rate / 10),
            ),
            Mistake(
                "another_fraction",
                "The rate fell by a fifth, to 0.8 of what it was. Expected a fall to a fifth: divide by 5.",
                lambda *a: _plateau_rates(*a, cut=lambda rate, start: rate * 0.8),
            ),
            Mistake(
                "rate_raised",
                "The rate grows: it was multiplied by 5. Divide.",
                lambda *a: _plateau_rates(*a, cut=lambda rate, start: rate * 5),
            ),
            Mistake(
                "never_cut",
                "The rate never changes. After `patience` epochs without a new best it must fall to a fifth.",
                lambda accuracies, rate, patience: np.full(len(accuracies), rate),
            ),
        ),
    ),
    hints=(
        "Go through the epochs and remember three things: the rate now, the best accuracy so far, how many epochs you "
        "have waited.",
        "Note the rate of the epoch before you look at its accuracy. A new best sets the waiting to 0, everything else "
        "adds 1. At `patience`: divide the rate by 5, and set the waiting to 0.",
        "`rates.append(rate)`; `if accuracy > best: best, waited = accuracy, 0`, else `waited += 1`; "
        "`if waited == patience: rate, waited = rate / 5, 0`; return `np.array(rates)`.",
    ),
    passed="Right. This is `plateau` in a recipe, and `ReduceLROnPlateau(factor=0.2)` in Keras.",
    bank=BANK["6.6"],
)


# 6.7 ------------------------------------------------------------------------------------------

_TASK_7 = """
A friend fine-tunes a ResNet50V2 on faces. The backbone is frozen, but every batch norm layer runs in training mode; a
batch holds eight faces. While it learns, the accuracy looks good. On the validation pictures it is poor, and it is
another number after each epoch. What goes on inside the network, what should be changed, and how would you show that
your change is the reason for the better result?
"""

Q7 = written_question(
    id="6.7",
    title="A frozen network that changes",
    points=3,
    answer="answer_6_7",
    source="""
### BEGIN SOLUTION
answer_6_7 = \"\"\"
Frozen means that no gradient moves the weights. The mean and variance that batch norm stores are not
moved by gradients: in training mode each batch pulls them along, so the features drift although every
kernel stays. With eight faces these numbers are also noisy, and the head learns on features that are
normalised by the batch, while validation uses the stored averages: other features, other answers, and
new ones after each epoch. I would set the layers to inference mode (in Keras, trainable = False and
compile again), and only let them learn later, if at all, with larger batches. As a proof I would train
both versions from the same start with the same seed, change nothing but that switch, and compare them
on validation, over several seeds; I would also print how far the stored means have moved.
\"\"\"
### END SOLUTION
""",
    task=_TASK_7,
    hints=(
        "Which numbers of a batch norm layer does a gradient change, and which change in another way?",
        "Follow one face through the network twice: once among seven others in training mode, once in validation. "
        "Where do the two ways part?",
        "Write three parts: what moves although it is frozen (and why eight makes it worse); the switch to turn and "
        "what must follow it; two runs that differ in that switch alone.",
    ),
    rubric=(
        "Says that the stored mean and variance follow the batches in training mode, although no gradient moves them.",
        "Says that head and validation see differently normalised features, or that eight faces give noisy statistics.",
        "Puts batch norm into inference mode (frozen, and compiled again) as the change.",
        "Proposes a comparison in which only that switch differs, on validation data, with the same start.",
        "Adds a check of the cause itself, such as printing the stored means before and after, or several seeds.",
    ),
    bank=BANK["6.7"],
)

QUESTIONS = (Q1, Q3, Q4, Q5, Q6, Q7)
