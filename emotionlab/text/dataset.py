"""Texts with emotions: what a text data set is, the one that comes with the package, and a table of one's own.

The shipped texts are GoEmotions (Demszky et al. 2020, arXiv 2005.00547) in Ekman's grouping: short English comments
from the web, with every emotion that at least one rater chose and others confirmed. Some are rude and some are
cruel, so nothing here prints a comment by itself. Licence and attribution lie beside the data.
"""

import csv
import io
import lzma
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import file_path, whole_number
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.files import refuse_pipe

PACKED = Path(__file__).parent / "goemotions" / "goemotions_ekman.tsv.xz"
"""The shipped texts: a line each, its split, its labels as digits in the order of `EMOTIONS`, and the text."""

SPLITS = ("train", "validation", "test")

OTHER_NAMES = {"anger": "angry", "joy": "happy", "happiness": "happy", "sadness": "sad", "surprised": "surprise"}
"""Names that other data sets give to the same seven emotions."""

MAX_CSV_BYTES = 200_000_000

_OPENED_AGAIN = re.compile(r'(?:^|,)"(?:[^"]|"")*[\r\n,]"[^",\r\n]')
"""A quoted field whose closing mark stands where a field begins, and text after it: that mark was meant to open one."""

_WRITER = re.compile(r"(?<![A-Za-z0-9_])/?u/[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class TextSplit:
    """Texts and their emotions.

    texts: N texts. labels: (N, 7) bool, which of `EMOTIONS` each text was given: one, or several.
    """

    texts: tuple[str, ...]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"TextSplit({len(self):,} texts, {self.labels.sum(1).mean() if len(self) else 0:.2f} emotions each)"

    def counts(self) -> dict[str, int]:
        """How many texts carry each emotion; a text with two counts twice."""
        return dict(zip(EMOTIONS, self.labels.sum(axis=0).tolist(), strict=True))

    def single(self) -> "TextSplit":
        """The texts with exactly one emotion."""
        return self.take(np.flatnonzero(self.labels.sum(axis=1) == 1))

    def take(self, rows) -> "TextSplit":
        """The texts in these rows, in this order."""
        return TextSplit(tuple(self.texts[int(i)] for i in rows), self.labels[rows])


@dataclass(frozen=True)
class Texts:
    """A data set of texts in three splits. source says where it comes from, in a sentence."""

    train: TextSplit
    validation: TextSplit
    test: TextSplit
    name: str
    source: str

    def __len__(self) -> int:
        return sum(len(split) for split in self.splits().values())

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(split):,} {name}" for name, split in self.splits().items())
        return f"Texts({self.name}: {counts})"

    def splits(self) -> dict[str, TextSplit]:
        """The three splits by name."""
        return {name: getattr(self, name) for name in SPLITS}

    def seen_in_train(self, split: str = "test") -> np.ndarray:
        """(N,) bool: which texts of a split also stand, letter by letter, in the training texts."""
        known = set(self.train.texts)
        return np.array([text in known for text in self.splits()[split].texts], bool)


def load_texts(source: str | Path | None = None, seed: int = 0) -> Texts:
    """Load texts with emotions, and print in one line which they are.

    source: None for GoEmotions, which comes with the package: 54,263 short English comments in the official splits.
        A path reads a CSV of your own: a column `text`, a column `emotion` (or `labels`) with one or several of
        the seven names ("happy" or "sad;fear"), and, where you have splits already, a column `split` with train,
        validation and test. seed: draws the splits of a CSV without that column, 80, 10 and 10 % of its texts.
    Raises DataError where the file is missing or does not hold such a table.
    """
    seed = whole_number("seed", seed, at_least=0, error=DataError)
    texts = _shipped() if source is None else read_csv(source, seed)
    counts = ", ".join(f"{len(split):,} {name}" for name, split in texts.splits().items())
    print(f"💬 {texts.source}: {len(texts):,} texts ({counts}).")
    if leaked := int(texts.seen_in_train().sum()):
        print(f"   Note: {leaked} of the test texts also stand in the training texts, letter by letter.")
    if source is None:
        print("   Comments from the web: some are rude, some are cruel. Look before you show one.")
    return texts


@cache
def _shipped() -> Texts:
    try:
        lines = lzma.decompress(PACKED.read_bytes()).decode("utf-8").split("\n")
    except (OSError, lzma.LZMAError) as problem:
        raise DataError(
            f"Expected the texts of the course in {PACKED}, found {problem}; install the package again."
        ) from None
    return _of_rows(
        ((split, [EMOTIONS[int(digit)] for digit in digits], text) for split, digits, text in _fields(lines)),
        "goemotions",
        "GoEmotions in Ekman's grouping (Demszky et al. 2020)",
    )


def _fields(lines):
    return (line.split("\t", 2) for line in lines if line)


def _of_rows(rows, name: str, source: str) -> Texts:
    """Texts from (split, names of emotions, text)."""
    texts: dict[str, list] = {split: [] for split in SPLITS}
    labels: dict[str, list] = {split: [] for split in SPLITS}
    for split, emotions, text in rows:
        texts[split].append(text)
        labels[split].append([emotion in emotions for emotion in EMOTIONS])
    made = {
        split: TextSplit(tuple(texts[split]), np.array(labels[split], bool).reshape(-1, len(EMOTIONS)))
        for split in SPLITS
    }
    return Texts(**made, name=name, source=source)


def mask_writers(text: str) -> str:
    """The text with every `u/somebody` made `u/name`: whoever wrote or is spoken to is not for a course to show."""
    return _WRITER.sub("u/name", text)


def pack(rows, path: Path = PACKED) -> None:
    """Write the shipped file from (split, names of emotions, text); the writers' names are masked on the way."""
    lines = []
    for split, emotions, text in rows:
        digits = "".join(str(EMOTIONS.index(emotion)) for emotion in sorted(emotions, key=EMOTIONS.index))
        lines.append(f"{split}\t{digits}\t{mask_writers(' '.join(text.split()))}\n")
    path.write_bytes(lzma.compress("".join(lines).encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))


# ------------------------------------------------------------------------------------ a table of one's own


def read_csv(path: str | Path, seed: int = 0) -> Texts:
    """Read a CSV of texts as `load_texts` describes it, and print nothing."""
    path = file_path("source", path, DataError)
    try:
        rows = _rows(path)
    except csv.Error as problem:
        raise DataError(f"Expected a CSV of texts at {path}, found another table ({problem}); mend it.") from None
    if all(split is None for split, _, _ in rows):
        if (different := len({text for _, _, text in rows})) < len(SPLITS):
            raise DataError(
                f"Expected at least {len(SPLITS)} different texts, to divide them into train, validation and test, "
                f"found {different} in {path}; add some."
            )
        rows = _with_splits(rows, seed)
    if empty := [split for split in SPLITS if split not in {row[0] for row in rows}]:
        raise DataError(
            f"Expected texts to train, choose and test with, found none for {' and '.join(empty)} in {path}; add some, "
            "or leave the column `split` out and the splits are drawn."
        )
    return _of_rows(rows, path.stem, str(path))


def _rows(path: Path) -> list[tuple]:
    lines = list(io.StringIO(_content(path), newline=""))
    reader = csv.DictReader(lines)
    columns = {str(name).strip().lower(): name for name in reader.fieldnames or ()}
    label = next((columns[name] for name in ("emotion", "emotions", "label", "labels") if name in columns), None)
    if "text" not in columns or label is None:
        raise DataError(
            f"Expected a table with the columns text and emotion in {path}, found "
            f"{', '.join(name[:30] for name in [*columns][:6]) or 'no columns'}; name the columns in its first line."
        )
    _check_once(reader.fieldnames, {"text", label.strip().lower(), "split"}, path)
    rows, before = [], reader.line_num
    for row in reader:
        _check_closed(lines[before : reader.line_num], f"line {before + 1:,} of {path}")
        before = reader.line_num
        where = f"line {reader.line_num:,} of {path}"
        if None in row:
            raise DataError(
                f"Expected {len(columns)} fields, found more in {where}; put a text with commas into quotation marks."
            )
        text = row[columns["text"]]
        if text is None or not text.strip():
            raise DataError(f"Expected a text in each row, found none in {where}; take the row out.")
        split = _split(row[columns["split"]], where) if "split" in columns else None
        rows.append((split, _emotions(row[label] or "", where), text))
    if len(rows) < 10:
        raise DataError(f"Expected at least 10 texts, found {len(rows)} in {path}; add some.")
    return rows


def _check_once(names: list[str], used: set[str], path: Path) -> None:
    """Refuse two columns of one name, of which the last would be read in silence."""
    counts = Counter(name.strip().lower() for name in names)
    if twice := sorted(name for name in used if counts[name] > 1):
        raise DataError(
            f"Expected each column once, found {', '.join(twice)} more than once in {path}; remove or rename the copy."
        )


def _check_closed(lines: list[str], where: str) -> None:
    """Refuse a row of several lines that are rows of their own, because a quotation mark was never closed.

    A quotation mark inside a text that was not doubled is no such thing, so `strict` alone does not decide.
    """
    if len(lines) < 2:
        return
    try:
        list(csv.reader(lines, strict=True))
    except csv.Error as problem:
        if "end of data" in str(problem) or _OPENED_AGAIN.search("".join(lines)):
            raise DataError(
                f"Expected a quotation mark at the end of each quoted text, found one left open in {where}; close it."
            ) from None


def _content(path: Path) -> str:
    refuse_pipe(path, "a CSV of texts")
    try:
        if path.stat().st_size > MAX_CSV_BYTES:
            raise DataError(f"Expected at most {MAX_CSV_BYTES:,} bytes, found more in {path}; take a part of it.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise DataError(
            f"Expected a CSV of texts at {path}, found none that can be read ({problem.strerror}); check the path."
        ) from None
    except UnicodeDecodeError:
        raise DataError(f"Expected UTF-8 text in {path}, found other bytes; save the table as UTF-8.") from None


def _emotions(cell: str, where: str) -> list[str]:
    names = [name.strip().lower() for name in re.split(r"[;,|]", cell) if name.strip()]
    names = [OTHER_NAMES.get(name, name) for name in names]
    if not names or set(names) - set(EMOTIONS):
        raise DataError(
            f"Expected one or several of {', '.join(EMOTIONS)} (with ; between), found {cell!r:.60} in {where}; "
            "mend it."
        )
    return names


def _split(cell: str | None, where: str) -> str:
    name = {"dev": "validation", "valid": "validation"}.get((cell or "").strip().lower(), (cell or "").strip().lower())
    if name not in SPLITS:
        raise DataError(f"Expected train, validation or test as split, found {cell!r:.60} in {where}; mend it.")
    return name


def _with_splits(rows: list[tuple], seed: int) -> list[tuple]:
    """Rows with a split drawn for each different text, so that copies of one text stay together."""
    different = sorted({text for _, _, text in rows})
    order = np.random.default_rng(seed).permutation(len(different))
    tenth = max(1, len(different) // 10)
    drawn = {
        different[i]: "test" if k < tenth else "validation" if k < 2 * tenth else "train" for k, i in enumerate(order)
    }
    return [(drawn[text], emotions, text) for _, emotions, text in rows]
