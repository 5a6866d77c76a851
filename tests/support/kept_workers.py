"""Workers of the grader that go on from one `grade` to the next, as they do from one submission to the next.

A worker that starts imports a kernel, looks for fonts and draws faces: seconds, in which nothing is tested.
"""

import contextlib
from collections.abc import Iterator

import pytest

from emotionlab.teaching.grading.run import Worker


class _Kept:
    """Stands where `grade` makes its workers and ends them: it hands out those that it was given back."""

    def __init__(self):
        self.idle: list[Worker] = []

    def __call__(self, fork: bool = True, hide: tuple = ()) -> Worker:
        worker = self.idle.pop() if self.idle and fork else Worker(fork)
        worker.hide = Worker(hide=hide).hide
        return worker

    def close(self, worker: Worker) -> None:
        """`grade` is done: what the worker was at has ended."""

    def stop(self, worker: Worker) -> None:
        """Keep it for the next."""
        self.idle.append(worker)


@contextlib.contextmanager
def kept_workers() -> Iterator[None]:
    """Inside this block every `grade` on this machine uses the same workers; they end with the block."""
    kept = _Kept()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("emotionlab.teaching.grading.grade.Worker", kept)
        yield
    for worker in kept.idle:
        worker.stop()
