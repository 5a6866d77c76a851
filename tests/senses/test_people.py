"""CREMA-D's votes: what is shipped, and where multiplying hurts and stacking helps."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import EmotionLabError
from emotionlab.senses import cremad_figures, cremad_votes
from emotionlab.senses.people import PACKED


def test_every_clip_has_votes_by_voice_by_face_and_by_both():
    votes = cremad_votes()
    assert len(votes) == 7442
    assert len(set(votes.actors.tolist())) == 91
    assert (votes.counts.sum(axis=2) > 0).all()
    row = votes.files.tolist().index("1001_IEO_NEU_XX")
    np.testing.assert_allclose(votes.shares("voice")[row], [0, 0, 0, 1 / 11, 0, np.nan, 10 / 11])
    assert el.EMOTIONS[votes.labels[row]] == "neutral"


def test_an_actor_is_in_one_split_only():
    votes = cremad_votes()
    for actor in set(votes.actors.tolist()):
        assert len(set(votes.splits[votes.actors == actor].tolist())) == 1


def test_nobody_could_choose_surprise():
    shares = cremad_votes().shares("face")
    assert np.isnan(shares[:, el.EMOTIONS.index("surprise")]).all()
    np.testing.assert_allclose(np.nansum(shares, axis=1), 1)
    with pytest.raises(EmotionLabError, match="'smell'"):
        cremad_votes().shares("smell")


def test_the_product_of_two_judges_is_worse_than_the_better_one_and_stacking_is_better():
    accuracy = cremad_figures().accuracy
    assert accuracy["product, voice and face"] < accuracy["majority, face"] - 0.03
    assert accuracy["stacked, voice and face"] > accuracy["majority, face"] + 0.01
    assert accuracy["regression, voice"] > accuracy["majority, voice"]
    assert accuracy["one rater, voice"] < accuracy["one rater, face"] < accuracy["one rater, audiovisual"]


def test_the_notice_of_cremad_lies_beside_its_votes():
    notice = (PACKED.parent / "NOTICE.md").read_text(encoding="utf-8")
    assert "Open Database License" in notice
    assert "Cao" in notice
    assert "audeering" in notice
