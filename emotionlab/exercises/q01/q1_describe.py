"""Question 1.1: what an array of pictures holds: how many, which dtype, which range.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

import numpy as np

from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.1",
    hints=(
        "An array knows all of this about itself. Try `images.shape` and `images.dtype` in a cell of your own.",
        "The number of pictures is `len(images)`. The smallest pixel is `images.min()`. "
        "`str(images.dtype)` gives the name as text.",
        "Return four values with commas between them: "
        "`return len(images), str(images.dtype), images.min(), images.max()`.",
    ),
    passed="Right. Knowing the dtype and the range first saves hours later: most silent mistakes begin there.",
    explained={
        "The order of these does not matter to the answer.": ("blind: argument 1: sorted",),
    },
)

CONTAINER = "The second value names the container, `ndarray`. Expected the type of the elements: `images.dtype`."


@QUESTION.inputs
def pictures(seed):
    """Stacks of pictures whose sides, ranges and dtypes differ; the extremes are in different pictures."""
    rng = np.random.default_rng(seed)
    wide = rng.integers(3, 240, (5, 7, 9)).astype("uint8")
    bright = rng.integers(17, 254, (4, 6, 3)).astype("uint16")  # as of a camera with 12 bits
    wide[1, 2, 3], wide[3, 5, 8] = 2, 241
    bright[1, 2, 2], bright[2, 4, 0] = 16, 254
    signed = rng.normal(0, 50, (3, 5, 4)).astype("int16")  # as after a difference of two pictures
    signed[0, 0, 0], signed[2, 4, 3] = -300, 301
    return [(wide,), (bright,), (signed,)]


@QUESTION.judge
def judge(observed):
    """A class is no value to compare: `type(images)` in second place is named first."""
    returned = observed["returned"]
    if all(found["kind"] == "sequence" and found["length"] > 1 for found in returned) and all(
        found["items"][1]["type"] == "type" for found in returned
    ):
        return Wrong(CONTAINER, "container_type")
    return QUESTION.compare(observed)


@style
def attributes(images):
    count, _, _ = images.shape
    return count, images.dtype.name, images.min(), images.max()


@style
def flat_sorted(images):
    flat = np.sort(images, axis=None)
    return images.shape[0], str(images.dtype), flat[0], flat[-1]


@style
def loop(images):
    low, high = images[0, 0, 0], images[0, 0, 0]
    for image in images:
        low = min(low, int(image.min()))
        high = max(high, int(image.max()))
    return [len(images), images.dtype.name, low, high]


@mistake(
    "The first value counts pixels: `images.size` is the number of all elements. Expected the number of pictures, the "
    "length of the first axis."
)
def size_for_length(images):
    return images.size, str(images.dtype), images.min(), images.max()


@mistake("The first value is the width of a picture. The number of pictures is the length of the first axis.")
def last_axis_for_length(images):
    return images.shape[-1], str(images.dtype), images.min(), images.max()


@mistake(
    "The first value is the whole shape. Expected one number, how many pictures there are: the first number of the "
    "shape."
)
def shape_for_length(images):
    return images.shape, str(images.dtype), images.min(), images.max()


@mistake(CONTAINER)
def container_type(images):
    return len(images), type(images).__name__, images.min(), images.max()


@mistake(id="container_type", says="names the container")
def container_class(images):
    return len(images), type(images), images.min(), images.max()


@mistake("0 and 255 are what uint8 can hold. Expected the smallest and largest pixel that are really there.")
def range_of_dtype(images):
    return len(images), str(images.dtype), 0, 255


@mistake("This always names `uint8`. Arrays of numbers have other dtypes too: take it from `images.dtype`.")
def dtype_assumed(images):
    return len(images), "uint8", images.min(), images.max()


@mistake("The last two values are exchanged. Expected the smallest pixel first, then the largest.")
def range_exchanged(images):
    return len(images), str(images.dtype), images.max(), images.min()


@mistake("The smallest and largest pixel are those of the first picture alone; look at the whole array.")
def first_picture_only(images):
    image = images[0]
    return len(images), str(image.dtype), image.min(), image.max()


@mistake(says="found None")
def no_return(images):
    print(len(images), images.dtype, images.min(), images.max())
