"""What may come in a zip from anywhere: how its members are packed, and the arrays of an .npz, which is a zip too."""

import errno
import lzma
import struct
import tokenize
import zipfile
import zlib

import numpy as np

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    SyntaxError,  # these two: where NumPy describes an array stands something else
    tokenize.TokenError,
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    MemoryError,
    RuntimeError,  # a password, or a way of packing that Python does not know
)
"""What Python's own readers raise for an archive that is damaged or made to harm."""

_LARGEST = 4 * 2**30  # bytes of all arrays of an .npz; those of the course have some hundred million
_WAYS = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA"}
_START = b"\x93NUMPY"


def is_damage(problem: OSError) -> bool:
    """Whether the archive is at fault, not the computer: unpackers give no number, a wrong place in it gives EINVAL."""
    return problem.errno in (None, errno.EINVAL)


def oddly_packed(archive: zipfile.ZipFile) -> str:
    """How the first member is packed that is neither stored nor deflated, such as "x.txt with bzip2"; "" for none.

    Python unpacks the other ways whole, whatever size the archive names: a few bytes could fill the memory.
    """
    for member in archive.infolist():
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return f"{member.filename!r} with {_WAYS.get(member.compress_type, f'method {member.compress_type}')}"
    return ""


def load_arrays(file, at_most: int = _LARGEST) -> dict[str, np.ndarray]:
    """All arrays of an .npz file, which is a path or open. at_most: bytes of all of them.

    Raises OSError where it cannot be read, and ValueError where it is no .npz, damaged or made to fill the memory.
    """
    try:
        with np.load(file, allow_pickle=False) as arrays:
            _check(arrays.zip, at_most)
            return {name: arrays[name] for name in arrays.files}
    except (OSError, *DAMAGED) as problem:
        if isinstance(problem, OSError) and not is_damage(problem):
            raise
        raise ValueError(f"no arrays that can be read ({str(problem) or type(problem).__name__})") from problem


def _check(archive: zipfile.ZipFile, at_most: int) -> None:
    if odd := oddly_packed(archive):
        raise ValueError(f"packed otherwise than NumPy packs: {odd}")
    size = sum(member.file_size for member in archive.infolist())
    if size > at_most:
        raise ValueError(f"more than {at_most:,} bytes")
    for member in archive.infolist():
        with archive.open(member) as content:  # NumPy would read anything else whole, whatever its size
            if content.read(len(_START)) != _START:
                raise ValueError(f"{member.filename!r} is no array")
