"""Check what a machine of a cluster sent for a result: plain JSON of the right kind, about the right questions."""

import json
import math

from emotionlab.exercises.engine import Question
from emotionlab.exercises.verdict import OUTCOMES

FIELDS = ("status", "warnings", "questions", "output", "seconds")
"""What of a result travels: all but whose it is."""

LARGEST = 64 * 2**20
"""Bytes of the largest reply that is read."""

_TEXTS = ("outcome", "question", "message", "misconception", "next_step", "title", "kind", "source", "written")


def checked_reply(sent, questions: tuple[Question, ...]) -> dict | None:
    """The fields of a result, or None for anything that the course's own code cannot have sent."""
    if not isinstance(sent, bytes) or len(sent) > LARGEST:
        return None
    try:
        reply = json.loads(sent)
        good = (
            _is_status(reply["status"])
            and _are_texts(reply["warnings"])
            and isinstance(reply["output"], str)
            and _is_number(reply["seconds"])
            and [entry["question"] for entry in reply["questions"]] == [question.id for question in questions]
            and all(_is_entry(*pair) for pair in zip(reply["questions"], questions, strict=True))
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return {name: reply[name] for name in FIELDS} if good else None


def _is_status(status) -> bool:
    return status in ("graded", "partly graded") or (isinstance(status, str) and status.startswith("not graded: "))


def _are_texts(values) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _is_number(value) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _is_entry(entry: dict, question: Question) -> bool:
    """Whether one question's entry is about this question, with points that it can have."""
    more = {"points", "possible", "seconds", *_TEXTS}
    return (
        more <= set(entry) <= more | {"alike", "cell_error"}
        and all(isinstance(entry[name], str) for name in set(entry) - {"points", "possible", "seconds"})
        and entry["outcome"] in OUTCOMES
        and (entry["title"], entry["kind"]) == (question.title, question.kind)
        and type(entry["possible"]) is int
        and entry["possible"] == question.points
        and type(entry["points"]) is int
        and (entry["points"] in (0, question.points) if entry["outcome"] == "passed" else entry["points"] == 0)
        and _is_number(entry["seconds"])
    )
