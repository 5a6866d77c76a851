"""Drawn mixtures: the same again, between their two emotions, and wrong shares are refused."""

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.mixtures import draw_mixtures

HAPPY, SURPRISE, NEUTRAL = (np.eye(7)[EMOTIONS.index(name)] for name in ("happy", "surprise", "neutral"))
FRONTAL = {"yaw": 0, "pitch": 0, "roll": 0, "blur": 0.2, "noise": 0}


def drawn(mixture, **traits) -> np.ndarray:
    """The same twelve people, all with this mixture."""
    return draw_mixtures(np.repeat(mixture[None], 12, axis=0), seed=1, **FRONTAL, **traits).astype(float)


def test_one_face_for_each_row_and_the_same_again():
    shares = np.random.default_rng(0).dirichlet(np.ones(7), 5)
    faces = draw_mixtures(shares, seed=3)
    assert faces.shape == (5, 48, 48)
    assert faces.dtype == np.uint8
    np.testing.assert_array_equal(faces, draw_mixtures(shares, seed=3))
    assert (faces != draw_mixtures(shares, seed=4)).any(axis=(1, 2)).all()


def test_a_mixture_lies_between_its_two_emotions():
    """The more of an emotion is in it, the nearer a face comes to that emotion, person for person."""
    far = [np.abs(drawn((1 - w) * HAPPY + w * SURPRISE) - drawn(SURPRISE)).mean() for w in (0, 0.3, 0.7, 1)]
    assert far == sorted(far, reverse=True)
    assert far[-1] == 0


def test_neutral_makes_a_face_fainter():
    still = drawn(NEUTRAL)
    faint, full = (np.abs(drawn(w * HAPPY + (1 - w) * NEUTRAL) - still).mean() for w in (0.3, 1))
    assert 0 < faint < full


def test_a_trait_is_the_same_for_all():
    assert drawn(HAPPY, exposure=1.5).mean() > 1.5 * drawn(HAPPY, exposure=0.5).mean()
    with pytest.raises(DataError, match=r"glasses.*found hat"):
        draw_mixtures(HAPPY[None], hat=1)


@pytest.mark.parametrize("shares", [HAPPY, np.full((1, 6), 1 / 6), 2 * HAPPY[None], -HAPPY[None], "happy"])
def test_unusable_shares_are_refused(shares):
    with pytest.raises(DataError, match="shares that sum to 1"):
        draw_mixtures(shares)
