"""The page of public names: each with its signature and its docstring, read from the source without running it."""

import ast
import html
import inspect
import re
from functools import cache
from pathlib import Path

from emotionlab.base.files import PACKAGE

_INTRODUCTION = """# The names of emotionlab

Everything that `import emotionlab as el` offers, in the order in which the lessons meet it.
In a notebook, `el.NAME?` shows the same text and `el.NAME??` the source.
"""


def names_page() -> str:
    """The page as Markdown."""
    names = [_entry(f"el.{name}", *_found(home, name)) for name, home in public("_HOME").items()]
    modules = [_module(f"el.{name}", home) for name, home in public("_MODULES").items()]
    return "\n\n".join([_INTRODUCTION, "## Functions and classes", *names, "## Modules", *modules]) + "\n"


# ---------------------------------------------------------------------------------- where a name is defined


def public(table: str) -> dict[str, str]:
    """Name -> module, of the names (`_HOME`) or the modules (`_MODULES`) that the package offers."""
    tables = [node for node in _source("emotionlab").body if isinstance(node, ast.Assign)]
    return ast.literal_eval(next(node.value for node in tables if table in _targets(node)))


@cache
def _source(module: str) -> ast.Module:
    path = PACKAGE.parent / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def _found(module: str, name: str) -> tuple[ast.AST, str]:
    """(the definition of a name, its docstring), in that module or in the one from which it takes the name."""
    body = _source(module).body
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return node, ast.get_docstring(node) or ""
        if isinstance(node, ast.Assign | ast.AnnAssign) and name in _targets(node):
            return node, _text_of(after)
        elsewhere = isinstance(node, ast.ImportFrom) and node.module != module  # else it is a module inside this one
        if elsewhere and name in [alias.asname or alias.name for alias in node.names]:
            return _found(node.module, next(a.name for a in node.names if name == (a.asname or a.name)))
    home = _lazily(body)[name]
    return _found(home if home.startswith("emotionlab") else f"{module}.{home}", name)


def _targets(node) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _text_of(node) -> str:
    """A text that stands by itself below a constant is the constant's docstring."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return inspect.cleandoc(node.value.value) if is_text else ""


def _lazily(body) -> dict[str, str]:
    """Name -> module of the names that a module imports when they are first used: its dict literals say so."""
    tables = [node.value for node in body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)]
    pairs = [(key, value) for table in tables for key, value in zip(table.keys, table.values, strict=True)]
    constants = [(k.value, v.value) for k, v in pairs if isinstance(k, ast.Constant) and isinstance(v, ast.Constant)]
    return dict(constants)


# ---------------------------------------------------------------------------------- the page


def _entry(name: str, node: ast.AST, docstring: str) -> str:
    """One name; of a class its own public methods too."""
    call = "" if isinstance(node, ast.Assign | ast.AnnAssign) else _arguments(node)
    parts = [f"### {name}", f"```python\n{name}{call}\n```", _paragraphs(docstring)]
    if isinstance(node, ast.ClassDef):
        parts += [_method(one) for one in node.body if isinstance(one, ast.FunctionDef) and one.name[0] != "_"]
    return "\n\n".join(filter(None, parts))


def _method(node: ast.FunctionDef) -> str:
    is_property = any(isinstance(one, ast.Name) and "property" in one.id for one in node.decorator_list)
    call = "" if is_property else _arguments(node)
    return f"**`.{node.name}{call}`**\n\n{_paragraphs(ast.get_docstring(node) or '')}"


def _module(name: str, module: str) -> str:
    """A module: what it says of itself, and one line for each public name of its own."""
    tree = _source(module)
    parts = [f"### {name}", _paragraphs(ast.get_docstring(tree) or "")]
    own = [(key, text) for key in _public(tree) if (text := _summary(module, key))]
    return "\n\n".join([*parts, "\n".join(f"- `{name}.{key}`: {text}" for key, text in own)])


def _public(tree: ast.Module) -> list[str]:
    """The names in `__all__`; without one, the functions and classes that are defined there."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and "__all__" in _targets(node):
            return [one.value for one in getattr(node.value, "elts", ()) if isinstance(one, ast.Constant)]
    kinds = ast.FunctionDef | ast.ClassDef
    return [node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]


def _summary(module: str, name: str) -> str:
    try:
        text = _found(module, name)[1].split("\n\n")[0]
    except (KeyError, FileNotFoundError):  # a module of its own, or a name that is made while running
        return ""
    return _code(html.escape(" ".join(text.split()), quote=False))


def _arguments(node) -> str:
    """The signature in brackets, without types: of a class that of its `__init__`, or its fields."""
    if isinstance(node, ast.ClassDef):
        for one in node.body:
            if isinstance(one, ast.FunctionDef) and one.name == "__init__":
                return _arguments(one)
        fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
        return f"({', '.join(one.target.id for one in fields if one.target.id[0] != '_')})"
    arguments = ast.parse(ast.unparse(node)).body[0].args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    for one in filter(None, given):
        one.annotation = None
    return re.sub(r"^(self|cls)(, )?", "", ast.unparse(arguments)).join("()")


def _paragraphs(docstring: str) -> str:
    """A docstring as HTML: an indented part is code, and elsewhere an indented line goes on with the one above."""
    text = [_paragraph(part) for part in docstring.split("\n\n") if part.strip()]
    return f'<div class="el-docstring">\n{"".join(text)}\n</div>' if text else ""


def _paragraph(part: str) -> str:
    if part.startswith("|"):
        return _table(part.splitlines())
    if all(line.startswith("    ") for line in part.splitlines()):
        return f"<pre>{html.escape(inspect.cleandoc(part))}</pre>"
    joined = re.sub(r"\n +", " ", part)
    return f"<p>{_code(html.escape(joined))}</p>"


def _table(lines: list[str]) -> str:
    """A Markdown table: its first line has the names of the columns, its second only rules."""
    head, _, *rows = [[_code(html.escape(one.strip())) for one in line.strip("| ").split("|")] for line in lines]
    names = "".join(f'<th scope="col">{name}</th>' for name in head)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="table"><thead><tr>{names}</tr></thead><tbody>{cells}</tbody></table>'


def _code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
