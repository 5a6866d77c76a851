"""How long notebooks run: each is measured, kept at once and not twice; README and the lessons say what is recorded."""

import json
import re
from types import SimpleNamespace

import nbformat
import pytest

from emotionlab.course.files import course_source
from emotionlab.labs import records
from emotionlab.teaching import times, timing
from emotionlab.teaching.site import running

COURSE = course_source()
ENTRY = {"seconds": 90.0, "cpu_seconds": 80.0, "peak_mib": 512, "others": 0.0, "code": "0"}
ENTRY |= {"date": "2026-01-02", "hardware": "a box"}


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course whose record lies beside it; `write(name, *cells)` puts a notebook there."""
    monkeypatch.setattr(records, "FOLDER", tmp_path / "records")
    monkeypatch.setattr(times, "course_source", lambda: tmp_path / "course")
    (tmp_path / "records").mkdir()
    keep({})
    return tmp_path / "course"


def keep(entries: dict) -> None:
    (records.FOLDER / times.NAME).write_text(json.dumps({"notebooks": entries}), encoding="utf-8")


def write(
    course, name: str, *cells: str, first: str = "# A lesson\n\n**Time:** one sitting\n\n**Builds on:** you"
) -> None:
    path = course / name
    path.parent.mkdir(parents=True, exist_ok=True)
    code = [nbformat.v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    path.write_text(
        json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(first, id="top"), *code]), indent=1)
    )


FULL = """
import os, time, numpy, emotionlab as el
assert not el.settings.fast()
assert not el.settings.data_dir().exists()
assert os.path.isfile("beside.txt")
kept = numpy.ones(40_000_000)
time.sleep(1)  # the memory is looked at three times a second
print("done")
"""


def test_each_notebook_is_kept_at_once_and_what_fails_or_never_ends_is_said(course, capsys, monkeypatch):
    monkeypatch.setenv("EMOTIONLAB_FAST", "1")  # of this process: a measurement is in full all the same
    write(course, "lessons/00_full.ipynb", FULL)
    (course / "lessons" / "beside.txt").touch()
    write(course, "lessons/01_broken.ipynb", "1 / 0")
    write(course, "solutions/00_full.ipynb", "while True: pass")
    assert times.main(["--only", "lessons/*"]) == 2
    said = capsys.readouterr()
    assert "ZeroDivisionError in the cell cell-0" in said.out
    assert said.err.splitlines()[-1].startswith("emotionlab.teaching.times: Expected every notebook to run to its end")
    assert "found 1 that did not (lessons/01_broken.ipynb)" in said.err
    (entry,) = times.recorded().values()
    assert 320 < entry["peak_mib"] < 2000, "40 million doubles are 305 MiB"
    assert entry["cpu_seconds"] > 0
    assert 0 <= entry["others"] <= 1
    assert times.stale(course) == set()
    monkeypatch.delenv("EMOTIONLAB_FAST")
    shown = running.outputs_of(course / "lessons" / "00_full.ipynb", course)
    assert not shown.fresh, "the site takes what was shown while it was measured"
    assert shown.outputs["cell-0"][0]["text"] == "done\n"

    assert times.main(["--only", "lessons/00*"]) == 0
    assert "its code is as it was" in capsys.readouterr().out
    assert times.main(["--only", "solutions/*", "--limit", "0.05"]) == 2
    assert "Expected solutions/00_full.ipynb to run to its end, found: " in capsys.readouterr().out
    assert times.recorded() == {"lessons/00_full.ipynb": entry}


def test_what_fast_mode_takes_is_told_and_not_recorded(course, capsys, monkeypatch):
    write(course, "lessons/00_fast.ipynb", "import emotionlab as el\nassert el.settings.fast()")
    write(course, "solutions/00_fast.ipynb", "1 / 0")
    monkeypatch.setattr(times, "MOST_FAST", 0)
    assert times.main(["--fast", "--only", "lessons/*"]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(r"⚠ lessons/00_fast\.ipynb: \d+ seconds in fast mode, where at most 0 are meant\n", said)
    assert times.main(["--fast", "--only", "solutions/*"]) == 2
    assert "found ZeroDivisionError in the cell cell-0" in capsys.readouterr().err
    assert times.recorded() == {}


def test_a_notebook_that_was_never_finished_is_not_measured(course):
    for name in ("00_a", ".00_a-0a1b2c3d"):
        write(course, f"lessons/{name}.ipynb", "x = 1")
    assert times.notebooks(course) == ["lessons/00_a.ipynb"]


def test_what_changed_since_is_marked_and_what_is_gone_leaves_the_record(course):
    write(course, "lessons/00_a.ipynb", "x = subset(full=4_000, quick=1_000)")
    write(course, "lessons/01_b.ipynb", "x = subset(full=4_000, quick=1_000)")
    code = times.code_checksum(course / "lessons" / "00_a.ipynb")
    keep({f"lessons/{name}.ipynb": {**ENTRY, "code": code} for name in ("00_a", "01_b", "02_gone")})
    write(course, "lessons/00_a.ipynb", "x = subset(full=4_000, quick=10)", first="Other words.")
    write(course, "lessons/01_b.ipynb", "x = subset(full=4_001, quick=1_000)")
    assert times.stale(course) == {"lessons/01_b.ipynb", "lessons/02_gone.ipynb"}
    text = times.table(course)
    assert "| [00_a](lessons/00_a.ipynb) | 1.5 | 0.50 | – | – |" in text
    assert "| [01_b](lessons/01_b.ipynb) | 1.5 (old) | 0.50 (old) | – | – |" in text
    assert text.endswith("on: a box. (old): the code has changed since.")
    write(course, "lessons/03_new.ipynb", "x = 3")
    assert times.overview(course).splitlines() == [
        "lessons/00_a.ipynb: 1.5 minutes, 0.50 GiB, on 2026-01-02",
        "lessons/01_b.ipynb: 1.5 minutes, 0.50 GiB, on 2026-01-02; its code has changed since",
        "lessons/03_new.ipynb: not measured yet",
    ]
    times._keep("lessons/01_b.ipynb", course, times.Took(1000, 900, 2 * 2**30))
    assert list(times.recorded()) == ["lessons/00_a.ipynb", "lessons/01_b.ipynb"]
    assert times.stale(course) == set()
    assert "| 16.7 (over) | 2.00 (over) |" in times.table(course)
    assert "more than the 15 minutes or 1.5 GiB" in times.table(course)
    assert f"Not measured yet: 1 of 3 notebooks; `{times.COMMAND} --list` names them." in times.table(course)


@pytest.mark.parametrize(
    ("seconds", "before", "after"),
    [
        (20, "**Time:** one sitting of about 45 minutes", "one sitting of about 45 minutes. {} less than a minute."),
        (80, "**Time:** two (at part 8). The cells themselves run in two.", "two (at part 8). {} about a minute."),
        (300, "**Time:** two. On two cores and with drawn faces, the cells run in about 9 minutes.",
         "two. {} about 5 minutes."),
    ],
)  # fmt: skip
def test_the_line_of_a_lesson_says_what_is_recorded_and_is_written_once(course, seconds, before, after):
    write(
        course,
        "lessons/00_a.ipynb",
        "faces = el.load_faces()",
        first=f"# A\n\n{before}\n\n**Builds on:** The cells of you.",
    )
    keep({"lessons/00_a.ipynb": {**ENTRY, "seconds": seconds}})
    assert times.write_lines(course) == ["lessons/00_a.ipynb"]
    line = after.format("On two cores and with drawn faces, the cells run in")
    first = nbformat.read(course / "lessons" / "00_a.ipynb", as_version=4).cells[0].source
    assert first == f"# A\n\n**Time:** {line}\n\n**Builds on:** The cells of you."
    assert times.write_lines(course) == []


def test_a_lesson_without_faces_speaks_of_none(course):
    write(course, "lessons/00_a.ipynb", "x = 1", first="# Words\n\n**Time:** one sitting.")
    keep({"lessons/00_a.ipynb": {**ENTRY, "seconds": 20}})
    times.write_lines(course)
    first = nbformat.read(course / "lessons" / "00_a.ipynb", as_version=4).cells[0].source
    assert first.endswith("**Time:** one sitting. On two cores, the cells run in less than a minute.")


def test_a_time_on_a_busy_machine_says_only_that_it_takes_no_longer():
    assert times.sentence({**ENTRY, "seconds": 250, "others": 0.1}).endswith("in about 4 minutes.")
    assert times.sentence({**ENTRY, "seconds": 250, "others": 0.5}).endswith("in less than 5 minutes.")
    assert times.sentence({**ENTRY, "seconds": 50, "others": 0.5}).endswith("in about a minute.")


def test_what_two_processes_share_counts_once():
    kernel, helper = SimpleNamespace(rss=900, shared=500), SimpleNamespace(rss=700, shared=400)
    assert timing.together([kernel, helper]) == 400 + 300 + 500
    assert timing.together([SimpleNamespace(rss=900), SimpleNamespace(rss=700)]) == 1600


def test_a_pattern_that_fits_nothing_is_one_sentence(course, capsys):
    write(course, "lessons/00_a.ipynb", "x = 1")
    assert times.main(["--only", "lessons/77*"]) == 2
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "'lessons/77*', which fits none of 1" in said.err


def test_the_record_of_the_course_names_notebooks_and_the_lessons_say_the_same():
    for name, entry in times.recorded().items():
        assert (COURSE / name).is_file(), f"{name} is gone: run {times.COMMAND}"
        if name.startswith("lessons/"):
            notebook = nbformat.read(COURSE / name, as_version=4)
            first = notebook.cells[0].source
            assert times.first_cell(notebook, entry) == first, "run: python -m emotionlab.teaching.readme"
            assert times.sentence(entry, "and with drawn faces, the cells" in first) in first


def test_lessons_come_first_then_solutions_then_electives():
    names = times.notebooks(COURSE)
    parts = [name.rpartition("/")[0] for name in names]
    assert parts == sorted(parts, key=times.PARTS.index)
    assert set(parts) == set(times.PARTS)
    assert times.notebooks(COURSE, "lessons/0[01]*") == names[:2]
