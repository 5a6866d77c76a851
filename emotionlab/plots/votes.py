"""Figures of what ten people said about the pictures of FER-2013 (lesson 09)."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from emotionlab.base.arguments import array, kind_of
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.evaluation import percent
from emotionlab.plots.basic import _percent_tick, _say, checked_figure

_IN_WORDS = {"NF": "not a face"}


def plot_votes(matrix=None, ax=None, title=None, say=True) -> Axes:
    """The 7 x 10 matrix of votes as a heat map: labels down, the taggers' answers across.

    matrix: a DataFrame as `emotionlab.data.ferplus.recorded()` returns it, which is the default.
    Each cell holds the mean share of the votes in per cent; a frame marks where answer and label agree.
    """
    import seaborn

    from emotionlab.data import ferplus

    checked_figure(title, say, ax)
    matrix = ferplus.recorded() if matrix is None else _checked_matrix(matrix)
    if ax is None:
        _, ax = plt.subplots(figsize=(9.6, 5.6), layout="constrained")
    answers = [_IN_WORDS.get(answer, answer) for answer in matrix.columns]
    seaborn.heatmap(
        matrix,
        annot=matrix.map(lambda share: f"{100 * share:.0f}"),
        fmt="",
        cmap="Blues",
        vmin=0,
        vmax=1,
        square=True,
        linewidths=0.5,
        linecolor="white",
        xticklabels=answers,
        cbar_kws={"label": "Mean share of the votes", "shrink": 0.8},
        ax=ax,
    )
    for k in range(len(matrix)):
        ax.add_patch(plt.Rectangle((k, k), 1, 1, fill=False, edgecolor="black", linewidth=1.5))
    ax.collections[0].colorbar.ax.yaxis.set_major_formatter(_percent_tick)
    ax.tick_params(axis="x", rotation=35)
    ax.tick_params(axis="y", rotation=0)
    ax.set(xlabel="Answer of the FER+ taggers", ylabel="FER-2013 label")
    ax.set_title(title or "What ten people said, in % of the votes for each label")
    _say(_about_votes(matrix), say)
    return ax


def _checked_matrix(matrix):
    """A table of shares, a row for each label and a column for each answer, both with names."""
    import pandas as pd

    advice = "pass what ferplus.recorded() returns, or leave it out"
    kind_of("matrix", matrix, pd.DataFrame, "a DataFrame of shares", advice, DataError)
    rows, columns = matrix.shape
    numbers = array("matrix", matrix.to_numpy(), "a DataFrame of shares", DataError)
    if not 1 <= rows <= columns or columns < 2 or not ((numbers >= 0) & (numbers <= 1)).all():
        raise DataError(
            f"Expected a DataFrame of shares from 0 to 1, {len(EMOTIONS)} labels down and ten answers across, found "
            f"one of shape {matrix.shape}; {advice}."
        )
    return matrix


def _about_votes(matrix) -> str:
    own = {label: row.iloc[k] for k, (label, row) in enumerate(matrix.iterrows())}
    best, worst = max(own, key=own.get), min(own, key=own.get)
    row = matrix.loc[worst]
    instead = row.drop(row.index[list(own).index(worst)]).idxmax()
    return (
        f"Taggers agree most with the label {best} ({percent(own[best], 0)} of their votes) and least with {worst} "
        f"({percent(own[worst], 0)}), for which they say {_IN_WORDS.get(instead, instead)} most often "
        f"({percent(row[instead], 0)})."
    )
