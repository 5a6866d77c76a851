"""A place that files come from: a folder, a zip or a tar, all seen as named files to read.

Nothing is ever unpacked to the disk. Names and sizes are checked before a byte is read, so that a
hostile archive (a path that climbs out, a link, a bomb) is refused and not worked round.
"""

import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from emotionlab.base.archives import DAMAGED, is_damage, oddly_packed
from emotionlab.base.errors import DataError
from emotionlab.base.file_kinds import START, kind_of

MAX_FILES = 200_000
MAX_BYTES = 2_000_000_000
MAX_PICTURE_BYTES = 1_000_000
MAX_CSV_BYTES = 600_000_000  # fer2013.csv takes 301 MB
PICTURES = frozenset(
    (
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".bmp",
        ".webp",
        ".tif",
        ".tiff",
        ".gif",
        ".pgm",
        ".ppm",
        ".avif",
        ".jp2",
    )
)
"""Endings of the pictures that are read, all by Pillow."""

_MAX_DEPTH = 6
_MAX_NOTE_BYTES = 2**17  # of one long name or note in a tar: a path has 4,096 at most, macOS adds some thousand
_MAX_NOTES_BYTES = 2**26  # of all of them
_NOTES = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_BROKEN_CONTENT = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)
_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Source:
    """Named files. `names` are relative, with forward slashes; `open` gives a binary file.

    left_out: what was not looked at, each a name and the reason, such as "old (a link that leads out of the folder)".
    """

    path: Path
    names: tuple[str, ...]
    open: Callable[[str], BinaryIO]
    left_out: tuple[str, ...] = ()

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
    if os.path.isdir(path):
        with _in_one_sentence(path, _BROKEN_CONTENT):  # a packed table may lie in it
            yield _folder(path)
        return
    with ExitStack() as kept:
        with _in_one_sentence(path, (*DAMAGED, tarfile.TarError)):
            source = _archive(path, kept)
        with _in_one_sentence(path, _BROKEN_CONTENT):  # what else is raised in there is not the archive's fault
            yield source


@contextmanager
def _in_one_sentence(path: Path, kinds: tuple) -> Iterator[None]:
    """Turn errors of these kinds, and those of Python's unpackers, into a DataError."""
    try:
        yield
    except DataError:
        raise
    except kinds as error:
        if isinstance(error, RuntimeError):
            raise DataError(
                f"Expected a plain archive, found one at {path} that cannot be opened ({error}); "
                "download the original again."
            ) from error
        raise DataError(_damaged(path)) from error
    except OSError as error:
        if not is_damage(error):  # such as a full disk
            raise
        raise DataError(_damaged(path)) from error


def _archive(path: Path, kept: ExitStack) -> Source:
    """A zip or a tar with its names checked. kept: closes it in the end."""
    if zipfile.is_zipfile(path):
        packed = kept.enter_context(zipfile.ZipFile(path))
        members, open_member = _zip_members(path, packed), packed.open
    else:
        try:
            packed = kept.enter_context(_Tar.open(path))
        except tarfile.TarError:
            raise DataError(_not_an_archive(path)) from None
        members, open_member = _tar_members(path, packed), packed.extractfile

    def opened(name: str) -> BinaryIO:
        with _in_one_sentence(path, (*DAMAGED, tarfile.TarError)):
            return open_member(members[name])

    return Source(path, tuple(members), opened)


class _Member(tarfile.TarInfo):
    """A member of a tar, refused before its names and notes are read where they are far too long.

    Python reads them whole before anybody sees the member: a few bytes, unpacked, could fill the memory. It has no
    public way to hinder that; where these methods have other names, all works without them.
    """

    def _proc_member(self, archive):
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise _with_holes(archive)
        if self.type in _NOTES:
            archive.notes_bytes += self.size
            if not 0 <= self.size <= _MAX_NOTE_BYTES or archive.notes_bytes > _MAX_NOTES_BYTES:
                raise DataError(
                    f"Expected short names of files, found far too long ones in {archive.name}; "
                    "do not use this archive, download the original again."
                )
        return super()._proc_member(archive)

    def _proc_gnusparse_10(self, following, notes, archive):
        raise _with_holes(archive)  # the list of its holes may have any length too


class _Tar(tarfile.TarFile):
    """A tar that counts how much of it are long names and notes."""

    tarinfo = _Member
    notes_bytes = 0


def _folder(path: Path) -> Source:
    names, left_out = [], []

    def not_opened(error: OSError) -> None:
        where = Path(error.filename).relative_to(path).as_posix()
        left_out.append(f"{'the folder itself' if where == '.' else where} ({error.strerror})")

    for folder, inner, files in os.walk(path, onerror=not_opened, followlinks=True):
        here = Path(folder)
        wanted = [name for name in sorted(inner) if not _is_junk(name)]
        if len(here.relative_to(path).parts) >= _MAX_DEPTH:
            left_out += [f"{(here / name).relative_to(path).as_posix()} (too deep)" for name in wanted]
            wanted = []
        inner[:] = [name for name in wanted if _is_followed(here / name, path, left_out)]
        found = [here / name for name in sorted(files) if not _is_junk(name)]
        names += [file.relative_to(path).as_posix() for file in found if _is_followed(file, path, left_out)]
        _check_count(path, len(names))
    return Source(path, tuple(names), lambda name: open(path / name, "rb"), tuple(left_out))


def _is_followed(entry: Path, root: Path, left_out: list[str]) -> bool:
    """Whether to look at this entry; where not, it is named in `left_out`, with the reason."""
    why = _reason_against(entry, root)
    if why:
        left_out.append(f"{entry.relative_to(root).as_posix()} ({why})")
    return why is None


def _reason_against(entry: Path, root: Path) -> str | None:
    """Why not to look at an entry: a pipe would wait for ever, and a link is followed within the folder alone."""
    if _is_special(entry):
        return "a pipe or a device"
    if not entry.is_symlink():
        return None
    try:
        target = entry.resolve(strict=True)
        if not target.is_relative_to(root.resolve()):
            return "a link that leads out of the folder"
        if target.is_dir() and entry.parent.resolve().is_relative_to(target):
            return "a link to a folder round it"
    except (OSError, RuntimeError):  # RuntimeError: a circle of links, in Python 3.12 and before
        return "a link that leads nowhere"
    return None


def _is_special(entry: Path) -> bool:
    try:
        mode = entry.stat().st_mode
    except OSError:  # reading it will say why
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


class _Unpacked(io.RawIOBase):
    """The content of a gzip file as it is read, up to the size that a table may have: no bomb fills the memory."""

    def __init__(self, file: BinaryIO, path: Path, name: str):
        self._file, self._path, self._name, self._left = gzip.GzipFile(fileobj=file), path, name, MAX_CSV_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        read = self._file.readinto(buffer)
        self._left -= read
        if self._left < 0:
            raise _too_large(self._path, self._name, MAX_CSV_BYTES)
        return read


def unpacked(file: BinaryIO, path: Path, name: str) -> BinaryIO:
    """The table in a gzip file, to be read as if it lay there unpacked. path, name: for messages."""
    return io.BufferedReader(_Unpacked(file, path, name), 1 << 20)


def _zip_members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Name -> member; of several of one name the last, as when an archive is unpacked."""
    members = [m for m in archive.infolist() if not m.is_dir()]
    _check_count(path, len(members))
    if odd := oddly_packed(archive):
        raise DataError(
            f"Expected files packed as every zip program packs them (deflate), found {odd} in {path}; "
            "pack them again without special options."
        )
    for member in members:
        # ZipInfo turns backslashes into slashes on Windows only; orig_filename is what the file says
        _check_name(path, member.orig_filename)
        if stat.S_ISLNK(member.external_attr >> 16) and not _is_in_junk(member.filename):
            raise _link(path, member.filename)
        _check_size(path, member.filename, member.file_size)
    _check_total(path, sum(m.file_size for m in members))
    named = {member.filename.replace("\\", "/"): member for member in members}  # some packers of Windows write "\\"
    return {name: member for name, member in named.items() if not name.endswith("/") and not _is_in_junk(name)}


def _tar_members(path: Path, archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """As `_zip_members`."""
    members, total = {}, 0
    for count, member in enumerate(archive):  # one by one: a bomb is refused at its header, before it is unpacked
        _check_count(path, count)
        if member.size < 0:  # the way back: there would be no end
            raise tarfile.ReadError("a size below zero")
        member.pax_headers = {}  # each member keeps a copy of the notes that hold for all
        if member.isdir():
            if member.name in members:
                raise tarfile.ReadError("a folder called as a file before it")
            continue
        _check_name(path, member.name)
        wanted = not _is_in_junk(member.name)
        if wanted and (member.islnk() or member.issym()):
            raise _link(path, member.name)
        if wanted and not member.isfile():
            raise DataError(
                f"Expected ordinary files, found a device or pipe called {member.name!r} in {path}; "
                "download the original archive again."
            )
        total += member.size
        _check_size(path, member.name, member.size)
        _check_total(path, total)
        if wanted:
            members[member.name] = member
    return members


def _is_in_junk(name: str) -> bool:
    return any(_is_junk(part) for part in PurePosixPath(name.replace("\\", "/")).parts)


def _is_junk(name: str) -> bool:
    """Files that an operating system leaves behind."""
    return name.lower() in _JUNK or (name.startswith(".") and name not in {".", ".."})


def _check_name(path: Path, name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ":" in parts[0] or any(_leads_elsewhere(part) for part in parts):
        raise DataError(
            f"Expected file names inside the archive, found {name!r} in {path}, which points out of it; "
            "do not use this archive, download the original again."
        )


def _leads_elsewhere(part: str) -> bool:
    """Whether a part of a name leaves its folder on some system: "..", or what Windows takes for it or for a drive.

    Windows takes ".. " and "..." for "..", and "C:" begins anew wherever it stands.
    """
    return part[1:2] == ":" or (len(part) > 1 and set(part) <= {".", " "})


def _check_size(path: Path, name: str, size: int) -> None:
    limit = MAX_CSV_BYTES if name.lower().endswith((".csv", ".gz", ".tgz", ".zip")) else MAX_PICTURE_BYTES
    if PurePosixPath(name).suffix.lower() in {".csv", ".gz", ".tgz", ".zip", *PICTURES} and size > limit:
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


def _with_holes(archive: tarfile.TarFile) -> DataError:
    return DataError(
        f"Expected ordinary files, found one with holes (a sparse file) in {archive.name}; pack the files as a zip."
    )


def _damaged(path: Path) -> str:
    return f"Expected a whole archive, found a damaged or cut-short one at {path}; download it again."


def _not_an_archive(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(START)
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        return _damaged(path)
    expected, kind = "Expected a zip, a tar.gz, a CSV or a folder", kind_of(start)
    if kind and kind.name.endswith("archive"):  # RAR, 7-Zip
        return f"{expected}, found {kind.name} at {path}; unpack it, and name the folder."
    return (
        f"{expected}, found a file of another kind at {path}; "
        "if it came from a download, open it in a text editor: it may be an error page."
    )
