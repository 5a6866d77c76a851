"""Exercise 01, faces as data: look at the arrays, count, set a baseline, normalise, split, find copies."""

import numpy as np

from emotionlab.exercises.compare import Mistake, call_each, compare
from emotionlab.exercises.engine import Bank, Question

TITLE = "Faces as data"


# 1.1 ------------------------------------------------------------------------------------------


def _pictures(seed: int) -> list[tuple]:
    """Two stacks of pictures whose sides and ranges all differ."""
    rng = np.random.default_rng(seed)
    return [
        (rng.integers(3, 240, (5, 7, 9)).astype("uint8"),),
        (rng.integers(17, 255, (4, 6, 3)).astype("uint8"),),
    ]


def _describe(images):
    return len(images), str(images.dtype), int(images.min()), int(images.max())


Q1 = Question(
    id="1.1",
    title="What is in the array",
    points=1,
    answer="describe",
    source='''
def describe(images):
    """Return (number of pictures, name of the dtype, smallest pixel, largest pixel)."""
    ### BEGIN SOLUTION
    return len(images), str(images.dtype), int(images.min()), int(images.max())
    ### END SOLUTION
''',
    inputs=_pictures,
    observe=call_each,
    judge=compare(
        _pictures,
        _describe,
        (
            Mistake(
                "size_for_length",
                "The first value counts pixels: `images.size` is the number of all elements. Expected the number "
                "of pictures, the length of the first axis.",
                lambda images: (images.size, *_describe(images)[1:]),
            ),
            Mistake(
                "last_axis_for_length",
                "The first value is the width of a picture. The number of pictures is the length of the *first* axis.",
                lambda images: (images.shape[-1], *_describe(images)[1:]),
            ),
            Mistake(
                "container_type",
                "The second value names the container, `ndarray`. Expected the type of the elements: `images.dtype`.",
                lambda images: (len(images), "ndarray", *_describe(images)[2:]),
            ),
            Mistake(
                "range_of_dtype",
                "0 and 255 are what uint8 can hold. Expected the smallest and largest pixel that are really there.",
                lambda images: (len(images), str(images.dtype), 0, 255),
            ),
            Mistake(
                "first_picture_only",
                "The smallest and largest pixel are those of the first picture alone; look at the whole array.",
                lambda images: (len(images), str(images.dtype), int(images[0].min()), int(images[0].max())),
            ),
        ),
    ),
    hints=(
        "An array knows all of this about itself. Try `images.shape` and `images.dtype` in a cell of your own.",
        "The number of pictures is `len(images)`. The smallest pixel is `images.min()`. "
        "`str(images.dtype)` gives the name as text.",
        "Return four values with commas between them: "
        "`return len(images), str(images.dtype), images.min(), images.max()`.",
    ),
    passed="Right. Knowing the dtype and the range first saves hours later: most silent mistakes begin there.",
    bank=Bank(
        right={
            "attributes": """
def describe(images):
    count, height, width = images.shape
    return count, images.dtype.name, images.min(), images.max()
""",
            "flat_sorted": """
def describe(images):
    flat = np.sort(images, axis=None)
    return images.shape[0], str(images.dtype), flat[0], flat[-1]
""",
            "loop": """
def describe(images):
    low, high = 255, 0
    for image in images:
        low = min(low, int(image.min()))
        high = max(high, int(image.max()))
    return [len(images), images.dtype.name, low, high]
""",
        },
        wrong={
            "size_for_length": (
                "def describe(images):\n    return images.size, str(images.dtype), images.min(), images.max()",
                "counts pixels",
            ),
            "last_axis_for_length": (
                "def describe(images):\n    return images.shape[-1], str(images.dtype), images.min(), images.max()",
                "first* axis",
            ),
            "container_type": (
                "def describe(images):\n    return len(images), type(images).__name__, images.min(), images.max()",
                "names the container",
            ),
            "range_of_dtype": (
                "def describe(images):\n    return len(images), str(images.dtype), 0, 255",
                "what uint8 can hold",
            ),
            "first_picture_only": (
                "def describe(images):\n    a = images[0]\n    return len(images), str(a.dtype), a.min(), a.max()",
                "first picture alone",
            ),
            "no_return": (
                "def describe(images):\n    print(len(images), images.dtype, images.min(), images.max())",
                "found None",
            ),
        },
    ),
)

QUESTIONS = (Q1,)
