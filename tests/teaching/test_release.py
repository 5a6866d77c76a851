"""Exercises are made from solutions: what is taken out, what stays, and what is refused."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from emotionlab.base.errors import EmotionLabError
from emotionlab.teaching.release import BEGIN, END, build, differences, release, remove_solution

ROOT = Path(__file__).resolve().parents[2]

ANSWER = f"def double(a):\n    {BEGIN}\n    b = a * 2\n    return b\n    {END}\n"


def code(id: str, source: str, **metadata):
    cell = new_code_cell(source, metadata=metadata)
    cell.id = id
    return cell


def check(id: str = "q-1-1-check", source: str = 'ex.check("1.1", double)'):
    return code(id, source, tags=["check"])


def notebook(*cells):
    return new_notebook(cells=list(cells))


def store(folder: Path, book, name: str = "01_test.ipynb") -> Path:
    folder.mkdir(exist_ok=True)
    nbformat.write(book, folder / name)
    return folder


def test_the_exercises_are_what_the_solutions_yield():
    assert differences(ROOT / "solutions", ROOT / "exercises") == []


def test_dots_take_the_place_of_the_solution_with_its_indentation():
    assert remove_solution(ANSWER) == "def double(a):\n    ...\n"


def test_a_cell_may_bring_its_own_stub():
    cell = code("q-1-1-answer", ANSWER, emotionlab={"stub": "b = ...\nreturn b"})
    (made, _) = release(notebook(cell, check())).cells
    assert made.source == "def double(a):\n    b = ...\n    return b\n"
    assert "emotionlab" not in made.metadata


def test_ids_stay_and_outputs_go(tmp_path):
    answer = code("q-1-1-answer", ANSWER)
    answer.outputs = [nbformat.v4.new_output("stream", text="secret")]
    answer.execution_count = 7
    note = new_markdown_cell("The answer is double.", metadata={"tags": ["solution-only"]})
    made = release(notebook(note, answer, check()))
    assert [cell.id for cell in made.cells] == ["q-1-1-answer", "q-1-1-check"]
    assert made.cells[0].outputs == []
    assert made.cells[0].execution_count is None
    assert answer.execution_count == 7, "the solution itself is not changed"


def test_the_same_solutions_give_the_same_bytes(tmp_path):
    folder = store(tmp_path / "solutions", notebook(code("q-1-1-answer", ANSWER), check()))
    (first,) = build(folder, tmp_path / "a")
    (second,) = build(folder, tmp_path / "b")
    assert first.read_bytes() == second.read_bytes()
    assert b"return b" not in first.read_bytes()
    assert first.read_bytes().endswith(b"}\n")


def test_a_change_and_a_leftover_are_both_noticed(tmp_path):
    folder = store(tmp_path / "solutions", notebook(code("q-1-1-answer", ANSWER), check()))
    build(folder, tmp_path / "exercises")
    assert differences(folder, tmp_path / "exercises") == []
    (tmp_path / "exercises" / "01_test.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "exercises" / "09_old.ipynb").write_text("{}", encoding="utf-8")
    assert differences(folder, tmp_path / "exercises") == ["01_test.ipynb", "09_old.ipynb"]


def test_a_notebook_that_was_never_finished_is_neither_a_solution_nor_a_leftover(tmp_path):
    folder = store(tmp_path / "solutions", notebook(code("q-1-1-answer", ANSWER), check()))
    for left in (folder, tmp_path / "exercises"):
        left.mkdir(exist_ok=True)
        (left / ".01_test-0a1b2c3d.ipynb").write_text("{ cut off", encoding="utf-8")
    assert [path.name for path in build(folder, tmp_path / "exercises")] == ["01_test.ipynb"]
    assert differences(folder, tmp_path / "exercises") == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (f"{BEGIN}\na = 1", "never closed"),
        (f"a = 1\n{END}", "without a BEGIN"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n{END}", "inside the solution begun in line 1"),
        (f"a = 1  {BEGIN}\n{END}", "alone on its line"),
        (f"{BEGIN}\nif a:\n{END}\n    b = 1", "does not compile"),
    ],
)
def test_bad_markers_are_refused_with_the_place(source, words):
    with pytest.raises(EmotionLabError, match=words) as caught:
        remove_solution(source, where="01.ipynb, cell q-1-1-answer")
    assert "q-1-1-answer" in str(caught.value)


@pytest.mark.parametrize(
    "cells",
    [
        [code("q-1-1-answer", ANSWER)],
        [check(), code("q-1-1-answer", ANSWER)],
        [code("q-1-1-answer", ANSWER), code("q-1-1-check", 'ex.check("1.1", double)')],
        [code("q-1-1-answer", ANSWER), check(source='ex.check("1.2", double)')],
    ],
    ids=["none", "before", "no tag", "another question"],
)
def test_a_question_without_a_check_is_refused(cells):
    with pytest.raises(EmotionLabError, match="has no check"):
        release(notebook(*cells))


def test_markers_belong_in_answer_cells():
    with pytest.raises(EmotionLabError, match="needs an id"):
        release(notebook(code("something", ANSWER)))
    with pytest.raises(EmotionLabError, match="belong in a code cell"):
        release(notebook(new_markdown_cell(BEGIN)))


def test_nothing_is_written_when_one_notebook_is_bad(tmp_path):
    folder = store(tmp_path / "solutions", notebook(code("q-1-1-answer", ANSWER), check()))
    (folder / "02_bad.ipynb").write_text("no notebook", encoding="utf-8")
    with pytest.raises(EmotionLabError, match=r"02_bad\.ipynb is no valid notebook"):
        build(folder, tmp_path / "exercises")
    assert not (tmp_path / "exercises").exists()
    with pytest.raises(EmotionLabError, match="found none"):
        build(tmp_path / "exercises", tmp_path / "out")
