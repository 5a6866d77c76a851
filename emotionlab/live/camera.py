"""A camera on the kernel's own machine: OpenCV reads it, the notebook shows it.

    cam = el.camera()       # where el.webcam() cannot work, as in VS Code
    cam                     # shows the panel; press "Start camera"
    cam.snapshot            # the picture that "Snapshot" kept, (H, W, 3) uint8

Each frame is looked at, shown and forgotten; no file is written.
"""

import html
import threading
import time
from collections import deque
from dataclasses import replace

import numpy as np

from emotionlab.base import settings
from emotionlab.base.arguments import number, whole_number, yes_or_no
from emotionlab.base.errors import EmotionLabError
from emotionlab.live.bars import bars
from emotionlab.live.bundled import bundled_scene, jpeg
from emotionlab.live.frames import Live, LiveResult
from emotionlab.live.webcam import in_words
from emotionlab.recognition.drawing import draw_faces

MOST_FPS = 20.0
"""Frames a second that are shown at most: each is sent to the page as a picture."""

_MISSES = 20  # reads without a picture after which the camera counts as gone
_WORDS_EVERY = 3.0  # seconds between two announcements for screen readers
_FIGURES_EVERY = 0.5  # seconds between two changes of the bars


class Camera:
    """A panel with the picture of a camera of the kernel's machine.

    running: whether the camera is on. result: the `LiveResult` of the last frame; None before the first.
    snapshot: (H, W, 3) uint8, red first, never mirrored: what `take_snapshot` or the button kept; None before.
    fps: frames a second over the last thirty; 0 while the camera is off.
    """

    def __init__(self, live: Live, index: int = 0, mirror: bool = True, seconds: float = 300.0):
        self.live, self.index, self.mirror, self.seconds = live, index, mirror, seconds
        self.result, self.snapshot, self.message = None, None, "The camera is off."
        self._frame, self._thread, self._panel = None, None, None
        self._ending = threading.Event()
        self._times = deque(maxlen=30)

    @property
    def running(self) -> bool:
        """Whether frames are read now."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def fps(self) -> float:
        """Frames a second over the last thirty."""
        if not self.running or len(self._times) < 2:
            return 0.0
        return (len(self._times) - 1) / max(1e-6, self._times[-1] - self._times[0])

    def start(self) -> None:
        """Switch the camera on; it goes off by itself after `seconds`. Raises EmotionLabError where there is none."""
        if self.running:
            return
        video = _opened(self.index)
        self.live.reset()
        self._times.clear()
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, args=(video,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Switch the camera off and wait until it is."""
        self._ending.set()
        if self.running and threading.current_thread() is not self._thread:
            self._thread.join(5)

    def take_snapshot(self) -> np.ndarray:
        """Keep the last frame as `snapshot` and return it. Raises EmotionLabError before the first frame."""
        if self._frame is None:
            raise EmotionLabError("Expected a running camera, found no frame yet; start it and wait for a picture.")
        self.snapshot = np.ascontiguousarray(self._frame[..., ::-1])
        return self.snapshot

    def look(self, frame: np.ndarray) -> np.ndarray:
        """Recognise one frame (H, W, 3), blue first: the picture to show, red first, with boxes and labels."""
        self._frame = frame
        self.result = self.live(frame, channels="BGR")
        found, shown = self.result.faces, frame[..., ::-1]
        if self.mirror:
            shown = shown[:, ::-1]
            found = [replace(face, box=_mirrored(face.box, self.result.width)) for face in found]
        return draw_faces(np.ascontiguousarray(shown), found)

    def _run(self, video) -> None:
        """Read, look, show, until told to end. In a thread of its own, so that cells go on working."""
        end, misses, self.message = time.monotonic() + self.seconds, 0, "The camera is on."
        try:
            while not self._ending.is_set():
                began = time.monotonic()
                if began > end:
                    self.message = f"The camera went off by itself after {self.seconds:.0f} seconds."
                    return
                ok, frame = video.read()
                misses = 0 if ok else misses + 1
                if misses >= _MISSES:
                    self.message = "The camera sends no picture any more. Plug it in again, and start it."
                    return
                if ok:
                    self._show(self.look(frame))
                    self._times.append(time.monotonic())
                self._ending.wait(max(0.0, 1 / MOST_FPS - (time.monotonic() - began)))
            self.message = "The camera is off."
        except Exception as problem:  # nobody would see it in a thread
            self.message = f"The camera went off: {type(problem).__name__}: {problem}"
        finally:
            video.release()
            self._frame = None
            self._show(None)

    def _show(self, picture: np.ndarray | None) -> None:
        if self._panel is not None:
            self._panel.show(picture, self)

    def panel(self):
        """The ipywidgets box that shows this camera."""
        if self._panel is None:
            self._panel = _Panel(self)
        return self._panel.box

    def __repr__(self) -> str:
        if self.result is None:
            return f"Camera {self.index} of the kernel's machine. {self.message}"
        return f"Camera {self.index}: the last frame showed {in_words(self.result)}. {self.message}"

    def _ipython_display_(self) -> None:
        from IPython.display import Image, display

        if settings.headless():
            display(Image(data=jpeg(self.look(_bundled_frame())), alt=repr(self)))
        else:
            display({**(self.panel()._repr_mimebundle_() or {}), "text/plain": repr(self)}, raw=True)


class _Panel:
    """Buttons, picture, bars and status of a `Camera`."""

    def __init__(self, camera: Camera):
        import ipywidgets as widgets

        self._said, self._drawn = 0.0, 0.0
        self.button = widgets.Button(description="Start camera", tooltip="Start or stop the camera")
        keep = widgets.Button(description="Snapshot", tooltip="Keep the last frame as .snapshot")
        self.picture = widgets.Image(format="jpeg", width=640)
        self.bars, self.status = widgets.HTML(bars_html(None)), widgets.HTML()
        promise = widgets.HTML(
            "<p>Nothing is recorded: each frame is looked at on the kernel's machine, shown here and forgotten. "
            "Only Snapshot keeps one, in memory, as <code>.snapshot</code>.</p>"
        )
        self.button.on_click(lambda _: self._pressed(camera))
        keep.on_click(lambda _: self._keep(camera))
        side_by_side = widgets.HBox([self.picture, self.bars], layout=widgets.Layout(flex_flow="row wrap"))
        self.box = widgets.VBox([widgets.HBox([self.button, keep]), side_by_side, self.status, promise])
        self.say(camera.message)

    def _pressed(self, camera: Camera) -> None:
        if camera.running:
            camera.stop()
            return
        try:
            camera.start()
            self.button.description = "Stop camera"
            self.say("The camera is on.")
        except EmotionLabError as problem:
            self.say(str(problem))

    def _keep(self, camera: Camera) -> None:
        try:
            height, width = camera.take_snapshot().shape[:2]
            self.say(f"Kept in the kernel's memory as .snapshot ({width} x {height} pixels).")
        except EmotionLabError as problem:
            self.say(str(problem))

    def show(self, picture: np.ndarray | None, camera: Camera) -> None:
        """The frame as it is drawn; None when the camera is off, so that no frame stays behind in the page."""
        if picture is None:
            self.picture.value, self.bars.value = b"", bars_html(None)
            self.button.description = "Start camera"
            self.say(camera.message)
            return
        self.picture.value = jpeg(picture, quality=80)
        now = time.monotonic()
        if now - self._drawn > _FIGURES_EVERY:
            self._drawn = now
            self.bars.value = bars_html(camera.result)
        if now - self._said > _WORDS_EVERY:
            self.say(f"{in_words(camera.result)}; {camera.fps:.0f} frames a second.")

    def say(self, text: str) -> None:
        """Show a sentence, which screen readers announce."""
        self._said = time.monotonic()
        self.status.value = f'<p role="status">{html.escape(text)}</p>'


def bars_html(result: LiveResult | None) -> str:
    """The probabilities of the largest face."""
    face = result.faces[0] if result and result.faces else None
    caption = "Probability of each emotion, largest face"
    return bars(face.probabilities, caption, face.guess) if face else bars(None, caption)


def camera(model=None, index: int = 0, smooth: float = 0.5, mirror: bool = True, seconds: float = 300.0) -> Camera:
    """A panel with a camera of the kernel's machine, read by OpenCV: for VS Code and other places without el.webcam().

    model: a `Recognizer`, or what one is made of. index: which camera, 0 for the first. smooth: time constant of
    the mean in seconds. mirror: show the picture as a mirror does. seconds: after this long the camera goes off by
    itself, since a kernel does not learn that its cell was cleared.

    With EMOTIONLAB_HEADLESS=1 a bundled picture goes through the same callback, its errors come through, and the
    result is printed. Raises RunError for a run that is not there; a missing camera is told in the panel.
    """
    index = whole_number("index", index, at_least=0, at_most=1000)
    mirror, seconds = yes_or_no("mirror", mirror), number("seconds", seconds, above=0)
    cam = Camera(Live(model, smooth), index, mirror, seconds)
    if settings.headless():
        cam.look(_bundled_frame())
        print(f"Headless: the bundled picture, through the camera's callback, shows {in_words(cam.result)}.")
    return cam


def _bundled_frame() -> np.ndarray:
    return bundled_scene()[..., ::-1]


def _mirrored(box, width: int):
    return replace(box, x=width - box.x - box.width)


def _opened(index: int):
    """A cv2.VideoCapture that has shown a first frame. Raises EmotionLabError where it does not."""
    from emotionlab.base.opencv import cv2

    video = cv2.VideoCapture(index)
    if video.isOpened():
        video.set(cv2.CAP_PROP_FRAME_WIDTH, 640)
        video.set(cv2.CAP_PROP_FRAME_HEIGHT, 480)
        video.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one that has waited
        if any(video.read()[0] for _ in range(_MISSES)):
            return video
        found = "one that gives no picture"
    else:
        found = "none"
    video.release()
    raise EmotionLabError(
        f"Expected a camera with number {index} on the kernel's machine, found {found}; plug it in, close programs "
        "that use it, allow your terminal or editor to use the camera, or try el.camera(index=1). For a camera of your "
        "browser use el.webcam(), for a picture el.Recognizer()."
    )
