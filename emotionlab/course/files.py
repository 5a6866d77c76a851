"""Lay the course's files into a learner's folder, so that an update never costs an answer.

A small manifest remembers the checksums of each file as it was laid, in every version so far. A file
that still has one of them is the course's and may be updated; any other is the learner's and is never
touched: a newer version is then laid beside it under a name of its own. Of a notebook only what a
learner can write counts, its cells: opening, running or saving one is no change.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE, write_whole
from emotionlab.course.notebooks import for_the_kernel, what_is_written

FOLDERS = ("lessons", "exercises")
"""What a learner gets; `solutions` stay behind."""

STATE = ".emotionlab"
"""Hidden folder inside the learner's copy: the manifest, and the settings JupyterLab starts with."""

_NOT_COURSE = {"__pycache__", ".ipynb_checkpoints", ".DS_Store", "runs"}


@dataclass
class Laid:
    """What `lay_course` did, as paths relative to the learner's folder (posix, such as "lessons/00.ipynb").

    new: laid for the first time. updated: replaced by a newer version, since the learner had written nothing in it.
    beside: (the learner's file, the newer version laid next to it).
    """

    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    beside: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        lines = []
        if self.new:
            lines.append(f"✔ Laid {_files(self.new, 'course file')} into your folder.")
        if self.updated:
            lines.append(
                f"✔ Updated {_files(self.updated)} in which you had written nothing: {', '.join(self.updated)}."
            )
        for theirs, ours in self.beside:
            lines.append(f"➕ There is a newer {theirs}. Yours is as you left it; the new one lies beside it: {ours}.")
        return "\n".join(lines) or "✔ Your copy of the course is up to date."


def _files(names: list[str], what: str = "file") -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"


def course_source() -> Path:
    """The folder that holds `lessons` and `exercises`: inside the installed package, or the checkout.

    Raises EmotionLabError when neither is there.
    """
    package = PACKAGE
    for folder in (package / "course", package.parent):
        if (folder / "lessons").is_dir():
            return folder
    raise EmotionLabError(
        f"Expected the lessons in {package / 'course'} or in {package.parent}, found neither; "
        "install emotionlab again, or run it from a checkout of the repository."
    )


def lay_course(target: Path, source: Path | None = None) -> Laid:
    """Copy the course from `source` (default: `course_source()`) into `target`, and keep what is the learner's.

    Raises EmotionLabError when `target` is a file, cannot be written to, or is the source itself.
    """
    source = source or course_source()
    files = course_files(source)
    if not files:
        raise EmotionLabError(f"Expected lessons in {source}, found none; install emotionlab again.")
    if target.exists() and not target.is_dir():
        raise EmotionLabError(
            f"Expected a folder for your copy of the course, found the file {target}; give another --dir."
        )
    if any((target / name).resolve() == (source / name).resolve() for name in FOLDERS):
        raise EmotionLabError(
            f"Expected a folder for your own copy, found the course's own folder {target}; "
            "give another --dir, such as my_course."
        )
    try:
        return _lay(files, source, target)
    except OSError as problem:
        raise EmotionLabError(
            f"Expected to write your copy of the course to {target}, found: {problem.strerror or problem}; "
            "give a --dir that you may write to."
        ) from problem


def course_files(source: Path) -> list[str]:
    """Every file of the course below `source`, as sorted posix paths relative to it."""
    found = (path for folder in FOLDERS for path in (source / folder).rglob("*") if path.is_file())
    relative = (path.relative_to(source) for path in found)
    course = (path for path in relative if not _NOT_COURSE & set(path.parts))
    # a hidden notebook is what an editor, or a program that was killed, had begun to write
    return sorted(path.as_posix() for path in course if not (path.name.startswith(".") and path.suffix == ".ipynb"))


def _lay(files: list[str], source: Path, target: Path) -> Laid:
    (target / STATE).mkdir(parents=True, exist_ok=True)
    manifest = _read_manifest(target)
    laid = Laid()
    try:
        for name in files:
            _lay_one(name, (source / name).read_bytes(), target, manifest, laid)
    finally:  # what was laid is remembered even when a later file could not be
        write_whole(target / STATE / "manifest.json", json.dumps(manifest, indent=1).encode())
    return laid


def _lay_one(name: str, ours: bytes, target: Path, manifest: dict[str, list[str]], laid: Laid) -> None:
    path, version, known = target / name, _checksums(ours), set(manifest.get(name, []))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, for_the_kernel(ours))
        laid.new.append(name)
    elif (theirs := _checksums(path.read_bytes())) & version:
        pass
    elif theirs & known:
        write_whole(path, for_the_kernel(ours))
        laid.updated.append(name)
    elif not version & known:  # they changed theirs, and have not been given or offered this version yet
        beside = _free_name(path)
        write_whole(beside, for_the_kernel(ours))
        laid.beside.append((name, beside.relative_to(target).as_posix()))
    manifest[name] = sorted(known | version)


def _free_name(path: Path) -> Path:
    """`01_faces.new.ipynb` for `01_faces.ipynb`, or with a number where that is taken."""
    number, free = 2, path.with_name(f"{path.stem}.new{path.suffix}")
    while free.exists():
        free = path.with_name(f"{path.stem}.new-{number}{path.suffix}")
        number += 1
    return free


def _read_manifest(target: Path) -> dict[str, list[str]]:
    """Checksums of each file in the versions that were laid; none of what is missing or damaged in the manifest.

    Without them every file that differs counts as the learner's, which is the safe side.
    """
    try:
        manifest = json.loads((target / STATE / "manifest.json").read_text(encoding="utf-8"))
        known = {name: [sums] if isinstance(sums, str) else sums for name, sums in manifest.items()}
    except (FileNotFoundError, ValueError, AttributeError, RecursionError):
        return {}
    return {name: sums for name, sums in known.items() if _are_texts(sums)}


def _are_texts(values) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _checksums(content: bytes) -> set[str]:
    """Two files count as the same when they share one of these: of all their bytes, of what is written in them."""
    return {hashlib.sha256(part).hexdigest() for part in (content, what_is_written(content))}
