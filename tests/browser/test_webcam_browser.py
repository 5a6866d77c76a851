"""el.webcam() in JupyterLab, in a real browser with a fake camera."""

import itertools
import json
import shutil
from pathlib import Path

import browsers
import pytest
import scenes
from webcam_page import CELL, PANEL, overlay_marks, start, wait, wait_for_frames

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


def run(page, number: int = 1) -> str:
    """Run a cell and return what it prints after "done:"."""
    browsers.run_cell(page, number)
    output = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output", has_text="done:")
    return output.inner_text().split("done:")[-1].strip()


@pytest.fixture(autouse=True)
def no_kernel_stays(lab):
    """Each test starts without the kernels of the others."""
    yield
    lab.end_kernels()


# ------------------------------------------------------------------------------------------ live


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


# ------------------------------------------------------------------------------------------ looks


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
