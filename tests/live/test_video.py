"""A video becomes a table and an annotated copy, whole or not at all; the command line does the same."""

import argparse
import csv
import os

import numpy as np
import pytest
import scenes

from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.commands.recognize import add_recognize
from emotionlab.live import video
from emotionlab.live.video import frames, recognize_video
from emotionlab.recognition.recognizer import COLUMNS, Recognizer

write = scenes.write_film


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(detector="haar", threshold=0)


@pytest.fixture
def walk(tmp_path):
    """Eight frames in which a happy face moves to the right."""
    return write(tmp_path / "walk.avi", [scenes.scene([(100 + 12 * i, 140)]) for i in range(8)])


def test_the_table_has_a_row_for_each_face_in_each_frame(walk, recognizer):
    table = recognize_video(walk, recognizer=recognizer, progress=False)
    assert list(table.columns) == ["frame", "seconds", "face", *COLUMNS]
    assert table.frame.tolist() == list(range(8))
    np.testing.assert_allclose(table.seconds, np.arange(8) / 10, atol=1e-3)
    assert set(table.face) == {1}
    assert set(table.emotion) == {"happy"}
    assert (table.x.diff().dropna() > 0).all()


def test_two_faces_keep_their_numbers(tmp_path, recognizer):
    path = write(tmp_path / "two.avi", [scenes.scene([(20 + 5 * i, 40), (380, 240)]) for i in range(4)])
    table = recognize_video(path, recognizer=recognizer, progress=False)
    assert table.groupby("face").size().to_dict() == {1: 4, 2: 4}
    assert table.groupby("face").x.std().min() < 5


def test_frames_come_out_as_they_went_in(tmp_path):
    pictures = [scenes.tinted(scenes.scene([(50 * i, 100)])) for i in range(3)]
    path = write(tmp_path / "colour.avi", pictures)
    for (seconds, frame), picture, expected in zip(frames(path), pictures, (0, 0.1, 0.2), strict=True):
        np.testing.assert_array_equal(frame[..., ::-1], picture)
        assert seconds == pytest.approx(expected)


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_the_annotated_video_has_all_frames_and_labels(walk, tmp_path, recognizer, name):
    out, table_file = tmp_path / name, tmp_path / "faces.csv"
    table = recognize_video(walk, out, table_file, recognizer, progress=False)
    drawn = list(frames(out))
    assert len(drawn) == 8
    plain = scenes.scene([(100, 140)])[..., ::-1].astype(int)
    assert np.abs(drawn[0][1].astype(int) - plain).max() > 100  # something was drawn
    with table_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["emotion"] for row in rows] == table.emotion.tolist()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["faces.csv", name, "walk.avi"])


def test_a_video_of_odd_size_is_written(tmp_path, recognizer):
    path = write(tmp_path / "odd.avi", [scenes.scene(size=(361, 421), places=[(100, 100)])] * 2, letters="png ")
    recognize_video(path, tmp_path / "out.mp4", recognizer=recognizer, progress=False)
    assert len(list(frames(tmp_path / "out.mp4"))) == 2


def test_a_video_without_a_face_gives_an_empty_table(tmp_path, recognizer):
    path = write(tmp_path / "empty.avi", [np.full((240, 320, 3), 90, np.uint8)] * 3)
    table = recognize_video(path, csv=tmp_path / "t.csv", recognizer=recognizer, progress=False)
    assert table.empty
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").startswith("frame,seconds,face,x,y")


def test_bad_videos_are_refused_in_one_sentence(tmp_path, recognizer):
    (tmp_path / "text.mp4").write_text("no video", encoding="utf-8")
    (tmp_path / "empty.mp4").write_bytes(b"")
    for path in (tmp_path / "text.mp4", tmp_path / "empty.mp4", tmp_path / "missing.mp4", tmp_path):
        with pytest.raises(DataError) as problem:
            recognize_video(path, tmp_path / "out.mp4", recognizer=recognizer, progress=False)
        assert str(path) in str(problem.value)
        assert "\n" not in str(problem.value)
        assert not (tmp_path / "out.mp4").exists()


LISTS = {
    "hls.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:1,\n{film}\n#EXT-X-ENDLIST\n",
    "concat.mp4": "ffconcat version 1.0\nfile {film}\n",
    "dash.mp4": "\ufeff\n<MPD><Period><BaseURL>{film}</BaseURL></Period></MPD>",
    "stream.mp4": "v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
}


@pytest.mark.parametrize("after", [b"", b"# \xff\x00\n"], ids=["text", "not quite text"])
@pytest.mark.parametrize("tag", [b"", b"ID3\x03\x00\x00\x00\x00\x01\x02" + bytes(130)], ids=["bare", "tagged"])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_names_films_is_refused_before_a_film_is_opened(tmp_path, capsys, monkeypatch, name, tag, after):
    import cv2

    from emotionlab.commands.cli import main
    from emotionlab.live import app_calls

    film = write(tmp_path / "private.avi", [scenes.scene()])
    (tmp_path / "uploads").mkdir()
    given = tmp_path / "uploads" / name
    given.write_bytes(tag + LISTS[name].format(film=film).encode() + after)
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: pytest.fail("OpenCV opened it"))
    for read in (app_calls._check_length, lambda path: next(frames(path))):
        with pytest.raises(DataError, match="a list of other files"):
            read(given)
    assert main(["recognize", str(given), "--out", str(tmp_path / "out.mp4")]) == 2
    told = capsys.readouterr()
    assert "Expected" in told.out + told.err
    assert not (tmp_path / "out.mp4").exists()


def test_films_and_sounds_that_begin_like_words_are_no_lists():
    from emotionlab.base.playlists import is_text

    camcorder = b"<\x21\x40\x7eG\x40\x00\x10" + bytes(188)
    for start in (b"YUV4MPEG2 W64 H64\nFRAME\n" + b"0" * 99, b"#!AMR\n<" + b"\xf0" * 9, camcorder, b"GIF89a@\x00"):
        assert not is_text(start)
    for start in (b"[playlist]\nFile1=film.mp4\n\x01\0", b"<!-- \n -->\n<svg", b"\n\x01ffconcat version 1.0\n"):
        assert is_text(start), "bytes that no text has make it none the less a list"


def test_a_video_cut_short_is_read_as_far_as_it_goes_and_said_so(tmp_path, recognizer, capsys):
    whole = write(tmp_path / "whole.avi", [scenes.scene([(100 + 12 * i, 140)]) for i in range(20)], letters="MJPG")
    content = whole.read_bytes()
    cut = tmp_path / "cut.avi"
    cut.write_bytes(content[: len(content) // 2])
    table = recognize_video(cut, recognizer=recognizer, progress=False)
    assert 0 < table.frame.nunique() < 20
    assert "cut short" in capsys.readouterr().out


def stop_after(recognizer, frame_count, problem):
    """A recogniser that fails at a frame, as Ctrl-C does."""
    import copy

    stopped = copy.copy(recognizer)
    search, calls = recognizer.detector, []

    def detect(picture):
        calls.append(1)
        if len(calls) > frame_count:
            raise problem
        return search(picture)

    stopped.detector = detect
    return stopped


def test_an_interrupted_run_leaves_nothing_half_written(walk, tmp_path, recognizer):
    (tmp_path / "out.mp4").write_bytes(b"an earlier result")
    with pytest.raises(KeyboardInterrupt):
        recognize_video(
            walk,
            tmp_path / "out.mp4",
            tmp_path / "t.csv",
            stop_after(recognizer, 3, KeyboardInterrupt()),
            progress=False,
        )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.mp4", "walk.avi"]
    assert (tmp_path / "out.mp4").read_bytes() == b"an earlier result"


def test_a_full_disk_is_said_and_leaves_nothing(walk, tmp_path, recognizer, monkeypatch):
    usage = video.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(video.shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    with pytest.raises(EmotionLabError, match="found 1 MB"):
        recognize_video(walk, tmp_path / "out.mp4", recognizer=recognizer, progress=False)
    assert [p.name for p in tmp_path.iterdir()] == ["walk.avi"]


def test_frames_that_did_not_reach_the_disk_are_noticed(walk, tmp_path, recognizer, monkeypatch):
    """OpenCV says nothing when a frame cannot be written; here frames of another size are the cause."""
    monkeypatch.setattr(video, "draw_faces", _shrinking(video.draw_faces))
    with pytest.raises(EmotionLabError, match="could be written"):
        recognize_video(walk, tmp_path / "out.avi", recognizer=recognizer, progress=False)
    assert not (tmp_path / "out.avi").exists()


def _shrinking(draw):
    calls = []

    def draw_smaller(picture, found):
        calls.append(1)
        return draw(picture, found)[: 480 if len(calls) < 3 else 400]

    return draw_smaller


def test_impossible_places_are_refused(walk, tmp_path, recognizer):
    for out, words in (
        (tmp_path / "out.gif", "ends in"),
        (walk, "another name"),
        (tmp_path / "no" / "o.mp4", "folder"),
    ):
        with pytest.raises(EmotionLabError, match=words):
            recognize_video(walk, out, recognizer=recognizer, progress=False)


# ------------------------------------------------------------------------------------------- the command


def run(*arguments) -> int:
    parser = argparse.ArgumentParser()
    add_recognize(parser.add_subparsers())
    chosen = parser.parse_args(["recognize", *map(str, arguments)])
    return chosen.command(chosen)


def test_the_command_reads_a_video(walk, tmp_path, capsys):
    assert run(walk, "--out", tmp_path / "o.mp4", "--csv", tmp_path / "t.csv") == 0
    said = capsys.readouterr().out
    assert "1 face followed over 8 frames" in said
    assert "happy" in said
    assert (tmp_path / "o.mp4").is_file()
    assert (tmp_path / "t.csv").is_file()


def test_the_command_reads_photos(tmp_path, capsys):
    from PIL import Image

    for name in ("a.png", "b.png"):
        Image.fromarray(scenes.scene()).save(tmp_path / name)
    (tmp_path / "notes.jpg").write_text("no picture", encoding="utf-8")
    out = tmp_path / "drawn"
    out.mkdir()
    code = run(
        tmp_path / "a.png", tmp_path / "b.png", tmp_path / "notes.jpg", "--out", out, "--csv", tmp_path / "t.csv"
    )
    assert code == 2  # one file is no picture, and it says so
    said = capsys.readouterr().out
    assert "happy" in said
    assert f"\n{tmp_path / 'notes.jpg'}: Expected" in said, "a sentence of its own, not a cell of the table"
    assert sorted(p.name for p in out.iterdir()) == ["a.png", "b.png"]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_the_command_does_not_call_written_what_was_not(tmp_path, capsys):
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert run(tmp_path / "cut.jpg", "--out", tmp_path / "o.png") == 2
    assert "Written" not in capsys.readouterr().out
    assert not (tmp_path / "o.png").exists()


@pytest.mark.skipif(os.name != "posix", reason="names of files are texts on Windows")
def test_a_name_that_is_no_utf_8_costs_no_other_file_and_no_program(walk, tmp_path):
    from PIL import Image

    odd = os.fsdecode(b"\xfcber")
    Image.fromarray(scenes.scene()).save(tmp_path / "a.png")
    (tmp_path / f"{odd}.png").write_bytes((tmp_path / "a.png").read_bytes())
    assert run(tmp_path / "a.png", tmp_path / f"{odd}.png", "--csv", tmp_path / "t.csv") == 0
    assert "\\xfcber.png" in (tmp_path / "t.csv").read_text(encoding="utf-8")
    (tmp_path / f"{odd}.txt").write_text("What a lovely day!", encoding="utf-8")
    assert run(tmp_path / f"{odd}.txt", "--csv", tmp_path / "words.csv") == 0
    assert "\\xfcber.txt" in (tmp_path / "words.csv").read_text(encoding="utf-8")
    film = walk.rename(tmp_path / f"{odd}.avi")
    for call in ([film], [film, tmp_path / f"{odd}.mp4"]):
        with pytest.raises(DataError, match=r"name in UTF-8, found .*xfcber.*; rename it"):
            recognize_video(*call, progress=False)
    with pytest.raises(DataError, match="name in UTF-8"):
        recognize_video(film.rename(tmp_path / "walk.avi"), tmp_path / f"{odd}.mp4", progress=False)
    assert not list(tmp_path.glob("*.mp4"))
    assert not list(tmp_path.glob(".*"))


def test_of_a_film_that_is_longer_than_asked_nothing_is_kept(walk, tmp_path, recognizer):
    recognize_video(walk, recognizer=recognizer, progress=False, most_frames=8)
    with pytest.raises(DataError, match="at most 7 frames, found more"):
        recognize_video(walk, tmp_path / "out.avi", tmp_path / "t.csv", recognizer, progress=False, most_frames=7)
    assert [path.name for path in tmp_path.iterdir()] == ["walk.avi"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_the_command_does_not_wait_for_a_pipe(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert run(tmp_path / "pipe.jpg") == 2
    assert "Expected a picture" in capsys.readouterr().out


def test_a_time_line_of_a_silent_film_is_refused_before_its_frames_are_read(walk, tmp_path, monkeypatch):
    monkeypatch.setattr("emotionlab.commands.recognize.recognize_video", lambda *_: pytest.fail("frames were read"))
    with pytest.raises(DataError, match="choose one with sound"):
        run(walk, "--timeline", tmp_path / "line.png")


def test_the_command_never_writes_over_a_photo(tmp_path):
    from PIL import Image

    Image.fromarray(scenes.scene()).save(tmp_path / "a.png")
    with pytest.raises(EmotionLabError, match="another name"):
        run(tmp_path / "a.png", "--out", tmp_path / "a.png")


def test_the_command_says_what_is_no_video(tmp_path):
    (tmp_path / "film.mp4").write_text("no video", encoding="utf-8")
    with pytest.raises(DataError, match="Expected a video"):
        run(tmp_path / "film.mp4")


def test_the_command_sums_up_a_photo_with_several_faces(tmp_path, capsys):
    from PIL import Image

    Image.fromarray(scenes.scene([(60, 120), (380, 150)])).save(tmp_path / "two.png")
    Image.fromarray(scenes.scene()).save(tmp_path / "one.png")
    assert run(tmp_path / "two.png", tmp_path / "one.png", "--detector", "haar") == 0
    said = capsys.readouterr().out
    assert "two.png: 2 faces: 2 happy." in said
    assert "one.png: " not in said
