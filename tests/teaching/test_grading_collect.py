"""Finding submissions, and taking answers out of notebooks that were changed in many ways."""

import json

import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.grading import names
from emotionlab.teaching.grading.assemble import assemble, masters
from emotionlab.teaching.grading.collect import find_submissions, student_of
from emotionlab.teaching.grading.reading import read_notebook

MASTERS = {"01": submissions.NAME, "04": "04_confusion_matrix.ipynb"}


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Ada Lovelace_471123_assignsubmission_file_", "Ada Lovelace_471123"),
        ("Ada Lovelace_471123_assignsubmission_file_01_faces_as_data", "Ada Lovelace_471123"),
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


def test_every_exercise_has_a_master_with_all_its_answer_cells():
    known = masters()
    assert {"01", "02", "03", "04"} <= set(known)
    for master in known.values():
        assert all(master.answer_cell(question) for question in master.exercise.questions)


def assembled(folder, notebook):
    return assemble(masters()["01"], read_notebook(submissions.write(folder, notebook)))


def test_only_answers_run_and_only_the_set_up_they_need(tmp_path):
    made = assembled(tmp_path, submissions.solved())
    ran = [step["id"] for step in made.steps if step["kind"] == "run"]
    assert ran == ["set-up", *(f"q-1-{number}-answer" for number in range(1, 8))]
    assert "load_faces" not in made.steps[0]["source"]
    assert "import numpy as np" in made.steps[0]["source"]


def test_the_set_up_loads_faces_where_an_answer_reads_them(tmp_path):
    notebook = submissions.solved()
    submissions.answer(notebook, "1.1", submissions.solution("1.1") + "\nfaces.train")
    assert "load_faces" in assembled(tmp_path, notebook).steps[0]["source"]


def test_a_check_cell_of_the_learner_never_runs(tmp_path):
    notebook = submissions.solved()
    submissions.cell(notebook, "1.2", "check")["source"] = "cheat = 1"
    assert "cheat" not in json.dumps(assembled(tmp_path, notebook).steps)


def test_an_edited_set_up_does_not_count_but_its_imports_do(tmp_path):
    notebook = submissions.solved()
    setup = next(cell for cell in notebook["cells"] if cell["id"] == "set-up")
    setup["source"] = "import math\nnp = None\nimport numpy as np\ncheat = 1"
    submissions.answer(notebook, "1.1", submissions.solution("1.1") + "\nmath.pi")
    steps = json.dumps(assembled(tmp_path, notebook).steps)
    assert "import math" in steps
    assert "cheat" not in steps
    assert "np = None" not in steps


def test_two_answers_in_one_cell_are_both_found(tmp_path):
    notebook = submissions.solved()
    second = submissions.cell(notebook, "1.2")
    notebook["cells"].remove(second)
    submissions.answer(notebook, "1.1", submissions.solution("1.1") + "\n\n\n" + submissions.solution("1.2"))
    made = assembled(tmp_path, notebook)
    assert "class_counts" in made.answers["1.2"].source


def test_names_are_found_in_magics_and_in_broken_code():
    assert names.defined("%matplotlib inline\ndef f(x):\n    y = 1\n    return y") == {"f"}
    assert names.defined("import a.b as c, d.e\nfrom f import g\nx, (y, z) = 1, (2, 3)") == {
        "c",
        "d",
        "g",
        "x",
        "y",
        "z",
    }
    assert names.defined("def f(x)\n    return x") == {"f"}
    assert {"x", "f"} <= names.used("f(x")
