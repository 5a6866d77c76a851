"""Question 2.6: design a small CNN, judged by its shapes, its outputs and whether its loss falls.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import functools
import re

import numpy as np

from emotionlab.exercises.capture import short
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, mistake_cell, style
from emotionlab.exercises.q02.trained import STEPS, attempt, forward, train

QUESTION = function_question(
    "2.6",
    hints=(
        "Begin with `keras.Input((48, 48, 1))`. Repeat convolution and pooling two or three times, then bring it down "
        "to seven numbers.",
        "`GlobalAveragePooling2D` turns the last feature maps into one number each, at no cost. The last layer is "
        "`Dense(7)` without an activation. The loss must know that: `from_logits=True`.",
        "Conv2D(16, 3), MaxPooling2D, Conv2D(32, 3), MaxPooling2D, Conv2D(64, 3), GlobalAveragePooling2D, Dense(7); "
        "Adam(0.003); `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`; `return model`.",
    ),
    passed="Right: the shapes fit, the budget holds and the loss falls. Now train it on faces in the cell below.",
    explained={
        "Another network: number, size and kind of the layers are the learner's choice, as long as it learns.": (
            *(f"line {line}: …" for line in range(10, 15)),
            "blind: layer … Conv2D: left out",
            "blind: layer … Conv2D: doubled",
            "blind: layer … MaxPooling2D: left out",
            "blind: layer … Dense: doubled",
        ),
        "Another optimizer or rate, as long as the loss falls.": (
            "line 20: optimizer=keras.optimizers.Adam(0.003) -> (left out)",
            "line 20: 0.003 -> …",
        ),
    },
)

BUDGET = 100_000
FALL = 0.95  # the loss at the end, as a share of the loss at the start, must be below this


@QUESTION.inputs
def striped_pictures(seed: int) -> dict:
    """32 striped pictures (32, 48, 48, 1) float32 in 0..1; the class decides the stripes and the brightness."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(7), [6, 2, 4, 8, 3, 5, 4]))
    pictures = np.empty((len(labels), 48, 48, 1), "float32")
    for i, label in enumerate(labels):
        wave = 0.5 + 0.5 * np.sin(np.arange(48) * (0.25 + 0.3 * label) + rng.uniform(0, 6))
        stripes = np.broadcast_to(wave[:, None] if label % 2 else wave[None, :], (48, 48))
        picture = stripes * (label + 1) / 8 + rng.normal(0, 0.05, (48, 48))
        pictures[i, :, :, 0] = np.clip(picture, 0, 1)
    return {"pictures": pictures, "labels": labels, "seed": seed}


@QUESTION.observe
def observe(build_model, inputs: dict) -> dict:
    """Build a model with the learner's function, call it, train it on one batch."""
    import keras

    if isinstance(build_model, keras.Model):
        return {"found": "a model"}
    keras.utils.set_random_seed(inputs["seed"])
    try:
        model = build_model()
    except ValueError as error:
        if "min_ndim=4" not in str(error):
            raise
        return {"found": "no channel"}
    if model is None or model is Ellipsis:
        return {"found": "None", "value": {"kind": "ellipsis" if model is Ellipsis else "nothing"}}
    if not isinstance(model, keras.Model):
        return {"found": f"an object of type {type(model).__name__}"}
    observed = {"found": "", "compiled": bool(model.compiled)}
    observed |= attempt("forward_error", lambda: forward(model, inputs))
    if model.compiled and "forward_error" not in observed and not (shape_problem(observed) or end_problem(observed)):
        observed |= attempt("training_error", lambda: train(model, inputs))
    again = build_model()
    shared = again is not model and bool(
        {id(w) for w in model.weights} & {id(w) for w in getattr(again, "weights", ())}
    )
    return observed | {"same_model": again is model, "shared_layers": shared}


@QUESTION.judge
def judge(observed: dict) -> Wrong | None:
    if observed["found"] == "a model":
        return Wrong(
            "Expected the function `build_model`, found a model that is already built.",
            "model_for_function",
            'Pass the function without brackets, `ex.check("2.6", build_model)`: the check builds its own model.',
        )
    if observed["found"] == "None":
        return Wrong("Expected a Keras model, found None.", "no_return", "End the function with `return model`.")
    if observed["found"] == "no channel":
        return Wrong(
            "Keras could not build the model: a layer wants rows, columns and channels, and one of them is missing.",
            "no_channel",
            "Begin with `keras.Input((48, 48, 1))`; after `Flatten` come `Dense` layers only.",
        )
    if observed["found"]:
        return Wrong(f"Expected a Keras model, found {observed['found']}.", "wrong_type")
    if "forward_error" in observed:
        return Wrong(
            "The model does not take pictures of shape (32, 48, 48, 1): " + first_line(observed["forward_error"]),
            "wrong_input_shape",
            "Begin with `keras.Input((48, 48, 1))`: height, width and one channel, without the batch.",
        )
    wrong = shape_problem(observed) or end_problem(observed) or compile_problem(observed)
    if wrong is None and observed["same_model"]:
        wrong = Wrong(
            "Two calls gave the very same model, and the second would go on from what the first has learned. "
            "Expected a new model from each call.",
            "same_model",
            "Build and compile the model inside the function.",
        )
    if wrong is None and observed["shared_layers"]:
        wrong = Wrong(
            "The models of two calls share layers, and the second would go on from what the first has learned. "
            "Expected a new model from each call.",
            "shared_layers",
            "Make the layers inside the function, not above it.",
        )
    return wrong or training_problem(observed)


def first_line(error: dict) -> str:
    """The name of an error and the first line of it that says something."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in error["words"].splitlines()]
    telling = [line for line in lines if line and not line.startswith("Exception encountered when calling")]
    return f"{error['name']}: {telling[0] if telling else ''}"


def shape_problem(observed: dict) -> Wrong | None:
    shape, parameters = tuple(observed["output_shape"]), observed["parameters"]
    if len(shape) > 2:
        return Wrong(
            f"Expected the output shape (32, 7), found {shape}: there are still rows and columns.",
            "not_pooled",
            "Put `GlobalAveragePooling2D()` or `Flatten()` before the last `Dense` layer.",
        )
    if shape != (32, 7):
        return Wrong(f"Expected the output shape (32, 7), seven logits for each picture, found {shape}.", "wrong_shape")
    if parameters > BUDGET:
        return Wrong(
            f"Expected at most {BUDGET:,} parameters, found {parameters:,}.",
            "too_many_parameters",
            "`Flatten` before a `Dense` layer costs most: pool more often first, or use GlobalAveragePooling2D.",
        )
    return None


def end_problem(observed: dict) -> Wrong | None:
    """Wrong when the last layer does not give logits."""
    outputs = observed["outputs"].astype("float64")
    if not np.all(np.isfinite(outputs)):
        return Wrong("Expected ordinary numbers as logits, found NaN (not a number) or infinite ones.", "not_finite")
    if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-2):
        return Wrong(
            "The outputs of each picture add up to 1: the last layer has a softmax. Expected logits, because the loss "
            "with `from_logits=True` takes the softmax itself; twice makes learning slow and the answers vague.",
            "softmax_output",
            "Remove `activation` from the last layer.",
        )
    if outputs.min() == 0 < outputs.max() and np.mean(outputs == 0) > 0.05:
        return Wrong(
            "No output is below 0, and many are exactly 0: the last layer has a ReLU, which cannot say that a class is "
            "unlikely. Expected logits, of either sign.",
            "relu_output",
            "Remove `activation` from the last layer.",
        )
    if not observed["linear_end"]:
        return Wrong(
            "The last layer has an activation: when its weights grow, the outputs stay within bounds or keep their "
            "sign. Expected logits, which are free. (A sigmoid or tanh before a loss with `from_logits=True` learns "
            "slowly and never gets sure.)",
            "activation_output",
            "Remove `activation` from the last layer.",
        )
    return None


def compile_problem(observed: dict) -> Wrong | None:
    if not observed["compiled"]:
        return Wrong(
            "The model is not compiled, so it has no loss.",
            "not_compiled",
            "Call `model.compile(optimizer=..., loss=...)` before `return model`.",
        )
    if "training_error" in observed:
        return Wrong(
            "Training on labels from 0 to 6 failed: " + first_line(observed["training_error"]),
            "loss_for_one_hot",
            "Labels are whole numbers here: `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    return None


def training_problem(observed: dict) -> Wrong | None:
    from scipy.special import log_softmax

    labels = striped_pictures(observed["seed"])["labels"]
    expected = -log_softmax(observed["outputs"].astype("float64"), axis=1)[np.arange(len(labels)), labels].mean()
    if not np.isclose(observed["own_loss"], expected, rtol=0.03, atol=0.02):
        return Wrong(
            f"The cross-entropy of your logits is {expected:.3f}, your model's own loss says "
            f"{observed['own_loss']:.3f}. It does not treat the outputs as logits.",
            "loss_without_from_logits",
            "Use `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    start, end = observed["losses"][0], np.mean(observed["losses"][-10:])
    if end > FALL * start and 0 < np.abs(observed["outputs"]).max() < 0.02:
        return Wrong(
            f"The loss does not fall: {short(start)} at the start, {short(end)} after {STEPS} steps. The logits of all "
            "pictures are almost 0, as if the pictures were black. They are in 0..1 already: is there a `Rescaling`?",
            "scaled_twice",
            "Leave out `Rescaling(1 / 255)` and `/ 255`.",
        )
    if not np.isfinite(end) or end > FALL * start:
        return Wrong(
            f"The loss does not fall: {short(start)} at the start, {short(end)} after {STEPS} steps on the same 32 "
            "pictures.",
            "loss_does_not_fall",
            "Try Adam with a learning rate of 0.001 to 0.003. Far too large jumps about, far too small stands still.",
        )
    return None


def network(*head, shape=(48, 48, 1)):
    """Two convolutions with pooling, then the layers of `head`."""
    import keras
    from keras import layers

    parts = [keras.Input(shape), layers.Conv2D(8, 3, padding="same", activation="relu"), layers.MaxPooling2D(4)]
    parts += [layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(2)]
    return keras.Sequential([*parts, *head])


def flat(units=7, activation=None):
    """The usual head."""
    from keras import layers

    return layers.Flatten(), layers.Dense(units, activation=activation)


def compiled(model, optimizer=None, loss=None):
    """`model` with Adam(0.003) and cross-entropy from logits, unless told otherwise."""
    import keras

    loss = loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=optimizer or keras.optimizers.Adam(0.003), loss=loss)
    return model


@style
def flatten():
    return compiled(network(*flat()))


@style
def functional():
    import keras
    from keras import layers

    x = inputs = keras.Input((48, 48, 1))
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    model = keras.Model(inputs, layers.Dense(7)(x))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@style
def subclass():
    import keras
    from keras import layers

    class SmallCNN(keras.Model):
        def __init__(self):
            super().__init__()
            self.convolutions = [layers.Conv2D(n, 3, padding="same", activation="relu") for n in (12, 24, 48)]
            self.pool = layers.MaxPooling2D()
            self.average = layers.GlobalAveragePooling2D()
            self.logits = layers.Dense(7, kernel_regularizer=keras.regularizers.L2(0.01))

        def call(self, x):
            for convolution in self.convolutions:
                x = self.pool(convolution(x))
            return self.logits(self.average(x))

    return compiled(SmallCNN(), keras.optimizers.SGD(0.05, momentum=0.9))


@mistake(says="has a ReLU")
def relu_output():
    return compiled(network(*flat(activation="relu")))


@mistake(says="is there a `Rescaling`")
def scaled_twice():
    import keras
    from keras import layers

    body = network(layers.GlobalAveragePooling2D(), layers.Dense(7))
    return compiled(keras.Sequential([keras.Input((48, 48, 1)), layers.Rescaling(1 / 255), body]))


made_once = functools.cache(lambda: compiled(network(*flat())))


@mistake(says="the very same model")
def same_model():
    return made_once()


@mistake(says="rows, columns and channels")
def no_channel():
    return compiled(network(*flat(), shape=(48, 48)))


@mistake(says="has a softmax")
def softmax_output():
    return compiled(network(*flat(activation="softmax")))


@mistake(says="does not treat the outputs as logits")
def loss_without_from_logits():
    return compiled(network(*flat()), loss="sparse_categorical_crossentropy")


@mistake(says="Training on labels from 0 to 6 failed")
def loss_for_one_hot():
    return compiled(network(*flat()), loss="categorical_crossentropy")


@mistake(says="at most 100,000 parameters")
def too_many_parameters():
    from keras import layers

    return compiled(network(*flat(256, "relu"), layers.Dense(7)))


@mistake(says="still rows and columns")
def not_pooled():
    from keras import layers

    return compiled(network(layers.Dense(7)))


@mistake(id="wrong_shape", says="seven logits")
def one_output():
    return compiled(network(*flat(1)))


@mistake(id="wrong_input_shape", says="does not take pictures")
def three_channels():
    return compiled(network(*flat(), shape=(48, 48, 3)))


@mistake(says="not compiled")
def not_compiled():
    return network(*flat())


@mistake(id="loss_does_not_fall", says="loss does not fall")
def learning_rate_too_small():
    import keras

    return compiled(network(*flat()), keras.optimizers.Adam(1e-7))


@mistake(id="loss_does_not_fall", says="loss does not fall")
def learning_rate_too_large():
    import keras

    return compiled(network(*flat()), keras.optimizers.SGD(1000.0))


@mistake(says="found None")
def no_return():
    compiled(network(*flat()))


model_for_function = mistake_cell(
    "import keras\n\nbuild_model = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])\n",
    says="already built",
)


@mistake(says="has an activation")
def activation_output():
    return compiled(network(*flat(activation="tanh")))


@mistake(id="activation_output", says="has an activation")
def activation_behind_seven_filters():
    import keras
    from keras import layers

    parts = [keras.Input((48, 48, 1)), layers.Conv2D(7, 3, activation="relu"), layers.MaxPooling2D(4)]
    parts += [layers.Conv2D(16, 3, activation="relu"), layers.MaxPooling2D(2)]
    return compiled(keras.Sequential([*parts, *flat(activation="sigmoid")]))
