"""Whether the maps of several networks agree: by rank, and against the maps of other pictures."""

import numpy as np
import pytest

from emotionlab.base.errors import EmotionLabError
from emotionlab.explain import agreement


def spots(rng, pictures=12):
    """(N, 48, 48) maps with one soft spot each, at another place in each picture."""
    y, x = np.mgrid[:48, :48]
    return np.stack([np.exp(-((y - a) ** 2 + (x - b) ** 2) / 60) for a, b in rng.uniform(4, 44, (pictures, 2))])


def test_networks_that_follow_the_picture_agree_on_it_and_on_no_other():
    maps = spots(np.random.default_rng(0))
    row = agreement({"one": maps, "stronger": 3 * maps}).loc[("one", "stronger")]  # the same ranks in another unit
    assert row["same picture"] == pytest.approx(1)
    assert row["another picture"] < 0.5


def test_networks_that_look_at_the_middle_whatever_is_shown_agree_as_much_on_other_pictures():
    middle = np.repeat(spots(np.random.default_rng(1), 1), 8, axis=0)
    row = agreement({"one": middle, "other": middle / 2}).loc[("one", "other")]
    assert row["same picture"] == pytest.approx(row["another picture"])


def test_it_is_spearmans_correlation_of_the_means_of_blocks():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(2)
    maps = {"one": rng.random((3, 48, 48)), "other": rng.random((3, 48, 48))}
    places = {name: m.reshape(3, 6, 8, 6, 8).mean(axis=(2, 4)).reshape(3, 36) for name, m in maps.items()}
    expected = np.array([[spearmanr(a, b).statistic for b in places["other"]] for a in places["one"]])
    row = agreement(maps).loc[("one", "other")]
    assert row["same picture"] == pytest.approx(expected.diagonal().mean())
    assert row["another picture"] == pytest.approx(expected[~np.eye(3, dtype=bool)].mean())


def test_an_empty_map_is_left_out_and_nothing_but_empty_ones_is_no_number():
    maps = spots(np.random.default_rng(3), 4)
    holed = maps.copy()
    holed[0] = 0
    assert agreement({"a": maps, "b": holed}).loc[("a", "b"), "same picture"] == pytest.approx(1)
    assert np.isnan(agreement({"a": maps, "b": np.zeros_like(maps)}).loc[("a", "b")]).all()


@pytest.mark.parametrize(
    "maps",
    [
        {},
        {"a": np.zeros((1, 48, 48))},
        {"a": np.ones((3, 48, 48)), "b": np.ones((2, 48, 48))},
        {"a": np.ones((3, 6, 6))},
        {"a": [[1, 2], [3]]},
        {"a": None},
    ],
)
def test_maps_that_cannot_be_compared_are_refused(maps):
    with pytest.raises(EmotionLabError, match=r"Expected (the )?maps"):
        agreement(maps)


def test_maps_without_the_names_of_their_networks_are_refused():
    with pytest.raises(EmotionLabError, match="a dict such as"):
        agreement(np.zeros((2, 48, 48)))
