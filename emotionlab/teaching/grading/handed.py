"""Open one file that was handed in, whatever it is: a notebook, an archive that holds one, or something else."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from emotionlab.base.errors import DataError
from emotionlab.base.file_kinds import START, kind_of
from emotionlab.base.files import readable
from emotionlab.data.sources import open_source
from emotionlab.teaching.grading.beside import MOST_BYTES, MOST_FILES, files_beside
from emotionlab.teaching.grading.reading import LARGEST, Notebook, Unreadable, notebook_of, read_bytes

ARCHIVES = (".zip", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".tbz", ".tbz2", ".txz")
"""Endings of what is opened as an archive; ".tar" stands behind those that follow it in a name."""

_PACKED = b"PK\x03\x04"  # a zip, whatever it is called
_CALLED = {".pdf": "PDF", ".docx": "Word document", ".html": "web page", ".htm": "web page", ".zip": "zip archive"}


@dataclass(frozen=True)
class Opened:
    """What a file holds. notebook: None when there is none to grade; `problem` then says why, in words.

    is_notebook: it was meant as one. notes: for the learner's row. beside: files that came with it. packed: it lies in
    an archive.
    """

    notebook: Notebook | None = None
    problem: str = ""
    is_notebook: bool = False
    notes: tuple[str, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
    packed: bool = False


def open_file(path: Path, with_beside: bool = True) -> Opened:
    """The notebook in a file. Never raises for what is wrong with the file.

    with_beside: read what lies beside the notebook in an archive too, up to 50 MB.
    """
    try:
        if path.suffix.lower() == ".ipynb":
            content = read_bytes(path)
            packed = content.startswith(_PACKED)
            return _from_archive(path, with_beside) if packed else _open_notebook(path, content)
        if path.is_symlink() or not path.is_file():
            return Opened(problem="a link; links are not followed" if path.is_symlink() else "no file and no folder")
        if path.suffix.lower() in ARCHIVES and path.stat().st_size:
            return _from_archive(path, with_beside)
        return _from_other(path, with_beside)
    except Unreadable as problem:
        return Opened(problem=str(problem), is_notebook=path.suffix.lower() == ".ipynb")
    except Exception as error:  # whatever a file can be, it costs itself alone
        return Opened(problem=f"{readable(path.name)} cannot be opened ({type(error).__name__})")


def with_files(path: Path, opened: Opened) -> Opened:
    """The same with the files that lie in the notebook's folder; for a notebook in a folder of the learner's own."""
    if opened.notebook is None or opened.beside or path.suffix.lower() in ARCHIVES:
        return opened
    files, notes = files_beside(path)
    return Opened(opened.notebook, "", True, (*opened.notes, *notes), files)


def _open_notebook(path: Path, content: bytes) -> Opened:
    try:
        return Opened(notebook_of(content, readable(path.name)), is_notebook=True)
    except Unreadable as problem:
        kind = kind_of(content[:START])
        if kind and kind.name != "text":
            return Opened(
                problem=f"{readable(path.name)} is no notebook: it is {kind.name.rstrip(',')}", is_notebook=True
            )
        return Opened(problem=str(problem), is_notebook=True)


def _from_other(path: Path, with_beside: bool) -> Opened:
    """A notebook under another ending, as browsers save it; else what the file is."""
    with path.open("rb") as file:
        start = file.read(START)
    if not start.strip():
        return Opened(problem=f"{readable(path.name)} is empty")
    if start.startswith(_PACKED):
        opened = _from_archive(path, with_beside)
        if opened.notebook:
            return opened
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"\xff\xfe{", b"\xfe\xff\0{")):
        try:
            ending = "".join(path.suffixes[-2:]) if ".ipynb" in path.suffixes else path.suffix
            notebook = notebook_of(read_bytes(path), readable(path.name))
            return Opened(notebook, is_notebook=True, notes=(f"saved as {ending or 'a file without an ending'}",))
        except Unreadable as problem:
            if path.suffix.lower() in (".json", ".txt"):
                return Opened(problem=str(problem))
    return Opened(problem=_no_notebook(path, start))


def _no_notebook(path: Path, start: bytes) -> str:
    kind, ending = kind_of(start), path.suffix.lower()
    called = _CALLED.get(ending, "")
    found = kind.name.rstrip(",") if kind else "a picture or another binary file"
    if called and called.lower() not in found.lower() and not (ending == ".docx" and "office" in found):
        return f"called {ending}, but no {called} and no notebook"
    if found == "text":
        found = "a Python file" if ending == ".py" else "a text file"
    return f"{found}, no notebook"


def _from_archive(path: Path, with_beside: bool) -> Opened:
    """The one notebook in an archive, and the files beside it."""
    try:
        with open_source(path) as source:
            names = [name for name in source.names if name.lower().endswith(".ipynb")]
            if len(names) != 1:
                return Opened(problem=f"an archive that holds {len(names) or 'no'} notebooks; one is expected")
            with source.open(names[0]) as file:
                content = file.read(LARGEST + 1)
            if len(content) > LARGEST:
                return Opened(problem="an archive whose notebook is far too large")
            files = _beside_in(source, names[0]) if with_beside else ()
    except DataError as problem:
        return Opened(problem=_reason(problem, path))
    made = _open_notebook(Path(PurePosixPath(names[0]).name), content)
    with path.open("rb") as file:
        word = "a zip archive" if file.read(4) == _PACKED else "an archive"
    notes = (f"from {word}", *([f"with it: {len(files)} files"] if files else []))
    return Opened(made.notebook, made.problem, True, notes, files, packed=True)


def _reason(problem: DataError, path: Path) -> str:
    """What a message expected and found: a limit is only told by the first. Its end is advice about other archives."""
    told = str(problem).replace(f" of {path}", "").replace(str(path), readable(path.name))
    told = told[:1].lower() + told[1:].split(";")[0].rstrip(".")
    return f"an archive that is not opened: {told}"


def _beside_in(source, notebook: str) -> tuple[tuple[str, bytes], ...]:
    top = PurePosixPath(notebook).parent
    kept, room = [], MOST_BYTES
    for name in source.names:
        if name == notebook or not PurePosixPath(name).is_relative_to(top) or len(kept) == MOST_FILES:
            continue
        with source.open(name) as file:
            content = file.read(room + 1)
        if len(content) <= room:
            room -= len(content)
            kept.append((PurePosixPath(name).relative_to(top).as_posix(), content))
    return tuple(kept)
