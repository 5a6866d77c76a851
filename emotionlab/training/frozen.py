"""Features of a frozen backbone: computed once, kept, and a head trained on them in seconds (lesson 05)."""

import contextlib
import hashlib
import time
import weakref

import numpy as np
from tqdm.auto import tqdm

from emotionlab.base import settings
from emotionlab.base.arguments import choice, number, whole_number, yes_or_no
from emotionlab.base.arrays import as_batch, batch_starts
from emotionlab.base.backend import keras, release_memory
from emotionlab.base.emotions import EMOTIONS, one_hot
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.data.dataset import Split, checked_split
from emotionlab.models.checking import checked
from emotionlab.runs import read_arrays, write_arrays
from emotionlab.runs.recipes import BALANCES
from emotionlab.training.batches import class_weights

BATCH = 64

_EXTRACTORS = weakref.WeakKeyDictionary()
"""The extractor of each network that still exists: TensorFlow makes its graph once, however many splits it sees."""


def features(model, split: Split, keep: bool = True) -> np.ndarray:
    """Output of the model's layer "features" for each picture: (N, D) float32.

    The model runs in inference mode, on pictures as they are. The result is kept in the data folder under a name
    made of the layers, their weights and the pixels, so the same content is computed once and a change of any of
    them is seen.

    keep: whether to read and write that file.
    Raises EmotionLabError for a model without a layer called "features", DataError for anything but a Split with
    pictures.
    """
    checked_split("split", split)
    keep = yes_or_no("keep", keep)
    network = extractor(model)
    path = settings.data_dir() / "features" / f"{content_name(network, split)}.npz"
    if keep and path.is_file():
        try:
            return read_arrays(path)["features"]
        except (RunError, KeyError):  # damaged: compute it again
            with contextlib.suppress(OSError):  # a folder that only the teacher may write to
                path.unlink()
    computed = np.zeros((len(split), *network.output_shape[1:]), "float32")
    with tqdm(total=len(split), unit="picture", desc=f"features of {model.name}", dynamic_ncols=True) as bar:
        for start in batch_starts(len(split), BATCH):
            rows = slice(start, start + BATCH)
            computed[rows] = network.predict_on_batch(as_batch(split.images[rows]))
            bar.update(min(len(split), rows.stop) - bar.n)
    if len(split) > BATCH:
        release_memory()
    if keep:
        try:
            write_arrays(path, {"features": computed}, compress=False)
        except (OSError, RunError):  # a full disk, or a classroom's data folder that only the teacher may write to
            print(f"⚠ The features could not be kept in {path.parent}; next time they are computed anew.")
    return computed


def content_name(extractor, split: Split) -> str:
    """Name for what this network makes of these pictures: 32 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256()
    for layer in extractor.layers:
        settings_of_layer = {k: v for k, v in layer.get_config().items() if k not in ("name", "trainable")}
        digest.update(repr((type(layer).__name__, settings_of_layer)).encode())
    for array in extractor.get_weights():
        digest.update(np.ascontiguousarray(array))
    digest.update(np.ascontiguousarray(split.images))
    return digest.hexdigest()[:32]


def train_head(
    model,
    split: Split,
    epochs: int = 20,
    learning_rate: float = 1e-3,
    batch_size: int = 128,
    label_smoothing: float = 0.0,
    balance: str = "none",
    seed: int = 0,
    validation: Split | None = None,
) -> dict[str, list]:
    """Train the layer "logits" alone, on the features of `split` (computed or read from their file).

    The rest of the model is left as it is, and `model` predicts with its new head at once. Optimizer: Adam.
    balance: "none", "weights" (the loss of a rare class counts more) or "oversample" (each class drawn equally often).
    Returns a history like that of a run: lists of epoch, loss, accuracy, val_loss, val_accuracy, learning_rate and
    seconds (the first epoch's include computing the features); without `validation` the val_ lists hold NaN.
    """
    started = time.perf_counter()
    epochs = whole_number("epochs", epochs, at_least=1, at_most=1_000_000)
    learning_rate = number("learning_rate", learning_rate, at_least=0)
    batch_size = whole_number("batch_size", batch_size, at_least=1, at_most=1_000_000)
    label_smoothing = number("label_smoothing", label_smoothing, at_least=0, below=1)
    choice("balance", balance, BALANCES)
    seed = whole_number("seed", seed, at_least=0, at_most=2**32 - 1)
    if validation is not None:
        checked_split("validation", validation)
    inputs, targets, weights = features(model, split), one_hot(split.labels), None
    if balance == "weights":
        weights = np.vectorize(class_weights(split.labels).get)(split.labels).astype("float32")
    if balance == "oversample":
        chosen = _equally_often(split.labels, seed)
        inputs, targets = inputs[chosen], targets[chosen]
    checked = {}
    if validation is not None:
        checked["validation_data"] = (features(model, validation), one_hot(validation.labels))
    head = _head(model, inputs.shape[1], seed)
    head.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=label_smoothing),
        weighted_metrics=[],
        metrics=[
            keras.metrics.CategoricalAccuracy(name="accuracy"),
            keras.metrics.CategoricalCrossentropy(name="unsmoothed", from_logits=True),
        ],
    )
    clock = _Clock(started)
    learned = head.fit(
        inputs, targets, batch_size, epochs, sample_weight=weights, verbose=0, callbacks=[clock], **checked
    ).history
    model.get_layer("logits").set_weights(head.get_layer("logits").get_weights())
    missing = [float("nan")] * epochs
    return {
        "epoch": list(range(1, epochs + 1)),
        "loss": learned["loss"],
        "accuracy": learned["accuracy"],
        "val_loss": learned.get("val_unsmoothed", missing),
        "val_accuracy": learned.get("val_accuracy", missing),
        "learning_rate": [learning_rate] * epochs,
        "seconds": clock.seconds,
    }


def extractor(model):
    """The part of `model` up to its layer "features". Raises EmotionLabError where it has none."""
    checked(model)
    names = [layer.name for layer in model.layers]
    if "features" not in names:
        raise EmotionLabError(
            f"Expected a network with a layer called 'features', found {', '.join(names[-3:])} at its end; build it "
            "with el.models, or give your pooling layer that name."
        )
    if model not in _EXTRACTORS:
        _EXTRACTORS[model] = keras.Model(model.inputs, model.get_layer("features").output)
    return _EXTRACTORS[model]


def _head(model, size: int, seed: int):
    """Dropout as in the model, and a dense layer that starts from the model's own."""
    if "logits" not in [layer.name for layer in model.layers]:
        raise EmotionLabError(
            f"Expected a network whose last layer is called 'logits', found {model.layers[-1].name!r}; give it that "
            "name."
        )
    _check_between(model)
    keras.utils.set_random_seed(seed)
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    head = keras.Sequential(
        [
            keras.Input((size,)),
            keras.layers.Dropout(rates[-1] if rates else 0.0),
            keras.layers.Dense(len(EMOTIONS), name="logits"),
        ]
    )
    head.get_layer("logits").set_weights(model.get_layer("logits").get_weights())
    return head


def _check_between(model) -> None:
    """Raise EmotionLabError unless "logits", dense and with a bias, learns from what "features" puts out."""
    layer = model.get_layer("logits")
    found = "" if isinstance(layer, keras.layers.Dense) and layer.use_bias else f"another layer {layer.name!r}"
    before = layer.input._keras_history.operation
    while isinstance(before, keras.layers.Dropout):
        before = before.input._keras_history.operation
    if before is not model.get_layer("features"):
        found = f"{type(before).__name__} {before.name!r} before it"
    if found:
        raise EmotionLabError(
            "Expected a head of one dense layer 'logits' with a bias, on the layer 'features' "
            f"or on its dropout, found {found}; train that network with el.train."
        )


def _equally_often(labels: np.ndarray, seed: int) -> np.ndarray:
    rng, present = np.random.default_rng(seed), np.unique(labels)
    each = -(-len(labels) // len(present))
    return np.concatenate([rng.choice(np.flatnonzero(labels == k), each) for k in present])


class _Clock(keras.callbacks.Callback):
    """Seconds of each epoch."""

    def __init__(self, started: float):
        super().__init__()
        self.last, self.seconds = started, []

    def on_epoch_end(self, epoch, logs=None):
        now = time.perf_counter()
        self.seconds.append(round(now - self.last, 3))
        self.last = now
