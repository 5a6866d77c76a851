"""What Linux can put between a learner's process and everything else. Elsewhere these functions do nothing."""

import contextlib
import ctypes
import os
import signal
import sys

LINUX = sys.platform.startswith("linux")

# of <linux/prctl.h>, <linux/sched.h> and <linux/mount.h>
_DEATH_SIGNAL, _SUBREAPER = 1, 36
_NEW_MOUNTS, _NEW_IPC, _NEW_TREE = 0x20000, 0x8000000, 0x20000000
_PRIVATE, _RECURSIVE = 1 << 18, 1 << 14


def own_user_namespace() -> bool:
    """True inside a worker that `unshare` started."""
    return os.environ.get("EMOTIONLAB_GRADING_CUT_OFF") == "1"


def adopt_orphans() -> None:
    """Become the parent of every process below whose own parent has gone, to find it later."""
    _prctl(_SUBREAPER, 1)


def die_with_parent() -> None:
    """Be killed as soon as the process that started this one ends."""
    _prctl(_DEATH_SIGNAL, signal.SIGKILL)


def enter_own_tree() -> bool:
    """Go on as the first process of a new process tree: nothing below outlives this one, or can end it.

    False, in the same process, where that is not possible. What stays behind waits, and ends as this one does.
    """
    if not (LINUX and own_user_namespace()) or _libc().unshare(_NEW_TREE | _NEW_MOUNTS | _NEW_IPC):
        return False
    inner = os.fork()
    if inner:
        os._exit(0 if os.waitpid(inner, 0)[1] == 0 else 6)
    die_with_parent()
    _libc().mount(b"none", b"/", None, _PRIVATE | _RECURSIVE, None)
    if _libc().mount(b"proc", b"/proc", b"proc", 0, None):
        os._exit(7)  # without it, this process would look at the wrong processes
    return True


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _prctl(what: int, value: int) -> None:
    if LINUX:
        with contextlib.suppress(OSError, AttributeError):
            _libc().prctl(what, value, 0, 0, 0)
