"""The glossary is in order, and each term is found in the lesson that it names."""

import json
import re
from pathlib import Path

import pytest

LESSONS = Path(__file__).parents[2] / "lessons"
ENTRY = re.compile(r"- \*\*(?P<term>[^*]+)\*\* \(\[(?P<number>\d\d|[a-z_]+)\]\((?P<file>[^)]+)\)\): (?P<sentence>.+)")


def entries():
    lines = (LESSONS / "glossary.md").read_text(encoding="utf-8").splitlines()
    found = [ENTRY.fullmatch(line) for line in lines if line.startswith("-")]
    assert len(found) > 50
    assert all(found), "an entry does not have the form of the others"
    return found


def test_terms_stand_once_and_in_alphabetical_order():
    terms = [entry["term"].lower() for entry in entries()]
    assert terms == sorted(set(terms))


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry["term"])
def test_term_occurs_in_the_lesson_it_names(entry):
    number = entry["number"]
    assert entry["file"].startswith(number if number.isdigit() else f"electives/{number}.ipynb")
    cells = json.loads((LESSONS / entry["file"]).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells).lower()
    word = entry["term"].split(" (")[0].lower()
    assert re.search(rf"\b{re.escape(word)}", text)
    assert entry["sentence"].endswith(".")
