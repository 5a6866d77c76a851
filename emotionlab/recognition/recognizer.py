"""Picture in, faces with probabilities out (lesson 10).

    recognize = el.Recognizer()                      # the shipped network, the best detector that is there
    for face in recognize("holiday.jpg"):
        print(face.emotion, face.confidence)

    recognize("holiday.jpg").to_dataframe()          # a row a face
    el.Recognizer("runs/mine")                       # the same with a network of your own

The way of a picture: `emotionlab.base.pictures.decode`, a detector, `emotionlab.faces.crop_all`, the network, the
temperature that was fitted on validation pictures, and the threshold below which the answer is "not sure".
"""

import copy
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emotionlab import faces
from emotionlab.base.arguments import array, share, shown, whole_number, yes_or_no
from emotionlab.base.arrays import as_batch
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.files import readable
from emotionlab.base.pictures import decode
from emotionlab.faces.detectors import LONGEST, Box, Detector
from emotionlab.recognition.light import LightNetwork
from emotionlab.runs import Run

NOT_SURE = "not sure"
"""What a face shows when no emotion reaches the threshold."""

NO_FACE = "no face found"
"""What a table of pictures says about one without a face."""


@dataclass(frozen=True, eq=False)
class Face:
    """One face in a picture.

    box: where it is. emotion: one of the seven, or "not sure". confidence: its probability (of "not sure" the largest),
    calibrated. probabilities: (7,) float32 in the order of `emotionlab.EMOTIONS`. crop: (48, 48) uint8,
    what the network saw. number: which face of a video it is; None in a single picture.
    """

    box: Box
    emotion: str
    confidence: float
    probabilities: np.ndarray = field(repr=False)
    crop: np.ndarray = field(repr=False)
    number: int | None = None

    @property
    def guess(self) -> str:
        """The most probable emotion, even where the face counts as "not sure"."""
        return EMOTIONS[int(self.probabilities.argmax())]

    @property
    def text(self) -> str:
        """A label for a person to read, such as "happy 81 %"."""
        number = "" if self.number is None else f"{self.number}: "
        percent = f"{100 * self.confidence:.0f} %"
        return (
            f"{number}{self.emotion} {percent}"
            if self.emotion != NOT_SURE
            else f"{number}{NOT_SURE} ({self.guess} {percent})"
        )

    def as_row(self) -> dict:
        """Plain numbers and texts: box, score, emotion, confidence, guess and the seven probabilities."""
        box = self.box
        place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        row = {name: round(value, 1) for name, value in place.items()}
        row |= {"score": round(box.score, 3), "emotion": self.emotion, "confidence": round(self.confidence, 4)}
        shares = (round(float(p), 4) for p in self.probabilities)
        return row | {"guess": self.guess, **dict(zip(EMOTIONS, shares, strict=True))}


COLUMNS = ("x", "y", "width", "height", "score", "emotion", "confidence", "guess", *EMOTIONS)
"""The columns of `Face.as_row`."""


class Recognition(list):
    """The faces of one picture, the largest first: a list of `Face` that can be shown.

    picture: (H, W, 3) uint8, what was looked at.
    """

    def __init__(self, found, picture: np.ndarray):
        super().__init__(found)
        self.picture = picture

    def to_dataframe(self):
        """A DataFrame with a row a face: face (1, 2, ...) and `COLUMNS`. Box in pixels, probabilities 0 to 1."""
        import pandas as pd

        rows = [{"face": i, **face.as_row()} for i, face in enumerate(self, 1)]
        return pd.DataFrame(rows, columns=["face", *COLUMNS])

    def draw(self) -> np.ndarray:
        """The picture with boxes, labels and confidences, (H, W, 3) uint8; a tiny picture is enlarged."""
        from emotionlab.recognition.drawing import draw_faces

        return draw_faces(self.picture, self, smallest=320)

    def _repr_png_(self) -> bytes:
        import io

        from PIL import Image

        file = io.BytesIO()
        Image.fromarray(self.draw()).save(file, "PNG")
        return file.getvalue()


class Recognizer:
    """Finds the faces in a picture and says how each looks.

    model: None for the shipped network, a `Run`, the name or folder of a run, or a `keras.Model` (pictures in
        0..255 in, logits out). The course's own networks run in OpenCV with the numbers of Keras, so the
        first answer needs no TensorFlow; any other network runs in Keras.
    detector: "auto", "yunet" or "haar" (see `emotionlab.faces`), or a `faces.Detector`.
    threshold: confidence below which a face is "not sure". None: the one that was chosen on validation
        pictures so that four answers in five are right (lesson 07).
    longest: pixels along the longer side at which faces are searched; more finds smaller faces, slowly.

    Raises RunError for a run that is not there or has no weights, EmotionLabError for an unknown detector.
    """

    def __init__(self, model=None, detector="auto", threshold: float | None = None, longest: int = LONGEST):
        threshold = None if threshold is None else share("threshold", threshold)
        longest = whole_number("longest, the search size in pixels,", longest, at_least=32, at_most=8192)
        self.detector = detector if isinstance(detector, Detector) else faces.detector(detector, longest)
        self.name, self.runtime, self._predict, run = _network(model)
        self.temperature, chosen = _calibration(run)
        self.threshold = chosen if threshold is None else threshold

    def __repr__(self) -> str:
        return (
            f"Recognizer({self.name}, in {self.runtime}; faces by {self.detector.name}; temperature "
            f"{self.temperature:.2f}; not sure below {self.threshold:.2f})"
        )

    def __call__(self, image, channels: str = "RGB") -> Recognition:
        """The faces in one picture; an empty list where there is none.

        image: a path, bytes of a file, a PIL image or an array. channels: "BGR" for OpenCV's arrays.
        Raises DataError for what is no picture, an address on the internet among them.
        """
        picture = decode(image, channels)
        boxes = self.detector.look(picture)
        return Recognition(self.faces_at(boxes, faces.crop_all(picture, boxes)), picture)

    def faces_at(self, boxes: list[Box], crops: np.ndarray) -> list[Face]:
        """Faces from their boxes and crops (N, 48, 48), all in one call of the network."""
        rows = self.classify(crops)
        return [
            Face(box, self.label(row), float(row.max()), row, crop)
            for box, row, crop in zip(boxes, rows, crops, strict=True)
        ]

    def classify(self, crops: np.ndarray) -> np.ndarray:
        """Calibrated probabilities (N, 7) float32 of faces that are cut out already, (N, 48, 48) in 0..255."""
        from emotionlab.evaluation import with_temperature

        crops = as_batch(crops)
        if not len(crops):
            return np.empty((0, len(EMOTIONS)), np.float32)
        return with_temperature(self._predict(crops), self.temperature).astype(np.float32)

    def label(self, probabilities: np.ndarray) -> str:
        """The most probable emotion, or "not sure" below the threshold. Raises DataError for other shapes than (7,)."""
        probabilities = array("probabilities", probabilities, "seven probabilities", DataError)
        if probabilities.shape != (len(EMOTIONS),):
            raise DataError(f"Expected seven probabilities, found shape {probabilities.shape}; pass one row of them.")
        return EMOTIONS[int(probabilities.argmax())] if probabilities.max() >= self.threshold else NOT_SURE

    def files(self, paths, progress: bool = True, then=None):
        """Many pictures, one after the other: a DataFrame with a row a face.

        then: called with path and `Recognition` of each picture that could be read, to save or show it.
        Columns: file, face (1, 2, ...), `COLUMNS`, note. A picture without a face has one row that says so in
        `note`, and so has one that cannot be read: the others are recognised all the same.
        """
        import pandas as pd
        from tqdm.auto import tqdm

        progress = yes_or_no("progress", progress)
        rows = []
        for path in tqdm(_listed(paths), unit=" pictures", disable=not progress):
            try:
                found = self(path)
            except DataError as problem:
                rows.append({"file": readable(path), "note": readable(problem)})
                continue
            name = readable(path)
            rows += [{"file": name, "face": i, **face.as_row(), "note": ""} for i, face in enumerate(found, 1)]
            if not found:
                rows.append({"file": name, "note": NO_FACE})
            if then:
                then(path, found)
        return pd.DataFrame(rows, columns=["file", "face", *COLUMNS, "note"]).astype({"face": "Int64"})

    def searching_at(self, longest: int) -> "Recognizer":
        """The same recogniser with another search size."""
        longest = whole_number("longest, the search size in pixels,", longest, at_least=32, at_most=8192)
        other = copy.copy(self)
        other.detector = type(self.detector)(longest)
        return other


def _listed(paths) -> list:
    """Several pictures as a list; a single one is more likely a mistake than a list of letters."""
    if isinstance(paths, str | os.PathLike | bytes | dict | np.ndarray) or not hasattr(paths, "__iter__"):
        raise EmotionLabError(
            f"Expected a list of pictures, found {shown(paths)}; put one picture into brackets: files([picture])."
        )
    return list(paths)


def _network(model):
    """(name, what computes it, a function from (N, 48, 48, 1) to probabilities (N, 7), the run or None)."""
    from emotionlab.runs import load_run
    from emotionlab.runs.reference import SHIPPED, load

    keras = sys.modules.get("keras")  # a keras.Model cannot be there unless Keras is
    if keras is not None and isinstance(model, keras.Model):
        return model.name, "Keras", _by_keras(model), None
    if model is None:
        model = load(SHIPPED)
    elif isinstance(model, str | Path):
        model = load_run(model)
    if not isinstance(model, Run):
        raise RunError(
            f"Expected None, a Run, the name or folder of a run, or a keras.Model, found {shown(model)}; "
            'use el.Recognizer() or, for example, el.Recognizer("runs/mine").'
        )
    try:
        return model.name, "OpenCV", LightNetwork(model).predict, model
    except RunError:  # a layer of another kind, or a damaged run: run.model() says what to do
        return model.name, "Keras", _by_keras(model.model()), model


def _by_keras(model):
    from emotionlab.evaluation import predict
    from emotionlab.models.checking import checked

    checked(model)
    return lambda images: predict(model, images)


def _calibration(run: Run | None) -> tuple[float, float]:
    """Temperature and threshold: the recorded choice, or made from the run's own validation pictures."""
    from emotionlab.evaluation import calibration

    recorded = calibration.chosen()
    if run is None:  # a bare network: nobody knows its validation pictures
        return 1.0, recorded["threshold"]
    if run.name == recorded["run"] and _is_recorded(run):
        return recorded["temperature"], recorded["threshold"]
    try:
        own = calibration.choose(run)
        return own["temperature"], own["threshold"]
    except RunError:  # never right often enough
        return calibration.temperature_of(run), recorded["threshold"]


def _is_recorded(run: Run) -> bool:
    from emotionlab.runs import REFERENCE_RUNS

    return run.folder.resolve() == (REFERENCE_RUNS / run.name).resolve()
