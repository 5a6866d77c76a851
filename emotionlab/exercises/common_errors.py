"""What the errors that beginners meet most often mean, in plain words and with the way out."""

import re

_CAUSES = (
    (
        r"name '(sqrt|exp|log|mean|zeros|ones|arange|argmax|prod)' is not defined",
        "NumPy's functions begin with `np.`, such as `np.sqrt`.",
    ),
    (
        r"truth value of an array",
        "`if`, `and`, `or`, `not`, `min(...)` and `max(...)` want a single True or False, and an array has many. Use "
        "`&`, `|`, `~`, `np.where`, `.any()`, `.all()`, `.min()` or `.max()`, and brackets round each comparison: "
        "`(a > 1) & (a < 3)`.",
    ),
    (
        r"[Cc]annot cast ufunc .* from dtype\('float",
        "An array of whole numbers cannot hold decimals: `a = a / 255` makes a new array, `a /= 255` writes into "
        "the old one.",
    ),
    (r"boolean subtract", "NumPy does not subtract True and False: convert them first, with `.astype(int)`."),
    (
        r"could not be broadcast together",
        "These two shapes do not fit. Counted from the last axis, each pair of lengths must be equal, or one of them "
        "1; `keepdims=True` keeps the axis that a sum or mean runs over, with length 1.",
    ),
    (
        r"matmul: .*mismatch|not aligned",
        "`@` multiplies matrices: the last axis of the left must be as long as the last but one of the right (or its "
        "only one). Is it the row or the column that you want? For number by number, write `*`.",
    ),
    (
        r"inhomogeneous shape",
        "These parts have different lengths, so they do not make an array: is a single number among lists, or a tuple "
        "of `np.where`? `np.concatenate` joins arrays end to end; `np.flatnonzero(...)` gives bare positions.",
    ),
    (
        r"only integer scalar arrays can be converted",
        "A list (or the tuple that `np.where` gives) cannot be indexed with an array: make an array of it first, or "
        "take the part you want, such as `np.where(...)[0]`.",
    ),
    (
        r"boolean index did not match",
        "A mask of True and False must be as long as the axis that it picks from. Was it made from another array?",
    ),
    (
        r"axis \d+ is out of bounds",
        "An array of n axes has the axes 0 to n - 1. Look at `.shape`: is it the array that you think, and are the "
        "arguments in the right order?",
    ),
    (
        r"division by zero",
        "What is divided by is 0 for one of the hidden inputs, such as the number of a class that does not occur. Are "
        "the arguments in the right order? Else look first, and return what the task says for that case.",
    ),
    (
        r"'tuple' object has no attribute",
        "These are several values in a tuple, as `np.where` and `np.unique(..., return_counts=True)` give them. Take "
        "one, such as `[0]`, or unpack them: `values, counts = ...`.",
    ),
    (
        r"slice indices must be integers|only integers, slices|object cannot be interpreted as an integer"
        r"|indices must be integers",
        "A place or a number of places must be a whole number: `/` always gives decimals, `//`, `round(...)` and "
        "`int(...)` do not.",
    ),
    (
        r"unsupported operand type\(s\) for /: 'str' and 'str'",
        "A path in quotes is only text. Make a path of it first: `Path(folder) / 'name'`.",
    ),
    (
        r"unhashable type: 'numpy.ndarray'",
        "An array cannot be put into a set or be the key of a dict; `array.tobytes()` can.",
    ),
    (
        r"cannot reshape array",
        "The new shape must hold exactly as many numbers as the old one. The check uses other sizes than your "
        "notebook, odd ones too: take them from `.shape`.",
    ),
    (
        r"'?NoneType'? object|unsupported operand .*NoneType",
        "Something here is None: a function that does not `return`, or a method such as `list.sort` or `list.append` "
        "that changes its list and returns nothing.",
    ),
    (
        r"name '.*' is not defined",
        "Is it spelled as where you made it, and has that cell been run? A check can use only what the notebook has "
        "run.",
    ),
    (
        r"setting an array element with a sequence",
        "One place of an array holds one number, and you give it several. Name as many places as there are values, "
        "such as `a[i, :] = row`, or make one number of them.",
    ),
    (
        r"(not enough|too many) values to unpack",
        "Left of the `=` stand more or fewer names than there are values on the right. For `a.shape` it must be one "
        "name for each axis.",
    ),
    (
        r"builtin_function_or_method|'(function|method)' object is not",
        "A function was not called: the round brackets behind its name are missing, as in `a.min()`.",
    ),
    (
        r"Cannot interpret '.*' as a data type",
        "The shape must be one argument, in brackets of its own: `np.zeros((7, 7))`.",
    ),
    (
        r"unsupported operand type\(s\) for \^|'bitwise_xor' not supported",
        "In Python `^` is not a power: write `**`.",
    ),
    (
        r"'Variable' object has no attribute 'size'",
        "A weight of Keras has a `.shape` and no `.size`: `np.prod(weight.shape)` is how many numbers it holds.",
    ),
    (
        r"'list' object has no attribute",
        "This is a list, and what you want belongs to the things in it (go through them in a loop) or to an array "
        "(`np.array(...)` makes one).",
    ),
    (
        r"must have the same rank",
        "The loss wants one number for each class, and the labels are whole numbers: "
        "`SparseCategoricalCrossentropy` takes these.",
    ),
    (
        r"input has incompatible shape|of input shape to have value|cannot build it with input_shape",
        "The network was built for inputs of another shape. `keras.Input` takes the shape of one example, without the "
        "number of examples, and the check uses other sizes than your notebook: take them from `.shape`.",
    ),
    (
        r"outside the valid range",
        "There is a label for which the network has no output: count the outputs of the last layer, and labels from 0.",
    ),
    (
        r"is not in list",
        "The list does not hold this. Of the layers of a model: it holds layers, not their names.",
    ),
    (
        r"cannot access local variable",
        "This name gets its value inside the function, but on a way that was not taken. Give it a first value at the "
        "top, such as `total = 0`.",
    ),
    (
        r"module '.*' has no attribute",
        "There is nothing of that name in there. Small and capital letters count: it is `Conv2D`, not `Conv2d`.",
    ),
    (
        r"Only input tensors may be passed as positional arguments",
        "A layer was made but not called: `keras.layers.ReLU()` is a layer, `keras.layers.ReLU()(x)` is what it makes "
        "of x.",
    ),
    (
        r"index \d+ is out of bounds|index out of range",
        "The last place of n is n - 1. The check uses other sizes than your notebook.",
    ),
)


_ARGUMENTS = r"positional arguments?\b|unexpected keyword argument"
_YOUR_HEAD = (
    "Keep the first line of the function as it was given: the check calls it with these arguments, in this order."
)
_YOUR_CALL = (
    "A function that this line calls takes other arguments: look at them with a question mark behind its name. What "
    "takes several things as one, such as `keras.layers.Add()`, wants them in a list."
)


def likely_cause(words: str, line: int) -> str:
    """What an exception with this text usually means; "" for one that is not among the common ones.

    line: the learner's own line that raised it; 0 where it was raised in the call of their function.
    """
    for pattern, cause in _CAUSES:
        if re.search(pattern, words, re.DOTALL):
            return cause
    if re.search(_ARGUMENTS, words):
        return _YOUR_CALL if line else _YOUR_HEAD
    return ""
