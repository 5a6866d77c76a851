"""Figures of what a network looks at: a heat map over each face, with a line round its hottest part.

The line carries the meaning without the colours. As in `emotionlab.plots`, each function returns its Axes and
prints one sentence; pass say=False to keep it unprinted.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from emotionlab.base.arguments import array, whole_number, yes_or_no
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Split
from emotionlab.evaluation import percent, predict
from emotionlab.explain import explainer, occlusion, overlay, read_grid, regions
from emotionlab.plots.basic import _grey, _one_each, _percent_tick, _plural, _say, _word, checked_figure

HEAT = "inferno"
"""The colour map of `emotionlab.explain.overlay`: perceptually uniform, brighter is always more."""


def plot_gradcam(
    model, images, labels=None, classes=None, layer=None, columns=6, title=None, say=True, show_pictures=True
) -> np.ndarray:
    """Grad-CAM over each picture: where the network sees evidence, and the line at half of the strongest.

    model, classes, layer: as for `emotionlab.explain.grad_cam`. images: (N, 48, 48), or a Split, which brings
    its labels. labels: (N,) numbers or names of the true emotions, optional.
    show_pictures: repeat each picture above its map without the heat, so that the face can be seen.

    The caption says the predicted emotion with its confidence, and the true one. Returns the Axes of the maps, (N,).
    """
    checked_figure(title, say)
    columns, show_pictures = _checked_grid(columns, show_pictures)
    images, labels = _pictures_and_labels(images, labels)
    explain = explainer(model, layer)
    maps, probabilities = explain(images, classes)
    captions = _captions(probabilities, labels, classes)
    axes = _grid(images, maps, captions, columns, show_pictures, 1.0, "Evidence (1: strongest of this picture)")
    asked = "the predicted emotion" if classes is None else _asked(classes)
    heading = f"Grad-CAM of {model.name}, layer {explain.layer}: evidence for {asked}\nLine: half of the strongest"
    axes[0].figure.suptitle(title or heading)
    _say(_about_maps(maps, "evidence", probabilities, labels), say)
    return axes


def plot_occlusion(
    model,
    images,
    labels=None,
    classes=None,
    size=8,
    stride=4,
    columns=6,
    title=None,
    say=True,
    show_pictures=True,
) -> np.ndarray:
    """Occlusion over each picture: how far the probability falls where a square covers the face.

    Arguments as for `plot_gradcam` and `emotionlab.explain.occlusion`. All pictures share one scale; the line is
    at half of its end. Places whose covering raises the probability are left without heat.
    Returns the Axes of the maps, (N,).
    """
    checked_figure(title, say)
    columns, show_pictures = _checked_grid(columns, show_pictures)
    images, labels = _pictures_and_labels(images, labels)
    drops = np.maximum(occlusion(model, images, classes, size, stride), 0)
    probabilities = predict(model, images)
    top = max(float(drops.max()), 1e-6)
    bar = "Probability lost where it is covered"
    axes = _grid(images, drops, _captions(probabilities, labels, classes), columns, show_pictures, top, bar)
    asked = "the predicted emotion" if classes is None else _asked(classes)
    heading = f"Occlusion of {model.name} by squares of {size} pixels: {asked}\nLine: half of the greatest loss"
    axes[0].figure.suptitle(title or heading)
    _say(_about_maps(drops, "loss of probability", probabilities, labels), say)
    return axes


def plot_recorded_gradcam(run, columns=7, title=None, say=True) -> np.ndarray:
    """The Grad-CAM maps that were recorded for a run on drawn faces, for runs whose weights are not shipped.

    run: a Run, its name, or its folder. Returns the Axes of the maps, (14,). Raises RunError where none were recorded.
    """
    checked_figure(title, say)
    columns, _ = _checked_grid(columns, True)
    grid = read_grid(run)
    name = getattr(run, "name", str(run))
    captions = _captions(grid.probabilities, grid.faces.labels, None)
    bar = "Evidence (1: strongest of this picture)"
    axes = _grid(grid.faces.images, grid.maps, captions, columns, True, 1.0, bar)
    heading = f"Recorded Grad-CAM of {name} on drawn faces, layer {grid.layer}\nLine: half of the strongest evidence"
    axes[0].figure.suptitle(title or heading)
    _say(_about_maps(grid.maps, "evidence", grid.probabilities, grid.faces.labels), say)
    return axes


# ---------------------------------------------------------------------------------- the grid


def _pictures_and_labels(images, labels):
    """Pictures (N, 48, 48) and their labels or None, from a Split or from arrays."""
    if isinstance(images, Split):
        images, labels = images.images, images.labels if labels is None else labels
    images = array("images", images, "pictures (N, 48, 48)", DataError)
    images = _grey(images[None] if images.ndim == 2 else images)
    labels = _one_each("labels", labels, images)
    if labels is not None and len(labels) != len(images):
        raise DataError(f"Expected one label for each of {len(images)} pictures, found {len(labels)}.")
    if labels is not None:
        labels = [_word(label) for label in labels]
    return images, labels


def _checked_grid(columns, show_pictures) -> tuple[int, bool]:
    return whole_number("columns", columns, at_least=1), yes_or_no("show_pictures", show_pictures)


def _grid(images, maps, captions, columns, show_pictures, top, bar_label) -> np.ndarray:
    """Draw each map over its picture; with show_pictures the picture alone stands above it."""
    columns = max(1, min(columns, len(images)))
    rows = -(-len(images) // columns)
    each = 2 if show_pictures else 1
    lines = 1 + max(caption.count("\n") for caption in captions)
    size = (1.5 * columns + 1.4, (1.4 * each + 0.2 * lines) * rows + 0.8)
    figure, axes = plt.subplots(rows * each, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in axes.flat:
        ax.set(xticks=[], yticks=[])
    for i in range(rows * columns):
        cell = axes[each * (i // columns) : each * (i // columns + 1), i % columns]
        if i >= len(images):
            for ax in cell:
                ax.remove()
            continue
        if show_pictures:
            cell[0].imshow(images[i], cmap="gray", vmin=0, vmax=255)
        cell[-1].imshow(overlay(images[i], np.clip(maps[i] / top, 0, 1)))
        cell[-1].set_xlabel(captions[i], fontsize=9)
    drawn = np.array([axes[each * (i // columns) + each - 1, i % columns] for i in range(len(images))])
    bar = figure.colorbar(
        ScalarMappable(Normalize(0, top), HEAT), ax=figure.axes, shrink=0.9, aspect=30, label=bar_label
    )
    if top < 1:
        bar.ax.yaxis.set_major_formatter(_percent_tick)
    return drawn


# ---------------------------------------------------------------------------------- words


def _captions(probabilities, labels, classes) -> list[str]:
    """The predicted emotion and its probability; then the true one, with ✓ or ✗; then the one asked for."""
    best = probabilities.argmax(axis=1)
    captions = [f"{EMOTIONS[k]} {percent(p[k], 0)}" for k, p in zip(best, probabilities, strict=True)]
    if labels is not None:
        words = [_word(label) for label in labels]
        pairs = zip(captions, words, best, strict=True)
        captions = [f"✓ {c}\ntrue: {w}" if w == EMOTIONS[k] else f"✗ {c}\ntrue: {w}" for c, w, k in pairs]
    if classes is not None and not isinstance(classes, str) and np.ndim(classes):
        captions = [f"{c}\nmap: {_word(asked)}" for c, asked in zip(captions, classes, strict=True)]
    return captions


def _asked(classes) -> str:
    return "one emotion each" if not isinstance(classes, str) and np.ndim(classes) else _word(classes)


def _about_maps(maps, what: str, probabilities, labels) -> str:
    """One sentence: in which third of the picture the heat lies, and how many predictions are right."""
    sentence = f"{_plural(len(maps), 'picture')}: "
    if maps.any():
        shares = ", ".join(f"{percent(share, 0)} in the {name}" for name, share in regions(maps).items())
        sentence += f"of the {what}, {shares}"
    else:
        sentence += f"no {what} anywhere"
    if labels is not None:
        right = sum(_word(label) == EMOTIONS[k] for label, k in zip(labels, probabilities.argmax(axis=1), strict=True))
        sentence += f"; {right} of {len(maps)} predicted right"
    return sentence + "."
