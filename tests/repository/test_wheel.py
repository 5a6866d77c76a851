"""The wheel, unpacked far from the checkout, holds the whole course and can lay it out."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from face_files import picture_files, write_zip

from emotionlab.models import weights

ROOT = Path(__file__).parents[2]
COURSE = ("course/lessons/", "course/exercises/")
RESERVED = {"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    if shutil.which("uv") is None:
        pytest.skip("building the wheel needs the command uv: pip install uv")
    done = subprocess.run(
        ["uv", "build", "--wheel", "--out-dir", str(folder), str(ROOT)], capture_output=True, text=True, timeout=300
    )
    if done.returncode and any(word in done.stderr.lower() for word in ("fetch", "dns error", "offline", "network")):
        pytest.skip("building the wheel needs hatchling, which is not in uv's cache, and there is no network")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The wheel unpacked, which is what installing one is, but for the dependencies."""
    folder = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def python(program: str, installed: Path, folder: Path) -> str:
    """What a program prints that runs outside the checkout and finds emotionlab in `installed` only."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def relative_files(folder: Path) -> set[str]:
    skipped = {"__pycache__", ".ipynb_checkpoints"}
    files = (p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    return {path.as_posix() for path in files if not skipped & set(path.parts)}


def test_the_wheel_holds_the_weights_their_licences_and_the_records_and_stays_small(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for network in weights.CHECKSUMS:
        assert f"emotionlab/models/imagenet/{network}.npz" in names
        assert f"emotionlab/models/imagenet/{network}_license.txt" in names
    assert any(name.endswith("licenses/THIRD_PARTY.md") for name in names)
    for path in (ROOT / "emotionlab" / "reference").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in names
    assert wheel.stat().st_size < 80e6


@pytest.mark.parametrize("folder", ["lessons", "exercises"])
def test_the_wheel_holds_every_lesson_and_exercise(installed, folder):
    assert relative_files(installed / "emotionlab" / "course" / folder) == relative_files(ROOT / folder)
    assert any(name.endswith(".ipynb") for name in relative_files(ROOT / folder))


def tracked(folder: str) -> set[str]:
    """The files below a folder that the repository tracks; without git, those that lie there."""
    done = subprocess.run(["git", "ls-files", "-z", folder], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return relative_files(ROOT / folder)
    return {name.removeprefix(f"{folder}/") for name in done.stdout.split("\0") if name and (ROOT / name).is_file()}


def test_the_wheel_holds_the_tracked_files_of_the_package_and_no_others(installed):
    packed = {name for name in relative_files(installed / "emotionlab") if not name.startswith(COURSE)}
    assert packed == tracked("emotionlab")


def test_the_wheel_holds_the_tracked_files_of_the_course_and_no_others(installed):
    packed = relative_files(installed / "emotionlab" / "course")
    for folder in ("lessons", "exercises"):
        there = {name.removeprefix(f"{folder}/") for name in packed if name.startswith(f"{folder}/")}
        assert there == tracked(folder)


def test_every_file_of_the_wheel_can_lie_on_windows(installed):
    names = relative_files(installed)
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        parts = name.split("/")
        assert not set(name) & set('<>:"|?*\\'), name
        assert not [part for part in parts if part != part.rstrip(". ") or part.split(".")[0].lower() in RESERVED], name
        assert len(name) < 150, "a Windows path has 260 characters, and the folder above needs some of them"


def test_the_wheel_holds_no_solutions_tests_or_data_sets(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith(("solutions/", "tests/", "runs/", "my_course/"))]
    assert not [name for name in names if "/solutions/" in name]
    assert not [name for name in names if name.endswith((".zip", ".csv", "fer2013.npz"))]


def test_the_wheel_lays_the_course_far_from_the_checkout(installed, tmp_path):
    program = (
        "import emotionlab\n"
        "from pathlib import Path\n"
        "from emotionlab.course.files import course_source, lay_course\n"
        "print(Path(emotionlab.__file__).parent)\n"
        "print(course_source())\n"
        "print(lay_course(Path('mine')))\n"
    )
    package, source, said = python(program, installed, tmp_path).strip().split("\n", 2)
    assert Path(package) == installed / "emotionlab"
    assert Path(source) == installed / "emotionlab" / "course"
    assert "Laid" in said
    assert (tmp_path / "mine" / "lessons" / "00_start_here.ipynb").is_file()
    assert (tmp_path / "mine" / "exercises").is_dir()


def test_the_wheel_knows_the_recorded_runs_and_predicts_with_the_shipped_weights(installed, tmp_path):
    program = (
        "import emotionlab as el, numpy as np\n"
        "print(*el.reference.names())\n"
        "model = el.reference.load('scratch_cnn').model()\n"
        "print(np.asarray(model(np.zeros((2, 48, 48, 1), 'float32'))).shape)"
    )
    names, shape = python(program, installed, tmp_path).splitlines()[-2:]
    there = sorted(p.parent.name for p in (ROOT / "emotionlab/reference/runs").glob("*/provenance.json"))
    assert names.split() == there
    assert shape == "(2, 7)"


def test_the_command_of_the_wheel_answers(installed, tmp_path):
    archive = write_zip(tmp_path / "few.zip", picture_files())
    program = f"from emotionlab.commands.cli import main; main(['data', 'info', '--data', {str(archive)!r}])"
    assert "FER-2013: 49 photographs" in python(program, installed, tmp_path)
