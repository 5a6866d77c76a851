"""The course's figures. Each function draws one, returns its Axes and prints what it shows.

Every figure means the same without colour: numbers stand in the cells and at the bars, and lines
differ in marker and dash. Pass say=False to keep the sentence unprinted.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from emotionlab.base.arguments import array, expected, kind_of, shown, text, whole_number, yes_or_no
from emotionlab.base.arguments import title as checked_title
from emotionlab.base.emotions import COLORS, EMOTIONS
from emotionlab.base.errors import DataError, RunError
from emotionlab.data.dataset import Faces, Split
from emotionlab.evaluation import BINS, Report, confidence_interval, percent, reliability_table
from emotionlab.metrics.scoring import checked_report
from emotionlab.runs import load_run

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6E6E6E"
"""Three colours of the Okabe and Ito palette that stay apart in every form of colour blindness."""

LINES = {
    "train": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "validation": {"color": ORANGE, "linestyle": "--", "marker": "s"},
}


def checked_figure(title, say, ax=None) -> None:
    """Refuse a title that is no text, a say that is neither True nor False, and an ax that is none."""
    checked_title(title)
    yes_or_no("say", say)
    if ax is not None:
        kind_of("ax", ax, Axes, "matplotlib Axes", "leave it out, or take it from plt.subplots()")


def _say(sentence: str, say: bool) -> None:
    if say:
        print(sentence)


def _percent_tick(share: float, _position) -> str:
    return f"{100 * share:.4g} %"


def _thousands_tick(number: float, _position) -> str:
    return f"{number:,.0f}"


def _named(report: Report, title: str) -> str:
    return f"{title}\n{report.name}" if report.name else title


# ---------------------------------------------------------------------------------- pictures


def plot_faces(images, labels=None, predicted=None, columns=8, title=None, say=True) -> np.ndarray:
    """A grid of pictures with the label under each.

    images: (N, 48, 48) or (N, 48, 48, 1) pictures, 0..255, or a Split, which brings its labels.
    labels: (N,) numbers of emotions or any words; optional. predicted: (N,) numbers of emotions; each
    label then starts with ✓ where the prediction is right, and with ✗ and both words where it is wrong.
    Returns the Axes of the pictures, (N,). Raises DataError when the lengths differ.
    """
    checked_figure(title, say)
    columns = whole_number("columns", columns, at_least=1)
    if isinstance(images, Split):
        images, labels = images.images, images.labels if labels is None else labels
    images = _grey(images)
    labels, predicted = _one_each("labels", labels, images), _one_each("predicted", predicted, images)
    words = [""] * len(images) if labels is None else [_word(label) for label in labels]
    guesses = None if predicted is None else [_word(label) for label in predicted]
    for what, given in (("labels", words), ("predictions", words if guesses is None else guesses)):
        if len(given) != len(images):
            raise DataError(f"Expected one of the {what} for each of {len(images)} pictures, found {len(given)}.")
    captions = words if guesses is None else [_verdict(*pair) for pair in zip(words, guesses, strict=True)]

    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    line_count = 1 + max(caption.count("\n") for caption in captions)
    size = (max(1.35 * columns, 3), (1.25 + 0.22 * line_count) * rows + 0.45)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat[len(images) :]:
        ax.remove()
    for ax, image, caption in zip(axes.flat, images, captions, strict=False):
        ax.imshow(image, cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
        ax.set_xlabel(caption, fontsize=9)
    figure.suptitle(title or _plural(len(images), "picture"))
    _say(_about_faces(words, guesses), say)
    return axes.flat[: len(images)]


def _grey(images) -> np.ndarray:
    """Pictures as (N, height, width), whether they came with a channel axis or without."""
    images = array("images", images, "a batch of grey pictures (N, 48, 48)", DataError)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.size == 0:
        raise DataError(
            f"Expected a batch of grey pictures (N, 48, 48), found shape {images.shape}; "
            "to show one picture, write images[:1]."
        )
    return images


def _one_each(name: str, values, images):
    """Labels or words, one for each picture, as a list; None stays None."""
    if values is None:
        return None
    is_list = isinstance(values, list | tuple) or getattr(values, "ndim", 0) == 1  # an array, or a column of a table
    if not is_list:
        raise DataError(expected(name, f"a list, one of them for each of {len(images)} pictures", values))
    return list(values)


def _word(label) -> str:
    """The name of an emotion from its number; any text stays as it is. Raises DataError for any other number."""
    if isinstance(label, str):
        return label
    return EMOTIONS[whole_number("a label", label, at_least=0, at_most=len(EMOTIONS) - 1, error=DataError)]


def _verdict(true: str, guess: str) -> str:
    if not true:
        return guess
    return f"✓ {guess}" if true == guess else f"✗ {guess}\n(true: {true})"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _about_faces(words: list[str], guesses: list[str] | None) -> str:
    sentence = _plural(len(words), "picture")
    if any(words):
        counts = {word: words.count(word) for word in dict.fromkeys([*EMOTIONS, *words]) if word in words}
        sentence += ": " + ", ".join(f"{count} {word}" for word, count in counts.items())
    if guesses is not None and any(words):
        right = sum(true == guess for true, guess in zip(words, guesses, strict=True))
        sentence += f"; {right} of {len(words)} predicted right"
    return sentence + "."


def plot_probabilities(image, probabilities, label=None, title=None, say=True) -> np.ndarray:
    """One picture and, beside it, the probability of each emotion as a bar with its number.

    image: (48, 48), (48, 48, 1) or (height, width, 3) in 0..255. probabilities: (7,), they add up to 1.
    label: the true emotion (number or name), optional. Returns two Axes: picture and bars.
    """
    checked_figure(title, say)
    probabilities = array("probabilities", probabilities, "seven probabilities", DataError).astype("float64").squeeze()
    if probabilities.shape != (len(EMOTIONS),):
        raise DataError(
            f"Expected {len(EMOTIONS)} probabilities, one for each emotion, found shape "
            f"{probabilities.shape}; pass one row, such as probabilities[0]."
        )
    if not (probabilities.min() >= 0 and abs(probabilities.sum() - 1) < 0.02):
        raise DataError(
            f"Expected probabilities from 0 to 1 that add up to 1, found {probabilities.min():.3g} to "
            f"{probabilities.max():.3g}; turn logits into probabilities with keras.ops.softmax."
        )
    image, word = _one_picture(image), None if label is None else _word(label)
    figure, axes = plt.subplots(1, 2, figsize=(7.5, 2.9), width_ratios=(1, 1.7), layout="constrained")
    best = int(probabilities.argmax())
    axes[0].imshow(image, cmap="gray", vmin=0, vmax=255)
    axes[0].set(xticks=[], yticks=[], title="Picture")
    if word is not None:
        axes[0].set_xlabel(f"true: {word}")
    bars = axes[1].barh(EMOTIONS, probabilities, color=[BLUE if i == best else "#9DB8CC" for i in range(7)])
    bars[best].set_hatch("//")
    bars[best].set_edgecolor("white")
    axes[1].bar_label(bars, [percent(p) for p in probabilities], padding=3)
    axes[1].get_yticklabels()[best].set_fontweight("bold")
    axes[1].invert_yaxis()
    axes[1].set(xlim=(0, 1.18), xlabel="Probability", ylabel="Emotion", title=f"Predicted: {EMOTIONS[best]}")
    axes[1].set_xticks(np.linspace(0, 1, 6))
    axes[1].xaxis.set_major_formatter(_percent_tick)
    axes[1].spines[["top", "right"]].set_visible(False)
    if title:
        figure.suptitle(title)
    second = int(np.argsort(-probabilities, kind="stable")[1])
    sentence = f"Most probable: {EMOTIONS[best]} ({percent(probabilities[best])})"
    sentence += f", then {EMOTIONS[second]} ({percent(probabilities[second])})"
    if word is not None:
        sentence += f"; the label says {word}"
    _say(sentence + ".", say)
    return axes


def _one_picture(image) -> np.ndarray:
    """One picture that can be shown: (height, width) or (height, width, 3)."""
    picture = array("the picture", image, "one picture (48, 48)", DataError).squeeze()
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3) or picture.size == 0:
        raise DataError(f"Expected one picture (48, 48), found shape {np.shape(image)}; pass one, such as images[0].")
    return picture


# ---------------------------------------------------------------------------------- data


def plot_counts(faces: Faces | Split, title=None, say=True):
    """How many pictures each emotion has, as bars with numbers.

    faces: a Split gives one Axes; Faces gives three, one for each split (each with its own scale).
    """
    checked_figure(title, say)
    if not isinstance(faces, Faces | Split):
        raise DataError(
            f"Expected Faces or a Split, found {shown(faces)}; pass faces, or one of its splits such as faces.train."
        )
    splits = faces.splits() if isinstance(faces, Faces) else {"Split": faces}
    figure, axes = plt.subplots(
        1,
        len(splits),
        figsize=(2.2 + 3.3 * len(splits), 3.2),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for ax, (name, split) in zip(axes[0], splits.items(), strict=True):
        counts = split.counts()
        bars = ax.barh(EMOTIONS, counts.values(), color=[COLORS[e] for e in EMOTIONS])
        ax.bar_label(bars, [f"{count:,}" for count in counts.values()], padding=3)
        ax.set_xlim(0, 1.22 * max(1, *counts.values()))
        ax.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
        ax.xaxis.set_major_formatter(_thousands_tick)
        heading = _plural(len(split), "picture")
        ax.set(xlabel="Pictures", title=heading if len(splits) == 1 else f"{name}: {heading}")
        ax.spines[["top", "right"]].set_visible(False)
    axes[0, 0].set_ylabel("Emotion")
    axes[0, 0].invert_yaxis()
    if title or len(splits) > 1:
        figure.suptitle(title or f"Pictures of each emotion ({faces.name})")
    for name, split in splits.items():
        _say(f"{name}: {_about_counts(split)}" if len(splits) > 1 else _about_counts(split), say)
    return axes[0] if len(splits) > 1 else axes[0, 0]


def _about_counts(split: Split) -> str:
    counts = split.counts()
    most, least = max(counts, key=counts.get), min(counts, key=counts.get)
    if counts[most] == counts[least]:
        return f"{_plural(len(split), 'picture')}, {counts[most]:,} of each emotion."
    sentence = f"{_plural(len(split), 'picture')}; most frequent: {most} ({counts[most]:,}), "
    sentence += f"rarest: {least} ({counts[least]:,})"
    if counts[least]:
        sentence += f", {counts[most] / counts[least]:.1f} times fewer"
    return sentence + "."


# ---------------------------------------------------------------------------------- training


def plot_history(run, axes=None, title=None, say=True) -> np.ndarray:
    """Learning curves: accuracy and loss over the epochs, training and validation.

    run:  a Run, what `model.fit` returned, or a dict of lists with "loss" and "accuracy", and where
          there is validation "val_loss" and "val_accuracy".
    axes: two Axes of an earlier call, which are wiped and drawn anew (a live curve during training).

    The epoch with the highest validation accuracy is marked. Returns two Axes: accuracy and loss.
    Raises RunError when there is no finished epoch.
    """
    checked_figure(title, say)
    history = _history_of(run)
    axes = _two_axes(axes)
    if axes is None:
        _, axes = plt.subplots(1, 2, figsize=(10, 3.9), layout="constrained")
    epochs = np.asarray(history.get("epoch") or range(1, len(history["loss"]) + 1))
    best = _best_epoch(history)
    for ax, metric in zip(axes, ("accuracy", "loss"), strict=True):
        ax.clear()
        for line, key in (("train", metric), ("validation", f"val_{metric}")):
            if history.get(key):
                ax.plot(epochs, history[key], label=line, markevery=-(-len(epochs) // 20), ms=5, **LINES[line])
        if best is not None:
            ax.axvline(epochs[best], color=GREY, linestyle=":", label=f"best accuracy (epoch {epochs[best]})")
        ax.set(title=metric.capitalize(), xlabel="Epoch", ylabel=metric.capitalize())
        ax.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        ax.grid(alpha=0.3)
        ax.legend()
    axes[0].yaxis.set_major_formatter(_percent_tick)
    axes[1].set_ylabel("Loss (cross-entropy)")
    axes[0].figure.suptitle(title or getattr(run, "name", None) or "Learning curves")
    _say(_about_history(history, epochs, best), say)
    return axes


def _history_of(run) -> dict:
    """The lists of a run, of what `model.fit` returned, or of a dict; RunError where they make no curve."""
    history = run if isinstance(run, type) else getattr(run, "history", run)
    if isinstance(run, str | Path):
        history = load_run(run).history
    kind_of("run", history, dict, "a Run or a history", "pass what el.train or model.fit returned", RunError)
    lists = {key: values for key, values in history.items() if key in _CURVES and _has_values(values)}
    if "accuracy" not in lists or "loss" not in lists:
        raise RunError(
            'Expected a history with at least one epoch of "loss" and "accuracy", found '
            f"{sorted(map(str, history))}; train for an epoch first."
        )
    for key, values in lists.items():
        numbers = array(key, values, "a list of numbers, one for each epoch", RunError)
        if numbers.shape != (len(lists["loss"]),):
            raise RunError(
                f"Expected a list of {len(lists['loss'])} numbers, one for each epoch, for {key!r}, found shape "
                f"{numbers.shape}; train again."
            )
    return lists


_CURVES = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")


def _has_values(values) -> bool:
    """Whether a list is there; one of NaN alone, as `train_head` gives without validation, counts as none."""
    if not hasattr(values, "__len__"):
        return True
    return len(values) > 0 and not all(isinstance(value, float) and np.isnan(value) for value in values)


def _two_axes(axes):
    """The two Axes of an earlier call, or None."""
    if axes is None:
        return None
    found = list(axes) if isinstance(axes, list | tuple) or getattr(axes, "ndim", 0) == 1 else []
    if len(found) != 2 or not all(isinstance(ax, Axes) for ax in found):
        raise RunError(expected("axes", "two Axes of an earlier call", axes, "leave them out"))
    return found


def _best_epoch(history: dict) -> int | None:
    """Index of the epoch with the highest validation accuracy, None without validation."""
    return int(np.nanargmax(history["val_accuracy"])) if history.get("val_accuracy") else None


def _about_history(history: dict, epochs: np.ndarray, best: int | None) -> str:
    train = history["accuracy"][-1]
    sentence = f"After {_plural(len(epochs), 'epoch')}: training accuracy {percent(train)}"
    if best is None:
        return f"{sentence}, loss {history['loss'][-1]:.2f}; no validation was recorded."
    validation = history["val_accuracy"]
    gap = 100 * (train - validation[-1])
    return (
        f"{sentence}, validation {percent(validation[-1])} (training is {abs(gap):.1f} points "
        f"{'higher' if gap >= 0 else 'lower'}); best validation accuracy {percent(validation[best])} "
        f"in epoch {epochs[best]}."
    )


# ---------------------------------------------------------------------------------- evaluation


def plot_confusion(report: Report, normalise=True, ax=None, title=None, say=True) -> Axes:
    """The confusion matrix as a heat map: true emotions down, predicted ones across.

    Each cell holds the number of pictures and its share of the row. The shade follows the share, or
    with normalise=False the number. ax: where to draw, to set two matrices side by side.
    """
    import seaborn

    checked_figure(title, say, ax)
    checked_report(report)
    normalise = yes_or_no("normalise", normalise)
    if ax is None:
        _, ax = plt.subplots(figsize=(7.6, 6.4), layout="constrained")
    counts, shares = report.confusion, report.confusion_normalised
    there = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)  # without a picture there is no share
    cells = [
        f"{n:,}\n{f'{100 * share:.0f} %' if total else '–'}"
        for n, share, total in zip(counts.flat, shares.flat, there.flat, strict=True)
    ]
    seaborn.heatmap(
        shares if normalise else counts,
        annot=np.reshape(cells, counts.shape),
        fmt="",
        cmap="Blues",
        vmin=0,
        vmax=1 if normalise else None,
        square=True,
        linewidths=0.5,
        linecolor="white",
        xticklabels=EMOTIONS,
        yticklabels=EMOTIONS,
        annot_kws={"fontsize": 9},
        cbar_kws={"label": "Share of the true emotion" if normalise else "Pictures", "shrink": 0.8},
        ax=ax,
    )
    if normalise:
        ax.collections[0].colorbar.ax.yaxis.set_major_formatter(_percent_tick)
    ax.tick_params(axis="x", rotation=30)
    ax.tick_params(axis="y", rotation=0)
    ax.set(xlabel="Predicted emotion", ylabel="True emotion")
    ax.set_title(title or _named(report, "Confusion matrix: pictures and share of each row"))
    _say(_about_confusion(report), say)
    return ax


def _about_confusion(report: Report) -> str:
    sentence = f"Confusion matrix of {_plural(len(report), 'picture')}: {percent(report.accuracy)} on the diagonal"
    worst = report.worst_pairs(1)
    if worst.empty:
        return sentence + "; no mistakes."
    pair = worst.iloc[0]
    sentence += f"; most frequent mistake: {pair.true} taken for {pair.predicted} "
    sentence += f"({percent(pair.share, 0)} of {pair.true})"
    never = [e for e, total in zip(EMOTIONS, report.confusion.sum(axis=0), strict=True) if total == 0]
    return sentence + (f"; never predicted: {', '.join(never)}." if never else ".")


def plot_calibration(report: Report, bins: int = BINS, title=None, say=True) -> np.ndarray:
    """Reliability diagram: how often the model is right at each confidence (Guo et al. 2017).

    Above: the accuracy in each bin of confidence, with the gap to the diagonal, on which a model lies
    that is right as often as it says. Below: how many pictures fall into each bin. Returns two Axes.
    """
    checked_figure(title, say)
    table = reliability_table(report, bins)
    used = table[table.pictures > 0]
    centres, width = (used.low + used.high) / 2, 1 / bins
    _, axes = plt.subplots(2, 1, figsize=(5.6, 6.4), sharex=True, height_ratios=(3, 1), layout="constrained")
    axes[0].bar(centres, used.accuracy, width, color="#9DB8CC", edgecolor="white", label="accuracy")
    axes[0].bar(
        centres,
        -used.gap,
        width,
        bottom=used.accuracy,
        facecolor="none",
        edgecolor=ORANGE,
        hatch="///",
        label="gap to the mean confidence",
    )
    axes[0].plot(used.confidence, used.accuracy, color=BLUE, marker="o", label="accuracy at the mean confidence")
    axes[0].plot([0, 1], [0, 1], color="black", linestyle="--", label="perfect calibration")
    axes[0].set(ylim=(0, 1), ylabel="Accuracy")
    axes[0].set_title(title or _named(report, f"Reliability diagram, ECE {report.ece:.3f}"))
    axes[0].yaxis.set_major_formatter(_percent_tick)
    axes[0].legend(loc="upper left")
    axes[1].bar(centres, used.pictures, width, color=GREY, edgecolor="white")
    axes[1].yaxis.set_major_formatter(_thousands_tick)
    axes[1].set(xlim=(0, 1), xlabel="Confidence (probability of the predicted emotion)", ylabel="Pictures")
    axes[1].xaxis.set_major_formatter(_percent_tick)
    _say(_about_calibration(report), say)
    return axes


def _about_calibration(report: Report) -> str:
    confidence = float(report.confidences.mean(dtype="float64"))
    gap = 100 * (confidence - report.accuracy)
    sentence = (
        f"Mean confidence {percent(confidence)}, accuracy {percent(report.accuracy)}, expected calibration "
        f"error {report.ece:.3f}: the model is "
    )
    if abs(gap) < 0.05:
        return sentence + "on average as sure as it is right."
    return sentence + f"on average {abs(gap):.1f} points {'over' if gap > 0 else 'under'}confident."


def plot_ablation(reports: dict[str, Report], metric: str = "accuracy", ax=None, title=None, say=True) -> Axes:
    """Several runs side by side: one point each, with its 95 % interval as a bar.

    reports: name of each run and its Report, all on the same pictures, drawn from top to bottom.
    metric: "accuracy" (Wilson interval), "macro_f1" (bootstrap), or "recall" and an emotion, such as
    "recall disgust" (Wilson). Raises RunError for any other metric or no report.
    """
    checked_figure(title, say, ax)
    text("metric", metric, RunError)
    kind_of("reports", reports, dict, "a dict of name to Report", 'pass {"name": report, ...}', RunError)
    for name, report in reports.items():
        checked_report(report, f"the report of {name!r}")
    if not reports:
        raise RunError('Expected at least one report, found none; pass {"name": report, ...}.')
    values, intervals = zip(*(_with_interval(report, metric) for report in reports.values()), strict=True)
    low, high = np.transpose(intervals)
    if ax is None:
        _, ax = plt.subplots(figsize=(7.5, 1.4 + 0.55 * len(reports)), layout="constrained")
    what = metric.replace("macro_f1", "macro F1").replace("recall ", "recall of ")
    as_text = percent if metric != "macro_f1" else "{:.3f}".format
    rows = np.arange(len(reports))
    either_side = np.subtract(values, low), np.subtract(high, values)
    ax.errorbar(values, rows, xerr=either_side, fmt="o", color=BLUE, capsize=4)
    for row, value in zip(rows, values, strict=True):
        ax.annotate(as_text(value), (value, row), (0, 7), textcoords="offset points", ha="center")
    ax.set_yticks(rows, list(reports))
    ax.set_ylim(len(reports) - 0.5, -0.9)  # room for the first figure
    ax.set(xlabel=f"{_capital(what)} (bar: 95 % interval)", ylabel="Run")
    ax.set_title(title or f"{_capital(what)} of each run")
    if as_text is percent:
        ax.xaxis.set_major_formatter(_percent_tick)
    ax.grid(axis="x", alpha=0.3)
    _say(_about_ablation(list(reports), values, intervals, what, as_text), say)
    return ax


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_interval(report: Report, metric: str) -> tuple[float, tuple[float, float]]:
    """A metric of a report and its 95 % interval."""
    if metric == "accuracy":
        return report.accuracy, report.accuracy_interval
    if metric == "macro_f1":
        return report.macro_f1, report.macro_f1_interval()
    emotion = metric.removeprefix("recall ")
    if metric.startswith("recall ") and emotion in EMOTIONS:
        row = report.per_class.loc[emotion]
        hits = report.confusion[EMOTIONS.index(emotion), EMOTIONS.index(emotion)]
        return float(row.recall), confidence_interval(int(hits), int(row.support))
    raise RunError(
        'Expected the metric "accuracy", "macro_f1" or "recall" and an emotion such as "recall disgust", '
        f"found {metric!r}; choose one of them."
    )


def _about_ablation(names: list[str], values, intervals, what: str, as_text) -> str:
    best, worst = int(np.argmax(values)), int(np.argmin(values))
    sentence = f"{_capital(what)} in {_plural(len(names), 'run')}: {names[best]} has the highest "
    sentence += f"({as_text(values[best])})"
    if len(names) == 1:
        return sentence + "."
    apart = intervals[worst][1] < intervals[best][0]
    sentence += f", {names[worst]} the lowest ({as_text(values[worst])}); their 95 % intervals "
    return sentence + ("do not overlap." if apart else "overlap.")
