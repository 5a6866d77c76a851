"""The tables of measured results in README.md, made from what is recorded and nothing else.

`python -m emotionlab.teaching.readme` writes them anew, and the line "Time:" of the lessons; a test compares.
"""

import sys
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.evaluation import Report, compare, percent
from emotionlab.labs import leak, speeds
from emotionlab.runs import Run, reference
from emotionlab.teaching import times
from emotionlab.teaching.readme_senses import SENSES, markdown
from emotionlab.teaching.readme_votes import votes_table

COLUMNS = (
    "Run",
    "Network",
    "Weights start",
    "Parameters",
    "PublicTest",
    "PrivateTest (95 % interval)",
    "PrivateTest, mirrored too (95 % interval)",
    "Leak-free, mirrored too",
    "Macro F1",
    "ms a picture",
    "Minutes, hardware",
    "Command",
)


def table() -> str:
    """All recorded runs as a Markdown table, the best on PublicTest last (PrivateTest chooses nothing)."""
    runs = [reference.load(name) for name in reference.names()]
    runs.sort(key=lambda run: run.report("validation").accuracy)
    rows = [COLUMNS, *(_row(run) for run in runs)]
    return markdown(rows)


def pairs_table() -> str:
    """What ImageNet was worth: each network that was trained from random weights and from ImageNet's, and the gain."""
    rows = [("Network", "Pixels", "Epochs", "From random weights", "From ImageNet", "Gain in points (95 % interval)")]
    runs = [reference.load(name) for name in reference.names()]
    for start in runs:
        rows += [_pair(start, run) for run in runs if _is_twin(start, run)]
    return markdown(rows)


def _is_twin(start: Run, run: Run) -> bool:
    """Whether `start` learned from random weights what `run` learned from ImageNet's, and for as many epochs."""
    starts = (start.provenance["initialisation"], run.provenance["initialisation"])
    if starts != ("random", "imagenet") or start.recipe.epochs != run.recipe.epochs:
        return False
    return speeds.network_of(start.provenance) == speeds.network_of(run.provenance)


def search_table() -> str:
    """What each change to the recipe was worth on PublicTest, as a Markdown table, the start first."""
    from emotionlab.labs import recipe_search

    rows = [("Change", "PublicTest", "Gain in points (95 % interval)", "Parameters", "Minutes")]
    for row in recipe_search().itertuples():
        gain = _points(row.gain, row.gain_low, row.gain_high)
        rows.append((row.Index, percent(row.accuracy), gain, f"{row.parameters:,}", f"{row.minutes:.0f}"))
    return markdown(rows)


def teachers_table() -> str:
    """What a small network gained from larger ones, and from votes too, on PublicTest, as a Markdown table."""
    from emotionlab.labs import teacher_search

    rows = [("Learned from", "PublicTest", "Gain in points (95 % interval)", "Mirrored too", "Minutes")]
    for row in teacher_search().itertuples():
        gain = _points(row.gain, row.gain_low, row.gain_high)
        rows.append((row.Index, percent(row.accuracy), gain, percent(row.mirrored), f"{row.minutes:.0f}"))
    return markdown(rows)


def taught_table() -> str:
    """How far each taught network is ahead of the same one without teachers, the shortest run first, in Markdown."""
    rows = [("Taught", "Ahead of", "Epochs", "PublicTest", "Mirrored too", "PrivateTest", "Mirrored too")]
    runs = sorted(map(reference.load, reference.names()), key=lambda run: run.recipe.epochs)
    for taught in (run for run in runs if run.recipe.teacher):
        rows += [_ahead(taught, run) for run in runs if _is_untaught(run, taught)]
    return markdown(rows)


def _is_untaught(run: Run, taught: Run) -> bool:
    return run.provenance["network"] == taught.provenance["network"] and not run.recipe.has_soft_targets


def _ahead(taught: Run, other: Run) -> tuple[str, ...]:
    """One row of the table of taught networks."""
    gains = []
    for split in ("validation", "test"):
        for tta in ("none", "flip"):
            pair = compare([taught, other], split=split, tta=tta).pair(taught.name, other.name)
            gains.append(_points(pair.difference, *pair.interval))
    return (taught.name, other.name, str(other.recipe.epochs), *gains)


TABLES = {
    "results": table,
    "pairs": pairs_table,
    "search": search_table,
    "teachers": teachers_table,
    "taught": taught_table,
    "votes": votes_table,
    "times": times.table,
    **SENSES,
}
"""What stands between the marks of each name."""


def marks(name: str) -> tuple[str, str]:
    """The two lines of README.md between which the table called `name` stands."""
    return f"<!-- {name}: begin (python -m emotionlab.teaching.readme) -->", f"<!-- {name}: end -->"


def with_tables(text: str) -> str:
    """README's text with each table between its two marks replaced. Raises EmotionLabError without the marks."""
    for name, make in TABLES.items():
        begin, end = marks(name)
        before, found_begin, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not found_begin or not found_end:
            raise EmotionLabError(f"Expected the marks {begin} and {end}, found them not; put them back.")
        text = f"{before}{begin}\n\n{make()}\n\n{end}{after}"
    return text


def _row(run: Run) -> tuple[str, ...]:
    made, test = run.provenance, run.report("test")
    return (
        run.name,
        made["network"],
        made["initialisation"],
        f"{made['parameters']:,}",
        percent(run.report("validation").accuracy),
        _with_interval(test),
        _with_interval(run.report("test", tta="flip")),
        percent(leak(run).accuracy["clean"]),
        f"{test.macro_f1:.3f}",
        f"{speeds.of_run(run):.0f}",
        f"{made['minutes']:.0f} min, {made['hardware']}",
        "`" + made["command"].replace("|", "\\|") + "`",
    )


def _pair(start: Run, imagenet: Run) -> tuple[str, ...]:
    """One row of the table of pairs."""
    test = compare([imagenet, start]).pair(imagenet.name, start.name)
    accuracies = (percent(report.accuracy) for report in (test.report_b, test.report_a))
    gain = _points(test.difference, *test.interval)
    network, pixels = speeds.network_of(start.provenance)
    return (network, str(pixels), str(start.recipe.epochs), *accuracies, gain)


def _points(gain: float, low: float, high: float) -> str:
    """A gain (-1 to 1) and its interval in points, such as "+1.6 (+0.4 to +2.8)"."""
    gain, low, high = (round(100 * part, 1) + 0.0 for part in (gain, low, high))  # -0.0 + 0.0 is 0.0
    return f"{gain:+.1f} ({low:+.1f} to {high:+.1f})"


def _with_interval(report: Report) -> str:
    low, high = report.accuracy_interval
    return f"{percent(report.accuracy)} ({100 * low:.1f} to {100 * high:.1f})"


def main(path: Path = Path("README.md")) -> int:
    """Rewrite the tables in `path`, and the line "Time:" of the lessons beside it."""
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    for name in times.write_lines(path.parent):
        print(f'✔ {name}: its line "Time:"')
    print(f"✔ {path}: {len(reference.names())} recorded runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
