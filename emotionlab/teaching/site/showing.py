"""Outputs made fit for a page: every picture has a description, and what needs a kernel is shown without one."""

import html
import re
import shutil
from base64 import b64decode
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.course.files import course_source
from emotionlab.exercises.quiz import Quiz, read_quiz
from emotionlab.teaching.site.inside import USED

WIDGET = "application/vnd.jupyter.widget-view+json"

_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/svg+xml": "svg"}

_QUIZ = re.compile(r"el\.quiz\(\s*[\"']([\w-]+)[\"']\s*\)")

PANELS = {
    "el.webcam(": "In JupyterLab this cell opens a panel with your camera; here it is given a drawn picture.",
    "el.app(": "In JupyterLab this cell opens the app: a page for pictures, the webcam and videos.",
    "el.camera(": "In JupyterLab this cell opens a panel with the pictures of a camera.",
    "el.playground(": "In JupyterLab this cell opens a panel with a slider for each movement of the face.",
    "el.abstention(": "In JupyterLab this cell opens a panel with a slider for the threshold.",
    "el.tagger(": "In JupyterLab this cell opens a panel on which you label the faces yourself.",
    "el.microphone(": "In JupyterLab this cell opens a panel that listens to your microphone.",
    "examine()": "This is what the computer said that built this page. Run the cell on yours to see what it says.",
}
"""What to say under a cell that opens a panel or looks at the computer, by the call in its source."""

PORTRAITS = {
    "el.app(": (
        "app.jpg",
        "The app in a browser: an uploaded photo on the left; on the right the same photo with a box around the face, "
        "seven bars with numbers, and a table with a row for the face.",
    ),
    "el.tagger(": (
        "tagger.jpg",
        "The panel in JupyterLab: “Face 1 of 30: which emotion does it show?”, a drawn face, a button for each emotion "
        "and one for undo.",
    ),
    "el.abstention(": (
        "abstention.jpg",
        "The panel in JupyterLab: a slider for the threshold; below it two sentences, how many pictures the model "
        "answers and how often it is right, and a table with a row for each emotion.",
    ),
    "el.microphone(": (
        "microphone.jpg",
        "The panel in JupyterLab: buttons to record, to open a sound and to use the bundled voice, a level, and a bar "
        "for each emotion.",
    ),
}
"""A picture of a panel that shows none without a kernel: its file in `lessons/images`, and what it shows."""


def shown(cell, outputs: list, figures: Path) -> list:
    """The outputs of one cell for its page.

    Pictures are written into the folder `figures` and become HTML with a description: the cell's own
    (`{"emotionlab": {"alt": "..."}}` in its metadata, or a list of them), else the text of the output. Raises
    EmotionLabError for a picture without one.
    """
    quiz = _QUIZ.search(cell.source)
    if quiz:
        return [_html(quiz_html(read_quiz(quiz[1])))]
    descriptions = _descriptions(cell)
    made = []
    for output in outputs:
        data = output.get("data", {})
        if USED in data or _is_progress(data):
            continue
        if any(kind in data for kind in _PICTURES):
            made.append(_html(_picture(cell, data, next(descriptions), figures / f"{cell.id}-{len(made) + 1}")))
        elif WIDGET in data:
            made.append(_stream(data.get("text/plain", "").strip() + "\n"))
        else:
            _check_html(cell, data.get("text/html", ""))
            made.append(output)
    call = next((call for call in PANELS if call in cell.source), None)
    shows_itself = call != "el.tagger(" or any(WIDGET in output.get("data", {}) for output in outputs)
    return made + (_panel(call, figures) if call and shows_itself else [])


def _panel(call: str, figures: Path) -> list:
    """The picture, if there is one, and the line for a cell that opens a panel with this call."""
    made = []
    if call in PORTRAITS:
        name, description = PORTRAITS[call]
        figures.mkdir(parents=True, exist_ok=True)
        shutil.copy(course_source() / "lessons" / "images" / name, figures / name)
        made.append(_html(_image(name, description)))
    return [*made, _html(f'<p class="el-panel-note">{html.escape(PANELS[call])}</p>')]


def _descriptions(cell):
    """The cell's own descriptions, one picture after the other, then None."""
    own = cell.metadata.get("emotionlab", {}).get("alt", [])
    yield from [own] if isinstance(own, str) else own
    while True:
        yield None


def _picture(cell, data: dict, description: str | None, path: Path) -> str:
    """The HTML of a picture, which is written to `path` with its ending."""
    description = description or data.get("text/plain", "").strip()
    if not description or description[0] in "<[":  # what Python says of an object that says nothing of itself
        raise EmotionLabError(
            f"Expected a description of the picture that the cell {cell.id} shows, found none; add "
            '{"emotionlab": {"alt": "what it shows"}} to the metadata of the cell.'
        )
    kind = next(kind for kind in _PICTURES if kind in data)
    path = path.with_suffix(f".{_PICTURES[kind]}")
    path.parent.mkdir(parents=True, exist_ok=True)
    content = data[kind]
    path.write_bytes(content.encode() if kind == "image/svg+xml" else b64decode(content))
    return _image(path.name, description)


def _image(name: str, description: str) -> str:
    return f'<img class="el-figure" src="figures/{name}" alt="{html.escape(description)}">'


def _check_html(cell, text: str) -> None:
    for tag in re.findall(r"<img\b[^>]*>", text, flags=re.IGNORECASE):
        if not re.search(r"\balt\s*=\s*[\"'][^\"']+", tag, flags=re.IGNORECASE):
            raise EmotionLabError(
                f"Expected a description (alt) of each picture in the HTML that the cell {cell.id} shows, found one "
                "without; add it where the HTML is made."
            )


def _is_progress(data: dict) -> bool:
    """Whether this is a progress bar of tqdm, which says nothing once it is full."""
    return WIDGET in data and bool(re.search(r"\d+%\|.*\|", data.get("text/plain", "")))


def quiz_html(quiz: Quiz) -> str:
    """A quiz without a kernel: each choice opens, and says whether it is right and why."""
    questions = "".join(_question_html(number, question) for number, question in enumerate(quiz.questions, 1))
    return f'<div class="el-quiz"><p>Choose an answer to open its reason.</p>{questions}</div>'


def _question_html(number: int, question) -> str:
    code = f"<pre><code>{html.escape(question.code)}</code></pre>" if question.code else ""
    choices = "".join(
        f"<details><summary>{_text(choice.text)}</summary><p>{'✓ Right.' if choice.correct else '✗ Not quite.'} "
        f"{_text(choice.why)}</p></details>"
        for choice in question.choices
    )
    return f"<p><strong>{number}.</strong> {_text(question.question)}</p>{code}{choices}"


def _text(words: str) -> str:
    """Plain text as HTML; backticks mark code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(words))


def _html(text: str) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}


def _stream(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}
