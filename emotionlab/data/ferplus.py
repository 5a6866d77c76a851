"""FER+: ten more opinions about each picture of FER-2013, and what they say about its labels.

Barsoum et al. (2016, arXiv 1608.01041) showed every picture to ten people, each of whom gave one of ten
answers. Their votes (github.com/microsoft/FERPlus, MIT licence) measure how far the seven labels of
FER-2013 can be trusted. `recorded`, `recorded_figures` and `recorded_votes` need no download.
"""

import csv
import hashlib
import io
import json
import platform
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath

import numpy as np

from emotionlab.base.arguments import file_path
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.base.files import PACKAGE, RECORDS, refuse_pipe, write_arrays, write_json
from emotionlab.base.outputs import keep_outside
from emotionlab.base.settings import command
from emotionlab.data.dataset import Faces, Split, content_checksum

ANSWERS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt", "unknown", "NF")
"""The ten answers, in the order of every array here. The first seven stand in FER-2013's label order, so
that answer k is label k; NF means "not a face"."""

TAGGERS = 10
NOT_A_FACE = ANSWERS.index("NF")

RECORD = RECORDS / "ferplus_matrix.json"
"""The figures: counts and shares, and no picture."""

VOTES_RECORD = RECORD.with_name("ferplus_votes.npz")
"""The votes for each split's pictures; for validation and test in the order of the recorded runs, for training in that
of the Kaggle archive, with the checksum of its training pictures and labels."""

COMMAND = "emotionlab data ferplus VOTES --record"
SOURCE = "FER+ (Barsoum et al. 2016, arXiv 1608.01041), https://github.com/microsoft/FERPlus"
LICENCE = "MIT, Copyright (c) Microsoft Corporation; its text is in ferplus_license.txt"

_USAGE = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}


@dataclass(frozen=True)
class Votes:
    """The rows of a file of votes.

    counts: (N, 10) int64, how many of the ten people gave each of `ANSWERS`.
    keys:   (N,) str, which picture a row belongs to: its class folder and file name, such as
            "angry/PrivateTest_10131363.jpg", or its row in fer2013.csv, from "0" on.
    sha256: of the file, hexadecimal.
    """

    counts: np.ndarray
    keys: np.ndarray
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.counts)


# --------------------------------------------------------------------------------- reading the votes


def read_votes(path: str | Path) -> Votes:
    """Read a file of FER+ votes.

    path: Microsoft's `fer2013new.csv` (columns Usage, Image name and the ten answers, in the row order of
        fer2013.csv), or a table with a column `file` (paths as in the Kaggle archive) and the ten answers.
    Raises DataError with one sentence that says what is wrong with the file.
    """
    path = file_path("the file of votes", path, DataError)
    refuse_pipe(path, "a file of FER+ votes")
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            f"Expected a file of FER+ votes at {path}, found nothing there; check the spelling of the path."
        ) from None
    except (OSError, UnicodeDecodeError) as problem:
        raise DataError(
            f"Expected a table of votes as text in {path}, found something unreadable ({problem}); "
            "download fer2013new.csv again."
        ) from None
    try:
        counts, keys = _read_rows(text, path)
    except csv.Error as problem:
        raise DataError(
            f"Expected a table of votes in {path}, found another text ({problem}); download fer2013new.csv again."
        ) from None
    if len(set(keys)) < len(keys):
        raise DataError(f"Expected each picture once, found some twice in {path}; download the file again.")
    return Votes(np.array(counts, np.int64), np.array(keys), hashlib.sha256(content).hexdigest())


def _read_rows(text: str, path: Path) -> tuple[list[list[int]], list[str]]:
    """The counts and the keys of all rows."""
    rows = csv.reader(io.StringIO(text, newline=""))
    columns = _columns(next(rows, []), path)
    counts, keys = [], []
    for row in rows:
        if not row:
            continue
        where = f"line {rows.line_num:,} of {path}"
        if len(row) != len(columns):
            raise DataError(
                f"Expected {len(columns)} fields in each row, found {len(row)} in {where}; download the file again."
            )
        counts.append([_count(row[columns[answer.lower()]], answer, where) for answer in ANSWERS])
        if not 1 <= sum(counts[-1]) <= TAGGERS:
            raise DataError(
                f"Expected 1 to {TAGGERS} votes in each row, found {sum(counts[-1])} in {where}; correct that row."
            )
        # The number in "Image name" drifts away from the row number after pictures without a name, so the
        # row is counted here, as FER+ itself says to do.
        keys.append(_key(row[columns["file"]]) if "file" in columns else str(len(keys)))
    if not counts:
        raise DataError(f"Expected a row of votes for each picture, found none in {path}; download the file again.")
    return counts, keys


def _columns(header: list[str], path: Path) -> dict[str, int]:
    """Where each column stands, by its name in small letters."""
    columns = {name.strip().lower(): i for i, name in enumerate(header)}
    missing = [answer for answer in ANSWERS if answer.lower() not in columns]
    if "pixels" in columns:
        raise DataError(
            f"Expected a file of FER+ votes, found pictures (a column pixels) in {path}; give fer2013new.csv, and "
            f"import the pictures with `{command('data import')}`."
        )
    if missing or not {"file", "usage"} & set(columns):
        found = ", ".join(name[:30] for name in header[:6]) or "none"
        raise DataError(
            f"Expected the columns file or Usage, and {', '.join(ANSWERS)}, found {found} in {path}; "
            "give FER+'s fer2013new.csv."
        )
    return columns


def _count(text: str, answer: str, where: str) -> int:
    if not re.fullmatch(r"\s*\d{1,2}\s*", text):
        raise DataError(
            f"Expected a whole number of votes for {answer}, found {text[:20]!r} in {where}; correct that row."
        )
    return int(text)


def _key(file: str) -> str:
    """Class folder and name: the name alone is not unique, and archives may have folders around them."""
    return "/".join(PurePosixPath(file.strip().replace("\\", "/")).parts[-2:])


def votes_for(votes: Votes, faces: Faces) -> dict[str, np.ndarray]:
    """The votes for each split's pictures: name of the split -> (N, 10) int64 in the order of its pictures.

    faces: the real FER-2013. For votes in the row order of fer2013.csv it must have been imported from
        that table, because only then its pictures know their row.
    Raises DataError when a picture has no votes.
    """
    by_row = votes.keys[0].isdigit()
    row_of = {key: i for i, key in enumerate(votes.keys.tolist())}
    found = {}
    for name, split in faces.splits().items():
        keys = [_row_key(file) if by_row else _key(file) for file in split.files.tolist()]
        lost = next((file for file, key in zip(split.files, keys, strict=True) if key not in row_of), None)
        if lost is not None:
            raise DataError(_no_votes(lost, by_row))
        found[name] = votes.counts[[row_of[key] for key in keys]]
    return found


def _row_key(file: str) -> str:
    """The row, from 0 on, out of a name such as "fer2013.csv row 2" (a line of the table, whose first is the head)."""
    match = re.search(r"csv row (\d+)$", file)
    return str(int(match[1]) - 2) if match else ""


def _no_votes(file: str, by_row: bool) -> str:
    if by_row:
        return (
            f"Expected FER-2013 in the row order of fer2013.csv, as these votes are, found a picture called {file}; "
            "import fer2013.csv or icml_face_data.csv, or give a file of votes with a column called file."
        )
    return (
        f"Expected votes for every picture, found none for {file}; give the votes that belong to this form of "
        "FER-2013, or import the Kaggle archive."
    )


# --------------------------------------------------------------------------------- what they say


def measure(votes: np.ndarray, labels: np.ndarray) -> dict:
    """How far the votes and the labels agree: plain numbers, ready for JSON.

    votes: (N, 10) whole numbers in the order of `ANSWERS`. labels: (N,) 0..6. N is `pictures`, and the
    denominator of every share that does not name another.

    never_chosen:  pictures whose label none of the taggers chose.
    random_tagger: how often one tagger, drawn at random, chose the label.
    two_taggers:   how often two taggers of the same picture, drawn at random, gave the same answer.
    plurality:     how often the label has the most votes: "ties_kept" counts a tie for the first place as
                   agreement, "ties_lost" as none, "ties_shared" as its share (one half for two winners).
    single_winner: among the pictures with one single winner only, how often it is the label.
    majority:      among the pictures with more than half of the votes on one answer, how often it is the label.
    """
    total, most = votes.sum(axis=1), votes.max(axis=1)
    own = votes[np.arange(len(votes)), labels]
    winners = (votes == most[:, None]).sum(axis=1)
    wins, single, majority = own == most, winners == 1, 2 * most > total
    pairs = np.maximum(total * (total - 1), 1)
    return {
        "pictures": len(votes),
        "never_chosen": {"pictures": int((own == 0).sum()), "share": _mean(own == 0)},
        "random_tagger": _mean(own / total),
        "two_taggers": _mean((votes * (votes - 1)).sum(axis=1) / pairs),
        "plurality": {
            "ties_kept": _mean(wins),
            "ties_lost": _mean(wins & single),
            "ties_shared": _mean(wins / winners),
        },
        "single_winner": {"pictures": int(single.sum()), "share": _mean(wins[single])},
        "majority": {"pictures": int(majority.sum()), "share": _mean(wins[majority])},
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.0


def vote_matrix(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(7, 10) float64: for the pictures of each FER-2013 label, the mean share of the votes for each answer."""
    shares = votes / votes.sum(axis=1, keepdims=True)
    return np.stack([shares[labels == k].mean(axis=0) for k in range(len(EMOTIONS))])


def figures(faces: Faces, votes: dict[str, np.ndarray]) -> dict:
    """All figures of a data set and the votes for it, plain values ready for JSON.

    matrix: 7 rows (FER-2013 labels), 10 columns (`ANSWERS`), mean shares over all pictures.
    measures: `measure` of "all" pictures, of those that at least one tagger took for a face ("faces"), and
        of each split; each with "classes", the same for the pictures of one label.
    """
    splits = faces.splits()
    labels = np.concatenate([split.labels for split in splits.values()])
    counts = np.concatenate([votes[name] for name in splits])
    a_face = counts[:, NOT_A_FACE] < counts.sum(axis=1)
    groups = {"all": (counts, labels), "faces": (counts[a_face], labels[a_face])}
    groups |= {name: (votes[name], split.labels) for name, split in splits.items()}
    return {
        "rows": list(EMOTIONS),
        "columns": list(ANSWERS),
        "matrix": vote_matrix(counts, labels).round(6).tolist(),
        "measures": {name: _with_classes(*group) for name, group in groups.items()},
    }


def _with_classes(votes: np.ndarray, labels: np.ndarray) -> dict:
    classes = {emotion: measure(votes[labels == k], labels[labels == k]) for k, emotion in enumerate(EMOTIONS)}
    return measure(votes, labels) | {"classes": classes}


def vote_targets(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Targets (N, 7) float32 from the votes (N, 10), and which pictures have one (N,) bool.

    A vote for one of the seven emotions counts for it. "Unknown" is a person who could not tell: it is spread evenly
    over the seven. "Contempt" is none of the seven, and "not a face" no expression: they are left out. A picture with
    as many votes left out as kept, or more, has no target, and is not trained on.
    """
    emotions = votes[:, : len(EMOTIONS)].astype("float64")
    unknown = votes[:, ANSWERS.index("unknown")]
    counted = emotions + unknown[:, None] / len(EMOTIONS)
    kept = counted.sum(axis=1)
    used = 2 * kept > votes.sum(axis=1)
    return (counted / np.maximum(kept, 1e-9)[:, None]).astype("float32"), used


# --------------------------------------------------------------------------------- keeping it


def record(faces: Faces, table: Votes, path: Path = RECORD) -> Path:
    """Write the figures with their provenance to `path`, and the votes for all pictures beside it."""
    votes = votes_for(table, faces)
    provenance = {
        "source": SOURCE,
        "licence": LICENCE,
        "votes_sha256": table.sha256,
        "data": faces.name,
        "checksum": content_checksum(faces.splits()),
        "command": COMMAND,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("emotionlab", "numpy")},
    }
    write_json(path, {**figures(faces, votes), "provenance": provenance})
    kept = {name: counts.astype(np.uint8) for name, counts in votes.items()}
    checksum = np.array(content_checksum({"train": faces.train}))
    write_arrays(path.with_name(VOTES_RECORD.name), {"train_checksum": checksum, **kept})
    return path


def recorded_figures(path: Path = RECORD) -> dict:
    """The figures of FER+ against FER-2013 that come with the package, see `figures`."""
    return json.loads(path.read_text(encoding="utf-8"))


def recorded(path: Path = RECORD):
    """The recorded 7 x 10 matrix as a DataFrame: rows FER-2013 labels, columns mean share of the ten votes."""
    import pandas as pd

    known = recorded_figures(path)
    index = pd.Index(known["rows"], name="FER-2013 label")
    return pd.DataFrame(known["matrix"], index=index, columns=pd.Index(known["columns"], name="FER+ answer"))


def recorded_votes(split: str = "test", path: Path = VOTES_RECORD) -> np.ndarray:
    """(3589, 10) int64, the votes for the "validation" or "test" pictures, in the order of the recorded runs.
    ("train": (28709, 10), in the order of the Kaggle archive; see `training_votes`.)

    Row i belongs to `run.labels(split)[i]` and `run.probabilities(split)[i]` of every run in
    `emotionlab.runs.reference`. Raises DataError for another split.
    """
    with np.load(path, allow_pickle=False) as arrays:
        if split not in _USAGE.values():
            raise DataError(f"Expected the split {', '.join(_USAGE.values())}, found {split!r}; choose one of them.")
        return arrays[split].astype(np.int64)


def training_votes(split: Split, path: Path = VOTES_RECORD) -> np.ndarray:
    """(N, 10) int64, the recorded votes for these training pictures.

    Raises DataError unless they are the training pictures of the Kaggle archive, all and in its order.
    """
    with np.load(path, allow_pickle=False) as arrays:
        expected = str(arrays["train_checksum"])
    if content_checksum({"train": split}) != expected:
        raise DataError(
            f"Expected the 28,709 training pictures of FER-2013 as in the Kaggle archive, found {len(split):,} other "
            "ones: only for those the votes are recorded; import the archive, and train on all of them."
        )
    return recorded_votes("train", path)


# --------------------------------------------------------------------------------- the command


def add_ferplus(parts) -> None:
    """Add `emotionlab data ferplus VOTES` to the subcommands of `emotionlab data`."""
    parser = parts.add_parser("ferplus", help="compare FER-2013's labels with the ten FER+ votes for each picture")
    parser.add_argument("votes", metavar="VOTES", help="FER+'s fer2013new.csv, or a table with a column file")
    parser.add_argument(
        "--data", default="fer2013", metavar="SOURCE", help="FER-2013: a file or folder (default: the imported one)"
    )
    parser.add_argument("--record", action="store_true", help="keep the figures in the package (for its makers)")
    parser.set_defaults(command=_ferplus)


def _ferplus(chosen) -> None:
    from emotionlab.data.loading import load_faces

    if chosen.record:
        keep_outside("VOTES", chosen.votes, PACKAGE)
        keep_outside("--data", chosen.data, PACKAGE)
    table = read_votes(chosen.votes)
    faces = load_faces(chosen.data)
    if faces.name != "fer2013":
        raise DataError(
            f"Expected the real FER-2013 to compare with FER+, found {faces.name} faces; run "
            f"`{command('data import')}`."
        )
    if chosen.record:
        print(f"✔ Recorded in {record(faces, table)}")
    else:
        print(summary(figures(faces, votes_for(table, faces))))


def summary(known: dict) -> str:
    """The figures in words, each with its denominator."""
    lines = []
    for group, of_what in (("all", "pictures"), ("faces", "pictures that at least one tagger took for a face")):
        part = known["measures"][group]
        plurality, single, majority = part["plurality"], part["single_winner"], part["majority"]
        lines += [
            f"Of {part['pictures']:,} {of_what}:",
            f"  {part['never_chosen']['share']:.1%} have a label that none of the ten taggers chose",
            f"  {part['random_tagger']:.1%} agreement of the label with one tagger drawn at random",
            f"  {part['two_taggers']:.1%} agreement of two taggers of the same picture",
            f"  {plurality['ties_lost']:.1%} to {plurality['ties_kept']:.1%} have a label with the most votes "
            f"(a tie counts as disagreement, or as agreement; {plurality['ties_shared']:.1%} when shared)",
            f"  {single['share']:.1%} of the {single['pictures']:,} with one winner agree",
            f"  {majority['share']:.1%} of the {majority['pictures']:,} with a majority (over half of the votes) agree",
        ]
    lines.append("Agreement with the one winner, by label:")
    for emotion, part in known["measures"]["all"]["classes"].items():
        lines.append(f"  {emotion:<9} {part['single_winner']['share']:6.1%} of {part['single_winner']['pictures']:,}")
    return "\n".join(lines)
