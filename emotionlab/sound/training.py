"""Training a network on voices, split by speaker: no voice that is measured was heard in training.

folds = speaker_folds(voices)                       # (N,) the fold of each recording
result = train_fold(voices, folds, 0, VoiceRecipe())
baseline(voices, train, test)                       # the linear model on the same rows
"""

import time
from dataclasses import dataclass

import numpy as np

from emotionlab.base.arrays import softmax
from emotionlab.base.errors import EmotionLabError
from emotionlab.sound.augment import augmented
from emotionlab.sound.dataset import Voices
from emotionlab.sound.features import band_statistics, log_mel_of

FOLDS = 5


@dataclass(frozen=True)
class VoiceRecipe:
    """All that decides a training, but for the voices. rate: largest learning rate of AdamW, with warm-up and cosine.

    mix: how far two recordings and their labels are mixed (mixup, Zhang et al. 2018, arXiv 1710.09412); 0 for not.
    """

    epochs: int = 60
    batch_size: int = 16
    rate: float = 3e-3
    weight_decay: float = 0.01
    smoothing: float = 0.1
    mix: float = 0.0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold: probabilities of the test and validation rows, the network, a history."""

    test: np.ndarray
    probabilities: np.ndarray
    validation: np.ndarray
    validation_probabilities: np.ndarray
    model: object
    history: dict[str, list]


def uar(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Unweighted average recall: the mean of the recalls of the classes that occur, frequent or rare."""
    return float(np.mean([(predictions[labels == one] == one).mean() for one in np.unique(labels)]))


def speaker_folds(voices: Voices) -> np.ndarray:
    """(N,) int64, 0 to 4: the fold of each recording, all of a speaker in one.

    RAVDESS has the folds of others; else the speakers in the order of their numbers, as even as can be.
    """
    if voices.name == "ravdess":
        from emotionlab.sound.ravdess import fold_of

        return fold_of(voices)
    speakers = np.unique(voices.speakers)
    if len(speakers) < FOLDS:
        raise EmotionLabError(f"Expected at least {FOLDS} speakers for {FOLDS} folds, found {len(speakers)}.")
    return np.searchsorted(speakers, voices.speakers) * FOLDS // len(speakers)


def random_folds(voices: Voices, seed: int = 0) -> np.ndarray:
    """(N,) int64: folds of recordings drawn at random, so that every speaker is in all of them. It leaks."""
    return np.random.default_rng(seed).permutation(len(voices)) % FOLDS


def rows_of(folds: np.ndarray, test: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows to train on, to validate on (the next fold) and to test on, of the fold with this number."""
    validation = (test + 1) % FOLDS
    parts = ((folds != test) & (folds != validation), folds == validation, folds == test)
    return tuple(np.flatnonzero(part) for part in parts)


def train(voices: Voices, rows: np.ndarray, recipe: VoiceRecipe, watch=None, progress: bool = True):
    """Train `voice_cnn` on these rows for all epochs of the recipe: (model, history).

    watch: rows whose unweighted average recall is noted every tenth epoch, or None.
    """
    from emotionlab.sound.networks import voice_cnn

    model = voice_cnn(len(voices.classes), seed=recipe.seed)
    _compile(model, recipe, len(rows))
    logs = [log_mel_of(voices.waves[i], voices.loudness) for i in rows]
    targets = np.eye(len(voices.classes), dtype="float32")[voices.labels[rows]]
    rng = np.random.default_rng(recipe.seed)
    history = {"epoch": [], "loss": [], "val_uar": [], "seconds": []}
    for epoch in range(1, recipe.epochs + 1):
        began = time.perf_counter()
        order = rng.permutation(len(rows))
        changed = augmented([logs[i] for i in order], rng, voices.loudness)
        sounds, wanted = mixed(changed, targets[order], recipe.mix, rng)
        told = model.fit(sounds[..., None], wanted, batch_size=recipe.batch_size, shuffle=False, verbose=0).history
        history["epoch"].append(epoch)
        history["loss"].append(round(told["loss"][0], 5))
        history["seconds"].append(round(time.perf_counter() - began, 2))
        if watch is not None and (epoch % 10 == 0 or epoch == recipe.epochs):
            score = uar(voices.labels[watch], predict(model, voices, watch).argmax(axis=1))
            history["val_uar"].append([epoch, round(score, 5)])
            if progress:
                print(f"epoch {epoch}: loss {told['loss'][0]:.3f}, validation UAR {score:.3f}", flush=True)
    return model, history


def mixed(sounds: np.ndarray, targets: np.ndarray, strength: float, rng: np.random.Generator):
    """Each spectrogram mixed with another, and its target with the other's, by a share drawn from Beta(strength)."""
    if not strength:
        return sounds, targets
    share = rng.beta(strength, strength, len(sounds)).astype(np.float32)
    other = rng.permutation(len(sounds))
    s, t = share[:, None, None], share[:, None]
    return s * sounds + (1 - s) * sounds[other], t * targets + (1 - t) * targets[other]


def train_fold(voices: Voices, folds: np.ndarray, number: int, recipe: VoiceRecipe, progress: bool = True) -> Fold:
    """Train without fold `number` and the next, and predict both: the next for choices, the fold itself to report."""
    rows, validation, test = rows_of(folds, number)
    model, history = train(voices, rows, recipe, validation, progress)
    parts = (predict(model, voices, part) for part in (test, validation))
    return Fold(test, next(parts), validation, next(parts), model, history)


def predict(model, voices: Voices, rows) -> np.ndarray:
    """Probabilities (N, classes) float32 of these rows."""
    logits = model.predict(voices.spectrograms[rows][..., None], batch_size=64, verbose=0)
    return softmax(logits)


def baseline(
    features: np.ndarray, labels: np.ndarray, rows: np.ndarray, test: np.ndarray, C: float = 0.1
) -> np.ndarray:
    """Probabilities (tests, classes) of a logistic regression on `band_statistics`, standardised on its own rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    regression = LogisticRegression(C=C, class_weight="balanced", max_iter=3000)
    model = make_pipeline(StandardScaler(), regression).fit(features[rows], labels[rows])
    return model.predict_proba(features[test])


def statistics_of(voices: Voices) -> np.ndarray:
    """(N, 2 * BANDS) float32: what `baseline` is fed with."""
    return band_statistics(voices.waves)


def _compile(model, recipe: VoiceRecipe, size: int) -> None:
    from emotionlab.base.backend import keras

    steps = recipe.epochs * -(-size // recipe.batch_size)
    warm_up = max(1, steps // 10)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-5, steps - warm_up, warmup_target=recipe.rate, warmup_steps=warm_up
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.smoothing)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay), loss)
