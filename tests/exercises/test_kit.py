"""One file, one question: functions as answers, what the notebooks say, and an exercise with a name."""

import linecache
import sys
from pathlib import Path

import nbformat
import pytest

import emotionlab as el
from emotionlab import exercises
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import answers, exercise, kit, naming, numbers
from emotionlab.exercises.answers import run_cell
from emotionlab.exercises.cells import cell_text
from emotionlab.teaching import release, solutions, verify
from emotionlab.teaching.grading import assemble, collect
from emotionlab.teaching.grading.reading import read_notebook

QUESTION_FILE = '''
import functools
import math
from collections import Counter

from emotionlab.exercises.kit import function_question, mistake, mistake_cell, style, style_cell

QUESTION = function_question(
    "words.1",
    hints=("Split first.", "A `Counter` counts.", "`return Counter(text.split())[word]`"),
    passed="Right.",
)
NOTHING = math.floor(0.5)


def words_of(text):
    """The words, in small letters."""
    return text.lower().split()


@QUESTION.inputs
def texts(seed):
    return [("a rose or a rose", "rose"), ("Ha " * (3 + seed % 5), "ha")]


@style
def with_counter(text, word):
    return Counter(words_of(text))[word]


@style
def by_hand(text, word):
    count = NOTHING
    for one in words_of(text):
        count += one == word
    return count


by_lambda = style_cell("count_word = lambda text, word: text.lower().split().count(word)")


@mistake("Capital letters hide a word: `text.lower()` first.", next_step="Try it on Ha.")
def capitals_missed(text, word):
    return text.split().count(word)


@mistake("Parts of words were counted.", id="parts_counted")
def as_letters(text, word):
    return text.lower().count(word[0]) + 1


@mistake(says="found None")
def no_return(text, word):
    words_of(text).count(word)


@mistake(id="wrong_dtype", says="whole numbers")
def halves(text, word):
    return float(words_of(text).count(word))


@mistake("Every other word was counted.")
def every_other(text, word):
    return words_of(text)[::2].count(word)


kept = functools.cache(every_other)


not_a_function = mistake_cell("count_word = 3", says="the function `count_word` itself")
'''

WRITTEN_FILE = """
from emotionlab.exercises.kit import written_question

QUESTION = written_question(
    "words.2",
    hints=("One.", "Two.", "Three."),
    right={
        "one": "Counting words says what a text is about and nothing about how it was meant because a writer may turn "
        "every one of them round with a wink and a reader who knows that person will laugh where a program that "
        "counts can only see another rose in a long row",
        "other": "Somebody who reads hears irony quotes memory and context while numbers of equal tokens stay the same "
        "whether they were shouted whispered or copied so frequency helps to sort books by topic yet it never "
        "tells what any author felt during that evening or thought of us",
    },
)
"""


WRITTEN = """
A count forgets the order of the words, and so who did what to whom: dog bites man and man bites dog are one and the
same to it. It is deaf to a joke, to a quotation and to a no that stands in front of all the rest, and nobody can hear
from it which word was the one that hurt.
"""


def notebook():
    """The solution notebook of a small exercise called "words"."""
    code, text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    book = nbformat.v4.new_notebook(
        cells=[
            text("# Exercise: Words", id="title"),
            text("## words.1 Count a word (2 points)\n\nHow often does `word` stand in `text`?", id="q-words-1-task"),
            code(
                "def count_word(text, word):\n    ### BEGIN SOLUTION\n    return text.lower().split().count(word)\n"
                "    ### END SOLUTION",
                id="q-words-1-answer",
            ),
            code('ex.check("words.1", count_word)', id="q-words-1-check", metadata={"tags": ["check"]}),
            text("## words.2 What a count hides (1 point)\n\nSay what no count can tell.", id="q-words-2-task"),
            code(
                f'### BEGIN SOLUTION\nanswer_words_2 = """\n{WRITTEN}\n"""\n### END SOLUTION',
                id="q-words-2-answer",
                metadata={"emotionlab": {"stub": 'answer_words_2 = """\n...\n"""'}},
            ),
            text("- Names the order.\n- Names irony.", id="q-words-2-rubric", metadata={"tags": ["solution-only"]}),
            code('ex.check("words.2", answer_words_2)', id="q-words-2-check", metadata={"tags": ["check"]}),
        ]
    )
    book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return book


@pytest.fixture
def words(tmp_path, monkeypatch):
    """The exercise "words" as the course would hold it, in a folder of its own."""
    checks = tmp_path / "emotionlab" / "exercises"
    (checks / "q_words").mkdir(parents=True)
    (tmp_path / "solutions").mkdir()
    nbformat.write(notebook(), tmp_path / "solutions" / "words.ipynb")
    release.build(tmp_path / "solutions", tmp_path / "exercises")
    (checks / "q_words" / "q1_count.py").write_text(QUESTION_FILE, encoding="utf-8")
    (checks / "q_words" / "q2_hides.py").write_text(WRITTEN_FILE, encoding="utf-8")
    (checks / "q_words" / "__init__.py").write_text(
        "from emotionlab.exercises.kit import questions_of\n"
        "from emotionlab.exercises.q_words import q1_count, q2_hides\n\n"
        "QUESTIONS = questions_of(q1_count, q2_hides)\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(exercises, "__path__", [*exercises.__path__, str(checks)])
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("emotionlab.exercises.q_words")]:
        del sys.modules[name]
    linecache.clearcache()


def module(words: Path):
    exercise("words")
    return sys.modules["emotionlab.exercises.q_words.q1_count"]


# ---- A function as the text of a cell ------------------------------------------------------------


def test_the_text_of_a_cell_brings_along_what_the_function_needs_and_nothing_else(words):
    assert cell_text(module(words).by_hand, "count_word") == (
        "import math\n\n\nNOTHING = math.floor(0.5)\n\n\n"
        'def words_of(text):\n    """The words, in small letters."""\n    return text.lower().split()\n\n\n'
        "def count_word(text, word):\n    count = NOTHING\n    for one in words_of(text):\n"
        "        count += one == word\n    return count\n"
    )


def test_decorators_stay_behind_and_the_cell_runs_by_itself(words):
    text = cell_text(module(words).capitals_missed, "count_word")
    assert text == "def count_word(text, word):\n    return text.split().count(word)\n"
    assert run_cell(text, "count_word")("a Rose", "Rose") == 1


def test_an_error_in_an_answer_names_its_line_in_the_cell_and_not_a_line_of_the_package(words):
    question = exercise("words").question("words.1")
    source = question.bank.right["by_hand"].replace("one == word", "one.nothing")
    verdict = question.check(run_cell(source, "count_word"))
    line = source.split("\n").index("        count += one.nothing") + 1
    assert verdict.outcome == "error"
    assert f"Line {line} of your code" in verdict.message
    inside = "Your answer could not be used"  # what a function of the package itself would get
    assert inside not in verdict.message
    assert inside in exercise("01").question("1.2").check(answers.known).message


# ---- A question's file ---------------------------------------------------------------------------


def test_what_is_made_of_a_marked_function_is_no_second_answer(words):
    wrong = exercise("words").question("words.1").bank.wrong
    assert "every_other" in wrong
    assert "kept" not in wrong


def test_facts_come_from_the_notebook_and_the_rest_from_the_file(words):
    question = exercise("words").question("words.1")
    assert (question.title, question.points, question.answer) == ("Count a word", 2, "count_word")
    assert question.solution == "def count_word(text, word):\n    return text.lower().split().count(word)"
    assert list(question.bank.right) == ["with_counter", "by_hand", "by_lambda"]
    assert question.bank.ids["as_letters"] == "parts_counted"
    assert question.bank.wrong["capitals_missed"][1] == "Capital letters hide a word: `text.lower()` first."


def test_every_answer_of_the_file_gets_what_it_must(words):
    for question in exercise("words").questions:
        assert question.check(run_cell(question.solution, question.answer)).outcome == "passed"
        for source in question.bank.right.values():
            assert question.check(run_cell(source, question.answer)).outcome == "passed"
        for name, (source, said) in question.bank.wrong.items():
            verdict = question.check(run_cell(source, question.answer))
            assert verdict.outcome == "failed"
            assert said in verdict.message
            assert verdict.misconception == question.bank.ids[name]
        assert verify.bank_problems(question) + verify.yardstick_problems(question) == []


def test_a_mistake_brings_its_next_step(words):
    question = exercise("words").question("words.1")
    verdict = question.check(run_cell(question.bank.wrong["capitals_missed"][0], "count_word"))
    assert verdict.next_step == "Try it on Ha."


def test_a_mistake_without_any_words_is_refused():
    with pytest.raises(ValueError, match="needs a message"):
        kit.mistake(id="silent")


def test_a_slip_in_the_model_solution_is_found_by_the_other_styles(words, monkeypatch):
    question = exercise("words").question("words.1")
    slipped = run_cell("def count_word(text, word):\n    return text.split().count(word)", "count_word")
    monkeypatch.setattr(module(words).QUESTION, "_solution", slipped)
    assert verify.yardstick_problems(question) == [
        "no good style returns what the model solution returns, up to rounding, on every seed"
    ]


def test_every_question_that_compares_with_its_solution_has_a_style_that_agrees_with_it():
    compared = [q for number in numbers() for q in exercise(number).questions if q.correct is not None]
    assert compared
    for question in compared:
        assert verify.yardstick_problems(question) == [], question.id


# ---- What the notebooks say ----------------------------------------------------------------------


def spoilt(change) -> str:
    """What is said of the notebook after `change(cells by id)`."""
    book = notebook()
    change({cell.id: cell for cell in book.cells}, book)
    with pytest.raises(EmotionLabError) as caught:
        solutions.described({"words.ipynb": book})
    return str(caught.value)


def drop(ident: str):
    def change(cells, book):
        book.cells = [cell for cell in book.cells if cell.id != ident]

    return change


def edit(ident: str, old: str, new: str):
    def change(cells, book):
        cells[ident].source = cells[ident].source.replace(old, new)

    return change


def no_tag(cells, book):
    cells["q-words-2-rubric"].metadata = {}


def second_heading(cells, book):
    book.cells.append(nbformat.v4.new_markdown_cell("## words.1 Again (3 points)", id="again"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (drop("title"), "expected one heading such as # Exercise"),
        (drop("q-words-1-task"), "q-words-1-task that begins with a heading"),
        (drop("q-words-1-check"), 'expected ex.check("words.1", NAME)'),
        (edit("q-words-1-task", " (2 points)", ""), "such as ## words.1 Title (2 points)"),
        (edit("q-words-1-task", "words.1", "words.2"), "q-words-1-task that begins with a heading"),
        (edit("q-words-2-rubric", "- Names irony", "Names irony"), "expected in cell q-words-2-rubric a list"),
        (no_tag, "the tag solution-only"),
        (second_heading, "found another for words.1"),
    ],
)
def test_what_is_missing_or_stands_in_two_places_is_refused(change, says):
    assert says in spoilt(change)


def test_answers_json_is_what_the_solutions_say():
    root = Path(__file__).resolve().parents[2]
    path = release.answers_path(root / "exercises")
    assert path.read_text(encoding="utf-8") == release.answers_text(root / "solutions")


def test_a_rubric_belongs_to_a_written_question_alone(words):
    with pytest.raises(EmotionLabError, match="to have no rubric"):
        kit.function_question("words.2", ("", "", ""), "").question(module(words))
    with pytest.raises(EmotionLabError, match="to have a rubric"):
        kit.written_question("words.1", ("", "", ""), {"one": "text"}).question(module(words))


def test_a_question_that_no_notebook_has_is_named():
    with pytest.raises(EmotionLabError, match=r"Expected question 1\.99 in answers\.json"):
        answers.of_question("1.99")
    with pytest.raises(EmotionLabError, match=r"Expected exercise nothing in answers\.json"):
        answers.known("nothing")


# ---- An exercise with a name ---------------------------------------------------------------------


def test_an_exercise_may_have_a_name(words):
    assert numbers()[-1] == "words"
    ex = el.exercise("words")
    assert repr(ex).startswith("Exercise words: Words (3 points)\n  words.1  Count a word")
    assert ex.check("words.1", lambda text, word: text.lower().split().count(word)).points == 2
    assert "Names irony" in repr(ex.rubric("words.2"))
    assert "1 of 2 done. Go on with words.2" in repr(el.exercise("words").progress())
    assert '"words"' in (words / ".emotionlab_progress.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("05_transfer_vgg16.ipynb", "05"),
        ("text.ipynb", "text"),
        ("small_from_large.ipynb", "small_from_large"),
        ("5_x.ipynb", ""),
        ("text_.ipynb", ""),
        ("notes 2.ipynb", ""),
    ],
)
def test_a_notebooks_name_says_its_exercise(file, name):
    assert naming.exercise_of_file(file) == name


def test_a_named_exercise_is_verified_like_the_others(words):
    assert verify.sync_problems(words / "solutions", words / "exercises", ["words"]) == []
    path = words / "solutions" / "words.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("(2 points)", "(4 points)"), encoding="utf-8")
    problems = "\n".join(verify.sync_problems(words / "solutions", words / "exercises", ["words"]))
    assert "answers.json is not what its solution yields; run `emotionlab exercises build`" in problems
    assert "the points of question words.1 is not what emotionlab.exercises.q_words says" in problems


def test_a_named_exercise_is_found_and_put_together_by_the_grading(words, monkeypatch):
    from emotionlab.course import files as course_files

    monkeypatch.setattr(course_files, "course_source", lambda: words)
    master = assemble.masters()["words"]
    handed_in = read_notebook(words / "exercises" / "words.ipynb")
    assert collect.exercise_of(handed_in) == "words"
    assembled = assemble.assemble(master, handed_in)
    assert [answer.stub for answer in assembled.answers.values()] == [True, True]
    assert list(assembled.answers) == ["words.1", "words.2"]
