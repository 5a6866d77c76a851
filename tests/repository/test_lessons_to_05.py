"""Lessons 00 to 05 run from top to bottom in fast mode, without camera, data or network."""

import pytest
from course_notebooks import NOTEBOOK_TIMEOUT, notebooks, run_of_course, shown

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)

LESSONS = [lesson for lesson in notebooks("lessons") if lesson.id < "lessons/06"]


@pytest.mark.parametrize("path", LESSONS)
def test_lesson_runs_from_top_to_bottom(path, tmp_path):
    cells = run_of_course(path, tmp_path)
    if path.stem == "05_transfer_vgg16":
        assert "VGG16's weights here: imagenet" in "\n".join(map(shown, cells))
