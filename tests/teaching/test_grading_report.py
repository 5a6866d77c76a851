"""The report: tables that no spreadsheet runs, pages that hold no foreign code, marks, and going on after a stop."""

import argparse
import csv
import errno
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import submissions

from emotionlab.base.errors import EmotionLabError
from emotionlab.commands.cli import main
from emotionlab.teaching.grading import add_grade, single
from emotionlab.teaching.grading import grade as grading
from emotionlab.teaching.grading.grade import _say_done, grade
from emotionlab.teaching.grading.marks import apply_marks, read_marks, write_template
from emotionlab.teaching.grading.results import Graded, stored
from emotionlab.teaching.grading.run import Worker
from emotionlab.teaching.grading.similar import alike, fingerprint
from emotionlab.teaching.grading.summary import summary_page
from emotionlab.teaching.grading.tables import as_typed, neutral

EVIL = '=HYPERLINK("http:x")'
SCRIPT = "<script>alert(1)</script>"

pytestmark = pytest.mark.timeout(300)


def read(path) -> list[dict]:
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def fill(folder):
    """Three learners: one solved all, one has a formula for a name, one writes HTML everywhere."""
    submissions.write(folder / "in" / "ada", submissions.solved())
    submissions.write(folder / "in" / EVIL.replace("/", ""), submissions.solved())
    notebook = submissions.solved()
    raising = f"def class_counts(labels):\n    raise ValueError('{SCRIPT}')"
    submissions.answer(notebook, "1.2", f"print('{SCRIPT}')\n\n\n{raising}")
    submissions.answer(notebook, "1.7", 'answer_1_7 = """' + f"{SCRIPT} a b c d " * 20 + '"""')
    submissions.write(folder / "in" / "eve & <b>", notebook)
    return folder


def run(folder, say=lambda line: None, **options):
    return grade(folder / "in", folder / "out", "01", timeout=60, say=say, **options)


@pytest.fixture
def folder(tmp_path):
    """The three learners, not graded yet."""
    return fill(tmp_path)


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    folder = fill(tmp_path_factory.mktemp("graded"))
    run(folder)
    return folder


@pytest.fixture
def graded(graded_once, tmp_path):
    """The three learners with a report of their own; grading it again with `resume` runs nothing."""
    return shutil.copytree(graded_once, tmp_path / "class")


@pytest.mark.parametrize(("count", "told"), [(1, "  1 written answer waits for"), (2, "  2 written answers wait for")])
def test_what_waits_for_marks_is_counted_in_words_that_fit(count, told, tmp_path):
    said = []
    results = [SimpleNamespace(status="graded", to_mark=1)] * count
    _say_done(results, SimpleNamespace(not_taken=[]), tmp_path, said.append)
    assert said[1].startswith(told)


def test_the_whole_report(graded):
    rows = read(graded / "out" / "grades.csv")
    assert [row["student"] for row in rows] == ["'" + EVIL, "ada", "eve & <b>"]
    assert [row["points"] for row in rows] == ["12", "12", "11"]
    assert rows[1]["percent"] == "80.0"
    assert rows[1]["to_mark"] == "1"
    assert rows[1]["question_6"] == "3"
    stored = json.loads((graded / "out" / "grades.json").read_text(encoding="utf-8"))
    assert [result["points"] for result in stored["results"]] == [12, 12, 11]
    assert stored["seed"] == 48
    pages = list((graded / "out").rglob("*.html"))
    assert len(pages) == 3 + 1 + 1
    for page in pages:
        text = page.read_text(encoding="utf-8")
        own = 1 if page.name == "summary.html" else 0  # the script that sorts and filters; nothing of a learner's
        assert text.lower().count("<script") == own
        assert "<b>eve" not in text
        assert "http:" not in text.replace(EVIL.replace('"', "&quot;"), "")
        assert "https:" not in text
        assert "Content-Security-Policy" in text
    eve = next(page for page in pages if page.name.startswith("eve")).read_text(encoding="utf-8")
    assert "&lt;script&gt;" in eve
    assert "Line 5 of your code" in eve
    summary = (graded / "out" / "summary.html").read_text(encoding="utf-8")
    assert "1.2 Count the classes" in summary
    assert "67 %" in summary
    assert "the same after renaming" in summary
    assert "ada" in summary
    assert 'mark by hand: <a href="written/1.7.html">' in summary


def test_a_written_question_that_nobody_answered_is_not_to_be_marked():
    unanswered = {"question": "1.7", "title": "Say", "kind": "written", "outcome": "not_attempted", "points": 0}
    unanswered |= {"possible": 3, "misconception": "", "message": "", "source": "", "seconds": 0}
    result = Graded("ada", "01", questions=[unanswered])
    page = summary_page([result], {"notes": [], "not_taken": []}, ["1.7"])
    assert b"mark by hand" not in page


def test_marks_go_out_and_come_back(graded):
    marks = graded / "out" / "marks.csv"
    rows = read(marks)
    assert {row["question"] for row in rows} == {"1.7"}
    table = "student;exercise;question;possible;points;comment\n"  # as a German spreadsheet saves it
    marks.write_text(f"{table}ada;1;1.7;3;2,5;Clear & <short>\n", encoding="utf-8-sig")
    results = {result.student: result for result in run(graded, resume=True, marks=marks)}
    assert (results["ada"].points, results["ada"].to_mark) == (14.5, 0)
    assert read(graded / "out" / "grades.csv")[1]["points"] == "14.5"
    again = {result.student: result for result in run(graded, resume=True)}
    assert again["ada"].points == 14.5
    page = next((graded / "out" / "students").glob("ada*")).read_text(encoding="utf-8")
    assert "2.5 of 3 points" in page
    assert "Clear &amp; &lt;short&gt;" in page


def test_marks_that_were_not_taken_in_are_not_overwritten(graded):
    marks = graded / "out" / "marks.csv"
    text = marks.read_text(encoding="utf-8-sig").replace("ada,01,1.7,3,,", "ada,01,1.7,3,2,")
    marks.write_text(text, encoding="utf-8")
    said = []
    run(graded, resume=True, say=said.append)
    assert (graded / "out" / "marks.kept-1.csv").read_text(encoding="utf-8") == text
    assert any("marks.kept-1.csv" in line and "--resume --marks" in line for line in said)
    run(graded, resume=True, marks=marks, say=said.append)
    assert f"No points stand in {marks}" in said[-3] + said[-2] + said[-1]


def test_a_typo_in_the_marks_costs_the_marks_and_not_the_report(graded):
    marks = graded / "mine.csv"
    head = "student,exercise,question,points,comment"
    marks.write_text(f"{head}\neve & <b>,01,1.7,2,\nada,01,1.7,30,\n", encoding="utf-8")
    shutil.rmtree(graded / "out")
    with pytest.raises(EmotionLabError, match=r"at most 3 points in line 3 .* take them in with --resume --marks"):
        run(graded, marks=marks)
    assert (graded / "out" / "summary.html").is_file()
    assert {row["points"] for row in read(graded / "out" / "marks.csv")} == {""}  # all of them or none


@pytest.fixture
def locked(monkeypatch):
    """Makes it impossible to put a file in the place of one whose name begins so, as where Excel has it open."""

    def lock(name, number=errno.EACCES):
        real = os.replace

        def replace(source, target, **more):
            if Path(target).name.startswith(name):
                raise OSError(number, os.strerror(number), str(source))
            real(source, target, **more)

        monkeypatch.setattr(os, "replace", replace)

    return lock


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("grades.csv", errno.EACCES),
        ("grades.json", errno.ENOSPC),
        ("marks.csv", errno.EACCES),
        ("marks.kept-1.csv", errno.EACCES),
        ("summary.html", errno.ENOSPC),
        ("1.7.html", errno.ENOSPC),
        ("ada-", errno.ENOSPC),
        ("broken.damaged-1", errno.ENOSPC),
    ],
)
def test_a_full_disk_or_a_table_that_is_open_elsewhere_is_one_sentence_and_loses_nothing(graded, locked, name, number):
    (graded / "out" / "results" / "broken.json").write_text("{", encoding="utf-8")
    marks = graded / "out" / "marks.csv"
    marks.write_text(marks.read_text(encoding="utf-8-sig").replace("3,,", "3,2,", 1), encoding="utf-8")
    before = stored(graded / "out")
    locked(name, number)
    with pytest.raises(EmotionLabError, match=f"Expected to write .*{os.strerror(number)}.*--resume") as problem:
        run(graded, resume=True)
    assert str(graded / "out") in str(problem.value)
    assert f"{os.sep}{name}" in str(problem.value)
    assert stored(graded / "out") == before


def test_a_result_that_cannot_be_written_is_one_sentence_and_exit_code_2(folder, locked, capsys):
    shutil.rmtree(folder / "in" / "ada")
    locked("eve", errno.ENOSPC)
    words = ["grade", str(folder / "in"), "--out", str(folder / "out"), "--exercise", "01"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    last = said.splitlines()[-1]
    assert last.startswith(f"emotionlab: Expected to write {folder / 'out' / 'results' / 'eve'}")
    assert "--resume" in last
    assert [result.student for result in stored(folder / "out")] == [EVIL]


HEAD = "student,exercise,question,possible,points,comment\n"
EXCEL = HEAD.replace(",", "\t")


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "ada,1,1.7,3,2.5,well said\n").encode(),
        (HEAD + "ada,1,1.7,3,2.5,well said\n").replace(",", ";").encode(),
        ("sep=;\n" + (HEAD + 'ada,01,"1,7",3,"2,5",well said\n').replace(",", ";").replace('"', "")).encode(),
        (HEAD + "ada,01,1.7,3,2.5,schön gesagt\n").encode("cp1252"),
        (EXCEL + "ada\t1\t1.7\t3\t2,5\tschön gesagt\n").encode("utf-16"),
        *((HEAD + f"ada,1,{date},3,2.5,\n").encode() for date in ("01.Jul", "Jan 07", "2026-07-01", "1. Jul", "45839")),
    ],
    ids=["comma", "semicolon", "decimal_comma", "windows", "utf_16", *(f"date_{n}" for n in range(5))],
)
def test_what_a_spreadsheet_makes_of_a_marks_file_is_read(graded, content):
    marks = graded / "mine.csv"
    content = content.replace(b"1;7;3;2;5;", b"1,7;3;2,5;")
    marks.write_bytes(content)
    results = {result.student: result for result in run(graded, resume=True, marks=marks)}
    assert (results["ada"].points, results["ada"].to_mark) == (14.5, 0)


def test_marks_without_a_comment_leave_the_earlier_one_and_thirds_are_kept_whole(graded):
    marks = graded / "mine.csv"
    marks.write_text(f"{HEAD}ada,1,1.7,3,2,Well argued\n", encoding="utf-8")
    run(graded, resume=True, marks=marks)
    marks.write_text("student,exercise,question,points\nada,1,1.7,2.3333333\n", encoding="utf-8")
    run(graded, resume=True, marks=marks)
    before = list((graded / "out").glob("marks.kept-*"))  # of the mark that mine.csv put another in place of
    for _ in range(2):
        results = {result.student: result for result in run(graded, resume=True, marks=graded / "out" / "marks.csv")}
    (written,) = (question for question in results["ada"].questions if question["question"] == "1.7")
    assert (written["marks"], written["comment"]) == (2.3333333, "Well argued")
    assert list((graded / "out").glob("marks.kept-*")) == before


def test_a_namesake_who_comes_later_leaves_no_row_twice(tmp_path):
    submissions.write(tmp_path / "in" / "Ada Lovelace_111_assignsubmission_file", submissions.blank())
    run(tmp_path)
    submissions.write(tmp_path / "in" / "Ada Lovelace_222_assignsubmission_file", submissions.blank())
    run(tmp_path, resume=True)
    results = run(tmp_path, resume=True)
    assert sorted(result.student for result in results) == ["Ada Lovelace_111", "Ada Lovelace_222"]
    assert len(list((tmp_path / "out" / "results").iterdir())) == 2
    assert len(list((tmp_path / "out" / "students").iterdir())) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HEAD + "ada,1,1.7,3,02. Mai,\n", "as text, and save it as CSV in UTF-8"),
        (HEAD + "ad4,1,01.Jul,3,2,\n", "as text, and save it as CSV in UTF-8"),
        ("PK\x03\x04 a workbook", "spreadsheet's own file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_way_out(graded, content, words):
    marks = graded / "mine.csv"
    marks.write_text(content, encoding="utf-8")
    with pytest.raises(EmotionLabError, match=words):
        run(graded, resume=True, marks=marks)


def test_a_comment_without_points_and_a_column_of_the_readers_own_are_kept(graded):
    marks = graded / "out" / "marks.csv"
    for number, (old, new) in enumerate([(",3,,", ",3,,see me"), ("comment", "comment,mine")], 1):
        text = marks.read_text(encoding="utf-8-sig").replace(old, new, 1)
        text = text.replace("ada,01,1.7,3,,", "ada,01,1.7,3,,,x") if "mine" in new else text
        marks.write_text(text, encoding="utf-8")
        run(graded, resume=True)
        assert (graded / "out" / f"marks.kept-{number}.csv").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["grades.csv", "summary.html", "marks.csv"])
def test_a_folder_with_a_file_that_a_report_would_replace_is_refused(folder, name):
    (folder / "out").mkdir()
    (folder / "out" / name).write_text("of another program", encoding="utf-8")
    for resume in (False, True):
        with pytest.raises(EmotionLabError, match=f"found {name} in .*give another --out"):
            run(folder, resume=resume)
    assert [path.name for path in (folder / "out").iterdir()] == [name]


def test_submissions_where_the_reports_own_pages_go_are_refused(folder):
    (folder / "in").rename(folder / "students")
    with pytest.raises(EmotionLabError, match="Expected submissions outside the report"):
        grade(folder / "students", folder, "01")
    assert [path.name for path in folder.iterdir()] == ["students"]


def test_marks_that_cannot_be_read_are_told_before_anything_runs(folder):
    (folder / "mine.csv").write_text("name,grade\nada,1\n", encoding="utf-8")
    with pytest.raises(EmotionLabError, match="found no"):
        run(folder, marks=folder / "mine.csv")
    assert not (folder / "out").exists()


def mark_ada(folder):
    marks = folder / "mine.csv"
    marks.write_text(HEAD + "ada,01,1.7,3,2,fine\n", encoding="utf-8")
    run(folder, resume=True, marks=marks)


def test_points_of_a_reader_stay_where_the_text_is_the_same(graded):
    mark_ada(graded)
    notebook = submissions.solved()
    submissions.answer(notebook, "1.2", "def class_counts(labels):\n    return np.bincount(labels)")
    submissions.write(graded / "in" / "ada", notebook)
    results = {result.student: result for result in run(graded, resume=True)}
    assert results["ada"].points == 13
    assert next(q for q in results["ada"].questions if q["question"] == "1.7")["comment"] == "fine"


def test_where_the_text_changed_after_it_was_marked_the_row_says_so(graded):
    mark_ada(graded)
    notebook = submissions.solved()
    submissions.answer(notebook, "1.7", submissions.solution("1.7").replace("fear", "joy"))
    submissions.write(graded / "in" / "ada", notebook)
    for seed in (48, 49):  # the note stays when the row is graded once more
        results = {result.student: result for result in run(graded, resume=True, seed=seed)}
        assert (results["ada"].points, results["ada"].to_mark) == (12, 1)
        told = "1.7: its text changed after a reader gave 2 points and the comment 'fine'"
        assert told in "; ".join(results["ada"].warnings)


def test_resume_with_one_learner_or_another_exercise_adds_to_the_report(graded):
    mark_ada(graded)
    one = grade(graded / "in", graded / "out", "01", student="eve & <b>", resume=True, say=lambda line: None)
    assert [result.student for result in one] == ["eve & <b>", EVIL, "ada"]
    assert len(read(graded / "out" / "grades.csv")) == 3
    submissions.write(graded / "more" / "ada", submissions.blank("04_confusion_matrix.ipynb"))
    both = grade(graded / "more", graded / "out", "04", resume=True, say=lambda line: None)
    assert sorted((result.student, result.exercise, result.points) for result in both) == [
        (EVIL, "01", 12),
        ("ada", "01", 14),
        ("ada", "04", 0),
        ("eve & <b>", "01", 11),
    ]


def test_a_comment_that_looks_like_a_formula_stays_as_it_was_typed(tmp_path):
    marks = tmp_path / "marks.csv"
    marks.write_text(HEAD + "ada,01,1.7,3,2,-1: too short\n", encoding="utf-8")
    results = written_by("ada")
    results[0].questions[0]["outcome"] = "passed"
    for _ in range(3):
        apply_marks(results, marks)
        assert results[0].questions[0]["comment"] == "-1: too short"
        write_template(results, marks)
        assert [row["comment"] for row in read(marks)] == ["'-1: too short"]
    assert [path.name for path in tmp_path.iterdir()] == ["marks.csv"], "all of it was taken in: no copy is kept"


def test_a_damaged_result_is_set_aside_and_said(graded):
    path = next((graded / "out" / "results").glob("ada*.json"))
    path.write_text("{ cut off", encoding="utf-8")
    said = []
    results = grade(graded / "in", graded / "out", "01", resume=True, say=said.append)
    assert len(results) == 3
    assert f"{path.stem}.damaged-1 was damaged and is set aside" in "\n".join(said)
    assert path.with_name(f"{path.stem}.damaged-1").read_text(encoding="utf-8") == "{ cut off"


def test_the_fingerprint_covers_every_module_that_judges(monkeypatch):
    from pathlib import Path

    single.checks_of.cache_clear()
    before, real = single.checks_of("01"), Path.read_bytes
    for name in ("compare.py", "engine.py", "capture.py", "learner.py", "common_errors.py"):
        changed = name
        single.checks_of.cache_clear()
        monkeypatch.setattr(Path, "read_bytes", lambda path, c=changed: real(path) + b"#" * (path.name == c))
        assert single.checks_of("01") != before, name
    single.checks_of.cache_clear()


def test_a_file_that_was_never_finished_changes_no_fingerprint(tmp_path, monkeypatch):
    monkeypatch.setattr(single, "PACKAGE", tmp_path)
    (tmp_path / "exercises").mkdir()
    before = single.checks_of.__wrapped__("01")
    (tmp_path / "exercises" / ".answers-0a1b2c3d.json").write_text("{}", encoding="utf-8")
    assert single.checks_of.__wrapped__("01") == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nobody,01,1.7,3,2,", "line 2"),
        ("ada,01,1.7,3,4,", "at most 3"),
        ("ada,01,1.7,3,two,", "'two'"),
        ("ada,01,1.7,3,-1,", "'-1'"),
        ("ada,01,1.7,3,nan,", "'nan'"),
    ],
)
def test_a_wrong_line_of_marks_is_named(graded, line, words):
    marks = graded / "mine.csv"
    marks.write_text(f"student,exercise,question,possible,points,comment\n{line}\n", encoding="utf-8")
    with pytest.raises(EmotionLabError, match=words):
        run(graded, resume=True, marks=marks)


def written_by(*students) -> list[Graded]:
    """A result with one written answer for each of these learners."""
    question = {"question": "1.7", "kind": "written", "possible": 3, "points": 0}
    return [Graded(student, "01", questions=[dict(question)]) for student in students]


@pytest.mark.parametrize(
    "lines",
    [
        ("123,1,1.7,3,1,", "123,1,1.7,3,2,"),
        ("123,1,1.7,3,,", "123,1,1.7,3,2,"),
        ("123,1,1.7,3,2,", "123,1,1.7,3,,"),
        ("0123,01,1.7,3,2,", "0123,01,1.7,3,2,"),
    ],
)
def test_two_rows_for_one_answer_are_refused_as_one_may_be_somebody_elses(tmp_path, lines):
    results = written_by("0123", "123", "ada")
    marks = tmp_path / "mine.csv"
    marks.write_text("\n".join([HEAD.strip(), "ada,01,1.7,3,1,", *lines]), encoding="utf-8")
    with pytest.raises(EmotionLabError, match=r"two for '0?123', question 1\.7, in lines 3 and 4; remove one"):
        apply_marks(results, marks)
    assert not any("marks" in result.questions[0] for result in results)


def test_names_with_and_without_a_zero_keep_their_own_marks_and_empty_rows_hinder_nothing(tmp_path):
    results = written_by("0123", "123", "00456")
    marks = tmp_path / "mine.csv"
    rows = ["0123,1,1.7,3,1,", "123,1,1.7,3,2,", "456,1,1.7,3,3,", "gone,1,1.7,3,,", "gone,1,1.7,3,,"]
    marks.write_text("\n".join([HEAD.strip(), *rows]), encoding="utf-8")
    assert apply_marks(results, marks) == results
    assert [result.questions[0]["marks"] for result in results] == [1, 2, 3]


OPEN = '"he said so'


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}ada,01,1.7,3,2,well said\nbob,01,1.7,3,2,{OPEN}\n" + "eve,01,1.7,3,2,\n" * 9000,
        f"{HEAD}ada,01,1.7,3,2,well said\nbob,01,1.7,3,2,{OPEN}\neve,01,1.7,3,2,\n",
    ],
)
def test_a_quotation_mark_that_is_not_closed_swallows_no_marks(tmp_path, text):
    marks = tmp_path / "mine.csv"
    marks.write_text(text, encoding="utf-8")
    with pytest.raises(EmotionLabError, match=r"from line 3 on .*a quotation mark that is not closed\?"):
        read_marks(marks)


def test_marks_without_the_columns_or_the_file(graded):
    (graded / "mine.csv").write_text("name,grade\nada,1\n", encoding="utf-8")
    for name in ("mine.csv", "nothing.csv"):
        with pytest.raises(EmotionLabError):
            run(graded, resume=True, marks=graded / name)


def test_an_interrupted_run_goes_on_where_it_stopped(folder, monkeypatch):
    real, saved = grading.save, []

    def stop_at_the_second(result, out):
        if len(saved) == 1:
            raise KeyboardInterrupt
        saved.append(result.student)
        real(result, out)

    monkeypatch.setattr(grading, "save", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        run(folder)
    kept = list((folder / "out" / "results").glob("*.json"))
    assert len(kept) == 1
    before = kept[0].read_bytes()
    with pytest.raises(EmotionLabError, match="--resume"):
        run(folder)
    graded_now = []
    monkeypatch.setattr(grading, "save", lambda result, out: (graded_now.append(result.student), real(result, out)))
    results = run(folder, resume=True)
    assert len(results) == 3
    assert len(graded_now) == 2
    assert saved[0] not in graded_now
    assert kept[0].read_bytes() == before


def test_resume_starts_nothing_when_nothing_changed_and_grades_what_did(folder, monkeypatch):
    first = run(folder)
    started = []
    monkeypatch.setattr(Worker, "_start", lambda self: started.append(self))
    assert run(folder, resume=True) == first
    assert not started
    monkeypatch.undo()
    submissions.write(folder / "in" / "ada", submissions.blank())
    assert [result.points for result in run(folder, resume=True)] == [12, 0, 11]
    assert [result.points for result in run(folder, resume=True, seed=5)] == [12, 0, 11]


def test_resume_grades_again_when_the_checks_were_changed(graded, monkeypatch):
    start, started = Worker._start, []
    monkeypatch.setattr(single, "checks_of", lambda exercise: "another checksum")
    monkeypatch.setattr(Worker, "_start", lambda self: started.append(self) or start(self))
    run(graded, resume=True)
    assert started


def test_two_jobs_give_the_same_rows_as_one(graded):
    one = run(graded, resume=True)
    two = grade(graded / "in", graded / "out2", "01", jobs=2, timeout=60, say=lambda line: None)
    for a, b in zip(one, two, strict=True):
        assert [(q["outcome"], q["message"]) for q in a.questions] == [
            (q["outcome"], q["message"]) for q in b.questions
        ]


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "-1"],
        ["--seed", "4294967296"],
        ["--exercise", "99"],
        ["--jobs", "0"],
        ["--timeout", "0"],
        ["--student", "nobody"],
        ["--timeout", "nan"],
    ],
)
def test_what_the_teacher_can_mend_is_one_sentence(folder, options):
    parser = argparse.ArgumentParser()
    add_grade(parser.add_subparsers())
    chosen = parser.parse_args(["grade", str(folder / "in"), "--out", str(folder / "out"), *options])
    with pytest.raises(EmotionLabError):
        chosen.command(chosen)
    assert not (folder / "out").exists()


def test_the_report_may_not_lie_among_the_submissions(folder):
    with pytest.raises(EmotionLabError, match="outside"):
        grade(folder / "in", folder / "in" / "report")


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=1", "  =1"])
def test_formulas_are_neutralised(text):
    assert neutral(text).startswith("'")


@pytest.mark.parametrize("text", ["=1", "-1: short", "  =1", "'", "'quoted'", "''-1", "plain", ""])
def test_what_was_neutralised_is_read_as_it_was_typed(text):
    assert as_typed(neutral(text)) == text


def test_ordinary_cells_stay():
    assert [neutral(cell) for cell in ("Ada", 3, "a=b", "")] == ["Ada", "3", "a=b", ""]


LONG = """
def {f}({a}, {b}):
    {doc}
    {c} = {{x.tobytes() for x in {a}}}
    return np.array([i for i, x in enumerate({b}) if x.tobytes() in {c}], dtype=int)
"""


def test_answers_are_alike_after_renaming_only():
    first = LONG.format(f="find", a="train", b="test", c="seen", doc='"""One."""')
    second = LONG.format(f="find", a="u", b="v", c="w", doc="# a comment")
    third = first.replace("in seen", "not in seen")
    assert fingerprint(first) == fingerprint(second) != ""
    assert fingerprint(first) != fingerprint(third)
    assert fingerprint("def f(x):\n    return x + 1") == ""
    entries = [
        Graded(who, "01", questions=[{"question": "1.6", "kind": "function", "source": source, "outcome": "passed"}])
        for who, source in (("ada", first), ("bob", second), ("cy", third))
    ]
    assert alike(entries) == [("01", "1.6", ["ada", "bob"])]
