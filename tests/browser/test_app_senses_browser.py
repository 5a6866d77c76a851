"""The app's tabs Text, Voice and Video in a real browser; a bundled voice is spoken into the fake microphone."""

import browsers
import pytest
import scenes
from app_server import running_app
from films import film_with_voice

import emotionlab as el
from emotionlab.live.bundled import bundled_voice

PANEL = "document.querySelector('.emotionlab-microphone')"


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory):
    """One app for all tests of this file."""
    with running_app(tmp_path_factory.mktemp("app"), "haar") as running:
        yield running


def visit(page, server, tab: str) -> None:
    page.goto(server.address)
    page.get_by_role("tab", name=tab).click(timeout=240_000)


def test_a_text_is_typed_and_read(open_page, server):
    before = len(server.written())
    with open_page(size=(1280, 1000)) as page:
        visit(page, server, "Text")
        page.get_by_label("A text in English").fill("My cat died last night, and I miss her.")
        page.get_by_role("button", name="Read it").click()
        page.wait_for_selector("#text-bars .el-most")
        assert "The network reads: sad" in page.locator("#text-bars").inner_text()
        assert page.locator("#text-bars tr").count() == 7
        assert page.locator("#text-words .el-for", has_text="miss").count() == 1
        browsers.keep(page, "app_text.png")
        page.set_viewport_size({"width": 400, "height": 1600})
        browsers.keep(page, "app_text_narrow.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert server.written()[before:] == []


def test_a_voice_is_spoken_and_its_bars_can_be_read(open_page, server, spoken):
    before, files = len(server.written()), server.files()
    with open_page(voice=spoken, size=(1280, 1100)) as page:
        visit(page, server, "Voice")
        page.get_by_role("button", name="Start recording").click()
        page.wait_for_function(f"() => {PANEL}.dataset.state === 'recording'")
        page.wait_for_timeout(4000)
        browsers.keep(page, "app_voice_recording.png")
        page.get_by_role("button", name="Stop and listen").click()
        page.wait_for_function(f"() => {PANEL}.dataset.label?.length > 0")
        assert page.evaluate(f"{PANEL}.dataset.label").startswith("happy")
        bars = page.locator(".emotionlab-microphone .ew-bar")
        assert bars.count() == 7
        never = [words.split("\n")[0] for words in bars.all_inner_texts() if "never heard by this network" in words]
        assert never == ["disgust", "fear", "surprise"]
        assert page.evaluate(browsers.CAMERAS_ON) == 0
        browsers.keep(page, "app_voice.png")
        page.set_viewport_size({"width": 400, "height": 1600})
        browsers.keep(page, "app_voice_narrow.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert server.written()[before:] == []
    assert server.files() == files


def test_a_refused_microphone_and_a_bad_file_are_told_in_the_app_too(open_page, server, spoken, tmp_path):
    (tmp_path / "notes.wav").write_text("no sound", encoding="utf-8")
    with open_page(voice=spoken, allowed=False, color_scheme="dark") as page:
        visit(page, server, "Voice")
        page.get_by_role("button", name="Start recording").click()
        page.get_by_role("alert").filter(has_text="The microphone was refused").wait_for()
        page.locator(".emotionlab-microphone input[type=file]").set_input_files(tmp_path / "notes.wav")
        page.get_by_role("alert").filter(has_text="notes.wav").wait_for()
        page.locator(".emotionlab-microphone input[type=file]").set_input_files(spoken)
        page.wait_for_function(f"() => {PANEL}.dataset.label?.startsWith('happy')")
        browsers.keep(page, "app_voice_dark.png")


def test_a_film_with_sound_is_shown_on_one_time_line(open_page, server, tmp_path):
    wave = el.sound.read_sound(bundled_voice())
    pictures = [scenes.tinted(scenes.scene([(200 + 2 * i, 140)])) for i in range(10 * len(wave) // 16_000)]
    film = film_with_voice(tmp_path / "talk.mp4", pictures, wave)
    with open_page(size=(1280, 1900)) as page:
        visit(page, server, "Video")
        page.locator(".tabitem:visible input[type=file]").first.set_input_files(str(film))
        page.get_by_text("talk").first.wait_for()
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Look at the video").click()
        page.wait_for_selector("#film img", timeout=300_000)
        assert "Voice: happy" in page.locator("#film").inner_text()
        page.wait_for_function("() => document.body.innerText.replaceAll('\\n', '').includes('seconds.csv')")
        browsers.keep(page, "app_video_line.png")
