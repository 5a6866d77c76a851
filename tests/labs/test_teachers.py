"""The lab of teachers: rows that differ in what they learn from alone, resumable, and a record that is whole."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab import labs
from emotionlab.base.errors import RunError
from emotionlab.labs import records, teachers
from emotionlab.runs.recipes import recipe_from_dict
from emotionlab.training.targets import teach


@pytest.fixture
def small_search(tmp_path, monkeypatch):
    """A search of two rows of one epoch, the second of them taught, in a folder of its own."""
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(teachers, "EPOCHS", 1)
    monkeypatch.setattr(teachers, "CHANGES", {"labels": {}, "taught": {"teacher": "large", "label_smoothing": 0.0}})
    return el.load_faces("drawn", size=240, seed=3)


def test_a_search_without_its_teacher_says_how_to_ask_it_and_records_nothing(small_search, tmp_path):
    with pytest.raises(RunError, match="large"):
        teachers.record(small_search)
    assert not (tmp_path / teachers.BITS).exists()


def test_a_search_goes_on_where_it_stopped_and_its_table_agrees_with_its_runs(small_search, capsys):
    faces = small_search
    large = el.train(el.models.small_cnn(widths=(4, 4, 4, 4)), faces, el.Recipe(epochs=1), name="large")
    teach(large, faces.train)
    first = teachers.measure("labels", faces)
    capsys.readouterr()
    records.keep(teachers.NAME, teachers.record(faces), teachers.COMMAND, faces)
    assert "'teacher_search_labels' is finished already" in capsys.readouterr().out
    table = labs.teacher_search()
    assert table.index.tolist() == ["labels", "taught"]
    assert table.accuracy["labels"] == pytest.approx(first.report("validation").accuracy, abs=1e-6)
    assert table.gain["labels"] == 0
    assert table.gain["taught"] == pytest.approx(table.accuracy["taught"] - table.accuracy["labels"], abs=2e-6)


def test_the_rows_differ_in_what_they_learn_from_alone():
    told = {"targets", "teacher", "teacher_share", "label_smoothing"}
    labels = teachers.recipe("labels").as_dict()
    for row in teachers.CHANGES:
        differs = {key for key, value in teachers.recipe(row).as_dict().items() if value != labels[key]}
        assert differs <= told


def test_the_recorded_search_is_whole():
    record = records.read(teachers.NAME, teachers.COMMAND)
    assert [row["change"] for row in record["rows"]] == list(teachers.CHANGES)
    table = labs.teacher_search()
    assert record["pictures"] == 3589
    for row in record["rows"]:
        assert recipe_from_dict(row["recipe"]) == teachers.recipe(row["change"])
        gain = table.accuracy[row["change"]] - table.accuracy["labels"]
        assert table.gain[row["change"]] == pytest.approx(gain, abs=2e-6), "the bits say what the accuracy says"
        assert table.gain_low[row["change"]] <= gain + 1e-9 <= table.gain_high[row["change"]] + 2e-9
        assert np.isfinite(row["minutes"])
