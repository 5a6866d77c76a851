"""A voice in, emotions with probabilities out; no TensorFlow is needed for it.

    listen = el.VoiceListener()
    answer = listen("talk.wav")                  # also flac, ogg, mp3, or the sound of a video
    answer.emotion, answer.confidence, answer.probabilities

The network has heard four emotions, from ten actors who spoke German: angry, happy, sad and neutral. Its other three
probabilities are NaN, because it cannot know how disgust, fear and surprise sound. Accents, other languages, children
and everybody who does not act are foreign to it.
"""

from dataclasses import dataclass

import numpy as np

from emotionlab.base.answers import NOT_SURE, Answer
from emotionlab.base.arguments import share
from emotionlab.base.emotions import EMOTIONS
from emotionlab.sound import recorded
from emotionlab.sound.features import HOP, SAMPLE_RATE, SECONDS, spectrogram, trim_silence
from emotionlab.sound.light import LightVoice
from emotionlab.sound.reading import read_sound

STEP = 1.0
"""Seconds from one piece of a long recording to the next."""


@dataclass(frozen=True, eq=False, repr=False)
class VoiceAnswer(Answer):
    """The seven emotions of a voice. seconds: how much of it was heard, without the silence at both ends.

    pieces: (P, 7) float32, the same for each piece of three seconds, one every second; times: (P,) where they begin.
    """

    seconds: float = 0.0
    times: np.ndarray = None
    pieces: np.ndarray = None

    never = "never heard by this network"


class VoiceListener:
    """Listens to a voice with the network of the course. Safe to share between threads.

    threshold: probability below which the answer is "not sure"; None for the one chosen on validation recordings.
    Raises EmotionLabError for a threshold that is no probability.
    """

    def __init__(self, threshold: float | None = None):
        run = recorded.load(recorded.SHIPPED)
        self.name = run.name
        self.classes = run.classes
        self.network = LightVoice(run.weights())
        self.threshold = run.threshold if threshold is None else share("threshold", threshold)

    def __repr__(self) -> str:
        return f"VoiceListener({self.name}, {', '.join(self.classes)}, in NumPy; not sure below {self.threshold:.2f})"

    def __call__(self, sound, sample_rate: int | None = None) -> VoiceAnswer:
        """The answer to one recording: a path, the bytes of a file, or an array with its sample_rate.

        A recording of more than three seconds is heard in pieces, and their probabilities are averaged.
        Raises DataError for what is no sound, too short, silent, or not made of numbers.
        """
        return self.of_wave(read_sound(sound, sample_rate))

    def of_wave(self, wave: np.ndarray) -> VoiceAnswer:
        """The answer to a wave (samples,) float32 at 16,000 samples a second."""
        voice = trim_silence(wave)
        starts = pieces_of(len(voice))
        rows = np.full((len(starts), len(EMOTIONS)), np.nan, np.float32)
        width = round(SECONDS * SAMPLE_RATE)
        heard = np.stack([spectrogram(voice[start : start + width]) for start in starts])
        rows[:, [EMOTIONS.index(name) for name in self.classes]] = self.network.predict(heard)
        return self._answer(rows, len(voice) / SAMPLE_RATE, np.array(starts) / SAMPLE_RATE)

    def _answer(self, rows: np.ndarray, seconds: float, times: np.ndarray) -> VoiceAnswer:
        probabilities = rows.mean(axis=0)
        best = int(np.nanargmax(probabilities))
        sure = probabilities[best] >= self.threshold
        return VoiceAnswer(
            emotion=EMOTIONS[best] if sure else NOT_SURE,
            emotions=(EMOTIONS[best],) if sure else (),
            confidence=float(probabilities[best]),
            probabilities=probabilities,
            seconds=seconds,
            times=times,
            pieces=rows,
        )


def pieces_of(samples: int) -> list[int]:
    """Where the pieces of three seconds begin in a voice of so many samples: every second, the last at its end."""
    last = samples - round(SECONDS * SAMPLE_RATE)
    if last <= HOP:
        return [0]
    step = round(STEP * SAMPLE_RATE)
    return [*range(0, last, step), last]
