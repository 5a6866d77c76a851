"""Drawn groups: the trait is the same for all, everything else differs, and the labels are what was asked for."""

import numpy as np
import pytest

import emotionlab as el
from emotionlab.base.errors import DataError
from emotionlab.data import draw_faces
from emotionlab.data.groups import draw_split

LABELS = np.repeat(np.arange(7), 3)


def test_one_face_for_each_label_and_the_same_again():
    split = draw_split(LABELS, seed=1, glasses=1)
    assert isinstance(split, el.Split)
    assert split.labels.tolist() == LABELS.tolist()
    assert len(set(split.files)) == len(LABELS)
    again = draw_split(LABELS, seed=1, glasses=1)
    np.testing.assert_array_equal(split.images, again.images)
    assert not np.array_equal(split.images, draw_split(LABELS, seed=2, glasses=1).images)


def test_a_trait_changes_the_same_people_and_nothing_else():
    without, with_ = (draw_split(LABELS, seed=1, glasses=g, shades=0) for g in (0, 1))
    changed = without.images != with_.images
    assert changed.any(axis=(1, 2)).all(), "everybody wears them"
    assert changed.mean() < 0.4, "glasses cover the eyes, not the whole face"


def test_traits_of_the_photograph_work_too():
    dark, light = (draw_split(LABELS, seed=1, exposure=e).images.mean() for e in (0.5, 1.5))
    assert light > 1.5 * dark


def test_the_faces_are_those_of_the_course():
    """A group without any trait looks like the drawn data set: the mean grey level agrees."""
    usual = draw_faces(210, seed=0).train
    ours = draw_split(usual.labels, seed=0)
    assert ours.images.mean() == pytest.approx(usual.images.mean(), rel=0.1)
    assert ours.images.std() == pytest.approx(usual.images.std(), rel=0.1)


def test_no_labels_give_an_empty_split():
    assert len(draw_split(np.zeros(0, int))) == 0


@pytest.mark.parametrize("labels", [[7], [-1], [0.5], [[1, 2]], ["happy"], [True]])
def test_unusable_labels_are_refused(labels):
    with pytest.raises(DataError, match="from 0 to 6"):
        draw_split(labels)


def test_an_unknown_trait_is_refused_with_those_there_are():
    with pytest.raises(DataError, match=r"glasses.*found hat"):
        draw_split(LABELS, hat=1)
