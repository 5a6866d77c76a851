"""Question 2.3: the largest number of each 2 x 2 block.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "2.3",
    hints=(
        "Cut the picture into 2 x 2 blocks that do not overlap; keep the largest number of each.",
        "The block at (row, column) of the result is `image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]`. "
        "With 5 columns, the fifth belongs to no block.",
        "Two loops over H // 2 and W // 2 with `.max()` of the block; or `reshape(H // 2, 2, W // 2, 2)` and "
        "`.max(axis=(1, 3))`.",
    ),
    passed="Right: a quarter of the numbers is left, and a face moved by one pixel often gives the same ones.",
    wants_array=True,
)


@QUESTION.inputs
def maps(seed):
    """Feature maps with negative numbers: even sides, odd sides, and one of each; the last lies far below 0."""
    rng = np.random.default_rng(seed)
    even_sides, odd_sides = rng.normal(-1, 1, (6, 8)), rng.normal(-1, 1, (9, 5))
    even_sides[0, 0] = even_sides[-1, -1] = 4  # the very first and the very last number count
    odd_rows, odd_columns = rng.normal(-1, 1, (5, 8)), rng.normal(-50_000, 5_000, (4, 7))
    return [(even_sides,), (odd_sides,), (odd_rows,), (odd_columns,)]


def even(image):
    """The picture without an odd last line."""
    return image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]


def blocks(image):
    """(H // 2, 2, W // 2, 2): the four numbers of a block lie on the axes 1 and 3."""
    return even(image).reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2)


@style
def loop(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    result = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            result[i, j] = image[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].max()
    return result


@style
def four_slices(image):
    image = even(image)
    top = np.maximum(image[::2, ::2], image[::2, 1::2])
    return np.maximum(top, np.maximum(image[1::2, ::2], image[1::2, 1::2]))


@style
def windows(image):
    views = np.lib.stride_tricks.sliding_window_view(image, (2, 2))
    return views[::2, ::2].max(axis=(2, 3))


@style
def keras_ops(image):
    from keras import ops

    x = ops.convert_to_tensor(image[None, :, :, None], dtype="float32")
    return ops.max_pool(x, 2, strides=2, padding="valid")[0, :, :, 0]


@mistake("This is average pooling. Expected the largest of the four numbers, not their mean.")
def mean_for_max(image):
    return blocks(image).mean(axis=(1, 3))


@mistake("This is the smallest of the four numbers. Expected the largest.")
def min_for_max(image):
    return blocks(image).min(axis=(1, 3))


@mistake("The window moved by one, so the blocks overlap. Expected steps of two (stride 2), each number used once.")
def stride_one(image):
    return np.lib.stride_tricks.sliding_window_view(image, (2, 2)).max(axis=(2, 3))


PICKED = "Every second number was picked and the others thrown away. Expected the largest of each 2 x 2 block."


@mistake(PICKED)
def picked_not_pooled(image):
    return even(image)[::2, ::2].copy()


@mistake(PICKED, id="picked_not_pooled")
def picked_to_the_edge(image):
    return image[::2, ::2].copy()


@mistake(
    "`reshape` counts along the rows, so each block of yours holds four neighbours of one row. Reshape to (rows, 2, "
    "columns, 2) and take the largest over the axes 1 and 3."
)
def blocks_of_four_in_a_row(image):
    rows, columns = image.shape[0] // 2, image.shape[1] // 2
    return even(image).reshape(rows, columns, 2, 2).max(axis=(2, 3))


@mistake(
    "Blocks of negative numbers gave 0: the search for the largest started at 0. Start with the first number of the "
    "block, or with `-np.inf`."
)
def started_at_zero(image):
    return blocks(image).max(axis=(1, 3), initial=0)


@mistake(id="wrong_values", says="found -100")
def started_at_minus_100(image):
    return blocks(image).max(axis=(1, 3), initial=-100)


def filled_up(image, value):
    """The picture with a further line of `value` where a side is odd."""
    return np.pad(image, [(0, side % 2) for side in image.shape], constant_values=value)


@mistake(
    "With an odd number of rows or columns the last one was kept as a block of its own. Expected it to be left out, as "
    "Keras does."
)
def odd_edge_kept(image):
    return loop(filled_up(image, -np.inf))


@mistake(
    "With an odd number of rows or columns zeros were added, and the last one was kept. Expected it to be left out, as "
    "Keras does.",
    id="odd_edge_kept",
)
def odd_edge_kept_with_zeros(image):
    return loop(filled_up(image, 0))


@mistake("With an odd number of rows or columns the first one was left out. Expected the last one to be left out.")
def first_line_left_out(image):
    return loop(image[image.shape[0] % 2 :, image.shape[1] % 2 :])


@mistake(
    "The blocks overlap: the next one begins one place further, not two. The block of row i of the result begins at "
    "row 2 * i of the picture."
)
def blocks_overlap(image):
    return stride_one(image)[: image.shape[0] // 2, : image.shape[1] // 2]


@mistake(
    "Numbers that lie half a picture apart were compared. In `reshape`, the 2 stands behind the number of rows and "
    "behind the number of columns: (H // 2, 2, W // 2, 2)."
)
def two_in_front(image):
    return even(image).reshape(2, image.shape[0] // 2, 2, image.shape[1] // 2).max(axis=(0, 2))


@mistake(id="wrong_values", says="at position [0, 0]")
def random_array(image):
    return np.random.random((image.shape[0] // 2, image.shape[1] // 2))  # noqa: NPY002
