"""Finding submissions, and taking answers out of notebooks that were changed in many ways."""

import os

import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.grading.assemble import assemble, masters
from emotionlab.teaching.grading.collect import find_submissions, student_of
from emotionlab.teaching.grading.reading import Unreadable, notebook_of, read_notebook

MASTERS = {"01": submissions.NAME, "04": "04_confusion_matrix.ipynb"}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Ada Lovelace_471123_assignsubmission_file_", "Ada Lovelace"),
        ("Ada Lovelace_471123_assignsubmission_file_01_faces_as_data", "Ada Lovelace"),
        ("lovelaceada_12345_678910_01_faces_as_data", "lovelaceada"),
        ("lovelaceada_LATE_12345_678910_01_faces_as_data-1", "lovelaceada"),
        ("Exercise 01_al99_attempt_2026-03-01-12-30-59_01_faces", "al99"),
        ("ada", "ada"),
        ("o'hara, scarlett", "o'hara, scarlett"),
    ],
)
def test_download_names_tell_the_learner(name, student):
    assert student_of(name) == student


def test_a_flat_folder_and_folders_are_found_together(tmp_path):
    submissions.write(tmp_path / "bob", submissions.solved())
    submissions.write(tmp_path, submissions.solved(), "ada_1_2_01_faces_as_data.ipynb")
    (tmp_path / "notes.txt").write_text("for the teacher", encoding="utf-8")
    (tmp_path / "bob" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "bob" / ".ipynb_checkpoints" / "01-checkpoint.ipynb").write_text("{}", encoding="utf-8")
    found = find_submissions(tmp_path, MASTERS)
    assert [(entry.student, entry.exercise, entry.problem) for entry in found] == [("ada", "01", ""), ("bob", "01", "")]


def test_logins_of_blackboard_that_end_alike_are_two_learners(tmp_path):
    for login in ("j_doe", "k_doe"):
        name = f"Exercise 1_{login}_attempt_2024-10-01-10-00-00_01_faces_as_data.ipynb"
        submissions.write(tmp_path, submissions.solved(), name)
    names = [entry.student for entry in find_submissions(tmp_path, MASTERS)]
    assert names == ["Exercise 1_j_doe", "Exercise 1_k_doe"]


def test_several_exercises_of_one_learner_are_rows_of_their_own(tmp_path):
    for name in MASTERS.values():
        submissions.write(tmp_path / "ada", submissions.solved(name), name)
    assert [entry.exercise for entry in find_submissions(tmp_path, MASTERS)] == ["01", "04"]
    assert [entry.exercise for entry in find_submissions(tmp_path, MASTERS, "04")] == ["04"]


def test_one_student_alone(tmp_path):
    for who in ("ada", "bob"):
        submissions.write(tmp_path / who, submissions.solved())
    assert [entry.student for entry in find_submissions(tmp_path, MASTERS, student="bob")] == ["bob"]
    with pytest.raises(EmotionLabError, match="'eve'"):
        find_submissions(tmp_path, MASTERS, student="eve")


def test_an_empty_or_missing_folder_is_the_teachers_to_mend(tmp_path):
    with pytest.raises(EmotionLabError, match="found neither"):
        find_submissions(tmp_path, MASTERS)
    with pytest.raises(EmotionLabError, match="check the path"):
        find_submissions(tmp_path / "nowhere", MASTERS)
    path = submissions.write(tmp_path / "ada", submissions.solved())
    with pytest.raises(EmotionLabError, match=r"found the file .*\.ipynb; give the folder in which it lies"):
        find_submissions(path, MASTERS)


def test_every_exercise_has_a_master_with_all_its_answer_cells():
    known = masters()
    assert {"01", "02", "03", "04"} <= set(known)
    for master in known.values():
        assert all(master.answer_cell(question) for question in master.exercise.questions)


def assembled(folder, notebook):
    return assemble(masters()["01"], read_notebook(submissions.write(folder, notebook)))


def test_every_code_cell_runs_as_it_stands_and_in_its_order(tmp_path):
    notebook = submissions.solved()
    made = assembled(tmp_path, notebook)
    sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["source"] for cell in made.cells] == sources
    assert [cell["holds"] for cell in made.cells if cell["holds"]] == [[f"1.{number}"] for number in range(1, 8)]
    assert not any(cell["stub"] for cell in made.cells)


def test_a_stub_does_not_run_where_another_cell_defines_the_name(tmp_path):
    notebook = submissions.solved()
    empty = submissions.cell(submissions.blank(), "1.2")["source"]
    notebook["cells"].append(submissions.code("# later\n" + "".join(empty), "below"))
    assert [cell["stub"] for cell in assembled(tmp_path, notebook).cells][-1] == ["1.2"]
    assert not any(cell["stub"] for cell in assembled(tmp_path, submissions.blank()).cells)


def test_the_set_up_of_the_exercise_runs_where_the_learner_deleted_it(tmp_path):
    notebook = submissions.solved()
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] != "set-up"]
    made = assembled(tmp_path, notebook)
    assert "import numpy as np" in made.cells[0]["source"]
    assert "set-up cell is missing" in made.warnings[-1]


def test_two_answers_in_one_cell_are_both_found(tmp_path):
    notebook = submissions.solved()
    second = submissions.cell(notebook, "1.2")
    notebook["cells"].remove(second)
    submissions.answer(notebook, "1.1", submissions.solution("1.1") + "\n\n\n" + submissions.solution("1.2"))
    made = assembled(tmp_path, notebook)
    assert "class_counts" in made.answers["1.2"].source
    assert next(cell["holds"] for cell in made.cells if cell["holds"]) == ["1.1", "1.2"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ('{"cells": [' + "{}," * 6000 + "{}]}", "holds 6,001 cells, more than the 5,000"),
        ('{"cells": [], "metadata": [' + "[]," * 2_000_000 + "0]}", "more than 2,000,000 lists"),
    ],
    ids=["cells", "lists"],
)
def test_a_notebook_of_a_million_parts_is_not_opened(content, found):
    with pytest.raises(Unreadable, match=found):
        notebook_of(content.encode(), "many.ipynb")


@pytest.mark.parametrize("exercise", ["", "01"])
@pytest.mark.parametrize(
    ("good", "damaged"),
    [
        ("fay/01_faces_as_data.ipynb", "fay/mine.ipynb"),
        ("fay/old.ipynb", "fay/01_faces_as_data.ipynb"),
        ("fay_111_222_01_faces_as_data-1.ipynb", "fay_111_222_01_faces_as_data-2.ipynb"),
    ],
)
def test_a_newer_notebook_that_cannot_be_read_is_named(tmp_path, good, damaged, exercise):
    for number, name in enumerate((good, damaged)):
        path = submissions.write((tmp_path / name).parent, submissions.solved(), (tmp_path / name).name)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    (tmp_path / damaged).write_bytes((tmp_path / damaged).read_bytes()[:5000])
    os.utime(tmp_path / damaged, (1_700_000_001, 1_700_000_001))
    rows = find_submissions(tmp_path, MASTERS, exercise)
    told = "; ".join(note for row in rows for note in (*row.warnings, row.problem))
    assert damaged.split("/")[-1] in told
    if len(rows) == 1:  # without an exercise to look for, a file that cannot be read may be a row of its own
        assert f"{damaged} is newer and was not graded: " in told
        assert "of those that can be graded" in told
    assert len(rows) == 1 or not exercise
