"""Soft targets: votes of people, and what other networks say."""

import json
import shutil

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base import settings
from emotionlab.base.errors import DataError, RunError
from emotionlab.data.dataset import Faces, Split
from emotionlab.data.ferplus import ANSWERS, recorded_votes
from emotionlab.metrics.predicting import predict
from emotionlab.runs.recipes import Recipe, recipe_from_dict
from emotionlab.training import targets
from emotionlab.training.batches import Batches, mix

TINY = {"widths": (4, 4, 8, 8), "blocks": (1, 1, 1)}
"""Few channels, and three blocks instead of five: most of a short training is spent on making its graph."""
QUICK = Recipe(epochs=2, batch_size=16, learning_rate=0.02)


def striped(size: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    labels = np.arange(size) % 7
    images = rng.integers(0, 60, (size, 48, 48)).astype("uint8")
    for image, label in zip(images, labels, strict=True):
        image[6 * label : 6 * label + 6] += 150
    return Split(images, labels.astype("int64"), np.array([f"{seed}_{i}.png" for i in range(size)]))


@pytest.fixture(scope="module")
def faces():
    return Faces(striped(112, 1), striped(35, 2), striped(35, 3), name="striped", source="this test")


@pytest.fixture(scope="module")
def taught(faces, tmp_path_factory):
    """The folder of a run that has said what it thinks of the training pictures, trained once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOTIONLAB_RUNS", str(tmp_path_factory.mktemp("runs")))
        run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(epochs=6, learning_rate=0.05), name="teacher")
        targets.teach(run, faces.train)
    return run.folder


@pytest.fixture
def teacher(taught):
    """That run, copied among the runs of this test, which may change it."""
    shutil.copytree(taught, settings.runs_dir() / "teacher")
    return el.load_run("teacher")


def votes(**counts) -> np.ndarray:
    return np.array([[counts.get(answer, 0) for answer in ANSWERS]])


# ---- Votes ----------------------------------------------------------------------------------------


def test_votes_become_their_shares():
    target, used = targets.vote_targets(votes(anger=6, sadness=4))
    assert used.all()
    assert target[0].tolist() == pytest.approx([0.6, 0, 0, 0, 0.4, 0, 0])


def test_who_could_not_tell_is_spread_over_the_seven():
    target, _ = targets.vote_targets(votes(happiness=3, unknown=7))
    assert target[0] == pytest.approx([0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1])


def test_contempt_and_not_a_face_are_left_out():
    target, used = targets.vote_targets(votes(neutral=6, contempt=2, NF=2))
    assert used.all()
    assert target[0].tolist() == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("left_out", [{"NF": 5}, {"contempt": 5}, {"NF": 3, "contempt": 2}, {"NF": 10}])
def test_a_picture_with_half_its_votes_left_out_is_not_trained_on(left_out):
    kept = 10 - sum(left_out.values())
    assert not targets.vote_targets(votes(fear=kept, **left_out))[1].any()


def test_the_votes_for_the_real_training_pictures_leave_most_of_them_in():
    target, used = targets.vote_targets(recorded_votes("train"))
    assert 28_000 < used.sum() < 28_709
    assert np.allclose(target[used].sum(axis=1), 1)


def test_votes_for_other_pictures_are_refused(faces):
    with pytest.raises(DataError, match="28,709 training pictures of FER-2013"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(targets="votes"))


def test_a_run_learns_from_votes_and_leaves_out_pictures_without(faces, monkeypatch):
    said = np.zeros((112, 10), "int64")
    said[np.arange(112), faces.train.labels] = 10
    said[:7] = votes(NF=10)
    monkeypatch.setattr(targets, "training_votes", lambda split: said)
    split, target = targets.soft_targets(faces.train, QUICK.but(targets="votes"))
    assert len(split) == len(target) == 105
    assert (target.argmax(axis=1) == split.labels).all()
    run = el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(targets="votes", epochs=8, learning_rate=0.05))
    assert run.history["loss"][-1] < run.history["loss"][0]
    assert run.provenance["targets"] == targets.fingerprint(target)


def test_the_recogniser_leaves_what_has_learned_votes_as_it_is(faces, monkeypatch):
    """Its probabilities are shares of people: a temperature from labels would bend them."""
    said = np.zeros((112, 10), "int64")
    said[np.arange(112), faces.train.labels] = 6
    said[np.arange(112), (faces.train.labels + 1) % 7] = 4
    monkeypatch.setattr(targets, "training_votes", lambda split: said)
    recipe = QUICK.but(targets="votes", epochs=6, learning_rate=0.05)
    run = el.train(el.models.scratch_cnn(**TINY), faces, recipe, name="mixed")
    recogniser = el.Recognizer("mixed")
    assert recogniser.temperature == 1
    assert recogniser.classify(faces.test.images) == pytest.approx(predict(run.model(), faces.test.images), abs=1e-3)
    (run.folder / "recipe.json").write_text(json.dumps(recipe.but(targets="labels").as_dict()))
    assert el.Recognizer("mixed").temperature != 1


def differences(a: str, b: str) -> set[str]:
    """The entries in which two recipes differ."""
    other = el.RECIPES[b].as_dict()
    return {entry for entry, value in el.RECIPES[a].as_dict().items() if value != other[entry]}


def test_the_recipe_mixed_differs_from_a_recorded_run_in_its_targets_alone():
    assert differences("mixed", "untaught") == {"targets", "label_smoothing"}
    assert el.reference.load("scratch_cnn_untaught").recipe == el.RECIPES["untaught"]


def test_the_recipe_taught_has_teachers_that_have_said_what_they_think_and_a_twin_without_them():
    assert differences("taught", "untaught") == {"label_smoothing", "teacher", "teacher_share"}
    assert differences("untaught", "scratch_cnn") == {"epochs", "move_once"}
    for name in el.RECIPES["taught"].teacher.split("+"):
        assert (el.reference.load(name).folder / targets.TEACHING).is_file()


# ---- Teachers -------------------------------------------------------------------------------------


def test_a_higher_temperature_is_less_sure_and_one_changes_nothing():
    sure = np.array([[0.9, 0.05, 0.05]])
    assert np.allclose(targets.soften(sure, 1), sure)
    softer = targets.soften(sure, 3)
    assert 1 / 3 < softer[0, 0] < 0.9
    assert softer.sum() == pytest.approx(1)


def test_a_teacher_is_kept_in_8_bits(teacher, faces):
    kept = targets.training_probabilities(teacher, faces.train)
    with np.load(teacher.folder / targets.TEACHING) as arrays:
        assert arrays["probabilities"].dtype == np.uint8
    assert kept.min() > 0, "a rounded 0 is not impossible"
    straight = predict(teacher.model(), faces.train.images)
    mirrored = predict(teacher.model(), faces.train.images[:, :, ::-1])
    assert np.allclose(kept, (straight + mirrored) / 2, atol=0.01)


def test_what_a_teacher_says_is_kept_beside_its_recorded_run_too(teacher, faces, tmp_path, monkeypatch):
    from emotionlab.commands import cli

    recorded = tmp_path / "recorded"
    shutil.copytree(teacher.folder, recorded / "teacher", ignore=shutil.ignore_patterns(targets.TEACHING))
    monkeypatch.setattr("emotionlab.runs.reference.REFERENCE_RUNS", recorded)
    monkeypatch.setattr("emotionlab.data.load_faces", lambda source: faces)
    assert cli.main(["teach", "teacher", "--record"]) == 0
    said = (recorded / "teacher" / targets.TEACHING).read_bytes()
    assert said == (teacher.folder / targets.TEACHING).read_bytes()


def test_what_comes_with_the_course_is_not_written_over(teacher, faces, tmp_path, monkeypatch):
    from emotionlab.commands import cli

    recorded = tmp_path / "recorded"
    shutil.copytree(teacher.folder, recorded / "shipped")
    before = (recorded / "shipped" / targets.TEACHING).read_bytes()
    for room in ("training.targets", "runs.run"):
        monkeypatch.setattr(f"emotionlab.{room}.REFERENCE_RUNS", recorded)
    others = Faces(striped(70, 9), faces.validation, faces.test, name="others", source="this test")
    monkeypatch.setattr("emotionlab.data.load_faces", lambda source: others)
    assert cli.main(["teach", "shipped"]) == 0
    shipped = el.load_run("shipped")
    assert (recorded / "shipped" / targets.TEACHING).read_bytes() == before
    assert targets.kept_opinion(shipped).parent == settings.data_dir() / "teaching"
    assert targets.training_probabilities(shipped, others.train).shape == (70, 7)
    assert targets.training_probabilities(shipped, faces.train).shape == (112, 7)


def test_targets_are_the_label_and_the_teachers_in_the_shares_of_the_recipe(teacher, faces):
    recipe = QUICK.but(teacher="teacher", teacher_share=0.7, temperature=2.0)
    _, target = targets.soft_targets(faces.train, recipe)
    opinion = targets.soften(targets.training_probabilities(teacher, faces.train), 2.0)
    expected = 0.3 * np.eye(7)[faces.train.labels] + 0.7 * opinion
    assert np.allclose(target, expected, atol=1e-6)


def test_several_teachers_are_averaged(teacher, faces):
    other = el.train(el.models.scratch_cnn(**TINY, seed=4), faces, QUICK, name="other")
    targets.teach(other, faces.train)
    _, target = targets.soft_targets(faces.train, QUICK.but(teacher="teacher+other", teacher_share=1.0))
    each = [targets.training_probabilities(run, faces.train) for run in (teacher, other)]
    assert np.allclose(target, np.mean(each, axis=0), atol=1e-6)


def test_a_teacher_and_mixup_together_blend_the_soft_targets(teacher, faces):
    recipe = QUICK.but(teacher="teacher", mixup=0.4)
    split, target = targets.soft_targets(faces.train, recipe)
    batches = Batches(split, recipe, epoch=1, targets=target)
    pictures, blended, _ = batches[0]
    index = batches.order[:16]
    rng = np.random.default_rng([recipe.seed, 1, 0])
    expected = mix(split.images[index][..., None].astype("float32"), target[index], 0.4, rng)
    assert np.allclose(pictures, expected[0], atol=1e-3)
    assert np.allclose(blended, expected[1], atol=1e-6)
    run = el.train(el.models.scratch_cnn(**TINY), faces, recipe, name="taught_mixed")
    assert len(run.history["epoch"]) == 2


def test_a_taught_run_learns_and_is_known_again(teacher, faces, capsys):
    recipe = QUICK.but(teacher="teacher", epochs=8, learning_rate=0.05)
    run = el.train(el.models.scratch_cnn(**TINY), faces, recipe, name="taught")
    assert run.report("validation").accuracy > 0.5
    assert run.recipe.teacher == "teacher"
    el.train(el.models.scratch_cnn(**TINY), faces, recipe, name="taught")
    assert "is finished already" in capsys.readouterr().out
    with np.load(teacher.folder / targets.TEACHING) as arrays:
        changed = {**arrays, "probabilities": arrays["probabilities"][:, ::-1]}
    np.savez(teacher.folder / targets.TEACHING, **changed)
    with pytest.raises(RunError, match="the same targets as this training"):
        el.train(el.models.scratch_cnn(**TINY), faces, recipe, name="taught")


def test_a_teacher_that_has_said_nothing_says_how_to_make_it(faces):
    el.train(el.models.scratch_cnn(**TINY), faces, QUICK, name="silent")
    with pytest.raises(RunError, match=r"make it with `(uv run )?emotionlab teach silent`"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(teacher="silent"))


def test_a_teacher_that_is_no_run_is_told_with_the_entry_that_names_it(faces):
    with pytest.raises(RunError, match=r"no run called 'nobody'.* \(in the recipe's entry teacher, 'nobody'"):
        el.train(el.models.scratch_cnn(**TINY), faces, QUICK.but(teacher="nobody"))


@pytest.mark.parametrize(("name", "found"), [("+", "found ''"), ("nobody", "no run called 'nobody'")])
def test_the_command_names_the_recipes_file_too(tmp_path, capsys, name, found):
    from emotionlab.commands import cli

    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"teacher": name}), encoding="utf-8")
    assert cli.main(["train", "small_cnn", "--recipe", str(path), "--data", "drawn"]) == 2
    said = capsys.readouterr().err
    assert found in said
    assert said.endswith(f"(in the recipe's entry teacher, '{name}' (a text)) (in {path}).\n")


def test_a_teacher_of_other_pictures_is_refused(teacher, faces):
    fewer = Faces(faces.train.take(slice(0, 80)), faces.validation, faces.test, name="fewer", source="this test")
    with pytest.raises(RunError, match="these 80 training pictures, found its opinion of 112 other ones"):
        el.train(el.models.scratch_cnn(**TINY), fewer, QUICK.but(teacher="teacher"))


def test_a_head_stage_and_a_share_that_cannot_be_are_refused():
    with pytest.raises(RunError, match="head_epochs=0 for a recipe with a teacher or votes"):
        QUICK.but(teacher="teacher", head_epochs=2)
    with pytest.raises(RunError, match="teacher_share"):
        QUICK.but(teacher_share=1.5)


def test_recipes_from_before_there_were_teachers_are_read(teacher):
    values = json.loads((teacher.folder / "recipe.json").read_text(encoding="utf-8"))
    for name in ("targets", "teacher", "teacher_share", "temperature"):
        del values[name]
    assert recipe_from_dict(values) == teacher.recipe
