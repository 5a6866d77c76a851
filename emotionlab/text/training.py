"""Training a network that reads texts: several emotions at once, words forgotten at random, the best epoch kept.

result = train("attention", texts, TextRecipe())
result.model, result.vocabulary, result.history, result.thresholds
"""

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from emotionlab.base.errors import RunError
from emotionlab.base.files import read_arrays, write_arrays
from emotionlab.text.dataset import Texts
from emotionlab.text.scoring import choose_thresholds, f1_of
from emotionlab.text.tokens import LENGTH, PADDING, UNKNOWN, Vocabulary, tokenise


@dataclass(frozen=True)
class TextRecipe:
    """All that decides a training, but for the network and the texts.

    epochs: passes over the texts. rate: largest learning rate of Adam, which falls to 0 along a cosine.
    forget: share of the tokens that each step takes for unknown, so that the network learns to do without any one.
    smallest: how often a token must stand in the training texts to get a number of its own.
    """

    epochs: int = 5
    batch_size: int = 64
    rate: float = 2e-3
    forget: float = 0.2
    smallest: int = 2
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives: the network of the best epoch, its vocabulary, a history, thresholds from validation."""

    model: object
    vocabulary: Vocabulary
    history: dict[str, list]
    thresholds: np.ndarray


def train(network: str, texts: Texts, recipe: TextRecipe | None = None, folder: Path | None = None) -> Trained:
    """Train one of `networks.NETWORKS` on the training texts; the epoch with the best validation macro F1 is kept.

    folder: where to keep a checkpoint after each epoch, so that the same call goes on where it was stopped.
    Prints a line an epoch. Raises RunError for a network that does not exist, and for a checkpoint of another network,
    of another recipe or of other texts.
    """
    from emotionlab.text.networks import NETWORKS

    if network not in NETWORKS:
        raise RunError(f"Expected one of the networks {', '.join(NETWORKS)}, found {network!r}; choose one of them.")
    recipe = recipe or TextRecipe()
    lists = [tokenise(text, LENGTH) for text in texts.train.texts]
    vocabulary = Vocabulary.of(lists, recipe.smallest)
    model = NETWORKS[network](len(vocabulary), seed=recipe.seed)
    _compile(model, recipe, len(lists))
    tokens, labels = vocabulary.encode(lists), texts.train.labels.astype("float32")
    identity = {"network": network, "recipe": asdict(recipe), "texts": _checksum(texts)}
    history, best = _resumed(model, folder, identity)
    for epoch in range(len(history["epoch"]), recipe.epochs):
        began = time.perf_counter()
        rng = np.random.default_rng([recipe.seed, epoch])
        order = rng.permutation(len(tokens))
        seen = forget(tokens[order], recipe.forget, rng)
        told = model.fit(seen, labels[order], batch_size=recipe.batch_size, shuffle=False, verbose=0).history
        f1 = _validation_f1(model, vocabulary, texts)
        row = {"epoch": epoch + 1, "loss": told["loss"][0], "val_macro_f1": f1, "seconds": time.perf_counter() - began}
        for name, value in row.items():
            history[name].append(value if name == "epoch" else round(float(value), 6))
        print("epoch {epoch}: loss {loss:.4f}, validation macro F1 {val_macro_f1:.4f}, {seconds:.0f} s".format(**row))
        if f1 >= max(history["val_macro_f1"]):
            best = _weights(model)
        _keep(model, folder, identity, history, best)
    model.set_weights(best)
    thresholds = choose_thresholds(texts.validation.labels, predict(model, vocabulary, texts.validation.texts))
    return Trained(model, vocabulary, history, thresholds)


def predict(model, vocabulary: Vocabulary, texts) -> np.ndarray:
    """Probabilities (N, 7) float32 of texts: the sigmoid of the network's logits."""
    numbers = vocabulary.encode([tokenise(text, LENGTH) for text in texts])
    logits = model.predict(numbers, batch_size=512, verbose=0)
    return 1 / (1 + np.exp(-logits))


def forget(tokens: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """A copy of the numbers in which this share of the tokens, drawn at random, is unknown."""
    hidden = (rng.random(tokens.shape) < share) & (tokens != PADDING)
    return np.where(hidden, np.int32(UNKNOWN), tokens)


def _compile(model, recipe: TextRecipe, size: int) -> None:
    from emotionlab.base.backend import keras

    steps = recipe.epochs * -(-size // recipe.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(recipe.rate, steps)
    model.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True))


def _validation_f1(model, vocabulary: Vocabulary, texts: Texts) -> float:
    """Macro F1 on the validation texts with the thresholds that suit them best."""
    probabilities = predict(model, vocabulary, texts.validation.texts)
    labels = texts.validation.labels
    f1 = f1_of(labels, probabilities >= choose_thresholds(labels, probabilities)).mean()
    return round(float(f1), 6)


# ------------------------------------------------------------------------------------ stopping and going on


def _weights(model) -> list[np.ndarray]:
    """Copies: what Keras returns may be the network's own memory, which the next step writes over."""
    return [np.array(value) for value in model.get_weights()]


def _checksum(texts: Texts) -> str:
    """SHA-256 of the training and the validation texts and their labels."""
    content = hashlib.sha256()
    for split in (texts.train, texts.validation):
        content.update(json.dumps([list(split.texts), np.asarray(split.labels).tolist()]).encode())
    return content.hexdigest()


def _keep(model, folder: Path | None, identity: dict, history: dict, best: list) -> None:
    """Networks, optimiser and history in one file, so that they cannot disagree."""
    if folder is None:
        return
    arrays = {f"best_{i:03d}": value for i, value in enumerate(best)}
    arrays |= {f"now_{i:03d}": np.asarray(value) for i, value in enumerate(model.variables)}  # dropout's seeds too
    arrays |= {f"adam_{i:03d}": np.asarray(value) for i, value in enumerate(model.optimizer.variables)}
    arrays["about"] = np.array(json.dumps({"identity": identity, "history": history}))
    write_arrays(folder / "checkpoint.npz", arrays)


def _resumed(model, folder: Path | None, identity: dict) -> tuple[dict, list]:
    """History and best weights so far, the network and its optimiser put back to where they were.

    Raises RunError where what was kept is damaged or of another training.
    """
    empty = {"epoch": [], "loss": [], "val_macro_f1": [], "seconds": []}
    if folder is None or not (folder / "checkpoint.npz").is_file():
        return empty, _weights(model)
    file = read_arrays(folder / "checkpoint.npz")
    kept = {part: [file[key] for key in sorted(file) if key.startswith(part)] for part in ("best", "now", "adam")}
    try:
        about = json.loads(str(file["about"]))
        differs = [part for part in identity if about["identity"][part] != identity[part]]
        if differs:
            raise RunError(
                f"Expected a checkpoint of the same {' and '.join(differs)} in {folder}, found one of another; choose "
                "another folder, or delete that one."
            )
        model.optimizer.build(model.trainable_variables)
        variables = [*model.variables, *model.optimizer.variables]
        for variable, value in zip(variables, [*kept["now"], *kept["adam"]], strict=True):
            variable.assign(value)
    except (KeyError, ValueError, TypeError, RecursionError) as problem:
        if isinstance(problem, RunError):
            raise
        raise RunError(
            f"Expected a checkpoint of this network in {folder}, found a damaged one; delete that folder and train "
            "again."
        ) from problem
    return about["history"], kept["best"]
