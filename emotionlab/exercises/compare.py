"""Parts that most questions are made of: call a function on each case, compare what it returned."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from emotionlab.exercises.capture import LONGEST_TEXT, capture, describe, short
from emotionlab.exercises.engine import Wrong


@dataclass(frozen=True)
class Mistake:
    """A known misconception: what an answer that has it returns, and what to say about it.

    compute takes the arguments of one case and returns what the mistaken answer returns.
    """

    id: str
    message: str
    compute: Callable
    next_step: str = ""


def call_each(answer, cases: list[tuple]) -> dict:
    """An `observe`: call the learner's function on a copy of each case.

    Returns {"returned": [captured value, ...], "changed_input": bool}. An exception leaves with a
    note that says what the function was called with.
    """
    returned, changed = [], False
    for case in cases:
        given = copy.deepcopy(case)
        try:
            value = answer(*given)
        except Exception as error:
            error.add_note("It was called with " + ", ".join(describe(capture(item)) for item in case) + ".")
            raise
        returned.append(capture(value))
        changed = changed or not all(_same(a, b) for a, b in zip(given, case, strict=True))
    return {"returned": returned, "changed_input": changed}


def _same(given, original) -> bool:
    if type(given) is not type(original):
        return False
    if isinstance(original, np.ndarray):  # NaN counts as unchanged
        return np.array_equal(given, original, equal_nan=original.dtype.kind == "f")
    if isinstance(original, list | tuple):
        return len(given) == len(original) and all(map(_same, given, original))
    if isinstance(original, dict):
        return list(given) == list(original) and all(map(_same, given.values(), original.values()))
    return given == original


def compare(
    inputs: Callable[[int], list[tuple]],
    correct: Callable,
    mistakes: tuple[Mistake, ...] = (),
    dtype: str | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    wants_array: bool = False,
) -> Callable[[dict], Wrong | None]:
    """A `judge` for answers observed by `call_each`.

    correct(*case) is the right value: an array, a number, a text or a tuple of these. Compared are
    type, then (after the known mistakes) shape, dtype and values. dtype: an exact dtype such as
    "float32"; None asks for the same family (whole, floating or boolean) as the right value.
    wants_array: a list or tuple is not taken for an array (see `read_as`).
    """

    def judge(observed: dict) -> Wrong | None:
        cases = inputs(observed["seed"])
        expected = [correct(*case) for case in cases]
        pairs = zip(observed["returned"], expected, strict=True)
        returned = [read_as(found, value, wants_array) for found, value in pairs]
        wrong = first(type_problem(found, value) for found, value in zip(returned, expected, strict=True))
        if wrong:
            return wrong
        if not _all_match(returned, expected, rtol, atol):
            for mistake in mistakes:
                values = [_of_kind(mistake.compute(*case), right) for case, right in zip(cases, expected, strict=True)]
                if _all_match(returned, values, rtol, atol):
                    return Wrong(mistake.message, mistake.id, mistake.next_step)
        problems = (
            _with_arguments(difference(found, value, dtype, rtol, atol), case)
            for found, value, case in zip(returned, expected, cases, strict=True)
        )
        wrong = first(problems)
        if wrong and _ignores(returned, cases):
            return replace(wrong, next_step=wrong.next_step or _ALWAYS_THE_SAME)
        return wrong or input_problem(observed)

    return judge


def _ignores(returned: list[dict], cases: list[tuple]) -> bool:
    """True when all of what was returned is known and the same, though the cases differ."""
    if all(_same(cases[0], case) for case in cases[1:]):
        return False
    return all(is_whole(found) and _same(returned[0], found) for found in returned)


def is_whole(found: dict) -> bool:
    """True when a record holds all of what was returned, so that equal records mean equal values."""
    kind = found["kind"]
    if kind == "array":
        return found["array"] is not None
    if kind == "sequence":
        return len(found["items"]) == found["length"] and all(map(is_whole, found["items"]))
    return kind == "number" or (kind == "text" and len(found["value"]) < LONGEST_TEXT)


_ALWAYS_THE_SAME = (
    "Your function returned the same for every hidden input: does it use its arguments, or a name of the notebook?"
)
_SOME_INPUT = "for one of the hidden inputs"


def _with_arguments(wrong: Wrong | None, case: tuple) -> Wrong | None:
    """Name the arguments of the call, where they are a few plain numbers that a learner can try."""
    if wrong is None or not all(isinstance(item, int | float) for item in case):
        return wrong
    arguments = ", ".join(short(item) for item in case)
    return replace(wrong, message=wrong.message.replace(_SOME_INPUT, f"for the arguments ({arguments})"))


def first(problems) -> Wrong | None:
    """The first Wrong among `problems`, or None."""
    return next((problem for problem in problems if problem is not None), None)


def input_problem(observed: dict) -> Wrong | None:
    """Wrong when the function changed an array it was given."""
    if not observed["changed_input"]:
        return None
    return Wrong(
        "The result is right, but your function changed the array it was given.",
        "changed_input",
        "Work on a new array: `a = a * 2` makes one, `a *= 2` and `a[...] = ...` write into the old one.",
    )


def read_as(found: dict, expected, wants_array: bool = False) -> dict:
    """The one rule for lists, tuples and arrays: each is taken for what is expected, where its numbers allow it.

    found: the record of a value; returned is the record of the same numbers as an array where `expected` is one, or
    as a sequence where it is a tuple. What is ragged, or holds anything but numbers, stays as it is.
    wants_array: the task asks for an array, so that a list stays a list.
    """
    if isinstance(expected, np.ndarray) and found["kind"] == "sequence" and not wants_array:
        return _as_array(found, expected)
    if not isinstance(expected, tuple):
        return found
    if found["kind"] == "array" and found["array"] is not None and found["array"].ndim and len(found["array"]) < 200:
        items = [capture(part) for part in found["array"]]
        found = {"type": found["type"], "kind": "sequence", "length": len(items), "items": items}
    if found["kind"] != "sequence" or found["length"] != len(expected):
        return found
    items = [read_as(item, value, wants_array) for item, value in zip(found["items"], expected, strict=True)]
    return found | {"items": items}


def _of_kind(value, expected):
    """The same rule for what a mistake of the question's file returns: a list of it counts as what is expected."""
    if isinstance(expected, np.ndarray) and isinstance(value, list | tuple):
        numbers = capture(value)["numbers"]
        return value if numbers is None else numbers
    if isinstance(expected, tuple) and isinstance(value, list | tuple | np.ndarray):
        return tuple(map(_of_kind, value, expected)) if len(value) == len(expected) else tuple(value)
    return value


def _as_array(found: dict, expected: np.ndarray) -> dict:
    numbers = found.get("numbers")
    if found["length"] == 0:  # an empty list has no dtype
        numbers = np.zeros(0, expected.dtype)
    return found if numbers is None else capture(numbers) | {"type": found["type"]}


def type_problem(found: dict, expected, start: str = "Expected") -> Wrong | None:
    """Wrong when a captured value is of another kind than `expected` (array, number, text, tuple)."""
    kind, wanted = _kind_of(expected)
    if found["kind"] == kind:
        return None
    if found["kind"] == "nothing":
        return Wrong(f"{start} {wanted}, found None.", "no_return", _NOTHING)
    return Wrong(f"{start} {wanted}, found {describe(found)}.", "wrong_type", _conversion(found, kind))


_TO_ARRAY = {
    "list": "Turn it into an array with `np.array(...)`.",
    "tuple": "Turn it into an array with `np.array(...)`.",
    "range": "Turn it into an array with `np.array(...)`.",
    "set": "A set has no order: `np.array(sorted(...))` makes an array of it.",
    "dict": "The values of a dict become an array with `np.array(list(....values()))`.",
    "Series": "`.to_numpy()` turns a column of pandas into an array.",
    "DataFrame": "`.to_numpy()` turns a table of pandas into an array.",
}
_NOTHING = "Is the `return` missing? (`print`, `list.sort` and `rng.shuffle` give nothing back either.)"


def _conversion(found: dict, kind: str) -> str:
    """How a value of another kind is turned into the one that is expected, where there is a plain way."""
    if found["type"] == "generator":
        return "A generator has no values yet: make a list or an array."
    if kind == "number" and found["kind"] in ("array", "sequence"):
        return "These are several values: which one is asked for? Or is a `.sum()` or a `.mean()` missing?"
    if kind == "array":
        return _TO_ARRAY.get(found["type"], "")
    if kind == "sequence" and found["kind"] == "array":
        return "Return the values with commas between them, such as `return first, second`."
    if kind == "text" and found["type"].endswith("DType"):
        return "This is the dtype itself: `str(...)` of it is its name as text."
    return ""


def _kind_of(expected) -> tuple[str, str]:
    if isinstance(expected, np.ndarray):
        return "array", f"an array of shape {expected.shape}"
    if isinstance(expected, tuple):
        return "sequence", f"a tuple of length {len(expected)}"
    if isinstance(expected, str):
        return "text", f"the text '{expected}'"
    return "number", "a number"


def matches(found: dict, value, rtol: float = 1e-4, atol: float = 1e-6) -> bool:
    """True when a captured value has the kind, the shape and the values of `value`; dtype is not compared."""
    kind, _ = _kind_of(value)
    if found["kind"] != kind or (kind == "number" and not np.isscalar(value)):
        return False
    if kind == "array":
        array = found["array"]
        if array is None or array.shape != value.shape or array.dtype.kind not in "biuf":
            return False
        return bool(np.allclose(array, value, rtol=rtol, atol=atol, equal_nan=True))
    if kind == "sequence":
        return found["length"] == len(value) and all(
            matches(item, wanted, rtol, atol) for item, wanted in zip(found["items"], value, strict=True)
        )
    if kind == "text":
        return found["value"] == value
    return bool(np.isclose(float(found["value"]), float(value), rtol=rtol, atol=atol, equal_nan=True))


def _all_match(returned: list[dict], values: list, rtol: float, atol: float) -> bool:
    return all(matches(found, value, rtol, atol) for found, value in zip(returned, values, strict=True))


def difference(
    found: dict, expected, dtype: str | None = None, rtol: float = 1e-4, atol: float = 1e-6, name: str = ""
) -> Wrong | None:
    """Compare a captured value with the right one: type, shape, dtype, not-a-number, values."""
    start = f"{name}: expected" if name else "Expected"
    wrong = type_problem(found, expected, start)
    if wrong:
        return wrong
    if isinstance(expected, np.ndarray):
        return _array_difference(found, expected, dtype, rtol, atol, start)
    if isinstance(expected, tuple):
        if found["length"] != len(expected):
            return Wrong(f"{start} {len(expected)} values, found {found['length']}.", "wrong_shape")
        items = enumerate(zip(found["items"], expected, strict=True), start=1)
        return first(difference(item, value, None, rtol, atol, f"Value {i}") for i, (item, value) in items)
    if not isinstance(expected, str) and not _is_whole_for_a_float(found, expected, rtol, atol):
        wrong = _family_problem(
            found["dtype"], np.asarray(expected).dtype, start, f", here {short(expected)}", describe(found)
        )
        wrong = wrong or _number_not_finite(found, expected, start)
    if wrong is None and not matches(found, expected, rtol, atol):
        return Wrong(f"{start} {_apart(expected, found)}.", "wrong_values")
    return wrong


def _is_whole_for_a_float(found: dict, expected, rtol: float, atol: float) -> bool:
    """True for the 0 of `return 0` where 0.0 is right, and for a whole-number array where all right values are whole.

    A 0 that whole-number division left of 0.4 is another matter.
    """
    is_whole = found["dtype"].startswith(("int", "uint")) and np.asarray(expected).dtype.kind == "f"
    return is_whole and matches(found, expected, rtol, atol)


def _apart(expected, found: dict) -> str:
    """The right value and what was found, in words."""
    if isinstance(expected, str):
        return f"'{expected}' {_SOME_INPUT}, found {describe(found)}"
    wanted, other = _unlike(expected, found["value"])
    return f"{wanted} {_SOME_INPUT}, found the {found['dtype']} {other}"


def _unlike(one, other) -> tuple[str, str]:
    """Two different numbers as a person writes them; with more digits where both would read the same."""
    texts = short(one), short(other)
    return texts if texts[0] != texts[1] else (f"{one:.10g}", f"{other:.10g}")


_ZERO_DIVISION = "Look for a division by zero (the mean of nothing is one), `np.log(0)`, or `np.exp` of a large number."


def _number_not_finite(found: dict, expected, start: str) -> Wrong | None:
    value = found["value"]
    if np.isfinite(value) or not np.isfinite(expected):
        return None
    if "told" in found:  # a whole number that no float holds
        return Wrong(f"{start} {short(expected)} {_SOME_INPUT}, found {describe(found)}.", "wrong_values")
    what = "NaN (not a number)" if np.isnan(value) else "an infinite one"
    return Wrong(f"{start} {short(expected)} {_SOME_INPUT}, found {what}.", "not_finite", _ZERO_DIVISION)


def _array_difference(found, expected, dtype, rtol, atol, start) -> Wrong | None:
    if tuple(found["shape"]) != expected.shape:
        return Wrong(f"{start} the shape {expected.shape}, found {tuple(found['shape'])}.", "wrong_shape")
    wrong = _dtype_problem(found["dtype"], expected.dtype, dtype, start)
    is_empty = expected.size == 0 and matches(found, expected)  # np.array([]) is of floats, whatever was to stand in it
    if wrong and (dtype is not None or not (is_empty or _is_whole_for_a_float(found, expected, rtol, atol))):
        return wrong
    array = found["array"]
    bad = ~np.isfinite(array) & np.isfinite(expected)
    if bad.any():
        return Wrong(
            f"{start} ordinary numbers, found {int(bad.sum())} that are NaN (not a number) or infinite.",
            "not_finite",
            _ZERO_DIVISION,
        )
    off = ~np.isclose(array, expected, rtol=rtol, atol=atol, equal_nan=True)
    if not off.any():
        return None
    place = tuple(int(i) for i in np.argwhere(off)[0])
    wanted, other = _unlike(expected[place], array[place])
    return Wrong(
        f"{start} {wanted} at position {list(place)}, found {other}; "
        f"{int(off.sum())} of {off.size} values differ on one of the hidden inputs.",
        "wrong_values",
    )


_BOOL, _WHOLE, _FLOAT = "true or false (bool)", "whole numbers (int)", "numbers with decimals (float)"
_FAMILIES = {"b": _BOOL, "i": _WHOLE, "u": _WHOLE, "f": _FLOAT}
_FAMILY_NAMES = {("bool",): _BOOL, ("int", "uint"): _WHOLE, ("float", "bfloat"): _FLOAT}


def _dtype_problem(found: str, expected: np.dtype, exact: str | None, start: str) -> Wrong | None:
    if exact is not None:
        if found == exact:
            return None
        return Wrong(f"{start} the dtype {exact}, found {found}.", "wrong_dtype", f'Convert with `.astype("{exact}")`.')
    return _family_problem(found, expected, start)


def _family_problem(found: str, expected: np.dtype, start: str, example: str = "", shown: str = "") -> Wrong | None:
    wanted = _FAMILIES[expected.kind]
    family = next((words for letters, words in _FAMILY_NAMES.items() if found.startswith(letters)), "")
    if family == wanted:
        return None
    next_step = "`int(...)` makes a whole number, `.astype(int)` an array of them." if wanted == _WHOLE else ""
    return Wrong(f"{start} {wanted}{example}, found {shown or found}.", "wrong_dtype", next_step)
