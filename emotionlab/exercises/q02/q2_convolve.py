"""Question 2.2: slide a kernel over a picture.

Title, points, task and model solution: solutions/02_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.kit import function_question, mistake, mistake_cell, style

QUESTION = function_question(
    "2.2",
    hints=(
        "Lay the kernel on the top left corner of the picture. Multiply what lies on top of each other, add it all "
        "up: that is the first number. Then move one to the right.",
        "With `h, w = kernel.shape`, the window at (row, column) is "
        "`image[row : row + h, column : column + w]`. How many rows fit?",
        "Make `np.zeros((H - h + 1, W - w + 1))`, loop over its rows and columns, and store "
        "`np.sum(window * kernel)` at each place.",
    ),
    passed="Right. Mathematicians call this cross-correlation; every deep-learning library calls it convolution.",
    wants_array=True,
)


@QUESTION.inputs
def pictures_and_kernels(seed):
    """Pictures and kernels without any symmetry, neither square; then a picture and a kernel of whole numbers."""
    rng = np.random.default_rng(seed)
    sizes = (((8, 11), (3, 5)), ((9, 7), (5, 3)))
    cases = [(rng.normal(1, 2, image), rng.normal(0, 1, kernel)) for image, kernel in sizes]
    whole_picture = rng.integers(0, 256, (7, 6)).astype("uint8"), rng.normal(0, 1, (2, 3))
    whole_kernel = rng.normal(1, 2, (6, 7)), rng.integers(-9, 10, (3, 2))
    return [*cases, whole_picture, whole_kernel]


@style
def windows(image, kernel):
    views = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (views * kernel).sum(axis=(2, 3))


@style
def shift_and_add(image, kernel):
    h, w = kernel.shape
    rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
    result = 0
    for i in range(h):
        for j in range(w):
            result = result + kernel[i, j] * image[i : i + rows, j : j + columns]
    return result


@style
def scipy(image, kernel):
    from scipy.signal import correlate2d

    return correlate2d(image, kernel, mode="valid")


@style
def keras_ops(image, kernel):
    from keras import ops

    x = ops.convert_to_tensor(image[None, :, :, None], dtype="float32")
    k = ops.convert_to_tensor(kernel[:, :, None, None], dtype="float32")
    return ops.conv(x, k, padding="valid")[0, :, :, 0]


@mistake(
    "The kernel was turned by 180 degrees. That is the convolution of mathematics (and of `scipy.signal.convolve2d`); "
    "deep learning slides the kernel as it is."
)
def flipped_kernel(image, kernel):
    return windows(image, kernel[::-1, ::-1])


@mistake(
    "The result is one row and one column too small: the kernel also fits at the very last place. There are H - h + 1 "
    "positions, not H - h."
)
def last_position_missing(image, kernel):
    return windows(image, kernel)[:-1, :-1]


def padded(image, kernel, mode):
    sides = [(side // 2, side // 2) for side in kernel.shape]
    return windows(np.pad(image, sides, mode=mode), kernel)


@mistake(
    "The result is as large as the picture: zeros were put round it (`same`). Expected only the places where the whole "
    "kernel fits (`valid`)."
)
def padded_with_zeros(image, kernel):
    return padded(image, kernel, "constant")


@mistake(
    "The result is as large as the picture: its edge was repeated outwards. Expected only the places where the whole "
    "kernel fits (`valid`)."
)
def padded_with_edge(image, kernel):
    return padded(image, kernel, "edge")


@mistake("Rows and columns of the result are exchanged. The first axis counts rows, from top to bottom.")
def transposed_result(image, kernel):
    return windows(image, kernel).T


@mistake("The kernel was transposed: its rows were used as columns.")
def transposed_kernel(image, kernel):
    return windows(image, kernel.T)


@mistake("The products were averaged. Expected their sum.")
def mean_for_sum(image, kernel):
    return windows(image, kernel) / kernel.size


@mistake(
    "The last row and the last column are still 0: the loops stop one step too early. The kernel fits at H - h + 1 "
    "rows and W - w + 1 columns."
)
def loop_too_short(image, kernel):
    result = windows(image, kernel)
    result[-1], result[:, -1] = 0, 0
    return result


RETURN_IN_LOOP = (
    "Only the beginning of the result is filled. Does the `return` stand inside a loop? Move it to the left, behind "
    "both loops."
)


@mistake(RETURN_IN_LOOP)
def returned_in_the_loop(image, kernel):
    result = windows(image, kernel)
    result[1:] = 0
    return result


@mistake(RETURN_IN_LOOP, id="returned_in_the_loop")
def returned_in_the_inner_loop(image, kernel):
    result = windows(image, kernel)
    result[1:], result[:, 1:] = 0, 0
    return result


@mistake(
    "The numbers are right, but the array is as large as the picture, with zeros at the end. Make it (H - h + 1, "
    "W - w + 1)."
)
def as_large_as_the_picture(image, kernel):
    result, part = np.zeros(image.shape), windows(image, kernel)
    result[: part.shape[0], : part.shape[1]] = part
    return result


@mistake(
    "The decimals are cut off, because your array holds whole numbers. `np.zeros(shape)` without `int` keeps them."
)
def decimals_cut(image, kernel):
    return windows(image, kernel).astype(int)


@mistake(says="changed the array it was given")
def changed_input(image, kernel):
    result = windows(image, kernel)
    image[0] = 0
    return result


not_a_function = mistake_cell("convolve = np.zeros((3, 3))\n", says="Expected the function")


@mistake(
    "The result has the dtype of the picture, and whole numbers lose what stands behind the point. `np.zeros(shape)` "
    "without a dtype holds numbers with decimals."
)
def dtype_of_the_picture(image, kernel):
    h, w = kernel.shape
    result = np.zeros((image.shape[0] - h + 1, image.shape[1] - w + 1), dtype=image.dtype)
    for i in range(result.shape[0]):
        for j in range(result.shape[1]):
            result[i, j] = (image[i : i + h, j : j + w] * kernel).sum()
    return result


@mistake(
    "The result has the dtype of the kernel, and whole numbers lose what stands behind the point. `np.zeros(shape)` "
    "without a dtype holds numbers with decimals."
)
def dtype_of_the_kernel(image, kernel):
    return windows(image, kernel).astype(kernel.dtype)
