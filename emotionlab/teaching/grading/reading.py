"""Read a notebook that anybody may have handed in: whatever is wrong with it becomes one sentence."""

import json
from dataclasses import dataclass
from pathlib import Path

from emotionlab.base.files import readable
from emotionlab.exercises.dropbox import LARGEST

MOST_CODE = 1_000_000
"""Characters of all cells together that are looked at."""

MOST_CELLS = 5_000

MOST_PARTS = 2_000_000
"""Lists and objects in a file that is opened: a small zip may hold millions, and each costs memory and time."""


class Unreadable(Exception):
    """The file cannot be graded; the message says why, in words for the teacher's table."""


@dataclass(frozen=True)
class Cell:
    """One cell as handed in. id: "" where the file has none. tags: its tags and nbgrader's grade_id."""

    kind: str
    id: str
    tags: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Notebook:
    """The cells of one file, and what is odd about it without stopping the grading."""

    cells: tuple[Cell, ...]
    warnings: tuple[str, ...] = ()


def read_notebook(path: Path) -> Notebook:
    """The cells of the notebook in `path`. Raises Unreadable."""
    return notebook_of(read_bytes(path), path.name)


def notebook_of(content: bytes, name: str) -> Notebook:
    """The cells of a notebook's bytes. name: what messages call the file. Raises Unreadable."""
    if not content.strip():
        raise Unreadable(f"{name} is empty")
    if content.count(b"{") + content.count(b"[") > MOST_PARTS:
        raise Unreadable(f"{name} holds more than {MOST_PARTS:,} lists; ask for it with all outputs cleared")
    text, warnings = _decode(content)
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise Unreadable(f"{name} is no valid notebook: not JSON, or cut off ({place})") from None
    cells = _cells(notebook)
    if cells is None:
        raise Unreadable(f"{name} is JSON, but no notebook: it has no list of cells")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"{name} holds {len(cells):,} cells, more than the {MOST_CELLS:,} that are read")
    made = tuple(_cell(cell) for cell in cells if isinstance(cell, dict))
    if sum(len(cell.source) for cell in made) > MOST_CODE:
        raise Unreadable(f"{name} holds more than {MOST_CODE:,} characters of code and text")
    return Notebook(made, (*warnings, *_kernel(notebook)))


def read_bytes(path: Path) -> bytes:
    """The bytes of a submitted file. Raises Unreadable for a link, a folder, or what is far too large."""
    if path.is_symlink():
        raise Unreadable(f"{readable(path.name)} is a link to another file; links are not followed")
    try:
        if not path.is_file():
            raise Unreadable(f"{readable(path.name)} is no file")
        size = path.stat().st_size
        if size > LARGEST:
            raise Unreadable(
                f"{readable(path.name)} has {size / 2**20:.0f} MB, more than the {LARGEST / 2**20:.0f} MB "
                "that are opened; ask for it with all outputs cleared"
            )
        content = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{readable(path.name)} cannot be read ({error.strerror or error})") from None
    return content


def _decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file in UTF-8, with or without a mark, in UTF-16 or UTF-32, or in Western European letters."""
    encoding = json.detect_encoding(content)
    if not encoding.startswith("utf-8"):
        return content.decode(encoding, "replace"), (f"not UTF-8: read as {encoding[:6].upper()}",)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return content.decode("latin-1"), ("not UTF-8: read as Latin-1, so letters in texts may be wrong",)


def _cells(content) -> list | None:
    if not isinstance(content, dict):
        return None
    cells = content.get("cells")
    sheets = content.get("worksheets")  # notebooks before version 4
    if cells is None and isinstance(sheets, list):
        cells = [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells") or []]
    return cells if isinstance(cells, list) else None


def _cell(cell: dict) -> Cell:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = _whole_letters(source) if isinstance(source, str) else ""
    ident = cell.get("id")
    return Cell(
        kind=str(cell.get("cell_type", "")),
        id=ident if isinstance(ident, str) else "",
        tags=_tags(cell.get("metadata")),
        source=source.replace("\r\n", "\n").replace("\r", "\n"),
    )


def _whole_letters(text: str) -> str:
    """Halves of letters put together where they meet, else made a question mark: no kernel takes them."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _tags(metadata) -> tuple[str, ...]:
    if not isinstance(metadata, dict):
        return ()
    tags = metadata.get("tags")
    tags = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    nbgrader = metadata.get("nbgrader")
    if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
        tags.append(nbgrader["grade_id"])
    return tuple(tags)


def _kernel(content: dict) -> tuple[str, ...]:
    metadata = content.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    if not isinstance(kernel, dict):
        return ()
    name, language = kernel.get("name", "python3"), kernel.get("language", "python")
    if language not in ("python", ""):
        return (f"made with a kernel for {str(language)[:40]}; its cells were run as Python",)
    if name not in ("python3", "python") and isinstance(name, str):
        return (f"made with the kernel {name[:60]!r}; its cells were run with this one",)
    return ()
