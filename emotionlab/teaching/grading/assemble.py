"""Take a learner's answers into a fresh copy of the exercise, so that nothing else they changed counts.

What runs is the exercise's own notebook: its imports, the learner's answer cells, and a check after
each, made here. Of the learner's other cells only those count that an answer needs: a helper
function in a cell of its own, an import that was added to the set-up.
"""

import re
from dataclasses import dataclass

from emotionlab.errors import EmotionLabError
from emotionlab.exercises import Exercise, exercise, numbers
from emotionlab.exercises.engine import Question
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.teaching.grading import names
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


@dataclass(frozen=True)
class Answer:
    """What a learner wrote for a question. source: "" when there is no cell for it; stub: nothing was changed."""

    question: str
    source: str = ""
    stub: bool = False


@dataclass(frozen=True)
class Assembled:
    """The steps to run, in order, and the answers. A step is {"kind", "id", "source", "question", "answer"}."""

    steps: list[dict]
    answers: dict[str, Answer]
    warnings: tuple[str, ...]


def cell_id(question: Question, part: str = "answer") -> str:
    """The id of a cell of the question, such as q-1-2-answer."""
    return f"q-{question.id.replace('.', '-')}-{part}"


def masters() -> dict[str, Master]:
    """Exercise -> its master: each exercise that has both its checks and its notebook here."""
    from emotionlab.course_files import course_source

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
    """The learner's answers in the master's order, each followed by its check."""
    warnings: list[str] = []
    answers = {}
    for question in master.exercise.questions:
        answers[question.id] = find_answer(master, question, notebook, warnings)
    given = [answer.source for answer in answers.values() if answer.source and not answer.stub]
    helpers = _helpers(master, notebook, given)
    if helpers:
        warnings.append(f"used cells that the learner added: {len(helpers)}")
    texts = given + helpers
    context = _context(master, texts)
    first = master.answer_cell(master.exercise.questions[0])
    extra = _added_imports(master, notebook, texts)
    steps = [step for place, step in context if place < first]
    steps += [_run(f"added-{number}", source) for number, source in enumerate([*extra, *helpers])]
    for question in master.exercise.questions:
        before, first = first, master.answer_cell(question)
        steps += [step for place, step in context if before < place < first]
        if answers[question.id].source:
            steps.append(_run(cell_id(question), answers[question.id].source, question.id))
        steps.append({"kind": "check", "id": cell_id(question, "check"), "question": question.id})
    return Assembled(steps, answers, tuple(warnings))


def _run(ident: str, source: str, question: str = "") -> dict:
    return {"kind": "run", "id": ident, "source": source, "question": question}


# ---------------------------------------------------------------------------- the learner's answers


def find_answer(master: Master, question: Question, notebook: Notebook, warnings: list[str]) -> Answer:
    """The answer cell by its id, else by its tag, else the cells before the check call that define the answer.

    Of several, the last that is not the stub; `warnings` then gets a sentence.
    """
    code = [cell for cell in notebook.cells if cell.kind == "code"]
    found = candidates(master, question, code)
    if not found:
        warnings.append(f"{question.id}: its cell is missing")
        return Answer(question.id)
    stub = _plain(master.cells[master.answer_cell(question)].source)
    written = [cell for cell in found if _plain(cell.source) not in ("", stub)]
    chosen = written[-1] if written else found[-1]
    if len(found) > 1 and len({_plain(cell.source) for cell in found}) > 1:
        warnings.append(f"{question.id}: {len(found)} cells hold this answer; graded the last that is not the stub")
    return Answer(question.id, chosen.source, stub=not written)


def candidates(master: Master, question: Question, code: list[Cell]) -> list[Cell]:
    """The cells that may hold the answer: by id or tag, and copies of it that define the same name."""
    wanted = cell_id(question)
    known = {cell.id for cell in master.cells}
    by_id = [place for place, cell in enumerate(code) if cell.id == wanted]
    by_tag = [place for place, cell in enumerate(code) if wanted in cell.tags]
    named = [
        place
        for place, cell in enumerate(code)
        if (not cell.id or cell.id not in known) and question.answer in names.defined(cell.source)
    ]
    places = sorted({*by_id, *by_tag, *named}) if by_id or by_tag else _before_check(question, code, named)
    return [code[place] for place in places]


def _before_check(question: Question, code: list[Cell], named: list[int]) -> list[int]:
    """Of the cells that define the answer, those up to its check call; every one where there is no call."""
    call = re.compile(rf"""\.check\(\s*["']{re.escape(question.id)}["']""")
    checks = [place for place, cell in enumerate(code) if call.search(cell.source)]
    if not named:  # two answers written into one cell: its id is the other question's
        named = [place for place, cell in enumerate(code) if question.answer in names.defined(cell.source)]
    return [place for place in named if place <= checks[-1]] or named if checks else named


def _plain(source: str) -> str:
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))


def _helpers(master: Master, notebook: Notebook, answers: list[str]) -> list[str]:
    """Cells the learner added that define a name which an answer reads and nobody else defines."""
    known = {cell.id for cell in master.cells}
    cells = [cell for cell in notebook.cells if cell.kind == "code" and cell.source not in answers]
    own = [cell.source for cell in cells if not cell.id or cell.id not in known]
    own = [source for source in own if ".check(" not in source]
    defined = set().union(*(names.defined(source) for source in answers), _given_names(master))
    kept: list[str] = []
    missing = set().union(*(names.used(source) for source in answers)) - defined
    for source in reversed(own):  # a later helper may need an earlier one
        if names.defined(source) & missing:
            kept.append(source)
            missing |= names.used(source) - defined
    return kept[::-1]


def _given_names(master: Master) -> set[str]:
    given = (names.defined(cell.source) for cell in master.cells if cell.kind == "code")
    return set().union(*given) - {question.answer for question in master.exercise.questions}


def _added_imports(master: Master, notebook: Notebook, texts: list[str]) -> list[str]:
    """Imports in any other cell of the learner, of names that an answer reads and the master does not bind."""
    needed = set().union(*(names.used(text) for text in texts)) - _given_names(master)
    found = []
    for cell in notebook.cells:
        if cell.kind == "code" and cell.source not in texts:
            found += [source for bound, source in names.imports(cell.source) if bound & needed]
    return ["\n".join(dict.fromkeys(found))] if found else []


# ------------------------------------------------------------------------------- the master's cells


def _context(master: Master, texts: list[str]) -> list[tuple[int, dict]]:
    """(place, step) of the master's other cells that an answer, or a later one of them, needs.

    The cells before the first answer always run, but without assignments nobody reads: loading
    faces takes a second a learner. Cells that try an answer out run only where one needs their names.
    """
    first = master.answer_cell(master.exercise.questions[0])
    answers = {cell_id(question) for question in master.exercise.questions}
    needed = set().union(*(names.used(text) for text in texts))
    kept = []
    for place, cell in reversed(list(enumerate(master.cells))):
        if cell.kind != "code" or cell.id in answers or "check" in cell.tags:
            continue
        source = names.only_needed(cell.source, needed) if place < first else cell.source
        if place < first or names.defined(source) & needed:
            needed |= names.used(source)
            kept.append((place, _run(cell.id, source)))
    return kept[::-1]
