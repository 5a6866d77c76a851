"""What a question's file is made of: one file holds one question.

    QUESTION = function_question("2.1", hints=(...), passed="Right. ...")

    @QUESTION.inputs          # seed -> the hidden inputs
    @style                    # a good answer, other than the model solution
    @mistake("The biases are missing: ...")      # a wrong answer, and what is said about it

Title, points, task and model solution stand in the solution notebook alone (see `answers`). The functions
are the answers themselves: `check` recognises a mistake by comparing with what the function returns, and the
tests run each function's own source as the cell of a learner (see `cells`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import answers
from emotionlab.exercises.capture import capture
from emotionlab.exercises.cells import cell_text
from emotionlab.exercises.compare import Mistake, call_each, compare
from emotionlab.exercises.engine import Bank, Question, Wrong
from emotionlab.exercises.written import FEWEST_WORDS, judge_text

# ------------------------------------------------------------------------- answers, good and wrong


@dataclass(frozen=True)
class Mark:
    """What a function of the file is: a good style, or a mistake (then `id` or `says` or a message is there)."""

    is_right: bool
    message: str = ""
    id: str = ""
    says: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Cell:
    """An answer that is no function: the text of a notebook cell."""

    source: str
    mark: Mark


def style(function: Callable) -> Callable:
    """Mark a function as a good answer: it must pass."""
    function.mark = Mark(True)
    return function


def mistake(message: str = "", *, id: str = "", says: str = "", next_step: str = "") -> Callable[[Callable], Callable]:
    """Mark a function as a wrong answer: it must fail, with these words and this id.

    message:   what is said about it. An answer that returns what this function returns gets this message
               and `next_step`. "" for a mistake that the comparison or the question's own judge finds.
    id:        the misconception, which teachers see in their statistics; the function's name if it is "".
    says:      words that the message must contain; the whole message if it is "".
    """
    mark = _wrong(message, id, says, next_step)

    def marked(function: Callable) -> Callable:
        function.mark = mark
        return function

    return marked


def style_cell(source: str) -> Cell:
    """A good answer as the text of a cell, where it is no function: `by_lambda = style_cell("double = lambda ...")`."""
    return Cell(source, Mark(True))


def mistake_cell(source: str, *, id: str = "", says: str) -> Cell:
    """A wrong answer as the text of a cell; `id` and `says` as for `mistake`."""
    return Cell(source, _wrong("", id, says, ""))


def _wrong(message: str, id: str, says: str, next_step: str) -> Mark:
    if not message and not says:
        raise ValueError("a mistake needs a message, or in `says` words of the message that it must get")
    return Mark(False, message, id, says or message, next_step)


# --------------------------------------------------------------------------------- a question's file


class FunctionQuestion:
    """A question whose answer is a function, while its file is being read."""

    def __init__(self, id: str, hints: tuple[str, str, str], passed: str, explained: dict, rules: dict):
        self.id, self.hints, self.passed, self.explained = id, hints, passed, explained
        self._rules = rules
        self._inputs = self._expected = self._judge = self._compare = None
        self._observe = call_each
        self._solution = None

    def inputs(self, function: Callable) -> Callable:
        """Decorator: seed -> the hidden inputs; pure. For `call_each`, a list of argument tuples."""
        self._inputs = function
        return function

    def observe(self, function: Callable) -> Callable:
        """Decorator: (answer, inputs) -> a dict of arrays and plain JSON values. Without it: `call_each`."""
        self._observe = function
        return function

    def judge(self, function: Callable) -> Callable:
        """Decorator: observed -> Wrong or None; pure. Without it: `compare`, which it may call as well."""
        self._judge = function
        return function

    def expected(self, function: Callable) -> Callable:
        """Decorator: what is right for one case, where the model solution cannot be asked."""
        self._expected = function
        return function

    def solution(self, *case):
        """What the model solution returns."""
        if self._solution is None:
            entry = answers.of_question(self.id)
            self._solution = answers.run_cell(entry["source"], entry["answer"])
        return self._solution(*case)

    def compare(self, observed: dict) -> Wrong | None:
        """Compare what was returned with the model solution's values and with those of each mistake."""
        return self._compare(observed)

    def question(self, module: ModuleType) -> Question:
        """The question, with the marked functions and cells of its file as its bank."""
        entry = _entry(self.id, written=False)
        marked = _marked(module)
        known = tuple(
            Mistake(mark.id or name, mark.message, thing, mark.next_step)
            for name, (thing, mark) in marked.items()
            if mark.message
        )
        correct = self._expected or self.solution
        self._compare = compare(self._inputs, correct, known, **self._rules)
        return Question(
            **_facts(entry),
            id=self.id,
            inputs=self._inputs,
            observe=self._observe,
            judge=self._judge or self._compare,
            hints=self.hints,
            passed=self.passed,
            correct=correct if self._compares() else None,
            bank=_bank(marked, entry["answer"], self.explained),
        )

    def _compares(self) -> bool:
        """True when the verdict rests on `compare`: there is no other judge, or it calls `QUESTION.compare`."""
        return self._judge is None or "compare" in self._judge.__code__.co_names


def function_question(
    id: str,
    hints: tuple[str, str, str],
    passed: str,
    dtype: str | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-6,
    wants_array: bool = False,
    explained: dict[str, tuple[str, ...]] | None = None,
) -> FunctionQuestion:
    """Begin a question whose answer is a function; it stands as QUESTION in its file.

    hints: three texts, from a nudge to nearly the answer. passed: what a pass says. dtype, rtol, atol,
    wants_array: see `compare`. explained: see `Bank`.
    """
    rules = {"dtype": dtype, "rtol": rtol, "atol": atol, "wants_array": wants_array}
    return FunctionQuestion(id, hints, passed, explained or {}, rules)


@dataclass(frozen=True)
class WrittenQuestion:
    """A question whose answer is a text, while its file is being read."""

    id: str
    hints: tuple[str, str, str]
    right: dict[str, str]
    wrong: dict[str, tuple[object, str, str]]

    def question(self, module: ModuleType) -> Question:
        """The question; task and rubric come from its notebook, and so do the answers that copy them."""
        entry = _entry(self.id, written=True)
        name, task, rubric = entry["answer"], entry["task"], tuple(entry["rubric"])
        wrong = _wrong_texts(task, rubric, next(iter(self.right.values()))) | self.wrong
        return Question(
            **_facts(entry),
            id=self.id,
            inputs=lambda seed: {},
            observe=lambda text, inputs: {"text": capture(text)},
            judge=lambda observed: judge_text(observed["text"], task, " ".join(rubric)),
            hints=self.hints,
            passed="\n".join([LONG_ENOUGH, *(f"• {line}" for line in rubric)]),
            kind="written",
            rubric=rubric,
            bank=Bank(
                {key: f"{name} = {text!r}\n" for key, text in self.right.items()},
                {key: (f"{name} = {value!r}\n", says) for key, (value, says, _) in wrong.items()},
                ids={key: id for key, (_, _, id) in wrong.items()},
            ),
        )


LONG_ENOUGH = "Long enough. No program can judge this answer: compare it with the rubric, line by line."


def written_question(
    id: str, hints: tuple[str, str, str], right: dict[str, str], wrong: dict[str, tuple[object, str, str]] | None = None
) -> WrittenQuestion:
    """Begin a question whose answer is a text of at least 40 words, judged by a reader with the rubric.

    The check only tells a text from no text: it fails what is too short, repeats itself, or copies the task
    or the rubric; each of these is tried without being written down here.
    right: name -> text; at least two. wrong: name -> (value, words of the message, id) for more of them.
    """
    return WrittenQuestion(id, hints, right, wrong or {})


def _wrong_texts(task: str, rubric: tuple[str, ...], right: str) -> dict[str, tuple[object, str, str]]:
    """The usual answers that are no text of one's own: name -> (value, words of the message, id)."""
    first = right.split()
    return {
        "too_short": (" ".join(first[:9]), f"at least {FEWEST_WORDS} words", "too_short"),
        "not_a_text": ({"answer": right}, "Expected a text in quotes", "not_a_text"),
        "repeated_words": (" ".join(first[:4] * 12), "different words", "repeated_words"),
        "copied_task": (task, "repeats the task", "copied_task"),
        "copied_rubric": (" ".join(rubric), "repeats the rubric", "copied_rubric"),
    }


def questions_of(*modules: ModuleType) -> tuple[Question, ...]:
    """The questions of an exercise in their order: `QUESTIONS = questions_of(q1_..., q2_...)`."""
    return tuple(module.QUESTION.question(module) for module in modules)


# ------------------------------------------------------------------------------------------- parts


def _entry(id: str, written: bool) -> dict:
    """The question's entry in answers.json; a written question has a rubric there, another has none."""
    entry = answers.of_question(id)
    if bool(entry["rubric"]) != written:
        raise EmotionLabError(
            f"Expected question {id} to have {'a' if written else 'no'} rubric in its solution notebook, found "
            f"{len(entry['rubric'])} lines; mend its cell -rubric there and run `emotionlab exercises build`."
        )
    return entry


def _facts(entry: dict) -> dict:
    return {name: entry[name] for name in ("title", "points", "answer", "source")}


def _marked(module: ModuleType) -> dict[str, tuple[object, Mark]]:
    """Name -> (function or Cell, its mark), in the order of the file.

    What is made of a marked function by `functools.cache` or `functools.wraps` has its mark too, and is no answer.
    """
    things = [(name, thing, getattr(thing, "mark", None)) for name, thing in vars(module).items()]
    return {
        name: (thing, mark)
        for name, thing, mark in things
        if isinstance(mark, Mark) and (isinstance(thing, Cell) or thing.__name__ == name)
    }


def _bank(marked: dict[str, tuple[object, Mark]], answer: str, explained: dict) -> Bank:
    sources = {
        name: thing.source if isinstance(thing, Cell) else cell_text(thing, answer)
        for name, (thing, _) in marked.items()
    }
    wrong = {name: mark for name, (_, mark) in marked.items() if not mark.is_right}
    return Bank(
        right={name: sources[name] for name in marked if name not in wrong},
        wrong={name: (sources[name], mark.says) for name, mark in wrong.items()},
        explained=explained,
        ids={name: mark.id or name for name, mark in wrong.items()},
    )
