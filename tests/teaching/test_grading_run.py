"""How submissions are run: with and without fork, cut off or not, and what they cannot reach or leave behind."""

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.capture import pack
from emotionlab.teaching.grading import limits
from emotionlab.teaching.grading.assemble import assemble, masters
from emotionlab.teaching.grading.grade import grade
from emotionlab.teaching.grading.limits import Limits
from emotionlab.teaching.grading.messages import Channel, Garbled
from emotionlab.teaching.grading.reading import read_notebook
from emotionlab.teaching.grading.run import Worker, remove, run_submission, unpack_safely, why_stopped
from emotionlab.teaching.grading.supervise import Printed

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)
WAYS = [(fork, cut) for fork in (True, False) for cut in (True, False)]


@pytest.fixture(scope="module")
def workers():
    """A worker for each way to start, which all tests use as a class does: its process is started once."""
    with contextlib.ExitStack() as stack:
        yield {way: stack.enter_context(Worker(*way)) for way in WAYS}


@pytest.fixture
def run(workers):
    """Grades a solved notebook of exercise 01 with another answer to one question. own: by a worker of its own."""

    def graded(folder, source=None, fork=True, cut_off=True, allowed=None, question="1.2", own=False, notebook=None):
        notebook = notebook or submissions.solved()
        if source is not None:
            submissions.answer(notebook, question, source)
        master = masters()["01"]
        made = assemble(master, read_notebook(submissions.write(folder, notebook)))
        with Worker(fork, cut_off) if own else contextlib.nullcontext(workers[fork, cut_off]) as worker:
            return run_submission(worker, master, made, allowed or Limits(seconds=40))

    return graded


def test_an_answer_that_was_checked_often_is_looked_at_once_more_at_the_end(run, tmp_path):
    notebook = submissions.solved()
    tries = "def class_counts(*a):\n    return None\nfor _ in range(10):\n    ex.check('1.2', class_counts)"
    answer = next(place for place, cell in enumerate(notebook["cells"]) if cell["id"] == "q-1-2-answer")
    notebook["cells"].insert(answer, submissions.code(tries))
    result = run(tmp_path, notebook=notebook)
    assert result.verdicts["1.2"].outcome == "passed"


@pytest.mark.parametrize(("fork", "cut_off"), WAYS)
def test_every_way_to_start_gives_the_same_verdicts(tmp_path, fork, cut_off, run):
    result = run(tmp_path, submissions.TOO_SHORT, fork, cut_off)
    outcomes = [verdict.outcome for verdict in result.verdicts.values()]
    assert sorted(outcomes) == ["failed"] + ["passed"] * 6, (result.stops, result.output)
    assert result.verdicts["1.2"].misconception == "no_minlength"
    assert result.written["1.7"].split()[:2] == ["The", "label"]


@pytest.mark.parametrize(("fork", "cut_off"), WAYS)
def test_every_way_to_start_survives_an_endless_loop(tmp_path, fork, cut_off, run):
    source = "def class_counts(labels):\n    while True:\n        pass"
    result = run(tmp_path, source, fork, cut_off, Limits(seconds=5))
    assert result.verdicts["1.2"].outcome == "error"
    assert "still running after 5 seconds" in result.verdicts["1.2"].message
    assert result.verdicts["1.3"].outcome == result.verdicts["1.6"].outcome == "passed"


def test_whoever_kills_the_worker_loses_that_answer_only(tmp_path, run):
    if not hasattr(os, "fork"):
        pytest.skip("needs fork: the parent of the learner's process is the worker")
    source = (
        "import os, time\ntry:\n    os.kill(os.getppid(), 9)\nexcept OSError:\n    print('refused')\ntime.sleep(30)\n"
    )
    result = run(tmp_path, source, cut_off=False, allowed=Limits(seconds=15))
    if "refused" in result.output:
        pytest.skip("a learner's process is another user's here, also where nothing is cut off")
    assert result.verdicts["1.2"].outcome == "error"
    assert "stopped the process that was watching it" in result.stops[0]
    assert result.verdicts["1.6"].outcome == "passed"


def test_the_network_is_cut_where_the_system_allows_it(tmp_path, run):
    if not limits.cuts_network():
        pytest.skip("`unshare --net` was probed and does not work for this user")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=3)\n"
        result = run(tmp_path, source + submissions.solution("1.2"))
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()
    assert result.verdicts["1.2"].outcome == "error"


def test_a_process_that_hides_in_a_session_of_its_own_does_not_outlive_the_run(tmp_path, run):
    if not sys.platform.startswith("linux"):
        pytest.skip("needs Linux: elsewhere a process can leave its parents for good")
    paths = {cut_off: tmp_path / f"alive-{cut_off}" for cut_off in (True, False)}
    for cut_off, path in paths.items():
        source = submissions.ESCAPES.format(path=str(path)) + submissions.solution("1.2")
        result = run(tmp_path / "in", source, cut_off=cut_off)
        assert result.verdicts["1.2"].outcome == "passed"
    time.sleep(9)
    assert [path for path in paths.values() if path.exists()] == []


def test_no_key_of_the_teacher_and_no_path_of_the_class_is_in_the_environment(tmp_path, monkeypatch, run):
    monkeypatch.setenv("KAGGLE_KEY", "secret-key")
    source = "import os\nprint(dict(os.environ), os.listdir(os.path.expanduser('~')), os.listdir())"
    result = run(tmp_path, source, question="1.1", own=True)
    assert "'HOME'" in result.output
    assert "secret-key" not in result.output
    assert str(tmp_path) not in result.output
    assert "} [] []\n" in result.output


REACHES_OUT = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
parent, buffer = os.getppid(), ctypes.create_string_buffer(64)
class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
here, there = Vector(ctypes.addressof(buffer), 64), Vector(id(libc), 64)
def opens(path):
    try:
        open(path, "rb").close()
    except OSError:
        return -1
    return 0
tried = {
    "ptrace": libc.ptrace(16, parent, 0, 0),
    "process_vm_readv": libc.process_vm_readv(parent, ctypes.byref(here), 1, ctypes.byref(there), 1, 0),
    "memory": opens(f"/proc/{parent}/mem"),
    "environment": opens(f"/proc/{parent}/environ"),
    "umount": libc.umount2(b"/tmp", 2),
    "tmpfs": libc.mount(b"none", b"/mnt", b"tmpfs", 0, None),
    "namespace": libc.unshare(0x10000000),
}
print("reached:", sorted(name for name, result in tried.items() if result >= 0))
print("capabilities:", [line.split()[1] for line in open("/proc/self/status") if line.startswith(("Cap", "NoNew"))])
"""


def test_a_learners_process_has_no_privileges_and_cannot_reach_its_parent(tmp_path, run):
    if not limits.closes_disk():
        pytest.skip("`unshare` and mounts were probed and do not work here")
    result = run(tmp_path, REACHES_OUT + submissions.solution("1.2"))
    assert "reached: []" in result.output
    assert f"capabilities: {['0' * 16] * 5 + ['1']}" in result.output
    assert result.verdicts["1.2"].outcome == "passed"


READS = """
import os, subprocess, sys
def reads(path):
    try:
        return open(path).read()
    except OSError as error:
        return error.strerror
print("read:", reads({secret!r}))
print("in the teacher's home:", sorted(os.listdir({home!r})))
open("mine", "w").write("of my own"), os.chmod("mine", 0o600)
done = subprocess.run("cat mine; echo to stderr > /dev/stderr", shell=True, capture_output=True, text=True)
print(done.stdout, done.stderr)
print("numpy", subprocess.run([sys.executable, "-c", "import numpy"]).returncode)
!echo "said by a command" > /dev/stdout
"""


def test_what_only_the_teacher_may_read_is_closed_to_a_learner(tmp_path, run):
    if not limits.another_user():
        pytest.skip("another user was probed and cannot be had here: neither root nor subordinate ids")
    with tempfile.NamedTemporaryFile("w", dir=ROOT) as secret:  # beside the package, where its mode alone closes it
        secret.write("nobody's business"), secret.flush()
        result = run(tmp_path, READS.format(secret=secret.name, home=str(Path.home())) + submissions.solution("1.2"))
    assert "read: Permission denied\n" in result.output
    assert "of my own" in result.output
    assert "to stderr" in result.output
    assert "numpy 0\n" in result.output
    assert "said by a command" in result.output
    assert result.verdicts["1.2"].outcome == "passed"
    needed = {
        Path(path).relative_to(Path.home()).parts[0] for path in limits.kept() if Path.home() in Path(path).parents
    }
    assert f"in the teacher's home: {sorted(needed)}\n" in result.output


def test_a_cell_that_ends_python_is_told_so_on_windows_too(monkeypatch):
    monkeypatch.delattr("signal.SIGXCPU", raising=False)  # Windows has none
    assert why_stopped({"ended": "left", "code": 0}, Limits()) == "it ended Python itself (exit code 0)"


@pytest.mark.parametrize("resolved", [True, False])
def test_what_others_handed_in_and_the_report_are_hidden_from_a_learner(tmp_path, resolved):
    """Beside the package, which a learner's code reads: so nothing but the hiding keeps it out."""
    if not limits.closes_disk():
        pytest.skip("`unshare` and mounts were probed and do not work here")
    with tempfile.TemporaryDirectory(dir=ROOT) as name:
        handed_in, out = Path(name, "in"), Path(name, "out")
        Path(name).chmod(0o755)
        source = (
            f"import os\nprint('seen', [sorted(os.listdir(path)) for path in {[str(handed_in), str(out), name]}])\n"
        )
        notebook = submissions.solved()
        submissions.answer(notebook, "1.2", source + submissions.solution("1.2"))
        submissions.write(handed_in / "ada", notebook)
        given = handed_in
        if not resolved:
            given = tmp_path / "link"
            given.symlink_to(handed_in)
        [result] = grade(given, out, "01", timeout=40, say=lambda line: None)
    assert result.status == "graded"
    assert result.questions[1]["outcome"] == "passed"
    assert "seen [[], [], ['in', 'out']]" in result.output


def test_the_parent_is_hidden_also_where_nothing_is_cut_off(tmp_path, run):
    if not sys.platform.startswith("linux"):
        pytest.skip("needs Linux's prctl")
    result = run(tmp_path, REACHES_OUT, cut_off=False)
    for name in ("ptrace", "process_vm_readv", "memory", "umount", "tmpfs"):
        assert name not in result.output.split("reached:")[1].split("]")[0]


def test_nothing_outside_its_folder_can_be_written_and_the_folder_is_small(tmp_path, run):
    if not limits.closes_disk():
        pytest.skip("`unshare` and mounts were probed and do not work here")
    (tmp_path / "mine").write_text("the teacher's", encoding="utf-8")
    source = f"""
def tries(what):
    try:
        return what() and "done"
    except OSError as error:
        return error.strerror
import os
def fill():
    for number in range(40):
        with open(f"part-{{number}}", "wb") as file:
            file.write(bytes(2**22))
print(tries(lambda: open({str(ROOT / "written")!r}, "w")), tries(lambda: open("/tmp/mine", "w")), tries(fill))
print(os.path.exists({str(tmp_path / "mine")!r}))
"""
    result = run(tmp_path, source, allowed=Limits(seconds=40, disk=2**25))
    assert "Read-only file system done No space left on device\nFalse\n" in result.output
    assert (tmp_path / "mine").exists()
    assert not (ROOT / "written").exists()


def test_no_later_learner_finds_a_token_of_an_earlier_one(tmp_path):
    """What supervises a run, and makes its tokens, is a copy of the worker that ends with the run."""
    master = masters()["01"]
    notebook = submissions.solved()
    plain = assemble(master, read_notebook(submissions.write(tmp_path / "a", notebook)))
    looks = "import gc\nprint('watches:', sum(type(one).__name__ == 'Watch' for one in gc.get_objects()))\n"
    submissions.answer(notebook, "1.1", looks + submissions.solution("1.1"))
    curious = assemble(master, read_notebook(submissions.write(tmp_path / "b", notebook)))
    with Worker() as worker:
        run_submission(worker, master, plain, Limits(seconds=40))
        result = run_submission(worker, master, curious, Limits(seconds=40))
    assert "watches: 0" in result.output


def test_memory_files_count_as_memory():
    if not hasattr(os, "memfd_create"):
        pytest.skip("needs Linux")
    file = os.memfd_create("part")
    try:
        before = limits.unmapped_memory([os.getpid()])
        os.write(file, bytes(2**20))
        assert limits.unmapped_memory([os.getpid()]) - before >= 2**20
    finally:
        os.close(file)


def test_a_notebook_is_graded_without_a_file_that_cannot_be_laid_beside_it(tmp_path, workers):
    notebook = submissions.solved()
    submissions.answer(notebook, "1.2", "import helpers\n" + submissions.solution("1.2"))
    master = masters()["01"]
    made = assemble(master, read_notebook(submissions.write(tmp_path, notebook)))
    beside = (("helpers.py", b"one = 1"), ("a", b""), ("a/b.py", b""), ("x" * 300, b""))
    result = run_submission(workers[True, True], master, made, Limits(seconds=40), beside=beside)
    assert result.verdicts["1.2"].outcome == "passed"
    assert result.errors == {}
    assert [f"a/b.py, {'x' * 300}" in note for note in result.notes] == [True]


def test_a_worker_is_used_again_and_submissions_do_not_see_each_other(tmp_path):
    master = masters()["01"]
    notebook = submissions.solved()
    submissions.answer(notebook, "1.1", "import builtins\nbuiltins.left_behind = 1\nopen('left', 'w').close()\n...")
    first = assemble(master, read_notebook(submissions.write(tmp_path / "a", notebook)))
    submissions.answer(notebook, "1.1", "import os\nleft_behind, os.stat('left')\n")
    second = assemble(master, read_notebook(submissions.write(tmp_path / "b", notebook)))
    with Worker() as worker:
        run_submission(worker, master, first, Limits(seconds=40))
        process = worker.process.pid
        result = run_submission(worker, master, second, Limits(seconds=40))
        assert worker.process.pid == process
    assert "NameError" in result.errors["q-1-1-answer"]


def test_nothing_is_left_running_or_lying_about(tmp_path, monkeypatch, run):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    run(tmp_path, "import os\nos.mkdir('deep')\nopen('deep/file', 'w').close()\nos.chmod('deep', 0o500)\n", own=True)
    assert not list((tmp_path / "tmp").iterdir())
    assert {process.pid for process in psutil.Process().children(recursive=True)} <= before


def test_a_folder_made_read_only_is_removed(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "file").write_text("x", encoding="utf-8")
    folder.chmod(0o500)
    remove(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_grading_changes_nothing_in_the_course(tmp_path):
    """The course is copied, graded with, and compared: names and bytes of every file."""
    course = tmp_path / "course"
    ignore = shutil.ignore_patterns("__pycache__", ".*")
    for name in ("emotionlab", "exercises"):
        shutil.copytree(ROOT / name, course / name, ignore=ignore)
    (course / "lessons").mkdir()
    submissions.write(tmp_path / "in" / "ada", submissions.solved())
    submissions.KINDS["deletes_sentinels"].build(tmp_path / "in" / "eve")
    before = snapshot(course)
    script = "import sys; from emotionlab.teaching.grading.grade import grade; grade(sys.argv[1], sys.argv[2])"
    command = [sys.executable, "-c", script, str(tmp_path / "in"), str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(course), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert "2 graded" in done.stdout
    assert snapshot(course) == before


def snapshot(folder: Path) -> dict:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


# ---------------------------------------------------------------------------------- small parts


def test_a_record_made_to_fill_the_memory_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("json.npy", "w") as entry:
        for _ in range(300):
            entry.write(bytes(2**20))
    with pytest.raises(EmotionLabError, match="return smaller arrays"):
        unpack_safely(buffer.getvalue())
    with pytest.raises(EmotionLabError):
        unpack_safely(b"no archive")
    assert unpack_safely(pack({"a": np.arange(3)}))["a"].tolist() == [0, 1, 2]


def test_messages_survive_the_way_and_nonsense_does_not():
    ours, theirs = socket.socketpair()
    a, b = (Channel(end.makefile("rb"), end.makefile("wb")) for end in (ours, theirs))
    a.send("observed", b"\0bytes", question="1.2")
    assert b.receive() == ({"kind": "observed", "question": "1.2"}, b"\0bytes")
    a.writer.write(b"\xff" * 8), a.writer.flush()
    with pytest.raises(Garbled):
        b.receive()
    for header in (b"not json", b"[]", b"{}"):
        a.writer.write(len(header).to_bytes(4, "big") + bytes(4) + header), a.writer.flush()
        with pytest.raises(Garbled):
            b.receive()
    a.close(), ours.close()
    assert b.receive() is None
    b.close(), theirs.close()


def test_printed_text_is_cut_and_says_so():
    read_end, write_end = os.pipe()
    printed = Printed(keep=10)
    reader = os.fdopen(read_end, "rb", buffering=0)
    thread = threading.Thread(target=printed.read, args=(reader,))
    thread.start()
    os.write(write_end, b"x" * 50_000), os.close(write_end)
    thread.join(10)
    reader.close()
    assert printed.text() == "x" * 10 + "\n[cut off: 50,000 bytes were printed in all]"
