"""Temperature and abstention: a planted temperature is found, and every count is checked by hand."""

import json

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.emotions import one_hot
from emotionlab.base.errors import EmotionLabError, RunError
from emotionlab.evaluation import calibration, chosen_threshold, coverage_curve, score, temperature, with_temperature
from emotionlab.labs import threshold

FEAR, HAPPY = 2, 3


def rows(predictions, confidence):
    """Probabilities whose largest entry, `confidence` (N,), stands at the predicted labels."""
    confidence = np.asarray(confidence, "float64")[:, None]
    others = (1 - confidence) / 6
    return one_hot(predictions) * (confidence - others) + others


def calibrated(n=20000, seed=0):
    """Probabilities and labels that are drawn from these very probabilities."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(7, 0.4), n)
    labels = (probabilities.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, 6)
    return labels, probabilities


# ---------------------------------------------------------------------------------- temperature


@pytest.mark.parametrize("planted", [0.6, 1.0, 2.5])
def test_a_planted_temperature_is_recovered(planted):
    labels, honest = calibrated()
    distorted = with_temperature(honest, 1 / planted)
    assert temperature(labels, distorted) == pytest.approx(planted, rel=0.04)


def test_the_right_temperature_mends_the_calibration_error():
    labels, honest = calibrated()
    overconfident = with_temperature(honest, 0.4)
    before = score(labels, overconfident)
    after = score(labels, with_temperature(overconfident, temperature(labels, overconfident)))
    assert before.ece > 0.1
    assert after.ece < 0.02


def test_dividing_logits_and_scaling_probabilities_are_the_same():
    logits = np.random.default_rng(0).normal(0, 2, (40, 7))

    def softmax(x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    np.testing.assert_allclose(with_temperature(softmax(logits), 2.5), softmax(logits / 2.5), atol=1e-9)
    np.testing.assert_allclose(with_temperature(softmax(logits), 1), softmax(logits), atol=1e-9)


def test_the_order_in_a_row_stays_and_heat_flattens_it():
    _, probabilities = calibrated(200)
    for t in (0.3, 1, 4):
        np.testing.assert_array_equal(with_temperature(probabilities, t).argmax(1), probabilities.argmax(1))
    assert with_temperature(probabilities, 1000).max() < 0.15


def test_probabilities_of_zero_stay_finite():
    certain = one_hot([FEAR, HAPPY])
    for t in (0.05, 1, 20):
        found = with_temperature(certain, t)
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found.sum(axis=1), 1)
    assert temperature(np.array([FEAR, FEAR]), certain) > 5, "sure and wrong half of the time"


@pytest.mark.parametrize("t", [0, -1, float("nan"), float("inf")])
def test_an_impossible_temperature_is_refused(t):
    with pytest.raises(RunError, match="above 0"):
        with_temperature(np.full((1, 7), 1 / 7), t)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(EmotionLabError, match="one row for each label"):
        temperature(np.array([0, 1]), np.full((3, 7), 1 / 7))


# ---------------------------------------------------------------------------------- coverage


@pytest.fixture
def report():
    """Fear: 0.9 right, 0.6 wrong, 0.4 wrong. Happy: 0.8 right, 0.7 right."""
    labels = np.array([FEAR, FEAR, FEAR, HAPPY, HAPPY])
    return score(labels, rows([FEAR, HAPPY, HAPPY, HAPPY, HAPPY], [0.905, 0.605, 0.405, 0.805, 0.705]), "mine")


def test_the_coverage_curve_agrees_with_counting(report):
    curve = coverage_curve(report).set_index("threshold")
    assert len(curve) == 101
    assert curve.loc[0.0].tolist() == [1, 0.6]
    assert curve.loc[0.5].tolist() == [0.8, 0.75]
    assert curve.loc[0.75].tolist() == [0.4, 1]
    assert curve.coverage[0.95] == 0
    assert np.isnan(curve.accuracy[0.95])
    assert curve.coverage.is_monotonic_decreasing


def test_the_smallest_sufficient_threshold_is_found(report):
    assert calibration.smallest_threshold(report, 0.5) == 0
    assert calibration.smallest_threshold(report, 0.75) == 0.41
    assert calibration.smallest_threshold(report, 0.8) == 0.61


def test_an_accuracy_out_of_reach_is_refused():
    never = score(np.array([FEAR, FEAR]), rows([HAPPY, HAPPY], [0.5, 0.9]))
    with pytest.raises(RunError, match=r"at best 0.0 %"):
        calibration.smallest_threshold(never, 0.8)


# ---------------------------------------------------------------------------------- the recorded choice


def test_the_recorded_choice_follows_from_the_recorded_run():
    chosen = calibration.choose(el.reference.load("scratch_cnn"))
    recorded = calibration.chosen()
    assert recorded.pop("command") == threshold.COMMAND
    for split in ("validation", "test"):
        assert recorded.pop(split) == pytest.approx(chosen.pop(split), abs=0.002)
    assert recorded.pop("temperature") == pytest.approx(chosen.pop("temperature"), abs=0.005)
    assert recorded == chosen
    assert chosen_threshold() == chosen["threshold"]


def test_the_recorded_threshold_keeps_its_promise_on_validation_and_no_smaller_one_does():
    chosen = calibration.chosen()
    report = el.reference.load(chosen["run"]).report("validation")
    sober = score(report.labels, with_temperature(report.probabilities, chosen["temperature"]))
    curve = coverage_curve(sober).set_index("threshold").accuracy
    assert curve[chosen_threshold()] >= chosen["wanted_accuracy"]
    assert (curve[curve.index < chosen_threshold()] < chosen["wanted_accuracy"]).all()


def test_recording_writes_what_is_read_back(tmp_path, monkeypatch):
    monkeypatch.setattr(calibration, "RECORD", tmp_path / "threshold.json")
    monkeypatch.setattr(threshold, "RECORD", tmp_path / "threshold.json")
    found = threshold.record()
    assert calibration.chosen() == json.loads((tmp_path / "threshold.json").read_text(encoding="utf-8")) == found
