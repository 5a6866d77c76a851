"""The voice network in plain NumPy: the same numbers as in Keras, without the seconds that starting it takes."""

import numpy as np

from emotionlab.base.arrays import softmax
from emotionlab.base.convolution import convolved
from emotionlab.base.errors import RunError

EPSILON = 1e-3
"""What Keras' batch norm adds to a variance."""


class LightVoice:
    """`networks.voice_cnn` for prediction only. weights: its arrays by their paths, such as "conv1/kernel".

    Batch norm is folded into the convolution before it once, here. Raises RunError for weights of another network.
    """

    def __init__(self, weights: dict[str, np.ndarray]):
        self.convolutions = []
        try:
            for number in range(1, sum(name.startswith("conv") for name in weights) + 1):
                gain = weights[f"norm{number}/gamma"] / np.sqrt(weights[f"norm{number}/moving_variance"] + EPSILON)
                offset = weights[f"norm{number}/beta"] - weights[f"norm{number}/moving_mean"] * gain
                self.convolutions.append(((weights[f"conv{number}/kernel"] * gain).astype(np.float32), offset))
            self.kernel, self.bias = weights["logits/kernel"], weights["logits/bias"]
        except KeyError as missing:
            raise RunError(f"Expected the weights of the voice network, found none called {missing}.") from None

    def __call__(self, spectrograms: np.ndarray) -> np.ndarray:
        """Logits (N, classes) float32 of spectrograms (N, BANDS, FRAMES) float32."""
        rows = [self._statistics(one[..., None]) for one in spectrograms]
        return np.stack(rows) @ self.kernel + self.bias

    def predict(self, spectrograms: np.ndarray) -> np.ndarray:
        """Probabilities (N, classes) float32: the softmax of the logits."""
        return softmax(self(spectrograms))

    def _statistics(self, x: np.ndarray) -> np.ndarray:
        for number, (kernel, offset) in enumerate(self.convolutions):
            x = _halved(x) if number else x
            x = np.maximum(convolved(x, kernel, stride=1 if number else 2) + offset, 0)
        return np.concatenate([x.mean(axis=1), np.sqrt(x.var(axis=1) + 1e-4), x.max(axis=1)]).reshape(-1)


def _halved(x: np.ndarray) -> np.ndarray:
    """The largest of each two by two values; an odd last row or column is left out, as in Keras."""
    rows, columns = x.shape[0] // 2, x.shape[1] // 2
    return x[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, -1).max(axis=(1, 3))
