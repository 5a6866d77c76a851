"""The teacher's page about a class of 300, in files and in a browser; and several exercises side by side."""

import json
import os
import re
import stat

import pytest

from emotionlab.commands.cli import main
from emotionlab.teaching.grading.heatmap import class_page, share_of, write_class
from emotionlab.teaching.grading.results import Graded, any_stored, save, set_aside, stored
from emotionlab.teaching.grading.summary import anonymous, summary_page

HOSTILE = "<script>alert(1)</script>"
FACTS = {"notes": ["300 rows."], "not_taken": [{"name": f"{HOSTILE}.pdf", "reason": "PDF, no notebook"}]}


def question(ident: str, outcome: str = "passed", misconception: str = "", **more) -> dict:
    made = {"question": ident, "outcome": outcome, "misconception": misconception, "message": f"About {ident}."}
    made |= {"points": 2 if outcome == "passed" else 0, "possible": 2, "next_step": "", "title": f"Title {ident}"}
    return made | {"kind": "function", "source": "x = 1", "seconds": 0.01, "written": "", **more}


def learner(number: int, number_of_exercise: str = "01") -> Graded:
    """Every third has 1.2 wrong in one way, every seventh in another; every tenth is late; every 50th not graded."""
    name = f"learner{number:03d}"
    wrong = "counts-from-one" if number % 3 == 0 else "forgets-a-class" if number % 7 == 0 else ""
    prefix = number_of_exercise.lstrip("0")
    if number % 50 == 0:
        nothing = [question(f"{prefix}.{n}", "not_attempted", source="") for n in (1, 2, 3)]
        return Graded(name, number_of_exercise, status="not graded: the notebook is empty", questions=nothing)
    source = f'def counts(labels):\n    # by {name}\n    return "{name}", {number}'
    questions = [
        question(f"{prefix}.1"),
        question(f"{prefix}.2", "failed" if wrong else "passed", wrong, source=source),
    ]
    questions.append(question(f"{prefix}.3", kind="written", points=0))
    warnings = ["late: handed in after the date"] if number % 10 == 0 else []
    return Graded(name, number_of_exercise, warnings=warnings, questions=questions)


@pytest.fixture(scope="module")
def results():
    return [learner(number) for number in range(1, 301)]


@pytest.fixture(scope="module")
def summary(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "summary.html"
    path.write_bytes(summary_page([*results, Graded(HOSTILE, "01", status="not graded: broken")], FACTS, []))
    return path


def test_a_written_answer_that_waits_for_marks_has_a_star(results):
    def share(text: str, ident: str) -> str:
        return re.search(rf"<td>{ident} Title {ident}</td><td>([^<]*)</td>", text)[1]

    waiting = summary_page(results, FACTS, []).decode()
    assert (share(waiting, "1.1"), share(waiting, "1.3")) == ("98 %", "98 % *")
    marked = Graded("learner001", "01", questions=[question("1.3", kind="written", marks=1.5)])
    assert share(summary_page([marked], FACTS, []).decode(), "1.3") == "100 %"


def test_each_misconception_says_how_many_and_shows_one_answer_without_a_name(summary):
    text = summary.read_text(encoding="utf-8")
    part = text[text.index("<caption>Misconceptions") : text.index("<h2>Learners")]
    counted = dict(re.findall(r"<td>([a-z-]+)</td><td>(\d+)</td>", part))
    threes = [n for n in range(1, 301) if n % 3 == 0 and n % 50]
    sevens = [n for n in range(1, 301) if n % 7 == 0 and n % 3 and n % 50]
    assert counted == {"counts-from-one": str(len(threes)), "forgets-a-class": str(len(sevens))}
    assert part.count("<details>") == 2
    assert "learner" not in part.replace("What they were told", "")


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("# Ada Lovelace\nx = 1  # by ada\n", "x = 1"),
        ('name = "Ada L."  # me\nx = "#1"', 'name = "… L."\nx = "#1"'),
        ("def f(:\n    return 1  # Lovelace\n", "def f(:\n    return 1"),
        ("adamant = ADA", "adamant = …"),
        ("x = 1  # a\fpage\ny = 2  # by me, Byron\n", "x = 1\ny = 2"),
        ("x = '\u2028'  # by\u2028me, Byron\ny = 2  # mine", "x = '\u2028'\ny = 2"),
        ("def f(:\n    return 1  # by\u2028me, Byron\n", "def f(:\n    return 1"),
    ],
)
def test_an_example_has_no_comment_and_no_learners_name(source, left):
    assert anonymous(source, {"Ada", "Lovelace"}) == left


def test_the_page_is_whole_without_its_script_and_escapes_everything(summary):
    text = summary.read_text(encoding="utf-8")
    assert text.count("<tr data-state=") == 302
    assert 'id="filters" hidden' in text
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", text)


def test_a_browser_sorts_filters_and_finds_each_row_with_the_keyboard_alone(summary, results):
    from browsers import _FLAGS, chromium

    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as start:
        browser = start.chromium.launch(executable_path=path, args=list(_FLAGS))
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.goto(summary.as_uri())
        shown = "tr[data-state]:not([hidden])"
        page.get_by_role("combobox", name="Who").select_option("late")
        late = sum(any(note.startswith("late") for note in result.warnings) for result in results)
        assert page.locator(shown).count() == late
        assert f"{late} of 302" in page.get_by_role("status").inner_text()
        page.get_by_role("button", name="Show all").press("Enter")
        page.wait_for_function("document.getElementById('said').textContent.startsWith('302 of')")
        page.get_by_role("combobox", name="Misconception").select_option(label="1.2 forgets-a-class")
        wrong = sum(result.questions[1]["misconception"] == "forgets-a-class" for result in results)
        assert page.locator(shown).count() == wrong
        page.get_by_role("combobox", name="Misconception").select_option("")
        page.get_by_role("combobox", name="Question").select_option("1.1")
        assert page.locator(shown).count() == 6
        page.get_by_role("combobox", name="Question").select_option("")
        page.get_by_role("combobox", name="Who").select_option("untaken")
        assert "PDF" in page.locator(shown).inner_text()
        page.get_by_role("combobox", name="Who").select_option("")
        page.get_by_label("Name or note").fill("learner299")
        assert page.locator(shown).count() == 1
        page.get_by_label("Name or note").fill("")
        learners = page.locator("table", has_text="Learners (in")
        button = learners.get_by_role("button", name="Points")
        button.press("Enter")
        assert learners.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        first = learners.locator("tbody tr").first.inner_text()
        button.press("Enter")
        assert learners.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        assert learners.locator("tbody tr").first.inner_text() != first
        assert "4 of 6" in learners.locator("tbody tr").first.inner_text()
        browser.close()
    assert errors == []


# ------------------------------------------------------------------------------ several exercises


def _report(folder, numbers, number_of_exercise):
    folder.mkdir()
    for number in numbers:
        save(learner(number, number_of_exercise), folder)
    return folder


def test_several_reports_are_a_heat_map_and_words(tmp_path, capsys):
    one = _report(tmp_path / "one", range(1, 13), "01")
    two = _report(tmp_path / "two", range(1, 9), "02")
    three = _report(tmp_path / "three", range(1, 9), "03")
    out = tmp_path / "class.html"
    assert main(["class", str(one), str(two), str(three), "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "12 learners, 3 exercises" in text
    assert "Exercise 02: 8 of 12 were graded. Half of them have at least 100 % of the points." in text
    assert "Hardest was 1.2 Title 1.2, passed by 7." in text
    assert "without anything to grade: learner009, learner010, learner011, learner012." in text
    assert text.count('class="share"') == 28
    assert "100* late" in text


def test_a_waiting_written_answer_is_no_missing_point():
    result = learner(1)
    assert share_of(result) == 100
    result.questions[2]["marks"] = 1
    assert share_of(result) == pytest.approx(100 * 5 / 6)
    assert share_of(learner(50)) is None


def test_two_reports_that_differ_and_one_that_is_none_are_refused(tmp_path, capsys):
    one = _report(tmp_path / "one", [1], "01")
    (other, marked) = (learner(1), learner(1))
    other.fingerprint, marked.questions[2]["marks"] = "another", 1
    for name, result in (("two", other), ("marked", marked)):
        (tmp_path / name).mkdir()
        save(result, tmp_path / name)
    out = tmp_path / "class.html"
    for reports in ([one, tmp_path / "two"], [one, tmp_path / "marked"], [tmp_path / "nowhere"]):
        assert main(["class", *map(str, reports), "--out", str(out)]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert not out.exists()
    assert write_class([one, one], out) == 1
    assert os.name == "nt" or stat.S_IMODE(out.stat().st_mode) == 0o600, "a whole class's marks"


GONE = object()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, GONE) for name in ("question", "title", "outcome", "kind", "message", "source", "possible")),
        *(("title", 3), ("outcome", "solved"), ("seconds", "long"), ("points", float("nan")), ("marks", "two")),
        *(("written", None), ("comment", 1), pytest.param("possible", 10**400, id="digits")),
        *(("points", 9), ("marks", 9)),  # of two that are possible
    ],
)
def test_a_result_that_lacks_what_a_page_shows_hinders_no_page_and_is_set_aside(tmp_path, capsys, name, value):
    report = _report(tmp_path / "one", [1, 2], "01")
    path = next((report / "results").glob("learner001*"))
    content = json.loads(path.read_text(encoding="utf-8"))
    content["questions"][1] |= {name: value if value is not GONE else None}
    if value is GONE:
        del content["questions"][1][name]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert main(["class", str(report), "--out", str(tmp_path / "class.html")]) == 0
    assert f"{path} is damaged and left out" in capsys.readouterr().out
    assert [result.student for result in stored(report)] == ["learner002"]
    assert set_aside(report) == [f"{path.stem}.damaged-1"]


@pytest.mark.parametrize(
    ("name", "value"), [("student", 5), ("warnings", "late"), ("warnings", [1]), ("questions", [[]]), ("output", None)]
)
def test_a_result_with_a_field_of_another_kind_is_set_aside(tmp_path, name, value):
    report = _report(tmp_path / "one", [1], "01")
    (path,) = (report / "results").iterdir()
    content = json.loads(path.read_text(encoding="utf-8")) | {name: value}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert stored(report) == []
    assert set_aside(report) == [f"{path.stem}.damaged-1"]


def test_a_result_that_was_never_finished_is_none(tmp_path):
    (tmp_path / "results").mkdir()
    left = tmp_path / "results" / ".learner001-01-0a1b2c3d.json"
    left.write_text("", encoding="utf-8")
    assert not any_stored(tmp_path)
    assert (stored(tmp_path), set_aside(tmp_path)) == ([], [])
    save(learner(1), tmp_path)
    left.write_bytes(next((tmp_path / "results").glob("learner*")).read_bytes())
    assert len(stored(tmp_path)) == 1
    assert left.exists(), "it may belong to a run that goes on"


def test_a_name_cannot_write_into_the_heat_map():
    page = class_page({(HOSTILE, "01"): Graded(HOSTILE, "01", questions=[question("1.1")])}).decode()
    assert "<p>1 learner, 1 exercise.</p>" in page
    assert HOSTILE not in page
