"""Figures of several runs, and of a model that may stay silent. Same manners as `emotionlab.plots`.

Each function draws one figure, returns its Axes and prints what it shows (say=False: nothing). Points
and cells carry names and numbers, so that nothing hangs on colour.
"""

import itertools

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from matplotlib.transforms import Bbox

from emotionlab.base.arguments import choice, kind_of, share
from emotionlab.base.errors import RunError
from emotionlab.evaluation import Report, confidence_interval, coverage_curve, percent, thresholded
from emotionlab.evaluation.comparison import COSTS, Comparison
from emotionlab.plots.basic import BLUE, GREY, ORANGE, _named, _percent_tick, _plural, _say, checked_figure

COST_NAMES = {
    "parameters": "Parameters",
    "megabytes": "Size of the weights as float32 (MB)",
    "milliseconds": "Time for one picture on this machine (ms)",
    "minutes": "Time to train, on each run's own hardware (minutes)",
}
RANDOM_START = {"marker": "o", "color": BLUE}
OTHER_STARTS = ({"marker": "s", "color": ORANGE}, {"marker": "^", "color": GREY}, {"marker": "D", "color": "black"})
"""How a run is marked by where its first weights came from."""

FEWEST = 20
"""The curve ends where fewer pictures than this are answered: their share says too little."""

LABELLED = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds whose points on the coverage curve are labelled."""

_SIDES = ((10, "left"), (-10, "right"), (30, "left"), (-30, "right"))
_PLACES = sorted(
    (((x, y), side) for x, side in _SIDES for y in range(-150, 151, 3)), key=lambda place: np.hypot(*place[0])
)
"""Where the name of a point may stand: its offset in points, and the end of the text that is there."""


# ---------------------------------------------------------------------------------- accuracy against cost


def plot_tradeoff(comparison: Comparison, cost: str = "parameters", ax=None, title=None, say=True) -> Axes:
    """Accuracy of each run (with its 95 % interval) against what it costs, on a logarithmic scale.

    cost: "parameters", "megabytes", "milliseconds" (after `comparison.measure_latency()`) or
    "minutes". Runs of the same cost stand side by side, a little apart. Runs whose cost is unknown are
    left out, and named in the sentence. The marker says where the first weights came from.
    Raises RunError for another cost, or when no run has it.
    """
    checked_figure(title, say, ax)
    table, left_out = _with_cost(comparison, cost)
    if ax is None:
        _, ax = plt.subplots(figsize=(8.5, 5), layout="constrained")
    places = _side_by_side(table[cost].to_numpy("float64"))
    table = table.assign(place=places)
    others = itertools.cycle(OTHER_STARTS)
    for start, group in table.groupby("initialisation"):
        style = RANDOM_START if start == "random" else next(others)
        bars = group.accuracy - group.accuracy_low, group.accuracy_high - group.accuracy
        ax.errorbar(group.place, group.accuracy, bars, fmt="none", ecolor=style["color"], capsize=3, alpha=0.6)
        ax.scatter(group.place, group.accuracy, s=55, zorder=3, label=f"first weights: {start}", **style)
    ax.set_xscale("log")
    ax.set_xlim(places.min() / 3, places.max() * 3)  # room for the names
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(_short_tick)
    ax.yaxis.set_major_formatter(_percent_tick)
    ax.set(xlabel=f"{COST_NAMES[cost]}, logarithmic", ylabel="Accuracy (bar: 95 % interval)")
    ax.set_title(title or f"What accuracy costs: {comparison._title()}")
    ax.grid(alpha=0.3)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)  # where no point can be
    _name_points(ax, table)
    _say(_about_tradeoff(table, cost, left_out), say)
    return ax


def _with_cost(comparison: Comparison, cost: str):
    """The runs of the table whose cost is known, and the names of the others."""
    _check_comparison(comparison)
    choice("the cost", cost, COSTS, RunError)
    table = comparison.table
    known = table[cost].fillna(0) > 0  # a training of seconds took 0.0 minutes, which no logarithmic scale shows
    if not known.any():
        what = "call comparison.measure_latency() first" if cost == "milliseconds" else "compare runs, not bare arrays"
        raise RunError(f"Expected {cost} of at least one run, found none; {what}.")
    kept = table[known]
    return kept.assign(initialisation=kept.initialisation.fillna("unknown")), table.index[~known].tolist()


def _check_comparison(value) -> None:
    kind_of("comparison", value, Comparison, "a Comparison", "pass what el.compare returns", RunError)


def _side_by_side(costs: np.ndarray) -> np.ndarray:
    """Where to draw each cost: runs of equal cost are spread by 8 % from one to the next."""
    places = costs.copy()
    for cost in np.unique(costs):
        same = np.flatnonzero(costs == cost)
        places[same] *= 1.08 ** (np.arange(len(same)) - (len(same) - 1) / 2)
    return places


def _short_tick(number: float, _position) -> str:
    """5000000 as "5 M", 200000 as "200 k", 0.5 as "0.5"."""
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.4g}{letter}"
    return f"{number:.4g}"


def _name_points(ax: Axes, table) -> None:
    """Write name and accuracy beside each point: in the nearest place that is still free, with a line to it."""
    ax.figure.canvas.draw()  # settles the layout, so that places in pixels hold
    pixel = ax.figure.dpi / 72
    taken = []
    for run in table.itertuples():
        ends = ax.transData.transform([(run.place, run.accuracy_low), (run.place, run.accuracy_high)])
        taken.append(Bbox([ends[0] - 4 * pixel, ends[1] + 4 * pixel]))
    for run in table.sort_values("accuracy", ascending=False).itertuples():
        name = ax.annotate(f"{run.Index} {percent(run.accuracy)}", (run.place, run.accuracy), fontsize=9, va="center")
        name.set_in_layout(False)
        size = name.get_window_extent()
        at = ax.transData.transform((run.place, run.accuracy))
        for points, side in _PLACES:
            x, y = at + pixel * np.array(points)
            box = Bbox.from_bounds(x - (size.width if side == "right" else 0), y - size.height / 2, *size.size)
            if not any(box.overlaps(other) for other in taken) and _holds(ax.bbox, box):
                break
        taken.append(box)
        ax.annotate(
            name.get_text(),
            (run.place, run.accuracy),
            points,
            textcoords="offset points",
            fontsize=9,
            ha=side,
            va="center",
            arrowprops={"arrowstyle": "-", "color": GREY, "lw": 0.7, "shrinkB": 3},
        ).set_in_layout(False)
        name.remove()


def _holds(outer: Bbox, inner: Bbox) -> bool:
    return outer.x0 <= inner.x0 and inner.x1 <= outer.x1 and outer.y0 <= inner.y0 and inner.y1 <= outer.y1


def _about_tradeoff(table, cost: str, left_out: list[str]) -> str:
    best = table.accuracy.idxmax()
    cheapest = table.accuracy[table[cost] == table[cost].min()].idxmax()
    times = table[cost][best] / table[cost][cheapest]
    sentence = f"{_plural(len(table), 'run')}: {best} has the highest accuracy ({percent(table.accuracy[best])})"
    if cheapest == best:
        sentence += f" and the lowest cost in {cost}"
    else:
        points = 100 * (table.accuracy[best] - table.accuracy[cheapest])
        sentence += f", at {times:.1f} times the {cost} of {cheapest}, which is {points:.1f} points less accurate"
    return sentence + (f"; {cost} unknown for {', '.join(left_out)}." if left_out else ".")


# ---------------------------------------------------------------------------------- agreement


def plot_agreement(comparison: Comparison, ax=None, title=None, say=True) -> Axes:
    """How often two runs give the same answer, right or wrong: a cell with its number for each pair."""
    import seaborn

    checked_figure(title, say, ax)
    _check_comparison(comparison)
    table = comparison.agreement
    below = table.iloc[1:, :-1]
    if ax is None:
        side = 2.4 + 0.75 * len(below)
        _, ax = plt.subplots(figsize=(side + 1, side - 0.4), layout="constrained")
    seaborn.heatmap(
        below,
        mask=np.triu(np.ones(below.shape, bool), 1),
        annot=np.vectorize(lambda share: percent(share, 0))(below.to_numpy()),
        fmt="",
        cmap="Blues",
        vmin=0,
        vmax=1,
        square=True,
        linewidths=0.5,
        linecolor="white",
        cbar_kws={"label": "Share of pictures with the same answer", "shrink": 0.8},
        ax=ax,
    )
    ax.collections[0].colorbar.ax.yaxis.set_major_formatter(_percent_tick)
    ax.tick_params(axis="x", rotation=30)
    plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")
    ax.tick_params(axis="y", rotation=0)
    ax.set(xlabel="Run", ylabel="Run")
    ax.set_title(title or f"How often two runs agree\n{comparison._title()}")
    _say(_about_agreement(table), say)
    return ax


def _about_agreement(table) -> str:
    pairs = {pair: table.loc[pair] for pair in itertools.combinations(table.columns, 2)}
    least, most = min(pairs, key=pairs.get), max(pairs, key=pairs.get)
    sentence = f"{' and '.join(least)} give the same answer to {percent(pairs[least])} of the pictures"
    if len(pairs) == 1:
        return sentence + "."
    return f"{sentence}, the least of {len(pairs)} pairs; {' and '.join(most)} the most ({percent(pairs[most])})."


# ---------------------------------------------------------------------------------- coverage


def plot_coverage(report: Report, threshold: float | None = None, ax=None, title=None, say=True) -> Axes:
    """What a model gains by staying silent: accuracy on the answered pictures against their share.

    Along the curve the threshold of confidence rises from right to left; some are labelled. The band
    is the 95 % Wilson interval. threshold: marks this one too, such as `evaluation.chosen_threshold()`.
    """
    checked_figure(title, say, ax)
    threshold = None if threshold is None else share("threshold", threshold)
    curve = coverage_curve(report).dropna()
    answered = (curve.coverage * len(report)).round().astype(int)
    curve = curve[(answered >= FEWEST) | (answered == answered.max())]
    if ax is None:
        _, ax = plt.subplots(figsize=(7.5, 4.6), layout="constrained")
    answered = answered[curve.index]
    right = (curve.accuracy * answered).round().astype(int)
    low, high = np.transpose([confidence_interval(*pair) for pair in zip(right, answered, strict=True)])
    ax.fill_between(curve.coverage, low, high, color=BLUE, alpha=0.15, linewidth=0)
    ax.plot(curve.coverage, curve.accuracy, color=BLUE)
    for value in LABELLED:
        at = thresholded(report, value)
        if at.answered >= FEWEST:
            ax.plot(at.coverage, at.accuracy, marker="o", color=BLUE)
            _name_threshold(ax, f"{value:.1f}", at, (6, 6))
    if threshold is not None:
        at = thresholded(report, threshold)
        if at.answered:
            ax.plot(at.coverage, at.accuracy, marker="D", ms=9, color=ORANGE)
            _name_threshold(ax, f"chosen: {threshold:.2f}", at, (-8, -14), ha="right")
    ax.set(xlabel="Coverage: share of the pictures that are answered", ylabel="Accuracy on the answered pictures")
    ax.set_xlim(0, 1.03)
    ax.set_title(title or _named(report, "Answer less, be right more often (numbers: threshold)"))
    ax.xaxis.set_major_formatter(_percent_tick)
    ax.yaxis.set_major_formatter(_percent_tick)
    ax.grid(alpha=0.3)
    _say(_about_coverage(report, threshold), say)
    return ax


def _name_threshold(ax: Axes, text: str, at, offset, ha="left") -> None:
    ax.annotate(text, (at.coverage, at.accuracy), offset, textcoords="offset points", ha=ha, fontsize=9)


def _about_coverage(report: Report, threshold: float | None) -> str:
    at = thresholded(report, 0.5 if threshold is None else threshold)
    sentence = f"Answering every picture the model is right on {percent(report.accuracy)}; at a threshold of "
    sentence += f"{at.threshold:.2f} it answers {percent(at.coverage)}"
    return f"{sentence} and is right on {percent(at.accuracy)} of those." if at.answered else sentence + "."
