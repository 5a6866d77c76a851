"""What visitors of the app say about its answers: one row a reply in a local CSV, and what the rows say together.

    emotionlab app --feedback replies.csv        # the app asks after an answer; off without it
    emotionlab feedback replies.csv --out replies.png

A row holds words and numbers that were ticked: never a picture, a sound, a text or a name.
"""

import csv
import io
import os
import tempfile
import threading
from dataclasses import dataclass

import numpy as np

from emotionlab.base.answers import NOT_SURE
from emotionlab.base.arguments import file_path, shown
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.base.files import refuse_pipe
from emotionlab.base.locks import lock

RIGHT = ("yes", "no", "cannot say")
"""What one may answer to whether the word was right."""

NONE_OF_THESE = "none of these"
"""What one may say instead of one of the seven emotions."""

STATEMENTS = {
    "easy": "It was easy to use.",
    "clear": "I understood what the answer means.",
    "fast": "It was fast enough.",
    "trust": "I would trust its answer.",
    "again": "I would use it again.",
}
"""The five statements, by the names of their columns."""

STEPS = ("strongly disagree", "disagree", "neither", "agree", "strongly agree")
"""The scale, 1 to 5."""

INPUTS = ("picture", "text", "voice")
COLUMNS = ("date", "input", "said", "right", "person", *STATEMENTS)

_ALLOWED = {
    "input": INPUTS,
    "said": (*EMOTIONS, NOT_SURE),
    "right": RIGHT,
    "person": (*EMOTIONS, NONE_OF_THESE, ""),
    **dict.fromkeys(STATEMENTS, ("", "1", "2", "3", "4", "5")),
}


class FeedbackFile:
    """The CSV that replies go to. path: a file that is not there yet, or one with earlier replies.

    Raises EmotionLabError where it could not be written, DataError where it is another file.
    """

    def __init__(self, path):
        self.path = file_path("--feedback", path)
        self._lock = threading.Lock()
        if not _could_be_written(self.path):
            raise EmotionLabError(
                f"Expected a file for the replies that you may write, found {shown(path)}; choose another."
            )
        if self.path.exists() and self.path.stat().st_size:
            read_rows(self.path, at_least=0)

    def keep(self, row: dict) -> None:
        """Add one reply: a value for each of `COLUMNS`. Raises EmotionLabError where it cannot be written."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        try:
            with self._lock, self.path.open("a+b", buffering=0) as file:
                lock(file.fileno(), wait=True)  # so that one app alone finds the file empty
                size = os.path.getsize(self.path)
                if size == 0:
                    writer.writeheader()
                elif not _ends_a_line(file):  # an editor saved it so
                    text.write("\n")
                writer.writerow(row)
                _append(file, text.getvalue().encode(), size)
        except OSError as problem:
            raise EmotionLabError(
                f"Could not keep the reply ({problem.strerror or problem}); tell whoever runs this app."
            ) from None


def _ends_a_line(file) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def _append(file, content: bytes, size: int) -> None:
    """Add bytes to an unbuffered file of this size, all or none. Raises OSError where there is no room."""
    try:
        left = memoryview(content)
        while left:  # a disk that fills up takes a part, and refuses the next
            left = left[file.write(left) :]
    except OSError:
        file.truncate(size)  # the next reply would be glued to the half of this one
        raise


def _could_be_written(path) -> bool:
    try:
        os.fsencode(path)
        if path.exists() and not path.is_file():  # a pipe would wait for its reader
            return False
        # a file of this name is not made before the first reply
        with path.open("ab") if path.exists() else tempfile.TemporaryFile(dir=path.parent):
            return True
    except (OSError, ValueError):  # a name that is too long, or has letters that no file may have
        return False


def checked_reply(date: str, kind: str, said: str, right, person, marks) -> dict:
    """A row of what somebody ticked. person: one of the seven or `NONE_OF_THESE`, or None. marks: 1 to 5 or None each.

    Raises EmotionLabError where nothing was ticked, or where the two first answers contradict each other.
    """
    if right is None:
        raise EmotionLabError("Expected an answer to the first question, found none; choose yes, no or cannot say.")
    other = person in (*EMOTIONS, NONE_OF_THESE) and person != said and said != NOT_SURE
    if (right == "yes" and other) or (right == "no" and person == said):
        was = "right" if right == "yes" else "wrong"
        raise EmotionLabError(
            f"You said that “{said}” was {was}, and would have said “{person}”; change one of the two."
        )
    own = said if right == "yes" and person is None and said != NOT_SURE else person or ""
    numbers = {name: "" if mark is None else str(mark) for name, mark in zip(STATEMENTS, marks, strict=True)}
    return {"date": date, "input": kind, "said": said, "right": right, "person": own, **numbers}


def read_rows(path, at_least: int = 1) -> list[dict]:
    """The rows of a CSV that the app wrote. Raises DataError for a file that is missing or another one."""
    path = file_path("the file", path, DataError)
    again = "give the file that `emotionlab app --feedback FILE` wrote"
    refuse_pipe(path, "replies")
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except OSError as problem:
        raise DataError(f"Expected replies at {path}, found none ({problem.strerror}); {again}.") from None
    except (ValueError, csv.Error):  # no UTF-8, or a name that no file may have
        raise DataError(f"Expected replies as a CSV at {path}, found a file of another kind; {again}.") from None
    head = tuple(rows[0]) if rows else tuple(next(csv.reader(io.StringIO(text)), ()))
    if head != COLUMNS:
        raise DataError(f"Expected the columns {', '.join(COLUMNS)} in {path}, found others; {again}.")
    for number, row in enumerate(rows, 2):
        wrong = next((name for name, words in _ALLOWED.items() if row[name] not in words), None)
        if wrong:
            raise DataError(
                f"Expected another {wrong} than {row[wrong]!r:.40} in line {number} of {path}; mend the line."
            )
    if len(rows) < at_least:
        raise DataError(f"Expected a reply in {path}, found none; ask somebody first.")
    return rows


@dataclass(frozen=True, eq=False)
class Feedback:
    """What the rows say together. rows: as `read_rows` gives them."""

    rows: list[dict]

    @property
    def called_right(self) -> tuple[int, int]:
        """(how many called the word right, how many said yes or no)."""
        said = [row["right"] for row in self.rows if row["right"] in ("yes", "no")]
        return said.count("yes"), len(said)

    @property
    def same_word(self) -> tuple[int, int]:
        """(how many would have said the network's word, how many said a word of their own); "not sure" is left out."""
        pairs = [(row["person"], row["said"]) for row in self.rows if row["person"] and row["said"] != NOT_SURE]
        return sum(person == said for person, said in pairs), len(pairs)

    @property
    def confusion(self) -> np.ndarray:
        """(8, 8) int64: a row for each word that people said, the last "none of these"; a column for each of the
        network's, the last "not sure"."""
        people, network = (*EMOTIONS, NONE_OF_THESE), (*EMOTIONS, NOT_SURE)
        table = np.zeros((len(people), len(network)), np.int64)
        for row in self.rows:
            if row["person"]:
                table[people.index(row["person"]), network.index(row["said"])] += 1
        return table

    def marks(self, statement: str) -> np.ndarray:
        """(answers,) int64, 1 to 5, of one of `STATEMENTS`."""
        return np.array([int(row[statement]) for row in self.rows if row[statement]], np.int64)

    def agreeing(self, statement: str) -> tuple[int, int]:
        """(how many agree or strongly agree, how many answered)."""
        marks = self.marks(statement)
        return int((marks >= 4).sum()), len(marks)

    def in_words(self) -> str:
        """The figures for a terminal, each share with its 95 % Wilson interval."""
        unsure = sum(row["said"] == NOT_SURE for row in self.rows)
        lines = [f"{len(self.rows)} replies; in {unsure} of them the network was not sure."]
        lines += [f"The answer was called right: {_share(*self.called_right)}."]
        lines += [f"The person's own word was the network's: {_share(*self.same_word)}."]
        for name, statement in STATEMENTS.items():
            marks = self.marks(name)
            mean = f", mean {marks.mean():.1f} of 5" if len(marks) else ""
            lines.append(f"“{statement}” agree: {_share(*self.agreeing(name))}{mean}.")
        return "\n".join(lines)


def _share(count: int, total: int) -> str:
    from emotionlab.metrics.scoring import confidence_interval

    if not total:
        return "nobody said"
    low, high = confidence_interval(count, total)
    return f"{count} of {total}, {100 * count / total:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def feedback_figure(feedback: Feedback):
    """A Matplotlib figure: people against the network as a matrix, and the five statements as bars with intervals."""
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 6), layout="constrained")
    _draw_matrix(left, feedback)
    _draw_statements(right, feedback)
    plt.close(figure)
    return figure


def _draw_matrix(axes, feedback: Feedback) -> None:
    table = feedback.confusion
    axes.imshow(table, cmap="Blues", vmin=0, vmax=max(1, table.max()))
    for (i, j), count in np.ndenumerate(table):
        dark = count > 0.6 * max(1, table.max())
        axes.text(j, i, str(count), ha="center", va="center", color="white" if dark else "black")
    axes.set_xticks(range(8), (*EMOTIONS, NOT_SURE), rotation=45, ha="right")
    axes.set_yticks(range(8), (*EMOTIONS, NONE_OF_THESE))
    same, total = feedback.same_word
    axes.set(xlabel="the network said", ylabel="the person would have said")
    axes.set_title(f"People against the network: the same word\nin {_share(same, total)}")


def _draw_statements(axes, feedback: Feedback) -> None:
    from emotionlab.metrics.scoring import confidence_interval

    for place, name in enumerate(STATEMENTS):
        count, total = feedback.agreeing(name)
        share = count / total if total else 0.0
        low, high = confidence_interval(count, total) if total else (0.0, 0.0)
        axes.barh(place, share, color="#56b4e9", edgecolor="black")
        axes.errorbar(share, place, xerr=[[max(0, share - low)], [max(0, high - share)]], color="black", capsize=4)
        axes.text(1.02, place, f"{count} of {total}", va="center")
    axes.set_yticks(range(len(STATEMENTS)), list(STATEMENTS.values()))
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="share of the people who agree or strongly agree")
    axes.set_title("Five statements, with 95 % intervals")
