"""The demo in a browser: pictures, webcam and videos, with what the network makes of each face.

    el.app()                    # as the last line of a cell: the app inside the notebook
    el.app().launch()           # the same, anywhere
    el.app("runs/mine").launch(inbrowser=True, inline=False)     # your own network, in a tab

or `emotionlab app` in a terminal. It listens on this computer alone and asks no other machine for anything.
"""

import functools
import sys

from emotionlab.base import settings
from emotionlab.base.arguments import whole_number
from emotionlab.base.errors import EmotionLabError
from emotionlab.live import app_html as show
from emotionlab.live.app_calls import EXAMPLES, MOST_FRAMES, PICTURE_MB, VIDEO_MB, Calls
from emotionlab.live.bundled import bundled_scene, jpeg
from emotionlab.live.quiet_gradio import gr

DELETE_EVERY, DELETE_AFTER = 60, 600
"""Uploaded files are looked at this often, and removed at this age; both in seconds."""

STREAM_SECONDS = 300
"""For how long the webcam's stream runs at most."""

_SYSTEM_FONTS, _SYSTEM_MONO = ("ui-sans-serif", "system-ui", "sans-serif"), ("ui-monospace", "Consolas", "monospace")

_HEAD = f"""
# EmotionLab: which word does a network give a face?

**Private.** Everything happens on this computer. The webcam's frames are looked at in memory and forgotten; none is
written to a file. An uploaded picture or video lies in the temporary folder until it is removed:
{DELETE_AFTER // 60} minutes after the upload, or when the app ends.
"""

_NOTE = """
### Before you use this on anybody

- **A word for a picture is not a feeling.** The network compares grey pixels with labels that people disagreed about.
  It does not know what somebody feels, and faces do not say so reliably (Barrett et al. 2019).
- **Use it on yourself**, on drawn faces, or on people who agreed. Nobody has to take part.
- **Decide nothing about a person with it**: not at work, not at school, not about health, credit or safety. In the
  European Union, inferring emotions at work and in education is prohibited (Regulation (EU) 2024/1689,
  Article 5(1)(f)), with exceptions for medicine and safety.
- **It is not equally right for everybody**, and nobody has measured for whom it is worse. Lesson 09 shows why.
"""

_NO_CAMERA = """
**No picture?** Allow the camera when the browser asks. If you refused before, click the camera or the lock beside
the address, allow it, and load the page again. Close other programs that use the camera. A browser gives the camera
only to pages of this computer (`127.0.0.1`) or with `https`. Without a camera, use the tabs *Picture* or *Video*.
"""


class App(gr.Blocks):
    """The page, ready to launch. calls: the functions behind it (`emotionlab.live.app_calls.Calls`)."""

    _shown: "App | None" = None  # the one that runs in this process

    def __init__(self, calls: Calls):
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
        a bundled picture goes through the callback of the first tab, its errors come through, and the result is
        printed. Raises EmotionLabError for share=True.
        """
        if options.get("share"):
            raise EmotionLabError(
                "Expected share=False, found share=True, which would send the pictures of your visitors through a "
                "machine of Gradio's makers; leave it out, or put the app on a host of your own."
            )
        if options.get("server_port") is not None:
            options["server_port"] = whole_number("the port", options["server_port"], at_least=1, at_most=65535)
        if settings.headless():
            print(f"Headless: the bundled picture, through the app's callback, shows: {self.run_bundled()}")
            return None, None, None
        if App._shown is not None and App._shown is not self:
            App._shown.close(verbose=False)
        App._shown = self
        stay = not options.pop("prevent_thread_lock", False)
        try:
            started = super().launch(**{**_launch_options(), **options}, prevent_thread_lock=True)
        except OSError as trouble:
            raise EmotionLabError(f"Expected a free port for the app, found: {trouble}; choose another port.") from None
        print(f"✔ The app runs at {self.local_url} until you end it.")
        if stay and not hasattr(sys, "ps1"):  # a script would end, and the app with it; a notebook stays
            self.block_thread()
        return started

    def run_bundled(self) -> str:
        """Send the bundled picture through the callback of the first tab; what it says. Errors come through."""
        return self.calls.sentence(jpeg(bundled_scene()))

    def _ipython_display_(self) -> None:
        self.launch(height=900)


def app(model=None, detector: str = "auto") -> App:
    """The demo as a page for the browser: a `gradio.Blocks` with tabs for pictures, the webcam and videos.

    model: None for the shipped network, a Run, the name or folder of one, a keras.Model, or a `Recognizer`.
    detector: "auto", "yunet" or "haar"; a Recognizer that is given keeps its own.

    Raises RunError for a run that is not there or has no weights, EmotionLabError for an unknown detector.
    """
    with App(Calls(model, detector)) as demo:
        gr.Markdown(_HEAD)
        with gr.Tab("Picture"):
            _picture_tab(demo.calls)
        with gr.Tab("Webcam"):
            _webcam_tab(demo.calls)
        with gr.Tab("Video"):
            _video_tab(demo.calls)
        with gr.Row():
            with gr.Column():
                gr.Markdown("### This network")
                gr.HTML(demo.calls.about())
            with gr.Column():
                gr.Markdown(_NOTE)
    demo.queue(max_size=200)  # far behind the app's own gates, which speak more clearly
    return demo


def _launch_options() -> dict:
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
        "max_file_size": VIDEO_MB * 10**6,
        "theme": gr.themes.Default(**fonts),
        "css": show.CSS,
    }


def _fonts(names) -> list:
    """Fonts that are on the computer: a name alone would make Gradio look for a file or on the internet."""
    from gradio.themes.utils.fonts import Font

    return [Font(name) for name in names]


# ------------------------------------------------------------------------------------------- tabs


def _picture_tab(calls: Calls) -> None:
    crops = gr.State([])
    with gr.Row():
        with gr.Column(scale=2):
            given = gr.Image(
                sources=["upload", "clipboard"],
                type="filepath",
                label=f"A picture: upload, drop or paste (at most {PICTURE_MB} MB)",
                height=320,
                buttons=[],
            )
            _hand_over_as_it_is(given)
            gr.Markdown("Or an example, drawn by a program:")
            with gr.Row():
                examples = {name: gr.Button(name, size="sm") for name in EXAMPLES}
        with gr.Column(scale=3):
            annotated = gr.HTML(label="Annotated picture", elem_id="annotated")
            bars = gr.HTML(elem_id="bars")
    table = gr.HTML(elem_id="table")
    why = gr.Button("Show where the network looked (Grad-CAM); the first time takes some seconds")
    heat = gr.HTML(elem_id="heat")
    shown = [annotated, bars, table, crops]
    options = {"concurrency_limit": 40, "concurrency_id": "pictures"}
    given.input(calls.picture, given, shown, api_name="picture", **options).then(str, None, heat, **_PRIVATE)
    for name, button in examples.items():
        looked = button.click(functools.partial(calls.example, name), None, shown, **_PRIVATE, **options)
        looked.then(str, None, heat, **_PRIVATE)  # the maps of the picture before
    why.click(calls.heat, crops, heat, **_PRIVATE, **options)


_PRIVATE = {"api_visibility": "private"}


def _webcam_tab(calls: Calls) -> None:
    memory = gr.State(None)
    with gr.Row():
        with gr.Column(scale=2):
            camera = gr.Image(
                sources=["webcam"],
                streaming=True,
                type="filepath",
                label="Your camera: start it with the button below the picture",
                height=320,
                buttons=[],
            )
            _hand_over_as_it_is(camera)
            gr.Markdown(
                "**No frame is recorded or written to a file.** Each is looked at in memory and forgotten. "
                f"The stream stops by itself after {STREAM_SECONDS // 60} minutes."
            )
            gr.Markdown(_NO_CAMERA)
        with gr.Column(scale=3):
            annotated = gr.HTML(elem_id="live")
            bars = gr.HTML(elem_id="live-bars")
    camera.stream(
        calls.frame,
        [camera, memory],
        [annotated, bars, memory],
        stream_every=0.1,
        time_limit=STREAM_SECONDS,
        concurrency_limit=4,
        show_progress="hidden",
        **_PRIVATE,
    )


def _video_tab(calls: Calls) -> None:
    with gr.Row():
        with gr.Column():
            given = gr.Video(
                sources=["upload"],
                label=f"A video (at most {VIDEO_MB} MB and {MOST_FRAMES:,} frames, a minute)",
                height=320,
                buttons=[],
            )
            _take_no_address(given)
            start = gr.Button("Look at the video", variant="primary")
            gr.Markdown(
                "Where your browser says that it cannot play the file (.avi, for example), it is read all the same."
            )
        with gr.Column():
            annotated = gr.Video(label="Annotated video, without sound", interactive=False, height=320)
            # Gradio would turn it into another kind of video where ffmpeg is installed; browsers play this one
            annotated.postprocess = lambda path: path and gr.FileData(path=str(path))
            csv = gr.File(label="A row for each face in each frame (CSV)", interactive=False)
    summary = gr.HTML(elem_id="film")

    def look(path, progress=gr.Progress(track_tqdm=True)):  # noqa: B008 (Gradio finds it there)
        yield from calls.video(path)

    start.click(look, given, [summary, annotated, csv], concurrency_limit=4, **_PRIVATE)


def _hand_over_as_it_is(image: "gr.Image") -> None:
    """Pass on the path of an upload or the bytes of a frame: Gradio would decode it in a way of its own.

    One way of decoding serves the whole course, and it has one clear message for a file that is no picture.
    """
    import base64

    def path_or_bytes(payload):
        if payload is None:
            return None
        if payload.url and payload.url.startswith("data:"):
            return base64.b64decode(payload.url.partition(",")[2])
        return payload.path

    image.preprocess = path_or_bytes
    _take_no_address(image)


def _take_no_address(component) -> None:
    """Refuse the address of a web page in place of an upload: Gradio would fetch it, and the app asks nobody."""
    keep = component.async_move_resource_to_block_cache

    async def keep_files_only(path):
        if path and "://" in str(path):
            raise gr.Error("Expected an uploaded file, found an address; save it to a file and upload that.")
        return await keep(path)

    component.async_move_resource_to_block_cache = keep_files_only
