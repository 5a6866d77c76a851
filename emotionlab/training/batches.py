"""The pictures of one epoch in batches, with the two ways to balance the classes (lesson 03)."""

import numpy as np

from emotionlab.base.arguments import labels as checked_labels
from emotionlab.base.arrays import as_batch
from emotionlab.base.backend import keras
from emotionlab.base.emotions import EMOTIONS, one_hot
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Split
from emotionlab.runs.recipes import Recipe


def class_weights(labels: np.ndarray) -> dict[int, float]:
    """Weight of each class, inversely proportional to its count: N / (classes with pictures * count).

    The mean weight over all pictures is 1. A class without pictures gets weight 0.
    (The "balanced" rule of scikit-learn, after King & Zeng 2001.)
    Raises DataError for what are no labels (N,) of 0..6.
    """
    labels = checked_labels("labels", labels, len(EMOTIONS), DataError)
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    present = np.count_nonzero(counts)
    return {i: len(labels) / (present * n) if n else 0.0 for i, n in enumerate(counts.tolist())}


class Batches(keras.utils.PyDataset):
    """The training pictures of one epoch in a random order, batch by batch.

    The order follows from the recipe's seed and the number of the epoch alone, so that a resumed
    run sees the same batches as one that was never stopped. Yields (pictures float32
    (B, 48, 48, 1), targets float32 (B, 7), weights float32 (B,)).

    targets: (N, 7) float32, what to learn of each picture (default: its label). Mixup blends them as it does labels.
    """

    def __init__(self, split: Split, recipe: Recipe, epoch: int, targets: np.ndarray | None = None):
        super().__init__()
        self.targets = one_hot(split.labels) if targets is None else targets
        self.split, self.recipe, self.epoch = split, recipe, epoch
        self.order = epoch_order(split.labels, recipe, np.random.default_rng([recipe.seed, epoch]))
        weights = class_weights(split.labels) if recipe.balance == "weights" else dict.fromkeys(range(7), 1.0)
        self.weight_of = np.array([weights[i] for i in range(len(EMOTIONS))], "float32")

    def __len__(self) -> int:
        return steps_per_epoch(self.split, self.recipe)

    def __getitem__(self, i: int):
        index = self.order[i * self.recipe.batch_size : (i + 1) * self.recipe.batch_size]
        labels = self.split.labels[index]
        pictures, targets = as_batch(self.split.images[index]), self.targets[index]
        if self.recipe.mixup:
            rng = np.random.default_rng([self.recipe.seed, self.epoch, i])
            pictures, targets = mix(pictures, targets, self.recipe.mixup, rng)
        return pictures, targets, self.weight_of[labels]


def epoch_order(labels: np.ndarray, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Indices (N,) of the pictures of one epoch: shuffled, or with each class drawn equally often."""
    if recipe.balance != "oversample":
        return rng.permutation(len(labels))
    present = np.unique(labels)
    drawn = [rng.choice(np.flatnonzero(labels == k), -(-len(labels) // len(present))) for k in present]
    return rng.permutation(np.concatenate(drawn))[: len(labels)]


def mix(pictures, targets, alpha: float, rng: np.random.Generator):
    """Blend each picture and its target with those of another of the batch (mixup, Zhang et al. 2018)."""
    share = np.float32(rng.beta(alpha, alpha))
    other = rng.permutation(len(pictures))
    return share * pictures + (1 - share) * pictures[other], share * targets + (1 - share) * targets[other]


def steps_per_epoch(split: Split, recipe: Recipe) -> int:
    """Whole batches in one epoch (a last, smaller one is left out), at least one."""
    return max(1, len(split) // recipe.batch_size)
