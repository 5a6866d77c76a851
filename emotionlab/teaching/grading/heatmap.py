"""A class over several exercises: learners by exercises, each with its share of the points; and the same in words."""

import html
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import write_whole
from emotionlab.teaching.grading.paper import page, table
from emotionlab.teaching.grading.results import Graded, stored, waits
from emotionlab.teaching.grading.summary import is_late

_SHADES = ((20, "#FFFFFF"), (40, "#DCEBF7"), (60, "#B3D3EC"), (80, "#82B6DD"), (101, "#4E97CC"))
"""Up to which share, in percent, a cell has which colour: the darker, the more. Each carries its number in black."""

_FEW = 50  # percent of the points: whoever has less is named
_MANY_NAMES = 15  # as many are named in a sentence


def write_class(reports: list[Path], out: Path, say: Callable[[str], None] = print) -> int:
    """Write the page `out` about all reports together; returns how many learners, says which results are damaged.

    Raises EmotionLabError.
    """
    found: dict[tuple[str, str], Graded] = {}
    for report in reports:
        results = stored(report, say)
        if not results:
            raise EmotionLabError(
                f"Expected the report of `emotionlab grade` in {report}, found no results; check the path."
            )
        for result in results:
            key = (result.student, result.exercise)
            other = found.get(key, result)
            alike = (other.fingerprint, other.points) == (result.fingerprint, result.points)
            if result.exercise and not alike:
                raise EmotionLabError(
                    f"Expected one report of exercise {result.exercise}, found {result.student} in two that differ; "
                    "name the newer one alone."
                )
            found[key] = result
    try:
        write_whole(out, class_page(found), rights=0o600)  # the marks of a whole class
    except OSError as problem:
        raise EmotionLabError(f"Expected to write {out}, found: {problem.strerror}; give another --out.") from None
    return len({student for student, _ in found})


def _counted(those: list[str], word: str) -> str:
    return f"{len(those)} {word}{'' if len(those) == 1 else 's'}"


def class_page(found: dict[tuple[str, str], Graded]) -> bytes:
    """The page. found: (learner, exercise) -> result."""
    exercises = sorted({exercise for _, exercise in found if exercise})
    students = sorted({student for student, _ in found})
    shares = {key: share for key, result in found.items() if (share := share_of(result)) is not None}
    words = [in_words(exercise, students, found, shares) for exercise in exercises]
    counted = f"{_counted(students, 'learner')}, {_counted(exercises, 'exercise')}"
    parts = [f"<p>{counted}.</p><h2>In words</h2>"]
    words += _look_at(students, exercises, shares)
    parts.append("<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in words))
    parts.append("</ul><h2>As a heat map</h2>")
    parts.append(
        "<p>Each cell is the share of the points that were given so far, in percent; the darker, the more. * A written "
        "answer still waits for a reader. “late” and “–” (nothing to grade) are written out.</p>"
    )
    parts.append('<p id="said" class="screen" role="status"></p>')
    rows = []
    for student in students:
        cells = [_cell(found.get((student, exercise)), shares.get((student, exercise))) for exercise in exercises]
        mine = [shares[student, exercise] for exercise in exercises if (student, exercise) in shares]
        rows.append((html.escape(student), *cells, f"{mean(mine):.0f}" if mine else "–", str(len(mine))))
    head = ("Learner", *exercises, "Mean of these", "How many")
    parts.append(table("Learners by exercises, percent of the points", head, rows))
    return page("The class", "\n".join(parts), width=95, with_script=True)


def share_of(result: Graded) -> float | None:
    """Percent of the points that could be given so far; a written answer that waits is left out. None: no points."""
    waiting = sum(question["possible"] for question in result.questions if waits(question))
    judged = result.possible - waiting
    return None if result.status.startswith("not graded") or not judged else 100 * result.points / judged


def _cell(result: Graded | None, share: float | None) -> str:
    if result is None or share is None:
        return "–"
    colour = next(colour for most, colour in _SHADES if share < most)
    more = ("*" if result.to_mark else "") + (" late" if is_late(result) else "")
    return f'<span class="share" style="background: {colour}">{share:.0f}{more}</span>'


def in_words(exercise: str, students: list[str], found: dict, shares: dict) -> str:
    """One sentence or two about an exercise: how many, how well, and what was hardest."""
    graded = [found[key] for key in shares if key[1] == exercise]
    if not graded:
        return f"Exercise {exercise}: nobody's work could be graded."
    half = median(shares[result.student, exercise] for result in graded)
    late = sum(map(is_late, graded))
    told = f", {late} of them late" if late else ""
    said = f"Exercise {exercise}: {len(graded)} of {len(students)} were graded{told}. "
    said += f"Half of them have at least {half:.0f} % of the points."
    passed: dict[str, list[bool]] = {}
    for result in graded:
        for question in result.questions:
            passed.setdefault(f"{question['question']} {question['title']}", []).append(question["outcome"] == "passed")
    hardest = min(passed, key=lambda title: mean(passed[title]), default="")
    if hardest and not all(passed[hardest]):
        said += f" Hardest was {hardest}, passed by {sum(passed[hardest])}."
    return said


def _look_at(students: list[str], exercises: list[str], shares: dict) -> list[str]:
    """Whom to talk to: who has missed several exercises, and who has less than half of the points."""
    if len(exercises) < 2:
        return []
    missing = [one for one in students if sum((one, exercise) not in shares for exercise in exercises) >= 2]
    low = []
    for one in students:
        mine = [shares[one, exercise] for exercise in exercises if (one, exercise) in shares]
        low += [one] if len(mine) >= 2 and mean(mine) < _FEW else []
    return [
        f"Two exercises or more without anything to grade: {_some(missing)}.",
        f"Less than {_FEW} % on average, over two exercises or more: {_some(low)}.",
    ]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _MANY_NAMES} more" if len(names) > _MANY_NAMES else ""
    return f"{', '.join(names[:_MANY_NAMES]) or 'nobody'}{more}"
