"""What live cells use where there is no camera and no microphone: a drawn face, an actor's voice; and one photo."""

from pathlib import Path

import numpy as np

from emotionlab.data.drawn import bundled_face

SIDE, LEFT, TOP = 240, 200, 120
"""Where the drawn face lies in the scene, in pixels."""

PHOTO = Path(__file__).with_name("astronaut.jpg")
"""Eileen Collins, photographed by NASA: public domain, 512 x 512."""

VOICE = "03a07Fb"
"""The recording of EMO-DB that stands for a voice: an actor who says a German sentence as if happy."""


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


def bundled_voice() -> bytes:
    """The recording `VOICE` as the bytes of an Ogg file, three seconds long."""
    from emotionlab.sound import packed
    from emotionlab.sound.dataset import EMODB

    files, sounds = packed.read(EMODB)
    return next(sound for file, sound in zip(files, sounds, strict=True) if VOICE in str(file))
