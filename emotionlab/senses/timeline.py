"""Face and voice of one video on one time line, second by second, and fused.

    line = timeline("talk.mp4", el.recognize_video("talk.mp4"))
    line.table                      # a row a second: face, voice and both, seven probabilities each
    line.figure()                   # the same as a picture

On the command line: emotionlab recognize talk.mp4 --timeline talk_line.png
"""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.emotions import COLORS, EMOTIONS, MARKERS
from emotionlab.base.errors import DataError
from emotionlab.senses.fusion import fuse
from emotionlab.sound.features import QUIET_DB, SAMPLE_RATE, SECONDS, spectrogram

PARTS = ("face", "voice", "both")

LONGEST = 6 * 3600
"""Seconds that a time line may have; a small file can claim a frame in a year."""


@dataclass(frozen=True, eq=False)
class TimeLine:
    """times: (T,) where each second begins. face, voice, both: (T, 7) float64; NaN in a row where there was nothing to
    see or to hear, and in the columns of the voice that its network never learnt. how: the rule of fusing."""

    times: np.ndarray
    face: np.ndarray
    voice: np.ndarray
    both: np.ndarray
    how: str = "mean"

    @property
    def table(self):
        """A DataFrame with a row a second: seconds; for face, voice and both the word and the seven probabilities."""
        import pandas as pd

        columns = {"seconds": self.times}
        for part in PARTS:
            rows = getattr(self, part)
            columns[part] = [_word(row) for row in rows]
            columns |= {f"{part}_{name}": rows[:, i].round(4) for i, name in enumerate(EMOTIONS)}
        return pd.DataFrame(columns)

    def figure(self):
        """Three panels over time: what the face says, what the voice says, and both together."""
        import matplotlib.pyplot as plt

        figure, panels = plt.subplots(3, 1, figsize=(9, 7), sharex=True, sharey=True, layout="constrained")
        for panel, part in zip(panels, PARTS, strict=True):
            for i, name in enumerate(EMOTIONS):
                rows = getattr(self, part)[:, i]
                panel.plot(self.times + 0.5, rows, color=COLORS[name], marker=MARKERS[name], markersize=5, label=name)
            panel.set(ylabel="probability", ylim=(0, 1), title=_title(part, self.how))
        panels[1].set_title(_title("voice", self.how) + self._never())
        panels[-1].set_xlabel("seconds")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper")
        plt.close(figure)
        return figure

    def _never(self) -> str:
        """Which emotions the voice's network never learnt, for the title of its panel."""
        heard = self.voice[~np.isnan(self.voice).all(axis=1)]
        names = [name for name, column in zip(EMOTIONS, heard.T, strict=True) if len(heard) and np.isnan(column).all()]
        return f" (its network never learned {', '.join(names)})" if names else ""


def timeline(path, faces, how="mean", listener=None) -> TimeLine:
    """The time line of a video with sound.

    faces: the table that `el.recognize_video` gave for it. how: "mean" or "product", see `fuse`.
    The face is the one that is seen most often. The voice is heard in windows of three seconds round each second.
    Raises DataError where there is no sound in the video, and for one longer than `LONGEST`.
    """
    from emotionlab.sound.listener import VoiceListener
    from emotionlab.sound.reading import read_sound

    wave = read_sound(path)
    seconds = max(1, int(np.ceil(max(len(wave) / SAMPLE_RATE, faces.seconds.max() if len(faces) else 0))))
    if seconds > LONGEST:
        raise DataError(
            f"Expected a film of at most {LONGEST // 3600} hours for a time line, found a frame at {seconds:,} "
            "seconds; cut it."
        )
    face, voice = face_rows(faces, seconds), voice_rows(wave, seconds, listener or VoiceListener())
    both = np.full((seconds, len(EMOTIONS)), np.nan)
    there = ~(np.isnan(face).all(axis=1) & np.isnan(voice).all(axis=1))
    if there.any():
        both[there] = fuse({"face": face[there], "voice": voice[there]}, how)
    return TimeLine(np.arange(seconds, dtype=float), face, voice, both, how)


def face_rows(faces, seconds: int) -> np.ndarray:
    """(seconds, 7): in each second the mean over the frames of the face that is seen most often; NaN without it."""
    rows = np.full((seconds, len(EMOTIONS)), np.nan)
    if not len(faces):
        return rows
    own = faces[faces.face == faces.face.value_counts().idxmax()]
    for second, part in own.groupby(own.seconds.astype(int)):
        if second < seconds:
            rows[second] = part[list(EMOTIONS)].mean().to_numpy()
    return rows


def voice_rows(wave: np.ndarray, seconds: int, listener) -> np.ndarray:
    """(seconds, 7): what the listener's network hears in the three seconds round each second; NaN where it is still."""
    rows = np.full((seconds, len(EMOTIONS)), np.nan)
    columns = [EMOTIONS.index(name) for name in listener.classes]
    around = (SECONDS - 1) / 2
    quiet = np.abs(wave).max(initial=0) * 10 ** (-QUIET_DB / 20)
    for second in range(seconds):
        start, end = (round(max(0, t) * SAMPLE_RATE) for t in (second - around, second + 1 + around))
        here = wave[second * SAMPLE_RATE : (second + 1) * SAMPLE_RATE]
        if np.abs(here).max(initial=0) > quiet:
            rows[second, columns] = listener.network.predict(spectrogram(wave[start:end])[None])[0]
    return rows


def about(line: TimeLine) -> str:
    """One sentence a part: which words it said for how many seconds."""
    told = []
    for part in PARTS:
        words = [_word(row) for row in getattr(line, part) if not np.isnan(row).all()]
        counts = sorted(((words.count(word), word) for word in set(words)), reverse=True)
        shown = ", ".join(f"{word} {count} s" for count, word in counts) or "nothing"
        told.append(f"{_title(part, line.how)}: {shown}.")
    return "\n".join(told)


def _word(row: np.ndarray) -> str:
    return "" if np.isnan(row).all() else EMOTIONS[int(np.nanargmax(row))]


def _title(part: str, how: str) -> str:
    return {"face": "Face", "voice": "Voice", "both": f"Face and voice ({how})"}[part]
