"""Run notebooks as a learner would, in a copy and without network."""

import os
import re
import shutil
import signal
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import nbformat

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.exercises.verdict import OUTCOMES

CELL_TIMEOUT = 600
"""Seconds that one cell may take."""


def run_problems(solutions: Path, exercises: Path, wanted: list[str]) -> list[str]:
    """Run every notebook of the wanted exercises: solutions must pass, exercises as handed out wait for an answer."""
    from tqdm import tqdm

    _nbclient()
    todo = [
        (path, word)
        for folder, word in ((solutions, "Passed"), (exercises, "Not attempted"))
        for path in _of(folder, wanted)
    ]
    found = []
    with tqdm(todo, unit="notebook", disable=None) as bar:
        for path, word in bar:
            bar.set_description(path.stem)
            problems = notebook_problems(path, word)
            bar.write(f"{'✘' if problems else '✔'} {path} {'fails' if problems else 'runs'}")
            found += problems
    return found


def _of(folder: Path, wanted: list[str]) -> list[Path]:
    return [path for path in sorted(folder.glob("*.ipynb")) if exercise_of_file(path.name) in wanted]


def notebook_problems(path: Path, word: str) -> list[str]:
    """What goes wrong when a notebook runs in a folder of its own; every check cell must say `word`."""
    try:
        notebook = execute(path)
    except EmotionLabError as problem:
        return [str(problem)]
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        errors = errors_of(cell)
        if errors:
            found.append(f"{path}, cell {cell.id}: {errors[0].ename}: {errors[0].evalue}")
        elif "check" in cell.metadata.get("tags", []) and _verdict(cell) != word:
            found.append(f"{path}, cell {cell.id}: the check must say {word!r}, it says {_verdict(cell)!r}")
    return found


def errors_of(cell) -> list:
    """The errors that a cell shows though its tags do not say that it fails."""
    if "raises-exception" in cell.metadata.get("tags", []):
        return []
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def execute(path: Path, cell_timeout: float = CELL_TIMEOUT) -> nbformat.NotebookNode:
    """The notebook with its outputs. The file is only read; what the cells write goes to a temporary folder.

    Raises EmotionLabError when nbclient is not installed, a cell never ends or the kernel dies.
    """
    nbclient = _nbclient()
    notebook = nbformat.read(path, as_version=4)
    folder = tempfile.mkdtemp(prefix="emotionlab_")
    client = client_of(notebook, Path(folder), timeout=cell_timeout, allow_errors=True)
    try:
        with _stoppable(client):
            client.execute(env=environment(Path(folder)))
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as error:
        reason = str(error).strip().split("\n")[0]
        raise EmotionLabError(
            f"{path} could not be run to its end ({reason}); run it in JupyterLab to see why."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return notebook


def _nbclient():
    try:
        import nbclient
    except ImportError as error:
        raise EmotionLabError("Running notebooks needs nbclient; run `uv sync`, or add --no-notebooks.") from error
    return nbclient


def client_of(notebook, home: Path, **options):
    """What runs a notebook's cells in a kernel that works in the folder `home`; options are nbclient's."""
    return _nbclient().NotebookClient(
        notebook,
        resources={"metadata": {"path": str(home)}},
        kernel_name="python3",
        # else each kernel warns of its local connection, and one that is ended in a cell says so at length
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        **options,
    )


def copied_beside(path: Path, course: Path, folder: Path) -> Path:
    """The folder of the notebook inside a copy of lessons/ or solutions/, so that what a cell writes stays apart."""
    part = path.relative_to(course).parts[0]
    shutil.copytree(course / part, folder / "course" / part, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return (folder / "course" / path.relative_to(course)).parent


@contextmanager
def _stoppable(client):
    """Inside, Ctrl-C ends the kernel and is KeyboardInterrupt, as ever.

    nbclient listens to signals itself: at Ctrl-C it ends the kernel, and its run then fails with whatever error the
    missing kernel leads to. Afterwards it leaves the signals as Python has them at the start.
    """
    in_front = threading.current_thread() is threading.main_thread()  # elsewhere no signal may be asked for
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)} if in_front else {}
    try:
        yield
    except Exception:
        if hasattr(client, "_async_cleanup_kernel_future"):
            raise KeyboardInterrupt from None
        raise
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def run_through(client, name: str, folder: Path, fast: bool) -> None:
    """Run every cell. Raises EmotionLabError at the first that fails: it names the notebook, the cell and the error.

    name: of the notebook, for the sentence. folder: where the kernel's data and runs go. fast: in fast mode or in full.
    """
    import nbclient

    try:
        with _stoppable(client):
            client.execute(env=reader_environment(folder, fast))
    except nbclient.exceptions.CellExecutionError as error:
        failed = next(cell for cell in client.nb.cells if errors_of(cell))
        reason = " ".join(error.evalue.split())  # what a library says may go over many lines
        raise EmotionLabError(
            f"Expected every cell of {name} to run, found {error.ename} in the cell {failed.id}: "
            f"{reason[:300].rstrip('.')}; run the notebook in JupyterLab and mend that cell."
        ) from None
    except (nbclient.exceptions.CellTimeoutError, nbclient.exceptions.DeadKernelError) as error:
        reason = str(error).strip().split("\n")[0]
        raise EmotionLabError(
            f"Expected {name} to run to its end, found: {reason.rstrip('.')}; run it in JupyterLab."
        ) from None


def reader_environment(folder: Path, fast: bool) -> dict[str, str]:
    """As for every run of a notebook, but with this very package, no window, and in full mode where not `fast`."""
    kept = {name: value for name, value in environment(folder).items() if not name.startswith("MPLBACKEND")}
    return kept | {
        "EMOTIONLAB_FAST": "1" if fast else "",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGE.parent), os.environ.get("PYTHONPATH")])),
    }


def environment(folder: Path) -> dict[str, str]:
    """This environment, with fast mode, no network, and folders of its own."""
    nowhere = "http://127.0.0.1:9"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EMOTIONLAB_")}
    return kept | {
        "EMOTIONLAB_FAST": "1",
        "EMOTIONLAB_HEADLESS": "1",
        "EMOTIONLAB_DATA": str(folder / "data"),
        "EMOTIONLAB_RUNS": str(folder / "runs"),
        "IPYTHONDIR": str(folder / "ipython"),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _verdict(cell: nbformat.NotebookNode) -> str:
    """The word of the verdict that a check cell shows, or what it shows instead."""
    shown = "\n".join(
        output.get("text", "") or "".join(output.get("data", {}).get("text/plain", "")) for output in cell.outputs
    )
    for symbol, word, _ in OUTCOMES.values():
        if re.search(rf"^{re.escape(symbol)} {re.escape(word)}: question", shown, flags=re.MULTILINE):
            return word
    return shown[:200]
