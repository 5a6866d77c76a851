"""Find who handed in what: a folder for each learner, or one flat folder with an LMS's download names."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.naming import PREFIX
from emotionlab.teaching.grading.beside import files_beside
from emotionlab.teaching.grading.reading import Notebook, Unreadable, read_notebook

_NOT_HANDED_IN = {".ipynb_checkpoints", "__MACOSX", "__pycache__"}
_CALL = re.compile(rf"""\bexercise\(\s*["']?({PREFIX})["']?\s*\)|\.check\(\s*["']({PREFIX})\.\d""")
_CELL_ID = re.compile(rf"q-({PREFIX})-\d+-(?:answer|check|try|task)")
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
_BLACKBOARD = re.compile(r".+?_(?P<who>[^_]+)_attempt_\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d_?(?P<file>.*)")
_CANVAS = re.compile(r"(?P<who>[^_]+?)(?:_LATE)?_\d+_\d+_(?P<file>.+)")


@dataclass(frozen=True)
class Submission:
    """What one learner handed in for one exercise.

    student: as the folder or the LMS calls them. exercise: "03", or "" when nobody can tell.
    path: the chosen file, None when there is none. problem: why it cannot be graded ("" when it can).
    """

    student: str
    exercise: str
    path: Path | None = None
    notebook: Notebook | None = None
    problem: str = ""
    warnings: tuple[str, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()


def find_submissions(folder: Path, masters: dict[str, str], exercise="", student="") -> list[Submission]:
    """One entry for each learner and exercise, sorted; broken files have an entry too.

    masters: exercise -> file name of its notebook. exercise, student: only these ("" = all).
    Raises EmotionLabError when `folder` holds nothing that could be a submission.
    """
    files = files_by_student(folder)
    if student:
        files = {who: paths for who, paths in files.items() if who == student}
        if not files:
            raise EmotionLabError(
                f"Expected work of {student!r} in {folder}, found none; give --student as the folder or file is called."
            )
    if not files:
        raise EmotionLabError(
            f"Expected a folder for each learner or notebooks (*.ipynb) in {folder}, found neither; check the path."
        )
    found = []
    for who, paths in sorted(files.items()):
        found += _of_student(who, paths, masters, exercise)
    return [_with_files(entry, folder) for entry in found]


def _with_files(entry: Submission, folder: Path) -> Submission:
    """The submission with the files that lie beside its notebook in the learner's own folder."""
    if entry.notebook is None or entry.path.parent == folder:
        return entry
    files, notes = files_beside(entry.path)
    return replace(entry, beside=files, warnings=(*entry.warnings, *notes))


def files_by_student(folder: Path) -> dict[str, list[Path]]:
    """Learner -> notebook files. A folder without any is a learner who handed in nothing."""
    if not folder.is_dir():
        raise EmotionLabError(f"Expected a folder with submissions, found none called {folder}; check the path.")
    files: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in _NOT_HANDED_IN:
            continue
        if entry.is_dir() and not entry.is_symlink():
            files.setdefault(student_of(entry.name), []).extend(_notebooks_in(entry))
        elif entry.suffix.lower() == ".ipynb":
            files.setdefault(student_of(entry.stem), []).append(entry)
    return files


def _notebooks_in(folder: Path) -> list[Path]:
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".ipynb")
    return [path for path in paths if not _NOT_HANDED_IN & set(path.parts) and (path.is_symlink() or path.is_file())]


def student_of(name: str) -> str:
    """Who handed in a file or folder: `Ada Lovelace_4711_assignsubmission_file_01_faces` -> `Ada Lovelace_4711`.

    Moodle's number stays, since two learners may share a name; Canvas and Blackboard put a login name first.
    """
    moodle = _MOODLE.fullmatch(name)
    if moodle:
        return f"{moodle['who']}_{moodle['number']}"
    other = _BLACKBOARD.fullmatch(name) or _CANVAS.fullmatch(name)
    return other["who"] if other else name


def _of_student(who: str, paths: list[Path], masters: dict[str, str], wanted: str) -> list[Submission]:
    if not paths:
        return [Submission(who, wanted, problem="no notebook was handed in")]
    by_exercise: dict[str, list[Submission]] = {}
    for path in paths:
        submission = _open(who, path, masters)
        by_exercise.setdefault(submission.exercise, []).append(submission)
    if not wanted:
        return [_newest(group, masters.get(number, "")) for number, group in sorted(by_exercise.items())]
    if wanted in by_exercise:
        return [_newest(by_exercise[wanted], masters[wanted])]
    unknown = by_exercise.get("")
    if unknown:
        chosen = _newest(unknown, masters[wanted])
        return [Submission(who, wanted, chosen.path, None, chosen.problem, chosen.warnings)]
    others = ", ".join(sorted(by_exercise))
    return [Submission(who, wanted, paths[0], problem=f"handed in exercise {others} where {wanted} was expected")]


def _open(who: str, path: Path, masters: dict[str, str]) -> Submission:
    try:
        notebook = read_notebook(path)
    except Unreadable as problem:
        return Submission(who, _exercise_by_name(path, masters), path, problem=str(problem))
    number = exercise_of(notebook)
    if number not in masters:
        problem = f"{path.name} holds no question of an exercise of this course"
        return Submission(who, "", path, problem=problem, warnings=notebook.warnings)
    return Submission(who, number, path, notebook, warnings=notebook.warnings)


def exercise_of(notebook: Notebook) -> str:
    """The exercise that most cells belong to, by their ids, tags and check calls; "" when there is none."""
    votes: dict[str, int] = {}
    for cell in notebook.cells:
        marks = [match[1] for mark in (cell.id, *cell.tags) if (match := _CELL_ID.fullmatch(mark))]
        if cell.kind == "code":
            marks += [match[1] or match[2] for match in _CALL.finditer(cell.source)]
        for mark in marks:
            votes[mark.zfill(2)] = votes.get(mark.zfill(2), 0) + 1
    return max(votes, key=lambda number: votes[number]) if votes else ""


def _exercise_by_name(path: Path, masters: dict[str, str]) -> str:
    """The exercise whose notebook's name occurs in the file's name: all that is left when the file is broken."""
    return next((number for number, name in masters.items() if Path(name).stem in path.stem), "")


def _newest(group: list[Submission], master: str) -> Submission:
    """Of several files for one exercise, the readable one changed last; says so."""
    readable = [entry for entry in group if not entry.problem] or group
    if len(group) == 1:
        return group[0]
    chosen = max(readable, key=lambda entry: (_changed(entry.path), entry.path.name == master, entry.path.name))
    others = ", ".join(sorted(entry.path.name for entry in group if entry is not chosen))
    note = f"several notebooks for this exercise: graded {chosen.path.name}, which was changed last; not {others}"
    return Submission(
        chosen.student,
        chosen.exercise,
        chosen.path,
        chosen.notebook,
        chosen.problem,
        (*chosen.warnings, note),
    )


def _changed(path: Path) -> int:
    try:
        return int(path.lstat().st_mtime)
    except OSError:
        return 0
