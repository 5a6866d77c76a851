"""Texts as numbers: tokens by a regular expression, and a vocabulary that gives each a number.

    tokenise("I'm not happy :(")            # ["i'm", "not", "happy", ":", "("]
    vocabulary = Vocabulary.of(texts)       # every token that stands at least twice
    vocabulary.encode(["I'm not happy"])    # (1, LENGTH) int32: 0 where the text has ended, 1 for an unknown token

The elective `text` writes both out once.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np

from emotionlab.base.errors import DataError

LENGTH = 40
"""Tokens of a text that a network reads; of the shipped comments one in two thousand or so is longer."""

MAX_CHARACTERS = 20_000
"""Characters of a text that are looked at: the rest could not reach the network anyway."""

PADDING, UNKNOWN = 0, 1

TOKEN = re.compile(r"\[[a-z]+\]|[^\W\d_]+(?:'[^\W\d_]+)*|\d+|[^\w\s]")
"""A mask such as [name]; a word, with its apostrophes; a number; any other sign by itself, an emoji too."""

_LONG = re.compile(r"(.)\1{2,}")


def tokenise(text: str, length: int | None = None) -> list[str]:
    """The tokens of a text in small letters, the first `length` of them; "sooooo" and "sooo" are one word."""
    text = _LONG.sub(r"\1\1\1", text[:MAX_CHARACTERS].lower().replace("’", "'"))
    return TOKEN.findall(text)[:length]


def pairs(tokens: list[str]) -> list[str]:
    """Neighbouring tokens as one entry each, "not happy", with the start and the end of the text as "^" and "$"."""
    return [f"{a} {b}" for a, b in pairwise(["^", *tokens, "$"])]


class Vocabulary:
    """Numbers for tokens, from 2 on; 0 is padding and 1 an unknown token."""

    def __init__(self, tokens: Iterable[str]):
        self.tokens = list(tokens)
        self._numbers = {token: number for number, token in enumerate(self.tokens, UNKNOWN + 1)}

    @classmethod
    def of(cls, lists: Iterable[list[str]], smallest: int = 2) -> "Vocabulary":
        """The tokens that stand at least `smallest` times in these lists of tokens, the most frequent first."""
        counts = Counter(token for tokens in lists for token in tokens)
        kept = [(-count, token) for token, count in counts.items() if count >= smallest]
        return cls(token for _, token in sorted(kept))

    def __len__(self) -> int:
        """How many numbers there are, the two special ones among them: the rows of an embedding."""
        return len(self.tokens) + UNKNOWN + 1

    def __contains__(self, token: str) -> bool:
        return token in self._numbers

    def encode(self, lists: Iterable[list[str]], length: int = LENGTH) -> np.ndarray:
        """(N, length) int32 of lists of tokens: cut at `length`, filled up with 0."""
        lists = list(lists)
        numbers = np.full((len(lists), length), PADDING, np.int32)
        for row, tokens in zip(numbers, lists, strict=True):
            known = [self._numbers.get(token, UNKNOWN) for token in tokens[:length]]
            row[: len(known)] = known
        return numbers

    def save(self, path: str | Path) -> None:
        """Write it as a JSON list of its tokens."""
        Path(path).write_text(json.dumps(self.tokens, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "Vocabulary":
        """Read what `save` wrote. Raises DataError for anything else."""
        try:
            tokens = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as problem:
            raise DataError(f"Expected a vocabulary as a JSON list at {path}, found {problem}.") from None
        if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
            raise DataError(f"Expected a JSON list of tokens in {path}, found something else; save it again.")
        return cls(tokens)
