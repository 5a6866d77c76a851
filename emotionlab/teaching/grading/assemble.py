"""Lay out what a learner handed in as a run: their cells, in their order, and the answers to look for.

Nothing is left out but a stub that another cell has replaced. Cells are told apart by their text alone:
taking Python apart costs time that a learner decides, so that happens under the learner's limits.
"""

import re
from dataclasses import dataclass

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import Exercise, exercise, numbers
from emotionlab.exercises.engine import Question
from emotionlab.exercises.naming import PREFIX, exercise_of_file
from emotionlab.teaching.grading.reading import Cell, Notebook, Unreadable, read_notebook


@dataclass(frozen=True)
class Master:
    """One exercise of the course: its checks, and the notebook that learners got."""

    exercise: Exercise
    name: str
    cells: tuple[Cell, ...]

    def answer_cell(self, question: Question) -> int:
        """The place of the question's answer cell."""
        wanted = cell_id(question)
        return next(place for place, cell in enumerate(self.cells) if cell.id == wanted)

    def set_up(self) -> str:
        """The course's own code before the first answer."""
        first = self.answer_cell(self.exercise.questions[0])
        return "\n".join(cell.source for cell in self.cells[:first] if cell.kind == "code")


@dataclass(frozen=True)
class Answer:
    """What a learner wrote for a question. source: "" when no cell seems to hold it; stub: nothing was changed."""

    question: str
    source: str = ""
    stub: bool = False


@dataclass(frozen=True)
class Assembled:
    """The cells to run, in order, and the answers.

    A cell is {"place", "name", "source", "holds", "stub", "course"}: its place among the code cells, what to call
    it, the questions whose answer it holds, those whose unchanged stub it is, and whether it is the course's own.
    """

    cells: list[dict]
    answers: dict[str, Answer]
    warnings: tuple[str, ...]


def cell_id(question: Question, part: str = "answer") -> str:
    """The id of a cell of the question, such as q-1-2-answer."""
    return f"q-{question.id.replace('.', '-')}-{part}"


def masters() -> dict[str, Master]:
    """Exercise -> its master: each exercise that has both its checks and its notebook here."""
    from emotionlab.course.files import course_source

    found = {}
    for path in sorted((course_source() / "exercises").glob("*.ipynb")):
        number = exercise_of_file(path.name)
        if number in numbers():
            found[number] = open_master(number, path)
    return found


def open_master(number: str, path) -> Master:
    """The master of one exercise. Raises EmotionLabError when its notebook lacks a question."""
    try:
        cells = read_notebook(path).cells
    except Unreadable as problem:
        raise EmotionLabError(f"Expected the notebook of exercise {number}, found that {problem}.") from None
    opened = exercise(number)
    missing = {cell_id(question) for question in opened.questions} - {cell.id for cell in cells}
    if missing:
        raise EmotionLabError(
            f"Expected the cells {', '.join(sorted(missing))} in {path}, found none; run `emotionlab exercises build`."
        )
    return Master(opened, path.name, cells)


def assemble(master: Master, notebook: Notebook) -> Assembled:
    """Every code cell of the learner, with what the grader knows of it."""
    code = [cell for cell in notebook.cells if cell.kind == "code" and cell.source.strip()]
    course = {_plain(cell.source) for cell in master.cells if cell.kind == "code"}
    warnings: list[str] = []
    cells = [
        {"place": place, "name": name_of(place, cell), "source": cell.source, "holds": [], "stub": []}
        | {"course": _plain(cell.source) in course}
        for place, cell in enumerate(code)
    ]
    texts = [cell for cell in notebook.cells if cell.kind != "code"]
    questions = master.exercise.questions
    answers = {question.id: _find(master, question, code, texts, cells, warnings) for question in questions}
    ids = {cell.id for cell in master.cells}
    added = [cell for cell in code if cell.id and cell.id not in ids]
    if added and len(added) < len(code):
        warnings.append(f"cells that the learner added: {len(added)}")
    if code and not any(re.search(r"\bexercise\(", cell.source) for cell in code):
        set_up = {"place": -1, "name": "the set-up", "source": master.set_up(), "holds": [], "stub": []}
        cells.insert(0, set_up | {"course": True})
        warnings.append("the set-up cell is missing: the exercise's own ran first")
    return Assembled(cells, answers, tuple(warnings))


def name_of(place: int, cell: Cell) -> str:
    """What the table calls a cell: its id where it is one of the course's, else its number among the code cells."""
    return cell.id if re.fullmatch(rf"q-(?:{PREFIX})-\d+-[\w-]{{1,40}}|set-up", cell.id) else f"code cell {place + 1}"


def _find(
    master: Master, question: Question, code: list[Cell], texts: list[Cell], cells: list[dict], warnings: list[str]
) -> Answer:
    """Mark the cells that hold the answer, by id, by tag or because they seem to define it; and the stubs."""
    stub = _plain(master.cells[master.answer_cell(question)].source)
    wanted = cell_id(question)
    define = re.compile(rf"^(?:(?:async +)?def|class) +{question.answer}\b|^{question.answer}\b *[:=]", re.M)
    named = [place for place, cell in enumerate(code) if define.search(cell.source)]
    places = {place for place, cell in enumerate(code) if cell.id == wanted or wanted in cell.tags}
    places = sorted(places.union(named))
    written = [place for place in places if _plain(code[place].source) != stub]
    for place in written:
        cells[place]["holds"].append(question.id)
    if written:  # where nothing was written the stub runs, and is found to be one
        for place in set(places) - set(written):
            cells[place]["stub"].append(question.id)
    if len({_plain(code[place].source) for place in named}) > 1:
        warnings.append(f"{question.id}: {len(named)} cells hold this answer; the last that is not the stub counts")
    if not places:
        texts = [cell for cell in texts if cell.id == wanted or wanted in cell.tags or define.search(cell.source)]
        warnings += [f"{question.id}: a text cell where the answer was"] if texts else []
        return Answer(question.id)
    shown = [place for place in written if place in named] or written or places
    return Answer(question.id, code[shown[-1]].source, stub=not written)


def _plain(source: str) -> str:
    lines = (line.rstrip() for line in source.strip().split("\n"))
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))
