"""Who handed in a file: what a learning platform's download names say, and what they do not.

Two files are one learner's only where the platform's pattern says so beyond doubt. Anything else stays apart:
a look-alike in the report does no harm, two people merged into one do.
"""

import re
from dataclasses import dataclass

_MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)", re.S)
_BLACKBOARD = re.compile(r"(?P<full>.+?_(?P<who>[^_]+))_attempt_(?P<date>\d{4}(?:-\d\d){5})_?(?P<file>.*)", re.S)
_CANVAS = re.compile(r"(?P<who>[^_]+?)(?P<late>_LATE)?_(?P<numbers>\d+_\d+)_(?P<file>.+?)(?:-(?P<attempt>\d+))?", re.S)
_NOBODY = re.compile(r"(?i)\b(copy ?of|kopie von|copie de|copia de|cópia de|copy\d*|final|solved|v\d*)\b")
"""What browsers, programs and people put round a file's name that is no name of a person."""


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
    canvas = _CANVAS.fullmatch(stem)
    alike = canvas["who"] if canvas else stem
    if not flat:
        return Who(stem, ("folder", stem), alike=alike)
    if canvas and re.search(r"[^\W\d]", canvas["who"]):  # 2024_10_12_x is a date, and nobody's login
        key = ("canvas", canvas["who"], canvas["numbers"], canvas["file"])
        attempt = (int(canvas["attempt"] or 0),)
        return Who(canvas["who"], key, attempt, bool(canvas["late"]), canvas["who"])
    return Who(stem, ("file", stem), alike=alike) if canvas else _plain(stem, notebooks)


def _plain(stem: str, notebooks: tuple[str, ...]) -> Who:
    """A name of no platform: what stands before the notebook's own name, else all of it."""
    for notebook in notebooks:
        before, found, after = stem.partition(notebook)
        if found:
            name = before.strip(" _-.")
            if not _names_somebody(name):  # "Copy of 01_faces_as_data Ada": the name, if any, stands behind
                return Who(stem, ("file", stem), alike=stem, named=_names_somebody(after))
            return Who(name, ("file", stem), alike=name)
    return Who(stem, ("file", stem), alike=stem)


def _names_somebody(words: str) -> bool:
    """Whether letters are left without what browsers and programs put round a file's name."""
    return bool(re.search(r"[^\W\d]", _NOBODY.sub("", words.replace("_", " "))))


def student_of(name: str) -> str:
    """Who handed in a file or folder: `Ada Lovelace_4711_assignsubmission_file_01_faces` -> `Ada Lovelace`."""
    return who(name).student
