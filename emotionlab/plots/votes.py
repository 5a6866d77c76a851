"""Figures of what ten people said about the pictures of FER-2013 (lesson 09)."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from emotionlab.evaluation import percent
from emotionlab.plots.basic import _percent_tick, _say

_IN_WORDS = {"NF": "not a face"}


def plot_votes(matrix=None, ax=None, title=None, say=True) -> Axes:
    """The 7 x 10 matrix of votes as a heat map: labels down, the taggers' answers across.

    matrix: a DataFrame as `emotionlab.data.ferplus.recorded()` returns it, which is the default.
    Each cell holds the mean share of the votes in per cent; a frame marks where answer and label agree.
    """
    import seaborn

    from emotionlab.data import ferplus

    matrix = ferplus.recorded() if matrix is None else matrix
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
