"""el.webcam() in JupyterLab, in a real browser with a fake camera."""

import itertools
import json
import shutil
from pathlib import Path

import browsers
import numpy as np
import pytest
import scenes
from PIL import Image

PANEL = "document.querySelector('.emotionlab-webcam')"
CELL = "import emotionlab as el\n\ncam = el.webcam()\ncam"
NUMBERS = itertools.count(1)

WATCH = """
import sys
written = []
def watch(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & 3 and "/dev/" not in str(args[0]):
        written.append(str(args[0]))
sys.addaudithook(watch)
"""
"""A cell after which the kernel notes each file that anything in it opens for writing."""


def show(page, lab, *cells: str) -> None:
    """Run the first cell of a notebook, which shows the panel."""
    name = lab.write_notebook(f"webcam_{next(NUMBERS):02}.ipynb", CELL, *cells)
    browsers.open_notebook(page, lab, name)
    browsers.run_cell(page, 0)
    page.wait_for_selector(".emotionlab-webcam[data-state=off]")


def start(page) -> None:
    page.get_by_role("button", name="Start camera").click()
    wait(page, f"{PANEL}.dataset.state === 'live' && {PANEL}.dataset.faces === '1'")


def wait(page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def frames(page) -> int:
    return int(page.evaluate(f"{PANEL}.dataset.frames ?? 0"))


def wait_for_frames(page, count: int) -> None:
    wait(page, f"Number({PANEL}.dataset.frames) >= {frames(page) + count}")


def run(page, number: int = 1) -> str:
    """Run a cell and return what it prints after "done:"."""
    browsers.run_cell(page, number)
    output = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output", has_text="done:")
    return output.inner_text().split("done:")[-1].strip()


def cameras_on(page) -> int:
    return page.evaluate(browsers.CAMERAS_ON)


@pytest.fixture(autouse=True)
def no_kernel_stays(lab):
    """Each test starts without the kernels of the others."""
    yield
    lab.end_kernels()


@pytest.fixture
def panel(lab, open_page, drawn_film):
    """A page with the panel shown; the camera sees a drawn face."""
    with open_page(camera=drawn_film) as page:
        show(page, lab)
        yield page


# ------------------------------------------------------------------------------------------ live


def test_a_face_gets_a_box_a_label_and_seven_bars(panel):
    start(panel)
    wait_for_frames(panel, 25)
    assert "happy" in panel.evaluate(f"{PANEL}.dataset.label")
    assert overlay_marks(panel, 0.25, 0.75) > 300
    assert overlay_marks(panel, 0.0, 0.1) == 0
    for name, width, track, number in bars(panel):
        share = float(number.strip("◀ %")) / 100
        assert width / track == pytest.approx(share, abs=0.03), name
    assert [name for name, *_, number in bars(panel) if "◀" in number] == ["happy"]
    wait(panel, f"Number({PANEL}.dataset.fps) > 0 && Number({PANEL}.dataset.latency) > 0")
    assert "frames a second" in panel.inner_text(".ew-speed")
    panel.get_by_role("status").filter(has_text="One face: happy.").wait_for()  # said after three calm seconds
    assert "Nothing is recorded" in panel.inner_text(".ew-promise")
    browsers.keep(panel, "webcam_drawn.png")


def overlay_marks(page, left: float, right: float) -> int:
    """How many pixels are drawn over the picture between two places of its width, 0 to 1."""
    return page.evaluate(
        """([left, right]) => {
          const canvas = document.querySelector(".ew-overlay");
          const [from, wide] = [Math.round(left * canvas.width), Math.round((right - left) * canvas.width)];
          const pixels = canvas.getContext("2d").getImageData(from, 0, wide, canvas.height).data;
          return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
        }""",
        [left, right],
    )


def bars(page) -> list:
    """Name, width of the filled part, width of the whole and number of each bar, all at one moment."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".ew-bar")].map(bar => [
          bar.dataset.emotion,
          bar.querySelector(".ew-fill").style.width.replace("%", "") / 100 * bar.querySelector(".ew-track").clientWidth,
          bar.querySelector(".ew-track").clientWidth,
          bar.querySelector(".ew-number").textContent])"""
    )


def test_the_bars_are_as_long_as_they_say(panel):
    panel.get_by_role("button", name="Use the drawn picture").click()
    wait(panel, f"{PANEL}.dataset.faces === '1'")
    panel.wait_for_timeout(600)  # the bars glide
    lengths = "[...document.querySelectorAll('.ew-fill')].map(one => one.getBoundingClientRect().width)"
    measured = panel.evaluate(lengths)
    np.testing.assert_allclose(measured, [width for _, width, *_ in bars(panel)], atol=2)
    assert max(measured) > 60


def test_the_labels_of_five_heads_close_together_can_be_read(lab, open_page, tmp_path):
    heads = scenes.scene([(10 + 125 * i, 150 + 8 * (i % 2)) for i in range(5)], side=118)
    with open_page(camera=browsers.film([heads] * 10, tmp_path / "group.mjpeg")) as page:
        show(page, lab)
        page.get_by_role("button", name="Start camera").click()
        wait(page, f"{PANEL}.dataset.faces === '5'")
        labels = json.loads(page.evaluate(f"{PANEL}.dataset.labels"))
        assert len(labels) == 5
        for one, other in itertools.combinations(labels, 2):
            across = min(one["x"] + one["wide"], other["x"] + other["wide"]) - max(one["x"], other["x"])
            down = min(one["y"] + one["high"], other["y"] + other["high"]) - max(one["y"], other["y"])
            assert across <= 0 or down <= 0, (one, other)
        browsers.keep(page, "webcam_group.png")


def test_frames_write_no_file(lab, open_page, drawn_film):
    with open_page(camera=drawn_film) as page:
        show(page, lab, WATCH + "print('done: watching')", "print('done:', __import__('json').dumps(written))")
        run(page)
        browsers.command(page, "docmanager:save")
        page.wait_for_timeout(1000)
        start(page)
        before = files_below(lab.folder)
        wait_for_frames(page, 30)
        assert files_below(lab.folder) == before
        page.get_by_role("button", name="Stop camera").click()
        written = json.loads(run(page, 2))
        assert [name for name in written if "history.sqlite" not in name] == []


def files_below(folder) -> dict:
    """Size and time of each file below; but for what JupyterLab notes of its window and IPython of its cells."""
    theirs = ("history.sqlite", ".jupyterlab-workspace")
    found = (path for path in folder.rglob("*") if path.is_file() and not any(name in path.name for name in theirs))
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in found}


def test_the_astronaut_is_one_happy_face(lab, open_page, astronaut_film):
    with open_page(camera=astronaut_film, size=(1280, 820)) as page:
        show(page, lab)
        start(page)
        wait_for_frames(page, 25)
        assert "happy" in page.evaluate(f"{PANEL}.dataset.label")
        browsers.keep(page, "webcam.jpg")


def test_lesson_10_finds_the_face_of_the_camera(lab, open_page, drawn_film):
    lesson = Path(__file__).parents[2] / "lessons" / "10_webcam_demo.ipynb"
    ids = [cell["id"] for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]]
    shutil.copy(lesson, lab.course / lesson.name)
    with open_page(camera=drawn_film) as page:
        browsers.open_notebook(page, lab, lesson.name)
        browsers.run_cell(page, ids.index("l10-setup"))
        browsers.run_cell(page, ids.index("l10-webcam"))
        page.wait_for_selector(".emotionlab-webcam[data-state=off]", timeout=240_000)
        start(page)
        wait_for_frames(page, 25)
        assert "happy" in page.evaluate(f"{PANEL}.dataset.label")
        assert overlay_marks(page, 0.25, 0.75) > 300
        browsers.keep(page, "lesson_10.png")


def test_start_and_stop_by_keyboard(panel):
    panel.get_by_role("button", name="Start camera").focus()
    panel.keyboard.press("Enter")
    wait(panel, f"{PANEL}.dataset.state === 'live'")
    panel.keyboard.press("Escape")
    wait(panel, f"{PANEL}.dataset.state === 'off'")
    assert cameras_on(panel) == 0
    panel.keyboard.press("Space")
    wait(panel, f"{PANEL}.dataset.state === 'live'")
    panel.keyboard.press("Space")
    wait(panel, f"{PANEL}.dataset.state === 'off'")
    assert cameras_on(panel) == 0
    assert panel.locator(".jp-Notebook.jp-mod-editMode").count() == 0


def test_mirror_camera_and_size_can_be_chosen(lab, open_page, drawn_film):
    with open_page(camera=drawn_film) as page:
        show(page, lab, "print('done:', cam.mirror, cam.width, cam.result.width)")
        start(page)
        assert page.locator("video.ew-mirrored").count() == 1
        page.get_by_label("Mirror").uncheck()
        assert page.locator("video.ew-mirrored").count() == 0
        page.get_by_label("Frames").select_option("320")
        cameras = page.locator(".emotionlab-webcam select").first
        cameras.locator("option").nth(1).wait_for(state="attached")
        cameras.select_option(index=1)
        wait(page, "window.cameraStreams.length === 2")
        wait_for_frames(page, 20)
        assert cameras_on(page) == 1
        assert run(page) == "False 320 320"


# ------------------------------------------------------------------------------------------ the camera stops


@pytest.mark.parametrize("how", ["notebook:clear-cell-output", "notebook:run-cell", "notebook:delete-cell"])
def test_the_camera_stops_when_its_cell_is_cleared(panel, how):
    start(panel)
    assert cameras_on(panel) == 1
    browsers.select_cell(panel, 0)
    browsers.command(panel, how)
    wait(panel, f"({browsers.CAMERAS_ON})() === 0")


def test_the_camera_stops_from_a_cell(lab, open_page, drawn_film):
    with open_page(camera=drawn_film) as page:
        show(page, lab, "cam.stop(); print('done: stopped')")
        start(page)
        run(page)
        wait(page, f"({browsers.CAMERAS_ON})() === 0")
        assert "from a cell" in page.inner_text(".ew-status")


# ------------------------------------------------------------------------------------------ no camera


def test_a_refused_camera_says_what_to_do_and_offers_the_next_rung(lab, open_page, drawn_film):
    with open_page(camera=drawn_film, allowed=False) as page:
        show(page, lab)
        page.get_by_role("button", name="Start camera").click()
        problem = page.get_by_role("alert").filter(has_text="refused")
        assert "allow the camera" in problem.inner_text()
        assert "use the drawn picture" in problem.inner_text()
        assert page.locator("button.ew-next").count() == 2
        page.get_by_role("button", name="Use the drawn picture").click()
        wait(page, f"{PANEL}.dataset.label.startsWith('happy')")
        assert page.locator("button.ew-next").count() == 0
        assert not problem.is_visible()


@pytest.mark.parametrize(
    ("name", "advice"),
    [("NotFoundError", "Plug one in"), ("NotReadableError", "Close other programs"), ("AbortError", "AbortError: why")],
)
def test_other_problems_of_the_camera_are_told_too(panel, name, advice):
    panel.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('why', name)); }", name
    )
    panel.get_by_role("button", name="Start camera").click()
    panel.get_by_role("alert").filter(has_text=advice).wait_for()
    assert panel.evaluate(f"{PANEL}.dataset.state") == "off"


def test_a_page_that_may_use_no_camera_says_where_one_may(panel):
    panel.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    panel.get_by_role("button", name="Start camera").click()
    panel.get_by_role("alert").filter(has_text="http://localhost").wait_for()


# ------------------------------------------------------------------------------------------ pictures


def test_snapshots_and_pictures_are_kept_in_the_kernel(lab, open_page, drawn_film, tmp_path):
    tell = "print('done:', cam.snapshot.shape, round(float(cam.snapshot.mean())))"
    with open_page(camera=drawn_film) as page:
        show(page, lab, tell, tell, tell)
        start(page)
        page.get_by_role("button", name="Snapshot").click()
        page.get_by_role("status").filter(has_text="(640 x 480 pixels)").wait_for()
        assert run(page).startswith("(480, 640, 3)")
        page.get_by_role("button", name="Stop camera").click()
        picture = scenes.scene([(60, 40)], size=(300, 400))
        Image.fromarray(picture).save(tmp_path / "own.png")
        page.locator(".emotionlab-webcam input[type=file]").set_input_files(tmp_path / "own.png")
        page.get_by_role("status").filter(has_text="(400 x 300 pixels)").wait_for()
        assert page.evaluate(f"{PANEL}.dataset.label").startswith("happy")
        assert run(page, 2) == f"(300, 400, 3) {picture.mean():.0f}"
        page.get_by_role("button", name="Snapshot").click()  # the camera is off: it goes on for one picture
        page.get_by_role("status").filter(has_text="(640 x 480 pixels)").wait_for()
        assert cameras_on(page) == 0
        assert run(page, 3).startswith("(480, 640, 3)")


def test_a_file_that_is_no_picture_is_refused(panel, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    panel.locator(".emotionlab-webcam input[type=file]").set_input_files(tmp_path / "text.jpg")
    panel.get_by_role("alert").filter(has_text="text.jpg is no picture").wait_for()


# ------------------------------------------------------------------------------------------ a busy kernel


def test_it_goes_on_while_another_cell_runs_and_after_an_interrupt(lab, open_page, drawn_film):
    with open_page(camera=drawn_film) as page:
        show(page, lab, "import time\ntime.sleep(600)", "print('done: again')")
        start(page)
        browsers.run_cell(page, 1)
        wait(page, "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
        wait_for_frames(page, 15)
        browsers.command(page, "notebook:interrupt-kernel")
        page.locator(".jp-OutputArea-output", has_text="KeyboardInterrupt").first.wait_for()
        wait_for_frames(page, 15)
        assert run(page, 2) == "again"


SILENCE = """
kinds = []
def deaf(widget, message, buffers):
    kinds.append(message["kind"])
cam.on_msg(cam._received, remove=True)
cam.on_msg(deaf)
print('done: deaf')
"""
HEARING = """
cam.on_msg(deaf, remove=True)
cam.on_msg(cam._received)
print('done:', kinds.count("frame"), set(kinds) <= {"frame", "ping"}, len(kinds))
"""


def test_a_silent_kernel_gets_two_frames_and_few_questions_and_then_it_goes_on(lab, open_page, drawn_film):
    with open_page(camera=drawn_film) as page:
        show(page, lab, SILENCE, HEARING)
        start(page)
        run(page)
        page.get_by_role("alert").filter(has_text="does not answer").wait_for()
        page.wait_for_timeout(6000)
        frames_sent, only_questions, messages = run(page, 2).split()
        assert int(frames_sent) <= 2
        assert only_questions == "True"
        assert int(messages) <= 6
        wait_for_frames(page, 10)
        assert not page.get_by_role("alert").filter(has_text="does not answer").is_visible()


# ------------------------------------------------------------------------------------------ looks


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_words_can_be_read_in_both_themes(panel, theme):
    panel.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    wait(panel, f"document.body.dataset.jpThemeName === '{theme}'")
    panel.wait_for_timeout(500)
    for selector in (".ew-status", ".ew-promise", ".ew-main", ".ew-bar"):
        assert contrast(panel, selector) >= 4.5, selector


def contrast(page, selector: str) -> float:
    """Contrast of a text with what lies behind it, as WCAG 2 defines it."""
    text, ground = page.evaluate(
        """selector => {
          const node = document.querySelector(`.emotionlab-webcam ${selector}`);
          const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
          let behind = node;
          while (numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
          return [numbers(getComputedStyle(node).color), numbers(getComputedStyle(behind).backgroundColor)];
        }""",
        selector,
    )
    light, dark = sorted((_luminance(text[:3]), _luminance(ground[:3])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour) -> float:
    parts = np.array(colour) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_reduced_motion_gets_calm_bars(lab, open_page, drawn_film):
    with open_page(camera=drawn_film, reduced_motion="reduce") as page:
        show(page, lab)
        start(page)
        page.evaluate(
            """() => {
              window.changes = 0;
              const watch = new MutationObserver(() => { window.changes += 1; });
              watch.observe(document.querySelector(".ew-bar"), { attributes: true });
            }"""
        )
        page.wait_for_timeout(3000)
        assert page.evaluate("() => window.changes") <= 7
        assert page.evaluate("() => getComputedStyle(document.querySelector('.ew-fill')).transitionDuration") == "0s"


def test_everything_has_a_name_for_screen_readers(panel):
    nameless = panel.evaluate(
        """() => [...document.querySelectorAll(".emotionlab-webcam :is(button, select, input, [role])")]
          .filter(node => !(node.ariaLabel || node.labels?.length || node.textContent.trim()
                            || ["alert", "status"].includes(node.getAttribute("role"))))
          .map(node => node.outerHTML)"""
    )
    assert nameless == []
    assert panel.get_by_role("meter").count() == 7
    assert panel.locator(".ew-status").get_attribute("aria-live") == "polite"
