"""The microphone in the notebook: your browser records, your kernel answers, and nothing is written.

    mic = el.microphone()       # in JupyterLab; press "Start recording"
    mic                         # shows the panel
    mic.result                  # the answer to the last recording, as el.VoiceListener() gives it
    mic.wave                    # what was heard, (samples,) float32 at 16,000 samples a second

The page (microphone.js) records for some seconds at most, sends the recording to the kernel and draws the bars. The
kernel (this file) hands it to `emotionlab.sound.VoiceListener` and answers with numbers.
"""

import threading

import anywidget
import traitlets

from emotionlab.base import settings
from emotionlab.base.arguments import kind_of, number
from emotionlab.base.errors import EmotionLabError
from emotionlab.base.notices import warn
from emotionlab.live.bars import bars
from emotionlab.live.listening import SECONDS, for_page, hear, settings_of_the_page
from emotionlab.live.page_parts import page_part
from emotionlab.live.webcam import in_vscode
from emotionlab.sound.listener import VoiceListener

PROMISE = (
    "Nothing is written to a file. The recording goes to your kernel and nowhere else; the last one stays in its "
    "memory as .wave until the next one comes or the kernel ends."
)


class Microphone(anywidget.AnyWidget):
    """A panel with a button to record, a level meter, a sign while it records, and seven bars.

    result: the `VoiceAnswer` to the last sound; None before the first.
    wave: (samples,) float32 at 16,000 samples a second, what that answer was about; None before the first.
    seconds: how long a recording may be.
    """

    _esm = page_part("panel.js", "microphone.js")
    _css = page_part("webcam.css", "microphone.css")

    emotions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    colors = traitlets.Dict().tag(sync=True)
    never = traitlets.Unicode().tag(sync=True)
    seconds = traitlets.Float().tag(sync=True)
    largest = traitlets.Int().tag(sync=True)
    promise = traitlets.Unicode().tag(sync=True)

    def __init__(self, listener: VoiceListener, seconds: float = SECONDS):
        super().__init__(**settings_of_the_page(seconds, PROMISE))
        self.listener, self.result, self.wave = listener, None, None
        self._one_at_a_time = threading.Lock()
        self.on_msg(self._received)

    def stop(self) -> None:
        """Switch the microphone off and throw the recording away, as Escape does."""
        self.send({"kind": "stop"})

    def answer(self, message: dict, buffers=()) -> dict:
        """What the kernel says to one message of the page.

        message: "kind" is "sound" (its bytes in `buffers`) or "bundled"; "id" and "view" come back as they are.
        Whatever goes wrong becomes an answer of the kind "problem", after an interrupt of the kernel too: a recording
        without an answer would leave the page waiting.
        """
        message = message if isinstance(message, dict) else {}
        try:
            told = self._listen(message, buffers)
        except KeyboardInterrupt:
            told = {"kind": "interrupted"}
        except EmotionLabError as problem:
            told = {"kind": "problem", "text": str(problem)}
        except Exception as problem:
            text = f"The kernel could not work on this sound: {type(problem).__name__}: {problem}"
            told = {"kind": "problem", "text": text}
        return {**told, "id": message.get("id"), "view": message.get("view")}

    def run_bundled(self):
        """Send the bundled voice through the callback of a recording; errors come through as they are."""
        self._listen({"kind": "bundled"}, [])
        return self.result

    def _received(self, _widget, message, buffers) -> None:
        self.send(self.answer(message, buffers))

    def _listen(self, message: dict, buffers) -> dict:
        with self._one_at_a_time:
            self.result, self.wave = hear(self.listener, message, bytes(buffers[0]) if buffers else None)
            return for_page(self.result, self.wave)

    def __repr__(self) -> str:
        if self.result is None:
            return "Microphone: shows its panel in JupyterLab, Jupyter Notebook and Colab; nothing is written."
        return f"Microphone: the last sound of {self.result.seconds:.1f} seconds is {self.result.text}."

    def _repr_mimebundle_(self, **options):
        if not settings.headless():
            return super()._repr_mimebundle_(**options)
        told = {"text/plain": repr(self)}
        if self.result is not None:
            told["text/html"] = bars(self.result.probabilities, self.result.text, self.result.guess)
        return told


def microphone(listener: VoiceListener | None = None, seconds: float = SECONDS) -> Microphone | None:
    """A panel that records your voice and shows what the network makes of it. Nothing is written to a file.

    listener: a `VoiceListener`; None for the network of the course. seconds: how long a recording may be, 1 to 60.

    Returns a `Microphone`. With EMOTIONLAB_HEADLESS=1 a bundled voice goes through the same callback, its errors come
    through, and the result is printed. In VS Code, whose notebooks get no microphone, it opens the app's tab Voice in
    a browser instead and returns None.
    Raises EmotionLabError for another listener, and for a number of seconds outside of that.
    """
    seconds = number("seconds", seconds, at_least=1, at_most=60)
    listener = VoiceListener() if listener is None else listener
    kind_of("listener", listener, VoiceListener, "a VoiceListener", "pass el.VoiceListener(), or leave it out")
    mic = Microphone(listener, seconds)
    if settings.headless():
        print(f"Headless: the bundled voice, through the microphone's callback, is {mic.run_bundled().text}.")
    elif in_vscode():
        _open_app()
        return None
    return mic


def _open_app() -> None:
    """Open the app's tab Voice in a tab of the browser, for front ends whose notebooks get no microphone."""
    why = "VS Code gives the cells of a notebook no microphone"
    try:
        from emotionlab.live.app import app
    except ImportError as problem:
        raise EmotionLabError(
            f"{why}, and the app that would open instead is not there ({problem}); run "
            f"`{settings.command('lab')}` in a terminal "
            'to work in JupyterLab, or listen to a file: el.VoiceListener()("talk.wav").'
        ) from problem
    warn(f"{why}.\nThe app opens in a tab of your browser instead; its tab Voice does the same.")
    app(only="voice").launch(inbrowser=True, inline=False, prevent_thread_lock=True)
