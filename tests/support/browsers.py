"""A real browser with a fake camera: Debian's chromium and ffmpeg, playwright from PyPI; skipped aloud without them.

Every page that `open_page` gives records where it sends requests, and fails the test at its end when that is any
machine but this one. JupyterLab runs in a folder of its own, so that each file it writes can be seen.
"""

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import scenes

from emotionlab.commands.lab import HOST, _ask, _stop, lab_command, lab_environment

HERE = ("127.0.0.1", "localhost")
"""The only machine that a page may talk to."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)
_KEEP_STREAMS = """
window.cameraStreams = [];
if (navigator.mediaDevices) {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.cameraStreams.push(stream);
    return stream;
  };
}
"""
CAMERAS_ON = "() => window.cameraStreams.flatMap(s => s.getTracks()).filter(t => t.readyState === 'live').length"
"""JavaScript: how many cameras of this page are running."""


def chromium() -> str:
    """Path of the browser, or skip aloud."""
    pytest.importorskip("playwright.sync_api", reason="browser tests: pip install playwright")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("browser tests: install chromium and ffmpeg (Debian: apt-get install chromium ffmpeg)")
    return path


# ------------------------------------------------------------------------------------------- the fake camera


def film(pictures, path: Path, fps: int = 30) -> Path:
    """Pictures, each (H, W, 3) uint8, as a film that the fake camera shows in a loop; skipped aloud without ffmpeg."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("browser tests: install ffmpeg (Debian: apt-get install ffmpeg)")
    pictures = list(pictures)
    height, width = pictures[0].shape[:2]
    command = [ffmpeg, "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"]
    command += ["-framerate", str(fps), "-i", "-", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p"]
    pixels = b"".join(np.ascontiguousarray(picture).tobytes() for picture in pictures)
    subprocess.run([*command, "-f", "mjpeg", str(path)], input=pixels, check=True, timeout=120)
    return path


def drawn_film(path: Path, frames: int = 30) -> Path:
    """A happy drawn face in a scene of 640 x 480, which moves to and fro."""
    steps = np.sin(np.linspace(0, 2 * np.pi, frames, endpoint=False))
    return film([scenes.tinted(scenes.scene([(200 + round(30 * step), 140)])) for step in steps], path)


def photo_film(path: Path, name: str = "astronaut.png", frames: int = 10) -> Path:
    """A photo, fitted into 640 x 480; skip aloud without photos."""
    from PIL import Image, ImageOps

    with Image.open(scenes.photo(name)) as image:
        still = np.asarray(ImageOps.pad(image.convert("RGB"), (640, 480)))
    return film([still] * frames, path)


def voice_file(path: Path) -> Path:
    """The bundled voice as a .wav file, which the fake microphone speaks."""
    import soundfile

    from emotionlab.live.bundled import bundled_voice
    from emotionlab.sound.reading import read_sound

    soundfile.write(path, read_sound(bundled_voice()), 16_000)
    return path


# ------------------------------------------------------------------------------------------- pages


@contextlib.contextmanager
def open_page(camera=None, allowed: bool = True, size=(1280, 1300), voice=None, **context):
    """A playwright page. camera: a film that the fake camera shows. voice: a .wav that is spoken into the fake
    microphone, again and again. allowed: whether the browser grants them.

    `page.foreign` lists requests to other machines; at the end the test fails if there is one.
    context: further options of playwright's new_context, such as color_scheme="dark".
    """
    from playwright.sync_api import sync_playwright

    flags = list(_FLAGS)
    if camera is not None:
        flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={Path(camera).absolute()}"]
    if voice is not None:
        flags += ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={Path(voice).absolute()}"]
    if camera is not None or voice is not None:
        flags += ["--use-fake-ui-for-media-stream"] if allowed else []
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        try:
            room = browser.new_context(viewport={"width": size[0], "height": size[1]}, **context)
            page = room.new_page()
            page.foreign, page.requested = [], []
            room.on("request", lambda request: _note(page, request.url))
            room.on("page", lambda new: new.on("websocket", lambda socket: _note(page, socket.url)))
            page.on("websocket", lambda socket: _note(page, socket.url))
            page.add_init_script(_KEEP_STREAMS)
            page.set_default_timeout(60_000)
            yield page
        finally:
            browser.close()
    assert not page.foreign, f"requests to other machines: {page.foreign[:5]}"
    assert page.requested, "no request was seen, so the log proves nothing"


def _note(page, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss"):
        (page.requested if parts.hostname in HERE else page.foreign).append(url)


# ------------------------------------------------------------------------------------------- JupyterLab


@dataclass
class Lab:
    """A running JupyterLab. folder: everything that it writes lies below; course: what it shows."""

    folder: Path
    port: int
    token: str
    server: subprocess.Popen = field(repr=False)

    @property
    def course(self) -> Path:
        """The folder that JupyterLab shows."""
        return self.folder / "course"

    def address(self, notebook: str) -> str:
        """Where the browser finds a notebook of the course folder."""
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?token={self.token}&reset"

    def end_kernels(self) -> None:
        """End every kernel, so that those of earlier tests take no time from later ones."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/kernels", headers={"Authorization": f"token {self.token}"}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy for our own machine
        with direct.open(asked, timeout=30) as answer:
            running = json.load(answer)
        for kernel in running:
            with contextlib.suppress(OSError):  # gone by itself
                _ask(self.port, self.token, f"/api/kernels/{kernel['id']}", method="DELETE")

    def write_notebook(self, name: str, *cells: str) -> str:
        """Put a notebook with these code cells into the course folder, and return its name."""
        from nbformat import v4, write

        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        write(notebook, self.course / name)
        return name


@contextlib.contextmanager
def running_lab(folder: Path, **environment: str) -> Iterator[Lab]:
    """JupyterLab on a free port of this machine, in a fresh folder, with a token; stopped at the end."""
    for name in ("course", "tmp", "home", "data", "runs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    token, port = secrets.token_hex(24), own_port()
    variables = lab_environment(folder / "course", token) | _folders(folder) | environment
    command = [*lab_command(folder / "course", port, browser=False), "--LabApp.expose_app_in_browser=True"]
    with open(folder / "server.txt", "wb") as said:
        server = subprocess.Popen(command, env=variables, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        _wait_until_it_answers(server, port, token, folder)
        yield Lab(folder, port, token, server)
    finally:
        _stop(server, port, token)


def own_port() -> int:
    """A free port that the system chooses: two workers that both look for the first free one would find the same."""
    with socket.create_server((HOST, 0)) as server:
        return server.getsockname()[1]


def _folders(folder: Path) -> dict[str, str]:
    """Every place to which the server and its kernels may want to write, inside `folder`."""
    home = str(folder / "home")
    names = ("HOME", "USERPROFILE", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder / "tmp"))
    own = {"EMOTIONLAB_DATA": str(folder / "data"), "EMOTIONLAB_RUNS": str(folder / "runs")}
    return {**dict.fromkeys(names, home), **temporary, **own, "PYTHONPATH": os.pathsep.join(_import_path())}


def _import_path() -> list[str]:
    """The checkout comes first, whatever is installed."""
    return [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]


def _wait_until_it_answers(server, port: int, token: str, folder: Path, patience: float = 300) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            _ask(port, token, "/api/status")
            return
        if server.poll() is not None:
            break
        time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start: {(folder / 'server.txt').read_text(encoding='utf-8')[-2000:]}")


def open_notebook(page, lab: Lab, name: str) -> None:
    """Show a notebook in JupyterLab and wait until its kernel is ready."""
    page.goto(lab.address(name))
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=240_000)
    status = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status"
    page.wait_for_function(f"() => {status} === 'idle'", timeout=240_000)


def run_cell(page, number: int) -> None:
    """Start a cell, the first is 0; a click into an output selects its cell, so none is taken for selected."""
    select_cell(page, number)
    command(page, "notebook:run-cell")


def select_cell(page, number: int) -> None:
    """Make a cell the one that commands work on."""
    page.evaluate("n => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = n; }", number)


def command(page, name: str) -> None:
    """Start a command of JupyterLab, such as "notebook:run-cell", which need not have ended when this returns."""
    page.evaluate("name => { window.jupyterapp.commands.execute(name); }", name)


def keep(page, name: str) -> None:
    """Keep a picture of the page in the folder that EMOTIONLAB_SCREENSHOTS names, if it names one."""
    folder = os.environ.get("EMOTIONLAB_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / name)
