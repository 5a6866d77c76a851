"""One submission's result: a small JSON file, written whole, so that an interrupted run loses nothing."""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed, write_whole
from emotionlab.exercises.verdict import OUTCOMES

FOLDER = "results"

_TEXTS = ("question", "outcome", "message", "misconception", "next_step", "title", "kind", "source")
_TEXTS_OF_SOME = ("written", "alike", "cell_error", "comment")
_NUMBERS = ("points", "possible", "seconds")


@dataclass
class Graded:
    """The row of one learner and exercise.

    status: "graded", "partly graded" (something stopped the run), or why there is nothing to grade.
    questions: for each question a dict: the fields of its Verdict, "title", "kind", "source",
    "seconds", "written" (the text of a written answer) and, once a reader gave them, "marks" and "comment".
    fingerprint: checksum of all that the verdicts depend on.
    """

    student: str
    exercise: str
    file: str = ""
    status: str = "graded"
    warnings: list[str] = field(default_factory=list)
    questions: list[dict] = field(default_factory=list)
    output: str = ""
    seconds: float = 0.0
    fingerprint: str = ""

    @property
    def points(self) -> float:
        """Points by the checks and, for written answers, by a reader."""
        return sum(question["points"] + (question.get("marks") or 0) for question in self.questions)

    @property
    def possible(self) -> int:
        """Points of all questions, written ones included."""
        return sum(question["possible"] for question in self.questions)

    @property
    def to_mark(self) -> int:
        """How many written answers wait for a reader."""
        return sum(map(waits, self.questions))


def waits(question: dict) -> bool:
    """Whether a question of a result is a written answer that nobody has marked yet."""
    return question["kind"] == "written" and question["outcome"] == "passed" and question.get("marks") is None


def file_name(student: str, exercise: str) -> str:
    """A file name for any student's name, on any system, and no two alike."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "_", student).strip("_")[:40] or "student"
    check = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{check}-{exercise or 'none'}"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """What hinders this block from writing the report's file `path` (a full disk, say) becomes an EmotionLabError."""
    try:
        yield
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to write {path}, found: {problem.strerror or problem}; free some space, or close the file where "
            "it is open (in a spreadsheet?), and run the same command with --resume: what is graded is kept."
        ) from None


def write_part(path: Path, content: bytes) -> None:
    """Write a file of the report whole or not at all; makes its folder. Raises EmotionLabError."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)


def save(result: Graded, out: Path) -> None:
    """Write the result below `out`, whole or not at all. Raises EmotionLabError."""
    text = json.dumps(asdict(result), indent=1)
    write_part(out / FOLDER / f"{file_name(result.student, result.exercise)}.json", text.encode("utf-8"))


def forget(result: Graded, out: Path) -> None:
    """Remove a stored result and its page. Raises EmotionLabError."""
    name = file_name(result.student, result.exercise)
    for path in (out / FOLDER / f"{name}.json", out / "students" / f"{name}.html"):
        with writing(path):
            path.unlink(missing_ok=True)


def load(student: str, exercise: str, out: Path) -> Graded | None:
    """The stored result, or None when there is none that can be read."""
    result = _read(out / FOLDER / f"{file_name(student, exercise)}.json")
    return result if result and (result.student, result.exercise) == (student, exercise) else None


def stored(out: Path, say: Callable[[str], None] = lambda text: None) -> list[Graded]:
    """Every result of earlier runs that can be read, by `say` a sentence about each of the others."""
    results = []
    for path in listed(out / FOLDER, "*.json"):
        if result := _read(path):
            results.append(result)
        else:
            say(f"⚠ {path} is damaged and left out; grade again with --resume, which grades it anew.")
    return results


def set_aside(out: Path) -> list[str]:
    """Rename stored results that cannot be read, so that nothing overwrites them; their new names.

    Raises EmotionLabError.
    """
    names = []
    for path in listed(out / FOLDER, "*.json"):
        if _read(path) is None:
            number = 1
            while (kept := path.with_name(f"{path.stem}.damaged-{number}")).exists():
                number += 1
            with writing(kept):
                path.replace(kept)
            names.append(kept.name)
    return names


def _read(path: Path) -> Graded | None:
    """A result of which each field that a page uses is there and of its kind; None for any other file."""
    try:
        result = Graded(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    texts = (result.student, result.exercise, result.file, result.status, result.output, result.fingerprint)
    whole = (
        all(isinstance(text, str) for text in texts)
        and isinstance(result.warnings, list)
        and all(isinstance(note, str) for note in result.warnings)
        and _is_number(result.seconds)
        and isinstance(result.questions, list)
        and all(map(_is_question, result.questions))
    )
    return result if whole else None


def _is_question(entry) -> bool:
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), str) for name in _TEXTS)
        and all(isinstance(entry.get(name, ""), str) for name in _TEXTS_OF_SOME)
        and all(_is_number(entry.get(name)) for name in _NUMBERS)
        and (entry.get("marks") is None or _is_number(entry["marks"]))
        and max(entry["points"], entry.get("marks") or 0) <= entry["possible"]
        and entry["outcome"] in OUTCOMES
    )


def _is_number(value) -> bool:
    return type(value) in (int, float) and 0 <= value < 1e9  # JSON may say NaN, or a number of 1,000 digits


def any_stored(out: Path) -> bool:
    """True when `out` holds results of an earlier run."""
    return bool(listed(out / FOLDER, "*.json"))
