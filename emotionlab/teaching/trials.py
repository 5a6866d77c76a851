"""Try answers on a question in another process, which is ended when an answer never comes back.

The answers are the project's own: the bank, and mutants of the model solutions, which may loop for
ever, print pages or end Python. The limit is a matter of patience, not of safety.
"""

import contextlib
import importlib
import math
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np
import psutil

from emotionlab.exercises.capture import describe_error
from emotionlab.exercises.engine import SEED, UNREADABLE, Question

PATIENCE = 10.0
"""Seconds of processor time an answer may take, beside twenty times what the model solution took.

Processor time, because on a busy computer the clock would stop answers that only wait their turn.
"""

LONGEST = 600.0
"""The same for the model solution and the bank, which surely end: time to import Keras."""

_LOOK_EVERY = 0.5  # seconds between two looks at the processor time
_CLOCK = 60  # an answer that waits for something is stopped after this many times its limit


@dataclass(frozen=True)
class Trial:
    """What became of one answer.

    outcome: that of the verdict, or "stopped" where there was none (no end, or Python itself ended).
    same:    the check observed the same as with the model solution.
    """

    outcome: str
    message: str = ""
    misconception: str = ""
    same: bool = False


class Bench:
    """A process that tries one answer after another on the questions of a module.

    module: where QUESTIONS is, such as "emotionlab.exercises.q03"; another may be set between two answers.
    Use it in a `with` statement.
    """

    def __init__(self, module: str = ""):
        self.module, self._seconds, self._ready = module, {}, set()
        self._process = self._connection = None

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *problem) -> None:
        self.close()

    def attempt(self, question: str, source: str, patient: bool = False) -> Trial:
        """Run the text of a cell and judge the answer that it defines to the question of that id.

        patient: wait long, for an answer that surely ends, such as one of the bank.
        """
        if question not in self._ready:
            self._ask(question, None, LONGEST)  # imports what the question needs, which is not to be measured
            begin = self._used()
            self._ask(question, None, LONGEST)
            self._seconds[question] = max(0.0, self._used() - begin)
            self._ready.add(question)
        return self._ask(question, source, LONGEST if patient else PATIENCE + 20 * self._seconds[question])

    def _ask(self, question: str, source: str | None, seconds: float) -> Trial:
        if self._process is None:
            self._start()
        self._connection.send((self.module, question, source))
        try:
            if self._comes(seconds):
                return Trial(**self._connection.recv())
            reason = f"no end within {seconds:.0f} s of processor time"
        except (EOFError, OSError):
            reason = "Python itself ended"
        self.close()
        return Trial("stopped", f"stopped: {reason}")

    def _comes(self, seconds: float) -> bool:
        """Wait for a reply; False when the process has used so much processor time, or nothing comes at all."""
        begin, deadline = self._used(), time.monotonic() + _CLOCK * seconds
        while not self._connection.poll(_LOOK_EVERY):
            if self._used() - begin > seconds or time.monotonic() > deadline:
                return False
        return True

    def _used(self) -> float:
        """Processor seconds that the process has used so far; 0 when it has ended."""
        try:
            times = psutil.Process(self._process.pid).cpu_times()
        except (psutil.Error, AttributeError):
            return 0.0
        return times.user + times.system

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def close(self) -> None:
        """End the process; the next answer starts another."""
        process, connection = self._process, self._connection
        self._process = self._connection = None  # first: another thread may start the next one meanwhile
        if process is None:
            return
        connection.close()
        process.kill()
        process.join()
        self._ready.clear()


# ---- In the other process ---------------------------------------------------------------------


def _serve(connection) -> None:
    """Answer until the other end is closed. What the answers print goes nowhere, what they write is removed."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    models: dict[str, dict] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, contextlib.suppress(EOFError):
        os.chdir(folder)
        while True:
            module, name, source = connection.recv()
            question = next(q for q in importlib.import_module(module).QUESTIONS if q.id == name)
            if source is None:
                models[name] = observe(question, question.solution)
                connection.send({"outcome": "observed"})
            else:
                connection.send(_trial(question, source, models[name]))
        os.chdir(os.path.dirname(folder))


def _trial(question: Question, source: str, model: dict) -> dict:
    observed = observe(question, source)
    try:
        verdict = question.verdict(observed)
        if verdict.misconception == UNREADABLE:
            question.judge(observed)  # raises what the learner is spared
    except Exception as error:  # a check that breaks is a finding, not the end of the run
        return {"outcome": "broken check", "message": f"the check itself raised {error!r}"}
    return {
        "outcome": verdict.outcome,
        "message": verdict.message,
        "misconception": verdict.misconception,
        "same": alike(observed, model),
    }


def observe(question: Question, source: str) -> dict:
    """What the check observes of the answer in the text of a cell, run as in a notebook."""
    names = {}
    exec("import numpy as np\nimport emotionlab as el", names)  # what a notebook's first cell does
    keras = sys.modules.get("keras")
    try:
        if keras:
            # hundreds of small networks would fill the memory; where there is none, freeing it costs time for nothing
            keras.utils.clear_session(free_memory="keras" in source)
            keras.utils.set_random_seed(SEED)
        exec(compile(source, "answer.py", "exec"), names)
        return question.observation(names[question.answer])
    except BaseException as error:  # a mutant may raise SystemExit, and define nothing
        return {"seed": SEED, "state": "error", "error": describe_error(error)}


def alike(one, other) -> bool:
    """True when two observations say the same, up to rounding.

    A Python type's name does not count, nor how many bits a single number has: 0.5 is np.float64(0.5).
    """
    if isinstance(one, dict) and isinstance(other, dict):
        keys = (one.keys() | other.keys()) - {"type"}
        if one.get("kind") == other.get("kind") == "number":
            keys -= {"dtype"}
        return all(key in one and key in other and alike(one[key], other[key]) for key in keys)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
            return False
        if one.dtype.kind not in "biufc":
            return bool(np.array_equal(one, other))
        return bool(np.allclose(one, other, rtol=1e-5, atol=1e-9, equal_nan=True))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other
