"""A folder without permission, and a home folder of nobody: one sentence each, and no traceback."""

from pathlib import Path

import closed_folder
import pytest

from emotionlab.base import pictures, settings
from emotionlab.base.errors import EmotionLabError
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
