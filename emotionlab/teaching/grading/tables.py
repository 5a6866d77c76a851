"""grades.csv and grades.json."""

import csv
import io
import json
from dataclasses import asdict
from pathlib import Path

from emotionlab.teaching.grading.results import Graded, write_part

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def neutral(value) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before = + - @, tab and line end."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA[:4]) else text


def as_typed(text: str) -> str:
    """What a reader typed into a cell: without the apostrophe, where `neutral` put it there."""
    return text[1:] if text.startswith("'") and neutral(text[1:]) == text else text


def write_csv(path: Path, head: tuple[str, ...], rows: list[tuple]) -> None:
    """Write a table that spreadsheets and learning platforms read: UTF-8 with a mark, commas, neutral cells.

    Raises EmotionLabError.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    write_part(path, buffer.getvalue().encode("utf-8-sig", "replace"))


def write_grades(results: list[Graded], out: Path, facts: dict) -> None:
    """grades.csv (a row a learner and exercise) and grades.json (everything, with `facts` about the run).

    Raises EmotionLabError.
    """
    most = max((len(result.questions) for result in results), default=0)
    head = ("student", "exercise", "points", "possible", "percent", "to_mark", "status", "notes", "file")
    head += tuple(f"question_{number}" for number in range(1, most + 1))
    write_csv(out / "grades.csv", head, [_row(result, most) for result in results])
    content = {**facts, "results": [{**asdict(r), "points": r.points, "possible": r.possible} for r in results]}
    write_part(out / "grades.json", json.dumps(content, indent=1).encode("utf-8"))


def _row(result: Graded, most: int) -> tuple:
    percent = f"{100 * result.points / result.possible:.1f}" if result.possible else "0"
    each = [f"{question['points'] + (question.get('marks') or 0):g}" for question in result.questions]
    notes = "; ".join(result.warnings)
    row = (result.student, result.exercise, f"{result.points:g}", result.possible, percent, result.to_mark)
    return (*row, result.status, notes, result.file, *each, *[""] * (most - len(each)))
