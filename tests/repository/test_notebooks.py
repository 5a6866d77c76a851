"""Every notebook of the course is lint-free, quotes true figures and runs from top to bottom.

Each notebook runs under nbval in a pytest process of its own, inside a copy of the course with data,
run and settings folders of its own: nothing it writes reaches the repository, nothing of this machine
reaches it. A stripped notebook has no outputs to compare with, so what the cells showed is kept
(tests/notebook_recorder.py) and judged here.
"""

import importlib.resources
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

import emotionlab as el
from emotionlab.exercises import exercise, numbers
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.exercises.verdict import OUTCOMES
from emotionlab.teaching import notebook_lint, verify

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT = 240
"""Seconds; a lesson takes at most 60 in fast mode, on a machine that does nothing else."""

pytestmark = pytest.mark.timeout(900)
"""Seconds for one notebook, where two lessons run at the same time on a busy machine."""


def notebooks(*folders):
    """The notebooks of these folders as test parameters, named lessons/01_topic."""
    paths = notebook_lint.find_notebooks([ROOT / folder for folder in folders if (ROOT / folder).is_dir()])
    return [pytest.param(path, id=path.relative_to(ROOT).with_suffix("").as_posix()) for path in paths]


EVERY = notebooks(*notebook_lint.FOLDERS)


def assert_none(findings: list):
    """Fails with what was found and nothing else."""
    if findings:
        pytest.fail("\n".join(map(str, findings)), pytrace=False)


# ---- Read without running --------------------------------------------------------------------


def test_the_path_has_its_lessons_and_each_exercise_its_solution():
    lessons = {path.values[0].name[:2] for path in notebooks("lessons")}
    assert lessons >= {f"{number:02d}" for number in range(11)}
    solutions = [path.values[0].name for path in notebooks("solutions")]
    assert verify.written_in(ROOT / "solutions") == numbers()
    assert solutions == [path.values[0].name for path in notebooks("exercises")]


_POINTS = {14: "fourteen", 15: "fifteen", 16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty"}


@pytest.mark.parametrize("path", notebooks("solutions"))
def test_the_first_cell_of_an_exercise_says_how_many_points_its_questions_have(path):
    questions = exercise(exercise_of_file(path.name)).questions
    assert len(questions) == 7
    points = _POINTS[sum(question.points for question in questions)]
    assert f"Seven questions, {points} points." in nbformat.read(path, as_version=4).cells[0].source


@pytest.mark.parametrize("path", EVERY)
def test_notebook_has_no_lint_findings(path):
    assert_none(notebook_lint.lint(path))


@pytest.mark.parametrize("path", EVERY)
def test_figures_quoted_in_prose_are_what_code_computes(path):
    survey = importlib.resources.files("emotionlab.reference").joinpath("fer2013_survey.json")
    names = {"el": el, "np": np, "survey": json.loads(survey.read_text(encoding="utf-8"))}
    assert_none(notebook_lint.recompute_figures(notebook_lint.read_notebook(path), names))


# ---- Run --------------------------------------------------------------------------------------


def run_notebook(path: Path, folder: Path, cell_timeout: float = CELL_TIMEOUT) -> list[dict]:
    """Run a notebook that lies in `folder` under nbval, in fast mode and without camera, data or network.

    Returns the record of each code cell, see notebook_recorder. Fails the test when nbval could not
    start or says something else than the record.
    """
    record = folder / "record.json"
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={cell_timeout}", "--color=no"]
    plugins = ["-p", "notebook_recorder", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", "-q", *options, *plugins, str(path)]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=False)
    cells = json.loads(record.read_text(encoding="utf-8")) if record.exists() else []
    said = done.stdout + done.stderr
    assert done.returncode in (0, 1), said
    assert cells, said
    assert (done.returncode == 1) == any(cell["outcome"] == "failed" for cell in cells), said
    return cells


def environment(folder: Path) -> dict[str, str]:
    """What the kernels see: this environment, with every folder they write to inside `folder`."""
    ours = ("PYTEST_", "MPLBACKEND", "EMOTIONLAB_", "JUPYTER_")
    inherited = {k: v for k, v in os.environ.items() if not k.upper().startswith(ours)}
    nowhere = "http://127.0.0.1:9"
    return inherited | {
        "EMOTIONLAB_FAST": "1",
        "EMOTIONLAB_HEADLESS": "1",
        "EMOTIONLAB_DATA": str(folder / "own" / "data"),
        "EMOTIONLAB_RUNS": str(folder / "own" / "runs"),
        "IPYTHONDIR": str(folder / "own" / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "own" / "jupyter"),
        "NOTEBOOK_RECORD": str(folder / "record.json"),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT)]),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def copy_of_course(folder: Path) -> Path:
    """lessons/, exercises/ and solutions/ side by side in `folder`, as a learner has the first two."""
    (folder / "own" / "ipython").mkdir(
        parents=True, exist_ok=True
    )  # IPython warns where the parent of its folder is missing
    for name in notebook_lint.FOLDERS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    return folder


def failures(cells: list[dict]) -> list[str]:
    """One text for each cell that failed, and for each that should have raised an error and did not.

    The first failure comes whole, the others with their last line: they mostly follow from it.
    """
    ansi = re.compile(r"\x1b\[[0-9;]*m")
    failed = [(cell["id"], ansi.sub("", cell["failure"]).strip()) for cell in cells if cell["outcome"] != "passed"]
    found = [f"[{name}] {text if i == 0 else text[text.rfind(chr(10)) + 1 :]}" for i, (name, text) in enumerate(failed)]
    for cell in cells:
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        if "raises-exception" in cell["tags"] and not errors:
            found.append(f"[{cell['id']}] is tagged raises-exception and raised none")
    return found


def warnings_shown(cells: list[dict]) -> list[str]:
    """Lines of warnings and TensorFlow's log that a learner would see in red."""
    red = re.compile(r"Warning\b|WARNING|Traceback|^[WE]\d{4} ")
    texts = [
        (cell["id"], output["text"])
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "stream" and output["name"] == "stderr"
    ]
    return [f"[{name}] {line}" for name, text in texts for line in text.splitlines() if red.search(line)]


def shown(cell: dict) -> str:
    """All plain text that a cell put on the page."""
    return "\n".join(
        output.get("text", "") or "".join(output.get("data", {}).get("text/plain", "")) for output in cell["outputs"]
    )


def verdicts(cells: list[dict]) -> dict[str, str]:
    """Id of each check cell -> the word of its verdict ("Passed", "Not attempted", ...)."""
    words = "|".join(f"{re.escape(symbol)} {word}" for symbol, word, _ in OUTCOMES.values())
    found = {}
    for cell in cells:
        if "check" in cell["tags"]:
            match = re.search(rf"^(?:{words})(?=: question)", shown(cell), flags=re.MULTILINE)
            found[cell["id"]] = match[0].split(" ", 1)[1] if match else f"no verdict in {shown(cell)!r}"
    return found


def run_of_course(path: Path, folder: Path) -> list[dict]:
    cells = run_notebook(copy_of_course(folder) / path.relative_to(ROOT), folder)
    wanted = sum(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells)
    assert_none(failures(cells))
    assert_none(warnings_shown(cells))
    assert len(cells) == wanted
    return cells


@pytest.mark.parametrize("path", notebooks("lessons"))
def test_lesson_runs_from_top_to_bottom(path, tmp_path):
    run_of_course(path, tmp_path)


@pytest.mark.parametrize("path", notebooks("solutions"))
def test_every_check_of_a_solution_passes(path, tmp_path):
    found = verdicts(run_of_course(path, tmp_path))
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Passed")


@pytest.mark.parametrize("path", notebooks("exercises"))
def test_every_question_of_an_exercise_as_handed_out_says_not_attempted(path, tmp_path):
    found = verdicts(run_of_course(path, tmp_path))
    assert len(found) >= 4
    assert found == dict.fromkeys(found, "Not attempted")


# ---- The arrangement itself: what it must catch, it catches ------------------------------------


def notebook_of(folder: Path, *cells: tuple[str, str], tags=()) -> Path:
    """A notebook of code cells, each given as (id, source); `tags` go to the last."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": notebook_lint.KERNELSPEC})
    notebook.cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in cells]
    notebook.cells[-1].metadata["tags"] = list(tags)
    path = folder / "made.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_cell_that_fails_is_named_with_its_error_and_later_cells_still_run(tmp_path):
    path = notebook_of(tmp_path, ("fine", "x = 1"), ("broken", "1 / 0"), ("after", "print(x)"))
    cells = run_notebook(path, tmp_path)
    assert [cell["outcome"] for cell in cells] == ["passed", "failed", "passed"]
    [failure] = failures(cells)
    assert failure.startswith("[broken]")
    assert "ZeroDivisionError" in failure
    assert shown(cells[2]) == "1\n"


def test_a_cell_that_never_ends_fails(tmp_path):
    path = notebook_of(tmp_path, ("endless", "while True: pass"))
    [failure] = failures(run_notebook(path, tmp_path, cell_timeout=2))
    assert failure.startswith("[endless]")
    assert "Timeout" in failure


def test_a_kernel_that_dies_fails(tmp_path):
    path = notebook_of(tmp_path, ("fatal", "import os; os._exit(1)"))
    [failure] = failures(run_notebook(path, tmp_path, cell_timeout=3))
    assert failure.startswith("[fatal]")


def test_a_cell_that_should_raise_an_error_must_raise_one(tmp_path):
    path = notebook_of(tmp_path, ("harmless", "1"), tags=["raises-exception"])
    assert "raised none" in failures(run_notebook(path, tmp_path))[0]
    path = notebook_of(tmp_path, ("harmful", "1 / 0"), tags=["raises-exception"])
    assert failures(run_notebook(path, tmp_path)) == []


def test_a_warning_on_the_page_is_found(tmp_path):
    path = notebook_of(tmp_path, ("noisy", "import warnings; warnings.warn('old')"))
    cells = run_notebook(path, tmp_path)
    assert failures(cells) == []
    assert "UserWarning" in warnings_shown(cells)[0]


def test_a_wrong_answer_and_a_check_without_a_verdict_are_told_from_a_pass(tmp_path):
    said = "✘ Failed: question 1.1\nExpected 4, found 5."
    path = notebook_of(tmp_path, ("wrong", f"print({said!r})"), tags=["check"])
    assert verdicts(run_notebook(path, tmp_path)) == {"wrong": "Failed"}
    path = notebook_of(tmp_path, ("silent", "pass"), tags=["check"])
    assert "no verdict" in verdicts(run_notebook(path, tmp_path))["silent"]


def test_a_kernel_sees_fast_mode_folders_of_its_own_and_no_network(tmp_path):
    source = """
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
    [cell] = run_notebook(notebook_of(tmp_path, ("settings", source)), tmp_path)
    assert failures([cell]) == []
    fast, headless, data, runs, working, reached = json.loads(shown(cell))
    assert (fast, headless, reached) == (True, True, False)
    assert Path(data).is_relative_to(tmp_path)
    assert Path(runs).is_relative_to(tmp_path)
    assert Path(working) == tmp_path
    assert (tmp_path / "left_behind.txt").exists()


def test_what_a_library_writes_past_python_is_on_the_page_too(tmp_path):
    path = notebook_of(tmp_path, ("native", "import os\nos.write(2, b'WARNING: from C++\\n');"))
    assert "from C++" in warnings_shown(run_notebook(path, tmp_path))[0]
