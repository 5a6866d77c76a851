"""The records on voices: a network and a linear model on EMO-DB and on RAVDESS, five folds by speaker.

    uv run python -m emotionlab.labs voices emodb
    uv run python -m emotionlab.labs voices ravdess      # needs `emotionlab data import ravdess PATH` first

Fold k tests, the next validates, the other three train; the last epoch counts, and the number of epochs was tried
out on validation folds. The network that comes with the package is trained on all ten speakers of EMO-DB for as many
epochs; its threshold comes from the validation folds. The same is done once with folds drawn at random, where every
speaker is in training too: what that adds is the leak.
"""

import datetime
import hashlib
import json
import shutil
from dataclasses import asdict, replace

import numpy as np

from emotionlab.base.settings import runs_dir

RECIPES = {"emodb": {"epochs": 80}, "ravdess": {"epochs": 80}}
"""What each data set's recipe has that is not the default; tried out on validation folds."""

WANTED = 0.8
"""The threshold: so many of the answers that reach it are right, on validation folds."""


def add_voices(commands) -> None:
    """Add `voices` to the subcommands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("voices", help="train and record the network on voices, five folds by speaker")
    parser.add_argument("data", choices=tuple(RECIPES), help="which recordings")
    parser.add_argument("--no-random", action="store_true", help="leave the network's folds drawn at random out")
    parser.set_defaults(command=lambda chosen: make(chosen.data, with_random=not chosen.no_random))
    packing = commands.add_parser("pack_emodb", help="pack the recordings of EMO-DB for the package")
    packing.add_argument("path", metavar="PATH", help="a zip or folder with 03a01Fa.ogg, ...")
    packing.set_defaults(command=lambda chosen: pack_emodb(chosen.path))


def pack_emodb(path) -> None:
    """Write the shipped file from the recordings of four emotions as Ogg Vorbis."""
    from pathlib import Path, PurePosixPath

    from emotionlab.data.sources import open_source
    from emotionlab.sound import packed
    from emotionlab.sound.dataset import EMODB, of_emodb

    with open_source(Path(path)) as archive:
        sounds = {PurePosixPath(name).stem: archive.read(name) for name in archive.names}
    files = sorted(sounds)
    of_emodb(files, [sounds[name] for name in files])
    packed.write(EMODB, files, [sounds[name] for name in files])
    print(f"✔ {len(files)} recordings in {EMODB}, {EMODB.stat().st_size:,} bytes")


def make(data: str, with_random: bool = True) -> None:
    """Train all folds on one data set and write its record into the package; a stopped run goes on at its fold."""
    from emotionlab.sound import load_voices, recorded
    from emotionlab.sound.training import VoiceRecipe, random_folds, speaker_folds

    voices, recipe = load_voices(data), VoiceRecipe(**RECIPES[data])
    kept = runs_dir() / f"voices_{data}"
    folds, drawn = speaker_folds(voices), random_folds(voices)
    network, validation, minutes, parameters = _folds(voices, folds, recipe, kept / "speaker")
    arrays = {
        "labels": voices.labels,
        "speakers": voices.speakers,
        "women": voices.women,
        "files": voices.files,
        "folds": folds,
        "random_folds": drawn,
        "cnn": network,
        "cnn_validation": validation,
        "baseline": _baseline(voices, folds),
        "baseline_random": _baseline(voices, drawn),
    }
    if with_random:
        arrays["cnn_random"], _, more, _ = _folds(voices, drawn, recipe, kept / "random")
        minutes += more
    made = _provenance(data, voices, recipe, minutes, parameters)
    made["command"] += "" if with_random else " --no-random"
    weights = None
    if data == recorded.SHIPPED:
        weights, made["elsewhere"] = _all_speakers(voices, recipe)
        made["threshold"] = _threshold(validation, voices.labels)
    recorded.keep(data, made, arrays, weights)
    shutil.rmtree(kept)
    print(recorded.load(data).table().round(3).to_string())


def _folds(voices, folds: np.ndarray, recipe, kept):
    """Test and validation probabilities (N, classes) over the folds, minutes and parameters; kept fold by fold."""
    from emotionlab.base.files import read_arrays, write_arrays
    from emotionlab.sound.training import FOLDS, train_fold

    test, validation = (np.full((len(voices), len(voices.classes)), np.nan, np.float32) for _ in range(2))
    seconds = parameters = 0
    for number in range(FOLDS):
        path = kept / f"fold{number}.npz"
        if not path.is_file():
            print(f"fold {number + 1} of {FOLDS}", flush=True)
            fold = train_fold(voices, folds, number, recipe)
            made = {"seconds": sum(fold.history["seconds"]), "parameters": fold.model.count_params()}
            names = ("test", "probabilities", "validation", "validation_probabilities")
            write_arrays(path, {**{name: getattr(fold, name) for name in names}, **made})
        fold = read_arrays(path)
        test[fold["test"]] = fold["probabilities"]
        validation[fold["validation"]] = fold["validation_probabilities"]
        seconds, parameters = seconds + float(fold["seconds"]), int(fold["parameters"])
    return test, validation, seconds / 60, parameters


def _baseline(voices, folds: np.ndarray) -> np.ndarray:
    from emotionlab.sound.training import FOLDS, baseline, rows_of, statistics_of

    features = statistics_of(voices)
    said = np.empty((len(voices), len(voices.classes)), np.float32)
    for number in range(FOLDS):
        rows, _, test = rows_of(folds, number)
        said[test] = baseline(features, voices.labels, rows, test)
    return said


def _all_speakers(voices, recipe) -> tuple[dict, dict]:
    """Weights of the network trained on every recording, and how it does on English voices where they are at hand."""
    from emotionlab.sound.training import train

    print("all speakers", flush=True)
    model, _ = train(voices, np.arange(len(voices)), recipe)
    weights = {"/".join(v.path.split("/")[-2:]): np.array(v) for v in model.weights}
    return weights, _on_ravdess(model, voices.classes)


def _on_ravdess(model, classes) -> dict:
    """Unweighted average recall on the same four emotions in English; empty without RAVDESS."""
    from emotionlab.base.errors import DataError
    from emotionlab.sound import load_voices
    from emotionlab.sound.training import predict, uar

    try:
        english = load_voices("ravdess")
    except DataError:
        print("RAVDESS is not at hand: the German network is not measured on it.")
        return {}
    rows = np.flatnonzero([english.classes[label] in classes for label in english.labels])
    truth = np.array([classes.index(english.classes[label]) for label in english.labels[rows]])
    said = predict(model, replace(english, loudness=False), rows).argmax(axis=1)
    recalls = {name: float((said[truth == i] == i).mean()) for i, name in enumerate(classes)}
    return {"ravdess": {"recordings": len(rows), "uar": uar(truth, said), "recall": recalls}}


def _threshold(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The smallest confidence from which on four answers in five are right on validation folds."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    order = np.argsort(-confidence)
    share = right[order].cumsum() / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= WANTED)
    return round(float(confidence[order][enough[-1]]), 3) if len(enough) else 1.0


def _provenance(data: str, voices, recipe, minutes: float, parameters: int) -> dict:
    from emotionlab.runs import provenance

    digest = hashlib.sha256(b"".join(voices.sounds) + json.dumps(voices.files.tolist()).encode()).hexdigest()
    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": f"uv run python -m emotionlab.labs voices {data}",
        "commit": provenance.commit(),
        "seed": recipe.seed,
        "recipe": asdict(recipe),
        "minutes": round(minutes, 1),
        "parameters": parameters,
        "classes": list(voices.classes),
        "threshold": 0.0,
        "data": {"name": data, "recordings": len(voices), "sha256": digest},
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
    }
