"""The grader's side of a run: start workers, hand out jobs, take records, and judge them here.

Verdicts are made in this process, which a learner's code cannot reach: it sees records (arrays and
JSON, no pickle), nothing else.
"""

import io
import signal
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from emotionlab.base.archives import DAMAGED
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.capture import unpack
from emotionlab.exercises.engine import SEED, Question
from emotionlab.exercises.verdict import Verdict
from emotionlab.teaching.grading.assemble import Assembled, Master
from emotionlab.teaching.grading.beside import some
from emotionlab.teaching.grading.folders import make, put_beside, remove
from emotionlab.teaching.grading.learner import BROKEN
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.workers import Worker, WorkerFailed, drawn_sizes, modules_of

__all__ = ["Run", "Worker", "WorkerFailed", "remove", "run_submission", "unpack_safely"]

MOST_STARTS = 8
"""How often one submission is started: what stopped it is left out, and the rest gets its chance."""

_LARGEST_RECORD = 256 * 2**20  # bytes of a record's arrays; an honest one has a few thousand

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


# ---------------------------------------------------------------------------- one submission


def run_submission(
    worker: Worker, master: Master, assembled: Assembled, limits: Limits, seed: int = SEED, beside: Sequence = ()
) -> Run:
    """Run the notebook and judge its answers. What stops the run costs itself: the rest is started again.

    beside: (name, bytes) of the files that were handed in with the notebook.
    """
    running = _Running(master, assembled, limits, seed)
    left_out: list[str] = []
    for _ in range(MOST_STARTS):
        folder = make()
        try:
            left_out = put_beside(folder, beside)
            worker.prepare(modules_of(master.exercise.number, assembled.cells), drawn_sizes(master))
            finished = running.start(worker, folder)
        finally:
            if not remove(folder):
                running.run.notes.append("its temporary folder could not be removed whole")
        if finished or limits.total - running.run.total < 2:
            break
    if left_out:
        running.run.notes.append(f"not laid beside it, since their names cannot be had here: {some(left_out)}")
    running.close()
    return running.run


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
        if self.place >= 0 and (end["ended"] == "garbled" or self.question in self.out):
            self.question = ""  # a cell can ask for looks that nobody takes
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
        cell, self.question = self.cells[fields["place"]], ""
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
    if code < 0 and code == -getattr(signal, "SIGXCPU", 0):  # Windows has no such signal
        return "it used up its processor time"
    if end["ended"] == "left" and code == -9:  # signal 9 is then the grader's own
        return "it closed the grader's connection, or was killed"
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
        if observed.get("state") == "error":  # longer texts are none that `describe_error` wrote
            observed["error"] = _cut(observed["error"])
        verdict = question.verdict(observed)
        if observed.get("missing"):
            message = f"The cell of this question does not define `{question.answer}`."
            verdict = Verdict(**verdict.to_dict() | {"message": message})
        text = question.kind == "written" and observed["state"] == "observed"
        return verdict, str(observed["text"].get("value", "")) if text else ""
    except Exception as error:
        return stopped(question, f"The record of this answer makes no sense ({error!r:.200})."), ""


def _cut(error: dict) -> dict:
    notes = [str(note)[:400] for note in error.get("notes", [])[:10]]
    line = error["line"] if isinstance(error["line"], int) else 0
    return {name: str(error[name])[:400] for name in ("name", "words", "code", "function")} | {
        "line": line,
        "notes": notes,
    }


def unpack_safely(payload: bytes) -> dict:
    """`capture.unpack`, for bytes that may have been made to fill the memory. Raises EmotionLabError."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except DAMAGED:
        size = 0  # unpack says what is wrong with it
    if size > _LARGEST_RECORD:
        raise EmotionLabError(
            f"Expected a record of at most {_LARGEST_RECORD:,} bytes, found {size:,}; return smaller arrays."
        )
    return unpack(payload)
