"""The labs of lesson 07: each distortion does what its name says, each count is checked by hand or anew."""

import json

import numpy as np
import pytest

import emotionlab as el
from emotionlab import labs
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.data import surveying
from emotionlab.data.dataset import Split
from emotionlab.evaluation import confidence_interval
from emotionlab.labs import __main__ as command_line
from emotionlab.labs import checkpoints, distortions, leaks, recipes, records, speeds
from emotionlab.runs.recipes import recipe_from_dict


@pytest.fixture(scope="module")
def drawn():
    return el.load_faces("drawn", size=300, seed=3)


# ---------------------------------------------------------------------------------- leaks


def test_as_many_pictures_leak_as_the_survey_counted():
    survey = surveying.recorded()
    recorded = records.read(leaks.NAME, leaks.COMMAND)
    for split in ("validation", "test"):
        known = recorded["splits"][split]
        assert len(known["leaked"]) == len(set(known["leaked"])) == survey["leaked"][split]
        assert 0 <= min(known["leaked"]) <= max(known["leaked"]) < known["pictures"] == 3589


@pytest.mark.parametrize("name", el.reference.names())
def test_leaked_and_clean_pictures_of_a_recorded_run_add_up(name):
    table = labs.leak(name)
    assert table.index.tolist() == ["leaked", "clean", "all"]
    assert table.pictures.tolist() == [288, 3301, 3589]
    right = (table.accuracy * table.pictures).round().astype(int)
    assert right["leaked"] + right["clean"] == right["all"]
    report = el.reference.load(name).report("test", "flip")
    assert table.accuracy["all"] == pytest.approx(report.accuracy)
    low_high = confidence_interval(right["leaked"], 288)
    assert (table.accuracy_low["leaked"], table.accuracy_high["leaked"]) == pytest.approx(low_high)


def test_the_leaked_accuracy_is_counted_on_the_recorded_indices():
    run = el.reference.load("plain")
    leaked = records.read(leaks.NAME, leaks.COMMAND)["splits"]["validation"]["leaked"]
    report = run.report("validation", "none")
    table = labs.leak(run, tta="none", split="validation")
    assert table.accuracy["leaked"] == pytest.approx(report.correct[leaked].mean())
    assert table.accuracy["leaked"] > table.accuracy["clean"] + 0.1, "a network that overfits remembers"


def test_a_run_on_other_pictures_is_refused():
    labels = el.reference.load("plain").labels()
    for other in (labels[::-1], labels[:-1]):
        with pytest.raises(RunError, match="in the order of the recorded runs"):
            leaks.leaked_pictures("test", other)
    with pytest.raises(RunError, match="'train'"):
        leaks.leaked_pictures("train", labels)


def test_the_recorder_finds_planted_copies(drawn):
    from dataclasses import replace

    images = drawn.test.images.copy()
    images[4], images[7] = drawn.train.images[0], drawn.train.images[1]
    faces = replace(drawn, test=replace(drawn.test, images=images))
    found = leaks.record(faces)["splits"]["test"]
    assert found["leaked"] == [4, 7]
    assert found["pictures"] == len(faces.test)


def test_the_recorded_leaks_are_those_of_the_real_data(real_fer2013):
    found = leaks.record(real_fer2013)
    assert found["splits"] == records.read(leaks.NAME, leaks.COMMAND)["splits"]


# ---------------------------------------------------------------------------------- distortions


@pytest.mark.parametrize("name", labs.shifts)
def test_a_shift_changes_the_pictures_and_keeps_their_form(name, drawn):
    images = drawn.test.images[:20]
    before = images.copy()
    changed = labs.shifts[name](images)
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    assert (changed != images).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(images, before, err_msg="the pictures given must stay as they are")
    np.testing.assert_array_equal(labs.shifts[name](images), changed, err_msg="the same pictures, the same change")
    one = labs.shifts[name](images[:1])
    np.testing.assert_array_equal(one, changed[:1], err_msg="a picture must not depend on its neighbours")


def spot(row, column, value=255, background=0):
    picture = np.full((1, 48, 48), background, "uint8")
    picture[0, row, column] = value
    return picture


def test_the_moved_face_is_six_pixels_lower():
    assert np.argwhere(distortions.moved(spot(10, 20))).tolist() == [[0, 16, 20]]


def test_a_tight_crop_enlarges_and_a_wide_one_shrinks():
    square = np.zeros((1, 48, 48), "uint8")
    square[0, 18:30, 18:30] = 200
    light = {name: change(square).sum() / 200 for name, change in labs.shifts.items()}
    assert light["cropped too tight"] == pytest.approx(16 * 16, rel=0.01)
    assert light["cropped too wide"] == pytest.approx(9 * 9, rel=0.01)


def test_too_dark_and_too_bright_scale_the_grey_values():
    grey = np.full((1, 48, 48), 100, "uint8")
    assert (distortions.darker(grey) == 35).all()
    assert (distortions.overexposed(grey) == 200).all()
    assert (distortions.overexposed(grey + 50) == 255).all()


def test_blurring_spreads_a_spot_and_keeps_the_light():
    blurred = distortions.blurred(spot(24, 24)).astype(int)
    assert 0 < blurred.max() < 25
    assert blurred.sum() == pytest.approx(255, abs=25)
    flat = np.full((1, 48, 48), 77, "uint8")
    for change in (distortions.blurred, distortions.far_away, distortions.turned, distortions.moved):
        assert (change(flat) == 77).all()


def test_the_head_is_turned_against_the_clock():
    turned = distortions.turned(spot(23, 44))[0]
    row, column = np.unravel_index(turned.argmax(), turned.shape)
    angle = np.degrees(np.arctan2(23.5 - row, column - 23.5))
    assert angle == pytest.approx(20, abs=3)


def test_noise_has_the_strength_it_names():
    noise = distortions.noisy(np.full((4, 48, 48), 128, "uint8")).astype(float) - 128
    assert noise.std() == pytest.approx(20, rel=0.05)
    assert abs(noise.mean()) < 1


def test_colour_in_the_right_order_would_give_the_grey_picture_back():
    from emotionlab.base.opencv import cv2

    grey = np.arange(256, dtype="float32").reshape(16, 16)
    weight = cv2.cvtColor(distortions.SKIN.reshape(1, 1, 3), cv2.COLOR_RGB2GRAY).item()
    coloured = grey[..., None] * (distortions.SKIN / weight)
    np.testing.assert_allclose(cv2.cvtColor(coloured, cv2.COLOR_RGB2GRAY), grey, atol=0.01)
    swapped = distortions.swapped(np.full((1, 48, 48), 100, "uint8"))
    by_hand = 100 * (0.114 * 1 + 0.587 * 0.77 + 0.299 * 0.6) / (0.299 * 1 + 0.587 * 0.77 + 0.114 * 0.6)
    assert (swapped == round(by_hand)).all()


def test_the_mask_covers_the_lower_rows_only():
    covered = distortions.masked(np.zeros((1, 48, 48), "uint8"))
    assert (covered[0, :30] == 0).all()
    assert (covered[0, 30:] == 190).all()


# ---------------------------------------------------------------------------------- what each costs


class Brightness:
    """A stand-in network: "happy" (3) where the picture is bright, else "sad" (4)."""

    def predict_on_batch(self, batch):
        logits = np.full((len(batch), 7), -5.0, "float32")
        bright = batch.mean(axis=(1, 2, 3)) > 128
        logits[np.arange(len(batch)), np.where(bright, 3, 4)] = 5
        return logits


class Stored:
    name = "brightness"

    def model(self):
        return Brightness()


def test_the_cost_of_each_shift_is_counted():
    images = np.concatenate([np.full((6, 48, 48), 160, "uint8"), np.full((4, 48, 48), 90, "uint8")])
    labels = np.array([3] * 6 + [4] * 3 + [3])
    table = labs.domain_shift(Stored(), Split(images, labels, np.array([str(i) for i in range(10)])))
    assert table.index.tolist() == ["as it is", *labs.shifts]
    assert table.columns.tolist() == ["accuracy", "accuracy_low", "accuracy_high", "lost", "changed"]
    assert table.loc["as it is", ["accuracy", "lost", "changed"]].tolist() == [0.9, 0, 0]
    # all dark: only the three sad ones are right; all bright: the seven happy ones are
    assert table.loc["too dark", ["accuracy", "changed"]].tolist() == [0.3, 0.6]
    assert table.lost["too dark"] == pytest.approx(0.6)
    assert table.loc["too bright", ["accuracy", "changed"]].tolist() == [0.7, 0.4]
    assert table.loc["moved 6 pixels", ["accuracy", "changed"]].tolist() == [0.9, 0]
    low_high = confidence_interval(3, 10)
    assert table.loc["too dark", ["accuracy_low", "accuracy_high"]].tolist() == pytest.approx(low_high)


def test_what_is_no_split_is_refused(drawn):
    with pytest.raises(DataError, match=r"faces\.test"):
        labs.domain_shift(Stored(), drawn.test.images)


def test_the_recorded_shifts_are_those_there_are_and_start_where_the_run_does():
    table = labs.recorded_domain_shift()
    assert table.index.tolist() == ["as it is", *labs.shifts]
    run = el.reference.load(records.read(distortions.NAME, "")["run"])
    assert table.accuracy["as it is"] == pytest.approx(run.report("test").accuracy, abs=0.001)
    assert (table.changed >= table.lost.abs() - 1e-9).all(), "an answer that is lost is an answer that changed"


def test_the_recorded_costs_are_measured_anew_on_some_real_pictures(real_fer2013):
    split = real_fer2013.test.sample(400, seed=1)
    fresh, recorded = labs.domain_shift("scratch_cnn", split), labs.recorded_domain_shift()
    noise = 3.5 * np.sqrt(0.25 / 400)
    assert (fresh.accuracy - recorded.accuracy).abs().max() < noise
    assert (fresh.changed - recorded.changed).abs().max() < noise


# ---------------------------------------------------------------------------------- choosing an epoch


@pytest.fixture
def own_record(tmp_path, monkeypatch):
    """A small record of three epochs: the second is best on validation, the third on test."""
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    validation = np.array([[1, 0, 0, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 0, 0]], bool)
    test = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 1]], bool)
    answers = {"validation": validation, "test": test}
    arrays = {split: np.packbits(bits, axis=1) for split, bits in answers.items()}
    np.savez(tmp_path / checkpoints.BITS, **arrays)
    text = json.dumps({"pictures": {"validation": 5, "test": 4}})
    (tmp_path / checkpoints.NAME).write_text(text, encoding="utf-8")
    return answers


def test_the_packed_answers_are_read_back(own_record):
    for split, answers in checkpoints.recorded_answers().items():
        np.testing.assert_array_equal(answers, own_record[split])
    history = labs.checkpoint_history()
    assert history.index.tolist() == [1, 2, 3]
    assert history.validation.tolist() == [0.2, 0.8, 0.6]
    assert history.test.tolist() == [0.25, 0.5, 0.75]


def test_three_ways_to_choose_name_their_epoch(own_record):
    table = labs.checkpoint_choice()
    assert table.epoch.to_dict() == {"last epoch": 3, "best on validation": 2, "best on test (cheating)": 3}
    assert table.test.tolist() == [0.75, 0.5, 0.75]
    assert table.gain.tolist() == [0.25, 0, 0.25]
    ends = table.loc["best on validation", ["test_low", "test_high"]].tolist()
    assert ends == pytest.approx(confidence_interval(2, 4))


def test_choosing_among_equal_epochs_gains_on_paper_only():
    # 30 epochs that are each right on a random 60 %: there is nothing to choose
    answers = np.random.default_rng(0).random((30, 2000)) < 0.6
    gain = checkpoints.gain_of_choosing(answers, honest=0)
    offset = answers.mean() - answers[0].mean()
    assert gain.reported - offset > 0.02, "the best of thirty looks better"
    assert abs(gain.real - offset) < 0.012, "and is not"
    assert gain.optimism > 0.02, "by so much its figure is too high"
    assert gain.reported_interval[0] < gain.reported < gain.reported_interval[1]


def test_choosing_a_truly_better_epoch_gains_on_new_pictures_too():
    rng = np.random.default_rng(0)
    answers = rng.random((5, 2000)) < np.array([0.5, 0.5, 0.5, 0.5, 0.7])[:, None]
    gain = checkpoints.gain_of_choosing(answers, honest=0)
    truth = answers[4].mean() - answers[0].mean()
    assert gain.reported == pytest.approx(truth, abs=0.005)
    assert gain.real == pytest.approx(truth, abs=0.005)
    assert abs(gain.optimism) < 0.005, "where there is only one candidate, choosing costs nothing"


def test_the_gain_agrees_with_a_loop_over_halves():
    answers = np.random.default_rng(1).random((4, 60)) < 0.6
    rng, found = np.random.default_rng(9), []
    for _ in range(3000):
        order = rng.permutation(60)
        here, there = answers[:, order[:30]].mean(axis=1), answers[:, order[30:]].mean(axis=1)
        best = here.argmax()
        found.append((here[best] - here[2], there[best] - there[2]))
    gain = checkpoints.gain_of_choosing(answers, honest=2, halves=3000)
    assert (gain.reported, gain.real) == pytest.approx(np.mean(found, axis=0), abs=0.006)


def test_a_gain_says_what_it_means():
    text = str(checkpoints.Gain(0.012, (0.001, 0.02), -0.001, (-0.01, 0.01), 0.011, (-0.02, 0.03), 2000))
    assert "seems to gain +1.20 points (middle 95 %: +0.10 to +2.00)" in text
    assert "the same choice gains -0.10 points" in text
    assert "too high by +1.10 points" in text


def test_too_little_to_choose_among_is_refused():
    with pytest.raises(RunError, match="at least 2 epochs"):
        checkpoints.gain_of_choosing(np.ones((1, 10), bool), 0)


def test_watching_a_training_notes_every_epoch_and_picture(drawn, capsys):
    recipe = el.Recipe(epochs=2, batch_size=32, cosine=False, learning_rate=0.02)
    model = el.models.small_cnn(widths=(4, 4, 4, 4), blocks=(1, 1, 1))
    answers = checkpoints.train_and_watch(model, drawn, recipe)
    assert answers["validation"].shape == (2, len(drawn.validation))
    assert answers["test"].shape == (2, len(drawn.test))
    now = el.evaluate(model, drawn.test).correct
    np.testing.assert_array_equal(answers["test"][-1], now, err_msg="the last row is the trained network")
    assert capsys.readouterr().out.count("epoch") == 2


def test_the_recorded_choice_is_whole():
    record = records.read(checkpoints.NAME, checkpoints.COMMAND)
    history = labs.checkpoint_history()
    assert len(history) == record["recipe"]["epochs"]
    assert recipe_from_dict(record["recipe"]) == checkpoints.recipe()
    assert record["pictures"] == {"validation": 3589, "test": 3589}
    for split in ("validation", "test"):
        np.testing.assert_allclose(history[split], record["accuracy"][split], atol=1e-6)
    table = labs.checkpoint_choice()
    assert table.test["best on test (cheating)"] == history.test.max()
    assert table.validation["best on validation"] == history.validation.max()
    gain = labs.checkpoint_gain()
    assert gain.real < gain.reported, "a choice looks better where it was made"
    assert gain.optimism > 0


# ---------------------------------------------------------------------------------- the search


def test_each_row_of_the_search_changes_what_it_says():
    start = recipes.recipe(recipes.BASE)
    assert start == el.RECIPES["erased"].but(epochs=recipes.EPOCHS)
    for change, entries in recipes.CHANGES.items():
        of_recipe = {key: value for key, value in entries.items() if key not in recipes.NETWORK_OPTIONS}
        assert recipes.recipe(change) == start.but(**of_recipe), change


def test_a_gain_is_that_of_the_same_pictures():
    rng = np.random.default_rng(0)
    before = rng.random(2000) < 0.6
    after = before.copy()
    after[np.flatnonzero(~before)[:50]] = True  # 50 won
    after[np.flatnonzero(before)[:20]] = False  # 20 lost
    found = recipes.gain_over(before, after)
    assert found["gain"] == pytest.approx(30 / 2000)
    drawn_again = [(after[i].mean() - before[i].mean()) for i in rng.integers(0, 2000, (4000, 2000))]
    assert (found["gain_low"], found["gain_high"]) == pytest.approx(np.quantile(drawn_again, (0.025, 0.975)), abs=1e-3)
    assert found["p_value"] == pytest.approx(0.000438, rel=0.01)  # scipy: binomtest(20, 70).pvalue
    assert recipes.gain_over(before, before) == {"gain": 0, "gain_low": 0, "gain_high": 0, "p_value": 1}


def test_the_search_is_recorded_row_by_row_and_goes_on_where_it_stopped(drawn, tmp_path, monkeypatch, capsys):
    few_layers = {"widths": (4, 8, 8, 8), "blocks": (1, 1, 1)}
    small = {recipes.BASE: few_layers, "averaged weights": {}, "narrow": few_layers | {"widths": (4, 4, 4, 4)}}
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(recipes, "EPOCHS", 1)
    monkeypatch.setattr(recipes, "CHANGES", dict(list(small.items())[:2]))
    recipes.record(drawn)
    kept = records.read(recipes.NAME, recipes.COMMAND)["rows"]
    monkeypatch.setattr(recipes, "CHANGES", small)
    values = recipes.record(drawn)
    assert [row["change"] for row in values["rows"]] == list(small)
    assert values["rows"][:2] == kept, "what was there is not measured again"
    assert capsys.readouterr().out.count("epoch 1 of 1") == 2
    table = labs.recipe_search()
    assert table.index[0] == recipes.BASE
    assert table.gain[recipes.BASE] == 0
    assert table.parameters["narrow"] < table.parameters[recipes.BASE]
    for row in values["rows"]:
        assert table.accuracy[row["change"]] == row["accuracy"]


def test_a_complete_search_is_made_anew(drawn, tmp_path, monkeypatch):
    def measure(change, faces):
        asked.append(change)
        right = np.ones(len(faces.validation), bool)
        return [{"change": name, "accuracy": 1.0, "right": right} for name in list(recipes.CHANGES)[:2]]

    asked = []
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    monkeypatch.setattr(recipes, "CHANGES", {recipes.BASE: {}, "averaged weights": {}})
    monkeypatch.setattr(recipes, "measure", measure)
    recipes.record(drawn)
    again = recipes.record(drawn)
    assert asked == [recipes.BASE, recipes.BASE]
    assert len(again["rows"]) == 2


def test_averaged_weights_are_the_mean_of_the_steps():
    model = el.models.small_cnn(widths=(4, 4, 4, 4))
    average = recipes._Average(model)
    first = [w.copy() for w in model.get_weights()]
    for step in range(1, 4):
        model.set_weights([w + step for w in first])
        average.update()
    moved = [float(np.mean(a - w)) for a, w in zip(average.weights, first, strict=True)]
    expected = 0.0
    for step in range(1, 4):
        keep = step / (step + 10)
        expected = keep * expected + (1 - keep) * step
    assert moved == pytest.approx([expected] * len(moved), abs=1e-4)


def test_the_recorded_search_is_whole():
    record = records.read(recipes.NAME, recipes.COMMAND)
    assert {row["change"] for row in record["rows"]} == set(recipes.CHANGES)
    assert recipe_from_dict(record["recipe"]) == recipes.recipe(recipes.BASE)
    table = labs.recipe_search()
    assert record["pictures"] == 3589
    for row in record["rows"]:
        gain = table.accuracy[row["change"]] - table.accuracy[recipes.BASE]
        assert table.gain[row["change"]] == pytest.approx(gain, abs=2e-6), "the bits say what the accuracy says"
        assert table.gain_low[row["change"]] <= gain + 1e-9 <= table.gain_high[row["change"]] + 2e-9


# ---------------------------------------------------------------------------------- the command line


def test_the_leak_of_a_run_can_be_repeated_in_a_terminal(capsys):
    assert command_line.main(["leak", "plain", "--tta", "none"]) == 0
    assert f"{labs.leak('plain', 'none').accuracy['leaked']:.6f}" in capsys.readouterr().out


def test_an_unknown_run_is_one_sentence_and_exit_code_2(capsys):
    assert command_line.main(["leak", "nowhere"]) == 2
    error = capsys.readouterr().err
    assert "no run called 'nowhere'" in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("name", command_line.MAKERS)
def test_a_record_needs_fer2013_and_says_so(name, capsys):
    assert command_line.main([name]) == 2
    assert "Expected FER-2013 at" in capsys.readouterr().err


@pytest.mark.parametrize("lab", command_line.MAKERS.values())
def test_a_record_names_the_command_that_makes_it(lab):
    record = records.read(lab.NAME, lab.COMMAND)
    assert record["command"] == lab.COMMAND
    assert record["data"]["name"] == "fer2013"
    assert record["data"]["checksum"] == el.reference.load("plain").provenance["data"]["checksum"]
    assert lab.COMMAND.split()[-1] in command_line.MAKERS


def test_a_missing_record_names_its_command(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    with pytest.raises(EmotionLabError, match=r"make it with: uv run python -m emotionlab\.labs domain_shift"):
        labs.recorded_domain_shift()


def test_keeping_and_reading_a_record_gives_it_back(tmp_path, monkeypatch, drawn):
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    records.keep("some.json", {"a": [1, 2]}, "make it", drawn)
    found = records.read("some.json", "make it")
    assert found["a"] == [1, 2]
    assert found["command"] == "make it"
    assert found["data"]["name"] == "drawn"


def test_the_time_for_a_face_is_recorded_for_every_recorded_network():
    assert speeds.recorded().keys() == set(speeds.networks())
    assert min(speeds.recorded().values()) > 0


def test_the_time_for_a_face_is_the_median_of_the_calls_after_the_first_two(monkeypatch):
    asked, clock = [], [0.0]

    def predict(_model, face):
        asked.append(face.shape)
        clock[0] += [9.0, 5.0, 0.004, 0.020, 0.006][len(asked) - 1]

    monkeypatch.setattr("emotionlab.metrics.predicting.predict", predict)
    monkeypatch.setattr(speeds.time, "perf_counter", lambda: clock[0])
    assert speeds.milliseconds("small_cnn", 48, calls=3) == pytest.approx(6.0)
    assert asked == [(1, 48, 48)] * 5


def test_a_run_whose_network_was_not_timed_says_how(monkeypatch):
    monkeypatch.setattr(speeds, "recorded", dict)
    with pytest.raises(RunError, match=r"time for a face of scratch_cnn at 48 pixels.*labs speeds"):
        speeds.of_run(el.reference.load("scratch_cnn"))


def test_a_run_made_before_its_input_size_was_kept_has_the_usual_one():
    assert speeds.network_of({"network": "mobilenetv2"}) == ("mobilenetv2", 96)
    assert speeds.network_of({"network": "small_cnn"}) == ("small_cnn", 48)
    assert speeds.network_of({"network": "vgg16", "input_size": 64}) == ("vgg16", 64)
