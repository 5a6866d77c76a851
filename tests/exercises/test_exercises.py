"""The check engine, and the whole bank of right and wrong answers of every exercise."""

import json
import linecache
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import exercise, numbers
from emotionlab.exercises.capture import LARGEST, capture, describe, pack, unpack
from emotionlab.exercises.compare import Mistake, call_each, compare, difference
from emotionlab.exercises.engine import Bank, Question, is_stub
from emotionlab.exercises.naming import exercise_of, exercise_of_file
from emotionlab.exercises.verdict import OUTCOMES, Note, Verdict, to_html

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = [question for number in numbers() for question in exercise(number).questions]
BY_ID = {question.id: question for question in QUESTIONS}


def answer_from(source: str, name: str):
    """Run the text of a cell as a notebook does, and return what it calls `name`."""
    filename = str(ROOT / "notebook" / f"cell_{abs(hash(source))}.py")
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    names = {"np": np, "el": el}
    exec(compile(source, filename, "exec"), names)
    return names[name]


def cases(kind: str) -> list:
    found = []
    for question in QUESTIONS:
        bank = question.bank.right if kind == "right" else question.bank.wrong
        found += [pytest.param(question, name, id=f"{question.id}-{name}") for name in bank]
    return found


# ---- The bank --------------------------------------------------------------------------------


@pytest.mark.parametrize(("question", "name"), cases("right"))
def test_every_good_style_passes(question, name):
    verdict = question.check(answer_from(question.bank.right[name], question.answer))
    assert verdict.outcome == "passed", verdict


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_model_solution_passes(question):
    verdict = question.check(answer_from(question.solution, question.answer))
    assert verdict.outcome == "passed", verdict
    assert verdict.points == (0 if question.kind == "written" else question.points)


@pytest.mark.parametrize(("question", "name"), cases("wrong"))
def test_every_wrong_answer_fails_with_its_message_also_in_another_process(question, name):
    source, words = question.bank.wrong[name]
    observed = question.observation(answer_from(source, question.answer))
    verdict = question.verdict(observed)
    assert verdict.outcome == "failed", verdict
    assert words, "a wrong answer names the words that its message must contain"
    assert words in verdict.message
    assert verdict.misconception
    assert verdict.misconception == question.bank.ids.get(name, verdict.misconception)
    assert verdict.points == 0
    assert question.verdict(unpack(pack(observed))) == verdict


def seeded() -> list:
    """Two more seeds for each question, one where every answer trains or builds a network, none for the slowest."""
    found = []
    for question in QUESTIONS:
        seeds = () if question.id == "2.6" else (1,) if "import keras" in question.source else (1, 2)
        found += [pytest.param(question, seed, id=f"{question.id}-{seed}") for seed in seeds]
    return found


@pytest.mark.parametrize(("question", "seed"), seeded())
def test_verdicts_do_not_depend_on_the_hidden_numbers(question, seed):
    assert question.check(answer_from(question.solution, question.answer), seed).outcome == "passed"
    for source, words in question.bank.wrong.values():
        verdict = question.check(answer_from(source, question.answer), seed)
        assert verdict.outcome == "failed"
        assert words in verdict.message


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_a_question_ships_a_full_bank_and_three_hints(question):
    assert len(question.bank.right) >= 2
    assert len(question.bank.wrong) >= 4
    assert len(question.hints) == 3
    assert all(question.hints)
    assert bool(question.rubric) == (question.kind == "written")


@pytest.mark.parametrize("number", numbers())
def test_an_exercise_has_four_to_six_questions_with_code_or_three_of_an_elective_and_one_without(number):
    kinds = [question.kind for question in exercise(number).questions]
    assert (4 if number.isdigit() else 3) <= kinds.count("function") <= 6
    assert kinds.count("written") == 1


# ---- The notebooks ---------------------------------------------------------------------------


def notebook(folder: str, number: str):
    (path,) = [path for path in (ROOT / folder).glob("*.ipynb") if exercise_of_file(path.name) == number]
    return nbformat.read(path, as_version=4)


def cell(folder: str, question: Question, kind: str) -> str:
    wanted = f"q-{question.id.replace('.', '-')}-{kind}"
    (found,) = [c for c in notebook(folder, exercise_of(question.id)).cells if c.id == wanted]
    return found.source


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_solution_shown_is_the_cell_of_the_solution_notebook(question):
    assert cell("solutions", question, "answer") == question.source.strip("\n")
    assert cell("solutions", question, "check") == f'ex.check("{question.id}", {question.answer})'


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_stub_as_handed_out_is_not_attempted(question):
    verdict = question.check(answer_from(cell("exercises", question, "answer"), question.answer))
    assert verdict.outcome == "not_attempted"
    assert verdict.points == 0


# ---- The engine, with a small question of its own ----------------------------------------------


def _inputs(seed):
    return [(np.random.default_rng(seed).normal(size=(3, 4)),)]


DOUBLE = Question(
    id="9.1",
    title="Double",
    points=2,
    answer="double",
    source="def double(a):\n    return a * 2",
    inputs=_inputs,
    observe=call_each,
    judge=compare(_inputs, lambda a: a * 2, (Mistake("squared", "This is the square.", lambda a: a**2),)),
    hints=("one", "two", "three"),
    passed="Right.",
    bank=Bank(),
)


class Liar:
    """Claims to equal everything and to be an array."""

    def __eq__(self, other):
        return True

    __hash__ = None
    __class__ = np.ndarray
    shape, dtype, size, ndim = (3, 4), np.dtype(float), 12, 2


def noted(value):
    return DOUBLE.check(lambda a: value)


def test_not_a_number_is_named():
    verdict = DOUBLE.check(lambda a: np.where(a > a.min(), a * 2, np.nan))
    assert (verdict.outcome, verdict.misconception) == ("failed", "not_finite")
    assert "NaN" in verdict.message


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("twice", "found the text 'twice'"),
        ([[1.0, 2.0]], "found (1, 2)"),
        ([[1.0, 2.0], [3.0]], "found a list of length 2"),
        ({"a": 1}, "found a dict of length 1"),
        ((number for number in range(3)), "type generator"),
        (Liar(), "type Liar"),
        (None, "found None"),
        (3, "found the int 3"),
        (10**400, "found the int 10000… (401 digits)"),
        (np.array([object()] * 2), "found (2,)"),
        (np.full((3, 4), "a"), "found <U1"),
        (np.full((3, 4), 1j), "found complex128"),
        (np.array([[object()] * 4] * 3), "found object"),
    ],
)
def test_a_value_of_the_wrong_type_is_described_not_compared(value, words):
    verdict = noted(value)
    assert verdict.outcome == "failed"
    assert words in verdict.message


def test_a_huge_array_is_judged_by_its_shape_without_a_copy():
    huge = np.broadcast_to(np.float32(0), (1_000_000, 1_000_000))
    assert huge.size > LARGEST
    assert capture(huge)["array"] is None
    assert "(1000000, 1000000)" in noted(huge).message


def test_the_name_of_a_type_may_be_long_and_is_told_short():
    assert len(describe(capture(type("A" * 3_000_000, (), {})()))) < 200


def test_views_and_read_only_arrays_are_as_good_as_others():
    def view(a):
        result = np.zeros((6, 8))
        result[::2, ::2] = a * 2
        result.flags.writeable = False
        return result[::2, ::2]

    assert DOUBLE.check(view).outcome == "passed"


def test_a_function_that_changes_its_input_fails_and_the_input_is_a_copy():
    def in_place(a):
        a *= 2
        return a

    assert DOUBLE.check(in_place).misconception == "changed_input"
    given = _inputs(1)
    call_each(in_place, given)
    np.testing.assert_array_equal(given[0][0], _inputs(1)[0][0])


@pytest.mark.parametrize("case", [(np.array([1.0, np.nan]),), ([np.ones(2), [3]], {"a": np.ones(1)}), ("text", None)])
def test_an_input_that_was_only_read_is_not_called_changed(case):
    assert not call_each(lambda *given: 0, [case])["changed_input"]


def test_a_changed_list_of_arrays_is_called_changed():
    def first_to_zero(arrays):
        arrays[0][0] = 0

    assert call_each(first_to_zero, [([np.ones(2), np.ones(3)],)])["changed_input"]


def test_a_check_leaves_the_global_random_numbers_alone():
    import random

    random.seed(5), np.random.seed(5)  # noqa: NPY002
    expected = random.random(), np.random.rand()  # noqa: NPY002
    random.seed(5), np.random.seed(5)  # noqa: NPY002
    DOUBLE.check(lambda a: np.random.rand(3, 4) + random.random())  # noqa: NPY002
    assert (random.random(), np.random.rand()) == expected  # noqa: NPY002


def test_an_exception_names_the_learners_own_line():
    source = "def double(a):\n    b = a * 2\n    return np.reshape(b, (5, 5))\n"
    verdict = DOUBLE.check(answer_from(source, "double"))
    assert verdict.outcome == "error"
    assert "Line 3 of your code, `return np.reshape(b, (5, 5))`, raised ValueError" in verdict.message
    assert "It was called with an array of shape (3, 4), float64." in verdict.message


def test_an_exception_that_cannot_print_itself_is_an_error_too():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError

    def double(a):
        raise Mute

    verdict = DOUBLE.check(double)
    assert verdict.outcome == "error"
    assert "Mute" in verdict.message


def test_a_stop_by_the_learner_is_not_swallowed():
    def double(a):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        DOUBLE.check(double)


def test_a_value_for_a_function_is_told_how_to_pass_it():
    verdict = DOUBLE.check(np.ones(3))
    assert verdict.misconception == "not_a_function"
    assert 'ex.check("9.1", double)' in verdict.next_step


def body_only(a): ...


def documented(a):
    """Double."""
    ...


def gives_dots(a):
    return ...


def assigned(a):
    result = ...
    return result


@pytest.mark.parametrize("answer", [..., body_only, documented, gives_dots, assigned, lambda a: (..., ...)])
def test_three_dots_are_not_attempted(answer):
    assert DOUBLE.check(answer).outcome == "not_attempted"


def test_a_forgotten_return_is_a_failure_and_not_a_stub():
    def double(a):
        b = a * 2  # noqa: F841

    assert not is_stub(double)
    assert DOUBLE.check(double).misconception == "no_return"


def test_an_observation_survives_json_and_npz():
    values = [
        np.arange(6).reshape(2, 3),
        np.float32(2.5),
        3,
        "é",
        None,
        [1, np.ones(2)],
        {"k": np.nan},
        {"__array__": 1},
    ]
    observed = {"returned": [capture(value) for value in values], "seed": 3}
    again = unpack(pack(observed))
    np.testing.assert_equal(again, observed)
    with pytest.raises(EmotionLabError, match="observe the answer again"):
        unpack(b"PK not a zip")


# ---- What the learner sees -------------------------------------------------------------------


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_verdict_says_its_outcome_with_a_symbol_a_word_and_a_colour(outcome):
    symbol, word, colour = OUTCOMES[outcome]
    verdict = Verdict(outcome, "1.2", "Because.", next_step="Go on.")
    assert repr(verdict).startswith(f"{symbol} {word}: question 1.2")
    view = verdict._repr_html_()
    assert symbol in view
    assert word in view
    assert colour in view


@pytest.mark.parametrize(("possible", "said"), [(1, "(1 of 1 point)"), (3, "(1 of 3 points)")])
def test_one_point_is_no_points(possible, said):
    assert said in str(Verdict("passed", "1.2", "Good.", points=1, possible=possible))


def test_a_view_stresses_what_is_starred_and_leaves_sums_and_code_alone():
    shown = to_html("the *other* faces: `a *b* c` and 2 * 3 * 4")
    assert shown == "the <em>other</em> faces: <code>a *b* c</code> and 2 * 3 * 4"


def test_an_error_in_a_helper_names_the_cell_it_stands_in():
    def helper(a):
        return a.nothing

    message = DOUBLE.check(lambda a: helper(a)).message
    assert "of the cell with `helper`" in message


def test_html_views_escape_what_the_learner_wrote():
    nasty = "<script>alert(1)</script> & `<b>`"
    for view in (Verdict("failed", "1.1", nasty, next_step=nasty)._repr_html_(), Note("h", nasty)._repr_html_()):
        assert "<script>" not in view
        assert "<b>`" not in view
        assert "&lt;script&gt;" in view
        assert "<code>&lt;b&gt;</code>" in view


@pytest.fixture
def ex(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return el.exercise("01")


def test_hints_come_in_three_steps(ex):
    notes = [repr(ex.hint("1.1")) for _ in range(4)]
    assert [re.search(r"Hint (\d) of 3", note)[1] for note in notes] == ["1", "2", "3", "3"]
    assert "ex.solution" in notes[2]


def test_the_solution_has_no_markers(ex):
    text = repr(ex.solution("1.2"))
    assert "np.bincount(labels, minlength=7)" in text
    assert "SOLUTION" not in text


def test_two_failed_tries_bring_the_offer_of_a_hint(ex):
    wrong = answer_from(BY_ID["1.2"].bank.wrong["no_minlength"][0], "class_counts")
    assert "ex.hint" not in ex.check("1.2", wrong).next_step
    assert 'ex.hint("1.2")' in ex.check("1.2", wrong).next_step
    assert ex.check("1.2", ...).next_step == ""


def test_progress_is_kept_between_sessions(ex, tmp_path):
    ex.check("1.2", lambda labels: np.bincount(labels))
    ex.check("1.2", lambda labels: np.bincount(labels, minlength=7))
    stored = json.loads((tmp_path / ".emotionlab_progress.json").read_text(encoding="utf-8"))
    assert stored["01"]["1.2"] == {"outcome": "passed", "tries": 2, "failed_in_a_row": 0}
    table = el.exercise("01").progress()
    assert re.search(r"1\.2\s+Count the classes\s+✔ Passed\s+2\s+1 of 1", repr(table))
    assert "<caption>" in table._repr_html_()
    for view in (repr(table), table._repr_html_()):
        assert f"1 of 7 done. Go on with 1.1, “{BY_ID['1.1'].title}”." in view
    assert [path.name for path in tmp_path.iterdir()] == [".emotionlab_progress.json"]


@pytest.mark.parametrize("content", ["not json", "[1, 2]", '{"01": 3}', '{"01": {"1.2": {"outcome": "great"}}}'])
def test_a_spoilt_progress_file_never_breaks_a_check(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".emotionlab_progress.json").write_text(content, encoding="utf-8")
    ex = el.exercise("01")
    ex.progress()
    assert ex.check("1.2", lambda labels: np.bincount(labels, minlength=7)).outcome == "passed"


def test_a_folder_that_cannot_be_written_never_breaks_a_check(ex):
    ex.folder = ex.folder / "missing"
    assert ex.check("1.2", lambda labels: np.bincount(labels, minlength=7)).outcome == "passed"
    assert "✔ Passed" in repr(ex.progress())


def test_a_wrong_number_is_answered_with_the_right_ones(ex):
    with pytest.raises(EmotionLabError, match=r"1\.1, 1\.2"):
        ex.check("7.7", 1)
    with pytest.raises(EmotionLabError, match="01, 02"):
        el.exercise("99")
    with pytest.raises(EmotionLabError, match="no rubric"):
        ex.rubric("1.1")
    assert "judgement" in repr(ex.rubric("1.7"))
    assert el.exercise(1).number == "01"
    assert {"01", "02"} <= set(numbers())


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.kind == "written"], ids=lambda q: q.id)
def test_the_task_of_a_written_question_is_no_answer_to_it(question):
    cells = notebook("exercises", exercise_of(question.id)).cells
    task = next(cell.source for cell in cells if cell.id == f"q-{question.id.replace('.', '-')}-task")
    assert question.check(task).misconception == "copied_task"


def test_a_check_without_an_answer_is_not_attempted(ex):
    assert ex.check("1.2").outcome == "not_attempted"


def test_values_that_read_the_same_are_shown_with_more_digits():
    assert (
        "Expected 1 for one of the hidden inputs, found the float 1.0003." in difference(capture(1.0003), 1.0).message
    )
    arrays = difference(capture(np.array([1.0003])), np.array([1.0]))
    assert "Expected 1 at position [0], found 1.0003;" in arrays.message


def test_an_answer_that_ignores_its_input_is_asked_about_it():
    cases = [([1, 2],), ([3, 4],)]
    judge = compare(lambda seed: cases, lambda a: sum(a))
    assert "does it use its arguments" in judge({"seed": 1} | call_each(lambda a: 3, cases)).next_step
    assert judge({"seed": 1} | call_each(lambda a: a[0], cases)).next_step == ""


def test_a_written_answer_earns_its_points_from_a_reader(ex):
    verdict = ex.check("1.7", answer_from(BY_ID["1.7"].solution, "answer_1_7"))
    assert (verdict.outcome, verdict.points) == ("passed", 0)
    assert "No program can judge" in verdict.message
    assert "given by a reader" in repr(ex.progress())
