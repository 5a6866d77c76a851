"""Honest notebooks: the grader says what a kernel says, whatever habits their writers have.

A part of the 52, and few asked of a kernel; tests/benchmarks/test_grading_benchmark.py takes all.
"""

import pytest
import submissions
from honest import HABITS, in_kernel, write

from emotionlab.teaching.grading.grade import grade

ASKED = ("time_without_ids", "split_with_the_id_above", "a_cell_that_fails")
NAMES = sorted({*list(HABITS)[::4], *ASKED, "helper_file_beside", "package_beside", "helper_in_a_check_cell"})
pytestmark = pytest.mark.timeout(600)


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
