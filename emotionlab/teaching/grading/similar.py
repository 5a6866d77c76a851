"""Which answers are the same after renaming: a hint to look, never a verdict."""

import ast
import builtins
import hashlib

from emotionlab.exercises.written import words_of
from emotionlab.teaching.grading.results import Graded

FEWEST_NODES = 40
"""Shorter answers are not compared: there are few ways to write one line."""

_FEWEST_WORDS = 20


def alike(results: list[Graded]) -> list[tuple[str, str, list[str]]]:
    """(exercise, question, learners) for each group of two or more whose answers are the same after renaming.

    Code was taken apart where it ran, under the learner's limits: its mark is stored with the answer.
    """
    groups: dict[tuple[str, str, str], list[str]] = {}
    for result in results:
        for question in result.questions:
            mark = question.get("alike", "")
            if "alike" not in question or question["kind"] == "written":
                mark = fingerprint(question["source"], question["kind"], question.get("written", ""))
            if mark and question["outcome"] != "not_attempted":
                groups.setdefault((result.exercise, question["question"], mark), []).append(result.student)
    return sorted((exercise, ident, who) for (exercise, ident, _), who in groups.items() if len(who) > 1)


def fingerprint(source: str, kind: str = "function", text: str = "") -> str:
    """The same for two answers that differ only in names, comments, docstrings and layout; "" for short ones."""
    if kind == "written":
        words = words_of(text)
        return (
            hashlib.sha256(" ".join(words).encode("utf-8", "replace")).hexdigest()
            if len(words) >= _FEWEST_WORDS
            else ""
        )
    tree = _parse(source)
    if tree is None or sum(1 for _ in ast.walk(tree)) < FEWEST_NODES:
        return ""
    try:
        return hashlib.sha256(ast.dump(_Renamed().visit(tree)).encode("utf-8", "replace")).hexdigest()
    except RecursionError:
        return ""


def _parse(source: str) -> ast.Module | None:
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


class _Renamed(ast.NodeTransformer):
    """Calls every name of the learner v0, v1, ... in the order in which they occur; builtins keep theirs."""

    def __init__(self):
        self.names: dict[str, str] = {}

    def _new(self, name: str) -> str:
        return name if hasattr(builtins, name) else self.names.setdefault(name, f"v{len(self.names)}")

    def visit_Name(self, node):
        return ast.Name(self._new(node.id), node.ctx)

    def visit_arg(self, node):
        return ast.arg(self._new(node.arg))

    def visit_FunctionDef(self, node):
        node.name, node.returns = self._new(node.name), None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
        return self.generic_visit(node)
