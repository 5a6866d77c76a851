"""The attention network in plain NumPy: the same numbers as in Keras, without the seconds that starting it takes.

What `networks.attention_network` builds out of layers stands here as the arithmetic that they do.
"""

import numpy as np

from emotionlab.base.arrays import softmax
from emotionlab.base.errors import RunError
from emotionlab.text.tokens import PADDING

VARIABLES = (
    "words/embeddings",
    "neighbours/kernel",
    "neighbours/bias",
    "scores_hidden/kernel",
    "scores_hidden/bias",
    "scores/kernel",
    "scores/bias",
    "logits/kernel",
    "logits/bias",
)
"""The variables of the network by their paths in it."""


class LightText:
    """The attention network for prediction only. weights: an array for each of `VARIABLES`.

    Raises RunError where a variable is missing, or one has another shape than those before it ask for.
    """

    def __init__(self, weights: dict[str, np.ndarray]):
        if set(weights) != set(VARIABLES):
            raise RunError(
                f"Expected the weights of the attention network ({len(VARIABLES)} arrays), found {len(weights)}: "
                f"{', '.join(sorted(weights)) or 'none'}."
            )
        self._weights = {name: np.asarray(array, np.float32) for name, array in weights.items()}
        self.rows, dim = self._weights["words/embeddings"].shape
        if self._weights["neighbours/kernel"].shape[:2] != (3, dim):
            raise RunError(
                f"Expected a convolution over three vectors of {dim} numbers, found the kernel "
                f"{self._weights['neighbours/kernel'].shape}."
            )

    def __call__(self, tokens: np.ndarray) -> np.ndarray:
        """Logits (N, 7) float32 of the numbers of tokens (N, L), 0 where the text has ended."""
        w = self._weights
        there = (tokens != PADDING)[..., None].astype(np.float32)
        words = w["words/embeddings"][tokens] * there
        around = np.pad(words, ((0, 0), (1, 1), (0, 0)))
        kernel = w["neighbours/kernel"]  # (3, dim, width): the token before, the token, the token after
        sums = sum(around[:, i : i + words.shape[1]] @ kernel[i] for i in range(3))
        neighbours = np.maximum(sums + w["neighbours/bias"], 0)
        features = np.concatenate([words, neighbours], axis=-1)
        hidden = np.tanh(features @ w["scores_hidden/kernel"] + w["scores_hidden/bias"])
        scores = hidden @ w["scores/kernel"] + w["scores/bias"] - 1e4 * (1 - there)
        attention = softmax(scores, axis=1)
        seen = (attention.transpose(0, 2, 1) @ features).reshape(len(tokens), -1)
        mean = words.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
        return np.concatenate([seen, mean], axis=-1) @ w["logits/kernel"] + w["logits/bias"]

    def predict(self, tokens: np.ndarray) -> np.ndarray:
        """Probabilities (N, 7) float32: the sigmoid of each logit by itself."""
        return 1 / (1 + np.exp(-self(tokens)))
