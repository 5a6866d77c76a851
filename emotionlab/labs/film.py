"""`python -m emotionlab.labs film`: make the short film that is shipped, a drawn face with an actor's voice.

Three sentences of one actor of EMO-DB, neutral, happy and angry. The face agrees with the first two. At the third it
goes on smiling: what a face shows and what a voice sounds like need not be the same.
"""

from pathlib import Path

import numpy as np

from emotionlab.senses.film import FILM

FPS, SIZE, SIDE = 12, (320, 240), 150
PAUSE = 0.4
"""Seconds of silence after each sentence."""

PARTS = (("03b02Na", "neutral"), ("03a07Fb", "happy"), ("03b02Wb", "happy"))
"""The recordings of EMO-DB, and what the drawn face shows meanwhile."""

WHO = 6
"""Which of the drawn people it is."""


def make(path: Path = FILM) -> None:
    """Write the film as WebM (VP9, Opus), whole or not at all."""
    from emotionlab.base.files import whole_file

    parts = [(_voice(name), emotion) for name, emotion in PARTS]
    with whole_file(path) as temporary:
        write(temporary, list(_pictures(parts)), np.concatenate([wave for wave, _ in parts]))


def add_film(commands) -> None:
    """Add `film` to the labs' subcommands."""
    maker = commands.add_parser("film", help="make the short film that is shipped anew")
    maker.set_defaults(command=_command)


def _command(chosen) -> None:
    make()
    print(f"✔ Made {FILM}")


def _voice(name: str) -> np.ndarray:
    from emotionlab.sound import packed
    from emotionlab.sound.dataset import EMODB
    from emotionlab.sound.features import SAMPLE_RATE
    from emotionlab.sound.reading import read_sound

    files, sounds = packed.read(EMODB)
    wave = next(read_sound(sound) for file, sound in zip(files, sounds, strict=True) if name in file)
    return np.concatenate([wave, np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)])


def _pictures(parts):
    """A frame (240, 320, 3) uint8 at a time; the face takes a third of a second to change."""
    from emotionlab.base.opencv import cv2
    from emotionlab.data.drawn import EMOTION_UNITS, draw_face
    from emotionlab.sound.features import SAMPLE_RATE

    ends = np.cumsum([len(wave) / SAMPLE_RATE for wave, _ in parts])
    shown = {unit: 0.0 for units in EMOTION_UNITS.values() for unit in units}
    for moment in np.arange(0, ends[-1], 1 / FPS):
        goal = EMOTION_UNITS[parts[int(np.searchsorted(ends, moment, side="right"))][1]]
        shown = {unit: value + 0.35 * (goal.get(unit, 0.0) - value) for unit, value in shown.items()}
        face = draw_face({unit: value for unit, value in shown.items() if value > 0.01}, WHO)
        frame = np.full(SIZE[::-1], 60, np.uint8)
        left, top = (SIZE[0] - SIDE) // 2 + round(3 * np.sin(2 * moment)), (SIZE[1] - SIDE) // 2
        frame[top : top + SIDE, left : left + SIDE] = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        yield np.repeat(frame[..., None], 3, axis=2)


def write(path: Path, pictures: list[np.ndarray], wave: np.ndarray) -> None:
    """A film of pictures (H, W, 3) uint8 with the sound of a wave (samples,) at 16,000 samples a second."""
    import av

    from emotionlab.sound.features import SAMPLE_RATE

    with av.open(str(path), "w", format="webm") as file:
        video = file.add_stream("libvpx-vp9", rate=FPS, options={"crf": "34", "b": "0"})
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        sound = file.add_stream("libopus", rate=48_000, layout="mono")
        sound.bit_rate = 48_000
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000, frame_size=960)
        for picture in pictures:
            file.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")))
        file.mux(video.encode())
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None], np.float32), format="flt", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, 0
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(sound.encode(piece))
        file.mux(sound.encode())
