"""A small cluster for tests of `emotionlab grade --scheduler`: worker processes on loopback, and one that is killed."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def on_loopback(workers: int = 2, **options) -> Iterator:
    """A LocalCluster of worker processes with one thread each, at free ports; skipped without Dask."""
    distributed = pytest.importorskip("distributed", reason="Dask: uv sync --group cluster")
    options = {"dashboard_address": "127.0.0.1:0", "memory_limit": 0, "host": "127.0.0.1", **options}
    with distributed.LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, **options) as cluster:
        yield cluster


def processes(cluster) -> dict[str, int]:
    """Worker -> the number of its process."""
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        return client.run(os.getpid)


@contextlib.contextmanager
def one_is_killed(cluster, out: Path, after: int) -> Iterator[list[int]]:
    """Kill one worker process as soon as `after` results lie in the report; yields whom it met."""
    victim, met, over = next(iter(processes(cluster).values())), [], threading.Event()

    def watch():
        while not over.is_set():
            if len(list((out / "results").glob("*.json"))) >= after:
                os.kill(victim, signal.SIGKILL)
                met.append(victim)
                return
            time.sleep(0.02)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield met
    finally:
        over.set()
        thread.join()


def without_times(results) -> list[dict]:
    """What two reports have to agree in: all but how long things took."""
    rows = []
    for result in results:
        row = vars(result) | {"seconds": 0}
        row["questions"] = [question | {"seconds": 0} for question in result.questions]
        rows.append(row)
    return rows
