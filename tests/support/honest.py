"""Honest notebooks as people write them: magics, helpers, split and moved cells, files beside the notebook.

Each is exercise 01 with every model solution in it, and one habit. Run from top to bottom in a kernel, its
checks say "Passed"; so the grader has to say it too. `in_kernel` asks a real kernel.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

import submissions
from submissions import answer, cell, code, solution

HELPERS = "def count_one(labels, c):\n    return int((labels == c).sum())\n"
USES_COUNT_ONE = "def class_counts(labels):\n    return np.array([count_one(labels, c) for c in range(7)])"
_USES_SEVEN = "def class_counts(labels):\n    return np.bincount(labels, minlength=SEVEN)"


def insert(notebook: dict, question: str, *sources: str, after: bool = False, part: str = "answer") -> None:
    """Put cells of the learner's own before (or after) a cell of a question."""
    place = notebook["cells"].index(cell(notebook, question, part)) + after
    made = [code(source, f"mine-{question.replace('.', '-')}-{number}") for number, source in enumerate(sources)]
    notebook["cells"][place:place] = made


def prepend(notebook: dict, question: str, text: str, part: str = "answer") -> None:
    """Put lines at the top of a cell of a question."""
    one = cell(notebook, question, part)
    one["source"] = text + "\n" + "".join(one["source"])


def set_up(notebook: dict) -> dict:
    """The cell that opens the exercise."""
    return next(one for one in notebook["cells"] if one["id"] == "set-up")


def top(text: str, question: str = "1.2") -> Callable:
    """A habit: these lines stand above an answer."""
    return lambda notebook, _: prepend(notebook, question, text)


def before(*sources: str, question: str = "1.2") -> Callable:
    """A habit: these cells stand before an answer."""
    return lambda notebook, _: insert(notebook, question, *sources)


def using(source: str, place: Callable) -> Callable:
    """A habit: answer 1.2 is `source`, and what it needs is put where `place` says."""

    def change(notebook, folder):
        answer(notebook, "1.2", source)
        place(notebook, folder)

    return change


def _in_set_up(text: str) -> Callable:
    def change(notebook, _):
        set_up(notebook)["source"] = "".join(set_up(notebook)["source"]) + "\n" + text

    return change


def _in_try(text: str, question: str = "1.1") -> Callable:
    return lambda notebook, _: prepend(notebook, question, text, "try")


def _file(name: str, text: str) -> Callable:
    def change(_, folder):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return change


def _both(*changes: Callable) -> Callable:
    return lambda notebook, folder: [change(notebook, folder) for change in changes]


def _split(question: str, upper: str, lower: str, id_above: bool) -> Callable:
    """An answer cell split in two, as the menu "Split Cell" leaves it: one half keeps the id."""

    def change(notebook, _):
        mine, theirs = (upper, lower) if id_above else (lower, upper)
        answer(notebook, question, mine)
        insert(notebook, question, theirs, after=id_above)

    return change


def _without_ids(notebook, _) -> None:
    for number, one in enumerate(notebook["cells"]):
        del one["id"]
        one["metadata"]["id"] = f"aBc{number}"
    notebook["nbformat_minor"] = 0


def _check_in_answer_cell(notebook, _) -> None:
    for number in range(1, 7):
        question = f"1.{number}"
        check = cell(notebook, question, "check")
        notebook["cells"].remove(check)
        answer(notebook, question, solution(question) + "\n\n\n" + "".join(check["source"]))


def _one_cell(notebook, _) -> None:
    sources = ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]
    notebook["cells"] = [code("\n\n\n".join(sources), "everything")]


def _checks_in_a_loop(notebook, _) -> None:
    names = ("describe", "class_counts", "majority_accuracy", "normalise", "stratified_split", "find_copies")
    pairs = ", ".join(f'("1.{number}", {name})' for number, name in enumerate(names, 1))
    loop = f"for number, made in [{pairs}]:\n    print(ex.check(number, made).outcome)"
    keep = [one for one in notebook["cells"] if not str(one.get("id")).endswith("-check") or "1-7" in one["id"]]
    notebook["cells"] = [*keep, code(loop, "all-checks")]


def _helper_below(notebook, _) -> None:
    """The helper stands below the answer and above its check."""
    answer(notebook, "1.2", USES_COUNT_ONE)
    insert(notebook, "1.2", HELPERS, after=True)


def _changes_an_object(notebook, _) -> None:
    """An added cell binds no name: it only changes an object that the answer reads."""
    insert(notebook, "1.1", "settings = {}")
    insert(notebook, "1.2", "settings['classes'] = 7")
    answer(notebook, "1.2", "def class_counts(labels):\n    return np.bincount(labels, minlength=settings['classes'])")


def _training_in_try(notebook, _) -> None:
    prepend(notebook, "1.3", "w = np.zeros(48 * 48)\nfor _ in range(50):\n    w -= 0.1 * w", "try")


def _stub_copy_below(notebook, _) -> None:
    insert(notebook, "1.2", "".join(cell(submissions.blank(), "1.2")["source"]), after=True, part="check")


_PARTS = (
    "def parts_of(members, share):\n    size = round(share * len(members))\n    return members[:size], members[size:]"
)
_SPLIT = """def stratified_split(labels, share, seed):
    rng = np.random.default_rng(seed)
    train, validation = [], []
    for label in np.unique(labels):
        v, t = parts_of(rng.permutation(np.flatnonzero(labels == label)), share)
        validation.append(v)
        train.append(t)
    return np.concatenate(train), np.concatenate(validation)"""
_DECORATED = "from functools import lru_cache\n\n\n@lru_cache\ndef seven():\n    return 7"
_CLASS = "class Counter7:\n    def __call__(self, labels):\n        return np.bincount(labels, minlength=7)"
_EXEC = 'exec("def class_counts(labels):\\n    return np.bincount(labels, minlength=7)")'
_TRY_IMPORT = "try:\n    import cupy as xp\nexcept ImportError:\n    import numpy as xp"

HABITS: dict[str, Callable] = {
    # magics
    "matplotlib_inline_above_an_answer": top("%matplotlib inline"),
    "matplotlib_inline_in_set_up": _in_set_up("%matplotlib inline"),
    "matplotlib_and_a_helper": using(
        USES_COUNT_ONE, before("%matplotlib inline\nimport matplotlib.pyplot as plt\n\n" + HELPERS)
    ),
    "pylab_without_names": top("%pylab --no-import-all inline"),
    "autosave": top("%autosave 60"),
    "clear": top("%clear"),
    "connect_info": top("%connect_info"),
    "store": top("%store"),
    "the_kernel_itself": top("get_ipython().kernel\nassert get_ipython().kernel.shell is get_ipython()"),
    "time_of_an_answer": top("%%time"),
    "time_of_a_helper": using(USES_COUNT_ONE, before("%%time\n" + HELPERS)),
    "time_without_ids": _both(top("%%time", "1.6"), _without_ids),
    "capture_of_a_helper": using(USES_COUNT_ONE, before("%%capture kept\n" + HELPERS + "print(3)")),
    "timeit": top("%timeit -n1 -r1 sum(range(9))"),
    "config": top("%config InlineBackend.figure_format = 'retina'"),
    "autoreload": top("%load_ext autoreload\n%autoreload 2"),
    "who_and_history": top("%who\n%history -n 1-2"),
    "shell_commands": top("!echo hello\nfiles = !ls\n%pwd"),
    "bash_cell": before("%%bash\necho hello"),
    "writefile_and_import": using(
        USES_COUNT_ONE, before("%%writefile counting.py\n" + HELPERS, "from counting import *")
    ),
    "env_and_lsmagic": top("%env SOME_VALUE=1\n%lsmagic"),
    "run_a_file_beside": using(USES_COUNT_ONE, _both(_file("more.py", HELPERS), before("%run more.py"))),
    "html_and_javascript": before("%%html\n<b>hello</b>", "%%javascript\nconsole.log(1)"),
    "question_mark": top("np.bincount?"),
    "macro_of_a_line": top("%precision 3"),
    # helpers and constants
    "constant_in_set_up": using(_USES_SEVEN, _in_set_up("SEVEN = 7")),
    "helper_in_set_up": using(USES_COUNT_ONE, _in_set_up(HELPERS)),
    "helper_in_try": using(USES_COUNT_ONE, _in_try(HELPERS)),
    "helper_in_a_check_cell": using(USES_COUNT_ONE, lambda notebook, _: prepend(notebook, "1.1", HELPERS, "check")),
    "helper_in_another_answer": using(USES_COUNT_ONE, top(HELPERS, "1.1")),
    "helper_below_the_answer": _helper_below,
    "helper_of_a_helper": using(USES_COUNT_ONE, before("def one(mask):\n    return int(mask.sum())", HELPERS)),
    "helper_file_beside": using(
        USES_COUNT_ONE, _both(_file("helpers.py", HELPERS), before("from helpers import count_one"))
    ),
    "package_beside": using(
        USES_COUNT_ONE,
        _both(_file("tools/__init__.py", ""), _file("tools/count.py", HELPERS), before("from tools.count import *")),
    ),
    "data_beside": using(
        _USES_SEVEN, _both(_file("classes.txt", "7"), before("SEVEN = int(open('classes.txt').read())"))
    ),
    "an_object_is_changed": _changes_an_object,
    "import_that_may_fail": using(
        "def class_counts(labels):\n    return xp.bincount(labels, minlength=7)", before(_TRY_IMPORT)
    ),
    "decorated_helper": using(
        "def class_counts(labels):\n    return np.bincount(labels, minlength=seven())", before(_DECORATED)
    ),
    "global_that_is_set_later": using(
        _USES_SEVEN, lambda notebook, _: insert(notebook, "1.2", "SEVEN = 7", after=True)
    ),
    # cells
    "split_with_the_id_above": _split("1.5", _PARTS, _SPLIT, True),
    "split_with_the_id_below": _split("1.5", _PARTS, _SPLIT, False),
    "split_off_a_constant": _split("1.2", "SEVEN = 7", _USES_SEVEN, True),
    "check_in_the_answer_cell": _check_in_answer_cell,
    "everything_in_one_cell": _one_cell,
    "checks_in_a_loop": _checks_in_a_loop,
    "stub_copied_below_the_check": _stub_copy_below,
    "training_in_a_try_cell": _training_in_try,
    "a_cell_that_fails": before("1 / 0"),
    # other ways to define an answer
    "answer_is_an_object": using(_CLASS + "\n\n\nclass_counts = Counter7()", lambda *_: None),
    "answer_is_a_lambda": using("class_counts = lambda labels: np.bincount(labels, minlength=7)", lambda *_: None),
    "answer_by_exec": using(_EXEC, lambda *_: None),
    "await_above_an_answer": top("import asyncio\nawait asyncio.sleep(0)"),
}
"""Name -> change(notebook, folder); 52 of them."""


def write(folder: Path, name: str) -> Path:
    """Write the notebook with that habit, and what lies beside it, into the learner's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    notebook = submissions.solved()
    HABITS[name](notebook, folder)
    return submissions.write(folder, notebook)


def in_kernel(path: Path, work: Path) -> dict[str, str]:
    """Question -> outcome after "Run all" in a real kernel, from the progress file that the checks write."""
    import shutil

    import nbclient
    import nbformat

    shutil.copytree(path.parent, work)
    before = dict(os.environ)
    os.environ.update(EMOTIONLAB_FAST="1", EMOTIONLAB_HEADLESS="1", EMOTIONLAB_DATA=str(work / "none"))
    try:
        notebook = nbformat.read(work / path.name, 4)
        nbclient.NotebookClient(notebook, allow_errors=True, resources={"metadata": {"path": str(work)}}).execute()
    finally:
        os.environ.clear()
        os.environ.update(before)
    progress = json.loads((work / ".emotionlab_progress.json").read_text(encoding="utf-8"))
    return {question: entry["outcome"] for question, entry in progress["01"].items()}
