"""Pictures that come with the package: a drawn scene, for live cells without a camera, and one public-domain photo."""

from pathlib import Path

import numpy as np

from emotionlab.data.drawn import bundled_face

SIDE, LEFT, TOP = 240, 200, 120
"""Where the drawn face lies in the scene, in pixels."""

PHOTO = Path(__file__).with_name("astronaut.jpg")
"""Eileen Collins, photographed by NASA: public domain, 512 x 512."""


def bundled_scene() -> np.ndarray:
    """One happy drawn face in a scene of 640 x 480, (480, 640, 3) uint8: both detectors find it."""
    from emotionlab.base.opencv import cv2

    picture = np.full((480, 640), 60, np.uint8)
    face = cv2.resize(bundled_face(), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    picture[TOP : TOP + SIDE, LEFT : LEFT + SIDE] = face
    return np.repeat(picture[..., None], 3, axis=2)


def jpeg(picture: np.ndarray, quality: int = 90) -> bytes:
    """A picture (H, W, 3) uint8, red first, as the bytes of a JPEG file."""
    from emotionlab.base.opencv import cv2

    _, data = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()
