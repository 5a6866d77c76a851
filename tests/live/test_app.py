"""The app without a browser: its functions, limits and messages, its settings, its server on the loopback."""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import numpy as np
import pytest
import scenes
from app_client import Visitor
from browsers import own_port
from PIL import Image

import emotionlab as el
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.base.opencv import cv2
from emotionlab.commands.app import add_app
from emotionlab.live import app as module
from emotionlab.live import app_calls, app_html
from emotionlab.live.app import App, app
from emotionlab.live.app_calls import EXAMPLES, Calls, Desk, Gate
from emotionlab.live.bundled import bundled_scene, jpeg
from emotionlab.live.frames import Live
from emotionlab.live.quiet_gradio import gr
from emotionlab.live.video import frames
from emotionlab.recognition.recognizer import Recognizer


@pytest.fixture(scope="module")
def calls():
    return Calls(detector="haar")


@pytest.fixture(scope="module")
def recognizer(calls):
    return calls.recognizer


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """A temporary folder of the test's own, in which every new file can be seen."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder / "gradio"))
    return folder


@pytest.fixture
def running(temporary, calls, monkeypatch):
    """The app on a free port; gives its address."""
    demo = _app_of(calls, monkeypatch)
    demo.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)
    yield demo
    demo.close(verbose=False)


def _app_of(calls, monkeypatch) -> App:
    """An app that shares the calls of the tests: a network is loaded once."""
    monkeypatch.setattr(app_calls, "Calls", lambda *_: calls)
    return app(only="picture,webcam,video")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def picture_file(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def film_file(path: Path, pictures=None) -> Path:
    """A film of six frames with one happy face, or of other pictures."""
    pictures = [scenes.scene([(200 + 3 * i, 140)]) for i in range(6)] if pictures is None else pictures
    size = pictures[0].shape[1::-1]
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"MJPG"), 10, size)
    for picture in pictures:
        writer.write(np.ascontiguousarray(picture[..., ::-1]))
    writer.release()
    return path


def pixels_in(page: str) -> np.ndarray:
    """The picture that is part of a page."""
    import base64
    import io

    data = re.search(r'src="data:image/jpeg;base64,([^"]+)"', page)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


# ------------------------------------------------------------------------------------------ pictures


def test_a_picture_is_annotated_with_bars_and_a_table(calls, tmp_path):
    file = picture_file(tmp_path / "me.png", scenes.scene())
    told, bars, table, crops = calls.picture(str(file))
    found = calls.recognizer(file)[0]
    assert f"1 face found: {found.text}." in told
    assert pixels_in(told).shape == (480, 640, 3)
    for name, share in zip(EMOTIONS, found.probabilities, strict=True):
        assert re.search(rf">{name}</th>.*?{100 * share:.0f} %", bars)
    assert re.findall(r"<td>([^<]*)</td>", table)[:4] == ["1", "happy", "happy", f"{100 * found.confidence:.0f} %"]
    ((words, crop),) = crops
    assert words == f"Face: {found.text}"
    assert np.array_equal(crop, found.crop)


def test_bytes_give_what_a_file_gives(calls, tmp_path):
    file = picture_file(tmp_path / "me.png", scenes.scene())
    assert calls.picture(file.read_bytes())[:3] == calls.picture(str(file))[:3]


def test_several_faces_have_the_same_numbers_in_picture_bars_and_table(calls):
    two = scenes.scene([(60, 120), (380, 150)])
    told, bars, table, crops = calls.picture(two)
    assert "2 faces found: 1: happy" in told
    assert bars.count("<caption>Face") == len(crops) == 2
    assert re.findall(r"<tr><td>(\d+)</td>", table) == ["1", "2"]


def test_exactly_one_row_of_each_face_is_marked_without_colour(calls):
    bars = calls.picture(scenes.scene())[1]
    assert bars.count("◀") == bars.count("el-most") == 1
    assert re.search(r"happy.*?◀", bars)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_shows_what_its_name_says(calls, name):
    told, bars, _, crops = calls.example(name)
    expected = {"One drawn face": 1, "Two drawn faces": 2, "An empty wall": 0}[name]
    assert len(crops) == expected
    assert ("No face was found" in told) == (expected == 0)
    assert bool(bars) == (expected > 0)
    assert "<img" in told


def test_no_face_is_an_answer_that_names_the_better_detector(calls):
    assert "YuNet finds more" in calls.example("An empty wall")[0]


def test_nothing_chosen_shows_nothing(calls):
    assert calls.picture(None) == ("", "", "", [])


def test_a_picture_of_30_megapixels_is_found_and_shown_small(calls, tmp_path):
    large = scenes.scene([(2600, 1500)], side=1900, size=(4800, 6400))
    file = picture_file(tmp_path / "large.jpg", large)
    told, *_, crops = calls.picture(str(file))
    assert len(crops) == 1
    assert pixels_in(told).shape == (960, 1280, 3)
    box = calls.recognizer(file)[0].box
    dark = pixels_in(told)[round(0.2 * (box.y + box.height / 2)), round(0.2 * box.x) - 3 : round(0.2 * box.x) + 4]
    assert dark.min() < 60, "the box is drawn where the face is in the smaller picture"


def test_many_faces_are_all_in_the_table_and_some_have_bars():
    from dataclasses import replace

    (face,) = Recognizer(detector="haar")(scenes.scene())
    many = [replace(face, number=i) for i in range(1, 16)]
    assert app_html.bars(many).count("<caption>") == app_html.MOST_FACES
    assert "3 smaller faces" in app_html.bars(many)
    assert app_html.table(many).count("<tr><td>") == 15


# ------------------------------------------------------------------------------------------ bad files


BAD = {
    "text": (b"this is no picture", "found text in notes.jpg"),
    "empty": (b"", "nothing"),
    "cut": (jpeg(bundled_scene())[:3000], "damage"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_has_one_clear_message_without_the_servers_folder(calls, tmp_path, kind):
    content, found = BAD[kind]
    file = tmp_path / "notes.jpg"
    file.write_bytes(content)
    told, *others = calls.picture(str(file))
    assert others == ["", "", []]
    assert told.count('role="alert"') == 1
    assert found in told
    assert "notes.jpg" in told
    assert str(tmp_path) not in told


def test_a_file_that_is_too_large_is_refused_before_it_is_read(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(app_calls, "PICTURE_MB", 1)
    file = tmp_path / "huge.png"
    file.write_bytes(b"x" * 1_500_000)
    assert "at most 1 MB, found 2 MB" in calls.picture(str(file))[0]


def test_what_comes_from_outside_is_escaped(calls, tmp_path):
    file = tmp_path / "<img src=x onerror=alert(1)>.jpg"
    file.write_bytes(b"no picture")
    assert "<img" not in calls.picture(str(file))[0]


def test_a_mistake_of_the_program_stays_an_exception(calls, monkeypatch):
    monkeypatch.setattr(Recognizer, "__call__", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        calls.picture(scenes.scene())
    assert calls._pictures._room._value == calls._pictures.size, "its place is free again"


# ------------------------------------------------------------------------------------------ the gate


def test_the_gate_lets_some_work_some_wait_and_refuses_the_rest():
    gate, go, inside = Gate(at_once=1, waiting=1), threading.Event(), []

    def visit():
        with gate:
            inside.append(1)
            go.wait(30)

    visitors = [threading.Thread(target=visit) for _ in range(2)]
    for visitor in visitors:
        visitor.start()
    while gate._room._value:
        time.sleep(0.01)
    with pytest.raises(EmotionLabError, match=r"busy: 2 others .* Try again"), gate:
        pass
    assert len(inside) == 1, "only one works"
    go.set()
    for visitor in visitors:
        visitor.join(30)
    with gate:
        assert len(inside) == 2


def test_a_visitor_who_finds_no_room_reads_why(recognizer):
    calls = Calls(recognizer)
    calls._pictures = Gate(at_once=1, waiting=0)
    with calls._pictures:
        told, *_ = calls.picture(scenes.scene())
    assert "The app is busy" in told
    assert "1 face found" in calls.picture(scenes.scene())[0]


# ------------------------------------------------------------------------------------------ webcam


def test_frames_are_followed_and_nothing_is_written(calls, temporary):
    memory = Live(calls.recognizer, keep=3600)  # a face stays itself on a slow computer too
    for i in range(12):
        shown, bars, memory = calls.frame(jpeg(scenes.scene([(200 + i, 140)])), memory)
    assert "Faces: happy" in shown, "alone it needs no number"
    [last] = memory(scenes.scene([(212, 140)])).faces
    assert last.number == 1, "the same face in every frame"
    assert pixels_in(shown).shape == (480, 640, 3)
    assert bars.count("<caption>Face: happy") == 1
    assert files_in(temporary) == []


def test_no_frame_is_remembered(calls):
    _, _, memory = calls.frame(jpeg(scenes.scene()), None)
    (track,) = memory.tracker._tracks
    kept = [np.size(value) for value in vars(track).values() if isinstance(value, np.ndarray)]
    assert kept == [7], "the mean probabilities, no pixel"


def test_two_visitors_do_not_share_a_memory(calls):
    *_, one = calls.frame(jpeg(scenes.scene()), None)
    *_, other = calls.frame(jpeg(scenes.scene()), None)
    assert one is not other
    assert one.tracker is not other.tracker


def test_a_broken_frame_is_told_and_the_next_one_works(calls):
    shown, bars, memory = calls.frame(b"no picture", None)
    assert 'role="alert"' in shown
    assert bars == ""
    assert "happy" in calls.frame(jpeg(scenes.scene()), memory)[0]
    assert calls.frame(None, memory) == ("", "", memory)


# ------------------------------------------------------------------------------------------ video


def test_a_video_gives_a_summary_a_video_for_browsers_and_a_table(calls, tmp_path, temporary):
    answers = calls.video(str(film_file(tmp_path / "film.avi")))
    told, out, csv, seconds = next(answers)
    assert "1 face was followed over 6 frames" in told
    assert len(list(frames(out))) == 6
    letters = int(cv2.VideoCapture(out).get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little")
    assert letters.lower() in (b"vp90", b"vp09"), "VP9, which browsers play"
    assert Path(csv).read_text(encoding="utf-8").count("\n") == 7
    assert "No voice" in told
    assert seconds is None, "a film without sound"
    assert next(answers, None) is None
    assert files_in(temporary) == [], "both files are gone when the page has its copies"


def test_a_video_without_a_face_says_so(calls, tmp_path):
    writer = cv2.VideoWriter(
        str(tmp_path / "wall.avi"), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"MJPG"), 10, (320, 240)
    )
    for _ in range(3):
        writer.write(np.full((240, 320, 3), 90, np.uint8))
    writer.release()
    assert "No face was found in any frame" in next(calls.video(str(tmp_path / "wall.avi")))[0]


@pytest.mark.parametrize("content", [b"", b"this is no video"])
def test_a_bad_video_has_one_message(calls, tmp_path, content):
    file = tmp_path / "film.mp4"
    file.write_bytes(content)
    told, *files = next(calls.video(str(file)))
    assert (told.count('role="alert"'), files) == (1, [None] * 3)
    assert "film.mp4" in told
    assert str(tmp_path) not in told


def test_a_long_video_is_refused(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(app_calls, "MOST_FRAMES", 5)
    told, out, *_ = next(calls.video(str(film_file(tmp_path / "film.avi"))))
    assert "at most 5 frames" in told
    assert "emotionlab recognize" in told
    assert out is None


def test_a_film_that_says_it_is_shorter_is_stopped(calls, tmp_path, monkeypatch):
    """A header may say anything."""
    from emotionlab.base.opencv import cv2

    monkeypatch.setattr(app_calls, "MOST_FRAMES", 5)
    real = cv2.VideoCapture

    class Liar:
        """Not one that inherits: Python's garbage collection does not survive a class that OpenCV did not make."""

        def __init__(self, *arguments):
            self.video = real(*arguments)

        def __getattr__(self, name):
            return getattr(self.video, name)

        def get(self, which):
            return 3 if which == cv2.CAP_PROP_FRAME_COUNT else self.video.get(which)

    monkeypatch.setattr(cv2, "VideoCapture", Liar)
    told, out, *_ = next(calls.video(str(film_file(tmp_path / "film.avi"))))
    assert "at most 5 frames" in told
    assert out is None


def test_a_video_that_was_removed_since_its_upload_is_told(calls, tmp_path):
    assert "choose it again" in next(calls.video(str(tmp_path / "gone.mp4")))[0]


def test_a_large_video_is_refused(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(app_calls, "VIDEO_MB", 0.001)
    assert "MB; cut it" in next(calls.video(str(film_file(tmp_path / "film.avi"))))[0]


def test_without_a_video_the_page_says_what_to_do(calls):
    assert "First choose a file" in next(calls.video(None))[0]


# ------------------------------------------------------------------------------------------ Grad-CAM, about


def test_heat_maps_are_those_of_grad_cam(calls):
    *_, crops = calls.picture(scenes.scene([(60, 120), (380, 150)]))
    page = calls.heat(crops)
    explain = el.explain.explainer(calls.network())
    assert f"layer {explain.layer}" in page
    assert page.count("<figure>") == 2
    expected = el.explain.overlay(crops[0][1], explain(crops[0][1])[0][0], side=240)
    assert np.abs(pixels_in(page).astype(int) - expected).mean() < 6, "a JPEG of the same map"


def test_heat_without_a_face_says_what_to_do(calls):
    assert "First choose a picture" in calls.heat([])


def test_of_two_pictures_the_one_chosen_last_is_shown_though_the_other_ends_later(calls):
    desk, shown = Desk(), []

    def slow():
        shown.append(desk.look(lambda: calls.example("Two drawn faces")))
        return calls.example("One drawn face")

    assert desk.look(slow) is None
    assert shown[0][0].startswith('<p role="status">2 faces found')


def test_heat_maps_of_an_earlier_picture_are_dropped(calls):
    desk = Desk()
    crops = desk.look(lambda: calls.example("One drawn face"))[3]
    assert desk.explain(crops, len) == 1

    def slow(crops):
        desk.look(lambda: calls.example("Two drawn faces"))
        return len(crops)

    assert desk.explain(crops, slow) is None
    assert desk.explain(crops, len) is None, "asked while the next picture was looked at"


def test_an_example_takes_the_place_of_the_picture_that_was_given(calls, monkeypatch):
    demo = _app_of(calls, monkeypatch)
    given = next(block for block in demo.blocks.values() if isinstance(block, gr.Image))
    chooses = [event for event in demo.fns.values() if given in event.outputs]
    assert len(chooses) == len(EXAMPLES)
    for event in chooses:
        answer = event.fn(Desk())
        assert answer[event.outputs.index(given)] is None


def test_the_page_says_which_network_and_data(calls):
    told, run = calls.about(), el.reference.load("scratch_cnn")
    assert "scratch_cnn" in told
    assert "FER-2013" in told
    assert f"{run.provenance['data']['pictures']['train']:,}" in told
    assert f"{100 * run.report('test').accuracy:.1f} %" in told
    assert f"below {100 * calls.recognizer.threshold:.0f} %" in told


def test_a_recogniser_brings_its_run_and_grad_cam(recognizer):
    calls = Calls(recognizer)
    assert calls.recognizer is recognizer
    assert calls.source.folder == el.reference.load("scratch_cnn").folder


def test_another_run_of_the_same_name_is_not_taken_for_the_recognisers(recognizer, monkeypatch):
    other = Recognizer(detector="haar")
    monkeypatch.setattr(other, "_predict", lambda images: np.full((len(images), 7), 1 / 7, np.float32))
    calls = Calls(other)
    assert calls.source is None
    assert "not recorded" in calls.about()
    with pytest.raises(RunError, match=r"el\.app"):
        calls.network()
    assert 'role="alert"' in calls.heat([("Face 1", np.zeros((48, 48), np.uint8))])


def test_of_a_run_that_learned_votes_the_bars_are_told_as_ten_people(tmp_path, calls):
    run = tmp_path / "of_people"
    shutil.copytree(el.reference.load("scratch_cnn").folder, run)
    recipe = json.loads((run / "recipe.json").read_text())
    (run / "recipe.json").write_text(json.dumps({**recipe, "targets": "votes", "label_smoothing": 0.0}))
    of_people = Calls(run)
    _, bars, *_ = of_people.picture(scenes.scene())
    [face] = of_people.recognizer(scenes.scene())
    said = f"about {round(10 * float(face.probabilities.max()))} would say {face.guess}"
    assert said in bars
    assert said in of_people.frame(scenes.scene(), None)[1]
    assert "shares of people" in of_people.about()
    assert "of ten people" not in calls.picture(scenes.scene())[1]
    assert "shares of people" not in calls.about()


def test_the_mixture_of_a_face_names_who_is_at_least_one_of_ten():
    shares = np.array([0.04, 0, 0.06, 0.55, 0.25, 0.1, 0], np.float32)
    one = SimpleNamespace(probabilities=shares)
    first, second, *rest = (el.EMOTIONS[i] for i in (3, 4, 2, 5))
    assert app_html.of_ten(one) == f"; of ten people, about 6 would say {first}, 2 {second}, 1 {rest[0]}, 1 {rest[1]}"


def test_a_bare_keras_model_is_taken_and_its_data_are_unknown():
    model = el.models.small_cnn(widths=(4, 4, 8, 8), seed=0)
    calls = Calls(model, detector="haar")
    assert calls.network() is model
    assert "not recorded" in calls.about()
    assert "1 face found" in calls.picture(scenes.scene())[0]


def test_an_unknown_run_and_an_unknown_detector_are_told():
    with pytest.raises(RunError, match="no run called 'nothing'"):
        app("nothing")
    with pytest.raises(EmotionLabError, match="detector"):
        app(detector="eyes")


# ------------------------------------------------------------------------------------------ settings


def test_it_is_a_page_of_gradio_that_asks_nobody(calls, monkeypatch):
    demo = _app_of(calls, monkeypatch)
    assert isinstance(demo, gr.Blocks)
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert not demo.analytics_enabled
    assert demo.delete_cache == (module.DELETE_EVERY, module.DELETE_AFTER)


def test_the_page_says_the_privacy_the_limits_and_the_note(calls, monkeypatch):
    page = " ".join(str(part["props"]) for part in _app_of(calls, monkeypatch).config["components"])
    for words in (
        "10 minutes after the upload",
        "none is written to a file",
        "No frame is recorded",
        "at most 30 MB",
        "at most 100 MB",
        "is not a feeling",
        "Decide nothing about a person",
        "Allow the camera",
        "FER-2013",
    ):
        assert words in page, words


def test_every_tab_is_there_and_the_camera_streams(calls, monkeypatch):
    parts = _app_of(calls, monkeypatch).config["components"]
    assert [part["props"]["label"] for part in parts if part["type"] == "tabitem"] == ["Picture", "Webcam", "Video"]
    assert module.LARGEST_MB == app_calls.VIDEO_MB
    sources = [part["props"]["sources"] for part in parts if part["type"] == "image"]
    assert sources == [["upload", "clipboard"], ["webcam"]]
    assert not [part for part in parts if part["type"] == "image" and part["props"].get("interactive") is False], (
        "a picture as an output would be written to a file"
    )


def test_sharing_is_refused(calls, monkeypatch):
    with pytest.raises(EmotionLabError, match="share=False"):
        _app_of(calls, monkeypatch).launch(share=True)


def test_headless_runs_the_bundled_picture_through_the_callback(calls, monkeypatch, capsys):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    demo = _app_of(calls, monkeypatch)
    assert demo.launch() == (None, None, None)
    assert not demo.is_running
    assert "through the app's callback, shows: 1 face found: happy" in capsys.readouterr().out
    monkeypatch.setattr(Recognizer, "__call__", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo.launch()


def test_showing_it_in_a_cell_launches_it(calls, monkeypatch):
    demo, asked = _app_of(calls, monkeypatch), []
    monkeypatch.setattr(App, "launch", lambda self, **options: asked.append(options))
    demo._ipython_display_()
    assert asked == [{"height": 900}]


# ------------------------------------------------------------------------------------------ the server


def test_the_server_listens_on_this_machine_alone_and_asks_no_other(temporary, calls, monkeypatch):
    asked, connect = [], socket.socket.connect

    def watched(self, address):
        asked.append(address)
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SHARE", "True")
    demo = _app_of(calls, monkeypatch)
    demo.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)
    try:
        assert demo.server_name == "127.0.0.1"
        assert demo.share_url is None
        page = httpx.get(demo.local_url).text
    finally:
        demo.close(verbose=False)
    assert asked
    assert {address[0] for address in asked if isinstance(address, tuple)} <= {"127.0.0.1", "localhost"}
    assert "fonts.googleapis" not in page


def test_an_upload_is_answered_and_leaves_only_itself(running, temporary):
    visitor = Visitor(running.local_url)
    content = jpeg(scenes.scene())
    told, bars, table, *_ = visitor.look(visitor.upload("me.jpg", content))
    assert "1 face found: happy" in told
    assert bars
    assert table
    assert [path.read_bytes() for path in files_in(temporary)] == [content], "the annotated picture is no file"
    running.close(verbose=False)
    _wait_until(lambda: not files_in(temporary))


def test_a_text_file_called_jpg_is_answered_with_one_message(running):
    visitor = Visitor(running.local_url)
    told, bars, table, *_ = visitor.look(visitor.upload("notes.jpg", b"dear diary"), "notes.jpg")
    assert told.count('role="alert"') == 1
    assert "notes.jpg" in told
    assert (bars, table) == ("", "")


def test_a_file_over_the_limit_is_refused_at_the_door(running, temporary):
    running.max_file_size = 1000
    with pytest.raises(httpx.HTTPStatusError) as refused:
        Visitor(running.local_url).upload("big.jpg", b"x" * 5000)
    assert refused.value.response.status_code == 413
    assert files_in(temporary) == []


def test_no_file_of_the_computer_can_be_asked_for(running, tmp_path):
    secret = picture_file(tmp_path / "secret.png", scenes.scene())
    with pytest.raises(RuntimeError, match="error"):
        Visitor(running.local_url).look(str(secret))


def test_an_address_in_place_of_an_upload_is_not_fetched(running, monkeypatch, temporary):
    asked = []

    async def fetch(url, folder):
        asked.append(url)
        return str(picture_file(temporary / "fetched.png", scenes.scene()))

    monkeypatch.setattr("gradio.processing_utils.async_ssrf_protected_download", fetch)
    with pytest.raises(RuntimeError, match="found an address"):
        Visitor(running.local_url).look("https://example.org/face.png")
    fetching = [block for block in running.blocks.values() if isinstance(block, gr.Image | gr.Video)]
    for block in fetching:
        if block.interactive is not False:
            with pytest.raises(gr.Error, match="found an address"):
                asyncio.run(block.async_move_resource_to_block_cache("https://example.org/face.png"))
    assert len(fetching) == 4
    assert asked == []


def test_uploads_are_removed_while_it_runs(temporary, calls, monkeypatch):
    monkeypatch.setattr(module, "DELETE_EVERY", 1)
    monkeypatch.setattr(module, "DELETE_AFTER", 2)
    demo = _app_of(calls, monkeypatch)
    demo.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)
    try:
        Visitor(demo.local_url).upload("me.jpg", jpeg(scenes.scene()))
        assert len(files_in(temporary)) == 1
        _wait_until(lambda: not files_in(temporary))
    finally:
        demo.close(verbose=False)


def test_a_second_app_closes_the_first(running, calls, monkeypatch):
    other = _app_of(calls, monkeypatch)
    other.launch(server_port=own_port(), prevent_thread_lock=True, inline=False)
    assert other.is_running
    assert not running.is_running
    other.close(verbose=False)


def test_ctrl_c_ends_it_in_plain_words(running, monkeypatch, capsys):
    def pressed(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "time", SimpleNamespace(sleep=pressed))
    running.block_thread()
    assert not running.is_running
    assert capsys.readouterr().out.splitlines()[-1] == "The app has ended."


def test_a_port_that_is_taken_is_told(running, calls, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmotionLabError, match=f"free port .* found that port {port} cannot be used") as told:
            _app_of(calls, monkeypatch).launch(server_port=port, prevent_thread_lock=True)
    assert "GRADIO" not in str(told.value)
    assert "launch" not in str(told.value)


def _wait_until(what, patience: float = 60) -> None:
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.2)


# ------------------------------------------------------------------------------------------ the command


def test_the_command_is_cheap_to_add():
    code = "import sys, emotionlab.commands.app; print('gradio' in sys.modules, 'cv2' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert said.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {"server_name": "127.0.0.1", "server_port": None, "inbrowser": True}),
        (["--port", "8100", "--no-browser"], {"server_name": "127.0.0.1", "server_port": 8100, "inbrowser": False}),
        (["--host", "0.0.0.0"], {"server_name": "0.0.0.0", "server_port": None, "inbrowser": True}),
    ],
)
def test_the_command_launches_the_app(calls, monkeypatch, capsys, arguments, options):
    asked = []
    monkeypatch.setattr(app_calls, "Calls", lambda *_: calls)
    monkeypatch.setattr(App, "launch", lambda self, **given: asked.append(given))
    parser = argparse.ArgumentParser()
    add_app(parser.add_subparsers())
    chosen = parser.parse_args(["app", *arguments])
    assert chosen.command(chosen) == 0
    assert asked == [options]
    assert ("there is no password" in capsys.readouterr().out) == ("--host" in arguments)


_AS_IN_A_TERMINAL = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # who runs the tests under nohup ignores it, and the app would too
from emotionlab.commands.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signals")
@pytest.mark.parametrize("end", ["SIGTERM", "SIGHUP"])
def test_an_app_that_is_ended_from_outside_leaves_no_upload_behind(tmp_path, end):
    """And it needs no folder that other users of the computer share: here a file is in the place of Gradio's own."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "gradio").write_text("another user's")
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "EMOTIONLAB_DATA": str(tmp_path / "data")}
    for name in ("GRADIO_TEMP_DIR", "EMOTIONLAB_HEADLESS", "JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX"):
        environment.pop(name, None)
    port = own_port()
    words = ["app", "--only", "text", "--no-browser", "--port", str(port)]
    with open(tmp_path / "said.txt", "wb") as said:
        command = [sys.executable, "-c", _AS_IN_A_TERMINAL, *words]
        server = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    try:
        visitor = Visitor(wait_for(f"http://127.0.0.1:{port}/", server))
        visitor.upload("me.jpg", jpeg(scenes.scene()))
        assert [path.name for path in files_in(tmp_path / "tmp")].count("me.jpg") == 1
        server.send_signal(getattr(signal, end))
        assert server.wait(60) == 0, (tmp_path / "said.txt").read_text()
    finally:
        server.kill()
    assert [path.name for path in files_in(tmp_path / "tmp")] == ["gradio"]


def wait_for(address: str, server) -> str:
    """The address, once something answers there."""
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(address, timeout=5)
            return address
        time.sleep(0.2)
    raise AssertionError("the app did not start")
