"""Every exercise runs as it is handed out, where its checks wait for answers, and solved, where they pass."""

import pytest
from course_notebooks import NOTEBOOK_TIMEOUT, ROOT, assert_fine, notebooks, run_of_exercise, verdicts

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)


@pytest.fixture(scope="module", params=notebooks("exercises"))
def ran(request, tmp_path_factory):
    """The name of an exercise, the records of its cells as it is handed out, and of those of its solution."""
    name = request.param.name
    return name, *run_of_exercise(name, tmp_path_factory.mktemp("course"))


def test_every_question_of_an_exercise_as_handed_out_says_not_attempted(ran):
    name, handed_out, _ = ran
    assert_fine(handed_out, ROOT / "exercises" / name)
    found = verdicts(handed_out)
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Not attempted")


def test_every_check_of_a_solution_passes(ran):
    name, _, solved = ran
    assert_fine(solved, ROOT / "solutions" / name)
    found = verdicts(solved)
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Passed")
