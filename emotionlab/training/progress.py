"""How far a training is: the progress bar that a person sees, and whether epochs still bring something."""

import time

from tqdm.auto import tqdm

from emotionlab.base.backend import keras
from emotionlab.runs.recipes import Recipe

MEASURED_AFTER, MEASURED_UNTIL = 2, 12
"""Batches between which a run's speed is measured: the first ones also compile."""


class ProgressBar(keras.callbacks.Callback):
    """One bar for the whole run, counted in optimizer steps; works in a notebook and in a terminal."""

    def __init__(self, recipe: Recipe, steps: int, done: int = 0):
        super().__init__()
        self.epochs, self.epoch, self.batch_size = recipe.all_epochs, done, recipe.batch_size
        self.batches, self.since = 0, 0.0
        done -= min(done, recipe.head_epochs)  # those of the head took no steps
        self.bar = tqdm(
            total=recipe.epochs * steps, initial=done * steps, unit="batch", mininterval=1, dynamic_ncols=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.bar.close()

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch += 1
        self.bar.set_description(f"epoch {self.epoch}/{self.epochs}")

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()
        self.batches += 1
        if self.batches == MEASURED_AFTER:
            self.since = time.perf_counter()
        if self.batches == MEASURED_UNTIL:
            seconds = (time.perf_counter() - self.since) / (MEASURED_UNTIL - MEASURED_AFTER)
            self.bar.write(how_long(seconds * (self.bar.total - self.bar.n), self.batch_size / seconds))

    def show(self, row: dict) -> None:
        """Write the figures of the epoch that just ended beside the bar."""
        self.bar.set_postfix_str(
            f"loss {row['loss']:.3f}, accuracy {row['accuracy']:.1%}, validation {row['val_accuracy']:.1%}"
        )


def how_long(seconds: float, speed: float) -> str:
    """What `el.train` says after its first batches. seconds: still to go. speed: pictures a second."""
    if seconds < 90:
        left = f"{seconds:.0f} seconds"
    elif seconds < 5400:
        left = f"{seconds / 60:.0f} minutes"
    else:
        left = f"{seconds / 3600:.1f} hours"
    return f"This takes about {left} on this machine, at {speed:,.0f} pictures a second."


def has_stopped_improving(history, patience: int) -> bool:
    """Whether the last `patience` epochs brought nothing better (0: never)."""
    values = history["val_accuracy"]
    return bool(patience) and len(values) > patience and max(values[-patience:]) <= max(values[:-patience])


def is_on_plateau(history, patience: int) -> bool:
    """Whether the rate has stayed, and validation has not become better, for `patience` epochs."""
    values, rates = history["val_accuracy"], history["learning_rate"]
    has_stayed = len(rates) > patience and len(set(rates[-patience:])) == 1
    return has_stayed and max(values[-patience:]) <= max(values[:-patience])
