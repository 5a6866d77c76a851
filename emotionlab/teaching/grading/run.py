"""The grader's side of a run: start workers, hand out jobs, take records, and judge them here.

Verdicts are made in this process, which a learner's code cannot reach: it sees records (arrays and
JSON, no pickle), nothing else.
"""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE
from emotionlab.exercises import module_name
from emotionlab.exercises.capture import unpack
from emotionlab.exercises.engine import SEED, Question
from emotionlab.exercises.verdict import Verdict
from emotionlab.teaching.grading.assemble import Assembled, Master
from emotionlab.teaching.grading.learner import BROKEN
from emotionlab.teaching.grading.limits import Limits, namespaces
from emotionlab.teaching.grading.messages import Channel, Garbled

MOST_STARTS = 8
"""How often one submission is started: what stopped it is left out, and the rest gets its chance."""

_LARGEST_RECORD = 256 * 2**20  # bytes of a record's arrays; an honest one has a few thousand
_STARTING = 300  # seconds a worker may take to import Keras on a busy machine
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "SYSTEMDRIVE", "PATHEXT", "KERAS_BACKEND", "LD_LIBRARY_PATH")

_REASONS = {
    "time": "it was still running after {seconds:g} seconds",
    "memory": "it used more than {gigabytes:g} GB of memory",
    "processes": "it started more than {processes} processes",
    "output": "it printed without end",
    "garbled": "it wrote into the grader's own connection",
    "lost": "it stopped the process that was watching it",
}


@dataclass
class Run:
    """What became of a submission. verdicts, seconds, written, alike: by question. errors: by cell.

    stops: one sentence for each time that an answer cost itself the run. notes: other cells that were interrupted.
    """

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    alike: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    stops: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    output: str = ""
    total: float = 0.0


class Worker:
    """A process that runs submissions, one at a time. It starts when first needed. Use it in a `with` block."""

    def __init__(self, fork: bool = True, cut_off: bool = True):
        self.fork, self.cut_off = fork, cut_off
        self.process = None
        self.closed = False
        self._imported: set[str] = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def prepare(self, modules: list[str], faces: list[int]) -> None:
        """Start the process unless it runs; let it import what is not imported yet and draw data sets of these sizes.

        Raises EmotionLabError.
        """
        if self.closed:
            raise EmotionLabError("Expected an open worker, found a closed one; grade again.")
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self._start()
        new = [module for module in modules if module not in self._imported]
        if not (new and self.fork):
            return
        with self._patience(_STARTING):
            answer = self._ask("prepare", modules=new, faces=faces)
        if answer is None:
            words = Path(self.home, "log").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            self.stop()
            raise EmotionLabError(
                f"Expected a worker process to start, found that it ended ({words[:200]}); run `emotionlab doctor`."
            )
        self._imported |= set(new)

    def _start(self) -> None:
        self._imported = set()
        self.home = tempfile.mkdtemp(prefix="emotionlab-grader-")
        prefix = namespaces() if self.cut_off else ()
        with open(os.path.join(self.home, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "emotionlab.teaching.grading.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(self.home, bool(prefix)),
                cwd=self.home,
                start_new_session=True,
            )
        self.channel = Channel(self.process.stdout, self.process.stdin)

    def _ask(self, kind: str, **fields):
        with contextlib.suppress(OSError, Garbled):
            self.channel.send(kind, **fields)
            return self.channel.receive()
        return None

    def run(self, job: dict, limits: Limits):
        """Yield (fields, payload) for each message of one job; the last has the kind "end". `prepare` first."""
        with self._patience(job["budget"] + 60), contextlib.suppress(OSError, Garbled):
            self.channel.send("job", fork=self.fork, limits=limits.to_dict(), **job)
            while (message := self.channel.receive()) is not None:
                yield message
                if message[0]["kind"] == "end":
                    return
        self.stop()
        yield {"kind": "end", "ended": "lost", "code": 0, "output": "", "seconds": 0.0}, b""

    @contextlib.contextmanager
    def _patience(self, seconds: float):
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process and its group at once."""
        if self.process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def stop(self) -> None:
        """End the process, if there is one, and remove its folder."""
        if self.process is None:
            return
        self.kill()
        self.process.wait()
        self.channel.close()
        self.process = None
        shutil.rmtree(self.home, ignore_errors=True)


def _modules(number: str, cells: list[dict]) -> list[str]:
    """What a submission imports, to be imported once for all that follow. Not `emotionlab.base.backend`: it starts
    TensorFlow's threads, and a process with threads must not be forked."""
    modules = ["emotionlab.teaching.grading.kernel", module_name(number)]
    if any("keras" in cell["source"] for cell in cells):
        modules.append("keras")
    return modules


def _drawn_sizes(master: Master) -> list[int]:
    """Sizes, in fast mode, of the drawn data sets that the exercise's own set-up loads."""
    return [int(size) for size in re.findall(r"load_faces\(.*subset\(\d+, (\d+)\)", master.set_up())]


def _environment(home: str, cut_off: bool) -> dict[str, str]:
    """A small environment: no keys or tokens of the teacher, no graphics card, fast mode."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    folders = {name: home for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR", "IPYTHONDIR")}
    return {
        **kept,
        **folders,
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "EMOTIONLAB_FAST": "1",
        "EMOTIONLAB_HEADLESS": "1",
        "EMOTIONLAB_DATA": os.path.join(home, "data"),
        "EMOTIONLAB_GRADING_CUT_OFF": "1" if cut_off else "0",
    }


# ---------------------------------------------------------------------------- one submission


def run_submission(
    worker: Worker, master: Master, assembled: Assembled, limits: Limits, seed: int = SEED, beside: Sequence = ()
) -> Run:
    """Run the notebook and judge its answers. What stops the run costs itself: the rest is started again.

    beside: (name, bytes) of the files that were handed in with the notebook.
    """
    running = _Running(master, assembled, limits, seed)
    for _ in range(MOST_STARTS):
        folder = tempfile.mkdtemp(prefix="emotionlab-grade-")
        try:
            put_beside(folder, beside)
            worker.prepare(_modules(master.exercise.number, assembled.cells), _drawn_sizes(master))
            finished = running.start(worker, folder)
        finally:
            remove(folder)
        if finished or limits.total - running.run.total < 2:
            break
    running.close()
    return running.run


def put_beside(folder: str, files: Sequence) -> None:
    """Lay files down where the learner's process finds them beside its notebook."""
    for name, content in files:
        path = Path(folder, "beside", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


class _Running:
    """One submission, over all its starts."""

    def __init__(self, master: Master, assembled: Assembled, limits: Limits, seed: int):
        self.master, self.assembled, self.limits, self.seed = master, assembled, limits, seed
        self.questions = {question.id: question for question in master.exercise.questions}
        self.run = Run()
        self.cells = [cell | {"skip": False, "seconds": self._seconds_of(cell)} for cell in assembled.cells]
        self.out: set[str] = set()  # questions that are not looked at again
        self.rank: dict[str, int] = {}
        self.place, self.question = -1, ""  # what the learner's process is at

    def _seconds_of(self, cell: dict) -> float:
        """An answer and the course's own cells have the whole time; what was added, a training say, has half."""
        return self.limits.seconds if cell["holds"] or cell["course"] else self.limits.seconds / 2

    def start(self, worker: Worker, folder: str) -> bool:
        """Run all cells that are left, once. False when that stopped before its end: what did it is left out next."""
        self.place, self.question = -1, ""
        end: dict = {}
        for fields, payload in worker.run(self._job(folder), self.limits):
            if fields["kind"] == "end":
                end = fields
            else:
                getattr(self, f"_on_{fields['kind']}")(fields, payload)
        self.run.output = (self.run.output + end["output"])[: self.limits.output]
        self.run.total += end["seconds"]
        if end["ended"] == "finished":
            return True
        return self._leave_out(why_stopped(end, self.limits))

    def _job(self, folder: str) -> dict:
        answers = {ident: answer.source for ident, answer in self.assembled.answers.items()}
        return {
            "exercise": self.master.exercise.number,
            "folder": folder,
            "seed": self.seed,
            "cells": self.cells,
            "questions": list(self.questions),
            "looks": [ident for ident in self.questions if ident not in self.out],
            "answers": {ident: source for ident, source in answers.items() if source},
            "budget": self.limits.total - self.run.total,
        }

    def _leave_out(self, reason: str) -> bool:
        """Leave out what stopped the run. True when there is nothing to leave out: then a new start helps nobody."""
        if self.question:
            self._stop(self.question, f"Your code could not be judged: {reason}.", reason)
        elif self.place >= 0:
            cell = self.cells[self.place]
            cell["skip"] = True
            for ident in cell["holds"]:
                self._stop(ident, f"Your code could not be judged: {reason}.", reason)
            if not cell["holds"]:
                self.run.stops.append(f"{cell['name']}: {reason}")
        else:
            self.run.stops.append(f"the start: {reason}")
            return True
        return False

    def _stop(self, ident: str, message: str, reason: str) -> None:
        self.out.add(ident)
        self.run.stops.append(f"{ident}: {reason}")
        if self.rank.get(ident, 0) < 3:
            self.run.verdicts[ident], self.rank[ident] = stopped(self.questions[ident], message), 2

    def _on_cell(self, fields: dict, _) -> None:
        self.place, self.question = fields["place"], ""

    def _on_ran(self, fields: dict, _) -> None:
        cell = self.cells[fields["place"]]
        self.run.errors.pop(cell["name"], None)
        if fields["interrupted"]:
            self.run.errors[cell["name"]] = f"interrupted after {cell['seconds']:g} seconds"
        elif fields["error"]:
            self.run.errors[cell["name"]] = _in_one_line(fields["error"])

    def _on_look(self, fields: dict, _) -> None:
        self.question = fields["question"]

    def _on_looked(self, fields: dict, _) -> None:
        self.place, self.question = -1, ""

    def _on_alike(self, fields: dict, _) -> None:
        self.run.alike[fields["question"]] = fields["mark"]

    def _on_observed(self, fields: dict, payload: bytes) -> None:
        ident, self.question = fields["question"], ""
        if fields["interrupted"]:
            reason = _REASONS["time"].format(seconds=self.limits.seconds)
            self._stop(ident, f"Your code could not be judged: {reason}.", reason)
            return
        verdict, text = _judge(self.questions[ident], payload)
        rank = {"passed": 3, "not_attempted": 1}.get(verdict.outcome, 2)
        before = self.rank.get(ident, 0)
        if ident in self.out or rank < before or (rank == before and fields["at_the_end"]):
            return
        self.run.verdicts[ident], self.rank[ident], self.run.written[ident] = verdict, rank, text
        self.run.seconds[ident] = fields["seconds"]
        if fields["other"]:
            name = self.questions[ident].answer
            note = f"{ident}: `ex.check` was given something else than `{name}`, which is what counts"
            self.run.notes += [note] if note not in self.run.notes else []

    def close(self) -> None:
        """A verdict on each question that has none, and what each cell that holds an answer raised."""
        for ident, question in self.questions.items():
            answer = self.assembled.answers[ident]
            verdict = self.run.verdicts.get(ident)
            if verdict is None:
                reason = self.run.stops[-1] if self.run.stops else "the run ended before this question"
                self.run.verdicts[ident] = stopped(question, f"Your code could not be judged: {reason}.")
            elif verdict.outcome == "not_attempted" and not answer.source:
                message = f"The notebook has no cell for this question: nothing in it defines `{question.answer}`."
                self.run.verdicts[ident] = Verdict(**verdict.to_dict() | {"message": message})
                self.run.notes.append(f"{ident}: its cell is missing")


def _in_one_line(error: dict) -> str:
    return f"{str(error.get('name'))[:80]}: {str(error.get('words'))[:200]}"


def why_stopped(end: dict, limits: Limits) -> str:
    """Why a run ended before its end, in words that follow "because"."""
    if end["ended"] in _REASONS:
        gigabytes = limits.memory / 2**30
        return _REASONS[end["ended"]].format(seconds=limits.seconds, gigabytes=gigabytes, processes=limits.processes)
    code = end["code"]
    if code == -getattr(signal, "SIGXCPU", 0):
        return "it used up its processor time"
    if code < 0:
        return f"its process was ended by signal {-code}"
    if code == BROKEN:
        return "it changed a part of Python or NumPy that the grader needs"
    return f"it ended Python itself (exit code {code})"


def stopped(question: Question, message: str) -> Verdict:
    """The verdict on an answer that was never observed to the end."""
    points = question.points
    return Verdict(
        "error", question.id, message, "stopped", 0, points, "Run the notebook from top to bottom, then ask."
    )


def _judge(question: Question, payload: bytes) -> tuple[Verdict, str]:
    """The verdict on one record, and a written answer's text; a record that no check can have made is an error."""
    try:
        observed = unpack_safely(payload)
        verdict = question.verdict(observed)
        if observed.get("missing"):
            message = f"The cell of this question does not define `{question.answer}`."
            verdict = Verdict(**verdict.to_dict() | {"message": message})
        text = question.kind == "written" and observed["state"] == "observed"
        return verdict, str(observed["text"].get("value", "")) if text else ""
    except Exception as error:
        return stopped(question, f"The record of this answer makes no sense ({error!r:.200})."), ""


def unpack_safely(payload: bytes) -> dict:
    """`capture.unpack`, for bytes that may have been made to fill the memory. Raises EmotionLabError."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile:
        size = 0  # unpack says what is wrong with it
    if size > _LARGEST_RECORD:
        raise EmotionLabError(
            f"Expected a record of at most {_LARGEST_RECORD:,} bytes, found {size:,}; return smaller arrays."
        )
    return unpack(payload)


def remove(folder: str) -> None:
    """Remove a temporary folder, also where its files were made read-only."""

    def again(function, path, _):
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            os.chmod(path, 0o700)
            function(path)

    shutil.rmtree(folder, **{"onexc" if sys.version_info >= (3, 12) else "onerror": again})
