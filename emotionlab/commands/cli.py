"""The command line: `emotionlab help`, `lab`, `doctor`, `data`, `train`, `evaluate`, `card`, `recognize`,
`app`, `feedback`, `exercises`, `handin`, `dropbox`, `grade`, `handback`, `class`, `site`, `hub`.

Each command is a function that takes the parsed arguments and returns an exit code (None = 0).
What is slow to import is imported inside it, so that `emotionlab --help` answers at once.
"""

import argparse
import contextlib
import difflib
import errno
import os
import sys

from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.version import VERSION
from emotionlab.commands.app import add_app
from emotionlab.commands.cards import add_card
from emotionlab.commands.data import add_data
from emotionlab.commands.feedback import add_feedback
from emotionlab.commands.handing import add_class, add_dropbox, add_handback, add_handin
from emotionlab.commands.hub import add_hub
from emotionlab.commands.recognize import add_recognize
from emotionlab.commands.site import add_site
from emotionlab.commands.train import add_evaluate, add_teach, add_train
from emotionlab.teaching.grading import add_grade

FAILED, INTERRUPTED = 2, 130  # 130 = 128 + SIGINT, as shells count

_OF_THE_COMPUTER = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EIO, errno.ENAMETOOLONG, errno.ELOOP}
"""Rights, room and names: the user can mend them. Any other OSError is a mistake of ours, with its traceback."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 2 with one sentence on stderr for what the user can mend."""
    _make_output_safe()
    try:
        chosen = build_parser().parse_args(arguments)
        code = chosen.command(chosen) or 0
        sys.stdout.flush()  # so that a closed pipe shows here and not when Python exits
        return code
    except EmotionLabError as problem:
        print(f"emotionlab: {problem}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nemotionlab: stopped by Ctrl-C.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # as in `emotionlab data info | head -1`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as problem:
        if problem.errno not in _OF_THE_COMPUTER:
            raise
        print(f"emotionlab: {_told(problem)}", file=sys.stderr)
        return FAILED


def _told(problem: OSError) -> EmotionLabError:
    """What the computer refused, where no command had its own words for it."""
    return EmotionLabError(
        f"Expected to read or write {problem.filename or 'a file'}, found: {problem.strerror}; allow it, make room, or "
        "choose another place."
    )


class _Parser(argparse.ArgumentParser):
    """A parser that names the nearest command, or the nearest choice of an option, for one that is mistyped."""

    def _check_value(self, action, value):  # from Python 3.14 on: suggest_on_error=True
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as problem:
            near = difflib.get_close_matches(str(value), map(str, action.choices), n=1)
            if near:
                problem.message = f"{value!r} is not among the choices; maybe you meant {near[0]!r}?"
            raise


def build_parser() -> argparse.ArgumentParser:
    """The parser with all its commands."""
    parser = _Parser(
        prog="emotionlab",
        description=f"A hands-on deep-learning course on faces. Start with: {settings.command('lab')}",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"emotionlab {VERSION}")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_help(commands, parser)
    _add_lab(commands)
    _add_doctor(commands)
    add_data(commands)
    add_train(commands)
    add_teach(commands)
    add_evaluate(commands)
    add_card(commands)
    add_recognize(commands)
    add_app(commands)
    add_feedback(commands)
    _add_exercises(commands)
    add_handin(commands)
    add_dropbox(commands)
    add_grade(commands)
    add_handback(commands)
    add_class(commands)
    add_site(commands)
    add_hub(commands)
    return parser


def _make_output_safe() -> None:
    """Print a question mark, not a traceback, where a console has no such sign (old Windows code pages)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


# ------------------------------------------------------------------------------ help, lab, doctor


def _add_help(commands, everything: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("help", help="show this text, or the help of a command")
    parser.add_argument("about", nargs="?", metavar="COMMAND", help="such as lab (default: all commands)")
    parser.set_defaults(command=lambda chosen: _help(chosen.about, commands.choices, everything))


def _help(about: str | None, parsers: dict, everything: argparse.ArgumentParser) -> None:
    if about is not None and about not in parsers:
        raise EmotionLabError(f"Expected a command ({', '.join(parsers)}), found {about!r}; give one of them, or none.")
    parsers.get(about, everything).print_help()


def _add_lab(commands) -> None:
    parser = commands.add_parser("lab", help="open the course in JupyterLab, in a copy of your own")
    parser.add_argument("lesson", nargs="?", default="00", metavar="NN", help="lesson that is opened (default: 00)")
    parser.add_argument("--dir", default="my_course", metavar="FOLDER", help="your copy (default: my_course)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--port", type=int, metavar="N", help="where JupyterLab listens (default: 8888)")
    parser.set_defaults(command=_lab)


def _lab(chosen) -> int:
    from emotionlab.commands.lab import open_lab

    return open_lab(chosen.dir, browser=not chosen.no_browser, port=chosen.port, lesson=chosen.lesson)


def _add_doctor(commands) -> None:
    parser = commands.add_parser("doctor", help="check this computer, and say how to mend what is missing")
    parser.set_defaults(command=_doctor)


def _doctor(chosen) -> int:
    from emotionlab.commands.doctor import examine

    return examine()


# -------------------------------------------------------------------------------------- exercises


def _add_exercises(commands) -> None:
    parser = commands.add_parser("exercises", help="make the exercises from their solutions (for teachers)")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    parts = parser.add_subparsers(title="commands", metavar="COMMAND")
    build = parts.add_parser("build", help="write exercises/ and answers.json from solutions/")
    build.add_argument("--solutions", default="solutions", metavar="FOLDER", help="default: solutions")
    build.add_argument("--exercises", default="exercises", metavar="FOLDER", help="default: exercises")
    build.set_defaults(command=_exercises_build)
    verify = parts.add_parser("verify", help="try every check on its bank and on mutants of its solution")
    verify.add_argument("--exercise", default="", metavar="NN", help="only this exercise, such as 03 (default: all)")
    verify.add_argument("--jobs", type=int, default=1, metavar="N", help="how many are tried at once (default: 1)")
    verify.add_argument("--no-notebooks", action="store_true", help="do not run the notebooks")
    verify.add_argument("--no-mutants", action="store_true", help="leave the mutants out: only the banks")
    verify.add_argument("--solutions", default="solutions", metavar="FOLDER", help="default: solutions")
    verify.add_argument("--exercises", default="exercises", metavar="FOLDER", help="default: exercises")
    verify.set_defaults(command=_exercises_verify)


def _exercises_build(chosen) -> None:
    from emotionlab.teaching.release import build

    for path in build(chosen.solutions, chosen.exercises):
        print(f"✔ {path}")


def _exercises_verify(chosen) -> int:
    from emotionlab.teaching.verify import verify

    right = verify(
        chosen.exercise,
        with_notebooks=not chosen.no_notebooks,
        with_mutants=not chosen.no_mutants,
        solutions=chosen.solutions,
        exercises=chosen.exercises,
        jobs=chosen.jobs,
    )
    return 0 if right else 1
