"""The table of measured results in README.md, made from the recorded runs and nothing else.

`python -m emotionlab.teaching.readme` writes it anew; a test compares.
"""

import sys
from pathlib import Path

from emotionlab import reference
from emotionlab.errors import EmotionLabError
from emotionlab.evaluation import Report, percent
from emotionlab.runs import Run

BEGIN, END = "<!-- results: begin (python -m emotionlab.teaching.readme) -->", "<!-- results: end -->"

COLUMNS = (
    "Run",
    "Network",
    "Weights start",
    "Parameters",
    "PublicTest",
    "PrivateTest (95 % interval)",
    "PrivateTest, mirrored too (95 % interval)",
    "Macro F1",
    "Minutes, hardware",
    "Command",
)


def table() -> str:
    """All recorded runs as a Markdown table, the best on PublicTest last (PrivateTest chooses nothing)."""
    runs = [reference.load(name) for name in reference.names()]
    runs.sort(key=lambda run: run.report("validation").accuracy)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_row(run) for run in runs)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(text: str) -> str:
    """README's text with the table between its two marks replaced. Raises EmotionLabError without the marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise EmotionLabError(f"Expected the marks {BEGIN} and {END}, found them not; put them back.")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


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
        f"{test.macro_f1:.3f}",
        f"{made['minutes']:.0f} min, {made['hardware']}",
        "`" + made["command"].replace("|", "\\|") + "`",
    )


def _with_interval(report: Report) -> str:
    low, high = report.accuracy_interval
    return f"{percent(report.accuracy)} ({100 * low:.1f} to {100 * high:.1f})"


def main(path: Path = Path("README.md")) -> int:
    """Rewrite the table in `path`."""
    path.write_text(with_table(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    print(f"✔ {path}: {len(reference.names())} recorded runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
