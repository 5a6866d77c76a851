"""The expression playground: what a slider changes, what is shown, and what is said."""

import base64
import re

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import DataError, EmotionLabError
from emotionlab.data.drawn import ACTION_UNITS, EMOTION_UNITS, draw_face, draw_faces
from emotionlab.explain import explainer, grad_cam
from emotionlab.live import playground as module
from emotionlab.live.playground import Playground, Result, State, bars_html, pictures_html, playground, sentence, update

HAPPY = State(EMOTION_UNITS["happy"])


@pytest.fixture(scope="module")
def shipped():
    return el.reference.load("scratch_cnn").model()


@pytest.fixture
def play(shipped):
    return playground(shipped)


def tiny(seed=0):
    return el.models.small_cnn(widths=(4, 4, 8, 8), seed=seed)


def result_of(probabilities, cam=None, asked="happy"):
    cam = np.zeros((48, 48), "float32") if cam is None else cam
    return Result(np.zeros((48, 48), "uint8"), np.asarray(probabilities, "float32"), cam, asked)


# ---------------------------------------------------------------------------------- update


def test_an_update_draws_reads_and_explains_the_face(shipped):
    state = State({12: 1.0, 6: 0.8}, identity=4, yaw=12, light_x=0.5, exposure=1.0)
    result = update(state, explainer(shipped))
    face = draw_face({12: 1.0, 6: 0.8}, 4, yaw=12, light=(0.5, -0.45, 0.8), exposure=1.0, scale=1.15)
    assert np.array_equal(result.face, face)
    assert result.probabilities == pytest.approx(el.evaluation.predict(shipped, face)[0], abs=1e-4)
    assert result.cam == pytest.approx(grad_cam(shipped, face)[0], abs=1e-6)
    assert result.emotion == result.asked == el.EMOTIONS[result.probabilities.argmax()]


def test_the_same_state_gives_the_same_result(shipped):
    one, two = (update(HAPPY, explainer(shipped)) for _ in range(2))
    assert np.array_equal(one.face, two.face)
    assert np.array_equal(one.probabilities, two.probabilities)


def test_a_smile_is_read_as_happy_and_a_resting_face_is_not(shipped):
    smile, rest = update(HAPPY, explainer(shipped)), update(State(), explainer(shipped))
    assert smile.emotion == "happy"
    assert smile.probabilities[3] > rest.probabilities[3] + 0.3


def test_the_heat_map_can_be_asked_for_another_emotion(shipped):
    result = update(State(EMOTION_UNITS["happy"], asked="sad"), explainer(shipped))
    assert (result.emotion, result.asked) == ("happy", "sad")
    assert result.cam == pytest.approx(grad_cam(shipped, result.face, "sad")[0], abs=1e-6)


@pytest.mark.parametrize("state", [State({99: 1.0}), State({12: 1.5}), State(identity=-1), State(asked="joy")])
def test_a_state_that_cannot_be_drawn_is_refused(state, shipped):
    with pytest.raises(DataError):
        update(state, explainer(shipped))


# ---------------------------------------------------------------------------------- the network


@pytest.fixture(scope="module")
def with_head(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOTIONLAB_FAST", "1")
        patch.setenv("EMOTIONLAB_DATA", str(tmp_path_factory.mktemp("data")))
        return module._with_drawn_head()


def test_a_head_trained_on_drawn_faces_reads_them_better(shipped, with_head):
    """The reason why the playground trains one: it is what the module's docstring says."""
    faces = draw_faces(3000, seed=5).test
    as_shipped, adapted = el.evaluate(shipped, faces), el.evaluate(with_head, faces)
    assert adapted.accuracy > as_shipped.accuracy
    assert adapted.macro_f1 > as_shipped.macro_f1 + 0.05
    assert as_shipped.per_class.recall["disgust"] < 0.2 < adapted.per_class.recall["disgust"]


def test_the_presets_are_read_as_what_they_are(shipped, with_head):
    right = {}
    for model in (shipped, with_head):
        read = [update(State(units), explainer(model)).emotion for units in EMOTION_UNITS.values()]
        right[model] = sum(word == emotion for word, emotion in zip(read, EMOTION_UNITS, strict=True))
    assert right[with_head] >= 6
    assert right[shipped] < right[with_head]


def test_the_default_offers_the_network_with_and_without_the_drawn_head(monkeypatch):
    monkeypatch.setattr(module, "_with_drawn_head", lambda: tiny(1))
    monkeypatch.setattr(module, "_shipped", lambda: tiny(2))
    play = el.playground()
    assert play.networks == ("head trained on drawn faces", "as shipped, trained on photographs")
    before = play.result.probabilities
    play.use(play.networks[1])
    assert play.state == HAPPY
    assert not np.allclose(play.result.probabilities, before)
    with pytest.raises(EmotionLabError, match="head trained on drawn faces"):
        play.use("another")


def test_a_network_of_ones_own_can_be_played_with():
    play = playground(tiny())
    assert play.networks == ("small_cnn",)
    with pytest.raises(EmotionLabError, match=r"keras\.Model"):
        playground("scratch_cnn")


# ---------------------------------------------------------------------------------- words and pictures


def test_the_sentence_names_the_emotions_and_the_place():
    cam = np.zeros((48, 48), "float32")
    cam[36:44, 14:34] = 1
    said = sentence(result_of([0.02, 0, 0.27, 0.71, 0, 0, 0], cam))
    assert said == (
        "Predicted: happy (about 70 %), then fear (about 30 %). Most evidence for happy: lower third of the picture."
    )
    said = sentence(result_of([0, 0, 0, 0.97, 0.03, 0, 0]))
    assert said == "Predicted: happy (about 100 %). No place of this face speaks for happy."


def test_a_small_move_leaves_the_sentence_alone(play):
    before = sentence(play.result)
    play.show(State({**EMOTION_UNITS["happy"], 12: 0.99}))
    assert sentence(play.result) == before


def test_the_bars_carry_names_and_numbers_and_mark_the_highest_in_words():
    text = bars_html(result_of([0.05, 0, 0.1, 0.6, 0.05, 0.2, 0]))
    cells = re.findall(r">([\d.]+ %)(.*?)</td>", text)
    assert [number for number, _ in cells] == ["5.0 %", "0.0 %", "10.0 %", "60.0 %", "5.0 %", "20.0 %", "0.0 %"]
    assert [bool(mark) for _, mark in cells] == [False, False, False, True, False, False, False]
    assert "60.0 % ◀ predicted" in text
    assert all(emotion in text for emotion in el.EMOTIONS)


def test_the_pictures_are_the_face_and_its_overlay_with_a_text_for_each(play):
    import cv2

    text = pictures_html(play.result)
    pictures = [base64.b64decode(data) for data in re.findall(r"base64,([^\"]+)", text)]
    face, heat = (cv2.imdecode(np.frombuffer(data, "uint8"), cv2.IMREAD_COLOR) for data in pictures)
    assert face.shape == heat.shape == (module.SIDE, module.SIDE, 3)
    small = cv2.resize(face[..., 0], (48, 48), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), play.result.face.ravel())[0, 1] > 0.98
    saturation = np.ptp(heat.astype(int), axis=-1)
    hot = cv2.resize(play.result.cam, (module.SIDE,) * 2) > 0.5
    assert saturation[hot].mean() > 2 * saturation[~hot].mean()
    assert len(re.findall(r'alt="[^"]{15,}"', text)) == 2


def test_headless_prints_the_sentence_and_shows_one_static_picture(shipped, monkeypatch, capsys):
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    play = playground(shipped)
    assert capsys.readouterr().out.strip() == sentence(play.result) == repr(play)
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    play._ipython_display_()
    assert set(shown[0]) == {"text/html", "text/plain"}
    assert "data:image/png" in shown[0]["text/html"]


def test_in_a_notebook_the_panel_is_shown_with_a_picture_in_its_place(play, monkeypatch):
    monkeypatch.delenv("EMOTIONLAB_HEADLESS", raising=False)
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    play._ipython_display_()
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    assert "data:image/png" in shown[0]["text/html"]
    assert shown[0]["text/plain"] == sentence(play.result)


# ---------------------------------------------------------------------------------- the panel


class Panel:
    """The parts of a panel, by name."""

    def __init__(self, play):
        self.widget = play.panel()
        (top, live, choices, presets, sliders, self.speed, _) = self.widget.children
        self.pictures, self.bars = top.children
        self.live = live
        self.network, self.asked = choices.children
        self.buttons = {button.description: button for button in presets.children[1:]}
        self.sliders = {slider.description: slider for slider in sliders.children}
        self.person = self.sliders["Person (0: the average one)"]


@pytest.fixture
def panel(play):
    return Panel(play)


def test_there_is_a_slider_with_plain_words_for_every_unit_and_for_pose_and_light(panel):
    assert "AU 12 lip corner puller (smile)" in panel.sliders
    names = [name for name in panel.sliders if name.startswith("AU ")]
    assert [int(name.split()[1]) for name in names] == list(ACTION_UNITS)
    assert len(panel.sliders) == len(ACTION_UNITS) + 7
    assert {name.split(":")[0] for name in panel.sliders} - set(names) == {"Head", "Light", "Person (0"}


def test_the_sliders_start_where_the_state_is(panel, play):
    assert panel.sliders["AU 12 lip corner puller (smile)"].value == 1.0
    assert panel.sliders["AU 4 brow lowerer (frown)"].value == 0
    assert panel.live.text == sentence(play.result)


def test_a_slider_changes_face_bars_and_sentence(panel, play):
    before = panel.pictures.value, panel.bars.value
    panel.sliders["AU 12 lip corner puller (smile)"].value = 0.0
    panel.sliders["AU 6 cheek raiser (smiling eyes)"].value = 0.0
    assert play.state == State()
    assert play.result.probabilities[3] < 0.5
    assert panel.pictures.value != before[0]
    assert panel.bars.value == bars_html(play.result) != before[1]
    assert panel.live.text == sentence(play.result)


def test_pose_light_person_and_question_reach_the_state(panel, play):
    panel.sliders["Head: turn left or right, degrees"].value = 20
    panel.sliders["Light: brightness"].value = 0.8
    panel.person.value = 7
    panel.asked.value = "fear"
    assert (play.state.yaw, play.state.exposure, play.state.identity, play.state.asked) == (20, 0.8, 7, "fear")
    assert play.result.asked == "fear"
    panel.asked.value = "the predicted emotion"
    assert play.state.asked is None


def test_every_slider_moves_the_face(panel, play):
    for name, slider in panel.sliders.items():
        before = play.result.face
        slider.value = slider.max if slider.value < slider.max else slider.min
        assert not np.array_equal(play.result.face, before), name


def test_a_preset_moves_all_sliders_in_one_update_and_keeps_the_pose(panel, play, monkeypatch):
    panel.sliders["Head: tilt, degrees"].value = 9
    updates = []
    monkeypatch.setattr(module, "update", lambda *given: updates.append(given) or update(*given))
    panel.buttons["surprise"].click()
    assert len(updates) == 1
    assert dict(play.state.units) == EMOTION_UNITS["surprise"]
    assert play.state.roll == 9
    assert panel.sliders["AU 26 jaw drop (mouth open)"].value == 0.9
    assert panel.sliders["AU 12 lip corner puller (smile)"].value == 0
    assert "surprise" in panel.live.text


def test_the_controls_follow_a_state_that_a_program_sets(panel, play):
    state = State({4: 0.5}, identity=9, yaw=-12, asked="sad")
    play.show(state)
    assert panel.sliders["AU 4 brow lowerer (frown)"].value == 0.5
    assert panel.sliders["AU 12 lip corner puller (smile)"].value == 0
    assert (panel.person.value, panel.asked.value) == (9, "sad")
    assert play.state == state


def test_reset_puts_everything_back(panel, play):
    panel.sliders["Light: brightness"].value = 0.5
    panel.person.value = 3
    panel.buttons["reset"].click()
    assert play.state == State()
    assert panel.sliders["Light: brightness"].value == State().exposure
    assert panel.person.value == 0


def test_every_emotion_has_a_preset_and_a_tooltip(panel):
    assert list(panel.buttons) == [*el.EMOTIONS, "reset"]
    assert all(button.tooltip for button in panel.buttons.values())


def test_the_panel_shows_how_many_updates_a_second_it_makes(panel, play):
    panel.buttons["sad"].click()
    panel.buttons["sad"].click()
    assert re.search(r"\d+ updates a second", panel.speed.value)
    assert play.updates_per_second > 0


def test_the_network_can_be_changed_in_the_panel():
    play = Playground({"one": lambda: tiny(1), "two": lambda: tiny(2)})
    panel = Panel(play)
    before = play.result.probabilities
    panel.network.value = "two"
    assert play.network == "two"
    assert not np.allclose(play.result.probabilities, before)


def test_two_panels_of_one_playground_show_the_same(play):
    one, two = Panel(play), Panel(play)
    one.buttons["sad"].click()
    assert one.pictures.value == two.pictures.value
    assert one.live.text == two.live.text


def test_without_anywidget_the_sentence_is_plain_html(play, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "google.colab", object())
    live, say = module._live_text()
    say("Predicted: <happy>")
    assert live.value == '<p role="status">Predicted: &lt;happy&gt;</p>'
