"""Find who handed in what: a folder for each learner, or one flat folder with a platform's download names.

Every entry of the folder is accounted for: a row, an earlier attempt or a file that is named in its learner's
row, or a line of the table "not taken".
"""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import readable
from emotionlab.exercises.naming import PREFIX
from emotionlab.teaching.grading.beside import JUNK
from emotionlab.teaching.grading.handed import ARCHIVES, Opened, open_file, with_files
from emotionlab.teaching.grading.reading import Notebook
from emotionlab.teaching.grading.who import Who, student_of, who

__all__ = ["Collected", "Submission", "collect", "exercise_of", "find_submissions", "student_of"]

_CALL = re.compile(rf"""\bexercise\(\s*["']?({PREFIX})["']?\s*\)|\.check\(\s*["']({PREFIX})\.\d""")
_CELL_ID = re.compile(rf"q-({PREFIX})-\d+-(?:answer|check|try|task)")
_COUNTED = {"row": "in rows", "earlier": "earlier attempts", "beside": "beside a notebook", "not taken": "not taken"}
_DEEPEST, _MOST_ENTRIES = 30, 20_000  # of a learner's folder


@dataclass(frozen=True)
class Submission:
    """What one learner handed in for one exercise.

    student: as the folder or the platform calls them. exercise: "03", or "" when nobody can tell.
    path: the chosen file, None when there is none; file: its name below SUBMISSIONS, as text.
    problem: why it cannot be graded ("" when it can). beside: (name, bytes) of the files that came with it.
    """

    student: str
    exercise: str
    path: Path | None = None
    notebook: Notebook | None = None
    problem: str = ""
    warnings: tuple[str, ...] = ()
    beside: tuple[tuple[str, bytes], ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Collected:
    """submissions: one for each learner and exercise, sorted. not_taken: (name, reason). entries: how each counts.

    entries: name of an entry of the folder -> "row", "earlier", "beside" or "not taken"; together they are all.
    """

    submissions: list[Submission]
    not_taken: list[tuple[str, str]]
    entries: dict[str, str]

    def counts(self) -> str:
        """One line that adds up: `10 entries: 8 in rows, 1 earlier attempt, ...`."""
        words = {
            "row": "in rows",
            "earlier": "earlier attempts",
            "beside": "beside a notebook",
            "not taken": "not taken",
        }
        counts = Counter(self.entries.values())
        return f"{len(self.entries)} entries: " + ", ".join(f"{counts[kind]} {word}" for kind, word in words.items())


@dataclass(frozen=True)
class _Candidate:
    """One file that may be a submission, and the entry it came with."""

    who: Who
    entry: str
    path: Path
    opened: Opened
    exercise: str


def find_submissions(folder: Path, masters: dict[str, str], exercise="", student="") -> list[Submission]:
    """The submissions that `collect` finds."""
    return collect(folder, masters, exercise, student).submissions


def collect(folder: Path, masters: dict[str, str], exercise="", student="") -> Collected:
    """Look at every entry of `folder`.

    masters: exercise -> file name of its notebook. exercise, student: only these ("" = all).
    Raises EmotionLabError when `folder` holds nothing that could be a submission.
    """
    if os.path.isfile(folder):
        raise EmotionLabError(
            f"Expected a folder with submissions, found the file {readable(folder)}; give the folder in which it lies."
        )
    if not os.path.isdir(folder):
        raise EmotionLabError(
            f"Expected a folder with submissions, found none called {readable(folder)}; check the path."
        )
    folder = _unwrapped(folder)
    collection = _Collection(folder, masters)
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        collection.take(entry)
    made = collection.close(exercise)
    if not made.submissions:
        raise EmotionLabError(
            f"Expected a folder for each learner or notebooks (*.ipynb) in {readable(folder)}, found neither; "
            "check the path."
        )
    if student:
        mine = [entry for entry in made.submissions if student in _called(entry)]
        if not mine:
            raise EmotionLabError(
                f"Expected work of {student!r} in {readable(folder)}, found none; "
                "give --student as the report or the folder calls them."
            )
        return replace(made, submissions=mine)
    return made


def _unwrapped(folder: Path) -> Path:
    """The folder itself; the only folder in it, where several folders in that hold the same exercise: a class."""
    inside = [entry for entry in _entries(str(folder)) if entry.name not in JUNK and not entry.name.startswith("._")]
    if len(inside) != 1 or not inside[0].is_dir(follow_symlinks=False):
        return folder
    top = Path(inside[0].path)
    places: dict[str, set[str]] = {}
    for path in _files_in(top)[0]:
        if path.suffix.lower() == ".ipynb" and (notebook := open_file(path, with_beside=False).notebook):
            places.setdefault(exercise_of(notebook), set()).add(path.relative_to(top).parts[0])
    one_folder_each = all(not (top / name).is_file() for names in places.values() for name in names)
    return top if one_folder_each and any(len(names) > 1 for names in places.values()) else folder


def _called(entry: Submission) -> tuple[str, ...]:
    """What a teacher may call a learner: as the report does, or as the folder or file is called."""
    top = entry.file.split("/")[0]
    return entry.student, top, _stem(Path(top))


class _Collection:
    """The entries seen so far."""

    def __init__(self, folder: Path, masters: dict[str, str]):
        self.folder, self.masters = folder, masters
        self.stems = tuple(Path(name).stem for name in masters.values() if name[:2].isdigit())
        self.candidates: list[_Candidate] = []
        self.empty: dict[tuple, tuple[Who, str, str]] = {}  # learners whose folder holds no notebook
        self.other: list[tuple[Who, str, str]] = []  # files that are no notebooks
        self.entries: dict[str, str] = {}
        self.seen: set[str] = set()
        self.alike: dict[tuple, str] = {}  # key of a learner -> what names that look like theirs have in common
        self.not_taken: list[tuple[str, str]] = []

    def take(self, entry: os.DirEntry) -> None:
        """Look at one entry. Whatever is wrong with it costs itself alone."""
        name = readable(entry.name)
        while name in self.seen:  # two names that are no UTF-8 may be shown alike
            name += " (another)"
        self.seen.add(name)
        try:
            if entry.name in JUNK or entry.name.startswith("._"):
                self._refuse(name, "left behind by a program or a system")
            elif entry.is_symlink() and (entry.is_dir() or not name.lower().endswith(".ipynb")):
                self._refuse(name, "a link; links are not followed")
            elif entry.is_dir():
                self._take_folder(Path(entry.path), who(name, flat=False), name)
            else:
                self._take_file(Path(entry.path), name)
        except Exception as error:
            self._refuse(name, f"it could not be looked at ({type(error).__name__})")

    def _refuse(self, name: str, reason: str) -> None:
        self.entries[name] = "not taken"
        self.not_taken.append((name, reason))

    def _take_folder(self, folder: Path, learner: Who, name: str) -> None:
        paths, too_deep = _files_in(folder)
        notebooks = [path for path in paths if path.suffix.lower() == ".ipynb"]
        found = [(path, open_file(path, with_beside=False)) for path in notebooks]
        if not found:  # an archive, or a notebook under another ending
            others = [(path, open_file(path, with_beside=False)) for path in paths[:200]]
            found = [(path, opened) for path, opened in others if opened.notebook or opened.is_notebook]
        if found:
            self.entries[name] = "row"
            self.candidates += [self._candidate(learner, name, path, opened) for path, opened in found]
            return
        told = [f"{readable(path.name)}: {opened.problem}" for path, opened in others[:5]]
        deep = f"folders more than {_DEEPEST} levels deep are not looked into" if too_deep else ""
        why = "; ".join([*told, *([deep] if deep else [])])
        self.entries[name] = "row" if learner.key not in self.empty else "beside"
        self.empty.setdefault(learner.key, (learner, name, f"no notebook was handed in{f' ({why})' if why else ''}"))

    def _take_file(self, path: Path, name: str) -> None:
        learner = who(readable(_stem(path)), True, self.stems)
        opened = open_file(path, with_beside=False)
        if opened.is_notebook:
            self.entries[name] = "row"
            self.candidates.append(self._candidate(learner, name, path, opened))
        else:
            self.other.append((learner, name, opened.problem))

    def _candidate(self, learner: Who, entry: str, path: Path, opened: Opened) -> _Candidate:
        number = exercise_of(opened.notebook) if opened.notebook else _exercise_by_name(path, self.masters)
        self.alike[learner.key] = _letters(learner.alike)
        if opened.notebook and number not in self.masters:
            problem = f"{readable(path.name)} holds no question of an exercise of this course"
            opened, number = replace(opened, problem=problem, notebook=None), ""
        return _Candidate(learner, entry, path, opened, number)

    # ------------------------------------------------------------------------------------ the rows

    def close(self, wanted: str) -> Collected:
        """The rows, once every entry was looked at."""
        groups: dict[tuple, list[_Candidate]] = {}
        for candidate in self.candidates:
            groups.setdefault((candidate.who.key, candidate.exercise), []).append(candidate)
        if wanted:
            groups = _only(groups, wanted)
        names = self._names(groups)
        made = [self._row(group, exercise, names) for (_, exercise), group in groups.items()]
        made += self._empty_rows(wanted, names)
        for learner, name, reason in self.other:
            self._other(learner, name, reason)
        return Collected(sorted(made, key=lambda row: (row.student, row.exercise)), self.not_taken, self.entries)

    def _names(self, groups: dict) -> dict[tuple, str]:
        """Learner and exercise -> what the report calls them: the full name where two would be called the same.

        Who handed in no notebook has no exercise, and is told apart from everybody.
        """
        rows = {place: (group[0].who, group[0].entry) for place, group in groups.items()}
        with_work = {key for key, _ in groups}
        rows |= {(key, ""): (who, entry) for key, (who, entry, _) in self.empty.items() if key not in with_work}
        names = {place: learner.student for place, (learner, _) in rows.items()}
        for longer in (lambda learner, entry: learner.full or entry.removesuffix(".ipynb"), lambda _, entry: entry):
            for place in _called_alike(names):
                names[place] = longer(*rows[place])
        return names

    def _row(self, group: list[_Candidate], exercise: str, names: dict) -> Submission:
        learner = group[0].who
        student = names[learner.key, exercise]
        chosen, notes = self._choose(group, exercise)
        opened = chosen.opened
        if opened.packed:  # once more, with what lies beside it: of all that could be chosen it would fill the memory
            opened = open_file(chosen.path)
        if chosen.path.parent != self.folder:
            opened = with_files(chosen.path, opened)
        notes += list(opened.notes) + (list(opened.notebook.warnings) if opened.notebook else [])
        if chosen.who.late:
            notes.append("late, says the platform")
        if not learner.named:
            notes.append("no learner's name in it: a browser's duplicates, perhaps of two people, are kept apart")
        same = [(key, name) for (key, number), name in names.items() if number == exercise and name != student]
        mine = self.alike[learner.key]
        alike = [name for key, name in same if mine == self.alike.get(key) or _begins_with(name, mine)]
        alike += [name for _, name in same if _letters(name) == _letters(student) and name not in alike]
        if alike:
            notes.append(f"looks like {', '.join(sorted(alike)[:3])}; kept apart")
        file = self._shown(chosen.path)
        return Submission(
            student, exercise, chosen.path, opened.notebook, opened.problem, tuple(notes), opened.beside, file
        )

    def _choose(self, group: list[_Candidate], exercise: str) -> tuple[_Candidate, list[str]]:
        """Of several files of one learner the last attempt, else the readable one changed last; and what to say."""
        master = self.masters.get(exercise, "")

        versions = _versions([one.path for one in group])

        def attempt(one):
            return one.who.attempt, versions.get(one.path, 0)

        def order(one):
            return attempt(one), _changed(one.path), one.path.name == master, _natural(one.path)

        chosen = max([one for one in group if not one.opened.problem] or group, key=order)
        later = [one for one in group if one.opened.problem and order(one) > order(chosen)]
        others = sorted(self._shown(one.path) for one in group if one is not chosen)
        for one in group:
            if one.entry != chosen.entry:
                self.entries[one.entry] = "earlier"
        if not others:
            return chosen, []
        attempts = len({attempt(one) for one in group}) > 1
        as_new = [one for one in group if one is not chosen and order(one)[:2] == order(chosen)[:2]]
        which = "which is the last attempt" if attempts else "which was changed last"
        which = "chosen by its name, for no time tells which is the last" if as_new else which
        which += " of those that can be graded" if later else ""
        told = ", ".join(others[:10]) + (f" and {len(others) - 10} more" if len(others) > 10 else "")
        notes = [f"several notebooks for this exercise: graded {self._shown(chosen.path)}, {which}; not {told}"]
        notes += [f"{self._shown(one.path)} is newer and was not graded: {one.opened.problem}" for one in later[:3]]
        if len({one.path.parent for one in group if one.entry == chosen.entry}) > 1:
            notes.append(f"they lie in several folders; if those are several people's, grade {chosen.entry} by itself")
        return chosen, notes

    def _empty_rows(self, wanted: str, names: dict) -> list[Submission]:
        with_work = {candidate.who.key: candidate.who.student for candidate in self.candidates}
        rows = []
        for key, (_, name, problem) in self.empty.items():
            if key in with_work:  # Moodle's second folder of a learner, for typed text
                self.entries[name] = "beside"
                self.not_taken.append((name, f"no notebook in it; belongs to {with_work[key]}"))
            else:
                rows.append(Submission(names[key, ""], wanted, problem=problem, file=name))
        return rows

    def _other(self, learner: Who, name: str, reason: str) -> None:
        """A file that is no notebook: it belongs to a learner's row where the platform says whose it is."""
        mine = [one for one in self.candidates if learner.key[0] == "moodle" and one.who.key == learner.key]
        if mine:
            self.entries[name] = "beside"
            self.not_taken.append((name, f"{reason}; lies beside the notebook of {mine[0].who.student}"))
        else:
            self._refuse(name, reason)

    def _shown(self, path: Path) -> str:
        return readable(path.relative_to(self.folder).as_posix())


def _only(groups: dict, wanted: str) -> dict:
    """The groups of one exercise; of learners without it, what else they handed in, with the reason."""
    mine: dict[tuple, list[_Candidate]] = {
        (learner, number): group + groups.get((learner, ""), [])  # of what cannot be read nobody knows the exercise
        for (learner, number), group in groups.items()
        if number == wanted
    }
    by_learner: dict[tuple, list[_Candidate]] = {}
    for (key, _), group in groups.items():
        if (key, wanted) not in mine:
            by_learner.setdefault(key, []).extend(group)
    for key, group in by_learner.items():
        unknown = [one for one in group if not one.exercise]
        others = ", ".join(sorted({one.exercise for one in group if one.exercise}))
        problem = f"handed in exercise {others} where {wanted} was expected"
        mine[key, wanted] = unknown or [replace(one, opened=Opened(problem=problem, is_notebook=True)) for one in group]
    return mine


def _called_alike(names: dict[tuple, str]) -> list[tuple]:
    """The places (learner, exercise) whose name another learner has too, in the same exercise or in none."""
    learners: dict[str, dict[str, set]] = {}
    for (key, exercise), name in names.items():
        learners.setdefault(name, {}).setdefault(exercise, set()).add(key)
    found = []
    for (key, exercise), name in names.items():
        others = learners[name] if not exercise else {part: learners[name].get(part, set()) for part in (exercise, "")}
        if set().union(*others.values()) != {key}:
            found.append((key, exercise))
    return found


def _begins_with(name: str, alike: str) -> bool:
    """Whether a name is `alike`, or that and more."""
    return bool(alike) and f"{_letters(name)} ".startswith((f"{alike}_", f"{alike} "))


def _letters(name: str) -> str:
    """A name as people read it: an é is one letter or an e with an accent, and Ada and ada look the same."""
    return unicodedata.normalize("NFC", name).casefold().strip()


def _versions(paths: list[Path]) -> dict[Path, int]:
    """Path -> number of its folder "Version 10", as Teams keeps attempts; {} unless all lie in such folders in one."""
    found = {path: re.fullmatch(r"(?i)vers\w+ (\d+)", _letters(path.parent.name)) for path in paths}
    together = len({path.parent.parent for path in paths}) == 1 and all(found.values())
    return {path: int(match[1]) for path, match in found.items()} if together else {}


def _natural(path: Path) -> tuple:
    """Sorts "attempt 2" before "attempt 10"."""
    parts = re.split(r"(\d+)", str(path))
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path


def _stem(path: Path) -> str:
    """A file's name without its endings."""
    name = path.name
    for ending in (".txt", ".json", *ARCHIVES, ".ipynb"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
    return path.stem if name == path.name else name


def _files_in(folder: Path) -> tuple[list[Path], bool]:
    """The files below a folder, in order, and whether some folder is too deep. Links to folders are not followed."""
    found: list[Path] = []
    waiting: list[tuple[str, int]] = [(str(folder), 0)]
    too_deep, seen = False, 0
    while waiting and seen < _MOST_ENTRIES:
        here, depth = waiting.pop()
        for entry in _entries(here):
            seen += 1
            if entry.name in JUNK or entry.name.startswith("._"):
                continue
            if entry.is_dir(follow_symlinks=False):
                too_deep = too_deep or depth == _DEEPEST
                waiting += [(entry.path, depth + 1)] if depth < _DEEPEST else []
            else:
                found.append(Path(entry.path))
    return sorted(found), too_deep or bool(waiting)


def _entries(folder: str) -> Iterator[os.DirEntry]:
    try:
        with os.scandir(folder) as entries:
            yield from list(entries)
    except OSError:
        return


def exercise_of(notebook: Notebook) -> str:
    """The exercise that most cells belong to, by their ids, tags and check calls; "" when there is none."""
    votes: dict[str, int] = {}
    for cell in notebook.cells:
        marks = [match[1] for mark in (cell.id, *cell.tags) if (match := _CELL_ID.fullmatch(mark))]
        if cell.kind == "code":
            marks += [match[1] or match[2] for match in _CALL.finditer(cell.source)]
        for mark in marks:
            votes[mark.zfill(2)] = votes.get(mark.zfill(2), 0) + 1
    return max(votes, key=lambda number: votes[number]) if votes else ""


def _exercise_by_name(path: Path, masters: dict[str, str]) -> str:
    """The exercise whose notebook's name occurs in the file's name: all that is left when the file is broken."""
    stems = {number: Path(name).stem for number, name in masters.items()}
    return next((n for n, stem in stems.items() if stem == path.stem or (n.isdigit() and stem in path.stem)), "")


def _changed(path: Path) -> int:
    try:
        return int(path.lstat().st_mtime)
    except OSError:
        return 0
