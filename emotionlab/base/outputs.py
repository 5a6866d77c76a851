"""No output is written over what it is made from, nor over another output."""

import os
import sys
from itertools import combinations
from pathlib import Path

from emotionlab.base.errors import EmotionLabError, RunError


def keep_apart(outputs: dict[str, Path | None], inputs: dict[str, Path]) -> None:
    """Refuse an output that is one of the inputs, or two outputs that are one file.

    outputs: what each is called, such as "--csv", and its path, or None where it is not wanted.
    inputs: what each is called, such as "the video", and its path.
    Raises EmotionLabError.
    """
    wanted = {name: path for name, path in outputs.items() if path is not None}
    for name, path in wanted.items():
        for what, source in inputs.items():
            if same_file(path, source):
                raise EmotionLabError(
                    f"Expected another name for {name}, found that of {what}, {source}, which would be lost; "
                    "choose a name that is free."
                )
    for (one, path), (other, second) in combinations(wanted.items(), 2):
        if same_file(path, second):
            raise EmotionLabError(
                f"Expected a file of its own for {one} and {other}, found {path} for both; choose two names."
            )


def keep_outside(option: str, source, written: Path) -> None:
    """Refuse an input that a command would write over: it lies in the file or folder `written`, or holds it.

    option: what the command calls the input. source: its path, or None, or a word that is no path.
    Raises RunError.
    """
    if not source or not os.path.exists(os.path.expanduser(source)):
        return
    found, target = Path(os.path.expanduser(source)).resolve(), Path(written).resolve()
    if found.is_relative_to(target):
        raise RunError(
            f"Expected {option} outside {written}, which this command writes, found {source}; copy it to another "
            "place, or have the result kept under another name."
        )


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file, through links too, and whether it is there yet or not."""
    try:
        if os.path.samefile(one, other):
            return True
    except (OSError, ValueError):  # one of them is not there
        pass
    return _spelled(one) == _spelled(other)


def _spelled(path: Path) -> str:
    """The path without links; in small letters where the system does not tell them from capitals."""
    whole = os.path.realpath(os.path.expanduser(path))
    return whole.casefold() if sys.platform in ("win32", "darwin") else whole
