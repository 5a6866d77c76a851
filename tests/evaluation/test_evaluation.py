"""The figures of a report: against hand-computed cases, and for every corner that a learner meets."""

import numpy as np
import pytest

from emotionlab import evaluation
from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError, EmotionLabError, RunError
from emotionlab.data.dataset import Split
from emotionlab.evaluation import confidence_interval, evaluate, predict, reliability_table, score, thresholded

ANGRY, DISGUST, FEAR, HAPPY, SAD = range(5)


def rows(predictions, confidence=0.7):
    """Probabilities whose largest entry, `confidence`, stands at the predicted labels."""
    predictions = np.asarray(predictions)
    confidence = np.broadcast_to(confidence, predictions.shape).astype("float64")
    others = np.repeat((1 - confidence)[:, None] / 6, 7, axis=1)
    others[np.arange(len(predictions)), predictions] = confidence
    return others


def random_report(n=400, seed=0):
    rng = np.random.default_rng(seed)
    return score(rng.integers(0, 7, n), rng.dirichlet(np.ones(7), n), "random")


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (9, 48, 48), dtype="uint8")


@pytest.fixture(scope="module")
def model():
    """A tiny network whose answer depends on where in the picture the light is."""
    import keras

    keras.utils.set_random_seed(3)
    layers = [keras.Input((48, 48, 1)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
    return keras.Sequential([*layers, keras.layers.Dense(7)], name="tiny")


# ------------------------------------------------------------------------------------------ scores


def test_a_small_case_agrees_with_the_hand_calculation():
    labels = np.array([HAPPY, HAPPY, HAPPY, SAD, SAD, FEAR])
    report = score(labels, rows([HAPPY, HAPPY, SAD, SAD, HAPPY, SAD]))
    assert report.accuracy == pytest.approx(3 / 6)
    happy, sad, fear = (report.per_class.loc[e] for e in ("happy", "sad", "fear"))
    assert (happy.precision, happy.recall, happy.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert (sad.precision, sad.recall, sad.f1) == pytest.approx((1 / 3, 1 / 2, 2 / 5))
    assert (fear.precision, fear.recall, fear.f1) == (0, 0, 0)
    assert report.macro_f1 == pytest.approx((2 / 3 + 2 / 5) / 7)
    assert report.weighted_f1 == pytest.approx((3 * 2 / 3 + 2 * 2 / 5) / 6)


def test_rows_of_the_confusion_matrix_are_the_true_emotions():
    report = score(np.array([FEAR, FEAR, SAD]), rows([SAD, FEAR, SAD]))
    assert report.confusion[FEAR, SAD] == 1
    assert report.confusion[SAD, FEAR] == 0
    assert report.confusion_normalised[FEAR].tolist() == [0, 0, 0.5, 0, 0.5, 0, 0]


def test_a_perfect_prediction_has_no_mistakes():
    labels = np.repeat(np.arange(7), 40)
    report = score(labels, rows(labels, 1.0))
    assert (report.accuracy, report.macro_f1, report.weighted_f1) == (1, 1, 1)
    assert report.ece == 0
    assert report.worst_pairs().empty
    assert report.macro_f1_interval() == (1, 1)
    assert report.accuracy_interval[0] < 1, "280 right answers do not prove that the model is never wrong"


def test_a_class_that_is_never_predicted_scores_zero_without_a_warning(recwarn):
    labels = np.repeat(np.arange(7), 4)
    report = score(labels, rows(np.where(labels == DISGUST, ANGRY, labels)))
    assert report.per_class.loc["disgust"].tolist() == [0, 0, 0, 4]
    assert report.accuracy == pytest.approx(24 / 28)
    assert not recwarn.list


def test_a_class_without_pictures_scores_zero_and_its_row_stays_zero(recwarn):
    labels = np.array([HAPPY, SAD, SAD])
    report = score(labels, rows(labels))
    assert report.per_class.support.sum() == 3
    assert report.per_class.loc["disgust", "f1"] == 0
    assert not report.confusion_normalised[DISGUST].any()
    assert np.isfinite(report.confusion_normalised).all()
    assert not recwarn.list


def test_confusion_adds_up_to_support_and_to_accuracy():
    report = random_report()
    assert report.confusion.sum(axis=1).tolist() == report.per_class.support.tolist()
    assert np.trace(report.confusion) / len(report) == pytest.approx(report.accuracy)
    assert report.per_class.index.tolist() == list(EMOTIONS)


def test_worst_pairs_come_in_order_with_their_share_of_the_true_emotion():
    labels = np.array([FEAR] * 10 + [SAD] * 4 + [HAPPY] * 2)
    predictions = np.array([SAD] * 5 + [FEAR] * 5 + [ANGRY] * 3 + [SAD] + [HAPPY] * 2)
    pairs = score(labels, rows(predictions)).worst_pairs(5)
    assert pairs.values.tolist() == [["fear", "sad", 5, 0.5], ["sad", "angry", 3, 0.75]]


# ---------------------------------------------------------------------------------- intervals


def test_the_wilson_interval_agrees_with_its_formula():
    hits, n, z = 7, 20, 1.959963984540054
    centre = (hits / n + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(hits / n * (1 - hits / n) / n + z**2 / (4 * n**2))
    assert confidence_interval(hits, n) == pytest.approx((centre - half, centre + half))


@pytest.mark.parametrize("hits", [0, 5, 10])
def test_an_interval_stays_within_0_and_1_and_holds_the_share(hits):
    low, high = confidence_interval(hits, 10)
    assert 0 <= low <= hits / 10 <= high <= 1
    assert low < high


@pytest.mark.parametrize(("hits", "n"), [(3, 2), (-1, 5), (0, 0)])
def test_impossible_counts_are_refused(hits, n):
    with pytest.raises(DataError, match=r"Expected (successes|n to be|0 <= successes)"):
        confidence_interval(hits, n)


def test_the_bootstrap_of_macro_f1_agrees_with_resampling_the_pictures():
    from sklearn.metrics import f1_score

    report = random_report(300)
    rng = np.random.default_rng(5)
    resampled = []
    for _ in range(600):
        i = rng.integers(0, 300, 300)
        resampled.append(
            f1_score(report.labels[i], report.predictions[i], labels=range(7), average="macro", zero_division=0)
        )
    assert report.macro_f1_interval() == pytest.approx(np.quantile(resampled, (0.025, 0.975)), abs=0.012)
    assert report.macro_f1_interval(seed=1) == report.macro_f1_interval(seed=1)


def test_four_times_the_pictures_halve_the_interval():
    wide, narrow = (np.ptp(random_report(n).macro_f1_interval()) for n in (500, 2000))
    assert narrow == pytest.approx(wide / 2, rel=0.25)


# ---------------------------------------------------------------------------------- calibration


def test_the_calibration_error_agrees_with_the_hand_calculation():
    # Ten answers at 0.9 of which six are right, and ten at 0.5 of which five are: 0.5 * 0.3 + 0.5 * 0.
    labels = np.zeros(20, dtype=int)
    predictions = np.array([0] * 6 + [1] * 4 + [0] * 5 + [1] * 5)
    report = score(labels, rows(predictions, np.array([0.9] * 10 + [0.5] * 10)))
    assert report.ece == pytest.approx(0.15, abs=1e-6)


def test_over_and_underconfidence_in_different_bins_do_not_cancel():
    # At 0.9 half are right (gap 0.4), at 0.4 nine in ten (gap 0.5): the mean gap alone would be small.
    labels = np.zeros(20, dtype=int)
    predictions = np.array([0] * 5 + [1] * 5 + [0] * 9 + [1])
    report = score(labels, rows(predictions, np.array([0.9] * 10 + [0.4] * 10)))
    assert report.ece == pytest.approx(0.45, abs=1e-6)


def test_a_bin_holds_its_upper_edge_and_a_confidence_of_one():
    labels = np.zeros(3, dtype=int)
    table = reliability_table(score(labels, rows(labels, np.array([0.6, 0.601, 1.0]))), bins=15)
    assert table.pictures.to_numpy().nonzero()[0].tolist() == [8, 9, 14]
    assert table.high[8] == pytest.approx(0.6)
    assert table.pictures.sum() == 3


def test_the_reliability_table_gives_the_calibration_error():
    report = random_report()
    used = reliability_table(report).dropna()
    assert report.ece == pytest.approx((used.gap.abs() * used.pictures).sum() / len(report))


def test_a_threshold_trades_coverage_for_accuracy():
    report = score(np.zeros(4, int), rows([0, 0, 1, 1], np.array([0.9, 0.8, 0.6, 0.5])))
    assert thresholded(report, 0) == (0, 4, 1, 0.5)
    assert thresholded(report, 0.7) == (0.7, 2, 0.5, 1)
    silent = thresholded(report, 0.99)
    assert silent.coverage == 0
    assert np.isnan(silent.accuracy)


# ---------------------------------------------------------------------------------- what is shown


def test_the_printed_report_names_every_emotion_and_its_figures():
    text = str(random_report())
    assert text.startswith("random: 400 pictures")
    for word in (*EMOTIONS, "Accuracy", "95 % interval", "Macro F1", "Weighted F1", "Calibration error"):
        assert word in text


def test_the_html_report_is_escaped_and_marks_its_headers():
    report = score(np.array([0]), rows([0]), "<b>mine</b>")
    page = report._repr_html_()
    assert "&lt;b&gt;mine" in page
    assert "<b>mine" not in page
    assert "<caption>" in page
    assert page.count('scope="row"') == 7
    assert page.count('scope="col"') == 5


# ---------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("labels", "probabilities", "says"),
    [
        (np.array([], int), np.zeros((0, 7)), "N > 0"),
        (np.array([0.0]), rows([0]), "whole numbers"),
        (np.array([[0]]), rows([0]), "shape"),
        (np.array([7]), rows([0]), "0 to 6"),
        (np.array([0, 1]), rows([0]), r"\(1, 7\)"),
        (np.array([0]), np.full((1, 6), 1 / 6), r"\(1, 6\)"),
        (np.array([0]), np.array([[3.0, -2, 0, 0, 0, 0, 0]]), "softmax"),
        (np.array([0]), np.full((1, 7), np.nan), "softmax"),
    ],
)
def test_unusable_arrays_are_refused_with_a_reason(labels, probabilities, says):
    with pytest.raises(EmotionLabError, match=says):
        score(labels, probabilities)


def test_half_precision_probabilities_are_accepted():
    exact = np.random.default_rng(0).dirichlet(np.ones(7), 200)
    labels = np.zeros(200, int)
    recorded = score(labels, exact.astype("float16"))
    assert recorded.probabilities.dtype == np.float32
    assert recorded.ece == pytest.approx(score(labels, exact).ece, abs=0.02)


# ---------------------------------------------------------------------------------- predictions


def test_predict_is_the_softmax_of_the_logits_in_every_batch_size(model, pictures):
    logits = model.predict(pictures[..., None], verbose=0)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for batch_size in (256, 4, 1):
        found = predict(model, pictures, batch_size=batch_size)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_every_batch_has_one_size_so_that_a_network_is_compiled_once(model, pictures):
    sizes = []

    class Watched:
        def predict_on_batch(self, batch):
            sizes.append(len(batch))
            return model.predict_on_batch(batch)

    many = np.concatenate([pictures] * 3)[: 2 * len(pictures) + 1]
    found = predict(Watched(), many, batch_size=len(pictures))
    np.testing.assert_allclose(found, predict(model, many, batch_size=1), atol=1e-5)
    assert sizes == [len(pictures)] * 3


def test_predict_takes_pictures_with_and_without_a_channel_axis(model, pictures):
    np.testing.assert_array_equal(predict(model, pictures), predict(model, pictures[..., None]))


def test_flip_averaging_gives_a_picture_and_its_mirror_image_the_same_answer(model, pictures):
    mirrored = pictures[:, :, ::-1]
    plain = predict(model, pictures), predict(model, mirrored)
    assert not np.allclose(*plain, atol=1e-3), "the network must tell left from right for this test"
    np.testing.assert_allclose(predict(model, pictures, "flip"), np.mean(plain, axis=0), atol=1e-6)
    np.testing.assert_allclose(predict(model, pictures, "flip"), predict(model, mirrored, "flip"), atol=1e-6)


def test_flip_and_shift_averages_ten_different_views(model, pictures):
    batch = pictures[..., None]
    views = list(evaluation.views(batch, "flip_shift"))
    assert len({view.tobytes() for view in views}) == 10
    expected = np.mean([predict(model, view) for view in views], axis=0)
    np.testing.assert_allclose(predict(model, pictures, "flip_shift"), expected, atol=1e-6)


def test_a_shift_moves_the_picture_and_repeats_its_edge():
    picture = np.arange(16).reshape(1, 4, 4, 1)
    down = evaluation.shift(picture, 2, 0)[0, :, :, 0]
    assert down[:, 0].tolist() == [0, 0, 0, 4]
    left = evaluation.shift(picture, 0, -2)[0, :, :, 0]
    assert left[0].tolist() == [2, 3, 3, 3]


def test_an_unknown_augmentation_is_refused(model, pictures):
    with pytest.raises(RunError, match="flip_shift"):
        predict(model, pictures, tta="mirror")


class Fake:
    """Anything with predict_on_batch, so that an answer can be wrong in a chosen way."""

    def __init__(self, answer):
        self.predict_on_batch = answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: np.zeros((len(x), 5)), r"\(9, 5\)"),
        (lambda x: np.zeros((len(x), 6, 6, 7)), r"\(9, 6, 6, 7\)"),
        (lambda x: np.full((len(x), 7), np.nan), "NaN"),
        (lambda x: np.full((len(x), 7), 1 / 7), "softmax"),
        (lambda x: [np.zeros((len(x), 7))] * 2, "list"),
    ],
)
def test_a_model_with_an_unusable_output_is_refused(pictures, answer, says):
    with pytest.raises(RunError, match=says):
        predict(Fake(answer), pictures)


def test_evaluate_scores_a_model_and_a_run(model, pictures):
    split = Split(pictures, np.arange(9) % 7, np.array([f"{i}.png" for i in range(9)]))
    report = evaluate(model, split)
    np.testing.assert_array_equal(report.probabilities, predict(model, pictures))
    assert report.name == "tiny"

    class StoredRun:
        name = "mine"

        def model(self):
            return model

    flipped = evaluate(StoredRun(), split, tta="flip")
    assert flipped.name == "mine, flip averaged"
    np.testing.assert_array_equal(flipped.probabilities, predict(model, pictures, "flip"))


def test_evaluate_says_what_it_needs(model, pictures):
    split = Split(pictures, np.zeros(9, int), np.array(["x"] * 9))
    with pytest.raises(RunError, match=r"keras\.Model"):
        evaluate(42, split)
    with pytest.raises(DataError, match=r"faces\.test"):
        evaluate(model, pictures)


def test_evaluate_finds_a_run_by_its_name(model, pictures, monkeypatch):
    asked = []

    class StoredRun:
        name = "mine"

        def model(self):
            return model

    monkeypatch.setattr("emotionlab.evaluation.evaluating.load_run", lambda name: asked.append(name) or StoredRun())
    split = Split(pictures, np.zeros(9, int), np.array(["x"] * 9))
    assert evaluate("mine", split).name == "mine"
    assert asked == ["mine"]
