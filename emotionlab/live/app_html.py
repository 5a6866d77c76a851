"""What the app shows, as HTML: pictures are part of the page itself, so that none becomes a file.

Numbers stand beside every bar and words beside every colour; texts that come from outside are escaped.
"""

import base64
import html
from dataclasses import replace

import numpy as np

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
.el-heat { display: flex; flex-wrap: wrap; gap: 1em; }
.el-heat figure { margin: 0; }
footer { display: none !important; }
"""
"""Rules for the page, in both of Gradio's themes."""


def problem(text: str) -> str:
    """One message about something that went wrong; screen readers announce it."""
    return f'<div class="el-problem" role="alert"><b>⚠ Sorry.</b> {html.escape(text)}</div>'


def said(text: str) -> str:
    """One sentence about what was found, announced by screen readers."""
    return f'<p role="status">{html.escape(text)}</p>'


def picture(pixels: np.ndarray, faces: list[Face], quality: int = 85) -> str:
    """A picture (H, W, 3) uint8 with boxes and labels, at most 1,280 pixels long: a JPEG inside the page."""
    words = "; ".join(face.text for face in faces) or "no face"
    drawn = draw_faces(*_resized(pixels, faces), smallest=_SMALLEST)
    return f'<div class="el-picture">{_img(drawn, f"Annotated picture. Faces: {words}", quality)}</div>'


def bars(faces: list[Face]) -> str:
    """The seven probabilities of each numbered face."""
    tables = [bars_table(face.probabilities, f"Face {face.text}", face.guess) for face in faces[:MOST_FACES]]
    more = f"<p>And {len(faces) - MOST_FACES} smaller faces: see the table.</p>" if len(faces) > MOST_FACES else ""
    return f'<div class="el-faces">{"".join(tables)}</div>{more}' if faces else ""


def table(faces: list[Face]) -> str:
    """A row a numbered face: place, size, emotion, confidence."""
    head = ("face", "emotion", "most probable", "confidence", "left", "top", "width", "height", "detector's score")
    rows = []
    for face in faces:
        row = face.as_row()
        places = (f"{row[name]:.0f}" for name in ("x", "y", "width", "height"))
        percent = f"{100 * face.confidence:.0f} %"
        rows.append((str(face.number), face.emotion, face.guess, percent, *places, f"{row['score']:.2f}"))
    return wide_table("Faces, the largest first; places in pixels", head, rows) if rows else ""


def wide_table(caption: str, head, rows) -> str:
    """A table of texts, which scrolls where the page is narrow."""
    heads = "".join(f"<th scope=col>{html.escape(name)}</th>" for name in head)
    lines = ("".join(f"<td>{html.escape(value)}</td>" for value in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    caption = f"<caption>{html.escape(caption)}</caption>"
    return f'<div class="el-wide"><table>{caption}<tr>{heads}</tr>{body}</table></div>'


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
