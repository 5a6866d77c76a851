"""Be the tagger: the panel, the answers and the comparison with the data set."""

import math

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.dataset import Split


def make_split(n=40):
    rng = np.random.default_rng(3)
    labels = np.arange(n, dtype=np.int64) % 7
    files = np.array([f"{i}.png" for i in range(n)])
    return Split(rng.integers(0, 256, (n, 48, 48), dtype=np.uint8), labels, files)


@pytest.fixture
def tagger():
    return el.tagger(make_split(), size=6, seed=1)


def widgets_of(panel):
    """(heading, picture, seven buttons, undo button, result) of a panel."""
    heading, picture, row, undo_row, result = panel.children[:5]
    return heading, picture, row.children, undo_row.children[0], result


def test_faces_are_a_fixed_random_sample_of_the_split(tagger):
    split = make_split()
    again = el.tagger(split, size=6, seed=1)
    other = el.tagger(split, size=6, seed=2)
    assert len(tagger.faces) == 6
    assert list(tagger.faces.files) == list(again.faces.files) != list(other.faces.files)
    assert set(tagger.faces.files) <= set(split.files)
    assert len(el.tagger(split, size=1000).faces) == len(split)


def test_numbers_and_words_give_the_same_labels(tagger):
    for label in (3, "happy", np.int64(3)):
        tagger.answer(label)
    assert tagger.labels.tolist() == [3, 3, 3]
    assert tagger.labels.dtype == np.int64


@pytest.mark.parametrize("label", [7, -1, "joy", "Happy", True, 1.0, None])
def test_anything_else_is_refused_and_changes_nothing(tagger, label):
    with pytest.raises(EmotionLabError, match="Expected one of 0 angry"):
        tagger.answer(label)
    assert len(tagger.labels) == 0


def test_agreement_counts_the_answers_so_far(tagger):
    assert math.isnan(tagger.agreement)
    truth = tagger.faces.labels
    tagger.answer(truth[0])
    tagger.answer((truth[1] + 1) % 7)
    assert tagger.agreement == 0.5
    assert tagger.truth.tolist() == truth[:2].tolist()
    assert "1 of 2 faces (50 %)" in tagger.summary()


def test_undo_takes_one_answer_back(tagger):
    tagger.undo()
    tagger.answer("fear")
    tagger.answer("sad")
    tagger.undo()
    assert tagger.labels.tolist() == [2]


def test_no_answer_is_taken_after_the_last_face(tagger):
    for _ in range(6):
        tagger.answer(0)
    assert tagger.done
    with pytest.raises(EmotionLabError, match="undo"):
        tagger.answer(0)


def test_table_and_report_show_the_confusion_of_the_learner():
    n = 4
    faces = Split(np.zeros((n, 48, 48), np.uint8), np.array([2, 2, 2, 5]), np.array(list("abcd")))
    tagger = el.tagger(faces)
    for _ in range(n):
        tagger.answer("surprise")
    table = tagger.table()
    assert table.loc["fear"].tolist() == [3, 0, "surprise (3)"]
    assert table.loc["surprise"].tolist() == [1, 1, "-"]
    assert table.faces.sum() == n
    report = tagger.report()
    assert report.confusion[2, 5] == 3
    assert report.accuracy == tagger.agreement == 0.25


def test_report_before_the_first_answer_says_what_to_do(tagger):
    with pytest.raises(EmotionLabError, match="label a face first"):
        tagger.report()


def test_buttons_drive_the_same_answers(tagger):
    heading, picture, buttons, undo, result = widgets_of(tagger.panel())
    assert [b.description for b in buttons] == [f"{i} {word}" for i, word in enumerate(el.EMOTIONS)]
    assert "Face 1 of 6" in heading.value
    first = picture.value
    assert 'alt="Face 1 of 6' in first
    undo.click()
    assert "Face 1 of 6" in heading.value
    buttons[4].click()
    assert tagger.labels.tolist() == [4]
    assert "Face 2 of 6" in heading.value
    assert picture.value != first
    undo.click()
    assert tagger.labels.tolist() == []
    assert picture.value == first
    for _ in range(8):
        buttons[3].click()
    assert tagger.labels.tolist() == [3] * 6
    assert "All done" in heading.value
    assert "data set says" in result.value
    undo.click()
    assert result.value == ""


def test_answers_from_a_program_move_the_panel_on(tagger):
    heading, *_ = widgets_of(tagger.panel())
    tagger.answer("happy")
    assert "Face 2 of 6" in heading.value


def test_number_keys_answer_and_undo(tagger):
    pytest.importorskip("anywidget")
    keys = tagger.panel().children[5]
    for key in ("3", "0", "u", "6"):
        keys._handle_custom_msg({"key": key}, [])
    assert tagger.labels.tolist() == [3, 6]
    for _ in range(9):
        keys._handle_custom_msg({"key": "1"}, [])
    assert tagger.done


def test_panel_does_not_tell_the_label_of_the_data_set(tagger):
    heading, picture, *_ = widgets_of(tagger.panel())
    assert str(tagger.faces.files[0]) not in picture.value + heading.value
    assert not any(word in picture.value.split("base64")[0] for word in el.EMOTIONS)


def test_the_picture_in_the_page_is_the_face_enlarged(tagger):
    import base64
    import io
    import re

    from PIL import Image

    _, picture, *_ = widgets_of(tagger.panel())
    data = base64.b64decode(re.search(r"base64,([^\"]+)", picture.value)[1])
    shown = Image.open(io.BytesIO(data))
    assert shown.size == (288, 288)
    small = np.asarray(shown.resize((48, 48), Image.Resampling.BOX), dtype=float)
    assert np.corrcoef(small.ravel(), tagger.faces.images[0].ravel())[0, 1] > 0.95


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": 2.5}, {"size": -3}])
def test_a_wrong_size_is_refused(wrong):
    with pytest.raises(EmotionLabError, match="Expected size"):
        el.tagger(make_split(), **wrong)


def test_whole_faces_instead_of_a_split_are_refused():
    with pytest.raises(EmotionLabError, match=r"faces\.validation"):
        el.tagger("train")


def test_nothing_is_written(tagger, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tagger.panel()
    for _ in range(6):
        tagger.answer(1)
    tagger.summary(), tagger.table(), repr(tagger)
    assert list(tmp_path.rglob("*")) == []
