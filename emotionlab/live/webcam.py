"""The webcam in the notebook: your browser's camera, your kernel's network, and nothing kept.

    cam = el.webcam()       # in JupyterLab; press "Start camera"
    cam                     # shows the panel
    cam.snapshot            # the picture that "Snapshot" took, (H, W, 3) uint8

The page (webcam.js) takes a frame, sends it to the kernel as a JPEG and draws what comes back over the live
picture. The kernel (this file) hands each frame to `emotionlab.live.frames.Live` and answers with numbers.
"""

import base64
import sys
import threading

import anywidget
import traitlets

from emotionlab.base import settings
from emotionlab.base.arguments import shown, yes_or_no
from emotionlab.base.emotions import COLORS, EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.notices import warn
from emotionlab.base.pictures import decode
from emotionlab.live.bundled import bundled_scene, jpeg
from emotionlab.live.frames import Live, LiveResult
from emotionlab.live.page_parts import page_part
from emotionlab.recognition.recognizer import Recognition, Recognizer

IN_FLIGHT = 2
"""How many frames may be on their way or in work at once; the page sends no more, and the kernel takes no more."""

WIDTHS = (640, 320)
"""Widths in pixels at which frames may be sent."""


class Webcam(anywidget.AnyWidget):
    """A panel with the live picture, a box round each face, seven bars, and the speed.

    snapshot: (H, W, 3) uint8, red first: the last picture kept by "Snapshot" or "Open a picture"; None before.
    result: the `LiveResult` of the last frame (numbers only, no picture); None before the first.
    fps, latency: frames answered a second and the median time from camera to box in milliseconds, as the page
        measured them in its last second; 0 while the camera is off.
    mirror, width: what the panel's own controls set; width is one of `WIDTHS`.
    """

    _esm = page_part("panel.js", "webcam.js")
    _css = page_part("webcam.css")

    emotions = traitlets.List(traitlets.Unicode(), list(EMOTIONS), read_only=True).tag(sync=True)
    colors = traitlets.Dict(default_value=dict(COLORS), read_only=True).tag(sync=True)
    in_flight = traitlets.Int(IN_FLIGHT, read_only=True).tag(sync=True)
    mirror = traitlets.Bool(True).tag(sync=True)
    width = traitlets.Enum(WIDTHS, WIDTHS[0]).tag(sync=True)
    fps = traitlets.Float(0.0).tag(sync=True)
    latency = traitlets.Float(0.0).tag(sync=True)

    def __init__(self, live: Live, **options):
        super().__init__(**options)
        self.live, self.snapshot, self.result = live, None, None
        self._room = threading.BoundedSemaphore(IN_FLIGHT)
        self._one_at_a_time = threading.Lock()
        self.on_msg(self._received)

    def stop(self) -> None:
        """Switch the camera off, as the button does."""
        self.send({"kind": "stop"})

    def answer(self, message: dict, buffers=()) -> tuple[dict, list[bytes]]:
        """What the kernel says to one message of the page, and the picture that goes with it, if any.

        message: "kind" is "frame", "still", "snapshot" (each with a picture in `buffers`), "bundled", "ping" or
        "started"; "id" and "view" come back as they are. Whatever goes wrong becomes an answer of the kind
        "problem": a frame without an answer would leave the page waiting, after an interrupt of the kernel too.
        """
        message = message if isinstance(message, dict) else {}
        address = {name: message.get(name) for name in ("id", "view")}
        try:
            told, picture = self._answer_to(message.get("kind"), list(buffers or ()))
        except KeyboardInterrupt:
            told, picture = {"kind": "interrupted"}, []
        except EmotionLabError as problem:
            told, picture = {"kind": "problem", "text": str(problem)}, []
        except Exception as problem:
            text = f"The kernel could not work on this picture: {type(problem).__name__}: {problem}"
            told, picture = {"kind": "problem", "text": text}, []
        return {**told, **address}, picture

    def run_bundled(self) -> LiveResult:
        """Send the bundled picture through the callback of the live frames; errors come through as they are."""
        self._frame(jpeg(bundled_scene()))
        return self.result

    def _received(self, _widget, message, buffers) -> None:
        told, picture = self.answer(message, buffers)
        self.send(told, picture)

    def _answer_to(self, kind: str | None, buffers: list) -> tuple[dict, list[bytes]]:
        if kind == "ping":
            return {"kind": "pong"}, []
        if kind == "started":  # goes to other views of this panel too: they leave the camera alone
            self.live.reset()
            return {"kind": "started"}, []
        if not self._room.acquire(blocking=False):
            return {"kind": "dropped"}, []
        try:
            with self._one_at_a_time:
                return self._look(kind, buffers)
        finally:
            self._room.release()

    def _look(self, kind: str | None, buffers: list) -> tuple[dict, list[bytes]]:
        if kind == "bundled":
            picture = jpeg(bundled_scene())
            return self._still(picture, keep=False), [picture]
        if kind not in ("frame", "still", "snapshot") or not buffers:
            raise EmotionLabError(f"Expected a frame or a picture from the page, found {kind!r}; run the cell again.")
        content = bytes(buffers[0])
        if kind == "snapshot":
            self.snapshot = decode(content)
            return {"kind": "kept", "size": self.snapshot.shape[1::-1]}, []
        return (self._frame(content) if kind == "frame" else self._still(content)), []

    def _frame(self, content: bytes) -> dict:
        self.result = self.live(content)
        return {"kind": "result", **self.result.as_dict()}

    def _still(self, content: bytes, keep: bool = True) -> dict:
        """One picture by itself: no mean over time, and a second look for small faces."""
        found: Recognition = self.live.recognizer(content)
        height, width = found.picture.shape[:2]
        if keep:
            self.snapshot = found.picture
        return {"kind": "result", "kept": keep, **LiveResult(list(found), width, height, 0.0, {}).as_dict()}

    def __repr__(self) -> str:
        if self.result is None:
            return "Webcam: shows its panel in JupyterLab, Jupyter Notebook and Colab; nothing is recorded."
        return f"Webcam: the last frame of {self.result.width} x {self.result.height} showed {in_words(self.result)}."

    def _repr_mimebundle_(self, **options):
        if not settings.headless():
            return super()._repr_mimebundle_(**options)
        from emotionlab.recognition.drawing import draw_faces

        drawn = jpeg(draw_faces(bundled_scene(), self.result.faces if self.result else []))
        return {"text/plain": repr(self), "image/jpeg": base64.b64encode(drawn).decode("ascii")}


def in_words(result: LiveResult) -> str:
    """The faces of a frame as a short text, such as "1 face: happy 81 %"."""
    if not result.faces:
        return "no face"
    count = f"{len(result.faces)} face" + ("s" if len(result.faces) > 1 else "")
    return f"{count}: {', '.join(face.text.split(': ')[-1] for face in result.faces)}"


def webcam(model=None, smooth: float = 0.5, width: int = 640, mirror: bool = True) -> Webcam | None:
    """A panel with your camera's picture and what the network makes of each face. Nothing is recorded.

    model: a `Recognizer`, or what one is made of: None for the shipped network, a run or its name, a keras.Model.
    smooth: time constant of the mean over time in seconds. width: 640 or 320, of the frames that are sent.
    mirror: show the picture as a mirror does; what is sent and kept is never mirrored.

    Returns a `Webcam`. With EMOTIONLAB_HEADLESS=1 a bundled picture goes through the same callback, its errors
    come through, and the result is printed. In VS Code, whose notebooks get no camera, it opens the app in a
    browser instead and returns None. On Colab the widget manager for such panels is switched on.
    Raises EmotionLabError for another width and where VS Code would need an app that is not there, RunError for
    a run that is not there.
    """
    if not isinstance(width, int) or isinstance(width, bool) or width not in WIDTHS:
        raise EmotionLabError(f"Expected a width of 640 or 320 pixels, found {shown(width)}; pass width=320 for speed.")
    mirror = yes_or_no("mirror", mirror)
    live = Live(model, smooth)
    if settings.headless():
        cam = Webcam(live, width=width, mirror=mirror)
        print(f"Headless: the bundled picture, through the webcam's callback, shows {in_words(cam.run_bundled())}.")
        return cam
    if in_vscode():
        _open_app(live.recognizer)
        return None
    cam = Webcam(live, width=width, mirror=mirror)
    for _ in range(2):  # the first frames load the detector and more; better now than with the camera on
        cam.run_bundled()
    cam.result = None
    live.reset()
    return cam


def in_vscode() -> bool:
    """True in a notebook of VS Code, which gives its kernels the path of the notebook under a name of its own."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "__vsc_ipynb_file__" in shell.user_ns


def _open_app(recognizer: Recognizer) -> None:
    """Open the app in a tab of the browser, for front ends whose notebooks get no camera."""
    why = "VS Code gives the cells of a notebook no camera"
    try:
        from emotionlab.live.app import app
    except ImportError as problem:
        raise EmotionLabError(
            f"{why}, and the app that would open instead is not there ({problem}); run "
            f"`{settings.command('lab')}` in a terminal to work in JupyterLab, or use "
            "el.camera() for a camera of this computer."
        ) from problem
    warn(f"{why}.\nThe app opens in a tab of your browser instead; its webcam tab does the same.")
    app(recognizer).launch(inbrowser=True, inline=False, prevent_thread_lock=True)
