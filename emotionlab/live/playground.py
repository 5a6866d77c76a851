"""The expression playground: move the muscles of a drawn face and watch what the network makes of it.

    el.playground()                 # in a notebook: sliders, the face, seven probabilities, Grad-CAM

    explain = emotionlab.explain.explainer(model)
    result = update(State(units={6: 0.8, 12: 1.0}), explain)      # the same without a panel

The shipped network has learned from photographs and has never seen a drawn face: it reads about half of them,
hardly any anger or disgust. So `playground()` also trains its last layer on drawn faces (seconds, see
`emotionlab.training.frozen`), which brings it to about seven in ten, and lets you switch between the two.
"""

import base64
import html
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from emotionlab.base import settings
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.drawn import ACTION_UNITS, EMOTION_UNITS, draw_face, draw_faces
from emotionlab.explain import GradCam, explainer, overlay, regions
from emotionlab.live.bars import bars

PLAIN = {
    1: "worry",
    2: "high brows",
    4: "frown",
    5: "wide eyes",
    6: "smiling eyes",
    7: "narrow eyes",
    9: "wrinkled nose",
    12: "smile",
    15: "corners down",
    16: "lip down",
    17: "pout",
    20: "wide mouth",
    23: "pressed lips",
    25: "lips apart",
    26: "mouth open",
    43: "blink",
}
"""Each action unit in everyday words."""

PEOPLE = 40
"""How many people the panel offers beside the average one."""

SIDE = 216
"""Height and width of an enlarged picture in pixels."""

_PREDICTED = "the predicted emotion"

_POSE_AND_LIGHT = {  # field of State: (label, lowest, highest, step)
    "yaw": ("Head: turn left or right, degrees", -35, 35, 1),
    "pitch": ("Head: look up or down, degrees", -20, 20, 1),
    "roll": ("Head: tilt, degrees", -25, 25, 1),
    "light_x": ("Light: from the left or the right", -1.0, 1.0, 0.05),
    "light_y": ("Light: from above or below", -1.0, 1.0, 0.05),
    "exposure": ("Light: brightness", 0.4, 1.8, 0.05),
}


@dataclass(frozen=True)
class State:
    """Where the sliders stand.

    units: FACS number -> intensity 0..1; what is not named is at rest. identity: None or a whole number from 0 on.
    yaw, pitch, roll: degrees. light_x, light_y: direction of the light (right, down). exposure: factor.
    asked: the emotion whose evidence the heat map shows, None for the predicted one.
    """

    units: Mapping[int, float] = field(default_factory=dict)
    identity: int | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    light_x: float = -0.35
    light_y: float = -0.45
    exposure: float = 1.2
    asked: str | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """What the network makes of a face.

    face: (48, 48) uint8. probabilities: (7,) float32. cam: (48, 48) float32, 0..1, the Grad-CAM.
    asked: the emotion that the Grad-CAM is about.
    """

    face: np.ndarray
    probabilities: np.ndarray
    cam: np.ndarray
    asked: str

    @property
    def emotion(self) -> str:
        """The most probable emotion."""
        return EMOTIONS[int(self.probabilities.argmax())]


def update(state: State, explain: GradCam) -> Result:
    """Draw the face of this state and explain it: all the work of one move of a slider, without a panel.

    explain: `emotionlab.explain.explainer(model)`. Raises DataError for a state that cannot be drawn.
    """
    face = draw_face(
        dict(state.units),
        state.identity,
        yaw=state.yaw,
        pitch=state.pitch,
        roll=state.roll,
        light=(state.light_x, state.light_y, 0.8),
        exposure=state.exposure,
        scale=1.15,
    )
    maps, probabilities = explain(face, state.asked)
    asked = state.asked or EMOTIONS[int(probabilities[0].argmax())]
    return Result(face, probabilities[0], maps[0], asked)


def sentence(result: Result) -> str:
    """The result in words, rounded so coarsely that a small move of a slider does not change them."""
    first, second = np.argsort(-result.probabilities, kind="stable")[:2]
    text = f"Predicted: {EMOTIONS[first]} (about {_tenth(result.probabilities[first])} %)"
    if result.probabilities[second] >= 0.15:
        text += f", then {EMOTIONS[second]} (about {_tenth(result.probabilities[second])} %)"
    if not result.cam.any():
        return f"{text}. No place of this face speaks for {result.asked}."
    shares = regions(result.cam)
    return f"{text}. Most evidence for {result.asked}: {max(shares, key=shares.get)} of the picture."


def _tenth(probability: float) -> int:
    return 10 * round(10 * float(probability))


# ---------------------------------------------------------------------------------- as HTML


def pictures_html(result: Result) -> str:
    """The face and its heat map as two HTML images, each with a text in its place; in no file."""
    import cv2

    face = cv2.resize(result.face, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    heat = overlay(result.face, result.cam, SIDE)
    caption = f"Grad-CAM: evidence for {result.asked}"
    return (
        '<div style="display:flex;gap:12px;flex-wrap:wrap">'
        + _figure(face, "Drawn face", "The drawn face, in grey")
        + _figure(heat, caption, f"{caption}; a white line runs round its strongest half. {sentence(result)}")
        + "</div>"
    )


def _figure(picture: np.ndarray, caption: str, alt: str) -> str:
    import cv2

    pixels = picture[..., ::-1] if picture.ndim == 3 else picture  # OpenCV writes blue first
    _, data = cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])  # level 1 is the fastest
    source = "data:image/png;base64," + base64.b64encode(data).decode("ascii")
    # decoded at once: otherwise the place is blank for a moment at each update
    image = f'<img decoding="sync" src="{source}" width="{SIDE}" height="{SIDE}" alt="{html.escape(alt)}">'
    return f'<figure style="margin:0">{image}<figcaption style="line-height:1.4">{caption}</figcaption></figure>'


def bars_html(result: Result) -> str:
    """The seven probabilities, the predicted emotion marked."""
    return bars(result.probabilities, "Probability of each emotion", result.emotion, decimals=1, mark="◀ predicted")


# ---------------------------------------------------------------------------------- the playground


class Playground:
    """A drawn face, a network that reads it, and the panel that moves both.

    networks: name -> function that gives the model; it is called when the network is first chosen.
    state, result: where the sliders stand, and what the network makes of it.
    `show` does from a program what the sliders do in the panel.
    """

    def __init__(self, networks: dict[str, Callable]):
        self._networks, self._explainers, self._refresh = networks, {}, []
        self._durations = deque(maxlen=20)
        self.use(next(iter(networks)))

    def use(self, network: str) -> None:
        """Read the face with this network from now on. Raises EmotionLabError for an unknown name."""
        if network not in self._networks:
            raise EmotionLabError(
                f"Expected one of {', '.join(self._networks)}, found {network!r}; choose one of them."
            )
        if network not in self._explainers:
            self._explainers[network] = explainer(self._networks[network]())
        self.network = network
        self.show(getattr(self, "state", State(EMOTION_UNITS["happy"])))

    def show(self, state: State) -> Result:
        """Draw and explain this state, and bring every panel up to date. Raises DataError when it cannot be drawn."""
        start = time.perf_counter()
        self.result = update(state, self._explainers[self.network])
        self.state = state
        for refresh in self._refresh:
            refresh()
        self._durations.append(time.perf_counter() - start)
        return self.result

    @property
    def updates_per_second(self) -> float:
        """How many updates a second the kernel can make, from the median of the last 20; NaN before the first."""
        return 1 / float(np.median(self._durations)) if self._durations else float("nan")

    def speed(self) -> str:
        """The speed in words; empty before the first update."""
        if not self._durations:
            return ""
        return f"The kernel can make {self.updates_per_second:.0f} updates a second."

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks to choose from."""
        return tuple(self._networks)

    def panel(self):
        """A new ipywidgets panel that drives this playground. Raises ImportError without ipywidgets."""
        return build_panel(self)

    def __repr__(self) -> str:
        return sentence(self.result)

    def _repr_html_(self) -> str:
        """One static picture of the present state."""
        side_by_side = f"{pictures_html(self.result)}{bars_html(self.result)}"
        return f'<div style="display:flex;gap:24px;flex-wrap:wrap">{side_by_side}</div><p>{sentence(self.result)}</p>'

    def _ipython_display_(self) -> None:
        from IPython.display import display

        try:
            bundle = {} if settings.headless() else self.panel()._repr_mimebundle_()
        except ImportError:
            bundle = {}
        display({**bundle, "text/html": self._repr_html_(), "text/plain": repr(self)}, raw=True)


def playground(model=None) -> Playground:
    """A panel with a slider for each facial action unit, for head pose and light: what does the network say?

    model: a keras.Model that takes (N, 48, 48, 1) pictures in 0..255 and returns logits (N, 7). None takes the shipped
        `scratch_cnn`, with its last layer trained on drawn faces (once; some seconds), and beside it as shipped.

    With EMOTIONLAB_HEADLESS=1 it shows one static picture and prints the result in a sentence.
    Raises EmotionLabError for a model that Grad-CAM cannot explain.
    """
    if model is None:
        networks = {"head trained on drawn faces": _with_drawn_head, "as shipped, trained on photographs": _shipped}
    else:
        networks = {getattr(model, "name", "network"): lambda: model}
    play = Playground(networks)
    if settings.headless():
        print(sentence(play.result))
    return play


def _shipped():
    from emotionlab.runs import reference

    return reference.load(reference.SHIPPED).model()


def _with_drawn_head():
    """The shipped network with its last layer trained on drawn faces; everything before it stays as it is."""
    from emotionlab.training.frozen import train_head

    model, faces = _shipped(), draw_faces(settings.subset(5000, 1200)).train
    train_head(model, faces, epochs=40, learning_rate=3e-3, balance="weights")  # unweighted, disgust is never seen
    return model


# ---------------------------------------------------------------------------------- the panel

_LIVE_TEXT = """
function render({ model, el }) {
  // The element is there before its text changes: only then do screen readers announce the change.
  el.setAttribute("aria-live", "polite");
  // ipywidgets leaves the handle of a slider without a name.
  const nameHandles = () => {
    const sliders = el.closest(".emotionlab-playground")?.querySelectorAll(".widget-slider") ?? [];
    for (const slider of sliders) {
      const label = slider.querySelector("label")?.textContent ?? "";
      slider.querySelector("[role=slider]")?.setAttribute("aria-label", label);
    }
  };
  el.ownerDocument.addEventListener("focusin", nameHandles);
  const show = () => { el.textContent = model.get("text"); };
  model.on("change:text", show);
  show();
  return () => el.ownerDocument.removeEventListener("focusin", nameHandles);
}
export default { render };
"""


_STYLE = """<style>
.emotionlab-playground .widget-slider { flex-wrap: wrap; width: auto; height: auto; }
.emotionlab-playground .widget-slider > label { width: 100%; height: auto; text-align: left; white-space: normal; }
</style>"""


def build_panel(play: Playground):
    """An ipywidgets VBox: pictures and bars, sentence, choices, presets, sliders."""
    import ipywidgets as widgets

    controls = _controls()
    network = widgets.Dropdown(options=play.networks, value=play.network, description="Network")
    pictures, bars, speed = widgets.HTML(), widgets.HTML(), widgets.HTML()
    live, say = _live_text()
    quiet = []  # not empty while the program itself moves the controls

    def refresh():
        quiet.append(True)
        for name, value in _values_of(play.state).items():
            controls[name].value = value
        network.value = play.network
        quiet.pop()
        pictures.value, bars.value = pictures_html(play.result), bars_html(play.result)
        say(sentence(play.result))
        speed.value = play.speed()

    def moved(_):
        if not quiet:
            play.show(_state_of(controls))

    for control in controls.values():
        control.observe(moved, names="value")
    network.observe(lambda change: quiet or play.use(change["new"]), names="value")
    refresh()
    play._refresh.append(refresh)
    wide = widgets.Layout(flex_flow="row wrap")
    choices = widgets.HBox([network, controls["asked"]], layout=wide)
    sliders = [control for name, control in controls.items() if name != "asked"]
    columns = widgets.Layout(grid_template_columns="repeat(auto-fill, minmax(260px, 1fr))", grid_gap="4px 20px")
    top = widgets.HBox([pictures, bars], layout=widgets.Layout(flex_flow="row wrap", grid_gap="24px"))
    grid = widgets.GridBox(sliders, layout=columns)
    panel = widgets.VBox([top, live, choices, _preset_buttons(play), grid, speed, widgets.HTML(_STYLE)])
    panel.add_class("emotionlab-playground")
    return panel


def _controls() -> dict:
    """Every control by name: a number for an action unit, else a field of State."""
    import ipywidgets as widgets

    def slider(label, low, high, step):
        digits = ".0f" if step == 1 else ".2f"
        return widgets.FloatSlider(min=low, max=high, step=step, description=label, readout_format=digits)

    controls = {unit: slider(f"AU {unit} {name} ({PLAIN[unit]})", 0, 1, 0.05) for unit, name in ACTION_UNITS.items()}
    controls |= {name: slider(*limits) for name, limits in _POSE_AND_LIGHT.items()}
    controls["identity"] = widgets.IntSlider(min=0, max=PEOPLE, description="Person (0: the average one)")
    words = [_PREDICTED, *EMOTIONS]
    controls["asked"] = widgets.Dropdown(options=words, description="Heat map", tooltip="Evidence for which emotion")
    return controls


def _values_of(state: State) -> dict:
    """The value of each control, by the names of `_controls`."""
    units = {unit: float(state.units.get(unit, 0)) for unit in ACTION_UNITS}
    pose_and_light = {name: getattr(state, name) for name in _POSE_AND_LIGHT}
    return {**units, **pose_and_light, "identity": state.identity or 0, "asked": state.asked or _PREDICTED}


def _state_of(controls: dict) -> State:
    """The state that `_values_of` would turn into these controls."""
    units = {unit: controls[unit].value for unit in ACTION_UNITS if controls[unit].value > 0}
    pose_and_light = {name: controls[name].value for name in _POSE_AND_LIGHT}
    asked = None if controls["asked"].value == _PREDICTED else controls["asked"].value
    return State(units, controls["identity"].value or None, asked=asked, **pose_and_light)


def _preset_buttons(play: Playground):
    """A row of buttons: the muscles of each emotion, keeping pose and person; and everything at rest."""
    import ipywidgets as widgets

    buttons = []
    for emotion, units in EMOTION_UNITS.items():
        muscles = ", ".join(f"AU {unit}" for unit in units) or "every muscle at rest"
        button = widgets.Button(description=emotion, tooltip=f"Set the face to {emotion}: {muscles}")
        button.on_click(lambda _, units=units: play.show(replace(play.state, units=units)))
        buttons.append(button)
    reset = widgets.Button(description="reset", icon="undo", tooltip="Every slider back to its start")
    reset.on_click(lambda _: play.show(State()))
    buttons = [widgets.Label("Set the face to:"), *buttons, reset]
    return widgets.HBox(buttons, layout=widgets.Layout(flex_flow="row wrap"))


def _live_text():
    """A widget whose changes are announced, and the function that sets its text."""
    import ipywidgets as widgets

    try:
        if "google.colab" in sys.modules:  # Colab shows widgets of other makers only after an opt-in
            raise ImportError
        import anywidget
        import traitlets
    except ImportError:
        plain = widgets.HTML()
        return plain, lambda text: setattr(plain, "value", f'<p role="status">{html.escape(text)}</p>')

    class LiveText(anywidget.AnyWidget):
        _esm = _LIVE_TEXT
        text = traitlets.Unicode().tag(sync=True)

    live = LiveText()
    return live, lambda text: setattr(live, "text", text)
