"""Packing CREMA-D's votes for the package: `python -m emotionlab.labs pack_cremad VOTES SPLITS`."""

import csv
import json
from pathlib import Path

import numpy as np

from emotionlab.base.errors import EmotionLabError


def add_people(commands) -> None:
    """Add `pack_cremad` to the subcommands of `python -m emotionlab.labs`."""
    parser = commands.add_parser("pack_cremad", help="pack CREMA-D's votes for the package")
    parser.add_argument("votes", metavar="VOTES", help="a CSV: file, modality, and the six counts")
    parser.add_argument("splits", metavar="SPLITS", help="a JSON file: the actors of train, dev and test")
    parser.set_defaults(command=lambda chosen: pack_votes(chosen.votes, chosen.splits))


def pack_votes(votes, splits) -> None:
    """Write the shipped file. Raises EmotionLabError where a clip lacks a sense or an actor a split."""
    from emotionlab.base.files import write_arrays
    from emotionlab.senses.people import PACKED, SENSES

    answers = ("anger", "disgust", "fear", "happy", "neutral", "sad")
    try:
        with Path(votes).open(encoding="utf-8", newline="") as file:
            rows = {(row["file"], row["modality"]): row for row in csv.DictReader(file)}
        actors = json.loads(Path(splits).read_text(encoding="utf-8"))
        split_of = {actor: number for number, name in enumerate(("train", "dev", "test")) for actor in actors[name]}
        files = sorted({name for name, _ in rows})
        counts = [[[int(rows[name, sense][answer]) for answer in answers] for sense in SENSES] for name in files]
        numbers = [split_of[int(name[:4])] for name in files]
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as problem:
        raise EmotionLabError(
            f"Expected votes for each clip and sense, and a split for each actor: {problem}."
        ) from None
    arrays = {"files": np.array(files), "counts": np.array(counts, np.uint8), "splits": np.array(numbers, np.uint8)}
    write_arrays(PACKED, arrays)
    print(f"✔ {len(files):,} clips in {PACKED}, {PACKED.stat().st_size:,} bytes")
