"""INSTRUCTORS.md keeps its promises: rubrics, sessions, commands and links are those of the course."""

import re
import shlex
from pathlib import Path

import pytest

from emotionlab.commands.cli import build_parser
from emotionlab.exercises import exercise, numbers

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
LESSONS = sorted(path.name for path in (ROOT / "lessons").glob("[0-9][0-9]_*.ipynb"))
WRITTEN = [question for number in numbers() for question in exercise(number).questions if question.kind == "written"]
LEVELS = ("Full", "Good", "Partial", "None")


def section(title: str) -> str:
    """The text below a heading, down to the next heading of the same or a higher level."""
    level = title.split(" ")[0]
    match = re.search(rf"^{re.escape(title)}.*?$(.*?)(?=^#{{1,{len(level)}}} |\Z)", TEXT, re.M | re.S)
    assert match, f"INSTRUCTORS.md has no heading {title!r}"
    return match[1]


def anchor(heading: str) -> str:
    """The name that a heading has in a link, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# ---- Rubrics ---------------------------------------------------------------------------------


@pytest.mark.parametrize("question", WRITTEN, ids=lambda question: question.id)
def test_each_written_question_has_a_rubric_of_four_levels_with_its_points(question):
    text = section(f"### {question.id} {question.title} ({question.points} points)")
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.*\|$", text, re.M)][2:]
    assert [row[0] for row in rows] == list(LEVELS)
    points = [int(number) for row in rows for number in re.findall(r"\d+", row[1])]
    assert points == sorted(points, reverse=True)
    assert points[0] == question.points
    assert points[-1] == 0
    assert "A full answer" in text


def test_no_rubric_is_left_over_from_a_question_that_is_gone():
    found = re.findall(r"^### ((?:\d+|[a-z_]+)\.\d+) ", TEXT, re.M)
    assert found == [question.id for question in WRITTEN]


# ---- Plans -----------------------------------------------------------------------------------


def sessions() -> dict[int, str]:
    plan = section("## Eleven sessions of 90 minutes")
    parts = re.split(r"^### Session (\d+):", plan, flags=re.M)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def test_eleven_sessions_of_ninety_minutes_each_with_homework():
    assert list(sessions()) == list(range(1, 12))
    for number, text in sessions().items():
        minutes = [int(found) for found in re.findall(r"^\| (\d+) \|", text, re.M)]
        assert sum(minutes) == 90, f"session {number} has {sum(minutes)} minutes"
        assert "\nHomework: " in text


def test_the_sessions_and_the_workshop_cover_every_lesson():
    for lesson in LESSONS:
        assert any(f"(lessons/{lesson})" in text for text in sessions().values()), f"{lesson} is in no session"
        assert f"(lessons/{lesson})" in section("## A workshop of two days"), f"{lesson} is not in the workshop"


def headings_and_prompts(lesson: str) -> tuple[set[int], set[int]]:
    """Numbers of the parts of a lesson, and of those that hold a Predict prompt."""
    import nbformat

    part, parts, prompts = 0, set(), set()
    for cell in nbformat.read(ROOT / "lessons" / lesson, as_version=4).cells:
        for line in cell.source.splitlines() if cell.cell_type == "markdown" else []:
            if match := re.match(r"## (\d+) ", line):
                part = int(match[1])
                parts.add(part)
            if "**Predict.**" in line:
                prompts.add(part)
    return parts, prompts


def parts_named(text: str) -> set[int]:
    """Every number in "part 4", "parts 2 to 6", "Parts 7 to 10 and 13 to 15", "parts 4, 5, 7 and 8"."""
    named = set()
    for words in re.findall(r"[Pp]arts? ((?:\d+(?:, | and | to )?)+)", text):
        for first, last in re.findall(r"(\d+)(?: to (\d+))?", words):
            named |= set(range(int(first), int(last or first) + 1))
    return named


@pytest.mark.parametrize("number", range(1, 12))
def test_a_session_names_parts_that_its_lesson_has_and_stops_where_a_prompt_is(number):
    text = sessions()[number]
    (lesson,) = re.findall(r"^ \[\d\d .*?\]\(lessons/(\S+?)\)", text)
    parts, prompts = headings_and_prompts(lesson)
    own = re.sub(r"[^.|]* of lesson \d\d[^.|]*", "", text)  # what is said about another lesson
    assert parts_named(own) <= parts
    for stop in re.findall(r"Stop at ([^.|]*)\.", own):
        assert parts_named(re.sub(r"\([^)]*\)", "", stop)) <= prompts, stop


def test_the_workshop_names_parts_that_the_lessons_have():
    rows = re.findall(r"\(lessons/(\S+?)\):? ([^|]*)\|", section("## A workshop of two days"))
    assert len(rows) >= 10
    for lesson, text in rows:
        assert parts_named(text) <= headings_and_prompts(lesson)[0], lesson


# ---- Commands and links ----------------------------------------------------------------------


def commands() -> list[list[str]]:
    """Every use of the command line in the text, without `uv run` and without what follows the command."""
    found = []
    for line in re.findall(r"`([^`\n]+)`", TEXT) + re.findall(r"^```\w*\n(.*?)^```", TEXT, re.M | re.S):
        for match in re.finditer(r"(?:^|(?<=[\s/]))emotionlab ((?:lab|doctor|data|exercises|grade|app)\b[^\n]*)", line):
            found.append(shlex.split(match[1].split(" && ")[0]))
    return found


def test_every_command_named_exists():
    assert len(commands()) > 15
    for words in commands():
        parser = build_parser()
        if words == ["grade"] or (words[0] == "grade" and "--out" not in words):
            continue  # the name of the command alone
        try:
            parser.parse_args(words)
        except SystemExit:
            pytest.fail(f"the command line does not know: emotionlab {' '.join(words)}")


def test_every_link_resolves():
    anchors = {anchor(heading) for heading in re.findall(r"^#+ (.*)$", TEXT, re.M)}
    links = re.findall(r"\]\(([^)\s]+)\)", TEXT)
    assert len(links) > 30
    for link in links:
        if link.startswith("#"):
            assert link[1:] in anchors, link
        elif not link.startswith("https://"):
            assert (ROOT / link).exists(), link


def test_every_file_named_exists():
    shown = re.findall(r"`((?:tests|solutions|emotionlab|lessons|exercises)/[\w/.]+)`", TEXT)
    for path in shown:
        if "NN" not in path:
            assert (ROOT / path).exists(), path


def test_every_heading_of_the_first_level_stands_in_the_list_at_the_top():
    listed = re.findall(r"^- \[.*?\]\(#(.*?)\)$", TEXT, re.M)
    assert listed == [anchor(heading) for heading in re.findall(r"^## (.*)$", TEXT, re.M)]
