"""What a text, a voice or several senses together are answered with: the seven emotions as words, numbers and bars."""

import html
from dataclasses import dataclass, field

import numpy as np

from emotionlab.base.emotions import COLORS, EMOTIONS

NOT_SURE = "not sure"
"""What is said when no emotion reaches its threshold."""

NEVER_LEARNT = "never learnt by this network"
"""What stands beside a probability that is NaN, unless an answer has a better word for it."""


_TRACK = "width: 11em; height: 0.9em; border: 1px solid #767676"


@dataclass(frozen=True, eq=False, repr=False)
class Answer:
    """The seven emotions of one input.

    emotion: the word for it, the most probable of those that reach their threshold, or "not sure".
    emotions: all that reach their threshold, the most probable first; there may be several, or none.
    confidence: the largest probability, 0 to 1. probabilities: (7,) float32 in the order of `EMOTIONS`; NaN where
    the network never learnt an emotion. note: what to know about this answer, a sentence or nothing.
    """

    emotion: str
    emotions: tuple[str, ...]
    confidence: float
    probabilities: np.ndarray = field(repr=False)
    note: str = ""

    never = NEVER_LEARNT

    @property
    def guess(self) -> str:
        """The most probable emotion, even where the answer is "not sure"."""
        return EMOTIONS[int(np.nanargmax(self.probabilities))]

    @property
    def text(self) -> str:
        """A label for a person to read, such as "happy 81 %"."""
        percent = f"{100 * self.confidence:.0f} %"
        if self.emotion == NOT_SURE:
            return f"{NOT_SURE} ({self.guess} {percent})"
        others = [name for name in self.emotions if name != self.emotion]
        return f"{self.emotion} {percent}" + (f", also {', '.join(others)}" if others else "")

    def as_row(self) -> dict:
        """Plain numbers and texts: emotion, emotions, confidence, guess, the seven probabilities and the note."""
        shares = {name: _rounded(p) for name, p in zip(EMOTIONS, self.probabilities, strict=True)}
        row = {"emotion": self.emotion, "emotions": " ".join(self.emotions), "confidence": round(self.confidence, 4)}
        return row | {"guess": self.guess, **shares, "note": self.note}

    def __repr__(self) -> str:
        lines = [f"{self.text}"]
        for name, share in zip(EMOTIONS, self.probabilities, strict=True):
            bar = self.never if np.isnan(share) else f"{100 * share:3.0f} % {'█' * round(20 * share)}"
            lines.append(f"{'*' if name in self.emotions else ' '} {name:9}{bar}")
        return "\n".join([*lines, self.note] if self.note else lines)

    def _repr_html_(self) -> str:
        note = f"<p>{html.escape(self.note)}</p>" if self.note else ""
        return bars(self.probabilities, self.text, self.emotions, self.never) + note


def bars(probabilities: np.ndarray, caption: str, marked=(), never: str = NEVER_LEARNT) -> str:
    """The seven probabilities as an HTML table: name, bar and number; an arrow and bold letters mark `marked`."""
    rows = []
    for name, share in zip(EMOTIONS, probabilities, strict=True):
        weight = "bold" if name in marked else "normal"
        if np.isnan(share):
            cells = f'<td colspan="2" style="text-align: left">{html.escape(never)}</td>'
        else:
            fill = f"width: {100 * share:.1f}%; height: 100%; background: {COLORS[name]}"
            track = f'<div style="{_TRACK}"><div style="{fill}"></div></div>'
            cells = f"<td>{track}</td><td>{100 * share:.0f} %{' ◀' if name in marked else ''}</td>"
        head = f'<th scope="row" style="text-align: left">{name}</th>'
        rows.append(f'<tr style="font-weight: {weight}">{head}{cells}</tr>')
    return f"<table><caption>{html.escape(caption)}</caption>{''.join(rows)}</table>"


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
