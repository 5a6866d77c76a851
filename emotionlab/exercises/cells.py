"""A function of a question's file as the text of a notebook cell, as a learner would have written it.

A cell knows `np` and `el` alone. So the text brings along whatever else of its file the function needs:
imports, constants and helper functions.
"""

import ast
import functools
import inspect
import re
import sys

_GIVEN = {"np", "el"}  # what the first cell of every exercise imports


def cell_text(function, name: str) -> str:
    """Source text that defines `function`, under the name `name`, with what it needs and without its decorators."""
    lines, places = _statements(function.__module__)
    own = places[function.__name__]
    imports, statements = set(), []
    for word, node in _needed(own, places):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imports.add(_import_of(word, node))
        elif node is not own and node not in statements:
            statements.append(node)
    parts = ["\n".join(sorted(imports))] if imports else []
    parts += [_text(lines, node) for node in sorted(statements, key=lambda node: node.lineno)]
    answer = re.sub(rf"\b{function.__name__}\b", name, _text(lines, own), count=1)
    return "\n\n\n".join([*parts, answer]) + "\n"


@functools.cache
def _statements(module: str) -> tuple[list[str], dict[str, ast.stmt]]:
    """The lines of a module, and the statement that binds each of its names."""
    source = inspect.getsource(sys.modules[module])
    places: dict[str, ast.stmt] = {}
    for node in ast.parse(source).body:
        for word in _bound(node):
            places[word] = node
    return source.split("\n"), places


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement of a module binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _needed(node: ast.stmt, places: dict[str, ast.stmt]) -> list[tuple[str, ast.stmt]]:
    """(name, statement that binds it) of all that a statement uses, and of what those use."""
    found: dict[str, ast.stmt] = {}
    todo = [node]
    while todo:
        for word in _used(todo.pop()) & places.keys() - _GIVEN - found.keys():
            found[word] = places[word]
            todo.append(places[word])
    return list(found.items())


def _used(node: ast.stmt) -> set[str]:
    """The names of the file that a statement uses: not those in its decorators, nor a function's own variables."""
    decorators = getattr(node, "decorator_list", [])
    hidden = {part for decorator in decorators for part in ast.walk(decorator)}
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name) and part not in hidden]
    own = {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    if isinstance(node, ast.FunctionDef):
        own |= {part.id for part in names if isinstance(part.ctx, ast.Store)}
    return {part.id for part in names} - own


def _import_of(word: str, node: ast.Import | ast.ImportFrom) -> str:
    """The import of one name alone."""
    alias = next(alias for alias in node.names if word in (alias.asname, alias.name.split(".")[0]))
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import([alias]))
    return ast.unparse(ast.ImportFrom(node.module, [alias], node.level))


def _text(lines: list[str], node: ast.stmt) -> str:
    """The lines of a statement; a function's begin at its `def`, below the decorators."""
    return "\n".join(lines[node.lineno - 1 : node.end_lineno])
