"""Training: recipes, batches, the loop, stopping and resuming."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import jax_backend
import keras
import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.data.dataset import Faces, Split
from emotionlab.runs.recipes import RECIPES, Recipe, load_recipe, recipe_from_dict
from emotionlab.training import loop
from emotionlab.training.batches import Batches, epoch_order, mix
from emotionlab.training.loop import augmentation, learning_rates, optimizer
from emotionlab.training.progress import how_long, is_on_plateau

TINY = {"widths": (4, 4, 8, 8), "blocks": (1, 1, 1)}
"""Few channels, and three blocks instead of five: most of a short training is spent on making its graph."""
QUICK = Recipe(epochs=2, batch_size=16, learning_rate=0.02)


def striped(size: int, seed: int) -> Split:
    """Pictures that are easy to tell apart: class k has a bright band at height 6 k."""
    rng = np.random.default_rng(seed)
    labels = np.arange(size) % 7
    images = rng.integers(0, 60, (size, 48, 48)).astype("uint8")
    for image, label in zip(images, labels, strict=True):
        image[6 * label : 6 * label + 6] += 150
    return Split(images, labels.astype("int64"), np.array([f"{seed}_{i}.png" for i in range(size)]))


@pytest.fixture(scope="module")
def faces():
    return Faces(striped(112, 1), striped(35, 2), striped(35, 3), name="striped", source="this test")


def test_a_network_learns_what_can_be_learned(faces):
    model = el.models.scratch_cnn(**TINY)
    run = el.train(model, faces, QUICK.but(epochs=8, learning_rate=0.05))
    assert run.history["loss"][-1] < 0.7 * run.history["loss"][0]
    assert run.report("validation").accuracy > 0.5


def test_a_narrow_scratch_network_in_fast_mode_finds_drawn_faces_neither_trivial_nor_hopeless():
    drawn = el.load_faces("drawn")
    model = el.models.scratch_cnn(widths=(8, 16, 28, 44))
    el.train(model, drawn, Recipe(epochs=el.settings.epochs(12, quick=4), batch_size=64))
    assert 0.60 < el.evaluate(model, drawn.test).accuracy < 0.90


def test_a_run_is_kept_by_name_and_loaded_with_the_same_predictions(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="mine", record=True)
    again = el.load_run("mine")
    assert again.recipe == QUICK
    assert len(again.history["val_accuracy"]) == 2
    assert set(again.provenance) >= {
        "command",
        "commit",
        "seed",
        "minutes",
        "parameters",
        "data",
        "hardware",
        "versions",
    }
    predicted = el.evaluation.predict(again.model(), faces.test.images)
    # stored as float16, whose spacing just below 1 is 0.0005
    assert np.allclose(predicted, again.probabilities("test"), atol=1e-3)
    assert np.array_equal(again.labels("test"), faces.test.labels)
    assert sorted(p.name for p in run.folder.iterdir()) == [
        "architecture.json",
        "history.json",
        "predictions.npz",
        "provenance.json",
        "recipe.json",
        "weights.npz",
    ]


def test_the_test_split_is_touched_only_when_asked(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(epochs=1))
    with pytest.raises(RunError, match=r"el\.evaluate"):
        run.report("test")


def test_a_finished_run_is_not_trained_again(faces, capsys):
    el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="once")
    other = el.models.scratch_cnn(**TINY, seed=9)
    again = el.train(other, faces, QUICK, name="once")
    assert "finished already" in capsys.readouterr().out
    assert all(np.array_equal(a, b) for a, b in zip(other.get_weights(), again.model().get_weights(), strict=True))


def test_the_name_of_a_run_made_differently_is_refused(faces):
    el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(epochs=1), name="taken")
    with pytest.raises(RunError, match="same recipe"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(epochs=1, flip=True), name="taken")
    with pytest.raises(RunError, match="same parameters"):
        el.train(el.models.scratch_cnn(**TINY | {"widths": (4, 4, 8, 16)}), faces, QUICK.but(epochs=1), name="taken")


SCRIPT = """
import emotionlab as el
from emotionlab.runs.recipes import Recipe
faces = el.load_faces("drawn", size=600)
recipe = Recipe(epochs=3, batch_size=32, learning_rate=0.02).augmented()
el.train(el.models.scratch_cnn(widths=(4, 4, 8, 8)), faces, recipe, name="killed")
"""


def test_a_run_that_started_from_other_weights_is_not_resumed(faces, monkeypatch):
    class Stop(Exception):
        pass

    def stop(*_):
        raise Stop

    def network(start):
        model = el.models.scratch_cnn(**TINY)
        model.start = start
        return model

    with monkeypatch.context() as patched:
        patched.setattr("emotionlab.training.progress.ProgressBar.show", stop)
        with pytest.raises(Stop):
            el.train(network("a" * 64), faces, QUICK, name="started")
    with pytest.raises(RunError, match="to have the same start as this training"):
        el.train(network("b" * 64), faces, QUICK, name="started")
    run = el.train(network("a" * 64), faces, QUICK, name="started")
    assert run.provenance["start"] == "a" * 64
    with pytest.raises(RunError, match="to have the same start as this training"):
        el.train(network("random"), faces, QUICK, name="started")


@pytest.mark.parametrize("change", ["relu", "average", "dropout"])
def test_another_network_of_as_many_parameters_is_another_run(faces, change):
    def network(change=""):
        pooling = keras.layers.AveragePooling2D if change == "average" else keras.layers.MaxPooling2D
        layers = [
            keras.layers.Rescaling(1 / 255),
            pooling(8),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.5 if change == "dropout" else 0.2),
            keras.layers.Dense(4, activation="relu" if change == "relu" else "tanh"),
            keras.layers.Dense(7),
        ]
        return keras.Sequential([keras.Input((48, 48, 1)), *layers])

    el.train(network(), faces, QUICK, name="mine")
    el.train(network(), faces, QUICK, name="mine")  # layers are called otherwise now, and mean the same
    with pytest.raises(RunError, match="the same architecture"):
        el.train(network(change), faces, QUICK, name="mine")


def test_a_run_made_before_starts_were_recorded_is_still_known(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(seed=9), name="older")
    values = run.provenance
    del values["start"]
    (run.folder / "provenance.json").write_text(json.dumps(values), encoding="utf-8")
    assert el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(seed=9), name="older").name == "older"


def test_weights_kept_in_8_bits_are_those_that_were_measured(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="eight", record=True, kept_as="int8")
    with np.load(run.folder / "weights.npz") as arrays:
        kernels = [arrays[name] for name in arrays.files if arrays[name].ndim == 4 and "scale" not in name]
    assert {kernel.dtype for kernel in kernels} == {np.dtype("int8")}
    measured = el.evaluate(run.model(), faces.test).probabilities
    assert np.allclose(measured, run.probabilities("test"), atol=2e-3)


def test_what_was_trained_in_bfloat16_is_measured_in_float32_as_it_is_kept(faces):
    model = el.models.build("scratch_cnn", precision="mixed_bfloat16", **TINY)
    run = el.train(model, faces, QUICK, name="half", record=True)
    kept = el.evaluate(run.model(), faces.test).probabilities
    in_training = el.evaluate(model, faces.test).probabilities
    assert np.abs(in_training - kept).max() > 1e-3  # float16, in which probabilities are recorded, rounds by less
    assert np.allclose(kept, run.probabilities("test"), atol=5e-4)


def test_a_head_is_kept_alone_and_comes_back_on_the_courses_imagenet_weights(faces):
    recipe = Recipe(epochs=0, head_epochs=3)
    run = el.train(el.models.mobilenetv2(input_size=32), faces, recipe, name="head", record=True, kept_as="head")
    assert (run.folder / "weights.npz").stat().st_size < 60_000
    assert np.allclose(el.evaluate(run.model(), faces.test).probabilities, run.probabilities("test"), atol=2e-3)
    assert el.Recognizer("head").runtime == "Keras"


def test_a_head_is_kept_alone_only_where_nothing_else_learned(faces):
    with pytest.raises(RunError, match=r"epochs=0 and weights='imagenet'.* found 2 epochs"):
        el.train(el.models.mobilenetv2(input_size=32), faces, QUICK, kept_as="head")
    head = Recipe(epochs=0, head_epochs=1)
    with pytest.raises(RunError, match="found a start from random"):
        el.train(el.models.mobilenetv2(weights=None, input_size=32), faces, head, kept_as="head")
    with pytest.raises(RunError, match="kept_as to be one of float16, int8, head, found 8"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK, kept_as=8)


def test_after_its_first_batches_a_run_says_how_long_it_will_take(faces, capsys):
    el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(batch_size=8))
    said = capsys.readouterr()
    assert re.search(
        r"This takes about \d+ seconds on this machine, at [\d,]+ pictures a second\.", said.out + said.err
    )


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 seconds"), (600, "10 minutes"), (9000, "2.5 hours"), (89.6, "90 seconds")]
)
def test_the_time_to_go_has_a_unit_that_people_use(seconds, words):
    assert how_long(seconds, 1234.5) == f"This takes about {words} on this machine, at 1,234 pictures a second."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_run_that_was_killed_resumes_and_ends_as_if_it_had_not_been(tmp_path):
    def start(folder):
        environment = {**os.environ, "EMOTIONLAB_RUNS": str(tmp_path / folder)}
        return subprocess.Popen(
            [sys.executable, "-c", SCRIPT], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    killed = start("stopped")
    checkpoint = tmp_path / "stopped" / "killed" / "checkpoint.npz"
    while not checkpoint.is_file() and killed.poll() is None:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not (checkpoint.parent / "provenance.json").exists()

    resumed, whole = start("stopped"), start("whole")
    said, problems = resumed.communicate()
    whole.communicate()
    assert resumed.returncode == 0, problems.decode()
    assert "Resuming run 'killed' after epoch" in said.decode()
    histories = [json.loads((tmp_path / f / "killed" / "history.json").read_text()) for f in ("stopped", "whole")]
    assert histories[0]["epoch"] == [1, 2, 3]
    assert histories[0]["val_loss"] == pytest.approx(histories[1]["val_loss"], abs=1e-3)


def test_stopping_by_hand_says_how_to_go_on(faces, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("emotionlab.plots.live.LiveCurve.draw", stop)
    with pytest.raises(KeyboardInterrupt):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="stopped")
    assert "Stopped after epoch 1 of 2; train again under the same name" in capsys.readouterr().err


def test_early_stopping_ends_a_run_that_no_longer_improves(faces):
    recipe = QUICK.but(epochs=6, learning_rate=0.0, cosine=False, weight_decay=0.0, patience=1, keep="best")
    run = el.train(el.models.scratch_cnn(**TINY), faces, recipe)
    assert 2 <= len(run.history["epoch"]) < 6


def test_the_best_weights_are_those_of_the_best_epoch(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(epochs=5, learning_rate=0.2, keep="best"))
    assert run.report("validation").accuracy == pytest.approx(max(run.history["val_accuracy"]), abs=1 / 35)


def test_of_equally_good_epochs_a_resumed_run_keeps_the_first_too(faces, monkeypatch):
    equal = {"val_loss": 1.9, "val_accuracy": 11 / 35}  # rounded to seven digits it is less than it was
    monkeypatch.setattr("emotionlab.training.loop._validate", lambda *_: equal)
    recipe = QUICK.but(keep="best")

    def stop(history):
        raise KeyboardInterrupt

    whole = loop.train(el.models.scratch_cnn(**TINY), faces, recipe)
    with pytest.raises(KeyboardInterrupt):
        loop.train(el.models.scratch_cnn(**TINY), faces, recipe, name="equal", after_epoch=stop)
    resumed = loop.train(el.models.scratch_cnn(**TINY), faces, recipe, name="equal")
    for one, other in zip(whole.model().get_weights(), resumed.model().get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_of_which_another_part_learns_is_another_run(faces):
    def network(frozen):
        model = el.models.scratch_cnn(**TINY)
        for layer in model.layers[:frozen]:
            layer.trainable = False
        return model

    el.train(network(0), faces, QUICK.but(epochs=1), name="all_learns")
    el.train(network(0), faces, QUICK.but(epochs=1), name="all_learns")
    with pytest.raises(RunError, match="the same trainable parameters"):
        el.train(network(-1), faces, QUICK.but(epochs=1), name="all_learns")


def test_a_training_that_goes_on_from_a_run_says_so(faces):
    model = el.models.scratch_cnn(**TINY)
    first = el.train(model, faces, QUICK.but(epochs=1), name="first")
    assert first.provenance["initialisation"] == "random"
    for start in (model, first.model()):
        second = el.train(start, faces, QUICK.but(epochs=1, seed=1))
        assert second.provenance["initialisation"] == "run first"
    assert "what an earlier training had learned, the run `first`" in el.model_card(second)


def test_a_training_that_began_from_another_run_is_not_taken_for_this_one(faces):
    recipe = QUICK.but(epochs=1)
    first, second = (el.train(el.models.scratch_cnn(**TINY), faces, recipe.but(seed=seed)) for seed in (0, 1))
    model = first.model()
    went_on = el.train(model, faces, recipe, name="went_on")
    for same in (model, first.model()):  # the first has learned by now: the cell was run twice
        assert el.train(same, faces, recipe, name="went_on").history == went_on.history
    for other in (second.model(), el.models.scratch_cnn(**TINY)):
        with pytest.raises(RunError, match="to have the same start as this training"):
            el.train(other, faces, recipe, name="went_on")
    made = went_on.provenance | {"start": "random"}  # as an earlier version wrote it
    (went_on.folder / "provenance.json").write_text(json.dumps(made), encoding="utf-8")
    assert el.train(first.model(), faces, recipe, name="went_on").history == went_on.history
    with pytest.raises(RunError, match="to have the same start as this training"):
        el.train(second.model(), faces, recipe, name="went_on")


def test_the_head_alone_may_be_the_best_that_there_is(faces):
    unlearning = TWO_STAGES.but(epochs=1, keep="best", learning_rate=0.0, cosine=False)
    for recipe in (TWO_STAGES.but(epochs=0, keep="best"), unlearning):
        run = el.train(el.models.small_cnn(**TINY), faces, recipe)
        kept = run.report("validation").accuracy
        assert kept == pytest.approx(run.history["val_accuracy"][recipe.head_epochs - 1], abs=1 / 35)


def test_a_finished_run_is_measured_when_that_is_asked_for_later(faces):
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="later")
    assert run.measured() == ("validation",)
    again = el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="later", record=True)
    assert again.measured() == ("validation", "test")
    expected = el.evaluation.predict(run.model(), faces.test.images)
    assert np.allclose(again.probabilities("test"), expected, atol=1e-3)


def test_a_loss_that_is_not_finite_stops_the_run_with_advice(faces):
    with pytest.raises(RunError, match="lower the learning rate"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(learning_rate=1e30, cosine=False))


def test_a_network_with_the_wrong_number_of_outputs_is_refused(faces):
    model = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(6)])
    with pytest.raises(RunError, match="7 outputs"):
        el.train(model, faces, QUICK)


def test_a_crop_needs_a_network_for_any_size(faces):
    with pytest.raises(RunError, match=r"input_shape=\(None, None, 1\)"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(crop=40))
    run = el.train(el.models.scratch_cnn(input_shape=(None, None, 1), **TINY), faces, QUICK.but(crop=40, epochs=1))
    assert run.model().predict_on_batch(np.zeros((1, 48, 48, 1), "float32")).shape == (1, 7)


def test_a_name_that_is_a_path_is_refused(faces):
    with pytest.raises(RunError, match="plain name"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="../elsewhere")


ON_JAX = """
import keras
import numpy as np
import emotionlab as el
from emotionlab.runs.recipes import RECIPES, Recipe
faces = el.load_faces("drawn", size=300)
small = {"widths": (4, 4, 8, 8), "blocks": (1, 1, 1)}
recipe = Recipe(epochs=1, batch_size=32, learning_rate=0.02).augmented()
el.train(el.models.scratch_cnn(**small), faces, recipe, name="jax", record=True)
stages = RECIPES["fine_tuned"].but(epochs=2, head_epochs=2, batch_size=32)
run = el.train(el.models.small_cnn(**small), faces, stages, record=True)
for run in (el.load_run("jax"), run):
    print(keras.backend.backend(), run.history["epoch"], run.report("test").labels.size)
backbone = el.models.mobilenetv2(weights=None, input_size=32)
print(np.isfinite(backbone.predict_on_batch(faces.test.images[:4, ..., None])).all())
"""


def test_a_recipe_one_of_two_stages_and_a_backbone_run_on_jax():
    done = subprocess.run([sys.executable, "-c", ON_JAX], env=jax_backend.environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["jax [1] 30", "jax [1, 2, 3, 4] 30", "True"]


def test_class_weights_follow_the_balanced_rule():
    labels = np.array([0] * 6 + [1] * 2 + [2] * 6)
    weights = el.class_weights(labels)
    assert weights[1] == pytest.approx(14 / (3 * 2))
    assert np.mean([weights[label] for label in labels]) == pytest.approx(1)
    assert weights[0] * 6 == pytest.approx(weights[1] * 2)
    assert weights[6] == 0.0


def test_class_weights_reach_the_batches(faces):
    rare = faces.train.take(np.flatnonzero((faces.train.labels != 1) | (np.arange(112) < 14)))
    _, targets, weights = Batches(rare, QUICK.but(balance="weights"), epoch=0)[0]
    expected = el.class_weights(rare.labels)
    assert weights.tolist() == pytest.approx([expected[int(k)] for k in targets.argmax(axis=1)])


def test_oversampling_draws_each_class_equally_often():
    labels = np.array([0] * 90 + [1] * 10)
    order = epoch_order(labels, Recipe(balance="oversample"), np.random.default_rng(0))
    assert len(order) == 100
    assert np.bincount(labels[order]).tolist() == [50, 50]


def test_an_epoch_shows_each_picture_once_in_an_order_of_its_own():
    orders = [epoch_order(np.zeros(50, int), Recipe(), np.random.default_rng([0, e])) for e in (0, 1)]
    assert all(sorted(o) == list(range(50)) for o in orders)
    assert not np.array_equal(*orders)


def test_mixup_blends_pictures_and_targets_alike():
    pictures = np.arange(4, dtype="float32").reshape(4, 1, 1, 1) * np.ones((1, 2, 2, 1), "float32")
    mixed, targets = mix(pictures, np.eye(4, 7, dtype="float32"), 1.0, np.random.default_rng(0))
    assert np.allclose(targets.sum(axis=1), 1)
    assert np.allclose(mixed[:, 0, 0, 0], targets[:, :4] @ np.arange(4))


@pytest.mark.parametrize("name", [n for n in RECIPES if RECIPES[n].flip])
def test_augmentation_changes_pictures_in_training_only(name, faces):
    recipe = RECIPES[name].but(crop=0)
    layers = keras.Sequential([keras.Input((48, 48, 1)), *augmentation(recipe)])
    pictures = faces.train.images[:32, ..., None].astype("float32")
    assert np.array_equal(keras.ops.convert_to_numpy(layers(pictures, training=False)), pictures)
    changed = keras.ops.convert_to_numpy(layers(pictures, training=True))
    assert changed.shape == pictures.shape
    assert not np.allclose(changed, pictures)
    assert changed.min() >= 0
    assert changed.max() <= 255


def test_the_changes_of_one_picture_have_nothing_to_do_with_each_other():
    half_white = np.zeros((256, 48, 48, 1), "float32") + 100
    half_white[:, :, 24:] += 50
    for layer in augmentation(Recipe(flip=True, brightness=0.15)):
        half_white = layer(half_white, training=True)
    changed = keras.ops.convert_to_numpy(half_white)
    mirrored = changed[:, 0, 0, 0] > changed[:, 0, -1, 0]
    assert 0.4 < mirrored.mean() < 0.6
    assert abs(np.corrcoef(mirrored, changed.mean(axis=(1, 2, 3)))[0, 1]) < 0.2


def test_the_learning_rate_rises_and_then_falls_to_zero():
    schedule = learning_rates(Recipe(epochs=10, warmup_epochs=1, learning_rate=0.1), steps=100)
    rates = [float(schedule(i)) for i in (0, 10, 55, 100)]
    assert rates == pytest.approx([0.001, 0.1, 0.05, 0.0], abs=1e-3)
    assert learning_rates(Recipe(cosine=False, learning_rate=0.3), steps=10) == 0.3


def test_weight_decay_spares_biases_and_batch_norm():
    chosen = optimizer(Recipe(weight_decay=0.1), steps=10)
    model = el.models.scratch_cnn(**TINY)
    chosen.build(model.trainable_variables)
    decayed = {v.path.split("/")[-1] for v in model.trainable_variables if chosen._use_weight_decay(v)}
    assert decayed == {"kernel"}


def test_recipes_survive_json_and_refuse_what_they_do_not_know(tmp_path):
    for recipe in RECIPES.values():
        assert recipe_from_dict(json.loads(json.dumps(recipe.as_dict()))) == recipe
    with pytest.raises(RunError, match="magic"):
        recipe_from_dict({"magic": 1})
    (tmp_path / "mine.json").write_text('{"epochs": 3}', encoding="utf-8")
    assert load_recipe(str(tmp_path / "mine.json")).epochs == 3
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    for bad in (tmp_path / "broken.json", "no_such_recipe"):
        with pytest.raises(EmotionLabError):
            load_recipe(str(bad))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"epochs": 1, "epochs": 50}', "the entry 'epochs' .* more than once"),
        (b"", "an empty file"),
        ('{"epochs": 1}'.encode("utf-16"), "save it as UTF-8"),
        ('{"epochs": 1}'.encode("utf-16-le"), r"found other bytes; save it as UTF-8"),
        (b'{"": 1}', r"found ''; remove them \(in .*mine\.json\)"),
        (b'{" \\n": 1}', r"found ' \\n'; remove them"),
        (None, "the folder"),
    ],
)
def test_a_file_that_is_no_recipe_is_named_for_what_it_is(tmp_path, content, found):
    path = tmp_path / "mine.json"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(RunError, match=found):
        load_recipe(str(path))


@pytest.mark.parametrize("wrong", [{"balance": "magic"}, {"keep": "worst"}, {"optimizer": "sgdd"}, {"epochs": 0}])
def test_a_recipe_that_cannot_be_is_refused(wrong):
    with pytest.raises(RunError, match=r"choose one of them|change the recipe"):
        Recipe(**wrong)


def test_two_rules_for_one_learning_rate_are_refused():
    with pytest.raises(RunError, match="cosine=False for a recipe with a plateau"):
        Recipe(plateau=1)


# ---- Two stages: the head, then the rest -----------------------------------------------------------

TWO_STAGES = QUICK.but(head_epochs=3, epochs=2, head_learning_rate=0.01, batch_norm="frozen", learning_rate=0.005)


def weights_of(model) -> dict:
    return {w.path: keras.ops.convert_to_numpy(w) for w in model.weights}


def changed(before: dict, after: dict) -> set:
    """Paths of the weights that moved further than a run's float16 rounds them."""
    return {path for path in before if not np.allclose(before[path], after[path], rtol=2e-3, atol=1e-6)}


def test_fine_tuning_trains_the_head_first_and_then_the_backbone_too(faces):
    model = el.models.small_cnn(**TINY)
    before = weights_of(model)
    run = el.train(model, faces, TWO_STAGES)
    after = weights_of(model)
    assert run.history["epoch"] == [1, 2, 3, 4, 5]
    assert run.history["learning_rate"][:3] == [0.01] * 3
    assert run.history["learning_rate"][-1] < 0.005
    assert changed(before, after) == {w.path for w in model.trainable_weights}
    norms = [layer for layer in el.models.backbone_layers(model) if isinstance(layer, keras.layers.BatchNormalization)]
    assert norms
    assert not any(layer.trainable for layer in norms)


def test_a_frozen_run_changes_the_head_alone(faces):
    model = el.models.small_cnn(**TINY)
    before = weights_of(model)
    run = el.train(model, faces, TWO_STAGES.but(epochs=0), name="frozen", record=True)
    assert changed(before, weights_of(model)) == {"logits/kernel", "logits/bias"}
    assert len(run.history["epoch"]) == run.provenance["epochs_trained"] == 3
    again = el.evaluation.predict(el.load_run("frozen").model(), faces.test.images)
    assert np.allclose(again, run.probabilities("test"), atol=2e-3)


def test_unfreezing_from_a_layer_leaves_the_layers_before_it_as_they_were(faces):
    model = el.models.small_cnn(**TINY)
    late = el.models.backbone_layers(model)[-4].name
    before = weights_of(model)
    el.train(model, faces, TWO_STAGES.but(unfreeze_from=late))
    touched = changed(before, weights_of(model))
    assert {"logits/kernel", "logits/bias"} < touched
    assert len(touched) < 6


def test_a_run_of_two_stages_resumes_after_its_last_whole_epoch(faces, monkeypatch):
    recipe = TWO_STAGES.but(epochs=3).augmented()
    whole = el.train(el.models.small_cnn(**TINY), faces, recipe, name="whole")

    def stop_after_four(history, patience):
        if len(history["epoch"]) == 4:
            raise KeyboardInterrupt
        return False

    with monkeypatch.context() as patch:
        patch.setattr("emotionlab.training.loop.has_stopped_improving", stop_after_four)
        with pytest.raises(KeyboardInterrupt):
            el.train(el.models.small_cnn(**TINY), faces, recipe, name="stopped")
    resumed = el.train(el.models.small_cnn(**TINY), faces, recipe, name="stopped")
    assert resumed.history["val_loss"] == pytest.approx(whole.history["val_loss"], abs=1e-3)


def test_the_last_epochs_can_do_without_augmentation(faces, monkeypatch):
    batches = []
    real = Batches.__init__

    def remember(self, split, recipe, epoch, *soft):
        batches.append(recipe.mixup)
        real(self, split, recipe, epoch, *soft)

    monkeypatch.setattr(Batches, "__init__", remember)
    recipe = QUICK.but(epochs=3, plain_epochs=1, mixup=0.2, crop=40).augmented(shift=0.0)
    model = el.models.scratch_cnn(input_shape=(None, None, 1), **TINY)
    run = el.train(model, faces, recipe)
    assert batches == [0.2, 0.2, 0.0]
    assert len(run.history["loss"]) == 3


def test_leaving_augmentation_out_leaves_every_picture_as_it_is(faces):
    plain = RECIPES["scratch_cnn"].without_augmentation()
    assert augmentation(plain) == []
    targets = Batches(faces.train, plain.but(batch_size=16), 0)[0][1]
    assert set(np.unique(targets)) == {0.0, 1.0}
    assert plain.epochs == RECIPES["scratch_cnn"].epochs


@pytest.mark.parametrize(
    ("values", "rates", "expected"),
    [
        ([0.5, 0.4, 0.4], [1, 1, 1], True),
        ([0.5, 0.4, 0.6], [1, 1, 1], False),  # better at the last
        ([0.5, 0.4, 0.4], [5, 5, 1], False),  # the rate has just fallen
        ([0.5, 0.4], [1, 1], False),  # too early to say
    ],
)
def test_a_plateau_is_a_while_without_a_better_epoch_at_one_rate(values, rates, expected):
    assert is_on_plateau({"val_accuracy": values, "learning_rate": rates}, 2) is expected


def test_the_rate_falls_to_a_fifth_on_a_plateau_and_stays_there(faces, monkeypatch):
    monkeypatch.setattr("emotionlab.training.loop.is_on_plateau", lambda history, patience: len(history["epoch"]) == 2)
    recipe = QUICK.but(epochs=4, cosine=False, plateau=2, learning_rate=0.01)
    rates = el.train(el.models.scratch_cnn(**TINY), faces, recipe).history["learning_rate"]
    assert rates == pytest.approx([0.01, 0.01, 0.002, 0.002])
