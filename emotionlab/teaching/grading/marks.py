"""Marks that a reader gives to written answers: a CSV goes out, is filled in anywhere, and comes back."""

import csv
import io
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.grading.results import Graded
from emotionlab.teaching.grading.tables import neutral, write_csv

COLUMNS = ("student", "exercise", "question", "possible", "points", "comment")


def write_template(results: list[Graded], path: Path) -> None:
    """A row for each written answer that was handed in, with the marks it has so far."""
    rows = []
    for result in results:
        for question in result.questions:
            if question["kind"] == "written" and question["outcome"] == "passed":
                given = question.get("marks")
                row = (result.student, result.exercise, question["question"], question["possible"])
                rows.append((*row, "" if given is None else f"{given:g}", question.get("comment", "")))
    _keep_marks_not_taken_in(results, path)
    write_csv(path, COLUMNS, rows)


def _keep_marks_not_taken_in(results: list[Graded], path: Path) -> None:
    """Rename a marks file whose marks were never taken in with --marks: somebody has worked on it."""
    if not path.exists():
        return
    known = {
        (neutral(result.student), result.exercise, question["question"], question.get("marks"))
        for result in results
        for question in result.questions
    }
    try:
        lost = any((*_key(row), row["points"]) not in known for row in read_marks(path))
    except EmotionLabError:
        lost = True
    if lost:
        number = 1
        while (kept := path.with_name(f"marks.kept-{number}.csv")).exists():
            number += 1
        path.replace(kept)


def _key(row: dict) -> tuple[str, str, str]:
    exercise = (row["exercise"] or "").strip().zfill(2)  # a spreadsheet makes 1 of 01
    return neutral(row["student"] or ""), exercise, (row["question"] or "").strip()


def read_marks(path: Path) -> list[dict]:
    """The filled-in rows of a marks file: student, exercise, question, points (float), comment, line.

    Takes commas or semicolons, a decimal comma, and any spreadsheet's mark at the start.
    Raises EmotionLabError naming the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise EmotionLabError(f"Expected a CSV file in UTF-8 with marks in {path}, found: {error}.") from None
    first = text.split("\n", 1)[0]
    table = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    missing = set(COLUMNS) - {"possible", "comment"} - set(table.fieldnames or ())
    if missing:
        raise EmotionLabError(
            f"Expected the columns {', '.join(COLUMNS)} in {path}, found no {', '.join(sorted(missing))}; "
            "start from the marks.csv in the report."
        )
    rows = []
    for row in table:
        points = (row["points"] or "").strip()
        if points:
            rows.append({**row, "points": _points(points, path, table.line_num), "line": table.line_num})
    return rows


def _points(text: str, path: Path, line: int) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points < 1e6:
        raise EmotionLabError(f"Expected a number of points in line {line} of {path}, found {text[:40]!r}; mend it.")
    return points


def apply_marks(results: list[Graded], path: Path) -> list[Graded]:
    """Put the marks into the results they belong to; returns those that changed. Raises EmotionLabError."""
    places = {}
    for result in results:
        for question in result.questions:
            if question["kind"] == "written":
                places[neutral(result.student), result.exercise, question["question"]] = (result, question)
    changed = {}
    for row in read_marks(path):
        key = _key(row)
        if key not in places:
            raise EmotionLabError(
                f"Expected a written answer of this report in line {row['line']} of {path}, found "
                f"{row['student']!r}, exercise {row['exercise']}, question {row['question']}; mend or remove the line."
            )
        result, question = places[key]
        if row["points"] > question["possible"]:
            raise EmotionLabError(
                f"Expected at most {question['possible']} points in line {row['line']} of {path}, "
                f"found {row['points']:g}; mend it."
            )
        question["marks"], question["comment"] = row["points"], (row.get("comment") or "").strip()
        changed[id(result)] = result
    return list(changed.values())
