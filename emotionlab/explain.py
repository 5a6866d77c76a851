"""What a network looks at: Grad-CAM and occlusion, for every network of the course.

    maps = grad_cam(model, faces.test.images[:8])             # (8, 48, 48), 0..1
    drops = occlusion(model, faces.test.images[:8])           # (8, 48, 48), change of probability

Grad-CAM asks the last convolutional layer which places speak for a class; occlusion covers each place
and sees how much the probability falls. Both need the network alone, not its training data.
"""

from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from emotionlab.base.arguments import file_path, shown, text, whole_number
from emotionlab.data.dataset import Split, as_batch
from emotionlab.emotions import EMOTIONS
from emotionlab.errors import DataError, EmotionLabError, RunError
from emotionlab.models.checking import checked
from emotionlab.settings import IMAGE_SIZE

BATCH = 64
"""Pictures that are explained at once."""

_PREDICTED = -1  # stands for "whichever class has the highest logit"
_EXPLAINERS = WeakKeyDictionary()  # model -> {layer: GradCam}; forgotten together with the model


# ---------------------------------------------------------------------------------- Grad-CAM


def grad_cam(model, images, classes=None, layer: str | None = None) -> np.ndarray:
    """Grad-CAM (Selvaraju et al. 2017): where the network sees evidence for a class.

    model:   a keras.Model, (N, 48, 48, 1) pictures in 0..255 in, logits (N, 7) out.
    images:  (48, 48), (N, 48, 48) or (N, 48, 48, 1), grey values 0..255.
    classes: the class to ask for: None (the predicted one), one name or number for all pictures, or
             (N,) of them.
    layer:   name of a layer from `spatial_layers(model)`; None takes the last one that is no pooling.

    Returns (N, 48, 48) float32: 0 is no evidence for the class, 1 the strongest in this picture. A map is
    0 everywhere when no place speaks for the class. Maps of two pictures do not share a unit.
    Raises DataError for unusable pictures or classes, EmotionLabError when the network has no such layer.
    """
    return explainer(model, layer)(images, classes)[0]


def explainer(model, layer: str | None = None) -> "GradCam":
    """The compiled Grad-CAM of this network and layer; made once, then kept as long as the network lives."""
    layer = None if layer is None else text("layer", layer)
    kept = _EXPLAINERS.setdefault(_checked(model), {})
    if layer not in kept:
        kept[layer] = GradCam(model, layer)
    return kept[layer]


class GradCam:
    """The Grad-CAM of one network at one layer: call it with pictures for (maps, probabilities).

    The network is cut in two at the layer. The front turns pictures into the layer's channels, the head turns
    those into logits. Only the head, which is small, has to be differentiated.
    Changed weights count at once; `layer` is the name of the layer.
    """

    def __init__(self, model, layer: str | None = None):
        from emotionlab.backend import keras

        graph = _graph(_checked(model))
        self.layer, cut = _layer_to_explain(graph, model.name, layer)
        self._front = keras.Model(graph.inputs, cut)
        self._logits_and_gradient = _gradient(keras.Model(cut, graph.output))

    def __call__(self, images, classes=None) -> tuple[np.ndarray, np.ndarray]:
        """(maps (N, 48, 48) float32 as `grad_cam` gives them, probabilities (N, 7) float32) from one pass."""
        batch = _some(as_batch(images))
        wanted = _class_numbers(classes, len(batch))
        parts = [slice(start, start + BATCH) for start in range(0, len(batch), BATCH)]
        maps, probabilities = zip(*(self._explain(batch[part], wanted[part]) for part in parts), strict=True)
        return np.concatenate(maps), np.concatenate(probabilities)

    def _explain(self, batch, wanted):
        channels = np.asarray(self._front.predict_on_batch(batch), "float32")
        logits, gradient = self._logits_and_gradient(channels, wanted)
        importance = gradient.mean(axis=(1, 2))  # alpha in the paper: one number a channel
        evidence = np.maximum(np.einsum("nhwk,nk->nhw", channels, importance), 0)
        return np.stack([_enlarge(one) for one in evidence]), _softmax(logits)


def _some(batch: np.ndarray) -> np.ndarray:
    if not len(batch):
        raise DataError("Expected at least one picture to explain, found none; pass images[:1] or more.")
    return batch


def _gradient(head):
    """Compile f(channels (N, h, w, k), classes (N,)) -> logits (N, 7) and their gradient (N, h, w, k), arrays.

    It is the gradient of the logit of the class asked for. Keras 3 leaves differentiation to its backend, so
    this is the one function here that has to know which backend that is.
    """
    from emotionlab.backend import keras

    ops, backend = keras.ops, keras.backend.backend()

    def chosen_logits(logits, classes):
        classes = ops.where(classes == _PREDICTED, ops.cast(ops.argmax(logits, axis=-1), "int32"), classes)
        return ops.sum(logits * ops.one_hot(classes, logits.shape[-1]))

    if backend == "tensorflow":
        import tensorflow as tf

        @tf.function(reduce_retracing=True)
        def compiled(channels, classes):
            with tf.GradientTape() as tape:
                tape.watch(channels)
                logits = ops.cast(head(channels, training=False), "float32")
                chosen = chosen_logits(logits, classes)
            return logits, tape.gradient(chosen, channels)

        def logits_and_gradient(channels, classes):
            return compiled(tf.constant(channels), tf.constant(classes))

    elif backend == "jax":
        import jax

        # Weights are arguments: inside the function they would be compiled in, and later training lost.
        def score(channels, classes, weights, state):
            logits, _ = head.stateless_call(weights, state, channels, training=False)
            logits = ops.cast(logits, "float32")
            return chosen_logits(logits, classes), logits

        compiled = jax.jit(jax.value_and_grad(score, has_aux=True))

        def logits_and_gradient(channels, classes):
            weights = [v.value for v in head.trainable_variables]
            state = [v.value for v in head.non_trainable_variables]
            (_, logits), gradient = compiled(channels, classes, weights, state)
            return logits, gradient

    else:
        raise EmotionLabError(
            f"Expected the Keras backend tensorflow or jax for Grad-CAM, found {backend}; set KERAS_BACKEND to one of "
            "the two and start again, or use el.occlusion, which needs no gradient."
        )
    return lambda channels, classes: tuple(np.asarray(a, "float32") for a in logits_and_gradient(channels, classes))


def spatial_layers(model) -> list[str]:
    """Names of the layers at which Grad-CAM can cut this network, from first to last.

    Such a layer still has height and width, (N, height, width, channels), and everything that the network
    knows passes through it: a layer inside a residual block has a shortcut beside it and is left out.
    """
    return list(_spatial(_graph(_checked(model))))


@dataclass(frozen=True)
class _Graph:
    """A network as symbolic tensors: steps are (layer or operation, its input tensors, its output tensors)."""

    inputs: list
    steps: list
    output: object


def _checked(model):
    """The model itself, if it is one that can be taken apart."""
    from emotionlab.backend import keras

    if not isinstance(model, keras.Model):
        raise EmotionLabError(f"Expected a keras.Model, found {shown(model)}; for a run, pass run.model().")
    if not model.built:
        raise EmotionLabError(
            f"Expected a built network, found {model.name!r} without shapes; add a keras.Input first."
        )
    return checked(model)


def _graph(model) -> _Graph:
    from emotionlab.backend import keras

    if isinstance(model, keras.Sequential):
        # its layers are called anew at each add(), so what they call their output may belong to an earlier graph
        tensors = [keras.Input(model.input_shape[1:])]
        for layer in model.layers:
            tensors.append(layer(tensors[-1]))
        steps = [(layer, [x], [y]) for layer, x, y in zip(model.layers, tensors, tensors[1:], strict=False)]
        return _Graph(tensors[:1], steps, tensors[-1])
    flatten, operations = keras.tree.flatten, getattr(model, "operations", [])
    steps = [(op, flatten(op.input), flatten(op.output)) for op in operations if not _is_input(op)]
    return _Graph(model.inputs, steps, model.outputs[0])


def _is_input(operation) -> bool:
    from emotionlab.backend import keras

    return isinstance(operation, keras.layers.InputLayer)


def _spatial(graph: _Graph) -> dict:
    """name -> (layer, output tensor) of the layers where the network can be cut."""
    from emotionlab.backend import keras

    last_use = {id(tensor): place for place, (_, inputs, _) in enumerate(graph.steps) for tensor in inputs}
    found, shortcut_until = {}, -1
    for place, (layer, _, outputs) in enumerate(graph.steps):
        is_layer = isinstance(layer, keras.layers.Layer) and not isinstance(layer, keras.Model)
        alone = shortcut_until <= place and len(outputs) == 1
        # None is a size left open; 1 x 1 is a summary of the whole picture
        if is_layer and alone and len(outputs[0].shape) == 4 and outputs[0].shape[1:3] != (1, 1):
            found[layer.name] = layer, outputs[0]
        shortcut_until = max(shortcut_until, *(last_use.get(id(tensor), -1) for tensor in outputs))
    return found


def _layer_to_explain(graph: _Graph, network: str, name: str | None):
    """Name and output tensor of the layer asked for, or of the last one that is no pooling or dropout."""
    from emotionlab.backend import keras

    found = _spatial(graph)
    if not found:
        raise EmotionLabError(
            f"Expected a layer with height and width before the logits, found none in {network!r}; Grad-CAM needs a "
            "convolutional network whose layers are not hidden inside another model."
        )
    if name is not None and name not in found:
        raise EmotionLabError(
            f"Expected a layer with height and width that everything passes through, found {name!r}; "
            f"choose one of {', '.join(found)}."
        )
    if name is None:
        # pooling only sums up the layer before it, at a coarser grid
        summaries = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D, keras.layers.Dropout)
        computing = [key for key, (layer, _) in found.items() if not isinstance(layer, summaries)]
        name = (computing or list(found))[-1]
    return name, found[name][1]


def _class_numbers(classes, count: int) -> np.ndarray:
    """(N,) int32 class numbers from None, one name or number, or N of them."""
    if classes is None:
        return np.full(count, _PREDICTED, "int32")
    alone = not isinstance(classes, list | tuple) and getattr(classes, "ndim", 0) != 1
    given = [classes] * count if alone else list(classes)
    numbers = [EMOTIONS.index(one) if isinstance(one, str) and one in EMOTIONS else one for one in given]
    if len(numbers) != count or not all(_is_class(one) for one in numbers):
        raise DataError(
            f"Expected an emotion (its name, or 0 to {len(EMOTIONS) - 1}) for each of {count} pictures, found "
            f"{shown(classes)}; pass one emotion, or one for each picture."
        )
    return np.array(numbers, "int32")


def _is_class(number) -> bool:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and 0 <= number < len(EMOTIONS)


def _enlarge(evidence: np.ndarray) -> np.ndarray:
    """A coarse map (h, w) brought to 48 x 48 and to a maximum of 1 (0 stays 0)."""
    import cv2

    large = cv2.resize(evidence, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_LINEAR)
    return large / max(float(large.max()), 1e-12)


def _softmax(logits: np.ndarray) -> np.ndarray:
    from scipy.special import softmax

    return softmax(logits, axis=-1)


# ---------------------------------------------------------------------------------- occlusion


def occlusion(model, images, classes=None, size: int = 8, stride: int = 4) -> np.ndarray:
    """Occlusion (Zeiler & Fergus 2014): how far the probability falls when a place is covered.

    A square in the picture's mean grey is laid over each place in turn. A pixel's value is the mean over all
    squares that cover it.

    model, images, classes: as for `grad_cam`, any Keras backend.
    size, stride: side of the square and its step, in pixels, 1 <= stride <= size <= 48.

    Returns (N, 48, 48) float32, differences of probability, -1..1: positive where covering hurts the class
    (the network used that place), negative where it helps. All pictures share the unit.
    Costs one prediction for each place of the square, 121 a picture as it stands; a progress bar appears when
    that takes longer than three seconds. Raises DataError for unusable arguments.
    """
    from tqdm.auto import tqdm

    from emotionlab.evaluation import predict

    size, stride = whole_number("size", size, error=DataError), whole_number("stride", stride, error=DataError)
    if not 1 <= stride <= size <= IMAGE_SIZE:
        raise DataError(
            f"Expected 1 <= stride <= size <= {IMAGE_SIZE} pixels, found size={size}, stride={stride}; with a longer "
            "stride some pixels would never be covered."
        )
    batch = _some(as_batch(images))[..., 0]
    wanted = _class_numbers(classes, len(batch))
    drops = np.zeros(batch.shape, "float32")
    squares = _squares(size, stride)
    for i, picture in enumerate(tqdm(batch, desc="Covering", unit="picture", delay=3, leave=False)):
        covered = np.where(squares, picture.mean(), picture)
        probabilities = predict(model, np.concatenate([picture[None], covered]))
        number = probabilities[0].argmax() if wanted[i] == _PREDICTED else wanted[i]
        drop = probabilities[0, number] - probabilities[1:, number]
        drops[i] = np.einsum("s,shw->hw", drop, squares) / squares.sum(axis=0)
    return drops


def _squares(size: int, stride: int) -> np.ndarray:
    """(S, 48, 48) bool, one square each; the last of a row touches the edge, so that every pixel is covered."""
    last = IMAGE_SIZE - size
    starts = sorted({*range(0, last, stride), last})
    squares = np.zeros((len(starts) ** 2, IMAGE_SIZE, IMAGE_SIZE), bool)
    for square, (top, left) in zip(squares, ((y, x) for y in starts for x in starts), strict=True):
        square[top : top + size, left : left + size] = True
    return squares


# ---------------------------------------------------------------------------------- to look at

REGIONS = {"upper third": slice(0, 16), "middle third": slice(16, 32), "lower third": slice(32, 48)}
"""Rows of a picture; in a tightly cropped upright face they hold brows, eyes and nose, and mouth."""


def regions(maps: np.ndarray) -> dict[str, float]:
    """Share of the heat (0 to 1, adding up to 1) in each third of the picture; 0 everywhere for empty maps.

    maps: (48, 48) or (N, 48, 48), not negative.
    """
    whole = max(float(maps.sum()), 1e-12)
    return {name: float(maps[..., rows, :].sum()) / whole for name, rows in REGIONS.items()}


def overlay(image: np.ndarray, heat: np.ndarray, side: int = 288) -> np.ndarray:
    """Heat over a grey picture, (side, side, 3) uint8 RGB: the hotter, the brighter and the more opaque.

    image: (48, 48), 0..255. heat: (48, 48), 0..1. The colours are inferno, which is perceptually uniform. A white
    line, edged in black, runs round the places of at least 0.5, so that the map can be read without colours.
    """
    import cv2

    size = (side, side)
    grey = cv2.resize(np.asarray(image, "uint8"), size, interpolation=cv2.INTER_CUBIC)
    heat = cv2.resize(np.asarray(heat, "float32"), size, interpolation=cv2.INTER_LINEAR)
    colour = cv2.applyColorMap(np.uint8(np.clip(255 * heat, 0, 255)), cv2.COLORMAP_INFERNO)[..., ::-1]
    cover = (0.25 + 0.4 * heat)[..., np.newaxis]
    blended = np.uint8((1 - cover) * grey[..., np.newaxis] + cover * colour)
    outlines, _ = cv2.findContours(np.uint8(heat >= 0.5), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    width = max(1, side // 96)
    cv2.drawContours(blended, outlines, -1, (0, 0, 0), 2 * width + 1, cv2.LINE_AA)
    cv2.drawContours(blended, outlines, -1, (255, 255, 255), width, cv2.LINE_AA)
    return blended


# ---------------------------------------------------------------------------------- recorded maps


@dataclass(frozen=True, eq=False)
class Grid:
    """Recorded Grad-CAM maps of one network on the faces of `grid_faces()`.

    faces: Split. maps: (N, 48, 48) float32, 0..1. probabilities: (N, 7) float32. layer: name of the layer.
    """

    faces: Split
    maps: np.ndarray
    probabilities: np.ndarray
    layer: str


def grid_faces() -> Split:
    """The 14 drawn faces of a recorded grid: each emotion at full strength, on two people, slightly turned."""
    from emotionlab.data.drawn import EMOTION_UNITS, draw_face

    people = {11: -8.0, 3: 10.0}  # identity -> degrees to the side
    images = [draw_face(EMOTION_UNITS[e], who, yaw=yaw, scale=1.12) for who, yaw in people.items() for e in EMOTIONS]
    names = [f"{emotion}_{who}.png" for who in people for emotion in EMOTIONS]
    return Split(np.stack(images), np.tile(np.arange(len(EMOTIONS)), len(people)), np.array(names))


def record_grid(model, path, layer: str | None = None) -> Grid:
    """Store the Grad-CAM maps of `grid_faces()`, about 40 KB, for a run whose weights are not shipped.

    path: the file, by convention `gradcam.npz` in the run's folder. Written whole or not at all.
    """
    from emotionlab.runs import write_arrays

    faces, explain = grid_faces(), explainer(model, layer)
    maps, probabilities = explain(faces.images)
    arrays = {"maps": np.round(maps * 255).astype("uint8"), "images": faces.images, "layer": np.array(explain.layer)}
    write_arrays(Path(path), {**arrays, "probabilities": probabilities.astype("float16"), "labels": faces.labels})
    return read_grid(path)


def read_grid(path) -> Grid:
    """What `record_grid` stored. path: the file, or the run (a Run, its name or folder) it belongs to.

    Raises RunError when nothing was recorded there.
    """
    from emotionlab.runs import Run, load_run, read_arrays

    if isinstance(path, Run) or Path(file_path("run", path, RunError)).suffix != ".npz":
        run = load_run(path)
        path = run.folder / "gradcam.npz"
        if not path.is_file():
            raise RunError(
                f"Expected recorded Grad-CAM maps in the run {run.name!r}, found none; with its weights at hand, "
                "el.plot_gradcam(run.model(), images) draws them."
            )
    stored = read_arrays(Path(path))
    files = np.array([f"recorded_{i:02d}.png" for i in range(len(stored["images"]))])
    faces = Split(stored["images"], stored["labels"].astype("int64"), files)
    probabilities = stored["probabilities"].astype("float32")
    return Grid(faces, stored["maps"].astype("float32") / 255, probabilities, str(stored["layer"]))
