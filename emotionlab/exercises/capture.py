"""Turn whatever a learner's code returned into arrays and plain JSON values, and those into bytes.

Nothing here compares, prints or calls a method of an unknown object: an object may lie about
itself, be endless (a generator) or be huge (an array that is larger than the memory).
"""

import io
import json
import math
import re
import traceback
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np

from emotionlab.base.archives import load_arrays
from emotionlab.base.arguments import long_number
from emotionlab.base.errors import EmotionLabError

LARGEST = 1_000_000
"""Arrays with more elements than this are recorded by shape and dtype only."""

LONGEST_TEXT = 20_000
"""Characters of a text that are kept."""

_MANY = 200  # items of a list, tuple or dict that are looked at
_MOST = 2_000  # the same of a whole value, with all that lies in it
_DEEP = 20  # lists in lists
_AXES = 8  # the same where they are numbers
_TENSOR_LIBRARIES = {"tensorflow", "jax", "jaxlib", "torch", "keras"}
_ARRAY_MARK = "__array__"
_savez = np.savez_compressed  # taken now: a learner's code may put something else in its place


def capture(value) -> dict:
    """Describe `value`: a dict of plain JSON values, with an ndarray under "array" where there is one.

    "kind" is one of array, number, text, sequence, mapping, nothing (None), ellipsis, function,
    other; "type" is the name of the Python type. Arrays have "shape", "dtype" and "array" (a copy,
    or None when it is too large or holds Python objects). Tensors count as arrays, Fraction and Decimal as
    numbers. A sequence of numbers has them as an array under "numbers" (None for any other), a list inside
    itself is of kind other.
    """
    return _capture(value, (), [_MOST])


def _capture(value, inside: tuple[int, ...], left: list[int]) -> dict:
    """inside: ids of the lists and dicts round this value. left: how many more values are looked at, in one list."""
    kind = type(value)
    left[0] -= 1
    try:
        return {"type": kind.__name__[:100]} | _content(value, kind, inside, left)
    except Exception:  # whatever a learner's object does, it is a value of some type
        return {"type": kind.__name__[:100], "kind": "other"}


def _content(value, kind: type, inside: tuple[int, ...], left: list[int]) -> dict:
    if value is None or value is Ellipsis:
        return {"kind": "nothing" if value is None else "ellipsis"}
    number = _plain_number(value, kind)
    if number is not None:
        record = {"kind": "number", "value": number, "dtype": _dtype_of(kind)}
        too_long = issubclass(kind, int) and math.isinf(number)
        return record | ({"told": long_number(int.__add__(value, 0))} if too_long else {})
    if issubclass(kind, str):
        return {"kind": "text", "value": str.__str__(value)[:LONGEST_TEXT]}
    if issubclass(kind, np.generic | np.ndarray) or kind.__module__.split(".")[0] in _TENSOR_LIBRARIES:
        return _capture_array(value)
    if id(value) in inside or left[0] <= 0 or len(inside) > _DEEP:
        return {"kind": "other"}
    inside = (*inside, id(value))
    if issubclass(kind, list | tuple):
        parts = (
            list.__getitem__(value, slice(None)) if issubclass(kind, list) else tuple.__getitem__(value, slice(None))
        )
        items = [_capture(item, inside, left) for item in parts[:_MANY]]
        return {"kind": "sequence", "length": len(parts), "items": items, "numbers": _numbers(parts, 0, [LARGEST])}
    if issubclass(kind, dict):
        pairs = list(dict.items(value))
        items = {_key(key): _capture(item, inside, left) for key, item in pairs[:_MANY]}
        return {"kind": "mapping", "length": len(pairs), "items": items}
    return {"kind": "function" if callable(value) else "other"}


def _key(key) -> str:
    return str(key) if type(key) in (str, int, float, bool) else f"a {type(key).__name__}"


def _plain_number(value, kind: type):
    """The bool, int or float that a Python number is; None for what is no number. What no float holds is infinite."""
    if kind is bool:
        return value
    if issubclass(kind, int):
        number = int.__add__(value, 0)
        return number if abs(number) < 2**63 else math.copysign(math.inf, number > 0 or -1)
    if issubclass(kind, float) and not issubclass(kind, np.generic):
        return float.__add__(value, 0.0)
    if kind not in (Fraction, Decimal):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:  # a signalling NaN of Decimal
        return math.nan


def _dtype_of(kind: type) -> str:
    return "bool" if kind is bool else "int" if issubclass(kind, int) else "float"


def _numbers(parts, depth: int, left: list[int]) -> np.ndarray | None:
    """A list of numbers, of such lists or of arrays as one array; None where it is ragged or holds anything else."""
    if depth >= _AXES or len(parts) > left[0]:
        return None
    left[0] -= len(parts)
    if {type(part) for part in parts} <= {bool, int, float}:
        array = np.array(parts)
        return array if parts and array.dtype.kind in "bif" else None
    found = []
    for part in parts:
        array = _as_numbers(part, depth, left)
        if array is None or (found and array.shape != found[0].shape):
            return None
        left[0] -= array.size
        found.append(array)
    return np.stack(found) if left[0] > 0 else None


def _as_numbers(part, depth: int, left: list[int]) -> np.ndarray | None:
    kind = type(part)
    if issubclass(kind, np.generic | np.ndarray):
        array = _bare(part)
        return array if array.dtype.kind in "biuf" else None
    number = _plain_number(part, kind)
    if number is not None:
        return np.asarray(number, _dtype_of(kind) if math.isfinite(number) else "float")
    return _numbers(part, depth + 1, left) if issubclass(kind, list | tuple) else None


def _bare(value) -> np.ndarray:
    """An array without the ways of its subclass; what is masked is NaN, not the number behind the mask."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        return np.asarray(np.ma.filled(value.astype(float), np.nan))
    return np.ndarray.view(value, np.ndarray) if issubclass(type(value), np.ndarray) else np.asarray(value)


def _capture_array(value) -> dict:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if issubclass(type(value), np.ndarray):
        value = _bare(value)
        shape, dtype = value.shape, value.dtype
    if shape is None or dtype is None:
        return {"kind": "function" if callable(value) else "other"}
    shape = [int(side) if side is not None else -1 for side in shape]
    if math.prod(shape) > LARGEST or getattr(dtype, "hasobject", False):
        return {"kind": "array", "shape": shape, "dtype": str(dtype), "array": None}
    if not hasattr(value, "__array__"):
        return {"kind": "other"}
    array = np.array(value, subok=False)
    if array.ndim == 0 and array.dtype.kind in "biuf":
        number = array.item()
        return {
            "kind": "number",
            "value": number if type(number) in (bool, int) else float(number),
            "dtype": str(array.dtype),
        }
    return {"kind": "array", "shape": shape, "dtype": str(array.dtype), "array": array}


def describe(record: dict) -> str:
    """Say in a few words what a captured value is, such as "an array of shape (3, 4), float32"."""
    kind = record["kind"]
    if kind == "array":
        return f"an array of shape {tuple(record['shape'])}, {record['dtype']}"
    if kind == "number":
        return f"the {record['dtype']} {str(record.get('told', ''))[:60] or short(record['value'])}"
    if kind == "text":
        return f"the text '{record['value'][:40]}'"
    if kind in ("sequence", "mapping"):
        return f"a {record['type']} of length {record['length']}"
    return {"nothing": "None", "ellipsis": "..."}.get(kind, f"an object of type {record['type']}")


def short(number) -> str:
    """A number as a person writes it: whole numbers in full, others with four digits."""
    if isinstance(number, bool | np.bool_ | str | np.str_):
        return str(number)
    return str(int(number)) if float(number).is_integer() and abs(number) < 1e12 else f"{number:.4g}"


def describe_error(error: BaseException) -> dict:
    """What was raised and which line of the learner's own code raised it, as plain JSON values.

    The learner's code is every frame outside this package, the standard library and the
    installed packages. "line" is 0 when no frame is theirs.
    """
    try:
        words = _telling(str(error))
    except Exception:  # an exception class of the learner may fail to print itself
        words = ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    last = frames[-1] if frames else None
    return {
        "name": type(error).__name__,
        "words": words[:400],
        "line": (last.lineno or 0) if last else 0,
        "code": (last.line or "") if last else "",
        "function": last.name if last else "",
        "notes": [str(note) for note in getattr(error, "__notes__", [])],
    }


def _telling(words: str) -> str:
    """The words of an error without terminal colours; of a long one of Keras or TensorFlow the part that says it."""
    words = re.sub(r"\x1b\[[\d;]*m", "", words)
    if "Detected at node" in words:  # a page of files, the reason at its end, and then a list of nodes
        words = words.rsplit("\n\n", 1)[-1].split("\n\t [[")[0]
    return words.split("Arguments received by")[0].strip()


_PACKAGE = Path(__file__).resolve().parents[1]
_LIBRARY = Path(json.__file__).resolve().parents[1]


def _is_own(filename: str) -> bool:
    if filename.startswith("<frozen") or filename.endswith(".pyx"):
        return False
    if "site-packages" in filename or "dist-packages" in filename:
        return False
    path = Path(filename)
    return not (path.is_absolute() and (path.is_relative_to(_PACKAGE) or path.is_relative_to(_LIBRARY)))


def pack(observed: dict) -> bytes:
    """An observation as the bytes of one .npz file: its arrays, and the rest as JSON. No pickle."""
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps(_take_out(observed, arrays))
    buffer = io.BytesIO()
    _savez(buffer, json=np.frombuffer(text.encode("utf-8"), np.uint8), **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> dict:
    """The observation that `pack` was given. Raises EmotionLabError when `data` is something else."""
    try:
        arrays = load_arrays(io.BytesIO(data))
        return _put_back(json.loads(arrays.pop("json").tobytes().decode("utf-8")), arrays)
    except (ValueError, KeyError, OSError, RecursionError) as error:
        raise EmotionLabError(
            f"Expected the record of an observed answer (.npz), found something else ({error}); "
            "observe the answer again."
        ) from error


def _take_out(value, arrays: dict):
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {_ARRAY_MARK: name}
    if isinstance(value, dict):
        return {key: _take_out(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_take_out(item, arrays) for item in value]
    return value


def _put_back(value, arrays: dict):
    if isinstance(value, dict):
        if set(value) == {_ARRAY_MARK} and isinstance(value[_ARRAY_MARK], str):
            return arrays[value[_ARRAY_MARK]]
        return {key: _put_back(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_put_back(item, arrays) for item in value]
    return value
