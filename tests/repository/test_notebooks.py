"""Every notebook of the course is lint-free and quotes true figures; and what is wrong in one is caught when it runs.

The notebooks run in test_lessons_*.py and test_exercise_notebooks.py, so that two processes share them.
"""

import importlib.resources
import json
from pathlib import Path

import nbformat
import numpy as np
import pytest
from course_notebooks import (
    NOTEBOOK_TIMEOUT,
    ROOT,
    asked,
    assert_none,
    failures,
    notebooks,
    run_notebook,
    shown,
    verdicts,
    warnings_shown,
)

import emotionlab as el
from emotionlab.exercises import exercise, numbers
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.teaching import notebook_lint, verify

pytestmark = pytest.mark.timeout(NOTEBOOK_TIMEOUT)
EVERY = notebooks(*notebook_lint.FOLDERS)


# ---- Read without running --------------------------------------------------------------------


def test_the_path_has_its_lessons_and_each_exercise_its_solution():
    lessons = {path.values[0].name[:2] for path in notebooks("lessons")}
    assert lessons >= {f"{number:02d}" for number in range(11)}
    solutions = [path.values[0].name for path in notebooks("solutions")]
    assert verify.written_in(ROOT / "solutions") == numbers()
    assert solutions == [path.values[0].name for path in notebooks("exercises")]


_NUMBERS = dict(
    enumerate(["three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=3)
)
_NUMBERS |= {13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen"}
_NUMBERS |= {19: "nineteen", 20: "twenty"}


@pytest.mark.parametrize("path", notebooks("solutions"))
def test_the_first_cell_of_an_exercise_says_how_many_points_its_questions_have(path):
    questions = exercise(exercise_of_file(path.name)).questions
    points = _NUMBERS[sum(question.points for question in questions)]
    said = f"{_NUMBERS[len(questions)].capitalize()} questions, {points} points"
    assert said in nbformat.read(path, as_version=4).cells[0].source


@pytest.mark.parametrize("path", EVERY)
def test_notebook_has_no_lint_findings(path):
    assert_none(notebook_lint.lint(path))


@pytest.mark.parametrize("path", EVERY)
def test_figures_quoted_in_prose_are_what_code_computes(path):
    survey = importlib.resources.files("emotionlab.reference").joinpath("fer2013_survey.json")
    names = {"el": el, "np": np, "survey": json.loads(survey.read_text(encoding="utf-8"))}
    assert_none(notebook_lint.recompute_figures(notebook_lint.read_notebook(path), names))


# ---- The arrangement itself: what it must catch, it catches ------------------------------------


def notebook_of(folder: Path, *cells: tuple[str, str], tags=None) -> Path:
    """A notebook of code cells, each given as (id, source). tags: id -> the cell's tags."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": notebook_lint.KERNELSPEC})
    notebook.cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in cells]
    for cell in notebook.cells:
        cell.metadata["tags"] = (tags or {}).get(cell.id, [])
    path = folder / "made.ipynb"
    nbformat.write(notebook, path)
    return path


SETTINGS = """
import json, urllib.request
from pathlib import Path
import emotionlab as el
Path("left_behind.txt").touch()
try:
    reached = bool(urllib.request.urlopen("https://www.kaggle.com", timeout=5))
except OSError:
    reached = False
s = el.settings
print(json.dumps([s.fast(), s.headless(), str(s.data_dir()), str(s.runs_dir()), str(Path.cwd()), reached]))
"""
SAYS_WRONG = "✘ Failed: question 1.1\nExpected 4, found 5."

CELLS = (
    ("settings", SETTINGS),
    ("fine", "x = 1"),
    ("broken", "1 / 0"),
    ("after", "print(x)"),
    ("harmless", "1"),
    ("harmful", "1 / 0"),
    ("noisy", "import warnings; warnings.warn('old')"),
    ("native", "import os, time\nos.write(2, b'WARNING: from C++\\n')\ntime.sleep(1)"),  # another thread reads it
    ("asks", "import socket\ntry: socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError as no: print(no)"),
    ("wrong", f"print({SAYS_WRONG!r})"),
    ("silent", "pass"),
)
TAGS = {
    "harmless": ["raises-exception"],
    "harmful": ["raises-exception"],
    "wrong": ["check"],
    "silent": ["check"],
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> tuple[dict[str, list], Path]:
    """The record of each of the cells above, as a list of one, and the folder: one kernel shows what all do."""
    folder = tmp_path_factory.mktemp("made")
    cells = run_notebook(notebook_of(folder, *CELLS, tags=TAGS), folder)
    assert [cell["id"] for cell in cells] == [name for name, _ in CELLS]
    return {cell["id"]: [cell] for cell in cells}, folder


def test_a_cell_that_fails_is_named_with_its_error_and_later_cells_still_run(ran):
    seen, _ = ran
    assert [seen[name][0]["outcome"] for name in ("fine", "broken", "after")] == ["passed", "failed", "passed"]
    assert failures(seen["fine"] + seen["after"]) == []
    [failure] = failures(seen["broken"])
    assert failure.startswith("[broken]")
    assert "ZeroDivisionError" in failure
    assert shown(seen["after"][0]) == "1\n"


def test_a_cell_that_never_ends_fails(tmp_path):
    path = notebook_of(tmp_path, ("endless", "while True: pass"))
    [failure] = failures(run_notebook(path, tmp_path, cell_timeout=2))
    assert failure.startswith("[endless]")
    assert "Timeout" in failure


def test_a_kernel_that_dies_fails(tmp_path):
    path = notebook_of(tmp_path, ("fatal", "import os; os._exit(1)"))
    [failure] = failures(run_notebook(path, tmp_path, cell_timeout=3))
    assert failure.startswith("[fatal]")


def test_who_asks_another_machine_is_refused_and_written_down(ran):
    seen, folder = ran
    assert "no network here, and 192.0.2.1 was asked for" in shown(seen["asks"][0])
    assert asked(folder) == ["192.0.2.1"]


def test_a_cell_that_should_raise_an_error_must_raise_one(ran):
    seen, _ = ran
    assert "raised none" in failures(seen["harmless"])[0]
    assert failures(seen["harmful"]) == []


def test_a_warning_on_the_page_is_found(ran):
    seen, _ = ran
    assert failures(seen["noisy"]) == []
    assert "UserWarning" in warnings_shown(seen["noisy"])[0]
    assert warnings_shown(seen["after"]) == []


def test_a_wrong_answer_and_a_check_without_a_verdict_are_told_from_a_pass(ran):
    seen, _ = ran
    assert verdicts(seen["wrong"]) == {"wrong": "Failed"}
    assert "no verdict" in verdicts(seen["silent"])["silent"]


def test_a_kernel_sees_fast_mode_folders_of_its_own_and_no_network(ran):
    seen, folder = ran
    assert failures(seen["settings"]) == []
    fast, headless, data, runs, working, reached = json.loads(shown(seen["settings"][0]))
    assert (fast, headless, reached) == (True, True, False)
    assert Path(data).is_relative_to(folder)
    assert Path(runs).is_relative_to(folder)
    assert Path(working) == folder
    assert (folder / "left_behind.txt").exists()


def test_what_a_library_writes_past_python_is_on_the_page_too(ran):
    assert "from C++" in warnings_shown(ran[0]["native"])[0]
