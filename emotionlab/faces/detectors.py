"""Two face detectors behind one interface (lesson 10)."""

import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from emotionlab.base.arguments import shown, whole_number
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.pictures import decode, grey
from emotionlab.faces.yunet import read_yunet, yunet_path

LONGEST = 320
"""Every picture, photo or webcam frame, is searched at this many pixels along its longer side."""

CLOSER = 1280
"""A photo in which nothing is found is searched once more at this size, for small faces."""

_MOST_ENLARGED = 4  # FER-2013's own 48 x 48 pictures are searched at 192 pixels
_SMALLEST = 12  # a picture with a shorter side holds no face that could be read


@dataclass(frozen=True)
class Box:
    """Where a face is: pixels of the picture, the left upper corner first; it may reach over the edge.

    score: how sure the detector is, 0 to 1; compare scores of the same detector only.
    landmarks: YuNet's five points (x, y), as the viewer sees them from left to right: the eye, the
        other eye, the tip of the nose, a corner of the mouth, the other corner. None with Haar.
    detector: "haar" or "yunet". They frame a face differently, which the crop takes into account.
    """

    x: float
    y: float
    width: float
    height: float
    score: float = 1.0
    landmarks: tuple[tuple[float, float], ...] | None = None
    detector: str = "haar"

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y)."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def overlap(self, other: "Box") -> float:
        """Intersection over union with another box, 0 to 1."""
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        shared = max(0.0, across) * max(0.0, down)
        union = self.area + other.area - shared
        return shared / union if union > 0 else 0.0


def detect(image, detector: str = "auto", channels: str = "RGB") -> list[Box]:
    """The faces in a picture, the largest first; an empty list where there is none.

    image: whatever `emotionlab.base.pictures.decode` reads; channels as there.
    detector: "yunet", "haar", or "auto" for the better one, YuNet.
    Raises DataError for what is no picture, EmotionLabError for an unknown detector or a missing file.
    """
    return _cached(_chosen(detector)).look(decode(image, channels))


def detector(name: str = "auto", longest: int = LONGEST) -> "Detector":
    """A detector of your own, to call again and again: `detector("haar")(picture)` gives a list of Box.

    longest: size in pixels to which the longer side of a picture is brought before the search. A larger
        one finds smaller faces and takes more time, in proportion to its square.
    Raises EmotionLabError for an unknown name, and where YuNet is asked for and its file is not there.
    """
    longest = whole_number("longest, the search size in pixels,", longest, at_least=32, at_most=8192)
    return REGISTRY[_chosen(name)](longest)


def _chosen(name: str) -> str:
    if isinstance(name, str) and name == AUTO:
        return next(each for each, kind in REGISTRY.items() if kind.is_there())
    return known(name).name


def known(name: str) -> type["Detector"]:
    """The class of the detector of that name. Raises EmotionLabError for a name that is not in `REGISTRY`."""
    if not isinstance(name, str) or name not in REGISTRY:
        raise EmotionLabError(
            f"Expected a detector called {', '.join(CHOICES)}, found {shown(name)}; choose one of them."
        )
    return REGISTRY[name]


@lru_cache(maxsize=4)
def _cached(name: str) -> "Detector":
    return detector(name)


class Detector:
    """A face detector: call it with a picture (H, W, 3) uint8, red first. Safe to share between threads.

    name: what it is called. words: what it is, for a person. advice: what to do where it finds nothing.
    finds_eyes: whether its boxes have landmarks.
    """

    name = ""
    words = ""
    advice = ""
    finds_eyes = False

    @classmethod
    def is_there(cls) -> bool:
        """Whether it can be used: its file, if it needs one, is there."""
        return True

    def __init__(self, longest: int = LONGEST):
        self.longest = longest
        self._lock = threading.Lock()  # OpenCV's detectors keep state while they search

    def __call__(self, picture: np.ndarray) -> list[Box]:
        """The faces found, the largest first."""
        return self._at(picture, self.longest)

    def look(self, picture: np.ndarray) -> list[Box]:
        """As calling it, but where nothing is found, a large picture is searched once more for small faces."""
        found = self._at(picture, self.longest)
        return found or (self._at(picture, CLOSER) if max(picture.shape[:2]) > 2 * self.longest else [])

    def _at(self, picture: np.ndarray, longest: int) -> list[Box]:
        height, width = picture.shape[:2]
        if min(height, width) < _SMALLEST:
            return []
        small = _resized(picture, min(_MOST_ENLARGED, longest / max(height, width)))
        if min(small.shape[:2]) < _SMALLEST:  # a strip
            return []
        with self._lock:
            found = self._search(small)
        ratio = (width / small.shape[1], height / small.shape[0])
        return sorted((_scaled(box, *ratio) for box in found), key=lambda box: -box.area)

    def _search(self, picture: np.ndarray) -> list[Box]:
        raise NotImplementedError


class Haar(Detector):
    """OpenCV's cascade `haarcascade_frontalface_alt2` (Lienhart & Maydt 2002), part of OpenCV itself.

    Tuned on FER-2013 pictures set on a grey ground and on photos: of the frontal cascades this one, in steps
    of 10 % and without evening out the light first, found the most faces without a false alarm.
    The score is n / (n + 3), where n is the number of overlapping hits; 3 are required.
    """

    name = "haar"
    words = "a Haar cascade of OpenCV (the detector “yunet” finds more)"
    advice = "The detector YuNet finds more: start the app again without “haar”."
    cascade = "haarcascade_frontalface_alt2.xml"
    step, neighbours, smallest = 1.1, 3, 24

    @cached_property
    def _net(self):
        from pathlib import Path

        from emotionlab.base.opencv import cv2

        # handed over as text: OpenCV cannot open a path with letters beyond the code page on Windows
        text = (Path(cv2.data.haarcascades) / self.cascade).read_text(encoding="utf-8")
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        net = cv2.CascadeClassifier()
        net.read(storage.getFirstTopLevelNode())
        return net

    def _search(self, picture: np.ndarray) -> list[Box]:
        size = (self.smallest, self.smallest)
        boxes, hits = self._net.detectMultiScale2(grey(picture), self.step, self.neighbours, 0, size)
        return [Box(*map(float, b), float(n / (n + 3))) for b, n in zip(boxes, np.ravel(hits), strict=True)]


class YuNet(Detector):
    """YuNet (Wu, Peng & Yu 2023, doi 10.1007/s11633-023-1423-y): 75 thousand parameters, five landmarks."""

    name = "yunet"
    words = "YuNet in OpenCV"
    finds_eyes = True
    threshold = 0.7

    @classmethod
    def is_there(cls) -> bool:
        """Whether YuNet's file is in the package."""
        return yunet_path().is_file()

    def __init__(self, longest: int = LONGEST):
        super().__init__(longest)
        self._content = read_yunet()

    @cached_property
    def _net(self):
        from emotionlab.base.opencv import cv2

        options = {"score_threshold": self.threshold, "nms_threshold": 0.3, "top_k": 500}
        nothing = np.empty(0, np.uint8)
        return cv2.FaceDetectorYN.create("onnx", np.frombuffer(self._content, np.uint8), nothing, (320, 320), **options)

    def _search(self, picture: np.ndarray) -> list[Box]:
        net = self._net
        net.setInputSize((picture.shape[1], picture.shape[0]))
        _, rows = net.detect(np.ascontiguousarray(picture[..., ::-1]))  # it learned on blue first
        rows = np.empty((0, 15)) if rows is None else rows.astype(float)
        sound = np.isfinite(rows).all(axis=1) & (rows[:, 2:4] > 0).all(axis=1)  # of a narrow strip some are not
        return [_yunet_box(row) for row in rows[sound]]


REGISTRY: dict[str, type[Detector]] = {kind.name: kind for kind in (YuNet, Haar)}
"""The detectors by name, the better one first. A new one is a class and an entry here; then `python -m
emotionlab.labs framing` measures how it frames a face."""

AUTO = "auto"
"""The name that stands for the first detector of the registry that is there."""

DETECTORS = tuple(REGISTRY)
"""The names of the detectors."""

CHOICES = (AUTO, *DETECTORS)
"""What can be asked for."""


def _yunet_box(row: np.ndarray) -> Box:
    points = tuple((float(x), float(y)) for x, y in row[4:14].reshape(5, 2))
    return Box(*map(float, row[:4]), score=float(row[14]), landmarks=points, detector="yunet")


def _resized(picture: np.ndarray, scale: float) -> np.ndarray:
    from emotionlab.base.opencv import cv2

    size = tuple(max(1, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, size, interpolation=how)


def _scaled(box: Box, across: float, down: float) -> Box:
    points = box.landmarks and tuple((x * across, y * down) for x, y in box.landmarks)
    return Box(box.x * across, box.y * down, box.width * across, box.height * down, box.score, points, box.detector)
