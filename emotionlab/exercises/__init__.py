"""Exercises that check themselves: `ex = el.exercise("01")`, then `ex.check`, `ex.hint`, `ex.solution`."""

import importlib
import pkgutil
import re
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import shown
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import answers, progress
from emotionlab.exercises.engine import Question
from emotionlab.exercises.naming import NAME
from emotionlab.exercises.verdict import OUTCOMES, Note, Table, Verdict

__all__ = ["Exercise", "Note", "Table", "Verdict", "exercise", "numbers"]


@dataclass
class Exercise:
    """The questions of one lesson, with what this learner has done so far.

    number: "01", or a name such as "text". title: such as "Faces as data". folder: where the progress file lies.
    """

    number: str
    title: str
    questions: tuple[Question, ...]
    folder: Path = field(default_factory=Path.cwd)

    def __post_init__(self):
        known = progress.read(self.folder).get(self.number)
        self._record: dict = known if isinstance(known, dict) else {}
        self._hints_seen: dict[str, int] = {}

    def __repr__(self) -> str:
        points = sum(question.points for question in self.questions)
        lines = [f"Exercise {self.number}: {self.title} ({points} points)"]
        return "\n".join(lines + [f"  {question.id}  {question.title}" for question in self.questions])

    def question(self, number) -> Question:
        """The question of that number, such as "1.2". Raises EmotionLabError when there is none."""
        for question in self.questions:
            if isinstance(number, str | float) and question.id == str(number):
                return question
        raise EmotionLabError(
            f"Exercise {self.number} has no question {shown(number)}; "
            f"ask for one of {', '.join(question.id for question in self.questions)}."
        )

    def check(self, number: str, answer=...) -> Verdict:
        """Judge an answer: passed, failed, not attempted (also when there is none) or error. It is not changed.

        >>> ex.check("1.2", class_counts)

        Raises EmotionLabError when there is no such question.
        """
        question = self.question(number)
        return self._remember(question, question.check(answer))

    def hint(self, number: str) -> Note:
        """The next hint: the first call gives the gentlest of three, the third nearly the answer."""
        question = self.question(number)
        level = min(self._hints_seen.get(question.id, 0) + 1, len(question.hints))
        self._hints_seen[question.id] = level
        last = level == len(question.hints)
        more = f'`ex.solution("{question.id}")` shows one solution.' if last else "Ask again for more."
        return Note(
            f"Hint {level} of {len(question.hints)} for question {question.id}",
            f"{question.hints[level - 1]}\n{more}",
        )

    def solution(self, number: str) -> Note:
        """One solution as source text. Others can be as good: the check judges behaviour, not style."""
        question = self.question(number)
        return Note(f"One solution of question {question.id}", question.solution, code=True)

    def rubric(self, number: str) -> Note:
        """What a good answer to a written question contains. Raises EmotionLabError for the others."""
        question = self.question(number)
        if not question.rubric:
            raise EmotionLabError(
                f"Question {question.id} is judged by its check and has no rubric; "
                f'call `ex.check("{question.id}", {question.answer})` instead.'
            )
        return Note(f"Rubric of question {question.id}", "\n".join(f"• {line}" for line in question.rubric))

    def progress(self) -> Table:
        """Which questions are done, with tries and points, and where to go on; from the file in the working folder.

        Where EMOTIONLAB_DROPBOX names a drop box, a button below it hands the exercise in.
        """
        rows = []
        for question in self.questions:
            entry = self._entry(question)
            symbol, word, _ = OUTCOMES[entry["outcome"]]
            done = entry["outcome"] == "passed" and question.kind != "written"
            points = f"{question.points if done else 0} of {question.points}"
            if question.kind == "written":
                points = f"{question.points}, given by a reader"
            rows.append((question.id, question.title, f"{symbol} {word}", str(entry["tries"]), points))
        head = ("Question", "About", "State", "Tries", "Points")
        table = Table(f"Exercise {self.number}: {self.title}", head, tuple(rows), self._where_to_go_on())
        if not settings.dropbox():
            return table
        from emotionlab.exercises.handin_button import with_button

        return with_button(table, self.number)

    def _where_to_go_on(self) -> str:
        open_ones = [question for question in self.questions if self._entry(question)["outcome"] != "passed"]
        done = f"{len(self.questions) - len(open_ones)} of {len(self.questions)} done."
        return f"{done} Go on with {open_ones[0].id}, “{open_ones[0].title}”." if open_ones else done

    def _entry(self, question: Question) -> dict:
        fresh = {"outcome": "not_attempted", "tries": 0, "failed_in_a_row": 0}
        known = self._record.get(question.id)
        if not isinstance(known, dict) or known.get("outcome") not in OUTCOMES:
            return fresh
        counts = {k: known[k] for k in ("tries", "failed_in_a_row") if isinstance(known.get(k), int)}
        return fresh | counts | {"outcome": known["outcome"]}

    def _remember(self, question: Question, verdict: Verdict) -> Verdict:
        """Write the outcome down; after two failed tries in a row, offer the hint."""
        if verdict.outcome == "not_attempted":
            return verdict
        entry = self._entry(question)
        failed = 0 if verdict.outcome == "passed" else entry["failed_in_a_row"] + 1
        self._record[question.id] = {
            "outcome": verdict.outcome,
            "tries": entry["tries"] + 1,
            "failed_in_a_row": failed,
        }
        progress.write(self.folder, self.number, self._record)
        if failed < 2:
            return verdict
        offer = f'`ex.hint("{question.id}")` gives a hint.'
        return Verdict(**verdict.to_dict() | {"next_step": f"{verdict.next_step} {offer}".strip()})


def numbers() -> list[str]:
    """The exercises there are, such as ["01", "02", "text"]: those with a number first, then those with a name.

    Each is a folder, `q01` or `q_text`, beside this module.
    """
    found = (re.fullmatch(rf"q(\d\d)|q_({NAME})", module.name) for module in pkgutil.iter_modules(__path__))
    return sorted(match[1] or match[2] for match in found if match)


def module_name(number: str) -> str:
    """The module that holds the QUESTIONS of an exercise: "05" -> "emotionlab.exercises.q05"."""
    return f"{__name__}.q{number}" if number.isdigit() else f"{__name__}.q_{number}"


def exercise(number: str) -> Exercise:
    """Open an exercise by its lesson's number or by its name: `ex = el.exercise("01")`, `el.exercise("text")`.

    Raises EmotionLabError when there is no such exercise.
    """
    wanted = f"{number:02d}" if isinstance(number, int) else number.zfill(2) if isinstance(number, str) else ""
    if wanted not in numbers():
        raise EmotionLabError(f"There is no exercise {shown(number)}; ask for one of {', '.join(numbers())}.")
    questions = importlib.import_module(module_name(wanted)).QUESTIONS
    return Exercise(wanted, answers.known(wanted)["title"], questions)
