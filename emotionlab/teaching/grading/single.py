"""One submission: assemble it, run it, judge it; and the checksum of all that its result depends on."""

import functools
import hashlib
import json
import platform
from dataclasses import asdict
from importlib.metadata import version

from emotionlab.base.files import PACKAGE, listed
from emotionlab.base.version import VERSION
from emotionlab.exercises.engine import SEED, Question
from emotionlab.exercises.verdict import Verdict
from emotionlab.teaching.grading.assemble import Assembled, Master, assemble
from emotionlab.teaching.grading.collect import Submission
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.results import Graded
from emotionlab.teaching.grading.run import Run, Worker, WorkerFailed, run_submission


def alone(submission: Submission, known: dict, worker: Worker, limits: Limits, seed: int) -> Graded:
    """`grade_one`, where an error of the grader itself costs this submission alone."""
    try:
        return grade_one(submission, known, worker, limits, seed)
    except WorkerFailed:
        raise
    except Exception as error:
        worker.stop()  # nobody knows what it is at
        graded = Graded(submission.student, submission.exercise, submission.file, warnings=list(submission.warnings))
        graded.status = f"not graded: the grader failed on it ({type(error).__name__}: {error!s:.200})"
        graded.questions = [nothing_to_grade(question) for question in known[submission.exercise].exercise.questions]
        return graded


def grade_one(
    submission: Submission,
    known: dict[str, Master],
    worker: Worker,
    limits: Limits,
    seed: int = SEED,
) -> Graded:
    """The result of one submission, whatever is wrong with it."""
    graded = Graded(submission.student, submission.exercise, submission.file, warnings=list(submission.warnings))
    master = known.get(submission.exercise)
    if submission.problem or master is None or submission.notebook is None:
        graded.status = f"not graded: {submission.problem}"
        if master:
            graded.questions = [nothing_to_grade(question) for question in master.exercise.questions]
        return graded
    assembled = assemble(master, submission.notebook)
    run = run_submission(worker, master, assembled, limits, seed, submission.beside)
    graded.status = "partly graded" if run.stops else "graded"
    graded.warnings += [*assembled.warnings, *run.notes, *(f"stopped at {stop}" for stop in run.stops)]
    graded.warnings += failed_cells(run.errors)
    graded.questions = [_entry(question, run, assembled) for question in master.exercise.questions]
    graded.output, graded.seconds = run.output, run.total
    return graded


def _entry(question: Question, run: Run, assembled: Assembled) -> dict:
    names = [cell["name"] for cell in assembled.cells if question.id in cell["holds"]]
    return {
        **asdict(run.verdicts[question.id]),
        "title": question.title,
        "kind": question.kind,
        "source": assembled.answers[question.id].source,
        "seconds": run.seconds.get(question.id, 0.0),
        "written": run.written.get(question.id, ""),
        "alike": run.alike.get(question.id, ""),
        "cell_error": next((run.errors[name] for name in names if name in run.errors), ""),
    }


def failed_cells(errors: dict[str, str]) -> list[str]:
    """One note that names the cells that failed, as the notebook would show them; the run went on after each."""
    if not errors:
        return []
    told = [f"{name} ({error[:80]})" for name, error in list(errors.items())[:5]]
    more = [f"{len(errors) - 5} more"] if len(errors) > 5 else []
    return [f"cells that failed: {', '.join(told + more)}"]


def nothing_to_grade(question: Question) -> dict:
    """The entry of a question where nothing was run."""
    verdict = Verdict("not_attempted", question.id, "There was nothing to grade.", "", 0, question.points)
    more = {"title": question.title, "kind": question.kind, "source": "", "seconds": 0.0, "written": ""}
    return {**asdict(verdict), **more}


def fingerprint(submission: Submission, known: dict[str, Master], seed: int, limits: Limits) -> str:
    """A checksum of all that a result depends on: cells, the exercise's notebook and checks, version, seed, limits."""
    master = known.get(submission.exercise)
    cells = [asdict(cell) for cell in submission.notebook.cells] if submission.notebook else []
    ours = [*(cell.source for cell in master.cells), checks_of(submission.exercise)] if master else []
    files = [(name, hashlib.sha256(content).hexdigest()) for name, content in submission.beside]
    told = [submission.problem, submission.warnings]
    everything = [VERSION, cells, files, ours, told, seed, limits.to_dict()]
    return hashlib.sha256(json.dumps(everything).encode("utf-8")).hexdigest()


@functools.cache
def checks_of(exercise: str) -> str:
    """A checksum of all that judges an exercise: every module of this package, and the libraries that compute."""
    sums = [exercise, platform.python_version()]
    sums += [f"{name} {version(name)}" for name in ("numpy", "keras", "tensorflow", "ipykernel", "ipython")]
    for path in (*sorted(PACKAGE.rglob("*.py")), *listed(PACKAGE / "exercises", "*.json")):
        sums += [path.relative_to(PACKAGE).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(sums).encode("utf-8")).hexdigest()
