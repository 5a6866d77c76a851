"""How long every notebook runs in full, and how much memory it takes: `python -m emotionlab.teaching.times`.

Lessons, solutions and electives are run one after the other on drawn faces, in full mode, and each is kept in the
record as soon as it is through. A notebook whose code is as it was when it was measured is not run again, so an
interrupted measurement goes on where it stopped. README's table and the line "Time:" of each lesson are written from
the record.
"""

import argparse
import datetime
import hashlib
import json
import math
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

import nbformat

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed
from emotionlab.course.files import course_source
from emotionlab.labs import records
from emotionlab.teaching.timing import Took, measure

NAME = "notebook_times.json"
COMMAND = "uv run python -m emotionlab.teaching.times"

MOST_MINUTES, MOST_GIB = 15, 1.5
"""What a notebook may take: a quarter of an hour, and what a small public machine can give one kernel."""

MOST_FAST = 60
"""Seconds that a lesson may take in fast mode."""

BUSY = 0.2
"""Where other programs took more of the processors than this, a time says only that it takes no longer."""

PARTS = ("lessons", "solutions", "lessons/electives")
"""The folders of the course in the order in which they are measured."""

_TIME = re.compile(r"^(\*\*Time:\*\*.*?)\.?(?: (?:On two cores|The cells)\b.*)?$", re.MULTILINE)


def notebooks(course: Path, only: str = "*") -> list[str]:
    """The notebooks of the course, such as "lessons/03_x.ipynb", in the order in which they are measured.

    only: a pattern as in a terminal, such as "lessons/03*". Raises EmotionLabError where it fits none.
    """
    there = [path.relative_to(course).as_posix() for part in PARTS for path in listed(course / part, "*.ipynb")]
    chosen = [name for name in there if fnmatch(name, only)]
    if not chosen:
        raise EmotionLabError(
            f"Expected a pattern that fits notebooks, such as 'lessons/03*', found {only!r}, which fits none of "
            f"{len(there)}; quote it, so that the terminal leaves it as it is."
        )
    return chosen


def code_checksum(path: Path) -> str:
    """Checksum of a notebook's code: words, and how much fast mode does, may change without a new measurement."""
    cells = nbformat.read(path, as_version=4).cells
    code = json.dumps([re.sub(r"\bquick=[\d_]+", "quick", c.source) for c in cells if c.cell_type == "code"])
    return hashlib.sha256(code.encode()).hexdigest()[:16]


# ------------------------------------------------------------------------------------------ measuring


def record(course: Path, only: str = "*", again: bool = False, limit: float = 2 * MOST_MINUTES) -> None:
    """Measure the notebooks that fit `only` and keep each at once. again: also those whose code is as it was.

    limit: minutes after which a notebook is stopped. Raises EmotionLabError at the end when one could not be measured.
    """
    from tqdm import tqdm

    failed, chosen, fresh = [], notebooks(course, only), set() if again else _fresh(course)
    with tqdm(chosen, unit="notebook", disable=None) as bar:
        for name in bar:
            bar.set_description(name)
            if name in fresh:
                bar.write(f"· {name}: its code is as it was when it was measured")
                continue
            try:
                took = measure(course / name, course, 60 * limit, lambda told: bar.set_postfix_str(told))
            except EmotionLabError as problem:
                failed.append(name)
                bar.write(f"✘ {problem}")
                continue
            _keep(name, course, took)
            bar.write(_told(name, took))
    if failed:
        raise EmotionLabError(
            f"Expected every notebook to run to its end, found {len(failed)} that did not ({', '.join(failed)}), each "
            "with its reason above; mend them and give the command again: what is measured is kept."
        )


def tell_fast(course: Path, only: str = "*") -> None:
    """Run the notebooks that fit `only` in fast mode and print what each took; nothing is recorded."""
    for name in notebooks(course, only):
        took = measure(course / name, course, 60 * MOST_MINUTES, fast=True)
        mark, over = "✔", ""
        if took.seconds > MOST_FAST:
            mark, over = "⚠", f", where at most {MOST_FAST} are meant"
        print(f"{mark} {name}: {took.seconds:.0f} seconds in fast mode{over}", flush=True)


def _fresh(course: Path) -> set[str]:
    return recorded().keys() - stale(course)


def _keep(name: str, course: Path, took: Took) -> None:
    """Put one notebook into the record; the file is written whole or not at all."""
    from emotionlab.runs import provenance

    entry = {
        "seconds": round(took.seconds, 1),
        "cpu_seconds": round(took.cpu_seconds, 1),
        "peak_mib": round(took.peak_bytes / 2**20),
        "others": round(took.others, 2),
        "code": code_checksum(course / name),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "hardware": provenance.hardware(),
        "commit": provenance.commit(),
    }
    there = {known: kept for known, kept in recorded().items() if (course / known).is_file()}
    records.keep(NAME, {"notebooks": dict(sorted((there | {name: entry}).items()))}, COMMAND)


def _told(name: str, took: Took) -> str:
    minutes, gib = took.seconds / 60, took.peak_bytes / 2**30
    over = [f"{minutes:.0f} minutes where at most {MOST_MINUTES} are meant"] if minutes > MOST_MINUTES else []
    over += [f"{gib:.2f} GiB where at most {MOST_GIB} are meant"] if gib > MOST_GIB else []
    return f"{'⚠' if over else '✔'} {name}: {minutes:.1f} minutes, {gib:.2f} GiB" + "".join(f"; {one}" for one in over)


# ------------------------------------------------------------------------------------------ what is recorded


def recorded() -> dict[str, dict]:
    """What was measured, by the notebook's name, such as "lessons/03_x.ipynb"."""
    return records.read(NAME, COMMAND)["notebooks"]


def stale(course: Path) -> set[str]:
    """The recorded notebooks whose code is another than when they were measured, or that are gone."""
    return {
        name
        for name, entry in recorded().items()
        if not (course / name).is_file() or code_checksum(course / name) != entry["code"]
    }


def sentence(entry: dict, drawn: bool = True) -> str:
    """What a lesson says about its cells, behind how long a reader needs. drawn: whether it shows drawn faces."""
    minutes = round(entry["seconds"] / 60)
    words = {0: "less than a minute", 1: "about a minute"}.get(minutes, f"about {minutes} minutes")
    if entry["others"] > BUSY and entry["seconds"] > 60:
        words = f"less than {math.ceil(entry['seconds'] / 60)} minutes"
    return f"On two cores{' and with drawn faces' if drawn else ''}, the cells run in {words}."


def first_cell(notebook: dict, entry: dict) -> str:
    """The text of a lesson's first cell, whose line "Time:" ends with what was measured."""
    first, *others = ("".join(cell["source"]) for cell in notebook["cells"])
    drawn = any(name in text for text in others for name in ("load_faces", "draw_faces"))
    return _TIME.sub(lambda found: f"{found[1]}. {sentence(entry, drawn)}", first, count=1)


def write_lines(course: Path) -> list[str]:
    """Write the line "Time:" of each lesson that is recorded; returns the names of those that changed."""
    changed = []
    for name, entry in recorded().items():
        path = course / name
        if not name.startswith("lessons/") or not path.is_file():
            continue
        notebook = json.loads(path.read_text(encoding="utf-8"))
        after = first_cell(notebook, entry)
        if after != "".join(notebook["cells"][0]["source"]):
            notebook["cells"][0]["source"] = after.splitlines(keepends=True)
            text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(name)
    return changed


def table(course: Path | None = None) -> str:
    """Minutes and memory of each measured lesson or elective and of its solution, as Markdown; the machine below."""
    course = course or course_source()
    there, old = recorded(), stale(course)
    rows = [("Notebook", "Minutes", "Memory (GiB)", "Solution: minutes", "Memory (GiB)")]
    rows.append(("---",) * len(rows[0]))
    for name in sorted({_page_of(name) for name in there}, key=lambda name: (name.count("/"), name)):
        solution = f"solutions/{Path(name).name}"
        cells = [part for one in (name, solution) for part in _cells(there.get(one), one in old)]
        rows.append((f"[{Path(name).stem}]({name})", *cells))
    every = notebooks(course)
    missing = len(set(every) - there.keys())
    told = f" Not measured yet: {missing} of {len(every)} notebooks; `{COMMAND} --list` names them." if missing else ""
    return "\n".join([*(f"| {' | '.join(row)} |" for row in rows), "", _below(there, old) + told])


def _page_of(name: str) -> str:
    """The lesson or elective of a notebook, which may be its solution."""
    folder, _, file = name.rpartition("/")
    if folder != "solutions":
        return name
    return f"lessons/{file}" if file[:2].isdigit() else f"lessons/electives/{file}"


def _cells(entry: dict | None, is_old: bool) -> tuple[str, str]:
    if entry is None:
        return "–", "–"
    minutes, gib = entry["seconds"] / 60, entry["peak_mib"] / 2**10
    mark = " (old)" if is_old else ""
    return (
        f"{minutes:.1f}{' (over)' if minutes > MOST_MINUTES else ''}{mark}",
        f"{gib:.2f}{' (over)' if gib > MOST_GIB else ''}{mark}",
    )


def _below(there: dict, old: set[str]) -> str:
    """Where and when it was measured, and what the words in brackets mean."""
    if not there:
        return f"Nothing is measured yet: `{COMMAND}`."
    machines = sorted({entry["hardware"] for entry in there.values()})
    days = sorted({entry["date"] for entry in there.values()})
    marks = (
        ("(old)", "the code has changed since", bool(old)),
        ("(over)", f"more than the {MOST_MINUTES} minutes or {MOST_GIB} GiB that are meant", _any_over(there)),
    )
    busiest = max(entry["others"] for entry in there.values())
    shared = f" Other programs took up to {100 * busiest:.0f} % of its time meanwhile." if busiest > BUSY else ""
    told = "; ".join(f"{mark}: {meaning}" for mark, meaning, is_used in marks if is_used)
    days = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    return f"Measured {days} on: {'; '.join(machines)}.{shared}" + (f" {told}." if told else "")


def _any_over(there: dict) -> bool:
    return any("(over)" in "".join(_cells(entry, is_old=False)) for entry in there.values())


def overview(course: Path, only: str = "*") -> str:
    """A line for each notebook: what it took, whether its code has changed since, or that it is not measured yet."""
    there, old, lines = recorded(), stale(course), []
    for name in notebooks(course, only):
        minutes, gib = _cells(there.get(name), is_old=False)
        since = f", on {there[name]['date']}" if name in there else ""
        changed = "; its code has changed since" if name in old else ""
        lines.append(f"{name}: " + (f"{minutes} minutes, {gib} GiB{since}{changed}" if since else "not measured yet"))
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------ the command


def main(arguments: list[str] | None = None) -> int:
    """Measure, and return the exit code: 2 with one sentence on stderr for what did not run."""
    parser = argparse.ArgumentParser(prog="python -m emotionlab.teaching.times", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", default="*", metavar="PATTERN", help="only these notebooks, such as 'lessons/03*'")
    parser.add_argument("--again", action="store_true", help="also those whose code is as it was when measured")
    parser.add_argument(
        "--limit", type=float, default=2 * MOST_MINUTES, metavar="MINUTES", help="stop a notebook after these"
    )
    parser.add_argument("--list", action="store_true", help="only say what is measured, and what has changed since")
    parser.add_argument("--fast", action="store_true", help="only say what each takes in fast mode")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.fast:
            tell_fast(course_source(), chosen.only)
            return 0
        if chosen.list:
            print(overview(course_source(), chosen.only))
            return 0
        record(course_source(), chosen.only, chosen.again, chosen.limit)
    except EmotionLabError as problem:
        print(f"emotionlab.teaching.times: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. What is measured is kept; give the command again to go on.", file=sys.stderr)
        return 130
    print("✔ Recorded. Now README and the lessons: uv run python -m emotionlab.teaching.readme")
    return 0


if __name__ == "__main__":
    sys.exit(main())
