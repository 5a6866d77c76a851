"""Grading on a cluster: two worker processes on loopback. 200 submissions: tests/benchmarks/test_cluster_rates.py."""

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import clusters
import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.teaching.grading import cluster as clustering
from emotionlab.teaching.grading import remote
from emotionlab.teaching.grading.assemble import masters
from emotionlab.teaching.grading.cluster import check_address, is_loopback
from emotionlab.teaching.grading.grade import grade
from emotionlab.teaching.grading.limits import Limits, own_process_tree
from emotionlab.teaching.grading.replies import checked_reply

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(120)

# a worker whose course ends the whole process at one submission, as no learner's code can; a new one takes its place
SABOTAGE = """
import os
from emotionlab.teaching.grading import remote
real = getattr(remote, "real", remote.grade_job)  # Dask may run these lines twice
remote.real = real
def grade_job(job):
    if b"KILLS ITS WORKER" in job:
        os._exit(1)
    return b'{"status": "graded"}' if b"IS ANSWERED WITH NONSENSE" in job else real(job)
remote.grade_job = grade_job
"""


@pytest.fixture(scope="module")
def two_workers():
    with clusters.on_loopback(2, preload=[SABOTAGE]) as cluster:
        yield cluster


def write_class(folder, number: int) -> None:
    for place in range(number):
        submissions.ordinary(folder / f"learner-{place:03}", place)


def test_24_submissions_and_a_worker_that_is_killed_make_the_report_of_one_machine(tmp_path, two_workers):
    write_class(tmp_path / "in", 23)
    (tmp_path / "in" / "nothing").mkdir()
    (tmp_path / "in" / "nothing" / submissions.NAME).write_text("no notebook", encoding="utf-8")
    alone = grade(tmp_path / "in", tmp_path / "one", "01", jobs=2)
    with clusters.one_is_killed(two_workers, tmp_path / "out", after=6) as met:
        together = grade(tmp_path / "in", tmp_path / "out", "01", scheduler=two_workers.scheduler_address)
    assert len(met) == 1
    assert len(together) == len(list((tmp_path / "out" / "results").glob("*.json"))) == 24
    assert clusters.without_times(together) == clusters.without_times(alone)
    tables = [(tmp_path / name / "grades.csv").read_text(encoding="utf-8") for name in ("one", "out")]
    assert tables[0] == tables[1]
    facts = [json.loads((tmp_path / name / "grades.json").read_text(encoding="utf-8")) for name in ("one", "out")]
    assert facts[0]["notes"] == facts[1]["notes"]


def test_what_kills_every_worker_costs_itself_alone_and_so_does_nonsense(tmp_path, two_workers):
    write_class(tmp_path / "in", 4)
    submissions.with_answers(q1_7="# KILLS ITS WORKER")(tmp_path / "in" / "killer")
    submissions.with_answers(q1_7="# IS ANSWERED WITH NONSENSE")(tmp_path / "in" / "odd")
    results = grade(tmp_path / "in", tmp_path / "out", "01", scheduler=two_workers.scheduler_address)
    status = {result.student: result.status for result in results}
    for name in ("killer", "odd"):
        assert status.pop(name).startswith("not graded: 2 workers were lost on it, or sent no result")
    assert list(status.values()) == ["graded"] * 4
    [killer] = [result for result in results if result.student == "killer"]
    assert [question["outcome"] for question in killer.questions] == ["not_attempted"] * 7
    again = grade(tmp_path / "in", tmp_path / "out", "01", resume=True, scheduler=two_workers.scheduler_address)
    assert clusters.without_times(again) == clusters.without_times(results)


def test_a_hostile_submission_runs_in_a_process_of_its_own_and_leaves_the_worker_alone(tmp_path, two_workers):
    if not own_process_tree():
        pytest.skip("`unshare --pid` was probed and does not work here: what it kills would be these tests")
    before = clusters.processes(two_workers)
    tries = "import os, signal\nprint('I am', os.getpid(), 'distributed' in __import__('sys').modules)\n"
    tries += f"for number in {sorted(before.values())}:\n    try:\n        os.kill(number, 9)\n"
    tries += "    except OSError as error:\n        print('refused')\nos.kill(-1, signal.SIGKILL)\n"
    submissions.with_answers(q1_2=tries)(tmp_path / "in" / "hostile")
    write_class(tmp_path / "in", 2)
    results = grade(tmp_path / "in", tmp_path / "out", "01", scheduler=two_workers.scheduler_address)
    hostile = results[0]
    assert hostile.student == "hostile"
    assert hostile.output.count("refused") >= 2
    assert "False" in hostile.output
    assert [question["outcome"] for question in hostile.questions].count("passed") >= 4
    assert [result.status for result in results[1:]] == ["graded"] * 2
    assert clusters.processes(two_workers) == before


def test_no_name_of_a_learner_travels_and_a_machine_with_another_judge_refuses(tmp_path):
    from emotionlab.teaching.grading.collect import collect

    submissions.ordinary(tmp_path / "in" / "Ada Lovelace 4711", 0)
    known = masters()
    [found] = collect(tmp_path / "in", {"01": submissions.NAME}, "01", "").submissions
    job = remote.pack_job(found, "another judge", Limits(), 0, True)
    assert found.student == "Ada Lovelace 4711"
    assert b"Lovelace" not in job
    assert b"4711" not in job
    assert "another version of the course" in json.loads(remote.grade_job(job))["refused"]
    assert remote.judge(known) == remote.judge(masters()) != remote.judge({"01": known["01"]})
    assert "refused" in json.loads(remote.grade_job(b"no job at all"))


def test_workers_with_another_course_are_told_apart_in_a_sentence(tmp_path, capsys):
    write_class(tmp_path / "in", 1)
    other = "from emotionlab.teaching.grading import remote\nremote.VERSION = '0.0.1'\n"
    with clusters.on_loopback(1, preload=[other]) as cluster:
        said = refused(capsys, tmp_path, cluster.scheduler_address)
    assert "another version of the course" in said


def test_no_workers_and_another_version_of_dask_are_sentences(tmp_path, capsys, two_workers, monkeypatch):
    from distributed import versions

    write_class(tmp_path / "in", 1)
    real = versions.get_package_info
    with monkeypatch.context() as patched:  # this process has another one than the workers, which are processes
        patched.setattr(versions, "get_package_info", lambda wanted: real(wanted) | {"msgpack": "1.0"})
        said = refused(capsys, tmp_path, two_workers.scheduler_address)
    assert "Expected msgpack 1.0 as here, found" in said
    monkeypatch.setattr(clustering, "_CONNECTING", 3)
    with clusters.on_loopback(0) as empty:
        assert "Expected workers at" in refused(capsys, tmp_path, empty.scheduler_address)


def refused(capsys, tmp_path, address: str, *more: str) -> str:
    """The one sentence on stderr of a command that ends with exit code 2 and writes no result."""
    arguments = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "no"), "--scheduler", address, *more]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    assert not list(tmp_path.glob("no/results/*.json"))
    shutil.rmtree(tmp_path / "no", ignore_errors=True)
    return said


def test_a_scheduler_that_is_not_there_is_a_sentence(tmp_path, capsys, monkeypatch):
    pytest.importorskip("distributed", reason="Dask: uv sync --group cluster")
    monkeypatch.setattr(clustering, "_CONNECTING", 2)
    write_class(tmp_path / "in", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it is there and says nothing
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert "found none that answers" in refused(capsys, tmp_path, address)
    assert "found none that answers" in refused(capsys, tmp_path, address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://192.0.2.1:8786", "behind tls://"),
        ("tcp://grading.example:8786", "behind tls://"),
        ("tcp://0.0.0.0:8786", "behind tls://"),
        ("tls://grading.example:8786", "found none; add --certificates"),
        ("tls://127.0.0.1:8786", "found none; add --certificates"),
        ("grading.example:8786", "to be an address"),
        ("ws://127.0.0.1:8786", "to be an address"),
        ("tcp://127.0.0.1", "to be an address"),
        ("tcp://127.0.0.1:99999", "to be an address"),
        ("", "found none; add it"),
    ],
)
def test_an_address_that_may_not_be_used_is_refused_before_anything_is_sent(tmp_path, capsys, address, words):
    write_class(tmp_path / "in", 1)
    more = () if address else ("--certificates", str(tmp_path))
    assert words in refused(capsys, tmp_path, address, *more)


def test_jobs_and_missing_or_broken_certificates_are_sentences(tmp_path, capsys):
    pytest.importorskip("distributed", reason="Dask: uv sync --group cluster")
    write_class(tmp_path / "in", 1)
    assert "leave out --jobs" in refused(capsys, tmp_path, "tcp://127.0.0.1:8786", "--jobs", "2")
    folder = tmp_path / "keys"
    folder.mkdir()
    assert "found no ca.pem" in refused(capsys, tmp_path, "tls://[::1]:8786", "--certificates", str(folder))
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("no certificate", encoding="ascii")
    assert "cannot be read" in refused(capsys, tmp_path, "tls://[::1]:8786", "--certificates", str(folder))
    with pytest.raises(EmotionLabError, match=r"write tls://"):
        check_address("tcp://127.0.0.1:8786", folder)
    assert [is_loopback(host) for host in ("localhost", "127.9.9.9", "::1", "localhost.example")] == [True] * 3 + [
        False
    ]


def test_only_what_the_course_itself_can_send_is_taken_for_a_result(tmp_path):
    questions = masters()["01"].exercise.questions
    entry = {
        **dict.fromkeys(("message", "misconception", "next_step", "source", "written"), ""),
        **{"outcome": "failed", "points": 0, "seconds": 0.1},
    }
    entries = [entry | {"question": q.id, "title": q.title, "kind": q.kind, "possible": q.points} for q in questions]
    good = {"status": "graded", "warnings": [], "output": "", "seconds": 1.0, "questions": entries}
    assert checked_reply(json.dumps(good).encode(), questions) == good
    first, rest = entries[0], entries[1:]
    bad = [
        good | {"status": "perfect"},
        good | {"seconds": float("nan")},
        good | {"warnings": [1]},
        good | {"questions": rest},
        good | {"questions": [first | {"points": 99}, *rest]},
        good | {"questions": [first | {"points": first["possible"]}, *rest]},
        good | {"questions": [first | {"possible": 50}, *rest]},
        good | {"questions": [first | {"marks": 3}, *rest]},
        good | {"questions": [first | {"message": None}, *rest]},
        [good],
    ]
    assert [checked_reply(json.dumps(reply).encode(), questions) for reply in bad] == [None] * len(bad)
    assert checked_reply(b"", questions) is checked_reply({"status": "graded"}, questions) is None


def test_without_dask_the_sentence_says_how_to_get_it(tmp_path):
    submissions.ordinary(tmp_path / "in" / "ada", 0)
    hidden = "import sys; sys.modules['distributed'] = None\nfrom emotionlab.commands.cli import main\nsys.exit(main())"
    command = [sys.executable, "-c", hidden, "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    done = subprocess.run([*command, "--scheduler", "tcp://127.0.0.1:1"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "uv sync --group cluster" in done.stderr


def blocks_of_the_page() -> tuple[str, str]:
    """The lines for a shell of "Several machines" in INSTRUCTORS.md: the certificates, the machines."""
    page = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8").partition("### Several machines")[2]
    certificates, machines = re.findall(r"^```bash\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)[:2]
    return certificates, machines


def test_the_pages_certificates_and_machines_grade_behind_tls_and_let_nobody_else_in(tmp_path, capsys, monkeypatch):
    pytest.importorskip("distributed", reason="Dask: uv sync --group cluster")
    if not (shutil.which("openssl") and shutil.which("bash")):
        pytest.skip("needs openssl and bash: the page's lines make the certificates")
    certificates, machines = blocks_of_the_page()
    for place in ("ours", "others"):
        (tmp_path / place).mkdir()
        subprocess.run(["bash", "-ec", certificates], cwd=tmp_path / place, check=True, capture_output=True)
    keys = tmp_path / "ours" / "certificates"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    machines = machines.replace("\\\n", " ").replace("grading.example", "127.0.0.1").replace("8786", str(port))
    started = []
    for line in machines.splitlines():
        program, *options = line.removeprefix("uv run ").replace("--nworkers 4", "--nworkers 1").split()
        more = ["--host", "127.0.0.1"]
        command = [sys.executable, "-m", program, *options, *more]
        started.append(subprocess.Popen(command, cwd=keys.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    write_class(tmp_path / "in", 2)
    address = f"tls://127.0.0.1:{port}"
    try:
        options = {"scheduler": address, "certificates": keys}
        results = grade(tmp_path / "in", tmp_path / "out", "01", **options)
        assert [result.status for result in results] == ["graded"] * 2
        monkeypatch.setattr(clustering, "_CONNECTING", 3)
        foreign = ("--certificates", str(tmp_path / "others" / "certificates"))
        assert "found none that answers" in refused(capsys, tmp_path, address, *foreign)
        assert "found none that answers" in refused(capsys, tmp_path, address.replace("tls", "tcp"))
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def test_no_submission_sees_where_a_machine_keeps_its_key(monkeypatch):
    """INSTRUCTORS.md puts it into the folder of the course, which stays visible to a submission."""
    asked = []

    class Asked:
        def __init__(self, fork, hide):
            asked.append(hide)

        def stop(self):
            pass

    monkeypatch.setattr(remote, "Worker", Asked)
    monkeypatch.setattr(remote, "_workers", {})
    remote._worker(True)
    assert asked == [(ROOT / "certificates",)]
