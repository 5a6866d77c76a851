"""Lessons 06 to 10 and the electives run from top to bottom in fast mode, without camera, data or network.

They stand apart from lessons 00 to 05, so that each of the two processes of the suite has half of the longest work.
"""

import re

import pytest
from course_notebooks import NOTEBOOK_TIMEOUT, notebooks, run_of_course, shown

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)

LESSONS = [lesson for lesson in notebooks("lessons") if lesson.id >= "lessons/06"]


@pytest.mark.parametrize("path", LESSONS)
def test_lesson_runs_from_top_to_bottom(path, tmp_path):
    cells = run_of_course(path, tmp_path)
    if path.stem == "06_transfer_resnet50v2":
        worth = next(cell for cell in cells if cell["id"] == "l06-worth")
        assert re.search(r"^imagenet +\d", shown(worth), flags=re.MULTILINE)
