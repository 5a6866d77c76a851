"""Training: the loop (`loop`), its batches (`batches`), features computed once (`frozen`), the bar (`progress`).

`devices` shares each batch among several devices.
"""

from emotionlab.training.batches import Batches, class_weights, steps_per_epoch
from emotionlab.training.frozen import features, train_head
from emotionlab.training.loop import augmentation, compiled_trainer, learning_rates, optimizer, train, train_by_name

__all__ = [
    "Batches",
    "augmentation",
    "class_weights",
    "compiled_trainer",
    "features",
    "learning_rates",
    "optimizer",
    "steps_per_epoch",
    "train",
    "train_by_name",
    "train_head",
]
