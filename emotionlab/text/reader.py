"""Text in, emotions with probabilities out; no TensorFlow is needed for it.

    read = el.TextReader()
    answer = read("I'm not happy about this.")
    answer.emotion, answer.emotions, answer.confidence, answer.probabilities
    answer.moved("sad")             # which words made "sad" more probable, and which less

Several emotions at once: each of the seven probabilities stands by itself, and they need not sum to 1.

What it does not know: it has read short English comments from the web. Irony it takes at its word. Of "not happy" it
has learnt something, of "hardly the best day of my life" nothing. A text in another language, or of signs that it
has never met, is "not sure", and its note says so.
"""

from dataclasses import dataclass, field

import numpy as np

from emotionlab.base.answers import NOT_SURE, Answer
from emotionlab.base.arguments import array, choice, shown
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.text import recorded
from emotionlab.text.light import LightText
from emotionlab.text.tokens import LENGTH, Vocabulary, tokenise

ENOUGH_KNOWN = 0.5
"""Share of a text's words that must stand in the vocabulary; with fewer, the answer is "not sure"."""


@dataclass(frozen=True, eq=False, repr=False)
class TextAnswer(Answer):
    """The seven emotions of a text. tokens: what was read of it. differences: (tokens, 7), see `moved`."""

    tokens: tuple[str, ...] = ()
    differences: np.ndarray = field(default_factory=lambda: np.empty((0, len(EMOTIONS)), np.float32), repr=False)

    def moved(self, emotion: str | None = None) -> list[tuple[str, float]]:
        """Each token with the change that it makes, in the order of the text; the sum of them means nothing.

        The change is the emotion's probability with the token less that without it: leave one word out, and look.
        emotion: one of the seven; None for the answer's own. Raises EmotionLabError for another word.
        """
        emotion = choice("emotion", self.guess if emotion is None else emotion, EMOTIONS)
        column = self.differences[:, EMOTIONS.index(emotion)]
        return [(token, float(change)) for token, change in zip(self.tokens, column, strict=True)]


class TextReader:
    """Reads a text with the network of the course. Safe to share between threads.

    thresholds: seven probabilities from which on an emotion is named; None for those chosen on validation texts.
    Raises EmotionLabError for thresholds of another number.
    """

    def __init__(self, thresholds=None):
        run = recorded.load(recorded.SHIPPED)
        self.name = run.name
        self.network = LightText(run.weights())
        self.vocabulary = Vocabulary.load(run.folder / "vocabulary.json")
        self.thresholds = run.thresholds if thresholds is None else _seven_shares(thresholds)

    def __repr__(self) -> str:
        return f"TextReader({self.name}, {len(self.vocabulary):,} tokens, in NumPy)"

    def __call__(self, text: str) -> TextAnswer:
        """The answer to one text. It reads the first 40 tokens: words, numbers and signs.

        Raises DataError for what is no text: bytes, None, a list (use `predict` for many), a text without a word.
        """
        every = tokenise(_checked(text))
        tokens = every[:LENGTH]
        if not tokens:
            raise DataError("Expected a text with a word in it, found none; write a sentence.")
        probabilities = self.predict_tokens([tokens])[0]
        without = self.predict_tokens([tokens[:i] + tokens[i + 1 :] for i in range(len(tokens))])
        reached = [i for i in np.argsort(-probabilities) if probabilities[i] >= self.thresholds[i]]
        note = self._unknown(tokens)
        emotions = () if note else tuple(EMOTIONS[i] for i in reached)
        if len(every) > LENGTH:
            note = " ".join(filter(None, [note, f"Only the first {LENGTH} words and signs were read."]))
        return TextAnswer(
            emotion=emotions[0] if emotions else NOT_SURE,
            emotions=emotions,
            confidence=float(probabilities.max()),
            probabilities=probabilities,
            note=note,
            tokens=tuple(tokens),
            differences=probabilities - without,
        )

    def predict(self, texts) -> np.ndarray:
        """Probabilities (N, 7) float32 of many texts, each 0 to 1. Raises DataError as a call does, but for no word."""
        if isinstance(texts, str | bytes) or not hasattr(texts, "__iter__") or getattr(texts, "ndim", 1) == 0:
            raise DataError(f"Expected a list of texts, found {shown(texts)}; call the reader itself with it.")
        return self.predict_tokens([tokenise(_checked(text), LENGTH) for text in texts])

    def predict_tokens(self, lists: list[list[str]]) -> np.ndarray:
        """Probabilities (N, 7) float32 of lists of tokens."""
        if not lists:
            return np.empty((0, len(EMOTIONS)), np.float32)
        length = max(1, *(len(tokens) for tokens in lists))
        numbers = self.vocabulary.encode(lists, min(length, LENGTH))
        parts = [self.network.predict(numbers[i : i + 256]) for i in range(0, len(numbers), 256)]
        return np.concatenate(parts).astype(np.float32)

    def _unknown(self, tokens: list[str]) -> str:
        """A sentence where the network knows too little of a text, else nothing."""
        words = [token for token in tokens if token[-1].isalnum() or ord(token[-1]) > 0x2FFF] or tokens
        known = sum(token in self.vocabulary for token in words)
        if known >= ENOUGH_KNOWN * len(words):
            return ""
        return (
            f"The network knows {known} of {len(words)} words here: it has read English comments only, so its numbers "
            "say little about this text."
        )


def _seven_shares(thresholds) -> np.ndarray:
    found = array("thresholds", thresholds, "seven probabilities").astype(float)
    if found.shape != (len(EMOTIONS),):
        raise EmotionLabError(f"Expected seven thresholds, found an array of shape {found.shape}; give one each.")
    if not ((found >= 0) & (found <= 1)).all():
        raise EmotionLabError(f"Expected thresholds from 0 to 1, found {found.tolist()}; give probabilities.")
    return found


def _checked(text) -> str:
    if not isinstance(text, str):
        kind = type(text).__name__
        advice = {"bytes": "decode them first: text.decode()", "list": "call the reader with each text of it"}
        raise DataError(f"Expected a text, found {kind}; {advice.get(kind, 'give a str')}.")
    return text
