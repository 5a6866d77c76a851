"""A run: the folder that a training leaves behind, the learner's own and the recorded ones alike.

runs/mine/
    recipe.json        all that decided the run
    architecture.json  the network's layers, as Keras writes them
    weights.npz        its weights as float16, or in 8 bits with scales (a recorded run may come without)
    history.json       loss, accuracy, rate and seconds of each epoch
    predictions.npz    labels and probabilities on validation (and test, once measured)
    provenance.json    data, seed, command, commit, versions, hardware, minutes
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.base.files import RECORDS, read_arrays
from emotionlab.base.settings import runs_dir
from emotionlab.runs.recipes import Recipe, recipe_from_dict

REFERENCE_RUNS = RECORDS / "runs"
"""Where the recorded runs of the course lie."""


@dataclass(frozen=True)
class Run:
    """A training run on disk; each part is read when it is asked for."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def recipe(self) -> Recipe:
        """The recipe it was trained with."""
        return recipe_from_dict(self._json("recipe.json"))

    @property
    def history(self) -> dict[str, list[float]]:
        """One list each of epoch, loss, accuracy, val_loss, val_accuracy, learning_rate, seconds.

        `accuracy` and `loss` are means over the epoch as the network learned, on augmented
        pictures with dropout; `val_...` are measured after it on whole validation pictures.
        """
        return self._json("history.json")

    @property
    def provenance(self) -> dict:
        """What made the run: data, checksum, command, commit, versions, hardware, minutes, parameters."""
        return self._json("provenance.json")

    def labels(self, split: str = "test") -> np.ndarray:
        """True labels (N,) int64 of "validation" or "test"."""
        return self._prediction(split, "labels").astype("int64")

    def probabilities(self, split: str = "test", tta: str = "none") -> np.ndarray:
        """Recorded probabilities (N, 7) float32; `tta` is "none" or "flip" (mean with the mirror image)."""
        values = self._prediction(split, tta).astype("float32")
        return values / values.sum(axis=1, keepdims=True)

    def report(self, split: str = "test", tta: str = "none"):
        """The evaluation `Report` of the recorded probabilities."""
        from emotionlab.metrics.scoring import score

        return score(self.labels(split), self.probabilities(split, tta), name=self.name)

    def model(self):
        """The trained `keras.Model`: (N, 48, 48, 1) pictures in 0..255 in, (N, 7) logits out."""
        from emotionlab.base.backend import keras

        if not (self.folder / "weights.npz").is_file():
            made = self.provenance
            raise RunError(
                f"Expected weights in the run {self.name!r}, found none: only its figures are kept "
                f"({made.get('parameters', 0):,} parameters; it started from {made.get('initialisation', 'random')} "
                f"weights); make them with: {made.get('command', 'emotionlab train')}"
            )
        architecture = json.dumps(self._json("architecture.json"))
        # trained in bfloat16 or not, it predicts in float32, so that figures agree on every machine
        model = keras.models.model_from_json(architecture.replace("mixed_bfloat16", "float32"))
        self.load_weights(model)
        return model

    def load_weights(self, model, file: str = "weights.npz") -> None:
        """Put the run's weights into `model`. Raises RunError when they do not fit."""
        from emotionlab.base.eight_bits import unpack

        weights = unpack(read_arrays(self.folder / file))
        arrays = [weights[key] for key in sorted(weights)]
        try:
            model.set_weights(arrays)
        except ValueError:
            raise RunError(
                f"Expected a network that fits the weights of run {self.name!r}, found one of other shapes; "
                "build it as the run did, or use run.model()."
            ) from None

    def _json(self, name: str):
        path = self.folder / name
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(
                f"Expected {name} in the run folder {self.folder}, found none; the run did not finish: train it again "
                "under the same name to resume."
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise RunError(f"Expected JSON in {path}, found something else; train the run again.") from None

    def _prediction(self, split: str, kind: str) -> np.ndarray:
        arrays = read_arrays(self.folder / "predictions.npz")
        key = f"{split}_{kind}"
        if key not in arrays:
            raise RunError(
                f"Expected recorded predictions called {key!r} in run {self.name!r}, found "
                f"{', '.join(sorted(arrays))}; use el.evaluate(run, faces.test) to measure them on your data."
            )
        return arrays[key]


def load_run(name_or_path) -> Run:
    """A run by name (in `settings.runs_dir()`, then among the recorded ones) or by its folder.

    Raises RunError when there is no such run; the sentence lists those there are.
    """
    candidates = [runs_dir() / name_or_path, REFERENCE_RUNS / name_or_path, Path(name_or_path)]
    for folder in candidates:
        if (folder / "recipe.json").is_file():
            return Run(folder)
    there = sorted({*run_names(runs_dir()), *run_names(REFERENCE_RUNS)})
    raise RunError(
        f"Expected the name or folder of a run, found no run called {str(name_or_path)!r}; there are: "
        f"{', '.join(there) or 'none yet'}."
    )


def run_names(folder: Path) -> list[str]:
    """Names of the finished runs in `folder`, in alphabetical order."""
    return sorted(p.parent.name for p in folder.glob("*/provenance.json"))
