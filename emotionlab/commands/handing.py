"""The commands `emotionlab handin`, `dropbox`, `handback` and `class`."""

from pathlib import Path

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError

_BOX = "the drop box (default: the environment variable EMOTIONLAB_DROPBOX)"


def add_handin(commands) -> None:
    """Add `emotionlab handin` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "handin",
        help="hand an exercise in to your teacher's drop box",
        description="Copy an exercise's notebook, and the modules of yours that it imports, into the drop box. The "
        "last hand-in counts; save the notebook first.",
    )
    parser.add_argument("exercise", metavar="NN", help="the exercise, such as 03")
    parser.add_argument("--to", metavar="BOX", help=_BOX)
    parser.add_argument("--notebook", metavar="FILE", help="the notebook (default: the exercise's own, in this folder)")
    parser.add_argument("--back", action="store_true", help="instead: fetch the page that your teacher gave back")
    parser.add_argument("--for", dest="learner", default="", metavar="LOGIN", help="(teachers) lay in somebody's work")
    parser.set_defaults(command=_handin)


def _handin(chosen) -> None:
    from emotionlab.exercises import numbers
    from emotionlab.exercises.handin import fetch_back, hand_in

    if chosen.exercise.zfill(2) not in numbers():
        known = ", ".join(numbers())
        raise EmotionLabError(f"Expected an exercise ({known}), found {chosen.exercise!r}; give one of them.")
    if chosen.back:
        print(f"✔ Open {fetch_back(chosen.exercise, Path.cwd(), chosen.to)} in a browser.")
        return
    print(f"✔ {hand_in(chosen.exercise, chosen.notebook, chosen.to, chosen.learner)}")


def add_dropbox(commands) -> None:
    """Add `emotionlab dropbox` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "dropbox",
        help="make a drop box for a class, or set its dates (for teachers)",
        description="Make a folder in which learners lay their work and which only its owner reads.",
    )
    parser.add_argument("box", metavar="BOX", help="the folder")
    parser.add_argument("--due", action="append", default=[], metavar="NN=DATE", help="such as 03=2026-12-01T23:59")
    parser.add_argument("--group", default="", metavar="GROUP", help="a group of teachers, who read it too")
    parser.set_defaults(command=_dropbox)


def _dropbox(chosen) -> None:
    from emotionlab.exercises import numbers
    from emotionlab.exercises.dropbox import make_box

    due = {}
    for one in chosen.due:
        number, sign, date = one.partition("=")
        if not sign or number.zfill(2) not in numbers():
            raise EmotionLabError(
                f"Expected --due with an exercise and a date, such as 03=2026-12-01T23:59, found {one!r}; the "
                f"exercises are {', '.join(numbers())}."
            )
        due[number.zfill(2)] = date
    box = make_box(file_path("BOX", chosen.box), due, chosen.group)
    print(f"✔ The drop box is {box.folder}. Learners set EMOTIONLAB_DROPBOX={box.folder.resolve()}")
    for number, date in sorted(box.due.items()):
        print(f"  Exercise {number}: in time until {date}")


def add_handback(commands) -> None:
    """Add `emotionlab handback` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "handback",
        help="give each learner the page of a report that is theirs (for teachers)",
        description="Lay the page of each learner into the drop box, where only that learner reads it.",
    )
    parser.add_argument("report", metavar="REPORT", help="the report of `emotionlab grade`")
    parser.add_argument("--to", metavar="BOX", help=_BOX)
    parser.add_argument("--student", default="", metavar="ID", help="only this learner, as the report calls them")
    parser.set_defaults(command=_handback)


def _handback(chosen) -> int:
    from emotionlab.teaching.grading.back import hand_back

    told = hand_back(file_path("REPORT", chosen.report), chosen.to, chosen.student)
    return 1 if any(told.values()) else 0


def add_class(commands) -> None:
    """Add `emotionlab class` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "class",
        help="a class over several exercises, as a heat map and in words (for teachers)",
        description="Lay the reports of several exercises side by side: learners by exercises.",
    )
    parser.add_argument("reports", nargs="+", metavar="REPORT", help="the reports of `emotionlab grade`")
    parser.add_argument("--out", default="class.html", metavar="FILE", help="the page (default: %(default)s)")
    parser.set_defaults(command=_class)


def _class(chosen) -> None:
    from emotionlab.teaching.grading.heatmap import write_class

    out = file_path("--out", chosen.out)
    count = write_class([file_path("REPORT", report) for report in chosen.reports], out)
    print(f"✔ {count} learners. Open {out}")
