"""The whole of `emotionlab grade`: collect, assemble, run, judge, report."""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.version import VERSION
from emotionlab.exercises.dropbox import is_box
from emotionlab.exercises.engine import SEED
from emotionlab.teaching.grading import limits as limiting
from emotionlab.teaching.grading import marks as marking
from emotionlab.teaching.grading.assemble import Master, masters
from emotionlab.teaching.grading.cluster import Cluster, check_address, connect
from emotionlab.teaching.grading.collect import Collected, Submission, collect
from emotionlab.teaching.grading.from_box import collect_box
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.results import FOLDER, Graded, any_stored, forget, save, set_aside, stored
from emotionlab.teaching.grading.run import Worker
from emotionlab.teaching.grading.single import alone, fingerprint, nothing_to_grade
from emotionlab.teaching.grading.summary import write_pages
from emotionlab.teaching.grading.tables import write_grades
from emotionlab.teaching.pool import Pool

_FOLDERS = (FOLDER, "students", "written")
_PARTS = (*_FOLDERS, "grades.csv", "grades.json", "marks.csv", "summary.html")


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
    scheduler: str = "",
    certificates: str | Path | None = None,
    say: Callable[[str], None] = print,
) -> list[Graded]:
    """Grade every submission below `submissions` and write the report into the folder `out`.

    exercise: "03" for that one alone. student: one learner alone. timeout: seconds of one run.
    resume: keep results of an earlier run whose notebook, checks and seed are the same, and all its other rows.
    marks: a filled-in marks.csv. limits, fork: for tests. scheduler, certificates: of a cluster that grades instead of
    this machine (cluster.py). Returns the results, in order of learners.
    Raises EmotionLabError for what the teacher can mend.
    """
    folder, out = file_path("SUBMISSIONS", submissions), file_path("--out", out)
    marks = file_path("--marks", marks) if marks else None
    certificates = file_path("--certificates", certificates) if certificates else None
    if marks:  # before anything runs
        marking.read_marks(marks)
    known = masters()
    exercise = _check_options(exercise, jobs, timeout, seed, known)
    if scheduler or certificates:
        _check_cluster(scheduler, certificates, jobs)
    _check_report_folder(out, folder, resume)
    limits = limits or Limits(seconds=timeout)
    take = collect_box if is_box(folder) else collect
    collected = take(folder, {number: master.name for number, master in known.items()}, exercise, student)
    found = collected.submissions
    with connect(scheduler, certificates, limits, known) if scheduler else contextlib.nullcontext() as cluster:
        held = "; or ".join(cluster.held) if cluster else limiting.describe_limits(limits)
        at_a_time = f"on {len(cluster.workers())} workers" if cluster else f"{jobs} at a time"
        _make_report_folder(out, folder)
        say(f"{len(found)} to grade, {at_a_time}. Limits: {held}.")
        for name in set_aside(out):
            say(f"⚠ {FOLDER}/{name} was damaged and is set aside; its row is graded anew, marks in it are not read.")
        before = stored(out) if resume else []
        results = _results(found, known, out, cluster or jobs, limits, before, seed, fork, (folder, out))
    results += _kept(results, before)
    wrong = _take_in(marks, results, out, say) if marks else None
    cut = cluster.network_cut if cluster else limiting.cuts_network()
    kept = report(results, collected, known, out, seed, {"limits": limits.to_dict(), "network_cut": cut, "held": held})
    if kept:
        say(f"⚠ marks.csv held marks that were not taken in; it is {kept.name} now: grade with --resume --marks {kept}")
    _say_done(results, collected, out, say)
    if wrong:
        raise EmotionLabError(f"{wrong} The report is there without these marks: take them in with --resume --marks.")
    return results


def _take_in(marks: Path, results: list[Graded], out: Path, say: Callable[[str], None]) -> EmotionLabError | None:
    """Put the marks into the results; returns what is wrong with them, and then none was taken in."""
    try:
        changed = marking.apply_marks(results, marks)
    except EmotionLabError as problem:
        return problem
    for result in changed:
        save(result, out)
    if not changed:
        say(f"⚠ No points stand in {marks}, so none were taken in.")
    return None


def _check_options(exercise: str, jobs: int, timeout: float, seed: int, known: dict[str, Master]) -> str:
    exercise = exercise.zfill(2) if exercise else ""
    if exercise and exercise not in known:
        raise EmotionLabError(f"There is no exercise {exercise!r} to grade; ask for one of {', '.join(sorted(known))}.")
    if jobs < 1:
        raise EmotionLabError(f"Expected --jobs to be 1 or more, found {jobs}; give a number of processes.")
    if not 1 <= timeout <= 86_400:
        raise EmotionLabError(f"Expected --timeout between 1 and 86400 seconds, found {timeout:g}; give another.")
    if not 0 <= seed < 2**32:
        raise EmotionLabError(f"Expected --seed from 0 to {2**32 - 1:,}, found {seed:,}; give another.")
    return exercise


def _check_cluster(scheduler: str, certificates: str | Path | None, jobs: int) -> None:
    if not scheduler:
        raise EmotionLabError("Expected --scheduler with --certificates, found none; add it, or leave both out.")
    if jobs != 1:
        raise EmotionLabError(
            f"Expected --jobs for this machine or --scheduler for several, found both (--jobs {jobs}); how many run at "
            "once on a cluster is the number of its workers: leave out --jobs."
        )
    check_address(scheduler, certificates)


def _check_report_folder(out: Path, submissions: Path, resume: bool) -> None:
    """The report folder may not lie among the submissions, nor hold what a report replaces."""
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


def _make_report_folder(out: Path, submissions: Path) -> None:
    """Make the folder of the report, if need be; called once it is clear that there is something to grade.

    From a drop box, whose learners are users of this computer too, the report is closed to all but who makes it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        closed = os.name == "posix" and is_box(submissions)
        if closed:
            _check_own_folder(out)
        for folder in (out, *(out / part for part in _FOLDERS)):
            folder.mkdir(exist_ok=True)
            if closed:
                folder.chmod(0o700)
    except OSError as error:
        raise EmotionLabError(f"Expected to write the report to {out}, found: {error.strerror or error}.") from None


def _check_own_folder(out: Path) -> None:
    """A folder that holds other things than a report (the system's /tmp, say) is not closed: others may need it."""
    others = sorted(path.name for path in out.iterdir() if path.name not in _PARTS)
    if others and not (out / FOLDER).is_dir() and stat.S_IMODE(out.stat().st_mode) & 0o077:
        raise EmotionLabError(
            f"Expected a folder for this report alone, which is closed to the learners of the drop box, found {out} "
            f"with {others[0]} in it, open to others; give a new folder as --out, or close this one to others first."
        )


# --------------------------------------------------------------------------------------- grading


def _results(found, known, out, machines: Cluster | int, limits, before, seed, fork, hide) -> list[Graded]:
    """A result for each submission, in their order; stored ones are taken, the others graded now.

    machines: a cluster, or how many run at once here. hide: folders that no submission sees.
    """
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
        if isinstance(machines, Cluster):
            done = _on_cluster(todo, known, out, machines, seed, fork)
        else:
            done = _in_parallel(todo, known, out, machines, limits, seed, fork, hide)
        for place, result in done:
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


def _in_parallel(todo: list, known: dict, out: Path, jobs: int, limits: Limits, seed: int, fork: bool, hide: tuple):
    """Yield (place, result) as they are done. Ctrl-C ends the running ones; what is graded is stored."""
    pool = Pool([Worker(fork, hide=hide) for _ in range(min(jobs, len(todo)))], kill=Worker.close, close=Worker.stop)

    def one(worker: Worker, place: int, submission: Submission, mark: str, earlier: Graded | None):
        if pool.stopping.is_set():
            return None
        result = alone(submission, known, worker, limits, seed)
        if pool.stopping.is_set():  # Ctrl-C cut this run short: not a result
            return None
        return place, _keep(result, mark, earlier, out)

    return pool.work(one, todo)


def _on_cluster(todo: list, known: dict, out: Path, cluster: Cluster, seed: int, fork: bool):
    """Yield (place, result) as they come from the machines; what needs no run is answered here."""
    entries = {place: entry for place, *entry in todo}
    to_send, rest = [], []
    for place, (submission, *_) in entries.items():
        can_run = submission.notebook is not None and not submission.problem and submission.exercise in known
        (to_send if can_run else rest).append((place, submission))
    for place, submission in rest:
        yield place, _keep(alone(submission, known, Worker(fork), cluster.limits, seed), *entries[place][1:], out)
    for place, fields in cluster.grade(to_send, seed, fork):
        submission, mark, earlier = entries[place]
        fields = fields | {"warnings": [*submission.warnings, *fields["warnings"]]}
        if fields["questions"] is None:
            questions = known[submission.exercise].exercise.questions
            fields["questions"] = [nothing_to_grade(question) for question in questions]
        result = Graded(submission.student, submission.exercise, submission.file, **fields)
        yield place, _keep(result, mark, earlier, out)


def _keep(result: Graded, mark: str, earlier: Graded | None, out: Path) -> Graded:
    """Write a result down, with the marks that an earlier one of the same text had. Raises EmotionLabError."""
    result.fingerprint = mark
    if earlier:
        marking.keep_marks(result, earlier)
    save(result, out)
    if earlier and earlier.student != result.student:  # told apart from a namesake by now
        forget(earlier, out)
    return result


# ---------------------------------------------------------------------------------------- report


def report(
    results: list[Graded], collected: Collected, known: dict[str, Master], out: Path, seed: int, holds: dict
) -> Path | None:
    """Write every file of the report. holds: the limits, what of them holds where it was graded, and the network.

    Returns where marks are now that were in its folder and not taken in. Raises EmotionLabError.
    """
    exercises = sorted({result.exercise for result in results} & set(known))
    questions = [question for number in exercises for question in known[number].exercise.questions]
    rubrics = {question.id: (question.title, question.rubric) for question in questions if question.kind == "written"}
    facts = {
        "version": VERSION,
        "seed": seed,
        "limits": holds["limits"],
        "network_cut": holds["network_cut"],
        "entries": collected.entries,
        "not_taken": [{"name": name, "reason": reason} for name, reason in collected.not_taken],
        "notes": [
            f"{len(results)} rows. {collected.counts()}. Limits: {holds['held']}.",
            "Points are formative: the solutions are public, and the grader is no sandbox for malice.",
        ],
    }
    write_grades(results, out, facts)
    kept = marking.write_template(results, out / "marks.csv")
    write_pages(results, out, facts, rubrics)
    return kept


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
        answers = "1 written answer waits" if waiting == 1 else f"{waiting} written answers wait"
        say(f"  {answers} for marks: see {os.path.join(out, 'written')}, then --marks.")
