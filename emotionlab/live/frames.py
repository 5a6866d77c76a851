"""One frame of a webcam or a video in, tracked faces out: the callback behind every live demo.

    live = Live()
    result = live(jpeg_bytes)           # or a PNG's bytes, or an array
    result.faces, result.milliseconds

It keeps no frame: only the faces' numbers, boxes and mean probabilities live from one frame to the next.
"""

import itertools
import time
from dataclasses import dataclass, replace

from emotionlab import faces
from emotionlab.base.pictures import decode
from emotionlab.live.tracking import Tracker
from emotionlab.recognition.recognizer import Face, Recognizer

STEPS = ("decode", "detect", "crop", "classify", "smooth")
"""What happens to a frame, in this order."""


@dataclass(frozen=True, eq=False)
class LiveResult:
    """What one frame showed.

    faces: the largest first, each with its number. width, height: of the frame in pixels. seconds: the
    frame's time. milliseconds: how long each of `STEPS` took.
    """

    faces: list[Face]
    width: int
    height: int
    seconds: float
    milliseconds: dict[str, float]

    @property
    def shown(self) -> list[Face]:
        """The faces as they are shown: one that is alone needs no number before its emotion."""
        return self.faces if len(self.faces) > 1 else [replace(face, number=None) for face in self.faces]

    def as_dict(self) -> dict:
        """Plain JSON values, for a page that draws the boxes itself."""
        pairs = zip(self.faces, self.shown, strict=True)
        told = [{"number": face.number, "text": shown.text, **face.as_row()} for face, shown in pairs]
        times = {step: round(value, 2) for step, value in self.milliseconds.items()}
        return {"faces": told, "width": self.width, "height": self.height, "milliseconds": times}


class Live:
    """Recognises one frame after the other. Not to be shared: each camera or video has its own.

    recognizer: a `Recognizer`, or what one is made of (None, a run, a keras.Model).
    smooth: time constant of the mean over time, in seconds; further options go to `Tracker`.
    """

    def __init__(self, recognizer=None, smooth: float = 0.5, **options):
        self.recognizer = recognizer if isinstance(recognizer, Recognizer) else Recognizer(recognizer)
        self.tracker = Tracker(smooth, **{"threshold": self.recognizer.threshold, **options})

    def __call__(self, frame, seconds: float | None = None, channels: str = "RGB") -> LiveResult:
        """Recognise one frame: bytes of a JPEG or PNG, or an array (channels "BGR" from OpenCV).

        seconds: the frame's time; None takes the clock. Raises DataError when the frame is no picture.
        """
        seconds = time.monotonic() if seconds is None else seconds
        marks = [time.perf_counter()]
        picture = decode(frame, channels)
        marks.append(time.perf_counter())
        boxes = self.recognizer.detector(picture)
        marks.append(time.perf_counter())
        crops = faces.crop_all(picture, boxes) if boxes else []
        marks.append(time.perf_counter())
        found = self.recognizer.faces_at(boxes, crops) if boxes else []
        marks.append(time.perf_counter())
        found = self.tracker.update(found, seconds)
        marks.append(time.perf_counter())
        spent = [1000 * (after - before) for before, after in itertools.pairwise(marks)]
        height, width = picture.shape[:2]
        return LiveResult(found, width, height, seconds, dict(zip(STEPS, spent, strict=True)))

    def reset(self) -> None:
        """Forget the faces seen so far."""
        self.tracker.reset()
