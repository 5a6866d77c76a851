"""A run that trained the head alone: only that is kept. The rest comes from the course's ImageNet weights.

A few kilobytes instead of the backbone's megabytes, which lie in `emotionlab/models/imagenet/` already.
"""

from pathlib import Path

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.base.files import write_arrays
from emotionlab.models.backbones import backbone_layers
from emotionlab.models.weights import CHECKSUMS, put, read, shipped

HEAD = "logits"
"""Name of the layer that learned."""


def write_head(path: Path, model) -> None:
    """Keep kernel and bias of the last layer, as float32, and the SHA-256 of the weights of the rest."""
    kernel, bias = model.get_layer(HEAD).get_weights()
    write_arrays(path, {"kernel": kernel, "bias": bias, "start": np.array(model.start)})


def is_head(arrays: dict[str, np.ndarray]) -> bool:
    """Whether a run's weights are those of a head alone."""
    return arrays.keys() == {"kernel", "bias", "start"}


def put_head(arrays: dict[str, np.ndarray], model) -> None:
    """Give `model` the course's ImageNet weights and this head.

    Raises RunError when the head was trained on another file of weights, ValueError when it does not fit.
    """
    start = str(arrays["start"])
    if CHECKSUMS.get(model.name) != start:
        raise RunError(
            f"Expected a head for the course's ImageNet weights of {model.name}, found one that was trained on the "
            f"file {start[:12]}...; train it anew."
        )
    put(read(shipped(model.name), model.name), backbone_layers(model), model.name)
    model.get_layer(HEAD).set_weights([arrays["kernel"], arrays["bias"]])
