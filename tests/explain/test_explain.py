"""Grad-CAM and occlusion: they find what the network uses, on both backends, and say when they cannot."""

import gc
import os
import re
import subprocess
import sys
import weakref

import jax_backend
import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

import emotionlab as el
from emotionlab import explain
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.explain import (
    GradCam,
    covering,
    grad_cam,
    gradcam,
    grid_faces,
    occlusion,
    read_grid,
    record_grid,
    spatial_layers,
)

HAPPY, SAD = 3, 4
TINY = {"widths": (4, 4, 8, 8)}


def patch_detector() -> keras.Model:
    """A network made by hand: "happy" is a bright patch anywhere, "sad" a dark one, and nothing else counts."""
    pictures = keras.Input((48, 48, 1))
    x = keras.layers.Rescaling(1 / 255)(pictures)
    x = keras.layers.Conv2D(2, 8, strides=4, activation="relu", name="patches")(x)
    x = keras.layers.GlobalMaxPooling2D(name="features")(x)
    model = keras.Model(pictures, keras.layers.Dense(7, name="logits")(x))
    kernel = np.ones((8, 8, 1, 2), "float32") / 64
    kernel[..., 1] *= -1
    model.get_layer("patches").set_weights([kernel, np.array([-0.6, 0.4], "float32")])
    head = np.zeros((2, 7), "float32")
    head[0, HAPPY] = head[1, SAD] = 20.0
    model.get_layer("logits").set_weights([head, np.zeros(7, "float32")])
    return model


def patched(top: int, left: int, grey: int = 255) -> np.ndarray:
    """A grey picture with one square of 12 pixels in another grey."""
    picture = np.full((48, 48), 128, "uint8")
    picture[top : top + 12, left : left + 12] = grey
    return picture


PLACES = [(2, 4), (30, 8), (16, 32)]


def peak(heat) -> tuple:
    """Centre of mass of the hottest pixels of a map."""
    rows, columns = np.nonzero(heat >= 0.9 * heat.max())
    return rows.mean(), columns.mean()


def assert_on_patch(heat, top, left):
    row, column = peak(heat)
    assert abs(row - (top + 5.5)) < 5
    assert abs(column - (left + 5.5)) < 5


@pytest.fixture(scope="module")
def faces():
    return grid_faces()


@pytest.fixture(scope="module")
def shipped():
    return el.reference.load("scratch_cnn").model()


# ---------------------------------------------------------------------------------- they find the evidence


@pytest.mark.parametrize(("top", "left"), PLACES)
def test_grad_cam_lands_on_the_planted_patch(top, left):
    heat = grad_cam(patch_detector(), patched(top, left))
    assert heat.shape == (1, 48, 48)
    assert heat.dtype == np.float32
    assert (heat.min(), heat.max()) == (0, 1)
    assert_on_patch(heat[0], top, left)


@pytest.mark.parametrize(("top", "left"), PLACES)
def test_occlusion_lands_on_the_planted_patch(top, left):
    drops = occlusion(patch_detector(), patched(top, left), size=12, stride=4)
    assert drops.shape == (1, 48, 48)
    assert drops.dtype == np.float32
    assert_on_patch(drops[0], top, left)
    assert 0.2 < drops.max() <= 1
    far_away = drops[0, (top + 24) % 48, (left + 24) % 48]
    assert far_away == pytest.approx(0, abs=1e-6)


def test_the_map_belongs_to_the_class_that_is_asked_for():
    picture = patched(4, 4)
    picture[30:42, 30:42] = 0
    model = patch_detector()
    pictures = np.stack([picture, picture])
    happy, sad = grad_cam(model, pictures, classes=["happy", SAD])
    assert_on_patch(happy, 4, 4)
    assert_on_patch(sad, 30, 30)
    assert np.array_equal(grad_cam(model, pictures, classes="sad")[0], sad)
    predicted = el.evaluation.predict(model, pictures)[0].argmax()
    assert np.array_equal(grad_cam(model, pictures)[0], sad if predicted == SAD else happy)
    covered = occlusion(model, pictures, classes=[HAPPY, "sad"])
    assert_on_patch(covered[0], 4, 4)
    assert_on_patch(covered[1], 30, 30)


def test_a_class_without_evidence_has_an_empty_map():
    assert not grad_cam(patch_detector(), patched(4, 4), classes="sad").any()


def test_grad_cam_is_what_the_paper_says():
    """With a mean over places as head, the weight of channel k is the dense weight divided by the places."""
    import cv2

    pictures = keras.Input((48, 48, 1))
    maps = keras.layers.Conv2D(3, 3, strides=6, padding="same", activation="tanh", name="maps")(pictures / 255)
    model = keras.Model(pictures, keras.layers.Dense(7)(keras.layers.GlobalAveragePooling2D()(maps)))
    picture = np.random.default_rng(0).integers(0, 256, (1, 48, 48)).astype("float32")
    channels = np.asarray(keras.Model(pictures, maps)(picture[..., None]))[0]
    weights = model.layers[-1].get_weights()[0]
    spoken_for = int((channels @ weights).max(axis=(0, 1)).argmax())  # for some classes no place speaks at all
    expected = cv2.resize(np.maximum(channels @ weights[:, spoken_for] / 64, 0), (48, 48))
    assert expected.max() > 0
    assert grad_cam(model, picture, el.EMOTIONS[spoken_for])[0] == pytest.approx(expected / expected.max(), abs=1e-5)


def test_grad_cam_and_probabilities_come_from_one_pass(shipped, faces):
    maps, probabilities = explain.explainer(shipped)(faces.images)
    assert probabilities == pytest.approx(el.evaluation.predict(shipped, faces.images), abs=1e-4)
    assert np.array_equal(maps, grad_cam(shipped, faces.images))


def test_many_pictures_are_explained_in_parts(monkeypatch):
    model = el.models.small_cnn(**TINY)
    pictures = np.random.default_rng(0).integers(0, 256, (5, 48, 48)).astype("uint8")
    whole = grad_cam(model, pictures, classes=[0, 1, 2, 3, 4])
    monkeypatch.setattr(gradcam, "BATCH", 2)
    assert grad_cam(model, pictures, classes=[0, 1, 2, 3, 4]) == pytest.approx(whole, abs=1e-5)


# ---------------------------------------------------------------------------------- they are about the network


def rank_correlation(maps, others) -> float:
    """Mean over the pictures of Spearman's correlation between two sets of maps; 0 where one of them is empty."""
    pairs = [(a.ravel(), b.ravel()) for a, b in zip(maps, others, strict=True) if a.any() and b.any()]
    return sum(spearmanr(*pair).statistic for pair in pairs) / len(maps)


def test_randomising_the_weights_destroys_the_map(shipped, faces):
    """The sanity check of Adebayo et al. 2018: a map that survives it says nothing about the network."""
    maps = grad_cam(shipped, faces.images, classes=faces.labels)
    copy = keras.models.clone_model(shipped)  # new random weights
    random = grad_cam(copy, faces.images, classes=faces.labels)
    copy.set_weights(shipped.get_weights())
    restored = grad_cam(copy, faces.images, classes=faces.labels)
    assert rank_correlation(maps, restored) > 0.99
    assert abs(rank_correlation(maps, random)) < 0.4


def test_the_last_layer_alone_decides_too(shipped, faces):
    copy = keras.models.clone_model(shipped)
    copy.set_weights(shipped.get_weights())
    kernel, bias = copy.get_layer("logits").get_weights()
    copy.get_layer("logits").set_weights([np.random.default_rng(0).permutation(kernel), bias])
    maps, others = (grad_cam(model, faces.images, classes=faces.labels) for model in (shipped, copy))
    assert rank_correlation(maps, others) < 0.6


def test_covering_the_whole_picture_costs_what_its_mean_grey_is_worth_less(shipped, faces):
    picture = faces.images[HAPPY]
    grey = np.full((48, 48), picture.mean(), "float32")
    (before,), (after,) = (el.evaluation.predict(shipped, image) for image in (picture, grey))
    drops = occlusion(shipped, picture, "happy", size=48, stride=48)
    assert drops == pytest.approx(np.full((1, 48, 48), before[HAPPY] - after[HAPPY]), abs=1e-5)


# ---------------------------------------------------------------------------------- every network of the course


@pytest.mark.parametrize("build", ["scratch_cnn", "small_cnn"])
def test_the_last_activation_is_explained(build, faces):
    model = getattr(el.models, build)(**TINY)
    names = spatial_layers(model)
    assert GradCam(model).layer == names[-1]
    assert model.get_layer(names[-1]).output is model.get_layer("features").input
    assert grad_cam(model, faces.images[:2]).shape == (2, 48, 48)


def test_layers_inside_a_residual_block_are_left_out():
    model = el.models.scratch_cnn(**TINY)
    adds = [layer for layer in model.layers if isinstance(layer, keras.layers.Add)]
    inside = {layer.name for add in adds for layer in model.layers if any(layer.output is t for t in add.input)}
    names = set(spatial_layers(model))
    assert len(adds) == 5
    assert not {name for name in inside if name.startswith("batch_norm")} & names
    assert {add.name for add in adds} <= names
    for name in spatial_layers(model)[1::5]:
        assert np.isfinite(grad_cam(model, np.zeros((1, 48, 48)), 0, layer=name)).all()


@pytest.mark.parametrize(
    ("build", "layer"),
    [
        ("vgg16", "block5_conv3"),
        ("resnet18", "stage4_block3_relu2"),
        ("resnet50v2", "post_relu"),
        ("mobilenetv2", "out_relu"),
    ],
)
def test_backbones_are_explained_at_their_last_layer(build, layer, faces):
    model = getattr(el.models, build)(weights=None, input_size=48)
    assert explain.explainer(model).layer == layer
    maps = grad_cam(model, faces.images[:2], classes="sad")
    assert maps.shape == (2, 48, 48)
    assert np.isfinite(maps).all()


def test_networks_of_any_size_and_in_bfloat16_and_sequential_ones_work(faces):
    sequential = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Conv2D(4, 3, activation="relu")])
    for layer in (keras.layers.MaxPooling2D(), keras.layers.Flatten(), keras.layers.Dense(7)):
        sequential.add(layer)
    open_size = el.models.scratch_cnn(input_shape=(None, None, 1), **TINY)
    half = el.models.build("small_cnn", precision="mixed_bfloat16", **TINY)
    for model in (sequential, open_size, half):
        maps = grad_cam(model, faces.images[:3])
        assert maps.shape == (3, 48, 48)
        assert maps.dtype == np.float32
        assert np.isfinite(maps).all()
    assert explain.explainer(sequential).layer == sequential.layers[0].name


def test_further_training_counts_and_the_network_is_left_as_it_was(faces):
    model = el.models.small_cnn(**TINY)
    config, before = model.to_json(), grad_cam(model, faces.images[:1], classes=0)
    assert model.to_json() == config
    kernel, bias = model.get_layer("logits").get_weights()
    model.get_layer("logits").set_weights([-kernel, bias])
    assert not np.allclose(grad_cam(model, faces.images[:1], classes=0), before)


def test_frozen_networks_are_explained_too(faces):
    model = el.models.small_cnn(**TINY)
    free = grad_cam(model, faces.images[:2])
    model.trainable = False
    gradcam._EXPLAINERS.clear()
    assert grad_cam(model, faces.images[:2]) == pytest.approx(free)


def test_what_is_compiled_is_kept_and_forgotten_with_the_network():
    model = el.models.small_cnn(**TINY)
    assert explain.explainer(model) is explain.explainer(model)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None


# ---------------------------------------------------------------------------------- figures


@pytest.fixture
def close_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


def as_shown(ax) -> np.ndarray:
    return np.asarray(ax.get_images()[0].get_array())


def test_the_overlay_is_bright_and_outlined_where_the_heat_is():
    heat = np.zeros((48, 48), "float32")
    heat[8:20, 24:40] = 1
    shown = explain.overlay(np.full((48, 48), 100, "uint8"), heat, side=96)
    assert shown.shape == (96, 96, 3)
    assert shown.dtype == np.uint8
    luminance = shown.mean(axis=-1)
    assert luminance[22:34, 54:74].mean() > luminance[60:].mean() + 60  # told apart without colour
    assert np.ptp(shown[28, 64].astype(int)) > 50
    assert np.ptp(shown[80, 20].astype(int)) < 10
    edge = shown[:, 64].min(axis=-1)
    assert (edge[10:22] > 200).any()  # the white line at the upper edge of the heat
    assert not (edge[50:] > 200).any()


@pytest.mark.usefixtures("close_figures")
def test_the_grid_shows_face_map_emotion_and_confidence(faces, capsys):
    axes = el.plot_gradcam(patch_detector(), [patched(2, 4), patched(32, 8)], labels=["happy", SAD], columns=2)
    figure = axes[0].figure
    assert len(axes) == 2
    captions = [ax.get_xlabel() for ax in axes]
    assert captions[0].startswith("✓ happy ")
    assert captions[0].endswith("%\ntrue: happy")
    assert captions[1].startswith("✗ happy ")
    assert captions[1].endswith("%\ntrue: sad")
    assert "Grad-CAM" in figure.get_suptitle()
    assert "Evidence" in figure.axes[-1].get_ylabel()  # the colour bar
    assert as_shown(figure.axes[0]).ndim == 2
    assert np.array_equal(as_shown(figure.axes[0]), patched(2, 4))
    heat = grad_cam(patch_detector(), patched(2, 4))[0]
    assert np.array_equal(as_shown(axes[0]), explain.overlay(patched(2, 4), heat))
    said = capsys.readouterr().out
    assert re.fullmatch(
        r"2 pictures: of the evidence, \d+ % in the upper third, \d+ % in the middle third, "
        r"\d+ % in the lower third; 1 of 2 predicted right\.\n",
        said,
    )


@pytest.mark.usefixtures("close_figures")
def test_the_sentence_says_in_which_third_the_evidence_lies(capsys):
    el.plot_gradcam(patch_detector(), patched(34, 20))
    assert re.search(r"9\d % in the lower third|100 % in the lower third", capsys.readouterr().out)
    el.plot_gradcam(patch_detector(), patched(34, 20), classes="sad")
    assert capsys.readouterr().out == "1 picture: no evidence anywhere.\n"


@pytest.mark.usefixtures("close_figures")
def test_figures_take_splits_single_pictures_and_gaps_and_can_be_saved(faces, tmp_path, recwarn, capsys):
    model = patch_detector()
    drawn = [
        el.plot_gradcam(model, faces.take(slice(0, 5)), columns=3, say=False),
        el.plot_gradcam(model, faces.images[0], classes="fear", show_pictures=False, title="One", say=False),
        el.plot_gradcam(model, faces.images[:2], classes=["fear", 0], say=False),
        el.plot_occlusion(model, faces.take(slice(0, 2)), size=24, stride=24, say=False),
    ]
    for number, axes in enumerate(drawn):
        axes[0].figure.savefig(tmp_path / f"{number}.png")
    assert capsys.readouterr().out == ""
    assert [len(axes) for axes in drawn] == [5, 1, 2, 2]
    assert drawn[1][0].figure.get_suptitle() == "One"
    assert [ax.get_xlabel().split("\n")[-1] for ax in drawn[2]] == ["map: fear", "map: angry"]
    assert not [str(w.message) for w in recwarn if issubclass(w.category, UserWarning)]
    with pytest.raises(DataError, match="one label for each of 5"):
        el.plot_gradcam(model, faces.images[:5], labels=[0])


@pytest.mark.usefixtures("close_figures")
def test_the_occlusion_figure_has_one_scale_for_all_pictures(capsys):
    weak, strong = patched(2, 4, 200), patched(30, 30)
    axes = el.plot_occlusion(patch_detector(), [weak, strong], size=12, columns=2)
    bar = axes[0].figure.axes[-1]
    drops = occlusion(patch_detector(), [weak, strong], size=12)
    assert bar.get_ylim()[1] == pytest.approx(drops.max())
    assert np.array_equal(as_shown(axes[0]), explain.overlay(weak, np.clip(drops[0] / drops.max(), 0, 1)))
    assert "loss of probability" in capsys.readouterr().out


@pytest.mark.usefixtures("close_figures")
def test_recorded_maps_are_drawn_without_the_network(shipped, tmp_path, monkeypatch, capsys):
    import shutil

    from emotionlab.runs import REFERENCE_RUNS

    shutil.copytree(REFERENCE_RUNS / "plain", tmp_path / "runs" / "plain")
    monkeypatch.setenv("EMOTIONLAB_RUNS", str(tmp_path / "runs"))
    grid = record_grid(shipped, tmp_path / "runs" / "plain" / "gradcam.npz")
    axes = el.plot_recorded_gradcam("plain")
    assert len(axes) == 14
    assert "plain" in axes[0].figure.get_suptitle()
    assert np.array_equal(as_shown(axes[3]), explain.overlay(grid.faces.images[3], grid.maps[3]))
    assert capsys.readouterr().out.startswith("14 pictures: of the evidence, ")


# ---------------------------------------------------------------------------------- JAX

ON_JAX = """
import sys
sys.path[:0] = {tests!r}
import keras, numpy as np
import test_explain as t
from emotionlab.explain import grad_cam, occlusion
assert keras.backend.backend() == "jax"
detector = t.patch_detector()
pictures = np.stack([t.patched(*place) for place in t.PLACES])
for method in (grad_cam, lambda *given: occlusion(*given, size=12)):
    for heat, place in zip(method(detector, pictures), t.PLACES, strict=True):
        t.assert_on_patch(heat, *place)
t.test_further_training_counts_and_the_network_is_left_as_it_was(t.grid_faces())
model = t.el.reference.load("scratch_cnn").model()
np.save({out!r}, grad_cam(model, t.grid_faces().images, classes=t.grid_faces().labels))
"""


def test_jax_gives_the_same_maps(shipped, faces, tmp_path):
    folders = [os.path.dirname(__file__), os.path.dirname(jax_backend.__file__)]
    code = ON_JAX.format(tests=folders, out=str(tmp_path / "maps.npy"))
    done = subprocess.run([sys.executable, "-c", code], env=jax_backend.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    maps = grad_cam(shipped, faces.images, classes=faces.labels)
    assert np.load(tmp_path / "maps.npy") == pytest.approx(maps, abs=2e-3)


# ---------------------------------------------------------------------------------- what cannot be


def test_an_unknown_layer_is_answered_with_those_there_are():
    model = el.models.small_cnn(**TINY)
    with pytest.raises(EmotionLabError, match=r"found 'conv5'; choose one of .*activation") as problem:
        grad_cam(model, np.zeros((1, 48, 48)), layer="conv5")
    assert all(name in str(problem.value) for name in spatial_layers(model))


def test_a_network_without_places_is_refused():
    flat = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(7)])
    with pytest.raises(EmotionLabError, match="convolutional"):
        grad_cam(flat, np.zeros((1, 48, 48)))
    with pytest.raises(EmotionLabError, match=r"keras\.Input"):
        grad_cam(keras.Sequential([keras.layers.Flatten()]), np.zeros((1, 48, 48)))
    with pytest.raises(EmotionLabError, match=r"run\.model\(\)"):
        grad_cam(el.reference.load("scratch_cnn"), np.zeros((1, 48, 48)))


@pytest.mark.parametrize("images", [np.zeros((1, 40, 40)), np.zeros((48, 48, 3)), np.full((1, 48, 48), 300.0)])
def test_pictures_of_another_form_are_refused(images):
    for method in (grad_cam, occlusion):
        with pytest.raises(DataError):
            method(patch_detector(), images)


@pytest.mark.parametrize("classes", ["joy", 7, -1, [0], [0, 1, 2], [0.0, 1.0], True])
def test_classes_that_do_not_exist_are_refused(classes):
    for method in (grad_cam, occlusion):
        with pytest.raises(DataError, match="0 to 6"):
            method(patch_detector(), np.zeros((2, 48, 48)), classes=classes)


@pytest.mark.parametrize(("size", "stride"), [(4, 8), (0, 1), (49, 1), (8, 0)])
def test_squares_that_miss_pixels_are_refused(size, stride):
    with pytest.raises(DataError, match=f"size={size}, stride={stride}"):
        occlusion(patch_detector(), np.zeros((1, 48, 48)), size=size, stride=stride)


def test_squares_cover_every_pixel_at_any_size():
    for size, stride in ((8, 4), (7, 5), (48, 48), (1, 1)):
        assert covering._squares(size, stride).any(axis=0).all()


def test_another_backend_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(EmotionLabError, match=r"KERAS_BACKEND.*occlusion"):
        GradCam(patch_detector())


# ---------------------------------------------------------------------------------- recorded


def test_a_recorded_grid_reads_back_as_it_was(tmp_path, shipped, faces):
    record_grid(shipped, tmp_path / "gradcam.npz")
    grid = read_grid(tmp_path / "gradcam.npz")
    maps, probabilities = explain.explainer(shipped)(faces.images)
    assert np.array_equal(grid.faces.images, faces.images)
    assert np.array_equal(grid.faces.labels, faces.labels)
    assert grid.maps == pytest.approx(maps, abs=0.5 / 255 + 1e-6)
    assert grid.probabilities == pytest.approx(probabilities, abs=1e-3)
    assert grid.layer == GradCam(shipped).layer
    assert (tmp_path / "gradcam.npz").stat().st_size < 64 * 1024


def test_a_run_without_recorded_maps_says_how_to_get_them():
    with pytest.raises(RunError, match=r"'plain'.*plot_gradcam"):
        read_grid("plain")


def test_the_faces_of_a_grid_show_every_emotion_twice(faces):
    assert np.bincount(faces.labels).tolist() == [2] * 7
    assert len(np.unique(faces.images, axis=0)) == 14
