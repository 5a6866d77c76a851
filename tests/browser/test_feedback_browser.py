"""The form of `emotionlab app --feedback` in a real browser: below an answer, by keyboard, kept in one row."""

import browsers
import pytest
from app_server import running_app

from emotionlab.live.feedback import read_rows


@pytest.fixture(scope="module")
def replies(tmp_path_factory):
    return tmp_path_factory.mktemp("replies") / "replies.csv"


@pytest.fixture(scope="module")
def server(chromium, tmp_path_factory, replies):
    with running_app(tmp_path_factory.mktemp("app"), "haar", feedback=replies) as running:
        yield running


def test_a_reply_is_ticked_and_kept(open_page, server, replies):
    with open_page(size=(1280, 1900)) as page:
        page.goto(server.address)
        page.get_by_text("Feedback is on").wait_for(timeout=240_000)
        assert not page.locator("#feedback").is_visible(), "asked after an answer, not before"
        page.get_by_role("button", name="One drawn face").click()
        page.locator("#feedback").wait_for()
        assert "happy" in page.locator("#feedback").inner_text()
        browsers.keep(page, "app_feedback.png")
        page.get_by_role("button", name="Keep my reply").click()
        page.get_by_role("alert").filter(has_text="first question").wait_for()
        page.locator("fieldset", has_text="Was the word right?").get_by_label("no", exact=True).check()
        page.locator("fieldset", has_text="Which one would").get_by_label("neutral").check()
        page.locator("fieldset", has_text="easy to use").get_by_label("4 agree").check()
        page.get_by_role("button", name="Keep my reply").click()
        page.get_by_text("Your reply was kept").wait_for()
        page.locator("#feedback").wait_for(state="hidden")
        (row,) = read_rows(replies)
        assert (row["input"], row["said"], row["person"], row["easy"]) == ("picture", "happy", "neutral", "4")

        page.get_by_role("tab", name="Text").click()
        page.get_by_role("button", name="My cat died last night.").click()
        page.locator("#feedback").wait_for()
        assert "the text: sad" in page.locator("#feedback").inner_text()
        page.wait_for_function(
            "() => !document.querySelector('#feedback input:checked')", timeout=15_000
        )  # nothing is ticked for somebody
        page.get_by_role("button", name="No, thank you").click()
        page.locator("#feedback").wait_for(state="hidden")

        page.get_by_role("tab", name="Voice").click()
        page.get_by_role("button", name="Use the bundled voice").click()
        page.locator("#feedback").wait_for()
        assert "the voice: happy" in page.locator("#feedback").inner_text()
        page.set_viewport_size({"width": 400, "height": 2600})
        browsers.keep(page, "app_feedback_narrow.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert len(read_rows(replies)) == 1
