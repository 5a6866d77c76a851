"""Run the notebooks of the course as a learner would, and say what they showed.

Each notebook runs under nbval in a pytest process of its own, inside a copy of the course with data,
run and settings folders of its own: nothing it writes reaches the repository, nothing of this machine
reaches it. A stripped notebook has no outputs to compare with, so what the cells showed is kept
(notebook_recorder.py) and judged by the tests.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import nbformat
import pytest

from emotionlab.exercises.verdict import OUTCOMES
from emotionlab.teaching import notebook_lint

ROOT = Path(__file__).resolve().parents[2]
CELL_TIMEOUT = 240
"""Seconds; a lesson takes at most 60 in fast mode, on a machine that does nothing else."""

NOTEBOOK_TIMEOUT = 900
"""Seconds for one notebook, where two lessons run at the same time on a busy machine."""

ASKED = "asked.txt"
"""File in a notebook's folder: the other machines that its kernel asked, against the rules."""

SOLVED, FORGET = "solved-", "forget-every-name"
"""How the cells of a solution are called that runs after its exercise, and the cell between the two."""


def notebooks(*folders):
    """The notebooks of these folders as test parameters, named lessons/01_topic."""
    paths = notebook_lint.find_notebooks([ROOT / folder for folder in folders if (ROOT / folder).is_dir()])
    return [pytest.param(path, id=path.relative_to(ROOT).with_suffix("").as_posix()) for path in paths]


def assert_none(findings: list):
    """Fails with what was found and nothing else."""
    if findings:
        pytest.fail("\n".join(map(str, findings)), pytrace=False)


def run_notebook(path: Path, folder: Path, cell_timeout: float = CELL_TIMEOUT) -> list[dict]:
    """Run a notebook that lies in `folder` under nbval, in fast mode and without camera, data or network.

    Returns the record of each code cell, see notebook_recorder. Fails the test when nbval could not
    start or says something else than the record.
    """
    at_start = folder / "own" / "ipython" / "profile_default" / "startup"
    for made in (at_start, folder / "own" / "home"):
        made.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("no_network.py"), at_start)
    record = folder / "record.json"
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    options = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={cell_timeout}", "--color=no"]
    # the plugins of this suite would take a second to import, and the run needs these two
    plugins = ["-p", "notebook_recorder", "-p", "nbval.plugin", "-p", "no:cacheprovider"]
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
        "NETWORK_RECORD": str(folder / ASKED),
        "HOME": str(folder / "own" / "home"),
        "USERPROFILE": str(folder / "own" / "home"),
        "KERAS_HOME": str(folder / "own" / "keras"),
        "MPLCONFIGDIR": mpl.get_configdir(),  # else each kernel would look through all fonts anew
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
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


def asked(folder: Path) -> list[str]:
    """The other machines that the kernels in this folder asked, which `no_network` refused."""
    return (folder / ASKED).read_text(encoding="utf-8").split() if (folder / ASKED).exists() else []


def run_of_course(path: Path, folder: Path) -> list[dict]:
    """Run a lesson in a copy of the course, with an empty home: no cell fails, none shows a warning, none is left out,
    and no other machine is asked."""
    cells = run_notebook(copy_of_course(folder) / path.relative_to(ROOT), folder)
    assert_fine(cells, path)
    assert asked(folder) == []
    return cells


def run_of_exercise(name: str, folder: Path) -> tuple[list[dict], list[dict]]:
    """Run an exercise as it is handed out, then its solution in the same kernel, which forgets every name between.

    Returns the records of the one's cells and of the other's. Starting a kernel and importing what an exercise needs
    takes longer than most exercises do. `emotionlab exercises verify` gives each of the two a kernel of its own.
    """
    place = copy_of_course(folder) / "exercises" / name
    both, solved = (nbformat.read(ROOT / part / name, as_version=4) for part in ("exercises", "solutions"))
    for cell in solved.cells:
        cell.id = f"{SOLVED}{cell.id}"
    both.cells += [nbformat.v4.new_code_cell("%reset -f", id=FORGET), *solved.cells]
    nbformat.write(both, place)
    cells = run_notebook(place, folder)
    assert asked(folder) == []
    middle = next(number for number, cell in enumerate(cells) if cell["id"] == FORGET)
    return cells[:middle], cells[middle + 1 :]


def assert_fine(cells: list[dict], path: Path):
    """No cell of this notebook failed, none showed a warning, none was left out."""
    wanted = sum(cell.cell_type == "code" for cell in nbformat.read(path, as_version=4).cells)
    assert_none(failures(cells))
    assert_none(warnings_shown(cells))
    assert len(cells) == wanted
