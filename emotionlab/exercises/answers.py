"""What the solution notebooks say of each question, as `emotionlab exercises build` has written it down.

answers.json holds the title of each exercise, and of each question its title, its points, its task, the
model solution and the rubric. It is made from solutions/, which an installed package does not have.
"""

import functools
import json
import sys
from pathlib import Path

from emotionlab.base.errors import EmotionLabError
from emotionlab.exercises.naming import exercise_of

FILE_NAME = "answers.json"


def known(exercise: str) -> dict:
    """{"title": ..., "questions": {"5.2": {"title", "points", "answer", "task", "source", "rubric"}}} of one exercise.

    Raises EmotionLabError when answers.json does not hold it.
    """
    for folder in sys.modules[__package__].__path__:  # tests lay further exercises beside these
        found = _read(Path(folder) / FILE_NAME).get(exercise)
        if found:
            return found
    raise EmotionLabError(
        f"Expected exercise {exercise} in {FILE_NAME}, found none; write its notebook in solutions/ and run "
        "`emotionlab exercises build`."
    )


def of_question(id: str) -> dict:
    """The entry of one question, such as "5.2". Raises EmotionLabError when there is none."""
    found = known(exercise_of(id))["questions"].get(id)
    if found is None:
        raise EmotionLabError(
            f"Expected question {id} in {FILE_NAME}, found none; write it into its notebook in solutions/ and run "
            "`emotionlab exercises build`."
        )
    return found


def run_cell(source: str, name: str):
    """Run the text of a notebook cell beside `np` and `el`, and return what it calls `name`."""
    names = {}
    exec("import numpy as np\nimport emotionlab as el", names)  # what a notebook's first cell does
    exec(compile(source, "cell", "exec"), names)
    return names[name]


@functools.cache
def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
