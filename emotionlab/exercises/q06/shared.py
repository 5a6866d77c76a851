"""What the blocks of questions 6.2 and 6.3 share: a block is judged by what it computes, with weights of the check."""

import math

import numpy as np

from emotionlab.exercises.capture import capture, describe, describe_error
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.q06.by_hand import relu, way_of

CHANNELS = 5

DIM = 1.5

WEIGHTS = {
    "zero": np.zeros_like,
    "ones": lambda w: np.ones_like(w) if w.ndim == 1 else np.zeros_like(w),
    "dim": lambda w: np.full_like(w, 0.05) if w.ndim == 4 else w if w.any() else w - DIM,
    "shortcut": lambda w: np.zeros_like(w) if w.ndim == 4 and w.shape[:2] != (1, 1) else w,
    "lifted": lambda w: np.zeros_like(w) if w.ndim == 4 and w.shape[:2] != (1, 1) else w if w.any() else w + 1,
    "dark": lambda w: -np.abs(w) if w.ndim == 4 else w if w.any() else w - 1000,
}
"""Settings of the trainable weights: all 0; vectors (scales, shifts, biases) 1; small equal kernels and shifts of
-1.5, so that a ReLU gives 0 and its cousins do not; as at the start, but large kernels 0; the same with shifts of 1;
kernels below 0 and shifts of -1000, so that a ReLU after batch norm lets nothing through."""


def feature_maps(seed: int) -> np.ndarray:
    """(3, 12, 10, 5) float32 with both signs: as much below zero as above."""
    return np.random.default_rng(seed).normal(0, 1, (3, 12, 10, CHANNELS)).astype("float32")


def build(block, shape: tuple) -> tuple[dict, object]:
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


def observe_block(block, maps: np.ndarray, stride: int = 1) -> dict:
    """Make a model of `block` and note what it computes in each setting."""
    observed, model = build(block, maps.shape[1:])
    if model is None or math.prod(observed["shape"]) > 10_000:
        return observed
    initial = starting_weights(model)
    model.set_weights(initial)
    observed |= {"initial": output(model, maps), "mirrored": output(model, -maps)}
    for name, setting in WEIGHTS.items():
        trainable = [weight.trainable for weight in model.weights]
        model.set_weights([setting(w) if learns else w for w, learns in zip(initial, trainable, strict=True)])
        observed[name] = output(model, maps)
    kernels = [w for w in initial if w.ndim == 4 and w.shape[:2] == (1, 1)]
    observed |= {"projection": np.array(kernels[0] if kernels else 0.0), "way": way_of(model, maps, stride)}
    # with the weights that `way_of` gave it: with those of the last setting the branch lets nothing through
    return observed | {"by_chance": not near(*(output(model, maps, training=True) for _ in range(2)))}


def starting_weights(model) -> list[np.ndarray]:
    """Weights as built, but with kernels drawn here and scales of 1: a learner may begin with either at zero."""
    rng = np.random.default_rng(0)
    return [
        rng.normal(0, 0.15, w.shape) if w.ndim == 4 else np.ones_like(w) if weight.name == "gamma" else w
        for weight, w in zip(model.weights, model.get_weights(), strict=True)
    ]


def output(model, maps: np.ndarray, training: bool = False) -> np.ndarray:
    import keras

    return np.array(keras.ops.convert_to_numpy(model(maps, training=training)))


def near(a, b) -> bool:
    """Equal but for the epsilon of batch norm, which a learner may choose."""
    return a.shape == np.shape(b) and bool(np.allclose(a, b, rtol=0.01, atol=0.01))


def sentence(case: str, text: str) -> str:
    """`text` after the words that name the case; with a capital letter where there are none."""
    return case + text if case else text[0].upper() + text[1:]


SAME_SHAPE = "Shortcut and branch must have the same height, width and channels where they are added"


def build_problem(observed: dict, case: str = "") -> Wrong | None:
    if observed["built"] == "misfit":
        words = observed["error"]["words"].splitlines()[0]
        return Wrong(
            sentence(case, f"the block cannot be built, because shapes do not fit: {words}"),
            "shapes_do_not_fit",
            f"{SAME_SHAPE}. The branch follows `width` and `stride`; so must the shortcut."
            if case
            else f'{SAME_SHAPE}: `padding="same"` keeps the size, `x.shape[-1]` filters keep the channels.',
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


def shape_problem(observed: dict, expected: tuple, case: str = "") -> Wrong | None:
    shape = tuple(observed["shape"])
    if shape == expected:
        return None
    if shape[:2] == expected[:2] and shape[2] > expected[2]:
        return Wrong(
            sentence(case, f"expected {expected[2]} channels, found {shape[2]}: shortcut and branch were laid side ")
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
    return Wrong(sentence(case, f"expected the output shape {expected}, found {shape}."), "wrong_shape")


def zero_problem(observed: dict, maps: np.ndarray) -> Wrong | None:
    """With all weights at zero the branch says nothing: a block without a projection must return relu(x)."""
    found, ones = observed["zero"], observed["ones"]
    if near(found, relu(maps)):
        return None
    if near(found, maps):
        return Wrong(
            "The ReLU after the addition is missing: negative values leave the block. In this block (the one of 2015) "
            "the sum goes through a ReLU. (Without it, the ReLU stands at the start of the next branch: that is V2.)",
            "no_last_relu",
        )
    if near(found, 2 * relu(maps)):
        return Wrong("The shortcut is counted twice: with weights of zero the block returns 2 x.", "added_twice")
    if not found.any() and np.ptp(ones) > 0.01:
        return Wrong(
            "A batch norm or a convolution stands after the addition, in the way of the shortcut: with weights of zero "
            "nothing comes through. Add last, then ReLU, and nothing else.",
            "weights_after_the_addition",
        )
    if not found.any() and near(ones, np.full_like(ones, 2)):
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


def activation_problem(observed: dict, maps: np.ndarray) -> Wrong | None:
    if np.all(observed["initial"] >= relu(maps) - 1e-5):
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
    if near(observed["ones"], relu(maps - 1)):
        return Wrong(
            "The branch is taken away from the shortcut. Expected their sum: `layers.Add()([x, y])` or `x + y`.",
            "subtracted",
        )
    # nine kernels of 0.12 on the average for each channel make this of -1000; a leaky ReLU hands on a part of it
    unchanged = 1000 * 9 * 0.12 * observed["dark"].shape[-1]
    if observed["dark"].max() > 0.6 * unchanged - 1000:
        return Wrong(
            "The ReLU between the two convolutions stands before batch norm. Expected the order convolution, batch "
            "norm, ReLU.",
            "relu_before_batch_norm",
            'Leave `activation="relu"` out of the convolution, and call `layers.ReLU()` after batch norm.',
        )
    return None


_WHAT = {
    "no relu between": ("the ReLU between the two convolutions is missing.", "no_relu_between"),
    "relu before the addition": ("the branch goes through a ReLU before the addition.", "relu_before_the_addition"),
    "subtracted": ("the branch is taken away from the shortcut. Expected their sum.", "subtracted"),
    "relu at the start": (
        "a ReLU stands before the first convolution. The branch begins with the convolution of x as it came.",
        "relu_at_the_start",
    ),
    "relu at the start of both": (
        "a ReLU stands at the very start, so that both ways get x without its negative values. Expected x as it came.",
        "relu_at_the_start",
    ),
    "no last relu": ("the ReLU after the addition is missing.", "no_last_relu"),
    "second strided": ("the second convolution has the stride. Give it to the first.", "second_strided"),
    "other": (
        "with weights of the check, the block computes something else than convolution, batch norm, ReLU, convolution, "
        "batch norm, plus the shortcut, ReLU. Has a convolution another size, or gaps (`dilation_rate`)? Is an "
        "activation something else than a plain ReLU?",
        "another_computation",
    ),
    "by chance": (
        "chance has a hand in it, as in a dropout: two calls with `training=True` give different results. This block "
        "has none.",
        "by_chance",
    ),
}


def way_problem(observed: dict, case: str = "") -> Wrong | None:
    """Wrong when a block is no residual block, or when chance has a hand in it."""
    name = "by chance" if observed["way"] == "right" and observed["by_chance"] else observed["way"]
    if name == "right":
        return None
    words, misconception = _WHAT[name]
    return Wrong(sentence(case, words), misconception)
