"""A short film of the webcam demo: `uv run --group site python tests/support/demo_film.py SITE FILM.webm`.

SITE is a site that `emotionlab site` built. Chromium opens its first page with a fake camera, which shows drawn faces
whose expression changes and then the public-domain photo; what the page shows is photographed and put together.
No camera is used, and nobody is shown but the astronaut of the photo. The film plays five pictures a second, and so
runs faster than the page where a machine takes fewer.
"""

import functools
import http.server
import itertools
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import browsers
import numpy as np
from PIL import Image, ImageOps

from emotionlab.data.drawn import EMOTION_UNITS, draw_face
from emotionlab.live.bundled import PHOTO

EXPRESSIONS = ("neutral", "happy", "surprise", "angry", "neutral")
SECONDS, FPS = 60, 5
_SIDE = 300


def camera_pictures(steps: int = 30):
    """What the fake camera sees, (480, 640, 3) uint8 each: one face from expression to expression, then the photo."""
    for start, end in itertools.pairwise(EXPRESSIONS):
        for step in (*np.linspace(0, 1, steps), *[1.0] * 2 * steps):
            units = {
                unit: (1 - step) * EMOTION_UNITS[start].get(unit, 0) + step * EMOTION_UNITS[end].get(unit, 0)
                for unit in EMOTION_UNITS[start] | EMOTION_UNITS[end]
            }
            yield _scene(draw_face(units, identity=6))
    photo = np.asarray(ImageOps.pad(Image.open(PHOTO).convert("RGB"), (640, 480)))
    yield from [photo] * 4 * steps


def _scene(face: np.ndarray) -> np.ndarray:
    picture = Image.new("RGB", (640, 480), (60, 60, 60))
    picture.paste(Image.fromarray(face).resize((_SIDE, _SIDE), Image.BICUBIC), (170, 90))
    return np.asarray(picture)


def main(site: str, target: str) -> None:
    """Write the film."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = browsers.film(camera_pictures(), folder / "camera.mjpeg", fps=10)
        with browsers.open_page(camera=camera, size=(1000, 640), reduced_motion="reduce") as page:
            page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
            page.click("#el-try-camera")
            page.wait_for_function("() => document.getElementById('el-try-speed').textContent")
            page.evaluate("document.getElementById('el-try-area').scrollIntoView()")
            area = page.locator("#el-try-area").bounding_box()
            for number in range(SECONDS * FPS):
                page.screenshot(path=folder / f"{number:04}.jpg", type="jpeg", quality=85, clip=area)
                page.wait_for_timeout(1000 / FPS / 2)
        even = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
        given = ["-framerate", str(FPS), "-i", str(folder / "%04d.jpg"), "-vf", even]
        made = ["-c:v", "libvpx", "-b:v", "300k", "-deadline", "good", "-cpu-used", "4", "-an", target]
        subprocess.run(["ffmpeg", "-y", "-loglevel", "error", *given, *made], check=True)
    server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
