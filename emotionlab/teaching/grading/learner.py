"""The process that runs one learner's notebook and records what the answers do.

Their cells run as they stand, in their order, in an IPython kernel (kernel.py), as "Run all" would.
`ex.check(...)` marks a place: there, and again at the end, the grader looks at the name that the question
asks for. `observe` runs here, beside the learner's code; no verdict that counts is made here. Each record
goes out through a connection that was opened before, signed with a token that arrives only when its look
begins. So nothing that a learner prints, returns or prepares can be taken for a record.

What this is not: a sandbox for malice. Code in the same process can walk its frames, find the
connection and the token, and lie. Who can do that can also copy the published solution.
"""

import contextlib
import copy
import functools
import hmac
import io
import os
import shutil
import signal
import sys
import tempfile
import threading
import time

from emotionlab.exercises import Exercise, Verdict, exercise
from emotionlab.exercises.capture import describe_error, pack
from emotionlab.exercises.engine import Question
from emotionlab.teaching.grading import isolation, limits
from emotionlab.teaching.grading.messages import Channel
from emotionlab.teaching.grading.similar import fingerprint

BROKEN = 70
"""Exit code of a process in which a cell has broken what the grader needs."""

# taken now, because a learner's code may put something else in their places
_signal, _digest, _clock, _own_pid, _exit = signal.signal, hmac.digest, time.perf_counter, os.getpid, os._exit


def main(channel: Channel) -> None:
    """Take a job, run its cells, look at the answers, send what happens, and end this process."""
    job, _ = channel.receive()
    _settle(job["folder"])
    limits.apply(limits.Limits(**job["limits"]))
    isolation.give_up_privileges(job["folder"], limits.needed())
    isolation.hide_memory(False)  # this process may look at itself; its parent stays hidden
    isolation.die_with_parent()
    from emotionlab.teaching.grading.kernel import Kernel

    runner = _Runner(job, channel, Kernel())
    if hasattr(os, "register_at_fork"):  # a copy that a cell makes has nothing to say to the grader
        os.register_at_fork(after_in_child=channel.close)
    runner.run_all()
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    channel.send("done")
    _exit(0)


def keep_drawn_faces(sizes: list[int]) -> None:
    """Draw these sets once, for every process that is forked from this one: each takes most of a second."""
    from emotionlab.data import drawn

    draw = drawn.draw_faces
    kept = {size: draw(size) for size in sizes}

    @functools.wraps(draw)
    def draw_faces(size=6000, seed=0, label_noise=0.0):
        if type(size) is int and size in kept and type(seed) is int and (seed, label_noise) == (0, 0.0):
            return copy.deepcopy(kept[size])
        return draw(size, seed, label_noise)

    drawn.draw_faces = draw_faces


def _settle(folder: str) -> None:
    """Work in a temporary folder, with an empty home and none of the teacher's data."""
    home, work = os.path.join(folder, "home"), os.path.join(folder, "work")
    os.makedirs(home, exist_ok=True)
    beside = os.path.join(folder, "beside")
    shutil.copytree(beside, work) if os.path.isdir(beside) else os.makedirs(work, exist_ok=True)
    for name in ("HOME", "USERPROFILE"):
        os.environ[name] = home
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_RUNTIME_DIR"):
        os.environ[name] = os.path.join(folder, "settings")
    for name in ("TMPDIR", "TEMP", "TMP", "EMOTIONLAB_RUNS"):
        os.environ[name] = work
    os.environ["EMOTIONLAB_DATA"] = os.path.join(home, "data")
    os.chdir(work)
    tempfile.tempdir = None  # so that TMPDIR is read again
    sys.argv = ["ipykernel_launcher.py", "-f", "kernel.json"]
    sys.dont_write_bytecode = True


class _Runner:
    """Runs the cells of one notebook, and looks at its answers."""

    def __init__(self, job: dict, channel: Channel, kernel):
        self.job, self.channel, self.kernel = job, channel, kernel
        self.questions = {question.id: question for question in exercise(job["exercise"]).questions}
        self.errors: dict[str, dict] = {}  # question -> what its cell raised
        self.settled: dict[str, Verdict] = {}  # no need to look again: it passed, or never ends
        self.looking, self.asked = False, 0
        self.process = _own_pid()
        check, real = self._check, Exercise.check

        @functools.wraps(real)
        def marked(opened, number, answer=...):
            return check(opened, number, answer)

        Exercise.check = marked

    def run_all(self) -> None:
        """Every cell, then a last look at each answer."""
        for place, cell in enumerate(self.job["cells"]):
            if not (cell["skip"] or cell["stub"]):
                self._run(place, cell)
        for ident, question in self.questions.items():
            if ident in self.job["looks"] and ident not in self.settled:
                self._look(question, at_the_end=True)
        self.channel.send("looked")
        for ident, source in self.job["answers"].items():
            self.channel.send("alike", question=ident, mark=fingerprint(source, self.questions[ident].kind))

    def _ask(self, kind: str, payload: bytes = b"", **fields) -> tuple[dict, bytes]:
        """Send a message and wait for the answer to it."""
        self.asked += 1
        self.channel.send(kind, payload, number=self.asked, **fields)
        while (answer := self.channel.receive()) is not None:
            if answer[0].get("number") == self.asked:
                return answer
        _exit(BROKEN)

    def _run(self, place: int, cell: dict) -> None:
        self._ask("cell", place=place)  # answered when the grader knows whose fault it is if this process ends here
        with _alarm(cell["seconds"]):
            error = self.kernel.run(cell["source"])
        if _own_pid() != self.process:  # the copy that a cell made with `fork` has come to the cell's end
            _exit(0)
        if not _tools_work():
            _exit(BROKEN)
        for ident in cell["holds"]:
            self.errors.pop(ident, None)
            if error:
                self.errors[ident] = error
        self.channel.send("ran", place=place, error=error)

    def _check(self, opened: Exercise, number, answer) -> Verdict:
        """What `ex.check` does here: look at the answer that the question asks for, whatever was passed."""
        question = opened.question(number)
        mine = self.questions.get(question.id)
        if mine is None or self.looking or _own_pid() != self.process or mine.id not in self.job["looks"]:
            verdict = question.check(answer)
        else:
            other = answer is not self.kernel.names.get(mine.answer)
            verdict = self.settled.get(mine.id) or self._look(mine, other=other) or question.check(answer)
        return opened._remember(question, verdict)

    def _look(self, question: Question, **said) -> Verdict | None:
        """Observe the answer as it is now, and send the signed record. None when there were looks enough."""
        before = _signal(signal.SIGINT, signal.SIG_IGN)
        self.looking = True
        try:
            reply, token = self._ask("look", question=question.id)
            if reply["kind"] != "token":
                return None
            begin = _clock()
            record, interrupted = self._observed(question, reply["seed"])
            payload = _packed(record)
            signature = _digest(token, payload, "sha256").hex()
            said |= {"signature": signature, "seconds": _clock() - begin}
            self._ask("observed", payload, question=question.id, **said)
            verdict = question.verdict(record)
            if verdict.outcome == "passed" or interrupted:
                self.settled[question.id] = verdict
            return verdict
        finally:
            self.looking = False
            _signal(signal.SIGINT, before)

    def _observed(self, question: Question, seed: int) -> tuple[dict, bool]:
        try:
            _signal(signal.SIGINT, signal.default_int_handler)
            with _alarm(self.job["limits"]["seconds"]):
                return self._record(question, seed), False
        except KeyboardInterrupt as raised:
            return {"seed": seed, "state": "error", "error": describe_error(raised)}, True
        finally:
            with contextlib.suppress(KeyboardInterrupt):
                _signal(signal.SIGINT, signal.SIG_IGN)

    def _record(self, question: Question, seed: int) -> dict:
        if question.answer not in self.kernel.names:
            error = self.errors.get(question.id)
            if error:
                return {"seed": seed, "state": "error", "error": error}
            return {"seed": seed, "state": "not_attempted", "missing": question.answer}
        try:
            return question.fair_observation(self.kernel.names[question.answer], seed)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # sys.exit() inside the answer, say
            return {"seed": seed, "state": "error", "error": describe_error(raised)}


def _packed(record: dict) -> bytes:
    try:
        return pack(record)
    except Exception as raised:
        return pack({"seed": record["seed"], "state": "error", "error": describe_error(raised)})


def _tools_work() -> bool:
    """False when a cell has broken what a record is made with."""
    try:
        return bool(_digest(b"token", pack({"seed": 0}), "sha256"))
    except Exception:
        return False


@contextlib.contextmanager
def _alarm(seconds: float):
    """On Windows, where no process can interrupt another: interrupt this one when its time is up."""
    timer = threading.Timer(seconds, signal.raise_signal, (signal.SIGINT,)) if os.name == "nt" else None
    if timer:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()


def _own_channel() -> Channel:
    """Where there is no `fork`: take standard input and output for the conversation, away from the learner."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    sys.stdin = io.TextIOWrapper(os.fdopen(os.dup(0), "rb"))
    return Channel(reader, writer, trusted=True)


if __name__ == "__main__":
    main(_own_channel())
