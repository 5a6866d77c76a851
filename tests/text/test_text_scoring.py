"""Several emotions at once: thresholds, macro F1 and the paired bootstrap."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from emotionlab.base.errors import EmotionLabError
from emotionlab.text import choose_thresholds, difference, score


@pytest.fixture
def measured():
    rng = np.random.default_rng(3)
    labels = rng.random((400, 7)) < np.linspace(0.05, 0.5, 7)
    probabilities = np.clip(0.5 * labels + rng.normal(0.2, 0.25, labels.shape), 0, 1)
    return labels, probabilities


def test_macro_and_micro_f1_are_those_of_scikit_learn(measured):
    labels, probabilities = measured
    report = score(labels, probabilities, np.full(7, 0.4))
    assert report.macro_f1 == pytest.approx(f1_score(labels, probabilities >= 0.4, average="macro"))
    assert report.micro_f1 == pytest.approx(f1_score(labels, probabilities >= 0.4, average="micro"))
    assert report.per_class.f1.mean() == pytest.approx(report.macro_f1)


def test_no_other_threshold_gives_a_better_f1_than_the_chosen_one(measured):
    labels, probabilities = measured
    chosen = score(labels, probabilities, choose_thresholds(labels, probabilities)).per_class.f1.to_numpy()
    for candidate in np.unique(probabilities):
        other = score(labels, probabilities, np.full(7, candidate)).named
        f1 = 2 * (labels & other).sum(0) / (labels.sum(0) + other.sum(0))
        assert (f1 <= chosen + 1e-12).all()


def test_rows_of_equal_probability_are_named_together():
    labels = np.zeros((4, 7), bool)
    labels[0, 0] = True
    probabilities = np.full((4, 7), 0.5)
    assert score(labels, probabilities, choose_thresholds(labels, probabilities)).named[:, 0].all()


def test_an_emotion_without_a_row_is_not_named(measured):
    labels, probabilities = measured
    labels[:, 2] = False
    assert choose_thresholds(labels, probabilities)[2] == 1.0


def test_the_interval_of_a_rare_emotion_is_wide(measured):
    labels, probabilities = measured
    table = score(labels, probabilities, np.full(7, 0.4)).per_class
    assert (table.f1_low <= table.f1).all()
    assert (table.f1 <= table.f1_high).all()
    assert table.f1_high.iloc[0] - table.f1_low.iloc[0] > table.f1_high.iloc[6] - table.f1_low.iloc[6]


def test_a_report_against_itself_differs_by_nothing_and_a_better_one_by_more(measured):
    labels, probabilities = measured
    report = score(labels, probabilities, np.full(7, 0.4))
    assert difference(report, report) == (0.0, (0.0, 0.0))
    perfect = score(labels, labels.astype(float), np.full(7, 0.5))
    mean, (low, high) = difference(perfect, report)
    assert 0 < low < mean < high


def test_reports_on_different_texts_are_not_compared(measured):
    labels, probabilities = measured
    a, b = score(labels, probabilities, np.full(7, 0.4)), score(~labels, probabilities, np.full(7, 0.4))
    with pytest.raises(EmotionLabError, match="same texts"):
        difference(a, b)
    with pytest.raises(EmotionLabError, match="one shape"):
        score(labels, probabilities[:10], np.full(7, 0.4))
