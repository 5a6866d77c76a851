"""Odd, honest submissions from odd machines: backends with windows, other letters, archives under other names."""

import json
import zipfile

import pytest
import submissions

from emotionlab.teaching.grading.grade import grade

pytestmark = pytest.mark.timeout(600)

WINDOWS = """
%matplotlib qt
%matplotlib widget
import matplotlib
import matplotlib.pyplot as plt
matplotlib.use("TkAgg")
plt.switch_backend("QtAgg")
plt.plot([1, 2])
plt.show()
"""

LEFT_RUNNING = """
import subprocess, threading, time
subprocess.Popen(["sleep", "500"])
threading.Thread(target=time.sleep, args=(600,)).start()
print("x" * 3_000_000)
"""

FROM_A_SCRIPT = "%%writefile answer.py\nimport numpy as np\n\n\n"


def windows(folder):
    submissions.with_answers(q1_2=WINDOWS + submissions.solution("1.2"))(folder)


def left_running(folder):
    submissions.with_answers(q1_2=LEFT_RUNNING + submissions.solution("1.2"))(folder)


def half_letters(folder):
    """An emoji that was cut in two, in the code of one answer and in the text of another."""
    notebook = submissions.solved()
    submissions.answer(notebook, "1.2", "# \ud83d\n" + submissions.solution("1.2"))
    submissions.answer(notebook, "1.7", submissions.solution("1.7").replace("fear", "fear \ude00"))
    folder.mkdir(parents=True)
    (folder / submissions.NAME).write_text(json.dumps(notebook), encoding="utf-8")


def from_a_script(folder):
    notebook = submissions.solved()
    place = notebook["cells"].index(submissions.cell(notebook, "1.2"))
    notebook["cells"].insert(place, submissions.code(FROM_A_SCRIPT + submissions.solution("1.2")))
    submissions.answer(notebook, "1.2", "%run answer.py")
    submissions.write(folder, notebook)


def _as(encoding: str):
    def build(folder):
        path = submissions.write(folder, submissions.solved())
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    return build


def _zip_called(name: str):
    def build(folder):
        folder.mkdir(parents=True)
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("hw/" + submissions.NAME, json.dumps(submissions.solved()))
            archive.writestr("hw/helpers.py", "SEVEN = 7")

    return build


ODD = {
    "windows": (windows, ""),
    "left_running": (left_running, ""),
    "half_letters": (half_letters, ""),
    "from_a_script": (from_a_script, "cells that the learner added: 1"),
    "utf-16-le": (_as("utf-16-le"), "read as UTF-16"),
    "utf-32": (_as("utf-32"), "read as UTF-32"),
    "zip_called_a_notebook": (_zip_called("hw.ipynb"), "from a zip archive"),
    "zip_called_a_text": (_zip_called("hw.txt"), "from a zip archive"),
}
"""Name -> (how it is built, words of its row)."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    base = tmp_path_factory.mktemp("odd")
    for name, (build, _) in ODD.items():
        build(base / "in" / name)
    results = grade(base / "in", base / "out", "01", jobs=2, timeout=60, say=lambda line: None)
    return {result.student: result for result in results}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_but_honest_submission_gets_every_point(name, graded):
    result = graded[name]
    told = [(q["question"], q["outcome"], q["message"]) for q in result.questions if q["outcome"] != "passed"]
    assert (result.points, result.status, result.to_mark) == (12, "graded", 1), (told, result.warnings)
    assert ODD[name][1] in "; ".join(result.warnings)
    assert "cells that failed" not in "; ".join(result.warnings)
