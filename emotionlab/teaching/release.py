"""Make the exercise notebooks that learners get from the solution notebooks that we write.

Between nbgrader's markers `### BEGIN SOLUTION` and `### END SOLUTION` stands what a learner has to
write. It is replaced by `...`, or by the text in the cell's metadata `{"emotionlab": {"stub": ...}}`.
Cells with the tag "solution-only" are left out. The same input always gives the same bytes.
"""

import re
from copy import deepcopy
from pathlib import Path

import nbformat

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed, write_whole
from emotionlab.base.outputs import keep_apart
from emotionlab.exercises.engine import BEGIN, END
from emotionlab.exercises.naming import PREFIX
from emotionlab.teaching import solutions

RUBRICS_BEGIN = "<!-- rubrics: begin (emotionlab exercises build, from solutions/) -->"
RUBRICS_END = "<!-- rubrics: end -->"
"""What stands between these lines of INSTRUCTORS.md comes from the solution notebooks."""

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_ANSWER_ID = re.compile(rf"q-({PREFIX})-(\d+)-answer")


def build(solutions_dir: str | Path, exercises_dir: str | Path) -> list[Path]:
    """Write one exercise for each notebook of `solutions_dir`; all of them or, on an error, none.

    In a checkout also answers.json (see `answers_path`) and the rubrics in INSTRUCTORS.md. Returns the paths.
    Raises EmotionLabError when
    there is no solution notebook, when a marker is unclosed, nested or outside a code cell, when a stub is no
    valid Python, and when a question has no check, no title, no points or no task.
    """
    made = _made(solutions_dir, exercises_dir)
    given = {f"the solution {path.name}": path for path in listed(Path(solutions_dir), "*.ipynb")}
    for path in made:
        keep_apart({f"the exercise {path.name}": path}, given)
    try:
        for path, text in made.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode("utf-8"))
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to write the exercises to {exercises_dir}, found: {problem.strerror or problem}; give a folder "
            "that you may write to."
        ) from None
    return list(made)


def differences(solutions_dir: str | Path, exercises_dir: str | Path) -> list[str]:
    """Names of files that are missing, left over, or not what the solutions yield: exercises, and answers.json."""
    made = _made(solutions_dir, exercises_dir)
    there = {*made, *listed(Path(exercises_dir), "*.ipynb")}
    kept = {path: path.read_text(encoding="utf-8") for path in there if path.is_file()}
    return sorted(path.name for path in there if made.get(path) != kept.get(path))


def answers_path(exercises_dir: str | Path) -> Path | None:
    """Where answers.json goes: among the checks of the checkout that `exercises_dir` lies in; None outside one."""
    checks = Path(exercises_dir).resolve().parent / "emotionlab" / "exercises"
    return checks / "answers.json" if checks.is_dir() else None


def _made(solutions_dir: str | Path, exercises_dir: str | Path) -> dict[Path, str]:
    """Path -> text of each file that the solutions yield."""
    made = {Path(exercises_dir) / name: text for name, text in generate(solutions_dir).items()}
    answers = answers_path(exercises_dir)
    if answers is None:
        return made
    guide = Path(exercises_dir).resolve().parent / "INSTRUCTORS.md"
    guides = {guide: with_rubrics(guide.read_text(encoding="utf-8"), solutions_dir)} if guide.is_file() else {}
    return made | {answers: answers_text(solutions_dir)} | guides


def with_rubrics(text: str, solutions_dir: str | Path) -> str:
    """INSTRUCTORS.md with the rubrics between its two marks renewed. Raises EmotionLabError without the marks."""
    before, begin, rest = text.partition(RUBRICS_BEGIN)
    _, end, after = rest.partition(RUBRICS_END)
    if not (begin and end):
        raise EmotionLabError(f"Expected the lines {RUBRICS_BEGIN} and {RUBRICS_END} in INSTRUCTORS.md, found others.")
    return f"{before}{begin}\n\n{solutions.rubrics(_notebooks(solutions_dir))}\n\n{end}{after}"


def generate(solutions_dir: str | Path) -> dict[str, str]:
    """File name -> text of the exercise notebook, for each solution notebook, in order of names."""
    return {name: to_text(release(notebook, name)) for name, notebook in _notebooks(solutions_dir).items()}


def answers_text(solutions_dir: str | Path) -> str:
    """The text of answers.json. Raises EmotionLabError when something is missing or stands in two places."""
    return solutions.to_text(solutions.described(_notebooks(solutions_dir)))


def _notebooks(folder: str | Path) -> dict[str, nbformat.NotebookNode]:
    paths = listed(Path(folder), "*.ipynb")
    if not paths:
        raise EmotionLabError(f"Expected solution notebooks (*.ipynb) in {folder}, found none; check the path.")
    return {path.name: _read(path) for path in paths}


def _read(path: Path) -> nbformat.NotebookNode:
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, OSError, ValueError, KeyError, AttributeError, RecursionError) as error:
        reason = str(error).split("\n")[0][:200]
        raise EmotionLabError(f"{path.name} is no valid notebook ({reason}); open and save it in Jupyter.") from error
    return notebook


def to_text(notebook: nbformat.NotebookNode) -> str:
    """The notebook as the project stores it: sorted keys, indent 1, no escapes, a newline at the end."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def release(notebook: nbformat.NotebookNode, name: str = "notebook") -> nbformat.NotebookNode:
    """The exercise of one solution notebook, as a new notebook. `name` is used in messages."""
    cells = [deepcopy(cell) for cell in notebook.cells if "solution-only" not in _tags(cell)]
    for cell in cells:
        where = f"{name}, cell {cell.get('id', '?')}"
        if cell.cell_type != "code":
            if BEGIN in cell.source or END in cell.source:
                raise EmotionLabError(f"{where}: solution markers belong in a code cell; move them.")
            continue
        cell.outputs, cell.execution_count = [], None
        if BEGIN in cell.source or END in cell.source:
            stub = cell.metadata.get("emotionlab", {}).pop("stub", "...")
            if not cell.metadata.get("emotionlab", True):
                del cell.metadata["emotionlab"]
            if not _ANSWER_ID.fullmatch(cell.id):
                raise EmotionLabError(f"{where}: a cell with a solution needs an id such as q-1-2-answer; rename it.")
            cell.source = remove_solution(cell.source, stub, where)
    _require_checks(cells, name)
    made = nbformat.v4.new_notebook(cells=cells)
    made.nbformat_minor = 5
    made.metadata = {"kernelspec": dict(_KERNEL), "language_info": {"name": "python"}}
    return made


def remove_solution(source: str, stub: str = "...", where: str = "the cell") -> str:
    """Replace each marked part of a cell by `stub`, indented like its BEGIN marker.

    Raises EmotionLabError when the markers do not pair up or the result does not compile.
    """
    kept, begun = [], 0
    for number, line in enumerate(source.split("\n"), start=1):
        marker = line.strip()
        if (BEGIN in line and marker != BEGIN) or (END in line and marker != END):
            raise EmotionLabError(f"{where}, line {number}: a solution marker must stand alone on its line.")
        if marker == BEGIN:
            if begun:
                raise EmotionLabError(
                    f"{where}, line {number}: BEGIN SOLUTION inside the solution begun in line {begun}."
                )
            begun = number
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + part if part else part for part in stub.split("\n")]
        elif marker == END:
            if not begun:
                raise EmotionLabError(f"{where}, line {number}: END SOLUTION without a BEGIN SOLUTION before it.")
            begun = 0
        elif not begun:
            kept.append(line)
    if begun:
        raise EmotionLabError(f"{where}: the solution begun in line {begun} is never closed; add {END!r}.")
    text = "\n".join(kept)
    try:
        compile(text, where, "exec")
    except SyntaxError as error:
        raise EmotionLabError(
            f"{where}: what is left for the learner does not compile (line {error.lineno}: {error.msg}); "
            "move the markers or give the cell a stub in its metadata."
        ) from error
    return text


def _tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def _require_checks(cells: list, name: str) -> None:
    """Every cell q-1-2-answer needs a later cell q-1-2-check, tagged "check", that checks "1.2"."""
    checks = {cell.id: place for place, cell in enumerate(cells) if "check" in _tags(cell)}
    for place, cell in enumerate(cells):
        match = _ANSWER_ID.fullmatch(cell.get("id", ""))
        if not match:
            continue
        wanted = cell.id.replace("answer", "check")
        call = f'.check("{match[1]}.{match[2]}"'
        if checks.get(wanted, -1) < place or call not in cells[checks[wanted]].source:
            raise EmotionLabError(
                f"{name}: the question in cell {cell.id} has no check; add a code cell {wanted} after it, "
                f'tagged "check", that calls ex{call}, ...).'
            )
