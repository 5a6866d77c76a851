"""Names are a promise: what the first round of the course used is still there, and its files are still read."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS
from emotionlab.commands.cli import build_parser
from emotionlab.commands.cli import main as command

CASES = Path(__file__).parents[1] / "cases" / "first_round"

PUBLIC = """
EMOTIONS load_faces Faces Split find_duplicates RECIPES Recipe Run load_run train features train_head augmentation
class_weights evaluate Report compare abstention plot_faces plot_counts plot_history plot_confusion plot_calibration
plot_probabilities plot_ablation plot_votes model_card plot_tradeoff plot_agreement plot_coverage grad_cam occlusion
plot_gradcam plot_occlusion plot_recorded_gradcam playground Recognizer recognize_video webcam camera app quiz
exercise tagger data emotions errors evaluation exercises explain faces labs models plots reference settings training
microphone
"""

COMMANDS = {"lab", "doctor", "data", "train", "evaluate", "card", "recognize", "app", "exercises", "grade"}

IMPORTS = """
from emotionlab import faces
from emotionlab import labs
from emotionlab.backend import _silent_stderr
from emotionlab.backend import _silent_stderr, keras
from emotionlab.cli import main as emotionlab_command
from emotionlab.course_files import lay_course
from emotionlab.data import Split
from emotionlab.data import draw_faces
from emotionlab.data import ferplus
from emotionlab.data.drawn import ACTION_UNITS, EMOTION_UNITS, bundled_face, draw_face
from emotionlab.data.groups import draw_split
from emotionlab.data.surveying import recorded
from emotionlab.doctor import examine
from emotionlab.drawing import draw_faces
from emotionlab.emotions import COLORS
from emotionlab.errors import EmotionLabError
from emotionlab.evaluation import chosen_threshold, coverage_curve, temperature, thresholded, with_temperature
from emotionlab.evaluation import confidence_interval, percent
from emotionlab.evaluation import predict
from emotionlab.exercises.ex06 import small_backbone
from emotionlab.light import LightNetwork
from emotionlab.live import app, app_calls
from emotionlab.live.bundled import bundled_scene
from emotionlab.live.frames import Live
from emotionlab.live.quiet_gradio import gr
from emotionlab.live.tracking import Tracker
from emotionlab.occlusion_study import BOXES, recorded, region_means
from emotionlab.onnx_file import write_onnx
from emotionlab.runs import run_names
import emotionlab as el
import emotionlab.batches
import emotionlab.settings
from importlib.resources import files; files("emotionlab.reference").joinpath("threshold.json").read_text()
""".strip().splitlines()
"""Every import of the package in the lessons, exercises, solutions, README and INSTRUCTORS of the first round."""


@pytest.mark.parametrize("name", PUBLIC.split())
def test_a_public_name_resolves(name):
    assert name in el.__all__
    assert getattr(el, name) is not None


def test_every_command_is_there():
    (parts,) = [action for action in build_parser()._actions if action.choices and "lab" in action.choices]
    assert set(parts.choices) >= COMMANDS


def test_detectors_are_a_tuple_of_names():
    from emotionlab import faces

    assert faces.DETECTORS == tuple(faces.REGISTRY) == ("yunet", "haar")


def test_the_imports_of_the_first_rounds_notebooks_still_work():
    done = subprocess.run([sys.executable, "-c", "\n".join(IMPORTS)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_an_old_name_is_the_same_module_not_a_copy_of_it():
    program = (
        "import emotionlab.errors, emotionlab.base.errors, emotionlab.backend, emotionlab.base.backend\n"
        "assert emotionlab.errors is emotionlab.base.errors\n"
        "assert emotionlab.backend.keras is emotionlab.base.backend.keras\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# ---------------------------------------------------------------------------------- files of the first round


def test_a_run_of_the_first_round_is_read_and_predicts(monkeypatch):
    run = el.load_run(CASES / "runs" / "small")
    assert run.recipe == el.Recipe(epochs=1, batch_size=8)
    assert run.report("test").confusion.sum() == 7
    assert run.model().output_shape == (None, 7)
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(CASES / "runs"))
    assert command(["card", "small"]) == 0


def test_data_of_the_first_round_are_read(monkeypatch):
    monkeypatch.setenv("EMOTIONLAB_DATA", str(CASES / "data"))
    faces = el.load_faces("fer2013")
    assert {name: len(split) for name, split in faces.splits().items()} == {"train": 56, "validation": 7, "test": 7}
    assert set(faces.train.labels.tolist()) <= set(range(len(EMOTIONS)))


def test_a_learners_progress_of_the_first_round_is_read(tmp_path, monkeypatch):
    shutil.copytree(CASES / "progress", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    shown = str(el.exercise("02").progress())
    assert "1 of 7 done. Go on with 2.2" in shown.replace("\n", " ")


def test_a_grading_report_of_the_first_round_is_taken_up_again(tmp_path, capsys):
    shutil.copytree(CASES, tmp_path, dirs_exist_ok=True)
    arguments = ["grade", str(tmp_path / "subs"), "--out", str(tmp_path / "report"), "--exercise", "01", "--resume"]
    assert command(arguments) == 0
    grades = json.loads((tmp_path / "report" / "grades.json").read_text(encoding="utf-8"))
    assert "ada" in json.dumps(grades)
