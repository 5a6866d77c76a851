"""Where the shipped network looks: the regions, the measurement and the record that lesson 08 reads."""

import numpy as np
import pytest

from emotionlab.base.emotions import EMOTIONS
from emotionlab.base.errors import DataError
from emotionlab.data.dataset import Split
from emotionlab.data.drawn import draw_face
from emotionlab.explain.study import BOXES, face_regions, recorded, region_means
from emotionlab.labs import occlusion
from emotionlab.runs import reference

REGIONS = ["brows and eyes", "mouth", "rest"]


def test_the_regions_cover_each_pixel_once():
    masks = face_regions()
    assert list(masks) == REGIONS
    np.testing.assert_array_equal(sum(mask.astype(int) for mask in masks.values()), 1)


def test_the_regions_hold_what_moves_in_a_drawn_face():
    """Units of the brows and eyes change pixels of their region most, units of the lips those of the mouth."""
    still = draw_face({}, scale=1.15).astype(float)
    for unit, region in ((4, "brows and eyes"), (5, "brows and eyes"), (12, "mouth"), (26, "mouth")):
        change = np.abs(draw_face({unit: 1.0}, scale=1.15) - still)
        assert region_means(change[None]).iloc[0].idxmax() == region


def test_a_region_does_not_win_by_its_area():
    means = region_means(np.full((2, 48, 48), 0.25))
    np.testing.assert_allclose(means, 0.25)


def test_maps_of_another_shape_are_refused():
    with pytest.raises(DataError, match=r"maps\[None\]"):
        region_means(np.zeros((48, 48)))


@pytest.fixture(scope="module")
def mouth_reader():
    """A network that sees nothing but the mouth region: the brighter it is, the happier."""
    from emotionlab.base.backend import keras

    model = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(7)])
    weights = np.zeros((48, 48, 7), "float32")
    weights[BOXES["mouth"]][..., EMOTIONS.index("happy")] = 1 / (15 * 24 * 20)
    model.set_weights([weights.reshape(-1, 7), np.zeros(7, "float32")])
    return model


@pytest.fixture(scope="module")
def study(mouth_reader):
    images = np.full((3, 48, 48), 60, "uint8")
    images[:, 31:46, 12:36] = np.array([[[200]], [[220]], [[240]]])
    return occlusion.measure(mouth_reader, Split(images, np.array([3, 3, 0]), np.array(["a", "b", "c"])))


def test_a_network_that_reads_the_mouth_is_found_out(study):
    assert study.table.predicted.tolist() == ["happy"] * 3
    assert study.table.label.tolist() == ["happy", "happy", "angry"]
    assert (study.table["mouth"] > 10 * study.table["brows and eyes"].abs()).all()
    assert set(study.maps) == {"all", "happy"}


def test_a_study_survives_its_file(study, tmp_path):
    occlusion.keep(study, tmp_path / "study.json")
    again = recorded(tmp_path / "study.json")
    assert again.about == study.about
    assert again.table.equals(study.table)
    for name, heat in study.maps.items():
        np.testing.assert_allclose(again.maps[name], heat, atol=1e-5)


def test_the_record_belongs_to_the_weights_that_ship():
    about = recorded().about
    again = f"the weights of {reference.SHIPPED} are new; measure again with: {occlusion.COMMAND}"
    assert about["weights"] == occlusion.weights_checksum(), again


def test_the_recorded_maps_and_the_recorded_table_agree():
    study = recorded()
    assert len(study.table) == study.about["pictures"] == occlusion.PICTURES
    overall = region_means(study.maps["all"][None]).iloc[0]
    np.testing.assert_allclose(overall, study.table[REGIONS].mean(), atol=2e-5)
    for emotion, rows in study.table.groupby("predicted"):
        means = region_means(study.maps[emotion][None]).iloc[0]
        np.testing.assert_allclose(means, rows[REGIONS].mean(), atol=2e-5)
