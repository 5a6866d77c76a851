"""The probabilities of the emotions as a small table: name, bar and number; the one view of every demo."""

import html
import math

from emotionlab.base.emotions import COLORS, EMOTIONS

NEVER = "never heard by this network"
"""Stands where a network knows nothing of an emotion: its probability is NaN."""

_WIDTH = 140  # pixels of a bar at 100 %


def bars(probabilities, caption: str, most: str | tuple = "", decimals: int = 0, mark: str = "◀") -> str:
    """A table with a row for each emotion.

    probabilities: (7,), 0 to 1; NaN for an emotion that the network was never shown; None for no answer at all.
    most: the emotion, or the emotions, marked with bold letters and `mark` behind the number.
    """
    marked = (most,) if isinstance(most, str) else tuple(most)
    shares = [None] * len(EMOTIONS) if probabilities is None else [float(share) for share in probabilities]
    rows = (
        _row(name, share, decimals, mark if name in marked else "")
        for name, share in zip(EMOTIONS, shares, strict=True)
    )
    return f'<table class="el-bars"><caption>{html.escape(caption)}</caption>{"".join(rows)}</table>'


def _row(name: str, share: float | None, decimals: int, mark: str) -> str:
    if share is None or math.isnan(share):
        number, width = ("–" if share is None else NEVER), 0.0
    else:
        number, width = f"{100 * share:.{decimals}f} %{f' {mark}' if mark else ''}", _WIDTH * share
    bar = f'<div class="el-bar" style="width:{width:.0f}px;height:14px;background:{COLORS[name]}"></div>'
    track = f'<div aria-hidden="true" style="width:{_WIDTH}px;border:1px solid #8a8a8a">{bar}</div>'
    row, weight = ('<tr class="el-most">', "bold") if mark else ("<tr>", "normal")
    return (
        f'{row}<th scope="row" style="text-align:left;font-weight:{weight};'
        f'padding:2px 8px 2px 0">{name}</th><td style="padding:2px 4px">{track}</td>'
        f'<td style="padding:2px 4px;white-space:nowrap;font-weight:{weight}">{number}</td></tr>'
    )
