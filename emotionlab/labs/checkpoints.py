"""The checkpoint lab: one network, measured after each epoch; which epoch is reported?

Choosing it on the test pictures makes the test a part of the training: the figure rises, the network
does not. Recorded for one run on the real FER-2013, with a bit a picture and epoch: right or wrong.
"""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.evaluation import confidence_interval
from emotionlab.labs import records

NAME, BITS = "checkpoint_choice.json", "checkpoint_choice.npz"
COMMAND = "uv run python -m emotionlab.labs checkpoint_choice"
NETWORK, EPOCHS = "small_cnn", 12
SPLITS = ("validation", "test")


def recipe():
    """The recorded run's recipe: `plain`. Its last epochs, at a small rate, are all about equally good."""
    from emotionlab.runs.recipes import RECIPES

    return RECIPES["plain"].but(epochs=EPOCHS)


# ---------------------------------------------------------------------------------- the record


def recorded_answers() -> dict[str, np.ndarray]:
    """Whether each picture was answered rightly after each epoch: (epochs, pictures) bool for each split."""
    from emotionlab.runs import read_arrays

    record = records.read(NAME, COMMAND)
    arrays = read_arrays(records.FOLDER / BITS)
    pictures = record["pictures"]
    return {split: np.unpackbits(arrays[split], axis=1, count=pictures[split]).astype(bool) for split in SPLITS}


def checkpoint_history():
    """Validation and test accuracy (0 to 1) after each epoch of the recorded run: a DataFrame indexed by epoch."""
    import pandas as pd

    answers = recorded_answers()
    epochs = pd.RangeIndex(1, len(answers["test"]) + 1, name="epoch")
    return pd.DataFrame({split: answers[split].mean(axis=1) for split in SPLITS}, epochs)


def checkpoint_choice():
    """Three ways to choose the epoch to report, for the recorded run: a DataFrame with a row for each.

    Rows: "last epoch"; "best on validation"; "best on test (cheating)". Columns: epoch (from 1; the
    first of equals); validation and test accuracy of it (0 to 1); test_low, test_high: 95 % Wilson
    interval; gain: test accuracy less that of "best on validation". What is left of the gain on new
    pictures, `checkpoint_gain` estimates.
    """
    import pandas as pd

    history = checkpoint_history()
    chosen = {
        "last epoch": history.index[-1],
        "best on validation": history.validation.idxmax(),
        "best on test (cheating)": history.test.idxmax(),
    }
    pictures = recorded_answers()["test"].shape[1]
    table = history.loc[list(chosen.values())].reset_index().set_index(pd.Index(chosen, name="choice"))
    intervals = [confidence_interval(round(share * pictures), pictures) for share in table.test]
    table["test_low"], table["test_high"] = np.transpose(intervals)
    return table.assign(gain=table.test - table.test["best on validation"])


# ---------------------------------------------------------------------------------- what the gain is worth


@dataclass(frozen=True, repr=False)
class Gain:
    """What choosing the epoch on test pictures seems to gain, and what is left of it on others.

    Three differences in accuracy (-1 to 1), each the mean over `halves` random halves of the test
    pictures, with (low, high), between which the middle 95 % of the halves lie.

    reported: chosen on this half against chosen on validation, both measured on this half.
    real: the same two epochs on the other half. It need not be 0: where epochs differ much, more
        pictures to choose on find a better one. But then they are no test pictures any more.
    optimism: the chosen epoch on this half, where it was chosen, less the same epoch on the other:
        by so much the reported figure is too high.
    """

    reported: float
    reported_interval: tuple[float, float]
    real: float
    real_interval: tuple[float, float]
    optimism: float
    optimism_interval: tuple[float, float]
    halves: int

    def __repr__(self) -> str:
        def points(mean, interval):
            low, high = interval
            return f"{100 * mean:+.2f} points (middle 95 %: {100 * low:+.2f} to {100 * high:+.2f})"

        return (
            "Choosing the epoch on half of the test pictures seems to gain "
            f"{points(self.reported, self.reported_interval)} on that half; on the other half the same choice gains "
            f"{points(self.real, self.real_interval)}. The figure of the chosen epoch is too high by "
            f"{points(self.optimism, self.optimism_interval)}."
        )


def checkpoint_gain(halves: int = 2000, seed: int = 0) -> Gain:
    """Choose the epoch on one random half of the test pictures, measure on both halves, many times."""
    answers = recorded_answers()
    honest = int(answers["validation"].mean(axis=1).argmax())
    return gain_of_choosing(answers["test"], honest, halves, seed)


def gain_of_choosing(answers: np.ndarray, honest: int, halves: int = 2000, seed: int = 0) -> Gain:
    """The gain of choosing among the rows of `answers` (epochs, pictures) bool, against row `honest`.

    Raises RunError for fewer than two pictures or epochs.
    """
    epochs, pictures = answers.shape
    if epochs < 2 or pictures < 2:
        raise RunError(f"Expected at least 2 epochs and 2 pictures to choose among, found {epochs} and {pictures}.")
    rng = np.random.default_rng(seed)
    size = pictures // 2
    in_half = np.argsort(rng.random((halves, pictures)), axis=1) < size  # each row: a random half, without replacement
    answers = answers.astype("float32")
    here = in_half.astype("float32") @ answers.T / size
    there = (~in_half).astype("float32") @ answers.T / (pictures - size)
    best, draw = here.argmax(axis=1), np.arange(halves)
    reported = here[draw, best] - here[:, honest]
    real = there[draw, best] - there[:, honest]
    optimism = here[draw, best] - there[draw, best]
    return Gain(*_mean_and_middle(reported), *_mean_and_middle(real), *_mean_and_middle(optimism), halves)


def _mean_and_middle(values: np.ndarray) -> tuple[float, tuple[float, float]]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(values.mean()), (float(low), float(high))


# ---------------------------------------------------------------------------------- the recorder


def train_and_watch(model, faces, recipe) -> dict[str, np.ndarray]:
    """Train `model` and, after each epoch, note which pictures it answers rightly.

    Returns (epochs, pictures) bool for "validation" and "test". Prints a line for each epoch.
    """
    from emotionlab.base.backend import keras
    from emotionlab.evaluation import predict
    from emotionlab.training import compiled_trainer
    from emotionlab.training.batches import Batches, steps_per_epoch

    keras.utils.set_random_seed(recipe.seed)
    trainer = compiled_trainer(model, recipe, recipe.epochs * steps_per_epoch(faces.train, recipe))
    splits = {"validation": faces.validation, "test": faces.test}
    answers = {name: [] for name in splits}
    for epoch in range(recipe.epochs):
        trainer.fit(Batches(faces.train, recipe, epoch), epochs=1, shuffle=False, verbose=0)
        for name, split in splits.items():
            answers[name].append(predict(model, split.images).argmax(axis=1) == split.labels)
        shares = ", ".join(f"{name} {answers[name][-1].mean():.1%}" for name in splits)
        print(f"epoch {epoch + 1} of {recipe.epochs}: {shares}", flush=True)
    return {name: np.stack(rows) for name, rows in answers.items()}


def record(faces) -> dict:
    """Train the watched run on the real FER-2013, keep its bits, and return the JSON values of the record."""
    from emotionlab import models
    from emotionlab.runs import provenance, write_arrays

    chosen = recipe()
    model = models.build(NETWORK, precision=models.fast_precision(), seed=chosen.seed)
    answers = train_and_watch(model, faces, chosen)
    write_arrays(records.FOLDER / BITS, {split: np.packbits(bits, axis=1) for split, bits in answers.items()})
    return {
        "network": NETWORK,
        "precision": model.dtype_policy.name,
        "recipe": chosen.as_dict(),
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "pictures": {split: bits.shape[1] for split, bits in answers.items()},
        "accuracy": {split: bits.mean(axis=1).round(6).tolist() for split, bits in answers.items()},
    }
