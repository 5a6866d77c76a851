"""Weights as 8-bit whole numbers, with a scale for each output channel: a quarter of the bytes of float32.

    weight = whole number * scale,   scale = largest |weight| of the channel / 127

(Krishnamoorthi 2018, arXiv 1806.08342). Biases and batch norm are small and stay float32.
"""

import numpy as np

SCALE = "_scale"


def quantise(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`kernel` as whole numbers -127..127 and one scale for each output channel.

    kernel: (inputs, outputs), (height, width, inputs, outputs), or depthwise (height, width, channels, 1).
    Returns int8 of the same shape, and float32 that broadcasts against it: `numbers * scale` is the kernel again,
    each weight within half a scale. A channel of zeros has the scale 1.
    """
    is_depthwise = kernel.ndim == 4 and kernel.shape[-1] == 1
    other_axes = (0, 1) if is_depthwise else tuple(range(kernel.ndim - 1))
    scale = np.abs(kernel).max(axis=other_axes, keepdims=True).astype("float32") / 127
    scale[scale == 0] = 1
    return np.rint(kernel / scale).astype("int8"), scale


def pack(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a network with every kernel in 8 bits and its scale beside it; the rest as float32."""
    packed = {}
    for name, array in arrays.items():
        if array.ndim >= 2:
            packed[name], packed[name + SCALE] = quantise(array)
        else:
            packed[name] = array.astype("float32")
    return packed


def unpack(packed: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays of a network as float32 again. Arrays without a scale are taken as they are."""
    arrays = {}
    for name, array in packed.items():
        if name.endswith(SCALE):
            continue
        array = array.astype("float32")
        arrays[name] = array * packed[name + SCALE] if name + SCALE in packed else array
    return arrays
