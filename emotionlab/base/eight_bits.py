"""Weights as 8-bit whole numbers with a scale: a quarter of the bytes of float32.

    weight = whole number * scale,   scale = largest |weight| of the output channel / 127

(Krishnamoorthi 2018, arXiv 1806.08342). Biases and batch norm are small and stay float32.
"""

import numpy as np

SCALE = "_scale"


def pack(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every array of two or more axes as int8 and, under its name with `_scale`, a float32 scale for each channel."""
    packed = {}
    for name, array in arrays.items():
        if array.ndim < 2:
            packed[name] = array.astype("float32")
            continue
        scale = np.abs(array).max(axis=tuple(range(array.ndim - 1)), keepdims=True).astype("float32") / 127
        scale[scale == 0] = 1
        packed[name], packed[name + SCALE] = np.rint(array / scale).astype("int8"), scale
    return packed


def unpack(packed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays as float32 again, each weight within half a scale of what it was."""
    arrays = {}
    for name, array in packed.items():
        if not name.endswith(SCALE):
            scale = packed.get(name + SCALE, np.float32(1))
            arrays[name] = array.astype("float32") * scale
    return arrays
