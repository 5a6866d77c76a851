"""The command `emotionlab hub`, apart from the starting itself."""

from emotionlab.teaching.hub.choices import Choices


def add_hub(commands) -> None:
    """Add `emotionlab hub` to the subcommands of an argparse parser."""
    usual = Choices()
    parser = commands.add_parser(
        "hub",
        help="start a JupyterHub with the course for a class (for teachers; Linux and macOS)",
        description="Start JupyterHub on this machine: each learner is a user of the system and gets a server with "
        "the course. See INSTRUCTORS.md for what it needs. End it with Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=usual.port, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--group", default=usual.group, metavar="NAME", help="whose members may log in (default: %(default)s)"
    )
    parser.add_argument(
        "--idle", type=int, default=usual.idle, metavar="MINUTES", help="when an unused server stops (default: 60)"
    )
    parser.add_argument("--folder", default=usual.folder, help="for the hub's database (default: %(default)s)")
    parser.add_argument(
        "--alone", action="store_true", help="try it without accounts: one password, any name, nobody is isolated"
    )
    parser.set_defaults(command=_hub)


def _hub(chosen) -> int:
    from emotionlab.teaching.hub.starting import start_hub

    return start_hub(Choices(chosen.port, chosen.group, chosen.idle, folder=chosen.folder), alone=chosen.alone)
