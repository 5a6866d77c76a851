"""What a person sees while a network trains: a progress bar."""

from tqdm.auto import tqdm

from emotionlab.base.backend import keras
from emotionlab.runs.recipes import Recipe


class ProgressBar(keras.callbacks.Callback):
    """One bar for the whole run, counted in optimizer steps; works in a notebook and in a terminal."""

    def __init__(self, recipe: Recipe, steps: int, done: int = 0):
        super().__init__()
        self.epochs, self.epoch = recipe.all_epochs, done
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

    def show(self, row: dict) -> None:
        """Write the figures of the epoch that just ended beside the bar."""
        self.bar.set_postfix_str(
            f"loss {row['loss']:.3f}, accuracy {row['accuracy']:.1%}, validation {row['val_accuracy']:.1%}"
        )
