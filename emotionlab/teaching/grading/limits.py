"""The limits a learner's code runs under, and which of them this system can hold.

Everywhere: a wall-clock limit, and a limit on the memory and the number of its processes, looked at
five times a second. Linux and macOS add `setrlimit`. Linux adds, where an ordinary user may make
namespaces (`unshare`): no network at all, a process tree of its own, from which nothing escapes, and
a small file system in memory as the only place to write (isolation.py).
"""

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass

import psutil

from emotionlab.base.files import PACKAGE
from emotionlab.teaching.grading import isolation, two_users

try:
    import resource
except ImportError:  # Windows
    resource = None

_CUT_OFF = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
_UNSHARE = (
    (sys.executable, "-I", two_users.__file__, *_CUT_OFF),
    ("unshare", "--user", "--map-root-user", *_CUT_OFF[1:]),
    ("unshare", "--user", "--map-root-user", "--net"),
)


@dataclass(frozen=True)
class Limits:
    """seconds: wall clock of an answer's cell, and of a look at the answer. output: characters kept of what is printed.

    memory, file_size (one file), disk (all files together, where the system can hold that): bytes.
    """

    seconds: float = 120
    memory: int = 4 * 2**30
    processes: int = 64
    file_size: int = 256 * 2**20
    disk: int = 2**30
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


def closes_disk() -> bool:
    """True where a learner's code can write nothing but a small file system of its own."""
    return "closed" in _tried()


def another_user() -> bool:
    """True where a learner's code runs as a user that cannot read what only the teacher may read."""
    return "another" in _tried()


@functools.cache
def _tried() -> tuple[str, ...]:
    """What a process can do before a learner's first line: close the disk, become another user."""
    if not sys.platform.startswith("linux"):
        return ()
    folder = tempfile.mkdtemp(prefix="emotionlab-probe-")
    look = f"""
from emotionlab.teaching.grading import isolation, limits
size, keep, hide = 2**20, limits.kept(), [{os.path.expanduser("~")!r}]
if isolation.enter_own_tree() and isolation.close_the_disk({folder!r}, size, keep, hide):
    print("closed")
if isolation.give_up_privileges({folder!r}, limits.needed()):
    print("another")
"""
    cut_off = "1" if own_process_tree() else "0"
    environment = {**os.environ, "EMOTIONLAB_GRADING_CUT_OFF": cut_off, "PYTHONPATH": str(PACKAGE.parent)}
    try:
        command = [*namespaces(), sys.executable, "-c", look]
        done = subprocess.run(command, capture_output=True, timeout=60, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(done.stdout.decode("utf-8", "replace").split())


def kept() -> list[str]:
    """Folders that a learner's code needs though they may lie in the teacher's home: the package, Python, libraries."""
    return [str(PACKAGE.parent), sys.prefix, sys.base_prefix, *filter(os.path.isdir, filter(None, sys.path))]


def needed() -> list[str]:
    """What a user has to be able to read, to go on where this process is."""
    return [*kept(), sys.executable, os.__file__, __file__]


def describe_limits(limits: Limits) -> str:
    """One line for the teacher: what holds here and what does not."""
    network = "no network" if cuts_network() else "the network is NOT cut (no `unshare` for this user)"
    closed = closes_disk()
    disk = "" if closed else "; the disk is limited by file alone, and files can be changed (no mounts for this user)"
    as_whom = "as you, without privileges" if sys.platform.startswith("linux") else "as you"
    as_whom = "as another user, without privileges" if another_user() else as_whom
    gigabytes = limits.memory / 2**30
    each = f"{limits.seconds:g} s, {gigabytes:g} GB, {limits.processes} processes for each submission"
    if closed:
        each += f", {limits.disk / 2**30:g} GB of files in memory, all others read only"
    return f"{each}; {network}{disk}; {as_whom}"


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
    memory = unmapped_memory([process.pid for process in below])
    for process in below:
        with contextlib.suppress(psutil.Error):
            memory += process.memory_info().rss
    return "memory" if memory > allowed["memory"] else ""


def unmapped_memory(processes: list[int]) -> int:
    """On Linux, bytes in memory files (memfd) and System V segments, which belong to no process's memory."""
    sizes: dict[tuple, int] = {}
    for process in processes:
        folder = f"/proc/{process}/fd"
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                _add_memory_file(f"{folder}/{name}", sizes)
        with contextlib.suppress(OSError):
            _add_mapped_files(f"/proc/{process}/maps", sizes)
    return sum(sizes.values()) + (_segments() if isolation.own_user_namespace() else 0)


def _add_memory_file(path: str, sizes: dict[tuple, int]) -> None:
    with contextlib.suppress(OSError):
        if os.readlink(path).startswith("/memfd:"):
            found = os.stat(path)
            sizes[os.major(found.st_dev), os.minor(found.st_dev), found.st_ino] = 512 * found.st_blocks


def _add_mapped_files(path: str, sizes: dict[tuple, int]) -> None:
    """Memory files that are closed but mapped; what was written to them cannot be asked, so their whole length."""
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if " /memfd:" in line:
                places, _, _, device, number = line.split()[:5]
                begin, end = (int(place, 16) for place in places.split("-"))
                major, minor = (int(part, 16) for part in device.split(":"))
                sizes.setdefault((major, minor, int(number)), end - begin)


def _segments() -> int:
    """Bytes of all System V segments; in an IPC namespace of its own these are the learner's."""
    with contextlib.suppress(OSError, ValueError), open("/proc/sysvipc/shm", encoding="ascii") as lines:
        head, *rows = (line.split() for line in lines)
        return sum(int(row[head.index("rss")]) + int(row[head.index("swap")]) for row in rows)
    return 0
