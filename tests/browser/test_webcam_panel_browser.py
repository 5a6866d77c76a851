"""The panel of el.webcam() in JupyterLab: one page, one kernel and one fake camera for all tests of this file."""

import browsers
import numpy as np
import pytest
import scenes
from PIL import Image
from webcam_page import CELL, PANEL, bars, cameras_on, overlay_marks, start, wait, wait_for_frames

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
CELLS = {
    "panel": CELL,
    "sizes": "print('done:', cam.mirror, cam.width, cam.result.width)",
    "snapshot": "print('done:', cam.snapshot.shape, round(float(cam.snapshot.mean())))",
    "stop": "cam.stop(); print('done: stopped')",
    "sleep": "import time\ntime.sleep(600)",
    "again": "print('done: again')",
    "silence": SILENCE,
    "hearing": HEARING,
}
"""The cells of the notebook, by a name for each."""


@pytest.fixture(scope="module")
def page(lab, chromium, drawn_film):
    """The notebook in JupyterLab; the camera sees a drawn face."""
    name = lab.write_notebook("panel.ipynb", *CELLS.values())
    with browsers.open_page(camera=drawn_film) as page:
        browsers.open_notebook(page, lab, name)
        yield page


@pytest.fixture
def panel(page):
    """The page with the panel shown anew, its camera off."""
    browsers.command(page, "notebook:clear-all-cell-outputs")
    wait(page, f"!{PANEL} && ({browsers.CAMERAS_ON})() === 0")
    page.evaluate("() => { window.cameraStreams = []; }")
    browsers.run_cell(page, 0)
    page.wait_for_selector(".emotionlab-webcam[data-state=off]")
    return page


def run(page, name: str) -> str:
    """Run a cell and return what it prints after "done:"."""
    number = list(CELLS).index(name)
    outputs = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output")
    browsers.select_cell(page, number)
    browsers.command(page, "notebook:clear-cell-output")
    outputs.first.wait_for(state="detached")
    browsers.run_cell(page, number)
    return outputs.filter(has_text="done:").inner_text().split("done:")[-1].strip()


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


def test_the_bars_are_as_long_as_they_say(panel):
    panel.get_by_role("button", name="Use the drawn picture").click()
    wait(panel, f"{PANEL}.dataset.faces === '1'")
    panel.wait_for_timeout(600)  # the bars glide
    lengths = "[...document.querySelectorAll('.ew-fill')].map(one => one.getBoundingClientRect().width)"
    measured = panel.evaluate(lengths)
    np.testing.assert_allclose(measured, [width for _, width, *_ in bars(panel)], atol=2)
    assert max(measured) > 60


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


def test_mirror_camera_and_size_can_be_chosen(panel):
    start(panel)
    assert panel.locator("video.ew-mirrored").count() == 1
    panel.get_by_label("Mirror").uncheck()
    assert panel.locator("video.ew-mirrored").count() == 0
    panel.get_by_label("Frames").select_option("320")
    cameras = panel.locator(".emotionlab-webcam select").first
    cameras.locator("option").nth(1).wait_for(state="attached")
    cameras.select_option(index=1)
    wait(panel, "window.cameraStreams.length === 2")
    wait_for_frames(panel, 20)
    assert cameras_on(panel) == 1
    assert run(panel, "sizes") == "False 320 320"


# ------------------------------------------------------------------------------------------ the camera stops


@pytest.mark.parametrize("how", ["notebook:clear-cell-output", "notebook:run-cell", "notebook:delete-cell"])
def test_the_camera_stops_when_its_cell_is_cleared(panel, how):
    start(panel)
    assert cameras_on(panel) == 1
    browsers.select_cell(panel, 0)
    browsers.command(panel, how)
    try:
        wait(panel, f"({browsers.CAMERAS_ON})() === 0")
    finally:
        if how == "notebook:delete-cell":  # the next test needs the cell
            browsers.command(panel, "notebook:undo-cell-action")
            wait(panel, f"document.querySelectorAll('.jp-CodeCell').length === {len(CELLS)}")


def test_the_camera_stops_from_a_cell(panel):
    start(panel)
    assert run(panel, "stop") == "stopped"
    wait(panel, f"({browsers.CAMERAS_ON})() === 0")
    assert "from a cell" in panel.inner_text(".ew-status")


# ------------------------------------------------------------------------------------------ no camera


@pytest.mark.parametrize(
    ("name", "advice"),
    [("NotFoundError", "Plug one in"), ("NotReadableError", "Close other programs"), ("AbortError", "AbortError: why")],
)
def test_other_problems_of_the_camera_are_told_too(panel, name, advice):
    panel.evaluate(
        """name => {
          window.before = navigator.mediaDevices.getUserMedia;
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('why', name));
        }""",
        name,
    )
    try:
        panel.get_by_role("button", name="Start camera").click()
        panel.get_by_role("alert").filter(has_text=advice).wait_for()
        assert panel.evaluate(f"{PANEL}.dataset.state") == "off"
    finally:
        panel.evaluate("() => { navigator.mediaDevices.getUserMedia = window.before; }")


def test_a_page_that_may_use_no_camera_says_where_one_may(panel):
    panel.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true })")
    try:
        panel.get_by_role("button", name="Start camera").click()
        panel.get_by_role("alert").filter(has_text="http://localhost").wait_for()
    finally:
        panel.evaluate("() => { delete navigator.mediaDevices; }")  # the browser's own is there again


# ------------------------------------------------------------------------------------------ pictures


def test_snapshots_and_pictures_are_kept_in_the_kernel(panel, tmp_path):
    start(panel)
    panel.get_by_role("button", name="Snapshot").click()
    panel.get_by_role("status").filter(has_text="(640 x 480 pixels)").wait_for()
    assert run(panel, "snapshot").startswith("(480, 640, 3)")
    panel.get_by_role("button", name="Stop camera").click()
    picture = scenes.scene([(60, 40)], size=(300, 400))
    Image.fromarray(picture).save(tmp_path / "own.png")
    panel.locator(".emotionlab-webcam input[type=file]").set_input_files(tmp_path / "own.png")
    panel.get_by_role("status").filter(has_text="(400 x 300 pixels)").wait_for()
    assert panel.evaluate(f"{PANEL}.dataset.label").startswith("happy")
    assert run(panel, "snapshot") == f"(300, 400, 3) {picture.mean():.0f}"
    panel.get_by_role("button", name="Snapshot").click()  # the camera is off: it goes on for one picture
    panel.get_by_role("status").filter(has_text="(640 x 480 pixels)").wait_for()
    assert cameras_on(panel) == 0
    assert run(panel, "snapshot").startswith("(480, 640, 3)")


def test_a_file_that_is_no_picture_is_refused(panel, tmp_path):
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    panel.locator(".emotionlab-webcam input[type=file]").set_input_files(tmp_path / "text.jpg")
    panel.get_by_role("alert").filter(has_text="text.jpg is no picture").wait_for()


# ------------------------------------------------------------------------------------------ a busy kernel


def test_it_goes_on_while_another_cell_runs_and_after_an_interrupt(panel):
    start(panel)
    browsers.run_cell(panel, list(CELLS).index("sleep"))
    wait(panel, "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'busy'")
    wait_for_frames(panel, 15)
    browsers.command(panel, "notebook:interrupt-kernel")
    panel.locator(".jp-OutputArea-output", has_text="KeyboardInterrupt").first.wait_for()
    wait_for_frames(panel, 15)
    assert run(panel, "again") == "again"


def test_a_silent_kernel_gets_two_frames_and_few_questions_and_then_it_goes_on(panel):
    start(panel)
    run(panel, "silence")
    panel.get_by_role("alert").filter(has_text="does not answer").wait_for()
    panel.wait_for_timeout(6000)
    frames_sent, only_questions, messages = run(panel, "hearing").split()
    assert int(frames_sent) <= 2
    assert only_questions == "True"
    assert int(messages) <= 6
    wait_for_frames(panel, 10)
    assert not panel.get_by_role("alert").filter(has_text="does not answer").is_visible()


# ------------------------------------------------------------------------------------------ looks


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
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
