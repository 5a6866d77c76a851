"""Each parameter of each public name, one wrong value at a time: an `EmotionLabError` or a result, nothing else."""

import contextlib
import inspect
import warnings
from functools import cache
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.data.drawn import draw_faces as _draw_faces


class Refuses:
    """An object that answers nothing that it is asked."""

    def __array__(self, *_, **__):
        raise ValueError("no array")

    def __repr__(self):
        raise RuntimeError("no words")

    def __bool__(self):
        raise TypeError("no truth")


ODD = (
    *(None, True, False, 0, 1, -1, 3, 7, 10**400, 0.5, -0.5, 1.5, float("nan"), float("inf"), 1e300, 1j),
    *("", "x", "3", "happy", "train", "no/such/place", "a\0b", "~nobody/x", "../up", "🙂", b"bytes"),
    *([], [1], ["x"], [None], [[1], [2, 3]], [[]], (), (1, 2), {}, {"a": 1}, {1, 2}, range(3)),
    *(np.zeros(0), np.zeros(7), np.full(7, np.nan), np.zeros((2, 2)), np.zeros((1, 48, 48)), np.zeros((0, 48, 48))),
    *(np.array(None), np.array([None] * 7), np.array(["a"]), np.int64(2), np.float32(0.5), np.array([300, -1])),
    *(Path("nowhere"), Path(), object(), Refuses(), int, len, lambda: None, iter([1])),
)
"""Values that are wrong nearly everywhere, and right in a few places."""

VALUES = (
    st.sampled_from(ODD)
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=12)
    | st.lists(st.none() | st.integers(-3, 9) | st.floats() | st.text(max_size=3), max_size=3)
    | st.dictionaries(st.text(max_size=5), st.none() | st.integers(), max_size=2)
)


# ------------------------------------------------------------------------------------------- what is right


@cache
def faces():
    return _draw_faces(60, seed=1)


@cache
def model():
    return el.models.scratch_cnn(widths=(2, 2, 2, 2), blocks=(1, 1, 1))


@cache
def report():
    rng = np.random.default_rng(0)
    return el.evaluation.score(rng.integers(0, 7, 40), rng.dirichlet(np.ones(7), 40), "mine")


@cache
def comparison():
    return el.compare({"a": report(), "b": report()})


@cache
def recognizer():
    return el.Recognizer(detector="haar")


IMAGES = np.random.default_rng(1).integers(0, 256, (3, 48, 48), dtype=np.uint8)
LABELS = np.array([0, 3, 6])
HISTORY = {"loss": [1.0, 0.5], "accuracy": [0.3, 0.5], "val_loss": [1.0, 0.9], "val_accuracy": [0.2, 0.4]}
FIGURE = {"title": None, "say": False}


def split_of_three():
    return el.Split(IMAGES, LABELS, np.array(["a", "b", "c"]))


HEAT = np.linspace(0, 1, 48 * 48).reshape(48, 48)

RIGHT = {
    "explain.overlay": lambda: {"image": IMAGES[0], "heat": HEAT, "side": 96},
    "explain.regions": lambda: {"maps": HEAT},
    "evaluation.vote_scores": lambda: {
        **{"probabilities": report().probabilities, "votes": np.ones((40, 10), int), "thresholds": 0.2, "least": 2},
    },
    "faces.framing": lambda: {"detector": "haar"},
    "reference.load": lambda: {"name": "plain"},
    "senses.fuse": lambda: {
        "senses": {"face": report().probabilities, "voice": report().probabilities},
        **{"how": "product", "priors": np.full(7, 1 / 7)},
    },
    "load_faces": lambda: {"source": "drawn", "size": 21, "seed": 0, "label_noise": 0.0},
    "Faces": lambda: (
        dict.fromkeys(("train", "validation", "test"), split_of_three())
        | {"name": "drawn", "source": "a test", "notes": (), "checksum": ""}
    ),
    "Split": lambda: {"images": IMAGES, "labels": LABELS, "files": np.array(["a", "b", "c"])},
    "find_duplicates": lambda: {"faces": faces()},
    "Recipe": lambda: {name: getattr(el.Recipe(), name) for name in inspect.signature(el.Recipe).parameters},
    "Run": lambda: {"folder": "runs/mine"},
    "load_run": lambda: {"name_or_path": "plain"},
    "train": lambda: {
        **{"model": model(), "faces": faces(), "recipe": el.Recipe(epochs=1), "name": None, "record": False},
        "kept_as": "float16",
    },
    "features": lambda: {"model": model(), "split": split_of_three(), "keep": False},
    "train_head": lambda: {
        **{"model": model(), "split": split_of_three(), "epochs": 1, "learning_rate": 0.1, "batch_size": 8},
        **{"label_smoothing": 0.0, "balance": "none", "seed": 0, "validation": None},
    },
    "augmentation": lambda: {"recipe": el.Recipe().augmented()},
    "class_weights": lambda: {"labels": LABELS},
    "evaluate": lambda: {"model_or_run": model(), "split": split_of_three(), "tta": "none", "batch_size": 8},
    "Report": lambda: {"labels": report().labels, "probabilities": report().probabilities, "name": "mine"},
    "compare": lambda: {"runs": {"a": report(), "b": report()}, "split": "test", "tta": "flip"},
    "abstention": lambda: {"report": report(), "threshold": 0.5},
    "plot_faces": lambda: {"images": IMAGES, "labels": LABELS, "predicted": LABELS, "columns": 3, **FIGURE},
    "plot_counts": lambda: {"faces": split_of_three(), **FIGURE},
    "plot_history": lambda: {"run": HISTORY, "axes": None, **FIGURE},
    "plot_confusion": lambda: {"report": report(), "normalise": True, "ax": None, **FIGURE},
    "plot_calibration": lambda: {"report": report(), "bins": 5, **FIGURE},
    "plot_probabilities": lambda: {
        **{"image": IMAGES[0], "probabilities": report().probabilities[0], "label": 3},
        **FIGURE,
    },
    "plot_ablation": lambda: {"reports": {"a": report()}, "metric": "accuracy", "ax": None, **FIGURE},
    "plot_votes": lambda: {"matrix": None, "ax": None, **FIGURE},
    "model_card": lambda: {"run": "plain"},
    "plot_tradeoff": lambda: {
        "comparison": el.compare(["plain", "augmented"]),
        "cost": "minutes",
        "ax": None,
        **FIGURE,
    },
    "plot_agreement": lambda: {"comparison": comparison(), "ax": None, **FIGURE},
    "plot_coverage": lambda: {"report": report(), "threshold": 0.5, "ax": None, **FIGURE},
    "grad_cam": lambda: {"model": model(), "images": IMAGES, "classes": None, "layer": None},
    "occlusion": lambda: {"model": model(), "images": IMAGES[:1], "classes": None, "size": 24, "stride": 24},
    "plot_gradcam": lambda: {
        **{"model": model(), "images": IMAGES[:1], "labels": [3], "classes": None, "layer": None, "columns": 1},
        **{"show_pictures": False, **FIGURE},
    },
    "plot_occlusion": lambda: {
        **{"model": model(), "images": IMAGES[:1], "labels": [3], "classes": None, "size": 24, "stride": 24},
        **{"columns": 1, "show_pictures": False, **FIGURE},
    },
    "plot_recorded_gradcam": lambda: {"run": "vgg16_random", "columns": 7, **FIGURE},
    "playground": lambda: {"model": model()},
    "Recognizer": lambda: {"model": None, "detector": "haar", "threshold": None, "longest": 320},
    "recognize_video": lambda: {
        **{"path": film(), "out": None, "csv": None, "recognizer": recognizer(), "smooth": 0.5},
        **{"progress": False, "codec": None, "most_frames": 8},
    },
    "webcam": lambda: {"model": recognizer(), "smooth": 0.5, "width": 320, "mirror": True},
    "camera": lambda: {"model": recognizer(), "index": 0, "smooth": 0.5, "mirror": True, "seconds": 1.0},
    "microphone": lambda: {"listener": el.VoiceListener(), "seconds": 5},
    "app": lambda: {"model": recognizer(), "detector": "auto", "only": "picture", "feedback": None},
    "load_texts": lambda: {"source": None, "seed": 0},
    "TextReader": lambda: {"thresholds": None},
    "load_voices": lambda: {"source": None},
    "VoiceListener": lambda: {"threshold": None},
    "quiz": lambda: {"lesson": "01"},
    "exercise": lambda: {"number": "01"},
    "tagger": lambda: {"split": split_of_three(), "size": 2, "seed": 0},
}
"""Arguments that are right, for every public name that can be called, and for parts that lessons use."""


@cache
def film() -> Path:
    import tempfile

    from emotionlab.base.opencv import cv2

    path = Path(tempfile.mkdtemp()) / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"MJPG"), 10, (64, 48))
    for _ in range(2):
        writer.write(np.full((48, 64, 3), 90, np.uint8))
    writer.release()
    return path


def callable_names() -> list[str]:
    """The public names that can be called, which leaves out modules and constants."""
    return [name for name in el.__all__ if callable(getattr(el, name))]


def named(name: str):
    """What a name such as "train" or "senses.fuse" stands for."""
    return attrgetter(name)(el)


def test_every_public_name_that_can_be_called_is_tried():
    assert sorted(name for name in RIGHT if "." not in name) == sorted(callable_names())


@pytest.mark.parametrize("name", RIGHT)
def test_every_parameter_is_tried(name):
    parameters = inspect.signature(named(name)).parameters.values()
    assert set(RIGHT[name]()) == {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}


# ------------------------------------------------------------------------------------------- the property


@pytest.fixture(autouse=True)
def no_work(monkeypatch, tmp_path):
    """What trains or starts a server is left out; what is drawn is closed."""
    import matplotlib.pyplot as plt

    from emotionlab.data import drawn
    from emotionlab.live import playground
    from emotionlab.training import frozen, loop

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMOTIONLAB_HEADLESS", "1")
    monkeypatch.setattr(loop, "_train_epochs", lambda *_: None)
    monkeypatch.setattr(loop, "_train_head", lambda *_: None)
    monkeypatch.setattr(loop, "_finish", lambda run, *_: run)
    monkeypatch.setattr(frozen, "_head", lambda *_: Untrained())
    monkeypatch.setattr(drawn, "draw_faces", lambda *_, **__: faces())
    monkeypatch.setattr(playground, "_with_drawn_head", model)
    monkeypatch.setattr(playground, "_shipped", model)
    yield
    plt.close("all")


class Untrained:
    """Stands for the head that `train_head` would train."""

    def compile(self, **_):
        self.history = {"loss": [1.0], "accuracy": [0.5]}

    def fit(self, *_, **__):
        return self

    def get_layer(self, name):
        return model().get_layer(name)


def call(name: str, parameter: str, value):
    """A public name called with one wrong value; only an EmotionLabError may come out, in one sentence."""
    import matplotlib.pyplot as plt

    arguments = {**RIGHT[name](), parameter: value}
    said = ""
    try:
        with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(None):
            named(name)(**arguments)
    except EmotionLabError as problem:
        said = str(problem)
    finally:
        plt.close("all")
    assert "\n" not in said
    assert len(said) < 1500


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_arguments_give_a_result(name, capsys, own_folders):
    from emotionlab.runs import write_json

    if name == "VoiceListener" and not el.sound.recorded.names():
        pytest.skip("no network for voices is recorded here")
    write_json(own_folders / "runs" / "mine" / "recipe.json", el.Recipe().as_dict())
    assert named(name)(**RIGHT[name]()) is not None or name == "abstention"


SLOW = {"model_card", "plot_tradeoff", "plot_recorded_gradcam", "plot_gradcam", "webcam", "camera", "app", "playground"}
"""Names of which a right call takes a fifth of a second and more: fewer values are tried."""
SLOW.add("microphone")


@pytest.mark.parametrize("name", RIGHT)
def test_a_wrong_value_gives_an_emotionlab_error_or_a_result(name):
    parameters = list(RIGHT[name]())

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=(2 if name in SLOW else 5) * len(parameters),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(parameters), VALUES)
    def try_one(parameter, value):
        call(name, parameter, value)

    try_one()
