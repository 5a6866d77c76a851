"""Handing in and handing back: drop box, receipts, dates, whose a file is, and what can go wrong."""

import errno
import hashlib
import json
import multiprocessing
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.exercises import dropbox, exercise, handin
from emotionlab.exercises.dropbox import IN, make_box, now
from emotionlab.exercises.handin import RECEIPTS, hand_in
from emotionlab.teaching.grading import back, from_box, grade
from emotionlab.teaching.grading.from_box import collect_box

MASTERS = {"01": submissions.NAME}
ROOT = hasattr(os, "getuid") and os.getuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="to act as several users takes root")


def _open_the_way(folder: Path) -> None:
    """Every user may go through to this folder of pytest's."""
    above = Path(tempfile.gettempdir()).resolve()
    for part in (folder, *folder.parents):
        if part == above or above not in part.parents:
            break
        part.chmod(part.stat().st_mode | 0o011)


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A drop box that every user can reach, named by the environment."""
    _open_the_way(tmp_path)
    made = make_box(tmp_path / "box", {})
    monkeypatch.setenv("EMOTIONLAB_DROPBOX", str(made.folder))
    return made.folder


def files(box: Path) -> list[str]:
    return sorted(path.name for path in (box / IN).iterdir())


def due(box: Path, after: timedelta) -> None:
    make_box(box, {"01": (now() + after).isoformat()})


@pytest.mark.parametrize("words", [["handin", "77"], ["handin", "77", "--back"]])
def test_an_exercise_that_does_not_exist_is_told_before_the_drop_box_is_asked_for(monkeypatch, capsys, words):
    monkeypatch.delenv("EMOTIONLAB_DROPBOX", raising=False)
    assert main(words) == 2
    assert "Expected an exercise (01, 02" in (told := capsys.readouterr().err)
    assert "found '77'" in told


def test_the_notebook_and_what_it_imports_are_taken_and_the_receipt_says_so(tmp_path, box):
    notebook = submissions.blank()
    notebook["cells"].append(submissions.code("import numpy\nfrom helpers import one\nimport deep.inner as d, json"))
    path = submissions.write(tmp_path / "work", notebook)
    (path.parent / "helpers.py").write_text("import second\none = 1", encoding="utf-8")
    (path.parent / "second.py").write_text("two = 2", encoding="utf-8")
    (path.parent / "diary.py").write_text("private = 3", encoding="utf-8")
    (path.parent / "deep").mkdir()
    (path.parent / "deep" / "inner.py").write_text("x = 1", encoding="utf-8")
    before = path.read_bytes()
    receipt = hand_in("1", path)
    laid = box / IN / receipt.name
    assert receipt.checksum == hashlib.sha256(laid.read_bytes()).hexdigest()
    assert receipt.taken == (path.name, "deep/inner.py", "helpers.py", "second.py")
    assert zipfile.ZipFile(laid).namelist() == list(receipt.taken)
    kept = (path.parent / RECEIPTS).read_text(encoding="utf-8")
    assert receipt.checksum in kept
    assert "second.py" in kept
    assert "diary" not in kept
    assert path.read_bytes() == before
    [row] = collect_box(box, MASTERS).submissions
    assert [name for name, _ in row.beside] == ["deep/inner.py", "helpers.py", "second.py"]


@pytest.mark.parametrize(
    "line",
    [
        "import numpy as np; import helpers",
        "import numpy as np, \\\n    helpers",
        "try: from helpers import one\nexcept ImportError: one = 1",
        "%matplotlib inline\nimport helpers.inner",
        "%run helpers.py",
        "%run -i ./helpers.py",
        "files = !ls\nimport helpers",
    ],
)
def test_a_module_of_ones_own_is_taken_however_it_is_imported(tmp_path, box, line):
    path = beside_helpers(tmp_path / "work", line)
    assert hand_in("1", path).taken == (path.name, "helpers.py")


def beside_helpers(folder: Path, source: str) -> Path:
    """A notebook with one more cell, and a module of the learner's own beside it."""
    notebook = submissions.blank()
    notebook["cells"].append(submissions.code(source))
    folder.mkdir()
    (folder / "helpers.py").write_text("one = 1", encoding="utf-8")
    return submissions.write(folder, notebook)


def test_a_hand_in_within_the_last_second_is_in_time_for_both(tmp_path, box, monkeypatch):
    path = submissions.write(tmp_path / "work", submissions.blank())
    first = hand_in("01", path)
    laid = datetime.fromtimestamp(int((box / IN / first.name).stat().st_ctime), UTC)
    (box / "dropbox.json").write_text(json.dumps({"due": {"01": laid.isoformat()}}), encoding="utf-8")
    [row] = collect_box(box, MASTERS).submissions
    assert not any("late" in note for note in row.warnings)
    # a slow disk: what counts is when it is laid in, and the receipt says so
    monkeypatch.setattr(handin, "now", lambda: laid - timedelta(hours=1))
    time.sleep(1.05)
    assert "Late" in hand_in("01", path).late


@pytest.mark.parametrize(
    "line",
    [
        "import ... as np",
        "import .helpers",
        "import numpy,.helpers",
        '"""Answers.\nimport .csv files by hand\n"""',
    ],
)
def test_a_line_that_begins_like_an_import_hinders_no_hand_in(tmp_path, box, line):
    path = beside_helpers(tmp_path / "work", f"{line}\nimport json, helpers as h")
    assert hand_in("01", path).taken == (path.name, "helpers.py")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name of a file is UTF-8")
def test_a_name_that_is_no_utf_8_hinders_no_hand_in(tmp_path, monkeypatch):
    box = make_box(Path(os.fsdecode(bytes(tmp_path) + b"/K\xe4sten")), {}).folder
    monkeypatch.setattr(handin, "_make_way_back", lambda box, who: [f"⚠ {box.folder} belongs to somebody else."])
    path = submissions.write(tmp_path / "work", submissions.blank())
    path = path.rename(os.fsdecode(bytes(path.parent) + b"/L\xf6sung.ipynb"))
    receipt = hand_in("01", path, box)
    assert receipt.taken == ("L\ufffdsung.ipynb",)
    assert "L\ufffdsung.ipynb" in (path.parent / RECEIPTS).read_text(encoding="utf-8")
    assert "could not be kept" not in str(receipt)
    [row] = collect_box(box, MASTERS).submissions
    assert row.problem == ""


@pytest.mark.parametrize("seconds", [3e11, 1e20, float("nan")])
def test_a_file_with_a_time_that_no_calendar_holds_is_taken(tmp_path, box, monkeypatch, seconds):
    """Few file systems hold such a time, so the answer of `stat` is changed."""
    path = submissions.write(tmp_path / "work", submissions.blank())
    real = Path.stat

    def stat(self, **more):
        facts = real(self, **more)
        return (
            SimpleNamespace(st_size=facts.st_size, st_mtime=seconds, st_mode=facts.st_mode) if self == path else facts
        )

    monkeypatch.setattr(Path, "stat", stat)
    receipt = hand_in("01", path)
    assert files(box) == [receipt.name]
    assert receipt.notes[0] == "Last saved: at a time that cannot be read"


def test_the_last_counts_the_earlier_stay_and_late_is_said_to_both(tmp_path, box):
    path = submissions.write(tmp_path / "work", submissions.blank())
    due(box, timedelta(hours=1))
    first = hand_in("01", path)
    assert not first.late
    due(box, timedelta(hours=-1))
    shutil.copy2(box / IN / first.name, tmp_path / "first.zip")
    submissions.write(path.parent, submissions.solved())
    second = hand_in("01", path)
    assert "Late" in second.late
    assert "Late" in str(second)
    assert files(box) == sorted([first.name, second.name])
    assert (box / IN / first.name).read_bytes() == (tmp_path / "first.zip").read_bytes()
    [row] = collect_box(box, MASTERS).submissions
    assert row.file == f"{IN}/{second.name}"
    assert row.warnings[0].startswith("late: handed in ")
    assert any("the last of 2 hand-ins" in note for note in row.warnings)


def test_a_date_between_two_hand_ins_names_the_one_that_was_in_time(tmp_path, box):
    path = submissions.write(tmp_path / "work", submissions.blank())
    first = hand_in("01", path)
    due_at = int((box / IN / first.name).stat().st_ctime)
    text = json.dumps({"due": {"01": datetime.fromtimestamp(due_at, UTC).isoformat()}})
    time.sleep(1.05)
    second = hand_in("01", path)
    (box / "dropbox.json").write_text(text, encoding="utf-8")
    [row] = collect_box(box, MASTERS).submissions
    assert row.file.endswith(second.name)
    assert row.warnings[1] == f"in time was {first.name}"


def test_an_owner_cannot_set_the_time_that_counts(tmp_path, box):
    due(box, timedelta(hours=-1))
    receipt = hand_in("01", submissions.write(tmp_path / "work", submissions.blank()))
    os.utime(box / IN / receipt.name, (0, 0))
    [row] = collect_box(box, MASTERS).submissions
    assert row.warnings[0].startswith("late: ")


def test_a_broken_notebook_is_taken_and_said_and_gets_a_row(tmp_path, box):
    path = submissions.write(tmp_path / "work", submissions.blank())
    path.write_text('{"cells": [', encoding="utf-8")
    receipt = hand_in("01", path)
    assert "cannot be read as a notebook" in str(receipt)
    [row] = collect_box(box, MASTERS).submissions
    assert row.exercise == "01"
    assert "no valid notebook" in row.problem


@pytest.mark.parametrize("wrong", ["no box", "no notebook", "300 MB", "other exercise", "no exercise", "box is a file"])
def test_what_goes_wrong_is_one_sentence_and_lays_nothing(tmp_path, box, capsys, wrong):
    path = submissions.write(tmp_path / "work", submissions.blank())
    number, to = "01", str(box)
    if wrong == "no box":
        to = str(tmp_path / "nowhere")
    elif wrong == "box is a file":
        to = str(path)
    elif wrong == "no notebook":
        path = path.with_name("missing.ipynb")
    elif wrong == "300 MB":
        with path.open("ab") as file:
            file.truncate(300 * 2**20)
    else:
        number = "03" if wrong == "other exercise" else "99"
    assert main(["handin", number, "--notebook", str(path), "--to", to]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("emotionlab: ")
    assert files(box) == []
    assert not (path.parent / RECEIPTS).exists()


def test_a_full_disk_loses_nothing(tmp_path, box, capsys):
    """A real one: a file system of 64 KB in memory, which the second hand-in does not fit into."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces here, so no small disk can be made")
    path = submissions.write(tmp_path / "work", submissions.blank())
    noise = tmp_path / "work" / "noise.py"
    noise.write_text(f"x = '{os.urandom(60_000).hex()}'", encoding="utf-8")
    (tmp_path / "small").mkdir()
    run = f"cd {path.parent} && {sys.executable} -m emotionlab"
    script = (
        f"mount -t tmpfs -o size=64k none {tmp_path}/small && {run} dropbox {tmp_path}/small >&2 && "
        f"{run} handin 01 --to {tmp_path}/small >&2 && ls {tmp_path}/small/in && "
        f"""sed -i 's/"import numpy as np/"import noise/' {path} && """
        f"{{ {run} handin 01 --to {tmp_path}/small; echo code $?; ls -A {tmp_path}/small/in; }}"
    )
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=True)
    first, code, after = done.stdout.splitlines()
    assert (code, after) == ("code 2", first)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("emotionlab: ")
    assert "No space left" in last
    assert "still there" in last


@pytest.mark.parametrize("step", ["fsync", "write", "read"])
def test_a_failure_half_way_leaves_no_half_file(tmp_path, box, monkeypatch, step):
    path = submissions.write(tmp_path / "work", submissions.blank())
    first = hand_in("01", path)
    if step == "fsync":

        def full(handle):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(handin.os, "fsync", full)
    elif step == "write":
        (box / IN).rename(box / "moved")
        (box / IN).write_text("")
        monkeypatch.setattr(handin, "open_box", lambda *_: dropbox.DropBox(box, {}))
    else:
        real = Path.read_bytes
        spoil = lambda self: real(self)[:-1] if self.suffix == ".part" else real(self)  # noqa: E731
        monkeypatch.setattr(Path, "read_bytes", spoil)
    with pytest.raises(EmotionLabError, match="still there"):
        hand_in("01", path)
    assert [one.name for one in (box / ("moved" if step == "write" else IN)).iterdir()] == [first.name]


def test_a_receipt_that_cannot_be_kept_is_shown_and_the_work_is_in(tmp_path, box):
    path = submissions.write(tmp_path / "work", submissions.blank())
    (path.parent / RECEIPTS).mkdir()
    receipt = hand_in("01", path)
    assert "could not be kept" in str(receipt)
    assert files(box) == [receipt.name]


def of_a_later_version(file: Path) -> None:
    """A zip whose list of files says that a program of version 20.0 is needed."""
    content = file.read_bytes()
    place = content.rindex(b"PK\x01\x02") + 6
    file.write_bytes(content[:place] + b"\xc8" + content[place + 1 :])


def of_400_mb(file: Path) -> None:
    """A file with a hole, whose last record says that all before it is the list of files."""
    size = 400 * 2**20
    with file.open("wb") as hole:
        hole.truncate(size - 22)
        hole.seek(size - 22)
        hole.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size - 22, 0, 0))


def of_a_time_that_is_none(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("a.txt", "no notebook")
        packed.comment = b'{"time": ["2026"], "hub": {"\\ud800": 1}}'


@pytest.mark.parametrize(
    ("spoil", "taken", "words"),
    [
        (of_a_later_version, True, "an archive that is not opened"),
        (of_a_time_that_is_none, True, "an archive that holds no notebooks"),
        (of_400_mb, False, "it has 400 MB, and no hand-in has more than 100 MB"),
    ],
)
def test_a_file_that_breaks_its_reader_costs_itself_alone(tmp_path, box, spoil, taken, words):
    path = submissions.write(tmp_path / "work", submissions.blank())
    good, bad = (hand_in("01", path, box, learner) for learner in ("learner1", "learner2"))
    spoil(box / IN / bad.name)
    tracemalloc.start()
    collected = collect_box(box, MASTERS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50 * 2**20
    rows = {row.file: row for row in collected.submissions}
    assert rows[f"{IN}/{good.name}"].problem == ""
    reason = rows[f"{IN}/{bad.name}"].problem if taken else dict(collected.not_taken)[bad.name]
    assert words in reason


def test_whatever_else_goes_wrong_with_one_file_is_a_line_of_the_report(tmp_path, box, monkeypatch):
    path = submissions.write(tmp_path / "work", submissions.blank())
    good, bad = (hand_in("01", path, box, learner) for learner in ("learner1", "learner2"))
    real = from_box._said

    def fails_for_one(file):
        if file.name == bad.name:
            raise RuntimeError("nobody thought of this")
        return real(file)

    monkeypatch.setattr(from_box, "_said", fails_for_one)
    collected = collect_box(box, MASTERS)
    assert [row.file for row in collected.submissions] == [f"{IN}/{good.name}"]
    assert collected.not_taken == [(bad.name, "it could not be looked at (RuntimeError)")]


posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such rights")


@pytest.fixture
def open_to_all():
    """What is made is open to all, as on most systems."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(*folders: Path) -> list[str]:
    return [f"{path.stat().st_mode & 0o777:o}" for path in folders]


@posix
@pytest.mark.parametrize("before", [(), ("",), ("results", "students", "written")])
def test_a_report_made_from_a_box_is_closed_to_those_who_handed_in(tmp_path, box, open_to_all, before):
    (tmp_path / "folder").mkdir()
    reports = {tmp_path / "from_box": box, tmp_path / "from_folder": tmp_path / "folder"}
    for report, handed_in in reports.items():
        for part in before:
            (report / part).mkdir(parents=True)
        grade._make_report_folder(report, handed_in)
    for report, mode in zip(reports, ("700", "755"), strict=True):
        assert modes(report, *report.iterdir()) == [mode] * 4


@posix
def test_a_folder_with_other_things_is_neither_closed_nor_used_for_a_report_from_a_box(tmp_path, box, open_to_all):
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "timetable.txt").write_text("for everybody")
    with pytest.raises(EmotionLabError, match=r"with timetable\.txt in it, open to others; give a new folder"):
        grade._make_report_folder(shared, box)
    assert modes(shared) == ["755"]
    assert not (shared / "results").exists()
    shared.chmod(0o700)
    grade._make_report_folder(shared, box)
    assert (shared / "results").is_dir()


# ------------------------------------------------------------------------------------ whose it is


def as_user(user: int, doing, *arguments):
    """Run a function as another user; its result as text."""
    place, other = multiprocessing.Pipe(duplex=False)

    def child():
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
        try:
            other.send(str(doing(*arguments)))
        except Exception as error:
            other.send(f"{type(error).__name__}: {error}")

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    said = place.recv() if place.poll(60) else "nothing"
    process.join()
    return said


@pytest.fixture
def people(monkeypatch):
    """Users who exist for these tests only: number 40001 is learner1, 40100 the teacher."""
    names = {40_000 + number: f"learner{number}" for number in range(1, 400)} | {40_900: "teacher"}
    monkeypatch.setattr(dropbox, "login_of", lambda user: names.get(user, ""))
    for module in (handin, from_box, back):
        monkeypatch.setattr(module, "login_of", dropbox.login_of)
    numbers = {name: user for user, name in names.items()}
    monkeypatch.setattr(back, "_number_of", numbers.get)
    return numbers


def work_of(folder: Path, user: int, notebook: dict) -> Path:
    path = submissions.write(folder, notebook)
    for one in (folder, path):
        os.chown(one, user, user)
    return path


@as_root
def test_nobody_hands_in_for_another_or_reads_what_another_handed_in(tmp_path, box, people):
    path = work_of(tmp_path / "one", 40_001, submissions.blank())
    assert "was handed in" in as_user(40_001, hand_in, "01", path)
    [name] = files(box)
    assert name.startswith("learner1-01-")
    assert "PermissionError" in as_user(40_002, (box / IN / name).read_bytes)
    assert "PermissionError" in as_user(40_002, os.listdir, box / IN)
    assert "PermissionError" in as_user(40_002, (box / IN / name).unlink)
    assert "owner" in as_user(40_002, hand_in, "01", path, None, "learner1")
    forged = f"learner1-01-20991231T000000Z-{'0' * 16}.zip"
    as_user(40_002, lambda: (box / IN / forged).write_bytes(b"PK\x03\x04"))
    collected = collect_box(box, MASTERS)
    assert [row.file for row in collected.submissions] == [f"{IN}/{name}"]
    assert collected.not_taken == [(forged, "called as if it were from learner1, but it belongs to learner2")]


@as_root
def test_links_in_the_box_are_not_followed(tmp_path, box, people):
    as_user(40_001, hand_in, "01", work_of(tmp_path / "one", 40_001, submissions.blank()))
    link = box / IN / f"learner2-01-20991231T000000Z-{'0' * 16}.zip"
    as_user(40_002, link.symlink_to, "/etc/shadow")
    assert collect_box(box, MASTERS).not_taken[0][0] == link.name


@as_root
def test_a_teacher_who_is_not_root_reads_the_box_and_gives_back_and_no_learner_looks(tmp_path, people):
    _open_the_way(tmp_path)
    home = tmp_path / "teacher"
    home.mkdir()
    home.chmod(0o755)
    os.chown(home, 40_900, 40_900)
    made = home / "box"
    as_user(40_900, make_box, made, {})
    for number in (1, 2):
        path = work_of(tmp_path / f"learner{number}", 40_000 + number, submissions.solved())
        assert "⚠" not in as_user(40_000 + number, hand_in, "01", path, made)
    rows = as_user(40_900, lambda: [(row.student, row.problem) for row in collect_box(made, MASTERS).submissions])
    assert rows == "[('learner1', ''), ('learner2', '')]"
    report = tmp_path / "report"
    report.mkdir()
    for row in collect_box(made, MASTERS).submissions:
        back_result(row, report)
    assert as_user(40_900, back.hand_back, report, made, "", id) == str(
        {f"learner{n}, exercise 01": "" for n in (1, 2)}
    )
    page = made / "back" / "learner1" / "exercise_01.html"
    assert "learner1" in as_user(40_001, page.read_text)
    for other in (40_002, 40_003):
        assert "PermissionError" in as_user(other, page.read_text)
        assert "PermissionError" in as_user(other, os.listdir, page.parent)


def back_result(row, report: Path) -> None:
    from emotionlab.teaching.grading.results import Graded, save

    save(Graded(row.student, row.exercise, row.file), report)


@as_root
def test_a_page_goes_to_nobody_else(tmp_path, box, people):
    """Somebody took the folder of learner1 before; another one lays a link there; the third gets the page."""
    for number in (1, 2, 3):
        as_user(40_000 + number, hand_in, "01", work_of(tmp_path / f"l{number}", 40_000 + number, submissions.blank()))
    for row in collect_box(box, MASTERS).submissions:
        back_result(row, tmp_path)
    folders = [box / "back" / f"learner{number}" for number in (1, 2, 3)]
    folders[0].rmdir(), folders[1].rmdir()
    as_user(40_009, folders[0].mkdir)
    as_user(40_002, folders[1].symlink_to, tmp_path)
    (tmp_path / "results" / "damaged.json").write_text("{", encoding="utf-8")
    said: list[str] = []
    told = back.hand_back(tmp_path, box, "", said.append)
    assert "damaged.json is damaged and left out" in said[0]
    assert "belongs to learner9, not to learner1" in told["learner1, exercise 01"]
    assert "cannot be opened" in told["learner2, exercise 01"]
    assert told["learner3, exercise 01"] == ""
    assert not list(tmp_path.glob("*.html"))
    assert not list(folders[0].iterdir())
    assert said[-1] == "⚠ 1 of 3 pages were given back."


def fetched(folder: Path, box: Path) -> str:
    return handin.fetch_back("01", folder, box).read_text()


def laid_back(folder: Path, text: str) -> None:
    """A page in a folder of BOX/back, which is made."""
    folder.mkdir(0o755)
    (folder / "exercise_01.html").write_text(text)


@as_root
def test_a_page_that_another_learner_may_have_written_is_not_fetched(tmp_path, box, people):
    work = work_of(tmp_path / "work", 40_001, submissions.blank()).parent
    folder = box / "back" / "learner1"
    assert "found none yet" in as_user(40_001, fetched, work, box)
    as_user(40_002, laid_back, folder, "forged")
    said = as_user(40_001, fetched, work, box)
    assert "found a folder that belongs to learner2" in said
    assert "tell your teacher" in said
    assert not list(work.glob("*.html"))
    shutil.rmtree(folder)
    laid_back(tmp_path / "theirs", "forged")
    as_user(40_002, folder.symlink_to, tmp_path / "theirs")
    assert "found a link or a file in the folder's place" in as_user(40_001, fetched, work, box)
    folder.unlink()
    as_user(40_001, folder.mkdir)
    as_user(40_001, (folder / "exercise_01.html").symlink_to, tmp_path / "theirs" / "exercise_01.html")
    assert "found a link in the page's place" in as_user(40_001, fetched, work, box)


@as_root
@pytest.mark.parametrize("owner", ["learner1", "teacher", "root"])
def test_a_page_in_a_folder_of_ones_own_or_of_the_boxs_owner_is_fetched(tmp_path, box, people, owner):
    """The box's owner: as on a network share, where everything belongs to one user."""
    os.chown(box / IN, people["teacher"], -1)
    work = work_of(tmp_path / "work", 40_001, submissions.blank()).parent
    folder = box / "back" / "learner1"
    laid_back(folder, "from the teacher")
    os.chown(folder, people.get(owner, 0), -1)
    assert as_user(40_001, fetched, work, box) == "from the teacher"


@as_root
@pytest.mark.parametrize(("hub", "student"), [("Learner1", "learner1"), ("ada", "learner1 (ada)")])
def test_a_hub_that_writes_a_login_with_another_letter_means_the_same_learner(
    tmp_path, box, people, monkeypatch, hub, student
):
    monkeypatch.setenv("JUPYTERHUB_USER", hub)
    as_user(40_001, hand_in, "01", work_of(tmp_path / "one", 40_001, submissions.blank()))
    [row] = collect_box(box, MASTERS).submissions
    assert row.student == student


@as_root
def test_a_group_that_root_named_reads_what_is_handed_in(tmp_path, box, people):
    for part in (box / IN, box / "back"):
        os.chown(part, 0, 40_900)
        part.chmod(0o3773)
    as_user(40_001, hand_in, "01", work_of(tmp_path / "one", 40_001, submissions.blank()))
    [name] = files(box)
    facts = (box / IN / name).stat()
    assert (facts.st_gid, facts.st_mode & 0o777) == (40_900, 0o640)


@as_root
def test_a_learner_in_the_boxs_group_is_refused_as_classmates_could_read(tmp_path, box, people):
    os.chown(box / IN, 40_900, 40_001)
    (box / IN).chmod(0o3773)
    path = work_of(tmp_path / "one", 40_001, submissions.blank())
    assert "only your teacher reads" in as_user(40_001, hand_in, "01", path)
    assert files(box) == []


# ----------------------------------------------------------------------------------- a whole class


def _class(tmp_path: Path, box: Path, people: dict, count: int, together: int = 10) -> None:
    """`count` learners; `together` of them at the same moment, again and again. As root, each is a user."""
    fork = multiprocessing.get_context("fork")

    def one(number: int, start) -> None:
        if ROOT:
            os.setgroups([])
            os.setuid(40_000 + number)
        start.wait()
        hand_in("01", tmp_path / f"work{number}" / submissions.NAME, box, "" if ROOT else f"learner{number}")

    for first in range(1, count + 1, together):
        numbers = range(first, min(first + together, count + 1))
        start = fork.Barrier(len(numbers))
        for number in numbers:
            notebook = submissions.solved()
            if number % 5 == 0:
                submissions.answer(notebook, "1.2", "def class_counts(labels):\n    return np.bincount(labels)")
            folder = tmp_path / f"work{number}"
            submissions.write(folder, notebook)
            if ROOT:
                os.chown(folder, 40_000 + number, -1)
        running = [fork.Process(target=one, args=(number, start)) for number in numbers]
        for process in running:
            process.start()
        for process in running:
            process.join()
        assert [process.exitcode for process in running] == [0] * len(running)


def test_ten_hand_ins_at_the_same_moment_are_all_there(tmp_path, box, people):
    _class(tmp_path, box, people, 10)
    collected = collect_box(box, MASTERS)
    assert {row.student for row in collected.submissions} == {f"learner{n}" for n in range(1, 11)}
    assert not any(row.problem for row in collected.submissions)


@pytest.mark.big
def test_a_class_of_300_is_handed_in_graded_and_handed_back(tmp_path, box, people):
    _class(tmp_path, box, people, 300)
    assert len(files(box)) == 300
    due(box, timedelta(seconds=-1))
    _class(tmp_path, box, people, 10)  # again, and late
    report = tmp_path / "report"
    results = grade.grade(box, report, "01", jobs=2)
    assert [result.student for result in results] == sorted(f"learner{number}" for number in range(1, 301))
    assert {result.status for result in results} == {"graded"}
    twice = [result for result in results if any("the last of 2" in note for note in result.warnings)]
    assert len(twice) == 10
    wrong = {result.student for result in results if result.questions[1]["outcome"] != "passed"}
    assert wrong == {f"learner{number}" for number in range(5, 301, 5)}
    told = back.hand_back(report, box, "", id)
    if ROOT:
        assert set(told.values()) == {""}
        for number in (1, 150, 300):
            page = box / "back" / f"learner{number}" / "exercise_01.html"
            assert f"learner{number}" in as_user(40_000 + number, page.read_text)
            assert "PermissionError" in as_user(40_000 + number % 300 + 1, page.read_text)


# ------------------------------------------------------------------------------------- the button


def test_the_button_is_shown_only_where_there_is_a_drop_box(tmp_path, box, monkeypatch):
    from emotionlab.exercises import handin_button

    monkeypatch.chdir(tmp_path)
    path = submissions.write(tmp_path, submissions.blank())
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    table = exercise("01").progress()
    assert isinstance(table, handin_button.TableWithButton)
    monkeypatch.delenv("EMOTIONLAB_DROPBOX")
    assert not isinstance(exercise("01").progress(), handin_button.TableWithButton)
    assert repr(exercise("01").progress()) == repr(table)


def test_the_button_hands_in_and_fetches_what_came_back(tmp_path, box, monkeypatch):
    from emotionlab.exercises import handin_button

    monkeypatch.chdir(tmp_path)
    submissions.write(tmp_path, submissions.blank())
    _, buttons, said = handin_button.panel("01").children
    assert [button.description for button in buttons.children] == ["Hand in exercise 01"]
    buttons.children[0].click()
    [name] = files(box)
    assert name in said.value
    assert "✔" in said.value
    [row] = collect_box(box, MASTERS).submissions
    back_result(row, tmp_path)
    back.hand_back(tmp_path, box, "", id)
    _, buttons, said = handin_button.panel("01").children
    buttons.children[1].click()
    assert "01_came_back.html" in said.value
    assert (tmp_path / "01_came_back.html").is_file()
    shutil.rmtree(box)
    buttons.children[0].click()
    assert "✘ Expected a drop box" in said.value


def test_the_button_hands_in_what_is_open_whatever_it_is_called(tmp_path, box, monkeypatch):
    from emotionlab.exercises import handin_button

    monkeypatch.chdir(tmp_path)
    original = submissions.write(tmp_path, submissions.solved())
    copy = original.rename(original.with_name(f"{original.stem}-Copy1.ipynb"))
    submissions.write(tmp_path, submissions.blank())
    monkeypatch.setenv("JPY_SESSION_NAME", str(copy))
    handin_button.panel("01").children[1].children[0].click()
    [name] = files(box)
    assert zipfile.ZipFile(box / IN / name).namelist() == [copy.name]
    scratch = tmp_path / "scratch.ipynb"
    scratch.write_text('{"cells": []}', encoding="utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(scratch))
    _, buttons, said = handin_button.panel("01").children
    buttons.children[0].click()
    assert f"Taken: {original.name}" in said.value


@pytest.mark.parametrize(
    ("doing", "button", "undone"),
    [("hand_in", 0, "without a receipt, count it as not handed in"), ("fetch_back", 1, "no page was fetched")],
)
def test_the_panel_says_so_when_an_error_that_nobody_thought_of_stops_it(
    tmp_path, box, monkeypatch, doing, button, undone
):
    from emotionlab.exercises import handin_button

    def fails(*_):
        raise IndexError("list <index> out of range")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(handin_button, doing, fails)
    monkeypatch.setattr(handin_button, "_is_back", lambda number: True)
    _, buttons, said = handin_button.panel("01").children
    buttons.children[button].click()
    assert f"✘ An error stopped it (IndexError: list &lt;index&gt; out of range); {undone}: tell your" in said.value


@pytest.mark.parametrize("given", ["03", "99=2026-12-01T12:00", "03=tomorrow", "03=2026-12-01", "03=20261201"])
def test_a_date_that_cannot_be_read_is_refused_and_makes_nothing(tmp_path, capsys, given):
    assert main(["dropbox", str(tmp_path / "box"), "--due", given]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "box").exists()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows changes no time zone for one process")
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize("date", ["9999-12-31T23:59", "9999-12-31T23:59-12:00", "0001-01-01", "0001-01-01T00:00+14:00"])
def test_a_date_at_the_end_of_the_calendar_is_taken_or_one_sentence(tmp_path, capsys, monkeypatch, zone, date):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        code = main(["dropbox", str(tmp_path / "box"), "--due", f"03={date}"])
        assert code in (0, 2)
        if code == 0:
            assert dropbox.open_box(tmp_path / "box").late("03", now()) == date.startswith("0001")
        else:
            assert f"found '{date}'" in capsys.readouterr().err
            assert not (tmp_path / "box").exists()
    finally:
        monkeypatch.undo()
        time.tzset()


def test_dates_are_added_changed_and_taken_away(tmp_path):
    box = tmp_path / "box"
    assert main(["dropbox", str(box), "--due", "03=2026-12-01T23:59", "--due", "4=2026-12-08T23:59"]) == 0
    assert main(["dropbox", str(box), "--due", "3=2026-12-02T12:00+01:00", "--due", "4="]) == 0
    due = json.loads((box / "dropbox.json").read_text())["due"]
    assert list(due) == ["03"]
    assert dropbox.open_box(box).date("03").utcoffset() is not None


def test_a_box_that_is_not_there_tells_a_learner_and_a_teacher_their_own_next_step(tmp_path, monkeypatch):
    monkeypatch.delenv("EMOTIONLAB_DROPBOX", raising=False)
    for box in (tmp_path / "no_box", None):
        with pytest.raises(EmotionLabError, match=r"found (none|no --to).*ask your teacher"):
            handin.hand_in("01", to=box)
        with pytest.raises(EmotionLabError, match=r"found (none|no --to).*make one with `emotionlab dropbox BOX`"):
            back.hand_back(tmp_path / "report", box)


@pytest.mark.parametrize("name", ["01_faces_as_data.ipynb.txt", "mine.json"])
def test_a_notebook_with_a_browsers_ending_is_handed_in_as_the_notebook_it_is(tmp_path, box, name):
    path = submissions.write(tmp_path / "work", submissions.solved(), name)
    receipt = hand_in("01", path)
    assert receipt.taken == (name.removesuffix(".txt").replace(".json", ".ipynb"),)
    [row] = collect_box(box, MASTERS).submissions
    assert row.notebook is not None
    assert not row.problem


def test_the_receipt_says_where_it_is_kept_or_that_it_is_not(tmp_path, box, capsys):
    path = submissions.write(tmp_path / "work", submissions.blank())
    words = ["handin", "01", "--to", str(box), "--notebook", str(path)]
    assert main(words) == 0
    assert f"This receipt is kept in {path.parent / RECEIPTS}." in capsys.readouterr().out
    (path.parent / RECEIPTS).unlink()
    (path.parent / RECEIPTS).mkdir()
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "could not be kept" in said
    assert "is kept in" not in said
