"""Start the process that runs a learner's code, and end it with all that it started."""

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import psutil

from emotionlab.teaching.grading import isolation, learner
from emotionlab.teaching.grading.messages import Channel


@dataclass
class Started:
    """A process with a learner's code: its connection, what it prints, and how to interrupt, end and await it."""

    channel: Channel
    output: BinaryIO
    wait: Callable[[], int]
    kill: Callable[[], None]
    interrupt: Callable[[], None]


def can_fork(job: dict) -> bool:
    """True where the process can be a copy of this one, with everything imported."""
    return hasattr(os, "fork") and job["fork"]


def start(job: dict, grader: Channel) -> Started:
    """Start a process for the learner's code."""
    return _fork(grader) if can_fork(job) else _spawn()


def _fork(grader: Channel) -> Started:
    """A copy of this process, with its own session, that runs the learner's code."""
    ours, theirs = socket.socketpair()
    with contextlib.suppress(OSError):  # who asks without reading the answers stops nobody
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 2, 0))
    read_end, write_end = os.pipe()
    with contextlib.suppress(OSError):  # another user opens it too, as /dev/stdout
        os.fchown(write_end, isolation.OTHER, isolation.OTHER)
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(grader.reader.fileno()), os.close(grader.writer.fileno())
            os.close(read_end), ours.close()
            os.setsid()
            os.dup2(write_end, 1), os.dup2(write_end, 2), os.close(write_end)
            sys.stdout.reconfigure(line_buffering=True)
            learner.main(Channel(theirs.makefile("rb"), theirs.makefile("wb"), trusted=True))
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.__stderr__, flush=True)
        finally:
            os._exit(70)
    theirs.close(), os.close(write_end)
    channel = Channel(ours.makefile("rb"), ours.makefile("wb"))
    ours.close()  # the two files keep the connection open
    output = os.fdopen(read_end, "rb", buffering=0)
    return Started(channel, output, lambda: _reap(pid), lambda: _kill_all(pid), lambda: _interrupt(pid))


def _spawn() -> Started:
    """A new Python that runs the learner's code: everything is imported again."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emotionlab.teaching.grading.learner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=hasattr(os, "setsid"),
    )
    channel, pid = Channel(process.stdout, process.stdin), process.pid
    return Started(channel, process.stderr, process.wait, lambda: _kill_all(pid), lambda: _interrupt(pid))


def _interrupt(pid: int) -> None:
    """What Jupyter's "Interrupt" does. Windows has no such signal between processes: there the learner's side asks."""
    if os.name != "nt":
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGINT)


def _kill_all(pid: int) -> None:
    """End the process, its group, and whatever it left behind."""
    if os.getpid() == 1:  # in a process tree of our own: everything but this process
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        return
    for _ in range(20):
        below = psutil.Process().children(recursive=True)
        if not [process for process in below if process.status() != psutil.STATUS_ZOMBIE]:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        for process in below:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs([process for process in below if process.pid != pid], timeout=0.2)


def _reap(pid: int) -> int:
    """The exit code of the process (negative: the signal that ended it); its orphans are collected too."""
    _, status = os.waitpid(pid, 0)
    patience = time.monotonic() + 10
    with contextlib.suppress(ChildProcessError):  # raised when none is left
        while time.monotonic() < patience:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.01)
    return os.waitstatus_to_exitcode(status)
