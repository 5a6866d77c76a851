"""Checks of what a caller hands over: each returns the value, plain, or says in one sentence what is wrong with it.

    size = whole_number("size", size, at_least=1)
    threshold = share("threshold", threshold)
    path = file_path("out", out)

Each check takes `error`, the kind of `EmotionLabError` to raise. NumPy's numbers count as numbers and become
Python's own, so that what is kept can be written as JSON.
"""

import math
import os
import reprlib
from numbers import Integral, Real
from pathlib import Path

import numpy as np

from emotionlab.base.errors import EmotionLabError

_LONGEST = 60  # characters of a value that are shown


def whole_number(name: str, value, at_least=None, at_most=None, error=EmotionLabError) -> int:
    """A whole number within its bounds, as int. True and False are no numbers here, and 3.0 is no whole one."""
    what = f"a whole number{_bounds(at_least, at_most)}"
    if not _is_number(value, Integral):
        raise error(expected(name, what, value, _without_quotes(value, Integral)))
    if (at_least is not None and value < at_least) or (at_most is not None and value > at_most):
        raise error(expected(name, what, value))
    return int(value)


def number(name: str, value, at_least=None, at_most=None, above=None, below=None, error=EmotionLabError) -> float:
    """A finite number within its bounds, as float; `above` and `below` leave the bound out."""
    what = f"a number{_bounds(at_least, at_most, above, below)}"
    if not _is_number(value, Real) or not _is_finite(value):
        raise error(expected(name, what, value, _without_quotes(value, Real)))
    value = float(value)
    too_low = (at_least is not None and value < at_least) or (above is not None and value <= above)
    too_high = (at_most is not None and value > at_most) or (below is not None and value >= below)
    if too_low or too_high:
        raise error(expected(name, what, value))
    return value


def share(name: str, value, error=EmotionLabError) -> float:
    """A number from 0 to 1."""
    return number(name, value, at_least=0, at_most=1, error=error)


def choice(name: str, value, allowed, error=EmotionLabError) -> str:
    """One of a few words."""
    if not isinstance(value, str) or value not in allowed:
        raise error(f"Expected {name} to be one of {', '.join(allowed)}, found {shown(value)}; choose one of them.")
    return str(value)


def yes_or_no(name: str, value, error=EmotionLabError) -> bool:
    """True or False, and nothing that merely counts as one of them."""
    if not isinstance(value, bool | np.bool_):
        raise error(expected(name, "True or False", value))
    return bool(value)


def text(name: str, value, error=EmotionLabError) -> str:
    """A text."""
    if not isinstance(value, str):
        raise error(expected(name, "a text", value))
    return str(value)


def title(value, error=EmotionLabError) -> str | None:
    """The title of a figure: a text, or None for the usual one."""
    return None if value is None else text("title", value, error)


def file_path(name: str, value, error=EmotionLabError) -> Path:
    """A path on this computer, with ~ written out."""
    if not isinstance(value, str | os.PathLike) or not isinstance(os.fspath(value), str) or not os.fspath(value):
        raise error(expected(name, "a path", value))
    if "\0" in os.fspath(value):
        raise error(expected(name, "a path without null characters", value))
    try:
        return Path(value).expanduser()
    except RuntimeError:  # ~nobody
        raise error(expected(name, "a path in a folder that is there", value)) from None


def kind_of(name: str, value, kinds, what: str, advice: str, error=EmotionLabError):
    """An object of one of these classes. what: such as "a Split"; advice: what to pass instead."""
    if not isinstance(value, kinds):
        raise error(f"Expected {name} to be {what}, found {shown(value)}; {advice}.")
    return value


def array(name: str, value, what: str, error=EmotionLabError) -> np.ndarray:
    """Numbers as an array, of whatever shape. what: how they should look, such as "labels of shape (N,)"."""
    try:
        values = np.asarray(value)
    except Exception:  # rows of different lengths, an object that refuses
        raise error(expected(name, what, value)) from None
    if values.dtype.kind not in "biuf":
        raise error(expected(name, what, value))
    return values


def labels(name: str, value, classes: int, error=EmotionLabError) -> np.ndarray:
    """Labels (N,) as int64, each from 0 to `classes` - 1; there may be none."""
    what = f"labels of shape (N,), whole numbers from 0 to {classes - 1}"
    found = array(name, value, what, error)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise error(expected(name, what, value))
    if found.size and (found.min() < 0 or found.max() >= classes):
        raise error(f"Expected {name} to be {what}, found {found.min()} to {found.max()}; correct them.")
    return found.astype("int64")


def shown(value) -> str:
    """A value in a few words, such as "'3' (a text)", "an array of shape (2, 3)" or "None"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    if type(value) is int and abs(value) >= 10**30:
        return long_number(value)
    if value is None or isinstance(value, bool | Real):
        return _short(value)
    if isinstance(value, str):
        return f"{_short(value)} (a text)"
    if isinstance(value, os.PathLike):
        return f"the path {_short(str(value))}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if isinstance(value, dict | list | tuple | set):
        return f"{_short(value)} ({type(value).__name__})"
    return f"an object of the class {type(value).__name__}"


def long_number(value: int) -> str:
    """A whole number of many digits by its first ones and their count, such as "10000… (401 digits)"."""
    about = int(abs(value).bit_length() * math.log10(2)) + 1
    if about > 4000:  # Python writes no longer ones
        return f"{'-' if value < 0 else ''}10^{about - 1} or so (about {about:,} digits)"
    digits = str(abs(value))
    return f"{'-' if value < 0 else ''}{digits[:5]}… ({len(digits):,} digits)"


def expected(name: str, what: str, value, advice: str = "") -> str:
    """The sentence for a value that is not as it should be."""
    return f"Expected {name} to be {what}, found {shown(value)}; {advice or 'give such a value'}."


def _is_number(value, kind) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool | np.bool_)


def _is_finite(value) -> bool:
    try:
        return math.isfinite(value)
    except (OverflowError, TypeError, ValueError):  # 10**400
        return False


def _without_quotes(value, kind) -> str:
    """Advice for a number that came as text."""
    try:
        looks_right = isinstance(value, str) and (int(value) if kind is Integral else float(value)) is not None
    except ValueError:
        looks_right = False
    return f"write {value.strip()[:_LONGEST]} without quotation marks" if looks_right else ""


def _bounds(at_least=None, at_most=None, above=None, below=None) -> str:
    low = f"from {at_least}" if at_least is not None else f"above {above}" if above is not None else ""
    high = f"to {at_most}" if at_most is not None else f"below {below}" if below is not None else ""
    if at_least is not None and not high:
        return f" of at least {at_least}"
    if low and high:
        return f" {low} {high}" if at_most is not None else f" {low} to {high}"
    return f" {low or high}" if low or high else ""


def _short(value) -> str:
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = brief.maxlong = _LONGEST
    try:
        return " ".join(brief.repr(value).split())
    except Exception:  # a __repr__ that fails
        return f"an object of the class {type(value).__name__}"
