"""The record of face and voice together on RAVDESS: `python -m emotionlab.labs senses ACTION_UNITS`.

The voice is the recorded run on RAVDESS (`python -m emotionlab.labs voices ravdess`); the face a logistic regression on
the means of 35 facial action units, on the same five folds by actor: fold k tests, the next validates, three train.
"""

import csv
import datetime
import hashlib
from pathlib import Path

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError

CALM_IS = "neutral"


def add_senses(commands) -> None:
    """Add `senses` to the subcommands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("senses", help="record face and voice together on RAVDESS")
    parser.add_argument("units", metavar="ACTION_UNITS", help="a table of action units: AU01_r;...;name")
    parser.set_defaults(command=lambda chosen: make(chosen.units))


def make(units) -> None:
    """Fit the face on the folds of the recorded voice, and write both senses' probabilities into the package."""
    from emotionlab.base.files import PACKAGE, write_arrays, write_json
    from emotionlab.base.outputs import keep_outside
    from emotionlab.senses import recorded
    from emotionlab.sound import recorded as voices

    keep_outside("ACTION_UNITS", units, PACKAGE)
    voice = voices.load("ravdess")
    files, folds = voice.arrays["files"].tolist(), voice.arrays["folds"].astype(int)
    features = _features(Path(units), files)
    labels = np.array([EMOTIONS.index(_seven(voice.classes[label])) for label in voice.labels])
    face_test, face_validation = _face(features, labels, folds)
    arrays = {
        "files": voice.arrays["files"],
        "labels": labels.astype(np.uint8),
        "folds": folds.astype(np.uint8),
        "actors": voice.arrays["speakers"].astype(np.uint8),
        "face_test": face_test,
        "face_validation": face_validation,
        "voice_test": _of_seven(voice.probabilities("cnn"), voice.classes),
        "voice_validation": _of_seven(voice.validation_probabilities(), voice.classes),
    }
    small = {key: np.asarray(value, np.float16) if value.ndim == 2 else value for key, value in arrays.items()}
    write_arrays(recorded.FOLDER / "probabilities.npz", small)
    write_json(recorded.FOLDER / "provenance.json", _provenance(Path(units), voice.provenance))
    run = recorded.ravdess_run()
    print(run.figures().round(4).to_string())
    for way in ("mean", "product", "stacked"):
        print(way, "against the better sense:", run.gain(way))


def _features(path: Path, files: list[str]) -> np.ndarray:
    """(N, 35): the action units of each clip; the name 01-01-... there is 03-01-... here."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = {row["name"][2:]: row for row in csv.DictReader(file, delimiter=";")}
        columns = [name for name in next(iter(rows.values())) if name.startswith("AU")]
        return np.array([[float(rows[name[2:]][column]) for column in columns] for name in files])
    except (OSError, KeyError, ValueError, StopIteration, csv.Error) as problem:
        raise EmotionLabError(f"Expected the action units of every clip in {path}, found {problem!r}.") from None


def _face(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Test and validation probabilities (N, 7) of the face over the five folds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from emotionlab.sound.training import FOLDS, rows_of

    test, validation = np.zeros((2, len(labels), len(EMOTIONS)))
    for number in range(FOLDS):
        rows, chosen, own = rows_of(folds, number)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=3000))
        model.fit(features[rows], labels[rows])
        test[own] = model.predict_proba(features[own])
        validation[chosen] = model.predict_proba(features[chosen])
    return test, validation


def _of_seven(probabilities: np.ndarray, classes) -> np.ndarray:
    """(N, 7) of RAVDESS' eight: calm is added to neutral."""
    seven = np.zeros((len(probabilities), len(EMOTIONS)))
    for column, name in zip(probabilities.T, classes, strict=True):
        seven[:, EMOTIONS.index(_seven(name))] += column
    return seven


def _seven(name: str) -> str:
    return CALM_IS if name == "calm" else name


def _provenance(units: Path, voice: dict) -> dict:
    from emotionlab.runs import provenance

    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": "uv run python -m emotionlab.labs senses ACTION_UNITS",
        "commit": provenance.commit(),
        "seed": voice["seed"],
        "face": "logistic regression, C = 0.1, on 35 action units (mean over the clip), standardised",
        "action_units_sha256": hashlib.sha256(units.read_bytes()).hexdigest(),
        "voice": {key: voice[key] for key in ("command", "commit", "made", "minutes", "parameters")},
        "calm": "counts as neutral",
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
    }
