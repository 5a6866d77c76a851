"""el.microphone() in JupyterLab, in a real browser with a fake microphone that speaks a bundled voice."""

import itertools
import json

import browsers
import pytest

PANEL = "document.querySelector('.emotionlab-microphone')"
CELL = "import emotionlab as el\n\nmic = el.microphone(seconds=%s)\nmic"
WATCH = """
import sys
written = []
def watch(event, args):
    if event == "open" and isinstance(args[2], int) and args[2] & 3 and "/dev/" not in str(args[0]):
        written.append(str(args[0]))
sys.addaudithook(watch)
print("done: watching")
"""
NUMBERS = itertools.count(1)


def show(page, lab, *cells: str, seconds: int = 60) -> None:
    """Run the first cell of a notebook, which shows the panel."""
    name = lab.write_notebook(f"microphone_{next(NUMBERS):02}.ipynb", CELL % seconds, *cells)
    browsers.open_notebook(page, lab, name)
    browsers.run_cell(page, 0)
    page.wait_for_selector(".emotionlab-microphone[data-state=off]")


def wait(page, condition: str) -> None:
    page.wait_for_function(f"() => {condition}")


def run(page, number: int = 1) -> str:
    """Run a cell and return what it prints after "done:"."""
    browsers.run_cell(page, number)
    output = page.locator(".jp-CodeCell").nth(number).locator(".jp-OutputArea-output", has_text="done:")
    return output.inner_text().split("done:")[-1].strip()


def bars(page) -> dict[str, str]:
    """What stands beside each bar, which is also what a screen reader says."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".emotionlab-microphone .ew-bar")]
          .map(bar => [bar.dataset.emotion, bar.querySelector(".ew-number").textContent]))"""
    )


@pytest.fixture(autouse=True)
def no_kernel_stays(lab):
    """Each test starts without the kernels of the others."""
    yield
    lab.end_kernels()


def test_a_voice_is_recorded_until_its_time_is_over_and_answered(lab, open_page, spoken):
    cells = (WATCH, "print('done:', mic.result.emotion, len(mic.wave) > 40_000, written)")
    with open_page(voice=spoken) as page:
        show(page, lab, *cells, seconds=3)
        run(page)
        page.get_by_role("button", name="Start recording").click()
        wait(page, f"{PANEL}.dataset.state === 'recording'")
        assert "Recording" in page.inner_text(".ew-sign"), "a sign that can be seen"
        page.get_by_role("status").filter(has_text="Recording: speak now").wait_for()  # and one that can be heard
        level = "document.querySelector('.emotionlab-microphone .ew-level')"
        wait(page, f"Number({level}.getAttribute('aria-valuenow')) > -50")
        browsers.keep(page, "microphone_recording.png")
        wait(page, f"{PANEL}.dataset.label?.length > 0")  # nobody pressed Stop
        assert page.evaluate(f"{PANEL}.dataset.label").startswith("happy")
        page.get_by_role("status").filter(has_text="happy").wait_for()
        found = bars(page)
        assert {name for name, words in found.items() if words == "never heard by this network"} == {
            *("disgust", "fear", "surprise")
        }
        assert [name for name, words in found.items() if "\u25c0" in words] == ["happy"]
        assert page.evaluate(browsers.CAMERAS_ON) == 0, "the microphone is off"
        assert not page.locator(".ew-sign").is_visible()
        browsers.keep(page, "microphone.png")
        emotion, long_enough, written = run(page, 2).split(" ", 2)
        assert (emotion, long_enough) == ("happy", "True")
        assert [name for name in json.loads(written.replace("'", '"')) if "history.sqlite" not in name] == []


def test_by_keyboard_and_thrown_away_with_escape(lab, open_page, spoken):
    with open_page(voice=spoken) as page:
        show(page, lab, "print('done:', mic.result)")
        page.get_by_role("button", name="Start recording").focus()
        page.keyboard.press("Enter")
        wait(page, f"{PANEL}.dataset.state === 'recording'")
        page.keyboard.press("Escape")
        wait(page, f"{PANEL}.dataset.state === 'off'")
        assert page.evaluate(browsers.CAMERAS_ON) == 0
        page.get_by_role("status").filter(has_text="thrown away").wait_for()
        assert run(page) == "None"
        page.get_by_role("button", name="Start recording").focus()
        page.keyboard.press("Space")
        wait(page, f"{PANEL}.dataset.state === 'recording'")
        page.keyboard.press("Space")
        wait(page, f"{PANEL}.dataset.state === 'off'")


def test_a_refused_microphone_says_what_to_do_and_the_next_rungs_work(lab, open_page, spoken, tmp_path):
    with open_page(voice=spoken, allowed=False) as page:
        show(page, lab)
        page.get_by_role("button", name="Start recording").click()
        problem = page.get_by_role("alert").filter(has_text="refused")
        assert "allow the microphone" in problem.inner_text()
        browsers.keep(page, "microphone_refused.png")
        page.get_by_role("button", name="Use the bundled voice").click()
        wait(page, f"{PANEL}.dataset.label?.startsWith('happy')")
        assert not problem.is_visible()
        (tmp_path / "notes.wav").write_text("no sound", encoding="utf-8")
        page.locator(".emotionlab-microphone input[type=file]").set_input_files(tmp_path / "notes.wav")
        page.get_by_role("alert").filter(has_text="notes.wav").wait_for()
        page.locator(".emotionlab-microphone input[type=file]").set_input_files(spoken)
        wait(page, f"{PANEL}.dataset.label?.startsWith('happy')")


def test_everything_has_a_name_for_screen_readers_and_goes_off_with_its_cell(lab, open_page, spoken):
    with open_page(voice=spoken) as page:
        show(page, lab, "1")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll(".emotionlab-microphone :is(button, select, input, [role])")]
              .filter(node => !(node.ariaLabel || node.labels?.length || node.textContent.trim()
                                || ["alert", "status"].includes(node.getAttribute("role"))))
              .map(node => node.outerHTML)"""
        )
        assert nameless == []
        assert page.get_by_role("meter").count() == 8, "seven bars and the level"
        for how in ("notebook:clear-cell-output", "notebook:delete-cell"):
            browsers.run_cell(page, 0)
            page.wait_for_selector(".emotionlab-microphone[data-state=off]")
            page.get_by_role("button", name="Start recording").click()
            wait(page, f"{PANEL}.dataset.state === 'recording'")
            browsers.select_cell(page, 0)
            browsers.command(page, how)
            wait(page, f"({browsers.CAMERAS_ON})() === 0 && !{PANEL}")
