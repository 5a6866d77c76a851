"""What was trained and measured on voices, and the weights that come with the package.

recorded.names()                       # ("emodb", "ravdess")
run = recorded.load("emodb")
run.table()                            # unweighted average recall of each fold, network and baseline
run.probabilities("cnn")               # (N, classes), each row by the network that never heard its speaker
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from emotionlab.base.eight_bits import pack, unpack
from emotionlab.base.errors import RunError
from emotionlab.base.files import read_arrays, write_arrays, write_json

FOLDER = Path(__file__).parent / "recorded"
NAMES = ("emodb", "ravdess")
SHIPPED = "emodb"
"""The run whose weights come with the package; those of RAVDESS may not."""

COMMAND = "uv run python -m emotionlab.labs voices"
MODELS = ("cnn", "baseline", "cnn_random", "baseline_random")
"""The network and the linear model, each with folds by speaker and with folds drawn at random."""


@dataclass(frozen=True)
class VoiceRun:
    """A recorded measurement on a data set of voices: five folds, every recording predicted once."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def provenance(self) -> dict:
        """Command, seed, recipe, commit, versions, hardware, minutes, parameters, data, and other measured figures."""
        return json.loads((self.folder / "provenance.json").read_text(encoding="utf-8"))

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions of the data set, in the order of the columns."""
        return tuple(self.provenance["classes"])

    @property
    def threshold(self) -> float:
        """Probability below which an answer is "not sure": chosen on validation folds."""
        return self.provenance["threshold"]

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Everything recorded a recording: labels, speakers, women, files, folds and the probabilities."""
        return read_arrays(self.folder / "predictions.npz")

    @property
    def labels(self) -> np.ndarray:
        """(N,) int64."""
        return self.arrays["labels"].astype(np.int64)

    def models(self) -> tuple[str, ...]:
        """Which of `MODELS` were measured here."""
        return tuple(name for name in MODELS if name in self.arrays)

    def probabilities(self, model: str = "cnn") -> np.ndarray:
        """(N, classes) float32: each row by a model that was not trained on its fold."""
        if model not in self.models():
            raise RunError(f"Expected one of {', '.join(self.models())}, found {model!r}.")
        return self.arrays[model].astype(np.float32)

    def validation_probabilities(self) -> np.ndarray:
        """(N, classes) float32: each row by the network that chose on its fold, and was not trained on it either."""
        return self.arrays["cnn_validation"].astype(np.float32)

    def table(self):
        """Unweighted average recall: a DataFrame with a row a fold, then mean and deviation; a column a model."""
        import pandas as pd

        from emotionlab.sound.training import uar

        columns = {}
        for model in self.models():
            folds = self.arrays["random_folds" if model.endswith("random") else "folds"]
            said = self.probabilities(model).argmax(axis=1)
            columns[model] = [uar(self.labels[folds == k], said[folds == k]) for k in np.unique(folds)]
        table = pd.DataFrame(columns)
        table.index = pd.Index([f"fold {k + 1}" for k in table.index], name="fold")
        return pd.concat([table, table.agg(["mean", "std"])])

    def by_sex(self, model: str = "cnn") -> dict[str, float]:
        """Unweighted average recall for women and for men."""
        from emotionlab.sound.training import uar

        said, women = self.probabilities(model).argmax(axis=1), self.arrays["women"].astype(bool)
        return {name: uar(self.labels[rows], said[rows]) for name, rows in (("women", women), ("men", ~women))}

    def weights(self) -> dict[str, np.ndarray]:
        """The network's arrays by their paths. Raises RunError where they were not kept."""
        if not (self.folder / "weights.npz").is_file():
            raise RunError(f"Expected weights in the run {self.name!r}, found only its figures; make it: {COMMAND}")
        return unpack(read_arrays(self.folder / "weights.npz"))


def names() -> tuple[str, ...]:
    """The recorded runs there are."""
    return tuple(name for name in NAMES if (FOLDER / name / "provenance.json").is_file())


def load(name: str) -> VoiceRun:
    """A recorded run. Raises RunError for a name that is not in `names()`."""
    if name not in names():
        raise RunError(f"Expected one of the recorded runs on voices ({', '.join(names())}), found {name!r}.")
    return VoiceRun(FOLDER / name)


def keep(name: str, provenance: dict, arrays: dict, weights: dict | None = None) -> None:
    """Write a record; probabilities are kept as float16."""
    folder = FOLDER / name
    small = {key: np.asarray(value, np.float16) if _is_said(key) else value for key, value in arrays.items()}
    write_arrays(folder / "predictions.npz", small)
    if weights:
        write_arrays(folder / "weights.npz", pack(weights))
    write_json(folder / "provenance.json", provenance)


def _is_said(key: str) -> bool:
    return key.startswith(("cnn", "baseline"))
