"""Short quizzes: one question at a time, and a reason for every choice, right or wrong.

A quiz is a JSON file in the folder `quizzes` beside this module:

    {"lesson": "03",
     "questions": [{"id": "class-weights",
                    "question": "What does a class weight of 5 change?",
                    "code": "loss = weight * loss",
                    "choices": [{"text": "...", "correct": true, "why": "..."}, ...]}]}

`lesson` is the file's name without `.json`. Each question has its own `id` (lowercase words joined
by hyphens), two or more choices, exactly one of them correct, and a `why` for every choice. `code`
is optional: lines of Python to read. Backticks in any text mark code.
"""

import html
import json
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.base.arguments import shown, whole_number
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.notices import in_notebook

FOLDER = Path(__file__).parent / "quizzes"

_STYLE = """<style>
.emotionlab-quiz .widget-radio-box { width: 100%; max-width: 52em; height: auto; }
.emotionlab-quiz .widget-radio-box label { white-space: normal; width: auto; max-width: 100%; height: auto;
  line-height: 1.45; padding: 3px 6px; text-overflow: clip; display: flex; gap: .6em; align-items: flex-start; }
.emotionlab-quiz .widget-radio-box label input { order: -1; flex: none; margin: 0; float: none; }
.emotionlab-quiz .widget-html-content { line-height: 1.5; max-width: 52em; }
</style>"""


@dataclass(frozen=True)
class Choice:
    """One possible answer and the reason why it is right or wrong."""

    text: str
    correct: bool
    why: str


@dataclass(frozen=True)
class Question:
    """One question; `code` is empty or lines of Python to read."""

    id: str
    question: str
    choices: tuple[Choice, ...]
    code: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a choice earns: `correct`, and `text`, a symbol, a word and the reason."""

    correct: bool
    text: str


@dataclass
class Quiz:
    """The questions of one lesson, and what has been answered so far.

    Shown in a notebook it is a panel of radio buttons; `print(quiz)` gives it as plain text.
    answers: question id -> position of the choice that was checked last.
    """

    lesson: str
    questions: tuple[Question, ...]
    answers: dict[str, int] = field(default_factory=dict)

    def answer(self, question: str, choice: int) -> Verdict:
        """Check choice number `choice` (0 is the first) of the question with this id.

        Raises EmotionLabError for an id or a position that this quiz does not have.
        """
        found = self._find(question)
        choice = whole_number(f"the choice for {question!r}", choice, at_least=0, at_most=len(found.choices) - 1)
        self.answers[question] = choice
        chosen = found.choices[choice]
        mark = "✓ Right." if chosen.correct else "✗ Not quite."
        return Verdict(chosen.correct, f"{mark} {chosen.why}")

    @property
    def score(self) -> int:
        """How many questions are answered correctly at this moment."""
        return sum(self._find(name).choices[choice].correct for name, choice in self.answers.items())

    def progress(self) -> str:
        """One sentence: how many are answered, how many are right."""
        count, done = len(self.questions), len(self.answers)
        if done < count:
            return f"{done} of {count} questions answered, {self.score} right so far."
        ending = " Well done." if self.score == count else " Change an answer and check it again."
        return f"All {count} questions answered, {self.score} right.{ending}"

    def panel(self):
        """A new ipywidgets panel whose buttons call `answer`. Raises ImportError without ipywidgets."""
        return build_panel(self)

    def _find(self, name: str) -> Question:
        for question in self.questions:
            if isinstance(name, str) and question.id == name:
                return question
        known = ", ".join(question.id for question in self.questions)
        raise EmotionLabError(f"Quiz {self.lesson} has no question {shown(name)}; its questions are: {known}.")

    def __str__(self) -> str:
        return plain(self)

    def __repr__(self) -> str:
        return f"Quiz {self.lesson}: {self.progress()}"

    def _ipython_display_(self) -> None:
        if not in_notebook():
            print(repr(self))
            return
        try:
            panel = self.panel()
        except ImportError:
            print(plain(self))
            return
        from IPython.display import display

        # A page that cannot draw widgets falls back on the text of the same bundle.
        bundle = panel._repr_mimebundle_() or {}
        display({**bundle, "text/plain": plain(self)}, raw=True)


def quiz(lesson: str) -> Quiz:
    """The quiz of a lesson, such as `el.quiz("03")`: a panel in a notebook, printed anywhere else.

    Raises EmotionLabError when there is no such quiz, or its file breaks the rules of the format.
    """
    chosen = read_quiz(lesson)
    if not in_notebook():
        print(plain(chosen))
    return chosen


def names() -> list[str]:
    """The lessons that have a quiz, sorted."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def read_quiz(lesson: str) -> Quiz:
    """Read and check the quiz of a lesson. Raises EmotionLabError as `quiz` does."""
    wanted = f"{lesson:02d}" if isinstance(lesson, int) else lesson
    if not isinstance(wanted, str) or wanted not in names():
        raise EmotionLabError(
            f"Expected a lesson that has a quiz, found {shown(lesson)}; choose one of {', '.join(names())}, "
            'for example el.quiz("01").'
        )
    document = json.loads((FOLDER / f"{wanted}.json").read_text(encoding="utf-8"))
    faults = problems(document, wanted)
    if faults:
        raise EmotionLabError(f"The quiz {wanted}.json breaks the format: {faults[0]}.")
    questions = tuple(
        Question(q["id"], q["question"], tuple(Choice(**choice) for choice in q["choices"]), q.get("code", ""))
        for q in document["questions"]
    )
    return Quiz(wanted, questions)


def problems(document: dict, name: str) -> list[str]:
    """What is wrong with a quiz document, one sentence each; an empty list when it is fine."""
    faults = []
    if document.get("lesson") != name:
        faults.append(f"lesson must be {name!r}, the file's name, and is {document.get('lesson')!r}")
    questions = document.get("questions", [])
    if not questions:
        faults.append("there is no question")
    ids = [question.get("id") for question in questions]
    faults += [f"two questions share the id {i!r}" for i in set(ids) if ids.count(i) > 1]
    for question in questions:
        faults += [f"question {question.get('id')!r}: {fault}" for fault in _question_problems(question)]
    return faults


def _question_problems(question: dict) -> list[str]:
    faults = []
    extra = set(question) - {"id", "question", "choices", "code"}
    if extra:
        faults.append(f"unknown keys {sorted(extra)}")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(question.get("id"))):
        faults.append("its id must be lowercase words joined by hyphens")
    if not str(question.get("question", "")).strip():
        faults.append("it asks nothing")
    choices = question.get("choices", [])
    if len(choices) < 2:
        faults.append("it needs at least two choices")
    for number, choice in enumerate(choices):
        if set(choice) != {"text", "correct", "why"} or not isinstance(choice["correct"], bool):
            faults.append(f"choice {number} must have text, correct (true or false) and why")
        elif not choice["text"].strip() or not choice["why"].strip():
            faults.append(f"choice {number} has an empty text or why")
    if sum(choice.get("correct") is True for choice in choices) != 1:
        faults.append("exactly one choice must be correct")
    texts = [choice.get("text") for choice in choices]
    if len(set(texts)) < len(texts):
        faults.append("two choices read the same")
    return faults


def plain(quiz: Quiz) -> str:
    """The quiz as text: every question with its choices first, all answers with reasons at the end."""
    lines = [f"Quiz {quiz.lesson}: choose one answer for each question. The answers are at the end.", ""]
    for number, question in enumerate(quiz.questions, 1):
        lines.append(_wrapped(f"{number}. ", question.question))
        lines += [f"       {line}" for line in question.code.splitlines()]
        lines += [_wrapped(f"   {letter}) ", choice.text) for letter, choice in _lettered(question)]
        lines.append("")
    lines.append("Answers")
    for number, question in enumerate(quiz.questions, 1):
        lines.append(f"{number}.")
        for letter, choice in _lettered(question):
            mark = "✓ right" if choice.correct else "✗ wrong"
            lines.append(_wrapped(f"   {letter}) ", f"{mark}: {choice.why}"))
    return "\n".join(lines)


def _wrapped(start: str, text: str) -> str:
    return textwrap.fill(text, width=96, initial_indent=start, subsequent_indent=" " * len(start))


def build_panel(quiz: Quiz):
    """An ipywidgets VBox for `quiz`.

    Each question is a VBox with the class "emotionlab-question" holding, in this order: its text,
    native radio buttons, a Check button and the verdict.
    """
    import ipywidgets as widgets

    progress = widgets.HTML(f"<p>{quiz.progress()}</p>")
    blocks = [
        _question_block(widgets, quiz, question, number, progress) for number, question in enumerate(quiz.questions, 1)
    ]
    panel = widgets.VBox([widgets.HTML(_STYLE), *blocks, progress])
    panel.add_class("emotionlab-quiz")
    return panel


def _question_block(widgets, quiz: Quiz, question: Question, number: int, progress):
    code = f"<pre>{html.escape(question.code)}</pre>" if question.code else ""
    heading = f"<strong>Question {number} of {len(quiz.questions)}.</strong>"
    text = widgets.HTML(f"<p>{heading} {_marked(question.question)}</p>{code}")
    radio = widgets.RadioButtons(
        options=[(choice.text.replace("`", ""), i) for i, choice in enumerate(question.choices)],
        index=quiz.answers.get(question.id),
        tooltip=f"Question {number}: {question.question}",
        layout=widgets.Layout(width="100%"),
    )
    button = widgets.Button(description="Check", tooltip=f"Check my answer to question {number}")
    verdict = widgets.HTML("")

    def check(_):
        if radio.index is None:
            verdict.value = _announce("○ Not answered yet. Choose one of the answers, then press Check.")
            return
        verdict.value = _announce(quiz.answer(question.id, radio.index).text)
        progress.value = f"<p>{quiz.progress()}</p>"

    button.on_click(check)
    block = widgets.VBox([text, radio, button, verdict])
    block.add_class("emotionlab-question")
    return block


def _lettered(question: Question):
    return zip("abcdefghij", question.choices, strict=False)


def _marked(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def _announce(text: str) -> str:
    # The widget replaces its whole content, and a screen reader announces a newly inserted region
    # only when its role is alert; a polite live region would have to be there beforehand.
    return f'<p role="alert">{_marked(text)}</p>'
