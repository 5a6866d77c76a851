"""`emotionlab exercises verify`: the course passes, and whatever is wrong with a bank or a notebook is found.

The course's own mutants are sampled here; `emotionlab exercises verify` tries them all.
"""

import shutil
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands import cli
from emotionlab.exercises import Exercise, exercise, module_name, numbers
from emotionlab.teaching import notebook_runs, trials, verify
from emotionlab.teaching.blindspots import blindspots
from emotionlab.teaching.mutants import mutants, sample
from emotionlab.teaching.trials import Bench
from emotionlab.teaching.verify import explanation, sync_problems, verify_mutants, verify_question

ROOT = Path(__file__).resolve().parents[2]

# Questions with everything right or wrong that `verify` must see, in a module that another process can import.
MODULE = '''
import os

from emotionlab.exercises.compare import Mistake, call_each, compare
from emotionlab.exercises.engine import Bank, Question, Wrong

TITLE = "Doubling"
TRIPLE = Mistake("tripled", "This is three times the number.", lambda n: 3 * n)
RIGHT = {"sum": "def double(n):\\n    return n + n\\n", "shift": "def double(n):\\n    return n << 1\\n"}
WRONG = {
    "tripled": ("def double(n):\\n    return 3 * n\\n", "three times"),
    "same": ("def double(n):\\n    return n\\n", "Expected"),
    "text": ("def double(n):\\n    return str(n)\\n", "text"),
    "nothing": ("def double(n):\\n    n * 2\\n", "None"),
}


def inputs(seed):
    return [(3,), (seed,)]


def kind_alone(observed):
    """A weak check: any number will do."""
    if all(found["kind"] == "number" for found in observed["returned"]):
        return None
    return Wrong("Expected a number.", "wrong_type")


def broken(observed):
    return Wrong("No.", "no") if observed["returned"][0]["value"] != 6 else None


def question(id, judge, bank, body="return n * 2"):
    source = f"def double(n):\\n    ### BEGIN SOLUTION\\n    {body}\\n    ### END SOLUTION\\n"
    return Question(
        id=id, title="Double", points=1, answer="double", source=source, inputs=inputs, observe=call_each,
        judge=judge, hints=("a", "b", "c"), passed="Right.", bank=bank,
    )


strict = compare(inputs, lambda n: 2 * n, (TRIPLE,))
whole = Bank(RIGHT, WRONG)
QUESTIONS = (
    question("1.1", strict, whole),
    question("1.2", kind_alone, Bank(RIGHT, {name: WRONG[name] for name in ("text", "nothing")})),
    question("1.3", kind_alone, Bank(RIGHT, {}, {"Any number.": ("line 2: 2 -> …", "line 9: gone -> gone")})),
    question("1.4", strict, Bank(RIGHT, WRONG | {"right": (RIGHT["sum"], ".")} | {"words": ("double = abs", "xyz")})),
    question("1.5", strict, Bank(RIGHT | {"tripled": WRONG["tripled"][0]}, WRONG)),
    question("1.6", broken, Bank(RIGHT, WRONG), body="m = n * 2\\n    return m"),
    question("1.7", strict, whole, body="return n * 3"),
    question("1.8", strict, whole, body="m = 0\\n    while m < 2 * n:\\n        m += 1\\n    return m"),
)
'''


@pytest.fixture
def made(tmp_path, monkeypatch):
    """The module above as `made_for_a_test`: question -> Result."""
    (tmp_path / "made_for_a_test.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    import made_for_a_test

    yield made_for_a_test
    del sys.modules["made_for_a_test"]


@pytest.fixture
def result(made):
    questions = {question.id: question for question in made.QUESTIONS}
    with Bench("made_for_a_test") as bench:
        yield lambda name: verify_question(bench, questions[name], mutants(questions[name].solution))


# ---- The course ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bench():
    """One process for the mutants of all exercises: it imports Keras once."""
    with Bench() as one:
        yield one


@pytest.mark.parametrize("number", numbers())
def test_a_sample_of_mutants_of_every_question_is_caught(number, bench):
    bench.module = module_name(number)
    for question in exercise(number).questions:
        if question.kind == "written":
            continue
        size = 2 if "import keras" in question.source else 12  # a network takes a second or more each
        found = verify_mutants(bench, question, sample(mutants(question.solution), size, question.id), whole=False)
        assert found.problems == []
        assert found.made == found.caught + found.same + found.explained


def test_the_notebooks_belong_to_the_checks():
    assert sync_problems(ROOT / "solutions", ROOT / "exercises", numbers()) == []


def test_verify_passes_a_whole_exercise_and_prints_the_table(capsys):
    words = ["exercises", "verify", "--exercise", "04", "--no-notebooks"]
    assert cli.main([*words, "--solutions", str(ROOT / "solutions"), "--exercises", str(ROOT / "exercises")]) == 0
    said = capsys.readouterr().out
    assert "Question  Right styles  Wrong caught  Mutants" in said
    assert said.count("✔") == 8
    assert "0 survived unexplained (0.00%)" in said


# ---- A question whose check or bank is not as it should be --------------------------------------------


def test_a_good_check_catches_every_mutant(result):
    found = result("1.1")
    assert found.problems == []
    assert (found.right, found.wrong) == ((3, 3), (4, 4))
    assert found.made == found.caught > 4
    assert found.row()[-1] == "✔"


def test_a_weak_check_lets_mutants_survive_with_their_line(result):
    found = result("1.2")
    assert {"line 2: 2 -> 3", "line 2: n * 2 -> n / 2"} <= {mutant.name for mutant in found.survivors}
    assert found.row()[-3:] == (str(len(found.survivors)), "-", "✘ see below")
    assert any("without: return n * 2\n    with:    return n * 3" in problem for problem in found.problems)
    assert "the bank has 2 wrong answers; 4 or more are needed" in found.problems


def test_a_survivor_with_a_reason_is_no_problem_and_a_reason_without_one_is(result):
    found = result("1.3")
    assert found.explained == 2
    assert not any("survived: constant" in problem for problem in found.problems)
    assert any("the bank explains 'line 9: gone -> gone'" in problem for problem in found.problems)


def test_a_wrong_answer_that_passes_or_gets_another_message_is_named(result):
    found = result("1.4")
    assert found.wrong == (4, 6)
    assert any(problem.startswith("wrong answer right must fail") for problem in found.problems)
    assert any(problem.startswith("wrong answer words must fail with 'xyz'") for problem in found.problems)


def test_a_good_style_that_fails_is_named(result):
    found = result("1.5")
    assert found.right == (3, 4)
    assert any("right answer tripled must pass and is failed: This is three" in problem for problem in found.problems)


def test_a_check_that_breaks_is_named_and_is_not_taken_for_a_catch(result):
    problems = result("1.6").problems
    assert any("wrong answer nothing" in problem and "KeyError('value')" in problem for problem in problems)
    assert any(problem.startswith("mutant 'line 3: return m -> (left out)'") for problem in problems)


def test_a_model_solution_that_fails_is_named_and_its_mutants_are_not_tried(result):
    found = result("1.7")
    assert found.made == 0
    assert any(problem.startswith("the model solution must pass") for problem in found.problems)


def test_a_mutant_that_never_ends_is_stopped_and_the_next_is_tried(result, monkeypatch):
    monkeypatch.setattr(trials, "PATIENCE", 1.0)
    found = result("1.8")
    assert found.problems == []
    assert found.made == found.caught + found.same > 10


def test_an_answer_that_ends_python_is_reported_and_the_next_is_tried(made):
    with Bench("made_for_a_test") as bench:
        stopped = bench.attempt("1.1", "import os\ndef double(n):\n    os._exit(0)\n")
        assert (stopped.outcome, stopped.message) == ("stopped", "stopped: Python itself ended")
        assert bench.attempt("1.1", "import sys\ndef double(n):\n    sys.exit()\n").outcome == "error"
        assert bench.attempt("1.1", "print('double')").outcome == "error"
        assert bench.attempt("1.1", made.RIGHT["sum"]).outcome == "passed"


def test_an_explanation_fits_its_mutant_and_no_other(made):
    bank = made.QUESTIONS[2].bank
    assert explanation(bank, "line 2: 2 -> 17") == "line 2: 2 -> …"
    assert explanation(bank, "line 2: 22 -> 17") == ""
    assert explanation(bank, "on line 2: 2 -> 17") == ""


def test_a_missing_exercise_is_found(monkeypatch, capsys):
    monkeypatch.setattr(verify, "numbers", list)
    assert cli.main(["exercises", "verify", "--no-notebooks", "--solutions", str(ROOT / "solutions")]) == 1
    said = capsys.readouterr().out
    assert "✘ exercise 01 is missing" in said
    assert "✘ exercise 10 is missing" in said


def test_verify_fails_with_a_weak_check(made, monkeypatch, capsys):
    weak = Exercise("01", made.TITLE, made.QUESTIONS[:2])
    monkeypatch.setattr(verify, "exercise", lambda number: weak)
    monkeypatch.setattr(verify, "module_name", lambda number: "made_for_a_test")
    monkeypatch.setattr(verify, "sync_problems", lambda *places: [])
    words = ["exercises", "verify", "--exercise", "01", "--no-notebooks", "--solutions", str(ROOT / "solutions")]
    assert cli.main(words) == 1
    said = capsys.readouterr().out
    assert "✘ 1.2: survived: constant, line 2: 2 -> 3" in said
    assert "✘ 1.1" not in said
    assert "problems in 2 questions" in said
    assert cli.main([*words, "--jobs", "2"]) == 1
    assert capsys.readouterr().out == said
    assert cli.main([*words, "--jobs", "0"]) == 2
    assert cli.main([*words, "--no-mutants"]) == 1  # the bank of 1.2 has too few wrong answers


def test_an_interrupted_verify_leaves_no_process_and_raises_at_once(made, monkeypatch):
    monkeypatch.setattr(verify, "exercise", lambda number: Exercise("01", made.TITLE, made.QUESTIONS))
    monkeypatch.setattr(verify, "module_name", lambda number: "made_for_a_test")

    def interrupted(*row):
        raise KeyboardInterrupt

    monkeypatch.setattr(verify.Result, "row", interrupted)
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(KeyboardInterrupt):
        verify.verify_questions(["01"], jobs=2)
    left = [process for process in psutil.Process().children(recursive=True) if process not in before]
    assert [process for process in left if "spawn_main" in " ".join(process.cmdline())] == []


# ---- Notebooks that do not belong to the checks --------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    """Exercise 01 and its solution, to be spoilt."""
    for name in ("solutions", "exercises"):
        (tmp_path / name).mkdir()
        shutil.copy(ROOT / name / "01_faces_as_data.ipynb", tmp_path / name)
    return tmp_path


def problems_of(course: Path) -> str:
    return "\n".join(sync_problems(course / "solutions", course / "exercises", ["01"]))


def edit(path: Path, change) -> None:
    book = nbformat.read(path, as_version=4)
    change(book)
    path.write_text(nbformat.writes(book).rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def test_an_exercise_that_was_edited_by_hand_or_is_missing_is_found(course):
    assert problems_of(course) == ""
    path = course / "exercises" / "01_faces_as_data.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("ex.check", "ex.chek"), encoding="utf-8", newline="\n")
    assert "is not what its solution yields" in problems_of(course)
    path.unlink()
    assert "is missing; run `emotionlab exercises build`" in problems_of(course)


def test_a_question_without_a_check_is_found(course):
    def remove_check(book):
        book.cells = [cell for cell in book.cells if cell.id != "q-1-2-check"]

    edit(course / "solutions" / "01_faces_as_data.ipynb", remove_check)
    assert "the question in cell q-1-2-answer has no check" in problems_of(course)


def test_a_question_that_no_module_knows_and_another_model_solution_are_found(course):
    def rename(book):
        for cell in book.cells:
            cell.id = cell.id.replace("q-1-6", "q-1-9")
            cell.source = cell.source.replace('"1.6"', '"1.9"').replace("## 1.6", "## 1.9").replace("th=7", "th=8")

    edit(course / "solutions" / "01_faces_as_data.ipynb", rename)
    found = problems_of(course)
    module = module_name("01")
    assert f"question 1.9 has no checks in {module}" in found
    assert f"question 1.6 of {module} has no cells" in found
    assert f"the source of question 1.2 is not what {module} says" in found


def test_a_notebook_without_an_exercise_module_and_the_reverse_are_found(course):
    text = (course / "solutions" / "01_faces_as_data.ipynb").read_text(encoding="utf-8")
    for old, new in (("q-1-", "q-77-"), ("## 1.", "## 77."), ('(\\"1.', '(\\"77.')):
        text = text.replace(old, new)
    (course / "solutions" / "77_more.ipynb").write_text(text, encoding="utf-8", newline="\n")
    (course / "exercises" / "01_left_over.ipynb").write_text("{}", encoding="utf-8")
    assert "exercise 77: there is a notebook and no folder with its questions" in problems_of(course)
    assert "01_left_over.ipynb has no solution; delete it" in problems_of(course)
    found = sync_problems(course / "solutions", course / "exercises", ["02"])
    assert any("exercise 02: expected one notebook" in problem for problem in found)


def test_a_notebook_that_was_never_finished_is_no_exercise(course):
    (course / "exercises" / ".01_left-0a1b2c3d.ipynb").write_text("{ cut off", encoding="utf-8")
    (course / "solutions" / ".01_left-0a1b2c3d.ipynb").write_text("{ cut off", encoding="utf-8")
    assert verify.written_in(course / "solutions") == ["01"]
    assert sync_problems(course / "solutions", course / "exercises", ["01"]) == []


def test_a_folder_without_solutions_and_an_unknown_exercise_are_named(tmp_path, capsys):
    assert cli.main(["exercises", "verify", "--solutions", str(tmp_path)]) == 2
    assert "found none" in capsys.readouterr().err
    assert cli.main(["exercises", "verify", "--exercise", "99"]) == 2
    assert "There is no exercise '99'" in capsys.readouterr().err


# ---- Notebooks that do not run -----------------------------------------------------------------------


def store(path: Path, *sources: str, tags=()) -> Path:
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    book.cells[-1].metadata["tags"] = list(tags)
    path.parent.mkdir(exist_ok=True)
    nbformat.write(book, path)
    return path


def test_a_notebook_says_what_its_checks_must_say_and_writes_nothing_beside_itself(tmp_path):
    first = "from pathlib import Path\nPath('made.txt').touch()"
    path = store(tmp_path / "01_x.ipynb", first, "print('✔ Passed: question 1.1')", tags=["check"])
    before = path.read_bytes()
    assert notebook_runs.notebook_problems(path, "Passed") == []
    [problem] = notebook_runs.notebook_problems(path, "Not attempted")
    assert "cell c1: the check must say 'Not attempted', it says 'Passed'" in problem
    assert [found.name for found in tmp_path.glob("*.*")] == ["01_x.ipynb"]
    assert path.read_bytes() == before


def test_a_cell_that_fails_is_named(tmp_path):
    store(tmp_path / "solutions" / "01_x.ipynb", "1 / 0")
    found = notebook_runs.run_problems(tmp_path / "solutions", tmp_path / "exercises", ["01"])
    assert len(found) == 1
    assert "cell c0: ZeroDivisionError" in found[0]
    assert notebook_runs.run_problems(tmp_path / "solutions", tmp_path / "exercises", ["02"]) == []


def test_a_cell_that_never_ends_is_an_error_with_the_path(tmp_path):
    path = store(tmp_path / "01_x.ipynb", "while True: pass")
    with pytest.raises(EmotionLabError, match=r"01_x\.ipynb could not be run to its end"):
        notebook_runs.execute(path, cell_timeout=1)


def test_a_blind_check_is_told_what_it_does_not_notice(bench):
    (question,) = [question for question in exercise("08").questions if question.id == "8.4"]
    spots = blindspots(question)
    assert {"blind: argument 1: without sign", "blind: result: clipped at 0"} <= {spot.name for spot in spots}
    bench.module = module_name("08")
    tried = {spot.name: bench.attempt("8.4", spot.source).outcome for spot in spots}
    passed = {name for name, outcome in tried.items() if outcome == "passed"}
    assert passed == {"blind: argument 1: float16"}
    assert all(explanation(question.bank, name) for name in passed)
