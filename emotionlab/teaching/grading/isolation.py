"""What Linux can put between a learner's process and everything else. Elsewhere these functions do nothing.

Where `unshare` works (limits.py), each submission has a process tree of its own, sees all file systems read only
but one small one in memory, and runs without a single privilege; where another user can be had (two_users.py), as
that user. So it can neither fill the disk, nor change the teacher's files, nor look into the process that watches
it; the teacher's home, what was handed in and the report are hidden from it, and what only the teacher may read is
closed to it.
"""

import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from emotionlab.teaching.grading.two_users import OTHER

LINUX = sys.platform.startswith("linux")

# of <linux/prctl.h>, <linux/sched.h>, <linux/mount.h>, <linux/fcntl.h>, <linux/capability.h>, <asm-generic/unistd.h>
_DEATH_SIGNAL, _DUMPABLE, _DROP_CAPABILITY, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 4, 24, 36, 38
_NEW_MOUNTS, _NEW_IPC, _NEW_TREE = 0x20000, 0x8000000, 0x20000000
_PRIVATE, _RECURSIVE, _BIND, _NO_SET_UID, _NO_DEVICES = 1 << 18, 1 << 14, 1 << 12, 2, 4
_MOUNT_SET_ATTRIBUTES, _HERE, _ALL_BELOW, _READ_ONLY = 442, -100, 0x8000, 1
_CAPABILITIES_VERSION_3 = 0x20080522

_IN_MEMORY = ("/tmp", "/var/tmp", "/dev/shm")  # where programs write that were told no place
_SYSTEM = ("/usr", "/lib", "/bin", "/etc", "/proc", "/dev", "/sys")  # never hidden, nor what they lie in
_MOST_FILES = 100_000


def own_user_namespace() -> bool:
    """True inside a worker that `unshare` started."""
    return os.environ.get("EMOTIONLAB_GRADING_CUT_OFF") == "1"


def adopt_orphans() -> None:
    """Become the parent of every process below whose own parent has gone, to find it later."""
    _prctl(_SUBREAPER, 1)


def die_with_parent() -> None:
    """Be killed as soon as the process that started this one ends."""
    _prctl(_DEATH_SIGNAL, signal.SIGKILL)


def hide_memory(hidden: bool = True) -> None:
    """Let no process without privileges look into this one's memory, though it belongs to the same user."""
    _prctl(_DUMPABLE, 0 if hidden else 1)


def give_up_privileges(folder: str, needed: Sequence[str]) -> bool:
    """Drop every capability for good, here and in all that this process starts; set-uid programs give none back.

    Where that is possible, go on as a user that owns `folder` and nothing else: then True.
    """
    if not LINUX:
        return False
    for number in range(64):
        _prctl(_DROP_CAPABILITY, number)
    another = _become_another(folder, needed)
    _prctl(_NO_NEW_PRIVILEGES, 1)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    with contextlib.suppress(AttributeError):
        _libc().capset(header, (ctypes.c_uint32 * 6)())
    return another


def _become_another(folder: str, needed: Sequence[str]) -> bool:
    """Go on as the user OTHER, who gets `folder`. False, unchanged, where there is none or it cannot read `needed`."""
    user, group, groups = os.geteuid(), os.getegid(), os.getgroups()
    try:
        os.setgroups([])
        os.setegid(OTHER), os.seteuid(OTHER)  # for now: the way back is open
        readable = all(_can_read(path) for path in needed)
        os.seteuid(user)
        if readable:
            _hand_over(folder)
            os.setresgid(OTHER, OTHER, OTHER), os.setresuid(OTHER, OTHER, OTHER)
            return True
    except OSError:
        os.seteuid(user)
    with contextlib.suppress(OSError):
        os.setegid(group), os.setgroups(groups)
    return False


def _can_read(path: str) -> bool:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        return False
    return True


def _hand_over(folder: str) -> None:
    """Give a folder and all below it to OTHER, but for the files beside the notebook, of which it has a copy."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if (here, name) != (folder, "beside")]
        for path in (here, *(os.path.join(here, name) for name in names)):
            os.chown(path, OTHER, OTHER, follow_symlinks=False)


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


def close_the_disk(folder: str, size: int, keep: list[str], hide: Sequence[str] = ()) -> bool:
    """In a tree of its own: everything read only, and `size` bytes in memory for `folder` and other temporary files.

    folder: where the submission works; it is made again, empty but for `beside`. hide: folders that look empty,
    and so do those that are closed to others. keep: folders that stay visible, read only, though they lie in one
    of these or among the temporary files. False where the system allows only part of it.
    """
    keep = [path for path in keep if os.path.isdir(path)]
    keep = sorted({*keep, *map(os.path.realpath, keep)})
    closed = [above for path in keep if (above := _closed_above(path))]
    hidden = [os.path.realpath(place) for place in [*hide, *closed] if os.path.isdir(place)]
    hidden = [place for place in hidden if not any(_is_below(other, place) for other in _SYSTEM)]
    within = [place for place in hidden if _only_within(place, keep)]
    hidden = [place for place in hidden if not any(_is_below(place, path) for path in keep)]
    places = [place for place in _IN_MEMORY if os.path.isdir(place) and not os.path.islink(place)]
    places = _outermost([*places, os.path.dirname(os.path.realpath(folder)), *hidden])
    keep = [path for path in [*keep, os.path.join(folder, "beside")] if any(_is_below(path, p) for p in places)]
    opened = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in keep if os.path.isdir(path)]
    with contextlib.suppress(OSError):  # nobody below may make a user namespace, and be its root
        Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")
    os.umask(0o022)
    holds = in_memory = _read_only("/") and _mount_in_memory(places, size)
    for path, number in opened:
        os.makedirs(path, exist_ok=True)
        holds = not _mount(f"/proc/self/fd/{number}", path, None, _BIND) and _read_only(path) and holds
        os.close(number)
    os.makedirs(folder, exist_ok=True)
    is_hidden = in_memory and _empty(within, os.path.join(places[0], ".nothing"))  # whatever else does not hold
    return holds and is_hidden


def _only_within(place: str, keep: Sequence[str]) -> bool:
    """True for a folder inside one that stays visible, in which itself nothing has to."""
    return any(_is_below(place, path) for path in keep) and not any(_is_below(path, place) for path in keep)


def _empty(places: list[str], nothing: str) -> bool:
    """Show the empty folder `nothing`, which is made, at each of these places."""
    os.mkdir(nothing, 0o555)
    return all([not _mount(nothing, place, None, _BIND) for place in places])


def _closed_above(path: str) -> str:
    """The outermost folder above `path` that only its owner can enter, "" where there is none."""
    above = [str(folder) for folder in reversed(Path(path).parents)][1:]
    return next((folder for folder in above if not os.stat(folder).st_mode & 0o001), "")


def _outermost(folders: Sequence[str]) -> list[str]:
    """Each folder once, without those that lie in another."""
    folders = sorted(set(folders))
    return [one for one in folders if not any(one != other and _is_below(one, other) for other in folders)]


def _mount_in_memory(places: list[str], size: int) -> bool:
    """One small file system in memory, seen at all these places: so its size is the size of all together."""
    first, *others = places
    options = f"size={size},nr_inodes={_MOST_FILES},mode=1777".encode()
    if _libc().mount(b"none", os.fsencode(first), b"tmpfs", _NO_SET_UID | _NO_DEVICES, options):
        return False
    holds = True
    for number, place in enumerate(others):
        inside = os.path.join(first, f".other-{number}")
        os.mkdir(inside)
        os.chmod(inside, 0o1777)
        holds = not _mount(inside, place, None, _BIND) and holds
    return holds


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(place.rstrip("/") + "/")


def _mount(source: str, target: str, kind: bytes | None, flags: int) -> int:
    return _libc().mount(os.fsencode(source), os.fsencode(target), kind, flags, None)


def _read_only(path: str) -> bool:
    """Make what is mounted at and below `path` read only (mount_setattr, Linux 5.12)."""
    attributes = (ctypes.c_uint64 * 4)(_READ_ONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    number, here, below = ctypes.c_long(_MOUNT_SET_ATTRIBUTES), ctypes.c_int(_HERE), ctypes.c_uint(_ALL_BELOW)
    return _libc().syscall(number, here, os.fsencode(path), below, ctypes.byref(attributes), size) == 0


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _prctl(what: int, value: int) -> None:
    if LINUX:
        with contextlib.suppress(OSError, AttributeError):
            _libc().prctl(what, value, 0, 0, 0)
