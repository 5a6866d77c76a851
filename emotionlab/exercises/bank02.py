"""Answers that prove the checks of exercise 02 right: other good styles, and mistakes people make."""

from emotionlab.exercises.engine import Bank

_CONVOLVE = """
def convolve(image, kernel):
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return result
"""

_POOL = """
def max_pool(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return result
"""

_MODEL = """
import keras
from keras import layers

def build_model():
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(4),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(7),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss)
    return model
"""


def _formula(text: str) -> str:
    return f"def count_parameters(size, channels, filters, classes):\n    return {text}\n"


def _softmax(*lines: str) -> str:
    return "\n    ".join(["def softmax(logits):", *lines])


def _entropy(*lines: str) -> str:
    """cross_entropy with a stable log softmax in `log_p`, then the given lines."""
    start = (
        "def cross_entropy(logits, labels):",
        "shifted = logits - logits.max(axis=1, keepdims=True)",
        "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
        "rows = np.arange(len(labels))",
    )
    return "\n    ".join([*start, *lines])


def _changed(source: str, old: str, new: str) -> str:
    """`source` with one part exchanged; a part that is not there would make the bank prove nothing."""
    if old not in source:
        raise ValueError(f"{old!r} is not in the source")
    return source.replace(old, new)


BANK = {
    "2.2": Bank(
        right={
            "windows": """
def convolve(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))
""",
            "shift_and_add": """
def convolve(image, kernel):
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    result = 0
    for i in range(h):
        for j in range(w):
            result = result + kernel[i, j] * image[i : i + rows, j : j + columns]
    return result
""",
            "scipy": """
from scipy.signal import correlate2d

def convolve(image, kernel):
    return correlate2d(image, kernel, mode="valid")
""",
            "keras_ops": """
from keras import ops

def convolve(image, kernel):
    x = ops.convert_to_tensor(image[None, :, :, None], dtype="float32")
    k = ops.convert_to_tensor(kernel[:, :, None, None], dtype="float32")
    return ops.conv(x, k, padding="valid")[0, :, :, 0]
""",
        },
        wrong={
            "loop_too_short": (
                _changed(_changed(_CONVOLVE, "range(rows)", "range(rows - 1)"), "range(columns)", "range(columns - 1)"),
                "one step too early",
            ),
            "returned_in_the_loop": (_changed(_CONVOLVE, "    return", "        return"), "Only the beginning"),
            "returned_in_the_inner_loop": (
                _changed(_CONVOLVE, "    return", "            return"),
                "Only the beginning",
            ),
            "as_large_as_the_picture": (
                _changed(_CONVOLVE, "np.zeros((rows, columns))", "np.zeros(image.shape)"),
                "as large as the picture",
            ),
            "decimals_cut": (
                _changed(_CONVOLVE, "np.zeros((rows, columns))", "np.zeros((rows, columns), int)"),
                "decimals are cut off",
            ),
            "flipped_kernel": (
                "from scipy.signal import convolve2d\n\n"
                'def convolve(image, kernel):\n    return convolve2d(image, kernel, mode="valid")',
                "180 degrees",
            ),
            "last_position_missing": (
                _changed(
                    _CONVOLVE, "image.shape[0] - h + 1, image.shape[1] - w + 1", "len(image) - h, len(image[0]) - w"
                ),
                "one row and one column too small",
            ),
            "padded_with_zeros": (
                "from scipy.signal import correlate2d\n\n"
                'def convolve(image, kernel):\n    return correlate2d(image, kernel, mode="same")',
                "zeros were put round it",
            ),
            "padded_with_edge": (
                "from scipy.ndimage import correlate\n\n"
                'def convolve(image, kernel):\n    return correlate(image, kernel, mode="nearest")',
                "edge was repeated",
            ),
            "transposed_result": (_changed(_CONVOLVE, "return result", "return result.T"), "exchanged"),
            "transposed_kernel": (
                _changed(_CONVOLVE, "h, w = kernel.shape", "kernel = kernel.T\n    h, w = kernel.shape"),
                "was transposed",
            ),
            "mean_for_sum": (_changed(_CONVOLVE, ".sum()", ".mean()"), "Expected their sum"),
            "changed_input": (
                _changed(_CONVOLVE, "return result", "image -= image.mean()\n    return result"),
                "changed the array it was given",
            ),
            "not_a_function": (
                _changed(_CONVOLVE, "def ", "def the_") + "\nconvolve = np.zeros((3, 3))",
                "Expected the function",
            ),
        },
    ),
    "2.3": Bank(
        right={
            "loop": _POOL,
            "four_slices": """
def max_pool(image):
    image = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
    top = np.maximum(image[::2, ::2], image[::2, 1::2])
    return np.maximum(top, np.maximum(image[1::2, ::2], image[1::2, 1::2]))
""",
            "windows": """
def max_pool(image):
    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 2))
    return windows[::2, ::2].max(axis=(2, 3))
""",
            "keras_ops": """
from keras import ops

def max_pool(image):
    x = ops.convert_to_tensor(image[None, :, :, None], dtype="float32")
    return ops.max_pool(x, 2, strides=2, padding="valid")[0, :, :, 0]
""",
        },
        wrong={
            "blocks_overlap": (
                _changed(_POOL, "2 * i : 2 * i + 2, 2 * j : 2 * j + 2", "i : i + 2, j : j + 2"),
                "blocks overlap",
            ),
            "two_in_front": (
                "def max_pool(image):\n"
                "    rows, columns = image.shape[0] // 2, image.shape[1] // 2\n"
                "    return image[: 2 * rows, : 2 * columns].reshape(2, rows, 2, columns).max(axis=(0, 2))",
                "half a picture apart",
            ),
            "first_line_left_out": (
                "def max_pool(image):\n"
                "    image = image[image.shape[0] % 2 :, image.shape[1] % 2 :]\n"
                "    rows, columns = image.shape[0] // 2, image.shape[1] // 2\n"
                "    return image.reshape(rows, 2, columns, 2).max(axis=(1, 3))",
                "the first one was left out",
            ),
            "odd_edge_kept_with_zeros": (
                "def max_pool(image):\n"
                "    image = np.pad(image, ((0, image.shape[0] % 2), (0, image.shape[1] % 2)))\n"
                "    rows, columns = image.shape[0] // 2, image.shape[1] // 2\n"
                "    return image.reshape(rows, 2, columns, 2).max(axis=(1, 3))",
                "zeros were added",
            ),
            "mean_for_max": (_changed(_POOL, ".max()", ".mean()"), "average pooling"),
            "min_for_max": (_changed(_POOL, ".max()", ".min()"), "smallest of the four"),
            "stride_one": (
                "def max_pool(image):\n"
                "    windows = np.lib.stride_tricks.sliding_window_view(image, (2, 2))\n"
                "    return windows.max(axis=(2, 3))",
                "stride 2",
            ),
            "picked_not_pooled": (
                "def max_pool(image):\n"
                "    return image[: image.shape[0] // 2 * 2 : 2, : image.shape[1] // 2 * 2 : 2].copy()",
                "thrown away",
            ),
            "picked_to_the_edge": ("def max_pool(image):\n    return image[::2, ::2].copy()", "thrown away"),
            "blocks_of_four_in_a_row": (
                "def max_pool(image):\n"
                "    rows, columns = image.shape[0] // 2, image.shape[1] // 2\n"
                "    blocks = image[: 2 * rows, : 2 * columns].reshape(rows, columns, 2, 2)\n"
                "    return blocks.max(axis=(2, 3))",
                "four neighbours of one row",
            ),
            "started_at_zero": (_changed(_POOL, ".max()", ".max(initial=0)"), "started at 0"),
            "odd_edge_kept": (
                _changed(
                    _POOL,
                    "image.shape[0] // 2, image.shape[1] // 2",
                    "-(-image.shape[0] // 2), -(-image.shape[1] // 2)",
                ),
                "left out",
            ),
            "random_array": (
                "def max_pool(image):\n    return np.random.random((image.shape[0] // 2, image.shape[1] // 2))",
                "at position [0, 0]",
            ),
        },
    ),
    "2.4": Bank(
        right={
            "log_sum_exp": """
from scipy.special import logsumexp

def softmax(logits):
    return np.exp(logits - logsumexp(logits, axis=-1, keepdims=True))
""",
            "loop": """
def softmax(logits):
    rows = logits.reshape(-1, logits.shape[-1])
    result = []
    for row in rows:
        powers = np.exp(row - max(row))
        result.append(powers / sum(powers))
    return np.array(result).reshape(logits.shape)
""",
            "keras_ops": """
from keras import ops

def softmax(logits):
    return ops.softmax(logits, axis=-1)
""",
        },
        wrong={
            "overflow": (
                _softmax("powers = np.exp(logits)", "return powers / powers.sum(axis=-1, keepdims=True)"),
                "gives NaN",
            ),
            "naive_sum_over_everything": (
                _softmax("return np.exp(logits) / np.exp(logits).sum()"),
                "think of logits of 1000",
            ),
            "not_divided": (
                _softmax("return np.exp(logits - logits.max(axis=-1, keepdims=True))"),
                "divide the powers",
            ),
            "exponential_alone": (_softmax("return np.exp(logits)"), "divide the powers"),
            "divided_by_the_largest": (
                _softmax(
                    "powers = np.exp(logits / logits.max(axis=-1, keepdims=True))",
                    "return powers / powers.sum(axis=-1, keepdims=True)",
                ),
                "Subtract it instead",
            ),
            "class_for_probabilities": (_softmax("return np.argmax(logits, axis=-1)"), "most likely classes"),
            "small_logits_only": (
                _softmax(
                    "powers = np.exp(np.clip(logits, -500, 500))", "return powers / powers.sum(axis=-1, keepdims=True)"
                ),
                "Right for small logits, wrong",
            ),
            "mean_subtracted": (
                _softmax(
                    "powers = np.exp(logits - logits.mean(axis=-1, keepdims=True))",
                    "return powers / powers.sum(axis=-1, keepdims=True)",
                ),
                "Right for small logits, wrong",
            ),
            "wrong_axis": (
                _softmax("powers = np.exp(logits - logits.max(axis=0))", "return powers / powers.sum(axis=0)"),
                "wrong axis",
            ),
            "wrong_axis_and_overflow": (
                _softmax("powers = np.exp(logits)", "return powers / powers.sum(axis=0)"),
                "wrong axis",
            ),
            "second_axis": (
                _softmax(
                    "powers = np.exp(logits - logits.max(axis=1, keepdims=True))",
                    "return powers / powers.sum(axis=1, keepdims=True)",
                ),
                "wrong axis",
            ),
            "sum_over_everything": (
                _softmax("powers = np.exp(logits - logits.max())", "return powers / powers.sum()"),
                "All numbers together",
            ),
            "one_maximum_for_all": (
                _softmax(
                    "powers = np.exp(logits - logits.max())", "return powers / powers.sum(axis=-1, keepdims=True)"
                ),
                "0 / 0",
            ),
            "one_for_the_largest": (
                _softmax("return np.eye(logits.shape[-1])[logits.argmax(axis=-1)]"),
                "keeps how sure",
            ),
            "exponential_forgotten": (
                _softmax("return logits / logits.sum(axis=-1, keepdims=True)"),
                "Take `np.exp` first",
            ),
        },
    ),
    "2.5": Bank(
        right={
            "loop": """
def cross_entropy(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels):
        top = row.max()
        total += top + np.log(np.sum(np.exp(row - top))) - row[label]
    return total / len(labels)
""",
            "one_hot": """
from scipy.special import log_softmax

def cross_entropy(logits, labels):
    one_hot = np.eye(7)[labels]
    return -np.mean(np.sum(one_hot * log_softmax(logits, axis=1), axis=1))
""",
            "keras_ops": """
import keras

def cross_entropy(logits, labels):
    losses = keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return keras.ops.mean(losses)
""",
        },
        wrong={
            "naive_log_of_the_sum": (
                "def cross_entropy(logits, labels):\n"
                "    log_sum = np.log(np.exp(logits).sum(axis=1))\n"
                "    return (log_sum - logits[np.arange(len(labels)), labels]).mean()",
                "`np.exp(1200)` is infinite",
            ),
            "from_logits_forgotten": (
                "import keras\n\n"
                "def cross_entropy(logits, labels):\n"
                "    return float(keras.losses.SparseCategoricalCrossentropy()(labels, logits))",
                "`from_logits=True` is missing",
            ),
            "all_classes_averaged": (_entropy("return -log_p.mean()"), "the labels have no say"),
            "largest_not_added_back": (
                "def cross_entropy(logits, labels):\n"
                "    log_sum = np.log(np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1))\n"
                "    return (log_sum - logits[np.arange(len(labels)), labels]).mean()",
                "not added back",
            ),
            "one_maximum_for_all": (
                "def cross_entropy(logits, labels):\n"
                "    top = logits.max()\n"
                "    log_sum = top + np.log(np.exp(logits - top).sum(axis=1))\n"
                "    return (log_sum - logits[np.arange(len(labels)), labels]).mean()",
                "the whole array was subtracted",
            ),
            "first_picture_only": (
                _entropy("for row, label in zip(log_p, labels):", "    return -row[label] / len(labels)"),
                "Only the first picture",
            ),
            "wrong_axis": (
                "def cross_entropy(logits, labels):\n"
                "    shifted = logits - logits.max(axis=0)\n"
                "    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))\n"
                "    return -log_p[np.arange(len(labels)), labels].mean()",
                "over the pictures",
            ),
            "log_of_logits": (
                "def cross_entropy(logits, labels):\n    return -np.log(logits[np.arange(len(labels)), labels]).mean()",
                "log of the logits",
            ),
            "log_of_zero": (
                "def cross_entropy(logits, labels):\n"
                "    powers = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
                "    p = powers / powers.sum(axis=1, keepdims=True)\n"
                "    return -np.log(p[np.arange(len(labels)), labels]).mean()",
                "log of 0",
            ),
            "small_number_added": (
                "def cross_entropy(logits, labels):\n"
                "    powers = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
                "    p = powers / powers.sum(axis=1, keepdims=True)\n"
                "    return -np.log(p[np.arange(len(labels)), labels] + 1e-7).mean()",
                "added before the logarithm",
            ),
            "overflow": (
                "def cross_entropy(logits, labels):\n"
                "    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)\n"
                "    return -np.log(p[np.arange(len(labels)), labels]).mean()",
                "np.exp(1200)",
            ),
            "sum_for_mean": (_entropy("return -log_p[rows, labels].sum()"), "Expected the mean"),
            "minus_forgotten": (_entropy("return log_p[rows, labels].mean()"), "minus in front"),
            "divided_by_classes": (_entropy("return -(np.eye(7)[labels] * log_p).mean()"), "seven times too small"),
            "softmax_forgotten": (
                "def cross_entropy(logits, labels):\n    return -logits[np.arange(len(labels)), labels].mean()",
                "Take log softmax first",
            ),
            "every_pair_averaged": (_entropy("return -log_p[:, labels].mean()"), "one number for each picture"),
            "most_likely_class": (_entropy("return -log_p.max(axis=1).mean()"), "whatever the label"),
            "losses_for_mean": (_entropy("return -log_p[rows, labels]"), "Expected a number"),
        },
    ),
    "2.6": Bank(
        right={
            "flatten": _MODEL,
            "functional": """
import keras
from keras import layers

def build_model():
    inputs = keras.Input((48, 48, 1))
    x = inputs
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    model = keras.Model(inputs, layers.Dense(7)(x))
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model
""",
            "subclass": """
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

def build_model():
    model = SmallCNN()
    model.compile(
        optimizer=keras.optimizers.SGD(0.05, momentum=0.9),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return model
""",
        },
        wrong={
            "relu_output": (_changed(_MODEL, "layers.Dense(7)", 'layers.Dense(7, activation="relu")'), "has a ReLU"),
            "scaled_twice": (
                _changed(
                    _changed(
                        _MODEL, "keras.Input((48, 48, 1)),", "keras.Input((48, 48, 1)), layers.Rescaling(1 / 255),"
                    ),
                    "layers.Flatten()",
                    "layers.GlobalAveragePooling2D()",
                ),
                "is there a `Rescaling`",
            ),
            "same_model": (
                _changed(_MODEL, "def build_model", "def make")
                + "\nmade = make()\n\ndef build_model():\n    return made\n",
                "the very same model",
            ),
            "no_channel": (_changed(_MODEL, "(48, 48, 1)", "(48, 48)"), "rows, columns and channels"),
            "softmax_output": (
                _changed(_MODEL, "layers.Dense(7)", 'layers.Dense(7, activation="softmax")'),
                "has a softmax",
            ),
            "loss_without_from_logits": (
                _changed(_MODEL, "from_logits=True", "from_logits=False"),
                "does not treat the outputs as logits",
            ),
            "loss_for_one_hot": (
                _changed(_MODEL, "SparseCategorical", "Categorical"),
                "Training on labels from 0 to 6 failed",
            ),
            "too_many_parameters": (
                _changed(_MODEL, "layers.Dense(7)", 'layers.Dense(256, activation="relu"), layers.Dense(7)'),
                "at most 100,000 parameters",
            ),
            "not_pooled": (_changed(_MODEL, "layers.Flatten(),", ""), "still rows and columns"),
            "one_output": (_changed(_MODEL, "layers.Dense(7)", "layers.Dense(1)"), "seven logits"),
            "three_channels": (_changed(_MODEL, "(48, 48, 1)", "(48, 48, 3)"), "does not take pictures"),
            "not_compiled": (
                _changed(_MODEL, "model.compile(", "dict("),
                "not compiled",
            ),
            "learning_rate_too_small": (_changed(_MODEL, "Adam(0.003)", "Adam(1e-7)"), "loss does not fall"),
            "learning_rate_too_large": (_changed(_MODEL, "Adam(0.003)", "SGD(1000.0)"), "loss does not fall"),
            "no_return": (_changed(_MODEL, "    return model\n", ""), "found None"),
            "model_for_function": (_MODEL + "\nbuild_model = build_model()\n", "already built"),
        },
        explained={
            "Another network: number, size and kind of the layers are the learner's choice, as long as it learns.": (
                "line 10: …",
                "line 11: …",
                "line 12: …",
                "line 13: …",
                "line 14: …",
            ),
            "Another optimizer or rate, as long as the loss falls.": (
                "line 20: optimizer=keras.optimizers.Adam(0.003) -> (left out)",
                "line 20: 0.003 -> …",
            ),
        },
    ),
    "2.7": Bank(
        right={
            "own_words": """
answer_2_7 = '''
Left of the turn the network finds things all faces share, so new faces profit as well. Right of it
there is nothing general left to find with these pictures, and it learns noise by heart: overfitting.
Early stopping on the validation curve would keep the weights from its lowest point. Dropout and more
varied training pictures would delay the turn. The test pictures stay in the drawer until the end.
'''
""",
            "list": """
answer_2_7 = (
    "- Before the turn: both go down, the model generalises. "
    "- After the turn: the gap opens, the model memorises its training pictures and is sure of wrong answers. "
    "- Keep: the epoch where validation loss is smallest, since validation pictures were not trained on. "
    "- Delay it with flips and shifts of the pictures, with weight decay, or with fewer filters."
)
""",
        },
        wrong={
            "too_short": ('answer_2_7 = "It is overfitting, so stop earlier."', "at least 40 words"),
            "not_a_text": ("answer_2_7 = ['overfitting', 'early stopping']", "Expected a text in quotes"),
            "repeated_words": (f"answer_2_7 = {'the loss rises ' * 15!r}", "different words"),
            "copied_notebook": (
                """
answer_2_7 = '''
Look at the two curves of the loss: the one of the training faces falls all the time, the one of the validation faces
falls at first and then rises again. What happens before the turn and after it? Which epoch would you keep, and why?
'''
""",
                "repeats the task",
            ),
            "copied_task": (
                """
answer_2_7 = '''
The loss on the training faces falls all the time, the loss on the validation faces falls
at first and then rises again. What happens before the turn and after it? Which epoch would you keep, and why?
I keep ten.
'''
""",
                "repeats the task",
            ),
            "copied_rubric": (
                """
answer_2_7 = '''
It says that both losses fall together while what is learned also holds for new pictures.
It calls the parting of the curves overfitting and explains it: single pictures are remembered.
It keeps the epoch with the lowest validation loss (or the highest validation accuracy, with a reason).
'''
""",
                "repeats the rubric",
            ),
        },
    ),
}
