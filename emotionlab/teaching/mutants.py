"""Mutants of a model solution: the same source with one small mistake in it.

A check is worth something when it catches them. They are made from Python's own syntax tree, a few
dozen a question, and never touch a file.

Why no library: mutmut (3.x) copies a project to a folder and runs its pytest suite there, and needs
`fork`, which Windows lacks; Cosmic Ray writes each mutant over the source file. Neither has the
mistakes that count here: the wrong axis, the wrong variable, a forgotten argument or step.
"""

import ast
import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass

KINDS = (
    "operator",
    "comparison",
    "constant",
    "axis",
    "missing step",
    "wrong variable",
    "wrong function",
)

_OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_ORDER_MATTERS = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_TEXTS = {
    "same": "valid",
    "valid": "same",
    "relu": "linear",
    "horizontal": "vertical",
    "float32": "float64",
}
_FUNCTIONS = {
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "maximum": "minimum",
    "minimum": "maximum",
    "mean": "sum",
    "sum": "mean",
    "var": "std",
    "std": "var",
    "any": "all",
    "all": "any",
    "zeros": "ones",
    "ones": "zeros",
    "cos": "sin",
    "exp": "log",
    "round": "int",
    "repeat": "tile",
}
_AXES = (0, 1, 2, -1)


@dataclass(frozen=True)
class Mutant:
    """One mistake in a source text.

    name:   line in the source and what became what, such as "line 4: axis=0 -> axis=1"; unique among
            the mutants of one source. kind: one of KINDS. before, after: the line without and with it,
            as `ast.unparse` writes them. source: the whole text with the mistake.
    """

    name: str
    kind: str
    before: str
    after: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a piece of Python, no two of them with the same text.

    Raises SyntaxError when `source` is no Python.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    variables, modules = _variables(tree), _modules(tree)
    seen, names, found = {original}, set(), []
    for parent, field, index, node in list(_places(tree)):
        for kind, new, *gone in _changes(node, field, variables, modules):
            text = _with(tree, parent, field, index, new)
            if text in seen:
                continue
            seen.add(text)
            before, after = (gone[0], ast.Pass()) if gone else (node, new)
            name = _unique(f"line {before.lineno}: {_shown(before)} -> {_shown(after)}", names)
            found.append(Mutant(name, kind, *_difference(original, text), text))
    return found


def sample(made: list[Mutant], size: int, seed: str) -> list[Mutant]:
    """At most `size` of the mutants, in their order; `seed`, such as a question's id, decides which."""
    if len(made) <= size:
        return made
    return [made[i] for i in sorted(random.Random(seed).sample(range(len(made)), size))]


# ------------------------------------------------------------------------------- walking the tree


def _places(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """(parent, field, index or None, child) for all nodes that may change; not docstrings and imports."""
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_left_alone(child):
                continue
            if hasattr(child, "lineno"):
                yield node, field, index, child
            yield from _places(child)


def _is_left_alone(node: ast.AST) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.Import | ast.ImportFrom | ast.arguments)


def _with(tree: ast.AST, parent: ast.AST, field: str, index: int | None, new: ast.AST) -> str:
    """The text of the tree with `new` at one place; the tree is as before afterwards."""
    if index is None:
        old = getattr(parent, field)
        setattr(parent, field, new)
        text = ast.unparse(tree)
        setattr(parent, field, old)
    else:
        items = getattr(parent, field)
        old, items[index] = items[index], new
        text = ast.unparse(tree)
        items[index] = old
    return text


def _variables(tree: ast.AST) -> dict[str, int]:
    """Name -> first line, of all parameters and variables."""
    lines: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            name = node.id
        else:
            continue
        lines[name] = min(node.lineno, lines.get(name, node.lineno))
    return lines


def _modules(tree: ast.AST) -> set[str]:
    """Names that stand for a module: `np.sum(x)` has its first step in the brackets, `x.sum()` before the dot."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {"np", "el"} | {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names}


# -------------------------------------------------------------------------------------- mistakes


def _changes(node: ast.AST, field: str, variables: dict, modules: set) -> Iterator[tuple]:
    """(kind, new node) for each mistake that one node can have; with the part of it that is gone, if one is."""
    if isinstance(node, ast.stmt):
        yield from _statements(node)
    elif isinstance(node, ast.keyword):
        yield from _axis(node)
    elif isinstance(node, ast.BinOp | ast.UnaryOp | ast.BoolOp | ast.Compare | ast.IfExp):
        yield from _operations(node)
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node, modules)
    elif isinstance(node, ast.Subscript):
        yield from _subscripts(node)
    elif isinstance(node, ast.Slice):
        yield from _slices(node)
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load) and field != "slice":
        yield from _shorter(node)
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from _names(node, field, variables)


def _changed(node: ast.AST, **fields) -> ast.AST:
    """A copy of a node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _statements(node: ast.stmt) -> Iterator[tuple]:
    if isinstance(node, ast.AugAssign):
        if type(node.op) in _OPERATORS:
            yield "operator", _changed(node, op=_OPERATORS[type(node.op)]())
        yield "missing step", ast.Assign([node.target], node.value, lineno=node.lineno)
    if isinstance(node, ast.If | ast.While):
        for value in (True, False):
            if isinstance(node, ast.If) or not value:
                yield "missing step", _changed(node, test=ast.Constant(value))
    if isinstance(node, ast.If) and node.orelse:
        yield "missing step", _changed(node, orelse=[])
    if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Pass):
        yield "missing step", ast.Pass()


def _operations(node: ast.expr) -> Iterator[tuple]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield "comparison", _changed(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
        return
    if isinstance(node, ast.UnaryOp):
        yield "operator", node.operand
        return
    if isinstance(node, ast.IfExp):
        yield "missing step", node.body
        yield "missing step", node.orelse
        return
    if type(node.op) in _OPERATORS:
        yield "operator", _changed(node, op=_OPERATORS[type(node.op)]())
    if isinstance(node, ast.BoolOp):
        for value in node.values:
            yield "missing step", value
        return
    if isinstance(node.op, _ORDER_MATTERS):
        yield "operator", _changed(node, left=node.right, right=node.left)
    yield "missing step", node.left
    yield "missing step", node.right


def _constants(node: ast.Constant) -> Iterator[tuple]:
    value = node.value
    if isinstance(value, bool):
        others = [not value]
    elif isinstance(value, int):
        others = [value + 1, value - 1]
    elif isinstance(value, float):
        others = [value * 1.1, value / 2] if value else [1.0]
    else:
        others = [_TEXTS[value]] if isinstance(value, str) and value in _TEXTS else []
    for other in others:
        yield "constant", ast.Constant(other)


def _axis(node: ast.keyword) -> Iterator[tuple]:
    """Another axis; of several axes, each but one; and none at all is `_calls`, an argument left out."""
    if node.arg not in ("axis", "axes", "dims"):
        return
    try:
        axis = ast.literal_eval(node.value)
    except ValueError:
        return
    if isinstance(axis, tuple):
        others = [axis[:i] + axis[i + 1 :] for i in range(len(axis))]
    else:
        others = [other for other in _AXES if other != axis]
    for other in others:
        yield "axis", _changed(node, value=ast.parse(repr(other), mode="eval").body)


def _calls(node: ast.Call, modules: set) -> Iterator[tuple]:
    """The call left out (its first argument, or what stands before the dot, remains), and each named argument."""
    arguments = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    if arguments:
        yield "missing step", arguments[0]
    if isinstance(node.func, ast.Attribute) and _root(node.func) not in modules:
        yield "missing step", node.func.value
    for keyword in node.keywords:
        yield "missing step", _changed(node, keywords=[k for k in node.keywords if k is not keyword]), keyword
    if len(node.args) > 1:
        yield "missing step", _changed(node, args=node.args[:-1]), node.args[-1]
    if len(arguments) == 2 == len(node.args):
        yield "wrong variable", _changed(node, args=arguments[::-1])


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _subscripts(node: ast.Subscript) -> Iterator[tuple]:
    if isinstance(node.ctx, ast.Load):
        yield "missing step", node.value
    if isinstance(node.slice, ast.Tuple):
        places = node.slice.elts
        for i in range(len(places) - 1):
            swapped = [*places[:i], places[i + 1], places[i], *places[i + 2 :]]
            yield "axis", _changed(node, slice=_changed(node.slice, elts=swapped))


def _slices(node: ast.Slice) -> Iterator[tuple]:
    for part in ("lower", "upper", "step"):
        if getattr(node, part) is not None:
            yield "missing step", _changed(node, **{part: None})  # `a[:n]` becomes `a[:]`


def _shorter(node: ast.List | ast.Tuple) -> Iterator[tuple]:
    if len(node.elts) < 2:
        return
    for i, part in enumerate(node.elts):
        yield "missing step", _changed(node, elts=node.elts[:i] + node.elts[i + 1 :]), part


def _names(node: ast.Name | ast.Attribute, field: str, variables: dict) -> Iterator[tuple]:
    word = node.id if isinstance(node, ast.Name) else node.attr
    if field == "func" and word in _FUNCTIONS:
        part = "id" if isinstance(node, ast.Name) else "attr"
        yield "wrong function", _changed(node, **{part: _FUNCTIONS[word]})
    if isinstance(node, ast.Name) and word in variables:
        for other, line in variables.items():
            if other != word and line <= node.lineno:
                yield "wrong variable", ast.Name(other, ast.Load())


# --------------------------------------------------------------------------------------- wording


def _shown(node: ast.AST) -> str:
    """A node in one line; `pass` stands where a step was left out."""
    if isinstance(node, ast.Slice):
        return ast.unparse(ast.Subscript(ast.Name(""), node, ast.Load()))
    text = " ".join(ast.unparse(node).split("\n")[0].split())
    return "(left out)" if isinstance(node, ast.Pass) else text


def _unique(name: str, names: set) -> str:
    """The name, with a number behind it where it is there already."""
    wanted, count = name, 1
    while wanted in names:
        count += 1
        wanted = f"{name} ({count})"
    names.add(wanted)
    return wanted


def _difference(original: str, text: str) -> tuple[str, str]:
    """The lines that differ, without those before and after them that are the same."""
    one, other = original.split("\n"), text.split("\n")
    while one and other and one[0] == other[0]:
        del one[0], other[0]
    while one and other and one[-1] == other[-1]:
        del one[-1], other[-1]
    return "\n".join(line.strip() for line in one), "\n".join(line.strip() for line in other)
