"""Who handed in a file: what a learning platform's download names say, and what they do not.

Two files are one learner's only where the platform's pattern says so beyond doubt. Anything else stays apart:
a look-alike in the report does no harm, two people merged into one do.
"""

import re
from dataclasses import dataclass

from emotionlab.teaching.grading.copies import name_before, name_behind

_MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.S)
_BLACKBOARD = re.compile(r"(?P<full>.+?_(?P<who>[^_]+))_attempt_(?P<date>\d{4}(?:-\d\d){5})_?(?P<file>.*)", re.S)
_CANVAS = re.compile(r"(?P<who>[^_]+?)(?P<late>_LATE)?_(?P<numbers>\d+_\d+)_(?P<file>.+?)(?:-(?P<attempt>\d+))?", re.S)
_BRIGHTSPACE = re.compile(
    r"(?P<numbers>\d{3,}-\d{3,}) - (?P<who>.+?) - (?P<date>[^-]*\b\d{4},? \d\d? ?[h:.]? ?\d\d\b[^-]*)(?: - .*)?", re.S
)
_DATE = re.compile(r"(\w{3})\w*\.? (\d{1,2}), (\d{4}) (\d{1,2})[:.]?(\d\d) ?([AP]M)?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Who:
    """A learner by the name of a file or folder.

    student: what the report calls them, unless another is called so too: then `full`, or the file's whole name.
    key: the same for two files of one learner, and for no others.
    attempt: sorts the attempts of one learner; () where the name has none. late: the platform says so.
    alike: the same for names that look like one learner's. named: False when no name is in it.
    """

    student: str
    key: tuple
    attempt: tuple = ()
    late: bool = False
    alike: str = ""
    named: bool = True
    full: str = ""


def who(stem: str, flat: bool = True, notebooks: tuple[str, ...] = ()) -> Who:
    """The learner by the name of a folder, or of a file without its endings (`flat`).

    notebooks: stems of the course's own notebooks, such as "01_faces_as_data".

    >>> who("lovelaceada_LATE_12345_67890_01_faces-1").student
    'lovelaceada'
    """
    if moodle := _MOODLE.fullmatch(stem):  # two learners may share a name, but no number
        full = f"{moodle['who']}_{moodle['number']}"
        return Who(moodle["who"], ("moodle", full), alike=moodle["who"], full=full)
    if board := _BLACKBOARD.fullmatch(stem):  # the login may hold a "_", and so may the assignment before it
        key = ("blackboard", board["full"])
        return Who(board["who"], key, (board["date"],), alike=board["who"], full=board["full"])
    if bright := _BRIGHTSPACE.fullmatch(stem):
        full = f"{bright['who']}_{bright['numbers']}"
        return Who(bright["who"], ("brightspace", full), _date(bright["date"]), alike=bright["who"], full=full)
    canvas = _CANVAS.fullmatch(stem)
    alike = canvas["who"] if canvas else stem
    if not flat:
        return Who(stem, ("folder", stem), alike=alike)
    if canvas and re.search(r"[^\W\d]", canvas["who"]):  # 2024_10_12_x is a date, and nobody's login
        key = ("canvas", canvas["who"], canvas["numbers"], canvas["file"])
        attempt = (int(canvas["attempt"] or 0),)
        return Who(canvas["who"], key, attempt, bool(canvas["late"]), canvas["who"])
    return Who(stem, ("file", stem), alike=alike) if canvas else _plain(stem, notebooks)


def _date(words: str) -> tuple:
    """Year, month, day, hour and minute of "Oct 12, 2024 1159 PM"; () in another language: the files' times decide."""
    found = _DATE.fullmatch(words.strip())
    if not found or found[1] not in _MONTHS:
        return ()
    day, year, hour, minute = (int(found[i]) for i in (2, 3, 4, 5))
    if found[6]:  # 12 AM is midnight, 12 PM noon
        hour = hour % 12 + (12 if found[6] == "PM" else 0)
    return year, _MONTHS.index(found[1]) + 1, day, hour, minute


def _plain(stem: str, notebooks: tuple[str, ...]) -> Who:
    """A name of no platform: what stands before the notebook's own name, else all of it."""
    for notebook in notebooks:
        before, found, after = stem.partition(notebook)
        if found:
            name = before.strip(" _-.")
            if not (somebody := name_before(name)):  # "Copy of 01_faces_as_data Ada": the name, if any, stands behind
                return Who(stem, ("file", stem), alike=stem, named=bool(name_behind(after)))
            return Who(name, ("file", stem), alike=somebody)
    return Who(stem, ("file", stem), alike=stem)


def student_of(name: str) -> str:
    """Who handed in a file or folder: `Ada Lovelace_4711_assignsubmission_file_01_faces` -> `Ada Lovelace`."""
    return who(name).student
