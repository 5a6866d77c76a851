"""200 submissions on a cluster of two worker processes, one of which is killed; and how fast one and two workers are.

    uv run pytest tests/benchmarks/test_cluster_rates.py -n 0 -m big

All of it is big. 24 submissions are graded so in tests/teaching/test_grading_cluster.py.
"""

import time

import clusters
import pytest
import submissions

from emotionlab.teaching.grading.grade import grade

pytestmark = [pytest.mark.big, pytest.mark.timeout(1800)]
ORDINARY = 200


@pytest.fixture(scope="module")
def a_class(tmp_path_factory):
    """A folder of 200 ordinary submissions of exercise 01."""
    folder = tmp_path_factory.mktemp("class") / "in"
    for number in range(ORDINARY):
        submissions.ordinary(folder / f"learner-{number:03}", number)
    return folder


def test_200_submissions_and_a_killed_worker_make_the_report_of_one_machine(tmp_path, a_class):
    alone = grade(a_class, tmp_path / "one", "01", jobs=2)
    with (
        clusters.on_loopback(2) as cluster,
        clusters.one_is_killed(cluster, tmp_path / "out", after=ORDINARY // 2) as met,
    ):
        together = grade(a_class, tmp_path / "out", "01", scheduler=cluster.scheduler_address)
    assert len(met) == 1
    assert len({result.student for result in together}) == len(together) == ORDINARY
    assert len(list((tmp_path / "out" / "results").glob("*.json"))) == ORDINARY
    assert clusters.without_times(together) == clusters.without_times(alone)
    tables = [(tmp_path / name / "grades.csv").read_text(encoding="utf-8") for name in ("one", "out")]
    assert tables[0] == tables[1]


def test_submissions_a_minute_of_one_and_two_workers(tmp_path, a_class, capsys):
    rates = {}
    for workers in (1, 2):
        with clusters.on_loopback(workers) as cluster:
            begin = time.perf_counter()
            results = grade(a_class, tmp_path / f"out{workers}", "01", scheduler=cluster.scheduler_address)
            rates[workers] = len(results) / (time.perf_counter() - begin) * 60
        assert len(results) == ORDINARY
        assert {result.status for result in results} == {"graded"}
    with capsys.disabled():
        gain = rates[2] / rates[1]
        print(
            f"\n{rates[1]:.0f} submissions a minute with one worker, {rates[2]:.0f} with two: {gain:.1f} times as fast"
        )
