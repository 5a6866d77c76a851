"""Give the pages of a report back: each into the folder of the one learner whom it is about."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import write_whole
from emotionlab.exercises.dropbox import IN, DropBox, as_name, back_folder, login_of, open_box
from emotionlab.exercises.handin import page_name
from emotionlab.teaching.grading.pages import student_page
from emotionlab.teaching.grading.results import FOLDER, Graded, stored


def hand_back(
    report: Path, to: str | Path | None = None, student: str = "", say: Callable[[str], None] = print
) -> dict[str, str]:
    """Lay the page of each learner of a report into the drop box, where only that learner reads it.

    Returns learner and exercise -> "" or why the page could not be given back; says each of these. Raises
    EmotionLabError where there is no report or no drop box.
    """
    box = open_box(to or settings.dropbox())
    results = [result for result in stored(report, say) if student in ("", result.student)]
    if not results:
        whose = f" about {student!r}" if student else ""
        raise EmotionLabError(
            f"Expected a report{whose} in {report}, found no {FOLDER}; give the REPORT of `emotionlab grade`."
        )
    told = {}
    for result in results:
        called = f"{result.student}, exercise {result.exercise}" if result.exercise else result.student
        try:
            _give(result, box)
            told[called] = ""
        except OSError as problem:
            told[called] = f"{problem.strerror or problem}"
        except EmotionLabError as problem:
            told[called] = str(problem)
    for called, reason in told.items():
        if reason:
            say(f"⚠ Not given back: {called}: {reason}")
    done = sum(not reason for reason in told.values())
    say(f"{'✔' if done == len(told) else '⚠'} {done} of {len(told)} pages were given back.")
    return told


def _give(result: Graded, box: DropBox) -> None:
    """Lay one page. Raises EmotionLabError or OSError, and then nothing was laid."""
    user = _owner(result, box)
    folder = back_folder(box, result.student)
    if os.name != "posix":  # who may read a folder, the share says
        folder.mkdir(exist_ok=True)
        write_whole(folder / page_name(result.exercise), student_page(result))
        return
    if not folder.is_symlink() and not folder.exists():
        _make(folder, user)
    place = _opened(folder)
    try:
        facts = os.fstat(place)
        if facts.st_uid != user:
            raise EmotionLabError(
                f"the folder {folder} belongs to {login_of(facts.st_uid) or facts.st_uid}, not to {result.student}; "
                "remove it and try again"
            )
        if stat.S_IMODE(facts.st_mode) & 0o007:
            raise EmotionLabError(f"others may look into the folder {folder}; its owner must forbid it")
        _write(place, page_name(result.exercise), student_page(result))
    finally:
        os.close(place)


def _owner(result: Graded, box: DropBox) -> int:
    """The number of the user whose hand-in was graded; it must still be the learner's. Raises EmotionLabError."""
    handed = box.folder / result.file
    if not result.file.startswith(f"{IN}/") or not handed.is_file():
        raise EmotionLabError("the graded file is not in this drop box; hand the page over in another way")
    user = handed.lstat().st_uid
    if os.name != "posix" or as_name(login_of(user)) == result.student:
        return user
    user_of_name = _number_of(result.student)
    if user in (0, (box.folder / IN).stat().st_uid) and user_of_name is not None:  # the teacher laid it in for somebody
        return user_of_name
    raise EmotionLabError(
        f"no user of this computer is called {result.student}, so nobody knows whose it is; hand it over in another way"
    )


def _number_of(login: str) -> int | None:
    import pwd

    try:
        return pwd.getpwnam(login).pw_uid
    except KeyError:
        return None


def _make(folder: Path, user: int) -> None:
    """A folder for a learner who has none yet; only root can give it away."""
    if os.getuid() not in (0, user):
        raise EmotionLabError(
            "no folder of theirs is in the drop box, and only root can make one; let them hand in once more, or run "
            "this as root"
        )
    folder.mkdir(0o700)
    os.chown(folder, user, -1)


def _opened(folder: Path) -> int:
    """The folder itself, never where a link leads; what is laid later goes into this one, whatever its name becomes."""
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as problem:
        raise EmotionLabError(f"{folder} cannot be opened ({problem.strerror})") from None


def _write(place: int, name: str, content: bytes) -> None:
    """Write a file into an open folder, whole or not at all; the folder says who reads it."""
    temporary = f".{name}-{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=place)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=place, dst_dir_fd=place)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary, dir_fd=place)
        raise
