"""A model against the votes of people: each figure is computed by hand, and wrong input is refused."""

import numpy as np
import pytest

from emotionlab.base.errors import DataError, RunError
from emotionlab.data.ferplus import ANSWERS, recorded_votes, vote_targets
from emotionlab.evaluation import vote_scores
from emotionlab.runs import reference

SEVENTH = np.full((1, 7), 1 / 7)


def votes(*rows: dict) -> np.ndarray:
    return np.array([[row.get(answer, 0) for answer in ANSWERS] for row in rows])


def test_entropies_and_agreement_of_two_pictures_by_hand():
    said = votes({"anger": 10}, {"happiness": 5, "sadness": 5})
    p = np.array([[0.5, 0.5, 0, 0, 0, 0, 0], [0, 0, 0, 0.8, 0.2, 0, 0]])
    scores = vote_scores(p, said)
    assert scores.pictures == 2
    assert scores.cross_entropy == pytest.approx((np.log(2) - 0.5 * np.log(0.8) - 0.5 * np.log(0.2)) / 2)
    assert scores.people_entropy == pytest.approx(np.log(2) / 2)
    assert scores.model_entropy == pytest.approx((np.log(2) - 0.8 * np.log(0.8) - 0.2 * np.log(0.2)) / 2)
    assert scores.confidence == pytest.approx(0.65)
    assert scores.agreement == pytest.approx((1 + 0.5) / 2)
    assert np.isnan(scores.macro_f1)


def test_no_model_gets_below_the_entropy_of_the_votes():
    said = votes({"fear": 4, "surprise": 6}, {"neutral": 7, "sadness": 2, "unknown": 1})
    shares, _ = vote_targets(said)
    best = vote_scores(shares, said)
    assert best.cross_entropy == pytest.approx(best.people_entropy)
    for other in np.random.default_rng(0).dirichlet(np.ones(7), (50, 2)):
        assert vote_scores(other, said).cross_entropy > best.people_entropy


def test_a_certainty_that_was_wrong_costs_much_and_not_the_infinite():
    assert 10 < vote_scores(np.eye(7)[[1]], votes({"anger": 10})).cross_entropy < 20


def test_pictures_without_a_target_do_not_count():
    said = votes({"anger": 10}, {"NF": 10}, {"contempt": 6, "anger": 4})
    p = np.repeat(SEVENTH, 3, axis=0)
    assert vote_scores(p, said).pictures == 1
    with pytest.raises(DataError, match="found none"):
        vote_scores(p[1:], said[1:])


def test_macro_f1_of_what_at_least_two_chose():
    said = votes({"anger": 8, "sadness": 2}, {"anger": 9, "sadness": 1})
    p = np.array([[0.6, 0, 0, 0, 0.4, 0, 0], [0.2, 0, 0, 0, 0.8, 0, 0]])
    # named at 0.3: anger in the first, sadness in both. Anger: 1 hit of 2 there, 1 named; sadness: 1 of 1, 2 named
    by_hand = (2 / 3 + 2 / 3 + 5 * 0) / 7
    assert vote_scores(p, said, 0.3).macro_f1 == pytest.approx(by_hand)
    each = np.array([0.1, 1, 1, 1, 0.5, 1, 1])  # anger in both: F1 1; sadness in the second, where it is not
    assert vote_scores(p, said, each).macro_f1 == pytest.approx(1 / 7)
    assert vote_scores(p, said, 0.3, least=1).macro_f1 == pytest.approx((2 / 3 + 1) / 7)


def test_raters_who_had_seven_answers_only():
    said = votes({"anger": 6, "sadness": 4})
    assert vote_scores(SEVENTH, said[:, :7]) == pytest.approx(vote_scores(SEVENTH, said), nan_ok=True)


def test_a_recorded_run_against_the_recorded_votes():
    scores = vote_scores(reference.load("plain").probabilities("test"), recorded_votes("test"), 0.2)
    assert 3500 < scores.pictures < 3589
    assert scores.people_entropy < scores.cross_entropy
    assert scores.confidence > scores.agreement, "it is surer of its words than people are of them"
    assert 0.3 < scores.macro_f1 < 0.9


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (np.zeros((0, 10), int), "shape"),
        (np.ones((1, 9), int), "shape"),
        (np.full((1, 10), 0.5), "dtype"),
        (np.full((1, 10), -1), "found -1"),
        ("many", "Expected votes"),
    ],
)
def test_unusable_votes_are_refused(said, why):
    with pytest.raises(DataError, match=why):
        vote_scores(SEVENTH, said)


@pytest.mark.parametrize("p", [np.full((2, 7), 1 / 7), np.full((1, 6), 1 / 6), np.full((1, 7), 0.5), -SEVENTH])
def test_unusable_probabilities_are_refused(p):
    with pytest.raises(RunError, match="probabilities"):
        vote_scores(p, votes({"anger": 10}))


@pytest.mark.parametrize(("thresholds", "least"), [([0.2, 0.3], 2), ("high", 2), (0.2, 0), (0.2, 1.5)])
def test_unusable_thresholds_are_refused(thresholds, least):
    with pytest.raises(DataError):
        vote_scores(SEVENTH, votes({"anger": 10}), thresholds, least)
