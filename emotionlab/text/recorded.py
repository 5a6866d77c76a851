"""What was trained and measured on GoEmotions, and the weights that come with the package.

recorded.names()                        # ("linear", "averaged_embeddings", "attention")
run = recorded.load("attention")
run.report("test")                      # macro F1, intervals, each emotion
run.history, run.provenance
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from emotionlab.base.eight_bits import pack, unpack
from emotionlab.base.errors import RunError
from emotionlab.base.files import read_arrays, write_arrays, write_json
from emotionlab.text.scoring import MultiReport, score

FOLDER = Path(__file__).parent / "recorded"
NAMES = ("linear", "averaged_embeddings", "attention")
SHIPPED = "attention"
"""The run whose weights come with the package."""

COMMAND = "uv run python -m emotionlab.labs texts"


@dataclass(frozen=True)
class TextRun:
    """A recorded training on texts: what it gave on validation and test texts, and what made it."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def provenance(self) -> dict:
        """Command, seed, recipe, commit, versions, hardware, minutes, parameters, data."""
        return self._json("provenance.json")

    @property
    def history(self) -> dict[str, list]:
        """epoch, loss, val_macro_f1, seconds: a list each; {} for the linear model."""
        return self._json("history.json") if (self.folder / "history.json").is_file() else {}

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        return read_arrays(self.folder / "predictions.npz")

    @property
    def thresholds(self) -> np.ndarray:
        """(7,) float64: from which probability on each emotion is named; chosen on the validation texts."""
        return self._arrays["thresholds"]

    def labels(self, split: str = "test") -> np.ndarray:
        """(N, 7) bool."""
        return np.unpackbits(self._arrays[f"{split}_labels"], axis=1, count=7).astype(bool)

    def probabilities(self, split: str = "test") -> np.ndarray:
        """(N, 7) float32, each 0 to 1."""
        return self._arrays[f"{split}_probabilities"].astype(np.float32)

    def report(self, split: str = "test") -> MultiReport:
        """The recorded probabilities against the labels, with the thresholds from validation."""
        return score(self.labels(split), self.probabilities(split), self.thresholds, self.name)

    def weights(self) -> dict[str, np.ndarray]:
        """The network's arrays by their paths. Raises RunError where they were not kept."""
        if not (self.folder / "weights.npz").is_file():
            raise RunError(f"Expected weights in the run {self.name!r}, found only its figures; make it: {COMMAND}")
        return unpack(read_arrays(self.folder / "weights.npz"))

    def _json(self, name: str):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The recorded runs there are."""
    return tuple(name for name in NAMES if (FOLDER / name / "provenance.json").is_file())


def load(name: str) -> TextRun:
    """A recorded run. Raises RunError for a name that is not in `names()`."""
    if name not in names():
        raise RunError(f"Expected one of the recorded runs on texts ({', '.join(names())}), found {name!r}.")
    return TextRun(FOLDER / name)


def keep(name, provenance: dict, history: dict | None, thresholds, splits: dict, weights: dict | None = None) -> None:
    """Write a record. splits: name -> (labels (N, 7) bool, probabilities (N, 7))."""
    folder = FOLDER / name
    arrays = {"thresholds": np.asarray(thresholds)}
    for split, (labels, probabilities) in splits.items():
        arrays[f"{split}_labels"] = np.packbits(labels, axis=1)
        arrays[f"{split}_probabilities"] = np.asarray(probabilities, np.float16)
    write_arrays(folder / "predictions.npz", arrays)
    if history:
        write_json(folder / "history.json", history)
    if weights:
        write_arrays(folder / "weights.npz", pack(weights))
    write_json(folder / "provenance.json", provenance)
