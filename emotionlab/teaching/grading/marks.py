"""Marks that a reader gives to written answers: a CSV goes out, is filled in anywhere, and comes back."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.grading.results import Graded, writing
from emotionlab.teaching.grading.tables import as_typed, neutral, write_csv

COLUMNS = ("student", "exercise", "question", "possible", "points", "comment")


def write_template(results: list[Graded], path: Path) -> Path | None:
    """A row for each written answer that was handed in, with the marks it has so far. Raises EmotionLabError.

    Returns where the file that was there is now, if it holds marks that were not taken in.
    """
    rows = []
    for result in results:
        for question in result.questions:
            if question["kind"] == "written" and question["outcome"] == "passed":
                given = question.get("marks")
                row = (result.student, result.exercise, question["question"], question["possible"])
                rows.append((*row, "" if given is None else _exact(given), question.get("comment", "")))
    kept = _keep_marks_not_taken_in(results, path)
    write_csv(path, COLUMNS, rows)
    return kept


def _exact(points: float) -> str:
    """Points as people write them, but for such as 2.3333333, which are read back as they were."""
    return f"{points:g}" if float(f"{points:g}") == points else repr(points)


def _keep_marks_not_taken_in(results: list[Graded], path: Path) -> Path | None:
    """Rename a marks file whose marks were never taken in with --marks: somebody has worked on it. Returns its name."""
    if not path.exists():
        return None
    known = {
        (neutral(result.student), result.exercise, question["question"]): question
        for result in results
        for question in result.questions
    }
    try:
        lost = any(_says_more(row, known.get(_key(row), {})) for row in read_marks(path, whole=True))
    except EmotionLabError:
        lost = True
    if not lost:
        return None
    number = 1
    while (kept := path.with_name(f"marks.kept-{number}.csv")).exists():
        number += 1
    with writing(kept):
        path.replace(kept)
    return kept


def _says_more(row: dict, question: dict) -> bool:
    """True for a row with points, a comment or a column that the report does not hold."""
    more = any(text for name, text in row.items() if name not in (*COLUMNS, "line"))
    given = row["points"] not in (None, question.get("marks"))
    return more or given or _comment(row) not in ("", as_typed(question.get("comment", "")))


def _comment(row: dict) -> str:
    return as_typed((row.get("comment") or "").strip()).strip()


_HOW = "edit it in a text editor, or have the spreadsheet read every column as text, and save it as CSV in UTF-8"


def read_marks(path: Path, whole: bool = False) -> list[dict]:
    """The filled-in rows of a marks file: student, exercise, question, points (float), comment, line.

    whole: the rows without points too, with None for them.
    Takes commas, semicolons or tabs, a decimal comma, UTF-8, UTF-16 and what Excel writes on Windows.
    Raises EmotionLabError naming the line.
    """
    text = _text(path)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        text, (first, _, _) = rest, rest.partition("\n")
    between = max(",;\t", key=first.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    everything = list(_rows(table, path))  # the names of the columns are a row too
    missing = set(COLUMNS) - {"possible", "comment"} - set(table.fieldnames or ())
    if missing:
        raise EmotionLabError(
            f"Expected the columns {', '.join(COLUMNS)} in {path}, found no {', '.join(sorted(missing))}; "
            "start from the marks.csv in the report."
        )
    rows = []
    for line, row in everything:
        points = (row["points"] or "").strip()
        if points or whole:
            number = _points(points, path, line) if points else None
            rows.append({**row, "points": number, "line": line})
    return rows


def _rows(table: csv.DictReader, path: Path) -> Iterator[tuple[int, dict]]:
    """Each row, with the line in which it ends. Raises EmotionLabError, with the line in which a broken one begins."""
    begin = 1
    try:
        if table.fieldnames:  # reads the first line
            begin = table.line_num + 1
        for row in table:
            yield table.line_num, row
            begin = table.line_num + 1
    except csv.Error as error:
        raise EmotionLabError(
            f"Expected a table in {path}, found a row from line {begin:,} on that cannot be read ({error}: a quotation "
            f"mark that is not closed?); mend that line: {_HOW}."
        ) from None


def _text(path: Path) -> str:
    """The text of a table, in whichever letters a spreadsheet saved it. Raises EmotionLabError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise EmotionLabError(f"Expected a CSV file with marks in {path}, found: {error}.") from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise EmotionLabError(
            f"Expected a CSV file in {path}, found a spreadsheet's own file; save it as CSV in UTF-8."
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # Excel's "CSV", on Windows


def _points(text: str, path: Path, line: int) -> float:
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points < 1e6:
        raise EmotionLabError(
            f"Expected a number of points in line {line} of {path}, found {text[:40]!r}; mend it: {_HOW}."
        )
    return points


def apply_marks(results: list[Graded], path: Path) -> list[Graded]:
    """Put the marks into the results they belong to, all or none; returns the changed ones. Raises EmotionLabError."""
    places = {}
    for result in results:
        for question in result.questions:
            if question["kind"] == "written":
                places[neutral(result.student), result.exercise, question["question"]] = (result, question)
    placed, changed = _placed(path, places), {}
    for key, row in placed.items():
        possible = places[key][1]["possible"]
        if row["points"] > possible:
            raise EmotionLabError(
                f"Expected at most {possible} points in line {row['line']} of {path}, found {row['points']:g}; mend it."
            )
    for key, row in placed.items():
        result, question = places[key]
        question["marks"] = row["points"]
        if row.get("comment") is not None:  # a file without that column says nothing of it
            question["comment"] = _comment(row)
        changed[id(result)] = result
    return list(changed.values())


def _placed(path: Path, places: dict) -> dict[tuple[str, str, str], dict]:
    """The place of each row with points. Raises EmotionLabError for a row of no answer, or two of one.

    Rows without points count as well: where a spreadsheet made 123 of 0123, one of the two rows may be empty.
    """
    rows: dict[tuple[str, str, str], list[dict]] = {}
    for row in read_marks(path, whole=True):
        key = _place(row, places)
        if key is not None:
            rows.setdefault(key, []).append(row)
        elif row["points"] is not None:
            raise EmotionLabError(
                f"Expected a written answer of this report in line {row['line']} of {path}, found "
                f"{row['student']!r}, exercise {row['exercise']}, question {row['question']}; "
                f"mend or remove the line: {_HOW}."
            )
    marked = {key: mine for key, mine in rows.items() if any(row["points"] is not None for row in mine)}
    for (student, _, question), mine in marked.items():
        if len(mine) > 1:
            raise EmotionLabError(
                f"Expected one row for each answer in {path}, found two for {student!r}, question {question}, in lines "
                f"{mine[0]['line']} and {mine[1]['line']}; remove one, and see that no spreadsheet dropped leading "
                f"zeros (0123 is not 123): {_HOW}."
            )
    return {key: mine[0] for key, mine in marked.items()}


def _key(row: dict) -> tuple[str, str, str]:
    exercise = re.sub(r"[.,]0+$", "", (row["exercise"] or "").strip()).zfill(2)  # a spreadsheet makes 1 of 01
    return neutral(row["student"] or ""), exercise, (row["question"] or "").strip().replace(",", ".")


def _place(row: dict, places: dict) -> tuple[str, str, str] | None:
    """The answer that a row belongs to, also after a spreadsheet has made a date of 1.7 or a number of a name."""
    student, exercise, question = _key(row)
    if (student, exercise, question) in places:
        return student, exercise, question
    called = {_as_number(name): name for name, _, _ in places} if _as_number(student) else {}
    student = called.get(_as_number(student), student)
    if not any(name == student for name, _, _ in places):
        student = _misread(student)
    mine = [key for key in places if key[:2] == (student, exercise)]
    exact = [key for key in mine if key[2] == question]
    if exact:
        return exact[0]
    return mine[0] if len(mine) == 1 and re.search(_DATE, question) else None  # one written question: it is that one


_DATE = r"^\d{1,4}[-./ ]+\w{2,9}|^\w{3,9}[-./ ]+\d{1,4}|^\d{1,2}[-./]\d{1,2}[-./]\d{2,4}|^\d{5}$|^\d{1,2}\.\d$"


def _as_number(name: str) -> str:
    return name.lstrip("0") if name.isdecimal() else ""


def _misread(name: str) -> str:
    """A name in UTF-8 that a spreadsheet has read in Windows' letters: Müller for MÃ¼ller."""
    try:
        return name.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return name


_CHANGED = "its text changed after a reader gave"


def keep_marks(new: Graded, old: Graded) -> None:
    """Take the points that a reader gave over into a new result: where the text is the same; else the row says so."""
    marked = {question["question"]: question for question in old.questions if question.get("marks") is not None}
    new.warnings += [note for note in old.warnings if _CHANGED in note and note not in new.warnings]
    for question in new.questions:
        before = marked.get(question["question"])
        if before is None or question.get("marks") is not None:
            continue
        if before.get("written", "") == question.get("written", ""):
            question["marks"], question["comment"] = before["marks"], before.get("comment", "")
            continue
        comment = f" and the comment {before['comment']!r}" if before.get("comment") else ""
        new.warnings.append(f"{question['question']}: {_CHANGED} {before['marks']:g} points{comment}; mark it anew")
