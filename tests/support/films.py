"""Short films with a face and a voice."""

from pathlib import Path

import av
import numpy as np

from emotionlab.sound.features import SAMPLE_RATE

FPS = 10


def film_with_voice(path: Path, pictures, wave: np.ndarray) -> Path:
    """A film of pictures (H, W, 3) uint8 with the sound of a wave (samples,) at 16,000 samples a second."""
    with av.open(str(path), "w") as file:
        video = file.add_stream("mpeg4", rate=FPS)
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        sound = file.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for picture in pictures:
            file.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        file.mux(video.encode())
        for start in range(0, len(wave), 1024):
            piece = np.ascontiguousarray(wave[None, start : start + 1024], np.float32)
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            file.mux(sound.encode(frame))
        file.mux(sound.encode())
    return path
