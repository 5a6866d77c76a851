"""The grader's end of a worker: start the process, have it prepare, hand out jobs, and end it."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE
from emotionlab.exercises import module_name
from emotionlab.teaching.grading import folders
from emotionlab.teaching.grading.assemble import Master
from emotionlab.teaching.grading.limits import Limits, namespaces
from emotionlab.teaching.grading.messages import Channel, Garbled

_STARTING = 300  # seconds a worker may take to import Keras on a busy machine
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "SYSTEMDRIVE", "PATHEXT", "KERAS_BACKEND", "LD_LIBRARY_PATH")


class WorkerFailed(EmotionLabError):
    """A worker could not start: no submission's fault."""


class Worker:
    """A process that runs submissions, one at a time. It starts when first needed. Use it in a `with` block.

    hide: folders that look empty to a submission, besides the teacher's home, where the system can do that.
    """

    def __init__(self, fork: bool = True, cut_off: bool = True, hide: Sequence[str | Path] = ()):
        self.fork, self.cut_off = fork, cut_off
        self.hide = [os.path.expanduser("~"), *map(os.path.abspath, hide)]
        self.process = None
        self.closed = False
        self._imported: set[str] = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def prepare(self, modules: list[str], faces: list[int]) -> None:
        """Start the process unless it runs; let it import what is not imported yet and draw data sets of these sizes.

        Raises EmotionLabError.
        """
        if self.closed:
            raise WorkerFailed("Expected an open worker, found a closed one; grade again.")
        if self.process is None or self.process.poll() is not None:
            self.stop()
            self._start()
        new = [module for module in modules if module not in self._imported]
        if not (new and self.fork):
            return
        with self._patience(_STARTING):
            answer = self._ask("prepare", modules=new, faces=faces)
        if answer is None:
            words = Path(self.home, "log").read_text(encoding="utf-8", errors="replace").strip().split("\n")[-1]
            self.stop()
            raise WorkerFailed(
                f"Expected a worker process to start, found that it ended ({words[:200]}); run `emotionlab doctor`."
            )
        self._imported |= set(new)

    def _start(self) -> None:
        self._imported = set()
        folders.sweep()
        self.home = folders.make()
        prefix = namespaces() if self.cut_off else ()
        with open(os.path.join(self.home, "log"), "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, sys.executable, "-m", "emotionlab.teaching.grading.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(self.home, bool(prefix)),
                cwd=self.home,
                start_new_session=True,
            )
        self.channel = Channel(self.process.stdout, self.process.stdin)

    def _ask(self, kind: str, **fields):
        with contextlib.suppress(OSError, Garbled):
            self.channel.send(kind, **fields)
            return self.channel.receive()
        return None

    def run(self, job: dict, limits: Limits):
        """Yield (fields, payload) for each message of one job; the last has the kind "end". `prepare` first."""
        with self._patience(job["budget"] + 60), contextlib.suppress(OSError, Garbled):
            self.channel.send("job", fork=self.fork, limits=limits.to_dict(), hide=self.hide, **job)
            while (message := self.channel.receive()) is not None:
                yield message
                if message[0]["kind"] == "end":
                    return
        self.stop()
        yield {"kind": "end", "ended": "lost", "code": 0, "output": "", "seconds": 0.0}, b""

    @contextlib.contextmanager
    def _patience(self, seconds: float):
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def kill(self) -> None:
        """End the process and its group at once."""
        if self.process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self.process.kill()

    def close(self) -> None:
        """End the process at once, and start none again."""
        self.closed = True
        self.kill()

    def stop(self) -> None:
        """End the process, if there is one, and remove its folder."""
        if self.process is None:
            return
        self.kill()
        self.process.wait()
        self.channel.close()
        self.process = None
        folders.remove(self.home)


def modules_of(number: str, cells: list[dict]) -> list[str]:
    """What a submission imports, to be imported once for all that follow. Not `emotionlab.base.backend`: it starts
    TensorFlow's threads, and a process with threads must not be forked."""
    modules = ["emotionlab.teaching.grading.kernel", module_name(number)]
    if any("keras" in cell["source"] for cell in cells):
        modules.append("keras")
    return modules


def drawn_sizes(master: Master) -> list[int]:
    """Sizes, in fast mode, of the drawn data sets that the exercise's own set-up loads."""
    return [int(size) for size in re.findall(r"load_faces\(.*subset\(\d+, (\d+)\)", master.set_up())]


def _environment(home: str, cut_off: bool) -> dict[str, str]:
    """A small environment: no keys or tokens of the teacher, no graphics card, fast mode."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = {name: home for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "MPLCONFIGDIR", "IPYTHONDIR")}
    return {
        **kept,
        **places,
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "EMOTIONLAB_FAST": "1",
        "EMOTIONLAB_HEADLESS": "1",
        "EMOTIONLAB_DATA": os.path.join(home, "data"),
        "EMOTIONLAB_GRADING_CUT_OFF": "1" if cut_off else "0",
    }
