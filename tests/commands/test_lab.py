"""`emotionlab lab`: the learner's copy, and JupyterLab on it."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands import lab
from emotionlab.course.files import STATE, course_files, course_source, lay_course
from emotionlab.course.jupyter import lesson_page

ONE = "lessons/01_one.ipynb"


@pytest.fixture
def course(tmp_path):
    """A small course to lay: two lessons, a picture and an exercise, and things that are not the course's."""
    texts = {
        "lessons/00_start_here.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        ONE: "version 1",
        "lessons/images/a.png": "png",
        "exercises/01_one.ipynb": "exercise 1",
        "solutions/01_one.ipynb": "the answers",
        "lessons/.ipynb_checkpoints/01_one-checkpoint.ipynb": "left over",
        "exercises/.01_one-0a1b2c3d.ipynb": "begun and never whole",
    }
    for name, text in texts.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "source"


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "my_course"


def contents(folder: Path) -> dict[str, str]:
    """Every file the learner sees, by its path."""
    files = (p for p in folder.rglob("*") if p.is_file() and STATE not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}


def test_the_first_time_lays_lessons_and_exercises_but_no_solutions(course, mine):
    laid = lay_course(mine, course)
    assert sorted(contents(mine)) == sorted(laid.new)
    assert sorted(laid.new) == [
        "exercises/01_one.ipynb",
        "lessons/00_start_here.ipynb",
        ONE,
        "lessons/images/a.png",
    ]


def test_laying_the_same_course_again_changes_nothing(course, mine):
    lay_course(mine, course)
    before = contents(mine)
    laid = lay_course(mine, course)
    assert (laid.new, laid.updated, laid.beside) == ([], [], [])
    assert contents(mine) == before
    assert "up to date" in str(laid)


def test_a_file_the_learner_did_not_touch_is_updated_in_place(course, mine):
    lay_course(mine, course)
    (course / ONE).write_text("version 2")
    laid = lay_course(mine, course)
    assert laid.updated == [ONE]
    assert contents(mine)[ONE] == "version 2"
    assert not list(mine.rglob("*.new*"))


def test_a_file_the_learner_changed_is_kept_and_the_new_version_laid_beside_it(course, mine):
    lay_course(mine, course)
    (mine / ONE).write_text("my answers")
    (course / ONE).write_text("version 2")
    laid = lay_course(mine, course)
    assert contents(mine)[ONE] == "my answers"
    assert contents(mine)["lessons/01_one.new.ipynb"] == "version 2"
    assert laid.beside == [(ONE, "lessons/01_one.new.ipynb")]
    assert "lessons/01_one.new.ipynb" in str(laid)


def test_a_changed_file_without_a_newer_version_is_left_in_peace(course, mine):
    lay_course(mine, course)
    (mine / ONE).write_text("my answers")
    assert lay_course(mine, course).beside == []
    assert "lessons/01_one.new.ipynb" not in contents(mine)


def test_the_same_new_version_is_offered_once(course, mine):
    lay_course(mine, course)
    (mine / ONE).write_text("my answers")
    (course / ONE).write_text("version 2")
    lay_course(mine, course)
    assert lay_course(mine, course).beside == []
    (mine / "lessons/01_one.new.ipynb").unlink()  # seen, and thrown away
    assert lay_course(mine, course).beside == []


def test_a_second_new_version_does_not_replace_the_first(course, mine):
    lay_course(mine, course)
    (mine / ONE).write_text("my answers")
    for version in ("version 2", "version 3", "version 4"):
        (course / ONE).write_text(version)
        lay_course(mine, course)
    there = contents(mine)
    assert there[ONE] == "my answers"
    assert there["lessons/01_one.new.ipynb"] == "version 2"
    assert there["lessons/01_one.new-2.ipynb"] == "version 3"
    assert there["lessons/01_one.new-3.ipynb"] == "version 4"


def test_a_folder_that_had_a_file_of_that_name_before_keeps_it(course, mine):
    (mine / "lessons").mkdir(parents=True)
    (mine / ONE).write_text("something of my own")
    laid = lay_course(mine, course)
    assert contents(mine)[ONE] == "something of my own"
    assert laid.beside == [(ONE, "lessons/01_one.new.ipynb")]


@pytest.mark.parametrize(
    "damage",
    ["", "not JSON", "[1, 2]", f'{{"{ONE}": [[1]]}}', f'{{"{ONE}": [1]}}', pytest.param("[" * 100_000, id="deep")],
)
def test_without_a_readable_manifest_every_changed_file_counts_as_the_learners(course, mine, damage):
    lay_course(mine, course)
    (mine / STATE / "manifest.json").write_text(damage)
    (mine / ONE).write_text("my answers")
    (course / ONE).write_text("version 2")
    lay_course(mine, course)
    assert contents(mine)[ONE] == "my answers"


def test_a_damaged_entry_of_the_manifest_costs_no_other(course, mine):
    lay_course(mine, course)
    path = mine / STATE / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "lessons/00_start_here.ipynb": [["x"]]}))
    (course / ONE).write_text("version 2")
    assert lay_course(mine, course).updated == [ONE]


def test_a_deleted_notebook_comes_back_fresh(course, mine):
    lay_course(mine, course)
    (mine / ONE).unlink()
    assert lay_course(mine, course).new == [ONE]


def test_what_the_learner_adds_is_never_touched(course, mine):
    lay_course(mine, course)
    (mine / "lessons" / "notes.md").write_text("mine")
    (mine / "runs").mkdir()
    (mine / "runs" / "mine.json").write_text("run")
    (course / ONE).write_text("version 2")
    lay_course(mine, course)
    assert contents(mine)["lessons/notes.md"] == "mine"
    assert contents(mine)["runs/mine.json"] == "run"


def notebook(*sources: str, **changes) -> str:
    """A notebook with these code cells, as the repository has them; changes: fields of its first cell."""
    cells = [
        {"cell_type": "code", "execution_count": None, "id": f"c{i}", "metadata": {}, "outputs": [], "source": [text]}
        for i, text in enumerate(sources)
    ]
    cells[0] |= changes
    about = {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}}
    return json.dumps({"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}, indent=1)


RAN = {"execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}]}


@pytest.mark.parametrize(
    "touched",
    [
        notebook("print(1)\n", "2", metadata={"collapsed": True}),
        notebook("print(1)\n", "2", **RAN),
        notebook("print(1)\n", "2", "", source="print(1)\n").replace('"python"', '"python", "version": "3.12.1"'),
    ],
    ids=["saved", "run", "run to the end"],
)
def test_a_notebook_that_was_only_run_or_saved_is_updated_in_place(course, mine, touched):
    (course / ONE).write_text(notebook("print(1)\n", "2"))
    lay_course(mine, course)
    (mine / ONE).write_text(touched)
    assert str(lay_course(mine, course)) == "✔ Your copy of the course is up to date."
    assert contents(mine)[ONE] == touched  # what it showed stays while there is nothing newer
    (course / ONE).write_text(notebook("print(1)\n", "3"))
    assert str(lay_course(mine, course)) == f"✔ Updated 1 file in which you had written nothing: {ONE}."
    assert json.loads(contents(mine)[ONE])["cells"][1]["source"] == ["3"]
    assert not list(mine.rglob("*.new*"))


@pytest.mark.parametrize(
    "written",
    [
        notebook("print(1)", "my answer"),
        notebook("2", "print(1)"),
        notebook("print(1)"),
        notebook("print(1)", "2", "more"),
        notebook("print(1)", "2", cell_type="markdown"),
        notebook("print(1)", "2", attachments={"a.png": {"image/png": "AAAA"}}),
    ],
    ids=["source", "order", "fewer", "more", "kind", "attachment"],
)
def test_a_notebook_in_which_something_was_written_is_never_touched(course, mine, written):
    (course / ONE).write_text(notebook("print(1)", "2"))
    lay_course(mine, course)
    (mine / ONE).write_text(written)
    (course / ONE).write_text(notebook("print(1)", "3"))
    assert lay_course(mine, course).beside == [(ONE, "lessons/01_one.new.ipynb")]
    assert contents(mine)[ONE] == written


def test_an_earlier_version_that_comes_back_is_not_offered_again(course, mine):
    first = notebook("print(1)", "2")
    (course / ONE).write_text(first)
    lay_course(mine, course)
    (mine / ONE).write_text(notebook("print(1)", "my answer"))
    (course / ONE).write_text(notebook("print(1)", "3"))
    assert lay_course(mine, course).beside
    (course / ONE).write_text(first)
    assert lay_course(mine, course).beside == []
    (mine / ONE).write_text(first)  # the learner goes back to where they began: theirs is the course's again
    (course / ONE).write_text(notebook("print(1)", "3"))
    assert lay_course(mine, course).updated == [ONE]


def test_the_manifest_of_an_older_emotionlab_is_read(course, mine):
    lay_course(mine, course)
    place = mine / STATE / "manifest.json"
    old = {name: hashlib.sha256((course / name).read_bytes()).hexdigest() for name in course_files(course)}
    place.write_text(json.dumps(old))
    (course / ONE).write_text("version 2")
    assert lay_course(mine, course).updated == [ONE]


def test_the_copy_says_of_its_language_what_the_kernel_says_and_is_else_the_course(mine):
    from ipykernel.ipkernel import IPythonKernel

    lay_course(mine)
    for name in course_files(course_source()):
        if name.endswith(".ipynb"):
            ours, theirs = (json.loads((folder / name).read_bytes()) for folder in (course_source(), mine))
            assert theirs["metadata"].pop("language_info") == IPythonKernel.language_info
            assert ours["metadata"].pop("language_info") == {"name": "python"}
            assert theirs == ours


def test_a_file_in_place_of_the_folder_is_refused(course, mine):
    mine.write_text("a file")
    with pytest.raises(EmotionLabError, match="found the file"):
        lay_course(mine, course)
    assert mine.read_text() == "a file"


def test_a_file_in_the_way_of_the_folder_is_one_sentence(course, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(EmotionLabError, match="give a --dir"):
        lay_course(tmp_path / "file" / "inside", course)


@pytest.mark.skipif(os.name == "nt" or (hasattr(os, "geteuid") and os.geteuid() == 0), reason="root may write anywhere")
def test_a_folder_without_the_right_to_write_is_one_sentence(course, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    with pytest.raises(EmotionLabError, match="give a --dir that you may write to"):
        lay_course(locked / "mine", course)


def test_a_full_disk_is_one_sentence_and_leaves_no_half_a_file(course, mine, monkeypatch):
    from emotionlab import course_files as module

    def full(path, content):
        path.write_bytes(content[:3])
        raise OSError(28, "No space left on device")

    lay_course(mine, course)
    before = contents(mine)
    (course / ONE).write_text("version 2")
    monkeypatch.setattr(module.Path, "replace", lambda self, target: (_ for _ in ()).throw(OSError(28, "No space")))
    with pytest.raises(EmotionLabError, match="No space"):
        lay_course(mine, course)
    assert contents(mine) == before


def test_the_course_itself_is_refused_as_a_place_to_work(course):
    with pytest.raises(EmotionLabError, match="the course's own folder"):
        lay_course(course, course)


def test_the_real_course_is_found_and_begins_with_lesson_00():
    assert "lessons/00_start_here.ipynb" in course_files(course_source())


def test_the_electives_are_laid_with_the_settings_that_keep_their_page_private(mine):
    lay_course(mine)
    there = {path.relative_to(mine / "lessons" / "electives").as_posix() for path in mine.rglob("electives/**/*")}
    wanted = {"README.md", "streamlit.md", "streamlit_app.py", "ship_it.ipynb", "exporting.py", "Containerfile"}
    assert there >= wanted | {".streamlit/config.toml"}
    assert "runs" not in there


# ----------------------------------------------------------------------------------------- lessons


def test_a_lesson_is_opened_by_its_number(mine):
    assert lesson_page("2") == lesson_page("02") == "/lab/tree/lessons/02_cnn_from_scratch.ipynb"
    assert lesson_page("00") == lab.START_PAGE
    assert f"--LabApp.default_url={lesson_page('02')}" in lab.lab_command(mine, 1, page=lesson_page("02"))


@pytest.mark.parametrize("wrong", ["11", "my_folder", "-1"])
def test_a_lesson_that_does_not_exist_is_one_sentence_before_anything_is_written(mine, wrong):
    with pytest.raises(EmotionLabError, match=f"00, 01, .*, 10.*found '{wrong}'.*--dir"):
        lab.open_lab(mine, lesson=wrong)
    assert not mine.exists()


# ------------------------------------------------------------------------------------------ ports


def test_a_taken_port_gives_way_to_the_next_free_one():
    with socket.create_server((lab.HOST, 0)) as taken:
        port = taken.getsockname()[1]
        assert lab.free_port(port) > port


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals: Windows sends none when a terminal closes")
def test_a_closed_terminal_ends_the_lab_unless_nohup_started_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may run under nohup, too
    try:
        with pytest.raises(KeyboardInterrupt), lab.ending_signals_interrupt():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with lab.ending_signals_interrupt():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_port_0_asks_for_any():
    assert lab.free_port(0) > 0


@pytest.mark.parametrize("port", [-1, 65536, 123456])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(EmotionLabError, match="from 1 to 65535"):
        lab.free_port(port)


def test_before_a_wrong_port_is_refused_nothing_is_written(mine):
    with pytest.raises(EmotionLabError, match="from 1 to 65535"):
        lab.open_lab(mine, port=70_000)
    assert not mine.exists()


# ------------------------------------------------------------------------------- the real JupyterLab


def ask(url: str, token: str):
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return answer.status, answer.read().decode()


class Lab:
    """`emotionlab lab` in a process of its own, in a home where another kernel calls itself python3."""

    def __init__(self, home: Path, *arguments: str):
        rival = home / ".local" / "share" / "jupyter" / "kernels" / "python3"
        rival.mkdir(parents=True)
        (rival / "kernel.json").write_text(json.dumps({"argv": ["wrong"], "display_name": "x", "language": "python"}))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
        environment |= {"HOME": str(home), "JUPYTER_DATA_DIR": str(rival.parents[1]), "PYTHONIOENCODING": "utf-8"}
        group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if os.name == "nt" else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "emotionlab", "lab", "--no-browser", *arguments],
            cwd=home,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            **group,
        )
        self.watchdog = threading.Timer(150, self.process.kill)
        self.watchdog.start()
        self.said = ""
        self.address = self.token = None

    def wait(self) -> None:
        for line in self.process.stdout:
            self.said += line
            if "?token=" in line:
                self.address, self.token = line.strip().split("?token=")
                return
        raise AssertionError(f"JupyterLab did not start:\n{self.said}")

    def stop(self) -> int:
        self.process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
        self.said += self.process.stdout.read()
        self.watchdog.cancel()
        return self.process.wait(30)


@pytest.fixture
def start(tmp_path):
    started = []

    def start(*arguments):
        started.append(Lab(tmp_path / "home", *arguments))
        started[-1].wait()
        return started[-1]

    yield start
    for one in started:
        one.watchdog.cancel()
        one.process.kill()
        one.process.stdout.close()
        one.process.wait()


def test_a_copy_that_is_open_already_is_told_whatever_port_is_free(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(lab, "lay_course", lambda folder: "laid")
    monkeypatch.setattr(lab, "_run_until_stopped", lambda *_: 0)
    lab.open_lab(tmp_path / "mine", port=0)
    assert "open already" not in capsys.readouterr().out
    for port, folder in ((8888, "mine"), (8890, "another")):
        facts = {"pid": os.getpid(), "root_dir": str(tmp_path / folder), "port": port, "url": "http://127.0.0.1/"}
        (tmp_path / f"jpserver-{port}.json").write_text(json.dumps(facts), encoding="utf-8")
    lab.open_lab(tmp_path / "mine", port=0)
    said = capsys.readouterr().out
    assert "open already, on port 8888." in said
    assert "8890" not in said


def test_lab_opens_a_lesson_with_our_kernel_and_stops_cleanly(start, tmp_path):
    with socket.create_server((lab.HOST, 0)) as taken:
        busy = taken.getsockname()[1]
        running = start("02", "--dir", str(tmp_path / "mine"), "--port", str(busy))
    host = running.address.removesuffix(lesson_page("02"))
    assert host.startswith("http://127.0.0.1:")
    assert f"Port {busy} is taken" in running.said

    status, page = ask(running.address, running.token)
    assert status == 200
    assert "JupyterLab" in page
    with pytest.raises(urllib.error.HTTPError, match="403"):
        ask(f"{host}/api/kernelspecs", "")

    kernels = json.loads(ask(f"{host}/api/kernelspecs", running.token)[1])
    assert kernels["default"] == "python3"
    spec = kernels["kernelspecs"]["python3"]["spec"]
    assert Path(spec["argv"][0]) == Path(sys.executable)
    assert spec["display_name"] == "Python 3"  # as the notebooks say: else opening one already changes it

    _, lesson = ask(f"{host}/api/contents/lessons/00_start_here.ipynb?content=0", running.token)
    assert json.loads(lesson)["type"] == "notebook"
    settings = json.loads(ask(f"{host}/lab/api/settings/@jupyterlab/apputils-extension:notification", running.token)[1])
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert settings["schema"]["properties"]["checkForUpdates"]["default"] is False
    viewers = json.loads(ask(f"{host}/lab/api/settings/@jupyterlab/docmanager-extension:plugin", running.token)[1])
    assert viewers["schema"]["properties"]["defaultViewers"]["default"] == {"markdown": "Markdown Preview"}
    assert ".emotionlab" not in ask(f"{host}/api/contents/", running.token)[1]

    assert running.stop() == 0
    assert "Stopped." in running.said
    assert "Traceback" not in running.said
    assert lab.free_port(int(host.rpartition(":")[2])) == int(host.rpartition(":")[2])  # nothing listens any more


def test_a_kernel_that_works_when_lab_stops_is_stopped_too(start, tmp_path):
    running = start("--dir", str(tmp_path / "mine"), "--port", "0")
    host = running.address.removesuffix(lab.START_PAGE)
    request = urllib.request.Request(
        f"{host}/api/kernels", data=b"{}", headers={"Authorization": f"token {running.token}"}, method="POST"
    )
    kernel = json.loads(urllib.request.urlopen(request, timeout=30).read())
    assert kernel["name"] == "python3"
    assert running.stop() == 0
    import psutil

    lines = [" ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if kernel["id"] in line]


def test_every_link_of_the_course_works_in_the_learners_copy(tmp_path):
    lay_course(tmp_path / "mine")
    pages = [p for p in (tmp_path / "mine").rglob("*") if p.suffix in {".ipynb", ".md"}]
    assert pages
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s\\:]+\.\w+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.relative_to(tmp_path)} links to {target}"
