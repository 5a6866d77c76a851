"""A class of 300 entries, 60 of them odd or hostile; 52 honest notebooks asked of their kernel; and how fast.

    uv run pytest tests/benchmarks/test_grading_benchmark.py -n 0 -m big

All of it is big. Small classes are graded in tests/teaching/test_grading_everybody.py, test_grading_honest.py and
test_grading_kinds.py.
"""

import os
import time

import honest
import pytest
import submissions
from odd_entries import deep, odd_entries, unaccounted

from emotionlab.teaching.grading.folders import remove
from emotionlab.teaching.grading.grade import grade
from emotionlab.teaching.grading.limits import Limits, own_process_tree

pytestmark = [pytest.mark.big, pytest.mark.timeout(1800)]
ORDINARY = 200


def test_three_hundred_and_sixty_of_them_odd_are_accounted_for(tmp_path, capsys, request):
    if not own_process_tree():
        pytest.skip("`unshare --pid` was probed and does not work here: the hostile ones are left out")
    folder = tmp_path / "in"
    odd = odd_entries(folder) + 1
    request.addfinalizer(lambda: remove(str(folder / "deep")))
    deep(folder / "deep", 1200)
    hostile = submissions.HOSTILE + [name for name in submissions.KINDS if name not in submissions.HOSTILE]
    for name in hostile[: 60 - odd]:
        submissions.KINDS[name].build(folder / name)
    for number in range(240):
        submissions.ordinary(folder / f"learner-{number:03}", number)
    assert len(os.listdir(folder)) == 300
    begin = time.perf_counter()
    results = grade(folder, tmp_path / "out", "01", jobs=2, limits=Limits(seconds=20, memory=2**30))
    seconds = time.perf_counter() - begin
    assert not unaccounted(folder, tmp_path / "out")
    usual = [result for result in results if result.student.startswith("learner-")]
    assert len(usual) == 240
    assert {result.status for result in usual} == {"graded"}
    with capsys.disabled():
        print(f"\n300 entries, 60 of them odd or hostile, in {seconds:.0f} s: all accounted for")


def test_submissions_a_minute_and_the_gain_of_two_jobs(tmp_path, capsys):
    for number in range(ORDINARY):
        submissions.ordinary(tmp_path / "in" / f"learner-{number:03}", number)
    rates = {}
    for jobs in (1, 2):
        begin = time.perf_counter()
        results = grade(tmp_path / "in", tmp_path / f"out{jobs}", "01", jobs=jobs)
        rates[jobs] = len(results) / (time.perf_counter() - begin) * 60
        assert len(results) == ORDINARY
        assert {result.status for result in results} == {"graded"}
        assert all(result.points > 0 for result in results)
    with capsys.disabled():
        gain = rates[2] / rates[1]
        print(f"\n{rates[1]:.0f} submissions a minute with one job, {rates[2]:.0f} with two: {gain:.1f} times as fast")


def test_52_honest_notebooks_agree_with_their_kernel(tmp_path, capsys):
    for name in honest.HABITS:
        honest.write(tmp_path / "in" / name, name)
    results = grade(tmp_path / "in", tmp_path / "out", "01", jobs=2)
    assert len(results) == 52
    for result in results:
        notebook = tmp_path / "in" / result.student / submissions.NAME
        asked = honest.in_kernel(notebook, tmp_path / "work" / result.student)
        assert asked == {question["question"]: question["outcome"] for question in result.questions}, result.student
        assert result.points == 12
    with capsys.disabled():
        print(f"\n{len(results)} honest notebooks: the grader and a kernel say the same of each")
