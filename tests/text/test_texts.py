"""Texts: what is shipped, what is masked, and tables of one's own."""

import lzma
import os
import re

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import DataError
from emotionlab.text.dataset import PACKED, mask_writers, read_csv


@pytest.fixture(scope="module")
def texts():
    return el.load_texts()


def write(path, content):
    path.write_text(content, encoding="utf-8")
    return path


def test_the_shipped_texts_are_goemotions_in_its_official_splits(texts):
    assert {name: len(split) for name, split in texts.splits().items()} == {
        "train": 43_410,
        "validation": 5_426,
        "test": 5_427,
    }
    assert len(texts.train.single()) == 39_555
    assert texts.train.single().counts() == {
        "angry": 4293,
        "disgust": 498,
        "fear": 541,
        "happy": 15216,
        "sad": 2326,
        "surprise": 3858,
        "neutral": 12823,
    }
    assert texts.test.counts()["fear"] == 98


def test_the_labels_stand_in_the_order_of_the_seven_emotions(texts):
    assert texts.test.texts[0].startswith("I’m really sorry about your situation")
    assert [el.EMOTIONS[i] for i in np.flatnonzero(texts.test.labels[0])] == ["sad"]


def test_37_test_texts_also_stand_in_the_training_texts_and_loading_says_so(capsys):
    texts = el.load_texts()
    assert texts.seen_in_train("test").sum() == 37
    assert "37 of the test texts" in capsys.readouterr().out


def test_loading_says_that_some_comments_are_cruel_and_prints_none(capsys):
    texts = el.load_texts()
    shown = capsys.readouterr().out + repr(texts) + repr(texts.train)
    assert "some are cruel" in shown
    assert not any(text in shown for text in texts.test.texts if len(text) > 20)


def test_no_writer_and_no_comment_id_is_in_the_shipped_file():
    content = lzma.decompress(PACKED.read_bytes()).decode("utf-8")
    assert set(re.findall(r"(?<![A-Za-z0-9_])/?u/[A-Za-z0-9_-]+", content)) <= {"u/name"}
    assert all(len(line.split("\t")) == 3 for line in content.split("\n") if line)
    assert not re.search(r"\te[a-z0-9]{6}$", content, re.MULTILINE)


def test_licence_and_attribution_lie_beside_the_texts():
    assert "Apache License" in (PACKED.parent / "LICENSE").read_text(encoding="utf-8")
    attribution = (PACKED.parent / "ATTRIBUTION.md").read_text(encoding="utf-8")
    assert "Demszky" in attribution
    assert "Attribution 4.0" in attribution
    assert "Changed here" in attribution


def test_writers_are_masked_and_words_with_a_u_are_not():
    assert mask_writers("ask u/Some_body-1 or /u/other, you/they") == "ask u/name or u/name, you/they"


def test_a_table_of_ones_own_may_name_several_emotions_and_gets_splits_without_copies_across(tmp_path):
    rows = "".join(f'"text {i % 40}","{"joy;surprise" if i % 2 else "sad"}"\n' for i in range(120))
    texts = read_csv(write(tmp_path / "mine.csv", "text,emotion\n" + rows))
    assert {name: len(split) for name, split in texts.splits().items()} == {"train": 96, "validation": 12, "test": 12}
    assert not texts.seen_in_train("test").any()
    assert set(map(tuple, texts.train.labels.tolist())) == {
        tuple(name in ("happy", "surprise") for name in el.EMOTIONS),
        tuple(name == "sad" for name in el.EMOTIONS),
    }


def test_the_splits_of_a_table_are_kept(tmp_path):
    rows = "".join(f"t{i},happy,{('train', 'dev', 'test')[i % 3]}\n" for i in range(12))
    texts = read_csv(write(tmp_path / "mine.csv", "text,labels,split\n" + rows))
    assert texts.validation.texts == ("t1", "t4", "t7", "t10")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,feeling\na,happy\n", "found text, feeling"),
        ("text,emotion\na,bored\n", "'bored' in line 2"),
        ("text,emotion\n,happy\n", "found none in line 2"),
        ("text,emotion\na,happy\n", "at least 10 texts"),
        ("emotion,text\nhappy,I am here, but not happy\n", "found more in line 2"),
        ("", "no columns"),
        ("text,emotion,split\na,happy,monday\n", "'monday'"),
        pytest.param("text,emotion\n" + 12 * "a,happy\n", "at least 3 different texts", id="one text"),
        pytest.param(
            "text,emotion,split\n" + 6 * "a,happy,train\nb,sad,test\n", "none for validation", id="two splits"
        ),
        ("text,Text,emotion\n" + 12 * "a,b,happy\n", "found text more than once"),
        ("text,emotion,Emotion\n" + 12 * "a,happy,sad\n", "found emotion more than once"),
        ("text,emotion,split,split\n" + 12 * "a,happy,train,test\n", "found split more than once"),
        pytest.param(
            "text,emotion\n" + '"a",happy\n' * 9 + '"b,sad\n"c",fear\n',
            "left open in line 11",
            id="open before a quote",
        ),
        pytest.param(
            "text,emotion\n" + '"a",happy\n' * 9 + '"b,sad\nc,fear\n"d",happy\n', "left open in line 11", id="over rows"
        ),
        pytest.param(
            "emotion,text\n" + "happy,a\n" * 12 + 'sad,"b\nfear,c\n', "left open in line 14", id="open to the end"
        ),
        pytest.param("a" * 200_000, "larger than field limit", id="long head"),
        pytest.param("text,emotion\na," + "b" * 200_000, "larger than field limit", id="long field"),
        pytest.param("text,emotion\na," + "b" * 100_000, "bbb in line 2", id="long emotion"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_sentence(tmp_path, content, said):
    with pytest.raises(DataError) as problem:
        read_csv(write(tmp_path / "mine.csv", content))
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)
    assert len(str(problem.value)) < 1000


def test_quotation_marks_that_are_closed_are_read_as_they_stand(tmp_path):
    fields = ('"two\nlines"', '"a ""word""\nin lines"', '"so "they" say"', 'she said "no"', '"one\nof "them" all"')
    for ending in ("\n", "\r\n"):
        rows = "".join(f"happy,{field}\n" for field in fields) + "sad,x\n" * 5 + 'sad,"at the end'
        texts = read_csv(write(tmp_path / "mine.csv", ("emotion,text\n" + rows).replace("\n", ending)))
        read = {text.replace("\r", "") for split in texts.splits().values() for text in split.texts}
        assert read >= {"two\nlines", 'a "word"\nin lines', 'she said "no"', "at the end"}
        assert len(texts) == 11


def test_other_columns_may_be_there_twice_or_have_no_name(tmp_path):
    content = "text,emotion,id,id,,\n" + "".join(f"t{i},happy,1,2,,\n" for i in range(12))
    assert len(read_csv(write(tmp_path / "mine.csv", content))) == 12


def test_a_pipe_is_not_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no such pipes")
    os.mkfifo(tmp_path / "mine.csv")
    with pytest.raises(DataError, match="found a pipe or a device"):
        read_csv(tmp_path / "mine.csv")


def test_a_missing_table_and_one_in_other_bytes_are_refused(tmp_path):
    with pytest.raises(DataError, match="none that can be read"):
        read_csv(tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("text,emotion\nschön,happy\n".encode("latin-1"))
    with pytest.raises(DataError, match="save the table as UTF-8"):
        read_csv(tmp_path / "latin.csv")
