"""What a network is trained towards when it is not the label alone: votes of people, opinions of other networks.

A teacher (Hinton et al. 2015, arXiv 1503.02531) says more about a picture than its label does: which emotions it
resembles. What it says of the training pictures is kept once, in 8 bits, in its own run, so that anybody can repeat the
lesson without the teacher's weights. A teacher has learned these very pictures, so it is too sure of them: take one
that was stopped early or smoothed, or raise the temperature.
"""

import hashlib
from pathlib import Path

import numpy as np

from emotionlab.base import settings
from emotionlab.base.emotions import one_hot
from emotionlab.base.errors import RunError
from emotionlab.base.settings import command
from emotionlab.data.dataset import Split, content_checksum
from emotionlab.data.ferplus import training_votes, vote_targets
from emotionlab.metrics.predicting import predict
from emotionlab.runs import REFERENCE_RUNS, TEACHING, Run, load_teachers, read_arrays, write_arrays
from emotionlab.runs.recipes import Recipe

STEPS = 255
"""A probability is kept as a whole number of so many steps."""


def soft_targets(split: Split, recipe: Recipe) -> tuple[Split, np.ndarray]:
    """The pictures to train on, and the target of each: (N, 7) float32, every row sums to 1.

    target = (1 - teacher_share) * label or votes + teacher_share * what the teachers say.

    Raises RunError when a teacher has no opinion of these pictures, DataError when there are no votes for them.
    """
    used, targets = np.ones(len(split), bool), one_hot(split.labels)
    if recipe.targets == "votes":
        targets, used = vote_targets(training_votes(split))
    if recipe.teacher:
        said = [training_probabilities(run, split) for run in load_teachers(recipe)]
        opinion = soften(np.mean(said, axis=0), recipe.temperature)
        targets = (1 - recipe.teacher_share) * targets + recipe.teacher_share * opinion
    return split.take(used), targets[used].astype("float32")


def soften(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """What a softmax would say at this temperature: p ** (1 / temperature), each row made to sum to 1."""
    raised = np.asarray(probabilities, "float64") ** (1 / temperature)
    return raised / raised.sum(axis=1, keepdims=True)


def kept_opinion(run: Run) -> Path:
    """Where `teach` keeps what a run says: in its folder; of a recorded one in the data folder, since it is shared."""
    is_recorded = run.folder.resolve().parent == REFERENCE_RUNS.resolve()
    return settings.data_dir() / "teaching" / f"{run.name}.npz" if is_recorded else run.folder / TEACHING


def teach(run: Run, split: Split) -> np.ndarray:
    """Keep what a run says of these training pictures, in `kept_opinion`. Returns the probabilities (N, 7) as kept.

    They are the means over each picture and its mirror image, in 8 bits. Raises RunError for a run without weights.
    """
    probabilities = predict(run.model(), split.images, tta="flip")
    arrays = {
        "probabilities": np.rint(STEPS * probabilities).astype("uint8"),
        "checksum": np.array(content_checksum({"train": split})),
    }
    write_arrays(kept_opinion(run), arrays)
    return training_probabilities(run, split)


def training_probabilities(run: Run, split: Split) -> np.ndarray:
    """What a run says of these training pictures: (N, 7) float64. Raises RunError when that was not kept."""
    there = [path for path in dict.fromkeys((run.folder / TEACHING, kept_opinion(run))) if path.is_file()]
    if not there:
        raise RunError(
            f"Expected the teacher {run.name!r} to have kept what it says of the training pictures ({TEACHING}), found "
            f"nothing; make it with `{command(f'teach {run.name}')}`."
        )
    checksum, kept = content_checksum({"train": split}), [read_arrays(path) for path in there]
    arrays = next((arrays for arrays in kept if str(arrays["checksum"]) == checksum), None)
    if arrays is None:
        raise RunError(
            f"Expected the teacher {run.name!r} to know these {len(split):,} training pictures, found its opinion of "
            f"{len(kept[0]['probabilities']):,} other ones; train on those, or make it anew with "
            f"`{command(f'teach {run.name}')}`."
        )
    # half a step in place of zero: a rounded 0 is not impossible, and no temperature could raise it
    steps = np.maximum(arrays["probabilities"].astype("float64"), 0.5)
    return steps / steps.sum(axis=1, keepdims=True)


def fingerprint(targets: np.ndarray) -> str:
    """SHA-256 of the targets: a run towards other ones is another run."""
    return hashlib.sha256(np.ascontiguousarray(targets)).hexdigest()
