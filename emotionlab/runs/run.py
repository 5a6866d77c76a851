"""A run: the folder that a training leaves behind, the learner's own and the recorded ones alike.

runs/mine/
    recipe.json        all that decided the run
    architecture.json  the network's layers, as Keras writes them
    weights.npz        its weights as float16, or in 8 bits with scales (a recorded run may come without)
    history.json       loss, accuracy, rate and seconds of each epoch
    predictions.npz    labels and probabilities on validation (and test, once measured)
    provenance.json    data, seed, command, commit, versions, hardware, minutes
    teaching.npz       what it says of the training pictures, once it was asked to teach
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import expected, file_path, shown, text
from emotionlab.base.eight_bits import unpack
from emotionlab.base.errors import RunError
from emotionlab.base.files import RECORDS, read_arrays
from emotionlab.base.settings import runs_dir
from emotionlab.models.weights import checksum
from emotionlab.runs.heads import is_head, put_head
from emotionlab.runs.recipes import Recipe, recipe_from_dict

REFERENCE_RUNS = RECORDS / "runs"
"""Where the recorded runs of the course lie."""

FILES = ("recipe.json", "architecture.json", "weights.npz", "history.json", "predictions.npz", "provenance.json")
"""What a finished run holds."""

TEACHING = "teaching.npz"
"""What a run that was asked to teach (`emotionlab teach`) holds besides."""


@dataclass(frozen=True)
class Run:
    """A training run on disk; each part is read when it is asked for."""

    folder: Path

    def __post_init__(self):
        object.__setattr__(self, "folder", file_path("the folder of a run", self.folder, RunError))

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def recipe(self) -> Recipe:
        """The recipe it was trained with."""
        try:
            return recipe_from_dict(self._json("recipe.json"))
        except RunError as problem:
            raise RunError(f"{str(problem).rstrip('.')} (in the run {self.folder}).") from None

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

    @property
    def data(self) -> dict:
        """What the provenance says about the data: name, pictures, checksum; empty where it says nothing."""
        told = self.provenance.get("data")
        return told if isinstance(told, dict) else {}

    def measured(self) -> tuple[str, ...]:
        """The splits whose predictions are kept: "validation", and "test" where that was measured."""
        arrays = self._predictions()
        return tuple(split for split in ("validation", "test") if f"{split}_labels" in arrays)

    def labels(self, split: str = "test") -> np.ndarray:
        """True labels (N,) int64 of "validation" or "test"."""
        found = self._prediction(split, "labels")
        if found.ndim != 1 or found.dtype.kind not in "iu":
            raise RunError(self.unusable("predictions.npz", f"labels of shape {found.shape} and dtype {found.dtype}"))
        return found.astype("int64")

    def probabilities(self, split: str = "test", tta: str = "none") -> np.ndarray:
        """Recorded probabilities (N, 7) float32; `tta` is "none" or "flip" (mean with the mirror image)."""
        values = self._prediction(split, tta)
        if values.ndim != 2 or values.dtype.kind != "f":
            found = f"probabilities of shape {values.shape} and dtype {values.dtype}"
            raise RunError(self.unusable("predictions.npz", found))
        values = values.astype("float32")
        return values / np.maximum(values.sum(axis=1, keepdims=True), np.finfo("float32").tiny)

    def report(self, split: str = "test", tta: str = "none"):
        """The evaluation `Report` of the recorded probabilities."""
        from emotionlab.metrics.scoring import score

        return score(self.labels(split), self.probabilities(split, tta), name=self.name)

    def model(self):
        """The trained `keras.Model`: (N, 48, 48, 1) pictures in 0..255 in, (N, 7) logits out."""
        from emotionlab.base.backend import keras

        if not os.path.isfile(self.folder / "weights.npz"):
            if self.folder.parent != REFERENCE_RUNS:
                raise RunError(self.missing("weights.npz"))
            made = self.provenance
            raise RunError(
                f"Expected weights in the run {self.name!r}, found none: only its figures are kept "
                f"({made.get('parameters', 0):,} parameters; it started from {made.get('initialisation', 'random')} "
                f"weights); make them with: {made.get('command', 'emotionlab train')}"
            )
        architecture = json.dumps(self._json("architecture.json"))
        # trained in bfloat16 or not, it predicts in float32, so that figures agree on every machine
        try:
            model = keras.models.model_from_json(architecture.replace("mixed_bfloat16", "float32"))
        except Exception as problem:  # whatever Keras makes of a file that it did not write
            raise RunError(self.unusable("architecture.json", f"{type(problem).__name__}")) from problem
        self.load_weights(model)
        return model

    def load_weights(self, model, file: str = "weights.npz") -> None:
        """Put the run's weights into `model`. Raises RunError when they do not fit."""
        text("file", file, RunError)
        if not callable(getattr(model, "set_weights", None)):
            raise RunError(expected("model", "a keras.Model", model, "or take run.model(), which has them already"))
        path = self.folder / file
        if not os.path.isfile(path):
            raise RunError(self.missing(file))
        arrays = read_arrays(path)
        try:
            if is_head(arrays):
                put_head(arrays, model)
            else:
                weights = unpack(arrays)
                model.set_weights([weights[key] for key in sorted(weights)])
        except (ValueError, TypeError):
            raise RunError(
                f"Expected a network that fits the weights of run {self.name!r}, found one of other shapes; "
                "build it as the run did, or use run.model()."
            ) from None
        model.initialisation = f"run {self.name}"  # what a training that goes on from here starts from
        if file == "weights.npz":
            model.start = checksum(path)

    @property
    def is_finished(self) -> bool:
        """Whether the training came to its end: its last act is to write provenance.json."""
        return os.path.isfile(self.folder / "provenance.json")

    def _json(self, name: str) -> dict:
        path = self.folder / name
        try:
            value = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise RunError(self.missing(name)) from None
        except OSError as problem:
            raise RunError(f"Expected to read {path}, found: {problem.strerror or problem}; allow it.") from None
        except (ValueError, RecursionError):
            raise RunError(self.unusable(name, "no JSON")) from None
        if not isinstance(value, dict):
            raise RunError(self.unusable(name, f"a {type(value).__name__}"))
        return value

    def missing(self, name: str) -> str:
        """The sentence for a file that is not there; a finished run is not resumed, so its way out is another."""
        found = f"Expected {name} in the run folder {self.folder}, found none"
        if not self.is_finished:
            return f"{found}; the run did not finish: train it again under the same name to resume."
        return f"{found}, though the run finished; {self._way_out()}"

    def unusable(self, name: str, found: str) -> str:
        return f"Expected {self.folder / name} as training wrote it, found {found}; {self._way_out()}"

    def _way_out(self) -> str:
        if self.folder.parent == REFERENCE_RUNS:
            return "it came with the course: install emotionlab again."
        return f"put the file back from a copy, or delete the folder {self.folder} and train again."

    def _prediction(self, split: str, kind: str) -> np.ndarray:
        text("a split and what to read of it", split, RunError)
        text("tta", kind, RunError)
        arrays, key = self._predictions(), f"{split}_{kind}"
        if key not in arrays:
            raise RunError(
                f"Expected recorded predictions called {key!r} in run {self.name!r}, found "
                f"{', '.join(sorted(arrays))}; use el.evaluate(run, faces.test) to measure them on your data."
            )
        return arrays[key]

    def _predictions(self) -> dict[str, np.ndarray]:
        path = self.folder / "predictions.npz"
        if not os.path.isfile(path):
            raise RunError(self.missing(path.name))
        return read_arrays(path)


def load_run(name_or_path) -> Run:
    """A run by name (in `settings.runs_dir()`, then among the recorded ones) or by its folder.

    Raises RunError when there is no such run; the sentence lists those there are.
    """
    if isinstance(name_or_path, Run):
        return name_or_path
    name = file_path("the name or folder of a run", name_or_path, RunError)
    candidates = [runs_dir() / name, REFERENCE_RUNS / name, name]
    for folder in candidates:
        if os.path.isfile(folder / "recipe.json"):
            return Run(folder)
    for folder in candidates:
        if any(os.path.isfile(folder / file) for file in FILES):
            raise RunError(Run(folder).missing("recipe.json"))
    there = sorted({*run_names(runs_dir()), *run_names(REFERENCE_RUNS)})
    raise RunError(
        f"Expected the name or folder of a run, found no run called {str(name_or_path)!r}; there are: "
        f"{', '.join(there) or 'none yet'}."
    )


def load_teachers(recipe: Recipe) -> list[Run]:
    """The runs that a recipe's entry `teacher` names. Raises RunError, which says so, where there is no such run."""
    try:
        return [load_run(name) for name in recipe.teacher.split("+") if recipe.teacher]
    except RunError as problem:
        entry = f"in the recipe's entry teacher, {shown(recipe.teacher)}"
        raise RunError(f"{str(problem).rstrip('.')} ({entry}).") from None


def run_names(folder: Path) -> list[str]:
    """Names of the finished runs in `folder`, in alphabetical order."""
    if not os.path.isdir(folder):
        return []
    return sorted(p.parent.name for p in folder.glob("*/provenance.json"))
