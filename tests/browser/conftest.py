"""Fixtures of the tests in a real browser; what they are made of stands in tests/browsers.py.

def test_something(open_page, drawn_film):
    with open_page(camera=drawn_film) as page:      # a playwright page with the fake camera
        page.goto("http://127.0.0.1:7860")
"""

from pathlib import Path

import browsers
import pytest


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of chromium; without it or without playwright the test is skipped aloud."""
    return browsers.chromium()


@pytest.fixture
def open_page(chromium):
    """`browsers.open_page`: opens a page; requests to other machines fail the test."""
    return browsers.open_page


@pytest.fixture(scope="session")
def drawn_film(tmp_path_factory) -> Path:
    """A film for the fake camera: one happy drawn face that moves a little, 640 x 480."""
    return browsers.drawn_film(tmp_path_factory.mktemp("film") / "drawn.mjpeg")


@pytest.fixture(scope="session")
def spoken(tmp_path_factory) -> Path:
    """A sound for the fake microphone: the bundled voice, which is happy."""
    return browsers.voice_file(tmp_path_factory.mktemp("voice") / "voice.wav")


@pytest.fixture(scope="session")
def astronaut_film(tmp_path_factory) -> Path:
    """A film for the fake camera: the astronaut photo, 640 x 480; skipped aloud without EMOTIONLAB_PHOTOS."""
    return browsers.photo_film(tmp_path_factory.mktemp("film") / "astronaut.mjpeg")


@pytest.fixture(scope="module")
def lab(chromium, tmp_path_factory):
    """A JupyterLab of its own, shared by the tests of one file."""
    with browsers.running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running
