"""A closed folder and a home folder of nobody: one sentence each, no traceback; and who may read what is written."""

import os
from pathlib import Path

import closed_folder
import pytest

from emotionlab.base import pictures, settings
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.files import listed, whole_file, write_whole
from emotionlab.commands.cli import main
from emotionlab.data import ferplus, read_faces
from emotionlab.exercises.dropbox import is_box, make_box, open_box
from emotionlab.exercises.handin import hand_in
from emotionlab.live.feedback import read_rows
from emotionlab.live.video import written_whole
from emotionlab.runs import load_run
from emotionlab.runs.recipes import load_recipe
from emotionlab.senses.files import texts
from emotionlab.sound import ravdess
from emotionlab.sound.dataset import read_folder
from emotionlab.sound.reading import read_sound
from emotionlab.teaching.grading.collect import collect
from emotionlab.teaching.hub import starting


@pytest.fixture
def closed(tmp_path, monkeypatch) -> Path:
    return closed_folder.close(tmp_path / "closed", monkeypatch)


def write_film(path: Path) -> None:
    with written_whole(path):
        pass


READERS = {
    "faces": ("x.npz", read_faces),
    "archive": ("x.zip", read_faces),
    "picture": ("x.png", pictures.decode),
    "run": ("x", load_run),
    "recipe": ("x.json", load_recipe),
    "sound": ("x.wav", read_sound),
    "ravdess": ("x.zip", ravdess.read),
    "voices": ("x", read_folder),
    "film": ("x.mp4", write_film),
    "feedback": ("x.csv", read_rows),
    "votes": ("x.csv", ferplus.read_votes),
    "new box": ("box", lambda path: make_box(path, {})),
    "box": ("box", open_box),
    "submissions": ("subs", lambda path: collect(path, {})),
}


@pytest.mark.parametrize("reader", READERS)
def test_what_lies_in_a_closed_folder_is_one_sentence(reader, closed):
    name, read = READERS[reader]
    with pytest.raises(EmotionLabError, match=r"^(Expected|Could not) ") as caught:
        read(closed / name)
    assert "\n" not in str(caught.value)


def test_a_notebook_in_a_closed_folder_is_one_sentence(closed, tmp_path):
    box = make_box(tmp_path / "box", {})
    with pytest.raises(EmotionLabError, match="found no such file"):
        hand_in("01", closed / "01_faces.ipynb", box.folder)
    assert not is_box(closed / "box")


NOBODYS = {
    "box": open_box,
    "text": lambda path: texts([path]),
    "sound": read_sound,
    "ravdess": ravdess.read,
    "votes": ferplus.read_votes,
    "hub": lambda path: starting._own_folder(Path(path)),
    "shared": lambda path: starting.check_shared({"EMOTIONLAB_DATA": path}),
}


@pytest.mark.parametrize("reader", NOBODYS)
def test_the_home_of_nobody_is_one_sentence(reader):
    with pytest.raises(EmotionLabError, match="a path in a folder that is there"):
        NOBODYS[reader]("~nobody_x/a.wav")


def test_the_notebook_of_nobody_is_one_sentence(tmp_path, capsys):
    box = make_box(tmp_path / "box", {})
    assert main(["handin", "01", "--to", str(box.folder), "--notebook", "~nobody_x/a.ipynb"]) == 2
    assert main(["lab", "--dir", "~nobody_x/course"]) == 2
    assert capsys.readouterr().err.count("a path in a folder that is there") == 2


@pytest.mark.parametrize(
    "words",
    [
        ["dropbox", "~nobody_x/box"],
        ["grade", "~nobody_x/in", "--out", "out"],
        ["grade", "in", "--out", "~nobody_x/out"],
        ["grade", "in", "--out", "out", "--marks", "~nobody_x/marks.csv"],
        ["handback", "~nobody_x/report", "--to", "box"],
        ["class", "~nobody_x/report"],
        ["class", "report", "--out", "~nobody_x/class.html"],
    ],
)
def test_a_teachers_path_in_the_home_of_nobody_is_one_sentence_and_makes_nothing(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "a path in a folder that is there, found '~nobody_x/" in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("EMOTIONLAB_DATA", settings.data_dir),
        ("EMOTIONLAB_RUNS", settings.runs_dir),
        ("KERAS_HOME", settings.keras_home),
        ("EMOTIONLAB_PHOTOS", settings.photos),
    ],
)
def test_a_variable_that_names_the_home_of_nobody_is_one_sentence(name, folder, monkeypatch):
    monkeypatch.setenv(name, "~nobody_x/data")
    with pytest.raises(EmotionLabError, match=f"a folder that is there in {name}"):
        folder()


# -------------------------------------------------------------------------------- who may read a file


@pytest.fixture
def only_mine():
    """What is made is closed to others, as a careful user wants it."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


posix = pytest.mark.skipif(os.name != "posix", reason="Windows keeps no such rights")


@posix
@pytest.mark.usefixtures("only_mine")
def test_a_new_file_is_as_closed_as_its_user_wants_it(tmp_path):
    write_whole(tmp_path / "new.txt", b"mine")
    assert mode(tmp_path / "new.txt") == 0o600
    write_whole(tmp_path / "asked.txt", b"for all", rights=0o644)
    assert mode(tmp_path / "asked.txt") == 0o644
    assert mode(make_box(tmp_path / "box", {}).folder / "dropbox.json") == 0o644, "learners read the dates"
    os.umask(0o022)
    write_whole(tmp_path / "open.txt", b"for all")
    assert mode(tmp_path / "open.txt") == 0o644


@posix
@pytest.mark.parametrize("rights", [0o600, 0o640, 0o664])
def test_a_file_that_is_written_anew_keeps_its_rights(tmp_path, rights):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"before")
    path.chmod(rights)
    with whole_file(path) as temporary:
        assert mode(temporary) == 0o600, "until it is whole, its owner alone may read it"
        temporary.write_bytes(b"after")
    assert (path.read_bytes(), mode(path)) == (b"after", rights)
    write_whole(path, b"closed", rights=0o600)
    assert mode(path) == 0o600


def test_a_file_that_was_never_finished_is_not_listed(tmp_path):
    with whole_file(tmp_path / "ada.json"):
        assert len(list(tmp_path.glob("*.json"))) == 1
        assert listed(tmp_path, "*.json") == []
    assert listed(tmp_path, "*.json") == [tmp_path / "ada.json"]
