"""A worker: imports what an exercise needs once, then starts a process for each submission and watches it.

Where the system can fork, that process is a copy of this one, so Keras is imported once for a whole
class; elsewhere it is started afresh. Each has a process group, a folder and limits of its own. The
worker holds the tokens, checks the signature of each record, and passes records on to the grader.
"""

import contextlib
import hashlib
import hmac
import importlib
import os
import queue
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import psutil

from emotionlab.teaching.grading import learner, limits
from emotionlab.teaching.grading.messages import Channel, Garbled

LOOK_EVERY = 0.2
"""Seconds between two looks at memory and processes."""

_FLOOD = 64 * 2**20  # bytes of printed output after which a submission is stopped


@dataclass
class Started:
    """A process with a learner's code: its connection, what it prints, and how to wait for its end."""

    channel: Channel
    output: BinaryIO
    wait: Callable[[], int]
    kill: Callable[[], None]


def main() -> None:
    """Serve jobs from standard input until it ends."""
    channel = _private_channel()
    limits.adopt_orphans()
    while (message := channel.receive()) is not None:
        fields, _ = message
        if fields["kind"] == "prepare":
            for module in fields["modules"]:
                importlib.import_module(module)
            channel.send("ready")
        elif not supervise(fields, channel):
            os._exit(3)  # something of the learner's cannot be ended: the grader starts a new worker


def _private_channel() -> Channel:
    """Keep standard input and output for the grader; nothing that is imported may write there."""
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return channel


# ------------------------------------------------------------------------------------- supervision


def supervise(job: dict, grader: Channel) -> bool:
    """Run one job to its end, whichever that is, and report it. False when something is left over."""
    fork = hasattr(os, "fork") and job["fork"]
    started = _fork(grader) if fork else _spawn()
    messages: queue.Queue = queue.Queue()
    printed = Printed(job["limits"]["output"])
    threads = [
        threading.Thread(target=_listen, args=(started.channel, messages), daemon=True),
        threading.Thread(target=printed.read, args=(started.output,), daemon=True),
    ]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    with contextlib.suppress(OSError):
        started.channel.send("job", **{name: value for name, value in job.items() if name != "kind"})
    ended = _follow(started.channel, messages, grader, job, begin + job["limits"]["seconds"], printed)
    started.kill()
    code = started.wait()
    for thread in threads:
        thread.join(timeout=5)
    clean = not any(thread.is_alive() for thread in threads)
    if clean:
        started.channel.close()
    seconds = time.monotonic() - begin
    grader.send("end", ended=ended, code=code, output=printed.text(), seconds=seconds)
    return clean


def _follow(channel: Channel, messages: queue.Queue, grader: Channel, job: dict, deadline: float, printed) -> str:
    """Pass messages on until the end: "finished", "left", "time", "memory", "processes", "output" or "garbled"."""
    tokens: dict[str, bytes] = {}
    next_look = 0.0
    while True:
        try:
            message = messages.get(timeout=LOOK_EVERY / 4)
        except queue.Empty:
            message = ()
        now = time.monotonic()
        if message is None:
            return "left"
        if message == "garbled":
            return "garbled"
        if message:
            fields, payload = message
            if fields["kind"] == "done":
                return "finished"
            _answer(fields, payload, channel, grader, tokens, job["seed"])
        if now > deadline:
            return "time"
        if printed.size > _FLOOD:
            return "output"
        if now > next_look:
            next_look = now + LOOK_EVERY
            if too_much := over_the_limit(job["limits"]):
                return too_much


def _answer(fields: dict, payload: bytes, channel: Channel, grader: Channel, tokens: dict, seed: int) -> None:
    """Give a token once a question; pass a record on only with the signature of its token."""
    question = fields.get("question")
    if not isinstance(question, str):
        return
    if fields["kind"] == "ask" and question not in tokens:
        tokens[question] = secrets.token_bytes(32)
        with contextlib.suppress(OSError):
            channel.send("token", tokens[question], seed=seed)
    elif fields["kind"] == "observed":
        token = tokens.get(question, b"")
        expected = hmac.new(token, payload, hashlib.sha256).hexdigest()
        if token and hmac.compare_digest(expected, str(fields.get("signature"))):
            tokens[question] = b""  # good for one record
            grader.send("observed", payload, question=question, seconds=_number(fields.get("seconds")))
    elif fields["kind"] in ("starting", "ran"):
        error = fields.get("error")
        step = str(fields.get("step"))[:80]
        grader.send(fields["kind"], question=question, step=step, error=error if isinstance(error, dict) else None)
        if fields["kind"] == "starting":
            with contextlib.suppress(OSError):
                channel.send("go")


def _number(value) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e6 else 0.0


def _listen(channel: Channel, messages: queue.Queue) -> None:
    try:
        while (message := channel.receive()) is not None:
            messages.put(message)
    except (Garbled, RecursionError):
        messages.put("garbled")
    messages.put(None)


class Printed:
    """Reads all that a process prints and keeps the beginning."""

    def __init__(self, keep: int):
        self.keep, self.size, self._kept = keep, 0, b""

    def read(self, file: BinaryIO) -> None:
        """Read to the end of `file`."""
        with contextlib.suppress(OSError, ValueError):
            while part := os.read(file.fileno(), 65536):
                self.size += len(part)
                self._kept += part[: max(0, 4 * self.keep - len(self._kept))]

    def text(self) -> str:
        """The first characters, and how much was left out."""
        text = self._kept.decode("utf-8", "replace")
        if self.size <= 4 * self.keep and len(text) <= self.keep:
            return text
        return f"{text[: self.keep]}\n[cut off: {self.size:,} bytes were printed in all]"


def over_the_limit(allowed: dict) -> str:
    """ "processes" or "memory" when all processes below this one have too many or too much, else ""."""
    below = psutil.Process().children(recursive=True)
    if len(below) > allowed["processes"]:
        return "processes"
    memory = 0
    for process in below:
        with contextlib.suppress(psutil.Error):
            memory += process.memory_info().rss
    return "memory" if memory > allowed["memory"] else ""


# ------------------------------------------------------------------------------ starting and ending


def _fork(grader: Channel) -> Started:
    """A copy of this process, with its own session, that runs the learner's code."""
    ours, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(grader.reader.fileno()), os.close(grader.writer.fileno())
            os.close(read_end), ours.close()
            os.setsid()
            os.dup2(write_end, 1), os.dup2(write_end, 2), os.close(write_end)
            sys.stdout.reconfigure(line_buffering=True)
            learner.main(Channel(theirs.makefile("rb"), theirs.makefile("wb")))
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(70)
    theirs.close(), os.close(write_end)
    channel = Channel(ours.makefile("rb"), ours.makefile("wb"))
    ours.close()  # the two files keep the connection open
    output = os.fdopen(read_end, "rb", buffering=0)
    return Started(channel, output, lambda: _reap(pid), lambda: _kill_all(pid))


def _spawn() -> Started:
    """A new Python that runs the learner's code: everything is imported again."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emotionlab.teaching.grading.learner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=hasattr(os, "setsid"),
    )
    channel = Channel(process.stdout, process.stdin)
    return Started(channel, process.stderr, process.wait, lambda: _kill_all(process.pid))


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


if __name__ == "__main__":
    main()
