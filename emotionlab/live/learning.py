"""`el.train`: a training that can be watched."""

from emotionlab.plots.live import LiveCurve
from emotionlab.training import loop


def train(model, faces, recipe, name: str | None = None, record: bool = False, kept_as: str = "float16"):
    """Train a network, with learning curves that grow in the notebook; see `emotionlab.training.train`.

    model: (N, 48, 48, 1) pictures in 0..255 in, (N, 7) logits out; it is trained in place.
    name: the run is kept under this name; training again under it resumes a run that was stopped.
    record: measure the test split too, once, at the end.
    Returns the `Run`. Raises RunError when a run of that name was made from something else, and for a network
    of the wrong shape.
    """
    curve = LiveCurve()
    try:
        return loop.train(model, faces, recipe, name=name, record=record, kept_as=kept_as, after_epoch=curve.draw)
    finally:  # also of a training that was stopped
        curve.draw_waiting()
