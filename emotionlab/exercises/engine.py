"""The check engine: a question observes an answer, then judges what it observed.

`observe` runs beside the learner's code and records what it returns, as arrays and plain JSON
values. `judge` sees that record alone, so it gives the same verdict in the notebook and in a
grader's own process. An exercise (`q05/`, ...) has a tuple QUESTIONS; see `kit` for how one is written.
"""

import dis
import random
import types
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from emotionlab.exercises.capture import describe, describe_error
from emotionlab.exercises.common_errors import likely_cause
from emotionlab.exercises.own_names import hidden_names, own_names
from emotionlab.exercises.verdict import Verdict

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
"""nbgrader's markers round what a learner has to write."""

UNREADABLE = "unreadable"
"""Misconception of a value that the judge of a question could not read at all."""

_READ_THE_TASK = "Read in the task what the function is to return: how many values, and of which kind."

SEED = 48
"""Seed of the hidden inputs of a check; a grader may take another."""


@dataclass(frozen=True)
class Wrong:
    """Why an answer fails: a message, the id of the likely misconception, and what to do next."""

    message: str
    misconception: str = ""
    next_step: str = ""


@dataclass(frozen=True)
class Bank:
    """Answers that prove a check right. Each is the source text of a notebook cell.

    right: name -> source; other styles than the model solution. All must pass.
    wrong: name of the misconception -> (source, words that the message must contain). All must fail.
    explained: reason -> names of mutants of the model solution (see `teaching.mutants`) that behave
           otherwise and rightly pass; "…" in a name stands for any text.
    ids:   name of a wrong answer -> the misconception that its verdict must name.
    """

    right: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    explained: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One question of an exercise.

    id:       "1.2", or "text.1". title: a few words. points: a whole number.
    answer:   the name that the learner's cell defines and passes to `ex.check`.
    source:   the answer cell of the solution notebook, markers and all.
    inputs:   seed -> the hidden inputs; pure. For `call_each`, a list of argument tuples.
    observe:  (answer, inputs) -> dict of arrays and plain JSON values; runs the learner's code.
    judge:    observed -> Wrong, or None when the answer is right; pure. observed["seed"] is the
              seed that the inputs were made with, so that `judge` can make them again.
    hints:    three texts, from a nudge to nearly the answer.
    passed:   what a pass says.
    kind:     "function" (the answer is something to call), "value" or "written" (a text).
    rubric:   for a written question, what a good answer contains, one sentence each.
    correct:  what is right for one case, where answers are compared with it; None where they are not.
    """

    id: str
    title: str
    points: int
    answer: str
    source: str
    inputs: Callable[[int], object]
    observe: Callable[[object, object], dict]
    judge: Callable[[dict], Wrong | None]
    hints: tuple[str, str, str]
    passed: str
    kind: str = "function"
    rubric: tuple[str, ...] = ()
    correct: Callable | None = None
    bank: Bank = field(default_factory=Bank)

    @property
    def solution(self) -> str:
        """The model solution: `source` without its marker lines."""
        lines = self.source.strip("\n").split("\n")
        return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))

    def observation(self, answer, seed: int = SEED) -> dict:
        """Run `answer` on the hidden inputs and record what happens; never raises an Exception of the answer.

        The record has "seed", "state" ("observed", "not_attempted", "not_a_function" or "error")
        and what `observe` returned. It survives JSON + npz (`capture.pack`, `capture.unpack`).
        """
        record = {"seed": int(seed)}
        if answer is Ellipsis or is_stub(answer) or (self.kind == "written" and _is_blank(answer)):
            return record | {"state": "not_attempted"}
        if self.kind == "function" and not callable(answer):
            return record | {"state": "not_a_function", "found": type(answer).__name__}
        try:
            with _quiet(), fixed_random_numbers(seed):
                observed = self.observe(answer, self.inputs(seed))
        except Exception as error:  # whatever the learner's code may raise is an outcome, not a crash
            return record | {"state": "error", "error": describe_error(error)}
        state = "not_attempted" if _has_ellipsis(observed) else "observed"
        return observed | record | {"state": state}

    def fair_observation(self, answer, seed: int = SEED) -> dict:
        """`observation`; where that does not pass, and `%pylab` hides Python's own functions, once more with them."""
        observed = self.observation(answer, seed)
        if not hidden_names(answer) or self.verdict(observed).outcome in ("passed", "not_attempted"):
            return observed
        with own_names(answer):
            again = self.observation(answer, seed)
        return again if self.verdict(again).outcome == "passed" else observed

    def verdict(self, observed: dict) -> Verdict:
        """Judge an observation. Pure: needs no answer, and gives the same verdict anywhere."""
        state = observed["state"]
        if state == "not_attempted":
            return self._verdict("not_attempted", f"Replace the `...` in `{self.answer}`, then check again.")
        if state == "error":
            error = observed["error"]
            cause = likely_cause(error["words"], error["line"])
            return self._verdict("error", _error_message(error, self.answer), "", cause)
        if state == "not_a_function":
            wrong = Wrong(
                f"Expected the function `{self.answer}` itself, found an object of type {observed['found']}.",
                "not_a_function",
                f'Pass the name without brackets: `ex.check("{self.id}", {self.answer})`.',
            )
        else:
            wrong = self._judged(observed)
        if wrong is None:
            return self._verdict("passed", self.passed)
        return self._verdict("failed", wrong.message, wrong.misconception, wrong.next_step)

    def _judged(self, observed: dict) -> Wrong | None:
        """What `judge` says; where it cannot read what was returned, a sentence about that."""
        try:
            with _quiet():
                return self.judge(observed)
        except Exception:  # a value that no judge was made for is a wrong answer, not a crash
            found = observed.get("returned") or [None]
            what = describe(found[0]) if isinstance(found[0], dict) else "something else"
            return Wrong(f"Expected an answer as the task describes it, found {what}.", UNREADABLE, _READ_THE_TASK)

    def check(self, answer, seed: int = SEED) -> Verdict:
        """Observe and judge in one step."""
        return self.verdict(self.fair_observation(answer, seed))

    def _verdict(self, outcome: str, message: str, misconception: str = "", next_step: str = "") -> Verdict:
        points = self.points if outcome == "passed" and self.kind != "written" else 0
        return Verdict(outcome, self.id, message, misconception, points, self.points, next_step)


def is_stub(answer) -> bool:
    """True for a function whose body is `...`, `pass` or only a docstring (it does nothing at all)."""
    if not isinstance(answer, types.FunctionType):
        return False
    steps = [step for step in dis.get_instructions(answer) if step.opname not in ("RESUME", "NOP")]
    if any(step.opname not in ("LOAD_CONST", "RETURN_CONST", "RETURN_VALUE") for step in steps):
        return False
    constants = [step.argval for step in steps if step.opname != "RETURN_VALUE"]
    return all(constant is None or constant is Ellipsis for constant in constants)


def _is_blank(answer) -> bool:
    return isinstance(answer, str) and answer.strip() in ("", "...", "…")


def _has_ellipsis(value) -> bool:
    """True when a captured value anywhere in `value` is `...`: the stub came back."""
    if isinstance(value, dict):
        return value.get("kind") == "ellipsis" or any(_has_ellipsis(item) for item in value.values())
    return isinstance(value, list) and any(_has_ellipsis(item) for item in value)


def _error_message(error: dict, answer: str) -> str:
    what = f"{error['name']}: {error['words']}" if error["words"] else error["name"]
    if error["line"]:
        code = f", `{error['code']}`," if error["code"] else ""
        elsewhere = error["function"].isidentifier() and error["function"] != answer
        cell = f"the cell with `{error['function']}`" if elsewhere else "your code"
        place = f"Line {error['line']} of {cell}{code} raised {what}"
    else:
        place = f"Your answer could not be used: {what}"
    return "\n".join([place, *error["notes"]])


@contextmanager
def _quiet():
    """No warnings from a check: NumPy's overflow warning would point at a line the learner cannot see."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def fixed_random_numbers(seed: int):
    """Seed Python's and NumPy's global generators, and put them back afterwards."""
    python_state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
