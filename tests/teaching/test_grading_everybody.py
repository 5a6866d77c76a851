"""Nobody vanishes: every entry is a row, an earlier attempt, or a line with a reason; and no two people are merged."""

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
import submissions
from kept_workers import kept_workers
from odd_entries import deep, odd_entries, text_of, unaccounted

from emotionlab.base.files import readable
from emotionlab.teaching.grading import handed, single
from emotionlab.teaching.grading.collect import collect
from emotionlab.teaching.grading.grade import grade
from emotionlab.teaching.grading.run import remove
from emotionlab.teaching.grading.who import who

MASTERS = {"01": submissions.NAME, "04": "04_confusion_matrix.ipynb"}
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module", autouse=True)
def workers():
    """One or two workers for all that is graded here."""
    with kept_workers():
        yield


def flat_lms(folder) -> None:
    """What three platforms and a browser leave in one folder."""
    for name in (
        "01_faces_as_data (1).ipynb",
        "01_faces_as_data (2).ipynb",
        "Ana María López_4711_assignsubmission_file_01_faces_as_data.ipynb",
        "Müller_Anna_01_faces_as_data.ipynb",
        "lovelaceada_12345_67890_01_faces_as_data.ipynb",
        "lovelaceada_LATE_12345_67890_01_faces_as_data-1.ipynb",
        "dave_1_2_hw.ipynb.txt",
        "eve_1_3_hw.json",
    ):
        submissions.write(folder, submissions.solved(), name)
    with zipfile.ZipFile(folder / "bob_111_222_hw.zip", "w") as archive:
        archive.writestr("hw/01_faces_as_data.ipynb", text_of())
        archive.writestr("__MACOSX/hw/._01_faces_as_data.ipynb", b"\0\5\x16\7")
    (folder / "carol_111_223_hw.pdf").write_text("{}", encoding="utf-8")


def test_a_flat_folder_of_platforms_names_is_accounted_for(tmp_path):
    flat_lms(tmp_path / "in")
    results = grade(tmp_path / "in", tmp_path / "out", "01", jobs=2, say=lambda line: None)
    rows = {result.student: result for result in results}
    assert set(rows) == {
        *("01_faces_as_data (1)", "01_faces_as_data (2)", "Ana María López", "Müller_Anna"),
        *("bob", "dave", "eve", "lovelaceada"),
    }
    assert {result.points for result in results} == {12}
    words = {
        "01_faces_as_data (1)": "no learner's name in it",
        "bob": "from a zip archive",
        "dave": "saved as .ipynb.txt",
        "eve": "saved as .json",
    }
    for student, word in words.items():
        assert word in "; ".join(rows[student].warnings)
    notes = "; ".join(rows["lovelaceada"].warnings)
    assert "graded lovelaceada_LATE_12345_67890_01_faces_as_data-1.ipynb, which is the last attempt" in notes
    assert "not lovelaceada_12345_67890_01_faces_as_data.ipynb" in notes
    assert "late" in notes
    stored = json.loads((tmp_path / "out" / "grades.json").read_text(encoding="utf-8"))
    assert stored["not_taken"] == [
        {"name": "carol_111_223_hw.pdf", "reason": "called .pdf, but no PDF and no notebook"}
    ]
    assert len(stored["entries"]) == 10
    summary = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "10 entries: 8 in rows, 1 earlier attempts, 0 beside a notebook, 1 not taken" in summary
    assert "carol_111_223_hw.pdf" in summary


@pytest.mark.parametrize(
    "pair",
    [
        ("2024_10_12_x", "2024_10_13_y"),
        ("2024_10_12_x", "2024_10_12_y"),
        ("group_1_2_a", "group_1_3_b"),
        ("group_1_2_a", "group_1_2_b"),
        ("team_7_2_red", "team_7_3_red"),
        ("section_12_01_ada", "section_12_01_bob"),
        ("Ada_4711_assignsubmission_file_a", "Ada_4712_assignsubmission_file_a"),
        ("bob_111_222_hw", "bob_111_223_hw"),
    ],
)
@pytest.mark.parametrize("flat", [True, False])
def test_two_learners_are_never_merged(tmp_path, pair, flat):
    for name in pair:
        if flat:
            submissions.write(tmp_path, submissions.solved(), f"{name}.ipynb")
        else:
            submissions.write(tmp_path / name, submissions.solved())
    found = collect(tmp_path, MASTERS).submissions
    assert len({entry.student for entry in found}) == len(found) == 2
    for entry in found:
        assert "looks like" in "; ".join(entry.warnings)


def test_a_platforms_number_is_shown_only_where_two_people_have_one_name(tmp_path):
    for number in (4711, 4712):
        submissions.write(tmp_path / f"Ana López_{number}_assignsubmission_file_", submissions.solved())
    submissions.write(tmp_path / "Bo Li_7_assignsubmission_file_", submissions.solved())
    found = collect(tmp_path, MASTERS).submissions
    assert [entry.student for entry in found] == ["Ana López_4711", "Ana López_4712", "Bo Li"]
    assert "looks like Ana López_4712; kept apart" in found[0].warnings
    for name in ("Bo Li", "Bo Li_7_assignsubmission_file_"):
        assert [entry.student for entry in collect(tmp_path, MASTERS, student=name).submissions] == ["Bo Li"]


def _zipped(path: Path, notebook: dict, **files: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hw.ipynb", json.dumps(notebook))
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)


@pytest.mark.parametrize("ending", ["zip", "ipynb", "txt"])
@pytest.mark.parametrize("flat", [True, False])
def test_what_lies_in_an_archive_is_read_for_the_chosen_one_alone(tmp_path, monkeypatch, ending, flat):
    """Each may hold 50 MB in 50 KB, and a learner may hand in hundreds."""
    read, real = [], handed._beside_in
    monkeypatch.setattr(handed, "_beside_in", lambda source, name: read.append(source.path.name) or real(source, name))
    for number in range(5):
        name = f"ada_111_222_hw-{number}.{ending}"
        _zipped(tmp_path / ("" if flat else "ada") / name, submissions.blank(), helpers=f"x = {number}")
        os.utime(tmp_path / ("" if flat else "ada") / name, (number, number))
    [row] = collect(tmp_path, MASTERS).submissions
    assert row.path.name == f"ada_111_222_hw-4.{ending}"
    assert row.beside == (("helpers.py", b"x = 4"),)
    assert "with it: 1 files" in row.warnings
    assert read == [row.path.name]


@pytest.mark.parametrize("flat", [True, False])
def test_two_of_one_name_who_handed_in_no_notebook_are_two_rows(tmp_path, flat):
    for number in (1, 2):
        (tmp_path / f"Ana_{number}_assignsubmission_file_").mkdir()
    name = "Ana_3_assignsubmission_file_x.ipynb" if flat else "Ana_3_assignsubmission_file_/hw.ipynb"
    (tmp_path / name).parent.mkdir(exist_ok=True)
    submissions.write((tmp_path / name).parent, submissions.solved(), (tmp_path / name).name)
    found = collect(tmp_path, MASTERS).submissions
    assert [(entry.student, bool(entry.notebook)) for entry in found] == [
        ("Ana_1", False),
        ("Ana_2", False),
        ("Ana_3", True),
    ]


def test_a_class_in_one_folder_too_many_is_a_class_and_not_one_learner(tmp_path):
    for name in ("ada", "bob", "cy"):
        submissions.write(tmp_path / "in" / "Exercise 1" / name, submissions.solved())
    assert [entry.student for entry in collect(tmp_path / "in", MASTERS).submissions] == ["ada", "bob", "cy"]
    submissions.write(tmp_path / "in", submissions.solved(), "eve.ipynb")  # now nobody can tell; the row says so
    notes = "; ".join(next(entry.warnings for entry in collect(tmp_path / "in", MASTERS).submissions))
    assert "if those are several people's, grade Exercise 1 by itself" in notes
    for name in MASTERS.values():  # two exercises of one learner, as nbgrader collects them
        submissions.write(tmp_path / "one" / "dan" / name[:2], submissions.solved(name), name)
    found = collect(tmp_path / "one", MASTERS).submissions
    assert [(entry.student, entry.exercise) for entry in found] == [("dan", "01"), ("dan", "04")]


def test_names_that_look_the_same_say_so(tmp_path):
    for name in ("Jos\u00e9", "Jose\u0301", "ada", "Ada"):
        submissions.write(tmp_path / name, submissions.solved())
    if len(os.listdir(tmp_path)) < 4:
        pytest.skip("this file system takes some of these names for the same")
    found = collect(tmp_path, MASTERS).submissions
    assert len({entry.student for entry in found}) == 4
    assert all("looks like" in "; ".join(entry.warnings) for entry in found)


@pytest.mark.parametrize("name", ["{} (1)", "{}-Copy1", "Copy of {}", "Kopie von {}", "{}_final_v2", "{}"])
def test_a_name_that_is_nobodys_is_said_to_be(name):
    learner = who(name.format("01_faces_as_data"), True, ("01_faces_as_data",))
    assert (learner.named, learner.student) == (False, name.format("01_faces_as_data"))


COPIES = (
    *("Copia di {}", "Copia de {}", "Cópia de {}", "Còpia de {}", "Copie de {}", "Copie a {}", "Kopie van {}"),
    *("Kopia av {}", "Kopi af {}", "Kopi av {}", "Kopio tiedostosta {}", "Kopia notatnika {}", "Kopie souboru {}"),
    *("Копия блокнота “{}”", "Копия {}", "Копія {}", "Αντίγραφο {}", "Bản sao của {}", "Salinan dari {}"),
    *("نسخة من {}", "עותק של {}", "สำเนาของ {}", "副本 {}", "Copia_di_{}", "Co\u0301pia de {}", "Copy of Copia di {}"),
    *("{} - Kopie", "{} - Kopie (2)", "{} Kopie 2", "{} (Kopie)", "{} (weitere Kopie)", "{} (3. Kopie)", "{} - Copia"),
    *("{} - Cópia (3)", "{} (otra copia)", "{} (3.ª copia)", "{} - Copie", "{} (3e copie)", "{} (another copy)"),
    *(
        "{} (3rd copy)",
        "{} — копия",
        "{} - Копія",
        "{} – kopie",
        "{} — kopia",
        "{} - Kopi",
        "{} - Kopio",
        "{} másolata",
    ),
    *("{} - Αντιγραφή", "{} - Kopya", "{} adlı not defterinin kopyası", "{} - نسخة", "{} - עותק", "{} - สำเนา"),
    *("{}的副本", "“{}”的副本", "{} - 副本", "{} - 複製", "{} のコピー", "{} - コピー", "{}의 사본", "{} - 복사본"),
    *("{} की कॉपी", "{} - Sao chép", "{} Kopija", "Copia di {} - Copia (2)"),
)
PEOPLE = (
    *("Copia", "Ana Copia", "Copeland", "Coppola", "Kopp", "Kopitar", "Kopecký", "Копылова", "Kopyakov", "Van Kopen"),
    *(
        "Salin",
        "Vi Sao",
        "Di Copland",
        "Finalova",
        "Vera",
        "V. Kopia",
        "V8r",
        "副岛",
        "李复",
        "高品",
        "Sabon",
        "कॉपीराइट",
    ),
)


@pytest.mark.parametrize("name", COPIES)
def test_the_words_of_a_copy_are_nobodys_in_any_language(name):
    learner = who(name.format("01_faces_as_data"), True, ("01_faces_as_data",))
    assert (learner.named, learner.student) == (False, name.format("01_faces_as_data"))


@pytest.mark.parametrize("name", PEOPLE)
def test_a_name_that_looks_like_such_a_word_is_somebodys(name):
    learner = who(f"{name} - 01_faces_as_data", True, ("01_faces_as_data",))
    assert (learner.named, learner.student) == (True, name)
    assert name == "Copia" or who(f"01_faces_as_data - {name}", True, ("01_faces_as_data",)).named


def test_a_copy_of_somebodys_looks_like_theirs_and_stays_apart(tmp_path):
    for name in ("Ada - 01_faces_as_data.ipynb", "Copia di Ada - 01_faces_as_data.ipynb"):
        submissions.write(tmp_path, submissions.solved(), name)
    notes = {entry.student: entry.warnings for entry in collect(tmp_path, MASTERS).submissions}
    assert notes == {
        "Ada": ("looks like Copia di Ada; kept apart",),
        "Copia di Ada": ("looks like Ada; kept apart",),
    }


BRIGHTSPACE = "{} - Ada Lovelace - {} - 01_faces_as_data.ipynb"


@pytest.mark.parametrize("flat", [True, False])
def test_brightspaces_attempts_of_one_learner_are_one_row(tmp_path, flat):
    dates = ("Dec 9, 2024 1159 PM", "Dec 10, 2024 1230 AM", "Dec 10, 2024 115 PM", "Oct 31, 2024 1000 AM")
    for number, date in enumerate(dates):
        name = BRIGHTSPACE.format("12345-67890", date)
        folder = tmp_path if flat else tmp_path / name.rpartition(" - ")[0]
        path = submissions.write(folder, submissions.solved(), name if flat else "hw.ipynb")
        os.utime(path, (1e9 - number, 1e9 - number))
    found = collect(tmp_path, MASTERS)
    (entry,) = found.submissions
    assert entry.student == "Ada Lovelace"
    assert "Dec 10, 2024 115 PM" in entry.file
    assert "which is the last attempt" in entry.warnings[0]
    assert sorted(found.entries.values()) == ["earlier", "earlier", "earlier", "row"]


def test_brightspaces_two_learners_of_one_name_are_two_rows_that_look_alike(tmp_path):
    for numbers in ("12345-67890", "12346-67890"):
        name = BRIGHTSPACE.format(numbers, "Okt 12, 2024 1159 PM")
        submissions.write(tmp_path, submissions.solved(), name)
    rows = collect(tmp_path, MASTERS).submissions
    assert [row.student for row in rows] == ["Ada Lovelace_12345-67890", "Ada Lovelace_12346-67890"]
    assert all("looks like Ada Lovelace_1234" in "; ".join(row.warnings) for row in rows)


def _same_time(folder, names):
    for name in names:
        path = submissions.write((folder / name).parent, submissions.solved(), (folder / name).name)
        os.utime(path, (1e9, 1e9))


@pytest.mark.parametrize("word", ["Version", "Versión"])
def test_the_tenth_version_of_teams_comes_after_the_second_whatever_the_files_time(tmp_path, word):
    _same_time(tmp_path, [f"ada/{word} {number}/{submissions.NAME}" for number in (1, 2, 10)])
    os.utime(tmp_path / f"ada/{word} 2/{submissions.NAME}", (2e9, 2e9))
    submissions.write(tmp_path / "bob", submissions.solved())
    row = collect(tmp_path, MASTERS).submissions[0]
    assert row.file == f"ada/{word} 10/{submissions.NAME}"
    assert "which is the last attempt" in row.warnings[0]


def test_where_no_time_tells_names_are_sorted_as_people_count_and_the_row_says_so(tmp_path):
    _same_time(tmp_path, [f"ada/hw {number}.ipynb" for number in (1, 2, 10)])
    (row,) = collect(tmp_path, MASTERS).submissions
    assert row.file == "ada/hw 10.ipynb"
    assert "chosen by its name, for no time tells which is the last" in row.warnings[0]
    assert "changed last" not in row.warnings[0]


@pytest.mark.parametrize(
    ("ending", "packed"),
    [
        ("tar", ""),
        ("tar.gz", "gz"),
        ("tar.bz2", "bz2"),
        ("tar.xz", "xz"),
        ("tgz", "gz"),
        ("tbz2", "bz2"),
        ("txz", "xz"),
    ],
)
def test_a_tar_is_opened_however_it_is_packed(tmp_path, ending, packed):
    with tarfile.open(tmp_path / f"ada_1_2_hw.{ending}", f"w:{packed}") as made:
        member = tarfile.TarInfo("hw/01_faces_as_data.ipynb")
        member.size = len(text_of().encode())
        made.addfile(member, io.BytesIO(text_of().encode()))
    (row,) = collect(tmp_path, MASTERS).submissions
    assert (row.student, row.warnings) == ("ada", ("from an archive",))


def test_an_archive_that_is_not_opened_says_what_was_expected(tmp_path):
    with zipfile.ZipFile(tmp_path / "big.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hw.ipynb", text_of())
        archive.writestr("shot.png", bytes(2_000_000))
    (tmp_path / "empty.zip").touch()
    submissions.write(tmp_path / "ada", submissions.solved())
    too_large = "expected at most 1,000,000 bytes in one file, found more in 'shot.png'"
    assert dict(collect(tmp_path, MASTERS).not_taken) == {
        "big.zip": f"an archive that is not opened: {too_large}",
        "empty.zip": "empty.zip is empty",
    }


@pytest.mark.parametrize("name", ["Copy of {} Ada", "Kopie von {}_von Ada", "final_{}_ada"])
def test_a_name_behind_the_notebooks_is_somebodys(name):
    learner = who(name.format("01_faces_as_data"), True, ("01_faces_as_data",))
    assert (learner.named, learner.student) == (True, name.format("01_faces_as_data"))


def test_a_folder_and_a_file_of_one_name_stay_apart(tmp_path):
    submissions.write(tmp_path / "ada", submissions.solved())
    submissions.write(tmp_path, submissions.solved(), "ada.ipynb")
    assert sorted(entry.student for entry in collect(tmp_path, MASTERS).submissions) == ["ada", "ada.ipynb"]


@pytest.mark.parametrize(
    ("pattern", "student"),
    [
        ("lovelaceada_12345_67890_01_faces-{}", "lovelaceada"),
        ("Exercise 01_al99_attempt_2026-03-{:02d}-12-30-59_01_faces", "al99"),
    ],
)
def test_the_tenth_attempt_comes_after_the_ninth_whatever_the_files_time(tmp_path, pattern, student):
    for number in (9, 10, 2):
        path = submissions.write(tmp_path, submissions.solved(), pattern.format(number) + ".ipynb")
        os.utime(path, (1e9 - number, 1e9 - number))
    found = collect(tmp_path, MASTERS)
    (entry,) = found.submissions
    assert (entry.student, entry.file) == (student, pattern.format(10) + ".ipynb")
    assert sorted(found.entries.values()) == ["earlier", "earlier", "row"]


def test_moodles_two_folders_of_a_learner_are_one_row(tmp_path):
    submissions.write(tmp_path / "Ada_7_assignsubmission_file_", submissions.solved())
    (tmp_path / "Ada_7_assignsubmission_onlinetext_").mkdir()
    (tmp_path / "Ada_7_assignsubmission_onlinetext_" / "onlinetext.html").write_text("<html>", encoding="utf-8")
    found = collect(tmp_path, MASTERS)
    assert [entry.student for entry in found.submissions] == ["Ada"]
    assert sorted(found.entries.values()) == ["beside", "row"]


def test_every_entry_is_a_row_or_a_line_with_a_reason(tmp_path, request):
    count = odd_entries(tmp_path / "in")
    if os.name == "posix":
        request.addfinalizer(lambda: remove(str(tmp_path / "in" / "deep")))  # pytest itself cannot
        deep(tmp_path / "in" / "deep", 1200)
        count += 1
    found = collect(tmp_path / "in", MASTERS)
    reasons = dict(found.not_taken)
    assert len(found.entries) == count == len(os.listdir(tmp_path / "in"))
    assert [name for name, kind in found.entries.items() if kind == "not taken"] == list(reasons)
    rows = {entry.student: entry for entry in found.submissions}
    assert len(rows) + len(reasons) == count
    assert reasons["essay.pdf"] == "a PDF, no notebook"
    assert reasons["page.html"] == "a web page, no notebook"
    assert reasons["answer.py"] == "a Python file, no notebook"
    assert reasons["notes.txt"] == "a text file, no notebook"
    assert reasons["nothing.dat"] == "nothing.dat is empty"
    assert reasons["two.zip"] == "an archive that holds 2 notebooks; one is expected"
    assert "points out of it" in reasons["climbs.zip"]
    assert "link" in reasons.get("linked", "link")
    assert "it is a web page" in rows["login"].problem
    assert "it is a PDF" in rows["scan"].problem
    assert "essay.pdf: a PDF" in rows["pdf only"].problem
    assert rows[".ada"].notebook
    assert rows[".hidden"].notebook
    assert rows["hw"].warnings == ("saved as a file without an ending",)
    assert rows["zipped"].warnings == ("from a zip archive",)
    if os.name == "posix":
        assert "levels deep" in rows["deep"].problem


QUICK = ("edited_check", "exit_zero", "sys_exit", "quits", "syntax_error", "cut_off", "nested", "strange_cells", "stub")


def test_forty_entries_more_than_half_of_them_odd_are_accounted_for_to_the_last(tmp_path):
    count = odd_entries(tmp_path / "in")
    for name in QUICK:
        submissions.KINDS[name].build(tmp_path / "in" / name)
    for number in range(40 - count - len(QUICK)):
        submissions.ordinary(tmp_path / "in" / f"learner-{number}", number)
    assert len(os.listdir(tmp_path / "in")) == 40
    results = grade(tmp_path / "in", tmp_path / "out", "01", jobs=2, timeout=20, say=lambda line: None)
    assert not unaccounted(tmp_path / "in", tmp_path / "out")
    graded = [result for result in results if result.student.startswith("learner-")]
    assert {result.status for result in graded} == {"graded"}


def test_a_folder_of_any_depth_is_removed(tmp_path):
    if os.name != "posix":
        pytest.skip("a path of this length cannot be made here")
    deep(tmp_path / "deep", 1500)
    assert remove(str(tmp_path / "deep"))


def test_a_name_that_is_no_utf_8_comes_back_with_its_marks(tmp_path):
    folder = os.fsencode(tmp_path / "in") + b"/M\xfcller"
    try:
        os.makedirs(folder)
    except OSError:
        pytest.skip("this file system takes names in UTF-8 alone")
    with open(folder + b"/hw.ipynb", "w", encoding="utf-8") as file:
        file.write(text_of())
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert (result.student, result.points) == ("M\\xfcller", 12)
    marks = tmp_path / "out" / "marks.csv"
    marks.write_text(marks.read_text(encoding="utf-8-sig").replace(",3,,", ",3,2,"), encoding="utf-8-sig")
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", resume=True, marks=marks, say=lambda line: None)
    assert result.points == 14


def test_a_learner_who_wrote_text_where_the_answer_was_is_told(tmp_path):
    notebook = submissions.solved()
    submissions.cell(notebook, "1.2")["cell_type"] = "markdown"
    submissions.write(tmp_path / "in" / "ada", notebook)
    (result,) = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert result.points == 11
    assert "1.2: a text cell where the answer was" in "; ".join(result.warnings)


def test_an_error_of_the_grader_costs_one_submission(tmp_path, monkeypatch):
    for name in ("ada", "bob", "cy"):
        submissions.write(tmp_path / "in" / name, submissions.solved())
    real, calls = single.run_submission, []

    def fails_for_the_second(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RecursionError("far too deep")
        return real(*arguments)

    monkeypatch.setattr(single, "run_submission", fails_for_the_second)
    results = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert [result.points for result in results] == [12, 0, 12]
    assert results[1].status == "not graded: the grader failed on it (RecursionError: far too deep)"


def test_folders_nested_far_too_deep_in_the_work_folder_cost_nobody_anything(tmp_path):
    source = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')\n" + submissions.solution("1.2")
    for name, made in (("ada", submissions.with_answers(q1_2=source)), ("bob", submissions.with_answers())):
        made(tmp_path / "in" / name)
    results = grade(tmp_path / "in", tmp_path / "out", "01", say=lambda line: None)
    assert [result.points for result in results] == [12, 12]


def test_names_are_shown_as_text_that_can_be_written_anywhere():
    assert readable(b"M\xfcller".decode("utf-8", "surrogateescape")) == "M\\xfcller"
    assert who("lovelaceada_LATE_1_2_hw-10").attempt == (10,)
    assert not who("01_faces_as_data (2)", True, ("01_faces_as_data",)).named
    assert who("01_faces_as_data_ada", True, ("01_faces_as_data",)).named
