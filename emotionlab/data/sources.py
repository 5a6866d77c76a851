"""A place that files come from: a folder, a zip or a tar, all seen as named files to read.

Nothing is ever unpacked to the disk. Names and sizes are checked before a byte is read, so that a
hostile archive (a path that climbs out, a link, a bomb) is refused and not worked round.
"""

import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from emotionlab.base.errors import DataError

MAX_FILES = 200_000
MAX_BYTES = 2_000_000_000
MAX_PICTURE_BYTES = 1_000_000
MAX_CSV_BYTES = 600_000_000  # fer2013.csv takes 301 MB
_MAX_DEPTH = 6
_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Source:
    """Named files. `names` are relative, with forward slashes; `open` gives a binary file."""

    path: Path
    names: tuple[str, ...]
    open: Callable[[str], BinaryIO]

    def read(self, name: str) -> bytes:
        """The bytes of a small file; DataError where it is larger than a picture may be."""
        with self.open(name) as file:
            content = file.read(MAX_PICTURE_BYTES + 1)
        if len(content) > MAX_PICTURE_BYTES:
            raise _too_large(self.path, name, MAX_PICTURE_BYTES)
        return content


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a folder, a zip or a tar; DataError where it is none of them, damaged or unsafe."""
    try:
        if path.is_dir():
            yield _folder(path)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield Source(path, _zip_names(path, archive), archive.open)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                yield Source(path, _tar_names(path, archive), archive.extractfile)
        else:
            raise DataError(_not_an_archive(path))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise DataError(
            f"Expected a whole archive, found a damaged or cut-short one at {path}; download it again."
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise DataError(
            f"Expected a plain archive, found one at {path} that cannot be opened ({error}); "
            "download the original again."
        ) from error


def _folder(path: Path) -> Source:
    names = []
    for folder, inner, files in os.walk(path):
        inner[:] = sorted(name for name in inner if not _is_junk(name))
        here = Path(folder).relative_to(path)
        if len(here.parts) >= _MAX_DEPTH:
            inner.clear()
        names += [(here / name).as_posix() for name in sorted(files) if not _is_junk(name)]
        _check_count(path, len(names))
    return Source(path, tuple(names), lambda name: open(path / name, "rb"))


def _zip_names(path: Path, archive: zipfile.ZipFile) -> tuple[str, ...]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    _check_count(path, len(members))
    for member in members:
        # ZipInfo turns backslashes into slashes on Windows only; orig_filename is what the file says
        _check_name(path, member.orig_filename)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise _link(path, member.filename)
        _check_size(path, member.filename, member.file_size)
    _check_total(path, sum(m.file_size for m in members))
    return _without_junk(m.filename for m in members)


def _tar_names(path: Path, archive: tarfile.TarFile) -> tuple[str, ...]:
    names, total = [], 0
    for member in archive:  # one by one: a bomb is refused at its header, before it is unpacked
        if member.isdir():
            continue
        _check_name(path, member.name)
        if member.islnk() or member.issym():
            raise _link(path, member.name)
        if not member.isfile():
            raise DataError(
                f"Expected ordinary files, found a device or pipe called {member.name!r} in {path}; "
                "download the original archive again."
            )
        names.append(member.name)
        total += member.size
        _check_size(path, member.name, member.size)
        _check_total(path, total)
        _check_count(path, len(names))
    return _without_junk(names)


def _without_junk(names) -> tuple[str, ...]:
    return tuple(n for n in names if not any(_is_junk(part) for part in PurePosixPath(n).parts))


def _is_junk(name: str) -> bool:
    """Files that an operating system leaves behind."""
    return name.lower() in _JUNK or (name.startswith(".") and name not in {".", ".."})


def _check_name(path: Path, name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise DataError(
            f"Expected file names inside the archive, found {name!r} in {path}, which points out of it; "
            "do not use this archive, download the original again."
        )


def _check_size(path: Path, name: str, size: int) -> None:
    limit = MAX_CSV_BYTES if name.lower().endswith((".csv", ".tar.gz", ".tgz", ".zip")) else MAX_PICTURE_BYTES
    if PurePosixPath(name).suffix.lower() in {".csv", ".gz", ".tgz", ".zip", ".jpg", ".jpeg", ".png"} and size > limit:
        raise _too_large(path, name, limit)


def _check_total(path: Path, size: int) -> None:
    if size > MAX_BYTES:
        raise DataError(
            f"Expected at most {MAX_BYTES:,} bytes in all, found more in {path}; this is not FER-2013, "
            "download the original archive again."
        )


def _check_count(path: Path, count: int) -> None:
    if count > MAX_FILES:
        raise DataError(
            f"Expected at most {MAX_FILES:,} files, found more in {path}; name the archive or folder "
            "that holds FER-2013 itself."
        )


def _too_large(path: Path, name: str, limit: int) -> DataError:
    return DataError(
        f"Expected at most {limit:,} bytes in one file, found more in {name!r} of {path}; "
        "this is not FER-2013, download the original archive again."
    )


def _link(path: Path, name: str) -> DataError:
    return DataError(
        f"Expected ordinary files, found a link called {name!r} in {path}; "
        "do not use this archive, download the original again."
    )


def _not_an_archive(path: Path) -> str:
    start = path.open("rb").read(4) if path.stat().st_size else b""
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return f"Expected a whole archive, found a damaged or cut-short one at {path}; download it again."
    return (
        f"Expected a zip, a tar.gz, a CSV or a folder, found a file of another kind at {path}; "
        "if it came from a download, open it in a text editor: it may be an error page."
    )
