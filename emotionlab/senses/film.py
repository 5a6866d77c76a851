"""A short film of our own: a drawn face that moves, and a voice of EMO-DB. Nobody is shown, and nobody said it so.

    film("talk.mp4", [("happy", "happy"), ("happy", "sad")])       # scenes: what the face shows, what the voice says

The elective `senses` puts it on a time line. `FILM` is one that comes with the package, made by
`python -m emotionlab.labs film`: face and voice agree in its first two scenes; in the third the face smiles, and the
voice is angry.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import choice, file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import whole_file
from emotionlab.data.drawn import EMOTION_UNITS, draw_face
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.loading import load_voices

FILM = Path(__file__).parent / "talk.webm"
"""A short film with sound, for a first try."""

CODECS = {".mp4": ("mpeg4", "aac", SAMPLE_RATE), ".webm": ("libvpx-vp9", "libopus", 48_000)}
"""Encoders of picture and sound, and the sound's samples a second. MPEG-4 and AAC are in every build of `av`."""

FPS, SIZE, SIDE = 10, (240, 320), 180
"""Frames a second; height and width of the picture; side of the face in it, all in pixels."""

SENTENCE = "08a02"
"""Speaker and sentence of EMO-DB: "Das will sie am Mittwoch abgeben", there in all four emotions."""

PAUSE = 0.6
"""Seconds of stillness after each sentence."""


def film(path, scenes) -> Path:
    """Write an .mp4 or .webm of these scenes, and return its path.

    scenes: (emotion of the face, emotion of the voice) each; a voice is angry, happy, sad or neutral. The face rises
    from rest to the whole expression and stays there while the voice speaks.
    Raises EmotionLabError for another word, no scene, or where nothing can be written.
    """
    path, scenes = file_path("path", path), list(scenes)
    if not scenes:
        raise EmotionLabError("Expected at least one scene, such as ('happy', 'sad'), found none.")
    choice("the ending of the name", path.suffix, tuple(CODECS))
    voices = _voices()
    for face, voice in scenes:
        choice("face", face, EMOTIONS)
        choice("voice", voice, tuple(voices))
    still = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    sounds = [np.concatenate([voices[voice], still]) for _, voice in scenes]
    pictures = (picture for (face, _), sound in zip(scenes, sounds, strict=True) for picture in _moving(face, sound))
    try:
        with whole_file(path) as part:
            _write(part, pictures, np.concatenate(sounds))
    except OSError as problem:
        raise EmotionLabError(f"Expected to write a film to {path}, found {problem}; choose another folder.") from None
    return path


def _voices() -> dict[str, np.ndarray]:
    """One sentence of one speaker in four emotions."""
    from contextlib import redirect_stdout
    from io import StringIO

    with redirect_stdout(StringIO()):  # what is loaded was said where the voices were loaded
        voices = load_voices()
    rows = [i for i, name in enumerate(voices.files.tolist()) if name.startswith(SENTENCE)]
    return {voices.classes[voices.labels[i]]: voices.take([i]).waves[0] for i in rows}


def _moving(emotion: str, sound: np.ndarray) -> Iterator[np.ndarray]:
    """The pictures (H, W) uint8 of one scene, as many as the sound is long."""
    from emotionlab.base.opencv import cv2

    count = round(len(sound) / SAMPLE_RATE * FPS)
    for number in range(count):
        strength = min(1.0, (number + 1) / 5)
        units = {unit: strength * value for unit, value in EMOTION_UNITS[emotion].items()}
        face = cv2.resize(draw_face(units, scale=1.0, exposure=1.2), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        picture = np.full(SIZE, 60, np.uint8)
        top, left = (SIZE[0] - SIDE) // 2, (SIZE[1] - SIDE) // 2
        picture[top : top + SIDE, left : left + SIDE] = face
        yield picture


def _write(path, pictures, wave: np.ndarray) -> None:
    import av

    pictures_by, sound_by, rate = CODECS[path.suffix]
    with av.open(str(path), "w") as out:
        video = out.add_stream(pictures_by, rate=FPS)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        video.bit_rate = 800_000 if path.suffix == ".mp4" else 60_000
        sound = out.add_stream(sound_by, rate=rate, layout="mono")
        for picture in pictures:
            out.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")))
        out.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        resampler = av.AudioResampler(format=sound.format.name, layout="mono", rate=rate, frame_size=960)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(sound.encode(piece))
        out.mux(sound.encode())
