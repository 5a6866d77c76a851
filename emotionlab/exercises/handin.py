"""Hand an exercise in: the notebook and what it imports go into the drop box as one file, with a receipt.

The file appears under its name whole or not at all. It never takes another one's place: the last one counts, the
earlier ones stay.
"""

import ast
import contextlib
import hashlib
import io
import json
import os
import re
import secrets
import stat
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import write_whole
from emotionlab.exercises.dropbox import (
    IN,
    LARGEST,
    DropBox,
    as_name,
    back_folder,
    login_of,
    my_login,
    now,
    open_box,
    rights,
    told,
)
from emotionlab.exercises.naming import PREFIX, exercise_of_file

RECEIPTS = "handed_in.txt"
"""The file beside the notebook that keeps every receipt."""

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+([^\n#;]+))", re.M)
_RUN = re.compile(r"^[ \t]*%run[ \t]+(?:-\w+[ \t]+)*(?:\./)?(\w+)\.py", re.M)
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.M)
_CELL = re.compile(rf"q-({PREFIX})-\d+-\w+")


@dataclass(frozen=True)
class Receipt:
    """What was handed in. checksum: SHA-256 of the file in the drop box, whose name is `name`. notes: what is odd."""

    exercise: str
    when: datetime
    checksum: str
    name: str
    taken: tuple[str, ...]
    late: str = ""
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [
            f"Exercise {self.exercise} was handed in: {told(self.when)}",
            f"  Taken: {', '.join(self.taken)}",
            f"  Kept as: {self.name}",
            f"  Checksum (SHA-256): {self.checksum}",
        ]
        return "\n".join([*lines, *(f"  {note}" for note in (*([self.late] if self.late else []), *self.notes))])


def hand_in(
    exercise: str, notebook: str | Path | None = None, to: str | Path | None = None, learner: str = ""
) -> Receipt:
    """Hand in an exercise ("03"), and keep the receipt beside the notebook.

    notebook: default the exercise's own, in the working folder. to: the drop box, default EMOTIONLAB_DROPBOX.
    learner: only for the box's owner, who lays in what came another way. Raises EmotionLabError; then nothing
    was handed in, and what was handed in before is still there.
    """
    box = open_box(to or settings.dropbox(), "nothing was handed in, your notebook is as it was: ask your teacher")
    exercise = exercise.zfill(2)
    path = _notebook(exercise, notebook)
    who = _who(box, learner)
    content, notes = _content(path), [f"Last saved: {_saved(path)}"]
    cells = _cells(content)
    if cells is None:
        notes.append("⚠ It cannot be read as a notebook; it was handed in as it is. Open it, save it, and try again.")
    else:
        _right_exercise(path, exercise, cells)
    called = path.name if cells is None else _as_notebook(path)
    files = [(_in_letters(name), part) for name, part in ((called, content), *_imported(path.parent, cells or []))]
    if sum(len(content) for _, content in files) > LARGEST:
        raise EmotionLabError(
            f"Expected at most {LARGEST // 2**20} MB with all that {path.name} imports, found more; nothing was handed "
            "in: import less."
        )
    when = now()
    facts = {"exercise": exercise, "learner": who, "hub": settings.hub_user(), "time": when.isoformat()}
    packed = _packed(files, facts)
    name = f"{as_name(who)}-{exercise}-{when:%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}.zip"
    laid = _lay(box, name, packed)
    late = ""
    if box.late(exercise, _laid_at(laid) or when):
        late = f"⚠ Late: the date was {told(box.date(exercise))}. It was taken, and your teacher sees that it is late."
    if not learner:
        notes += _make_way_back(box, who)
    checksum = hashlib.sha256(packed).hexdigest()
    receipt = Receipt(exercise, when, checksum, name, tuple(name for name, _ in files), late, tuple(notes))
    return _keep(receipt, path.parent)


def _who(box: DropBox, learner: str) -> str:
    owner = (box.folder / IN).stat().st_uid
    if learner and os.name == "posix" and os.getuid() not in (0, owner):
        raise EmotionLabError(f"Expected --for from the drop box's owner, found {my_login()}; leave --for out.")
    return learner or my_login()


# ---------------------------------------------------------------------------------- what is taken


def _notebook(exercise: str, chosen: str | Path | None) -> Path:
    """The notebook that was named, else the exercise's own: here, or in the folder of exercises below."""
    if chosen:
        path = file_path("--notebook", chosen)
        if os.path.isfile(path):
            return path
        raise EmotionLabError(f"Expected the notebook {path}, found no such file; check the path.")
    for folder in (Path(), Path("exercises"), Path("my_course/exercises")):
        if found := sorted(path for path in folder.glob("*.ipynb") if exercise_of_file(path.name) == exercise):
            if len(found) > 1:
                names = " and ".join(path.name for path in found)
                raise EmotionLabError(f"Expected one notebook of exercise {exercise}, found {names}; give --notebook.")
            return found[0]
    raise EmotionLabError(
        f"Expected a notebook of exercise {exercise} in this folder, found none; go to its folder, or name the file "
        "with --notebook."
    )


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else b""
    except OSError as problem:
        raise EmotionLabError(f"Expected to read {path}, found: {problem.strerror}; allow it.") from None
    if size > LARGEST:
        raise EmotionLabError(
            f"Expected a notebook of at most {LARGEST // 2**20} MB, found {path.name} with {size / 2**20:.0f} MB; "
            "nothing was handed in: clear its outputs (menu Edit, Clear Outputs of All Cells), save it, and try again."
        )
    return content


def _as_notebook(path: Path) -> str:
    """A notebook's name as it should be: browsers and mail programs make .ipynb.txt and .json of .ipynb."""
    if path.suffix.lower() == ".ipynb":
        return path.name
    return path.stem if path.stem.lower().endswith(".ipynb") else f"{path.stem}.ipynb"


def _in_letters(name: str) -> str:
    """A file's name as UTF-8 can write it: what is none (a Latin-1 ö, on Linux) becomes a question mark in a box."""
    return re.sub("[\ud800-\udfff]", "\ufffd", name)


def _saved(path: Path) -> str:
    """When a file was saved. A time that no calendar holds, as a broken clock sets it, hinders no hand-in."""
    try:
        return told(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (ValueError, OverflowError, OSError):
        return "at a time that cannot be read"


def _cells(content: bytes) -> list[dict] | None:
    """The cells of a notebook; None when it is none."""
    try:
        cells = json.loads(content)["cells"]
        return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def exercises_in(path: Path) -> list[str]:
    """The exercises whose questions stand in a notebook, whatever it is called. Raises EmotionLabError."""
    return _exercises(_cells(_content(path)) or [])


def _exercises(cells: list[dict]) -> list[str]:
    return [match[1].zfill(2) for cell in cells if (match := _CELL.fullmatch(str(cell.get("id"))))]


def _right_exercise(path: Path, exercise: str, cells: list[dict]) -> None:
    marks = _exercises(cells)
    if marks and exercise not in marks:
        raise EmotionLabError(
            f"Expected exercise {exercise} in {path.name}, found exercise {marks[0]}; nothing was handed in: name the "
            "right one."
        )


def _imported(folder: Path, cells: list[dict]) -> list[tuple[str, bytes]]:
    """The (name, bytes) of the learner's own modules that the notebook imports, and of those that they import."""
    texts = []
    for cell in cells:
        source = cell.get("source", "") if cell.get("cell_type") == "code" else ""
        texts.append("".join(map(str, source)) if isinstance(source, list) else str(source))
    found: dict[str, bytes] = {}
    while texts:
        for module in _modules(texts.pop()):
            for path in _files_of(folder, module):
                name = path.relative_to(folder).as_posix()
                if name not in found:
                    found[name] = _content(path)
                    texts.append(found[name].decode("utf-8", "replace"))
    return sorted(found.items())


def _modules(text: str) -> list[str]:
    """The first names of all that a text imports or runs."""
    names = _RUN.findall(text)
    try:
        for node in ast.walk(ast.parse(_MAGIC.sub(r"\1pass", text))):
            if isinstance(node, ast.Import):
                names += [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.append(node.module.partition(".")[0])
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # unfinished, or with magic inside a line
        for one, many in _IMPORT.findall(text):
            names += [one] if one else [re.match(r"\s*(\w*)", part)[1] for part in many.split(",")]
    return [name for name in names if name.isidentifier()]


def _files_of(folder: Path, module: str) -> list[Path]:
    package, file = folder / module, folder / f"{module}.py"
    inside = sorted(package.rglob("*.py")) if os.path.isdir(package) and not os.path.islink(package) else []
    return [path for path in (file, *inside) if os.path.isfile(path) and not os.path.islink(path)]


def _packed(files: list[tuple[str, bytes]], facts: dict) -> bytes:
    """One zip of all files; what the learner's side knows of it stands in its comment."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            packed.writestr(name, content)
        packed.comment = json.dumps(facts).encode()
    return buffer.getvalue()


# ------------------------------------------------------------------------------- into the drop box


def _lay(box: DropBox, name: str, content: bytes) -> Path:
    """Write a file into the box, whole or not at all, for its owner and its teacher alone. Raises EmotionLabError."""
    file_rights, _ = rights(box)
    target = box.folder / IN / name
    temporary = target.with_name(f".{name}.part")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.chmod(file_rights)
            if temporary.read_bytes() != content:
                raise OSError("what was written reads back differently")
            temporary.rename(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to write into the drop box {box.folder}, found: {problem.strerror or problem}; nothing was "
            "handed in now, what you handed in before is still there: tell your teacher, and try again."
        ) from None
    return target


def _laid_at(path: Path) -> datetime | None:
    """When a file was laid in, by the file system's clock, which is the one that counts; None where it does not say."""
    try:
        return datetime.fromtimestamp(path.stat().st_ctime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _make_way_back(box: DropBox, who: str) -> list[str]:
    """Make the folder in which the learner's pages come back. What hinders it is said, and hinders no hand-in."""
    folder = back_folder(box, who)
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(0o700)
            folder.chmod(rights(box)[1])
        owner = folder.lstat().st_uid
    except OSError as problem:
        return [f"⚠ No folder for the page that comes back ({problem.strerror}); tell your teacher."]
    if os.name == "posix" and owner != os.getuid():
        return [f"⚠ {folder} belongs to {login_of(owner) or 'somebody else'}, not to you; tell your teacher."]
    return []


def _keep(receipt: Receipt, folder: Path) -> Receipt:
    """Add the receipt to the file beside the notebook. The work is handed in already, whatever hinders this."""
    try:
        with (folder / RECEIPTS).open("a", encoding="utf-8", errors="replace") as file:
            file.write(f"{receipt}\n\n")
        note = f"This receipt is kept in {folder / RECEIPTS}."
    except OSError as problem:
        note = f"⚠ The receipt could not be kept in {folder / RECEIPTS} ({problem.strerror}); copy it from here."
    return replace(receipt, notes=(*receipt.notes, note))


# ------------------------------------------------------------------------------- what came back


def came_back(exercise: str, to: str | Path | None = None) -> Path | None:
    """The page that the teacher gave back for an exercise; None when there is none yet.

    Raises EmotionLabError where what lies there need not be the teacher's.
    """
    box = open_box(to or settings.dropbox(), "ask your teacher where it is")
    folder = back_folder(box, my_login())
    path = folder / page_name(exercise)
    try:
        if reason := _forgeable(folder, path, box):
            raise EmotionLabError(
                f"Expected a page from your teacher in {folder}, found {reason}; it was not fetched: tell your teacher."
            )
        return path if stat.S_ISREG(path.lstat().st_mode) else None
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise EmotionLabError(f"Expected to read {path}, found: {problem.strerror}; tell your teacher.") from None


def _forgeable(folder: Path, page: Path, box: DropBox) -> str:
    """Why a page may be another learner's; "" where it is the teacher's. Raises OSError where there is none.

    Everybody may make a folder in BOX/back, but nobody can make one that belongs to somebody else. So it has to be the
    learner's own (they made it when they handed in, or root made it for them), or root's or the box's owner's: on a
    network share that knows no users everything belongs to one of these, and only the share keeps people apart.
    """
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return "a link or a file in the folder's place"
    if os.name == "posix" and facts.st_uid not in (os.getuid(), 0, (box.folder / IN).stat().st_uid):
        return (
            f"a folder that belongs to {login_of(facts.st_uid) or 'somebody else'}, who may have written what is in it"
        )
    return "a link in the page's place" if stat.S_ISLNK(page.lstat().st_mode) else ""


def fetch_back(exercise: str, folder: Path, to: str | Path | None = None) -> Path:
    """Copy the page that came back beside the notebook. Raises EmotionLabError when there is none yet, or a doubt."""
    exercise = exercise.zfill(2)
    page = came_back(exercise, to)
    if page is None:
        raise EmotionLabError(f"Expected a page for exercise {exercise}, found none yet; ask again later.")
    target = folder / f"{exercise}_came_back.html"
    try:
        write_whole(target, page.read_bytes())
    except OSError as problem:
        raise EmotionLabError(f"Expected to copy {page} to {target}, found: {problem.strerror}.") from None
    return target


def page_name(exercise: str) -> str:
    """How the page of an exercise is called in a learner's folder."""
    return f"exercise_{exercise or 'none'}.html"
