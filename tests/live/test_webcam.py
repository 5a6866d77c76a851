"""The kernel's half of the webcam: what it answers to the page, and a camera of the kernel's own machine."""

import base64
import json
import sys
import threading
import time
import types

import numpy as np
import pytest
import scenes

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.base.opencv import cv2
from emotionlab.base.pictures import decode
from emotionlab.live import camera as camera_module
from emotionlab.live import webcam as webcam_module
from emotionlab.live.bundled import LEFT, SIDE, TOP, bundled_scene, jpeg
from emotionlab.live.camera import Camera, camera
from emotionlab.live.frames import STEPS, Live
from emotionlab.live.webcam import IN_FLIGHT, Webcam, webcam
from emotionlab.recognition.recognizer import Recognizer


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(detector="haar")


@pytest.fixture
def cam(recognizer):
    return Webcam(Live(recognizer, keep=3600))  # a face stays itself on a slow computer too


@pytest.fixture
def headless(monkeypatch):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")


FRAME = {"kind": "frame", "id": 7, "view": "a"}


# ------------------------------------------------------------------------------------------ frames


def test_a_frame_is_answered_with_its_faces_and_its_own_number(cam):
    told, picture = cam.answer(FRAME, [memoryview(jpeg(scenes.scene()))])
    assert (told["kind"], told["id"], told["view"], picture) == ("result", 7, "a", [])
    (face,) = json.loads(json.dumps(told))["faces"]
    assert face["emotion"] == "happy"
    assert set(EMOTIONS) <= set(face)
    assert (told["width"], told["height"]) == (640, 480)
    assert set(told["milliseconds"]) == set(STEPS)
    assert cam.result.faces[0].emotion == "happy"


def test_a_frame_is_not_kept(cam):
    content = jpeg(scenes.scene())
    cam.answer(FRAME, [content])
    assert cam.snapshot is None
    held = [*vars(cam).values(), *vars(cam.live).values(), *vars(cam.result).values()]
    assert not [value for value in held if isinstance(value, bytes) or getattr(value, "size", 0) > 48 * 48]
    assert not [value for value in cam.get_state().values() if isinstance(value, bytes | memoryview)]


def test_faces_keep_their_number_from_frame_to_frame_and_lose_it_at_a_new_start(cam):
    numbers = [cam.answer(FRAME, [jpeg(scenes.scene())])[0]["faces"][0]["number"] for _ in range(2)]
    assert numbers == [1, 1]
    assert cam.answer({"kind": "started", "id": 9, "view": "a"})[0]["kind"] == "started"
    two = scenes.scene([(20, 40), (400, 240)])
    assert {face["number"] for face in cam.answer(FRAME, [jpeg(two)])[0]["faces"]} == {1, 2}


@pytest.mark.parametrize("content", [b"", b"no jpeg", jpeg(np.zeros((40, 40, 3), np.uint8))[:80]])
def test_bad_bytes_are_answered_and_the_next_frame_works(cam, content):
    told, _ = cam.answer(FRAME, [content])
    assert (told["kind"], told["id"]) == ("problem", 7)
    assert "Expected" in told["text"]
    assert "\n" not in told["text"]
    assert cam.answer(FRAME, [jpeg(scenes.scene())])[0]["kind"] == "result"


@pytest.mark.parametrize("message", [{}, {"kind": "frame"}, {"kind": "delete"}, None, "frame"])
def test_messages_of_another_kind_are_answered_too(cam, message):
    told, _ = cam.answer(message, [])
    assert told["kind"] == "problem"
    assert "run the cell again" in told["text"]


def test_a_bug_on_the_way_is_named_and_not_raised(cam, monkeypatch):
    monkeypatch.setattr(cam, "live", lambda content: 1 / 0)
    assert "ZeroDivisionError" in cam.answer(FRAME, [b"x"])[0]["text"]


def test_an_interrupt_of_the_kernel_costs_one_frame(cam, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(cam, "live", lambda content: (_ for _ in ()).throw(KeyboardInterrupt))
        for _ in range(IN_FLIGHT + 1):  # each gives its place back
            told, _ = cam.answer(FRAME, [b"x"])
            assert (told["kind"], told["id"]) == ("interrupted", 7)
    assert cam.answer(FRAME, [jpeg(scenes.scene())])[0]["kind"] == "result"


def test_no_more_than_two_frames_are_in_the_kernel(cam, monkeypatch):
    go, inside, answers = threading.Event(), threading.Semaphore(0), []

    def slow(content):
        inside.release()
        assert go.wait(20)
        raise DataError("slow")

    monkeypatch.setattr(cam, "live", slow)
    threads = [
        threading.Thread(target=lambda: answers.append(cam.answer(FRAME, [b"x"])[0]["kind"])) for _ in range(IN_FLIGHT)
    ]
    for thread in threads:
        thread.start()
    assert inside.acquire(timeout=10)
    deadline = time.monotonic() + 10
    while cam._room._value and time.monotonic() < deadline:
        time.sleep(0.01)
    assert cam.answer(FRAME, [b"x"])[0]["kind"] == "dropped"
    assert cam.answer({"kind": "ping", "id": 8})[0] == {"kind": "pong", "id": 8, "view": None}
    go.set()
    for thread in threads:
        thread.join(20)
    assert answers == ["problem"] * IN_FLIGHT


def test_what_is_sent_to_the_page_is_the_answer(cam, monkeypatch):
    sent = []
    monkeypatch.setattr(cam, "send", lambda content, buffers=None: sent.append((content, buffers)))
    cam._handle_custom_msg({"kind": "ping", "id": 1, "view": "a"}, [])
    cam.stop()
    assert sent == [({"kind": "pong", "id": 1, "view": "a"}, []), ({"kind": "stop"}, None)]


# ------------------------------------------------------------------------------------------ single pictures


def test_a_snapshot_is_kept_as_it_is(cam):
    picture = scenes.tinted(scenes.scene())
    content = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
    told, _ = cam.answer({"kind": "snapshot", "id": 1, "view": "a"}, [content])
    assert (told["kind"], tuple(told["size"])) == ("kept", (640, 480))
    np.testing.assert_array_equal(cam.snapshot, picture)


def test_a_still_picture_is_kept_and_read_without_the_mean_over_time(cam):
    for _ in range(3):
        cam.answer(FRAME, [jpeg(scenes.scene())])
    surprised = jpeg(scenes.scene(units=scenes.SURPRISE))
    told, _ = cam.answer({"kind": "still", "id": 1, "view": "a"}, [surprised])
    assert [face["emotion"] for face in told["faces"]] == ["surprise"]
    assert told["faces"][0]["number"] is None
    np.testing.assert_array_equal(cam.snapshot, decode(surprised))


def test_the_bundled_picture_comes_with_its_answer_and_replaces_no_snapshot(cam):
    told, (picture,) = cam.answer({"kind": "bundled", "id": 1, "view": "a"})
    assert [face["emotion"] for face in told["faces"]] == ["happy"]
    assert decode(picture).shape == (480, 640, 3)
    assert cam.snapshot is None


@pytest.mark.parametrize("detector", ["haar", "yunet"])
def test_both_detectors_find_the_bundled_face_and_it_is_happy(detector):
    (face,) = Recognizer(detector=detector)(bundled_scene())
    assert face.emotion == "happy"
    x, y = face.box.centre
    assert LEFT < x < LEFT + SIDE
    assert TOP < y < TOP + SIDE


# ------------------------------------------------------------------------------------------ el.webcam()


def test_webcam_is_warm_and_remembers_nothing_of_it(monkeypatch, capsys):
    cam = webcam(width=320, mirror=False)
    assert isinstance(cam, Webcam)
    assert (cam.width, cam.mirror, cam.result, cam.snapshot) == (320, False, None, None)
    assert cam.answer(FRAME, [jpeg(scenes.scene())])[0]["faces"][0]["number"] == 1
    assert "nothing is recorded" in repr(webcam())
    assert capsys.readouterr().out == ""


def test_the_page_gets_the_emotions_and_the_limit_of_the_kernel(cam):
    state = cam.get_state()
    assert state["emotions"] == list(EMOTIONS)
    assert set(state["colors"]) == set(EMOTIONS)
    assert state["in_flight"] == IN_FLIGHT == 2
    assert "export default" in state["_esm"]
    assert ".emotionlab-webcam" in state["_css"]
    assert "log" not in {**vars(Webcam), **vars(cam)}  # traitlets owns that name


def test_the_page_has_no_way_to_another_machine_or_to_a_file(cam):
    for way in ("fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "MediaRecorder", "localStorage", "import("):
        assert way not in cam._esm
    addresses = [word for word in cam._esm.split() if "://" in word and "http://localhost" not in word]
    assert addresses == []
    assert "url(" not in cam._css


def test_headless_runs_the_bundled_picture_through_the_callback(headless, capsys):
    cam = webcam()
    said = capsys.readouterr().out
    assert said.startswith("Headless: the bundled picture")
    assert "1 face: happy" in said
    bundle = cam._repr_mimebundle_()
    assert decode(base64.b64decode(bundle["image/jpeg"])).shape == (480, 640, 3)
    assert "happy" in bundle["text/plain"]


def test_headless_lets_errors_through(headless, monkeypatch):
    monkeypatch.setattr(webcam_module, "jpeg", lambda picture: b"no picture")
    with pytest.raises(DataError, match="Expected"):
        webcam()


def test_impossible_arguments_are_refused():
    with pytest.raises(EmotionLabError, match="640 or 320"):
        webcam(width=1000)
    with pytest.raises(RunError, match="no run called"):
        webcam("nobody")


@pytest.fixture
def vscode(monkeypatch):
    """A kernel as VS Code starts it."""
    shell = types.SimpleNamespace(user_ns={"__vsc_ipynb_file__": "/home/you/10.ipynb"})
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))


def test_vscode_opens_the_app_and_says_so(vscode, recognizer, monkeypatch, capsys):
    opened = {}

    class App:
        def launch(self, **options):
            opened.update(options)

    module = types.ModuleType("emotionlab.live.app")
    module.app = lambda model: opened.update(model=model) or App()
    monkeypatch.setitem(sys.modules, "emotionlab.live.app", module)
    assert webcam(recognizer) is None  # a cell that ends with the app would launch it a second time
    assert "VS Code" in capsys.readouterr().out
    assert opened["model"] is recognizer
    assert (opened["inbrowser"], opened["inline"]) == (True, False)


def test_vscode_without_the_app_says_what_to_do(vscode, recognizer, monkeypatch):
    monkeypatch.setitem(sys.modules, "emotionlab.live.app", None)
    with pytest.raises(EmotionLabError, match=r"emotionlab lab.*el\.camera\(\)"):
        webcam(recognizer)


def test_colab_gets_its_widget_manager_switched_on(recognizer, monkeypatch):
    """anywidget does it when the first widget is made, which is when el.webcam() makes its panel."""
    from anywidget import _util

    switched = []
    output = types.ModuleType("google.colab.output")
    output.enable_custom_widget_manager = lambda: switched.append(True)
    colab = types.ModuleType("google.colab")
    colab.output = output
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setitem(sys.modules, "google.colab.output", output)
    _util.enable_custom_widget_manager_once.cache_clear()
    webcam(recognizer)
    _util.enable_custom_widget_manager_once.cache_clear()
    assert switched == [True]


# ------------------------------------------------------------------------------------------ el.camera()


class FakeVideo:
    """Stands in for cv2.VideoCapture: shows a face for `frames` reads, then nothing."""

    frames, opens, made = 10**9, True, []

    def __init__(self, index):
        self.index, self.released, self.left = index, False, self.frames
        self.made.append(self)

    def isOpened(self):
        return self.opens

    def set(self, *_):
        return True

    def read(self):
        assert not self.released
        time.sleep(0.005)
        self.left -= 1
        return (True, scenes.scene()[..., ::-1]) if self.left >= 0 else (False, None)

    def release(self):
        self.released = True


@pytest.fixture
def video(monkeypatch):
    """A class to set up what the camera does."""
    kind = type("Video", (FakeVideo,), {"made": []})
    monkeypatch.setattr(cv2, "VideoCapture", kind)
    return kind


@pytest.fixture
def local(recognizer, video):
    """A camera, which is off again when the test ends."""
    made = Camera(Live(recognizer), index=2)
    yield made
    made.stop()


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_local_camera_shows_faces_until_it_is_stopped(local, video):
    panel = local.panel()
    picture = local._panel.picture
    local.start()
    wait_for(lambda: local.result is not None and len(local._times) >= 3)
    assert local.result.faces[0].emotion == "happy"
    assert decode(picture.value).shape == (480, 640, 3)
    assert local.fps > 0
    local.stop()
    assert video.made[0].index == 2
    assert video.made[0].released
    assert not local.running
    assert local.fps == 0
    assert bytes(picture.value) == b""
    assert "off" in local._panel.status.value
    assert panel.children


def test_the_button_starts_and_stops(local, video):
    local.panel()
    button = local._panel.button
    button.click()
    wait_for(lambda: local.result is not None)
    assert button.description == "Stop camera"
    button.click()
    assert not local.running
    assert button.description == "Start camera"


def test_a_missing_camera_is_told_in_the_panel_and_raised_by_start(local, video):
    video.opens = False
    local.panel()
    local._panel.button.click()
    assert "el.webcam()" in local._panel.status.value
    with pytest.raises(EmotionLabError, match=r"number 2 .* found none"):
        local.start()
    assert video.made[-1].released


def test_a_camera_without_a_picture_is_released(local, video):
    video.frames = 0
    with pytest.raises(EmotionLabError, match="gives no picture"):
        local.start()
    assert video.made[0].released


def test_a_camera_that_goes_away_ends_by_itself(local, video, monkeypatch):
    monkeypatch.setattr(camera_module, "_MISSES", 3)
    video.frames = 5
    local.panel()
    local.start()
    wait_for(lambda: not local.running)
    assert "no picture any more" in local.message
    assert video.made[0].released


def test_a_camera_ends_after_its_time(recognizer, video):
    local = Camera(Live(recognizer), seconds=0.3)
    local.start()
    wait_for(lambda: not local.running)
    assert "by itself" in local.message
    assert video.made[0].released


def test_an_error_in_the_thread_is_told(local, video, monkeypatch):
    monkeypatch.setattr(local, "live", types.SimpleNamespace(reset=lambda: None))
    local.panel()
    local.start()
    wait_for(lambda: not local.running)
    assert "TypeError" in local.message
    assert "TypeError" in local._panel.status.value


def test_a_snapshot_of_the_local_camera(local, video):
    with pytest.raises(EmotionLabError, match="no frame yet"):
        local.take_snapshot()
    local.start()
    wait_for(lambda: local.result is not None)
    np.testing.assert_array_equal(local.take_snapshot(), scenes.scene())
    assert local.snapshot is not None


def test_the_mirror_turns_the_picture_and_its_boxes_but_not_the_words(recognizer):
    frame = scenes.scene([(60, 140)])[..., ::-1]
    plain, mirrored = (Camera(Live(recognizer), mirror=side).look(frame) for side in (False, True))
    assert plain.shape == mirrored.shape
    assert not np.array_equal(plain[:, ::-1], mirrored)  # the label is written, not mirrored
    np.testing.assert_array_equal(plain[::-1][:60, ::-1], mirrored[::-1][:60])
    ground = (frame[0, 0] == plain).all(axis=2)
    assert ground[:, 420:].all()
    assert (frame[0, 0] == mirrored).all(axis=2)[:, :220].all()


def test_bars_name_every_emotion_with_its_number(local, recognizer):
    local.look(scenes.scene()[..., ::-1])
    text = camera_module.bars_html(local.result)
    assert all(name in text for name in EMOTIONS)
    assert text.count('el-bar"') == 7
    assert text.count("◀") == 1


def test_headless_camera(headless, capsys, video):
    cam = camera()
    assert "1 face: happy" in capsys.readouterr().out
    assert cam.result.faces[0].emotion == "happy"
    assert video.made == []
