"""FER-2013 as one table: `emotion`, `pixels` (2,304 numbers in a row) and, mostly, `Usage`."""

import csv
import io
import warnings
from collections import Counter
from typing import BinaryIO

import numpy as np

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.settings import IMAGE_SIZE
from emotionlab.data.dataset import Faces, Split
from emotionlab.data.splitting import EIGHTY_TEN_TEN, stratified_parts

_USAGE = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
_PIXELS = IMAGE_SIZE * IMAGE_SIZE
_PROGRESS_AFTER = 0.5  # seconds
_FEWEST = 8  # from here on 80:10:10 leaves at least one row in each part


def read(file: BinaryIO, name: str, source: str, where: str) -> Faces:
    """Read a table of FER-2013.

    file: the open table; name: its file name; source: what `Faces.source` is to say;
    where: its path, for error messages.
    Raises DataError where columns, a label, a split name or a row of pixels is not as it should be.
    """
    try:
        rows = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""))
        columns = _columns(next(rows, []), where)
        labels, usages, images, lines = _read_rows(rows, columns, where)
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"Expected a table in UTF-8 text, found something unreadable in {where} ({error}); "
            "download the original file again."
        ) from error
    if not labels:
        raise DataError(f"Expected a picture in each row, found a table without rows in {where}; download it again.")
    everything = Split(np.stack(images), np.array(labels), np.array([f"{name} row {line}" for line in lines]))
    return _divide(everything, np.array(usages), name, source, where)


def _columns(header: list[str], where: str) -> dict[str, int]:
    """Where each column stands; leading spaces (icml_face_data.csv) and capitals do not matter."""
    if any("\0" in name for name in header):  # UTF-16 without its mark
        raise DataError(f"Expected a table in UTF-8 text, found other bytes in {where}; save it as UTF-8.")
    names = [name.strip().lower() for name in header]
    twice = sorted(name for name, count in Counter(names).items() if name and count > 1)
    if twice:
        raise DataError(
            f"Expected each column once, found {', '.join(name[:30] for name in twice[:6])} more than once in {where}; "
            "remove the copy."
        )
    if names == ["pixels"]:
        raise DataError(
            f"Expected the columns emotion and pixels, found pixels alone in {where}: the "
            "competition's test.csv has no labels, so give fer2013.csv or icml_face_data.csv "
            "(official split) or train.csv instead."
        )
    if not {"emotion", "pixels"} <= set(names):
        found = ", ".join(name[:30] for name in names[:6]) or "none"
        raise DataError(
            f"Expected the columns emotion, pixels and Usage, found {found} in {where}; "
            "give fer2013.csv, icml_face_data.csv or train.csv."
        )
    return {name or f"column {i}": i for i, name in enumerate(names)}  # Excel leaves columns without a name behind


def _read_rows(rows, columns: dict[str, int], where: str):
    from tqdm.auto import tqdm

    labels, usages, images, lines = [], [], [], []
    for row in tqdm(rows, desc="Reading FER-2013", unit=" rows", delay=_PROGRESS_AFTER):
        if not row:
            continue
        line = f"line {rows.line_num:,} of {where}"
        if len(row) != len(columns):
            raise DataError(
                f"Expected {len(columns)} fields in each row, found {len(row)} in {line}; download the file again."
            )
        labels.append(_label(row[columns["emotion"]], line))
        images.append(_image(row[columns["pixels"]], line))
        usages.append(_usage(row[columns["usage"]], line) if "usage" in columns else "")
        lines.append(rows.line_num)
    return labels, usages, images, lines


def _label(text: str, line: str) -> int:
    text = text.strip()
    if text not in {"0", "1", "2", "3", "4", "5", "6"}:
        raise DataError(
            f"Expected an emotion from 0 ({EMOTIONS[0]}) to 6 ({EMOTIONS[6]}), found {text[:30]!r} in "
            f"{line}; correct or remove that row."
        )
    return int(text)


def _usage(text: str, line: str) -> str:
    if text.strip() not in _USAGE:
        raise DataError(
            f"Expected the Usage Training, PublicTest or PrivateTest, found {text[:30]!r} in {line}; "
            "correct or remove that row."
        )
    return _USAGE[text.strip()]


def _image(text: str, line: str) -> np.ndarray:
    """One row of pixels as (48, 48) uint8."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # NumPy's way to say: not a number
            pixels = np.fromstring(text, dtype=np.int64, sep=" ")
    except (DeprecationWarning, ValueError) as error:
        raise DataError(
            f"Expected whole numbers with spaces between them as pixels, found other text in {line}; "
            "correct or remove that row."
        ) from error
    if pixels.size != _PIXELS:
        raise DataError(
            f"Expected {_PIXELS:,} pixels (48x48), found {pixels.size:,} in {line}; correct or remove that row."
        )
    if pixels.min() < 0 or pixels.max() > 255:
        raise DataError(
            f"Expected pixels in 0..255, found {pixels.min()} to {pixels.max()} in {line}; correct or remove that row."
        )
    return pixels.astype(np.uint8).reshape(IMAGE_SIZE, IMAGE_SIZE)


def _divide(everything: Split, usages: np.ndarray, name: str, source: str, where: str) -> Faces:
    """The official split where the table has a Usage column, else a stratified one with a note."""
    if usages[0] == "":
        _check_enough(everything.labels, where)
        parts = stratified_parts(everything.labels, EIGHTY_TEN_TEN)
        notes = (
            f"{name} does not name the official validation and test pictures, so its rows were divided "
            "80:10:10 at random (stratified, seed 0): figures do not compare with published ones.",
        )
    else:
        parts = [np.flatnonzero(usages == split) for split in _USAGE.values()]
        notes = ()
    for usage, part in zip(_USAGE, parts, strict=True):
        if not len(part):
            raise DataError(f"Expected rows of all three splits, found none of {usage} in {where}; download it again.")
    train, validation, test = (everything.take(part) for part in parts)
    return Faces(train, validation, test, name="fer2013", source=source, notes=notes)


def _check_enough(labels: np.ndarray, where: str) -> None:
    """A table that does not name the splits must have enough rows of each class for all three."""
    counts = np.bincount(labels, minlength=len(EMOTIONS))
    few = [f"{n} of {emotion}" for emotion, n in zip(EMOTIONS, counts, strict=True) if 0 < n < _FEWEST]
    if few:
        raise DataError(
            f"Expected at least {_FEWEST} rows of each emotion, to divide them into train, validation and test, found "
            f"{', '.join(few)} in {where}; add rows, or a column Usage that names the split of each row."
        )
