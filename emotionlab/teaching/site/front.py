"""The first page: what one will build, in ten seconds."""

import html
import re
from pathlib import Path

import nbformat
from PIL import Image

from emotionlab.data.drawn import EMOTION_UNITS, draw_face

_LESSON = r"lessons/\d\d_\w+"

_PARTS = (
    ("Lessons", _LESSON, ()),
    ("Electives", r"lessons/electives/\w+", ("lessons/electives/README", "lessons/electives/streamlit")),
    ("Exercises", r"exercises/\w+", ()),
)
_BESIDE = ("lessons/glossary", "INSTRUCTORS", "names")


NO_TRY = "<p>This copy of the site was built without the recogniser in the page.</p>"

ICON = "favicon.ico"


def lay_icon(folder: Path) -> None:
    """Write the small picture that a browser shows beside the page's title: a drawn face."""
    Image.fromarray(draw_face(EMOTION_UNITS["happy"])).save(folder / ICON)


def lay_front(place, chosen: list[Path], try_it: str = "") -> None:
    """Write index.md: the head of the page, the part "Try it", the lessons, and the contents for the side bar."""
    pages = [path.relative_to(place.course).with_suffix("").as_posix() for path in chosen]
    head = Path(__file__).with_name("front.html").read_text(encoding="utf-8")
    head = head.replace("{FIRST}", _first(place.course, pages))
    there = [name for name in _BESIDE if (place.pages / f"{name}.md").is_file()]
    text = [
        "# EmotionLab",
        raw(head),
        "## Try it",
        raw(try_it or NO_TRY),
        "## The lessons",
        raw(_cards(place.course, pages)),
    ]
    for caption, pattern, beside in _PARTS:
        found = [name for name in beside if (place.pages / f"{name}.md").is_file()]
        text.append(contents(caption, found + [page for page in pages if re.fullmatch(pattern, page)]))
    text.append(contents("For reference", there))
    (place.pages / "index.md").write_text("\n\n".join(filter(None, text)) + "\n", encoding="utf-8")


def raw(text: str) -> str:
    """A block of HTML in Markdown."""
    return f"```{{raw}} html\n{text}\n```"


def contents(caption: str, pages: list[str]) -> str:
    """A part of the side bar."""
    lines = "\n".join(pages)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```" if pages else ""


def _first(course: Path, pages: list[str]) -> str:
    """Where to begin, if a lesson is among the pages."""
    lesson = next((page for page in pages if re.fullmatch(_LESSON, page)), None)
    if lesson is None:
        return ""
    title = html.escape(_title(_first_cell(course, lesson)))
    return f'<li><strong>Read first:</strong> <a href="{lesson}.html">{title}</a></li>\n'


def _cards(course: Path, pages: list[str]) -> str:
    lessons = [page for page in pages if re.fullmatch(_LESSON, page)]
    return f'<ol class="el-lessons">{"".join(_card(course, page) for page in lessons)}</ol>'


def _card(course: Path, page: str) -> str:
    """One lesson: its title, the first thing that one can do afterwards, and how long it takes."""
    first = _first_cell(course, page)
    able = re.search(r"^- (.+)$", first, flags=re.MULTILINE)
    words = re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", able[1]) if able else ""
    time = re.search(r"^\*\*Time:\*\* (.+)$", first, flags=re.MULTILINE)
    long = f"<br><small>{html.escape(time[1])}</small>" if time else ""
    return f'<li><a href="{page}.html">{html.escape(_title(first))}</a><br>{html.escape(words)}{long}</li>'


def _first_cell(course: Path, page: str) -> str:
    return nbformat.read(course / f"{page}.ipynb", as_version=4).cells[0].source


def _title(first_cell: str) -> str:
    return re.search(r"^# (.+)$", first_cell, flags=re.MULTILINE)[1]
