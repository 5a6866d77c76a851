"""Fusing senses: the three rules, what is missing, what was never learnt."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.senses import Stack, fuse

NAN = np.nan
HAPPY, SAD = el.EMOTIONS.index("happy"), el.EMOTIONS.index("sad")


def rows(count=200, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).dirichlet(np.ones(7), count)


def test_the_mean_is_the_mean_and_the_product_the_product():
    p, q = rows(seed=1), rows(seed=2)
    np.testing.assert_allclose(fuse({"face": p, "voice": q}), (p + q) / 2)
    both = np.maximum(p, 1e-3) * np.maximum(q, 1e-3)
    np.testing.assert_allclose(fuse({"face": p, "voice": q}, "product"), both / both.sum(axis=1, keepdims=True))


def test_the_priors_are_taken_out_once_for_two_senses():
    priors = np.array([0.3, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1])
    fused = fuse({"face": priors, "voice": priors}, "product", priors)
    np.testing.assert_allclose(fused, priors)  # two senses that know nothing but the priors


def test_one_row_in_is_one_row_out():
    assert fuse({"face": rows(1)[0], "voice": rows(1)[0]}).shape == (7,)


@pytest.mark.parametrize("how", ["mean", "product"])
def test_a_missing_sense_leaves_the_other_as_it_is(how):
    p = np.maximum(rows(5), 1e-3)
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(fuse({"face": p, "voice": None}, how), p, atol=1e-5)
    np.testing.assert_allclose(fuse({"face": p, "voice": np.full((5, 7), NAN)}, how), p, atol=1e-5)
    some = np.where(np.arange(5)[:, None] < 2, NAN, rows(5, seed=3))
    np.testing.assert_allclose(fuse({"face": p, "voice": some}, how)[:2], p[:2], atol=1e-5)


@pytest.mark.parametrize("how", ["mean", "product"])
def test_emotions_that_a_sense_never_heard_keep_the_mass_that_the_others_gave_them(how):
    face = np.array([0.1, 0.2, 0.15, 0.2, 0.1, 0.15, 0.1])
    voice = np.array([0.25, NAN, NAN, 0.25, 0.25, NAN, 0.25])
    fused = fuse({"face": face, "voice": voice}, how)
    assert fused.sum() == pytest.approx(1)
    never = np.isnan(voice)
    np.testing.assert_allclose(fused[never], face[never])
    assert fuse({"face": np.eye(7)[1], "voice": voice}, how).argmax() == 1  # disgust, which the voice never heard


@pytest.mark.parametrize("how", ["mean", "product"])
def test_a_voice_alone_says_nothing_of_what_it_never_heard(how):
    voice = np.array([0.1, NAN, NAN, 0.2, 0.3, NAN, 0.4])
    np.testing.assert_allclose(fuse({"voice": voice}, how), np.nan_to_num(voice), atol=1e-6)


@pytest.mark.parametrize("how", ["mean", "product"])
def test_a_row_gets_what_it_gets_alone(how):
    face, voice = rows(5), rows(5, seed=1)
    voice[:, [1, 2, 5]] = NAN  # never heard
    voice /= np.nansum(voice, axis=1, keepdims=True)
    face[1:] = NAN  # nobody to be seen
    together = fuse({"voice": voice, "face": face}, how)
    np.testing.assert_allclose(fuse({"voice": voice[0], "face": face[0]}, how), together[0])


def test_nothing_is_vetoed_by_a_zero():
    fused = fuse({"face": np.eye(7)[HAPPY], "voice": np.eye(7)[SAD]}, "product")
    assert fused[HAPPY] == pytest.approx(fused[SAD])
    assert fused.min() > 0
    third = fuse({"a": np.eye(7)[HAPPY], "b": np.eye(7)[HAPPY], "c": np.eye(7)[SAD]}, "product")
    assert third.argmax() == HAPPY


def test_all_rules_give_probabilities():
    p, q = rows(seed=1), rows(seed=2)
    q[:, [1, 2, 5]] = NAN
    q /= np.nansum(q, axis=1, keepdims=True)
    stack = Stack.fit({"face": p, "voice": q}, p.argmax(axis=1))
    for how in ("mean", "product", stack):
        fused = fuse({"face": p, "voice": q}, how)
        assert fused.shape == (200, 7)
        assert (fused >= 0).all()
        np.testing.assert_allclose(fused.sum(axis=1), 1)


def test_stacking_learns_which_sense_to_trust():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 7, 600)
    good, bad = rng.dirichlet(np.ones(7), 600), rng.dirichlet(np.ones(7) / 3, 600)
    good[np.arange(600), labels] += 1
    good /= good.sum(axis=1, keepdims=True)
    senses = {"good": good[:300], "bad": bad[:300]}
    stack = Stack.fit(senses, labels[:300])
    rest = {"good": good[300:], "bad": bad[300:]}
    right = {how: (fuse(rest, how).argmax(axis=1) == labels[300:]).mean() for how in ("product", stack)}
    assert right[stack] > right["product"] + 0.1


def test_stacking_with_two_emotions_only_works():
    p = np.zeros((40, 7))
    p[:, HAPPY] = np.linspace(0.05, 0.95, 40)
    p[:, SAD] = 1 - p[:, HAPPY]
    labels = np.where(p[:, HAPPY] > 0.5, HAPPY, SAD)
    fused = fuse({"face": p}, Stack.fit({"face": p}, labels))
    assert (fused.argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    ("senses", "how", "said"),
    [
        ({}, "mean", "found none"),
        ({"face": None}, "mean", "found none"),
        ({"face": np.ones(6) / 6}, "mean", "face (6,)"),
        ({"face": rows(3), "voice": rows(4)}, "mean", "voice (4, 7)"),
        ({"face": np.full(7, NAN)}, "mean", "all are missing"),
        ({"face": np.full(7, 2.0)}, "mean", "0 to 1"),
        ({"face": -np.ones(7)}, "mean", "0 to 1"),
        ({"face": np.zeros(7)}, "mean", "a row of zeros"),
        ({"face": rows(1)}, "median", "'median'"),
    ],
)
def test_what_cannot_be_fused_is_refused_in_one_sentence(senses, how, said):
    with pytest.raises(EmotionLabError) as problem:
        fuse(senses, how)
    assert said in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_stack_takes_a_missing_sense_for_a_row_of_nothing():
    senses = {"face": rows(), "voice": rows(seed=1)}
    stack = Stack.fit(senses, rows().argmax(axis=1))
    missing = fuse(senses | {"voice": np.full((200, 7), NAN)}, stack)
    np.testing.assert_allclose(fuse(senses | {"voice": None}, stack), missing)


def test_a_stack_refuses_other_senses_and_too_few_labels():
    stack = Stack.fit({"face": rows(), "voice": rows(seed=1)}, rows().argmax(axis=1))
    with pytest.raises(EmotionLabError, match="face, voice in this order"):
        fuse({"voice": rows(), "face": rows()}, stack)
    with pytest.raises(EmotionLabError, match="at least two emotions"):
        Stack.fit({"face": rows()}, np.zeros(200, int))
    for wrong in (-1, 9, "sad"):
        with pytest.raises(EmotionLabError, match="labels"):
            Stack.fit({"face": rows()}, np.array([wrong] * 100 + [0 if wrong != "sad" else "happy"] * 100))
