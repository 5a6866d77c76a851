"""Sixty-two kinds of submission, twenty-seven of them hostile, and an honest verdict on each."""

import os
from pathlib import Path

import pytest
import submissions
from submissions import HOSTILE, KINDS

from emotionlab.teaching.grading import folders, limits
from emotionlab.teaching.grading.assemble import assemble, masters
from emotionlab.teaching.grading.grade import grade
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.reading import read_notebook
from emotionlab.teaching.grading.run import Worker, run_submission

LIMITS = Limits(seconds=12, memory=2**30)


def run_answer(folder: Path, source: str, allowed: Limits):
    """Grade one notebook whose answer 1.2 is `source`."""
    path = submissions.with_answers(q1_2=source)(folder)
    master = masters()["01"]
    with Worker() as worker:
        return run_submission(worker, master, assemble(master, read_notebook(path)), allowed)


def probe(name: str, folder: Path) -> bool:
    """Does the limit that a hostile submission is to meet hold on this system? Tried with little."""
    if name == "links":
        try:
            (folder / "link").symlink_to(folder / "nowhere")
        except OSError:
            return False
        return True
    if name == "own_tree":
        return limits.own_process_tree()
    if name == "closed_disk":
        return limits.closes_disk()
    if name == "fork":
        return hasattr(os, "fork")
    if name == "memory_files":
        return hasattr(os, "memfd_create") and limits.own_process_tree()
    if name == "processes":
        small = Limits(seconds=20, processes=4)
        return "processes" in "".join(run_answer(folder, submissions.PROCESSES.format(number=8), small).stops)
    if name == "memory":
        small = Limits(seconds=20, memory=2**29)
        verdict = run_answer(folder, submissions.MEMORY.format(steps=20), small).verdicts["1.2"]
        return verdict.outcome == "error"
    where = "import os\nprint(os.getcwd(), os.path.expanduser('~'))"
    printed = run_answer(folder, where, LIMITS).output
    return folders.PREFIX in printed and str(Path.home()) not in printed.split()


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Name -> result of every kind whose limit holds here, from one run, and the sentinels that were in danger."""
    base = tmp_path_factory.mktemp("class")
    left_out = set()
    for name in {kind.needs for kind in KINDS.values()} - {""}:
        folder = base / f"probe-{name}"
        folder.mkdir()
        if not probe(name, folder):
            left_out.add(name)
    for name, kind in KINDS.items():
        if kind.needs not in left_out:
            kind.build(base / "submissions" / name)
    sentinels = [base / "submissions" / "deletes_sentinels" / "sentinel", base / "sentinel", base / "home" / "sentinel"]
    for sentinel in sentinels:
        sentinel.mkdir(parents=True)
    before = os.environ.get("HOME"), Path.cwd()
    os.environ["HOME"] = str(base / "home")
    os.chdir(base)
    try:
        results = grade("submissions", base / "report", "01", jobs=2, limits=LIMITS)
    finally:
        os.chdir(before[1])
        os.environ.pop("HOME") if before[0] is None else os.environ.__setitem__("HOME", before[0])
    return {result.student: result for result in results}, sentinels, base / "report"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_gets_an_honest_row(name, graded):
    results, _, _ = graded
    kind = KINDS[name]
    if name not in results:
        pytest.skip(f"the limit {kind.needs!r} was probed and does not hold on this system")
    result = results[name]
    assert result.status.startswith(kind.status)
    assert kind.words in "; ".join([result.status, *result.warnings])
    found = {question["question"]: question for question in result.questions}
    for ident, expected in kind.outcomes().items():
        expected = expected if isinstance(expected, tuple) else (expected,)
        assert found[ident]["outcome"] in expected, found[ident]["message"]
    for question in result.questions:
        assert question["points"] in (0, question["possible"])
        assert question["points"] == 0 or question["outcome"] == "passed"


def test_there_are_at_least_25_kinds_and_most_hostile_ones_are_tried_here(graded):
    results, _, _ = graded
    assert len(KINDS) >= 25
    assert len(HOSTILE) >= 12
    assert len(results) >= len(KINDS) - 5


def test_what_lay_beside_a_hostile_submission_is_still_there(graded):
    results, sentinels, _ = graded
    if "deletes_sentinels" not in results:
        pytest.skip("a folder of its own was probed and does not hold on this system")
    assert all(sentinel.is_dir() for sentinel in sentinels)


def test_a_right_submission_gets_every_point_that_a_check_can_give(graded):
    results, _, _ = graded
    assert (results["good"].points, results["good"].possible, results["good"].to_mark) == (12, 15, 1)


def test_the_grader_and_the_notebook_say_the_same(graded):
    results, _, _ = graded
    question = masters()["01"].exercise.question("1.2")
    spaces = {"np": __import__("numpy")}
    exec(submissions.TOO_SHORT, spaces)
    here = question.check(spaces["class_counts"])
    there = next(entry for entry in results["one_wrong"].questions if entry["question"] == "1.2")
    assert {name: there[name] for name in here.to_dict()} == here.to_dict()
    assert there["misconception"] == "no_minlength"


def test_nothing_forged_reaches_the_table(graded):
    _, _, report = graded
    rows = (report / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + len(list((report / "results").glob("*.json")))
    assert not [row for row in rows if ",99" in row]
