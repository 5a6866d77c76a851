"""The drop box of a class: a folder in which everybody lays work, and in which only its teacher looks.

BOX/dropbox.json holds the dates. BOX/in takes the work: learners may add to it, but not list it. BOX/back/LOGIN holds
the pages that came back; LOGIN and the teacher alone look into it. Who a learner is, the owner of a file says.
"""

import getpass
import json
import os
import re
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import write_whole
from emotionlab.exercises.naming import PREFIX

IN, BACK, FACTS = "in", "back", "dropbox.json"

LARGEST = 50 * 2**20
"""Bytes of the largest notebook that is taken or opened (a notebook of this course has about 20,000)."""

NAME = re.compile(rf"(?P<who>.+)-(?P<exercise>{PREFIX})-(?P<time>\d{{8}}T\d{{6}}Z)-[0-9a-f]{{16}}\.zip")
"""How a hand-in is called: ada-03-20261129T120000Z-0123456789abcdef.zip; nobody guesses the end."""

_ADD_ONLY, _ADD_ONLY_GROUP = 0o3733, 0o3773  # as a letter box: sticky, and its group passes on to what is laid in it


@dataclass(frozen=True)
class DropBox:
    """folder: where it is. due: exercise -> its date in ISO format, with the offset from UTC."""

    folder: Path
    due: dict[str, str]

    def date(self, exercise: str) -> datetime | None:
        """Until when an exercise is in time; None where no date was set."""
        return _moment(self.due[exercise]) if exercise in self.due else None

    def late(self, exercise: str, when: datetime) -> bool:
        """True for what came after the date, in whole seconds, which is what people are told."""
        date = self.date(exercise)
        return date is not None and when.replace(microsecond=0) > date


def is_box(folder: Path) -> bool:
    """True for the folder of a drop box."""
    return os.path.isfile(folder / FACTS) and os.path.isdir(folder / IN)


def open_box(folder: str | Path | None, advice="name its folder, or make one with `emotionlab dropbox BOX`") -> DropBox:
    """The drop box in a folder. Raises EmotionLabError when there is none; it ends with the advice."""
    if not folder:
        raise EmotionLabError(f"Expected to know the drop box, found no --to and no EMOTIONLAB_DROPBOX; {advice}.")
    folder = file_path("the drop box", folder)
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        due = {str(number): str(date) for number, date in facts["due"].items()}
        for date in due.values():
            _moment(date)
        there = (folder / IN).is_dir()
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        there = False
    if not there:
        raise EmotionLabError(f"Expected a drop box in {folder}, found none; {advice}.")
    return DropBox(folder, due)


def make_box(folder: Path, due: dict[str, str], group: str = "") -> DropBox:
    """Make a drop box, or set dates of one that is there. due: exercise -> date, "" to take it away.

    group: the users of this group, the teachers, read it too. Raises EmotionLabError.
    """
    before = open_box(folder).due if os.path.exists(folder / FACTS) else {}
    dates = {number: date for number, date in {**before, **due}.items() if date}
    dates = {number: _moment(date).isoformat(timespec="seconds") for number, date in dates.items()}
    try:
        for part in (folder, folder / IN, folder / BACK):
            part.mkdir(parents=part == folder, exist_ok=True)
        if os.name == "posix":
            _set_rights(folder, group)
        content = (json.dumps({"due": dates}, indent=1) + "\n").encode()
        write_whole(folder / FACTS, content, rights=0o644)  # whatever the teacher's umask: learners read the dates
    except (OSError, LookupError) as problem:
        raise EmotionLabError(
            f"Expected to make a drop box in {folder}, found: {problem}; choose a folder and a group of your own."
        ) from None
    return DropBox(folder, dates)


def _set_rights(folder: Path, group: str) -> None:
    """Everybody may add to the two folders, and nobody but the owner (and the group that was named) may list them."""
    folder.chmod(0o755)
    for part in (folder / IN, folder / BACK):
        listed = bool(group) or stat.S_IMODE(part.stat().st_mode) == _ADD_ONLY_GROUP  # a group stays, once named
        if group:
            shutil.chown(part, group=group)
        part.chmod(_ADD_ONLY_GROUP if listed else _ADD_ONLY)


def _moment(text: str) -> datetime:
    """A date with its offset from UTC; without one it is this computer's time. Raises EmotionLabError."""
    try:
        moment = datetime.fromisoformat(text)
        if re.fullmatch(r"[-\dW]+", text):  # a day alone would end as it begins
            raise ValueError
        return moment.astimezone()
    except (ValueError, OverflowError, OSError):  # the last two: no date in this computer's time zone
        raise EmotionLabError(
            f"Expected a date such as 2026-12-01T23:59, found {text!r}; write year, month, day, T, hours and minutes."
        ) from None


def rights(box: DropBox) -> tuple[int, int]:
    """The rights of a file and of a folder of mine in the box: its owner reads them besides me, and no other learner.

    Root reads everything. Any other owner, and a group that was named, read by the box's group, so no learner may be
    in that group.
    Raises EmotionLabError where that is not so.
    """
    if os.name != "posix":
        return 0o600, 0o700
    facts = (box.folder / IN).stat()
    owner, group, for_group = facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode) == _ADD_ONLY_GROUP
    if owner == os.getuid() or (owner == 0 and not for_group):
        return 0o600, 0o700
    if group in {os.getgid(), *os.getgroups()}:
        raise EmotionLabError(
            f"Expected a drop box that only your teacher reads, found {box.folder}, whose group you belong to; nothing "
            "was handed in: tell your teacher, who gives the box a group without learners (`dropbox --group`)."
        )
    return 0o640, 0o770


def login_of(user: int) -> str:
    """The login name of a user's number on this computer; "" where it has none (or no such numbers, as Windows)."""
    try:
        import pwd

        return pwd.getpwuid(user).pw_name
    except (ImportError, KeyError):
        return ""


def my_login() -> str:
    """Who is handing in: the user of this process, else whom JupyterHub names."""
    mine = login_of(os.getuid()) if hasattr(os, "getuid") else ""
    try:
        return mine or settings.hub_user() or getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"user{os.getuid()}" if hasattr(os, "getuid") else "somebody"


def as_name(login: str) -> str:
    """A login name as part of a file's name, on any system."""
    return re.sub(r"[^\w.@+-]", "_", login).lstrip(".") or "somebody"


def back_folder(box: DropBox, login: str) -> Path:
    """Where the pages of a learner come back."""
    return box.folder / BACK / as_name(login)


def now() -> datetime:
    """The moment, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def told(when: datetime) -> str:
    """A moment as people read it, in this computer's time zone."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z").strip()
