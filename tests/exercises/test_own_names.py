"""Where `%pylab` or `from numpy import *` hides Python's own functions, plain Python is right all the same."""

import builtins

import pytest

from emotionlab.exercises import exercise

STAR = "import numpy as np\nfrom numpy import *\n"


def check(number: str, source: str, before: str = STAR):
    names: dict = {}
    exec(before + source, names)
    kept = dict(names)
    question = exercise("01").question(number)
    verdict = question.check(names[question.answer])
    assert names == kept  # whoever asked finds their names as they were
    return verdict


@pytest.mark.parametrize("number", ["1.1", "1.2", "1.3", "1.4", "1.5", "1.6"])
def test_every_model_solution_passes_beside_numpys_names(number):
    assert check(number, exercise("01").question(number).solution).outcome == "passed"


def test_an_answer_that_is_right_with_numpys_functions_alone_stays_right():
    source = "def describe(images):\n    return len(images), str(images.dtype), int(min(images)), int(max(images))"
    assert check("1.1", source).outcome == "passed"
    assert check("1.1", source, "").outcome == "error"


def test_a_wrong_answer_is_told_what_was_wrong_with_it_as_the_cell_ran_it():
    wrong = exercise("01").question("1.5").solution.replace("round(", "0 * round(")
    assert "TypeError" in check("1.5", wrong).message
    assert check("1.5", wrong.replace("round(", "int(")).outcome == "failed"


def test_a_name_of_the_learners_own_is_left_alone():
    source = "def round(x):\n    return 0\n\n" + exercise("01").question("1.5").solution
    assert check("1.5", source).outcome == "failed"
    assert round is builtins.round
