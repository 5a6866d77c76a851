"""Submissions as a teacher gets them: good, odd, broken and hostile ones, for the tests of the grader.

Each builder writes into the folder of one learner. KINDS tells what the grader has to make of it.
No hostile one does harm by itself: what it deletes is called `sentinel`, what it starts ends alone.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.course.files import course_source
from emotionlab.exercises import exercise

NAME = "01_faces_as_data.ipynb"


def blank(name: str = NAME) -> dict:
    """The exercise as learners get it."""
    return json.loads((course_source() / "exercises" / name).read_text(encoding="utf-8"))


def solved(name: str = NAME) -> dict:
    """The exercise with every model solution in it."""
    notebook = blank(name)
    for question in exercise(name[:2]).questions:
        answer(notebook, question.id, question.solution)
    return notebook


def cell(notebook: dict, question: str, part: str = "answer") -> dict:
    """One cell of a question."""
    wanted = f"q-{question.replace('.', '-')}-{part}"
    return next(cell for cell in notebook["cells"] if cell["id"] == wanted)


def answer(notebook: dict, question: str, source: str) -> None:
    """Write an answer into its cell."""
    cell(notebook, question)["source"] = source


def code(source: str, ident: str | None = "of-my-own") -> dict:
    """A code cell that the learner added."""
    made = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
    return made if ident is None else {**made, "id": ident}


def solution(question: str) -> str:
    """The model solution of a question of exercise 01."""
    return exercise("01").question(question).solution


def write(folder: Path, notebook: dict, name: str = NAME) -> Path:
    """Write a notebook as JupyterLab does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8", newline="\n")
    return path


def with_answers(**answers: str) -> Callable[[Path], object]:
    """A builder: everything solved but these, such as q1_2="..."."""

    def build(folder: Path):
        notebook = solved()
        for name, source in answers.items():
            answer(notebook, name[1:].replace("_", "."), source)
        return write(folder, notebook)

    return build


# ------------------------------------------------------------------------------- odd, but honest


def stub(folder):
    write(folder, blank())


def other_styles(folder):
    notebook = blank()
    for question in exercise("01").questions:
        answer(notebook, question.id, list(question.bank.right.values())[-1])
    write(folder, notebook)


def edited_check(folder):
    notebook = solved()
    answer(notebook, "1.2", "def class_counts(labels):\n    return 7")
    cell(notebook, "1.2", "check")["source"] = 'print("Passed")\nex.check("1.2", lambda x: np.bincount(x, minlength=7))'
    write(folder, notebook)


def copied_cells(folder):
    """The copy that holds the answer stands between the stub and a copy of the stub."""
    notebook = solved()
    original = cell(notebook, "1.2")
    place = notebook["cells"].index(original)
    empty = cell(blank(), "1.2")["source"]
    original["source"] = empty
    notebook["cells"][place + 1 : place + 1] = [code(solution("1.2"), "copy-1"), code(empty, "copy-2")]
    write(folder, notebook)


def deleted_cells(folder):
    notebook = solved()
    notebook["cells"] = [cell for cell in notebook["cells"] if not cell["id"].startswith(("q-1-2", "q-1-3"))]
    write(folder, notebook)


def without_ids(folder):
    """As an old Jupyter or another program saves it: only the check calls tell the questions."""
    notebook = solved()
    for one in notebook["cells"]:
        del one["id"]
    notebook["nbformat_minor"] = 4
    write(folder, notebook)


def tagged(folder):
    """As nbgrader leaves it: new ids, and the old ones as `grade_id`."""
    notebook = solved()
    for number, one in enumerate(notebook["cells"]):
        one["metadata"]["nbgrader"] = {"grade_id": one["id"]}
        one["id"] = f"cell-{number}"
    write(folder, notebook)


def helper_cell(folder):
    """A helper function in a cell of its own, and an import added to the set-up."""
    notebook = solved()
    place = notebook["cells"].index(cell(notebook, "1.2"))
    notebook["cells"].insert(place, code("def count_one(labels, c):\n    return reduce(add, 1 * (labels == c))"))
    setup = next(one for one in notebook["cells"] if one["id"] == "set-up")
    setup["source"] = "from functools import reduce\nfrom operator import add\n" + "".join(setup["source"])
    answer(notebook, "1.2", "def class_counts(labels):\n    return np.array([count_one(labels, c) for c in range(7)])")
    write(folder, notebook)


def uses_a_try_cell(folder):
    """An answer that reads a name which the notebook's own try cell defines."""
    notebook = solved()
    answer(notebook, "1.5", "pixels.shape\n" + solution("1.5"))
    write(folder, notebook)


def windows_line_ends(folder):
    notebook = solved()
    for one in notebook["cells"]:
        one["source"] = "".join(one["source"]).replace("\n", "\r\n")
    path = write(folder, notebook)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def latin_1(folder):
    notebook = solved()
    answer(notebook, "1.1", solution("1.1") + "\n# fertig gezählt")
    write(folder, notebook).write_bytes(json.dumps(notebook, ensure_ascii=False).encode("latin-1", "replace"))


def byte_order_mark(folder):
    path = write(folder, solved())
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def other_kernel(folder):
    notebook = solved()
    notebook["metadata"]["kernelspec"] = {"name": "deep-learning-37", "display_name": "DL", "language": "python"}
    write(folder, notebook)


def renamed(folder):
    write(folder, solved(), "homework (final) v2.ipynb")


def nothing(folder):
    folder.mkdir(parents=True)
    (folder / "readme.txt").write_text("I was ill", encoding="utf-8")


def two_files(folder):
    import os

    old, new = write(folder, blank(), "01_faces_as_data-Copy1.ipynb"), write(folder, solved())
    os.utime(old, (1e9, 1e9)), os.utime(new, (1.1e9, 1.1e9))


# ----------------------------------------------------------------------------------------- broken


def cut_off(folder):
    path = write(folder, solved())
    path.write_bytes(path.read_bytes()[:3000])


def empty(folder):
    write(folder, solved()).write_bytes(b"")


def random_bytes(folder):
    write(folder, solved()).write_bytes(bytes(range(256)) * 40)


def nested(folder):
    write(folder, solved()).write_text("[" * 200_000, encoding="utf-8")


def no_notebook_json(folder):
    write(folder, solved()).write_text('{"cells": 7}', encoding="utf-8")


def strange_cells(folder):
    """Cells that are no cells at all, among good ones."""
    notebook = solved()
    notebook["cells"][:0] = [None, 7, {"cell_type": "code", "source": 5, "metadata": None}, {"id": [1]}]
    write(folder, notebook)


def huge(folder):
    with open(write(folder, solved()), "r+b") as file:
        file.truncate(100 * 2**20)


def link(folder):
    secret = folder.parent.parent / "elsewhere.ipynb"
    if not secret.exists():
        secret.write_text(json.dumps(solved()), encoding="utf-8")
    folder.mkdir(parents=True)
    (folder / NAME).symlink_to(secret)


def other_exercise(folder):
    write(folder, solved("04_confusion_matrix.ipynb"), "04_confusion_matrix.ipynb")


# ---------------------------------------------------------------------------------------- hostile

PATCHED = """
import emotionlab.exercises, emotionlab.exercises.engine as engine, emotionlab.exercises.verdict as verdict
passed = lambda *_, **__: verdict.Verdict("passed", "1.1", "well done", "", 99, 99)
emotionlab.exercises.Exercise.check = passed
engine.Question.check = engine.Question.verdict = passed
np.allclose = np.array_equal = lambda *_, **__: True
def describe(images):
    return 1, 2, 3, 4
"""

FORGED = """
import json, sys
print("✔ Passed: question 1.2 (1 of 1 points)")
print(json.dumps({"kind": "observed", "question": "1.2", "outcome": "passed", "points": 99}))
print(json.dumps({"kind": "done"}), file=sys.stderr)
def class_counts(labels):
    print("✔ Passed: question 1.2 (1 of 1 points)")
    return 7
"""

WRITES_EVERYWHERE = """
import os
for number in range(3, 40):
    try:
        os.write(number, b"\\0\\0\\0\\x18\\0\\0\\0\\0" + b'{"kind": "observed"}    ')
    except OSError:
        pass
def class_counts(labels):
    return 7
"""

ALWAYS_EQUAL = """
class Yes:
    shape, dtype, ndim = (7,), "int64", 1
    def __eq__(self, other): return True
    def __array__(self, *_, **__): raise TypeError("no")
    def __len__(self): return 7
    def __iter__(self): return iter([self] * 7)
def class_counts(labels):
    return Yes()
"""

DELETES = (
    """
import shutil
from pathlib import Path
for place in (Path.cwd(), Path.cwd().parent, Path.cwd().parent.parent, Path.home(), Path("~").expanduser()):
    shutil.rmtree(place / "sentinel", ignore_errors=True)
    for child in list(place.glob("*/sentinel")):
        shutil.rmtree(child, ignore_errors=True)
"""
    + "\n"
)

PROCESSES = """
import subprocess, sys
children = [subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(40)"]) for _ in range({number})]
import time
time.sleep(20)
"""

ESCAPES = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(8)
        open({path!r}, "w").write("still alive")
    os._exit(0)
"""

MEMORY = """
import time
kept = []
for _ in range({steps}):
    kept.append(bytearray(b"x" * 2**26))
    time.sleep(0.02)
"""

MEMORY_FILES = """
import os, time
kept = []
for number in range({steps}):
    kept.append(os.memfd_create(f"part-{{number}}"))
    os.write(kept[-1], b"x" * 2**26)
    time.sleep(0.02)
"""

FILLS_THE_DISK = """
for number in range(100):
    with open(f"part-{number}", "wb") as file:
        file.write(bytes(2**26))
"""

FINDS_THE_CHANNEL = """
import gc
found = [one for one in gc.get_objects() if type(one).__name__ == "Channel"]
channel = next(one for one in found if "Socket" in str(getattr(one.writer, "raw", "")))
for kind in ("observed", "look", "ran", "cell", "looked", "alike", "nonsense"):
    for question in ("9.9", "1.1", None, ["1.1"]):
        channel.send(kind, b"bytes", question=question, place=99, error="x", number=1, signature="0")
"""

FLOODS_THE_CHANNEL = """
import gc
found = [one for one in gc.get_objects() if type(one).__name__ == "Channel"]
channel = next(one for one in found if "Socket" in str(getattr(one.writer, "raw", "")))
for _ in range(50_000):
    channel.send("look", question="1.1")
"""

KILLS_ITS_PARENT = """
import contextlib, os
with contextlib.suppress(PermissionError):
    os.kill(os.getppid(), 9)
"""

FORKS = """
import os
if os.fork() == 0:
    print("the copy")
"""

ALL = {"1.1": "passed", "1.2": "passed", "1.3": "passed", "1.4": "passed", "1.5": "passed", "1.6": "passed"}


@dataclass(frozen=True)
class Kind:
    """A kind of submission: how it is built, the outcomes that differ from "passed", and words of its row.

    status: how the row's status begins. words: what its status and notes must contain. needs: the
    name of a probe without which it is not tried ("" = none).
    """

    build: Callable[[Path], object]
    differs: dict = field(default_factory=dict)
    status: str = "graded"
    words: str = ""
    needs: str = ""

    def outcomes(self) -> dict:
        """Question -> outcome, for the questions with code; {} when nothing can be graded."""
        return {} if self.status.startswith("not graded") else {**ALL, **self.differs}


def _hostile(source: str, outcome: str = "error", **more) -> Kind:
    """Everything solved, but 1.2 begins with hostile code."""
    return Kind(with_answers(q1_2=source), {"1.2": outcome} if outcome != "passed" else {}, **more)


TOO_SHORT = "def class_counts(labels):\n    return np.bincount(labels)"
_LOOP = "def majority_accuracy(train, test):\n    while True:\n        pass"
_NOT = "not graded: "

KINDS = {
    "good": Kind(with_answers()),
    "other_styles": Kind(other_styles),
    "stub": Kind(stub, dict.fromkeys(ALL, "not_attempted")),
    "one_wrong": Kind(
        with_answers(q1_2="def class_counts(labels):\n    return np.bincount(labels)"), {"1.2": "failed"}
    ),
    "edited_check": Kind(edited_check, {"1.2": "failed"}),
    "copied_cells": Kind(copied_cells, words="1.2: 3 cells hold this answer"),
    "deleted_cells": Kind(deleted_cells, {"1.2": "not_attempted", "1.3": "not_attempted"}, words="cell is missing"),
    "without_ids": Kind(without_ids),
    "tagged": Kind(tagged),
    "helper_cell": Kind(helper_cell, words="added: 1"),
    "uses_a_try_cell": Kind(uses_a_try_cell),
    "windows_line_ends": Kind(windows_line_ends),
    "latin_1": Kind(latin_1, words="not UTF-8"),
    "byte_order_mark": Kind(byte_order_mark),
    "other_kernel": Kind(other_kernel, words="deep-learning-37"),
    "renamed": Kind(renamed),
    "two_files": Kind(two_files, words="changed last"),
    "strange_cells": Kind(strange_cells),
    "stderr_warnings": _hostile(
        "import sys, warnings\nwarnings.warn('careful')\nprint('E0000 cuda', file=sys.stderr)\n" + solution("1.2"),
        "passed",
    ),
    "printed_only": _hostile("print([4, 0, 0, 1, 0, 0, 0])", "not_attempted"),
    "magics": _hostile("%time 1 + 1\n!echo hello\n" + solution("1.2"), "passed"),
    "syntax_error": _hostile("def class_counts(labels)\n    return 7"),
    "deep_expression": _hostile("x = " + "-" * 100_000 + "1"),
    "deep_brackets": _hostile("x = " + "[" * 100_000 + "1\n" + solution("1.2")),
    "far_too_long": Kind(with_answers(q1_2="# x\n" * 300_000), status=_NOT, words="characters of code"),
    "raises": _hostile("def class_counts(labels):\n    return labels.nothing"),
    "nothing": Kind(nothing, status=_NOT + "no notebook"),
    "cut_off": Kind(cut_off, status=_NOT, words="cut off"),
    "empty": Kind(empty, status=_NOT, words="is empty"),
    "random_bytes": Kind(random_bytes, status=_NOT, words="no valid notebook"),
    "nested": Kind(nested, status=_NOT, words="no valid notebook"),
    "no_notebook_json": Kind(no_notebook_json, status=_NOT, words="no notebook"),
    "huge": Kind(huge, status=_NOT, words="100 MB"),
    "link": Kind(link, status=_NOT, words="link", needs="links"),
    "other_exercise": Kind(other_exercise, status=_NOT, words="exercise 04"),
    # hostile
    "exit_zero": _hostile("import os\nos._exit(0)", status="partly", words="ended Python itself (exit code 0)"),
    "exit_zero_in_the_answer": _hostile(
        "import os\ndef class_counts(labels):\n    os._exit(0)", status="partly", words="1.2: it ended Python"
    ),
    "sys_exit": _hostile("import sys\nsys.exit(0)"),
    "sys_exit_in_the_answer": _hostile("import sys\ndef class_counts(labels):\n    sys.exit(0)"),
    "quits": _hostile("quit()\n" + solution("1.2")),
    "infinite_loop": Kind(with_answers(q1_3=_LOOP), {"1.3": "error"}, "partly", "still running"),
    "crashes": _hostile(
        "import os, signal\nos.kill(os.getpid(), signal.SIGABRT)", status="partly", words="stopped at 1.2"
    ),
    "patched_check": Kind(with_answers(q1_1=PATCHED), {"1.1": "failed"}),
    "forged_output": _hostile(FORGED, "failed"),
    "writes_everywhere": Kind(with_answers(q1_2=WRITES_EVERYWHERE), {"1.2": ("failed", "error")}, status=""),
    "always_equal": Kind(with_answers(q1_2=ALWAYS_EQUAL), {"1.2": ("failed", "error")}),
    "kills_its_parent": _hostile(KILLS_ITS_PARENT + solution("1.2"), "passed", needs="own_tree"),
    "much_output": _hostile("for _ in range(300):\n    print('x' * 2**20)\n", status="partly", words="without end"),
    "much_memory": Kind(
        with_answers(q1_2=MEMORY.format(steps=160)), {"1.2": "error"}, status="", words="", needs="memory"
    ),
    "many_processes": _hostile(PROCESSES.format(number=200), status="partly", words="processes", needs="processes"),
    "memory_files": _hostile(MEMORY_FILES.format(steps=60), status="partly", words="memory", needs="memory_files"),
    "fills_the_disk": _hostile(FILLS_THE_DISK, needs="closed_disk"),
    "finds_the_channel": _hostile(FINDS_THE_CHANNEL + solution("1.2"), "passed"),
    "floods_the_channel": _hostile(FLOODS_THE_CHANNEL, status="partly", words="stopped at 1.2"),
    "forks": _hostile(FORKS + solution("1.2"), "passed", needs="fork"),
    "no_stdout": _hostile("import sys\nsys.stdout = sys.stderr = None\n" + solution("1.2"), "passed"),
    "breaks_savez": _hostile("np.savez = np.savez_compressed = None\n" + solution("1.2"), "passed"),
    "breaks_json": _hostile(
        "import json\njson.dumps = None\n" + solution("1.2"), status="partly", words="part of Python or NumPy"
    ),
    "ignores_interrupts": Kind(
        with_answers(q1_3=_LOOP.replace("pass", "try: x = 1\n        except BaseException: pass")),
        {"1.3": "error"},
        "partly",
        "still running",
    ),
    "folders_in_folders": _hostile(
        "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\n" + solution("1.2"), "passed"
    ),
    "many_shell_lines": _hostile("!true\n" * 40 + solution("1.2"), ("passed", "error"), status=""),
    "deletes_sentinels": _hostile(DELETES + solution("1.2"), "passed", needs="own_folder"),
}
"""Name -> kind; 35 ordinary, odd or broken ones and 27 hostile ones."""

HOSTILE = list(KINDS)[list(KINDS).index("exit_zero") :]


def ordinary(folder: Path, number: int) -> None:
    """One of many ordinary submissions of exercise 01: right, half done, or with wrong answers of the bank."""
    notebook = copy.deepcopy(solved())
    questions = exercise("01").questions
    if number % 4 == 1:
        answer(notebook, "1.6", cell(blank(), "1.6")["source"])
    elif number % 4:
        question = questions[number % 6]
        wrong = list(question.bank.wrong.values())
        answer(notebook, question.id, wrong[number % len(wrong)][0])
    write(folder, notebook)
