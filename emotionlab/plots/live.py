"""A learning curve that grows in the notebook while a network trains."""

from emotionlab.base.notices import in_notebook
from emotionlab.plots.basic import plot_history


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

        axes = plot_history(history, say=False)
        figure = axes[0].figure
        if self.display is None:
            self.display = display(figure, display_id=True)
        else:
            self.display.update(figure)
        plt.close(figure)
