"""The app's tabs for faces: Picture, Webcam and Video. What they do stands in `app_calls`."""

import functools

from emotionlab.live.app_calls import EXAMPLES, MOST_FRAMES, PICTURE_MB, VIDEO_MB, Calls, Desk
from emotionlab.live.page_parts import page_part
from emotionlab.live.quiet_gradio import gr
from emotionlab.senses.film import FILM

STREAM_SECONDS = 300
"""For how long the webcam's stream runs at most."""

NOTE = """
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


def picture_tab(calls: Calls) -> tuple:
    """The tab's page; its events that give an answer, and the state that holds the faces of the last one."""
    crops, desk = gr.State([]), gr.State(Desk())
    with gr.Row():
        with gr.Column(scale=2):
            given = gr.Image(
                sources=["upload", "clipboard"],
                type="filepath",
                label=f"A picture (at most {PICTURE_MB} MB)",
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
    shown = [annotated, bars, table, crops, heat]  # with every picture the maps of the one before go

    def look(picture, desk):
        return desk.look(lambda: (*calls.picture(picture), "")) or [gr.skip() for _ in shown]

    def show_example(name, desk):
        return desk.look(lambda: (*calls.example(name), "", None)) or [gr.skip() for _ in [*shown, given]]

    def explain(crops, desk):
        return desk.explain(crops, calls.heat) or gr.skip()

    options = {"concurrency_limit": 40, "concurrency_id": "pictures"}
    looks = [given.input(look, [given, desk], shown, api_name="picture", **options)]
    for name, button in examples.items():
        choose = functools.partial(show_example, name)
        looks.append(button.click(choose, desk, [*shown, given], **_PRIVATE, **options))
    why.click(explain, [crops, desk], heat, trigger_mode="always_last", **_PRIVATE, **options)
    return looks, crops


_PRIVATE = {"api_visibility": "private"}


def webcam_tab(calls: Calls) -> None:
    """The tab's page."""
    memory = gr.State(None)
    with gr.Row():
        with gr.Column(scale=2):
            camera = gr.Image(
                sources=["webcam"],
                streaming=True,
                type="filepath",
                label="Your camera",
                height=320,
                buttons=[],
            )
            _hand_over_as_it_is(camera)
            gr.Markdown(
                "Press *Click to Access Webcam* in the frame, then *Start* at its lower edge. *Stop*, or another tab "
                "of this page, turns the camera off."
            )
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


def head() -> str:
    """What the page needs for the webcam's tab."""
    return f"<script>{page_part('app_camera.js')}</script>"


def video_tab(calls: Calls) -> None:
    """The tab's page."""
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
            example = gr.Button("Or an example: a drawn face with an actor's voice", size="sm")
            gr.Markdown(
                "Where your browser says that it cannot play the file (.avi, for example), it is read all the same. "
                "Of a film with sound, what the face shows and what the voice sounds like come on one time line; "
                "the voice is heard by a network that learned from ten German-speaking actors and knows four emotions."
            )
        with gr.Column():
            annotated = gr.Video(label="Annotated video, without sound", interactive=False, height=320)
            # Gradio would turn it into another kind of video where ffmpeg is installed; browsers play this one
            annotated.postprocess = lambda path: path and gr.FileData(path=str(path))
            csv = gr.File(label="A row for each face in each frame (CSV)", interactive=False)
            seconds = gr.File(label="A row for each second: face, voice, and both (CSV)", interactive=False)
    summary = gr.HTML(elem_id="film")

    def look(path, progress=gr.Progress(track_tqdm=True)):  # noqa: B008 (Gradio finds it there)
        yield from calls.video(path)

    def look_at_example(progress=gr.Progress(track_tqdm=True)):  # noqa: B008
        yield from calls.video(FILM)

    shown, options = [summary, annotated, csv, seconds], {"concurrency_limit": 4, "concurrency_id": "films"}
    start.click(look, given, shown, **options, **_PRIVATE)
    example.click(look_at_example, None, shown, **options, **_PRIVATE)


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
