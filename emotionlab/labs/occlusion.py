"""Measure where the shipped network looks in FER-2013's photographs: the record behind `explain.study` (lesson 08)."""

import hashlib
from pathlib import Path

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.files import write_json
from emotionlab.explain.covering import occlusion
from emotionlab.explain.study import RECORD, STRIDE, Study, region_means
from emotionlab.metrics.predicting import predict
from emotionlab.runs import provenance, reference
from emotionlab.runs.run import REFERENCE_RUNS

NAME = RECORD.name
COMMAND = "uv run python -m emotionlab.labs occlusion"
PICTURES = 1000
"""How many validation photographs are measured."""

SIZE = 8
"""Side of the grey square in pixels."""


def measure(model, split) -> Study:
    """Occlusion of every picture of a Split: one prediction a picture and place, 122 a picture."""
    probabilities = predict(model, split.images)
    predicted = probabilities.argmax(axis=1)
    drops = occlusion(model, split.images, predicted, SIZE, STRIDE)
    table = region_means(drops).astype("float64").round(5)
    table.insert(0, "label", [EMOTIONS[k] for k in split.labels])
    table.insert(1, "predicted", [EMOTIONS[k] for k in predicted])
    table.insert(2, "confidence", probabilities.max(axis=1).round(4).astype("float64"))
    maps = {"all": drops.mean(axis=0)}
    maps |= {EMOTIONS[k]: drops[predicted == k].mean(axis=0) for k in range(len(EMOTIONS)) if (predicted == k).any()}
    return Study(table, maps, {"pictures": len(split), "size": SIZE, "stride": STRIDE})


def keep(study: Study, path: Path = RECORD) -> None:
    """Write a study as JSON: each map as one number a block of 4 x 4 pixels, in units of 0.00001."""
    blocks = {name: np.rint(1e5 * heat[::STRIDE, ::STRIDE]).astype(int).tolist() for name, heat in study.maps.items()}
    columns = {name: values.tolist() for name, values in study.table.items()}
    write_json(path, {**study.about, "maps": blocks, "table": columns})


def weights_checksum() -> str:
    """SHA-256 of the shipped weights, so that a record of other weights is noticed."""
    return hashlib.sha256((REFERENCE_RUNS / reference.SHIPPED / "weights.npz").read_bytes()).hexdigest()


def record(faces) -> Study:
    """Measure the shipped network on PublicTest photographs and keep the result in the package."""
    weights, model = weights_checksum(), reference.load(reference.SHIPPED).model()
    study = measure(model, faces.validation.sample(PICTURES))
    study.about.update(
        run=reference.SHIPPED,
        weights=weights,
        split="validation (PublicTest), a random sample with seed 0",
        data=faces.checksum,
        command=COMMAND,
        versions=provenance.versions(),
    )
    keep(study)
    return study
