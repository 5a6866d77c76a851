"""Temporary folders of the grader: what a killed process leaves is swept away, what somebody still needs is not."""

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from emotionlab.teaching.grading import folders
from emotionlab.teaching.grading.workers import Worker

MAKES_ONE = """
import sys
from emotionlab.teaching.grading import folders
folder = folders.make()
open(folder + "/work.py", "w").close()
print(folder, flush=True)
sys.stdin.read()
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no locks that end with a process")


LAID = (("helpers.py", b"one = 1"), ("a", b""), ("inner/data.csv", b"1"))


@pytest.mark.parametrize("odd", ["a/b.py", "x" * 300, f"{'y' * 300}/z.py", "inner", "a\0b.py", "x\ud800.py"])
def test_a_file_whose_name_cannot_be_had_is_left_out_alone(tmp_path, odd):
    assert folders.put_beside(tmp_path, [*LAID, (odd, b"odd"), ("last.py", b"")]) == [odd]
    laid = {path.relative_to(tmp_path / "beside").as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert laid == {*dict(LAID), "last.py"}


def test_a_full_disk_is_no_files_fault(tmp_path, monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        folders.put_beside(tmp_path, LAID)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder for temporary files of this process and of those that it starts."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def one_that_made_a_folder() -> tuple[subprocess.Popen, Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", MAKES_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    return process, Path(process.stdout.readline().strip())


def ended(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate(timeout=30)


def test_only_the_folders_of_a_killed_process_are_swept(place, monkeypatch):
    killed, lost = one_that_made_a_folder()
    living, needed = one_that_made_a_folder()
    mine, other = Path(folders.make()), place / "somebody-elses"
    other.mkdir()
    try:
        ended(killed)
        folders.sweep()
        assert lost.is_dir()  # a folder so young may belong to a process that has not locked it yet
        monkeypatch.setattr(folders, "_BEING_MADE", 0)
        folders.sweep()
        assert {path.name for path in place.iterdir()} == {needed.name, mine.name, other.name}
        assert (needed / "work.py").is_file()
    finally:
        ended(living)
    assert folders.remove(str(mine))
    folders.sweep()
    assert list(place.iterdir()) == [other]


def test_a_link_and_a_folder_of_another_user_are_left_alone(place, monkeypatch):
    monkeypatch.setattr(folders, "_BEING_MADE", 0)
    (place / "kept").mkdir()
    (place / f"{folders.PREFIX}link").symlink_to(place / "kept")
    (place / f"{folders.PREFIX}theirs").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    folders.sweep()
    assert len(list(place.iterdir())) == 3


def test_a_worker_sweeps_when_it_starts_and_leaves_nothing_behind(place, monkeypatch):
    monkeypatch.setattr(folders, "_BEING_MADE", 0)
    killed, _ = one_that_made_a_folder()
    ended(killed)
    with Worker() as worker:
        worker.prepare([], [])
        assert [str(path) for path in place.iterdir()] == [worker.home]
    assert not list(place.iterdir())


@pytest.mark.parametrize("name", ["../above.py", "tools/../../above.py", "/above.py"])
def test_nothing_is_laid_down_outside_the_folder(place, name):
    name = str(place / "above.py") if name == "/above.py" else name
    (place / "work").mkdir()
    assert folders.put_beside(str(place / "work"), [("tools/good.py", b"x"), (name, b"x")]) == [name]
    assert [path.name for path in place.rglob("*.py")] == ["good.py"]
