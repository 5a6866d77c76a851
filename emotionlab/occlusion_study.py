"""Where the shipped network looks: occlusion maps of many FER-2013 photographs, averaged (lesson 08).

    study = recorded()
    study.table          # a row a photograph: label, predicted, drop in each region of the face
    study.maps["happy"]  # (48, 48): the mean drop over the photographs that are called happy

Recorded are means and drops of probability, no picture. To measure them anew, with FER-2013 at hand:

    uv run python -m emotionlab.occlusion_study
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emotionlab.emotions import EMOTIONS
from emotionlab.errors import DataError
from emotionlab.settings import IMAGE_SIZE

RECORD = Path(__file__).parent / "reference" / "fer2013_occlusion.json"
COMMAND = "uv run python -m emotionlab.occlusion_study"
RUN = "scratch_cnn"
PICTURES = 1000
"""How many validation photographs are measured."""

SIZE, STRIDE = 8, 4
"""Side and step of the grey square in pixels. A map then has one value for each block of 4 x 4 pixels."""

BOXES = {"brows and eyes": (slice(9, 24), slice(8, 40)), "mouth": (slice(31, 46), slice(12, 36))}
"""Rows and columns of the parts of an upright, tightly cropped face."""


def face_regions() -> dict[str, np.ndarray]:
    """Three masks (48, 48) bool that together cover the picture once: brows and eyes, mouth, rest."""
    masks = {}
    for name, box in BOXES.items():
        masks[name] = np.zeros((IMAGE_SIZE, IMAGE_SIZE), bool)
        masks[name][box] = True
    return masks | {"rest": ~np.any(list(masks.values()), axis=0)}


def region_means(maps: np.ndarray):
    """The mean of each map over each region: a DataFrame with a row a map and a column a region.

    maps: (N, 48, 48). It is the mean over the pixels, not the sum: a region does not win by its area.
    Raises DataError for another shape.
    """
    import pandas as pd

    maps = np.asarray(maps)
    if maps.ndim != 3 or maps.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE):
        raise DataError(
            f"Expected maps of shape (N, {IMAGE_SIZE}, {IMAGE_SIZE}), found {maps.shape}; for one map, pass maps[None]."
        )
    return pd.DataFrame({name: maps[:, mask].mean(axis=1) for name, mask in face_regions().items()})


@dataclass(frozen=True, eq=False)
class Study:
    """Occlusion of many photographs.

    table: DataFrame, a row a photograph: label, predicted (names), confidence, and the mean drop of the
        probability of the predicted emotion in each region of `face_regions`.
    maps: name of an emotion -> (48, 48), the mean drop over the photographs predicted so; the key "all" holds
        the mean over all photographs. An emotion that was never predicted is left out.
    about: run, weights, pictures, command, as plain values.
    """

    table: object
    maps: dict[str, np.ndarray]
    about: dict


def measure(model, split) -> Study:
    """Occlusion of every picture of a Split: one prediction a picture and place, 122 a picture."""
    from emotionlab.evaluation import predict
    from emotionlab.explain import occlusion

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


def record(study: Study, path: Path = RECORD) -> None:
    """Write a study as JSON: each map as one number a block of 4 x 4 pixels, in units of 0.00001."""
    from emotionlab.runs import write_json

    blocks = {name: np.rint(1e5 * heat[::STRIDE, ::STRIDE]).astype(int).tolist() for name, heat in study.maps.items()}
    columns = {name: values.tolist() for name, values in study.table.items()}
    write_json(path, {**study.about, "maps": blocks, "table": columns})


def recorded(path: Path = RECORD) -> Study:
    """The study that ships with the course; needs no data set and no network."""
    import pandas as pd

    stored = json.loads(Path(path).read_text(encoding="utf-8"))
    table, blocks = pd.DataFrame(stored.pop("table")), stored.pop("maps")
    maps = {
        name: np.kron(np.float32(values) / 1e5, np.ones((STRIDE, STRIDE), "float32")) for name, values in blocks.items()
    }
    return Study(table, maps, stored)


def weights_checksum() -> str:
    """SHA-256 of the shipped weights, so that a record of other weights is noticed."""
    from emotionlab.runs import REFERENCE_RUNS

    return hashlib.sha256((REFERENCE_RUNS / RUN / "weights.npz").read_bytes()).hexdigest()


def main() -> None:
    """Measure the shipped network on PublicTest photographs and record the result."""
    from emotionlab import provenance, reference
    from emotionlab.data import load_faces

    faces = load_faces("fer2013")
    weights, model = weights_checksum(), reference.load(RUN).model()
    study = measure(model, faces.validation.sample(PICTURES))
    study.about.update(
        run=RUN,
        weights=weights,
        split="validation (PublicTest), a random sample with seed 0",
        data=faces.checksum,
        command=COMMAND,
        versions=provenance.versions(),
    )
    record(study)
    print(f"{len(study.table):,} photographs measured, written to {RECORD}.")
    print(study.table[list(face_regions())].mean().round(4).to_string())


if __name__ == "__main__":
    main()
