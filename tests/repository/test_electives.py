"""The electives: the page made with Streamlit, the exported networks, and the container file."""

import contextlib
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import browsers
import numpy as np
import psutil
import pytest
import scenes
from browsers import own_port
from PIL import Image

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.data import draw_faces
from emotionlab.recognition.recognizer import Recognizer
from emotionlab.runs import reference

ROOT = Path(__file__).resolve().parents[2]
ELECTIVES = ROOT / "lessons" / "electives"
APP = ELECTIVES / "streamlit_app.py"


def encoded(picture, form="PNG") -> bytes:
    """The bytes of a picture file."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, form)
    return file.getvalue()


def two_faces() -> np.ndarray:
    """A scene with a happy and a surprised drawn face."""
    return scenes.scene([(60, 100), (360, 100)], faces=[scenes.face(side=200), scenes.face(scenes.SURPRISE, 200)])


def empty_wall() -> np.ndarray:
    """A picture without a face."""
    return np.full((200, 300, 3), 128, np.uint8)


# ------------------------------------------------------------------------------------------ Streamlit, no browser


@pytest.fixture
def page(monkeypatch):
    """The page after its first run, and the pictures that it will show (`page.shown`)."""
    streamlit = pytest.importorskip("streamlit", reason="Streamlit: uv sync --group electives")
    from streamlit.testing.v1 import AppTest

    streamlit.cache_resource.clear()
    shown, show = [], streamlit.image

    def note(picture, *options, **more):
        shown.append(picture)
        return show(picture, *options, **more)

    monkeypatch.setattr(streamlit, "image", note)
    page = AppTest.from_file(str(APP), default_timeout=300).run()
    assert not page.exception
    page.shown = shown
    return page


def upload(page, content: bytes, name: str = "picture.png"):
    """The page after somebody has chosen a file; a mistake of the program fails the test."""
    page.file_uploader[0].set_value((name, content, "image/png")).run()
    assert not page.exception
    return page


def bars(page) -> list[tuple[str, int]]:
    """(text, percent) of each bar."""
    return [(bar.proto.text, bar.proto.value) for bar in page.get("progress")]


def test_the_page_has_at_most_40_lines():
    assert len(APP.read_text(encoding="utf-8").splitlines()) <= 40


def test_the_page_begins_with_what_happens_to_a_picture_and_shows_nothing_else(page):
    assert "Private" in page.markdown[0].value
    assert "no file of it is kept" in page.markdown[0].value
    assert len(page.file_uploader) == 1
    assert (page.shown, bars(page), list(page.camera_input)) == ([], [], [])


def test_an_uploaded_picture_shows_what_the_recogniser_says_of_it(page):
    expected = Recognizer()(two_faces())
    upload(page, encoded(two_faces()))
    assert sorted(face.guess for face in expected) == ["happy", "surprise"]
    assert [line.value for line in page.subheader] == [f"Face {i}: {face.text}" for i, face in enumerate(expected, 1)]
    percents = np.round(100 * np.concatenate([face.probabilities for face in expected])).astype(int).tolist()
    names = [*EMOTIONS, *EMOTIONS]
    assert bars(page) == [(f"{name} {n} %", n) for name, n in zip(names, percents, strict=True)]


def test_each_face_has_its_box(page):
    upload(page, encoded(two_faces()))
    [drawn] = page.shown
    changed = (drawn != two_faces()).any(axis=2)
    for face in Recognizer()(two_faces()):
        box = face.box
        left, right = round(box.x), round(box.x + box.width)
        middle = slice(round(box.y + box.height / 3), round(box.y + 2 * box.height / 3))
        assert changed[middle, left].all()
        assert changed[middle, right].all()
        assert not changed[middle, left + 10 : right - 10].any()


def test_a_snapshot_gives_the_same_and_the_camera_waits_until_it_is_chosen(page):
    page.radio[0].set_value("the camera").run()
    assert not page.exception
    assert (len(page.camera_input), len(page.file_uploader)) == (1, 0)
    content = encoded(scenes.scene(), "JPEG")
    page.camera_input[0].set_value(("snapshot.jpg", content, "image/jpeg")).run()
    [expected] = Recognizer()(content)
    assert [line.value for line in page.subheader] == [f"Face 1: {expected.text}"]
    assert expected.emotion == "happy"


def test_below_the_threshold_the_page_says_not_sure(page, monkeypatch):
    monkeypatch.setattr(Recognizer, "label", lambda self, row: "not sure")
    upload(page, encoded(scenes.scene()))
    assert page.subheader[0].value.startswith("Face 1: not sure (happy ")
    threshold = Recognizer().threshold
    assert f"below {100 * threshold:.0f} %" in page.caption[-1].value


def test_a_picture_without_a_face_is_shown_and_says_what_to_try(page):
    upload(page, encoded(empty_wall()))
    assert page.info[0].value.startswith("No face was found.")
    assert len(page.shown) == 1
    assert (bars(page), list(page.subheader)) == ([], [])


@pytest.mark.parametrize("content", [b"no picture at all", b"", encoded(empty_wall())[:200]])
def test_a_broken_file_is_one_sentence_and_the_next_one_works(page, content):
    upload(page, content, "holiday.jpg")
    [error] = page.error
    assert error.value.startswith("Sorry. Expected")
    assert (page.shown, bars(page)) == ([], [])
    upload(page, encoded(scenes.scene()))
    assert len(page.error) == 0
    assert page.subheader[0].value.startswith("Face 1: happy")


# ------------------------------------------------------------------------------------------ Streamlit, as it is started


_PROGRAM = """
import json, os, socket, sys
def note(event, args):
    if event == "socket.connect":
        print("connects:", json.dumps(str(args[1])), flush=True)
    elif event == "socket.getaddrinfo":
        print("asks for:", json.dumps(str(args[0])), flush=True)
    elif event == "open" and isinstance(args[2], int) and args[2] & 3 and "/dev/" not in str(args[0]):
        print("writes:", json.dumps(str(args[0])), flush=True)
sys.addaudithook(note)
socket.getaddrinfo("localhost", 0)  # these two lines show in the record, or it would prove nothing
os.remove(open("probe.txt", "w").name)
sys.argv = ["streamlit", *sys.argv[1:]]
from streamlit.web.cli import main
main()
"""


@dataclass
class Served:
    """Streamlit running. folder: everything that it may write to lies below."""

    address: str
    folder: Path
    process: subprocess.Popen

    def noted(self, what: str) -> list[str]:
        """What it did, such as "connects" or "writes", as far as it was noted."""
        lines = (self.folder / "said.txt").read_text(encoding="utf-8", errors="replace").splitlines()
        return [json.loads(line.partition(": ")[2]) for line in lines if line.startswith(f"{what}: ")]


@contextlib.contextmanager
def served(folder: Path, patience: float = 300) -> Iterator[Served]:
    """The page on a free port, started from another folder, with a home of its own; ended at the end."""
    pytest.importorskip("streamlit", reason="Streamlit: uv sync --group electives")
    for name in ("home", "tmp", "data"):
        (folder / name).mkdir()
    environment = {
        **os.environ,
        **dict.fromkeys(("HOME", "USERPROFILE"), str(folder / "home")),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp")),
        "EMOTIONLAB_DATA": str(folder / "data"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONIOENCODING": "utf-8",
    }
    port = own_port()
    command = [sys.executable, "-B", "-c", _PROGRAM, "run", str(APP), f"--server.port={port}", "--server.headless=true"]
    with open(folder / "said.txt", "wb") as said:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    server = Served(f"http://127.0.0.1:{port}/", folder, process)
    try:
        _wait_until_it_answers(server, patience)
        yield server
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_it_answers(server: Served, patience: float) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + patience
    while time.monotonic() < end and server.process.poll() is None:
        with contextlib.suppress(OSError), direct.open(f"{server.address}_stcore/health", timeout=5):
            return
        time.sleep(0.3)
    pytest.fail(f"Streamlit did not start: {(server.folder / 'said.txt').read_text(encoding='utf-8')[-2000:]}")


def test_it_listens_on_this_computer_only_and_asks_no_other(tmp_path):
    """The settings beside the app count, from whatever folder it is started."""
    with served(tmp_path) as server:
        listening = [
            one.laddr.ip
            for one in psutil.Process(server.process.pid).net_connections(kind="inet")
            if one.status == psutil.CONN_LISTEN
        ]
        assert set(listening) == {"127.0.0.1"}
        assert [asked for asked in server.noted("asks for") if asked not in ("127.0.0.1", "localhost", "None")] == []
        assert [to for to in server.noted("connects") if "127.0.0.1" not in to] == []
        assert "localhost" in server.noted("asks for")
        assert "probe.txt" in server.noted("writes")
    said = (tmp_path / "said.txt").read_text(encoding="utf-8")
    assert "usage statistics" not in said
    assert "Traceback" not in said


def test_in_a_browser_an_upload_and_a_snapshot_come_back_and_no_picture_is_written(tmp_path):
    """`browsers.open_page` fails the test if the page asks any other machine for anything."""
    browsers.chromium()
    film = browsers.drawn_film(tmp_path / "drawn.mjpeg")
    picture = np.kron(two_faces(), np.ones((3, 3, 1), np.uint8))
    rng = np.random.default_rng(0)
    picture = np.clip(picture + rng.integers(-8, 9, picture.shape), 0, 255).astype(np.uint8)
    content = encoded(picture)
    assert len(content) > 2 * 2**20  # large enough that the server would not keep it all in memory on arrival
    (tmp_path / "server").mkdir()
    with served(tmp_path / "server") as server, browsers.open_page(camera=film) as page:
        page.goto(server.address)
        page.get_by_text("Private.").wait_for()
        before = set(server.noted("writes"))
        page.locator("input[type=file]").set_input_files(
            {"name": "two.png", "mimeType": "image/png", "buffer": content}
        )
        page.get_by_text("Face 1: surprise").wait_for()
        page.get_by_role("progressbar").nth(13).wait_for()
        page.get_by_text("the camera", exact=True).click()
        page.wait_for_function("() => document.querySelector('video')?.readyState === 4")
        page.get_by_text("Take Photo", exact=True).click()
        page.get_by_text("Face 1: happy").wait_for()
        assert page.get_by_text("Deploy", exact=True).count() == 0
        _photograph(page)
        left = [path for path in server.folder.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")]
        assert left == []
        assert [path for path in (server.folder / "tmp").rglob("*") if path.is_file()] == []
        written = set(server.noted("writes")) - before
        assert not [name for name in written if Path(name).suffix.lower() in (".png", ".jpg", ".jpeg", ".webp")]
        assert [to for to in server.noted("connects") if "127.0.0.1" not in to] == []


def _photograph(page) -> None:
    """Keep a picture of the page where EMOTIONLAB_SCREENSHOTS names a folder."""
    if os.environ.get("EMOTIONLAB_SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["EMOTIONLAB_SCREENSHOTS"]) / "streamlit.png", full_page=True)


# ------------------------------------------------------------------------------------------ Streamlit, the explanation


def code_blocks(name: str, language: str) -> list[str]:
    """The code of a Markdown page of the electives, block by block."""
    text = (ELECTIVES / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def test_the_explanation_shows_every_line_of_the_page_and_of_its_settings():
    lines = [line for block in code_blocks("streamlit.md", "python") for line in block.splitlines() if line]
    assert lines == [line for line in APP.read_text(encoding="utf-8").splitlines() if line]
    [settings] = code_blocks("streamlit.md", "toml")
    assert settings == (ELECTIVES / ".streamlit" / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "streamlit.md"])
def test_the_links_of_a_page_lead_to_files_of_the_learners_copy(name):
    text = (ELECTIVES / name).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", text) if not target.startswith("#")]
    assert len(targets) >= 3
    for target in targets:
        path = (ELECTIVES / target).resolve()
        assert path.is_file(), target
        assert path.is_relative_to(ROOT / "lessons"), target


# ------------------------------------------------------------------------------------------ exported networks


@pytest.fixture(scope="module")
def exporting():
    """The program lessons/electives/exporting.py as a module."""
    spec = importlib.util.spec_from_file_location("exporting", ELECTIVES / "exporting.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shipped(exporting, tmp_path_factory):
    """scratch_cnn, exported: the files by their kind."""
    missing = exporting.missing("onnx") + exporting.missing("tflite")
    if missing:
        pytest.skip(f"exporting needs {', '.join(missing)}: uv sync --group electives")
    return exporting.export(reference.load("scratch_cnn"), tmp_path_factory.mktemp("shipped"))


def assert_same_network(exporting, shipped, images):
    """ONNX Runtime and LiteRT give the logits of Keras, picture by picture, in batches and one at a time."""
    expected = reference.load("scratch_cnn").model().predict(exporting.as_input(images), verbose=0)
    assert np.ptp(expected, axis=0).min() > 1, "the pictures are too much alike to show a difference"
    for compute, kind in ((exporting.run_onnx, "onnx"), (exporting.run_litert, "tflite")):
        np.testing.assert_allclose(compute(shipped[kind], images), expected, atol=1e-4, rtol=0, err_msg=kind)
        np.testing.assert_allclose(compute(shipped[kind], images[:1]), expected[:1], atol=1e-4, rtol=0, err_msg=kind)


def test_the_exported_network_is_the_same_on_drawn_faces(exporting, shipped):
    assert_same_network(exporting, shipped, draw_faces(300, seed=3).train.images)


def test_the_exported_network_is_the_same_on_fer2013(exporting, shipped, real_fer2013):
    assert_same_network(exporting, shipped, real_fer2013.test.images[:400])


def test_the_exported_network_is_the_same_on_faces_cut_from_photos(exporting, shipped):
    found = [Recognizer(detector="haar")(scenes.photo(n)) for n in ("astronaut.png", "openimages_four_people.jpg")]
    crops = np.stack([face.crop for faces in found for face in faces])
    expected = reference.load("scratch_cnn").model().predict(exporting.as_input(crops), verbose=0)
    for compute, kind in ((exporting.run_onnx, "onnx"), (exporting.run_litert, "tflite")):
        np.testing.assert_allclose(compute(shipped[kind], crops), expected, atol=1e-4, rtol=0, err_msg=kind)


def test_a_file_that_is_another_network_is_found_out_and_removed(exporting, tmp_path, monkeypatch):
    if exporting.missing("onnx"):
        pytest.skip("exporting needs onnx, onnxruntime, tf2onnx: uv sync --group electives")
    write = exporting.to_onnx

    def with_one_weight_changed(model, path):
        kernel = model.get_layer("logits").weights[0]
        before = np.asarray(kernel)
        kernel.assign(before + np.float32(0.01) * (np.arange(before.size).reshape(before.shape) == 5))
        written = write(model, path)
        kernel.assign(before)
        return written

    monkeypatch.setattr(exporting, "to_onnx", with_one_weight_changed)
    with pytest.raises(EmotionLabError, match="found a difference of"):
        exporting.export(reference.load("scratch_cnn"), tmp_path)
    assert list(tmp_path.glob("*.onnx")) == []


def test_the_passport_holds_what_a_stranger_needs(shipped):
    """From the ONNX file and the passport alone come the probabilities of the recogniser."""
    import onnxruntime

    told = json.loads(shipped["json"].read_text(encoding="utf-8"))
    assert told["labels"] == list(EMOTIONS)
    faces = draw_faces(100, seed=4).train.images
    session = onnxruntime.InferenceSession(shipped["onnx"], providers=["CPUExecutionProvider"])
    [given] = session.get_inputs()
    assert (given.name, given.shape[1:], given.type) == ("pictures", [48, 48, 1], "tensor(float)")
    [logits] = session.run(None, {given.name: faces[..., None].astype(np.float32)})
    powers = np.exp(logits.astype(float) / told["temperature"])
    recognizer = Recognizer(detector="haar")
    np.testing.assert_allclose(powers / powers.sum(axis=1, keepdims=True), recognizer.classify(faces), atol=1e-4)
    assert told["not_sure_below"] == recognizer.threshold


def test_without_the_packages_only_the_passport_is_written_and_the_lines_say_why(
    exporting, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(exporting, "missing", lambda kind: ["some_package"])
    files = exporting.export(reference.load("scratch_cnn"), tmp_path)
    assert list(files) == ["json"]
    assert capsys.readouterr().out.count("some_package missing; `uv sync --group electives` installs it.") == 2


def test_the_command_says_in_one_sentence_what_is_wrong(exporting, capsys):
    assert exporting.main(["nobody"]) == 2
    assert "no run called" in capsys.readouterr().err
    assert exporting.main(["plain"]) == 2
    assert "Expected weights in the run 'plain'" in capsys.readouterr().err


def test_the_notebook_runs_without_the_packages_and_says_so(exporting, tmp_path, monkeypatch, capsys):
    """In this process, with the packages said to be missing: no cell fails, and none makes a file."""
    from emotionlab.teaching.notebook_lint import read_notebook

    monkeypatch.chdir(ELECTIVES)
    monkeypatch.setitem(sys.modules, "exporting", exporting)
    monkeypatch.setattr(exporting, "missing", lambda kind: ["some_package"])
    names = {}
    for cell in read_notebook(ELECTIVES / "ship_it.ipynb").code():
        exec(compile(cell["source"], cell["id"], "exec"), names)
    assert set(names["networks"]) == {"Keras", "OpenCV"}
    assert set(names["files"]) == {"json", "own"}
    said = capsys.readouterr().out
    assert ".onnx: missing: some_package" in said
    assert "There is no .tflite file here, because packages are missing." in said


# ------------------------------------------------------------------------------------------ the container file


def instructions() -> list[tuple[str, str]]:
    """(word, arguments) of each instruction of the Containerfile, in order."""
    text = (ELECTIVES / "Containerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


def copied() -> list[str]:
    """What it copies, as paths in the repository."""
    found = [arguments.split()[:-1] for word, arguments in instructions() if word == "COPY"]
    return [name for names in found for name in names]


def test_the_container_stands_on_one_version_and_runs_without_rights():
    words = [word for word, _ in instructions()]
    [image] = [arguments for word, arguments in instructions() if word == "FROM"]
    assert re.fullmatch(r"python:3\.1[1-3]\.\d+-slim-\w+", image)
    [user] = [arguments for word, arguments in instructions() if word == "USER"]
    assert user != "root"
    assert any(word == "RUN" and f"useradd --create-home --uid 1000 {user}" in run for word, run in instructions())
    assert words.index("USER") < words.index("CMD")
    assert "RUN" not in words[words.index("USER") :]


def test_the_container_names_no_host_and_copies_nothing_by_the_way():
    text = (ELECTIVES / "Containerfile").read_text(encoding="utf-8")
    hosts = re.findall(r"https?://([^\s:/]+)|\b((?:\w+\.)+(?:org|io|com|dev))\b", text)
    assert {host for pair in hosts for host in pair if host} == {"127.0.0.1"}
    assert "." not in copied()
    assert not {"solutions", "tests", "runs", ".git"} & set(copied())


def test_what_the_container_copies_is_there_and_a_wheel_can_be_built_from_just_that(tmp_path):
    for name in copied():
        source = ROOT / name
        assert source.exists(), name
        if source.is_dir():
            shutil.copytree(source, tmp_path / "there" / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_*"))
        else:
            (tmp_path / "there").mkdir(exist_ok=True)
            shutil.copy(source, tmp_path / "there" / name)
    if shutil.which("uv") is None:
        pytest.skip("building the wheel needs the command uv: pip install uv")
    command = ["uv", "build", "--wheel", "--out-dir", str(tmp_path), str(tmp_path / "there")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode and any(word in done.stderr.lower() for word in ("fetch", "dns error", "offline", "network")):
        pytest.skip("building the wheel needs hatchling, which is not in uv's cache, and there is no network")
    assert done.returncode == 0, done.stderr
    [built] = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(built).namelist()
    assert "emotionlab/live/app.py" in names
    assert "emotionlab/course/lessons/electives/.streamlit/config.toml" in names


def test_the_last_line_of_the_container_is_a_command_that_the_app_understands(monkeypatch):
    """The real command line is parsed and started, up to the moment at which the page would be served."""
    from emotionlab.commands import cli
    from emotionlab.live import app as module

    [last] = [arguments for word, arguments in instructions() if word == "CMD"]
    [port] = [arguments for word, arguments in instructions() if word == "EXPOSE"]
    program, *arguments = json.loads(last)
    assert program == "emotionlab"
    launched = {}
    monkeypatch.setattr(module.App, "launch", lambda self, **options: launched.update(options))
    assert cli.main(arguments) == 0
    assert launched == {"server_name": "0.0.0.0", "server_port": int(port), "inbrowser": False}


def test_every_way_to_start_the_container_opens_it_to_this_computer_only():
    from emotionlab.teaching.notebook_lint import read_notebook

    page = "\n".join(cell["source"] for cell in read_notebook(ELECTIVES / "ship_it.ipynb").markdown())
    commands = re.findall(r"^```\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    commands.append((ELECTIVES / "Containerfile").read_text(encoding="utf-8"))
    started = [re.findall(r"-p (\d\S*)", text) for text in commands if " run --rm" in text]
    assert started == [["127.0.0.1:7860:7860"]] * 3
