"""Find who handed in what in a drop box: who it is, the owner of a file says; when, the file system says.

The name of a file is the learner's own claim, and so is the time in it: neither counts where the two differ.
"""

import json
import os
import stat
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import readable
from emotionlab.exercises.dropbox import IN, LARGEST, NAME, DropBox, as_name, login_of, open_box, told
from emotionlab.teaching.grading.collect import Collected, Submission, exercise_of
from emotionlab.teaching.grading.handed import open_file

_A_CLOCK_APART = 600  # seconds between a learner's clock and the file system's
_LARGEST_FILE = 2 * LARGEST  # bytes; what `hand_in` lays has hardly more than LARGEST


@dataclass(frozen=True)
class _HandIn:
    """One file of the box. student: whose it is. when: when it got there (the inode's time, which no owner sets)."""

    path: Path
    student: str
    exercise: str
    when: datetime
    order: int
    notes: tuple[str, ...]


def collect_box(folder: Path, masters: dict[str, str], exercise="", student="") -> Collected:
    """Look at every entry of the drop box in `folder`; the last hand-in of a learner counts. As `collect`."""
    box = open_box(folder)
    taken: dict[tuple[str, str], list[_HandIn]] = {}
    entries: dict[str, str] = {}
    not_taken: list[tuple[str, str]] = []
    for entry in sorted(_listed(box), key=lambda entry: entry.name):
        name, found = readable(entry.name), _in_words(Path(entry.path), box)
        if isinstance(found, str):
            entries[name] = "not taken"
            not_taken.append((name, found))
        elif exercise and found.exercise != exercise:
            entries[name] = "not taken"
            not_taken.append((name, f"exercise {found.exercise}, which is not graded now"))
        else:
            entries[name] = "earlier"
            taken.setdefault((found.student, found.exercise), []).append(found)
    rows = []
    for (who, _), hand_ins in sorted(taken.items()):
        last = max(hand_ins, key=lambda one: one.order)
        entries[readable(last.path.name)] = "row"
        if student in ("", who):
            rows.append(_row(last, [one for one in hand_ins if one is not last], box, masters))
    if not rows:
        whose = f" of {student!r}" if student else ""
        raise EmotionLabError(f"Expected work{whose} in the drop box {folder}, found none; wait, or ask for another.")
    return Collected(rows, not_taken, entries)


def _listed(box: DropBox) -> list[os.DirEntry]:
    try:
        with os.scandir(box.folder / IN) as entries:
            return list(entries)
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to read the drop box {box.folder}, found: {problem.strerror}; grade as its owner, as root, or "
            "as a member of the group it was made for."
        ) from None


def _in_words(path: Path, box: DropBox) -> _HandIn | str:
    """`_looked_at`, where whatever goes wrong with a file costs itself alone."""
    try:
        return _looked_at(path, box)
    except Exception as error:
        return f"it could not be looked at ({type(error).__name__})"


def _looked_at(path: Path, box: DropBox) -> _HandIn | str:
    """A hand-in, or why a file is none."""
    match = NAME.fullmatch(path.name)
    if not match:
        cut = path.name.startswith(".") and path.name.endswith(".part")
        return "a hand-in that was cut off; its learner was told" if cut else "no hand-in: its name is another one"
    try:
        facts = path.lstat()
    except OSError as problem:
        return f"it cannot be looked at ({problem.strerror})"
    if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
        return "a link, a folder or another thing that is no file of its own"
    if facts.st_size > _LARGEST_FILE:
        return (
            f"it has {facts.st_size / 2**20:.0f} MB, and no hand-in has more than {_LARGEST_FILE / 2**20:.0f} MB; it "
            "was not opened"
        )
    said = _said(path)
    student, notes = match["who"], []
    owner, teacher = login_of(facts.st_uid), (box.folder / IN).stat().st_uid
    if os.name == "posix" and facts.st_uid not in (0, teacher):
        if owner and as_name(owner) != student:
            return f"called as if it were from {student}, but it belongs to {owner}"
        if not owner:
            notes.append(f"its owner, number {facts.st_uid}, has no name on this computer, so the name is not checked")
        # several people under one user of the system
        if said.get("hub") and as_name(said["hub"]).casefold() != student.casefold():
            student, notes = f"{student} ({said['hub']})", [f"the hub's name {said['hub']} was not checked"]
    elif os.name == "posix" and owner != student:
        notes.append(f"laid in by {owner or facts.st_uid}")
    when = datetime.fromtimestamp(facts.st_ctime, UTC)
    return _HandIn(path, student, match["exercise"], when, facts.st_ctime_ns, (*notes, *_clock(said, when)))


def _said(path: Path) -> dict[str, str]:
    """What the learner's side wrote into the file; {} where there is nothing to read."""
    try:
        with zipfile.ZipFile(path) as packed:
            said = json.loads(packed.comment)
        return {name: str(value)[:80] for name, value in said.items()}
    except Exception:  # whatever a file can be; `open_file` says what is wrong with it
        return {}


def _clock(said: dict[str, str], when: datetime) -> list[str]:
    try:
        apart = abs((datetime.fromisoformat(said["time"]) - when).total_seconds())
    except (KeyError, ValueError, TypeError, OverflowError):
        return ["it does not say when it was handed in; the file system does"]
    if apart < _A_CLOCK_APART:
        return []
    return [f"its receipt says {readable(said['time'])}, the file system {when:%Y-%m-%dT%H:%M:%S}Z, which counts"]


def _row(last: _HandIn, earlier: list[_HandIn], box: DropBox, masters: dict[str, str]) -> Submission:
    """The row of a learner, by the last hand-in."""
    opened = open_file(last.path)
    notes = [note for note in opened.notes if note != "from a zip archive"]
    notes += list(opened.notebook.warnings) if opened.notebook else []
    problem, exercise = opened.problem, last.exercise
    if not os.access(last.path, os.R_OK):
        problem = f"{readable(last.path.name)} may not be read by you; grade as the drop box's owner or as root"
    if opened.notebook and exercise_of(opened.notebook) not in ("", exercise):
        notes.append(f"handed in as exercise {exercise}, but most cells are exercise {exercise_of(opened.notebook)}'s")
    if exercise not in masters:
        problem, exercise = f"there is no exercise {exercise}", ""
    first = []
    if box.late(last.exercise, last.when):
        first.append(f"late: handed in {told(last.when)}, the date was {told(box.date(last.exercise))}")
        if in_time := [one for one in earlier if not box.late(last.exercise, one.when)]:
            first.append(f"in time was {readable(max(in_time, key=lambda one: one.order).path.name)}")
    if earlier:
        first.append(f"the last of {len(earlier) + 1} hand-ins; the earlier ones are still there")
    everything = (*first, *last.notes, *notes)
    file = f"{IN}/{readable(last.path.name)}"
    notebook = None if problem else opened.notebook
    return Submission(last.student, exercise, last.path, notebook, problem, everything, opened.beside, file)
