"""The course's own networks in plain NumPy: the numbers of Keras without the seconds that starting it takes.

A face is a small picture, and a small network on one face is a few matrix products, which NumPy hands to the
same fast library as any framework does. It is lesson 02's convolution by hand, for a whole network.
Only prediction is here, and only the layers that `scratch_cnn` and `small_cnn` are made of.
"""

import json
from collections import Counter

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from emotionlab.data.dataset import as_batch
from emotionlab.errors import RunError
from emotionlab.runs import Run, read_arrays


class NotLight(RunError):
    """The network has a layer that only Keras can compute."""


class LightNetwork:
    """The trained network of a run, for prediction only.

    light = LightNetwork(el.reference.load("scratch_cnn"))
    logits = light(images)      # (N, 48, 48) or (N, 48, 48, 1), 0..255 in; (N, 7) float32 out

    Raises NotLight when the network has other layers than the course's own, RunError when the run
    has no weights.
    """

    def __init__(self, run: Run):
        weights = read_arrays(run.folder / "weights.npz")
        arrays = iter([weights[key].astype("float32") for key in sorted(weights)])
        try:
            architecture = json.loads((run.folder / "architecture.json").read_text(encoding="utf-8"))
            layers = architecture["config"]["layers"]
            self._steps = _fold_batch_normalisation([_step(layer, arrays) for layer in layers])
        except NotLight:
            raise
        except (OSError, KeyError, IndexError, TypeError, AttributeError, ValueError, StopIteration) as problem:
            raise NotLight(
                f"Expected a network of the course's own layers in {run.folder}, found: {problem!r}."
            ) from None
        if next(arrays, None) is not None:
            raise NotLight(f"Expected one layer for each array of weights in {run.folder}, found arrays left over.")
        self.name = run.name

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, 7) float32 of pictures (N, 48, 48) or (N, 48, 48, 1) in 0..255. DataError for other shapes."""
        values = {}
        for kind, name, inputs, numbers in self._steps:
            given = [values[i] for i in inputs] or [as_batch(images)]
            values[name] = result = _LAYERS[kind](*given, **numbers)
        return result

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, 7) float32: the softmax of the logits."""
        logits = self(images)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


# ------------------------------------------------------------------------- what each layer computes


def convolution(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolve (N, H, W, in) with a kernel (k, k, in, out), k odd, zeros around: (N, H, W, out).

    Each output position is the product of its k x k x in window with the kernel: one matrix product.
    """
    n, height, width, channels = x.shape
    side = len(kernel)
    if side > 1:
        around = side // 2
        x = np.pad(x, ((0, 0), (around, around), (around, around), (0, 0)))
        x = sliding_window_view(x, (side, side), axis=(1, 2)).transpose(0, 1, 2, 4, 5, 3)
    rows = x.reshape(n * height * width, side * side * channels) @ kernel.reshape(side * side * channels, -1)
    rows += bias
    return rows.reshape(n, height, width, -1)


def max_pooling(x: np.ndarray) -> np.ndarray:
    """The largest of each 2 x 2 positions; an odd last row or column is left out, as Keras does."""
    n, height, width, channels = x.shape
    x = x[:, : height // 2 * 2, : width // 2 * 2]
    return x.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


_LAYERS = {
    "InputLayer": lambda x: x,
    "Rescaling": lambda x, scale, offset: x * np.float32(scale) + np.float32(offset),
    "Conv2D": convolution,
    "Activation": lambda x: np.maximum(x, 0),
    "MaxPooling2D": max_pooling,
    "Add": lambda *parts: sum(parts[1:], parts[0]),
    "GlobalAveragePooling2D": lambda x: x.mean(axis=(1, 2)),
    "Dropout": lambda x: x,  # acts while training only
    "Dense": lambda x, kernel, bias: x @ kernel + bias,
}

# what a layer must be like to be computed as above; whatever else it says does not change a prediction
_MUST_BE = {
    "Conv2D": {"strides": [1, 1], "padding": "same", "dilation_rate": [1, 1], "groups": 1, "activation": "linear"},
    "Activation": {"activation": "relu"},
    "MaxPooling2D": {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"},
    "GlobalAveragePooling2D": {"keepdims": False},
    "Dense": {"activation": "linear"},
    "BatchNormalization": {"scale": True, "center": True},
}


# ------------------------------------------------------------------------- from Keras' own description


def _step(layer: dict, arrays) -> tuple[str, str, list[str], dict]:
    """One layer as (kind, name, names of its inputs, its numbers); takes its weights from `arrays`."""
    kind, name, config = layer["class_name"], layer["name"], layer["config"]
    wrong = [f"{key} = {config[key]}" for key, value in _MUST_BE.get(kind, {}).items() if config[key] != value]
    if wrong or not (kind in _LAYERS or kind == "BatchNormalization"):
        raise NotLight(f"Expected the course's own layers, found {kind} {' '.join(wrong)}({name}); Keras computes it.")
    numbers = {}
    if kind == "Rescaling":
        numbers = {"scale": config["scale"], "offset": config["offset"]}
    elif kind in ("Conv2D", "Dense"):
        kernel = next(arrays)
        if kind == "Conv2D" and (kernel.shape[0] != kernel.shape[1] or kernel.shape[0] % 2 == 0):
            raise NotLight(f"Expected square kernels with an odd side, found {kernel.shape[:2]} ({name}).")
        numbers = {"kernel": kernel, "bias": next(arrays) if config["use_bias"] else np.float32(0)}
    elif kind == "BatchNormalization":
        gamma, beta, mean, variance = (next(arrays) for _ in range(4))
        scale = gamma / np.sqrt(variance + np.float32(config["epsilon"]))
        numbers = {"scale": scale, "shift": beta - mean * scale}
    return kind, name, _inputs(layer), numbers


def _inputs(layer: dict) -> list[str]:
    """Names of the layers that feed this one, from the way Keras writes a functional model."""
    if not layer["inbound_nodes"]:
        return []
    tensors = layer["inbound_nodes"][0]["args"][0]
    tensors = tensors if isinstance(tensors, list) else [tensors]
    return [tensor["config"]["keras_history"][0] for tensor in tensors]


def _fold_batch_normalisation(steps: list) -> list:
    """Put each batch normalisation into the convolution before it: after training both are linear."""
    by_name = {name: numbers for _, name, _, numbers in steps}
    kinds = {name: kind for kind, name, _, _ in steps}
    uses = Counter(i for _, _, inputs, _ in steps for i in inputs)
    gone, folded = {}, []
    for kind, name, inputs, numbers in steps:
        inputs = [gone.get(i, i) for i in inputs]
        if kind != "BatchNormalization":
            folded.append((kind, name, inputs, numbers))
            continue
        before = inputs[0]
        if kinds[before] != "Conv2D" or uses[before] != 1:
            raise NotLight(f"Expected a convolution before {name}, found {before}; Keras computes it.")
        convolution_numbers = by_name[before]
        convolution_numbers["kernel"] = convolution_numbers["kernel"] * numbers["scale"]
        convolution_numbers["bias"] = convolution_numbers["bias"] * numbers["scale"] + numbers["shift"]
        gone[name] = before
    return folded
