"""Every solution notebook runs from top to bottom, and each of its checks says Passed."""

import pytest
from course_notebooks import NOTEBOOK_TIMEOUT, notebooks, run_of_course, verdicts

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)


@pytest.mark.parametrize("path", notebooks("solutions"))
def test_every_check_of_a_solution_passes(path, tmp_path):
    found = verdicts(run_of_course(path, tmp_path))
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Passed")
