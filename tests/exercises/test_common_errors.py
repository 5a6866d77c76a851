"""The errors that beginners meet are really raised with the words that are looked for."""

import keras
import numpy as np
import pytest

from emotionlab.exercises.common_errors import _CAUSES, _YOUR_CALL, likely_cause
from emotionlab.exercises.compare import call_each, compare
from emotionlab.exercises.engine import Question

A = np.arange(6).reshape(2, 3)


def compare_with_and(a):
    return a.sum() if a > 1 and a < 3 else 0


def divide_in_place(a):
    a = a.copy()
    a /= 255


def no_first_value(a):
    for value in a.flat:
        total = total + value  # noqa: F821, F841


def one_axis_too_many(a):
    n, height, width = a.shape
    return n * height * width


def one_argument_too_many(a, b):
    return a


SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def network():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])


def fitted(loss, labels):
    """Fit the small network to these labels."""
    model = network()
    model.compile("adam", loss)
    model.fit(np.zeros((4, 3), "float32"), labels, verbose=0)


MISTAKES = {
    "min of an array": (lambda a: min(a), "single True or False"),
    "and": (compare_with_and, "`&`"),
    "divide whole numbers in place": (divide_in_place, "`a = a / 255`"),
    "boolean minus": (lambda a: (a > 1) - (a > 2), "astype(int)"),
    "sum without keepdims": (lambda a: a / a.sum(axis=1), "keepdims=True"),
    "matrices that do not fit": (lambda a: a @ a, "last but one"),
    "ragged": (lambda a: np.array([a[0], a[0, :2]]), "np.concatenate"),
    "half a slice": (lambda a: a[: len(a) / 2], "//"),
    "decimal index": (lambda a: a[1.0], "whole number"),
    "range of decimals": (lambda a: range(len(a) / 2), "whole number"),
    "list index": (lambda a: a.tolist()[len(a) / 2], "whole number"),
    "set of arrays": (lambda a: set(a), "tobytes"),
    "fixed reshape": (lambda a: a.reshape(48, 48), ".shape"),
    "None as a result": (lambda a: [3, 1].sort()[0], "list.sort"),
    "None in a sum": (lambda a: 1 + [3].append(1), "returns nothing"),
    "another first line": (one_argument_too_many, "first line"),
    "a call with too many arguments": (lambda a: keras.layers.Add()(a, a), "in a list"),
    "a call with a wrong name": (lambda a: np.sum(a, axes=0), "question mark"),
    "dot of shapes that do not fit": (lambda a: np.dot(a, a), "last but one"),
    "a list indexed with an array": (lambda a: [1, 2, 3][np.array([0, 1])], "np.where(...)[0]"),
    "a mask of another array": (lambda a: a[np.array([True, False, True])], "as long as the axis"),
    "an axis too far": (lambda a: a.sum(axis=2), "0 to n - 1"),
    "divided by nothing": (lambda a: 1 / int(a[0, 0]), "does not occur"),
    "a tuple for an array": (lambda a: np.where(a > 1).shape, "unpack them"),
    "comparisons without brackets": (lambda a: a[a > 1 & a < 3], "brackets round each"),
    "a layer that was not called": (
        lambda a: keras.layers.Add()([keras.layers.ReLU(), keras.layers.ReLU()]),
        "ReLU()(x)",
    ),
    "a layer for a tensor": (lambda a: keras.layers.ReLU()(keras.layers.ReLU()), "ReLU()(x)"),
    "capital letters": (lambda a: keras.layers.Conv2d(1, 1), "Conv2D"),
    "no first value": (no_first_value, "total = 0"),
    "a row in one place": (lambda a: np.zeros(2).__setitem__(0, a[0]), "one number"),
    "a shape of other axes": (one_axis_too_many, "each axis"),
    "brackets forgotten": (lambda a: a.min + 1, "a.min()"),
    "index of a function": (lambda a: one_axis_too_many[0], "a.min()"),
    "a shape of two arguments": (lambda a: np.zeros(7, 7), "brackets of its own"),
    "a power of decimals": (lambda a: 2.0 ^ 2, "`**`"),
    "a power of an array": (lambda a: (a / 2) ^ 2, "`**`"),
    "size of a weight": (lambda a: keras.Variable(np.ones(3)).size, "np.prod"),
    "bytes of a list": (lambda a: [a].tobytes(), "in a loop"),
    "labels for one-hot": (
        lambda a: fitted(keras.losses.CategoricalCrossentropy(), np.zeros(4, int)),
        "SparseCategorical",
    ),
    "a label too many": (lambda a: fitted(SPARSE, np.full(4, 9)), "no output"),
    "a network for another shape": (lambda a: network()(np.zeros((4, 5), "float32")), "another shape"),
    "the number of examples in a shape": (
        lambda a: keras.Sequential([keras.Input((4, 3))]).predict(np.ones((4, 3)), verbose=0),
        "shape of one",
    ),
    "a layer by its name": (lambda a: network().layers.index("dense"), "not their names"),
    "NumPy's functions without np": (lambda a: sqrt(a), "np.sqrt"),  # noqa: F821
    "path from two texts": (lambda a: "folder" / "name", "Path(folder)"),
    "misspelled": (lambda a: b + 1, "spelled"),  # noqa: F821
    "one too far": (lambda a: a[len(a)], "n - 1"),
    "one too far in a list": (lambda a: a.tolist()[2], "n - 1"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_common_error_comes_with_its_usual_cause(name):
    mistake, words = MISTAKES[name]
    question = Question(
        id="9.1",
        title="Anything",
        points=1,
        answer="anything",
        source="",
        inputs=lambda seed: [(A,)],
        observe=call_each,
        judge=compare(lambda seed: [(A,)], lambda a: a),
        hints=("one", "two", "three"),
        passed="Right.",
    )
    verdict = question.check(mistake)
    assert verdict.outcome == "error"
    assert words in verdict.next_step


def test_each_cause_is_tried():
    tried = {likely_cause(str(error), 1) for error in _raised()}
    assert tried == {cause for _, cause in _CAUSES} | {_YOUR_CALL}


def _raised():
    for mistake, _ in MISTAKES.values():
        try:
            mistake(A)
        except Exception as error:
            yield error


def test_an_error_that_is_not_common_gets_no_guess():
    assert likely_cause("the disk is full", 1) == ""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        keras.losses.get("no such loss")
    assert likely_cause(str(caught.value), 1) == ""
