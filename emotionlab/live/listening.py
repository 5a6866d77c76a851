"""A sound from a page in, an answer for the page out: what the notebook's microphone and the app's tab share.

A sound is handed over as bytes and lies in memory alone; whoever calls decides whether anything of it stays.
"""

import numpy as np

from emotionlab.base.emotions import COLORS, EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.live.bars import NEVER
from emotionlab.live.bundled import bundled_voice
from emotionlab.sound.features import SAMPLE_RATE
from emotionlab.sound.listener import VoiceAnswer, VoiceListener
from emotionlab.sound.reading import LONGEST, read_sound

SECONDS = 10.0
"""How long a recording may be, where nobody says otherwise."""

LARGEST = 30_000_000
"""Bytes of a sound that a page may send."""


def settings_of_the_page(seconds: float, promise: str) -> dict:
    """What microphone.js asks for by name."""
    known = {"emotions": list(EMOTIONS), "colors": dict(COLORS), "never": NEVER}
    return {**known, "seconds": seconds, "largest": LARGEST, "promise": promise}


def hear(listener: VoiceListener, message: dict, content: bytes | None) -> tuple[VoiceAnswer, np.ndarray]:
    """The answer to one message of the page, and the wave that was heard.

    message: "kind" is "sound", with the bytes of a file in content and perhaps its "name", or "bundled".
    Raises DataError for what is no sound, EmotionLabError for another message.
    """
    kind = message.get("kind")
    if kind == "bundled":
        content = bundled_voice()
    elif kind != "sound" or content is None:
        raise EmotionLabError(f"Expected a sound from the page, found {kind!r}; run the cell again or load the page.")
    if len(content) > LARGEST:
        raise DataError(f"Expected a sound of at most {LARGEST // 10**6} MB, found more; take a part of it.")
    try:
        wave = read_sound(content)
    except DataError as problem:
        raise DataError(str(problem).replace("the bytes", str(message.get("name") or "the sound"))) from None
    return listener.of_wave(wave), wave


def for_page(answer: VoiceAnswer, wave: np.ndarray) -> dict:
    """An answer as plain JSON values; null stands for an emotion that the network never heard."""
    row = answer.as_row()
    cut = len(wave) >= LONGEST * SAMPLE_RATE
    parts = [f"Heard {answer.seconds:.1f} seconds: {answer.text}.", answer.note]
    parts += [f"Only the first {LONGEST / 60:.0f} minutes were read."] if cut else []
    parts += [f"It was heard in {len(answer.times)} pieces, and the mean was taken."] if len(answer.times) > 1 else []
    shares = {name: row[name] for name in EMOTIONS}
    known = {"emotion": answer.emotion, "guess": answer.guess, "text": answer.text, "probabilities": shares}
    return {"kind": "result", **known, "seconds": round(answer.seconds, 2), "words": " ".join(filter(None, parts))}
