"""The sources of the site's pages, laid into a folder for Sphinx: the same names as in the repository."""

import html
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import nbformat

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed
from emotionlab.exercises import exercise
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.teaching.site.addresses import file_address
from emotionlab.teaching.site.running import outputs_of
from emotionlab.teaching.site.showing import shown

_TASK = re.compile(r"q-([a-z0-9]+)-(\d+)-task")
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:|#|//)([^)\s#]+)(#[^)\s]*)?\)")

LESSON_NOTE = """```{note}
This page is for reading: below each cell stands what it gave. To run the cells and to use buttons, sliders and the
quiz, open the course with `emotionlab lab`, or download this notebook (the arrow above).
```"""

EXERCISE_NOTE = """```{note}
This page is for reading. To work on it, download the notebook (the arrow above) or open the course with
`emotionlab lab`: the check below each answer then says what it expected and what it found.
```"""


@dataclass(frozen=True)
class Place:
    """Where pages come from and go to.

    course: the folder with lessons/, exercises/ and, in a checkout, INSTRUCTORS.md. pages: the folder of the
    sources. extra: the folder of files that go into the site as they are. repository: its address, or "".
    """

    course: Path
    pages: Path
    extra: Path
    repository: str = ""


def notebooks(course: Path, only: list[str]) -> list[Path]:
    """The notebooks of the site, lessons first. only: keep those whose number or name is in this list, if any.

    Raises EmotionLabError for a number or name that no notebook has.
    """
    folders = ("lessons", "lessons/electives", "exercises")
    found = [path for folder in folders for path in listed(course / folder, "*.ipynb")]
    names = {path: {path.stem, exercise_of_file(path.name)} for path in found}
    for name in only:
        if not any(name in own for own in names.values()):
            known = ", ".join(dict.fromkeys(exercise_of_file(path.name) for path in found))
            raise EmotionLabError(f"Expected lessons among {known}, found {name!r}; give their numbers, as in 00,01.")
    return [path for path in found if not only or names[path] & set(only)]


def lay_files(place: Place, chosen: list[Path]) -> None:
    """Everything but notebooks: pictures, the glossary, the electives' files, the page for instructors."""
    ignored = shutil.ignore_patterns("*.ipynb", "__pycache__", ".*")
    shutil.copytree(place.course / "lessons", place.pages / "lessons", ignore=ignored)
    guide = place.course / "INSTRUCTORS.md"
    if guide.is_file():
        shutil.copy(guide, place.pages / "INSTRUCTORS.md")
    if not any(path.parent.name == "electives" for path in chosen):
        for page in (place.pages / "lessons" / "electives").glob("*.md"):
            page.unlink()
    for path in chosen:  # a link leads only to what is there, so every name must stand before links are looked at
        target = place.pages / path.relative_to(place.course)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    for page in place.pages.rglob("*.md"):
        text = page.read_text(encoding="utf-8").replace("- [ ] ", "- ☐ ")  # a list to tick on paper
        page.write_text(linked(text, page, place), encoding="utf-8")


def lay_notebook(place: Place, path: Path, again: bool = False) -> bool:
    """Lay one notebook: a lesson with its outputs, an exercise with its hints. Returns whether it was run just now."""
    notebook = nbformat.read(path, as_version=4)
    target = place.pages / path.relative_to(place.course)
    fresh = False
    if path.is_relative_to(place.course / "exercises"):
        notebook.cells = _with_hints(notebook.cells, exercise_of_file(path.name))
    else:
        found = outputs_of(path, place.course, again)
        fresh = found.fresh
        figures = place.extra / path.relative_to(place.course).parent / "figures"
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = [nbformat.from_dict(one) for one in shown(cell, found.outputs[cell.id], figures)]
        notebook.cells.insert(1, _markdown("site-note", LESSON_NOTE))
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, target, place)
    nbformat.write(notebook, target)
    return fresh


def _with_hints(cells: list, number: str) -> list:
    """The cells of an exercise with the hints of each question, folded, below its task."""
    made, asked = [], exercise(number)
    for cell in cells:
        made.append(cell)
        task = _TASK.fullmatch(cell.id)
        if task:
            made.append(_markdown(f"{cell.id}-hints", _hints(asked.question(f"{task[1]}.{task[2]}").hints)))
    return [made[0], _markdown("site-note", EXERCISE_NOTE), *made[1:]]


def _hints(hints) -> str:
    one = '<details class="el-hint"><summary>Hint {}</summary><p>{}</p></details>'
    return "\n".join(one.format(number, _words(text)) for number, text in enumerate(hints, 1))


def _words(text: str) -> str:
    """Plain words as one line of HTML; backticks mark code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(" ".join(text.split())))


def _markdown(name: str, text: str):
    cell = nbformat.v4.new_markdown_cell(text)
    cell.id = name
    return cell


def linked(text: str, page: Path, place: Place) -> str:
    """Markdown whose links lead to pages of the site, else into the repository, else are plain words."""

    def mended(match: re.Match) -> str:
        words, target, part = match[1], unquote(match[2]), match[3] or ""
        path = (page.parent / target).resolve()
        if path.is_file():
            return match[0]
        inside = path.relative_to(place.pages.resolve()) if path.is_relative_to(place.pages.resolve()) else None
        if place.repository and inside and (place.course / inside).exists():
            return f"[{words}]({file_address(place.repository, inside.as_posix())}{part})"
        return words

    return _LINK.sub(mended, text)
