"""Replies to the app's answers: the form, the CSV, and what `emotionlab feedback` makes of it."""

import csv
import itertools
import os

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.live.app import app
from emotionlab.live.app_feedback import word_of_faces
from emotionlab.live.feedback import (
    COLUMNS,
    STATEMENTS,
    Feedback,
    FeedbackFile,
    checked_reply,
    feedback_figure,
    read_rows,
)

TICKED = (5, 4, 3, 2, 1)


def reply(said="happy", right="yes", person=None, marks=TICKED, kind="text") -> dict:
    return checked_reply("2026-01-02", kind, said, right, person, marks)


@pytest.fixture
def replies(tmp_path):
    """A file with six replies: four that name a word, three of them the network's."""
    file = FeedbackFile(tmp_path / "replies.csv")
    for row in (
        reply(),
        reply(person="happy"),
        reply("sad", "yes"),
        reply("sad", "no", "neutral", (1, 1, 1, 1, None)),
        reply("not sure", "no", "fear", (None,) * 5),
        reply("fear", "cannot say", None, (4, 4, 4, 4, 4), "picture"),
    ):
        file.keep(row)
    return file.path


# ------------------------------------------------------------------------------------------ the file


def test_a_reply_is_a_row_of_words_and_numbers(replies):
    lines = replies.read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert lines[1] == "2026-01-02,text,happy,yes,happy,5,4,3,2,1"
    assert lines[5] == "2026-01-02,text,not sure,no,fear,,,,,"
    assert len(lines) == 7


def test_what_was_kept_is_read_again_and_more_is_added_to_it(replies):
    FeedbackFile(replies).keep(reply("angry", "no", "sad"))
    rows = read_rows(replies)
    assert len(rows) == 7
    assert rows[-1]["person"] == "sad"


def test_a_disk_that_fills_up_leaves_no_half_of_a_reply(replies):
    resource = pytest.importorskip("resource")
    file, before = FeedbackFile(replies), replies.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))  # room for half of a row
    try:
        with pytest.raises(EmotionLabError, match="Could not keep the reply"):
            file.keep(reply())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert replies.read_bytes() == before
    file.keep(reply("sad"))
    assert len(read_rows(replies)) == 7


def test_two_apps_on_one_new_file_write_the_columns_once(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    from threading import Thread

    path = tmp_path / "replies.csv"
    other, file = FeedbackFile(path), FeedbackFile(path)
    with path.open("ab") as held:  # the one app is at work, and has found the file empty
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = Thread(target=other.keep, args=[reply("sad")])
        waiting.start()
        waiting.join(0.2)
        assert waiting.is_alive()
        held.write((",".join(COLUMNS) + "\n").encode())
    waiting.join()
    file.keep(reply())
    assert [row["said"] for row in read_rows(path)] == ["sad", "happy"]


def test_a_file_that_an_editor_left_without_a_last_line_end_is_whole_again(replies):
    replies.write_bytes(replies.read_bytes().rstrip(b"\n"))
    FeedbackFile(replies).keep(reply("sad"))
    assert [row["said"] for row in read_rows(replies)][-2:] == ["fear", "sad"]


def test_nothing_is_written_before_the_first_reply(tmp_path):
    FeedbackFile(tmp_path / "replies.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("right", "person", "found"),
    [
        (None, "sad", "first question"),
        ("yes", "sad", "was right, and would have said “sad”; change one of the two"),
        ("no", "happy", "was wrong, and would have said “happy”; change one of the two"),
    ],
)
def test_a_reply_that_says_nothing_or_contradicts_itself_is_told(right, person, found):
    with pytest.raises(EmotionLabError, match=found):
        reply("happy", right, person)


def test_a_place_where_nothing_can_be_kept_is_refused(tmp_path):
    closed = ["/proc/replies.csv"] if os.path.isdir("/proc") else []  # root may write to any other folder
    for place in (*closed, tmp_path, tmp_path / "no" / "replies.csv", tmp_path / ("x" * 5000), "\ud800", "", None, 3):
        with pytest.raises(EmotionLabError, match="Expected"):
            FeedbackFile(place)


BAD = {
    "missing": None,
    "empty": b"",
    "head only": (",".join(COLUMNS) + "\n").encode(),
    "foreign": b"name,age\nada,36\n",
    "binary": bytes(range(256)),
    "other word": (",".join(COLUMNS) + "\n2026-01-02,text,joyful,yes,happy,5,4,3,2,1\n").encode(),
    "number": (",".join(COLUMNS) + "\n2026-01-02,text,happy,yes,happy,9,4,3,2,1\n").encode(),
    "short row": (",".join(COLUMNS) + "\n2026-01-02,text,happy\n").encode(),
    "long row": (",".join(COLUMNS) + "\n2026-01-02,text,happy,yes,happy,5,4,3,2,1,6,7\n").encode(),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_one_sentence_and_code_2(tmp_path, capsys, kind):
    path = tmp_path / "replies.csv"
    if BAD[kind] is not None:
        path.write_bytes(BAD[kind])
    assert main(["feedback", str(path), "--out", str(tmp_path / "figure.png")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("emotionlab: Expected")
    assert said.count("\n") == 1
    assert not (tmp_path / "figure.png").exists()


@pytest.mark.parametrize("kind", ["foreign", "binary", "other word"])
def test_the_app_does_not_start_on_anothers_file(tmp_path, capsys, kind):
    path = tmp_path / "replies.csv"
    path.write_bytes(BAD[kind])
    assert main(["app", "--only", "text", "--feedback", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert path.read_bytes() == BAD[kind]


# ------------------------------------------------------------------------------------------ what it says together


def test_the_figures_are_counted_from_the_rows(replies):
    feedback = Feedback(read_rows(replies))
    assert feedback.called_right == (3, 5)
    assert feedback.same_word == (3, 4)
    assert feedback.confusion.sum() == 5
    assert feedback.confusion[EMOTIONS.index("neutral"), EMOTIONS.index("sad")] == 1
    assert feedback.confusion[EMOTIONS.index("fear"), -1] == 1
    assert feedback.agreeing("easy") == (4, 5)
    assert feedback.agreeing("again") == (1, 4)
    np.testing.assert_array_equal(feedback.marks("trust"), [2, 2, 2, 1, 4])


def test_intervals_are_wilsons(replies):
    told = Feedback(read_rows(replies)).in_words()
    centre, spread = (3 + 1.96**2 / 2) / (5 + 1.96**2), 1.96 * np.sqrt(3 * 2 / 5 + 1.96**2 / 4) / (5 + 1.96**2)
    assert f"3 of 5, 60 % ({100 * (centre - spread):.0f} to {100 * (centre + spread):.0f})" in told
    assert "6 replies; in 1 of them the network was not sure" in told


def test_statements_that_nobody_answered_are_told(tmp_path):
    told = Feedback([reply(marks=(None,) * 5)]).in_words()
    assert told.count("nobody said") == 5


def test_the_figure_shows_each_count_and_each_statement(replies):
    figure = feedback_figure(Feedback(read_rows(replies)))
    matrix, bars = figure.axes
    counts = np.array([int(text.get_text()) for text in matrix.texts]).reshape(8, 8)
    np.testing.assert_array_equal(counts, Feedback(read_rows(replies)).confusion)
    assert [label.get_text() for label in bars.get_yticklabels()] == list(STATEMENTS.values())
    assert [bar.get_width() for bar in bars.patches] == [0.8, 0.8, 0.2, 0.2, 0.25]


def test_the_command_prints_the_figures_and_writes_the_picture(replies, tmp_path, capsys):
    before = replies.read_bytes()
    assert main(["feedback", str(replies), "--out", str(tmp_path / "figure.png")]) == 0
    assert "3 of 5" in capsys.readouterr().out
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    assert replies.read_bytes() == before


def test_the_command_never_writes_over_the_replies(replies, tmp_path, capsys):
    renamed = replies.rename(tmp_path / "replies.png")
    before = renamed.read_bytes()
    assert main(["feedback", str(renamed), "--out", str(renamed)]) == 2
    assert main(["feedback", str(renamed), "--out", str(tmp_path / "figure.pdf")]) == 2
    assert renamed.read_bytes() == before
    assert "another name" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------ the form


def form_of(demo):
    """The form's callbacks, as the page reaches them: (asked, keep, refuse) of the text tab."""
    functions = {fn.name: fn for fn in demo.fns.values()}
    return functions["keep"].fn, functions["refuse"].fn


def test_without_the_option_nothing_is_asked():
    page = str(app(only="text").config)
    assert "Keep my reply" not in page
    assert "Feedback" not in page


def test_the_page_says_that_it_asks_what_is_kept_and_that_one_may_refuse(tmp_path):
    page = str(app(only="text", feedback=tmp_path / "replies.csv").config)
    for words in ("Feedback is on", "replies.csv", "never a picture, a sound, a text or a name", "You may refuse"):
        assert words in page
    assert str(tmp_path) not in page
    assert all(statement in page for statement in STATEMENTS.values())


def test_a_reply_through_the_form_is_a_row(tmp_path):
    path = tmp_path / "replies.csv"
    keep, refuse = form_of(app(only="text", feedback=path))
    told, _ = keep(("text", "happy"), None, None, *TICKED)
    assert "first question" in told
    assert not path.exists()
    told, _ = keep(("text", "happy"), "no", "sad", *TICKED)
    assert "was kept" in told
    (row,) = list(csv.DictReader(path.open(encoding="utf-8")))
    assert (row["said"], row["person"], row["again"]) == ("happy", "sad", "1")
    assert "Nothing was kept" in refuse()[0]
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


def test_the_form_asks_after_an_answer_and_about_nothing_else(tmp_path):
    from emotionlab.live.app_feedback import Form
    from emotionlab.live.quiet_gradio import gr

    with gr.Blocks():
        form = Form(FeedbackFile(tmp_path / "replies.csv"))
    last, about, box, *_ = form.asked("voice", "sad")
    assert last == ("voice", "sad")
    assert "sad" in about
    assert box["visible"]
    for nothing in (None, "", "<b>joy</b>"):
        last, about, box, *_ = form.asked("voice", nothing)
        assert last is None
        assert not box["visible"]
        assert "joy" not in about
    assert "no answer yet" in form.keep(None, "yes", None, *TICKED)[0]


def test_a_place_that_cannot_be_written_any_more_is_told_and_the_form_stays(tmp_path):
    path = tmp_path / "replies.csv"
    keep, _ = form_of(app(only="text", feedback=path))
    path.mkdir()
    told, box = keep(("text", "happy"), "yes", None, *TICKED)
    assert "Could not keep the reply" in told
    assert "visible" not in box


@pytest.mark.parametrize(
    ("crops", "word"),
    [
        ([], None),
        ([("Face 1: happy 83 %", None), ("Face 2: sad 50 %", None)], "happy"),
        ([("Face: not sure (sad 30 %)", None)], "not sure"),
    ],
)
def test_the_word_of_a_picture_is_that_of_its_largest_face(crops, word):
    assert word_of_faces(crops) == word


def test_several_visitors_at_once_lose_no_row(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    file = FeedbackFile(tmp_path / "replies.csv")
    words = list(itertools.islice(itertools.cycle(EMOTIONS), 70))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda word: file.keep(reply(word)), words))
    assert sorted(row["said"] for row in read_rows(file.path)) == sorted(words)
