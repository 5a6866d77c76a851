"""el.app() in a real browser: upload, webcam with a fake camera, video, bad and large files."""

import time
from pathlib import Path

import browsers
import numpy as np
import pytest
import scenes
from app_server import Server, running_app
from PIL import Image

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.opencv import cv2

READY = "input[type=file]"


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """One app for all tests of this file, with the best detector that is there."""
    with running_app(tmp_path_factory.mktemp("app"), "auto") as running:
        yield running


@pytest.fixture(scope="module")
def haar_server(chromium, tmp_path_factory):
    """One with the detector that is always there."""
    with running_app(tmp_path_factory.mktemp("haar"), "haar") as running:
        yield running


def visit(page, server: Server) -> None:
    page.goto(server.address)
    page.wait_for_selector(READY, state="attached", timeout=240_000)


def tab(page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def upload(page, file: Path) -> None:
    page.locator(READY).first.set_input_files(str(file))


def picture_file(path: Path, pixels: np.ndarray, **options) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def test_a_picture_is_uploaded_and_comes_back_with_its_face(open_page, haar_server, tmp_path):
    with open_page() as page:
        visit(page, haar_server)
        upload(page, picture_file(tmp_path / "drawn.png", scenes.tinted(scenes.scene())))
        page.wait_for_selector("#annotated img")
        assert "1 face found: happy" in page.locator("#annotated").inner_text()
        assert page.locator("#annotated img").get_attribute("alt").startswith("Annotated picture. Faces: happy")
        bars = page.locator("#bars tr")
        assert [row.split()[0] for row in bars.all_inner_texts()] == list(EMOTIONS)
        assert ["◀" in row for row in bars.all_inner_texts()] == [name == "happy" for name in EMOTIONS]
        widths = page.locator("#bars .el-bar").evaluate_all(
            "bars => bars.map(bar => bar.getBoundingClientRect().width)"
        )
        assert max(widths) == widths[EMOTIONS.index("happy")] > 50
        assert "happy" in page.locator("#table").inner_text()
        browsers.keep(page, "app_picture_drawn.png")
        page.get_by_role("button", name="Show where the network looked").click()
        page.wait_for_selector("#heat img", timeout=300_000)
        assert page.locator("#heat figcaption").inner_text().startswith("Face: happy")
        browsers.keep(page, "app_heat.png")


def test_the_astronaut_is_one_happy_face(open_page, server):
    with open_page(size=(1280, 1090)) as page:
        visit(page, server)
        upload(page, scenes.photo("astronaut.png"))
        page.wait_for_selector("#annotated img")
        assert "1 face found: happy" in page.locator("#annotated").inner_text()
        browsers.keep(page, "app.jpg")


def test_four_people_are_four_faces_with_yunet(open_page, server):
    with open_page() as page:
        visit(page, server)
        upload(page, scenes.photo("openimages_four_people.jpg"))
        page.wait_for_selector("#annotated img")
        assert "4 faces found" in page.locator("#annotated").inner_text()
        assert page.locator("#bars caption").count() == 4


def test_an_example_is_one_press_away_and_writes_no_file(open_page, haar_server):
    before = len(haar_server.written())
    with open_page() as page:
        visit(page, haar_server)
        page.get_by_role("button", name="Two drawn faces").click()
        page.wait_for_selector("#annotated img")
        assert "2 faces found" in page.locator("#annotated").inner_text()
        page.get_by_role("button", name="An empty wall").click()
        page.get_by_text("No face was found").wait_for()
        assert page.locator("#bars tr").count() == 0, "the bars of the picture before are gone"
    assert haar_server.written()[before:] == []


def test_a_heat_map_that_comes_late_is_not_shown_under_the_next_picture(open_page, chromium, tmp_path):
    """In an app of its own: there the first Grad-CAM has to start Keras, which takes seconds."""
    with running_app(tmp_path / "app") as fresh, open_page() as page:
        visit(page, fresh)
        upload(page, picture_file(tmp_path / "drawn.png", scenes.tinted(scenes.scene())))
        page.get_by_text("1 face found").wait_for()
        watch = "new MutationObserver(() => window.maps.push(document.querySelectorAll('#heat figcaption').length))"
        page.evaluate(
            f"() => {{ window.maps = []; {watch}.observe(document.body, {{childList: true, subtree: true}}); }}"
        )
        why = page.get_by_role("button", name="Show where the network looked")
        why.click()
        page.get_by_role("button", name="Two drawn faces").click()
        page.get_by_text("2 faces found").wait_for()
        assert page.locator("#heat figcaption").count() == 0, "Grad-CAM was too quick for this test"
        assert page.locator(".image-container img").count() == 0, "the picture that was given is gone"
        browsers.keep(page, "app_heat_late.png")
        why.click()  # while the first is still at work
        page.locator("#heat figcaption").nth(1).wait_for(timeout=300_000)
        assert set(page.evaluate("() => window.maps")) == {0, 2}, "never the one map of the picture before"


def test_a_text_file_called_jpg_has_one_message(open_page, haar_server, tmp_path):
    file = tmp_path / "notes.jpg"
    file.write_text("dear diary", encoding="utf-8")
    with open_page() as page:
        visit(page, haar_server)
        upload(page, file)
        message = page.locator("#annotated [role=alert]")
        message.wait_for()
        assert "found text in notes.jpg" in message.inner_text()
        assert page.locator("[role=alert]:visible").count() == 1, "one message, not two"
        assert page.locator(".toast-wrap .error").count() == 0
        browsers.keep(page, "app_bad_file.png")
        upload_again = page.get_by_role("button", name="One drawn face")
        upload_again.click()
        page.wait_for_selector("#annotated img")


def test_a_picture_of_30_megapixels(open_page, haar_server, tmp_path):
    large = scenes.scene([(2600, 1500)], side=1900, size=(4800, 6400))
    file = picture_file(tmp_path / "large.jpg", large, quality=90)
    with open_page() as page:
        visit(page, haar_server)
        upload(page, file)
        page.wait_for_selector("#annotated img")
        assert "1 face found" in page.locator("#annotated").inner_text()
        assert page.locator("#annotated img").evaluate("image => image.naturalWidth") == 1280


def test_the_webcam_is_followed_and_no_frame_becomes_a_file(open_page, haar_server, drawn_film):
    with open_page(camera=drawn_film) as page:
        visit(page, haar_server)
        tab(page, "Webcam")
        files, written = haar_server.files(), len(haar_server.written())
        start_camera(page)
        page.wait_for_selector("#live img")
        page.wait_for_function("() => document.querySelector('#live img')?.alt.includes('happy')")
        changes = count_changes(page, "#live", seconds=6)
        assert changes >= 3, "a stream, not one picture"  # a busy computer is slow
        assert page.locator("#live-bars tr").count() == len(EMOTIONS)
        browsers.keep(page, "app_webcam.png")
        assert haar_server.files() == files
        assert haar_server.written()[written:] == []
        print(f"webcam tab: {changes / 6:.1f} annotated frames a second")


def start_camera(page) -> None:
    """First allow the camera, then start the stream."""
    page.get_by_role("button", name="Click to Access Webcam").click()
    page.get_by_role("button", name="Start").click()


def count_changes(page, selector: str, seconds: float) -> int:
    """How often the picture in a part of the page changes."""
    page.evaluate(
        """selector => { const place = document.querySelector(selector); let last = null; window.changes = 0;
        window.watching = setInterval(() => { const now = place.querySelector('img')?.src;
        if (now && now !== last) { last = now; window.changes += 1; } }, 10); }""",
        selector,
    )
    time.sleep(seconds)
    return page.evaluate("() => { clearInterval(window.watching); return window.changes; }")


def test_the_camera_is_off_after_stop_and_on_another_tab(open_page, haar_server, drawn_film):
    seen, off = "() => document.querySelector('#live img')", f"() => ({browsers.CAMERAS_ON})() === 0"
    with open_page(camera=drawn_film) as page:
        visit(page, haar_server)
        tab(page, "Webcam")
        start_camera(page)
        page.wait_for_function(seen)
        assert "Record" not in page.locator("body").inner_text()
        page.get_by_role("button", name="Stop").click()
        page.wait_for_function(off)
        page.locator("#live").wait_for(state="hidden")
        page.wait_for_function("() => !document.querySelector('#live img[src]')")
        page.get_by_role("button", name="Start").click()
        assert count_changes(page, "#live", seconds=6) >= 3, "started again, it is a stream"
        browsers.keep(page, "app_webcam_again.png")
        tab(page, "Picture")
        page.wait_for_function(off)
        tab(page, "Webcam")
        page.get_by_role("button", name="Start").wait_for()
        browsers.keep(page, "app_webcam_off.png")


def test_a_camera_that_was_only_tried_is_off_on_another_tab(open_page, haar_server, drawn_film):
    with open_page(camera=drawn_film) as page:
        visit(page, haar_server)
        tab(page, "Webcam")
        page.get_by_role("button", name="Click to Access Webcam").click()
        page.get_by_role("button", name="Start").wait_for()
        page.wait_for_function(f"() => ({browsers.CAMERAS_ON})() === 1")
        tab(page, "Video")
        page.wait_for_function(f"() => ({browsers.CAMERAS_ON})() === 0")


def test_what_to_do_about_a_refused_camera_stands_in_the_tab(open_page, haar_server, drawn_film):
    with open_page(camera=drawn_film, allowed=False) as page:
        visit(page, haar_server)
        tab(page, "Webcam")
        help_text = page.get_by_text("Allow the camera when the browser asks")
        help_text.wait_for()
        assert page.locator("#live img").count() == 0
        assert "No frame is recorded" in page.locator("body").inner_text()


def test_a_video_comes_back_annotated_and_plays(open_page, haar_server, tmp_path):
    film, frames = tmp_path / "film.avi", 8
    writer = cv2.VideoWriter(str(film), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"MJPG"), 10, (640, 480))
    for i in range(frames):
        writer.write(np.ascontiguousarray(scenes.tinted(scenes.scene([(200 + 2 * i, 140)]))[..., ::-1]))
    writer.release()
    with open_page() as page:
        visit(page, haar_server)
        tab(page, "Video")
        page.locator(".tabitem:visible input[type=file]").first.set_input_files(str(film))
        page.get_by_text("film").first.wait_for()
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Look at the video").click()
        page.get_by_text(f"1 face was followed over {frames} frames").wait_for(timeout=300_000)
        page.wait_for_function(
            "() => [...document.querySelectorAll('video')].some(v => v.videoWidth === 640 && v.readyState >= 1)"
        )
        page.wait_for_function("() => document.body.innerText.replaceAll('\\n', '').includes('faces.csv')")
        browsers.keep(page, "app_video.png")


def test_on_a_phone_the_cross_leaves_the_limit_readable(open_page, haar_server, tmp_path):
    with open_page(size=(375, 800)) as page:
        visit(page, haar_server)
        upload(page, picture_file(tmp_path / "drawn.png", scenes.scene()))
        cross = page.get_by_role("button", name="Remove Image").bounding_box()
        label = page.get_by_text("at most 30 MB").bounding_box()
        assert label["x"] + label["width"] <= cross["x"]


def test_the_dark_theme_can_be_read(open_page, haar_server):
    with open_page(color_scheme="dark") as page:
        visit(page, haar_server)
        page.get_by_role("button", name="One drawn face").click()
        page.wait_for_selector("#annotated img")
        colours = page.locator("#bars th").first.evaluate(
            "cell => [getComputedStyle(cell).color, getComputedStyle(document.body).backgroundColor]"
        )
        light, dark = (sum(map(float, colour[colour.index("(") + 1 : -1].split(",")[:3])) for colour in colours)
        assert light - dark > 300, colours
        browsers.keep(page, "app_dark.png")
