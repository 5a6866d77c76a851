"""Answers that checks once judged wrongly: each gets its right outcome now."""

import json
from pathlib import Path

import numpy as np
import pytest

import emotionlab as el
from emotionlab.exercises import exercise
from emotionlab.exercises.naming import exercise_of

CASES = json.loads((Path(__file__).resolve().parents[1] / "cases" / "answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['question']}-{case['name']}")
def test_an_answer_that_was_once_judged_wrongly_is_judged_rightly(case):
    question = next(q for q in exercise(exercise_of(case["question"])).questions if q.id == case["question"])
    names = {"np": np, "el": el}
    exec(compile(case["source"], "cell", "exec"), names)
    verdict = question.check(names[question.answer])
    assert (verdict.outcome == "passed") == (case["should"] == "pass"), verdict
    assert verdict.outcome in ("passed", "failed"), verdict
