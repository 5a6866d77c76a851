"""`emotionlab doctor`: is this computer ready for the course, and if not, what mends it?

Each check is a function that looks at one thing and returns a `Check`. Nothing is sent anywhere.
"""

import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from emotionlab.base import settings
from emotionlab.base.errors import EmotionLabError

SIGNS = {"ok": "✔ ok  ", "warn": "⚠ warn", "fail": "✘ FAIL"}
"""A symbol and a word for each status, so that neither colour nor font is needed."""

_GIB = 2**30
_INSTALL = "run `uv sync` in the course folder, or `pip install -e .` inside your environment"


_LEFT = " " * 21
"""What stands under sign and name, where a line goes on."""


@dataclass(frozen=True)
class Check:
    """What one check found.

    status: "ok"; "warn" (every lesson runs, something could be better); "fail" (a lesson could not run).
    found: what is there. fix: the one thing to do about it, "" where there is nothing to do.
    """

    name: str
    status: str
    found: str
    fix: str = ""

    def __str__(self) -> str:
        line = _wrapped(f"{SIGNS[self.status]}  {self.name:<12} {self.found}", _LEFT)
        return f"{line}\n{_wrapped(f'{_LEFT}→ {self.fix}', _LEFT + '  ')}" if self.fix else line


def examine() -> int:
    """Run all checks, print each as it is done, and return 1 if any lesson could not run, else 0."""
    print("Checking this computer for the course (half a minute; nothing is sent anywhere) ...\n", flush=True)
    done = []
    for check in CHECKS:
        done.append(_guarded(check))
        print(done[-1], flush=True)
    failed = [check.name for check in done if check.status == "fail"]
    warned = [check.name for check in done if check.status == "warn"]
    if failed:
        again = settings.command("doctor")
        print(f"\n✘ Not ready: {', '.join(failed)}. Do what the arrows say, then run `{again}` again.")
        return 1
    note = f" Worth a look: {', '.join(warned)}." if warned else ""
    print(f"\n✔ Ready: every lesson can run.{note} Start with: {settings.command('lab')}")
    return 0


def _wrapped(line: str, indent: str) -> str:
    """The line broken between words where a terminal would break it within one; whole in a file."""
    if not sys.stdout.isatty():
        return line
    width = max(60, shutil.get_terminal_size().columns)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _guarded(check: Callable[[], Check]) -> Check:
    """A check that breaks is a finding, not a traceback: a broken computer is what it is there for."""
    try:
        return check()
    except Exception as problem:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        return Check(name, "fail", f"could not be checked: {type(problem).__name__}: {problem}", _INSTALL)


# --------------------------------------------------------------------------------- the computer


def check_python() -> Check:
    """A version of Python that the course supports, 64 bit, on a system that TensorFlow is made for."""
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    fix = ""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        fix = "use Python 3.11, 3.12 or 3.13: `uv run --python 3.12 emotionlab lab` fetches one"
    elif sys.maxsize < 2**32:
        found, fix = f"{found}, 32 bit", "install the 64-bit Python"
    elif (platform.system(), platform.machine()) == ("Darwin", "x86_64"):
        fix = "TensorFlow is not made for Intel Macs any more: use Binder or Colab, see README"
    return Check("Python", "fail" if fix else "ok", found, fix)


def check_computer() -> Check:
    """Processor cores and memory."""
    import psutil

    memory = psutil.virtual_memory()
    found = f"{os.cpu_count()} cores, {memory.total / _GIB:.1f} GiB memory ({memory.available / _GIB:.1f} GiB free)"
    if memory.total < 3 * _GIB:
        return Check("Computer", "fail", found, "the lessons need 3 GiB of memory: use Colab, see README")
    if memory.available < 2 * _GIB:
        return Check("Computer", "warn", found, "close other programs while you train")
    return Check("Computer", "ok", found)


def check_disk() -> Check:
    """Room for the data set, and the right to write where it and the learner's copy go."""
    from emotionlab.data import store

    folders = {"data": settings.data_dir(), "work": Path.cwd()}
    free = {what: shutil.disk_usage(_existing(folder)).free / _GIB for what, folder in folders.items()}
    locked = {what: str(folder) for what, folder in folders.items() if not os.access(_existing(folder), os.W_OK)}
    found = f"{free['data']:.1f} GiB free for data in {folders['data']}, {free['work']:.1f} GiB in {folders['work']}"
    if locked:
        fix = "work in a folder of your own, or set EMOTIONLAB_DATA to one"
        state = "warn" if locked.keys() == {"data"} and store.path().is_file() else "fail"
        fix = fix if state == "fail" else "that is enough: what lessons compute from them is not kept for the next time"
        return Check("Disk", state, f"no right to write to {' and '.join(locked.values())}", fix)
    if min(free.values()) < 0.5:
        return Check("Disk", "fail", found, "make room: at least 0.5 GiB is needed for data and runs")
    if min(free.values()) < 2:
        return Check("Disk", "warn", found, "make room for about 2 GiB if you want to keep many runs")
    return Check("Disk", "ok", found)


def _existing(folder: Path) -> Path:
    """The folder itself or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


# --------------------------------------------------------------------------------- the software


def check_packages() -> Check:
    """Every package the course names is installed, in a version within its range."""
    problems, versions = [], {}
    for requirement in requirements():
        try:
            versions[requirement.name] = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(versions[requirement.name], prereleases=True):
            problems.append(f"{requirement.name} is {versions[requirement.name]}, not {requirement.specifier}")
    if problems:
        return Check("Packages", "fail", "; ".join(problems), _INSTALL)
    named = ("keras", "tensorflow", "numpy", "scikit-learn", "jupyterlab")
    some = ", ".join(f"{name} {versions[name]}" for name in named if name in versions)
    return Check("Packages", "ok", f"all {len(versions)} as required: {some} ...")


def requirements() -> list:
    """What the installed emotionlab asks for on this system, as `packaging.requirements.Requirement` objects."""
    from packaging.requirements import Requirement

    parsed = [Requirement(text) for text in importlib.metadata.requires("emotionlab") or ()]
    return [one for one in parsed if one.marker is None or one.marker.evaluate({"extra": ""})]


_TRY_TENSORFLOW = """
import json, keras, numpy as np
layer = keras.layers.Conv2D(1, 3, kernel_initializer="ones")
total = float(keras.ops.convert_to_numpy(layer(np.ones((1, 3, 3, 1), "float32"))).sum())
gpus = len(keras.distribution.list_devices("gpu"))
print(json.dumps({"keras": keras.__version__, "backend": keras.backend.backend(), "total": total, "gpus": gpus}))
"""


def check_tensorflow() -> Check:
    """Keras and its backend import and compute a convolution, in a process of their own.

    On a processor without AVX TensorFlow does not raise, it crashes; here that is a finding too.
    """
    started = time.perf_counter()
    result = _try_out(_TRY_TENSORFLOW)
    seconds = time.perf_counter() - started
    if "error" in result:
        return Check("TensorFlow", "fail", f"does not run: {result['error']}", _INSTALL)
    if result["total"] != 9:
        found = f"a 3 x 3 convolution over ones gave {result['total']}, not 9"
        return Check("TensorFlow", "fail", found, _INSTALL)
    device = f"{result['gpus']} GPU" if result["gpus"] else "no GPU needed, none found"
    found = f"Keras {result['keras']} on {result['backend']} computes ({device}); first import {seconds:.0f} s"
    return Check("TensorFlow", "ok", found)


_TRY_OPENCV = """
import json, cv2, numpy as np
small = cv2.resize(np.zeros((96, 96), "uint8"), (48, 48))
print(json.dumps({"version": cv2.__version__, "shape": small.shape, "cascades": hasattr(cv2, "CascadeClassifier")}))
"""


def check_opencv() -> Check:
    """OpenCV imports without a screen, resizes a picture and still has its face detectors."""
    result = _try_out(_TRY_OPENCV)
    rivals = [name for name in ("opencv-python", "opencv-contrib-python") if _is_installed(name)]
    if "error" in result:
        fix = f"`pip uninstall {rivals[0]}`, then {_INSTALL}" if rivals else _INSTALL
        return Check("OpenCV", "fail", f"does not run: {result['error']}", fix)
    if result["shape"] != [48, 48] or not result["cascades"]:
        return Check("OpenCV", "fail", f"OpenCV {result['version']} has no face detector", _INSTALL)
    if rivals:
        found = f"OpenCV {result['version']}, but {rivals[0]} is installed beside opencv-python-headless"
        return Check("OpenCV", "warn", found, f"`pip uninstall {rivals[0]}`: the two overwrite each other's files")
    return Check("OpenCV", "ok", f"OpenCV {result['version']} works, with its face detectors")


def _is_installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def _try_out(program: str, patience: float = 180) -> dict:
    """Run a small program with this Python; the JSON it prints last, or {"error": why there is none}."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, errors="replace", timeout=patience
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {patience:.0f} seconds"}
    if done.returncode == 0:
        return json.loads(done.stdout.strip().splitlines()[-1])
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    crashed = f"it crashed with code {done.returncode}; is the processor older than 2012?"
    return {"error": said[-1][:300] if said and done.returncode > 0 else crashed}


# ---------------------------------------------------------------------------------- the notebook


def check_kernel() -> Check:
    """A notebook kernel starts with this Python and answers."""
    from jupyter_client.manager import start_new_kernel

    started = time.perf_counter()
    manager, client = start_new_kernel(startup_timeout=60, kernel_name="python3", stderr=subprocess.DEVNULL)
    try:
        said = []
        client.execute_interactive(
            "import sys; print(sys.executable)", timeout=60, output_hook=lambda m: said.append(m["content"].get("text"))
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    where = "".join(text for text in said if text).strip()
    seconds = time.perf_counter() - started
    if Path(where) != Path(sys.executable):
        fix = f"start with `{settings.command('lab')}`, which brings the right kernel"
        return Check("Kernel", "warn", f"the kernel python3 is another Python: {where}", fix)
    return Check("Kernel", "ok", f"a notebook kernel started and answered in {seconds:.1f} s")


def check_widgets() -> Check:
    """The browser half of the widgets (buttons, sliders, the camera) lies where JupyterLab finds it."""
    needed = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
    missing = [name for name in needed if not _has_browser_part(name)]
    if missing:
        found = f"the browser part of {' and '.join(missing)} is missing: buttons would not show"
        return Check("Widgets", "fail", found, _INSTALL)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("ipywidgets", "anywidget"))
    return Check("Widgets", "ok", f"{versions}, with their browser parts")


def _has_browser_part(name: str) -> bool:
    from jupyter_core.paths import jupyter_path

    return any((Path(folder) / name / "package.json").is_file() for folder in jupyter_path("labextensions"))


# ------------------------------------------------------------------------------------ the course


def check_course() -> Check:
    """The lessons that `emotionlab lab` would lay out."""
    from emotionlab.course.files import course_files, course_source

    try:
        source = course_source()
    except EmotionLabError as problem:
        return Check("Course", "fail", str(problem), _INSTALL)
    notebooks = [name for name in course_files(source) if name.endswith(".ipynb")]
    if "lessons/00_start_here.ipynb" not in notebooks:
        return Check("Course", "fail", f"no lesson 00 in {source}", "get the course again: clone it anew, or reinstall")
    lessons = sum(name.startswith("lessons/") for name in notebooks)
    return Check("Course", "ok", f"{lessons} lessons and {len(notebooks) - lessons} exercises in {source}")


def check_data() -> Check:
    """FER-2013 in the data folder; without it the lessons draw faces, which is no failure."""
    from emotionlab.data import store

    path = store.path()
    if not path.exists():
        fix = f"`{settings.command('data download')}`, or `{settings.command('data import PATH')}`, brings FER-2013"
        return Check("Data", "warn", "drawn faces (every lesson runs on them); FER-2013 is not here yet", fix)
    try:
        faces = store.load(path)
    except EmotionLabError as problem:
        return Check("Data", "fail", str(problem), f"delete {path}, then run `{settings.command('data download')}`")
    return Check("Data", "ok", f"FER-2013: {len(faces):,} pictures in {path}")


def check_weights() -> Check:
    """The recorded runs, and the weights that come with the course: they are read, not only looked for."""
    from emotionlab.runs import read_arrays, reference

    names, fix = reference.names(), "get the course again: clone it anew, or reinstall"
    shipped = reference.SHIPPED
    if shipped not in names:
        return Check("Weights", "fail", f"no recorded run {shipped} (found: {', '.join(names) or 'none'})", fix)
    try:
        weights = read_arrays(reference.load(shipped).folder / "weights.npz")
    except EmotionLabError as problem:
        return Check("Weights", "fail", str(problem), fix)
    numbers = sum(array.size for array in weights.values())
    return Check("Weights", "ok", f"{shipped}, {numbers:,} trained numbers; recorded runs: {', '.join(names)}")


def check_imagenet() -> Check:
    """The ImageNet weights of the course: each file is the one that was made, and has its licence beside it."""
    from emotionlab.models import weights

    try:
        megabytes = sum(weights.shipped(network).stat().st_size for network in weights.CHECKSUMS) / 1e6
    except EmotionLabError as problem:
        return Check("ImageNet", "fail", str(problem), "get the course again: clone it anew, or reinstall")
    credits = "; ".join(f"{network} ({weights.CREDITS[network]})" for network in weights.CHECKSUMS)
    return Check("ImageNet", "ok", f"{megabytes:.0f} MB of weights: {credits}")


def check_senses() -> Check:
    """The networks for texts and voices answer, and the packages that read sounds and films are there."""
    from emotionlab.live.bundled import bundled_voice
    from emotionlab.sound.listener import VoiceListener
    from emotionlab.text.reader import TextReader

    missing = [name for name in ("soundfile", "av") if not _is_installed(name)]
    if missing:
        return Check("Senses", "fail", f"{' and '.join(missing)} missing: no sound could be read", _INSTALL)
    try:
        read, heard = TextReader()("What a lovely day!"), VoiceListener()(bundled_voice())
    except EmotionLabError as problem:
        return Check("Senses", "fail", str(problem), "get the course again: clone it anew, or reinstall")
    found = f"a text is read ({read.text}) and a voice heard ({heard.text}); a microphone is the browser's to ask for"
    return Check("Senses", "ok", found)


CHECKS: Iterable[Callable[[], Check]] = (
    check_python,
    check_computer,
    check_disk,
    check_packages,
    check_tensorflow,
    check_opencv,
    check_kernel,
    check_widgets,
    check_course,
    check_data,
    check_weights,
    check_imagenet,
    check_senses,
)
"""In the order in which they are shown: what others need comes first."""
