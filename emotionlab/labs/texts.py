"""The records on texts: the linear model and two networks, trained on GoEmotions and measured on its test texts once.

    uv run python -m emotionlab.labs texts

The linear model's C and the networks' epoch are chosen on the validation texts, and so are the thresholds. The test
texts are predicted once, at the end of each training.
"""

import datetime
import hashlib
import shutil
import time
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.settings import runs_dir

COMMAND = "uv run python -m emotionlab.labs texts"
LINEAR_C = (1.0, 3.0)
RECIPES = {
    "averaged_embeddings": {"epochs": 8, "rate": 5e-3},
    "attention": {"epochs": 4},
}
"""What each network's recipe has that is not the default; tried out on the validation texts."""


def add_texts(commands) -> None:
    """Add `texts` to the subcommands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("texts", help="train and record the linear model and the networks on GoEmotions")
    parser.add_argument("--only", choices=("linear", *RECIPES), help="one of the three (default: all)")
    parser.set_defaults(command=lambda chosen: make(chosen.only))
    packing = commands.add_parser("pack_texts", help="pack GoEmotions in Ekman's grouping for the package")
    packing.add_argument("folder", metavar="FOLDER", help="with train.tsv, dev.tsv, test.tsv and labels.txt")
    packing.set_defaults(command=lambda chosen: pack_goemotions(chosen.folder))


def pack_goemotions(folder) -> None:
    """Write the shipped file from the folder `data/ekman` of github.com/monologg/GoEmotions-pytorch."""
    from emotionlab.text.dataset import OTHER_NAMES, PACKED, pack

    folder = Path(folder)
    try:
        names = [OTHER_NAMES.get(name, name) for name in (folder / "labels.txt").read_text("utf-8").split()]
        rows = []
        for file, split in (("train", "train"), ("dev", "validation"), ("test", "test")):
            for line in (folder / f"{file}.tsv").read_text(encoding="utf-8").rstrip("\n").split("\n"):
                text, numbers, _ = line.split("\t")
                rows.append((split, [names[int(number)] for number in numbers.split(",")], text))
    except (OSError, ValueError, IndexError) as problem:
        raise EmotionLabError(f"Expected the files of GoEmotions in {folder}, found {problem}.") from None
    pack(rows)
    print(f"✔ {len(rows):,} texts in {PACKED}, {PACKED.stat().st_size:,} bytes")


def make(only: str | None = None) -> None:
    """Train all three, or one of them, on the shipped texts and write their records into the package."""
    from emotionlab.text import load_texts, recorded

    texts = load_texts()
    if only in (None, "linear"):
        _linear(texts)
    for name in RECIPES:
        if only in (None, name):
            _network(name, texts)
    for name in recorded.names():
        print(recorded.load(name).report())


def _linear(texts) -> None:
    from emotionlab.text import LinearModel, choose_thresholds, recorded, score

    began, best = time.perf_counter(), None
    for c in LINEAR_C:
        model = LinearModel(C=c).fit(texts.train)
        validation = model.predict(texts.validation.texts)
        thresholds = choose_thresholds(texts.validation.labels, validation)
        report = score(texts.validation.labels, validation, thresholds, f"C = {c:g}")
        print(f"linear, C = {c:g}: validation macro F1 {report.macro_f1:.4f}", flush=True)
        if best is None or report.macro_f1 > best[1].macro_f1:
            best = model, report
    model, report = best
    minutes = (time.perf_counter() - began) / 60
    splits = {
        "validation": (texts.validation.labels, report.probabilities),
        "test": (texts.test.labels, model.predict(texts.test.texts)),
    }
    parameters = sum(one.coef_.size + 1 for one in model.regressions)
    made = _provenance(texts, minutes, parameters, {"C": model.C, "C_tried": list(LINEAR_C)})
    recorded.keep("linear", made, None, report.thresholds, splits)


def _network(name: str, texts) -> None:
    from dataclasses import asdict

    from emotionlab.text import TextRecipe, predict, recorded, train

    recipe, checkpoints = TextRecipe(**RECIPES[name]), runs_dir() / f"text_{name}"
    trained = train(name, texts, recipe, checkpoints)
    splits = {
        part: (split.labels, predict(trained.model, trained.vocabulary, split.texts))
        for part, split in (("validation", texts.validation), ("test", texts.test))
    }
    made = _provenance(texts, sum(trained.history["seconds"]) / 60, trained.model.count_params(), asdict(recipe))
    weights = None
    if name == recorded.SHIPPED:
        weights = {_path(variable): variable.numpy() for variable in trained.model.weights}
    recorded.keep(name, made, trained.history, trained.thresholds, splits, weights)
    if weights:
        trained.vocabulary.save(recorded.FOLDER / name / "vocabulary.json")
    shutil.rmtree(checkpoints)


def _path(variable) -> str:
    """The variable's path in the network, such as "words/embeddings"."""
    return "/".join(variable.path.split("/")[-2:])


def _provenance(texts, minutes: float, parameters: int, recipe: dict) -> dict:
    from emotionlab.runs import provenance
    from emotionlab.text.dataset import PACKED

    return {
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": COMMAND,
        "commit": provenance.commit(),
        "seed": recipe.get("seed", 0),
        "recipe": recipe,
        "minutes": round(minutes, 2),
        "parameters": int(parameters),
        "data": {
            "name": texts.name,
            "texts": {name: len(split) for name, split in texts.splits().items()},
            "sha256": hashlib.sha256(PACKED.read_bytes()).hexdigest(),
        },
        "hardware": provenance.hardware(),
        "versions": provenance.versions(),
    }
