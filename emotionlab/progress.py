"""What a person sees while a network trains: a progress bar and, in a notebook, a growing curve."""

from tqdm.auto import tqdm

from emotionlab.backend import keras
from emotionlab.notices import in_notebook
from emotionlab.recipes import Recipe


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


class LiveCurve:
    """The learning curves so far, redrawn in place after each epoch. Draws nothing in a terminal."""

    def __init__(self):
        self.display = None

    def draw(self, history: dict) -> None:
        """Draw `history` (lists of at least two epochs)."""
        if not in_notebook() or len(history["epoch"]) < 2:
            return
        import matplotlib.pyplot as plt
        from IPython.display import display

        from emotionlab.plots import plot_history

        axes = plot_history(history, say=False)
        figure = axes[0].figure
        if self.display is None:
            self.display = display(figure, display_id=True)
        else:
            self.display.update(figure)
        plt.close(figure)
