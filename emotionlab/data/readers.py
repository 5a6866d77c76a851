"""Find out in which form FER-2013 lies at a path, and read it with the reader for that form."""

import gzip
import zlib
from dataclasses import replace
from pathlib import Path, PurePosixPath

from emotionlab.base.errors import DataError
from emotionlab.base.files import refuse_pipe
from emotionlab.data import csv_files, picture_files
from emotionlab.data.dataset import Faces
from emotionlab.data.sources import Source, open_source, unpacked

_COMPLETE_CSV = ("fer2013.csv", "icml_face_data.csv")
_ARCHIVES = (".zip", ".tar.gz", ".tgz")


def read(path: Path) -> Faces:
    """Read the three splits from a folder, an archive or a CSV file; DataError where it cannot be."""
    try:
        return _read(path)
    except OSError as error:
        raise DataError(
            f"Could not read {path} ({error.strerror or error}); check that the file is whole and that you may read it."
        ) from error


def _read(path: Path) -> Faces:
    if not path.exists():
        raise DataError(f"Expected a file or folder at {path}, found nothing there; check the spelling of the path.")
    refuse_pipe(path, "FER-2013")
    if path.is_file() and path.stat().st_size == 0:
        raise DataError(f"Expected FER-2013 at {path}, found an empty file; download it again.")
    if path.is_file() and (path.suffix.lower() == ".csv" or _is_packed_table(path.name)):
        return _read_one_csv(path)
    with open_source(path) as source:
        return _read_source(source)


def _is_packed_table(name: str) -> bool:
    """Whether this is the name of a table in a gzip file, such as fer2013.csv.gz."""
    return name.lower().endswith(".gz") and not name.lower().endswith(_ARCHIVES)


def _without_gz(name: str) -> str:
    return name[:-3] if _is_packed_table(name) else name


def _read_one_csv(path: Path) -> Faces:
    beside = _beside(path) if _without_gz(path.name.lower()) in {"train.csv", "test.csv"} else None
    table = beside or path
    try:
        with open(table, "rb") as file:
            faces = _read_table(file, table.name, f"{table.name} (table)", table, str(table))
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DataError(
            f"Expected a whole gzip file, found a damaged or cut-short one at {table}; download it again."
        ) from error
    if beside:
        return _with_note(faces, f"{beside.name} was read in place of {path.name}: it holds the official split.")
    return faces


def _read_table(file, name: str, source: str, path: Path, where: str) -> Faces:
    """Read an open table, in a gzip file or not. path: of the file or archive; source and where: as in csv_files."""
    if _is_packed_table(name):
        file = unpacked(file, path, name)
    return csv_files.read(file, _without_gz(name), source, where)


def _beside(path: Path) -> Path | None:
    """The CSV with every label in the same folder, where there is one."""
    names = (name + ending for name in _COMPLETE_CSV for ending in ("", ".gz"))
    return next((path.with_name(name) for name in names if path.with_name(name).is_file()), None)


def _read_source(source: Source) -> Faces:
    by_name = {_without_gz(PurePosixPath(name).name.lower()): name for name in reversed(source.names)}
    for wanted in _COMPLETE_CSV:
        if wanted in by_name:
            return _read_member(source, by_name[wanted])
    if picture_files.found_in(source.names):
        return picture_files.read(source)
    inner = [name for name in source.names if name.lower().endswith(_ARCHIVES)]
    if source.path.is_dir() and "fer2013.tar.gz" in by_name:
        return read(source.path / by_name["fer2013.tar.gz"])
    if "train.csv" in by_name:
        return _read_member(source, by_name["train.csv"])
    tables = [name for name in source.names if name.lower().endswith((".csv", ".csv.gz"))]
    if len(tables) == 1:
        return _read_member(source, tables[0])
    raise DataError(_nothing_found(source, inner))


def _read_member(source: Source, name: str) -> Faces:
    with source.open(name) as file:
        short = PurePosixPath(name).name
        told = f"{source.path.name} (table {short})"
        return _read_table(file, short, told, source.path, f"{source.path} ({name})")


def _with_note(faces: Faces, note: str) -> Faces:
    return replace(faces, notes=(*faces.notes, note))


def _nothing_found(source: Source, inner: list[str]) -> str:
    expected = "Expected train/<class>/*.jpg and test/<class>/*.jpg, fer2013.csv, icml_face_data.csv or train.csv"
    if not source.names:
        links = picture_files.links_of(source)
        return f"{expected}, found nothing at all in {source.path}{links}; download FER-2013 again."
    if inner and source.path.is_dir():
        return f"{expected}, found the archive {inner[0]} in {source.path}; name that file itself."
    if inner:
        return f"{expected}, found another archive {inner[0]} inside {source.path}; unpack it and name the inner one."
    return (
        f"{expected}, found {len(source.names):,} other files ({picture_files.counted(source.names)}) such as "
        f"{source.names[0]} in {source.path}{picture_files.links_of(source)}; name the folder or archive that holds "
        "FER-2013."
    )
