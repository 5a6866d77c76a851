"""The command `emotionlab app`, apart from the app itself, which takes seconds to import."""

from emotionlab.faces.detectors import AUTO, CHOICES
from emotionlab.live.tabs import TABS, chosen_tabs


def add_app(commands) -> None:
    """Add `emotionlab app` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "app",
        help="open the demo for pictures, webcam, videos, texts and voices in a browser",
        description="Open the demo in a browser. It runs on this computer, and nothing leaves it. End it with Ctrl-C.",
    )
    parser.add_argument("--model", metavar="RUN", help="name or folder of a run (default: the network of the course)")
    parser.add_argument("--detector", choices=CHOICES, default=AUTO, help="default: %(default)s")
    parser.add_argument("--only", metavar="TABS", help=f"some of the tabs, such as text,voice (of: {','.join(TABS)})")
    parser.add_argument(
        "--feedback", metavar="FILE", help="ask below an answer whether it was right, and keep the replies in this .csv"
    )
    parser.add_argument("--port", type=int, metavar="N", help="where the app listens (default: 7860 or the next free)")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="for a container: 0.0.0.0 lets other machines in"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.set_defaults(command=_app)


def _app(chosen) -> int:
    chosen_tabs(chosen.only)  # before the seconds that the app takes to import
    from emotionlab.base.notices import warn
    from emotionlab.commands.lab import ending_signals_interrupt
    from emotionlab.live.app import app

    demo = app(chosen.model, detector=chosen.detector, only=chosen.only, feedback=chosen.feedback)
    if chosen.host not in ("127.0.0.1", "localhost"):
        warn(f"Anyone who reaches {chosen.host} can use this app: there is no password.")
    with ending_signals_interrupt():  # so that a closed terminal leaves no upload behind either
        demo.launch(server_name=chosen.host, server_port=chosen.port, inbrowser=not chosen.no_browser)
    return 0
