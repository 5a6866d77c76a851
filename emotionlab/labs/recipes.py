"""The search behind the best recipe: one change at a time, on short runs, judged on validation alone.

Recorded on the real FER-2013, with a bit a picture: right or wrong. The test pictures take no part.
"""

import time

import numpy as np

from emotionlab.labs import records

NAME, BITS = "recipe_search.json", "recipe_search.npz"
COMMAND = "uv run python -m emotionlab.labs recipe_search"
NETWORK, EPOCHS = "small_cnn", 16
BASE = "start"
AVERAGE = 0.998
"""How much of the averaged weights stays at each step of "averaged weights": 500 steps are remembered."""

CHANGES = {
    BASE: {},
    "averaged weights": {},
    "mixup": {"mixup": 0.2},
    "squeeze": {"squeeze": True},
    "deeper": {"blocks": (2, 3, 3)},
    "no erasing": {"erasing": 0.0},
    "32 epochs": {"epochs": 32},
    "half as wide": {"widths": (8, 16, 28, 44)},
}
"""What each row of the search changes: entries of the recipe, or options of the network."""

NETWORK_OPTIONS = ("squeeze", "blocks", "widths")


def recipe(change: str):
    """The recipe of the row called `change`."""
    from emotionlab.runs.recipes import RECIPES

    entries = {key: value for key, value in CHANGES[change].items() if key not in NETWORK_OPTIONS}
    return RECIPES["erased"].but(**{"epochs": EPOCHS, **entries})


def recipe_search():
    """What each change was worth: a DataFrame, a row for each, the start first, then the best first.

    Columns: accuracy on validation (0 to 1, no averaging over the mirror image); gain over the start, and
    its 95 % interval gain_low, gain_high (paired bootstrap over pictures: it does not hold what another
    seed would do); p_value (McNemar's exact test); parameters; minutes. Raises RunError when there is no record.
    """
    import pandas as pd

    from emotionlab.runs import read_arrays

    table = gains_over_first(records.read(NAME, COMMAND), read_arrays(records.FOLDER / BITS))
    table = table[["accuracy", "gain", "gain_low", "gain_high", "p_value", "parameters", "minutes"]]
    return pd.concat([table.loc[[BASE]], table.drop(BASE).sort_values("accuracy", ascending=False)])


def gains_over_first(record: dict, bits: dict[str, np.ndarray]):
    """The rows of a recorded search as a DataFrame, each with its gain over the first (see `gain_over`).

    bits: for each row, was the answer right, a bit a picture (`np.packbits`).
    """
    import pandas as pd

    table = pd.DataFrame(record["rows"]).set_index("change")
    right = {row: np.unpackbits(bits[row], count=record["pictures"]).astype(bool) for row in table.index}
    gains = [gain_over(right[table.index[0]], right[row]) for row in table.index]
    return table.join(pd.DataFrame(gains, table.index))


def gain_over(before: np.ndarray, after: np.ndarray, draws: int = 5000, seed: int = 0) -> dict[str, float]:
    """Difference of two accuracies on the same pictures, from (N,) bool each: was the answer right?

    Returns gain, gain_low, gain_high (95 %, paired bootstrap) and p_value (McNemar's exact test).
    """
    from scipy.stats import binomtest

    won, lost = int((after & ~before).sum()), int((before & ~after).sum())
    size = len(before)
    drawn = np.random.default_rng(seed).multinomial(size, [won / size, lost / size, 1 - (won + lost) / size], draws)
    low, high = np.quantile((drawn[:, 0] - drawn[:, 1]) / size, (0.025, 0.975))
    p_value = binomtest(won, won + lost).pvalue if won + lost else 1.0
    return {"gain": (won - lost) / size, "gain_low": float(low), "gain_high": float(high), "p_value": float(p_value)}


# ---------------------------------------------------------------------------------- the recorder


def measure(change: str, faces) -> list[dict]:
    """Train the row called `change` and measure it on validation; the start also yields "averaged weights".

    Returns rows: change (its name), changed (its entry of CHANGES), accuracy (0 to 1), parameters, minutes (of
    training) and right ((N,) bool: was each validation picture answered rightly?).
    """
    from emotionlab import models
    from emotionlab.base.backend import keras
    from emotionlab.evaluation import predict
    from emotionlab.training import compiled_trainer
    from emotionlab.training.batches import Batches, steps_per_epoch

    chosen = recipe(change)
    options = {key: value for key, value in CHANGES[change].items() if key in NETWORK_OPTIONS}
    if chosen.crop:
        options["input_shape"] = (None, None, 1)
    model = models.build(NETWORK, precision=models.fast_precision(), seed=chosen.seed, **options)
    keras.utils.set_random_seed(chosen.seed)
    trainer = compiled_trainer(model, chosen, chosen.epochs * steps_per_epoch(faces.train, chosen))
    average = _Average(model)
    started = time.perf_counter()
    for epoch in range(chosen.epochs):
        callbacks = [average.callback()] if change == BASE else []
        trainer.fit(Batches(faces.train, chosen, epoch), epochs=1, shuffle=False, verbose=0, callbacks=callbacks)
        print(f"{change}: epoch {epoch + 1} of {chosen.epochs}", flush=True)
    minutes = round((time.perf_counter() - started) / 60, 1)

    def row(name):
        right = predict(model, faces.validation.images).argmax(axis=1) == faces.validation.labels
        changed = {key: list(v) if isinstance(v, tuple) else v for key, v in CHANGES[name].items()}
        return {
            "change": name,
            "changed": changed,
            "accuracy": round(float(right.mean()), 6),
            "parameters": model.count_params(),
            "minutes": minutes,
            "right": right,
        }

    rows = [row(change)]
    if change == BASE:
        model.set_weights(average.weights)
        rows.append(row("averaged weights"))
    return rows


class _Average:
    """An exponential mean of a network's weights over the training steps (Polyak & Juditsky 1992)."""

    def __init__(self, model):
        self.model, self.weights, self.steps = model, model.get_weights(), 0

    def callback(self):
        from emotionlab.base.backend import keras

        return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: self.update())

    def update(self) -> None:
        self.steps += 1
        keep = min(AVERAGE, self.steps / (self.steps + 10))  # the first, random weights are forgotten soon
        self.weights = [keep * a + (1 - keep) * w for a, w in zip(self.weights, self.model.get_weights(), strict=True)]


def record(faces) -> dict:
    """Measure every row, keep each at once, and return the JSON values of the record.

    A search that was stopped goes on where it stopped; one that is complete is made anew.
    """
    from emotionlab.runs import provenance, read_arrays, write_arrays

    values = {
        "network": NETWORK,
        "recipe": recipe(BASE).as_dict(),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "pictures": len(faces.validation),
        "rows": [],
    }
    bits = {}
    if (records.FOLDER / NAME).is_file():
        kept = records.read(NAME, COMMAND)["rows"]
        if {row["change"] for row in kept} != set(CHANGES):
            values["rows"], bits = kept, read_arrays(records.FOLDER / BITS)
    for change in CHANGES:
        if change in bits or change == "averaged weights":
            continue
        for row in measure(change, faces):
            bits[row["change"]] = np.packbits(row.pop("right"))
            values["rows"].append(row)
        write_arrays(records.FOLDER / BITS, bits)
        records.keep(NAME, values, COMMAND, faces)
    return values
