"""Every exercise runs as it is handed out, and each of its checks waits for an answer."""

import pytest
from course_notebooks import NOTEBOOK_TIMEOUT, notebooks, run_of_course, verdicts

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)


@pytest.mark.parametrize("path", notebooks("exercises"))
def test_every_question_of_an_exercise_as_handed_out_says_not_attempted(path, tmp_path):
    found = verdicts(run_of_course(path, tmp_path))
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Not attempted")
