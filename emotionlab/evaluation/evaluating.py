"""Predict and score in one step, for a network, a run, or the name of a run (lesson 02)."""

from pathlib import Path

from emotionlab.base.arguments import choice, shown
from emotionlab.base.errors import RunError
from emotionlab.data.dataset import Split, checked_split
from emotionlab.metrics.predicting import TTA, predict
from emotionlab.metrics.scoring import Report, score
from emotionlab.runs.run import load_run


def evaluate(model_or_run, split: Split, tta: str = "none", batch_size: int = 64) -> Report:
    """Predict the pictures of a split and score them.

    model_or_run: a keras.Model, a Run, or the name or folder of a run (`emotionlab.load_run` finds it).
    split: the pictures and their labels, such as `faces.test`.
    tta: "none", "flip" or "flip_shift", see `predict`.

    Raises RunError when the first argument is none of these or the model does not fit the pictures.
    """
    checked_split("split", split)
    choice("tta", tta, TTA, RunError)
    model, name = model_and_name(model_or_run)
    name = name if tta == "none" else f"{name}, {tta} averaged"
    return score(split.labels, predict(model, split.images, tta, batch_size), name)


def model_and_name(model_or_run):
    """A keras.Model and what to call it, from a model, a run or the name of a run."""
    from emotionlab.base.backend import keras

    if isinstance(model_or_run, keras.Model):
        return model_or_run, model_or_run.name
    if isinstance(model_or_run, str | Path):
        model_or_run = load_run(model_or_run)
    if not isinstance(model_or_run, type) and callable(getattr(model_or_run, "model", None)):
        return model_or_run.model(), model_or_run.name
    raise RunError(
        f"Expected a keras.Model, a Run or the name of a run, found {shown(model_or_run)}; "
        "pass the model itself or what el.train returned."
    )
