"""A learning curve that grows in the notebook while a network trains."""

import time

from emotionlab.base.notices import in_notebook
from emotionlab.plots.basic import plot_history

PAUSE = 3.0
"""Seconds from one drawing to the next: drawing takes about half a second, more than many an epoch."""


class LiveCurve:
    """The learning curves so far, redrawn in place after each epoch. Draws nothing in a terminal."""

    def __init__(self):
        self.display, self.waiting, self.drawn = None, None, time.monotonic()

    def draw(self, history: dict) -> None:
        """Draw `history` (lists of at least two epochs), now or, where the last drawing was just now, with the next."""
        if not in_notebook() or len(history["epoch"]) < 2:
            return
        self.waiting = history
        if time.monotonic() - self.drawn >= PAUSE:
            self.draw_waiting()

    def draw_waiting(self) -> None:
        """Draw what was too soon for a drawing, if anything: once more after the last epoch."""
        if self.waiting is None:
            return
        import matplotlib.pyplot as plt
        from IPython.display import display

        axes = plot_history(self.waiting, say=False)
        figure = axes[0].figure
        if self.display is None:
            self.display = display(figure, display_id=True)
        else:
            self.display.update(figure)
        plt.close(figure)
        self.waiting, self.drawn = None, time.monotonic()
