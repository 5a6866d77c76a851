"""Answers that prove the checks of exercise 06 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_REPEATED = "batch norm in training mode " * 12

_COPIED_TASK = """
A friend fine-tunes a ResNet50V2 on faces. The backbone is frozen, but every batch norm layer runs in training mode; a
batch holds eight faces. While it learns, the accuracy looks good. On the validation pictures it is poor, and it is
another number after each epoch. What goes on inside the network? It is a bad setting.
"""

_COPIED_RUBRIC = """
The stored mean and variance follow the batches in training mode, although no gradient moves them. Head and validation
see differently normalised features, or eight faces give noisy statistics. Put batch norm into inference mode (frozen,
and compiled again) as the change. A comparison in which only that switch differs, on validation data, with the same
start.
"""


def _changed(source: str, *changes: tuple[str, str]) -> str:
    """`source` with some parts exchanged; a part that is not there would make the bank prove nothing."""
    for old, new in changes:
        if old not in source:
            raise ValueError(f"{old!r} is not in the source")
        source = source.replace(old, new)
    return source


def _trace(**changes) -> str:
    """`trace` as source text, with some of its lines exchanged."""
    parts = {
        "start": "field, step = 1, 1",
        "size": "size = (size + stride - 1) // stride",
        "field": "field = field + (kernel - 1) * step",
        "step": "step = step * stride",
        "result": "return size, field",
    } | changes
    return f"""
def trace(size, layers):
    {parts["start"]}
    for kernel, stride in layers:
        {parts["size"]}
        {parts["field"]}
        {parts["step"]}
    {parts["result"]}
"""


_BLOCK = """
import keras
from keras import layers

def residual_block(x):
    channels = x.shape[-1]
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(channels, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    total = x + y
    return layers.Activation("relu")(total)
"""

_BLOCK_IN_A_LOOP = """
import keras
from keras import layers, ops

def residual_block(x):
    shortcut = x
    for activation in ("relu", "linear"):
        x = layers.Conv2D(shortcut.shape[-1], (3, 3), padding="same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.Activation(activation)(x)
    return ops.relu(layers.add([shortcut, x]))
"""

_BLOCK_AS_MODEL = """
import keras
from keras import layers

def residual_block(x):
    shape = x.shape[1:]
    branch = keras.Sequential([
        keras.Input(shape),
        layers.Conv2D(shape[-1], 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(shape[-1], 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
    ])
    return layers.ReLU()(layers.Add()([branch(x), x]))
"""

_SIZED = """
import keras
from keras import layers

def sized_block(x, width, stride):
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
"""

_SIZED_BY_SHAPE = """
import keras
from keras import layers

def convolve(x, width, size, stride=1):
    x = layers.Conv2D(width, size, stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(epsilon=1e-5)(x)

def sized_block(x, width, stride):
    y = layers.Activation("relu")(convolve(x, width, 3, stride))
    y = convolve(y, width, 3)
    if y.shape != x.shape:
        x = convolve(x, width, 1, stride)
    return layers.Activation("relu")(layers.Add()([y, x]))
"""

_SIZED_SECOND_STRIDE = """
import keras
from keras import layers

def sized_block(x, width, stride):
    branch = keras.Sequential([
        layers.Conv2D(width, 3, strides=(stride, stride), padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(width, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
    ])
    same = stride == 1 and x.shape[-1] == width
    project = [layers.Conv2D(width, 1, strides=stride, use_bias=False), layers.BatchNormalization()]
    shortcut = x if same else keras.Sequential(project)(x)
    return keras.ops.relu(keras.ops.add(shortcut, branch(x)))
"""


def _norm(**changes) -> str:
    """`batch_norm` as source text, with some of its parts exchanged."""
    parts = {
        "axes": "axis=(0, 1, 2)",
        "variance": "x.var({axes})",
        "test": "m, v = mean, variance",
        "training": "m, v = batch_mean, batch_variance",
        "keep": "momentum",
        "move": "if training:",
        "kept": "batch_variance",
        "result": "gamma * (x - m) / np.sqrt(v + 0.001) + beta",
    } | changes
    variance = parts["variance"].format(axes=parts["axes"])
    return f"""
def batch_norm(x, gamma, beta, mean, variance, training, momentum):
    batch_mean, batch_variance = x.mean({parts["axes"]}), {variance}
    {parts["test"]}
    if training:
        {parts["training"]}
    {parts["move"]}
        mean = {parts["keep"]} * mean + (1 - {parts["keep"]}) * batch_mean
        variance = {parts["keep"]} * variance + (1 - {parts["keep"]}) * {parts["kept"]}
    return {parts["result"]}, mean, variance
"""


_NORM_STEPS = """
def batch_norm(x, gamma, beta, mean, variance, training, momentum):
    if not training:
        scale = gamma / (variance + 1e-3) ** 0.5
        return x * scale + (beta - mean * scale), mean, variance
    rows = x.reshape(-1, x.shape[-1])
    now = rows.mean(0), ((rows - rows.mean(0)) ** 2).mean(0)
    normal = (x - now[0]) / (now[1] + 1e-3) ** 0.5
    share = 1 - momentum
    return normal * gamma + beta, mean + (now[0] - mean) * share, variance + (now[1] - variance) * share
"""

_NORM_KERAS = """
import keras

def batch_norm(x, gamma, beta, mean, variance, training, momentum):
    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=0.001, dtype="float64")
    layer.build(x.shape)
    layer.set_weights([gamma, beta, mean, variance])
    y = keras.ops.convert_to_numpy(layer(x, training=training))
    return y, np.array(layer.moving_mean), np.array(layer.moving_variance)
"""

_STAGE = """
import keras
from keras import layers

def set_stage(model, stage, first):
    names = [layer.name for layer in model.layers]
    start = names.index(first) if stage == 2 else names.index("logits")
    for i, layer in enumerate(model.layers):
        layer.trainable = i >= start and not isinstance(layer, layers.BatchNormalization)
    rate = {1: 1e-3, 2: 1e-5}[stage]
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
"""

_STAGE_PACKAGE = """
import keras

def set_stage(model, stage, first):
    if stage == 1:
        el.models.freeze(model)
    else:
        el.models.unfreeze(model, from_layer=first, batch_norm=False)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01 if stage == 1 else 0.001, momentum=0.9), loss, metrics=["accuracy"])
    return model
"""

_STAGE_BACKWARDS = """
import keras

def set_stage(model, stage, first):
    model.trainable = True
    seen = False
    for layer in reversed(model.layers):
        norm = layer.__class__.__name__ == "BatchNormalization"
        layer.trainable = layer.name == "logits" or (stage == 2 and not seen and not norm)
        seen = seen or layer.name == first
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.optimizer.learning_rate = 0.001 * 0.01 ** (stage - 1)
"""

_STAGE_SHUT = """
import keras

def set_stage(model, stage, first):
    model.trainable = False
    model.get_layer("logits").trainable = True
    if stage == 2:
        learns = False
        for layer in model.layers:
            learns = learns or layer.name == first
            layer.trainable = learns and "norm" not in layer.name
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3 if stage == 1 else 1e-5), loss)
"""

_PLATEAU = """
def plateau_rates(accuracies, rate, patience):
    rates, best, waited = [], 0, 0
    for accuracy in accuracies:
        rates.append(rate)
        if accuracy > best:
            best = accuracy
            waited = 0
        else:
            waited += 1
        if waited >= patience:
            rate = rate / 5
            waited = 0
    return np.array(rates)
"""

BANK = {
    "6.1": Bank(
        right={
            "ceil": "import math\n" + _trace(size="size = math.ceil(size / stride)"),
            "numpy": """
def trace(size, layers):
    kernels, strides = np.array(layers).T
    steps = np.concatenate([[1], np.cumprod(strides)[:-1]])
    for stride in strides:
        size = -(-size // int(stride))
    return int(size), int(1 + ((kernels - 1) * steps).sum())
""",
            "backwards": """
def trace(size, layers):
    field = 1
    for kernel, stride in reversed(layers):
        field = (field - 1) * stride + kernel
    for _, stride in layers:
        size = (size - 1) // stride + 1
    return size, field
""",
        },
        wrong={
            "rounded_down": (_trace(size="size = size // stride"), "Round up"),
            "valid_padding": (_trace(size="size = (size - kernel) // stride + 1"), "padding `valid`"),
            "strides_ignored_in_the_field": (_trace(field="field += kernel - 1"), "no layer had a stride"),
            "own_stride_counted": (
                _trace(field="step *= stride", step="field += (kernel - 1) * step"),
                "only the layers after it",
            ),
            "only_own_stride": (_trace(field="field += (kernel - 1) * stride"), "product of all strides"),
            "pair_exchanged": (
                _trace().replace("for kernel, stride", "for stride, kernel"),
                "the kernel first",
            ),
            "starts_at_nothing": (_trace(start="field, step = 0, 1"), "one too small"),
            "whole_kernel_added": (_trace(field="field += kernel * step"), "a kernel of 3 adds 2"),
            "exchanged": (_trace(result="return field, size"), "exchanged"),
            "one_number": (_trace(result="return field"), "a tuple of length 2"),
            "wrong_dtype": ("import math\n" + _trace(size="size = size / stride"), "whole numbers"),
        },
    ),
    "6.3": Bank(
        right={"shortcut_variable": _SIZED, "by_shape": _SIZED_BY_SHAPE, "branch_as_model": _SIZED_SECOND_STRIDE},
        wrong={
            "never_projected": (
                _changed(_SIZED, ("if stride > 1 or width != x.shape[-1]:", "if False:")),
                "shapes do not fit",
            ),
            "only_for_the_width": (
                _changed(_SIZED, ("if stride > 1 or width", "if width")),
                "width=5 and stride=2: the block cannot be built",
            ),
            "only_for_the_stride": (
                _changed(_SIZED, ("stride > 1 or width != x.shape[-1]", "stride > 1")),
                "width=8 and stride=1: the block cannot be built",
            ),
            "always_projected": (
                _changed(_SIZED, ("if stride > 1 or width != x.shape[-1]:", "if True:")),
                "needs none",
            ),
            "projection_without_stride": (
                _changed(_SIZED, ("(width, 1, strides=stride,", "(width, 1,")),
                "shapes do not fit",
            ),
            "strided_twice": (
                _changed(
                    _SIZED,
                    ('(width, 3, padding="same"', '(width, 3, strides=stride, padding="same"'),
                    ("(width, 1, strides=stride", "(width, 1, strides=stride**2"),
                ),
                "shrink twice",
            ),
            "stride_forgotten": (
                _changed(_SIZED, ("strides=stride, ", "")),
                "the stride has no effect",
            ),
            "concatenated": (
                _changed(_SIZED, ("shortcut + y", "layers.concatenate([shortcut, y])")),
                "laid side by side",
            ),
            "projection_not_normalised": (
                _changed(_SIZED, ("        shortcut = layers.BatchNormalization()(shortcut)\n", "")),
                "has no batch norm",
            ),
            "projection_with_bias": (
                _changed(_SIZED, ('(width, 1, strides=stride, padding="same", use_bias=False)', "(width, 1, stride)")),
                "the convolution on the shortcut has a bias",
            ),
            "needless_biases": (_changed(_SIZED, (", use_bias=False", "")), "the convolutions have biases"),
            "projection_after_pooling": (
                _changed(
                    _SIZED,
                    (
                        '(width, 1, strides=stride, padding="same", use_bias=False)(x)',
                        '(width, 1, use_bias=False)(layers.AveragePooling2D(stride, padding="same")(x))',
                    ),
                ),
                "nothing stands before it",
            ),
            "relu_before_batch_norm": (
                _changed(
                    _SIZED,
                    (
                        "use_bias=False)(x)\n    y",
                        'use_bias=False, activation="relu")(x)\n    y',
                    ),
                    ("    y = layers.ReLU()(y)\n", ""),
                ),
                "stands before batch norm",
            ),
            "large_projection": (_changed(_SIZED, ("(width, 1,", "(width, 3,")), "Expected 1 x 1"),
            "no_projection": (
                """
from keras import layers

def sized_block(x, width, stride):
    y = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if stride > 1:
        x = layers.AveragePooling2D(stride)(x)
    if width > x.shape[-1]:
        x = layers.concatenate([x, x])[..., :width]
    return layers.ReLU()(x + y)
""",
                "the shortcut has no weights",
            ),
            "projection_of_the_branch": (
                """
from keras import layers

def sized_block(x, width, stride):
    y = layers.Conv2D(width, 3, strides=stride, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    if stride > 1 or width != x.shape[-1]:
        x = layers.BatchNormalization()(layers.Conv2D(width, 1, use_bias=False)(y[..., :5]))
    y = layers.Conv2D(width, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return layers.ReLU()(x + y)
""",
                "does not read the block's input",
            ),
            "no_last_relu": (
                _changed(_SIZED, ("layers.ReLU()(shortcut + y)", "shortcut + y")),
                "ReLU after the addition",
            ),
            "relu_on_the_shortcut": (
                _changed(
                    _SIZED,
                    ("layers.BatchNormalization()(shortcut)", "layers.ReLU()(layers.BatchNormalization()(shortcut))"),
                ),
                "a ReLU on the shortcut",
            ),
            "projection_doubled": (
                _changed(
                    _SIZED,
                    (
                        "layers.BatchNormalization()(shortcut)",
                        "layers.ReLU()(layers.BatchNormalization()(shortcut)) * 2",
                    ),
                ),
                "Look at the order",
            ),
            "no_return": (_changed(_SIZED, ("return layers.ReLU", "layers.ReLU")), "found None"),
        },
    ),
    "6.4": Bank(
        right={
            "parts": _norm(),
            "steps": _NORM_STEPS,
            "keras": _NORM_KERAS,
            "keras_float32": _changed(_NORM_KERAS, (', dtype="float64"', "")),
        },
        wrong={
            "batch_statistics_at_test_time": (
                _norm(test="m, v = batch_mean, batch_variance"),
                "depends on the other faces",
            ),
            "training_ignored": (
                _norm(test="m, v = batch_mean, batch_variance", move="if True:"),
                "depends on the other faces",
            ),
            "averages_moved_at_test_time": (_norm(move="if True:"), "no trace"),
            "stored_averages_in_training": (_norm(training="pass"), "uses the batch's own"),
            "fresh_averages_in_training": (
                """
def batch_norm(x, gamma, beta, mean, variance, training, momentum):
    if training:
        mean = momentum * mean + (1 - momentum) * x.mean(axis=(0, 1, 2))
        variance = momentum * variance + (1 - momentum) * x.var(axis=(0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + 0.001) + beta, mean, variance
""",
                "averages just stored",
            ),
            "training_without_effect": (
                _changed(_norm(), ("if training:", "if training == 'True':")),
                "`if training:` is enough",
            ),
            "averages_replaced": (_norm(keep="0"), "only move towards them"),
            "momentum_reversed": (_norm(keep="(1 - momentum)"), "wrong way round"),
            "averages_never_move": (_norm(move="if False:"), "nothing to test with"),
            "mean_over_pictures_alone": (_norm(axes="axis=0"), "axis=(0, 1, 2)"),
            "mean_for_each_picture": (_norm(axes="axis=(1, 2), keepdims=True"), "instance norm"),
            "one_mean_for_all_channels": (_norm(axes=""), "share one mean"),
            "sample_variance": (_norm(variance="x.var({axes}, ddof=1)"), "n - 1"),
            "root_forgotten": (_norm(result="gamma * (x - m) / (v + 0.001) + beta"), "square root"),
            "epsilon_outside": (_norm(result="gamma * (x - m) / (np.sqrt(v) + 0.001) + beta"), "under the root"),
            "epsilon_in_the_result": (
                _norm(result="gamma * (x - m) / np.sqrt(v) + 0.001 + beta"),
                "added to the result",
            ),
            "epsilon_forgotten": (_norm(result="gamma * (x - m) / np.sqrt(v) + beta"), "Epsilon is missing"),
            "deviation_throughout": (
                _norm(variance="x.std({axes})", result="gamma * (x - m) / (v + 0.001) + beta"),
                "`variance` holds variances",
            ),
            "root_of_the_deviation": (_norm(variance="x.std({axes})"), "`variance` holds variances"),
            "scale_and_shift_forgotten": (_norm(result="(x - m) / np.sqrt(v + 0.001)"), "gamma and beta are missing"),
            "scale_and_shift_exchanged": (_norm(result="beta * (x - m) / np.sqrt(v + 0.001) + gamma"), "exchanged"),
            "deviation_stored": (_norm(kept="np.sqrt(batch_variance)"), "towards the variance"),
            "changed_input": (
                _changed(
                    _norm(),
                    ("    m, v = mean", "    mean += 0\n    m, v = mean"),
                    ("        mean = ", "        mean[:] = "),
                ),
                "changed the array it was given",
            ),
        },
    ),
    "6.5": Bank(
        right={"by_index": _STAGE, "package": _STAGE_PACKAGE, "backwards": _STAGE_BACKWARDS},
        wrong={
            "not_recompiled": (
                _changed(
                    _STAGE,
                    (
                        "    model.compile(",
                        "    if stage == 2:\n        model.optimizer.learning_rate = rate\n        return\n"
                        "    model.compile(",
                    ),
                ),
                "not compiled again",
            ),
            "not_compiled": (_changed(_STAGE, ("model.compile(", "dict(")), "is not compiled"),
            "whole_model_shut": (_STAGE_SHUT, "shuts the whole model"),
            "batch_norm_not_frozen": (
                _changed(_STAGE, (" and not isinstance(layer, layers.BatchNormalization)", "")),
                "In stage 2 batch norm is not frozen",
            ),
            "batch_norm_left_in_training": (
                _changed(
                    _STAGE,
                    (
                        "layer.trainable = i >= start and not isinstance(layer, layers.BatchNormalization)",
                        "if not isinstance(layer, layers.BatchNormalization):\n"
                        "            layer.trainable = i >= start",
                    ),
                ),
                "In stage 1 batch norm is not frozen",
            ),
            "begins_one_too_late": (
                _changed(_STAGE, ("names.index(first) if", "names.index(first) + 1 if")),
                "begins after `conv2`",
            ),
            "backbone_not_frozen": (
                _changed(_STAGE, ('if stage == 2 else names.index("logits")', "if stage == 2 else 0")),
                "In stage 1 the backbone learns",
            ),
            "too_much_learns": (
                _changed(_STAGE, ("names.index(first) if", "0 if")),
                "others learn too: conv1",
            ),
            "only_the_named_layer": (
                _changed(_STAGE, ("i >= start and", '(i == start or layer.name == "logits") and')),
                "should learn, but do not: conv3",
            ),
            "head_frozen": (
                _changed(_STAGE, ("i >= start and", '(i >= start and (stage == 1 or layer.name != "logits")) and')),
                "the head (`logits`) does not learn",
            ),
            "rate_not_lowered": (_changed(_STAGE, ("2: 1e-5", "2: 1e-3")), "wipe out"),
            "loss_for_one_hot": (_changed(_STAGE, ("SparseCategorical", "Categorical")), "Training in stage 1"),
            "logits_as_probabilities": (_changed(_STAGE, ("from_logits=True", "")), "takes them for probabilities"),
        },
        explained={
            "Another rate: the task asks only that the second is at most a tenth of the first.": (
                "line 17: 0.001 -> …",
                "line 17: 1e-05 -> …",
            ),
        },
    ),
    "6.6": Bank(
        right={
            "steps": _PLATEAU,
            "count_back": """
def plateau_rates(accuracies, rate, patience):
    rates, since = [], 0
    for i, accuracy in enumerate(accuracies):
        rates.append(rate)
        since = 0 if i == 0 or accuracy > np.max(accuracies[:i]) else since + 1
        if since and since % patience == 0:
            rate *= 0.2
    return np.array(rates)
""",
            "cuts": """
def plateau_rates(accuracies, rate, patience):
    result = np.full(len(accuracies), float(rate))
    best, waited = -np.inf, 0
    for epoch, accuracy in enumerate(accuracies):
        waited = 0 if accuracy > best else waited + 1
        best = max(best, accuracy)
        if waited == patience:
            result[epoch + 1 :] /= 5
            waited = 0
    return result
""",
        },
        wrong={
            "counter_not_reset": (
                _changed(
                    _PLATEAU, ("            rate = rate / 5\n            waited = 0\n", "            rate = rate / 5\n")
                ),
                "set the counter back",
            ),
            "one_epoch_early": (
                _changed(
                    _PLATEAU,
                    ("        rates.append(rate)\n", ""),
                    ("    return", "        rates.append(rate)\n    return"),
                ),
                "one epoch too early",
            ),
            "one_epoch_late": (_changed(_PLATEAU, ("waited >= patience", "waited > patience")), "one epoch too long"),
            "tie_is_a_new_best": (_changed(_PLATEAU, ("accuracy > best", "accuracy >= best")), "not `>=`"),
            "compared_with_the_last": (
                _changed(
                    _PLATEAU,
                    ("            best = accuracy\n            waited = 0\n", "            waited = 0\n"),
                    ("        if waited >=", "        best = accuracy\n        if waited >="),
                ),
                "the one before",
            ),
            "cut_only_once": (
                _changed(
                    _PLATEAU,
                    ("rate = rate / 5", "rate = start / 5"),
                    ("    rates, best", "    start = rate\n    rates, best"),
                ),
                "Every cut gives the same rate",
            ),
            "not_in_a_row": (
                _changed(
                    _PLATEAU, ("            best = accuracy\n            waited = 0\n", "            best = accuracy\n")
                ),
                "Only those in a row",
            ),
            "best_forgotten": (
                _changed(_PLATEAU, ("rate = rate / 5", "rate, best = rate / 5, 0")),
                "best of the whole run",
            ),
            "first_epoch_waits": (
                _changed(_PLATEAU, ("rates, best, waited = [], 0, 0", "rates, best, waited = [], accuracies[0], 0")),
                "counted as waiting",
            ),
            "a_tenth": (_changed(_PLATEAU, ("rate / 5", "rate / 10")), "fell to a tenth"),
            "by_a_fifth": (_changed(_PLATEAU, ("rate / 5", "rate - rate / 5")), "fell by a fifth"),
            "rate_raised": (_changed(_PLATEAU, ("rate / 5", "rate * 5")), "multiplied by 5"),
            "never_cut": (_changed(_PLATEAU, ("rate / 5", "rate")), "never changes"),
            "a_list": (_changed(_PLATEAU, ("np.array(rates)", "rates")), "found a list"),
        },
    ),
    "6.7": Bank(
        right={
            "own_words": """
answer_6_7 = '''
Kernels and biases are frozen, yes, but the two running statistics of every normalisation layer are not
weights that a gradient touches: each batch drags them along. Eight faces are few, so they wobble. The
head meets features scaled by the present batch, and in validation it meets others, scaled by the dragged
averages. Remedy: switch these layers to inference while the backbone is frozen. Evidence: same seed, same
data, one run with the switch on and one with it off, judged on validation; plus the moving means, before
and after, which must not change by a single bit.
'''
""",
            "list": """
answer_6_7 = (
    "1. Cause: moving mean and variance are updated in training mode, so the 'frozen' features change from epoch to "
    "epoch, and training normalises by batch while testing normalises by the averages. "
    "2. Small batches make both worse, since a mean over eight pictures is noisy. "
    "3. Change: trainable=False on those layers, then compile. "
    "4. Proof: an ablation with three seeds where only this differs, compared on held-out pictures."
)
""",
        },
        wrong={
            "too_short": ('answer_6_7 = "Batch norm must be frozen as well."', "at least 40 words"),
            "not_a_text": ("answer_6_7 = ['inference mode']", "Expected a text in quotes"),
            "repeated_words": (f"answer_6_7 = {_REPEATED!r}", "different words"),
            "copied_task": (f"answer_6_7 = {_COPIED_TASK!r}", "repeats the task"),
            "copied_rubric": (f"answer_6_7 = {_COPIED_RUBRIC!r}", "repeats the rubric"),
        },
    ),
}
