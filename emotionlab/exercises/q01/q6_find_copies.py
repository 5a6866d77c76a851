"""Question 1.6: find the test pictures that occur among the training pictures, pixel for pixel.

Title, points, task and model solution: solutions/01_*.ipynb.
"""

import hashlib
from collections import Counter

import numpy as np

from emotionlab.exercises.compare import read_as
from emotionlab.exercises.engine import Wrong
from emotionlab.exercises.kit import function_question, mistake, style

QUESTION = function_question(
    "1.6",
    hints=(
        "You need something that is equal exactly when all pixels are equal, and that Python can look up quickly.",
        "`image.tobytes()` turns a picture into bytes. Bytes can go into a `set`, and `in` a set is fast.",
        "`seen = {image.tobytes() for image in train_images}`; then keep every i for which "
        "`test_images[i].tobytes() in seen`, and make an array of them.",
    ),
    passed="Right. Run it on any data set before you believe a test score, also on the famous ones.",
    explained={
        "The positions rise already.": ("blind: result: sorted",),
        "Positions in a list say the same as positions in an array.": ("line 4: np.array(… -> [i for …",),
    },
)


@QUESTION.inputs
def two_stacks(seed):
    """Training and test pictures with copies, mirrored and shuffled near-copies, and copies of copies.

    In two more pairs the near-copies differ from a training picture in a single pixel, by 1, or in the order of its
    pixels, and one picture is so large that NumPy abbreviates it when it is printed. In another they have the same
    pixels in each row and in each column, and in the very last they differ by multiples of 16, whose squares are
    multiples of 256.
    """
    rng = np.random.default_rng(seed)
    cases = []
    for n_train, n_test, height, width in ((23, 17, 6, 5), (14, 19, 4, 7)):
        train = rng.integers(0, 256, (n_train, height, width)).astype("uint8")
        test = rng.integers(0, 256, (n_test, height, width)).astype("uint8")
        train[9] = train[2]  # a picture twice in training: its copy in the test counts once
        test[3], test[8], test[11] = train[2], train[12], train[5]
        test[12] = test[11]  # a copy of a copy counts as well
        test[7] = train[7]  # at the same position in both
        test[1] = train[4][:, ::-1]  # mirrored: the same pixels, another picture
        test[14] = rng.permutation(train[6].reshape(-1)).reshape(height, width)
        test[5] = test[13]  # twice in the test, never in training
        cases.append((train, test))
    return [*cases, near_copies(rng, 8, 6), near_copies(rng, 40, 41), exchanged_corners(rng), steps_of_16(rng)]


def near_copies(rng, height, width):
    """The first and the last test picture are copies; the others miss one by a grey value or an exchange.

    In 8 by 6 pixels, a pixel of every row and of every column is changed in one of them.
    """
    train = rng.integers(1, 250, (9, height, width)).astype("uint8")
    places = [(0, 0), (0, -1), (-1, 0), (-1, -1), (height // 2, width // 2), (3, 4), (4, 3), (0, 2), (-1, 2), (5, 0)]
    places += [(1, 1), (2, 1), (6, 1)]
    test = train[[0, *rng.integers(0, 9, len(places)), 8]]
    for image, place in zip(test[1:-1], places, strict=True):
        image[place] += 1
    test[4, 4, 2:4] = test[4, 4, 3:1:-1]
    return train, test


def exchanged_corners(rng):
    """The first and the last test picture are copies; in the others the corners of a square are exchanged."""
    train = rng.integers(1, 250, (6, 9, 8)).astype("uint8")
    train[:, (2, 6), (3, 5)], train[:, (2, 6), (5, 3)] = 40, 200
    test = train.copy()
    test[1:-1, (2, 6), (3, 5)], test[1:-1, (2, 6), (5, 3)] = 200, 40
    return train, test


def steps_of_16(rng):
    """The first and the last test picture are copies; every pixel of the others differs by a multiple of 16."""
    train = rng.integers(0, 256, (5, 4, 6)).astype("uint8")
    test = train.copy()
    test[1:-1] += (16 * rng.integers(1, 16, test[1:-1].shape)).astype("uint8")  # beyond 255 it begins at 0 again
    return train, test


@QUESTION.judge
def judge(observed):
    returned = [read_as(found, np.zeros(0, int)) for found in observed["returned"]]
    if any(is_tuple_of_one_array(found) for found in observed["returned"]):
        return Wrong(
            "Expected positions, found a tuple that holds one array: `np.where` gives such a tuple.",
            "tuple_of_where",
            "`np.flatnonzero(...)` gives the positions themselves.",
        )
    wrong = QUESTION.compare(observed | {"returned": returned})
    if wrong is None or not all(found["kind"] == "array" and len(found["shape"]) == 1 for found in returned):
        return wrong
    return order_problem([found["array"] for found in returned], two_stacks(observed["seed"])) or wrong


def is_tuple_of_one_array(found):
    return found["kind"] == "sequence" and [part["kind"] for part in found["items"]] == ["array"]


def order_problem(arrays, cases):
    """Wrong when the positions are the right ones, but repeated or not in rising order."""
    if not all(
        np.array_equal(np.unique(array), QUESTION.solution(*case)) for array, case in zip(arrays, cases, strict=True)
    ):
        return None
    if any(len(np.unique(array)) < len(array) for array in arrays):
        return Wrong(
            "A test picture is listed once for every copy of it in training. Expected each position once.",
            "listed_for_each_copy",
        )
    if any(np.any(np.diff(array) < 0) for array in arrays):
        return Wrong(
            "These are the right positions, but not in rising order: a test picture stands where its copy stands in "
            "training. Go through the test pictures first, or sort at the end.",
            "not_rising",
        )
    return None


# ---- Good styles ---------------------------------------------------------------------------------


@style
def loop(train_images, test_images):
    found = []
    for i in range(len(test_images)):
        for image in train_images:
            if np.array_equal(image, test_images[i]):
                found.append(i)
                break
    return np.array(found)


@style
def broadcast(train_images, test_images):
    same = (test_images[:, None] == train_images[None]).all(axis=(2, 3))
    return np.flatnonzero(same.any(axis=1))


@style
def unique_rows(train_images, test_images):
    n = len(train_images)
    rows = np.concatenate([train_images, test_images]).reshape(n + len(test_images), -1)
    _, group = np.unique(rows, axis=0, return_inverse=True)
    group = group.reshape(-1)
    return np.flatnonzero(np.isin(group[n:], group[:n]))


def digest(image):
    return hashlib.sha256(image.tobytes()).hexdigest()


@style
def digests(train_images, test_images):
    seen = set(map(digest, train_images))
    return np.flatnonzero([digest(image) in seen for image in test_images])


@style
def as_list(train_images, test_images):
    return [i for i, image in enumerate(test_images) if (train_images == image).all(axis=(1, 2)).any()]


# ---- Mistakes ------------------------------------------------------------------------------------


@mistake("This compares test picture i with training picture i alone. A copy can stand anywhere in training.")
def same_position_only(train_images, test_images):
    pairs = zip(train_images, test_images, strict=False)
    return np.array([i for i, (a, b) in enumerate(pairs) if np.array_equal(a, b)])


@mistake("These are positions in the training pictures. Expected the positions in the test pictures.")
def training_positions(train_images, test_images):
    seen = {image.tobytes() for image in test_images}
    return np.array([i for i, image in enumerate(train_images) if image.tobytes() in seen])


@mistake("These are positions in the training pictures. Expected the positions in the test pictures, each once.")
def training_positions_for_each(train_images, test_images):
    found = []
    for i, image in enumerate(train_images):
        for other in test_images:
            if np.array_equal(image, other):
                found.append(i)
    return np.array(found)


@mistake("These are the pictures themselves. Expected their positions in `test_images`; `enumerate` counts along.")
def pictures_for_positions(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.array([image for image in test_images if image.tobytes() in seen])


@mistake(
    "Nothing was found, but the hidden pictures do hold copies, even if your faces hold none. Try it on "
    "`find_copies(faces.train.images, faces.train.images[:3])`: it must give 0, 1, 2."
)
def none_found(train_images, test_images):
    pairs = ((i, a is b) for i, a in enumerate(test_images) for b in train_images)
    return np.array([i for i, same in pairs if same])


@mistake(
    "Pictures with the same sum (or mean) were taken for copies. A mirrored picture has the same sum: compare all "
    "pixels at their places."
)
def same_sum(train_images, test_images):
    seen = {image.mean() for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if image.mean() in seen])


SAME_SUMS = (
    "Pictures whose rows or columns have the same sums were taken for copies. Sums tell nothing about the places: "
    "compare all pixels."
)


@mistake(SAME_SUMS, id="same_sum")
def sums_of_rows(train_images, test_images):
    seen = {tuple(image.sum(axis=1)) for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if tuple(image.sum(axis=1)) in seen])


@mistake(SAME_SUMS, id="same_sum")
def sums_of_columns(train_images, test_images):
    seen = {tuple(image.sum(axis=0)) for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if tuple(image.sum(axis=0)) in seen])


WRAPPED = (
    "Pictures whose pixels differ by 16, 32, 48 ... were taken for copies: in uint8 a difference of 16, squared, is "
    "256, and 256 is 0 again. Compare with `==`, or take `.astype(int)` before you subtract."
)


@mistake(WRAPPED)
def squares_that_wrap(train_images, test_images):
    return np.array([i for i, t in enumerate(test_images) if any(((t - s) ** 2).sum() == 0 for s in train_images)])


@mistake("Pictures that share one pixel were taken for copies. Expected all pixels equal: `.all`, not `.any`.")
def any_pixel(train_images, test_images):
    return np.array([i for i, image in enumerate(test_images) if (train_images == image).any()])


@mistake("This is a mask of True and False. Expected the positions: `np.flatnonzero(mask)`.")
def mask_for_positions(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.array([image.tobytes() in seen for image in test_images])


@mistake(
    "Pictures that print alike were taken for copies: NumPy prints three dots for most of a large array. "
    "`image.tobytes()` holds every pixel."
)
def printed_text(train_images, test_images):
    seen = {str(image) for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if str(image) in seen])


ALMOST_ALIKE = "Pictures that are almost alike were taken for copies. Expected every pixel equal, and no other."


@mistake(ALMOST_ALIKE)
def up_to_three_pixels(train_images, test_images):
    return np.array([i for i, t in enumerate(test_images) if any((t != s).sum() <= 3 for s in train_images)])


@mistake(ALMOST_ALIKE, id="up_to_three_pixels")
def rounded_greys(train_images, test_images):
    seen = {(image // 16).tobytes() for image in train_images}
    return np.array([i for i, image in enumerate(test_images) if (image // 16).tobytes() in seen])


@mistake("Pictures that occur twice within the test were listed too. Expected only those found in training.")
def copies_within_test(train_images, test_images):
    seen = Counter(image.tobytes() for image in np.concatenate([train_images, test_images]))
    return np.array([i for i, image in enumerate(test_images) if seen[image.tobytes()] > 1])


@mistake(says="each position once")
def listed_for_each_copy(train_images, test_images):
    found = []
    for i, image in enumerate(test_images):
        for other in train_images:
            if (image == other).all():
                found.append(i)
    return np.array(found)


@mistake(says="not in rising order")
def not_rising(train_images, test_images):
    found = []
    for image in train_images:
        for i, other in enumerate(test_images):
            if np.array_equal(image, other) and i not in found:
                found.append(i)
    return found


@mistake(says="`np.where` gives such a tuple")
def tuple_of_where(train_images, test_images):
    seen = {image.tobytes() for image in train_images}
    return np.where([image.tobytes() in seen for image in test_images])
