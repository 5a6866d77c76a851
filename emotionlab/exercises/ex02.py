"""Exercise 02, a CNN from scratch: count parameters, convolve, pool, softmax, cross-entropy, build, read a curve."""

import re

import numpy as np

from emotionlab.exercises.bank02 import BANK
from emotionlab.exercises.capture import describe_error, short
from emotionlab.exercises.compare import Mistake, call_each, compare, matches
from emotionlab.exercises.engine import Question, Wrong
from emotionlab.exercises.written import written_question

TITLE = "A CNN from scratch"


# 2.2 ------------------------------------------------------------------------------------------


def _pictures_and_kernels(seed: int) -> list[tuple]:
    """Pictures and kernels without any symmetry, neither square."""
    rng = np.random.default_rng(seed)
    sizes = (((8, 11), (3, 5)), ((9, 7), (5, 3)))
    return [(rng.normal(1, 2, image), rng.normal(0, 1, kernel)) for image, kernel in sizes]


def _convolve(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)


def _padded(image, kernel, mode):
    sides = [(side // 2, side // 2) for side in kernel.shape]
    return _convolve(np.pad(image, sides, mode=mode), kernel)


def _filled(part, shape):
    """Zeros of that shape, with `part` in the corner at the top left."""
    result = np.zeros(shape)
    result[: part.shape[0], : part.shape[1]] = part
    return result


Q2 = Question(
    id="2.2",
    title="Convolve by hand",
    points=3,
    answer="convolve",
    source='''
def convolve(image, kernel):
    """Slide `kernel` (h, w) over `image` (H, W) as Keras does: result (H - h + 1, W - w + 1)."""
    ### BEGIN SOLUTION
    h, w = kernel.shape
    result = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = np.sum(image[row : row + h, column : column + w] * kernel)
    return result
    ### END SOLUTION
''',
    inputs=_pictures_and_kernels,
    observe=call_each,
    judge=compare(
        _pictures_and_kernels,
        _convolve,
        (
            Mistake(
                "flipped_kernel",
                "The kernel was turned by 180 degrees. That is the convolution of mathematics (and of "
                "`scipy.signal.convolve2d`); deep learning slides the kernel as it is.",
                lambda image, kernel: _convolve(image, kernel[::-1, ::-1]),
            ),
            Mistake(
                "last_position_missing",
                "The result is one row and one column too small: the kernel also fits at the very last place. "
                "There are H - h + 1 positions, not H - h.",
                lambda image, kernel: _convolve(image, kernel)[:-1, :-1],
            ),
            Mistake(
                "padded_with_zeros",
                "The result is as large as the picture: zeros were put round it (`same`). Expected only the places "
                "where the whole kernel fits (`valid`).",
                lambda image, kernel: _padded(image, kernel, "constant"),
            ),
            Mistake(
                "padded_with_edge",
                "The result is as large as the picture: its edge was repeated outwards. Expected only the places "
                "where the whole kernel fits (`valid`).",
                lambda image, kernel: _padded(image, kernel, "edge"),
            ),
            Mistake(
                "transposed_result",
                "Rows and columns of the result are exchanged. The first axis counts rows, from top to bottom.",
                lambda image, kernel: _convolve(image, kernel).T,
            ),
            Mistake(
                "transposed_kernel",
                "The kernel was transposed: its rows were used as columns.",
                lambda image, kernel: _convolve(image, kernel.T),
            ),
            Mistake(
                "mean_for_sum",
                "The products were averaged. Expected their sum.",
                lambda image, kernel: _convolve(image, kernel) / kernel.size,
            ),
            Mistake(
                "loop_too_short",
                "The last row and the last column are still 0: the loops stop one step too early. The kernel fits at "
                "H - h + 1 rows and W - w + 1 columns.",
                lambda image, kernel: _filled(_convolve(image, kernel)[:-1, :-1], _convolve(image, kernel).shape),
            ),
            *(
                Mistake(
                    "returned_in_the_loop",
                    "Only the beginning of the result is filled. Does the `return` stand inside a loop? Move it to the "
                    "left, behind both loops.",
                    lambda image, kernel, part=part: _filled(
                        _convolve(image, kernel)[part], _convolve(image, kernel).shape
                    ),
                )
                for part in ((slice(1),), (slice(1), slice(1)))
            ),
            Mistake(
                "as_large_as_the_picture",
                "The numbers are right, but the array is as large as the picture, with zeros at the end. Make it "
                "(H - h + 1, W - w + 1).",
                lambda image, kernel: _filled(_convolve(image, kernel), image.shape),
            ),
            Mistake(
                "decimals_cut",
                "The decimals are cut off, because your array holds whole numbers. `np.zeros(shape)` without `int` "
                "keeps them.",
                lambda image, kernel: _convolve(image, kernel).astype(int),
            ),
        ),
    ),
    hints=(
        "Lay the kernel on the top left corner of the picture. Multiply what lies on top of each other, add it all "
        "up: that is the first number. Then move one to the right.",
        "With `h, w = kernel.shape`, the window at (row, column) is "
        "`image[row : row + h, column : column + w]`. How many rows fit?",
        "Make `np.zeros((H - h + 1, W - w + 1))`, loop over its rows and columns, and store "
        "`np.sum(window * kernel)` at each place.",
    ),
    passed="Right. Mathematicians call this cross-correlation; every deep-learning library calls it convolution.",
    bank=BANK["2.2"],
)


# 2.3 ------------------------------------------------------------------------------------------


def _maps(seed: int) -> list[tuple]:
    """Feature maps with negative numbers: one with even sides, one with odd sides."""
    rng = np.random.default_rng(seed)
    return [(rng.normal(-1, 1, (6, 8)),), (rng.normal(-1, 1, (9, 5)),)]


def _blocks(image):
    """(H // 2, W // 2, 4): the four numbers of each 2 x 2 block."""
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    even = image[: 2 * rows, : 2 * columns]
    return even.reshape(rows, 2, columns, 2).transpose(0, 2, 1, 3).reshape(rows, columns, 4)


def _pool(image):
    return _blocks(image).max(axis=2)


def _four_in_a_row(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * rows, : 2 * columns].reshape(rows, columns, 2, 2).max(axis=(2, 3))


def _padded_pool(image, value=-np.inf):
    sides = [(0, side % 2) for side in image.shape]
    return _pool(np.pad(image, sides, constant_values=value))


def _every_window(image):
    return np.lib.stride_tricks.sliding_window_view(image, (2, 2)).max(axis=(2, 3))


def _far_apart(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return image[: 2 * rows, : 2 * columns].reshape(2, rows, 2, columns).max(axis=(0, 2))


Q3 = Question(
    id="2.3",
    title="Max pooling by hand",
    points=2,
    answer="max_pool",
    source='''
def max_pool(image):
    """The largest number of each 2 x 2 block: (H, W) becomes (H // 2, W // 2); an odd last line is left out."""
    ### BEGIN SOLUTION
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    blocks = image[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
    return blocks.max(axis=(1, 3))
    ### END SOLUTION
''',
    inputs=_maps,
    observe=call_each,
    judge=compare(
        _maps,
        _pool,
        (
            Mistake(
                "mean_for_max",
                "This is average pooling. Expected the largest of the four numbers, not their mean.",
                lambda image: _blocks(image).mean(axis=2),
            ),
            Mistake(
                "min_for_max",
                "This is the smallest of the four numbers. Expected the largest.",
                lambda image: _blocks(image).min(axis=2),
            ),
            Mistake(
                "stride_one",
                "The window moved by one, so the blocks overlap. Expected steps of two (stride 2), each number used "
                "once.",
                _every_window,
            ),
            Mistake(
                "picked_not_pooled",
                "Every second number was picked and the others thrown away. Expected the largest of each 2 x 2 block.",
                lambda image: image[0 : image.shape[0] // 2 * 2 : 2, 0 : image.shape[1] // 2 * 2 : 2],
            ),
            Mistake(
                "picked_not_pooled",
                "Every second number was picked and the others thrown away. Expected the largest of each 2 x 2 block.",
                lambda image: image[::2, ::2],
            ),
            Mistake(
                "blocks_of_four_in_a_row",
                "`reshape` counts along the rows, so each block of yours holds four neighbours of one row. Reshape to "
                "(rows, 2, columns, 2) and take the largest over the axes 1 and 3.",
                _four_in_a_row,
            ),
            Mistake(
                "started_at_zero",
                "Blocks of negative numbers gave 0: the search for the largest started at 0. Start with the first "
                "number of the block, or with `-np.inf`.",
                lambda image: np.maximum(_pool(image), 0),
            ),
            Mistake(
                "odd_edge_kept",
                "With an odd number of rows or columns the last one was kept as a block of its own. Expected it to be "
                "left out, as Keras does.",
                _padded_pool,
            ),
            Mistake(
                "odd_edge_kept",
                "With an odd number of rows or columns zeros were added, and the last one was kept. Expected it to be "
                "left out, as Keras does.",
                lambda image: _padded_pool(image, 0),
            ),
            Mistake(
                "first_line_left_out",
                "With an odd number of rows or columns the first one was left out. Expected the last one to be left "
                "out.",
                lambda image: _pool(image[image.shape[0] % 2 :, image.shape[1] % 2 :]),
            ),
            Mistake(
                "blocks_overlap",
                "The blocks overlap: the next one begins one place further, not two. The block of row i of the result "
                "begins at row 2 * i of the picture.",
                lambda image: _every_window(image)[: image.shape[0] // 2, : image.shape[1] // 2],
            ),
            Mistake(
                "two_in_front",
                "Numbers that lie half a picture apart were compared. In `reshape`, the 2 stands behind the number "
                "of rows and behind the number of columns: (H // 2, 2, W // 2, 2).",
                _far_apart,
            ),
        ),
    ),
    hints=(
        "Cut the picture into 2 x 2 blocks that do not overlap; keep the largest number of each.",
        "The block at (row, column) of the result is `image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]`. "
        "With 5 columns, the fifth belongs to no block.",
        "Two loops over H // 2 and W // 2 with `.max()` of the block; or `reshape(H // 2, 2, W // 2, 2)` and "
        "`.max(axis=(1, 3))`.",
    ),
    passed="Right: a quarter of the numbers is left, and a face moved by one pixel often gives the same ones.",
    bank=BANK["2.3"],
)


# 2.4 ------------------------------------------------------------------------------------------


def _logits(seed: int) -> list[tuple]:
    """Ordinary logits, huge ones of both signs (in the last row side by side), and a stack with three axes."""
    rng = np.random.default_rng(seed)
    huge = rng.normal(0, 2, (4, 5)) + np.array([[1000.0], [0.0], [-1000.0], [0.0]])
    huge[3, :2] = 1000.0, -1000.0
    return [(rng.normal(0, 2, (4, 7)),), (huge,), (rng.normal(0, 2, (2, 3, 5)),)]


def _exp_share(logits, axis=-1, shift_axis=-1):
    """Softmax over `axis`; `shift_axis` says over which axis the maximum is subtracted first ("no": not at all)."""
    shift = 0.0 if shift_axis == "no" else logits.max(axis=shift_axis, keepdims=True)
    with np.errstate(all="ignore"):
        powers = np.exp(logits - shift)
        return powers / powers.sum(axis=axis, keepdims=True)


def _one_hot_of_largest(logits):
    return np.eye(logits.shape[-1])[logits.argmax(axis=-1)]


_WRONG_AXIS = (
    "The sum runs over the wrong axis: the numbers of one picture do not add up to 1. Each picture has its logits on "
    "the last axis, so sum over `axis=-1`."
)


def _judge_softmax(observed: dict) -> Wrong | None:
    wrong = _compare_softmax(observed)
    if wrong is None or wrong.misconception not in ("wrong_values", "not_finite"):
        return wrong
    small = [0, 2]  # the cases without huge logits
    cases = _logits(observed["seed"])
    if not all(matches(observed["returned"][i], _exp_share(*cases[i])) for i in small):
        return wrong
    return Wrong(
        "Right for small logits, wrong for logits of 1000 or -1000. Subtract the largest logit of each row before "
        "`np.exp`: the probabilities stay as they are, and no power is above 1.",
        "small_logits_only",
    )


_compare_softmax = compare(
    _logits,
    _exp_share,
    (
        Mistake(
            "overflow",
            "Right for small logits, but `np.exp(1000)` is infinite and gives NaN (not a number). Subtract the "
            "largest logit of each row first: the result is the same and nothing overflows.",
            lambda logits: _exp_share(logits, -1, "no"),
        ),
        Mistake("wrong_axis", _WRONG_AXIS, lambda logits: _exp_share(logits, 0, 0)),
        Mistake("wrong_axis", _WRONG_AXIS, lambda logits: _exp_share(logits, 0, "no")),
        Mistake("wrong_axis", _WRONG_AXIS, lambda logits: _exp_share(logits, 0, -1)),
        Mistake("wrong_axis", _WRONG_AXIS, lambda logits: _exp_share(logits, 1, 1)),
        Mistake("wrong_axis", _WRONG_AXIS, lambda logits: _exp_share(logits, 1, -1)),
        Mistake(
            "sum_over_everything",
            "All numbers together add up to 1. Expected 1 for each row: sum over the last axis alone, with "
            "`keepdims=True`.",
            lambda logits: _exp_share(logits, None, None),
        ),
        Mistake(
            "sum_over_everything",
            "All numbers together add up to 1. Expected 1 for each row: sum over the last axis alone, with "
            "`keepdims=True`. Then think of logits of 1000.",
            lambda logits: _exp_share(logits, None, "no"),
        ),
        Mistake(
            "one_maximum_for_all",
            "The largest number of the whole array was subtracted, so a row far below it became 0 / 0. "
            "Subtract the largest logit of each row.",
            lambda logits: _exp_share(logits, -1, None),
        ),
        Mistake(
            "one_for_the_largest",
            "This gives 1 to the largest logit and 0 to all others. Softmax keeps how sure the network is.",
            _one_hot_of_largest,
        ),
        Mistake(
            "exponential_forgotten",
            "The logits themselves were divided by their sum, which can be negative or 0. Take `np.exp` first.",
            lambda logits: logits / logits.sum(axis=-1, keepdims=True),
        ),
        Mistake(
            "not_divided",
            "The rows do not add up to 1: divide the powers by their sum over the last axis.",
            lambda logits: np.exp(logits - logits.max(axis=-1, keepdims=True)),
        ),
        Mistake(
            "not_divided",
            "The rows do not add up to 1: divide the powers by their sum over the last axis.",
            np.exp,
        ),
        Mistake(
            "divided_by_the_largest",
            "The logits were divided by the largest one, which changes the probabilities. Subtract it instead: "
            "only the difference between two logits counts.",
            lambda logits: _exp_share(logits / logits.max(axis=-1, keepdims=True)),
        ),
        Mistake(
            "class_for_probabilities",
            "These are the most likely classes. Expected all the probabilities, in the same shape as the logits.",
            lambda logits: logits.argmax(axis=-1),
        ),
    ),
)

Q4 = Question(
    id="2.4",
    title="Softmax that does not overflow",
    points=2,
    answer="softmax",
    source='''
def softmax(logits):
    """Probabilities over the last axis, of the same shape as `logits`; also for logits of 1000 or -1000."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION
''',
    inputs=_logits,
    observe=call_each,
    judge=_judge_softmax,
    hints=(
        "Take `np.exp` of each logit, divide by the sum over one picture. Then try it with a logit of 1000.",
        "`exp(a - m) / sum(exp(b - m))` is the same for every m. Which m keeps all powers at 1 or below? "
        "`keepdims=True` keeps the axis, so that the shapes fit.",
        "`shifted = logits - logits.max(axis=-1, keepdims=True)`, then `np.exp(shifted)` divided by its sum over "
        "`axis=-1` with `keepdims=True`.",
    ),
    passed="Right, for small and for huge logits. This is what `keras.ops.softmax` does inside.",
    bank=BANK["2.4"],
)


# 2.5 ------------------------------------------------------------------------------------------


def _logits_and_labels(seed: int) -> list[tuple]:
    """Ordinary logits, and huge ones where the right class has almost no probability."""
    rng = np.random.default_rng(seed)
    huge = rng.normal(0, 1, (5, 7))
    huge[0, 2], huge[1, 0] = 1200.0, 900.0  # once on a wrong class, once on the right one
    return [
        (rng.normal(0, 2, (9, 7)), rng.integers(0, 7, 9)),
        (huge, np.array([4, 0, 1, 2, 5])),
    ]


def _log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _losses(logits, labels):
    return -_log_softmax(logits)[np.arange(len(labels)), labels]


def _cross_entropy(logits, labels):
    return float(_losses(logits, labels).mean())


def _log_of_softmax(logits, labels, small=0.0):
    """Mean of -log(probability + small), with a probability of 0 where it is too small for a float."""
    with np.errstate(divide="ignore"):
        return float(-np.log(_exp_share(logits)[np.arange(len(labels)), labels] + small).mean())


def _with_one_maximum(logits, labels):
    top = logits.max()
    with np.errstate(divide="ignore"):
        log_sum = top + np.log(np.exp(logits - top).sum(axis=-1))
    return float((log_sum - logits[np.arange(len(labels)), labels]).mean())


def _taken_by_tensorflow(logits, labels):
    """What `SparseCategoricalCrossentropy()` makes of logits on TensorFlow: it takes them for probabilities."""
    return _cross_entropy(np.log(np.clip(logits, 1e-7, 1 - 1e-7)), labels)


def _taken_by_jax(logits, labels):
    shares = np.clip(logits / logits.sum(axis=-1, keepdims=True), 1e-7, 1 - 1e-7)
    return float(-np.log(shares[np.arange(len(labels)), labels]).mean())


Q5 = Question(
    id="2.5",
    title="Cross-entropy from logits",
    points=2,
    answer="cross_entropy",
    source='''
def cross_entropy(logits, labels):
    """Mean over the pictures of -log(probability of the right class). logits (N, 7), labels (N,) of 0..6."""
    ### BEGIN SOLUTION
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probability = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -log_probability[np.arange(len(labels)), labels].mean()
    ### END SOLUTION
''',
    inputs=_logits_and_labels,
    observe=call_each,
    judge=compare(
        _logits_and_labels,
        _cross_entropy,
        (
            Mistake(
                "log_of_zero",
                "Right for small logits, infinite for large ones: `np.exp(1200)` is infinite, and the log of 0, a "
                "probability too small for a float, is minus infinity. Subtract the largest logit of each row, and "
                "stay with logs: log softmax is `shifted - np.log(np.exp(shifted).sum(...))`.",
                _log_of_softmax,
            ),
            Mistake(
                "overflow",
                "Right for small logits, NaN (not a number) for large ones: `np.exp(1200)` is infinite. Subtract the "
                "largest logit of each row first.",
                lambda logits, labels: float(
                    -np.log(_exp_share(logits, -1, "no")[np.arange(len(labels)), labels]).mean()
                ),
            ),
            *(
                Mistake(
                    "small_number_added",
                    "Right for small logits, far too small a loss for large ones: a number such as 1e-9 was added "
                    "before the logarithm, which hides how wrong the network is. Stay with logs: log softmax is "
                    "`shifted - np.log(np.exp(shifted).sum(...))`.",
                    lambda *case, small=10.0**-power: _log_of_softmax(*case, small),
                )
                for power in range(5, 17)
            ),
            Mistake(
                "sum_for_mean",
                "This is the sum over the pictures. Expected the mean, so that the loss does not grow with the batch.",
                lambda logits, labels: float(_losses(logits, labels).sum()),
            ),
            Mistake(
                "minus_forgotten",
                "The sign is wrong: a log of a probability is negative, a loss is not. Put a minus in front.",
                lambda logits, labels: -_cross_entropy(logits, labels),
            ),
            Mistake(
                "divided_by_classes",
                "The loss is seven times too small: the mean also ran over the zeros of the other classes. Sum over "
                "the classes, then take the mean over the pictures.",
                lambda logits, labels: _cross_entropy(logits, labels) / logits.shape[1],
            ),
            Mistake(
                "softmax_forgotten",
                "The logits of the right classes were averaged as if they were log-probabilities. Take log softmax "
                "first.",
                lambda logits, labels: float(-logits[np.arange(len(labels)), labels].mean()),
            ),
            Mistake(
                "every_pair_averaged",
                "`logits[:, labels]` takes all labels for every picture. Expected one number for each picture: "
                "`logits[np.arange(len(labels)), labels]`.",
                lambda logits, labels: float(-_log_softmax(logits)[:, labels].mean()),
            ),
            Mistake(
                "most_likely_class",
                "This is the loss of the most likely class, whatever the label. Expected that of the right class.",
                lambda logits, labels: float(-_log_softmax(logits).max(axis=1).mean()),
            ),
            Mistake(
                "all_classes_averaged",
                "This is a mean over all classes, and the labels have no say in it. Pick the right class of each "
                "picture: `values[np.arange(len(labels)), labels]`.",
                lambda logits, labels: float(-_log_softmax(logits).mean()),
            ),
            Mistake(
                "largest_not_added_back",
                "The largest logit was subtracted before `np.exp` and not added back: log of the sum is "
                "`top + np.log(np.exp(logits - top).sum(...))`.",
                lambda logits, labels: float((_losses(logits, labels) - logits.max(axis=-1)).mean()),
            ),
            Mistake(
                "one_maximum_for_all",
                "The largest number of the whole array was subtracted, so the powers of a row far below it are all 0. "
                "Subtract the largest logit of each row.",
                _with_one_maximum,
            ),
            Mistake(
                "first_picture_only",
                "Only the first picture was counted. Does the `return` stand inside the loop?",
                lambda logits, labels: float(_losses(logits, labels)[0] / len(labels)),
            ),
            Mistake(
                "wrong_axis",
                "Softmax was taken over the pictures (axis 0). The classes of one picture lie on the last axis.",
                lambda logits, labels: float(-_log_softmax(logits.T).T[np.arange(len(labels)), labels].mean()),
            ),
            Mistake(
                "log_of_logits",
                "This is the log of the logits themselves, which can be negative. Take softmax first.",
                lambda logits, labels: float(-np.log(logits[np.arange(len(labels)), labels]).mean()),
            ),
            *(
                Mistake(
                    "from_logits_forgotten",
                    "Keras took the logits for probabilities: `from_logits=True` is missing.",
                    taken,
                )
                for taken in (_taken_by_tensorflow, _taken_by_jax)
            ),
        ),
    ),
    hints=(
        "For each picture: the probability that softmax gives to its right class, the log of it, a minus in front. "
        "Then the mean.",
        "The log of softmax needs no division: `shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))`. "
        "`values[np.arange(len(labels)), labels]` picks one number from each row.",
        "`return -log_probability[np.arange(len(labels)), labels].mean()`",
    ),
    passed="Right. It is what `SparseCategoricalCrossentropy(from_logits=True)` computes.",
    bank=BANK["2.5"],
)


# 2.6 ------------------------------------------------------------------------------------------

BUDGET = 100_000
STEPS = 60
_FALL = 0.95  # the loss at the end, as a share of the loss at the start, must be below this


def _striped_pictures(seed: int) -> dict:
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


def _observe_model(build_model, inputs: dict) -> dict:
    """Build a model with the learner's function, call it, train it for 60 steps on one batch."""
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
    observed |= _try("forward_error", lambda: _forward(model, inputs))
    if model.compiled and "forward_error" not in observed:
        observed |= _try("training_error", lambda: _train(model, inputs))
    return observed | {"same_model": build_model() is model}


def _try(name: str, step) -> dict:
    """What `step()` records, or {name: the error}. Keras raises many kinds of exception here."""
    try:
        return step()
    except Exception as error:
        return {name: describe_error(error)}


def _forward(model, inputs: dict) -> dict:
    from keras import ops

    outputs = ops.convert_to_numpy(model(inputs["pictures"], training=False))
    return {
        "outputs": np.array(outputs) if outputs.size < 100_000 else np.zeros(0),
        "output_shape": list(outputs.shape),
        "parameters": int(model.count_params()),
    }


def _train(model, inputs: dict) -> dict:
    pictures, labels = inputs["pictures"], inputs["labels"]
    own_loss = _loss_of(model.test_on_batch(pictures, labels)) - sum(float(loss) for loss in model.losses)
    return {
        "own_loss": own_loss,
        "losses": [_loss_of(model.train_on_batch(pictures, labels)) for _ in range(STEPS)],
    }


def _loss_of(logs) -> float:
    """Keras returns the loss alone, or the loss and then the metrics."""
    return float(np.ravel(np.asarray(logs, dtype="float64"))[0])


def _judge_model(observed: dict) -> Wrong | None:
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
            "The model does not take pictures of shape (32, 48, 48, 1): " + _first_line(observed["forward_error"]),
            "wrong_input_shape",
            "Begin with `keras.Input((48, 48, 1))`: height, width and one channel, without the batch.",
        )
    wrong = _shape_problem(observed) or _output_problem(observed)
    if wrong is None and observed["same_model"]:
        wrong = Wrong(
            "Two calls gave the very same model, and the second would go on from what the first has learned. Expected "
            "a new model from each call.",
            "same_model",
            "Build and compile the model inside the function.",
        )
    return wrong or _training_problem(observed)


def _first_line(error: dict) -> str:
    """The name of an error and the first line of it that says something."""
    lines = [re.sub(r"\x1b\[\d*m", "", line).strip() for line in error["words"].splitlines()]
    telling = [line for line in lines if line and not line.startswith("Exception encountered when calling")]
    return f"{error['name']}: {telling[0] if telling else ''}"


def _shape_problem(observed: dict) -> Wrong | None:
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


def _output_problem(observed: dict) -> Wrong | None:
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
    if not observed["compiled"]:
        return Wrong(
            "The model is not compiled, so it has no loss.",
            "not_compiled",
            "Call `model.compile(optimizer=..., loss=...)` before `return model`.",
        )
    if "training_error" in observed:
        return Wrong(
            "Training on labels from 0 to 6 failed: " + _first_line(observed["training_error"]),
            "loss_for_one_hot",
            "Labels are whole numbers here: `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    return None


def _training_problem(observed: dict) -> Wrong | None:
    labels = _striped_pictures(observed["seed"])["labels"]
    expected = _cross_entropy(observed["outputs"].astype("float64"), labels)
    if not np.isclose(observed["own_loss"], expected, rtol=0.03, atol=0.02):
        return Wrong(
            f"The cross-entropy of your logits is {expected:.3f}, your model's own loss says "
            f"{observed['own_loss']:.3f}. It does not treat the outputs as logits.",
            "loss_without_from_logits",
            "Use `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`.",
        )
    start, end = observed["losses"][0], np.mean(observed["losses"][-10:])
    if end > _FALL * start and 0 < np.abs(observed["outputs"]).max() < 0.02:
        return Wrong(
            f"The loss does not fall: {short(start)} at the start, {short(end)} after {STEPS} steps. The logits of all "
            "pictures are almost 0, as if the pictures were black. They are in 0..1 already: is there a `Rescaling`?",
            "scaled_twice",
            "Leave out `Rescaling(1 / 255)` and `/ 255`.",
        )
    if not np.isfinite(end) or end > _FALL * start:
        return Wrong(
            f"The loss does not fall: {short(start)} at the start, {short(end)} after {STEPS} steps on the same 32 "
            "pictures.",
            "loss_does_not_fall",
            "Try Adam with a learning rate of 0.001 to 0.003. Far too large jumps about, far too small stands still.",
        )
    return None


Q6 = Question(
    id="2.6",
    title="Design a small CNN",
    points=4,
    answer="build_model",
    source='''
import keras
from keras import layers


def build_model():
    """A new, compiled Keras model: (N, 48, 48, 1) in 0..1 to (N, 7) logits, at most 100,000 parameters."""
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(7),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss, metrics=["accuracy"])
    return model
    ### END SOLUTION
''',
    inputs=_striped_pictures,
    observe=_observe_model,
    judge=_judge_model,
    hints=(
        "Begin with `keras.Input((48, 48, 1))`. Repeat convolution and pooling two or three times, then bring it down "
        "to seven numbers.",
        "`GlobalAveragePooling2D` turns the last feature maps into one number each, at no cost. The last layer is "
        "`Dense(7)` without an activation. The loss must know that: `from_logits=True`.",
        "Conv2D(16, 3), MaxPooling2D, Conv2D(32, 3), MaxPooling2D, Conv2D(64, 3), GlobalAveragePooling2D, Dense(7); "
        "Adam(0.003); `keras.losses.SparseCategoricalCrossentropy(from_logits=True)`; `return model`.",
    ),
    passed="Right: the shapes fit, the budget holds and the loss falls. Now train it on faces in the cell below.",
    bank=BANK["2.6"],
)


# 2.7 ------------------------------------------------------------------------------------------

Q7 = written_question(
    id="2.7",
    title="Read a learning curve",
    points=3,
    answer="answer_2_7",
    source='''
### BEGIN SOLUTION
answer_2_7 = """
At first both losses fall together: what is learned on the training faces also holds for new ones.
Then the paths part. The training loss goes on falling, the validation loss turns and rises: the
network begins to remember single pictures, which is called overfitting. I would keep the weights of
the epoch with the lowest validation loss, and I would not look at the test set to choose it. More
faces, or changed copies of them (augmentation), or a smaller network would move the turn further out.
"""
### END SOLUTION
''',
    task="""
Run the cell below: it trains a network on far too few faces. Look at the two curves of the loss: the one of the
training faces falls all the time, the one of the validation faces falls at first and then rises again. What happens
before the turn and after it? Which epoch would you keep, and why? Name two things that could move the turn further out.
""",
    hints=(
        "Cover the right half of the plot with your hand. What do the two curves say? Then take the hand away.",
        "One curve is about pictures that the network has seen many times, the other about pictures it has never "
        "trained on. Which of the two tells how it will do on your own photo?",
        "Write one sentence each: what falls together, what parts and why (it has a name), which epoch to keep and "
        "which data to choose it with, two remedies.",
    ),
    rubric=(
        "Says that both losses fall together while what is learned also holds for new pictures.",
        "Calls the parting of the curves overfitting and explains it: single pictures are remembered.",
        "Keeps the epoch with the lowest validation loss (or the highest validation accuracy, with a reason), and does "
        "not choose with the test set.",
        "Names two remedies, such as more data, augmentation, dropout, weight decay or a smaller network.",
    ),
    bank=BANK["2.7"],
)

QUESTIONS = (Q2, Q3, Q4, Q5, Q6, Q7)
