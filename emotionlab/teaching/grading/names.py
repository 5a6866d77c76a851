"""Which names a piece of notebook code defines and which it uses, magics and broken code included."""

import ast
import re


def parse(source: str) -> ast.Module | None:
    """The syntax tree of a cell, with `%magic` and `!command` lines made into calls; None when it is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defined(source: str) -> set[str]:
    """Names that the cell binds at its top level; for broken code, those that it seems to bind."""
    tree = parse(source)
    if tree is None:
        return set(re.findall(r"^(?:async +def|def|class)? *(\w+) *[(=:]", source, re.M))
    return bound(tree.body)


def used(source: str) -> set[str]:
    """Names that the cell reads; for broken code, every word in it."""
    tree = parse(source)
    return set(re.findall(r"[^\W\d]\w*", source)) if tree is None else read(tree.body)


def bound(statements: list[ast.stmt]) -> set[str]:
    """Names that these statements bind in their own scope."""
    names: set[str] = set()
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.alias):
                names.add(node.asname or node.name.split(".")[0])
    return names


def read(statements: list[ast.stmt]) -> set[str]:
    """Names that these statements read, at any depth."""
    nodes = (node for statement in statements for node in ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def imports(source: str) -> list[tuple[set[str], str]]:
    """Each import at the top level of a cell: (names it binds, its source)."""
    tree = parse(source)
    statements = [] if tree is None else [s for s in tree.body if isinstance(s, ast.Import | ast.ImportFrom)]
    return [(bound([statement]), ast.unparse(statement)) for statement in statements]


def only_needed(source: str, needed: set[str]) -> str:
    """The cell without assignments to names that are not `needed`: a set-up need not load faces nobody looks at."""
    tree = parse(source)
    if tree is None:
        return source
    wanted, kept = set(needed), []
    for statement in reversed(tree.body):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and not bound([statement]) & wanted:
            continue
        kept.append(statement)
        wanted |= read([statement])
    return "\n".join(ast.unparse(statement) for statement in reversed(kept))
