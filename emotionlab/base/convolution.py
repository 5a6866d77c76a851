"""A convolution in plain NumPy, for who computes a network without Keras, or compares Keras with it."""

import numpy as np


def convolved(x: np.ndarray, kernel: np.ndarray, stride: int) -> np.ndarray:
    """Maps (rows, columns, channels) with a kernel (size, size, channels, width), padded as Keras' "same" does."""
    size = len(kernel)
    padding = []
    for length in x.shape[:2]:
        missing = max((-(-length // stride) - 1) * stride + size - length, 0)
        padding.append((missing // 2, missing - missing // 2))
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, (*padding, (0, 0))), (size, size), axis=(0, 1))
    windows = windows[::stride, ::stride].transpose(0, 1, 3, 4, 2)
    return windows.reshape(*windows.shape[:2], -1) @ kernel.reshape(-1, kernel.shape[-1])
