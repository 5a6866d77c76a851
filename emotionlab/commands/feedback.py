"""The command `emotionlab feedback`: what visitors of the app said about its answers."""

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.outputs import keep_apart


def add_feedback(commands) -> None:
    """Add `emotionlab feedback` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "feedback",
        help="what visitors of the app said about its answers",
        description="Read the replies that `emotionlab app --feedback FILE` kept: how often the word was called right, "
        "with its interval, people against the network, and five statements.",
    )
    parser.add_argument("file", metavar="FILE", help="the replies (.csv)")
    parser.add_argument("--out", metavar="FIGURE", help="figure to write (.png)")
    parser.set_defaults(command=_feedback)


def _feedback(chosen) -> int:
    from emotionlab.live.feedback import Feedback, feedback_figure, read_rows
    from emotionlab.live.video import written_whole

    feedback = Feedback(read_rows(chosen.file))
    out = _figure_file(chosen)
    print(feedback.in_words())
    if out:
        with written_whole(out) as temporary:
            feedback_figure(feedback).savefig(temporary, dpi=120)
        print(f"✔ Written: {out}")
    return 0


def _figure_file(chosen):
    if chosen.out is None:
        return None
    out = file_path("--out", chosen.out)
    if out.suffix.lower() != ".png":
        raise EmotionLabError(f"Expected a name that ends in .png for the figure, found {out.name!r}.")
    keep_apart({"--out": out}, {"the replies": file_path("the file", chosen.file)})
    return out
