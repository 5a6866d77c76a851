"""What the app shows, as HTML: pictures are part of the page itself, so that none becomes a file.

Numbers stand beside every bar and words beside every colour; texts that come from outside are escaped.
"""

import base64
import html
from dataclasses import replace

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.live.bars import bars as bars_table
from emotionlab.live.bundled import jpeg
from emotionlab.recognition.drawing import draw_faces
from emotionlab.recognition.recognizer import Face

MOST_FACES = 12
"""Faces that get bars and heat maps of their own; the table holds them all."""

_LARGEST = 1280  # pixels along the longer side of a picture in the page
_SMALLEST = 480

CSS = """
.el-picture img { max-width: 100%; max-height: 70vh; height: auto; display: block; }
.el-faces { display: flex; flex-wrap: wrap; gap: 0.8em 2em; }
.el-faces table { border-collapse: collapse; }
.el-faces caption { text-align: left; font-weight: 600; padding: 0.3em 0; }
.el-faces th, .el-faces td { border: 0 !important; }
.el-faces td:last-child { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.el-wide { overflow-x: auto; }
.el-wide table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.el-wide th, .el-wide td { text-align: right; padding: 0.2em 0.6em; border: 0 !important;
  border-bottom: 1px solid var(--border-color-primary, #888) !important; }
.el-wide th:first-child, .el-wide td:first-child { text-align: left; }
.el-wide caption { text-align: left; }
.el-problem { border: 2px solid #b35900; border-radius: 4px; padding: 0.6em 1em; }
.el-words { line-height: 2.6; }
.el-words span { display: inline-block; text-align: center; padding: 0 0.2em; line-height: 1.2; }
.el-words small { display: block; font-variant-numeric: tabular-nums; }
.el-words .el-for { font-weight: bold; border-bottom: 3px solid currentColor; }
.el-words .el-against { border-bottom: 3px dotted currentColor; }
.el-heat { display: flex; flex-wrap: wrap; gap: 1em; }
.el-heat figure { margin: 0; }
footer { display: none !important; }
"""
"""Rules for the page, in both themes: a solid line under a word that speaks for, a dotted one under one against."""


def problem(text: str) -> str:
    """One message about something that went wrong; screen readers announce it."""
    return f'<div class="el-problem" role="alert"><b>⚠ Sorry.</b> {html.escape(text)}</div>'


def said(text: str) -> str:
    """One sentence about what was found, announced by screen readers."""
    return f'<p role="status">{html.escape(text)}</p>'


def facts(pairs: list[tuple[str, str]]) -> str:
    """What is known about a network, as (what, how)."""
    return "<dl>" + "".join(f"<dt><b>{html.escape(a)}</b></dt><dd>{html.escape(b)}</dd>" for a, b in pairs) + "</dl>"


def seven(answer) -> str:
    """The seven probabilities of an `Answer`; those that reach their threshold are marked."""
    table = bars_table(answer.probabilities, "Probability of each emotion", answer.emotions)
    return f'<div class="el-faces">{table}</div>'


def moved_words(answer) -> str:
    """Each word of a `TextAnswer` with the points by which it moved the answer's emotion under it."""
    emotion = answer.guess
    changes = [(word, round(100 * change)) for word, change in answer.moved()]
    words = "".join(_word(word, points) for word, points in changes)
    most = sorted((pair for pair in changes if pair[1]), key=lambda pair: -abs(pair[1]))[:3]
    told = ", ".join(f"“{word}” {_signed(points)}" for word, points in most) or "no single word did by a whole point"
    how = "Points of its probability with the word, less those without it; each by itself, so their sum means nothing."
    return (
        f"<p><b>Which words moved “{html.escape(emotion)}”:</b> {html.escape(told)}.</p>"
        f'<p class="el-words">{words}</p><p>{html.escape(how)}</p>'
    )


def _word(word: str, points: int) -> str:
    kind = "el-for" if points > 0 else "el-against" if points < 0 else "el-still"
    return f'<span class="{kind}">{html.escape(word)}<small>{_signed(points)}</small></span> '


def _signed(points: int) -> str:
    return f"{points:+d}".replace("-", "−") if points else "0"


def figure(drawn, words: str) -> str:
    """A Matplotlib figure as a picture inside the page. words: what it shows, for who does not see it."""
    import io

    file = io.BytesIO()
    drawn.savefig(file, format="png", dpi=110)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    img = f'<img src="data:image/png;base64,{data}" alt="{html.escape(words, quote=True)}">'
    return f'<div class="el-picture">{img}</div>'


def picture(pixels: np.ndarray, faces: list[Face], quality: int = 85) -> str:
    """A picture (H, W, 3) uint8 with boxes and labels, at most 1,280 pixels long: a JPEG inside the page."""
    words = "; ".join(face.text for face in faces) or "no face"
    drawn = draw_faces(*_resized(pixels, faces), smallest=_SMALLEST)
    return f'<div class="el-picture">{_img(drawn, f"Annotated picture. Faces: {words}", quality)}</div>'


def named(face: Face) -> str:
    """A caption such as "Face 2: happy 81 %", or "Face: happy 81 %" of one that has no number."""
    return f"Face {face.text}" if face.number else f"Face: {face.text}"


def of_ten(face: Face) -> str:
    """The mixture of a face in words: "; of ten people, about 6 would say happy, 3 surprise, 1 neutral"."""
    counts = {name: round(10 * float(share)) for name, share in zip(EMOTIONS, face.probabilities, strict=True)}
    first, *others = sorted((name for name in counts if counts[name]), key=counts.get, reverse=True)
    told = ", ".join([f"{counts[first]} would say {first}", *(f"{counts[name]} {name}" for name in others)])
    return f"; of ten people, about {told}"


def bars(faces: list[Face], of_votes: bool = False) -> str:
    """The seven probabilities of each face. of_votes: they are shares of people, which are told in words too."""
    tables = [
        bars_table(face.probabilities, f"{named(face)}{of_ten(face) if of_votes else ''}", face.guess)
        for face in faces[:MOST_FACES]
    ]
    more = f"<p>And {len(faces) - MOST_FACES} smaller faces: see the table.</p>" if len(faces) > MOST_FACES else ""
    return f'<div class="el-faces">{"".join(tables)}</div>{more}' if faces else ""


def table(faces: list[Face]) -> str:
    """A row a face: place, size, emotion, confidence."""
    head = ("face", "emotion", "most probable", "confidence", "left", "top", "width", "height", "detector's score")
    rows = []
    for face in faces:
        row = face.as_row()
        places = (f"{row[name]:.0f}" for name in ("x", "y", "width", "height"))
        percent = f"{100 * face.confidence:.0f} %"
        rows.append((str(face.number or 1), face.emotion, face.guess, percent, *places, f"{row['score']:.2f}"))
    return wide_table("Faces, the largest first; places in pixels", head, rows) if rows else ""


def wide_table(caption: str, head, rows) -> str:
    """A table of texts, which scrolls where the page is narrow, with the keyboard too."""
    heads = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in head)
    lines = ("".join(f"<td>{html.escape(value)}</td>" for value in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    name = html.escape(caption, quote=True)
    place = f'<div class="el-wide" role="region" aria-label="{name}" tabindex="0">'
    return f"{place}<table><caption>{name}</caption><tr>{heads}</tr>{body}</table></div>"


def heat_maps(maps: list[tuple[str, np.ndarray]], layer: str) -> str:
    """Grad-CAM overlays, each a caption and an (H, W, 3) uint8 picture."""
    figures = (
        f"<figure>{_img(pixels, f'Grad-CAM of {words}', 90)}<figcaption>{html.escape(words)}</figcaption></figure>"
        for words, pixels in maps
    )
    how = (
        f"Grad-CAM at layer {layer}: bright, and inside the white line, is where the network saw evidence for the most "
        "probable emotion of each face. It explains the network, not the person."
    )
    return f'<p>{html.escape(how)}</p><div class="el-heat">{"".join(figures)}</div>'


def _img(pixels: np.ndarray, words: str, quality: int) -> str:
    data = base64.b64encode(jpeg(pixels, quality)).decode("ascii")
    return f'<img src="data:image/jpeg;base64,{data}" alt="{html.escape(words, quote=True)}">'


def _resized(pixels: np.ndarray, faces: list[Face]) -> tuple[np.ndarray, list[Face]]:
    """A large picture made smaller, its boxes with it: a page need not carry 30 million pixels."""
    from emotionlab.base.opencv import cv2

    scale = _LARGEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels, faces
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    sides = ("x", "y", "width", "height")
    boxes = [replace(face.box, **{side: getattr(face.box, side) * scale for side in sides}) for face in faces]
    smaller = [replace(face, box=box) for face, box in zip(faces, boxes, strict=True)]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), smaller
