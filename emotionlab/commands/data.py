"""`emotionlab data`: get data, and see what is there."""

import contextlib
import sys

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import PACKAGE
from emotionlab.base.outputs import keep_outside
from emotionlab.base.settings import command
from emotionlab.data.ferplus import add_ferplus
from emotionlab.faces.yunet import add_yunet
from emotionlab.models.fetch import add_weights


def add_data(commands) -> None:
    """Add `emotionlab data` with its parts to the commands."""
    parser = commands.add_parser("data", help="get FER-2013, and see what is there")
    parser.set_defaults(command=lambda chosen: parser.print_help())
    parts = parser.add_subparsers(title="commands", metavar="COMMAND")

    download = parts.add_parser("download", help="download FER-2013 from Kaggle (no account needed), or RAVDESS")
    download.add_argument("data", nargs="?", choices=("fer2013", "ravdess"), default="fer2013", help="default: fer2013")
    download.add_argument("--force", action="store_true", help="download again even if it is already there")
    download.set_defaults(command=_data_download)

    importing = parts.add_parser("import", help="take FER-2013 (or RAVDESS) from a file or folder at hand")
    importing.add_argument(
        "path",
        nargs="+",
        metavar="PATH",
        help="archive.zip, an unpacked folder, fer2013.csv, train.csv, ...; for voices: ravdess PATH",
    )
    importing.set_defaults(command=_data_import)

    info = parts.add_parser("info", help="which data a lesson would use, and how many faces of each emotion")
    add_data_option(info)
    info.set_defaults(command=_data_info)

    survey = parts.add_parser("survey", help="count the copies, leaks and conflicts in the data, as JSON")
    add_data_option(survey)
    survey.add_argument("--record", action="store_true", help="keep the result in the package (for its makers)")
    survey.set_defaults(command=_data_survey)
    add_ferplus(parts)
    add_yunet(parts)
    add_weights(parts)


def add_data_option(parser) -> None:
    """Add `--data` to a command that works on faces."""
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        help='"drawn", "fer2013", or a file or folder (default: FER-2013 where it is found, else drawn faces)',
    )


def _data_download(chosen) -> None:
    if chosen.data == "ravdess":
        from emotionlab.sound.ravdess import download_ravdess

        return _say_voices_stored(download_ravdess(force=chosen.force))
    from emotionlab.data import download_faces

    _say_stored(download_faces(force=chosen.force))


def _data_import(chosen) -> None:
    if len(chosen.path) == 2 and chosen.path[0] == "ravdess":
        from emotionlab.sound.ravdess import import_ravdess

        return _say_voices_stored(import_ravdess(chosen.path[1]))
    if len(chosen.path) > 1:
        raise EmotionLabError(
            f"Expected one PATH, or ravdess and a PATH, found {' '.join(chosen.path)!r}; quote a path with spaces."
        )
    from emotionlab.data import import_faces

    _say_stored(import_faces(chosen.path[0]))


def _say_voices_stored(voices) -> None:
    from emotionlab.sound import ravdess

    print(f"✔ {len(voices):,} recordings are ready in {ravdess.path()}: el.load_voices('ravdess').")


def _say_stored(faces) -> None:
    from emotionlab.data import store

    for note in faces.notes:
        print(f"Note: {note}")
    print(f"✔ {len(faces):,} pictures are ready in {store.path()}. Every lesson uses them from now on.")


def _data_info(chosen) -> None:
    import pandas as pd

    from emotionlab.base import settings
    from emotionlab.data import load_faces

    print(f"Data folder: {settings.data_dir()}")
    faces = load_faces(chosen.data)
    counts = pd.DataFrame({name: split.counts() for name, split in faces.splits().items()})
    counts.loc["all"] = counts.sum()
    print(counts.to_string(formatters={name: "{:,}".format for name in counts}))


def _data_survey(chosen) -> None:
    import json

    from emotionlab.data import load_faces, survey
    from emotionlab.data.surveying import record

    if chosen.record:
        keep_outside("--data", chosen.data, PACKAGE)
    with contextlib.redirect_stdout(sys.stderr):  # so that stdout is JSON and nothing else
        faces = load_faces(chosen.data)
    if not chosen.record:
        print(json.dumps(survey(faces), indent=2))
        return
    if faces.name != "fer2013":
        raise EmotionLabError(
            f"Expected the real FER-2013 for a survey to keep, found {faces.name} faces; run "
            f"`{command('data import')}`."
        )
    print(f"✔ Recorded in {record(faces)}")
