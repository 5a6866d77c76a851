"""The quiz engine, and the rules that every quiz file keeps."""

import copy
import json

import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises import quiz as engine

DOCUMENT = {
    "lesson": "77",
    "questions": [
        {
            "id": "first",
            "question": "What is `1 + 1`?",
            "code": "print(1 + 1)",
            "choices": [
                {"text": "three", "correct": False, "why": "That is `1 + 2`."},
                {"text": "two <b>", "correct": True, "why": "One and one make two."},
            ],
        },
        {
            "id": "second",
            "question": "What is 2 + 2?",
            "choices": [
                {"text": "four", "correct": True, "why": "Two twice."},
                {"text": "five", "correct": False, "why": "One too many."},
            ],
        },
    ],
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    (tmp_path / "77.json").write_text(json.dumps(DOCUMENT), encoding="utf-8")
    monkeypatch.setattr(engine, "FOLDER", tmp_path)
    return engine.read_quiz("77")


def questions_of(panel):
    """The (text, radio, button, verdict) of each question of a panel."""
    return [child.children for child in panel.children if "emotionlab-question" in child._dom_classes]


@pytest.mark.parametrize("name", engine.names())
def test_quiz_file_keeps_the_rules(name):
    document = json.loads((engine.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert engine.problems(document, name) == []
    count = len(document["questions"])
    assert 3 <= count <= 5 or name == "00-numpy"
    where = [[c["correct"] for c in q["choices"]].index(True) for q in document["questions"]]
    assert len(set(where)) > 1, "the right answers all stand in the same place"


@pytest.mark.parametrize("name", engine.names())
def test_right_answer_is_not_simply_the_longest(name):
    questions = engine.read_quiz(name).questions
    longest = [max(q.choices, key=lambda c: len(c.text)).correct for q in questions]
    assert not all(longest)


def test_unknown_lesson_names_the_ones_there_are(made):
    with pytest.raises(EmotionLabError, match=r"found '99'.*77"):
        el.quiz("99")


def test_an_integer_lesson_is_understood(capsys):
    assert el.quiz(0).lesson == "00"


def test_outside_a_notebook_the_quiz_is_printed_with_answers_at_the_end(made, capsys):
    el.quiz("77")
    printed = capsys.readouterr().out
    questions, answers = printed.split("\nAnswers\n")
    assert "1. What is `1 + 1`?" in questions
    assert "       print(1 + 1)" in questions
    assert "b) two <b>" in questions
    assert "One and one make two." not in questions
    assert "✗ wrong: That is `1 + 2`." in answers
    assert "✓ right: One and one make two." in answers


def test_every_choice_answers_with_its_own_reason(made):
    assert made.answer("first", 0) == engine.Verdict(False, "✗ Not quite. That is `1 + 2`.")
    assert made.answer("first", 1) == engine.Verdict(True, "✓ Right. One and one make two.")
    assert made.score == 1


def test_a_changed_answer_counts_once(made):
    made.answer("first", 0)
    made.answer("second", 0)
    assert made.progress().startswith("All 2 questions answered, 1 right. Change")
    made.answer("first", 1)
    assert made.progress() == "All 2 questions answered, 2 right. Well done."


@pytest.mark.parametrize(("question", "choice"), [("third", 0), ("first", 2), ("first", -1)])
def test_answering_what_is_not_there_is_refused(made, question, choice):
    with pytest.raises(EmotionLabError):
        made.answer(question, choice)
    assert made.answers == {}


def test_clicking_in_the_panel_gives_the_same_verdicts(made):
    panel = made.panel()
    (_, radio, button, verdict), (_, other_radio, other_button, other_verdict) = questions_of(panel)
    button.click()
    assert "Not answered yet" in verdict.value
    assert made.answers == {}
    radio.index = 0
    button.click()
    assert "✗ Not quite. That is <code>1 + 2</code>." in verdict.value
    assert other_verdict.value == ""
    other_radio.index = 0
    other_button.click()
    assert "✓ Right." in other_verdict.value
    assert made.answers == {"first": 0, "second": 0}
    assert "1 right" in panel.children[-1].value


def test_panel_speaks_to_a_screen_reader_and_escapes_html(made):
    text, radio, button, verdict = questions_of(made.panel())[0]
    assert "<code>1 + 1</code>" in text.value
    assert "<pre>print(1 + 1)</pre>" in text.value
    assert radio.index is None, "no answer is chosen beforehand"
    assert "What is" in radio.tooltip
    button.click()
    assert 'role="alert"' in verdict.value


def test_without_ipywidgets_a_notebook_gets_the_printed_quiz(made, monkeypatch, capsys):
    monkeypatch.setattr(engine, "in_notebook", lambda: True)
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    made._ipython_display_()
    assert "Answers" in capsys.readouterr().out


BROKEN = {
    "two right answers": lambda d: d["questions"][0]["choices"][0].update(correct=True),
    "no right answer": lambda d: d["questions"][0]["choices"][1].update(correct=False),
    "no reason": lambda d: d["questions"][0]["choices"][0].update(why=" "),
    "a missing key": lambda d: d["questions"][0]["choices"][0].pop("why"),
    "the same id twice": lambda d: d["questions"][1].update(id="first"),
    "an id with capitals": lambda d: d["questions"][1].update(id="Second"),
    "one choice": lambda d: d["questions"][0]["choices"].pop(0),
    "the same choice twice": lambda d: d["questions"][0]["choices"][0].update(text="two <b>"),
    "another lesson's number": lambda d: d.update(lesson="78"),
    "no questions": lambda d: d.update(questions=[]),
    "a misspelt key": lambda d: d["questions"][0].update(cdoe="x"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_quiz_file_is_refused(made, fault):
    document = copy.deepcopy(DOCUMENT)
    BROKEN[fault](document)
    assert engine.problems(document, "77")
    (engine.FOLDER / "77.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(EmotionLabError, match=r"77\.json breaks the format"):
        engine.read_quiz("77")


@pytest.mark.parametrize("question", engine.read_quiz("00-numpy").questions, ids=lambda q: q.id)
def test_numpy_prints_what_the_self_test_calls_right(question, capsys):
    import numpy as np

    right = next(choice.text for choice in question.choices if choice.correct)
    try:
        exec(question.code, {"np": np})
    except ValueError:
        printed = "ValueError"
        assert right.startswith(printed)
    else:
        printed = capsys.readouterr().out.strip()
        assert right == printed
    assert not any(
        c.text.startswith(printed) and len(c.text) == len(printed) for c in question.choices if not c.correct
    )
