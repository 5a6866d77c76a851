"""Question 8.3: how much a score drops where a grey square covers the picture.

Title, points, task and model solution: solutions/08_*.ipynb.
"""

import traceback

import numpy as np

from emotionlab.exercises.compare import call_each
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "8.3",
    hints=(
        "Two loops, one over the rows where the square starts and one over the columns. The score of the uncovered "
        "picture is computed once, before them.",
        "`range(0, height - size + 1, stride)` are the rows. Copy the picture, set a slice to 127, and give "
        "`predict` a batch of one: `covered[np.newaxis]`.",
        "Inside the loops: `covered = image.copy()`, `covered[row:row+size, column:column+size] = 127`, "
        "`drops[i, j] = before - predict(covered[np.newaxis])[0]`.",
    ),
    passed="Right. No gradient and no look inside: this works for anything that gives a score, whoever made it.",
    wants_array=True,
)


def detector(weights):
    """A stand-in for a network: a score of 0..1 for each picture of a batch, from one weight a pixel."""

    def predict(images):
        images = np.asarray(images, "float64")
        if images.ndim != 3 or images.shape[1:] != weights.shape:
            raise ValueError(
                f"predict takes a batch of pictures (N, {weights.shape[0]}, {weights.shape[1]}), "
                f"found the shape {images.shape}"
            )
        return 1 / (1 + np.exp(-((images / 255 - 0.4) * weights).sum(axis=(1, 2))))

    return predict


@QUESTION.inputs
def pictures_to_cover(seed):
    """(predict, image, size, stride): oblong pictures; in all but the first the squares do not reach the last pixels.

    In the third the size is no multiple of the stride, in the last the stride is the larger of the two.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for shape, size, stride in (((10, 14), 4, 2), ((11, 8), 3, 3), ((10, 14), 3, 2), ((11, 13), 2, 5)):
        image = rng.integers(0, 256, shape).astype("uint8")
        cases.append((detector(rng.normal(0, 0.4, shape)), image, size, stride))
    return cases


@QUESTION.observe
def call_with_network(answer, cases):
    """As `call_each`; whoever calls `smile_score` in place of `predict` hears why that fails."""
    try:
        return call_each(answer, cases)
    except Exception as error:
        if any(frame.name == "smile_score" for frame in traceback.extract_tb(error.__traceback__)):
            error.add_note(
                "Call `predict`, which your function is given: `smile_score` fits this notebook's face alone."
            )
        raise


# ---- Parts of the answers below ------------------------------------------------------------------


def places(image, size, stride):
    """The rows and the columns where a square may start."""
    return [range(0, side - size + 1, stride) for side in image.shape]


def with_square(image, row, column, size, value=127):
    covered = image.copy()
    covered[row : row + size, column : column + size] = value
    return covered


def drops_of(predict, image, rows, columns, cover):
    """The drop of the score for each row and column; `cover(image, row, column)` makes the covered picture."""
    before = predict(image[np.newaxis])[0]
    return np.array([[before - predict(cover(image, r, c)[np.newaxis])[0] for c in columns] for r in rows])


def drops_in_grey(predict, image, rows, columns, size, value=127):
    return drops_of(predict, image, rows, columns, lambda image, r, c: with_square(image, r, c, size, value))


# ---- Good styles ---------------------------------------------------------------------------------


@style
def one_batch(predict, image, size, stride):
    rows = np.arange(0, image.shape[0] - size + 1, stride)
    columns = np.arange(0, image.shape[1] - size + 1, stride)
    batch = np.repeat(image[None], 1 + len(rows) * len(columns), axis=0)
    corners = [(r, c) for r in rows for c in columns]
    for covered, (r, c) in zip(batch[1:], corners, strict=True):
        covered[r : r + size, c : c + size] = 127
    scores = predict(batch)
    return (scores[0] - scores[1:]).reshape(len(rows), len(columns))


@style
def nested_lists(predict, image, size, stride):
    def drop(r, c):
        mask = np.zeros(image.shape, bool)
        mask[r : r + size, c : c + size] = True
        pair = np.stack([image, np.where(mask, 127, image)])
        before, after = predict(pair)
        return before - after

    height, width = image.shape
    rows, columns = range(0, height - size + 1, stride), range(0, width - size + 1, stride)
    return np.array([[drop(r, c) for c in columns] for r in rows])


@style
def while_loop(predict, image, size, stride):
    table, top = [], 0
    while top + size <= len(image):
        line, left = [], 0
        while left + size <= len(image[0]):
            kept = image[top : top + size, left : left + size].copy()
            score = predict(image[None])[0]
            image[top : top + size, left : left + size] = 127
            line.append(score - predict(image[None])[0])
            image[top : top + size, left : left + size] = kept
            left += stride
        table.append(line)
        top += stride
    return np.array(table)


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake(
    "The signs are turned round. Where covering hurts, the score falls, and the drop is positive: the score before "
    "minus the score with the square."
)
def sign(predict, image, size, stride):
    return -drops_in_grey(predict, image, *places(image, size, stride), size)


@mistake(
    "The squares pile up: each step covers a little more, so the last places seem to matter most. Begin each step with "
    "a fresh copy of the picture."
)
def never_uncovered(predict, image, size, stride):
    covered = image.copy()

    def cover(image, row, column):
        covered[row : row + size, column : column + size] = 127
        return covered

    return drops_of(predict, image, *places(image, size, stride), cover)


@mistake("The square is black. To a network black is a strong signal (a shadow, an open mouth); expected grey, 127.")
def black_square(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, stride), size, value=0)


MEAN_GREY = "The square has the mean grey of the picture, as in the lesson. Expected the value 127."


@mistake(MEAN_GREY)
def mean_grey(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, stride), size, value=image.mean())


@mistake(MEAN_GREY, id="mean_grey")
def mean_grey_of_floats(predict, image, size, stride):
    return mean_grey(predict, image.astype(float), size, stride)


LESSON = (
    "The sizes of the lesson (squares of 8 pixels, steps of 4, pictures of 48) are written into the code. Take them "
    "from `size`, `stride` and `image.shape`."
)


@mistake(LESSON)
def sizes_of_the_lesson(predict, image, size, stride):
    return drops_in_grey(predict, image, range(0, 41, 4), range(0, 41, 4), 8)


@mistake(LESSON, id="sizes_of_the_lesson")
def sizes_and_grey_of_the_lesson(predict, image, size, stride):
    image = image.astype(float)
    return drops_in_grey(predict, image, range(0, 41, 4), range(0, 41, 4), 8, value=image.mean())


@mistake(
    "The slice ends at `size`. Behind the colon stands where a slice ends, not how long it is: `row : row + size`."
)
def slice_to_the_size(predict, image, size, stride):
    def cover(image, row, column):
        covered = image.copy()
        covered[row:size, column:size] = 127
        return covered

    return drops_of(predict, image, *places(image, size, stride), cover)


@mistake(
    "The drops lie in one long row. Expected a table, one row for each row of places: collect the drops of a row in a "
    "list of their own, or `reshape` at the end."
)
def one_long_row(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, stride), size).ravel()


@mistake(
    "Each drop is an array of one number: `predict` returns a score for each picture of the batch. Take the first, "
    "`predict(...)[0]`."
)
def list_of_scores_kept(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, stride), size)[:, :, np.newaxis]


@mistake(
    "There are as many columns of places as rows. The hidden pictures are not square: the columns follow from the "
    "width."
)
def as_many_columns_as_rows(predict, image, size, stride):
    rows, _ = places(image, size, stride)
    return drops_in_grey(predict, image, rows, rows, size)


@mistake(
    "This is a value for each pixel, as in the lesson: the mean over the squares that cover it. Expected the plain "
    "drops, one for each place of the square."
)
def for_each_pixel(predict, image, size, stride):
    total, times = np.zeros((2, *image.shape))
    rows, columns = places(image, size, stride)
    for (i, j), drop in np.ndenumerate(drops_in_grey(predict, image, rows, columns, size)):
        square = np.s_[rows[i] : rows[i] + size, columns[j] : columns[j] + size]
        total[square] += drop
        times[square] += 1
    return total / np.maximum(times, 1)


@mistake(
    "The last places are missing: a square that starts at height - size still lies wholly inside. The end of a `range` "
    "is left out, so write `height - size + 1`."
)
def last_place_missing(predict, image, size, stride):
    rows, columns = (range(0, side - size, stride) for side in image.shape)
    return drops_in_grey(predict, image, rows, columns, size)


@mistake(
    "Some squares stick out over the edge, so they cover less than the others and cannot be compared. The last start "
    "is height - size."
)
def over_the_edge(predict, image, size, stride):
    rows, columns = (range(0, side, stride) for side in image.shape)
    return drops_in_grey(predict, image, rows, columns, size)


@mistake("Rows and columns are exchanged: the first axis of the map runs down the picture.")
def transposed(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, stride), size).T


@mistake(
    "These are the scores that are left. Expected how much is lost: the score before minus the score with the square."
)
def score_not_drop(predict, image, size, stride):
    return predict(image[None])[0] - drops_in_grey(predict, image, *places(image, size, stride), size)


@mistake(
    "Everything but the square was covered. That answers another question (is this place enough?). Expected the square "
    "covered and the rest left as it is."
)
def only_the_square(predict, image, size, stride):
    def cover(image, row, column):
        covered = np.full_like(image, 127)
        covered[row : row + size, column : column + size] = image[row : row + size, column : column + size]
        return covered

    return drops_of(predict, image, *places(image, size, stride), cover)


@mistake("The square moved in steps of its own size. Expected steps of `stride`.")
def step_of_size(predict, image, size, stride):
    return drops_in_grey(predict, image, *places(image, size, size), size)


@mistake(says="changed the array it was given")
def changed_input(predict, image, size, stride):
    before, original = predict(image[None])[0], image.copy()

    def drop(row, column):
        image[:] = with_square(original, row, column, size)
        return before - predict(image[None])[0]

    rows, columns = places(image, size, stride)
    return np.array([[drop(row, column) for column in columns] for row in rows])
