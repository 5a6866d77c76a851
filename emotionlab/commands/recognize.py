"""The command `emotionlab recognize`: photos, a video, texts or sounds in, which emotions they show out.

    emotionlab recognize holiday.jpg --out annotated.png
    emotionlab recognize talk.mp4 --timeline talk_line.png
    emotionlab recognize letters.txt

What is slow to import is imported inside the functions, so that `emotionlab --help` answers at once.
"""

import contextlib
import os
from pathlib import Path

from emotionlab.base.arguments import file_path
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.file_kinds import kind_of
from emotionlab.base.outputs import keep_apart
from emotionlab.data.sources import PICTURES
from emotionlab.faces.detectors import AUTO, CHOICES
from emotionlab.live.video import recognize_video, start_of, written_whole
from emotionlab.recognition.labels import group_in_words
from emotionlab.recognition.recognizer import NO_FACE, Recognizer


def add_recognize(commands) -> None:
    """Add `emotionlab recognize` to the subcommands of an argparse parser."""
    parser = commands.add_parser(
        "recognize",
        help="photos, a video, texts (.txt) or sounds: which emotions they show",
        description="Find the faces in photos or in one video, read texts line by line, or listen to sounds. Nothing "
        "leaves this computer.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="photos, one video, .txt files, or sounds")
    parser.add_argument(
        "--out", metavar="FILE", help="annotated picture or video to write; a folder where there are several photos"
    )
    parser.add_argument("--csv", metavar="FILE", help="table of all faces to write")
    parser.add_argument("--model", metavar="RUN", help="name or folder of a run (default: the network of the course)")
    parser.add_argument("--detector", choices=CHOICES, default=AUTO, help="default: %(default)s")
    parser.add_argument("--longest", type=int, metavar="N", help="search faces at this size in pixels (default: 320)")
    parser.add_argument(
        "--timeline",
        metavar="FILE",
        help="of a video with sound: face and voice on one time line, a picture (.png) and a .csv beside it",
    )
    parser.set_defaults(command=_recognize)


def _recognize(chosen) -> int:
    from emotionlab.faces.detectors import LONGEST
    from emotionlab.senses.files import kind_of as words_or_voice

    if any(words_or_voice(path) for path in chosen.files):
        return _recognize_words_or_voices(chosen)
    options = {"detector": chosen.detector, "longest": LONGEST if chosen.longest is None else chosen.longest}
    is_video = len(chosen.files) == 1 and _is_video(chosen.files[0])
    picture = _time_line_file(chosen, is_video)
    if is_video:
        table = recognize_video(chosen.files[0], chosen.out, chosen.csv, Recognizer(chosen.model, **options))
        print(_about_video(table))
        _time_line(chosen.files[0], table, picture)
    else:
        with _table_file(chosen) as write:
            table, drawn = _photos(chosen.files, chosen.out, chosen.csv, Recognizer(chosen.model, **options))
            write(table)
        print(_about_photos(table))
    for path in filter(None, (chosen.out if is_video or drawn else None, chosen.csv)):
        print(f"✔ Written: {path}")
    unreadable = "note" in table and not table.note.isin(["", NO_FACE]).all()
    return 2 if unreadable else 0


def _time_line_file(chosen, is_video: bool) -> Path | None:
    """The picture that --timeline asks for, refused before the work where it cannot be made."""
    if chosen.timeline is None:
        return None
    if not is_video:
        raise EmotionLabError("Expected one video for --timeline, found other files; leave it out.")
    from emotionlab.sound.reading import read_sound

    picture = file_path("--timeline", chosen.timeline)
    if picture.suffix.lower() != ".png":
        raise EmotionLabError(f"Expected a name that ends in .png for the time line, found {picture.name!r}.")
    others = {"--out": chosen.out, "--csv": chosen.csv}
    outputs = {"--timeline": picture, "the time line's table": picture.with_suffix(".csv")}
    outputs |= {name: Path(path) for name, path in others.items() if path is not None}
    keep_apart(outputs, _given(chosen.files))
    read_sound(chosen.files[0])
    return picture


def _time_line(path: str, table, picture: Path | None) -> None:
    """Say what the voice says and what both say together; on request write it as a picture and a table."""
    from emotionlab.senses.timeline import about, timeline

    try:
        line = timeline(path, table)
    except (DataError, RunError) as problem:  # no sound, or no recorded network to hear it
        if picture:
            raise
        print(f"No voice: {problem}")
        return
    print(about(line))
    if picture:
        with written_whole(picture) as temporary, written_whole(picture.with_suffix(".csv")) as beside:
            line.figure().savefig(temporary, dpi=120)
            line.table.to_csv(beside, index=False, encoding="utf-8")
        print(f"✔ Written: {picture} and {picture.with_suffix('.csv').name}")


@contextlib.contextmanager
def _table_file(chosen):
    """A function that writes the table to --csv, if that is asked for; whether it can be is found out at once."""
    if chosen.csv is None:
        yield lambda table: None
        return
    csv = file_path("--csv", chosen.csv)
    keep_apart({"--csv": csv}, _given(chosen.files))
    with written_whole(csv) as temporary:
        yield lambda table: table.to_csv(temporary, index=False, encoding="utf-8")


def _given(paths: list[str]) -> dict[str, Path]:
    """The files of the command line, as `keep_apart` takes them."""
    return {f"given file number {i}": Path(path) for i, path in enumerate(paths, 1)}


def _recognize_words_or_voices(chosen) -> int:
    from emotionlab.senses.files import about, recognize_files

    if chosen.out or chosen.model or chosen.timeline or chosen.longest or chosen.detector != AUTO:
        raise EmotionLabError(
            "Expected --csv alone with texts and sounds, found --out, --model, --timeline, --longest or --detector; "
            "leave it out."
        )
    with _table_file(chosen) as write:
        table = recognize_files(chosen.files)
        write(table)
    print(about(table))
    if chosen.csv:
        print(f"✔ Written: {chosen.csv}")
    return 2 if table.emotion.isna().any() else 0


def _about_photos(table) -> str:
    """The table for a terminal; below it a line for each photo with several faces, and for each that is not read."""
    unread = ~table.note.isin(["", NO_FACE])
    problems = [f"{row.file}: {row.note}" for row in table[unread].itertuples()]
    table = table[~unread]
    shown = table[["file", "face", "emotion", "confidence", "guess", "note"]].astype(object)
    rows = [shown.where(shown.notna(), "").to_string(index=False)] if len(shown) else []
    groups = [(name, part.emotion.dropna()) for name, part in table.groupby("file", sort=False)]
    lines = [f"{name}: {group_in_words(emotions)}." for name, emotions in groups if len(emotions) > 1]
    return "\n".join([*rows, *lines, *problems])


def _about_video(table) -> str:
    if table.empty:
        return "No face was found in any frame."
    people, frames_with = table.face.nunique(), table.frame.nunique()
    shares = table.emotion.value_counts(normalize=True)
    told = ", ".join(f"{emotion} {share:.0%}" for emotion, share in shares.items())
    faces = "1 face" if people == 1 else f"{people} faces"
    return f"{faces} followed over {frames_with:,} frames. Labels: {told}."


def _photos(paths: list[str], out: str | None, csv: str | None, recognizer: Recognizer):
    """The table of the photos' faces, and the names of the annotated copies; out: a file, or for several a folder."""
    taken: set[str] = set()  # in small letters: for many a disk IMG.png and img.png are one name
    to = None if out is None else file_path("--out", out)
    in_folder = to is not None and (len(paths) > 1 or to.is_dir())
    if in_folder and not to.is_dir():
        raise EmotionLabError(
            f"Expected a folder for the annotated copies of {len(paths)} photos, found none at {to}; make it first."
        )

    def save(path, found):
        target = to / f"{Path(path).stem}.png" if in_folder else to
        for number in range(2, len(paths) + 2):  # two folders may each hold a photo of the same name
            if target.name.casefold() in taken:
                target = to / f"{Path(path).stem}_{number}.png"
        taken.add(target.name.casefold())
        table = None if csv is None else Path(csv)
        keep_apart({"the annotated picture": target, "--csv": table}, _given(paths))
        _write_annotated(found, target)

    return recognizer.files(paths, progress=len(paths) > 5, then=save if to else None), taken


def _write_annotated(found, target: Path) -> None:
    from PIL import Image

    if target.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise EmotionLabError(f"Expected a name that ends in .png or .jpg for the picture, found {target.name!r}.")
    with written_whole(target) as temporary:
        Image.fromarray(found.draw()).save(temporary)


def _is_video(path: str) -> bool:
    """Whether to read a file as a film: decided by its content, because a name can say anything, if it has any."""
    from PIL import Image

    from emotionlab.base.pictures import open_picture

    named_so = Path(path).suffix.lower() in _FILM_ENDINGS
    if not os.path.isfile(path):  # a pipe, say, which would wait for somebody to write
        return named_so
    try:
        start = start_of(Path(path))
        kind = kind_of(start)
        if kind is not None or not start:
            return kind.is_film if kind is not None and kind.name != "text" else named_so
        with open_picture(path):
            return False
    except Image.DecompressionBombError:
        return False
    except Exception:  # no picture, or a damaged one, for which Pillow raises nearly every kind
        return named_so or Path(path).suffix.lower() not in PICTURES


_FILM_ENDINGS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ts")
