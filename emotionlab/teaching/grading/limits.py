"""The limits a learner's code runs under, and which of them this system can hold.

Everywhere: a wall-clock limit, and a limit on the memory and the number of its processes, looked at
five times a second. Linux and macOS add `setrlimit`. Linux adds, where an ordinary user may make
namespaces (`unshare`): no network at all, and a process tree of its own, from which nothing escapes.
"""

import contextlib
import functools
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass

import psutil

from emotionlab.teaching.grading import isolation

try:
    import resource
except ImportError:  # Windows
    resource = None

_UNSHARE = (
    ("unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
    ("unshare", "--user", "--map-root-user", "--net"),
)


@dataclass(frozen=True)
class Limits:
    """seconds: wall clock of an answer's cell, and of a look at the answer. memory, file_size: bytes.
    output: characters kept of what is printed."""

    seconds: float = 120
    memory: int = 4 * 2**30
    processes: int = 64
    file_size: int = 256 * 2**20
    output: int = 10_000

    @property
    def total(self) -> float:
        """Seconds of a whole submission, all its starts together."""
        return 4 * self.seconds

    def to_dict(self) -> dict:
        """The fields as plain JSON values."""
        return asdict(self)


@functools.cache
def namespaces() -> tuple[str, ...]:
    """The start of a command line that cuts a process off, () where this system allows none."""
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return ()
    return next((command for command in _UNSHARE if _works(command)), ())


def _works(command: tuple[str, ...]) -> bool:
    look = "import os; os.listdir('/proc/self'); print('alive')"
    try:
        done = subprocess.run([*command, sys.executable, "-c", look], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout.strip() == b"alive"


def cuts_network() -> bool:
    """True where a learner's code has no network while it is graded."""
    return bool(namespaces())


def own_process_tree() -> bool:
    """True where no process that a learner's code starts can outlive it, whatever it does."""
    return "--pid" in namespaces()


def describe_limits(limits: Limits) -> str:
    """One line for the teacher: what holds here and what does not."""
    network = "no network" if cuts_network() else "the network is NOT cut (no `unshare` for this user)"
    gigabytes = limits.memory / 2**30
    each = f"{limits.seconds:g} s, {gigabytes:g} GB, {limits.processes} processes for each submission"
    return f"{each}; {network}"


def apply(limits: Limits) -> None:
    """Put the limits on this process and all that it starts, as far as the system knows them."""
    if resource is None:
        return
    cpu = int(2 * limits.total) + 1
    _limit("RLIMIT_CPU", cpu, cpu + 5)
    _limit("RLIMIT_DATA", 2 * limits.memory)  # counts what is asked for; the worker watches what is used
    _limit("RLIMIT_FSIZE", limits.file_size)
    _limit("RLIMIT_CORE", 0)
    if isolation.own_user_namespace():  # elsewhere the limit counts every process of the teacher
        _limit("RLIMIT_NPROC", 32 * limits.processes)  # threads count too: the exact limit is watched


def _limit(name: str, soft: int, hard: int | None = None) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(kind, (soft, soft if hard is None else hard))


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
