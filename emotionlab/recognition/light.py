"""The course's own networks without Keras: the same numbers, without the seconds that starting it takes.

OpenCV, which finds the faces, can also compute a network that is written as ONNX (`emotionlab.recognition.export`).
Plain NumPy gives the same numbers too, in about the same time for one face and more time for five.
"""

import threading

import numpy as np

from emotionlab.base.arrays import as_batch, softmax
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.recognition.export import NotInOnnx, to_onnx
from emotionlab.runs import Run


class LightNetwork:
    """The trained network of a run, for prediction only. Safe to share between threads.

    light = LightNetwork(el.reference.load("scratch_cnn"))
    logits = light(images)      # (N, 48, 48) or (N, 48, 48, 1), 0..255 in; (N, 7) float32 out

    Raises NotInOnnx when the network has other layers than the course's own, RunError when the run
    has no weights.
    """

    def __init__(self, run: Run):
        from emotionlab.base.opencv import cv2

        self.name = run.name
        self._lock = threading.Lock()  # it keeps the values of its layers while it computes
        try:
            self._net = cv2.dnn.readNetFromONNX(np.frombuffer(to_onnx(run), np.uint8))
            tried = self(np.zeros((1, IMAGE_SIZE, IMAGE_SIZE), np.uint8))
        except cv2.error as problem:
            raise NotInOnnx(f"Expected layers that fit each other in run {run.name!r}, found: {problem.err}.") from None
        if tried.shape != (1, len(EMOTIONS)):
            raise NotInOnnx(f"Expected {len(EMOTIONS)} logits from run {run.name!r}, found shape {tried.shape[1:]}.")
        if not np.isfinite(tried).all():
            raise NotInOnnx(f"Expected finite logits from run {run.name!r}, found NaN or infinity.")

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, 7) float32 of pictures (N, 48, 48) or (N, 48, 48, 1) in 0..255. DataError for other shapes."""
        batch = as_batch(images)
        if not len(batch):
            return np.empty((0, len(EMOTIONS)), np.float32)
        with self._lock:
            self._net.setInput(batch.transpose(0, 3, 1, 2), "pictures")
            return self._net.forward("logits").copy()  # the next call writes over it

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities (N, 7) float32: the softmax of the logits."""
        return softmax(self(images))
