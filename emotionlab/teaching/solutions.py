"""What the solution notebooks say of each question: title, points, task, model solution and rubric.

They stand there alone. `emotionlab exercises build` writes them to emotionlab/exercises/answers.json, which
an installed package has beside its checks.
"""

import json
import re

import nbformat

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.naming import PREFIX, cell_id, exercise_of_file, prefix

_ANSWER = re.compile(rf"q-({PREFIX})-(\d+)-answer")
_TITLE = re.compile(r"# Exercise(?: \d\d)?: (.+)")
_HEADING = re.compile(r"## (\S+) (.+) \((\d+) points?\)")


def described(notebooks: dict[str, nbformat.NotebookNode]) -> dict:
    """Exercise -> {"title", "questions": {id: {"title", "points", "answer", "task", "source", "rubric"}}}.

    notebooks: file name -> solution notebook. Raises EmotionLabError when something is missing or stands in
    two places.
    """
    found: dict[str, dict] = {}
    for name, notebook in notebooks.items():
        exercise = exercise_of_file(name)
        if not exercise:
            raise EmotionLabError(f"{name}: expected a name such as 05_topic.ipynb or text.ipynb; rename it.")
        if exercise in found:
            raise EmotionLabError(f"{name}: exercise {exercise} has another notebook already; keep one of the two.")
        found[exercise] = _described(name, exercise, notebook.cells)
    return found


def to_text(described: dict) -> str:
    """The text of answers.json."""
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"


def _described(name: str, exercise: str, cells: list) -> dict:
    by_id: dict[str, nbformat.NotebookNode] = {}
    for cell in cells:
        if cell.id in by_id:
            raise EmotionLabError(f"{name}: two cells have the id {cell.id}; rename one.")
        by_id[cell.id] = cell
    titles = [match[1] for cell in cells if (match := _TITLE.match(cell.source)) and cell.cell_type == "markdown"]
    if len(titles) != 1:
        raise EmotionLabError(f"{name}: expected one heading such as # Exercise 05: Title, found {len(titles)}.")
    questions = {}
    for ident in by_id:
        match = _ANSWER.fullmatch(ident)
        if match and match[1] != prefix(exercise):
            raise EmotionLabError(f"{name}: cell {ident} belongs to another exercise; expected q-{prefix(exercise)}-…")
        if match:
            questions[f"{match[1]}.{match[2]}"] = _question(name, f"{match[1]}.{match[2]}", by_id)
    _no_other_heading(name, cells, questions)
    return {"title": titles[0], "questions": questions}


def _no_other_heading(name: str, cells: list, questions: dict) -> None:
    """Title and points of a question stand in its task cell, and only there."""
    found = [match[1] for cell in cells for match in _HEADING.finditer(cell.source) if cell.cell_type == "markdown"]
    wrong = sorted({id for id in found if id not in questions or found.count(id) > 1})
    if wrong:
        raise EmotionLabError(
            f"{name}: expected one heading with points for each question, in its task cell, found another for "
            f"{', '.join(wrong)}."
        )


def _question(name: str, id: str, by_id: dict) -> dict:
    sources = {part: by_id[cell_id(id, part)].source for part in ("task", "check") if cell_id(id, part) in by_id}
    heading, _, task = sources.get("task", "").partition("\n")
    match = _HEADING.fullmatch(heading)
    if not match or match[1] != id:
        raise EmotionLabError(
            f"{name}: expected a Markdown cell {cell_id(id, 'task')} that begins with a heading such as "
            f"## {id} Title (2 points), found {heading!r}."
        )
    call = re.fullmatch(rf'ex\.check\("{re.escape(id)}", (\w+)\)', sources.get("check", ""))
    if not call:
        raise EmotionLabError(
            f'{name}: expected ex.check("{id}", NAME) in cell {cell_id(id, "check")}, found {sources.get("check")!r}.'
        )
    return {
        "title": match[2],
        "points": int(match[3]),
        "answer": call[1],
        "task": task.strip(),
        "source": by_id[cell_id(id)].source,
        "rubric": _rubric(name, by_id.get(cell_id(id, "rubric"))),
    }


def _rubric(name: str, cell: nbformat.NotebookNode | None) -> list[str]:
    """The lines of a rubric, a list in a Markdown cell that learners do not get; [] where there is none."""
    if cell is None:
        return []
    lines = [line.strip() for line in cell.source.split("\n") if line.strip()]
    if "solution-only" not in cell.metadata.get("tags", []) or not all(line.startswith("- ") for line in lines):
        raise EmotionLabError(
            f'{name}: expected in cell {cell.id} a list, each line begun with "- ", and the tag solution-only.'
        )
    return [line.removeprefix("- ") for line in lines]


def rubrics(notebooks: dict[str, nbformat.NotebookNode]) -> str:
    """The levels of every written question in Markdown, each under its title and points, for INSTRUCTORS.md.

    They stand in the cell `q-N-7-levels`, which learners do not get. Raises EmotionLabError where one is missing.
    """
    parts = []
    for name, notebook in notebooks.items():
        by_id = {cell.id: cell for cell in notebook.cells}
        for id, question in _described(name, exercise_of_file(name), notebook.cells)["questions"].items():
            if question["rubric"]:
                levels = by_id.get(cell_id(id, "levels"))
                if levels is None or "solution-only" not in levels.metadata.get("tags", []):
                    raise EmotionLabError(
                        f"{name}: expected a cell {cell_id(id, 'levels')} with the tag solution-only, found none; "
                        "write there what each level of the answer is."
                    )
                parts.append(f"### {id} {question['title']} ({question['points']} points)\n\n{levels.source.strip()}")
    return "\n\n".join(parts)
