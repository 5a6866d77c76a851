"""The whole of `emotionlab grade`: collect, assemble, run, judge, report."""

import functools
import hashlib
import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE
from emotionlab.base.version import VERSION
from emotionlab.exercises.dropbox import is_box
from emotionlab.exercises.engine import SEED, Question
from emotionlab.exercises.verdict import Verdict
from emotionlab.teaching.grading import limits as limiting
from emotionlab.teaching.grading import marks as marking
from emotionlab.teaching.grading.assemble import Assembled, Master, assemble, masters
from emotionlab.teaching.grading.collect import Collected, Submission, collect
from emotionlab.teaching.grading.from_box import collect_box
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.results import FOLDER, Graded, any_stored, save, set_aside, stored
from emotionlab.teaching.grading.run import Run, Worker, WorkerFailed, run_submission
from emotionlab.teaching.grading.summary import write_pages
from emotionlab.teaching.grading.tables import write_grades
from emotionlab.teaching.pool import Pool

_PARTS = (FOLDER, "students", "written", "grades.csv", "grades.json", "marks.csv", "summary.html")
_VERDICT = tuple(Verdict.__dataclass_fields__)


def grade(
    submissions: str | Path,
    out: str | Path,
    exercise: str = "",
    jobs: int = 1,
    student: str = "",
    timeout: float = 120,
    resume: bool = False,
    marks: str | Path | None = None,
    seed: int = SEED,
    limits: Limits | None = None,
    fork: bool = True,
    say: Callable[[str], None] = print,
) -> list[Graded]:
    """Grade every submission below `submissions` and write the report into the folder `out`.

    exercise: "03" for that one alone. student: one learner alone. timeout: seconds of one run.
    resume: keep results of an earlier run whose notebook, checks and seed are the same, and all its other rows.
    marks: a filled-in marks.csv. limits, fork: for tests. Returns the results, in order of learners.
    Raises EmotionLabError for what the teacher can mend.
    """
    if marks:  # before anything runs
        marking.read_marks(Path(marks))
    known = masters()
    exercise = _check_options(exercise, jobs, timeout, known)
    folder, out = Path(submissions), _prepare(Path(out), Path(submissions), resume)
    limits = limits or Limits(seconds=timeout)
    take = collect_box if is_box(folder) else collect
    collected = take(folder, {number: master.name for number, master in known.items()}, exercise, student)
    found = collected.submissions
    say(f"{len(found)} to grade, {jobs} at a time. Limits: {limiting.describe_limits(limits)}.")
    for name in set_aside(out):
        say(f"⚠ {FOLDER}/{name} was damaged and is set aside; its row is graded anew, marks in it are not read.")
    before = stored(out) if resume else []
    results = _results(found, known, out, jobs, limits, before, seed, fork)
    results += _kept(results, before)
    if marks:
        for result in marking.apply_marks(results, Path(marks)):
            save(result, out)
    report(results, collected, known, out, limits, seed)
    _say_done(results, collected, out, say)
    return results


def _check_options(exercise: str, jobs: int, timeout: float, known: dict[str, Master]) -> str:
    exercise = exercise.zfill(2) if exercise else ""
    if exercise and exercise not in known:
        raise EmotionLabError(f"There is no exercise {exercise!r} to grade; ask for one of {', '.join(sorted(known))}.")
    if jobs < 1:
        raise EmotionLabError(f"Expected --jobs to be 1 or more, found {jobs}; give a number of processes.")
    if not 1 <= timeout <= 86_400:
        raise EmotionLabError(f"Expected --timeout between 1 and 86400 seconds, found {timeout:g}; give another.")
    return exercise


def _prepare(out: Path, submissions: Path, resume: bool) -> Path:
    """The report folder, made if need be. It may not lie among the submissions, nor hold what a report replaces."""
    if out.resolve().is_relative_to(submissions.resolve()):
        raise EmotionLabError(
            f"Expected a report folder outside {submissions}, found {out}, which would be graded next time; move it."
        )
    if any_stored(out) and not resume:
        raise EmotionLabError(
            f"{out} holds the results of an earlier run; add --resume to go on with it, or give another --out."
        )
    if any(submissions.resolve().is_relative_to((out / part).resolve()) for part in _PARTS):
        raise EmotionLabError(
            f"Expected submissions outside the report, found {submissions} in {out}, where the report's own pages go; "
            "give another --out."
        )
    foreign = [part for part in _PARTS if (out / part).is_file()]
    if foreign and not (resume and (out / FOLDER).is_dir()):
        raise EmotionLabError(
            f"Expected a new folder for the report, found {foreign[0]} in {out}, which would be replaced; "
            "give another --out, or --resume to go on with a report."
        )
    try:
        (out / FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EmotionLabError(f"Expected to write the report to {out}, found: {error.strerror or error}.") from None
    return out


# --------------------------------------------------------------------------------------- grading


def _results(found, known, out, jobs, limits, before, seed, fork) -> list[Graded]:
    """A result for each submission, in their order; stored ones are taken, the others graded now."""
    from tqdm import tqdm

    results: list[Graded | None] = [None] * len(found)
    todo = []
    for place, submission in enumerate(found):
        mark = fingerprint(submission, known, seed, limits)
        earlier = _earlier(submission, before)
        if earlier and earlier.fingerprint == mark and earlier.student == submission.student:
            results[place] = earlier
        else:
            todo.append((place, submission, mark, earlier))
    todo.sort(key=lambda entry: entry[1].exercise)  # a worker serves one exercise: change seldom
    with tqdm(total=len(found), initial=len(found) - len(todo), unit="notebook", disable=None) as bar:
        for place, result in _in_parallel(todo, known, out, jobs, limits, seed, fork):
            results[place] = result
            bar.update()
    return results


def _earlier(submission: Submission, before: list[Graded]) -> Graded | None:
    """What an earlier run stored for a submission: under its learner's name, else for the same file."""
    mine = [result for result in before if result.exercise == submission.exercise]
    by_name = [result for result in mine if result.student == submission.student]
    by_file = [result for result in mine if submission.file and result.file == submission.file]
    return next(iter(by_name or by_file), None)


def _kept(results: list[Graded], before: list[Graded]) -> list[Graded]:
    """The rows of an earlier run that this one did not look at: another exercise, learner or folder of submissions."""
    now = {(result.student, result.exercise) for result in results}
    files = {(result.file, result.exercise) for result in results}
    students = {student for student, _ in now}
    others = [old for old in before if (old.student, old.exercise) not in now]
    others = [old for old in others if not old.file or (old.file, old.exercise) not in files]
    return [old for old in others if old.exercise or old.student not in students]


def _in_parallel(todo: list, known: dict, out: Path, jobs: int, limits: Limits, seed: int, fork: bool):
    """Yield (place, result) as they are done. Ctrl-C ends the running ones; what is graded is stored."""
    pool = Pool([Worker(fork) for _ in range(min(jobs, len(todo)))], kill=Worker.close, close=Worker.stop)

    def one(worker: Worker, place: int, submission: Submission, mark: str, earlier: Graded | None):
        if pool.stopping.is_set():
            return None
        result = _alone(submission, known, worker, limits, seed)
        if pool.stopping.is_set():  # Ctrl-C cut this run short: not a result
            return None
        result.fingerprint = mark
        if earlier:
            marking.keep_marks(result, earlier)
        save(result, out)
        return place, result

    return pool.work(one, todo)


def _alone(submission: Submission, known: dict, worker: Worker, limits: Limits, seed: int) -> Graded:
    """`grade_one`, where an error of the grader itself costs this submission alone."""
    try:
        return grade_one(submission, known, worker, limits, seed)
    except WorkerFailed:
        raise
    except Exception as error:
        worker.stop()  # nobody knows what it is at
        graded = Graded(submission.student, submission.exercise, submission.file, warnings=list(submission.warnings))
        graded.status = f"not graded: the grader failed on it ({type(error).__name__}: {error!s:.200})"
        graded.questions = [_nothing(question) for question in known[submission.exercise].exercise.questions]
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
            graded.questions = [_nothing(question) for question in master.exercise.questions]
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


def _nothing(question: Question) -> dict:
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
    for path in (*sorted(PACKAGE.rglob("*.py")), *sorted((PACKAGE / "exercises").glob("*.json"))):
        sums += [path.relative_to(PACKAGE).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()]
    return hashlib.sha256("\n".join(sums).encode("utf-8")).hexdigest()


# ---------------------------------------------------------------------------------------- report


def report(
    results: list[Graded], collected: Collected, known: dict[str, Master], out: Path, limits: Limits, seed: int
) -> None:
    """Write every file of the report."""
    exercises = sorted({result.exercise for result in results} & set(known))
    questions = [question for number in exercises for question in known[number].exercise.questions]
    rubrics = {question.id: (question.title, question.rubric) for question in questions if question.kind == "written"}
    facts = {
        "version": VERSION,
        "seed": seed,
        "limits": limits.to_dict(),
        "network_cut": limiting.cuts_network(),
        "entries": collected.entries,
        "not_taken": [{"name": name, "reason": reason} for name, reason in collected.not_taken],
        "notes": [
            f"{len(results)} rows. {collected.counts()}. Limits: {limiting.describe_limits(limits)}.",
            "Points are formative: the solutions are public, and the grader is no sandbox for malice.",
        ],
    }
    write_grades(results, out, facts)
    marking.write_template(results, out / "marks.csv")
    write_pages(results, out, facts, rubrics)


def _say_done(results: list[Graded], collected: Collected, out: Path, say: Callable[[str], None]) -> None:
    counts: dict[str, int] = {}
    for result in results:
        word = result.status.split(":")[0]
        counts[word] = counts.get(word, 0) + 1
    said = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
    waiting = sum(result.to_mark for result in results)
    say(f"✔ {said}. Open {os.path.join(out, 'summary.html')}")
    if collected.not_taken:
        say(f'  {collected.counts()}. The table "not taken" of the summary says why.')
    if waiting:
        say(f"  {waiting} written answers wait for marks: see {os.path.join(out, 'written')}, then --marks.")
