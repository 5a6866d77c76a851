"""The command `emotionlab site`, apart from the building itself, which takes seconds to import."""

from emotionlab.base.errors import EmotionLabError


def add_site(commands) -> None:
    """Add `emotionlab site` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "site",
        help="build the course as pages for a browser (for teachers)",
        description="Run every lesson on drawn faces and lay the course out as pages that need no server. "
        "EMOTIONLAB_FAST=1 builds a quick draft.",
    )
    parser.add_argument("--out", default="site", metavar="FOLDER", help="where the site goes (default: %(default)s)")
    parser.add_argument(
        "--repository", default="", metavar="URL", help="address of the repository, for the buttons Binder and Colab"
    )
    parser.add_argument("--only", metavar="NN,NN", help="only these lessons, such as 00,01 (default: all)")
    parser.add_argument("--again", action="store_true", help="run every notebook anew, whatever is kept of it")
    parser.add_argument("--no-try", action="store_true", help="without the recogniser in the first page (needs no npm)")
    parser.set_defaults(command=_site)


def _site(chosen) -> int:
    from emotionlab.commands.lab import ending_signals_interrupt
    from emotionlab.teaching.site.build import build_site

    only = [name.strip() for name in (chosen.only or "").split(",") if name.strip()]
    if chosen.only is not None and not only:
        raise EmotionLabError(f"Expected lessons after --only, found {chosen.only!r}; give their numbers, as in 00,01.")
    with ending_signals_interrupt():  # so that a closed terminal leaves nothing half-made behind either
        first = build_site(chosen.out, chosen.repository, only, chosen.again, not chosen.no_try)
    print(f"✔ The site is in {chosen.out}: open {first} in a browser.")
    if not chosen.no_try:
        print(
            "Browsers run the recogniser in it from a server only; this starts one and prints its address:\n"
            f'    uv run python -m http.server 0 --bind 127.0.0.1 --directory "{first.parent}"'
        )
    return 0
