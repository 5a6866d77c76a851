"""The grader's side of a run: start workers, hand out jobs, take records, and judge them here.

Verdicts are made in this process, which a learner's code cannot reach: it sees records (arrays and
JSON, no pickle), nothing else.
"""

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import emotionlab
from emotionlab.errors import EmotionLabError
from emotionlab.exercises import module_name
from emotionlab.exercises.capture import unpack
from emotionlab.exercises.engine import SEED, Question
from emotionlab.exercises.verdict import Verdict
from emotionlab.teaching.grading.assemble import Assembled, Master
from emotionlab.teaching.grading.limits import Limits, namespaces
from emotionlab.teaching.grading.messages import Channel, Garbled

MOST_STARTS = 4
"""How often one submission is started: after a question that stopped it, the later ones get their chance."""

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
    """What became of a submission. verdicts, seconds: by question. stops: one sentence for each time it was stopped."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    stops: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
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

    def prepare(self, modules: list[str]) -> None:
        """Start the process unless it runs, and let it import what is not imported yet. Raises EmotionLabError."""
        if self.closed:
            raise EmotionLabError("Expected an open worker, found a closed one; grade again.")
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self._start()
        new = [module for module in modules if module not in self._imported]
        if not (new and self.fork):
            return
        with self._patience(_STARTING):
            answer = self._ask("prepare", modules=new)
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
        with self._patience(limits.seconds + 60), contextlib.suppress(OSError, Garbled):
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


def _modules(number: str, steps: list[dict]) -> list[str]:
    """What a submission imports, to be imported once for all that follow. Not `emotionlab.backend`: it starts
    TensorFlow's threads, and a process with threads must not be forked."""
    modules = ["numpy", "IPython.core.interactiveshell", module_name(number)]
    if any("keras" in step["source"] for step in steps):
        modules.append("keras")
    return modules


def _environment(home: str, cut_off: bool) -> dict[str, str]:
    """A small environment: no keys or tokens of the teacher, no graphics card, fast mode."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    folders = {name: home for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR", "IPYTHONDIR")}
    return {
        **kept,
        **folders,
        "PYTHONPATH": str(Path(emotionlab.__file__).parents[1]),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLBACKEND": "agg",
        "EMOTIONLAB_FAST": "1",
        "EMOTIONLAB_HEADLESS": "1",
        "EMOTIONLAB_DATA": os.path.join(home, "data"),
        "EMOTIONLAB_GRADING_CUT_OFF": "1" if cut_off else "0",
    }


# ---------------------------------------------------------------------------- one submission


def run_submission(worker: Worker, master: Master, assembled: Assembled, limits: Limits, seed: int = SEED) -> Run:
    """Run the answers and judge them. A question that stops the run costs itself, not those after it."""
    run = Run()
    steps = [step for step in assembled.steps if step["kind"] == "run" or not _is_stub(assembled, step)]
    for question in master.exercise.questions:
        answer = assembled.answers[question.id]
        if answer.stub or not answer.source:
            run.verdicts[question.id] = _not_attempted(question, answer.source)
    for _ in range(MOST_STARTS):
        steps = [step for step in steps if step["kind"] == "run" or step["question"] not in run.verdicts]
        if not any(step["kind"] == "check" for step in steps):
            break
        guilty = _start(worker, master, steps, limits, seed, run)
        if not guilty:
            break
        steps = [step for step in steps if step["question"] != guilty]
    for question in master.exercise.questions:
        if question.id not in run.verdicts:
            reason = run.stops[-1] if run.stops else "The run ended before this question."
            run.verdicts[question.id] = stopped(question, reason)
    return run


def _is_stub(assembled: Assembled, step: dict) -> bool:
    answer = assembled.answers[step["question"]]
    return answer.stub or not answer.source


def _not_attempted(question: Question, source: str) -> Verdict:
    verdict = question.verdict({"state": "not_attempted"})
    if source:
        return verdict
    message = f"The notebook has no cell for this question: nothing in it defines `{question.answer}`."
    return Verdict(**verdict.to_dict() | {"message": message})


def _start(worker: Worker, master: Master, steps: list[dict], limits: Limits, seed: int, run: Run) -> str:
    """Run `steps` once. Returns the question that stopped the run, "" when it went to the end or none is to blame."""
    questions = {question.id: question for question in master.exercise.questions}
    folder = tempfile.mkdtemp(prefix="emotionlab-grade-")
    job = {"exercise": master.exercise.number, "folder": folder, "seed": seed, "steps": _filled(steps)}
    last, end = "", {}
    try:
        worker.prepare(_modules(master.exercise.number, job["steps"]))
        for fields, payload in worker.run(job, limits):
            question = questions.get(fields.get("question", ""))
            if fields["kind"] == "starting":
                last = fields["question"]
            elif fields["kind"] == "ran" and fields["error"]:
                run.errors[fields["step"]] = _in_one_line(fields["error"])
            elif fields["kind"] == "observed" and question and question.id not in run.verdicts:
                _judge(question, payload, run)
                run.seconds[question.id] = fields["seconds"]
            elif fields["kind"] == "end":
                end = fields
    finally:
        remove(folder)
    run.output = (run.output + end["output"])[: limits.output]
    run.total += end["seconds"]
    if end["ended"] == "finished":
        return ""
    reason = why_stopped(end, limits)
    run.stops.append(f"{last or 'set-up'}: {reason}")
    if last and last not in run.verdicts:
        run.verdicts[last] = stopped(questions[last], f"Your code could not be judged: {reason}.")
    return last


def _filled(steps: list[dict]) -> list[dict]:
    return [{"source": "", **step} for step in steps]


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
    return f"it ended Python itself (exit code {code})"


def stopped(question: Question, message: str) -> Verdict:
    """The verdict on an answer that was never observed to the end."""
    points = question.points
    return Verdict(
        "error", question.id, message, "stopped", 0, points, "Run the notebook from top to bottom, then ask."
    )


def _judge(question: Question, payload: bytes, run: Run) -> None:
    """The verdict on one record; a record that no check can have made is an error, not a crash."""
    try:
        observed = unpack_safely(payload)
        run.verdicts[question.id] = question.verdict(observed)
        if observed.get("missing"):
            message = f"The cell of this question does not define `{question.answer}`."
            run.verdicts[question.id] = Verdict(**run.verdicts[question.id].to_dict() | {"message": message})
        if question.kind == "written" and observed["state"] == "observed":
            run.written[question.id] = str(observed["text"].get("value", ""))
    except Exception as error:
        run.verdicts[question.id] = stopped(question, f"The record of this answer makes no sense ({error!r:.200}).")


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
