"""Question 6.4: batch norm by hand, in training and at test time.

Title, points, task and model solution: solutions/06_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "6.4",
    hints=(
        "Two questions, one `if`: which mean and variance normalise the maps, and do the stored ones move?",
        "`x.mean(axis=(0, 1, 2))` gives one mean for each channel. The new stored mean is "
        "`momentum * mean + (1 - momentum) * batch_mean`; the variance likewise.",
        "If training: m, v from the batch, and move `mean` and `variance`. Else m, v = mean, variance. Return "
        "`gamma * (x - m) / np.sqrt(v + 0.001) + beta, mean, variance`.",
    ),
    passed="Right. Two numbers for each channel that no gradient moves: they are what drifts when a frozen backbone is "
    "left in training mode.",
    wants_array=True,
    atol=1e-5,  # float32, as Keras computes, is precise enough
    explained={
        "A variance is never negative.": (
            "blind: argument 5: without sign",
            "blind: argument 5: clipped at 0",
            "blind: result 3: without sign",
            "blind: result 3: clipped at 0",
        ),
    },
)


@QUESTION.inputs
def norm_cases(seed):
    """Training with two momenta, and inference, on maps whose statistics are far from the stored ones."""
    rng = np.random.default_rng(seed)
    cases = []
    for training, momentum in ((True, 0.9), (False, 0.9), (True, 0.6)):
        x = rng.normal([2.0, -1.0, 0.5], [0.4, 3.0, 1.5], (4, 5, 6, 3))
        gamma, beta = rng.uniform(0.5, 2, 3) * [1, -1, 1], rng.normal(0, 1, 3)
        cases.append((x, gamma, beta, rng.normal(0, 1, 3), rng.uniform(0.1, 3, 3), training, momentum))
    return cases


# ---- Parts of the answers below ------------------------------------------------------------------


def normalise(x, gamma, beta, m, v):
    return gamma * (x - m) / np.sqrt(v + 0.001) + beta


def of_batch(x):
    return x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))


def moved(stored, batch, momentum):
    """The stored mean and variance after a step towards those of the batch."""
    return tuple(momentum * old + (1 - momentum) * new for old, new in zip(stored, batch, strict=True))


def with_batch(batch, x, gamma, beta, mean, variance, training, momentum):
    """What is right if `batch` were the batch's mean and variance."""
    if not training:
        return normalise(x, gamma, beta, mean, variance), mean, variance
    return normalise(x, gamma, beta, *batch), *moved((mean, variance), batch, momentum)


def used(x, mean, variance, training):
    """The mean and variance that normalise the maps."""
    return of_batch(x) if training else (mean, variance)


def stored(x, mean, variance, training, momentum):
    return moved((mean, variance), of_batch(x), momentum) if training else (mean, variance)


# ---- Good styles ---------------------------------------------------------------------------------


@style
def parts(x, gamma, beta, mean, variance, training, momentum):
    y = normalise(x, gamma, beta, *used(x, mean, variance, training))
    return y, *stored(x, mean, variance, training, momentum)


@style
def steps(x, gamma, beta, mean, variance, training, momentum):
    if not training:
        scale = gamma / (variance + 1e-3) ** 0.5
        return x * scale + (beta - mean * scale), mean, variance
    rows = x.reshape(-1, x.shape[-1])
    now = rows.mean(0), ((rows - rows.mean(0)) ** 2).mean(0)
    normal = (x - now[0]) / (now[1] + 1e-3) ** 0.5
    share = 1 - momentum
    return normal * gamma + beta, mean + (now[0] - mean) * share, variance + (now[1] - variance) * share


def by_keras(x, gamma, beta, mean, variance, training, momentum, dtype):
    import keras

    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=0.001, dtype=dtype)
    layer.build(x.shape)
    layer.set_weights([gamma, beta, mean, variance])
    y = keras.ops.convert_to_numpy(layer(x, training=training))
    return y, np.array(layer.moving_mean), np.array(layer.moving_variance)


@style
def keras_float64(x, gamma, beta, mean, variance, training, momentum):
    return by_keras(x, gamma, beta, mean, variance, training, momentum, "float64")


@style
def keras_float32(x, gamma, beta, mean, variance, training, momentum):
    return by_keras(x, gamma, beta, mean, variance, training, momentum, "float32")


# ---- Mistakes: which mean and variance -----------------------------------------------------------

AT_TEST = (
    "With training=False the maps were normalised with the mean and variance of this batch. At test time the stored "
    "averages must do it: else the answer for a face depends on the other faces in the batch."
)


@mistake(AT_TEST)
def batch_statistics_at_test_time(x, gamma, beta, mean, variance, training, momentum):
    return normalise(x, gamma, beta, *of_batch(x)), *stored(x, mean, variance, training, momentum)


@mistake(AT_TEST, id="batch_statistics_at_test_time")
def training_ignored(x, gamma, beta, mean, variance, training, momentum):
    return parts(x, gamma, beta, mean, variance, True, momentum)


@mistake("With training=False the stored averages changed. Testing must leave no trace in the network.")
def averages_moved_at_test_time(x, gamma, beta, mean, variance, training, momentum):
    y = normalise(x, gamma, beta, *used(x, mean, variance, training))
    return y, *moved((mean, variance), of_batch(x), momentum)


@mistake(
    "With training=True the maps were normalised with the stored averages. While it learns, batch norm uses the "
    "batch's own mean and variance; the stored ones only move towards them."
)
def stored_averages_in_training(x, gamma, beta, mean, variance, training, momentum):
    return normalise(x, gamma, beta, mean, variance), *stored(x, mean, variance, training, momentum)


@mistake(
    "With training=True the maps were normalised with the averages just stored. While it learns, batch norm uses the "
    "batch's own mean and variance.",
    id="stored_averages_in_training",
)
def fresh_averages_in_training(x, gamma, beta, mean, variance, training, momentum):
    mean, variance = stored(x, mean, variance, training, momentum)
    return normalise(x, gamma, beta, mean, variance), mean, variance


@mistake(
    "With training=True nothing is different: the stored averages did the work and stayed as they were. `training` is "
    "True or False, so `if training:` is enough."
)
def training_without_effect(x, gamma, beta, mean, variance, training, momentum):
    return parts(x, gamma, beta, mean, variance, False, momentum)


@mistake(
    "The stored averages were replaced by those of the batch. They only move towards them: "
    "momentum * old + (1 - momentum) * batch."
)
def averages_replaced(x, gamma, beta, mean, variance, training, momentum):
    return parts(x, gamma, beta, mean, variance, training, 0)


@mistake(
    "The stored averages jump to the batch's values: the momentum is the wrong way round. In Keras it is the share of "
    "the *old* value that stays: momentum * old + (1 - momentum) * new. (In PyTorch it is the share of the new one.)"
)
def momentum_reversed(x, gamma, beta, mean, variance, training, momentum):
    return parts(x, gamma, beta, mean, variance, training, 1 - momentum)


@mistake("With training=True the stored averages stayed as they were. Then there is nothing to test with.")
def averages_never_move(x, gamma, beta, mean, variance, training, momentum):
    return parts(x, gamma, beta, mean, variance, training, 1)


# ---- Mistakes: over which axes, and what is stored -----------------------------------------------


@mistake(
    "Each pixel got a mean of its own: only the pictures were averaged (axis 0). A channel has one mean, over "
    "pictures, rows and columns: `axis=(0, 1, 2)`."
)
def mean_over_pictures_alone(x, gamma, beta, mean, variance, training, momentum):
    batch = x.mean(axis=0), x.var(axis=0)
    return with_batch(batch, x, gamma, beta, mean, variance, training, momentum)


@mistake(
    "Each picture got a mean of its own (that is instance norm). Batch norm averages over the pictures too: "
    "`axis=(0, 1, 2)`."
)
def mean_for_each_picture(x, gamma, beta, mean, variance, training, momentum):
    batch = x.mean(axis=(1, 2), keepdims=True), x.var(axis=(1, 2), keepdims=True)
    return with_batch(batch, x, gamma, beta, mean, variance, training, momentum)


@mistake("All channels share one mean and one variance. Each has its own: leave the last axis out of the mean.")
def one_mean_for_all_channels(x, gamma, beta, mean, variance, training, momentum):
    batch = x.mean(), x.var()
    return with_batch(batch, x, gamma, beta, mean, variance, training, momentum)


@mistake("The variance was divided by n - 1. Batch norm divides by n: `x.var(...)` without `ddof`.")
def sample_variance(x, gamma, beta, mean, variance, training, momentum):
    batch = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2), ddof=1)
    return with_batch(batch, x, gamma, beta, mean, variance, training, momentum)


# ---- Mistakes: how the maps are normalised -------------------------------------------------------


@mistake("The maps were divided by the variance. Divide by its square root, the standard deviation.")
def root_forgotten(x, gamma, beta, mean, variance, training, momentum):
    m, v = used(x, mean, variance, training)
    return gamma * (x - m) / (v + 0.001) + beta, *stored(x, mean, variance, training, momentum)


@mistake("Epsilon was added to the standard deviation. It belongs under the root: `np.sqrt(v + 0.001)`.")
def epsilon_outside(x, gamma, beta, mean, variance, training, momentum):
    m, v = used(x, mean, variance, training)
    return gamma * (x - m) / (np.sqrt(v) + 0.001) + beta, *stored(x, mean, variance, training, momentum)


@mistake("Epsilon was added to the result. It belongs under the root: `np.sqrt(v + 0.001)`.", id="epsilon_outside")
def epsilon_in_the_result(x, gamma, beta, mean, variance, training, momentum):
    m, v = used(x, mean, variance, training)
    return gamma * (x - m) / np.sqrt(v) + 0.001 + beta, *stored(x, mean, variance, training, momentum)


@mistake(
    "Epsilon is missing, or smaller than asked for. Expected `np.sqrt(v + 0.001)`: it keeps a channel that is the same "
    "everywhere from a division by zero."
)
def epsilon_forgotten(x, gamma, beta, mean, variance, training, momentum):
    m, v = used(x, mean, variance, training)
    return gamma * (x - m) / np.sqrt(v) + beta, *stored(x, mean, variance, training, momentum)


@mistake("The maps are normalised, but gamma and beta are missing: multiply by gamma, then add beta.")
def scale_and_shift_forgotten(x, gamma, beta, mean, variance, training, momentum):
    y = normalise(x, 1, 0, *used(x, mean, variance, training))
    return y, *stored(x, mean, variance, training, momentum)


@mistake("Gamma and beta are exchanged. Gamma multiplies, beta is added.")
def scale_and_shift_exchanged(x, gamma, beta, mean, variance, training, momentum):
    y = normalise(x, beta, gamma, *used(x, mean, variance, training))
    return y, *stored(x, mean, variance, training, momentum)


# ---- Mistakes: the standard deviation for the variance -------------------------------------------

DEVIATION = (
    "The standard deviation (`x.std`) was taken where the variance belongs. `variance` holds variances: store "
    "`x.var(...)`, and divide by `np.sqrt(v + 0.001)`."
)


def with_deviation(x):
    return x.mean(axis=(0, 1, 2)), x.std(axis=(0, 1, 2))


@mistake("The stored variance moved towards the standard deviation. It must move towards the variance.")
def deviation_stored(x, gamma, beta, mean, variance, training, momentum):
    y = normalise(x, gamma, beta, *used(x, mean, variance, training))
    _, *kept = with_batch(with_deviation(x), x, gamma, beta, mean, variance, training, momentum)
    return y, *kept


@mistake(DEVIATION)
def deviation_throughout(x, gamma, beta, mean, variance, training, momentum):
    _, *kept = with_batch(with_deviation(x), x, gamma, beta, mean, variance, training, momentum)
    m, v = with_deviation(x) if training else (mean, variance)
    return gamma * (x - m) / (v + 0.001) + beta, *kept


@mistake(DEVIATION, id="deviation_throughout")
def root_of_the_deviation(x, gamma, beta, mean, variance, training, momentum):
    return with_batch(with_deviation(x), x, gamma, beta, mean, variance, training, momentum)


@mistake(says="changed the array it was given")
def changed_input(x, gamma, beta, mean, variance, training, momentum):
    y, mean[:], variance = parts(x, gamma, beta, mean, variance, training, momentum)
    return y, mean, variance
