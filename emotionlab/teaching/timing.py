"""Run a notebook on drawn faces, and say how long it took and how much memory its kernel needed."""

import contextlib
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

from emotionlab.teaching.notebook_runs import client_of, copied_beside, run_through
from emotionlab.teaching.site import running


@dataclass(frozen=True)
class Took:
    """What a notebook took: seconds on the clock, seconds of the processor, and the kernel's memory at its peak.

    others: the share of the machine's processors that other programs took meanwhile, 0 to 1.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    others: float = 0.0


def measure(
    path: Path, course: Path, limit: float, tell: Callable[[str], None] = lambda told: None, fast: bool = False
) -> Took:
    """Run a notebook that lies below `course`, on drawn faces, and say what it took.

    It runs in a copy of its folder, with an empty data folder. What a lesson showed is kept, so that `emotionlab site`
    need not run it again. limit: seconds for the whole notebook. tell: is given how far it is, such as "cell 3 of 20".
    fast: run it in fast mode instead of in full.
    Raises EmotionLabError where a cell fails or the limit is reached.
    """
    name = path.relative_to(course).as_posix()
    notebook = running.with_calls(nbformat.read(path, as_version=4))
    folder = Path(tempfile.mkdtemp(prefix="emotionlab_times_"))
    try:
        home = copied_beside(path, course, folder)
        ends = time.monotonic() + limit
        client = client_of(notebook, home, timeout_func=lambda cell: max(1, round(ends - time.monotonic())))
        client.on_cell_start = lambda cell, cell_index: tell(f"cell {cell_index} of {len(notebook.cells) - 2}")
        began, worked, before = time.monotonic(), *_processors()
        with _watched(client) as watch:
            run_through(client, name, folder, fast)
        seconds, (worked_since, passed) = time.monotonic() - began, _processors()
        if name.startswith("lessons/"):
            running.keep(path, course, notebook, folder, fast)
        others = (worked_since - worked - watch.cpu_seconds) / max(passed - before, 1)
        return Took(seconds, watch.cpu_seconds, watch.peak_bytes, min(max(others, 0.0), 1.0))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _processors() -> tuple[float, float]:
    """(seconds that the machine's processors have worked, seconds that have passed for them) since it was started."""
    import psutil

    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0)
    passed = times.user + times.system + idle + sum(getattr(times, name, 0) for name in ("nice", "irq", "softirq"))
    return passed - idle, passed


def together(memories) -> int:
    """Bytes that processes take together. What they share, such as TensorFlow's own code, counts once on Linux."""
    shared = [getattr(memory, "shared", 0) for memory in memories]
    return sum(memory.rss for memory in memories) - sum(shared) + max(shared)


class _Watch:
    """Looks three times a second at the memory of a kernel and of the processes below it."""

    def __init__(self, client):
        self.peak_bytes, self.cpu_seconds = 0, 0.0
        self._client, self._ended = client, threading.Event()

    def look_until_ended(self) -> None:
        import psutil

        while not self._ended.wait(0.3):
            pid = getattr(getattr(self._client.km, "provisioner", None), "pid", None)
            if pid is None:
                continue
            with contextlib.suppress(psutil.Error):  # it has just ended
                kernel = psutil.Process(pid)
                tree = [kernel, *kernel.children(recursive=True)]
                self.peak_bytes = max(self.peak_bytes, together([one.memory_info() for one in tree]))
                times = kernel.cpu_times()
                spent = (times.user, times.system, times.children_user, times.children_system)
                self.cpu_seconds = max(self.cpu_seconds, sum(spent))

    def end(self) -> None:
        self._ended.set()


@contextlib.contextmanager
def _watched(client):
    watch = _Watch(client)
    looking = threading.Thread(target=watch.look_until_ended, daemon=True)
    looking.start()
    try:
        yield watch
    finally:
        watch.end()
        looking.join()
