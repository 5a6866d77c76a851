"""The demo in a browser: pictures, webcam, videos, texts and voices, with what the networks make of them.

    el.app()                    # as the last line of a cell: the app inside the notebook
    el.app().launch()           # the same, anywhere
    el.app("runs/mine").launch(inbrowser=True, inline=False)     # your own network, in a tab
    el.app(only="text,voice")   # some of the tabs

or `emotionlab app` in a terminal. It listens on this computer alone and asks no other machine for anything.
"""

import socket
import sys
import time

from emotionlab.base import settings
from emotionlab.base.arguments import whole_number
from emotionlab.base.errors import EmotionLabError
from emotionlab.live import app_html as show
from emotionlab.live.app_feedback import Form, promise, word_of_faces
from emotionlab.live.door import LOOPBACK, Door, Key, OwnPages
from emotionlab.live.feedback import FeedbackFile
from emotionlab.live.quiet_gradio import gr
from emotionlab.live.tabs import FACES, chosen_tabs

DELETE_EVERY, DELETE_AFTER = 60, 600
"""Uploaded files are looked at this often, and removed at this age; both in seconds."""

LARGEST_MB = 100
"""The largest upload, in megabytes: a video's. Pictures have a smaller limit of their own."""

_SYSTEM_FONTS, _SYSTEM_MONO = ("ui-sans-serif", "system-ui", "sans-serif"), ("ui-monospace", "Consolas", "monospace")

_TITLE = "# EmotionLab: which word does a network give a {}?\n\n"

_PRIVATE = {
    "first": "**Private.** Everything happens on this computer.",
    "webcam": "The webcam's frames are looked at in memory and forgotten; none is written to a file.",
    "upload": "An uploaded picture or video lies in the temporary folder until it is removed: "
    f"{DELETE_AFTER // 60} minutes after the upload, or when the app ends.",
    "text": "A text is read in memory and forgotten.",
    "voice": "A recording or an opened sound is heard in memory and forgotten; neither becomes a file.",
}


class App(gr.Blocks):
    """The page, ready to launch. calls: the functions behind each group of tabs, "faces", "text" and "voice"."""

    _shown: "App | None" = None  # the one that runs in this process

    def __init__(self, calls: dict):
        super().__init__(
            title="EmotionLab",
            analytics_enabled=False,
            delete_cache=(DELETE_EVERY, DELETE_AFTER),
        )
        self.calls = calls

    def launch(self, **options):
        """Start the server, as `gradio.Blocks.launch` does, on 127.0.0.1, without sharing and without a record.

        options: those of Gradio, such as inbrowser=True, server_port=7870, prevent_thread_lock=True.
        An app that was launched before in this process is closed. With EMOTIONLAB_HEADLESS=1 no server starts:
        a bundled picture, text or voice goes through the callback of the first tab, its errors come through, and the
        result is printed. On a hub the page asks for a key, which is printed: other people work on that machine.
        Raises EmotionLabError for share=True.
        """
        if options.get("share"):
            raise EmotionLabError(
                "Expected share=False, found share=True, which would send the pictures of your visitors through a "
                "machine of Gradio's makers; leave it out, or put the app on a host of your own."
            )
        if options.get("server_port") is not None:
            options["server_port"] = whole_number("the port", options["server_port"], at_least=1, at_most=65535)
        if settings.headless():
            what = {"faces": "picture"}.get(next(iter(self.calls)), next(iter(self.calls)))
            print(f"Headless: the bundled {what}, through the app's callback, shows: {self.run_bundled()}")
            return None, None, None
        if App._shown is not None and App._shown is not self:
            App._shown.close(verbose=False)
        App._shown = self
        stay = not options.pop("prevent_thread_lock", False)
        host = options.get("server_name") or "127.0.0.1"
        _check_host(host)
        self.key = _guard(options, host)
        try:
            started = super().launch(**{**_launch_options(self.calls), **options}, prevent_thread_lock=True)
        except OSError:
            raise _no_port(host, options.get("server_port")) from None
        print(f"✔ The app runs at {self.local_url} until you end it.")
        if self.key:
            self.key.starting = False
            print(f"It asks for a key, since others work on this machine too. Yours: {self.key.word}")
        if stay and not hasattr(sys, "ps1"):  # a script would end, and the app with it; a notebook stays
            self.block_thread()
        return started

    def block_thread(self) -> None:
        """Wait until Ctrl-C, as Gradio does, and end without its words about threads."""
        try:
            while self.is_running:
                time.sleep(0.1)
        except KeyboardInterrupt:
            self.close(verbose=False)
            print("The app has ended.")

    def run_bundled(self) -> str:
        """Send what is bundled through the callback of the first tab; what it says. Errors come through."""
        return next(iter(self.calls.values())).run_bundled()

    def _ipython_display_(self) -> None:
        self.launch(height=900)


def app(model=None, detector: str = "auto", only=None, feedback=None) -> App:
    """The demo as a page for the browser: a `gradio.Blocks` with tabs for pictures, webcam, videos, texts and voices.

    model: of the tabs for faces: None for the shipped network, a Run, the name or folder of one, a keras.Model, or a
        `Recognizer`.
    detector: "auto", "yunet" or "haar"; a Recognizer that is given keeps its own.
    only: which tabs, of `tabs.TABS`, as in "text,voice"; None for all. What no tab needs is not loaded.
    feedback: a CSV for what visitors tick below an answer: was it right, and five statements; None for no questions.

    Raises RunError for a run that is not there or has no weights, EmotionLabError for an unknown detector or tab, for
    a model that no tab shown would use, and for a place where no replies can be kept.
    """
    names = chosen_tabs(only)
    if model is not None and not set(names) & set(FACES):
        raise EmotionLabError(
            f"Expected one of the tabs {', '.join(FACES)} for a model of faces, found only {', '.join(names)}; "
            "add a tab, or leave the model out."
        )
    file = None if feedback is None else FeedbackFile(feedback)
    with App(_calls(names, model, detector)) as demo:
        gr.Markdown(_head(names))
        if file:
            gr.Markdown(promise(file))
        answers = {}
        for name in names:
            with gr.Tab(name.capitalize()):
                answers[name] = _fill(name, demo.calls["faces" if name in FACES else name])
        if file:
            _ask_below(answers, demo.calls, Form(file))
    demo.queue(max_size=200)  # far behind the app's own gates, which speak more clearly
    return demo


def _calls(names, model, detector: str) -> dict:
    """The functions that these tabs need; each loads a network of its own."""
    calls = {}
    if set(names) & set(FACES):
        from emotionlab.live.app_calls import Calls

        calls["faces"] = Calls(model, detector)
    if "text" in names:
        from emotionlab.live.app_text import TextCalls

        calls["text"] = TextCalls()
    if "voice" in names:
        from emotionlab.live.app_voice import VoiceCalls

        calls["voice"] = VoiceCalls()
    return calls


def _ask_below(answers: dict, calls: dict, form: Form) -> None:
    """Let the form ask after the answers of the tabs that give one; a webcam and a film give many."""
    if "picture" in answers:
        events, crops = answers["picture"]
        form.follow(events, "picture", word_of_faces, crops)
    if "text" in answers:
        events, box = answers["text"]
        form.follow(events, "text", calls["text"].word, box)
    if "voice" in answers:
        form.follow_voice(answers["voice"])


def _fill(name: str, calls):
    """One tab: what it does, which network answers, and the note on use. What its part gives back: its answers."""
    if name in FACES:
        from emotionlab.live import app_faces as part

        make = {"picture": part.picture_tab, "webcam": part.webcam_tab, "video": part.video_tab}[name]
    elif name == "text":
        from emotionlab.live import app_text as part

        make = part.text_tab
    else:
        from emotionlab.live import app_voice as part

        make = part.voice_tab
    answers = make(calls)
    with gr.Row():
        with gr.Column():
            gr.Markdown("### This network")
            gr.HTML(calls.about())
        with gr.Column():
            gr.Markdown(part.NOTE)
    return answers


def _head(names) -> str:
    """The title, and what goes where and when it is deleted."""
    senses = ["face"] * bool(set(names) & set(FACES)) + [name for name in ("text", "voice") if name in names]
    wanted = {"first", *names} | ({"upload"} if {"picture", "video"} & set(names) else set())
    title = _TITLE.format(" or a ".join(filter(None, [", a ".join(senses[:-1]), senses[-1]])))
    return title + " ".join(words for name, words in _PRIVATE.items() if name in wanted)


def _launch_options(calls) -> dict:
    fonts = {"font": _fonts(_SYSTEM_FONTS), "font_mono": _fonts(_SYSTEM_MONO)}
    return {
        "server_name": "127.0.0.1",
        "share": False,
        "run_history": False,
        "footer_links": [],
        "enable_monitoring": False,
        "mcp_server": False,
        "ssr_mode": False,
        "pwa": False,
        "show_error": True,
        "quiet": True,
        "max_file_size": LARGEST_MB * 10**6,
        "theme": gr.themes.Default(**fonts),
        "css": show.CSS + _panel_css(calls),
        "head": _head_of_page(calls),
    }


def _no_port(host: str, port: int | None) -> EmotionLabError:
    found = f"that port {port} cannot be used (most often another program has it)" if port else "none from 7860 on"
    return EmotionLabError(
        f"Expected a free port for the app at {host}, found {found}; choose another port"
        f"{', or leave it out: the next free one is then used' if port else ''}."
    )


def _check_host(host: str) -> None:
    """Raise EmotionLabError for an address that is not this computer's; Gradio would try one port after the other."""
    try:
        kind, *_, address = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind) as tried:
            tried.bind(address)
    except (OSError, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise EmotionLabError(
            f"Expected an address of this computer for the app to listen at, found {host!r} ({why}); leave it out, or "
            "give 0.0.0.0 in a container."
        ) from None


def _guard(options: dict, host: str) -> Key | None:
    """Say who may speak to the app: on a hub whoever has the key, which is returned, elsewhere its own pages alone.

    Where it listens beyond this computer, as in a container, and on Colab, whose pages have another address, anybody.
    """
    from starlette.middleware import Middleware

    key = Key() if settings.on_hub() else None
    if key:
        first = Middleware(Door, key=key)
    elif host in LOOPBACK and "google.colab" not in sys.modules:
        first = Middleware(OwnPages)
    else:
        return None
    others = options.get("app_kwargs") or {}
    options["app_kwargs"] = {**others, "middleware": [first, *others.get("middleware", ())]}
    return key


def _head_of_page(calls) -> str:
    if "faces" not in calls:
        return ""
    from emotionlab.live.app_faces import head

    return head()


def _panel_css(calls) -> str:
    if "voice" not in calls:
        return ""
    from emotionlab.live.app_voice import css

    return css()


def _fonts(names) -> list:
    """Fonts that are on the computer: a name alone would make Gradio look for a file or on the internet."""
    from gradio.themes.utils.fonts import Font

    return [Font(name) for name in names]
