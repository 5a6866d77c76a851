"""Blind spots of a check: what its hidden inputs cannot tell apart.

The model solution is tried with a systematic loss of information, in what it is given or in what it gives back:
rounded, without its sign, sorted, its first half alone. Where an answer builds a network, layers are left out,
doubled or shared between two calls. A check that passes such an answer is blind there.
"""

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emotionlab.exercises.answers import run_cell
from emotionlab.exercises.engine import Question

PREFIX = "blind: "
"""How the name of a blind spot begins, also in `explained`."""


@dataclass(frozen=True)
class Blindspot:
    """One loss of information. name: what is lost, unique in its question. source: a cell that loses it."""

    name: str
    source: str


def blindspots(question: Question) -> list[Blindspot]:
    """All that can be tried on a question; [] for a written one, and where the model solution does not run."""
    if question.kind == "written":
        return []
    found = [_wrapped(question, *place) for place in _places(question)]
    return found + [Blindspot(PREFIX + name, source) for name, source in network_changes(question.solution)]


# ------------------------------------------------------------------------------- losses of numbers


def _back(change: Callable) -> Callable:
    """The change, and then the dtype that was there before."""
    return lambda a: change(a).astype(a.dtype)


def first_half(a: np.ndarray, axis: int = 0) -> np.ndarray:
    """The first half of an axis, twice."""
    size = a.shape[axis]
    return np.take(a, np.arange(size) % -(-size // 2), axis)


def printed(a: np.ndarray) -> np.ndarray:
    """What `str(a)` still tells: eight digits, and of an axis of a large array the first and the last three places."""
    a = np.array([float(f"{x:.8g}") for x in a.ravel().astype(float)]).reshape(a.shape).astype(a.dtype)
    for axis in range(a.ndim if a.size > 1000 else 0):
        if a.shape[axis] > 6:
            np.moveaxis(a, axis, 0)[3:-3] = 0
    return a


def one_changed(a: np.ndarray, place: int) -> np.ndarray:
    """One element is another: by 1 of whole numbers, by a tenth of the spread of others."""
    a = a.copy()
    if a.dtype.kind == "b":
        a.flat[place] = ~a.flat[place]
    elif a.dtype.kind in "iu":
        a.flat[place] += 1 if a.flat[place] < a.max() or a.max() < 2 else -1
    else:
        a.flat[place] += 0.1 * (np.ptp(a) or 1)
    return a


LOSSES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "whole numbers": _back(lambda a: a.astype("int64")),
    "float16": _back(lambda a: a.astype("float16")),
    "uint8": _back(lambda a: a.astype("int64").astype("uint8")),
    "without sign": np.abs,
    "clipped at 0": lambda a: np.maximum(a, 0).astype(a.dtype),
    "first half": first_half,
    "first half of the last axis": lambda a: first_half(a, -1),
    "sorted": lambda a: np.sort(a, axis=0),
    "printed": printed,
    "first element changed": lambda a: one_changed(a, 0),
    "last element changed": lambda a: one_changed(a, -1),
    "ignored": lambda a: a,  # the value of the first call, see `on_argument`
}
_OF_FLOATS = ("whole numbers", "float16", "without sign", "clipped at 0")
_OF_ARRAYS = ("first half", "sorted", "first element changed", "last element changed")


def losses_of(values: list) -> list[str]:
    """The names in LOSSES that can lose something of arrays or numbers; [] for anything else.

    Whole numbers lose nothing as such, nor have labels a sign: what leaves all of them as they are is not tried.
    Of numbers with decimals all is tried, but that shares of one whole have no sign.
    """
    arrays = [np.asarray(value) for value in values]
    if not arrays or any(a.dtype.kind not in "biuf" or not 0 < a.size <= 200_000 for a in arrays):
        return []
    names = list(_OF_FLOATS) if all(a.dtype.kind == "f" for a in arrays) else []
    if names and all(_is_share(a) for a in arrays):
        names = names[:2]
    if all(a.dtype.kind in "iu" for a in arrays):
        names = [n for n in ("uint8", "without sign") if any(not np.array_equal(LOSSES[n](a), a) for a in arrays)]
    if all(a.ndim for a in arrays):
        names += _OF_ARRAYS
        names += ["printed"] if any(a.size > 1000 for a in arrays) else []
        names += ["first half of the last axis"] if all(a.ndim > 1 and a.shape[-1] > 1 for a in arrays) else []
    return names


def _is_share(a: np.ndarray) -> bool:
    """True of probabilities that add up to 1, and of a single number from 0 to 1."""
    return bool(np.all((a >= 0) & (a <= 1)) and (a.ndim == 0 or np.allclose(a.sum(axis=-1), 1, atol=0.05)))


def lossy(value, name: str):
    """A value of `losses_of` after a loss: an array for an array, a Python number for a number."""
    array = LOSSES[name](np.asarray(value))
    return array if isinstance(value, np.ndarray) else array.item() if array.ndim == 0 else type(value)(array.tolist())


def on_argument(function: Callable, place: int, name: str) -> Callable:
    """`function` with a loss in one argument."""
    first = []

    def answer(*given):
        given = list(given)
        first.append(copy.deepcopy(given[place]))
        given[place] = first[0] if name == "ignored" else lossy(given[place], name)
        return function(*given)

    return answer


def on_result(function: Callable, place: int | None, name: str) -> Callable:
    """`function` with a loss in what it returns, or in one of the values of the tuple that it returns."""

    def answer(*given):
        result = function(*given)
        if place is None:
            return lossy(result, name)
        return tuple(lossy(value, name) if i == place else value for i, value in enumerate(result))

    return answer


# --------------------------------------------------------------------------------- where they apply


def _places(question: Question) -> list[tuple[str, int | None, str]]:
    """("argument" or "result", which, what is lost), as the check calls the model solution."""
    calls, results = _seen(question)
    found = []
    for place, values in enumerate(zip(*calls, strict=True)):
        names = losses_of([*values])
        if len(calls) > 1 and not callable(values[0]):
            names = [*names, "ignored"]
        found += [("argument", place, name) for name in names]
    if results and all(isinstance(result, tuple) for result in results):
        for place, values in enumerate(zip(*results, strict=False)):
            found += [("result", place, name) for name in losses_of([*values])]
    else:
        found += [("result", None, name) for name in losses_of(results)]
    return found


def _seen(question: Question) -> tuple[list[tuple], list]:
    """What the check gives to the model solution, call by call, and what it gets."""
    calls, results = [], []
    solution = run_cell(question.solution, question.answer)

    def answer(*given):
        calls.append(tuple(copy.deepcopy(v) if isinstance(v, np.ndarray | list | int | float) else v for v in given))
        results.append(solution(*given))
        return results[-1]

    question.observation(answer)
    return calls, results


def _wrapped(question: Question, part: str, place: int | None, name: str) -> Blindspot:
    which = part if place is None else f"{part} {place + 1}"
    wrapper = f"{question.answer} = blindspots.on_{part}({question.answer}, {place}, {name!r})\n"
    source = f"{question.solution}\n\n\nfrom emotionlab.teaching import blindspots\n\n{wrapper}"
    return Blindspot(f"{PREFIX}{which}: {name}", source)


# -------------------------------------------------------------------------------------- networks

_WITH_WEIGHTS = ("Conv2D", "Dense", "BatchNormalization")
_NOT_LEFT_OUT = ("Input", "Add", "Layer")


def network_changes(source: str) -> list[tuple[str, str]]:
    """(what was changed, source) for each layer that a solution makes: left out, doubled, shared, another end."""
    count = len(_layers(ast.parse(source)))
    found = []
    for i in range(count):
        name = _layers(ast.parse(source))[i].func.attr
        where = f"layer {i + 1} {name}: "
        if name not in _NOT_LEFT_OUT:
            found.append((where + "left out", _changed(source, {i: "keras.layers.Identity()"})))
        if name in _WITH_WEIGHTS:
            found.append((where + "doubled", _changed(source, {i: "keras.Sequential([{0}, {0}])"})))
            found.append(
                (where + "shared between calls", _changed(source, {i: f"blindspots.once({i}, lambda: {{0}})"}))
            )
        found += [(where + "stride moved", text) for text in _stride_moved(source, i)]
    last = [i for i, call in enumerate(_layers(ast.parse(source))) if call.func.attr == "Dense"][-1:]
    for i in last:
        for activation in ("tanh", "sigmoid", "softplus", "relu"):
            end = f"keras.Sequential([{{0}}, keras.layers.Activation({activation!r})])"
            found.append((f"last activation: {activation}", _changed(source, {i: end})))
    moving = [i for i, call in enumerate(_layers(ast.parse(source))) if call.func.attr in _MOVING]
    if moving:
        found.append(("nothing moves", _changed(source, dict.fromkeys(moving, "keras.layers.Identity()"))))
    return found


_MOVING = ("RandomTranslation", "RandomRotation", "RandomZoom")
_made: dict = {}


def once(key: int, make: Callable):
    """The layer that `make` made the first time: what a layer above the function is."""
    return _made.setdefault(key, make())


def _layers(tree: ast.AST) -> list[ast.Call]:
    """The calls that make a layer, in their order in the text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    found = [call for call in calls if ast.unparse(call.func.value) in ("layers", "keras.layers")]
    return sorted(found, key=lambda call: (call.lineno, call.col_offset))


def _changed(source: str, changes: dict[int, str]) -> str:
    """The source with other texts in place of some layers; "{0}" stands for what was there."""
    tree = ast.parse(source)
    for i, call in enumerate(_layers(tree)):
        if i in changes:
            new = ast.parse(changes[i].format(ast.unparse(call)), mode="eval").body
            call.__class__, call.__dict__ = new.__class__, new.__dict__
    imports = "import keras\nfrom emotionlab.teaching import blindspots\n\nblindspots._made.clear()\n\n\n"
    return imports + ast.unparse(tree) + "\n"


def _stride_moved(source: str, i: int) -> list[str]:
    """The stride of a convolution given to the next one instead; [] where there is none."""
    tree = ast.parse(source)
    calls = [call for call in _layers(tree)[i:] if call.func.attr == "Conv2D"]
    here = _layers(tree)[i]
    strides = [keyword for keyword in here.keywords if keyword.arg == "strides"]
    if not strides or len(calls) < 2 or calls[0] is not here:
        return []
    here.keywords = [keyword for keyword in here.keywords if keyword.arg != "strides"]
    calls[1].keywords = [keyword for keyword in calls[1].keywords if keyword.arg != "strides"] + strides
    return [ast.unparse(tree) + "\n"]
