"""Locks between programs on one computer. Windows has no such locks, nor has every file system: nobody waits there."""

try:
    import fcntl
except ImportError:
    fcntl = None


def lock(handle: int, wait: bool) -> bool:
    """Lock an open file or folder until it is closed; False where another program holds it and `wait` is False."""
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True
