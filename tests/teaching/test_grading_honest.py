"""Honest notebooks: the grader says what a kernel says, whatever habits their writers have.

A part of the 52, and few asked of a kernel; tests/benchmarks/test_grading_benchmark.py takes all.
"""

import pytest
import submissions
from honest import HABITS, in_kernel, prepend, write
from kept_workers import kept_workers

from emotionlab.teaching.grading.grade import grade

ASKED = ("time_without_ids", "split_with_the_id_above", "a_cell_that_fails")
NAMES = sorted({*list(HABITS)[::4], *ASKED, "helper_file_beside", "package_beside", "helper_in_a_check_cell"})
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", autouse=True)
def workers():
    """One or two workers for all that is graded here."""
    with kept_workers():
        yield


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Name -> result of every habit, and the folder of the class."""
    base = tmp_path_factory.mktemp("honest")
    for name in NAMES:
        write(base / "in" / name, name)
    results = grade(base / "in", base / "out", "01", jobs=2, timeout=60, say=lambda line: None)
    return {result.student: result for result in results}, base


@pytest.mark.parametrize("name", NAMES)
def test_an_honest_notebook_gets_every_point_that_a_check_can_give(name, graded):
    result = graded[0][name]
    told = [(q["question"], q["outcome"], q["message"]) for q in result.questions if q["outcome"] != "passed"]
    assert (result.points, result.status, result.to_mark) == (12, "graded", 1), (told, result.warnings)


@pytest.mark.parametrize("name", ASKED)
def test_a_kernel_says_the_same(name, graded, tmp_path):
    results, base = graded
    asked = in_kernel(base / "in" / name / submissions.NAME, tmp_path / "work")
    assert asked == {question["question"]: question["outcome"] for question in results[name].questions}


def test_there_are_52_habits(graded):
    assert len(HABITS) == 52
    assert len(graded[0]) == len(set(NAMES))


def test_the_row_says_which_cell_failed_and_the_run_went_on(graded):
    notes = "; ".join(graded[0]["a_cell_that_fails"].warnings)
    assert "cells that failed: code cell 5 (ZeroDivisionError: division by zero)" in notes
    assert "cells that failed" not in "; ".join(graded[0]["helper_file_beside"].warnings)
    assert "with it: helpers.py" in graded[0]["helper_file_beside"].warnings


def test_pylab_costs_no_points_here_or_in_a_kernel(tmp_path):
    """`%pylab` puts NumPy's `round` in the place of Python's: the try cell fails on it, the check does not."""
    notebook = submissions.solved()
    prepend(notebook, "1.1", "%pylab inline")
    path = submissions.write(tmp_path / "in" / "ada", notebook)
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert (result.points, result.status) == (12, "graded")
    assert "slice indices must be integers" in "; ".join(result.warnings)
    assert in_kernel(path, tmp_path / "work") == {entry["question"]: entry["outcome"] for entry in result.questions}


def test_a_check_of_another_name_earns_nothing_and_the_row_says_so(tmp_path):
    notebook = submissions.solved()
    submissions.answer(notebook, "1.2", submissions.solution("1.2").replace("class_counts", "mine"))
    submissions.cell(notebook, "1.2", "check")["source"] = 'ex.check("1.2", mine)'
    submissions.write(tmp_path / "in" / "ada", notebook)
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert result.points == 11
    assert "1.2: `ex.check` was given something else than `class_counts`" in "; ".join(result.warnings)


def test_a_pass_at_the_check_counts_though_a_later_cell_takes_the_name(tmp_path):
    notebook = submissions.solved()
    notebook["cells"].append(submissions.code("class_counts = 7", "later"))
    submissions.write(tmp_path / "in" / "ada", notebook)
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert result.points == 12


def test_a_cell_that_never_ends_is_interrupted_alone(tmp_path):
    notebook = submissions.solved()
    place = notebook["cells"].index(submissions.cell(notebook, "1.2"))
    endless = "epochs = 0\nwhile True:\n    epochs += 1"
    notebook["cells"].insert(place, submissions.code(endless, "my-training"))
    submissions.write(tmp_path / "in" / "ada", notebook)
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", timeout=6, say=lambda line: None)
    assert (result.points, result.status) == (12, "graded")
    assert "code cell 5 (interrupted after 3 seconds)" in "; ".join(result.warnings)
