"""Written questions: a program counts words, a reader judges what they say."""

import re

from emotionlab.exercises.capture import describe
from emotionlab.exercises.engine import Wrong

FEWEST_WORDS = 40

# Scripts that put no spaces between words, and how many characters a word has there, about: Thai to Myanmar and
# Khmer; Japanese kana and the Chinese characters with their extensions.
_WITHOUT_SPACES = (
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"), 4),
    (re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"), 2),
)


def words_of(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation.

    Where a script puts no spaces between words, every two characters (Chinese, Japanese) or four (Thai, Lao,
    Burmese, Khmer) count as one word: no more than a measure of length.
    """
    for letters, length in _WITHOUT_SPACES:
        text = letters.sub(lambda run, n=length: f" {' '.join(_pieces(run[0], n))} ", text)
    return [word for word in ("".join(c for c in w if c.isalnum()) for w in text.lower().split()) if word]


def _pieces(run: str, length: int) -> list[str]:
    return [run[i : i + length] for i in range(0, len(run), length)]


def judge_text(found: dict, task: str, rubric: str) -> Wrong | None:
    """Wrong when a captured value is no text of the learner's own: too short, repeated, or copied."""
    if found["kind"] != "text":
        return Wrong(f"Expected a text in quotes, found {describe(found)}.", "not_a_text")
    words = words_of(found["value"])
    for text, name, ident in ((task, "the task", "copied_task"), (rubric, "the rubric", "copied_rubric")):
        if _share_of_copied(words, words_of(text)) > 0.6:
            return Wrong(f"This repeats {name}; say it in words of your own.", ident)
    if len(words) < FEWEST_WORDS:
        return Wrong(f"Expected at least {FEWEST_WORDS} words, found {len(words)}.", "too_short")
    if len(set(words)) < FEWEST_WORDS // 2:
        return Wrong(
            f"Expected a text, found few different words: {len(set(words))} in {len(words)}.",
            "repeated_words",
        )
    return None


def _share_of_copied(words: list[str], source: list[str]) -> float:
    """Share of the runs of four words that also stand in `source` (0 for a shorter text)."""
    runs = [tuple(words[i : i + 4]) for i in range(len(words) - 3)]
    theirs = {tuple(source[i : i + 4]) for i in range(len(source) - 3)}
    return sum(run in theirs for run in runs) / len(runs) if runs else 0.0
