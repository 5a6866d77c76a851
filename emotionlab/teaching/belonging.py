"""Where the notebooks of exercises and solutions, the questions' files and answers.json do not belong together."""

import json
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed
from emotionlab.exercises import exercise, module_name, numbers
from emotionlab.exercises.naming import exercise_of_file
from emotionlab.teaching.release import answers_path, answers_text, generate


def sync_problems(solutions: Path, exercises: Path, wanted: list[str]) -> list[str]:
    """Where the notebooks, the questions' files and each other do not belong together."""
    try:
        made = generate(solutions)
        text = answers_text(solutions)
    except EmotionLabError as problem:
        return [str(problem)]
    found = []
    answers = answers_path(exercises)
    if answers:
        found += _difference(answers, text)
    there = {exercise_of_file(name) for name in (*made, *(path.name for path in listed(exercises, "*.ipynb")))}
    for number in sorted(there):
        if number not in numbers():
            found.append(f"exercise {number}: there is a notebook and no folder with its questions")
    for number in wanted:
        names = [name for name in made if exercise_of_file(name) == number]
        if len(names) != 1:
            found.append(f"exercise {number}: expected one notebook in {solutions}, found {len(names)}")
        for name in names:
            found += _difference(exercises / name, made[name])
            found += _question_problems(name, number, json.loads(text)[number]["questions"])
        there = (path.name for path in exercises.glob("*.ipynb") if exercise_of_file(path.name) == number)
        found += [f"{exercises / name} has no solution; delete it" for name in there if name not in made]
    return found


def _difference(path: Path, text: str) -> list[str]:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return []
    state = "is not what its solution yields" if path.is_file() else "is missing"
    return [f"{path} {state}; run `emotionlab exercises build`"]


def _question_problems(name: str, number: str, written: dict) -> list[str]:
    """Questions of a solution notebook without checks, and what the checks say otherwise than the notebook."""
    known = {question.id: question for question in exercise(number).questions}
    found = [f"{name}: question {id} has no checks in {module_name(number)}" for id in written if id not in known]
    for id, question in known.items():
        if id not in written:
            found.append(f"{name}: question {id} of {module_name(number)} has no cells")
            continue
        said = {
            "title": question.title,
            "points": question.points,
            "answer": question.answer,
            "source": question.source.strip("\n"),
            "rubric": list(question.rubric),
        }
        found += [
            f"{name}: the {part} of question {id} is not what {module_name(number)} says"
            for part in said
            if said[part] != written[id][part]
        ]
    return found
