"""A video file in: a table of the faces in every frame out, and on request the video with labels drawn on it.

    table = recognize_video("talk.mp4", out="talk_annotated.mp4", csv="talk.csv")

On the command line: emotionlab recognize talk.mp4 --out talk_annotated.mp4 --csv talk.csv
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emotionlab.base.arguments import expected, file_path, whole_number, yes_or_no
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.base.file_kinds import START, is_cut_off, kind_of
from emotionlab.base.files import readable, whole_file
from emotionlab.base.outputs import keep_apart
from emotionlab.base.playlists import is_text
from emotionlab.live.frames import Live
from emotionlab.recognition.drawing import draw_faces
from emotionlab.recognition.recognizer import COLUMNS, Recognizer

CODECS = {".mp4": "mp4v", ".avi": "MJPG"}
"""What each kind of file is written with: MPEG-4 for players, Motion JPEG; both are in every OpenCV."""

FOR_BROWSERS = "vp09"
"""A codec for .mp4 that browsers play too; it takes more time to write."""

_FREE_BYTES = 50_000_000  # room that a run must leave on the disk
_FRAMES_BETWEEN_CHECKS = 100
_USUAL_FPS = 25.0


def recognize_video(path, out=None, csv=None, recognizer=None, smooth=0.5, progress=True, codec=None, most_frames=None):
    """Recognise every frame of a video; faces are followed, their probabilities averaged over time.

    path: the video file. out: where to write the annotated video (.mp4 or .avi, without sound).
    csv: where to write the table. recognizer: a `Recognizer` or what one is made of.
    smooth: time constant of the mean in seconds. codec: four letters, None for that of `CODECS`.
    most_frames: of a longer film nothing is kept (default: any length).

    Returns a DataFrame with a row for each face in each frame: frame (0, 1, ...), seconds, face (its number in
    the video), `recognizer.COLUMNS`. Both files are written whole or not at all, also after Ctrl-C, and never over
    the video or each other.
    Raises DataError for a missing file or one that is no readable video or too long, EmotionLabError where nothing
    can be written.
    """
    import pandas as pd

    source = file_path("path", path, DataError)
    out, csv = (None if to is None else file_path(name, to) for name, to in (("out", out), ("csv", csv)))
    keep_apart({"the annotated video": out, "the table": csv}, {"the video itself": source})
    progress, codec = yes_or_no("progress", progress), _checked_codec(codec)
    most_frames = None if most_frames is None else whole_number("most_frames", most_frames, at_least=1)
    live = Live(recognizer if isinstance(recognizer, Recognizer) else Recognizer(recognizer), smooth)
    rows = []
    with contextlib.ExitStack() as stack:
        video = stack.enter_context(_opened(source))
        table_file = stack.enter_context(written_whole(csv)) if csv else None  # before the work, not after it
        write_frame = stack.enter_context(_video_out(out, video, codec)) if out else None
        number = -1
        for number, (seconds, frame) in enumerate(_with_progress(video, progress)):
            if number == most_frames:
                raise DataError(f"Expected a video of at most {most_frames:,} frames, found more; cut it.")
            found = live(frame, seconds, channels="BGR").faces
            rows += [{"frame": number, "seconds": round(seconds, 3), "face": f.number, **f.as_row()} for f in found]
            if write_frame:
                write_frame(draw_faces(np.ascontiguousarray(frame[..., ::-1]), found)[..., ::-1])
        _warn_if_cut_short(source, video, number + 1)
        table = pd.DataFrame(rows, columns=["frame", "seconds", "face", *COLUMNS])
        if table_file:
            table.to_csv(table_file, index=False, encoding="utf-8")
    return table


def _checked_codec(codec) -> str | None:
    if codec is not None and (not isinstance(codec, str) or len(codec) != 4 or not codec.isascii()):
        raise EmotionLabError(expected("codec", "four letters, such as 'mp4v'", codec, "or leave it out"))
    return codec


def frames(path) -> Iterator[tuple[float, np.ndarray]]:
    """Frames of a video as (seconds, picture (H, W, 3) uint8, blue first). Raises DataError as `recognize_video`."""
    with _opened(file_path("path", path, DataError)) as video:
        yield from _frames(video)


# ------------------------------------------------------------------------------------------- reading


@contextlib.contextmanager
def _opened(path: Path):
    """A cv2.VideoCapture that has shown that it can read the first frame."""
    from emotionlab.base.opencv import cv2

    if not os.path.isfile(path):
        found = "a folder" if os.path.isdir(path) else "no file"
        raise DataError(
            f"Expected a video, found {found} at {path}; give the path of an .mp4, .avi, .mkv or .mov file."
        )
    try:
        start = start_of(path)
    except OSError as error:
        raise DataError(f"Expected to read {path}, found: {error.strerror or error}; allow it or copy it.") from error
    if not start:
        raise DataError(f"Expected a video, found that the file is empty (0 bytes) at {path}; record or copy it again.")
    check_film(path)
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not video.isOpened() or not video.read()[0]:
            raise DataError(_no_frames(path, start, opened=video.isOpened()))
        video.open(str(path), cv2.CAP_FFMPEG)  # from the start again; not every file can be wound back
        yield video
    finally:
        video.release()


def check_film(path) -> None:
    """Raise DataError for what OpenCV may not open: a text, as FFmpeg opens the films that a list names, or a name
    that is no UTF-8."""
    check_name(path)
    if is_text(path):
        raise DataError(
            f"Expected a video, found text, such as a list of other files, at {path}; give the path of the film itself."
        )


def check_name(path) -> None:
    """Raise DataError for a name that is no UTF-8: OpenCV would end the whole program."""
    if readable(path) != str(path):
        raise DataError(f"Expected a video with a name in UTF-8, found {readable(path)}; rename it.")


def start_of(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(START)


def _no_frames(path: Path, start: bytes, opened: bool) -> str:
    """The sentence for a file of which no frame can be read."""
    kind = kind_of(start)
    if kind is not None and not kind.is_film:
        return f"Expected a video, found {kind.name} at {path}; give the path of an .mp4, .avi, .mkv or .mov file."
    if _is_sound_alone(path):
        return f"Expected frames in the video {path}, found sound alone; give it an ending of sounds, such as .m4a."
    if kind is None and not opened:
        return (
            f"Expected a video, found a file of another kind at {path}; open it in a video player to see whether "
            "it is one."
        )
    if is_cut_off(path, start):
        return (
            f"Expected a whole video, found that the film is cut off (its index is missing) at {path}; copy it again, "
            "or record it anew and stop the recording before the file is moved."
        )
    return (
        f"Expected frames in the video {path}, found none that can be read: it is cut short or in a "
        "codec that OpenCV does not know; convert it with: ffmpeg -i INPUT -c:v libx264 OUTPUT.mp4"
    )


def _is_sound_alone(path: Path) -> bool:
    import av

    try:
        with av.open(str(path)) as container:
            sounds = container.streams.audio
            if container.streams.video or not sounds or sounds[0].codec_context is None:  # None: it would end Python
                return False
            return next(container.decode(audio=0), None) is not None  # FFmpeg takes much for the head of a sound
    except (av.error.FFmpegError, OSError, ValueError):
        return False


def _frames(video) -> Iterator[tuple[float, np.ndarray]]:
    """(seconds, frame) to the end; where the file has no times, they follow from the frame rate."""
    from emotionlab.base.opencv import cv2

    fps, last, number = _fps(video), -1.0, 0
    while True:
        ok, frame = video.read()
        if not ok:
            return
        seconds = video.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if seconds <= last:
            seconds = number / fps if number / fps > last else last + 1 / fps
        yield seconds, frame
        last, number = seconds, number + 1


def _fps(video) -> float:
    from emotionlab.base.opencv import cv2

    fps = video.get(cv2.CAP_PROP_FPS)
    return fps if np.isfinite(fps) and 1 <= fps <= 240 else _USUAL_FPS


def _with_progress(video, progress: bool):
    from tqdm.auto import tqdm

    from emotionlab.base.opencv import cv2

    expected = int(video.get(cv2.CAP_PROP_FRAME_COUNT))  # negative or 0 where the file does not say
    return tqdm(_frames(video), total=expected if expected > 0 else None, unit=" frames", disable=not progress)


def _warn_if_cut_short(path: Path, video, read: int) -> None:
    from emotionlab.base.notices import warn
    from emotionlab.base.opencv import cv2

    expected = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    if read < 0.9 * expected:  # the count in a file is a guess of its encoder, so a few may be missing
        warn(f"{path.name} should have {expected:,} frames, but only {read:,} can be read: it is cut short or damaged.")


# ------------------------------------------------------------------------------------------- writing


@contextlib.contextmanager
def written_whole(path):
    """A temporary file beside `path`, which takes its name when the block ends well, and goes when it does not."""
    if os.path.isdir(path):
        raise EmotionLabError(f"Expected a file to write, found a folder at {path}; give a name in it.")
    if not os.path.isdir(path.parent):
        raise EmotionLabError(
            f"Expected a folder to write {path.name} into, found none at {path.parent}; make it first."
        )
    try:
        with whole_file(path) as temporary:
            yield temporary
    except OSError as error:
        raise EmotionLabError(
            f"Could not write {path} ({error.strerror or error}); free some space or choose another place."
        ) from error


@contextlib.contextmanager
def _video_out(out: Path, video, codec: str | None):
    """A function that writes one frame (blue first); the file gets its name when all frames are in it."""
    from emotionlab.base.opencv import cv2

    if out.suffix.lower() not in CODECS:
        raise EmotionLabError(f"Expected a name that ends in {' or '.join(CODECS)} for the video, found {out.name!r}.")
    check_name(out)
    letters = codec or CODECS[out.suffix.lower()]
    with written_whole(out) as temporary:
        _check_room(out)
        writer, written = cv2.VideoWriter(), 0

        def write_frame(frame: np.ndarray) -> None:
            nonlocal written
            if written == 0:
                size = frame.shape[1], frame.shape[0]
                fourcc = cv2.VideoWriter_fourcc(*letters)
                if not writer.open(str(temporary), cv2.CAP_FFMPEG, fourcc, _fps(video), size):
                    raise EmotionLabError(
                        f"Expected to write a video of {size[0]} x {size[1]} to {out}, found no encoder {letters!r}."
                    )
            if written % _FRAMES_BETWEEN_CHECKS == 0:
                _check_room(out)
            writer.write(np.ascontiguousarray(frame))
            written += 1

        try:
            yield write_frame
        finally:
            writer.release()
        _check_written(temporary, out, written)


def _check_room(out: Path) -> None:
    """OpenCV does not say that the disk is full, so it is asked before."""
    free = shutil.disk_usage(out.parent).free
    if free < _FREE_BYTES:
        raise EmotionLabError(
            f"Expected at least {_FREE_BYTES // 10**6} MB of free disk space for {out}, found {free // 10**6} MB; "
            "free some space or choose another place."
        )


def _check_written(temporary: Path, out: Path, frames_written: int) -> None:
    from emotionlab.base.opencv import cv2

    video = cv2.VideoCapture(str(temporary), cv2.CAP_FFMPEG)
    kept = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
    video.release()
    if kept < frames_written:
        raise EmotionLabError(
            f"Expected {frames_written} frames in {out}, found that only {kept} could be written; free some disk space "
            "or choose another place."
        )
