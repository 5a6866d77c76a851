"""What a check answers: one of four outcomes, as plain text and as HTML, never told by colour alone."""

import html
import re
from dataclasses import asdict, dataclass

OUTCOMES = {
    "passed": ("✔", "Passed", "#00795A"),
    "failed": ("✘", "Failed", "#B34700"),
    "not_attempted": ("○", "Not attempted", "#5A5A5A"),
    "error": ("⚠", "Error", "#8A3A6B"),
}
"""Outcome -> (symbol, word, colour). Each colour has a contrast above 4.5 on the views' background."""

_BOX = (
    "border-left: 6px solid {colour}; background: #FAFAFA; color: #1A1A1A; "
    "padding: 0.6em 1em; margin: 0.4em 0; max-width: 50em; line-height: 1.45;"
)


def to_html(text: str) -> str:
    """Escape `text`; then `words in backticks` become code, *starred* ones stressed, and line ends line breaks."""
    parts = re.split(r"`([^`\n]+)`", html.escape(text))  # every second part stood in backticks
    parts[1::2] = [f"<code>{code}</code>" for code in parts[1::2]]
    parts[::2] = [re.sub(r"(?<![\w*])\*(\w[^*\n]*)\*(?![\w*])", r"<em>\1</em>", words) for words in parts[::2]]
    return "".join(parts).replace("\n", "<br>")


def points_of(given: float, possible: int) -> str:
    """Such as "2.5 of 3 points"."""
    return f"{given:g} of {possible} point{'' if possible == 1 else 's'}"


@dataclass(frozen=True)
class Verdict:
    """The answer of `ex.check`.

    outcome: "passed", "failed", "not_attempted" or "error".
    question: its number, such as "1.2".
    message: what was expected and what was found, in plain sentences.
    misconception: a short id of the likely mistake ("" when none was recognised).
    points, possible: points earned, and points the question is worth.
    next_step: what to do now ("" when there is nothing to add).
    """

    outcome: str
    question: str
    message: str
    misconception: str = ""
    points: int = 0
    possible: int = 0
    next_step: str = ""

    def to_dict(self) -> dict:
        """The fields as plain JSON values."""
        return asdict(self)

    def __repr__(self) -> str:
        symbol, word, _ = OUTCOMES[self.outcome]
        lines = [f"{symbol} {word}: question {self.question}{self._score()}", self.message]
        if self.next_step:
            lines.append(f"Next: {self.next_step}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        symbol, word, colour = OUTCOMES[self.outcome]
        after = f"<div><b>Next:</b> {to_html(self.next_step)}</div>" if self.next_step else ""
        return (
            f'<div role="status" style="{_BOX.format(colour=colour)}">'
            f'<div style="color: {colour}; font-weight: bold;">{symbol} {word}: '
            f"question {html.escape(self.question)}{self._score()}</div>"
            f"<div>{to_html(self.message)}</div>{after}</div>"
        )

    def _score(self) -> str:
        return f" ({points_of(self.points, self.possible)})" if self.points else ""


@dataclass(frozen=True)
class Note:
    """A hint, a solution or a rubric: a heading and a text; `code` says that the text is Python."""

    heading: str
    text: str
    code: bool = False

    def __repr__(self) -> str:
        return f"{self.heading}\n{self.text}"

    def _repr_html_(self) -> str:
        code = f'<pre style="word-break: normal; overflow-x: auto;">{html.escape(self.text)}</pre>'
        body = code if self.code else f"<div>{to_html(self.text)}</div>"
        style = _BOX.format(colour="#0072B2")
        return f'<div style="{style}"><b>{html.escape(self.heading)}</b>{body}</div>'


@dataclass(frozen=True)
class Table:
    """A small table: a caption, a head, rows of text and a line below. Used by `ex.progress()`."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    below: str = ""

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([self.caption, *(line.rstrip() for line in text), self.below]).rstrip()

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in self.head)
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        caption = f"<caption>{html.escape(self.caption)}</caption>"
        table = f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f"{table}<p>{to_html(self.below)}</p>" if self.below else table
