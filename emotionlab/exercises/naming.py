"""How exercises, their questions, cells and notebooks are called.

An exercise has the number of its lesson, "05", or a name of its own, "text" or "several_words". Its questions are 5.1
and 5.2, or text.1 and text.2; the cells of one q-5-1-task or q-text-1-task; the notebook 05_topic.ipynb or text.ipynb.
"""

import re

NAME = r"[a-z]+(?:_[a-z]+)*"
"""Pattern of an exercise's own name."""

PREFIX = rf"\d{{1,2}}|{NAME}"
"""Pattern of the first part of a question's id."""

_FILE = re.compile(rf"(\d\d)_\w+\.ipynb|({NAME})\.ipynb")


def exercise_of_file(name: str) -> str:
    """The exercise of a notebook: "05_transfer_vgg16.ipynb" -> "05", "text.ipynb" -> "text"; "" for another name."""
    match = _FILE.fullmatch(name)
    return (match[1] or match[2]) if match else ""


def exercise_of(question: str) -> str:
    """The exercise of a question: "5.2" -> "05", "text.1" -> "text"."""
    return question.split(".")[0].zfill(2)


def prefix(exercise: str) -> str:
    """The first part of the ids of an exercise's questions: "05" -> "5", "text" -> "text"."""
    return exercise.lstrip("0")


def cell_id(question: str, part: str = "answer") -> str:
    """The id of a cell of a question: ("5.2", "check") -> "q-5-2-check"."""
    return f"q-{question.replace('.', '-')}-{part}"
